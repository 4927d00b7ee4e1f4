// random_draws.h: the data of the model and the functions that compute on it.
//
// A sample.
#ifndef RANDOM_DRAWS_H
#define RANDOM_DRAWS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define RANDOM_DRAWS_BATCH 3

// Everything between the input and the gradients.
typedef struct random_draws_work {
    double y[3][4][5];
    double keep[3][4];
} random_draws_work;

void random_draws_forward(random_draws_work *work, int N, uint64_t seed, uint64_t step);

#ifdef __cplusplus
}
#endif
#endif
