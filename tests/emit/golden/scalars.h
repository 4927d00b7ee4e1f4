// scalars.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef SCALARS_H
#define SCALARS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define SCALARS_BATCH 3

// What is trained. Gradients have the same struct.
typedef struct scalars_params {
    double w1; /* layer_1.weight* / / * "x" ? ?/ */
    double b1;
} scalars_params;

// Everything between the input and the gradients.
typedef struct scalars_work {
    double h1;
} scalars_work;

// The loss, then the metrics.
typedef struct scalars_results {
    double E_total;
} scalars_results;

// One neuron.
// A comment that ends in \.
void scalars_forward(const scalars_params *params, scalars_work *work, scalars_results *results);

void scalars_backward(scalars_params *grads, const scalars_work *work);

#ifdef __cplusplus
}
#endif
#endif
