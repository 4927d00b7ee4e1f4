// random_draws.c: the functions of the model.
//
// A sample.
#include "random_draws.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(random_draws_work) == 576, "layout of random_draws_work");

// Each place that draws random numbers has a stream of its own.
static const uint64_t STREAM_1 = UINT64_C(0x123456789abcdef0);
static const uint64_t STREAM_2 = UINT64_C(0x0000000000000007);

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

void random_draws_forward(random_draws_work *work, int N, uint64_t seed, uint64_t step) {
    double (*restrict y)[4][5] = work->y;
    double (*restrict keep)[4] = work->keep;

    for (int n = 0; n < N; n++)
        for (int i = 0; i < 4; i++) {
            keep[n][i] = bernoulli_f64(seed, step, STREAM_1, n, i, 0.75)/0.75;
            for (int j = 0; j < 5; j++)
                y[n][i][j] = random_f64(seed, step, STREAM_2, n, i*5 + j);
        }
}
