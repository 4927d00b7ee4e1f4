// argmax.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef ARGMAX_H
#define ARGMAX_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define ARGMAX_BATCH 3

// Inputs and targets, one row a sample.
typedef struct argmax_batch {
    double x[ARGMAX_BATCH][6];
    int32_t label[ARGMAX_BATCH];
} argmax_batch;

// Everything between the input and the gradients.
typedef struct argmax_work {
    double d_x[3][6];
    int32_t x_arg[3];
} argmax_work;

// The loss, then the metrics.
typedef struct argmax_results {
    double accuracy;
} argmax_results;

// The first of the largest.
void argmax_forward(const argmax_batch *batch, argmax_work *work, argmax_results *results, int N);

#ifdef __cplusplus
}
#endif
#endif
