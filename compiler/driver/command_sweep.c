// command_sweep.c: a training for each value of a spec's sweeps, their numbers in one table and
// their curves in one figure.
#include "driver/figure.h"
#include "driver/files.h"
#include "driver/load.h"
#include "driver/metrics.h"
#include "driver/points.h"
#include "driver/run.h"
#include "teach/table.h"

#include <ctype.h>
#include <string.h>

enum { MOST_CURVES = 24 };

static const Option option[] = {
    {"out", 'o', "DIR", "a folder for sweep.csv, sweep.svg and a run folder a value", NULL},
    {"data", 'd', "DIR", "where the data files are", NULL},
    {"epochs", 0, "N", "in place of the spec's", NULL},
    {"iterations", 0, "N", "in place of the spec's", NULL},
    {"batch-size", 0, "N", "in place of the spec's", NULL},
    {"threads", 0, "N", "otherwise one per core; the result does not depend on it", NULL},
    {"log", 0, NULL, "a logarithmic axis for the loss", NULL},
    {"gnuplot", 0, NULL, "sweep.png and sweep-gnuplot.svg too, by gnuplot", NULL},
    OPTIONS_STYLE,
    {"strict", 0, NULL, "the same bits everywhere: own exp, log and tanh, no contraction", NULL},
    OPTION_SET,
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

// "2-lr=0.5": the values come from a spec, so only harmless characters stay.
static const char *run_folder(Arena *a, const char *folder, const Points *points, int i) {
    char *name = arena_printf(a, "%d-%s", i + 1, point_text(a, points, i));
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("=.+-", *c)) *c = '_';
    if (strlen(name) > 100) name[100] = 0;
    return path_join(a, folder, name);
}

// A diverged run leaves the rows before.
static int train_point(const Arguments *arguments, const char *folder, bool *is_lost) {
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    NetRunOptions options = {.epochs = -1, .iterations = -1, .out_dir = folder};
    Toolchain toolchain = toolchain_from(arguments);
    Loaded loaded;
    p.elaborate.need_loss = true;
    p.lower.strict = option_given(arguments, "strict");
    pipeline_prefer_fast(&p, arguments);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments) && run_take_options(arguments, &options) &&
        option_integer(arguments, "epochs", 0, INT32_MAX, &options.epochs) &&
        option_integer(arguments, "iterations", 0, INT64_MAX, &options.iterations))
        code = model_load(&p, &toolchain, &loaded);
    if (code == EXIT_FINE) {
        options.quiet = true;
        options.compiler = loaded.compiler;
        options.spec_dir = path_folder(p.compile->arena, p.path);
        code = EXIT_FILES;
        if (folder_make(folder, 0777) && run_write_spec(&p, arguments, folder))
            code = net_train(loaded.model, &options);
        model_unload(&loaded);
    }
    *is_lost = code == EXIT_CHECK;
    pipeline_free(&p);
    return *is_lost ? EXIT_FINE : code;
}

static bool is_swept(const Points *points, const char *column) {
    for (int i = 0; i < points->sweep_count; i++)
        if (!strcmp(points->name[i], column)) return true;
    return false;
}

static bool is_shown(const Points *points, const Metrics *m, int column) {
    const char *name = m->column.item[column];
    return strcmp(name, "seconds") != 0 && !is_swept(points, name);
}

// All runs under each other, the swept values first; without seconds, so that the bytes are the
// same each time.
static bool write_table(Arena *a, const Points *points, const Metrics *run, const char *folder) {
    Table t = {.arena = a};
    for (int i = 0; i < points->sweep_count; i++) list_add(a, t.key, points->name[i]);
    list_add(a, t.key, run[0].column.item[0]);
    for (int k = 1; k < run[0].column.count; k++)
        if (is_shown(points, &run[0], k))
            list_add(a, t.column, ((TableColumn){run[0].column.item[k], "value"}));
    for (int i = 0; i < points->point.count; i++)
        for (int r = 0; r < run[i].rows; r++) {
            const char **key = arena_new_array(a, const char *, t.key.count);
            double *value = arena_new_array(a, double, t.column.count + 1);
            for (int k = 0; k < points->sweep_count; k++) key[k] = points->point.item[i].text[k];
            key[points->sweep_count] = arena_printf(a, "%.0f", run[i].value[0][r]);
            for (int k = 1, at = 0; k < run[i].column.count; k++)
                if (is_shown(points, &run[i], k)) value[at++] = run[i].value[k][r];
            list_add(a, t.row, ((TableRow){key, value, NULL}));
        }
    Text text = text_new(a);
    table_print_csv(&t, &text);
    return file_write(path_join(a, folder, "sweep.csv"), text.bytes, text.size);
}

static void print_value(const char *name, double value) {
    printf(value < 1e6 && value > -1e6 ? " %s %.12f" : " %s %g", name, value);
}

static void print_ends(const Points *points, const Metrics *run) {
    for (int i = 0; i < points->point.count; i++) {
        const Metrics *m = &run[i];
        printf("%s:", m->name);
        for (int k = 2; k < m->column.count && m->rows; k++)
            if (is_shown(points, m, k)) print_value(m->column.item[k], m->value[k][m->rows - 1]);
        if (m->rows)
            printf(" %s %s %.0f%s\n", m->is_lost ? "at" : "after", m->column.item[0],
                   m->value[0][m->rows - 1], m->is_lost ? ", then it diverged" : "");
        else
            printf(" diverged at the first step\n");
    }
}

static int write_figures(Arena *a, const Arguments *arguments, const Points *points,
                         const Metrics *run, const char *folder) {
    int count = points->point.count < MOST_CURVES ? points->point.count : MOST_CURVES;
    if (count < points->point.count)
        printf("the figure shows the first %d of %d runs\n", count, points->point.count);
    Chart chart = metrics_chart(a, run, count);
    Text names = text_new(a);
    for (int i = 0; i < points->sweep_count; i++)
        text_printf(&names, "%s%s", i ? ", " : "", points->name[i]);
    chart.title =
        arena_printf(a, "%s: sweep of %s", path_base(arguments->positional.item[0]), names.bytes);
    chart.about = "One curve for each value; a cross marks where a run diverged.";
    chart.is_log = option_given(arguments, "log");
    int code = figure_write(&chart, path_join(a, folder, "sweep.svg"), false);
    if (code != EXIT_FINE || !option_given(arguments, "gnuplot")) return code;
    code = figure_write(&chart, path_join(a, folder, "sweep.png"), true);
    return code ? code : figure_write(&chart, path_join(a, folder, "sweep-gnuplot.svg"), true);
}

static int sweep(Arena *a, const Arguments *arguments, const char *folder) {
    Points points;
    int code = points_of_spec(a, arguments, &points);
    if (code != EXIT_FINE) return code;
    Metrics *run = arena_new_array(a, Metrics, points.point.count);
    for (int i = 0; i < points.point.count; i++) {
        bool is_lost = false;
        Arguments one = point_arguments(a, arguments, &points, i);
        const char *place = run_folder(a, folder, &points, i);
        code = train_point(&one, place, &is_lost);
        if (code != EXIT_FINE) return code;
        if (!metrics_read(a, place, &run[i])) return EXIT_FILES;
        run[i].is_lost = is_lost;
        run[i].name = point_text(a, &points, i);
        if (run[i].by_epoch != run[0].by_epoch || run[i].column.count != run[0].column.count)
            return usage_error(arguments->command, "the runs do not have the same columns");
    }
    if (!write_table(a, &points, run, folder)) return EXIT_FILES;
    print_ends(&points, run);
    for (int i = 0; i < points.point.count; i++)
        if (run[i].is_lost) run[i].name = arena_printf(a, "%s (diverged)", run[i].name);
    return write_figures(a, arguments, &points, run, folder);
}

static int run_command(const Arguments *arguments) {
    const char *folder = option_value(arguments, "out");
    if (!folder) return usage_error(arguments->command, "say where to: -o DIR");
    Arena *a = arena_new(0);
    int code = sweep(a, arguments, folder);
    arena_free(a);
    return code;
}

const Command command_sweep = {
    .name = "sweep",
    .arguments = "SPEC -o DIR",
    .summary = "Train once for each value of the spec's sweeps and compare",
    .detail =
        "Several sweeps multiply. DIR gets a run folder a value, sweep.csv with all of them, and "
        "sweep.svg with all curves.\n"
        "A run that diverges is marked and the others go on.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run_command,
};
