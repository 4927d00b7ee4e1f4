// conv_f32.c: the functions of the model.
//
// A sample.
#include "conv_f32.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(conv_f32_params) == 304, "layout of conv_f32_params");
_Static_assert(sizeof(conv_f32_batch) == 1008, "layout of conv_f32_batch");
_Static_assert(sizeof(conv_f32_work) == 2016, "layout of conv_f32_work");

// The iterations of a loop marked so are independent of each other.
#ifdef _OPENMP
#define PARALLEL_FOR _Pragma("omp parallel for num_threads(threads) schedule(static)")
#else
#define PARALLEL_FOR (void)threads;
#endif

static inline int int_min(int a, int b) { return a < b ? a : b; }

static inline int int_max(int a, int b) { return a > b ? a : b; }

// A convolution, 3x3, padding 1.
void conv_f32_forward(const conv_f32_params *params, const conv_f32_batch *batch,
                      conv_f32_work *work, int N, int threads) {
    const float (*restrict weight)[2][3][3] = params->weight;
    const float *restrict bias = params->bias;
    const float (*restrict image)[2][7][6] = batch->image;
    float (*restrict conv)[4][7][6] = work->conv;

    enum { O = 4, H = 7, W = 6 };
    PARALLEL_FOR
    for (int n = 0; n < N; n++)
        for (int o = 0; o < O; o++)
            for (int p = 0; p < H; p++)
                for (int q = 0; q < W; q++) {
                    double sum = (double)bias[o];
                    for (int i = 0; i < 2; i++)
                        for (int r = int_max(0, 1 - p); r < int_min(3, 8 - p); r++)
                            for (int s = int_max(0, 1 - q); s < int_min(3, 7 - q); s++)
                                sum +=
                                    (double)(image[n][i][p + r - 1][q + s - 1]*weight[o][i][r][s]);
                    conv[n][o][p][q] = (float)sum;
                }
}
