// metrics.h: the metrics.csv of a run folder as columns of numbers, and figures of several runs.
#ifndef NETC_DRIVER_METRICS_H
#define NETC_DRIVER_METRICS_H

#include "support/text.h"
#include "teach/chart.h"

typedef struct Metrics {
    const char *name;          // of the run, for legends
    bool by_epoch;             // else by iteration
    bool is_lost;              // it ended in a loss that is not finite; set by whoever knows
    LIST(const char *) column; // "epoch", "lr", "loss", "accuracy", "test_loss", ..., "seconds"
    int rows;
    double **value; // [column][row]
} Metrics;

// Reads FOLDER/metrics.csv. False after saying what is missing or malformed, with the line.
bool metrics_read(Arena *a, const char *folder, Metrics *out);

int metrics_find(const Metrics *m, const char *name); // the column, or -1

// The loss, then the metrics, a panel each; test curves dashed beside those of training. All runs
// have the same loss and are counted alike.
Chart metrics_chart(Arena *a, const Metrics *run, int count);

#endif
