// conv.c: the functions of the model.
#include "conv.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(conv_params) == 460, "layout of conv_params");
_Static_assert(sizeof(conv_batch) == 1080, "layout of conv_batch");
_Static_assert(sizeof(conv_work) == 5040, "layout of conv_work");
_Static_assert(sizeof(conv_results) == 8, "layout of conv_results");

static inline int int_min(int a, int b) { return a < b ? a : b; }

static inline int int_max(int a, int b) { return a > b ? a : b; }

// The values of a batch, as in training, and its results.
void conv_forward(const conv_params *params, const conv_batch *batch, conv_work *work,
                  conv_results *results, int N) {
    const float *restrict shift = params->shift;
    const float (*restrict conv2d_1_weight)[3][3][3] = params->conv2d_1_weight;
    const float *restrict conv2d_1_bias = params->conv2d_1_bias;
    const float (*restrict image)[3][6][5] = batch->image;
    float (*restrict x)[3][6][5] = work->x;
    float (*restrict conv2d_1)[4][6][5] = work->conv2d_1;

    {
        enum { C = 3, H = 6, W = 5 };
        // x[n, c, h, w] = image[n, c, h, w] + shift[c]
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        x[n][c][h][w] = image[n][c][h][w] + shift[c];
    }

    // --- conv2d_1 ---
    {
        enum { O = 4, H = 6, W = 5, C = 3, K = 3 };
        // conv2d_1[n, o, p, q] = sum(c < C, r < K, s < K | 1 <= r + p and r + p <= 6 and 1 <= s
        //     + q and s + q <= 5: weight[o, c, r, s]*x[n, c, r + p - 1, s + q - 1]) + bias[o]
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < H; p++)
                    for (int q = 0; q < W; q++) {
                        float sum = conv2d_1_bias[o];
                        for (int c = 0; c < C; c++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, H - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, W - q + 1); s++)
                                    sum +=
                                        conv2d_1_weight[o][c][r][s]*x[n][c][p + r - 1][q + s - 1];
                        conv2d_1[n][o][p][q] = sum;
                    }
    }

    // --- loss ---
    {
        enum { O = 4, H = 6, W = 5 };
        // loss = sum(n < N: sum(o < O, p < H, q < W: conv2d_1[n, o, p, q]^2))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int o = 0; o < O; o++)
                for (int p = 0; p < H; p++)
                    for (int q = 0; q < W; q++)
                        sum2 += conv2d_1[n][o][p][q]*conv2d_1[n][o][p][q];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void conv_backward(const conv_params *params, conv_params *grads, conv_work *work, int N) {
    const float (*restrict conv2d_1_weight)[3][3][3] = params->conv2d_1_weight;
    float (*restrict x)[3][6][5] = work->x;
    float (*restrict conv2d_1)[4][6][5] = work->conv2d_1;
    float *restrict d_shift = grads->shift;
    float (*restrict d_conv2d_1_weight)[3][3][3] = grads->conv2d_1_weight;
    float *restrict d_conv2d_1_bias = grads->conv2d_1_bias;
    float (*restrict d_conv2d_1)[4][6][5] = work->d_conv2d_1;
    float (*restrict d_x)[3][6][5] = work->d_x;

    // --- loss ---
    {
        enum { O = 4, H = 6, W = 5 };
        // d_conv2d_1[n, o, p, q] = 2*conv2d_1[n, o, p, q]/N
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < H; p++)
                    for (int q = 0; q < W; q++)
                        d_conv2d_1[n][o][p][q] = 2.0f*conv2d_1[n][o][p][q]/(float)N;
    }

    // --- conv2d_1 ---
    {
        enum { O = 4, C = 3, K = 3, H = 6, W = 5 };
        // d_weight[o, c, r, s] = sum(n < N, p < H, q < W | 1 <= r + p and r + p <= 6 and 1 <= s
        //     + q and s + q <= 5: d_conv2d_1[n, o, p, q]*x[n, c, r + p - 1, s + q - 1])
        // d_bias[o] = sum(n < N, p < H, q < W: d_conv2d_1[n, o, p, q])
        for (int o = 0; o < O; o++) {
            for (int c = 0; c < C; c++)
                for (int r = 0; r < K; r++)
                    for (int s = 0; s < K; s++) {
                        double sum = 0.0;
                        for (int n = 0; n < N; n++)
                            for (int p = int_max(0, 1 - r); p < int_min(H, H - r + 1); p++)
                                for (int q = int_max(0, 1 - s); q < int_min(W, W - s + 1); q++)
                                    sum +=
                                        (double)(d_conv2d_1[n][o][p][q]
                                        *x[n][c][r + p - 1][s + q - 1]);
                        d_conv2d_1_weight[o][c][r][s] = (float)sum;
                    }
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int p = 0; p < H; p++)
                    for (int q = 0; q < W; q++)
                        sum += (double)d_conv2d_1[n][o][p][q];
            d_conv2d_1_bias[o] = (float)sum;
        }

        // d_x[n, c, h, w] = sum(o < O, r < K, s < K | r <= h + 1 and h <= r + 4 and s <= w + 1
        //     and w <= s + 3: d_conv2d_1[n, o, h - r + 1, w - s + 1]*weight[o, c, r, s])
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        float sum = 0.0f;
                        for (int o = 0; o < O; o++)
                            for (int r = int_max(0, h + 2 - H); r < int_min(K, h + 2); r++)
                                for (int s = int_max(0, w + 2 - W); s < int_min(K, w + 2); s++)
                                    sum +=
                                        d_conv2d_1[n][o][h - r + 1][w - s + 1]
                                        *conv2d_1_weight[o][c][r][s];
                        d_x[n][c][h][w] = sum;
                    }
    }

    {
        enum { C = 3, H = 6, W = 5 };
        // d_shift[c] = sum(n < N, h < H, w < W: d_x[n, c, h, w])
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum += (double)d_x[n][c][h][w];
            d_shift[c] = (float)sum;
        }
    }
}

// The values of a batch, as in evaluation, and its results.
void conv_evaluate(const conv_params *params, const conv_batch *batch, conv_work *work,
                   conv_results *results, int N) {
    const float *restrict shift = params->shift;
    const float (*restrict conv2d_1_weight)[3][3][3] = params->conv2d_1_weight;
    const float *restrict conv2d_1_bias = params->conv2d_1_bias;
    const float (*restrict image)[3][6][5] = batch->image;
    float (*restrict x)[3][6][5] = work->x;
    float (*restrict conv2d_1)[4][6][5] = work->conv2d_1;

    {
        enum { C = 3, H = 6, W = 5 };
        // x[n, c, h, w] = image[n, c, h, w] + shift[c]
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        x[n][c][h][w] = image[n][c][h][w] + shift[c];
    }

    // --- conv2d_1 ---
    {
        enum { O = 4, H = 6, W = 5, C = 3, K = 3 };
        // conv2d_1[n, o, p, q] = sum(c < C, r < K, s < K | 1 <= r + p and r + p <= 6 and 1 <= s
        //     + q and s + q <= 5: weight[o, c, r, s]*x[n, c, r + p - 1, s + q - 1]) + bias[o]
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < H; p++)
                    for (int q = 0; q < W; q++) {
                        float sum = conv2d_1_bias[o];
                        for (int c = 0; c < C; c++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, H - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, W - q + 1); s++)
                                    sum +=
                                        conv2d_1_weight[o][c][r][s]*x[n][c][p + r - 1][q + s - 1];
                        conv2d_1[n][o][p][q] = sum;
                    }
    }

    // --- loss ---
    {
        enum { O = 4, H = 6, W = 5 };
        // loss = sum(n < N: sum(o < O, p < H, q < W: conv2d_1[n, o, p, q]^2))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int o = 0; o < O; o++)
                for (int p = 0; p < H; p++)
                    for (int q = 0; q < W; q++)
                        sum2 += conv2d_1[n][o][p][q]*conv2d_1[n][o][p][q];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}
