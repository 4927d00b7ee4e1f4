// vector_sums_f32.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef VECTOR_SUMS_F32_H
#define VECTOR_SUMS_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define VECTOR_SUMS_F32_BATCH 3

// Inputs and targets, one row a sample.
typedef struct vector_sums_f32_batch {
    float x[VECTOR_SUMS_F32_BATCH][70];
} vector_sums_f32_batch;

// Everything between the input and the gradients.
typedef struct vector_sums_f32_work {
    float y[3][70];
    float row_sum[3];
} vector_sums_f32_work;

// Each row divided by its sum.
void vector_sums_f32_forward(const vector_sums_f32_batch *batch, vector_sums_f32_work *work, int N,
                             int threads);

#ifdef __cplusplus
}
#endif
#endif
