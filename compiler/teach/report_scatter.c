// report_scatter.c: outputs over targets, a point a sample, on two axes of one scale: what is right
// lies on the diagonal.
#include "teach/report_parts.h"
#include "teach/svg.h"

#include <math.h>

enum { SIDE = 380, LEFT = 78, TOP = 46, BOTTOM = 54 };

typedef struct Plane {
    Text *out;
    Arena *arena;
    ChartAxis axis; // both
} Plane;

static double share_of(const Plane *p, double value) {
    return (value - p->axis.low) / (p->axis.high - p->axis.low);
}

static double place_x(const Plane *p, double value) {
    return LEFT + SIDE * share_of(p, value);
}

static double place_y(const Plane *p, double value) {
    return TOP + SIDE * (1 - share_of(p, value));
}

// The range of all numbers shown, with round ticks.
static ChartAxis axis_of(const ReportAnswers *w, Arena *a) {
    Chart chart = {.arena = a};
    ChartPanel panel = {0};
    int count = w->points * w->elements;
    ChartSeries wanted = {.count = count, .y = w->wanted}, got = {.count = count, .y = w->got};
    list_add(a, panel.series, wanted);
    list_add(a, panel.series, got);
    return chart_axis_y(&chart, &panel);
}

static void draw_axes(const Plane *p) {
    for (int i = 0; i < 40; i++) {
        double value = p->axis.low + i * p->axis.step, x = place_x(p, value), y = place_y(p, value);
        if (x > LEFT + SIDE + 0.5) break;
        const char *text = chart_tick_text(p->arena, &p->axis, value);
        svg_line(p->out, LEFT, y, LEFT + SIDE, y, "grid");
        svg_line(p->out, x, TOP, x, TOP + SIDE, "grid");
        svg_text(p->out, LEFT - 8, y + 4.5, "text", "end", text);
        svg_text(p->out, x, TOP + SIDE + 20, "text", "middle", text);
    }
    text_printf(p->out, "<path d=\"M%d %dV%dH%d\" class=\"axis\"/>\n", LEFT, TOP, TOP + SIDE,
                LEFT + SIDE);
    text_printf(p->out, "<path d=\"M%d %dL%d %d\" class=\"axis\" stroke-dasharray=\"4 4\"/>\n",
                LEFT, TOP + SIDE, LEFT + SIDE, TOP);
    svg_text(p->out, LEFT + SIDE / 2.0, TOP + SIDE + 44, "strong", "middle", "target");
    text_printf(p->out, "<g transform=\"translate(18 %.1f) rotate(-90)\">", TOP + SIDE / 2.0);
    svg_text(p->out, 0, 0, "strong", "middle", "output");
    text_add(p->out, "</g>\n");
}

static void draw_points(const Plane *p, const ReportAnswers *w) {
    for (int i = 0; i < w->points; i++)
        for (int k = 0; k < w->elements; k++) {
            double x = w->wanted[i * w->elements + k], y = w->got[i * w->elements + k];
            if (isfinite(x) && isfinite(y))
                svg_marker(p->out, place_x(p, x), place_y(p, y), k, false);
        }
}

static double draw_legend(const Plane *p, const ReportAnswers *w) {
    double width = 0, y = TOP + 14;
    int series = 0;
    for (int i = 0; i < w->pair.count; i++)
        for (size_t k = 0; k < w->pair.item[i].target->count; k++, series++, y += 24) {
            const NetInput *t = w->pair.item[i].target;
            const char *name =
                report_element_name(p->arena, t->name, t->rank, t->shape, (int64_t)k);
            if (p->out) {
                svg_marker(p->out, LEFT + SIDE + 30, y, series, false);
                svg_text(p->out, LEFT + SIDE + 46, y + 4.5, "text", "start", name);
            }
            width = fmax(width, svg_text_width(name, 13));
        }
    return width;
}

void report_scatter(ReportPage *o) {
    const ReportAnswers *w = &o->report->answers;
    Plane plane = {NULL, o->arena, axis_of(w, o->arena)};
    double width = LEFT + SIDE + 60 + draw_legend(&plane, w);
    plane.out = &o->page.text;
    text_add(&o->page.text, "<div class=\"drawing\" id=\"scatter\">\n");
    svg_open(plane.out, width, TOP + SIDE + BOTTOM, "Outputs over targets",
             "A point a sample; what is right lies on the diagonal.");
    svg_text(plane.out, 16, 26, "title", "start", "Outputs over targets");
    draw_axes(&plane);
    draw_points(&plane, w);
    draw_legend(&plane, w);
    svg_close(plane.out);
    text_add(&o->page.text, "</div>\n");
    if (w->points < w->samples)
        report_small(o, report_words(o, "%d samples, evenly chosen among %lld.", w->points,
                                     (long long)w->samples));
}
