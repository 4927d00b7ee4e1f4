// states_2.c: the functions of the model.
#include "states_2.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(states_2_params) == 8, "layout of states_2_params");
_Static_assert(sizeof(states_2_states) == 64, "layout of states_2_states");
_Static_assert(sizeof(states_2_batch) == 96, "layout of states_2_batch");
_Static_assert(sizeof(states_2_work) == 160, "layout of states_2_work");
_Static_assert(sizeof(states_2_results) == 8, "layout of states_2_results");

// Each place that draws random numbers has a stream of its own.
static const uint64_t STREAM_1 = UINT64_C(0x0000000000000063);

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; 2011):
// counter and key are mixed in ten rounds. out[4] receives the four words of the block.
static inline void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)0xD2511F53u*x0, b = (uint64_t)0xCD9E8D57u*x2;
        x0 = (uint32_t)(b >> 32) ^ x1 ^ k0;
        x1 = (uint32_t)b;
        x2 = (uint32_t)(a >> 32) ^ x3 ^ k1;
        x3 = (uint32_t)a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

// A uniform draw in [0, 1): a multiple of 2^-24, so that float holds it exactly.
static inline double random_f64(uint64_t seed, uint64_t step, uint64_t stream, int sample,
                                int element) {
    const uint32_t counter[4] = {(uint32_t)element, (uint32_t)sample, (uint32_t)step,
                                 (uint32_t)(step >> 32) ^ (uint32_t)stream};
    const uint32_t key[2] = {(uint32_t)seed ^ (uint32_t)(stream >> 32), (uint32_t)(seed >> 32)};
    uint32_t out[4];
    philox(counter, key, out);
    return (out[0] >> 8)*0x1p-24;
}

// 1 with probability p, else 0.
static inline double bernoulli_f64(uint64_t seed, uint64_t step, uint64_t stream, int sample,
                                   int element, double p) {
    return random_f64(seed, step, stream, sample, element) < p ? 1.0 : 0.0;
}

// The values of a batch, as in training, and its results.
void states_2_forward(const states_2_params *params, const states_2_states *states,
                      const states_2_batch *batch, states_2_work *work, states_2_results *results,
                      int N, uint64_t seed, uint64_t step) {
    const double *restrict while_2 = states->while_2;
    const double (*restrict for_2)[4] = batch->for_2;
    double (*restrict N_2)[4] = work->N_2;

    const double sin_2 = params->sin_2;

    {
        enum { double2 = 4 };
        // N[n, int] = for[n, int]*sin*bernoulli(0.75)*while[int]
        for (int n = 0; n < N; n++)
            for (int int2 = 0; int2 < double2; int2++)
                N_2[n][int2] = for_2[n][int2]*sin_2
                    *bernoulli_f64(seed, step, STREAM_1, n, int2, 0.75)*while_2[int2];

        // loss = sum(n < N: sum(int < double: N[n, int]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            double sum2 = 0.0;
            for (int int2 = 0; int2 < double2; int2++)
                sum2 += N_2[n][int2];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void states_2_backward(states_2_params *grads, const states_2_states *states,
                       const states_2_batch *batch, int N, uint64_t seed, uint64_t step) {
    const double *restrict while_2 = states->while_2;
    const double (*restrict for_2)[4] = batch->for_2;

    {
        enum { double2 = 4 };
        // d_sin = sum(n < N, int < double: for[n, int]*bernoulli(0.75)*while[int])/N
        double sum = 0.0;
        for (int n = 0; n < N; n++)
            for (int int2 = 0; int2 < double2; int2++)
                sum += for_2[n][int2]*bernoulli_f64(seed, step, STREAM_1, n, int2, 0.75)
                    *while_2[int2];
        grads->sin_2 = sum/(double)N;
    }
}

// The states after this batch; after forward.
void states_2_update(states_2_states *states, states_2_work *work) {
    double *restrict while_2 = states->while_2;
    double *restrict params_2 = states->params_2;
    double *restrict while_next = work->while_next;
    double *restrict params_next = work->params_next;

    {
        enum { double2 = 4 };
        // while[int] = params[int]
        // params[int] = while[int] + params[3 - int]
        for (int int2 = 0; int2 < double2; int2++) {
            while_next[int2] = params_2[int2];
            params_next[int2] = while_2[int2] + params_2[3 - int2];
        }

        // while[int] = params[int]
        // params[int] = while[int] + params[3 - int]
        for (int int2 = 0; int2 < double2; int2++) {
            while_2[int2] = while_next[int2];
            params_2[int2] = params_next[int2];
        }
    }
}

// The values of a batch, as in evaluation, and its results.
void states_2_evaluate(const states_2_params *params, const states_2_states *states,
                       const states_2_batch *batch, states_2_work *work, states_2_results *results,
                       int N, uint64_t seed, uint64_t step) {
    const double *restrict while_2 = states->while_2;
    const double (*restrict for_2)[4] = batch->for_2;
    double (*restrict N_2)[4] = work->N_2;

    const double sin_2 = params->sin_2;

    {
        enum { double2 = 4 };
        // N[n, int] = for[n, int]*sin*bernoulli(0.75)*while[int]
        for (int n = 0; n < N; n++)
            for (int int2 = 0; int2 < double2; int2++)
                N_2[n][int2] = for_2[n][int2]*sin_2
                    *bernoulli_f64(seed, step, STREAM_1, n, int2, 0.75)*while_2[int2];

        // loss = sum(n < N: sum(int < double: N[n, int]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            double sum2 = 0.0;
            for (int int2 = 0; int2 < double2; int2++)
                sum2 += N_2[n][int2];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}
