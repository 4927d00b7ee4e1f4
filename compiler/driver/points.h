// points.h: the points of a spec's sweeps: one for each value, and where there are several sweeps
// one for each combination.
#ifndef NETC_DRIVER_POINTS_H
#define NETC_DRIVER_POINTS_H

#include "driver/pipeline.h"

typedef struct Point {
    const char **text; // per sweep the value as the spec has it: "1.0"
    const char **set;  // per sweep what --set takes: "lr=1"
} Point;

typedef struct Points {
    int sweep_count;
    const char **name; // of the sweeps
    LIST(Point) point; // the last sweep runs fastest
} Points;

enum { POINTS_MOST = 10000 };

// Reads the spec of `arguments` and lists its points in `a`. Returns an exit code: wrong usage
// where the spec has no sweep or more than POINTS_MOST points. All is said.
int points_of_spec(Arena *a, const Arguments *arguments, Points *out);

// "lr=1.0, seed=2"
const char *point_text(Arena *a, const Points *points, int point);

// The arguments of a point's run: those given, and its values as further --set.
Arguments point_arguments(Arena *a, const Arguments *arguments, const Points *points, int point);

#endif
