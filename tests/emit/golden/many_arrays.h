// many_arrays.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef MANY_ARRAYS_H
#define MANY_ARRAYS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define MANY_ARRAYS_BATCH 3

// Everything between the input and the gradients.
typedef struct many_arrays_work {
    float array_0[4];
    float array_1[4];
    float array_2[4];
    float array_3[4];
    float array_4[4];
    float array_5[4];
    float array_6[4];
    float array_7[4];
    float array_8[4];
    float array_9[4];
    float array_10[4];
    float array_11[4];
    float array_12[4];
    float array_13[4];
    float array_14[4];
    float array_15[4];
    float array_16[4];
    float array_17[4];
} many_arrays_work;

// Eighteen arrays.
void many_arrays_forward(many_arrays_work *work);

#ifdef __cplusplus
}
#endif
#endif
