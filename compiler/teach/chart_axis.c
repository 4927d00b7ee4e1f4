// chart_axis.c: ranges of axes, and ticks at round numbers.
#include "teach/chart.h"

#include <math.h>

// 1, 2 or 5 times a power of ten, so that about `count` of them make up `span`.
static double round_step(double span, int count) {
    double raw = span / count, power = pow(10, floor(log10(raw)));
    double digit = raw / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

ChartAxis chart_axis_x(const Chart *c) {
    ChartAxis axis = {INFINITY, -INFINITY, 1, false, false};
    for (int p = 0; p < c->panel.count; p++)
        for (int s = 0; s < c->panel.item[p].series.count; s++) {
            const ChartSeries *series = &c->panel.item[p].series.item[s];
            for (int i = 0; i < series->count; i++) {
                axis.low = fmin(axis.low, series->x[i]);
                axis.high = fmax(axis.high, series->x[i]);
            }
        }
    if (!(axis.low <= axis.high)) axis.low = axis.high = 0;
    if (axis.low == axis.high) axis.high = axis.low + 1;
    axis.step = round_step(axis.high - axis.low, 6);
    if (axis.step < 1) axis.step = 1; // steps and epochs are whole
    return axis;
}

static bool shows(const ChartSeries *s, int i, bool is_log) {
    if (!(fabs(s->y[i]) < 1e300) || (is_log && s->y[i] <= 1e-300)) return false;
    return !s->is_lost || i == 0;
}

static void settle_linear(ChartAxis *axis) {
    double span = axis->high - axis->low;
    if (axis->low >= 0 && axis->low < 0.5 * axis->high && !axis->is_share) axis->low = 0;
    if (!(span > 1e-12 * fabs(axis->high) && span > 1e-280)) {
        double room = fabs(axis->high) > 1e-280 ? 0.1 * fabs(axis->high) : 1;
        axis->low -= room;
        axis->high += room;
    }
    axis->step = round_step(axis->high - axis->low, 5);
    axis->low = axis->step * floor(axis->low / axis->step + 1e-9);
    axis->high = axis->step * ceil(axis->high / axis->step - 1e-9);
    if (axis->is_share) axis->high = fmin(axis->high, 1);
}

static void settle_log(ChartAxis *axis) {
    axis->low = pow(10, floor(log10(axis->low) + 1e-9));
    axis->high = pow(10, ceil(log10(axis->high) - 1e-9));
    if (axis->low == axis->high) axis->high *= 10;
    axis->step = pow(10, ceil(log10(axis->high / axis->low) / 8));
}

ChartAxis chart_axis_y(const Chart *c, const ChartPanel *p) {
    ChartAxis axis = {INFINITY, -INFINITY, 1, c->is_log && !p->is_share, p->is_share};
    for (int s = 0; s < p->series.count; s++) {
        const ChartSeries *series = &p->series.item[s];
        for (int i = 0; i < series->count; i++) {
            if (!shows(series, i, axis.is_log)) continue;
            axis.low = fmin(axis.low, series->y[i]);
            axis.high = fmax(axis.high, series->y[i]);
        }
    }
    if (!(axis.low <= axis.high)) {
        axis.low = axis.is_log ? 1 : 0;
        axis.high = 1;
    }
    if (axis.is_log)
        settle_log(&axis);
    else
        settle_linear(&axis);
    return axis;
}

const char *chart_tick_text(Arena *a, const ChartAxis *axis, double value) {
    if (axis->is_log) return arena_printf(a, "%g", value);
    double step = axis->is_share ? 100 * axis->step : axis->step;
    double shown = axis->is_share ? 100 * value : value;
    int places = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
    if (fabs(shown) < 0.5e-9 * step) shown = 0;
    const char *unit = axis->is_share ? "%" : "";
    if (places > 5 || fabs(axis->high) >= 1e7) return arena_printf(a, "%g%s", shown, unit);
    return arena_printf(a, "%.*f%s", places, shown, unit);
}
