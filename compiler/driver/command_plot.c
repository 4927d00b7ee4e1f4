// command_plot.c: the curves of finished runs in one figure.
#include "driver/figure.h"
#include "driver/files.h"
#include "driver/metrics.h"

#include <string.h>

enum { MOST_RUNS = 24 };

static const Option option[] = {
    {"out", 'o', "FILE", "the figure: FILE.svg, or FILE.png (by gnuplot)", NULL},
    {"title", 0, "TEXT", "above the figure", NULL},
    {"log", 0, NULL, "a logarithmic axis for the loss", NULL},
    {"gnuplot", 0, NULL, "an SVG by gnuplot instead of our own", NULL},
    {NULL, 0, NULL, NULL, NULL},
};

// Two runs of one name are called by their paths.
static void name_runs(const Arguments *arguments, Metrics *run, int count) {
    for (int i = 0; i < count; i++)
        for (int k = 0; k < count; k++)
            if (k != i && !strcmp(path_base(arguments->positional.item[k]),
                                  path_base(arguments->positional.item[i])))
                run[i].name = arguments->positional.item[i];
}

static bool belong_together(const Arguments *arguments, const Metrics *run, int count) {
    const char *const *path = arguments->positional.item;
    for (int i = 1; i < count; i++) {
        if (run[i].by_epoch != run[0].by_epoch) {
            usage_error(arguments->command,
                        "%s is counted by %s, %s by %s; plot them in two figures", path[0],
                        run[0].column.item[0], path[i], run[i].column.item[0]);
            return false;
        }
        if (strcmp(run[i].column.item[2], run[0].column.item[2]) != 0) {
            usage_error(arguments->command,
                        "the loss of %s is %s, that of %s is %s; plot them in two figures", path[0],
                        run[0].column.item[2], path[i], run[i].column.item[2]);
            return false;
        }
    }
    return true;
}

static int plot(Arena *a, const Arguments *arguments, const char *path) {
    int count = arguments->positional.count;
    Metrics *run = arena_new_array(a, Metrics, count);
    for (int i = 0; i < count; i++) {
        const char *folder = path_without_slash(a, arguments->positional.item[i]);
        if (!metrics_read(a, folder, &run[i])) return EXIT_FILES;
        if (!run[i].rows) {
            fprintf(stderr, "netc: %s has no rows yet: nothing was trained\n", folder);
            return EXIT_FILES;
        }
    }
    name_runs(arguments, run, count);
    if (!belong_together(arguments, run, count)) return EXIT_USAGE;
    Chart chart = metrics_chart(a, run, count);
    chart.title = option_value(arguments, "title");
    if (!chart.title) chart.title = count == 1 ? run[0].name : "Training";
    chart.about = arena_printf(a, "The curves of %d run%s by %s.", count, count > 1 ? "s" : "",
                               chart.x_label);
    chart.is_log = option_given(arguments, "log");
    return figure_write(&chart, path, option_given(arguments, "gnuplot"));
}

static int run(const Arguments *arguments) {
    const char *path = option_value(arguments, "out");
    if (!figure_check(arguments->command, path)) return EXIT_USAGE;
    Arena *a = arena_new(0);
    int code = plot(a, arguments, path);
    arena_free(a);
    return code;
}

const Command command_plot = {
    .name = "plot",
    .arguments = "RUN... -o FILE",
    .summary = "Draw the loss and the metrics of runs",
    .detail =
        "A panel for the loss and for each metric, training and test, from metrics.csv of up to "
        "24 run folders.",
    .option = option,
    .least = 1,
    .most = MOST_RUNS,
    .run = run,
};
