// freestanding.h: what a model's C needs to train or predict by itself, with no runtime: storage in
// one struct that the caller places, initial values, the optimizer's step, the scaling of inputs.
#ifndef NETC_DRIVER_FREESTANDING_H
#define NETC_DRIVER_FREESTANDING_H

#include "driver/toolchain.h"

// Appends the trainer to both texts of g. Needs: lowered without parallel loops, a loss and an
// optimizer. False after saying what the spec has that cannot be had without a runtime.
bool freestanding_trainer(Pipeline *p, Generated *g);

// Reduces a model to prediction: no loss, no metrics, no targets, no gradients; then lowering gives
// `evaluate` alone.
void inference_reduce(Model *model);
// Drops what lowering made beside `evaluate`.
void inference_trim(LoopModule *m);
// Appends the predictor to both texts of g: the weights of `params` and `states` as const arrays.
void freestanding_predictor(Pipeline *p, const NetModel *table, const double *params,
                            const double *states, Generated *g);

#endif
