// strides.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef STRIDES_H
#define STRIDES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define STRIDES_BATCH 3

// What is kept between steps but not trained.
typedef struct strides_states {
    double running[9];
} strides_states;

// Inputs and targets, one row a sample.
typedef struct strides_batch {
    double x[STRIDES_BATCH][9];
} strides_batch;

// Everything between the input and the gradients.
typedef struct strides_work {
    double y[3][9];
} strides_work;

// y[2*p + r - 1] += x[p]; running means.
void strides_update(strides_states *states, const strides_batch *batch, strides_work *work, int N,
                    int threads);

#ifdef __cplusplus
}
#endif
#endif
