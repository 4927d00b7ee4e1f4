// maxpool.c: the functions of the model.
#include "maxpool.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(maxpool_params) == 8, "layout of maxpool_params");
_Static_assert(sizeof(maxpool_batch) == 784, "layout of maxpool_batch");
_Static_assert(sizeof(maxpool_work) == 2336, "layout of maxpool_work");
_Static_assert(sizeof(maxpool_results) == 8, "layout of maxpool_results");

static inline int int_min(int a, int b) { return a < b ? a : b; }

static inline int int_max(int a, int b) { return a > b ? a : b; }

// The values of a batch, as in training, and its results.
void maxpool_forward(const maxpool_params *params, const maxpool_batch *batch, maxpool_work *work,
                     maxpool_results *results, int N) {
    const float *restrict shift = params->shift;
    const float (*restrict image)[2][7][7] = batch->image;
    float (*restrict x)[2][7][7] = work->x;
    float (*restrict pool)[2][4][4] = work->pool;
    int32_t (*restrict pool_arg)[2][4][4] = work->pool_arg;

    {
        enum { C = 2, H = 7, W = 7 };
        // x[n, c, h, w] = image[n, c, h, w] + shift[c]
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        x[n][c][h][w] = image[n][c][h][w] + shift[c];
    }

    // --- pool ---
    {
        enum { C = 2, P = 4, Q = 4, K = 3, H = 7, W = 7 };
        // pool[n, c, i, j] = max(r < K, s < K | 1 <= 2*i + r and 2*i + r <= 7 and 1 <= 2*j + s
        //     and 2*j + s <= 7: x[n, c, 2*i + r - 1, 2*j + s - 1])
        // pool_arg[n, c, i, j] = argmax(r < K, s < K | 1 <= 2*i + r and 2*i + r <= 7 and 1 <=
        //     2*j + s and 2*j + s <= 7: x[n, c, 2*i + r - 1, 2*j + s - 1])
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int i = 0; i < P; i++)
                    for (int j = 0; j < Q; j++) {
                        float best = -INFINITY;
                        int first = 0;
                        for (int r = int_max(0, 1 - 2*i); r < int_min(K, H - 2*i + 1); r++)
                            for (int s = int_max(0, 1 - 2*j); s < int_min(K, W - 2*j + 1); s++) {
                                const float value = x[n][c][2*i + r - 1][2*j + s - 1];
                                if (best < value || value != value) {
                                    best = value;
                                    first = 3*r + s;
                                }
                            }
                        pool[n][c][i][j] = best;
                        pool_arg[n][c][i][j] = first;
                    }
    }

    // --- loss ---
    {
        enum { C = 2, P = 4, Q = 4 };
        // loss = sum(n < N: sum(c < C, i < P, j < Q: pool[n, c, i, j]^2))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int c = 0; c < C; c++)
                for (int i = 0; i < P; i++)
                    for (int j = 0; j < Q; j++)
                        sum2 += pool[n][c][i][j]*pool[n][c][i][j];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void maxpool_backward(maxpool_params *grads, maxpool_work *work, int N) {
    float (*restrict pool)[2][4][4] = work->pool;
    int32_t (*restrict pool_arg)[2][4][4] = work->pool_arg;
    float *restrict d_shift = grads->shift;
    float (*restrict d_pool)[2][4][4] = work->d_pool;
    float (*restrict d_x)[2][7][7] = work->d_x;

    // --- loss ---
    {
        enum { C = 2, P = 4, Q = 4 };
        // d_pool[n, c, i, j] = 2*pool[n, c, i, j]/N
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int i = 0; i < P; i++)
                    for (int j = 0; j < Q; j++)
                        d_pool[n][c][i][j] = 2.0f*pool[n][c][i][j]/(float)N;
    }

    // --- pool ---
    {
        enum { C = 2, H = 7, W = 7, P = 4, Q = 4, K = 3 };
        // d_x[n, c, h, w] = 0
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        d_x[n][c][h][w] = 0.0f;

        // d_x[n, c, 2*i + r - 1, 2*j + s - 1] += if pool_arg[n, c, i, j] == 3*r + s then
        //     d_pool[n, c, i, j] else 0 where 1 <= 2*i + r and 2*i + r <= 7 and 1 <= 2*j + s and
        //     2*j + s <= 7
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int i = 0; i < P; i++)
                    for (int j = 0; j < Q; j++)
                        for (int r = int_max(0, 1 - 2*i); r < int_min(K, H - 2*i + 1); r++)
                            for (int s = int_max(0, 1 - 2*j); s < int_min(K, W - 2*j + 1); s++)
                                if (pool_arg[n][c][i][j] == 3*r + s)
                                    d_x[n][c][2*i + r - 1][2*j + s - 1] += d_pool[n][c][i][j];
    }

    {
        enum { C = 2, H = 7, W = 7 };
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
void maxpool_evaluate(const maxpool_params *params, const maxpool_batch *batch, maxpool_work *work,
                      maxpool_results *results, int N) {
    const float *restrict shift = params->shift;
    const float (*restrict image)[2][7][7] = batch->image;
    float (*restrict x)[2][7][7] = work->x;
    float (*restrict pool)[2][4][4] = work->pool;

    {
        enum { C = 2, H = 7, W = 7 };
        // x[n, c, h, w] = image[n, c, h, w] + shift[c]
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        x[n][c][h][w] = image[n][c][h][w] + shift[c];
    }

    // --- pool ---
    {
        enum { C = 2, P = 4, Q = 4, K = 3, H = 7, W = 7 };
        // pool[n, c, i, j] = max(r < K, s < K | 1 <= 2*i + r and 2*i + r <= 7 and 1 <= 2*j + s
        //     and 2*j + s <= 7: x[n, c, 2*i + r - 1, 2*j + s - 1])
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int i = 0; i < P; i++)
                    for (int j = 0; j < Q; j++) {
                        float best = -INFINITY;
                        for (int r = int_max(0, 1 - 2*i); r < int_min(K, H - 2*i + 1); r++)
                            for (int s = int_max(0, 1 - 2*j); s < int_min(K, W - 2*j + 1); s++) {
                                const float value = x[n][c][2*i + r - 1][2*j + s - 1];
                                if (best < value || value != value)
                                    best = value;
                            }
                        pool[n][c][i][j] = best;
                    }
    }

    // --- loss ---
    {
        enum { C = 2, P = 4, Q = 4 };
        // loss = sum(n < N: sum(c < C, i < P, j < Q: pool[n, c, i, j]^2))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int c = 0; c < C; c++)
                for (int i = 0; i < P; i++)
                    for (int j = 0; j < Q; j++)
                        sum2 += pool[n][c][i][j]*pool[n][c][i][j];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}
