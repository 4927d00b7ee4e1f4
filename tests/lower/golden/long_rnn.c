// long_rnn.c: the functions of the model.
#include "long_rnn.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(long_rnn_params) == 224, "layout of long_rnn_params");
_Static_assert(sizeof(long_rnn_batch) == 24000, "layout of long_rnn_batch");
_Static_assert(sizeof(long_rnn_work) == 96000, "layout of long_rnn_work");
_Static_assert(sizeof(long_rnn_results) == 8, "layout of long_rnn_results");

// The values of a batch, as in training, and its results.
void long_rnn_forward(const long_rnn_params *params, const long_rnn_batch *batch,
                      long_rnn_work *work, long_rnn_results *results, int N) {
    const double (*restrict rnn_W)[3] = params->rnn_W;
    const double (*restrict rnn_U)[4] = params->rnn_U;
    const double (*restrict x)[500][3] = batch->x;
    double (*restrict rnn_h)[500][4] = work->rnn_h;

    // --- rnn ---
    {
        enum { T = 500, H = 4, I = 3 };
        // h[n, t, j] = tanh(sum(i < I: W[j, i]*x[n, t, i]) + (if 1 <= t then sum(k < H: U[j,
        //     k]*h[n, t - 1, k]) else 0))
        for (int t = 0; t < T; t++)
            for (int n = 0; n < N; n++)
                for (int j = 0; j < H; j++) {
                    double sum = 0.0;
                    for (int i = 0; i < I; i++)
                        sum += rnn_W[j][i]*x[n][t][i];
                    if (t >= 1) {
                        for (int k = 0; k < H; k++)
                            sum += rnn_U[j][k]*rnn_h[n][t - 1][k];
                    }
                    rnn_h[n][t][j] = tanh(sum);
                }
    }

    // --- loss ---
    {
        enum { T = 500, H = 4 };
        // loss = sum(n < N: sum(t < T, j < H: rnn.h[n, t, j]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            double sum2 = 0.0;
            for (int t = 0; t < T; t++)
                for (int j = 0; j < H; j++)
                    sum2 += rnn_h[n][t][j];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void long_rnn_backward(const long_rnn_params *params, long_rnn_params *grads,
                       const long_rnn_batch *batch, long_rnn_work *work, int N) {
    const double (*restrict rnn_U)[4] = params->rnn_U;
    const double (*restrict x)[500][3] = batch->x;
    double (*restrict rnn_h)[500][4] = work->rnn_h;
    double (*restrict d_rnn_W)[3] = grads->rnn_W;
    double (*restrict d_rnn_U)[4] = grads->rnn_U;
    double (*restrict d_rnn_h)[500][4] = work->d_rnn_h;
    double (*restrict d_rnn_a)[500][4] = work->d_rnn_a;

    // --- rnn ---
    {
        enum { T = 500, H = 4, I = 3 };
        // d_h[n, t, j] = (if t <= 498 then sum(k < H: d_a[n, t + 1, k]*U[k, j]) else 0) + 1/N
        // d_a[n, t, j] = d_h[n, t, j]*(1 - h[n, t, j]^2)
        for (int t = T - 1; t >= 0; t--)
            for (int n = 0; n < N; n++) {
                for (int j = 0; j < H; j++) {
                    double sum = 1.0/(double)N;
                    if (t + 1 < T) {
                        for (int k = 0; k < H; k++)
                            sum += d_rnn_a[n][t + 1][k]*rnn_U[k][j];
                    }
                    d_rnn_h[n][t][j] = sum;
                }
                for (int j = 0; j < H; j++)
                    d_rnn_a[n][t][j] = d_rnn_h[n][t][j]*(1.0 - rnn_h[n][t][j]*rnn_h[n][t][j]);
            }

        // d_W[j, i] = sum(n < N, t < T: d_a[n, t, j]*x[n, t, i])
        // d_U[j, k] = sum(n < N, t < T | 1 <= t: d_a[n, t, j]*h[n, t - 1, k])
        for (int j = 0; j < H; j++) {
            for (int i = 0; i < I; i++) {
                double sum = 0.0;
                for (int n = 0; n < N; n++)
                    for (int t = 0; t < T; t++)
                        sum += d_rnn_a[n][t][j]*x[n][t][i];
                d_rnn_W[j][i] = sum;
            }
            for (int k = 0; k < H; k++) {
                double sum = 0.0;
                for (int n = 0; n < N; n++)
                    for (int t = 1; t < T; t++)
                        sum += d_rnn_a[n][t][j]*rnn_h[n][t - 1][k];
                d_rnn_U[j][k] = sum;
            }
        }
    }
}

// The values of a batch, as in evaluation, and its results.
void long_rnn_evaluate(const long_rnn_params *params, const long_rnn_batch *batch,
                       long_rnn_work *work, long_rnn_results *results, int N) {
    const double (*restrict rnn_W)[3] = params->rnn_W;
    const double (*restrict rnn_U)[4] = params->rnn_U;
    const double (*restrict x)[500][3] = batch->x;
    double (*restrict rnn_h)[500][4] = work->rnn_h;

    // --- rnn ---
    {
        enum { T = 500, H = 4, I = 3 };
        // h[n, t, j] = tanh(sum(i < I: W[j, i]*x[n, t, i]) + (if 1 <= t then sum(k < H: U[j,
        //     k]*h[n, t - 1, k]) else 0))
        for (int t = 0; t < T; t++)
            for (int n = 0; n < N; n++)
                for (int j = 0; j < H; j++) {
                    double sum = 0.0;
                    for (int i = 0; i < I; i++)
                        sum += rnn_W[j][i]*x[n][t][i];
                    if (t >= 1) {
                        for (int k = 0; k < H; k++)
                            sum += rnn_U[j][k]*rnn_h[n][t - 1][k];
                    }
                    rnn_h[n][t][j] = tanh(sum);
                }
    }

    // --- loss ---
    {
        enum { T = 500, H = 4 };
        // loss = sum(n < N: sum(t < T, j < H: rnn.h[n, t, j]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            double sum2 = 0.0;
            for (int t = 0; t < T; t++)
                for (int j = 0; j < H; j++)
                    sum2 += rnn_h[n][t][j];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}
