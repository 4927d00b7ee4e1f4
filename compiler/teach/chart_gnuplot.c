// chart_gnuplot.c: a figure as a script for gnuplot. Texts stand in single quotes, in which gnuplot
// expands nothing.
#include "teach/chart.h"

#include "teach/svg.h"

#include <math.h>

static void add_quoted(Text *out, const char *text) {
    text_add(out, "'");
    for (; *text; text++) {
        if (*text == '\'')
            text_add(out, "''");
        else
            text_add_bytes(out, (unsigned char)*text < 0x20 || *text == '`' ? " " : text, 1);
    }
    text_add(out, "'");
}

static void add_data(const ChartPanel *p, int number, Text *out) {
    double unit = p->is_share ? 100 : 1;
    for (int s = 0; s < p->series.count; s++) {
        const ChartSeries *series = &p->series.item[s];
        text_printf(out, "$d%d_%d << EOD\n", number, s);
        for (int i = 0; i < series->count && isfinite(series->y[i]); i++)
            text_printf(out, "%.17g %.17g\n", series->x[i], unit * series->y[i]);
        text_add(out, "EOD\n");
    }
}

static void add_plot(const Chart *c, const ChartPanel *p, int number, Text *out) {
    static const char *const colour[SVG_SERIES] = {"#0072B2", "#D55E00", "#009E73", "#B0548A",
                                                   "#C98500", "#2E93CF", "#222222"};
    static const int point[SVG_SERIES] = {7, 5, 9, 13, 2, 11, 1},
                     hollow[SVG_SERIES] = {6, 4, 8, 12, 2, 10, 1};
    ChartAxis y = chart_axis_y(c, p);
    double unit = p->is_share ? 100 : 1;
    text_printf(out, "%sset logscale y\n", y.is_log ? "" : "un");
    text_printf(out, "set yrange [%.17g:%.17g]\nset ylabel ", unit * y.low, unit * y.high);
    add_quoted(out, p->is_share ? arena_printf(c->arena, "%s (%%)", p->y_label) : p->y_label);
    text_add(out, " noenhanced\nplot ");
    for (int s = 0; s < p->series.count; s++) {
        const ChartSeries *series = &p->series.item[s];
        int k = series->style % SVG_SERIES, every = series->count / 9 + 1;
        text_printf(
            out, "%s$d%d_%d using 1:2 with linespoints lw 2 lc rgb '%s' dt %d pt %d pi %d title ",
            s ? ", \\\n  " : "", number, s, colour[k],
            series->is_second ? 2
            : series->is_full ? 1
                              : 1 + series->style % 5,
            series->is_second ? hollow[k] : point[k], every);
        add_quoted(out, series->name);
        text_add(out, " noenhanced");
    }
    text_add(out, "\n");
}

void chart_print_gnuplot(const Chart *c, const char *terminal, const char *file, Text *out) {
    for (int p = 0; p < c->panel.count; p++) add_data(&c->panel.item[p], p, out);
    ChartAxis x = chart_axis_x(c);
    text_printf(out, "set terminal %s size 760,%d\nset output ", terminal,
                60 + 320 * c->panel.count);
    add_quoted(out, file);
    text_printf(out, "\nset grid\nset key outside right top noenhanced\nset xrange [%.17g:%.17g]\n",
                x.low, x.high);
    text_printf(out, "set multiplot layout %d,1 title ", c->panel.count);
    add_quoted(out, c->title);
    text_add(out, " noenhanced\nset xlabel ");
    add_quoted(out, c->x_label);
    text_add(out, " noenhanced\n");
    for (int p = 0; p < c->panel.count; p++) add_plot(c, &c->panel.item[p], p, out);
    text_add(out, "unset multiplot\nset output\n");
}
