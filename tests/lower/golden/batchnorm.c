// batchnorm.c: the functions of the model.
#include "batchnorm.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(batchnorm_params) == 544, "layout of batchnorm_params");
_Static_assert(sizeof(batchnorm_states) == 64, "layout of batchnorm_states");
_Static_assert(sizeof(batchnorm_batch) == 5760, "layout of batchnorm_batch");
_Static_assert(sizeof(batchnorm_work) == 11648, "layout of batchnorm_work");
_Static_assert(sizeof(batchnorm_results) == 8, "layout of batchnorm_results");

// The values of a batch, as in training, and its results.
void batchnorm_forward(const batchnorm_params *params, const batchnorm_batch *batch,
                       batchnorm_work *work, batchnorm_results *results, int N) {
    const double (*restrict shift)[5][3] = params->shift;
    const double *restrict norm_weight = params->norm_weight;
    const double *restrict norm_bias = params->norm_bias;
    const double (*restrict image)[4][5][3] = batch->image;
    const double (*restrict t)[4][5][3] = batch->t;
    double (*restrict x)[4][5][3] = work->x;
    double *restrict norm_mean = work->norm_mean;
    double *restrict norm_var = work->norm_var;
    double (*restrict norm)[4][5][3] = work->norm;

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
                        sum += x[n][c][h][w];
            norm_mean[c] = sum/(15.0*(double)N);
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        const double difference = x[n][c][h][w] - norm_mean[c];
                        sum2 += difference*difference;
                    }
            norm_var[c] = sum2/(15.0*(double)N);
        }

        // norm[n, c, h, w] = (x[n, c, h, w] - mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const double scale = norm_weight[c]/sqrt(norm_var[c] + 1e-05);
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
            double sum2 = 0.0;
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum2 += norm[n][c][h][w]*t[n][c][h][w];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void batchnorm_backward(const batchnorm_params *params, batchnorm_params *grads,
                        const batchnorm_batch *batch, batchnorm_work *work, int N) {
    const double *restrict norm_weight = params->norm_weight;
    const double (*restrict t)[4][5][3] = batch->t;
    double (*restrict x)[4][5][3] = work->x;
    double *restrict norm_mean = work->norm_mean;
    double *restrict norm_var = work->norm_var;
    double (*restrict d_shift)[5][3] = grads->shift;
    double *restrict d_norm_weight = grads->norm_weight;
    double *restrict d_norm_bias = grads->norm_bias;
    double (*restrict d_norm)[4][5][3] = work->d_norm;
    double (*restrict d_x)[4][5][3] = work->d_x;
    double *restrict d_norm_var = work->d_norm_var;
    double *restrict d_norm_mean = work->d_norm_mean;

    // --- loss ---
    {
        enum { C = 4, H = 5, W = 3 };
        // d_norm[n, c, h, w] = t[n, c, h, w]/N
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        d_norm[n][c][h][w] = t[n][c][h][w]/(double)N;
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
            const double scale = 1.0/sqrt(norm_var[c] + 1e-05);
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        sum += scale*d_norm[n][c][h][w]*(x[n][c][h][w] - norm_mean[c]);
                        sum2 += d_norm[n][c][h][w];
                    }
            d_norm_weight[c] = sum;
            d_norm_bias[c] = sum2;
            d_norm_var[c] = -0.5*d_norm_weight[c]*norm_weight[c]/(norm_var[c] + 1e-05);
            d_norm_mean[c] = -(d_norm_bias[c]*norm_weight[c])/sqrt(norm_var[c] + 1e-05);
        }

        // d_x[n, c, h, w] = d_norm[n, c, h, w]*weight[c]/sqrt(var[c] + 1e-05) + 2*d_var[c]*(x[n,
        //     c, h, w] - mean[c])/(15*N) + d_mean[c]/(15*N)
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const double scale = norm_weight[c]/sqrt(norm_var[c] + 1e-05);
                const double scale2 = 2.0*d_norm_var[c]/(15.0*(double)N);
                const double offset = d_norm_mean[c]/(15.0*(double)N);
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
                        sum += d_x[n][c][h][w];
                    d_shift[c][h][w] = sum;
                }
    }
}

// The states after this batch; after forward.
void batchnorm_update(batchnorm_states *states, const batchnorm_work *work, int N) {
    double *restrict norm_running_mean = states->norm_running_mean;
    double *restrict norm_running_var = states->norm_running_var;
    const double *restrict norm_mean = work->norm_mean;
    const double *restrict norm_var = work->norm_var;

    // --- norm ---
    {
        enum { C = 4 };
        // running_mean[c] = 0.9*running_mean[c] + 0.1*mean[c]
        // running_var[c] = 0.9*running_var[c] + 1.5*var[c]*N/(15*N - 1)
        for (int c = 0; c < C; c++) {
            norm_running_mean[c] = 0.9*norm_running_mean[c] + 0.1*norm_mean[c];
            norm_running_var[c] = 0.9*norm_running_var[c]
                + 1.5*norm_var[c]*(double)N/(15.0*(double)N - 1.0);
        }
    }
}

// The values of a batch, as in evaluation, and its results.
void batchnorm_evaluate(const batchnorm_params *params, const batchnorm_states *states,
                        const batchnorm_batch *batch, batchnorm_work *work,
                        batchnorm_results *results, int N) {
    const double (*restrict shift)[5][3] = params->shift;
    const double *restrict norm_weight = params->norm_weight;
    const double *restrict norm_bias = params->norm_bias;
    const double *restrict norm_running_mean = states->norm_running_mean;
    const double *restrict norm_running_var = states->norm_running_var;
    const double (*restrict image)[4][5][3] = batch->image;
    const double (*restrict t)[4][5][3] = batch->t;
    double (*restrict x)[4][5][3] = work->x;
    double *restrict norm_mean = work->norm_mean;
    double *restrict norm_var = work->norm_var;
    double (*restrict norm)[4][5][3] = work->norm;

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
                const double scale = norm_weight[c]/sqrt(norm_var[c] + 1e-05);
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
            double sum2 = 0.0;
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum2 += norm[n][c][h][w]*t[n][c][h][w];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}
