// run.h: one run of a model: its memory, its settings, how far it has come. Shared by training,
// evaluation, checkpoints and logs, inside the runtime only.
#ifndef NET_RUN_H
#define NET_RUN_H

#include "data.h"
#include "net_model.h"
#include "net_runtime.h"
#include "optimizer.h"
#include "schedule.h"
#include "settings.h"

#include <stdbool.h>
#include <stdio.h>

#ifndef NETC_VERSION
#define NETC_VERSION "0.1.0"
#endif

// The blocks of net_model.h, aligned to NET_ALIGN.
typedef struct Blocks {
    void *params, *grads, *states, *batch, *work;
    double *results;
} Blocks;

// Sums of the loss and the metrics, weighted by samples: the means are sum[i]/samples.
typedef struct Figures {
    double *sum;
    int64_t samples;
} Figures;

typedef struct Run {
    const NetModel *model;
    const NetRunOptions *options;
    Settings settings;
    Blocks blocks;
    Optimizer optimizer;
    Schedule schedule;
    Dataset train, test;
    bool has_test;
    int threads;
    // How far it has come: everything that a checkpoint must hold besides the tensors.
    uint64_t step;  // steps done in all
    int64_t epoch;  // epochs done
    int64_t batch;  // batches done of the epoch under way
    Figures so_far; // of the epoch under way
    double last_lr; // of the step before
    // Not in a checkpoint.
    int64_t *order; // the samples in the order of the epoch `order_epoch`
    int64_t order_epoch;
    Figures last_train, last_test; // of the last finished epoch (iteration)
    FILE *log;
    FILE *metrics;
    char *metrics_path, *checkpoint_path, *json_path;
    bool saved;     // a checkpoint of this run is on the disk
    int64_t before; // samples of the epoch under way that were done before `began`
    double began;   // when the epoch or the run began, in seconds of a steady clock
    double shown;   // when the progress bar was last drawn
} Run;

// Allocates everything for training (`training`) or for evaluation alone; refuses what does not fit
// into memory.
int net_run_begin(Run *run, const NetModel *model, const NetRunOptions *options, bool training);

// Frees everything that a Run holds.
void net_run_end(Run *run);

// A call on the first n samples that stand in the batch block.
NetCall net_run_call(const Run *run, int n);

// The figures of a whole data set in evaluation mode, summed in order.
void net_run_evaluate(const Run *run, const Dataset *data, Figures *figures);

// Adds the results of n samples; clears all sums.
void net_figures_add(Figures *f, const double *results, int count, int n);
void net_figures_clear(Figures *f, int count);

// The mean of one figure.
double net_figure(const Figures *f, int index);

// Batches of one pass over the training data.
int64_t net_run_batches(const Run *run);

// The order of the samples in the epoch under way: the data's own, or a permutation drawn for (seed, epoch).
void net_run_order_samples(Run *run);

// Seconds of a steady clock.
double net_clock(void);

// checkpoint.c: writes run->checkpoint_path; reads one into a Run that has been begun.
// `weights_only`: parameters and states, for evaluation; then files of other programs (without
// netc's metadata) are accepted too.
int net_checkpoint_write(Run *run);
int net_checkpoint_read(Run *run, const char *path, bool weights_only);

// metrics.c: metrics.csv. Opening keeps the rows that a resumed run will not write again.
int net_metrics_open(Run *run);
int net_metrics_row_epoch(Run *run, double lr, double seconds);
int net_metrics_row_iteration(Run *run, int64_t iteration, double lr, const double *results);

// run_json.c: run.json: what was run, with which settings, and the final figures (`finished`).
int net_run_json_write(const Run *run, bool finished);

// log.c: the lines and the progress bar.
void net_log_progress(Run *run, int64_t batches);
void net_log_epoch(Run *run, double seconds);
void net_log_iteration(Run *run, int64_t iteration, const double *results);
void net_log_evaluation(FILE *log, const NetModel *model, const Figures *figures, bool test);
void net_log_line(Run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

// signals.c: while caught, SIGINT and SIGTERM only leave their number behind.
void net_signals_catch(void);
void net_signals_release(void);
int net_signal_caught(void);

#endif
