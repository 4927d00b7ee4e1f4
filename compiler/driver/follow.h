// follow.h: training followed number by number: rows of a table from a model that keeps all its
// values.
#ifndef NETC_DRIVER_FOLLOW_H
#define NETC_DRIVER_FOLLOW_H

#include "driver/load.h"
#include "driver/points.h"
#include "teach/table.h"
#include "teach/trace.h"

typedef struct FollowOptions {
    bool all;                 // gradients of everything
    bool summary;             // a row a tensor and step instead of a column an element
    int64_t sample;           // only this one of the batch; < 0: all
    int64_t first, last;      // the steps with rows; last < 0: to the end
    int64_t iterations;       // < 0: as the spec says
    Arguments const *command; // its --tensor, --set, --data, --threads
} FollowOptions;

enum { FOLLOW_COLUMNS = 200, FOLLOW_CELLS = 5000000, FOLLOW_BINS = 16 };

// Appends the rows of one run to `table`, whose columns the first run makes. `point`: which of
// `points` to run; points NULL: the spec's own settings. Returns an exit code; a run whose loss is
// not finite ends there with EXIT_CHECK, its rows kept.
int follow_run(const FollowOptions *options, const Points *points, int point, Table *table);

#endif
