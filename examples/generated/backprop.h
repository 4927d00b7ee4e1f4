// backprop.h: the data of the model and the functions that compute on it.
#ifndef BACKPROP_H
#define BACKPROP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define BACKPROP_BATCH 1

// What is trained. Gradients have the same struct.
typedef struct backprop_params {
    double w1;
    double w2;
    double w3;
    double w4;
    double w5;
    double w6;
    double w7;
    double w8;
} backprop_params;

// Inputs and targets, one row a sample.
typedef struct backprop_batch {
    double i1;
    double i2;
    double t1;
    double t2;
} backprop_batch;

// Everything between the input and the gradients.
typedef struct backprop_work {
    double a_h1;
    double a_h2;
    double a_o1;
    double a_o2;
} backprop_work;

// The loss, then the metrics.
typedef struct backprop_results {
    double E_total;
} backprop_results;

// The values of a batch, as in training, and its results.
void backprop_forward(const backprop_params *params, const backprop_batch *batch,
                      backprop_work *work, backprop_results *results);

// The gradient of the loss with respect to every parameter; after forward.
void backprop_backward(const backprop_params *params, backprop_params *grads,
                       const backprop_batch *batch, const backprop_work *work);

// The values of a batch, as in evaluation, and its results.
void backprop_evaluate(const backprop_params *params, const backprop_batch *batch,
                       backprop_work *work, backprop_results *results);

#ifdef __cplusplus
}
#endif
#endif
