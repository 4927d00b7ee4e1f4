// snapshot.h: a model at one moment of its training, with every number open: what pages explain.
#ifndef NETC_DRIVER_SNAPSHOT_H
#define NETC_DRIVER_SNAPSHOT_H

#include "driver/load.h"
#include "net_runtime.h"
#include "teach/numbers.h"

enum { SNAPSHOT_SAMPLES = 4 }; // in a batch of data from files, unless --batch-size says otherwise

typedef struct Snapshot {
    Pipeline pipeline; // double precision; every gradient an equation of its own
    Loaded loaded;
    NetSession *session; // NULL: no data, so no numbers
    NetCall call;
    Numbers *numbers; // NULL without data
    double lr;
} Snapshot;

// Compiles the spec of `arguments`, trains it `step` steps and computes one batch with its
// gradients. A spec whose data lie in files has numbers only with --data. Returns an exit code;
// what is wrong has been said. Close it in any case.
int snapshot_open(Snapshot *s, const Arguments *arguments, int64_t step);
// Begins again at the first weights, with another learning rate unless it is NAN; then on by one
// update. Exit codes.
int snapshot_restart(Snapshot *s, const Arguments *arguments, double lr);
int snapshot_advance(Snapshot *s);
// Gives a parameter, an input or a target of this batch other values; snapshot_compute then
// computes all the rest.
void snapshot_set(Snapshot *s, const Tensor *t, const double *value);
void snapshot_compute(Snapshot *s);
void snapshot_close(Snapshot *s);

// The loss when `delta` is added to one element of a parameter; NAN if `t` is no parameter.
double snapshot_loss_with(const Snapshot *s, const Tensor *t, int64_t element, double delta);
// The central difference of the loss by that element, where one of a few steps agrees best with
// `derived`.
double snapshot_difference(const Snapshot *s, const Tensor *t, int64_t element, double derived);

// The C that `netc emit` would write for the same spec; "" after saying what is wrong.
const char *snapshot_c_text(const Snapshot *s, const Arguments *arguments);

#endif
