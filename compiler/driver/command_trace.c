// command_trace.c: every number of every step of training, as a table.
#include "driver/files.h"
#include "driver/follow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const Option option[] = {
    {"out", 'o', "FILE", "write to FILE.csv, .md or .html (otherwise CSV to the terminal)", NULL},
    {"sweep", 0, NULL, "one run for each value of the spec's sweeps", NULL},
    {"all", 0, NULL, "the gradients of inputs and values too", NULL},
    {"iterations", 0, "N", "stop after N updates", NULL},
    {"steps", 0, "A..B", "only the rows of these steps, counted from 0", NULL},
    {"tensor", 0, "NAME", "only this tensor, or those of this stage (repeatable)", NULL},
    {"sample", 0, "I", "of a batch only this sample, counted from 0", NULL},
    {"summary", 0, NULL, "a row a tensor: count, min, max, mean, norm, a histogram of 16 bins",
     NULL},
    {"data", 'd', "DIR", "where the data files are", NULL},
    {"threads", 0, "N", "otherwise one per core; the result does not depend on it", NULL},
    {"batch-size", 0, "N", "in place of the spec's", NULL},
    {"strict", 0, NULL, "the same bits everywhere: own exp, log and tanh, no contraction", NULL},
    OPTION_SET,
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

typedef void PrintTable(const Table *t, Text *out);

// By the ending of the file; NULL if that says nothing.
static PrintTable *printer_for(const char *path) {
    if (!path || path_has_ending(path, ".csv")) return table_print_csv;
    if (path_has_ending(path, ".md")) return table_print_markdown;
    if (path_has_ending(path, ".html")) return table_print_html;
    return NULL;
}

// "10..20", "10..", "..20" or "10".
static bool take_steps(const Arguments *arguments, FollowOptions *o) {
    const char *text = option_value(arguments, "steps");
    if (!text) return true;
    char *end = NULL;
    errno = 0;
    o->first = *text == '.' ? 0 : strtoll(text, &end, 10);
    const char *rest = *text == '.' ? text : end;
    bool fine = !errno && rest && (rest != text || *text == '.') && o->first >= 0;
    if (fine && !*rest) o->last = o->first;
    if (fine && !strncmp(rest, "..", 2) && rest[2]) {
        o->last = strtoll(rest + 2, &end, 10);
        fine = !errno && end != rest + 2 && !*end && o->last >= o->first;
    } else if (fine && *rest) {
        fine = !strcmp(rest, "..");
    }
    if (!fine)
        usage_error(arguments->command, "--steps=%s: it wants A..B with A not above B, or one step",
                    text);
    return fine;
}

static bool take_options(const Arguments *arguments, FollowOptions *o) {
    *o = (FollowOptions){.sample = -1, .last = -1, .iterations = -1, .command = arguments};
    o->all = option_given(arguments, "all");
    o->summary = option_given(arguments, "summary");
    return take_steps(arguments, o) &&
           option_integer(arguments, "sample", 0, INT32_MAX, &o->sample) &&
           option_integer(arguments, "iterations", 0, INT64_MAX, &o->iterations);
}

// A run that diverged has its rows; the others go on.
static int fill(const Arguments *arguments, const FollowOptions *o, Table *table) {
    Points points;
    bool sweep = option_given(arguments, "sweep");
    int code = sweep ? points_of_spec(table->arena, arguments, &points) : EXIT_FINE;
    bool is_lost = false;
    for (int i = 0; i < (sweep ? points.point.count : 1) && code == EXIT_FINE; i++) {
        code = follow_run(o, sweep ? &points : NULL, i, table);
        is_lost = is_lost || code == EXIT_CHECK;
        if (code == EXIT_CHECK) code = EXIT_FINE;
    }
    return code == EXIT_FINE && is_lost ? EXIT_CHECK : code;
}

static bool write_table(const Table *t, PrintTable *print, const char *path) {
    Text text = text_new(t->arena);
    print(t, &text);
    if (path) return file_write(path, text.bytes, text.size);
    fwrite(text.bytes, 1, text.size, stdout);
    return true;
}

static int run(const Arguments *arguments) {
    FollowOptions options;
    const char *path = option_value(arguments, "out");
    PrintTable *print = printer_for(path);
    if (!print)
        return usage_error(arguments->command, "-o %s: the ending must be .csv, .md or .html",
                           path);
    if (!take_options(arguments, &options)) return EXIT_USAGE;
    Table table = {.arena = arena_new(0)};
    const char *spec = path_base(arguments->positional.item[0]);
    table.title = arena_printf(table.arena, "%s, step by step", spec);
    table.about =
        "A row holds what was computed before the update of its step; the last row stands "
        "after the last update.";
    int code = fill(arguments, &options, &table);
    if (code == EXIT_FINE || code == EXIT_CHECK) {
        if (!write_table(&table, print, path)) code = EXIT_FILES;
        if (path && code != EXIT_FILES)
            printf("%s: %d rows of %d columns\n", path, table.row.count,
                   table.key.count + table.column.count);
    }
    arena_free(table.arena);
    return code;
}

const Command command_trace = {
    .name = "trace",
    .arguments = "SPEC [-o FILE]",
    .summary = "Every value, gradient and weight at every step, as a table",
    .detail = "Columns are named as in the spec: targets, inputs, then towards the loss, weights "
              "before what reads them, then the\n"
              "gradients of the weights. Row 0 stands before the first update, the last row after "
              "the last. More than 200 columns are\n"
              "refused: choose with --tensor, --sample and --steps, or take --summary.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
