// log.c: what a person sees while a model trains: one line an epoch, and on a terminal a progress
// bar above it.
#include "run.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static bool is_share(const char *name) {
    return !strcmp(name, "accuracy") || !strncmp(name, "top_", 4);
}

// Four places, or four digits where four places would show nothing.
static void put_number(FILE *out, double value) {
    bool small = value != 0 && fabs(value) < 0.001;
    fprintf(out, small || fabs(value) >= 1e9 ? "%.3e" : "%.4f", value);
}

static void put_figure(FILE *out, const char *prefix, const char *name, double value) {
    fprintf(out, "%s%s: ", prefix, name);
    if (is_share(name))
        fprintf(out, "%.2f%%", value * 100);
    else
        put_number(out, value);
}

// The first result is the loss, whatever the spec calls it.
static const char *label(const NetModel *m, int index) {
    return index ? m->result[index] : "loss";
}

static void put_figures(FILE *out, const NetModel *m, const char *prefix, const Figures *f) {
    for (int i = 0; i < m->result_count; i++) {
        fputs(" | ", out);
        put_figure(out, prefix, label(m, i), net_figure(f, i));
    }
}

static bool shows_bar(const Run *run) {
    return !run->options->quiet && isatty(fileno(run->log));
}

static void clear_bar(const Run *run) {
    if (shows_bar(run)) fputs("\r\033[K", run->log);
}

static int digits_of(int64_t most) {
    int digits = 1;
    for (; most >= 10; most /= 10) digits++;
    return digits < 2 ? 2 : digits;
}

void net_log_progress(Run *run, int64_t batches) {
    enum { WIDTH = 30 };
    double now = net_clock();
    if (!shows_bar(run) || now - run->shown < 0.1) return;
    run->shown = now;
    double seconds = now - run->began;
    int64_t done = run->so_far.samples - run->before;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    double left = rate > 0 ? (double)(run->train.samples - run->so_far.samples) / rate : 0;
    int full = (int)(WIDTH * run->batch / batches);
    char bar[WIDTH + 1];
    for (int i = 0; i < WIDTH; i++) bar[i] = i < full ? '=' : i == full ? '>' : ' ';
    bar[WIDTH] = 0;
    fprintf(run->log, "\r\033[KEpoch: %0*lld [%s] %lld/%lld", digits_of(run->settings.epochs),
            (long long)run->epoch + 1, bar, (long long)run->batch, (long long)batches);
    put_figures(run->log, run->model, "", &run->so_far);
    fprintf(run->log, " | %.0f samples/s | %.0f s left", rate, left);
    fflush(run->log);
}

void net_log_epoch(Run *run, double seconds) {
    if (run->options->quiet) return;
    clear_bar(run);
    fprintf(run->log, "Epoch: %0*lld", digits_of(run->settings.epochs), (long long)run->epoch + 1);
    put_figures(run->log, run->model, "", &run->last_train);
    if (run->has_test) put_figures(run->log, run->model, "test ", &run->last_test);
    fprintf(run->log, " | %.1f s\n", seconds);
    fflush(run->log);
}

void net_log_iteration(Run *run, int64_t iteration, const double *results) {
    const int64_t last = run->settings.iterations;
    const int64_t every = last > 10 ? (last - 1) / 10 + 1 : 1;
    if (run->options->quiet || (iteration % every && iteration != last)) return;
    fprintf(run->log, "Iteration: %0*lld", digits_of(last), (long long)iteration);
    for (int i = 0; i < run->model->result_count; i++) {
        fputs(" | ", run->log);
        put_figure(run->log, "", label(run->model, i), results[i]);
    }
    fputc('\n', run->log);
    fflush(run->log);
}

void net_log_evaluation(FILE *log, const NetModel *model, const Figures *figures, bool test) {
    const char *prefix = test ? "test " : "train ";
    for (int i = 0; i < model->result_count; i++) {
        fputs(i ? " | " : "", log);
        put_figure(log, prefix, label(model, i), net_figure(figures, i));
    }
    fputc('\n', log);
    fflush(log);
}

void net_log_line(Run *run, const char *format, ...) {
    if (run->options->quiet) return;
    va_list list;
    va_start(list, format);
    clear_bar(run);
    vfprintf(run->log, format, list);
    fputc('\n', run->log);
    fflush(run->log);
    va_end(list);
}
