// maxpool.c: the functions of the model.
#include "maxpool.h"

#include <math.h>

// The structs are laid out without gaps that nobody expects.
_Static_assert(sizeof(maxpool_batch) == 784, "layout of maxpool_batch");
_Static_assert(sizeof(maxpool_work) == 256, "layout of maxpool_work");
_Static_assert(sizeof(maxpool_results) == 8, "layout of maxpool_results");

static inline int int_min(int a, int b) { return a < b ? a : b; }

static inline int int_max(int a, int b) { return a > b ? a : b; }

// The values of a batch, as in training, and its results.
void maxpool_forward(const maxpool_batch *batch, maxpool_work *work, maxpool_results *results,
    int N) {
    const float (*restrict x)[2][7][7] = batch->x;
    float (*restrict pool)[2][4][4] = work->pool;

    // --- pool ---
    {
        enum { C = 2, P = 4, Q = 4, K = 3 };
        // pool[n, c, i, j] = max(r < K, s < K | 1 <= 2*i + r and 2*i + r <= 7 and 1 <= 2*j + s and 2*j + s
        //     <= 7: x[n, c, 2*i + r - 1, 2*j + s - 1])
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int i = 0; i < P; i++)
                    for (int j = 0; j < Q; j++) {
                        float best = -INFINITY;
                        for (int r = int_max(0, 1 - 2*i); r < int_min(K, 8 - 2*i); r++)
                            for (int s = int_max(0, 1 - 2*j); s < int_min(K, 8 - 2*j); s++) {
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

// The gradient of the loss with respect to every parameter; after forward.
void maxpool_backward(void) {
}

// The values of a batch, as in evaluation, and its results.
void maxpool_evaluate(const maxpool_batch *batch, maxpool_work *work, maxpool_results *results,
    int N) {
    const float (*restrict x)[2][7][7] = batch->x;
    float (*restrict pool)[2][4][4] = work->pool;

    // --- pool ---
    {
        enum { C = 2, P = 4, Q = 4, K = 3 };
        // pool[n, c, i, j] = max(r < K, s < K | 1 <= 2*i + r and 2*i + r <= 7 and 1 <= 2*j + s and 2*j + s
        //     <= 7: x[n, c, 2*i + r - 1, 2*j + s - 1])
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int i = 0; i < P; i++)
                    for (int j = 0; j < Q; j++) {
                        float best = -INFINITY;
                        for (int r = int_max(0, 1 - 2*i); r < int_min(K, 8 - 2*i); r++)
                            for (int s = int_max(0, 1 - 2*j); s < int_min(K, 8 - 2*j); s++) {
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
