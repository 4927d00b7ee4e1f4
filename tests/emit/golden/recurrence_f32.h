// recurrence_f32.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef RECURRENCE_F32_H
#define RECURRENCE_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define RECURRENCE_F32_BATCH 3

// Inputs and targets, one row a sample.
typedef struct recurrence_f32_batch {
    float x[RECURRENCE_F32_BATCH][5];
} recurrence_f32_batch;

// Everything between the input and the gradients.
typedef struct recurrence_f32_work {
    float h[3][5];
    float d_h[3][5];
} recurrence_f32_work;

// h[t] = tanh(x[t] + h[t - 1]), and d_h from behind.
void recurrence_f32_forward(const recurrence_f32_batch *batch, recurrence_f32_work *work, int N);

#ifdef __cplusplus
}
#endif
#endif
