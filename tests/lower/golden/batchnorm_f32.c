// batchnorm_f32.c: the functions of the model.
#include "batchnorm_f32.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(batchnorm_f32_params) == 272, "layout of batchnorm_f32_params");
_Static_assert(sizeof(batchnorm_f32_states) == 32, "layout of batchnorm_f32_states");
_Static_assert(sizeof(batchnorm_f32_batch) == 2880, "layout of batchnorm_f32_batch");
_Static_assert(sizeof(batchnorm_f32_work) == 5824, "layout of batchnorm_f32_work");
_Static_assert(sizeof(batchnorm_f32_results) == 8, "layout of batchnorm_f32_results");

// The values of a batch, as in training, and its results.
void batchnorm_f32_forward(const batchnorm_f32_params *params, const batchnorm_f32_batch *batch,
                           batchnorm_f32_work *work, batchnorm_f32_results *results, int N) {
    const float (*restrict shift)[5][3] = params->shift;
    const float *restrict norm_weight = params->norm_weight;
    const float *restrict norm_bias = params->norm_bias;
    const float (*restrict image)[4][5][3] = batch->image;
    const float (*restrict t)[4][5][3] = batch->t;
    float (*restrict x)[4][5][3] = work->x;
    float *restrict norm_mean = work->norm_mean;
    float *restrict norm_var = work->norm_var;
    float (*restrict norm)[4][5][3] = work->norm;

    {
        enum { C = 4, H = 5, W = 3 };
        // x[n, c, h, w] = image[n, c, h, w] + shift[c, h, w]
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        x[n][c][h][w] = image[n][c][h][w] + shift[c][h][w];
    }

    // --- norm ---
    {
        enum { C = 4, H = 5, W = 3 };
        // mean[c] = sum(n < N, h < H, w < W: x[n, c, h, w])/(15*N)
        // var[c] = sum(n < N, h < H, w < W: (x[n, c, h, w] - mean[c])^2)/(15*N)
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum += (double)x[n][c][h][w];
            norm_mean[c] = (float)sum/(15.0f*(float)N);
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        const float difference = x[n][c][h][w] - norm_mean[c];
                        sum2 += (double)(difference*difference);
                    }
            norm_var[c] = (float)sum2/(15.0f*(float)N);
        }

        // norm[n, c, h, w] = (x[n, c, h, w] - mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = norm_weight[c]/sqrtf(norm_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        norm[n][c][h][w] = scale*(x[n][c][h][w] - norm_mean[c]) + norm_bias[c];
            }
    }

    // --- loss ---
    {
        enum { C = 4, H = 5, W = 3 };
        // loss = sum(n < N: sum(c < C, h < H, w < W: norm[n, c, h, w]*t[n, c, h, w]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum2 += norm[n][c][h][w]*t[n][c][h][w];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void batchnorm_f32_backward(const batchnorm_f32_params *params, batchnorm_f32_params *grads,
                            const batchnorm_f32_batch *batch, batchnorm_f32_work *work, int N) {
    const float *restrict norm_weight = params->norm_weight;
    const float (*restrict t)[4][5][3] = batch->t;
    float (*restrict x)[4][5][3] = work->x;
    float *restrict norm_mean = work->norm_mean;
    float *restrict norm_var = work->norm_var;
    float (*restrict d_shift)[5][3] = grads->shift;
    float *restrict d_norm_weight = grads->norm_weight;
    float *restrict d_norm_bias = grads->norm_bias;
    float (*restrict d_norm)[4][5][3] = work->d_norm;
    float (*restrict d_x)[4][5][3] = work->d_x;
    float *restrict d_norm_var = work->d_norm_var;
    float *restrict d_norm_mean = work->d_norm_mean;

    // --- loss ---
    {
        enum { C = 4, H = 5, W = 3 };
        // d_norm[n, c, h, w] = t[n, c, h, w]/N
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        d_norm[n][c][h][w] = t[n][c][h][w]/(float)N;
    }

    // --- norm ---
    {
        enum { C = 4, H = 5, W = 3 };
        // d_weight[c] = sum(n < N, h < H, w < W: d_norm[n, c, h, w]*(x[n, c, h, w] -
        //     mean[c])/sqrt(var[c] + 1e-05))
        // d_bias[c] = sum(n < N, h < H, w < W: d_norm[n, c, h, w])
        // d_var[c] = -0.5*d_weight[c]*weight[c]/(var[c] + 1e-05)
        // d_mean[c] = -d_bias[c]*weight[c]/sqrt(var[c] + 1e-05)
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            double sum2 = 0.0;
            const float scale = 1.0f/sqrtf(norm_var[c] + 1e-05f);
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        sum += (double)(scale*d_norm[n][c][h][w]*(x[n][c][h][w] - norm_mean[c]));
                        sum2 += (double)d_norm[n][c][h][w];
                    }
            d_norm_weight[c] = (float)sum;
            d_norm_bias[c] = (float)sum2;
            d_norm_var[c] = -0.5f*d_norm_weight[c]*norm_weight[c]/(norm_var[c] + 1e-05f);
            d_norm_mean[c] = -(d_norm_bias[c]*norm_weight[c])/sqrtf(norm_var[c] + 1e-05f);
        }

        // d_x[n, c, h, w] = d_norm[n, c, h, w]*weight[c]/sqrt(var[c] + 1e-05) + 2*d_var[c]*(x[n,
        //     c, h, w] - mean[c])/(15*N) + d_mean[c]/(15*N)
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = norm_weight[c]/sqrtf(norm_var[c] + 1e-05f);
                const float scale2 = 2.0f*d_norm_var[c]/(15.0f*(float)N);
                const float offset = d_norm_mean[c]/(15.0f*(float)N);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        d_x[n][c][h][w] = scale*d_norm[n][c][h][w]
                            + scale2*(x[n][c][h][w] - norm_mean[c]) + offset;
            }
    }

    {
        enum { C = 4, H = 5, W = 3 };
        // d_shift[c, h, w] = sum(n < N: d_x[n, c, h, w])
        for (int c = 0; c < C; c++)
            for (int h = 0; h < H; h++)
                for (int w = 0; w < W; w++) {
                    double sum = 0.0;
                    for (int n = 0; n < N; n++)
                        sum += (double)d_x[n][c][h][w];
                    d_shift[c][h][w] = (float)sum;
                }
    }
}

// The states after this batch; after forward.
void batchnorm_f32_update(batchnorm_f32_states *states, const batchnorm_f32_work *work, int N) {
    float *restrict norm_running_mean = states->norm_running_mean;
    float *restrict norm_running_var = states->norm_running_var;
    const float *restrict norm_mean = work->norm_mean;
    const float *restrict norm_var = work->norm_var;

    // --- norm ---
    {
        enum { C = 4 };
        // running_mean[c] = 0.9*running_mean[c] + 0.1*mean[c]
        // running_var[c] = 0.9*running_var[c] + 1.5*var[c]*N/(15*N - 1)
        for (int c = 0; c < C; c++) {
            norm_running_mean[c] = 0.9f*norm_running_mean[c] + 0.1f*norm_mean[c];
            norm_running_var[c] = 0.9f*norm_running_var[c]
                + 1.5f*norm_var[c]*(float)N/(15.0f*(float)N - 1.0f);
        }
    }
}

// The values of a batch, as in evaluation, and its results.
void batchnorm_f32_evaluate(const batchnorm_f32_params *params, const batchnorm_f32_states *states,
                            const batchnorm_f32_batch *batch, batchnorm_f32_work *work,
                            batchnorm_f32_results *results, int N) {
    const float (*restrict shift)[5][3] = params->shift;
    const float *restrict norm_weight = params->norm_weight;
    const float *restrict norm_bias = params->norm_bias;
    const float *restrict norm_running_mean = states->norm_running_mean;
    const float *restrict norm_running_var = states->norm_running_var;
    const float (*restrict image)[4][5][3] = batch->image;
    const float (*restrict t)[4][5][3] = batch->t;
    float (*restrict x)[4][5][3] = work->x;
    float *restrict norm_mean = work->norm_mean;
    float *restrict norm_var = work->norm_var;
    float (*restrict norm)[4][5][3] = work->norm;

    {
        enum { C = 4, H = 5, W = 3 };
        // x[n, c, h, w] = image[n, c, h, w] + shift[c, h, w]
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        x[n][c][h][w] = image[n][c][h][w] + shift[c][h][w];
    }

    // --- norm ---
    {
        enum { C = 4, H = 5, W = 3 };
        // mean[c] = running_mean[c]
        // var[c] = running_var[c]
        for (int c = 0; c < C; c++) {
            norm_mean[c] = norm_running_mean[c];
            norm_var[c] = norm_running_var[c];
        }

        // norm[n, c, h, w] = (x[n, c, h, w] - mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = norm_weight[c]/sqrtf(norm_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        norm[n][c][h][w] = scale*(x[n][c][h][w] - norm_mean[c]) + norm_bias[c];
            }
    }

    // --- loss ---
    {
        enum { C = 4, H = 5, W = 3 };
        // loss = sum(n < N: sum(c < C, h < H, w < W: norm[n, c, h, w]*t[n, c, h, w]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum2 += norm[n][c][h][w]*t[n][c][h][w];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}
