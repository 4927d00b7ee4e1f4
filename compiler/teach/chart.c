// chart.c: a figure as SVG: title, panels one under the other, legend beside them.
#include "teach/chart.h"

#include "teach/svg.h"

#include <math.h>

enum {
    PLOT_WIDTH = 520,
    PLOT_HEIGHT = 270,
    LEFT = 74,
    TOP = 46,
    GAP = 30,
    BOTTOM = 52,
    MARKERS = 9
};

// The rectangle of one panel and its axes.
typedef struct Frame {
    const Chart *chart;
    Text *out;
    ChartAxis x, y;
    double left, top, width, height;
    int number; // of the panel, for its clip path
} Frame;

static double share_of(const ChartAxis *axis, double value) {
    if (axis->is_log) return log(value / axis->low) / log(axis->high / axis->low);
    return (value - axis->low) / (axis->high - axis->low);
}

static double place_x(const Frame *f, double value) {
    return f->left + f->width * share_of(&f->x, value);
}

// Far outside is as good as outside, and keeps the numbers of the file short.
static double place_y(const Frame *f, double value) {
    double share = f->y.is_log && value <= 0 ? -1 : share_of(&f->y, value);
    return f->top + f->height * (1 - fmax(-2, fmin(3, share)));
}

static void draw_y_ticks(const Frame *f) {
    const ChartAxis *axis = &f->y;
    for (int i = 0; i < 400; i++) {
        double value = axis->is_log ? axis->low * pow(axis->step, i) : axis->low + i * axis->step;
        if (value > axis->high * (1 + (axis->high > 0 ? 1e-9 : -1e-9)) && value > axis->high) break;
        double y = place_y(f, value);
        svg_line(f->out, f->left, y, f->left + f->width, y, "grid");
        svg_text(f->out, f->left - 8, y + 4.5, "text", "end",
                 chart_tick_text(f->chart->arena, axis, value));
    }
}

static void draw_x_ticks(const Frame *f, bool has_text) {
    double first = f->x.step * ceil(f->x.low / f->x.step - 1e-9);
    double bottom = f->top + f->height;
    for (int i = 0; i < 400 && first + i * f->x.step <= f->x.high * (1 + 1e-9); i++) {
        double value = first + i * f->x.step, x = place_x(f, value);
        svg_line(f->out, x, bottom, x, bottom + 5, "axis");
        if (has_text)
            svg_text(f->out, x, bottom + 20, "text", "middle",
                     chart_tick_text(f->chart->arena, &f->x, value));
    }
}

static void draw_axes(const Frame *f, const ChartPanel *p, bool is_last) {
    draw_y_ticks(f);
    draw_x_ticks(f, is_last);
    double bottom = f->top + f->height;
    text_printf(f->out, "<path d=\"M%.1f %.1fV%.1fH%.1f\" class=\"axis\"/>\n", f->left, f->top,
                bottom, f->left + f->width);
    double middle = f->top + f->height / 2;
    text_printf(f->out, "<g transform=\"translate(18 %.1f) rotate(-90)\">", middle);
    svg_text(f->out, 0, 0, "strong", "middle", p->y_label);
    text_add(f->out, "</g>\n");
    if (is_last)
        svg_text(f->out, f->left + f->width / 2, bottom + 42, "strong", "middle",
                 f->chart->x_label);
}

// More points than pixels would only make the file large: of those that share a column of pixels
// the first, the lowest, the highest and the last remain.
static void draw_points(const Frame *f, const ChartSeries *s) {
    int i = 0;
    while (i < s->count && isfinite(s->y[i])) {
        int column = (int)(2 * place_x(f, s->x[i])), low = i, high = i, first = i;
        for (; i < s->count && isfinite(s->y[i]) && (int)(2 * place_x(f, s->x[i])) == column; i++) {
            if (s->y[i] < s->y[low]) low = i;
            if (s->y[i] > s->y[high]) high = i;
        }
        int pick[4] = {first, low < high ? low : high, low < high ? high : low, i - 1};
        for (int k = 0, before = -1; k < 4; before = pick[k], k++)
            if (pick[k] > before)
                text_printf(f->out, "%.2f,%.2f ", place_x(f, s->x[pick[k]]),
                            place_y(f, s->y[pick[k]]));
    }
}

static bool is_inside(const Frame *f, double y) {
    return isfinite(y) && place_y(f, y) >= f->top - 0.5 &&
           place_y(f, y) <= f->top + f->height + 0.5;
}

static void draw_markers(const Frame *f, const ChartSeries *s) {
    double apart = (f->x.high - f->x.low) / MARKERS;
    double next = f->x.low + apart * (0.15 + 0.13 * (s->style % 7)) * (s->count > 2 * MARKERS);
    for (int i = 0; i < s->count; i++) {
        if (s->x[i] < next) continue;
        if (is_inside(f, s->y[i]))
            svg_marker(f->out, place_x(f, s->x[i]), place_y(f, s->y[i]), s->style, !s->is_second);
        next = s->count > 2 * MARKERS ? s->x[i] + apart : s->x[i];
    }
}

// Where a lost curve leaves the figure, or ends in it.
static void draw_end(const Frame *f, const ChartSeries *s) {
    int last = 0;
    while (last + 1 < s->count && is_inside(f, s->y[last + 1])) last++;
    if (!s->count) return;
    double x = place_x(f, s->x[last]), y = place_y(f, s->y[last]);
    if (last + 1 < s->count && isfinite(s->y[last + 1])) y = f->top; // it goes on upwards
    text_printf(f->out,
                "<path d=\"M-6 -6L6 6M-6 6L6 -6\" transform=\"translate(%.1f %.1f)\" class=\"%s\" "
                "stroke-width=\"3\"/>\n",
                x, y, svg_colour(s->style));
}

static const char *dashes_of(const ChartSeries *s) {
    return s->is_second ? "6 4" : s->is_full ? "none" : svg_dashes(s->style);
}

static void draw_series(const Frame *f, const ChartSeries *s) {
    text_printf(
        f->out,
        "<polyline class=\"curve %s\" stroke-dasharray=\"%s\" clip-path=\"url(#p%d)\" points=\"",
        svg_colour(s->style), dashes_of(s), f->number);
    draw_points(f, s);
    text_add(f->out, "\"/>\n");
    draw_markers(f, s);
    if (s->is_lost) draw_end(f, s);
}

static void draw_panel(Frame *f, const ChartPanel *p, bool is_last) {
    draw_axes(f, p, is_last);
    text_printf(f->out,
                "<clipPath id=\"p%d\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>"
                "</clipPath>\n",
                f->number, f->left, f->top - 2, f->width + 2, f->height + 4);
    for (int i = 0; i < p->series.count; i++) draw_series(f, &p->series.item[i]);
}

// One entry a name: panels share their series.
static void list_legend(const Chart *c, const ChartSeries **entry, int *count) {
    *count = 0;
    for (int p = 0; p < c->panel.count; p++)
        for (int s = 0; s < c->panel.item[p].series.count; s++) {
            const ChartSeries *series = &c->panel.item[p].series.item[s];
            bool is_new = true;
            for (int k = 0; k < *count && is_new; k++)
                is_new =
                    entry[k]->style != series->style || entry[k]->is_second != series->is_second;
            if (is_new) entry[(*count)++] = series;
        }
}

static void draw_legend(Text *out, const ChartSeries *const *entry, int count, double x, double y) {
    for (int i = 0; i < count; i++, y += 24) {
        const ChartSeries *s = entry[i];
        text_printf(out, "<path d=\"M%.1f %.1fh36\" class=\"curve %s\" stroke-dasharray=\"%s\"/>\n",
                    x, y, svg_colour(s->style), dashes_of(s));
        svg_marker(out, x + 18, y, s->style, !s->is_second);
        svg_text(out, x + 44, y + 4.5, "text", "start", s->name);
    }
}

static int count_series(const Chart *c) {
    int count = 0;
    for (int p = 0; p < c->panel.count; p++) count += c->panel.item[p].series.count;
    return count;
}

void chart_print_svg(const Chart *c, Text *out) {
    const ChartSeries **entry = arena_new_array(c->arena, const ChartSeries *, count_series(c) + 1);
    int count = 0;
    double legend = 0;
    list_legend(c, entry, &count);
    for (int i = 0; i < count; i++) legend = fmax(legend, 60 + svg_text_width(entry[i]->name, 13));
    double width = fmax(LEFT + PLOT_WIDTH + 24 + legend, 40 + svg_text_width(c->title, 17));
    double height = TOP + c->panel.count * (PLOT_HEIGHT + GAP) - GAP + BOTTOM;
    height = fmax(height, TOP + 24.0 * count + 20);
    svg_open(out, width, height, c->title, c->about);
    svg_text(out, 16, 26, "title", "start", c->title);
    Frame f = {.chart = c, .out = out, .left = LEFT, .width = PLOT_WIDTH, .height = PLOT_HEIGHT};
    f.x = chart_axis_x(c);
    for (int p = 0; p < c->panel.count; p++) {
        f.y = chart_axis_y(c, &c->panel.item[p]);
        f.top = TOP + p * (PLOT_HEIGHT + GAP);
        f.number = p;
        draw_panel(&f, &c->panel.item[p], p + 1 == c->panel.count);
    }
    draw_legend(out, entry, count, LEFT + PLOT_WIDTH + 22, TOP + 14);
    svg_close(out);
}
