// rnn.c: the functions of the model.
#include "rnn.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(rnn_params) == 224, "layout of rnn_params");
_Static_assert(sizeof(rnn_batch) == 240, "layout of rnn_batch");
_Static_assert(sizeof(rnn_work) == 960, "layout of rnn_work");
_Static_assert(sizeof(rnn_results) == 8, "layout of rnn_results");

// The values of a batch, as in training, and its results.
void rnn_forward(const rnn_params *params, const rnn_batch *batch, rnn_work *work,
                 rnn_results *results, int N) {
    const double (*restrict rnn_W)[3] = params->rnn_W;
    const double (*restrict rnn_U)[4] = params->rnn_U;
    const double (*restrict x)[5][3] = batch->x;
    double (*restrict rnn_h)[5][4] = work->rnn_h;

    // --- rnn ---
    {
        enum { T = 5, H = 4, I = 3 };
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
        enum { T = 5, H = 4 };
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
void rnn_backward(const rnn_params *params, rnn_params *grads, const rnn_batch *batch,
                  rnn_work *work, int N) {
    const double (*restrict rnn_U)[4] = params->rnn_U;
    const double (*restrict x)[5][3] = batch->x;
    double (*restrict rnn_h)[5][4] = work->rnn_h;
    double (*restrict d_rnn_W)[3] = grads->rnn_W;
    double (*restrict d_rnn_U)[4] = grads->rnn_U;
    double (*restrict d_rnn_h)[5][4] = work->d_rnn_h;
    double (*restrict d_rnn_a)[5][4] = work->d_rnn_a;

    // --- rnn ---
    {
        enum { T = 5, H = 4, I = 3 };
        // d_h[n, t, j] = (if t <= 3 then sum(k < H: d_a[n, t + 1, k]*U[k, j]) else 0) + 1/N
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
void rnn_evaluate(const rnn_params *params, const rnn_batch *batch, rnn_work *work,
                  rnn_results *results, int N) {
    const double (*restrict rnn_W)[3] = params->rnn_W;
    const double (*restrict rnn_U)[4] = params->rnn_U;
    const double (*restrict x)[5][3] = batch->x;
    double (*restrict rnn_h)[5][4] = work->rnn_h;

    // --- rnn ---
    {
        enum { T = 5, H = 4, I = 3 };
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
        enum { T = 5, H = 4 };
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
