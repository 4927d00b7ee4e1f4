// chart.h: curves over steps: a figure of one or more panels that share their x axis and their
// series.
#ifndef NETC_TEACH_CHART_H
#define NETC_TEACH_CHART_H

#include "support/text.h"

typedef struct ChartSeries {
    const char *name; // in the legend
    int style;        // colour and marker
    bool is_second;   // dashed, with hollow markers: the test curve beside the training curve
    bool is_full;     // a full line, whatever the style: dashes mean test curves here
    bool is_lost;     // it ended in numbers that are not finite, after the last point
    int count;
    const double *x, *y;
} ChartSeries;

typedef struct ChartPanel {
    const char *y_label;
    bool is_share; // 0..1, shown in percent
    LIST(ChartSeries) series;
} ChartPanel;

typedef struct Chart {
    Arena *arena;
    const char *title, *about;
    const char *x_label;
    bool is_log; // the y axes
    LIST(ChartPanel) panel;
} Chart;

// Our own SVG. Curves that are lost do not widen the y axis; where they leave it they end in a
// cross.
void chart_print_svg(const Chart *c, Text *out);
// A gnuplot script, data included, that draws the same into `file` for a terminal such as
// "pngcairo".
void chart_print_gnuplot(const Chart *c, const char *terminal, const char *file, Text *out);

// --- shared by both
// A range of an axis with ticks at 1, 2 or 5 times a power of ten.
typedef struct ChartAxis {
    double low, high;
    double step; // between ticks; of a logarithmic axis their ratio
    bool is_log, is_share;
} ChartAxis;
ChartAxis chart_axis_x(const Chart *c);
ChartAxis chart_axis_y(const Chart *c, const ChartPanel *p);
const char *chart_tick_text(Arena *a, const ChartAxis *axis, double value);

#endif
