// vector_functions.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef VECTOR_FUNCTIONS_H
#define VECTOR_FUNCTIONS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define VECTOR_FUNCTIONS_BATCH 3

// Inputs and targets, one row a sample.
typedef struct vector_functions_batch {
    double x[VECTOR_FUNCTIONS_BATCH][70];
} vector_functions_batch;

// Everything between the input and the gradients.
typedef struct vector_functions_work {
    double y[3][32][70];
} vector_functions_work;

// Functions of vectors.
void vector_functions_forward(const vector_functions_batch *batch, vector_functions_work *work,
                              int N, uint64_t seed, uint64_t step, int threads);

#ifdef __cplusplus
}
#endif
#endif
