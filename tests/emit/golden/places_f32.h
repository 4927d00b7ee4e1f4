// places_f32.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef PLACES_F32_H
#define PLACES_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define PLACES_F32_BATCH 3

// What is trained.
typedef struct places_f32_params {
    float x[5];
} places_f32_params;

// Everything between the input and the gradients.
// Members of a union share a place: no two of them are needed at the same time.
typedef struct places_f32_work {
    union {
        float first[5];
        float second[7];
    };
    float y[5];
    union {
        float third[3];
        float fourth[2];
    };
} places_f32_work;

// What is read once makes room.
void places_f32_forward(const places_f32_params *params, places_f32_work *work);

#ifdef __cplusplus
}
#endif
#endif
