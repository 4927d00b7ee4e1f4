// vector_sums_f32.c: the functions of the model.
//
// A sample.
#include "vector_sums_f32.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(vector_sums_f32_batch) == 840, "layout of vector_sums_f32_batch");
_Static_assert(sizeof(vector_sums_f32_work) == 852, "layout of vector_sums_f32_work");

// The iterations of a loop marked so are independent of each other.
#ifdef _OPENMP
#define PARALLEL_FOR _Pragma("omp parallel for num_threads(threads) schedule(static)")
#else
#define PARALLEL_FOR (void)threads;
#endif

// The iterations of a loop marked so may run in the lanes of vectors.
#ifdef _OPENMP
#define SIMD_FOR _Pragma("omp simd")
#else
#define SIMD_FOR
#endif

// Vectors of gcc and clang: each operator works on all lanes at once.
#define VEC_INLINE static inline __attribute__((always_inline))
#pragma GCC diagnostic ignored "-Wpsabi"
#define VEC_LANES 16
typedef float vec_lane;
typedef float vec __attribute__((vector_size(64)));
typedef int32_t vec_int __attribute__((vector_size(64)));
typedef float vec_unaligned __attribute__((vector_size(64), aligned(4), may_alias));

VEC_INLINE vec vec_load(const vec_lane *from) { return *(const vec_unaligned *)from; }

VEC_INLINE void vec_store(vec_lane *to, vec x) { *(vec_unaligned *)to = x; }

// x in all lanes; less zero, because adding zero would lose the sign of -0.
VEC_INLINE vec vec_splat(vec_lane x) { return x - (vec){0}; }

// The upper half is added to the lower until one lane is left.
VEC_INLINE vec_lane vec_sum(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < 8; i++)
        lane[i] += lane[i + 8];
    for (int i = 0; i < 4; i++)
        lane[i] += lane[i + 4];
    for (int i = 0; i < 2; i++)
        lane[i] += lane[i + 2];
    return lane[0] + lane[1];
}

// Each row divided by its sum.
void vector_sums_f32_forward(const vector_sums_f32_batch *batch, vector_sums_f32_work *work, int N,
                             int threads) {
    const float (*restrict x)[70] = batch->x;
    float (*restrict y)[70] = work->y;
    float *restrict row_sum = work->row_sum;

    PARALLEL_FOR
    for (int n = 0; n < N; n++) {
        vec part = vec_splat(0.0f);
        for (int c = 0; c < 55; c += 16)
            part += vec_load(&x[n][c]);
        float total = vec_sum(part);
        for (int d = 64; d < 70; d++)
            total += x[n][d];
        row_sum[n] = total;
        SIMD_FOR
        for (int g = 0; g < 70; g++)
            y[n][g] = x[n][g]/row_sum[n];
    }
}
