// metrics.c: metrics.csv, one row an epoch or an iteration, each on the disk's way as soon as it is
// known.
//
// A resumed run writes some rows again: opening keeps only those before the place where it goes on.
#include "files.h"
#include "report.h"
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void put_name(FILE *out, const char *prefix, const char *name) {
    bool quote = strpbrk(name, ",\"\r\n") != NULL;
    fprintf(out, ",%s%s", quote ? "\"" : "", prefix);
    for (; *name; name++) fprintf(out, *name == '"' ? "\"\"" : "%c", *name);
    if (quote) fputc('"', out);
}

static void put_header(const Run *run, FILE *out) {
    const NetModel *m = run->model;
    bool epochs = !run->settings.by_iteration;
    fputs(epochs ? "epoch,lr" : "iteration,lr", out);
    for (int i = 0; i < m->result_count; i++) put_name(out, "", m->result[i]);
    for (int i = 0; epochs && run->has_test && i < m->result_count; i++)
        put_name(out, "test_", m->result[i]);
    fputs(epochs ? ",seconds\n" : "\n", out);
}

static char *header_text(const Run *run) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    put_header(run, out);
    fclose(out);
    return text;
}

// Copies the rows of the file before that belong to the past of a resumed run; false if it has
// other columns.
static bool keep_rows(const Run *run, const char *header, FILE *out) {
    long long first = run->settings.by_iteration ? (long long)run->step : run->epoch + 1;
    FILE *in = fopen(run->metrics_path, "r");
    char *line = NULL;
    size_t room = 0;
    bool empty = !in || getline(&line, &room, in) <= 0;
    bool known = !empty && !strcmp(line, header);
    while (known && getline(&line, &room, in) > 0) {
        char *end = NULL;
        long long number = strtoll(line, &end, 10);
        bool whole = end != line && *end == ',' && line[strlen(line) - 1] == '\n';
        if (!whole || number >= first) break;
        fputs(line, out);
    }
    free(line);
    if (in) fclose(in);
    return empty || known;
}

int net_metrics_open(Run *run) {
    Replacement r;
    char *header = header_text(run);
    if (!header) return net_report_memory("metrics.csv");
    int code = net_replace_begin(&r, run->metrics_path);
    if (!code) {
        fputs(header, r.file);
        if (!run->options->resume || keep_rows(run, header, r.file))
            code = net_replace_end(&r);
        else {
            code = net_report(NET_BROKEN,
                              "%s: has other columns than this run writes: resume into "
                              "another folder with --out",
                              run->metrics_path);
            net_replace_cancel(&r);
        }
    }
    free(header);
    if (code) return code;
    run->metrics = fopen(run->metrics_path, "a");
    return run->metrics ? NET_OK
                        : net_report(NET_BROKEN, "%s: cannot be written: %s", run->metrics_path,
                                     strerror(errno));
}

static void put_figures(FILE *out, const Figures *figures, int count) {
    for (int i = 0; i < count; i++) fprintf(out, ",%.17g", net_figure(figures, i));
}

static int finish_row(const Run *run) {
    if (fflush(run->metrics) || ferror(run->metrics))
        return net_report(NET_BROKEN, "%s: cannot be written: %s", run->metrics_path,
                          strerror(errno));
    return NET_OK;
}

int net_metrics_row_epoch(Run *run, double lr, double seconds) {
    if (!run->metrics) return NET_OK;
    fprintf(run->metrics, "%lld,%.17g", (long long)run->epoch + 1, lr);
    put_figures(run->metrics, &run->last_train, run->model->result_count);
    if (run->has_test) put_figures(run->metrics, &run->last_test, run->model->result_count);
    fprintf(run->metrics, ",%.3f\n", seconds);
    return finish_row(run);
}

int net_metrics_row_iteration(Run *run, int64_t iteration, double lr, const double *results) {
    if (!run->metrics) return NET_OK;
    fprintf(run->metrics, "%lld,%.17g", (long long)iteration, lr);
    for (int i = 0; i < run->model->result_count; i++) fprintf(run->metrics, ",%.17g", results[i]);
    fputc('\n', run->metrics);
    return finish_row(run);
}
