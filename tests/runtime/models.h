// models.h: two models written by hand, as small as a model can be, for tests of the runtime alone.
#ifndef TEST_MODELS_H
#define TEST_MODELS_H

#include "net_model.h"

// y = w.x + b over x[2], target t; f64; inline data of 7 samples, batches of 3; a state that
// averages y. The gradient is shaken by a number that depends on seed and step, as dropout's would.
extern const NetModel linear_model;

// log_softmax(W x + b) over an image [1, 4, 4], 3 classes; f32; IDX files; metrics accuracy.
extern const NetModel softmax_model;

#endif
