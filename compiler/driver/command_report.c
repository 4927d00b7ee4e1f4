// command_report.c: a run folder as one page. What the folder or the machine does not have is left
// out of the page, which says so, and is said on stderr as well.
#include "driver/files.h"
#include "driver/judge.h"
#include "driver/load.h"
#include "driver/metrics.h"
#include "driver/run.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static const Option option[] = {
    {"out", 'o', "FILE", "the page: FILE.html", NULL},
    {"data", 'd', "DIR", "where the data files are", NULL},
    {"threads", 0, "N", "otherwise one per core; the numbers do not depend on it", NULL},
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

typedef struct Making {
    Arena *arena;
    Pipeline *pipeline;
    const char *folder, *spec_folder;
    const Arguments *arguments;
    Metrics metrics;
    Chart chart;
    Report report;
} Making;

__attribute__((format(printf, 2, 3))) static void lacks(Making *m, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *words = arena_vprintf(m->arena, format, list);
    va_end(list);
    list_add(m->arena, m->report.missing, words);
    fprintf(stderr, "netc: %s\n", words);
}

// --- metrics.csv, run.json, spec.net

static void add_fact(void *data, const char *name, const char *value) {
    Making *m = data;
    ReportFact fact = {arena_copy(m->arena, name, strlen(name)),
                       arena_copy(m->arena, value, strlen(value))};
    list_add(m->arena, m->report.fact, fact);
}

static const char *fact(const Making *m, const char *name) {
    for (int i = 0; i < m->report.fact.count; i++)
        if (!strcmp(m->report.fact.item[i].name, name)) return m->report.fact.item[i].value;
    return NULL;
}

static void take_last_row(Making *m) {
    const Metrics *t = &m->metrics;
    const NetModel *table = m->report.table;
    double *last = arena_new_array(m->arena, double, table->result_count + 1);
    int row = t->rows - 1;
    m->report.by = t->by_epoch ? "epoch" : "iteration";
    m->report.steps = t->value[0][row];
    for (int i = 0; i < table->result_count; i++) {
        int column = metrics_find(t, table->result[i]);
        last[i] = column >= 0 ? t->value[column][row] : NAN;
    }
    m->report.last = last;
    int seconds = metrics_find(t, "seconds");
    for (int i = 0; i < t->rows && seconds >= 0; i++) m->report.seconds += t->value[seconds][i];
    if (!isfinite(m->report.seconds)) m->report.seconds = 0;
}

static bool take_metrics(Making *m) {
    if (!metrics_read(m->arena, m->folder, &m->metrics)) return false;
    if (!m->metrics.rows) {
        lacks(m, "%s has no rows in metrics.csv: nothing was trained, so there are no curves.",
              m->folder);
        return true;
    }
    m->metrics.is_lost = !isfinite(m->metrics.value[2][m->metrics.rows - 1]);
    m->metrics.name = "training"; // in the legend
    m->chart = metrics_chart(m->arena, &m->metrics, 1);
    m->chart.title = path_base(m->folder);
    m->chart.about = arena_printf(m->arena, "The loss and the metrics by %s.", m->chart.x_label);
    m->report.curves = &m->chart;
    take_last_row(m);
    return true;
}

static void take_facts(Making *m) {
    if (net_run_json_read(m->folder, add_fact, m) == EXIT_FINE) return;
    m->report.fact.count = 0;
    lacks(m, "%s has no readable run.json, so settings and environment are not known.", m->folder);
}

// The text without the lines that netc put before it: the commands say what those said.
static const char *spec_text(Making *m) {
    size_t size = 0;
    const char *text = file_load(m->arena, m->pipeline->path, &size, true);
    while (text && !strncmp(text, "#! ", 3)) {
        const char *end = strchr(text, '\n');
        text = end ? end + 1 : "";
    }
    return text ? text : "";
}

// The name of the file that was trained; the run folder calls its copy spec.net.
static const char *spec_name(const Making *m) {
    const char *name = fact(m, "spec") ? path_base(fact(m, "spec")) : "";
    return *name && *name != '-' ? name : "spec.net";
}

// --- commands that repeat the run

static bool is_plain(const char *text) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./=+,:";
    return *text && !text[strspn(text, plain)];
}

// One word of a shell's command line.
static const char *shell_word(Arena *a, const char *text) {
    if (is_plain(text)) return text;
    Text word = text_new(a);
    text_add(&word, "'");
    for (; *text; text++)
        if (*text == '\'')
            text_add(&word, "'\\''");
        else
            text_add_bytes(&word, text, 1);
    text_add(&word, "'");
    return word.bytes;
}

static void add_option(Making *m, Text *out, const char *name, const char *value) {
    if (value && strcmp(value, "none") != 0)
        text_printf(out, " --%s %s", name, shell_word(m->arena, value));
}

static const char *commands(Making *m) {
    const Pipeline *p = m->pipeline;
    Arena *a = m->arena;
    Text out = text_new(a);
    const char *spec = shell_word(a, m->report.spec_name), *again = shell_word(a, p->model->name);
    const char *data = p->model->data.format == NET_DATA_INLINE ? "" : " --data DATA";
    if (*data) text_add(&out, "# DATA: the folder with the data files that the spec names\n");
    text_printf(&out, "netc train %s", spec);
    add_option(m, &out, "epochs", fact(m, "settings.epochs"));
    add_option(m, &out, "iterations", fact(m, "settings.iterations"));
    add_option(m, &out, "batch-size", fact(m, "settings.batch_size"));
    add_option(m, &out, "seed", fact(m, "seed"));
    text_add(&out, p->vector_bytes ? " --style fast" : " --style plain");
    if (p->lower.strict) text_add(&out, " --strict");
    if (p->jit) text_add(&out, " --jit");
    for (int i = 0; i < p->elaborate.override_count; i++)
        add_option(m, &out, "set",
                   span_text(p->compile->sources, a, p->elaborate.override[i].span));
    text_printf(&out, "%s --out %s\nnetc eval %s%s\nnetc report %s%s -o %s.html", data, again,
                again, data, again, data, again);
    return out.bytes;
}

// --- the trained model

static bool has_weights(const Making *m) {
    return file_exists(path_join(m->arena, m->folder, "checkpoint.safetensors"));
}

static bool take_weights(Making *m) {
    const NetModel *table = m->report.table;
    double *params = arena_new_array(m->arena, double, table->param_count + 1);
    double *states = arena_new_array(m->arena, double, table->state_count + 1);
    if (!has_weights(m))
        lacks(m,
              "%s has no checkpoint.safetensors, so there is nothing here of what the trained "
              "network answers; netc train --out writes one at the end of an epoch.",
              m->folder);
    else if (net_weights_read(table, m->folder, params, states))
        lacks(m,
              "The weights of %s cannot be read, so there is nothing here of what the trained "
              "network answers.",
              m->folder);
    else
        m->report.params = params;
    return m->report.params != NULL;
}

static int take_answers(Making *m) {
    NetRunOptions options = {.epochs = -1, .iterations = -1, .spec_dir = m->spec_folder};
    if (!run_take_options(m->arguments, &options)) return EXIT_USAGE;
    if (m->report.table->data.format == NET_DATA_NONE) {
        lacks(m, "The spec has no data, so there are no answers to show.");
        return EXIT_FINE;
    }
    if (judge(m->arena, m->pipeline->model->eval, m->report.table, m->folder, &options,
              &m->report.answers) != EXIT_FINE)
        lacks(m, "The data could not be read, so there is nothing here of what the trained network "
                 "answers; say where the data are with --data DIR.");
    return EXIT_FINE;
}

static int make(Making *m, const char *path) {
    Toolchain toolchain = toolchain_from(m->arguments);
    Loaded loaded;
    int code = model_load(m->pipeline, &toolchain, &loaded);
    if (code != EXIT_FINE) return code;
    m->report.model = m->pipeline->model;
    m->report.table = loaded.model;
    m->report.name = path_base(m->folder);
    m->report.spec = spec_text(m);
    code = take_metrics(m) ? EXIT_FINE : EXIT_FILES;
    if (code == EXIT_FINE) take_facts(m);
    m->report.spec_name = spec_name(m);
    if (code == EXIT_FINE && take_weights(m)) code = take_answers(m);
    if (code == EXIT_FINE) {
        m->report.commands = commands(m);
        Text page = report_print(&m->report);
        code = file_write(path, page.bytes, page.size) ? EXIT_FINE : EXIT_FILES;
    }
    model_unload(&loaded);
    return code;
}

static int run(const Arguments *arguments) {
    const char *path = option_value(arguments, "out");
    if (!path || !path_has_ending(path, ".html"))
        return usage_error(arguments->command, "say where to: -o FILE.html");
    Pipeline p;
    Making m = {.pipeline = &p, .arguments = arguments};
    char *spec_folder;
    bool is_run;
    int code = EXIT_FILES;
    bool fine = run_open(arguments->positional.item[0], &p, &spec_folder, &is_run);
    if (fine && !is_run) {
        code = usage_error(arguments->command,
                           "%s is no run folder: netc train SPEC --out DIR makes one",
                           arguments->positional.item[0]);
    } else if (fine) {
        m.arena = p.compile->arena;
        m.folder = path_without_slash(m.arena, arguments->positional.item[0]);
        m.spec_folder = spec_folder;
        code = pipeline_take_options(&p, arguments) ? make(&m, path) : EXIT_USAGE;
    }
    pipeline_free(&p);
    return code;
}

const Command command_report = {
    .name = "report",
    .arguments = "RUN -o FILE.html",
    .summary = "Write a page on a run: network, curves, mistakes, weights",
    .detail = "One file that opens from disk: the network, the curves, the confusion matrix, the "
              "worst mistakes, the filters\n"
              "of the first layer, all settings, and how to repeat the run.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
