// init.h: first values of parameters and states.
#ifndef NET_INIT_H
#define NET_INIT_H

#include "net_model.h"
#include "net_runtime.h"

// Fills the params and states blocks. Each tensor draws from its own stream, keyed by seed and the
// tensor's place (states after parameters), in double, so that an f32 and an f64 model begin with
// the same numbers. Files of NET_INIT_FILE are looked up like data files. Reports what is wrong
// with them.
int net_init(const NetModel *model, const NetRunOptions *options, uint64_t seed, void *params,
             void *states);

#endif
