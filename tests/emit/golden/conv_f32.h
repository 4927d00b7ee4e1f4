// conv_f32.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef CONV_F32_H
#define CONV_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define CONV_F32_BATCH 3

// What is trained.
typedef struct conv_f32_params {
    float weight[4][2][3][3]; /* [O, I, 3, 3] */
    float bias[4];
} conv_f32_params;

// Inputs and targets, one row a sample.
typedef struct conv_f32_batch {
    float image[CONV_F32_BATCH][2][7][6];
} conv_f32_batch;

// Everything between the input and the gradients.
typedef struct conv_f32_work {
    float conv[CONV_F32_BATCH][4][7][6]; /* [N, 4, 7, 6] */
} conv_f32_work;

// A convolution, 3x3, padding 1.
void conv_f32_forward(const conv_f32_params *params, const conv_f32_batch *batch,
                      conv_f32_work *work, int N, int threads);

#ifdef __cplusplus
}
#endif
#endif
