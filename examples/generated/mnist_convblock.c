// mnist_convblock.c: the functions of the model.
#include "mnist_convblock.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(mnist_convblock_params) == 52128, "layout of mnist_convblock_params");
_Static_assert(sizeof(mnist_convblock_states) == 768, "layout of mnist_convblock_states");
_Static_assert(sizeof(mnist_convblock_batch) == 401920, "layout of mnist_convblock_batch");
_Static_assert(sizeof(mnist_convblock_work) == 92868096, "layout of mnist_convblock_work");
_Static_assert(sizeof(mnist_convblock_results) == 16, "layout of mnist_convblock_results");

// Each place that draws random numbers has a stream of its own.
static const uint64_t STREAM_1 = UINT64_C(0x69580e4a58dbb37e);
static const uint64_t STREAM_2 = UINT64_C(0x00ba1d79daaad237);
static const uint64_t STREAM_3 = UINT64_C(0x63a5566ca2b49798);

// The iterations of a loop marked so are independent of each other.
#ifdef _OPENMP
#define PARALLEL_FOR _Pragma("omp parallel for num_threads(threads) schedule(static)")
#else
#define PARALLEL_FOR (void)threads;
#endif

static inline int int_min(int a, int b) { return a < b ? a : b; }

static inline int int_max(int a, int b) { return a > b ? a : b; }

static inline float max_f32(float a, float b) { return a < b ? b : a; }

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
static inline float bernoulli_f32(uint64_t seed, uint64_t step, uint64_t stream, int sample,
                                  int element, double p) {
    return random_f64(seed, step, stream, sample, element) < p ? 1.0f : 0.0f;
}

// The values of a batch, as in training, and its results.
void mnist_convblock_forward(const mnist_convblock_params *params,
                             const mnist_convblock_batch *batch, mnist_convblock_work *work,
                             mnist_convblock_results *results, int N, uint64_t seed, uint64_t step,
                             int threads) {
    const int32_t *restrict digit = batch->digit;
    float (*restrict log_probs)[10] = work->log_probs;
    float *restrict loss = work->loss;
    float *restrict accuracy = work->accuracy;

    // --- convblock_1.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_1_conv2d_1_conv2d_weight)[1][3][3] =
            params->convblock_1_conv2d_1_conv2d_weight;
        const float *restrict convblock_1_conv2d_1_conv2d_bias =
            params->convblock_1_conv2d_1_conv2d_bias;
        const float (*restrict image)[1][28][28] = batch->image;
        float (*restrict convblock_1_conv2d_1_conv2d)[16][28][28] =
            work->convblock_1_conv2d_1_conv2d;

        enum { O = 16, P = 28, Q = 28, K = 3 };
        // conv2d[n, o, p, q] = sum(r < K, s < K | 1 <= p + r and p + r <= 28 and 1 <= q + s and
        //     q + s <= 28: weight[o, 0, r, s]*image[n, 0, p + r - 1, q + s - 1]) + bias[o]
        //     (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_1_conv2d_1_conv2d_bias[o];
                        for (int r = int_max(0, 1 - p); r < int_min(K, 29 - p); r++)
                            for (int s = int_max(0, 1 - q); s < int_min(K, 29 - q); s++)
                                sum += convblock_1_conv2d_1_conv2d_weight[o][0][r][s]
                                    *image[n][0][p + r - 1][q + s - 1];
                        convblock_1_conv2d_1_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_1.conv2d_1.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_1_conv2d_1_conv2d)[16][28][28] =
            work->convblock_1_conv2d_1_conv2d;
        float (*restrict convblock_1_conv2d_1_relu)[16][28][28] = work->convblock_1_conv2d_1_relu;

        enum { out_channels = 16, P = 28, Q = 28 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_1_conv2d_1_relu[n][o][p][q] =
                            max_f32(convblock_1_conv2d_1_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_1.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        const float *restrict convblock_1_batchnorm2d_1_weight =
            params->convblock_1_batchnorm2d_1_weight;
        const float *restrict convblock_1_batchnorm2d_1_bias =
            params->convblock_1_batchnorm2d_1_bias;
        float (*restrict convblock_1_conv2d_1_relu)[16][28][28] = work->convblock_1_conv2d_1_relu;
        float *restrict convblock_1_batchnorm2d_1_mean = work->convblock_1_batchnorm2d_1_mean;
        float *restrict convblock_1_batchnorm2d_1_var = work->convblock_1_batchnorm2d_1_var;
        float (*restrict convblock_1_batchnorm2d_1)[16][28][28] = work->convblock_1_batchnorm2d_1;

        enum { C = 16, H = 28, W = 28 };
        // mean[c] = sum(n < N, h < H, w < W: conv2d_1.relu[n, c, h, w])/(784*N)
        //     (std/norm.net:35)
        // var[c] = sum(n < N, h < H, w < W: (conv2d_1.relu[n, c, h, w] - mean[c])^2)/(784*N)
        //     (std/norm.net:36)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum += (double)convblock_1_conv2d_1_relu[n][c][h][w];
            convblock_1_batchnorm2d_1_mean[c] = (float)sum/(784.0f*(float)N);
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        const float difference = convblock_1_conv2d_1_relu[n][c][h][w]
                            - convblock_1_batchnorm2d_1_mean[c];
                        sum2 += (double)(difference*difference);
                    }
            convblock_1_batchnorm2d_1_var[c] = (float)sum2/(784.0f*(float)N);
        }

        // batchnorm2d_1[n, c, h, w] = (conv2d_1.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_1_batchnorm2d_1_weight[c]
                    /sqrtf(convblock_1_batchnorm2d_1_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_1_batchnorm2d_1[n][c][h][w] = scale
                            *(convblock_1_conv2d_1_relu[n][c][h][w]
                            - convblock_1_batchnorm2d_1_mean[c])
                            + convblock_1_batchnorm2d_1_bias[c];
            }
    }

    // --- convblock_1.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_1_conv2d_2_conv2d_weight)[16][3][3] =
            params->convblock_1_conv2d_2_conv2d_weight;
        const float *restrict convblock_1_conv2d_2_conv2d_bias =
            params->convblock_1_conv2d_2_conv2d_bias;
        float (*restrict convblock_1_batchnorm2d_1)[16][28][28] = work->convblock_1_batchnorm2d_1;
        float (*restrict convblock_1_conv2d_2_conv2d)[16][28][28] =
            work->convblock_1_conv2d_2_conv2d;

        enum { O = 16, P = 28, Q = 28, I = 16, K = 3, H = 28, W = 28 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 28 and 1 <= q +
        //     s and q + s <= 28: weight[o, i, r, s]*batchnorm2d_1[n, i, p + r - 1, q + s - 1]) +
        //     bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_1_conv2d_2_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, H - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, W - q + 1); s++)
                                    sum += convblock_1_conv2d_2_conv2d_weight[o][i][r][s]
                                        *convblock_1_batchnorm2d_1[n][i][p + r - 1][q + s - 1];
                        convblock_1_conv2d_2_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_1.conv2d_2.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_1_conv2d_2_conv2d)[16][28][28] =
            work->convblock_1_conv2d_2_conv2d;
        float (*restrict convblock_1_conv2d_2_relu)[16][28][28] = work->convblock_1_conv2d_2_relu;

        enum { out_channels = 16, P = 28, Q = 28 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_1_conv2d_2_relu[n][o][p][q] =
                            max_f32(convblock_1_conv2d_2_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_1.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        const float *restrict convblock_1_batchnorm2d_2_weight =
            params->convblock_1_batchnorm2d_2_weight;
        const float *restrict convblock_1_batchnorm2d_2_bias =
            params->convblock_1_batchnorm2d_2_bias;
        float (*restrict convblock_1_conv2d_2_relu)[16][28][28] = work->convblock_1_conv2d_2_relu;
        float *restrict convblock_1_batchnorm2d_2_mean = work->convblock_1_batchnorm2d_2_mean;
        float *restrict convblock_1_batchnorm2d_2_var = work->convblock_1_batchnorm2d_2_var;
        float (*restrict convblock_1_batchnorm2d_2)[16][28][28] = work->convblock_1_batchnorm2d_2;

        enum { C = 16, H = 28, W = 28 };
        // mean[c] = sum(n < N, h < H, w < W: conv2d_2.relu[n, c, h, w])/(784*N)
        //     (std/norm.net:35)
        // var[c] = sum(n < N, h < H, w < W: (conv2d_2.relu[n, c, h, w] - mean[c])^2)/(784*N)
        //     (std/norm.net:36)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum += (double)convblock_1_conv2d_2_relu[n][c][h][w];
            convblock_1_batchnorm2d_2_mean[c] = (float)sum/(784.0f*(float)N);
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        const float difference = convblock_1_conv2d_2_relu[n][c][h][w]
                            - convblock_1_batchnorm2d_2_mean[c];
                        sum2 += (double)(difference*difference);
                    }
            convblock_1_batchnorm2d_2_var[c] = (float)sum2/(784.0f*(float)N);
        }

        // batchnorm2d_2[n, c, h, w] = (conv2d_2.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_1_batchnorm2d_2_weight[c]
                    /sqrtf(convblock_1_batchnorm2d_2_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_1_batchnorm2d_2[n][c][h][w] = scale
                            *(convblock_1_conv2d_2_relu[n][c][h][w]
                            - convblock_1_batchnorm2d_2_mean[c])
                            + convblock_1_batchnorm2d_2_bias[c];
            }
    }

    // --- convblock_1.avgpool2d: AvgPool2d(2)  mnist_convblock.net:22 ---
    {
        float (*restrict convblock_1_batchnorm2d_2)[16][28][28] = work->convblock_1_batchnorm2d_2;
        float (*restrict convblock_1_avgpool2d)[16][14][14] = work->convblock_1_avgpool2d;

        enum { C = 16, P = 14, Q = 14, K = 2 };
        // avgpool2d[n, c, p, q] = 0.25*sum(r < K, s < K: batchnorm2d_2[n, c, 2*p + r, 2*q + s])
        //     (std/pool.net:36)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = 0.0f;
                        for (int r = 0; r < K; r++)
                            for (int s = 0; s < K; s++)
                                sum += convblock_1_batchnorm2d_2[n][c][2*p + r][2*q + s];
                        convblock_1_avgpool2d[n][c][p][q] = 0.25f*sum;
                    }
    }

    // --- convblock_1.dropout: Dropout(dropout)  mnist_convblock.net:23 ---
    {
        float (*restrict convblock_1_avgpool2d)[16][14][14] = work->convblock_1_avgpool2d;
        float (*restrict convblock_1_dropout_mask)[16][14][14] = work->convblock_1_dropout_mask;
        float (*restrict convblock_1_dropout)[16][14][14] = work->convblock_1_dropout;

        enum { C = 16, P = 14, Q = 14 };
        // mask[n, c, p, q] = bernoulli(0.8)   (std/dropout.net:8)
        // dropout[n, c, p, q] = 1.25*mask[n, c, p, q]*avgpool2d[n, c, p, q]
        //     (std/dropout.net:9)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        convblock_1_dropout_mask[n][c][p][q] =
                            bernoulli_f32(seed, step, STREAM_1, n, 196*c + 14*p + q, 0.8);
                        convblock_1_dropout[n][c][p][q] = 1.25f*convblock_1_dropout_mask[n][c][p][q]
                            *convblock_1_avgpool2d[n][c][p][q];
                    }
    }

    // --- convblock_2.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_2_conv2d_1_conv2d_weight)[16][3][3] =
            params->convblock_2_conv2d_1_conv2d_weight;
        const float *restrict convblock_2_conv2d_1_conv2d_bias =
            params->convblock_2_conv2d_1_conv2d_bias;
        float (*restrict convblock_1_dropout)[16][14][14] = work->convblock_1_dropout;
        float (*restrict convblock_2_conv2d_1_conv2d)[16][14][14] =
            work->convblock_2_conv2d_1_conv2d;

        enum { O = 16, P = 14, Q = 14, I = 16, K = 3 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 14 and 1 <= q +
        //     s and q + s <= 14: weight[o, i, r, s]*convblock_1.dropout[n, i, p + r - 1, q + s -
        //     1]) + bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_2_conv2d_1_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, P - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, Q - q + 1); s++)
                                    sum += convblock_2_conv2d_1_conv2d_weight[o][i][r][s]
                                        *convblock_1_dropout[n][i][p + r - 1][q + s - 1];
                        convblock_2_conv2d_1_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_2.conv2d_1.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_2_conv2d_1_conv2d)[16][14][14] =
            work->convblock_2_conv2d_1_conv2d;
        float (*restrict convblock_2_conv2d_1_relu)[16][14][14] = work->convblock_2_conv2d_1_relu;

        enum { out_channels = 16, P = 14, Q = 14 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_2_conv2d_1_relu[n][o][p][q] =
                            max_f32(convblock_2_conv2d_1_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_2.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        const float *restrict convblock_2_batchnorm2d_1_weight =
            params->convblock_2_batchnorm2d_1_weight;
        const float *restrict convblock_2_batchnorm2d_1_bias =
            params->convblock_2_batchnorm2d_1_bias;
        float (*restrict convblock_2_conv2d_1_relu)[16][14][14] = work->convblock_2_conv2d_1_relu;
        float *restrict convblock_2_batchnorm2d_1_mean = work->convblock_2_batchnorm2d_1_mean;
        float *restrict convblock_2_batchnorm2d_1_var = work->convblock_2_batchnorm2d_1_var;
        float (*restrict convblock_2_batchnorm2d_1)[16][14][14] = work->convblock_2_batchnorm2d_1;

        enum { C = 16, H = 14, W = 14 };
        // mean[c] = sum(n < N, h < H, w < W: conv2d_1.relu[n, c, h, w])/(196*N)
        //     (std/norm.net:35)
        // var[c] = sum(n < N, h < H, w < W: (conv2d_1.relu[n, c, h, w] - mean[c])^2)/(196*N)
        //     (std/norm.net:36)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum += (double)convblock_2_conv2d_1_relu[n][c][h][w];
            convblock_2_batchnorm2d_1_mean[c] = (float)sum/(196.0f*(float)N);
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        const float difference = convblock_2_conv2d_1_relu[n][c][h][w]
                            - convblock_2_batchnorm2d_1_mean[c];
                        sum2 += (double)(difference*difference);
                    }
            convblock_2_batchnorm2d_1_var[c] = (float)sum2/(196.0f*(float)N);
        }

        // batchnorm2d_1[n, c, h, w] = (conv2d_1.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_2_batchnorm2d_1_weight[c]
                    /sqrtf(convblock_2_batchnorm2d_1_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_2_batchnorm2d_1[n][c][h][w] = scale
                            *(convblock_2_conv2d_1_relu[n][c][h][w]
                            - convblock_2_batchnorm2d_1_mean[c])
                            + convblock_2_batchnorm2d_1_bias[c];
            }
    }

    // --- convblock_2.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_2_conv2d_2_conv2d_weight)[16][3][3] =
            params->convblock_2_conv2d_2_conv2d_weight;
        const float *restrict convblock_2_conv2d_2_conv2d_bias =
            params->convblock_2_conv2d_2_conv2d_bias;
        float (*restrict convblock_2_batchnorm2d_1)[16][14][14] = work->convblock_2_batchnorm2d_1;
        float (*restrict convblock_2_conv2d_2_conv2d)[16][14][14] =
            work->convblock_2_conv2d_2_conv2d;

        enum { O = 16, P = 14, Q = 14, I = 16, K = 3, H = 14, W = 14 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 14 and 1 <= q +
        //     s and q + s <= 14: weight[o, i, r, s]*batchnorm2d_1[n, i, p + r - 1, q + s - 1]) +
        //     bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_2_conv2d_2_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, H - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, W - q + 1); s++)
                                    sum += convblock_2_conv2d_2_conv2d_weight[o][i][r][s]
                                        *convblock_2_batchnorm2d_1[n][i][p + r - 1][q + s - 1];
                        convblock_2_conv2d_2_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_2.conv2d_2.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_2_conv2d_2_conv2d)[16][14][14] =
            work->convblock_2_conv2d_2_conv2d;
        float (*restrict convblock_2_conv2d_2_relu)[16][14][14] = work->convblock_2_conv2d_2_relu;

        enum { out_channels = 16, P = 14, Q = 14 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_2_conv2d_2_relu[n][o][p][q] =
                            max_f32(convblock_2_conv2d_2_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_2.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        const float *restrict convblock_2_batchnorm2d_2_weight =
            params->convblock_2_batchnorm2d_2_weight;
        const float *restrict convblock_2_batchnorm2d_2_bias =
            params->convblock_2_batchnorm2d_2_bias;
        float (*restrict convblock_2_conv2d_2_relu)[16][14][14] = work->convblock_2_conv2d_2_relu;
        float *restrict convblock_2_batchnorm2d_2_mean = work->convblock_2_batchnorm2d_2_mean;
        float *restrict convblock_2_batchnorm2d_2_var = work->convblock_2_batchnorm2d_2_var;
        float (*restrict convblock_2_batchnorm2d_2)[16][14][14] = work->convblock_2_batchnorm2d_2;

        enum { C = 16, H = 14, W = 14 };
        // mean[c] = sum(n < N, h < H, w < W: conv2d_2.relu[n, c, h, w])/(196*N)
        //     (std/norm.net:35)
        // var[c] = sum(n < N, h < H, w < W: (conv2d_2.relu[n, c, h, w] - mean[c])^2)/(196*N)
        //     (std/norm.net:36)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum += (double)convblock_2_conv2d_2_relu[n][c][h][w];
            convblock_2_batchnorm2d_2_mean[c] = (float)sum/(196.0f*(float)N);
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        const float difference = convblock_2_conv2d_2_relu[n][c][h][w]
                            - convblock_2_batchnorm2d_2_mean[c];
                        sum2 += (double)(difference*difference);
                    }
            convblock_2_batchnorm2d_2_var[c] = (float)sum2/(196.0f*(float)N);
        }

        // batchnorm2d_2[n, c, h, w] = (conv2d_2.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_2_batchnorm2d_2_weight[c]
                    /sqrtf(convblock_2_batchnorm2d_2_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_2_batchnorm2d_2[n][c][h][w] = scale
                            *(convblock_2_conv2d_2_relu[n][c][h][w]
                            - convblock_2_batchnorm2d_2_mean[c])
                            + convblock_2_batchnorm2d_2_bias[c];
            }
    }

    // --- convblock_2.avgpool2d: AvgPool2d(2)  mnist_convblock.net:22 ---
    {
        float (*restrict convblock_2_batchnorm2d_2)[16][14][14] = work->convblock_2_batchnorm2d_2;
        float (*restrict convblock_2_avgpool2d)[16][7][7] = work->convblock_2_avgpool2d;

        enum { C = 16, P = 7, Q = 7, K = 2 };
        // avgpool2d[n, c, p, q] = 0.25*sum(r < K, s < K: batchnorm2d_2[n, c, 2*p + r, 2*q + s])
        //     (std/pool.net:36)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = 0.0f;
                        for (int r = 0; r < K; r++)
                            for (int s = 0; s < K; s++)
                                sum += convblock_2_batchnorm2d_2[n][c][2*p + r][2*q + s];
                        convblock_2_avgpool2d[n][c][p][q] = 0.25f*sum;
                    }
    }

    // --- convblock_2.dropout: Dropout(dropout)  mnist_convblock.net:23 ---
    {
        float (*restrict convblock_2_avgpool2d)[16][7][7] = work->convblock_2_avgpool2d;
        float (*restrict convblock_2_dropout_mask)[16][7][7] = work->convblock_2_dropout_mask;
        float (*restrict convblock_2_dropout)[16][7][7] = work->convblock_2_dropout;

        enum { C = 16, P = 7, Q = 7 };
        // mask[n, c, p, q] = bernoulli(0.75)   (std/dropout.net:8)
        // dropout[n, c, p, q] = 1.3333333333333333*mask[n, c, p, q]*avgpool2d[n, c, p, q]
        //     (std/dropout.net:9)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        convblock_2_dropout_mask[n][c][p][q] =
                            bernoulli_f32(seed, step, STREAM_2, n, 49*c + 7*p + q, 0.75);
                        convblock_2_dropout[n][c][p][q] = 1.3333334f
                            *convblock_2_dropout_mask[n][c][p][q]*convblock_2_avgpool2d[n][c][p][q];
                    }
    }

    // --- convblock_3.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_3_conv2d_1_conv2d_weight)[16][3][3] =
            params->convblock_3_conv2d_1_conv2d_weight;
        const float *restrict convblock_3_conv2d_1_conv2d_bias =
            params->convblock_3_conv2d_1_conv2d_bias;
        float (*restrict convblock_2_dropout)[16][7][7] = work->convblock_2_dropout;
        float (*restrict convblock_3_conv2d_1_conv2d)[16][7][7] = work->convblock_3_conv2d_1_conv2d;

        enum { O = 16, P = 7, Q = 7, I = 16, K = 3 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 7 and 1 <= q +
        //     s and q + s <= 7: weight[o, i, r, s]*convblock_2.dropout[n, i, p + r - 1, q + s -
        //     1]) + bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_3_conv2d_1_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, P - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, Q - q + 1); s++)
                                    sum += convblock_3_conv2d_1_conv2d_weight[o][i][r][s]
                                        *convblock_2_dropout[n][i][p + r - 1][q + s - 1];
                        convblock_3_conv2d_1_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_3.conv2d_1.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_3_conv2d_1_conv2d)[16][7][7] = work->convblock_3_conv2d_1_conv2d;
        float (*restrict convblock_3_conv2d_1_relu)[16][7][7] = work->convblock_3_conv2d_1_relu;

        enum { out_channels = 16, P = 7, Q = 7 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_3_conv2d_1_relu[n][o][p][q] =
                            max_f32(convblock_3_conv2d_1_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_3.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        const float *restrict convblock_3_batchnorm2d_1_weight =
            params->convblock_3_batchnorm2d_1_weight;
        const float *restrict convblock_3_batchnorm2d_1_bias =
            params->convblock_3_batchnorm2d_1_bias;
        float (*restrict convblock_3_conv2d_1_relu)[16][7][7] = work->convblock_3_conv2d_1_relu;
        float *restrict convblock_3_batchnorm2d_1_mean = work->convblock_3_batchnorm2d_1_mean;
        float *restrict convblock_3_batchnorm2d_1_var = work->convblock_3_batchnorm2d_1_var;
        float (*restrict convblock_3_batchnorm2d_1)[16][7][7] = work->convblock_3_batchnorm2d_1;

        enum { C = 16, H = 7, W = 7 };
        // mean[c] = sum(n < N, h < H, w < W: conv2d_1.relu[n, c, h, w])/(49*N)
        //     (std/norm.net:35)
        // var[c] = sum(n < N, h < H, w < W: (conv2d_1.relu[n, c, h, w] - mean[c])^2)/(49*N)
        //     (std/norm.net:36)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum += (double)convblock_3_conv2d_1_relu[n][c][h][w];
            convblock_3_batchnorm2d_1_mean[c] = (float)sum/(49.0f*(float)N);
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        const float difference = convblock_3_conv2d_1_relu[n][c][h][w]
                            - convblock_3_batchnorm2d_1_mean[c];
                        sum2 += (double)(difference*difference);
                    }
            convblock_3_batchnorm2d_1_var[c] = (float)sum2/(49.0f*(float)N);
        }

        // batchnorm2d_1[n, c, h, w] = (conv2d_1.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_3_batchnorm2d_1_weight[c]
                    /sqrtf(convblock_3_batchnorm2d_1_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_3_batchnorm2d_1[n][c][h][w] = scale
                            *(convblock_3_conv2d_1_relu[n][c][h][w]
                            - convblock_3_batchnorm2d_1_mean[c])
                            + convblock_3_batchnorm2d_1_bias[c];
            }
    }

    // --- convblock_3.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_3_conv2d_2_conv2d_weight)[16][3][3] =
            params->convblock_3_conv2d_2_conv2d_weight;
        const float *restrict convblock_3_conv2d_2_conv2d_bias =
            params->convblock_3_conv2d_2_conv2d_bias;
        float (*restrict convblock_3_batchnorm2d_1)[16][7][7] = work->convblock_3_batchnorm2d_1;
        float (*restrict convblock_3_conv2d_2_conv2d)[16][7][7] = work->convblock_3_conv2d_2_conv2d;

        enum { O = 16, P = 7, Q = 7, I = 16, K = 3, H = 7, W = 7 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 7 and 1 <= q +
        //     s and q + s <= 7: weight[o, i, r, s]*batchnorm2d_1[n, i, p + r - 1, q + s - 1]) +
        //     bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_3_conv2d_2_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, H - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, W - q + 1); s++)
                                    sum += convblock_3_conv2d_2_conv2d_weight[o][i][r][s]
                                        *convblock_3_batchnorm2d_1[n][i][p + r - 1][q + s - 1];
                        convblock_3_conv2d_2_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_3.conv2d_2.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_3_conv2d_2_conv2d)[16][7][7] = work->convblock_3_conv2d_2_conv2d;
        float (*restrict convblock_3_conv2d_2_relu)[16][7][7] = work->convblock_3_conv2d_2_relu;

        enum { out_channels = 16, P = 7, Q = 7 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_3_conv2d_2_relu[n][o][p][q] =
                            max_f32(convblock_3_conv2d_2_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_3.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        const float *restrict convblock_3_batchnorm2d_2_weight =
            params->convblock_3_batchnorm2d_2_weight;
        const float *restrict convblock_3_batchnorm2d_2_bias =
            params->convblock_3_batchnorm2d_2_bias;
        float (*restrict convblock_3_conv2d_2_relu)[16][7][7] = work->convblock_3_conv2d_2_relu;
        float *restrict convblock_3_batchnorm2d_2_mean = work->convblock_3_batchnorm2d_2_mean;
        float *restrict convblock_3_batchnorm2d_2_var = work->convblock_3_batchnorm2d_2_var;
        float (*restrict convblock_3_batchnorm2d_2)[16][7][7] = work->convblock_3_batchnorm2d_2;

        enum { C = 16, H = 7, W = 7 };
        // mean[c] = sum(n < N, h < H, w < W: conv2d_2.relu[n, c, h, w])/(49*N)
        //     (std/norm.net:35)
        // var[c] = sum(n < N, h < H, w < W: (conv2d_2.relu[n, c, h, w] - mean[c])^2)/(49*N)
        //     (std/norm.net:36)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        sum += (double)convblock_3_conv2d_2_relu[n][c][h][w];
            convblock_3_batchnorm2d_2_mean[c] = (float)sum/(49.0f*(float)N);
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        const float difference = convblock_3_conv2d_2_relu[n][c][h][w]
                            - convblock_3_batchnorm2d_2_mean[c];
                        sum2 += (double)(difference*difference);
                    }
            convblock_3_batchnorm2d_2_var[c] = (float)sum2/(49.0f*(float)N);
        }

        // batchnorm2d_2[n, c, h, w] = (conv2d_2.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_3_batchnorm2d_2_weight[c]
                    /sqrtf(convblock_3_batchnorm2d_2_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_3_batchnorm2d_2[n][c][h][w] = scale
                            *(convblock_3_conv2d_2_relu[n][c][h][w]
                            - convblock_3_batchnorm2d_2_mean[c])
                            + convblock_3_batchnorm2d_2_bias[c];
            }
    }

    // --- convblock_3.avgpool2d: AvgPool2d(2)  mnist_convblock.net:22 ---
    {
        float (*restrict convblock_3_batchnorm2d_2)[16][7][7] = work->convblock_3_batchnorm2d_2;
        float (*restrict convblock_3_avgpool2d)[16][3][3] = work->convblock_3_avgpool2d;

        enum { C = 16, P = 3, Q = 3, K = 2 };
        // avgpool2d[n, c, p, q] = 0.25*sum(r < K, s < K: batchnorm2d_2[n, c, 2*p + r, 2*q + s])
        //     (std/pool.net:36)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = 0.0f;
                        for (int r = 0; r < K; r++)
                            for (int s = 0; s < K; s++)
                                sum += convblock_3_batchnorm2d_2[n][c][2*p + r][2*q + s];
                        convblock_3_avgpool2d[n][c][p][q] = 0.25f*sum;
                    }
    }

    // --- convblock_3.dropout: Dropout(dropout)  mnist_convblock.net:23 ---
    {
        float (*restrict convblock_3_avgpool2d)[16][3][3] = work->convblock_3_avgpool2d;
        float (*restrict convblock_3_dropout_mask)[16][3][3] = work->convblock_3_dropout_mask;
        float (*restrict convblock_3_dropout)[16][3][3] = work->convblock_3_dropout;

        enum { C = 16, P = 3, Q = 3 };
        // mask[n, c, p, q] = bernoulli(0.8)   (std/dropout.net:8)
        // dropout[n, c, p, q] = 1.25*mask[n, c, p, q]*avgpool2d[n, c, p, q]
        //     (std/dropout.net:9)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        convblock_3_dropout_mask[n][c][p][q] =
                            bernoulli_f32(seed, step, STREAM_3, n, 9*c + 3*p + q, 0.8);
                        convblock_3_dropout[n][c][p][q] = 1.25f*convblock_3_dropout_mask[n][c][p][q]
                            *convblock_3_avgpool2d[n][c][p][q];
                    }
    }

    // --- conv2d.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict conv2d_conv2d_weight)[16][1][1] = params->conv2d_conv2d_weight;
        const float *restrict conv2d_conv2d_bias = params->conv2d_conv2d_bias;
        float (*restrict convblock_3_dropout)[16][3][3] = work->convblock_3_dropout;
        float (*restrict conv2d_conv2d)[10][3][3] = work->conv2d_conv2d;

        enum { O = 10, P = 3, Q = 3, I = 16 };
        // conv2d[n, o, p, q] = sum(i < I: weight[o, i, 0, 0]*convblock_3.dropout[n, i, p, q]) +
        //     bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = conv2d_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            sum += conv2d_conv2d_weight[o][i][0][0]*convblock_3_dropout[n][i][p][q];
                        conv2d_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- conv2d.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict conv2d_conv2d)[10][3][3] = work->conv2d_conv2d;
        float (*restrict conv2d_relu)[10][3][3] = work->conv2d_relu;

        enum { out_channels = 10, P = 3, Q = 3 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        conv2d_relu[n][o][p][q] = max_f32(conv2d_conv2d[n][o][p][q], 0.0f);
    }

    // --- reshape: reshape(_, [90])  mnist_convblock.net:31 ---
    {
        float (*restrict conv2d_relu)[10][3][3] = work->conv2d_relu;
        float (*restrict reshape)[90] = work->reshape;

        enum { out_channels = 10, P = 3, Q = 3 };
        // reshape[n, q + 3*p + 9*o] = conv2d.relu[n, o, p, q]   (mnist_convblock.net:31)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        reshape[n][9*o + 3*p + q] = conv2d_relu[n][o][p][q];
    }

    // --- dense.linear:
    //     Linear(out_features, weight=xavier_uniform())  mnist_convblock.net:13 ---
    {
        const float (*restrict dense_linear_weight)[90] = params->dense_linear_weight;
        const float *restrict dense_linear_bias = params->dense_linear_bias;
        float (*restrict reshape)[90] = work->reshape;
        float (*restrict dense_linear)[10] = work->dense_linear;

        enum { out_features = 10, I = 90 };
        // linear[n, o] = sum(i < I: weight[o, i]*reshape[n, i]) + bias[o]   (std/linear.net:7)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_features; o++) {
                float sum = dense_linear_bias[o];
                for (int i = 0; i < I; i++)
                    sum += dense_linear_weight[o][i]*reshape[n][i];
                dense_linear[n][o] = sum;
            }
    }

    // --- dense.logsoftmax: LogSoftmax  mnist_convblock.net:14 ---
    {
        float (*restrict dense_linear)[10] = work->dense_linear;
        float *restrict dense_logsoftmax_m = work->dense_logsoftmax_m;
        float *restrict log_probs_sum = work->log_probs_sum;

        enum { I = 10 };
        // m[n] = stop(max(i < I: linear[n, i]))   (std/softmax.net:21)
        // log_probs_sum[n] = sum(j < I: exp(linear[n, j] - m[n]))   (std/softmax.net:22)
        // log_probs[n, i] = linear[n, i] - m[n] - log(log_probs_sum[n])   (std/softmax.net:22)
        PARALLEL_FOR
        for (int n = 0; n < N; n++) {
            float best = -INFINITY;
            for (int i = 0; i < I; i++) {
                const float value = dense_linear[n][i];
                if (best < value || value != value)
                    best = value;
            }
            dense_logsoftmax_m[n] = best;
            float sum = 0.0f;
            for (int j = 0; j < I; j++)
                sum += expf(dense_linear[n][j] - dense_logsoftmax_m[n]);
            log_probs_sum[n] = sum;
            const float log_log_probs_sum = logf(log_probs_sum[n]);
            for (int i = 0; i < I; i++)
                log_probs[n][i] = dense_linear[n][i] - dense_logsoftmax_m[n] - log_log_probs_sum;
        }
    }

    // --- nllloss: NLLLoss  mnist_convblock.net:35 ---
    // loss[n] = -log_probs[n, digit[n]]   (std/loss.net:38)
    for (int n = 0; n < N; n++)
        loss[n] = -log_probs[n][digit[n]];

    // loss_mean = sum(n < N: loss[n])/N   (mnist_convblock.net:35)
    double sum = 0.0;
    for (int n = 0; n < N; n++)
        sum += (double)loss[n];
    results->loss = sum/(double)N;

    // --- accuracy: accuracy  mnist_convblock.net:36 ---
    {
        enum { K = 10 };
        // accuracy_argmax[n] = argmax(k < K: log_probs[n, k])   (std/metric.net:5)
        // accuracy[n] = if accuracy_argmax[n] == digit[n] then 1 else 0   (std/metric.net:5)
        for (int n = 0; n < N; n++) {
            float best = -INFINITY;
            int accuracy_argmax = 0;
            for (int k = 0; k < K; k++) {
                const float value = log_probs[n][k];
                if (best < value || value != value) {
                    best = value;
                    accuracy_argmax = k;
                }
            }
            accuracy[n] = accuracy_argmax == digit[n] ? 1.0f : 0.0f;
        }
    }

    // accuracy_mean = sum(n < N: accuracy[n])/N   (mnist_convblock.net:36)
    double sum2 = 0.0;
    for (int n = 0; n < N; n++)
        sum2 += (double)accuracy[n];
    results->accuracy = sum2/(double)N;
}

// The gradient of the loss with respect to every parameter; after forward.
void mnist_convblock_backward(const mnist_convblock_params *params, mnist_convblock_params *grads,
                              const mnist_convblock_batch *batch, mnist_convblock_work *work, int N,
                              int threads) {
    // --- dense.logsoftmax: LogSoftmax  mnist_convblock.net:14 ---
    {
        const int32_t *restrict digit = batch->digit;
        float (*restrict dense_linear)[10] = work->dense_linear;
        float *restrict dense_logsoftmax_m = work->dense_logsoftmax_m;
        float *restrict log_probs_sum = work->log_probs_sum;
        float (*restrict d_dense_linear)[10] = work->d_dense_linear;

        enum { out_features = 10 };
        // d_log_probs_sum[n] = 1/(N*log_probs_sum[n])   (std/softmax.net:22)
        // d_linear[n, o] = d_log_probs_sum[n]*exp(linear[n, o] - m[n]) + (if o == digit[n] then
        //     -1/N else 0)   (std/softmax.net:22)
        PARALLEL_FOR
        for (int n = 0; n < N; n++) {
            const float d_log_probs_sum = 1.0f/((float)N*log_probs_sum[n]);
            for (int o = 0; o < out_features; o++)
                d_dense_linear[n][o] = d_log_probs_sum
                    *expf(dense_linear[n][o] - dense_logsoftmax_m[n])
                    + (o == digit[n] ? -1.0f/(float)N : 0.0f);
        }
    }

    // --- dense.linear:
    //     Linear(out_features, weight=xavier_uniform())  mnist_convblock.net:13 ---
    {
        const float (*restrict dense_linear_weight)[90] = params->dense_linear_weight;
        float (*restrict d_dense_linear)[10] = work->d_dense_linear;
        float (*restrict d_reshape)[90] = work->d_reshape;

        enum { I = 90, out_features = 10 };
        // d_reshape[n, i] = sum(o < out_features: d_linear[n, o]*weight[o, i])
        //     (std/linear.net:7)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int i = 0; i < I; i++) {
                float sum = 0.0f;
                for (int o = 0; o < out_features; o++)
                    sum += d_dense_linear[n][o]*dense_linear_weight[o][i];
                d_reshape[n][i] = sum;
            }
    }

    // --- conv2d.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict conv2d_relu)[10][3][3] = work->conv2d_relu;
        float (*restrict d_reshape)[90] = work->d_reshape;
        float (*restrict d_conv2d_conv2d)[10][3][3] = work->d_conv2d_conv2d;

        enum { out_channels = 10, P = 3, Q = 3 };
        // d_conv2d[n, o, p, q] = if 0 < relu[n, o, p, q] then d_reshape[n, 9*o + 3*p + q] else 0
        //     (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        const float value = d_reshape[n][9*o + 3*p + q];
                        d_conv2d_conv2d[n][o][p][q] = conv2d_relu[n][o][p][q] > 0.0f ? value : 0.0f;
                    }
    }

    // --- conv2d.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict conv2d_conv2d_weight)[16][1][1] = params->conv2d_conv2d_weight;
        float (*restrict d_conv2d_conv2d)[10][3][3] = work->d_conv2d_conv2d;
        float (*restrict d_convblock_3_dropout)[16][3][3] = work->d_convblock_3_dropout;

        enum { C = 16, P = 3, Q = 3, O = 10 };
        // d_convblock_3.dropout[n, c, p, q] = sum(o < O: d_conv2d[n, o, p, q]*weight[o, c, 0,
        //     0])   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = 0.0f;
                        for (int o = 0; o < O; o++)
                            sum += d_conv2d_conv2d[n][o][p][q]*conv2d_conv2d_weight[o][c][0][0];
                        d_convblock_3_dropout[n][c][p][q] = sum;
                    }
    }

    // --- convblock_3.avgpool2d: AvgPool2d(2)  mnist_convblock.net:22 ---
    {
        float (*restrict convblock_3_dropout_mask)[16][3][3] = work->convblock_3_dropout_mask;
        float (*restrict d_convblock_3_dropout)[16][3][3] = work->d_convblock_3_dropout;
        float (*restrict d_convblock_3_batchnorm2d_2)[16][7][7] = work->d_convblock_3_batchnorm2d_2;

        enum { C = 16, H = 7, W = 7, P = 3, K = 2, Q = 3 };
        // d_batchnorm2d_2[n, c, h, w] = 0   (std/pool.net:36)
        // d_batchnorm2d_2[n, c, 2*p + r, 2*q + s] += 0.3125*d_dropout[n, c, p,
        //     q]*dropout.mask[n, c, p, q]   (std/pool.net:36)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        d_convblock_3_batchnorm2d_2[n][c][h][w] = 0.0f;
                for (int p = 0; p < P; p++)
                    for (int r = 0; r < K; r++)
                        for (int q = 0; q < Q; q++) {
                            const float offset = 0.3125f*d_convblock_3_dropout[n][c][p][q]
                                *convblock_3_dropout_mask[n][c][p][q];
                            for (int s = 0; s < K; s++)
                                d_convblock_3_batchnorm2d_2[n][c][2*p + r][2*q + s] += offset;
                        }
            }
    }

    // --- convblock_3.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        const float *restrict convblock_3_batchnorm2d_2_weight =
            params->convblock_3_batchnorm2d_2_weight;
        float (*restrict convblock_3_conv2d_2_relu)[16][7][7] = work->convblock_3_conv2d_2_relu;
        float *restrict convblock_3_batchnorm2d_2_mean = work->convblock_3_batchnorm2d_2_mean;
        float *restrict convblock_3_batchnorm2d_2_var = work->convblock_3_batchnorm2d_2_var;
        float *restrict d_convblock_3_batchnorm2d_2_weight =
            grads->convblock_3_batchnorm2d_2_weight;
        float *restrict d_convblock_3_batchnorm2d_2_bias = grads->convblock_3_batchnorm2d_2_bias;
        float (*restrict d_convblock_3_batchnorm2d_2)[16][7][7] = work->d_convblock_3_batchnorm2d_2;
        float *restrict d_convblock_3_batchnorm2d_2_var = work->d_convblock_3_batchnorm2d_2_var;
        float *restrict d_convblock_3_batchnorm2d_2_mean = work->d_convblock_3_batchnorm2d_2_mean;

        enum { C = 16, H = 7, W = 7 };
        // d_bias[c] = sum(n < N, h < H, w < W: d_batchnorm2d_2[n, c, h, w])   (std/norm.net:43)
        // sum_d_batchnorm2d_2[c] = sum(n < N, h < H, w < W: d_batchnorm2d_2[n, c, h,
        //     w]*(conv2d_2.relu[n, c, h, w] - mean[c]))   (std/norm.net:43)
        // d_var[c] = -0.5*weight[c]*sum_d_batchnorm2d_2[c]/((var[c] + 1e-05)*sqrt(var[c] +
        //     1e-05))   (std/norm.net:43)
        // d_mean[c] = -weight[c]*d_bias[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        // d_weight[c] = sum_d_batchnorm2d_2[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        sum += (double)d_convblock_3_batchnorm2d_2[n][c][h][w];
                        sum2 +=
                            (double)(d_convblock_3_batchnorm2d_2[n][c][h][w]
                            *(convblock_3_conv2d_2_relu[n][c][h][w]
                            - convblock_3_batchnorm2d_2_mean[c]));
                    }
            d_convblock_3_batchnorm2d_2_bias[c] = (float)sum;
            const float sum_d_y = (float)sum2;
            const float root_var = sqrtf(convblock_3_batchnorm2d_2_var[c] + 1e-05f);
            d_convblock_3_batchnorm2d_2_var[c] = -0.5f*convblock_3_batchnorm2d_2_weight[c]*sum_d_y
                /((convblock_3_batchnorm2d_2_var[c] + 1e-05f)*root_var);
            d_convblock_3_batchnorm2d_2_mean[c] =
                -(convblock_3_batchnorm2d_2_weight[c]*d_convblock_3_batchnorm2d_2_bias[c])/root_var;
            d_convblock_3_batchnorm2d_2_weight[c] = sum_d_y/root_var;
        }
    }

    // --- convblock_3.conv2d_2.relu: ReLU  mnist_convblock.net:9 ---
    {
        const float *restrict convblock_3_batchnorm2d_2_weight =
            params->convblock_3_batchnorm2d_2_weight;
        float (*restrict convblock_3_conv2d_2_relu)[16][7][7] = work->convblock_3_conv2d_2_relu;
        float *restrict convblock_3_batchnorm2d_2_mean = work->convblock_3_batchnorm2d_2_mean;
        float *restrict convblock_3_batchnorm2d_2_var = work->convblock_3_batchnorm2d_2_var;
        float (*restrict d_convblock_3_batchnorm2d_2)[16][7][7] = work->d_convblock_3_batchnorm2d_2;
        float *restrict d_convblock_3_batchnorm2d_2_var = work->d_convblock_3_batchnorm2d_2_var;
        float *restrict d_convblock_3_batchnorm2d_2_mean = work->d_convblock_3_batchnorm2d_2_mean;
        float (*restrict d_convblock_3_conv2d_2_conv2d)[16][7][7] =
            work->d_convblock_3_conv2d_2_conv2d;

        enum { out_channels = 16, P = 7, Q = 7 };
        // d_conv2d[n, o, p, q] = if 0 < relu[n, o, p, q] then d_batchnorm2d_2.mean[o]/(49*N) +
        //     2*d_batchnorm2d_2.var[o]*(relu[n, o, p, q] - batchnorm2d_2.mean[o])/(49*N) +
        //     d_batchnorm2d_2[n, o, p, q]*batchnorm2d_2.weight[o]/sqrt(batchnorm2d_2.var[o] +
        //     1e-05) else 0   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++) {
                const float offset = d_convblock_3_batchnorm2d_2_mean[o]/(49.0f*(float)N);
                const float scale = 2.0f*d_convblock_3_batchnorm2d_2_var[o]/(49.0f*(float)N);
                const float scale2 = convblock_3_batchnorm2d_2_weight[o]
                    /sqrtf(convblock_3_batchnorm2d_2_var[o] + 1e-05f);
                const float mean = convblock_3_batchnorm2d_2_mean[o];
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        const float value = d_convblock_3_batchnorm2d_2[n][o][p][q];
                        d_convblock_3_conv2d_2_conv2d[n][o][p][q] =
                            convblock_3_conv2d_2_relu[n][o][p][q] > 0.0f
                            ? offset + scale*(convblock_3_conv2d_2_relu[n][o][p][q] - mean)
                            + scale2*value : 0.0f;
                    }
            }
    }

    // --- convblock_3.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_3_conv2d_2_conv2d_weight)[16][3][3] =
            params->convblock_3_conv2d_2_conv2d_weight;
        float (*restrict d_convblock_3_conv2d_2_conv2d)[16][7][7] =
            work->d_convblock_3_conv2d_2_conv2d;
        float (*restrict d_convblock_3_batchnorm2d_1)[16][7][7] = work->d_convblock_3_batchnorm2d_1;

        enum { C = 16, H = 7, W = 7, O = 16, K = 3, P = 7, Q = 7 };
        // d_batchnorm2d_1[n, c, h, w] = sum(o < O, r < K, s < K | r <= h + 1 and h <= r + 5 and
        //     s <= w + 1 and w <= s + 5: d_conv2d[n, o, h - r + 1, w - s + 1]*weight[o, c, r,
        //     s])   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        float sum = 0.0f;
                        for (int o = 0; o < O; o++)
                            for (int r = int_max(0, h + 2 - P); r < int_min(K, h + 2); r++)
                                for (int s = int_max(0, w + 2 - Q); s < int_min(K, w + 2); s++)
                                    sum += d_convblock_3_conv2d_2_conv2d[n][o][h - r + 1][w - s + 1]
                                        *convblock_3_conv2d_2_conv2d_weight[o][c][r][s];
                        d_convblock_3_batchnorm2d_1[n][c][h][w] = sum;
                    }
    }

    // --- convblock_3.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        const float *restrict convblock_3_batchnorm2d_1_weight =
            params->convblock_3_batchnorm2d_1_weight;
        float (*restrict convblock_3_conv2d_1_relu)[16][7][7] = work->convblock_3_conv2d_1_relu;
        float *restrict convblock_3_batchnorm2d_1_mean = work->convblock_3_batchnorm2d_1_mean;
        float *restrict convblock_3_batchnorm2d_1_var = work->convblock_3_batchnorm2d_1_var;
        float *restrict d_convblock_3_batchnorm2d_1_weight =
            grads->convblock_3_batchnorm2d_1_weight;
        float *restrict d_convblock_3_batchnorm2d_1_bias = grads->convblock_3_batchnorm2d_1_bias;
        float (*restrict d_convblock_3_batchnorm2d_1)[16][7][7] = work->d_convblock_3_batchnorm2d_1;
        float *restrict d_convblock_3_batchnorm2d_1_var = work->d_convblock_3_batchnorm2d_1_var;
        float *restrict d_convblock_3_batchnorm2d_1_mean = work->d_convblock_3_batchnorm2d_1_mean;

        enum { C = 16, H = 7, W = 7 };
        // d_bias[c] = sum(n < N, h < H, w < W: d_batchnorm2d_1[n, c, h, w])   (std/norm.net:43)
        // sum_d_batchnorm2d_1[c] = sum(n < N, h < H, w < W: d_batchnorm2d_1[n, c, h,
        //     w]*(conv2d_1.relu[n, c, h, w] - mean[c]))   (std/norm.net:43)
        // d_var[c] = -0.5*weight[c]*sum_d_batchnorm2d_1[c]/((var[c] + 1e-05)*sqrt(var[c] +
        //     1e-05))   (std/norm.net:43)
        // d_mean[c] = -weight[c]*d_bias[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        // d_weight[c] = sum_d_batchnorm2d_1[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        sum += (double)d_convblock_3_batchnorm2d_1[n][c][h][w];
                        sum2 +=
                            (double)(d_convblock_3_batchnorm2d_1[n][c][h][w]
                            *(convblock_3_conv2d_1_relu[n][c][h][w]
                            - convblock_3_batchnorm2d_1_mean[c]));
                    }
            d_convblock_3_batchnorm2d_1_bias[c] = (float)sum;
            const float sum_d_y = (float)sum2;
            const float root_var = sqrtf(convblock_3_batchnorm2d_1_var[c] + 1e-05f);
            d_convblock_3_batchnorm2d_1_var[c] = -0.5f*convblock_3_batchnorm2d_1_weight[c]*sum_d_y
                /((convblock_3_batchnorm2d_1_var[c] + 1e-05f)*root_var);
            d_convblock_3_batchnorm2d_1_mean[c] =
                -(convblock_3_batchnorm2d_1_weight[c]*d_convblock_3_batchnorm2d_1_bias[c])/root_var;
            d_convblock_3_batchnorm2d_1_weight[c] = sum_d_y/root_var;
        }
    }

    // --- convblock_3.conv2d_1.relu: ReLU  mnist_convblock.net:9 ---
    {
        const float *restrict convblock_3_batchnorm2d_1_weight =
            params->convblock_3_batchnorm2d_1_weight;
        float (*restrict convblock_3_conv2d_1_relu)[16][7][7] = work->convblock_3_conv2d_1_relu;
        float *restrict convblock_3_batchnorm2d_1_mean = work->convblock_3_batchnorm2d_1_mean;
        float *restrict convblock_3_batchnorm2d_1_var = work->convblock_3_batchnorm2d_1_var;
        float (*restrict d_convblock_3_batchnorm2d_1)[16][7][7] = work->d_convblock_3_batchnorm2d_1;
        float *restrict d_convblock_3_batchnorm2d_1_var = work->d_convblock_3_batchnorm2d_1_var;
        float *restrict d_convblock_3_batchnorm2d_1_mean = work->d_convblock_3_batchnorm2d_1_mean;
        float (*restrict d_convblock_3_conv2d_1_conv2d)[16][7][7] =
            work->d_convblock_3_conv2d_1_conv2d;

        enum { out_channels = 16, P = 7, Q = 7 };
        // d_conv2d[n, o, p, q] = if 0 < relu[n, o, p, q] then d_batchnorm2d_1.mean[o]/(49*N) +
        //     2*d_batchnorm2d_1.var[o]*(relu[n, o, p, q] - batchnorm2d_1.mean[o])/(49*N) +
        //     d_batchnorm2d_1[n, o, p, q]*batchnorm2d_1.weight[o]/sqrt(batchnorm2d_1.var[o] +
        //     1e-05) else 0   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++) {
                const float offset = d_convblock_3_batchnorm2d_1_mean[o]/(49.0f*(float)N);
                const float scale = 2.0f*d_convblock_3_batchnorm2d_1_var[o]/(49.0f*(float)N);
                const float scale2 = convblock_3_batchnorm2d_1_weight[o]
                    /sqrtf(convblock_3_batchnorm2d_1_var[o] + 1e-05f);
                const float mean = convblock_3_batchnorm2d_1_mean[o];
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        const float value = d_convblock_3_batchnorm2d_1[n][o][p][q];
                        d_convblock_3_conv2d_1_conv2d[n][o][p][q] =
                            convblock_3_conv2d_1_relu[n][o][p][q] > 0.0f
                            ? offset + scale*(convblock_3_conv2d_1_relu[n][o][p][q] - mean)
                            + scale2*value : 0.0f;
                    }
            }
    }

    // --- convblock_3.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_3_conv2d_1_conv2d_weight)[16][3][3] =
            params->convblock_3_conv2d_1_conv2d_weight;
        float (*restrict d_convblock_3_conv2d_1_conv2d)[16][7][7] =
            work->d_convblock_3_conv2d_1_conv2d;
        float (*restrict d_convblock_2_dropout)[16][7][7] = work->d_convblock_2_dropout;

        enum { C = 16, P = 7, Q = 7, O = 16, K = 3 };
        // d_convblock_2.dropout[n, c, p, q] = sum(o < O, r < K, s < K | r <= p + 1 and p <= r +
        //     5 and s <= q + 1 and q <= s + 5: d_conv2d[n, o, p - r + 1, q - s + 1]*weight[o, c,
        //     r, s])   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = 0.0f;
                        for (int o = 0; o < O; o++)
                            for (int r = int_max(0, p + 2 - P); r < int_min(K, p + 2); r++)
                                for (int s = int_max(0, q + 2 - Q); s < int_min(K, q + 2); s++)
                                    sum += d_convblock_3_conv2d_1_conv2d[n][o][p - r + 1][q - s + 1]
                                        *convblock_3_conv2d_1_conv2d_weight[o][c][r][s];
                        d_convblock_2_dropout[n][c][p][q] = sum;
                    }
    }

    // --- convblock_2.avgpool2d: AvgPool2d(2)  mnist_convblock.net:22 ---
    {
        float (*restrict convblock_2_dropout_mask)[16][7][7] = work->convblock_2_dropout_mask;
        float (*restrict d_convblock_2_dropout)[16][7][7] = work->d_convblock_2_dropout;
        float (*restrict d_convblock_2_batchnorm2d_2)[16][14][14] =
            work->d_convblock_2_batchnorm2d_2;

        enum { C = 16, P = 7, K = 2, Q = 7 };
        // d_batchnorm2d_2[n, c, 2*p + r, 2*q + s] = 0.3333333333333333*d_dropout[n, c, p,
        //     q]*dropout.mask[n, c, p, q]   (std/pool.net:36)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int r = 0; r < K; r++)
                        for (int q = 0; q < Q; q++) {
                            const float offset = 0.33333334f*d_convblock_2_dropout[n][c][p][q]
                                *convblock_2_dropout_mask[n][c][p][q];
                            for (int s = 0; s < K; s++)
                                d_convblock_2_batchnorm2d_2[n][c][2*p + r][2*q + s] = offset;
                        }
    }

    // --- convblock_2.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        const float *restrict convblock_2_batchnorm2d_2_weight =
            params->convblock_2_batchnorm2d_2_weight;
        float (*restrict convblock_2_conv2d_2_relu)[16][14][14] = work->convblock_2_conv2d_2_relu;
        float *restrict convblock_2_batchnorm2d_2_mean = work->convblock_2_batchnorm2d_2_mean;
        float *restrict convblock_2_batchnorm2d_2_var = work->convblock_2_batchnorm2d_2_var;
        float *restrict d_convblock_2_batchnorm2d_2_weight =
            grads->convblock_2_batchnorm2d_2_weight;
        float *restrict d_convblock_2_batchnorm2d_2_bias = grads->convblock_2_batchnorm2d_2_bias;
        float (*restrict d_convblock_2_batchnorm2d_2)[16][14][14] =
            work->d_convblock_2_batchnorm2d_2;
        float *restrict d_convblock_2_batchnorm2d_2_var = work->d_convblock_2_batchnorm2d_2_var;
        float *restrict d_convblock_2_batchnorm2d_2_mean = work->d_convblock_2_batchnorm2d_2_mean;

        enum { C = 16, H = 14, W = 14 };
        // d_bias[c] = sum(n < N, h < H, w < W: d_batchnorm2d_2[n, c, h, w])   (std/norm.net:43)
        // sum_d_batchnorm2d_2[c] = sum(n < N, h < H, w < W: d_batchnorm2d_2[n, c, h,
        //     w]*(conv2d_2.relu[n, c, h, w] - mean[c]))   (std/norm.net:43)
        // d_var[c] = -0.5*weight[c]*sum_d_batchnorm2d_2[c]/((var[c] + 1e-05)*sqrt(var[c] +
        //     1e-05))   (std/norm.net:43)
        // d_mean[c] = -weight[c]*d_bias[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        // d_weight[c] = sum_d_batchnorm2d_2[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        sum += (double)d_convblock_2_batchnorm2d_2[n][c][h][w];
                        sum2 +=
                            (double)(d_convblock_2_batchnorm2d_2[n][c][h][w]
                            *(convblock_2_conv2d_2_relu[n][c][h][w]
                            - convblock_2_batchnorm2d_2_mean[c]));
                    }
            d_convblock_2_batchnorm2d_2_bias[c] = (float)sum;
            const float sum_d_y = (float)sum2;
            const float root_var = sqrtf(convblock_2_batchnorm2d_2_var[c] + 1e-05f);
            d_convblock_2_batchnorm2d_2_var[c] = -0.5f*convblock_2_batchnorm2d_2_weight[c]*sum_d_y
                /((convblock_2_batchnorm2d_2_var[c] + 1e-05f)*root_var);
            d_convblock_2_batchnorm2d_2_mean[c] =
                -(convblock_2_batchnorm2d_2_weight[c]*d_convblock_2_batchnorm2d_2_bias[c])/root_var;
            d_convblock_2_batchnorm2d_2_weight[c] = sum_d_y/root_var;
        }
    }

    // --- convblock_2.conv2d_2.relu: ReLU  mnist_convblock.net:9 ---
    {
        const float *restrict convblock_2_batchnorm2d_2_weight =
            params->convblock_2_batchnorm2d_2_weight;
        float (*restrict convblock_2_conv2d_2_relu)[16][14][14] = work->convblock_2_conv2d_2_relu;
        float *restrict convblock_2_batchnorm2d_2_mean = work->convblock_2_batchnorm2d_2_mean;
        float *restrict convblock_2_batchnorm2d_2_var = work->convblock_2_batchnorm2d_2_var;
        float (*restrict d_convblock_2_batchnorm2d_2)[16][14][14] =
            work->d_convblock_2_batchnorm2d_2;
        float *restrict d_convblock_2_batchnorm2d_2_var = work->d_convblock_2_batchnorm2d_2_var;
        float *restrict d_convblock_2_batchnorm2d_2_mean = work->d_convblock_2_batchnorm2d_2_mean;
        float (*restrict d_convblock_2_conv2d_2_conv2d)[16][14][14] =
            work->d_convblock_2_conv2d_2_conv2d;

        enum { out_channels = 16, P = 14, Q = 14 };
        // d_conv2d[n, o, p, q] = if 0 < relu[n, o, p, q] then d_batchnorm2d_2.mean[o]/(196*N) +
        //     d_batchnorm2d_2.var[o]*(relu[n, o, p, q] - batchnorm2d_2.mean[o])/(98*N) +
        //     d_batchnorm2d_2[n, o, p, q]*batchnorm2d_2.weight[o]/sqrt(batchnorm2d_2.var[o] +
        //     1e-05) else 0   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++) {
                const float offset = d_convblock_2_batchnorm2d_2_mean[o]/(196.0f*(float)N);
                const float scale = d_convblock_2_batchnorm2d_2_var[o]/(98.0f*(float)N);
                const float scale2 = convblock_2_batchnorm2d_2_weight[o]
                    /sqrtf(convblock_2_batchnorm2d_2_var[o] + 1e-05f);
                const float mean = convblock_2_batchnorm2d_2_mean[o];
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        const float value = d_convblock_2_batchnorm2d_2[n][o][p][q];
                        d_convblock_2_conv2d_2_conv2d[n][o][p][q] =
                            convblock_2_conv2d_2_relu[n][o][p][q] > 0.0f
                            ? offset + scale*(convblock_2_conv2d_2_relu[n][o][p][q] - mean)
                            + scale2*value : 0.0f;
                    }
            }
    }

    // --- convblock_2.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_2_conv2d_2_conv2d_weight)[16][3][3] =
            params->convblock_2_conv2d_2_conv2d_weight;
        float (*restrict d_convblock_2_conv2d_2_conv2d)[16][14][14] =
            work->d_convblock_2_conv2d_2_conv2d;
        float (*restrict d_convblock_2_batchnorm2d_1)[16][14][14] =
            work->d_convblock_2_batchnorm2d_1;

        enum { C = 16, H = 14, W = 14, O = 16, K = 3, P = 14, Q = 14 };
        // d_batchnorm2d_1[n, c, h, w] = sum(o < O, r < K, s < K | r <= h + 1 and h <= r + 12 and
        //     s <= w + 1 and w <= s + 12: d_conv2d[n, o, h - r + 1, w - s + 1]*weight[o, c, r,
        //     s])   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        float sum = 0.0f;
                        for (int o = 0; o < O; o++)
                            for (int r = int_max(0, h + 2 - P); r < int_min(K, h + 2); r++)
                                for (int s = int_max(0, w + 2 - Q); s < int_min(K, w + 2); s++)
                                    sum += d_convblock_2_conv2d_2_conv2d[n][o][h - r + 1][w - s + 1]
                                        *convblock_2_conv2d_2_conv2d_weight[o][c][r][s];
                        d_convblock_2_batchnorm2d_1[n][c][h][w] = sum;
                    }
    }

    // --- convblock_2.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        const float *restrict convblock_2_batchnorm2d_1_weight =
            params->convblock_2_batchnorm2d_1_weight;
        float (*restrict convblock_2_conv2d_1_relu)[16][14][14] = work->convblock_2_conv2d_1_relu;
        float *restrict convblock_2_batchnorm2d_1_mean = work->convblock_2_batchnorm2d_1_mean;
        float *restrict convblock_2_batchnorm2d_1_var = work->convblock_2_batchnorm2d_1_var;
        float *restrict d_convblock_2_batchnorm2d_1_weight =
            grads->convblock_2_batchnorm2d_1_weight;
        float *restrict d_convblock_2_batchnorm2d_1_bias = grads->convblock_2_batchnorm2d_1_bias;
        float (*restrict d_convblock_2_batchnorm2d_1)[16][14][14] =
            work->d_convblock_2_batchnorm2d_1;
        float *restrict d_convblock_2_batchnorm2d_1_var = work->d_convblock_2_batchnorm2d_1_var;
        float *restrict d_convblock_2_batchnorm2d_1_mean = work->d_convblock_2_batchnorm2d_1_mean;

        enum { C = 16, H = 14, W = 14 };
        // d_bias[c] = sum(n < N, h < H, w < W: d_batchnorm2d_1[n, c, h, w])   (std/norm.net:43)
        // sum_d_batchnorm2d_1[c] = sum(n < N, h < H, w < W: d_batchnorm2d_1[n, c, h,
        //     w]*(conv2d_1.relu[n, c, h, w] - mean[c]))   (std/norm.net:43)
        // d_var[c] = -0.5*weight[c]*sum_d_batchnorm2d_1[c]/((var[c] + 1e-05)*sqrt(var[c] +
        //     1e-05))   (std/norm.net:43)
        // d_mean[c] = -weight[c]*d_bias[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        // d_weight[c] = sum_d_batchnorm2d_1[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        sum += (double)d_convblock_2_batchnorm2d_1[n][c][h][w];
                        sum2 +=
                            (double)(d_convblock_2_batchnorm2d_1[n][c][h][w]
                            *(convblock_2_conv2d_1_relu[n][c][h][w]
                            - convblock_2_batchnorm2d_1_mean[c]));
                    }
            d_convblock_2_batchnorm2d_1_bias[c] = (float)sum;
            const float sum_d_y = (float)sum2;
            const float root_var = sqrtf(convblock_2_batchnorm2d_1_var[c] + 1e-05f);
            d_convblock_2_batchnorm2d_1_var[c] = -0.5f*convblock_2_batchnorm2d_1_weight[c]*sum_d_y
                /((convblock_2_batchnorm2d_1_var[c] + 1e-05f)*root_var);
            d_convblock_2_batchnorm2d_1_mean[c] =
                -(convblock_2_batchnorm2d_1_weight[c]*d_convblock_2_batchnorm2d_1_bias[c])/root_var;
            d_convblock_2_batchnorm2d_1_weight[c] = sum_d_y/root_var;
        }
    }

    // --- convblock_2.conv2d_1.relu: ReLU  mnist_convblock.net:9 ---
    {
        const float *restrict convblock_2_batchnorm2d_1_weight =
            params->convblock_2_batchnorm2d_1_weight;
        float (*restrict convblock_2_conv2d_1_relu)[16][14][14] = work->convblock_2_conv2d_1_relu;
        float *restrict convblock_2_batchnorm2d_1_mean = work->convblock_2_batchnorm2d_1_mean;
        float *restrict convblock_2_batchnorm2d_1_var = work->convblock_2_batchnorm2d_1_var;
        float (*restrict d_convblock_2_batchnorm2d_1)[16][14][14] =
            work->d_convblock_2_batchnorm2d_1;
        float *restrict d_convblock_2_batchnorm2d_1_var = work->d_convblock_2_batchnorm2d_1_var;
        float *restrict d_convblock_2_batchnorm2d_1_mean = work->d_convblock_2_batchnorm2d_1_mean;
        float (*restrict d_convblock_2_conv2d_1_conv2d)[16][14][14] =
            work->d_convblock_2_conv2d_1_conv2d;

        enum { out_channels = 16, P = 14, Q = 14 };
        // d_conv2d[n, o, p, q] = if 0 < relu[n, o, p, q] then d_batchnorm2d_1.mean[o]/(196*N) +
        //     d_batchnorm2d_1.var[o]*(relu[n, o, p, q] - batchnorm2d_1.mean[o])/(98*N) +
        //     d_batchnorm2d_1[n, o, p, q]*batchnorm2d_1.weight[o]/sqrt(batchnorm2d_1.var[o] +
        //     1e-05) else 0   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++) {
                const float offset = d_convblock_2_batchnorm2d_1_mean[o]/(196.0f*(float)N);
                const float scale = d_convblock_2_batchnorm2d_1_var[o]/(98.0f*(float)N);
                const float scale2 = convblock_2_batchnorm2d_1_weight[o]
                    /sqrtf(convblock_2_batchnorm2d_1_var[o] + 1e-05f);
                const float mean = convblock_2_batchnorm2d_1_mean[o];
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        const float value = d_convblock_2_batchnorm2d_1[n][o][p][q];
                        d_convblock_2_conv2d_1_conv2d[n][o][p][q] =
                            convblock_2_conv2d_1_relu[n][o][p][q] > 0.0f
                            ? offset + scale*(convblock_2_conv2d_1_relu[n][o][p][q] - mean)
                            + scale2*value : 0.0f;
                    }
            }
    }

    // --- convblock_2.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_2_conv2d_1_conv2d_weight)[16][3][3] =
            params->convblock_2_conv2d_1_conv2d_weight;
        float (*restrict d_convblock_2_conv2d_1_conv2d)[16][14][14] =
            work->d_convblock_2_conv2d_1_conv2d;
        float (*restrict d_convblock_1_dropout)[16][14][14] = work->d_convblock_1_dropout;

        enum { C = 16, P = 14, Q = 14, O = 16, K = 3 };
        // d_convblock_1.dropout[n, c, p, q] = sum(o < O, r < K, s < K | r <= p + 1 and p <= r +
        //     12 and s <= q + 1 and q <= s + 12: d_conv2d[n, o, p - r + 1, q - s + 1]*weight[o,
        //     c, r, s])   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = 0.0f;
                        for (int o = 0; o < O; o++)
                            for (int r = int_max(0, p + 2 - P); r < int_min(K, p + 2); r++)
                                for (int s = int_max(0, q + 2 - Q); s < int_min(K, q + 2); s++)
                                    sum += d_convblock_2_conv2d_1_conv2d[n][o][p - r + 1][q - s + 1]
                                        *convblock_2_conv2d_1_conv2d_weight[o][c][r][s];
                        d_convblock_1_dropout[n][c][p][q] = sum;
                    }
    }

    // --- convblock_1.avgpool2d: AvgPool2d(2)  mnist_convblock.net:22 ---
    {
        float (*restrict convblock_1_dropout_mask)[16][14][14] = work->convblock_1_dropout_mask;
        float (*restrict d_convblock_1_dropout)[16][14][14] = work->d_convblock_1_dropout;
        float (*restrict d_convblock_1_batchnorm2d_2)[16][28][28] =
            work->d_convblock_1_batchnorm2d_2;

        enum { C = 16, P = 14, K = 2, Q = 14 };
        // d_batchnorm2d_2[n, c, 2*p + r, 2*q + s] = 0.3125*d_dropout[n, c, p, q]*dropout.mask[n,
        //     c, p, q]   (std/pool.net:36)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int r = 0; r < K; r++)
                        for (int q = 0; q < Q; q++) {
                            const float offset = 0.3125f*d_convblock_1_dropout[n][c][p][q]
                                *convblock_1_dropout_mask[n][c][p][q];
                            for (int s = 0; s < K; s++)
                                d_convblock_1_batchnorm2d_2[n][c][2*p + r][2*q + s] = offset;
                        }
    }

    // --- convblock_1.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        const float *restrict convblock_1_batchnorm2d_2_weight =
            params->convblock_1_batchnorm2d_2_weight;
        float (*restrict convblock_1_conv2d_2_relu)[16][28][28] = work->convblock_1_conv2d_2_relu;
        float *restrict convblock_1_batchnorm2d_2_mean = work->convblock_1_batchnorm2d_2_mean;
        float *restrict convblock_1_batchnorm2d_2_var = work->convblock_1_batchnorm2d_2_var;
        float *restrict d_convblock_1_batchnorm2d_2_weight =
            grads->convblock_1_batchnorm2d_2_weight;
        float *restrict d_convblock_1_batchnorm2d_2_bias = grads->convblock_1_batchnorm2d_2_bias;
        float (*restrict d_convblock_1_batchnorm2d_2)[16][28][28] =
            work->d_convblock_1_batchnorm2d_2;
        float *restrict d_convblock_1_batchnorm2d_2_var = work->d_convblock_1_batchnorm2d_2_var;
        float *restrict d_convblock_1_batchnorm2d_2_mean = work->d_convblock_1_batchnorm2d_2_mean;

        enum { C = 16, H = 28, W = 28 };
        // d_bias[c] = sum(n < N, h < H, w < W: d_batchnorm2d_2[n, c, h, w])   (std/norm.net:43)
        // sum_d_batchnorm2d_2[c] = sum(n < N, h < H, w < W: d_batchnorm2d_2[n, c, h,
        //     w]*(conv2d_2.relu[n, c, h, w] - mean[c]))   (std/norm.net:43)
        // d_var[c] = -0.5*weight[c]*sum_d_batchnorm2d_2[c]/((var[c] + 1e-05)*sqrt(var[c] +
        //     1e-05))   (std/norm.net:43)
        // d_mean[c] = -weight[c]*d_bias[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        // d_weight[c] = sum_d_batchnorm2d_2[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        sum += (double)d_convblock_1_batchnorm2d_2[n][c][h][w];
                        sum2 +=
                            (double)(d_convblock_1_batchnorm2d_2[n][c][h][w]
                            *(convblock_1_conv2d_2_relu[n][c][h][w]
                            - convblock_1_batchnorm2d_2_mean[c]));
                    }
            d_convblock_1_batchnorm2d_2_bias[c] = (float)sum;
            const float sum_d_y = (float)sum2;
            const float root_var = sqrtf(convblock_1_batchnorm2d_2_var[c] + 1e-05f);
            d_convblock_1_batchnorm2d_2_var[c] = -0.5f*convblock_1_batchnorm2d_2_weight[c]*sum_d_y
                /((convblock_1_batchnorm2d_2_var[c] + 1e-05f)*root_var);
            d_convblock_1_batchnorm2d_2_mean[c] =
                -(convblock_1_batchnorm2d_2_weight[c]*d_convblock_1_batchnorm2d_2_bias[c])/root_var;
            d_convblock_1_batchnorm2d_2_weight[c] = sum_d_y/root_var;
        }
    }

    // --- convblock_1.conv2d_2.relu: ReLU  mnist_convblock.net:9 ---
    {
        const float *restrict convblock_1_batchnorm2d_2_weight =
            params->convblock_1_batchnorm2d_2_weight;
        float (*restrict convblock_1_conv2d_2_relu)[16][28][28] = work->convblock_1_conv2d_2_relu;
        float *restrict convblock_1_batchnorm2d_2_mean = work->convblock_1_batchnorm2d_2_mean;
        float *restrict convblock_1_batchnorm2d_2_var = work->convblock_1_batchnorm2d_2_var;
        float (*restrict d_convblock_1_batchnorm2d_2)[16][28][28] =
            work->d_convblock_1_batchnorm2d_2;
        float *restrict d_convblock_1_batchnorm2d_2_var = work->d_convblock_1_batchnorm2d_2_var;
        float *restrict d_convblock_1_batchnorm2d_2_mean = work->d_convblock_1_batchnorm2d_2_mean;
        float (*restrict d_convblock_1_conv2d_2_conv2d)[16][28][28] =
            work->d_convblock_1_conv2d_2_conv2d;

        enum { out_channels = 16, P = 28, Q = 28 };
        // d_conv2d[n, o, p, q] = if 0 < relu[n, o, p, q] then d_batchnorm2d_2.mean[o]/(784*N) +
        //     d_batchnorm2d_2.var[o]*(relu[n, o, p, q] - batchnorm2d_2.mean[o])/(392*N) +
        //     d_batchnorm2d_2[n, o, p, q]*batchnorm2d_2.weight[o]/sqrt(batchnorm2d_2.var[o] +
        //     1e-05) else 0   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++) {
                const float offset = d_convblock_1_batchnorm2d_2_mean[o]/(784.0f*(float)N);
                const float scale = d_convblock_1_batchnorm2d_2_var[o]/(392.0f*(float)N);
                const float scale2 = convblock_1_batchnorm2d_2_weight[o]
                    /sqrtf(convblock_1_batchnorm2d_2_var[o] + 1e-05f);
                const float mean = convblock_1_batchnorm2d_2_mean[o];
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        const float value = d_convblock_1_batchnorm2d_2[n][o][p][q];
                        d_convblock_1_conv2d_2_conv2d[n][o][p][q] =
                            convblock_1_conv2d_2_relu[n][o][p][q] > 0.0f
                            ? offset + scale*(convblock_1_conv2d_2_relu[n][o][p][q] - mean)
                            + scale2*value : 0.0f;
                    }
            }
    }

    // --- convblock_1.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_1_conv2d_2_conv2d_weight)[16][3][3] =
            params->convblock_1_conv2d_2_conv2d_weight;
        float (*restrict d_convblock_1_conv2d_2_conv2d)[16][28][28] =
            work->d_convblock_1_conv2d_2_conv2d;
        float (*restrict d_convblock_1_batchnorm2d_1)[16][28][28] =
            work->d_convblock_1_batchnorm2d_1;

        enum { C = 16, H = 28, W = 28, O = 16, K = 3, P = 28, Q = 28 };
        // d_batchnorm2d_1[n, c, h, w] = sum(o < O, r < K, s < K | r <= h + 1 and h <= r + 26 and
        //     s <= w + 1 and w <= s + 26: d_conv2d[n, o, h - r + 1, w - s + 1]*weight[o, c, r,
        //     s])   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        float sum = 0.0f;
                        for (int o = 0; o < O; o++)
                            for (int r = int_max(0, h + 2 - P); r < int_min(K, h + 2); r++)
                                for (int s = int_max(0, w + 2 - Q); s < int_min(K, w + 2); s++)
                                    sum += d_convblock_1_conv2d_2_conv2d[n][o][h - r + 1][w - s + 1]
                                        *convblock_1_conv2d_2_conv2d_weight[o][c][r][s];
                        d_convblock_1_batchnorm2d_1[n][c][h][w] = sum;
                    }
    }

    // --- convblock_1.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        const float *restrict convblock_1_batchnorm2d_1_weight =
            params->convblock_1_batchnorm2d_1_weight;
        float (*restrict convblock_1_conv2d_1_relu)[16][28][28] = work->convblock_1_conv2d_1_relu;
        float *restrict convblock_1_batchnorm2d_1_mean = work->convblock_1_batchnorm2d_1_mean;
        float *restrict convblock_1_batchnorm2d_1_var = work->convblock_1_batchnorm2d_1_var;
        float *restrict d_convblock_1_batchnorm2d_1_weight =
            grads->convblock_1_batchnorm2d_1_weight;
        float *restrict d_convblock_1_batchnorm2d_1_bias = grads->convblock_1_batchnorm2d_1_bias;
        float (*restrict d_convblock_1_batchnorm2d_1)[16][28][28] =
            work->d_convblock_1_batchnorm2d_1;
        float *restrict d_convblock_1_batchnorm2d_1_var = work->d_convblock_1_batchnorm2d_1_var;
        float *restrict d_convblock_1_batchnorm2d_1_mean = work->d_convblock_1_batchnorm2d_1_mean;

        enum { C = 16, H = 28, W = 28 };
        // d_bias[c] = sum(n < N, h < H, w < W: d_batchnorm2d_1[n, c, h, w])   (std/norm.net:43)
        // sum_d_batchnorm2d_1[c] = sum(n < N, h < H, w < W: d_batchnorm2d_1[n, c, h,
        //     w]*(conv2d_1.relu[n, c, h, w] - mean[c]))   (std/norm.net:43)
        // d_var[c] = -0.5*weight[c]*sum_d_batchnorm2d_1[c]/((var[c] + 1e-05)*sqrt(var[c] +
        //     1e-05))   (std/norm.net:43)
        // d_mean[c] = -weight[c]*d_bias[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        // d_weight[c] = sum_d_batchnorm2d_1[c]/sqrt(var[c] + 1e-05)   (std/norm.net:43)
        PARALLEL_FOR
        for (int c = 0; c < C; c++) {
            double sum = 0.0;
            double sum2 = 0.0;
            for (int n = 0; n < N; n++)
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++) {
                        sum += (double)d_convblock_1_batchnorm2d_1[n][c][h][w];
                        sum2 +=
                            (double)(d_convblock_1_batchnorm2d_1[n][c][h][w]
                            *(convblock_1_conv2d_1_relu[n][c][h][w]
                            - convblock_1_batchnorm2d_1_mean[c]));
                    }
            d_convblock_1_batchnorm2d_1_bias[c] = (float)sum;
            const float sum_d_y = (float)sum2;
            const float root_var = sqrtf(convblock_1_batchnorm2d_1_var[c] + 1e-05f);
            d_convblock_1_batchnorm2d_1_var[c] = -0.5f*convblock_1_batchnorm2d_1_weight[c]*sum_d_y
                /((convblock_1_batchnorm2d_1_var[c] + 1e-05f)*root_var);
            d_convblock_1_batchnorm2d_1_mean[c] =
                -(convblock_1_batchnorm2d_1_weight[c]*d_convblock_1_batchnorm2d_1_bias[c])/root_var;
            d_convblock_1_batchnorm2d_1_weight[c] = sum_d_y/root_var;
        }
    }

    // --- convblock_1.conv2d_1.relu: ReLU  mnist_convblock.net:9 ---
    {
        const float *restrict convblock_1_batchnorm2d_1_weight =
            params->convblock_1_batchnorm2d_1_weight;
        float (*restrict convblock_1_conv2d_1_relu)[16][28][28] = work->convblock_1_conv2d_1_relu;
        float *restrict convblock_1_batchnorm2d_1_mean = work->convblock_1_batchnorm2d_1_mean;
        float *restrict convblock_1_batchnorm2d_1_var = work->convblock_1_batchnorm2d_1_var;
        float (*restrict d_convblock_1_batchnorm2d_1)[16][28][28] =
            work->d_convblock_1_batchnorm2d_1;
        float *restrict d_convblock_1_batchnorm2d_1_var = work->d_convblock_1_batchnorm2d_1_var;
        float *restrict d_convblock_1_batchnorm2d_1_mean = work->d_convblock_1_batchnorm2d_1_mean;
        float (*restrict d_convblock_1_conv2d_1_conv2d)[16][28][28] =
            work->d_convblock_1_conv2d_1_conv2d;

        enum { out_channels = 16, P = 28, Q = 28 };
        // d_conv2d[n, o, p, q] = if 0 < relu[n, o, p, q] then d_batchnorm2d_1.mean[o]/(784*N) +
        //     d_batchnorm2d_1.var[o]*(relu[n, o, p, q] - batchnorm2d_1.mean[o])/(392*N) +
        //     d_batchnorm2d_1[n, o, p, q]*batchnorm2d_1.weight[o]/sqrt(batchnorm2d_1.var[o] +
        //     1e-05) else 0   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++) {
                const float offset = d_convblock_1_batchnorm2d_1_mean[o]/(784.0f*(float)N);
                const float scale = d_convblock_1_batchnorm2d_1_var[o]/(392.0f*(float)N);
                const float scale2 = convblock_1_batchnorm2d_1_weight[o]
                    /sqrtf(convblock_1_batchnorm2d_1_var[o] + 1e-05f);
                const float mean = convblock_1_batchnorm2d_1_mean[o];
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        const float value = d_convblock_1_batchnorm2d_1[n][o][p][q];
                        d_convblock_1_conv2d_1_conv2d[n][o][p][q] =
                            convblock_1_conv2d_1_relu[n][o][p][q] > 0.0f
                            ? offset + scale*(convblock_1_conv2d_1_relu[n][o][p][q] - mean)
                            + scale2*value : 0.0f;
                    }
            }
    }

    // --- convblock_1.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict image)[1][28][28] = batch->image;
        float (*restrict d_convblock_1_conv2d_1_conv2d_weight)[1][3][3] =
            grads->convblock_1_conv2d_1_conv2d_weight;
        float *restrict d_convblock_1_conv2d_1_conv2d_bias =
            grads->convblock_1_conv2d_1_conv2d_bias;
        float (*restrict d_convblock_1_conv2d_1_conv2d)[16][28][28] =
            work->d_convblock_1_conv2d_1_conv2d;

        enum { out_channels = 16, K = 3, P = 28, Q = 28 };
        // d_weight[o, 0, r, s] = sum(n < N, p < P, q < Q | 1 <= r + p and r + p <= 28 and 1 <= s
        //     + q and s + q <= 28: d_conv2d[n, o, p, q]*image[n, 0, r + p - 1, s + q - 1])
        //     (std/conv.net:43)
        // d_bias[o] = sum(n < N, p < P, q < Q: d_conv2d[n, o, p, q])   (std/conv.net:43)
        PARALLEL_FOR
        for (int o = 0; o < out_channels; o++) {
            for (int r = 0; r < K; r++)
                for (int s = 0; s < K; s++) {
                    double sum = 0.0;
                    for (int n = 0; n < N; n++)
                        for (int p = int_max(0, 1 - r); p < int_min(P, 29 - r); p++)
                            for (int q = int_max(0, 1 - s); q < int_min(Q, 29 - s); q++)
                                sum +=
                                    (double)(d_convblock_1_conv2d_1_conv2d[n][o][p][q]
                                    *image[n][0][r + p - 1][s + q - 1]);
                    d_convblock_1_conv2d_1_conv2d_weight[o][0][r][s] = (float)sum;
                }
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        sum += (double)d_convblock_1_conv2d_1_conv2d[n][o][p][q];
            d_convblock_1_conv2d_1_conv2d_bias[o] = (float)sum;
        }
    }

    // --- convblock_1.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        float (*restrict convblock_1_batchnorm2d_1)[16][28][28] = work->convblock_1_batchnorm2d_1;
        float (*restrict d_convblock_1_conv2d_2_conv2d_weight)[16][3][3] =
            grads->convblock_1_conv2d_2_conv2d_weight;
        float *restrict d_convblock_1_conv2d_2_conv2d_bias =
            grads->convblock_1_conv2d_2_conv2d_bias;
        float (*restrict d_convblock_1_conv2d_2_conv2d)[16][28][28] =
            work->d_convblock_1_conv2d_2_conv2d;

        enum { out_channels = 16, I = 16, K = 3, P = 28, H = 28, Q = 28, W = 28 };
        // d_weight[o, i, r, s] = sum(n < N, p < P, q < Q | 1 <= r + p and r + p <= 28 and 1 <= s
        //     + q and s + q <= 28: d_conv2d[n, o, p, q]*batchnorm2d_1[n, i, r + p - 1, s + q -
        //     1])   (std/conv.net:43)
        // d_bias[o] = sum(n < N, p < P, q < Q: d_conv2d[n, o, p, q])   (std/conv.net:43)
        PARALLEL_FOR
        for (int o = 0; o < out_channels; o++) {
            for (int i = 0; i < I; i++)
                for (int r = 0; r < K; r++)
                    for (int s = 0; s < K; s++) {
                        double sum = 0.0;
                        for (int n = 0; n < N; n++)
                            for (int p = int_max(0, 1 - r); p < int_min(P, H - r + 1); p++)
                                for (int q = int_max(0, 1 - s); q < int_min(Q, W - s + 1); q++)
                                    sum +=
                                        (double)(d_convblock_1_conv2d_2_conv2d[n][o][p][q]
                                        *convblock_1_batchnorm2d_1[n][i][r + p - 1][s + q - 1]);
                        d_convblock_1_conv2d_2_conv2d_weight[o][i][r][s] = (float)sum;
                    }
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        sum += (double)d_convblock_1_conv2d_2_conv2d[n][o][p][q];
            d_convblock_1_conv2d_2_conv2d_bias[o] = (float)sum;
        }
    }

    // --- convblock_2.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        float (*restrict convblock_1_dropout)[16][14][14] = work->convblock_1_dropout;
        float (*restrict d_convblock_2_conv2d_1_conv2d_weight)[16][3][3] =
            grads->convblock_2_conv2d_1_conv2d_weight;
        float *restrict d_convblock_2_conv2d_1_conv2d_bias =
            grads->convblock_2_conv2d_1_conv2d_bias;
        float (*restrict d_convblock_2_conv2d_1_conv2d)[16][14][14] =
            work->d_convblock_2_conv2d_1_conv2d;

        enum { out_channels = 16, I = 16, K = 3, P = 14, Q = 14 };
        // d_weight[o, i, r, s] = sum(n < N, p < P, q < Q | 1 <= r + p and r + p <= 14 and 1 <= s
        //     + q and s + q <= 14: d_conv2d[n, o, p, q]*convblock_1.dropout[n, i, r + p - 1, s +
        //     q - 1])   (std/conv.net:43)
        // d_bias[o] = sum(n < N, p < P, q < Q: d_conv2d[n, o, p, q])   (std/conv.net:43)
        PARALLEL_FOR
        for (int o = 0; o < out_channels; o++) {
            for (int i = 0; i < I; i++)
                for (int r = 0; r < K; r++)
                    for (int s = 0; s < K; s++) {
                        double sum = 0.0;
                        for (int n = 0; n < N; n++)
                            for (int p = int_max(0, 1 - r); p < int_min(P, P - r + 1); p++)
                                for (int q = int_max(0, 1 - s); q < int_min(Q, Q - s + 1); q++)
                                    sum +=
                                        (double)(d_convblock_2_conv2d_1_conv2d[n][o][p][q]
                                        *convblock_1_dropout[n][i][r + p - 1][s + q - 1]);
                        d_convblock_2_conv2d_1_conv2d_weight[o][i][r][s] = (float)sum;
                    }
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        sum += (double)d_convblock_2_conv2d_1_conv2d[n][o][p][q];
            d_convblock_2_conv2d_1_conv2d_bias[o] = (float)sum;
        }
    }

    // --- convblock_2.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        float (*restrict convblock_2_batchnorm2d_1)[16][14][14] = work->convblock_2_batchnorm2d_1;
        float (*restrict d_convblock_2_conv2d_2_conv2d_weight)[16][3][3] =
            grads->convblock_2_conv2d_2_conv2d_weight;
        float *restrict d_convblock_2_conv2d_2_conv2d_bias =
            grads->convblock_2_conv2d_2_conv2d_bias;
        float (*restrict d_convblock_2_conv2d_2_conv2d)[16][14][14] =
            work->d_convblock_2_conv2d_2_conv2d;

        enum { out_channels = 16, I = 16, K = 3, P = 14, H = 14, Q = 14, W = 14 };
        // d_weight[o, i, r, s] = sum(n < N, p < P, q < Q | 1 <= r + p and r + p <= 14 and 1 <= s
        //     + q and s + q <= 14: d_conv2d[n, o, p, q]*batchnorm2d_1[n, i, r + p - 1, s + q -
        //     1])   (std/conv.net:43)
        // d_bias[o] = sum(n < N, p < P, q < Q: d_conv2d[n, o, p, q])   (std/conv.net:43)
        PARALLEL_FOR
        for (int o = 0; o < out_channels; o++) {
            for (int i = 0; i < I; i++)
                for (int r = 0; r < K; r++)
                    for (int s = 0; s < K; s++) {
                        double sum = 0.0;
                        for (int n = 0; n < N; n++)
                            for (int p = int_max(0, 1 - r); p < int_min(P, H - r + 1); p++)
                                for (int q = int_max(0, 1 - s); q < int_min(Q, W - s + 1); q++)
                                    sum +=
                                        (double)(d_convblock_2_conv2d_2_conv2d[n][o][p][q]
                                        *convblock_2_batchnorm2d_1[n][i][r + p - 1][s + q - 1]);
                        d_convblock_2_conv2d_2_conv2d_weight[o][i][r][s] = (float)sum;
                    }
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        sum += (double)d_convblock_2_conv2d_2_conv2d[n][o][p][q];
            d_convblock_2_conv2d_2_conv2d_bias[o] = (float)sum;
        }
    }

    // --- convblock_3.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        float (*restrict convblock_2_dropout)[16][7][7] = work->convblock_2_dropout;
        float (*restrict d_convblock_3_conv2d_1_conv2d_weight)[16][3][3] =
            grads->convblock_3_conv2d_1_conv2d_weight;
        float *restrict d_convblock_3_conv2d_1_conv2d_bias =
            grads->convblock_3_conv2d_1_conv2d_bias;
        float (*restrict d_convblock_3_conv2d_1_conv2d)[16][7][7] =
            work->d_convblock_3_conv2d_1_conv2d;

        enum { out_channels = 16, I = 16, K = 3, P = 7, Q = 7 };
        // d_weight[o, i, r, s] = sum(n < N, p < P, q < Q | 1 <= r + p and r + p <= 7 and 1 <= s
        //     + q and s + q <= 7: d_conv2d[n, o, p, q]*convblock_2.dropout[n, i, r + p - 1, s +
        //     q - 1])   (std/conv.net:43)
        // d_bias[o] = sum(n < N, p < P, q < Q: d_conv2d[n, o, p, q])   (std/conv.net:43)
        PARALLEL_FOR
        for (int o = 0; o < out_channels; o++) {
            for (int i = 0; i < I; i++)
                for (int r = 0; r < K; r++)
                    for (int s = 0; s < K; s++) {
                        double sum = 0.0;
                        for (int n = 0; n < N; n++)
                            for (int p = int_max(0, 1 - r); p < int_min(P, P - r + 1); p++)
                                for (int q = int_max(0, 1 - s); q < int_min(Q, Q - s + 1); q++)
                                    sum +=
                                        (double)(d_convblock_3_conv2d_1_conv2d[n][o][p][q]
                                        *convblock_2_dropout[n][i][r + p - 1][s + q - 1]);
                        d_convblock_3_conv2d_1_conv2d_weight[o][i][r][s] = (float)sum;
                    }
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        sum += (double)d_convblock_3_conv2d_1_conv2d[n][o][p][q];
            d_convblock_3_conv2d_1_conv2d_bias[o] = (float)sum;
        }
    }

    // --- convblock_3.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        float (*restrict convblock_3_batchnorm2d_1)[16][7][7] = work->convblock_3_batchnorm2d_1;
        float (*restrict d_convblock_3_conv2d_2_conv2d_weight)[16][3][3] =
            grads->convblock_3_conv2d_2_conv2d_weight;
        float *restrict d_convblock_3_conv2d_2_conv2d_bias =
            grads->convblock_3_conv2d_2_conv2d_bias;
        float (*restrict d_convblock_3_conv2d_2_conv2d)[16][7][7] =
            work->d_convblock_3_conv2d_2_conv2d;

        enum { out_channels = 16, I = 16, K = 3, P = 7, H = 7, Q = 7, W = 7 };
        // d_weight[o, i, r, s] = sum(n < N, p < P, q < Q | 1 <= r + p and r + p <= 7 and 1 <= s
        //     + q and s + q <= 7: d_conv2d[n, o, p, q]*batchnorm2d_1[n, i, r + p - 1, s + q -
        //     1])   (std/conv.net:43)
        // d_bias[o] = sum(n < N, p < P, q < Q: d_conv2d[n, o, p, q])   (std/conv.net:43)
        PARALLEL_FOR
        for (int o = 0; o < out_channels; o++) {
            for (int i = 0; i < I; i++)
                for (int r = 0; r < K; r++)
                    for (int s = 0; s < K; s++) {
                        double sum = 0.0;
                        for (int n = 0; n < N; n++)
                            for (int p = int_max(0, 1 - r); p < int_min(P, H - r + 1); p++)
                                for (int q = int_max(0, 1 - s); q < int_min(Q, W - s + 1); q++)
                                    sum +=
                                        (double)(d_convblock_3_conv2d_2_conv2d[n][o][p][q]
                                        *convblock_3_batchnorm2d_1[n][i][r + p - 1][s + q - 1]);
                        d_convblock_3_conv2d_2_conv2d_weight[o][i][r][s] = (float)sum;
                    }
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        sum += (double)d_convblock_3_conv2d_2_conv2d[n][o][p][q];
            d_convblock_3_conv2d_2_conv2d_bias[o] = (float)sum;
        }
    }

    // --- conv2d.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        float (*restrict convblock_3_dropout)[16][3][3] = work->convblock_3_dropout;
        float (*restrict d_conv2d_conv2d_weight)[16][1][1] = grads->conv2d_conv2d_weight;
        float *restrict d_conv2d_conv2d_bias = grads->conv2d_conv2d_bias;
        float (*restrict d_conv2d_conv2d)[10][3][3] = work->d_conv2d_conv2d;

        enum { out_channels = 10, I = 16, P = 3, Q = 3 };
        // d_weight[o, i, 0, 0] = sum(n < N, p < P, q < Q: d_conv2d[n, o, p,
        //     q]*convblock_3.dropout[n, i, p, q])   (std/conv.net:43)
        // d_bias[o] = sum(n < N, p < P, q < Q: d_conv2d[n, o, p, q])   (std/conv.net:43)
        PARALLEL_FOR
        for (int o = 0; o < out_channels; o++) {
            for (int i = 0; i < I; i++) {
                double sum = 0.0;
                for (int n = 0; n < N; n++)
                    for (int p = 0; p < P; p++)
                        for (int q = 0; q < Q; q++)
                            sum +=
                                (double)(d_conv2d_conv2d[n][o][p][q]
                                *convblock_3_dropout[n][i][p][q]);
                d_conv2d_conv2d_weight[o][i][0][0] = (float)sum;
            }
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        sum += (double)d_conv2d_conv2d[n][o][p][q];
            d_conv2d_conv2d_bias[o] = (float)sum;
        }
    }

    // --- dense.linear:
    //     Linear(out_features, weight=xavier_uniform())  mnist_convblock.net:13 ---
    {
        float (*restrict reshape)[90] = work->reshape;
        float (*restrict d_dense_linear_weight)[90] = grads->dense_linear_weight;
        float *restrict d_dense_linear_bias = grads->dense_linear_bias;
        float (*restrict d_dense_linear)[10] = work->d_dense_linear;

        enum { out_features = 10, I = 90 };
        // d_weight[o, i] = sum(n < N: d_linear[n, o]*reshape[n, i])   (std/linear.net:7)
        // d_bias[o] = sum(n < N: d_linear[n, o])   (std/linear.net:7)
        PARALLEL_FOR
        for (int o = 0; o < out_features; o++) {
            for (int i = 0; i < I; i++) {
                double sum = 0.0;
                for (int n = 0; n < N; n++)
                    sum += (double)(d_dense_linear[n][o]*reshape[n][i]);
                d_dense_linear_weight[o][i] = (float)sum;
            }
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                sum += (double)d_dense_linear[n][o];
            d_dense_linear_bias[o] = (float)sum;
        }
    }
}

// The states after this batch; after forward.
void mnist_convblock_update(mnist_convblock_states *states, const mnist_convblock_work *work,
                            int N) {
    // --- convblock_1.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        float *restrict convblock_1_batchnorm2d_1_running_mean =
            states->convblock_1_batchnorm2d_1_running_mean;
        float *restrict convblock_1_batchnorm2d_1_running_var =
            states->convblock_1_batchnorm2d_1_running_var;
        const float *restrict convblock_1_batchnorm2d_1_mean = work->convblock_1_batchnorm2d_1_mean;
        const float *restrict convblock_1_batchnorm2d_1_var = work->convblock_1_batchnorm2d_1_var;

        enum { C = 16 };
        // running_mean[c] = 0.9*running_mean[c] + 0.1*mean[c]   (std/norm.net:37)
        // running_var[c] = 0.9*running_var[c] + 78.4*var[c]*N/(784*N - 1)   (std/norm.net:38)
        for (int c = 0; c < C; c++) {
            convblock_1_batchnorm2d_1_running_mean[c] = 0.9f
                *convblock_1_batchnorm2d_1_running_mean[c] + 0.1f*convblock_1_batchnorm2d_1_mean[c];
            convblock_1_batchnorm2d_1_running_var[c] = 0.9f*convblock_1_batchnorm2d_1_running_var[c]
                + 78.4f*convblock_1_batchnorm2d_1_var[c]*(float)N/(784.0f*(float)N - 1.0f);
        }
    }

    // --- convblock_1.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        float *restrict convblock_1_batchnorm2d_2_running_mean =
            states->convblock_1_batchnorm2d_2_running_mean;
        float *restrict convblock_1_batchnorm2d_2_running_var =
            states->convblock_1_batchnorm2d_2_running_var;
        const float *restrict convblock_1_batchnorm2d_2_mean = work->convblock_1_batchnorm2d_2_mean;
        const float *restrict convblock_1_batchnorm2d_2_var = work->convblock_1_batchnorm2d_2_var;

        enum { C = 16 };
        // running_mean[c] = 0.9*running_mean[c] + 0.1*mean[c]   (std/norm.net:37)
        // running_var[c] = 0.9*running_var[c] + 78.4*var[c]*N/(784*N - 1)   (std/norm.net:38)
        for (int c = 0; c < C; c++) {
            convblock_1_batchnorm2d_2_running_mean[c] = 0.9f
                *convblock_1_batchnorm2d_2_running_mean[c] + 0.1f*convblock_1_batchnorm2d_2_mean[c];
            convblock_1_batchnorm2d_2_running_var[c] = 0.9f*convblock_1_batchnorm2d_2_running_var[c]
                + 78.4f*convblock_1_batchnorm2d_2_var[c]*(float)N/(784.0f*(float)N - 1.0f);
        }
    }

    // --- convblock_2.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        float *restrict convblock_2_batchnorm2d_1_running_mean =
            states->convblock_2_batchnorm2d_1_running_mean;
        float *restrict convblock_2_batchnorm2d_1_running_var =
            states->convblock_2_batchnorm2d_1_running_var;
        const float *restrict convblock_2_batchnorm2d_1_mean = work->convblock_2_batchnorm2d_1_mean;
        const float *restrict convblock_2_batchnorm2d_1_var = work->convblock_2_batchnorm2d_1_var;

        enum { C = 16 };
        // running_mean[c] = 0.9*running_mean[c] + 0.1*mean[c]   (std/norm.net:37)
        // running_var[c] = 0.9*running_var[c] + 19.6*var[c]*N/(196*N - 1)   (std/norm.net:38)
        for (int c = 0; c < C; c++) {
            convblock_2_batchnorm2d_1_running_mean[c] = 0.9f
                *convblock_2_batchnorm2d_1_running_mean[c] + 0.1f*convblock_2_batchnorm2d_1_mean[c];
            convblock_2_batchnorm2d_1_running_var[c] = 0.9f*convblock_2_batchnorm2d_1_running_var[c]
                + 19.6f*convblock_2_batchnorm2d_1_var[c]*(float)N/(196.0f*(float)N - 1.0f);
        }
    }

    // --- convblock_2.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        float *restrict convblock_2_batchnorm2d_2_running_mean =
            states->convblock_2_batchnorm2d_2_running_mean;
        float *restrict convblock_2_batchnorm2d_2_running_var =
            states->convblock_2_batchnorm2d_2_running_var;
        const float *restrict convblock_2_batchnorm2d_2_mean = work->convblock_2_batchnorm2d_2_mean;
        const float *restrict convblock_2_batchnorm2d_2_var = work->convblock_2_batchnorm2d_2_var;

        enum { C = 16 };
        // running_mean[c] = 0.9*running_mean[c] + 0.1*mean[c]   (std/norm.net:37)
        // running_var[c] = 0.9*running_var[c] + 19.6*var[c]*N/(196*N - 1)   (std/norm.net:38)
        for (int c = 0; c < C; c++) {
            convblock_2_batchnorm2d_2_running_mean[c] = 0.9f
                *convblock_2_batchnorm2d_2_running_mean[c] + 0.1f*convblock_2_batchnorm2d_2_mean[c];
            convblock_2_batchnorm2d_2_running_var[c] = 0.9f*convblock_2_batchnorm2d_2_running_var[c]
                + 19.6f*convblock_2_batchnorm2d_2_var[c]*(float)N/(196.0f*(float)N - 1.0f);
        }
    }

    // --- convblock_3.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        float *restrict convblock_3_batchnorm2d_1_running_mean =
            states->convblock_3_batchnorm2d_1_running_mean;
        float *restrict convblock_3_batchnorm2d_1_running_var =
            states->convblock_3_batchnorm2d_1_running_var;
        const float *restrict convblock_3_batchnorm2d_1_mean = work->convblock_3_batchnorm2d_1_mean;
        const float *restrict convblock_3_batchnorm2d_1_var = work->convblock_3_batchnorm2d_1_var;

        enum { C = 16 };
        // running_mean[c] = 0.9*running_mean[c] + 0.1*mean[c]   (std/norm.net:37)
        // running_var[c] = 0.9*running_var[c] + 4.9*var[c]*N/(49*N - 1)   (std/norm.net:38)
        for (int c = 0; c < C; c++) {
            convblock_3_batchnorm2d_1_running_mean[c] = 0.9f
                *convblock_3_batchnorm2d_1_running_mean[c] + 0.1f*convblock_3_batchnorm2d_1_mean[c];
            convblock_3_batchnorm2d_1_running_var[c] = 0.9f*convblock_3_batchnorm2d_1_running_var[c]
                + 4.9f*convblock_3_batchnorm2d_1_var[c]*(float)N/(49.0f*(float)N - 1.0f);
        }
    }

    // --- convblock_3.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        float *restrict convblock_3_batchnorm2d_2_running_mean =
            states->convblock_3_batchnorm2d_2_running_mean;
        float *restrict convblock_3_batchnorm2d_2_running_var =
            states->convblock_3_batchnorm2d_2_running_var;
        const float *restrict convblock_3_batchnorm2d_2_mean = work->convblock_3_batchnorm2d_2_mean;
        const float *restrict convblock_3_batchnorm2d_2_var = work->convblock_3_batchnorm2d_2_var;

        enum { C = 16 };
        // running_mean[c] = 0.9*running_mean[c] + 0.1*mean[c]   (std/norm.net:37)
        // running_var[c] = 0.9*running_var[c] + 4.9*var[c]*N/(49*N - 1)   (std/norm.net:38)
        for (int c = 0; c < C; c++) {
            convblock_3_batchnorm2d_2_running_mean[c] = 0.9f
                *convblock_3_batchnorm2d_2_running_mean[c] + 0.1f*convblock_3_batchnorm2d_2_mean[c];
            convblock_3_batchnorm2d_2_running_var[c] = 0.9f*convblock_3_batchnorm2d_2_running_var[c]
                + 4.9f*convblock_3_batchnorm2d_2_var[c]*(float)N/(49.0f*(float)N - 1.0f);
        }
    }
}

// The values of a batch, as in evaluation, and its results.
void mnist_convblock_evaluate(const mnist_convblock_params *params,
                              const mnist_convblock_states *states,
                              const mnist_convblock_batch *batch, mnist_convblock_work *work,
                              mnist_convblock_results *results, int N, int threads) {
    const int32_t *restrict digit = batch->digit;
    float (*restrict log_probs)[10] = work->log_probs;
    float *restrict loss = work->loss;
    float *restrict accuracy = work->accuracy;

    // --- convblock_1.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_1_conv2d_1_conv2d_weight)[1][3][3] =
            params->convblock_1_conv2d_1_conv2d_weight;
        const float *restrict convblock_1_conv2d_1_conv2d_bias =
            params->convblock_1_conv2d_1_conv2d_bias;
        const float (*restrict image)[1][28][28] = batch->image;
        float (*restrict convblock_1_conv2d_1_conv2d)[16][28][28] =
            work->convblock_1_conv2d_1_conv2d;

        enum { O = 16, P = 28, Q = 28, K = 3 };
        // conv2d[n, o, p, q] = sum(r < K, s < K | 1 <= p + r and p + r <= 28 and 1 <= q + s and
        //     q + s <= 28: weight[o, 0, r, s]*image[n, 0, p + r - 1, q + s - 1]) + bias[o]
        //     (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_1_conv2d_1_conv2d_bias[o];
                        for (int r = int_max(0, 1 - p); r < int_min(K, 29 - p); r++)
                            for (int s = int_max(0, 1 - q); s < int_min(K, 29 - q); s++)
                                sum += convblock_1_conv2d_1_conv2d_weight[o][0][r][s]
                                    *image[n][0][p + r - 1][q + s - 1];
                        convblock_1_conv2d_1_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_1.conv2d_1.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_1_conv2d_1_conv2d)[16][28][28] =
            work->convblock_1_conv2d_1_conv2d;
        float (*restrict convblock_1_conv2d_1_relu)[16][28][28] = work->convblock_1_conv2d_1_relu;

        enum { out_channels = 16, P = 28, Q = 28 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_1_conv2d_1_relu[n][o][p][q] =
                            max_f32(convblock_1_conv2d_1_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_1.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        const float *restrict convblock_1_batchnorm2d_1_weight =
            params->convblock_1_batchnorm2d_1_weight;
        const float *restrict convblock_1_batchnorm2d_1_bias =
            params->convblock_1_batchnorm2d_1_bias;
        const float *restrict convblock_1_batchnorm2d_1_running_mean =
            states->convblock_1_batchnorm2d_1_running_mean;
        const float *restrict convblock_1_batchnorm2d_1_running_var =
            states->convblock_1_batchnorm2d_1_running_var;
        float (*restrict convblock_1_conv2d_1_relu)[16][28][28] = work->convblock_1_conv2d_1_relu;
        float *restrict convblock_1_batchnorm2d_1_mean = work->convblock_1_batchnorm2d_1_mean;
        float *restrict convblock_1_batchnorm2d_1_var = work->convblock_1_batchnorm2d_1_var;
        float (*restrict convblock_1_batchnorm2d_1)[16][28][28] = work->convblock_1_batchnorm2d_1;

        enum { C = 16, H = 28, W = 28 };
        // mean[c] = running_mean[c]   (std/norm.net:40)
        // var[c] = running_var[c]   (std/norm.net:41)
        for (int c = 0; c < C; c++) {
            convblock_1_batchnorm2d_1_mean[c] = convblock_1_batchnorm2d_1_running_mean[c];
            convblock_1_batchnorm2d_1_var[c] = convblock_1_batchnorm2d_1_running_var[c];
        }

        // batchnorm2d_1[n, c, h, w] = (conv2d_1.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_1_batchnorm2d_1_weight[c]
                    /sqrtf(convblock_1_batchnorm2d_1_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_1_batchnorm2d_1[n][c][h][w] = scale
                            *(convblock_1_conv2d_1_relu[n][c][h][w]
                            - convblock_1_batchnorm2d_1_mean[c])
                            + convblock_1_batchnorm2d_1_bias[c];
            }
    }

    // --- convblock_1.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_1_conv2d_2_conv2d_weight)[16][3][3] =
            params->convblock_1_conv2d_2_conv2d_weight;
        const float *restrict convblock_1_conv2d_2_conv2d_bias =
            params->convblock_1_conv2d_2_conv2d_bias;
        float (*restrict convblock_1_batchnorm2d_1)[16][28][28] = work->convblock_1_batchnorm2d_1;
        float (*restrict convblock_1_conv2d_2_conv2d)[16][28][28] =
            work->convblock_1_conv2d_2_conv2d;

        enum { O = 16, P = 28, Q = 28, I = 16, K = 3, H = 28, W = 28 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 28 and 1 <= q +
        //     s and q + s <= 28: weight[o, i, r, s]*batchnorm2d_1[n, i, p + r - 1, q + s - 1]) +
        //     bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_1_conv2d_2_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, H - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, W - q + 1); s++)
                                    sum += convblock_1_conv2d_2_conv2d_weight[o][i][r][s]
                                        *convblock_1_batchnorm2d_1[n][i][p + r - 1][q + s - 1];
                        convblock_1_conv2d_2_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_1.conv2d_2.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_1_conv2d_2_conv2d)[16][28][28] =
            work->convblock_1_conv2d_2_conv2d;
        float (*restrict convblock_1_conv2d_2_relu)[16][28][28] = work->convblock_1_conv2d_2_relu;

        enum { out_channels = 16, P = 28, Q = 28 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_1_conv2d_2_relu[n][o][p][q] =
                            max_f32(convblock_1_conv2d_2_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_1.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        const float *restrict convblock_1_batchnorm2d_2_weight =
            params->convblock_1_batchnorm2d_2_weight;
        const float *restrict convblock_1_batchnorm2d_2_bias =
            params->convblock_1_batchnorm2d_2_bias;
        const float *restrict convblock_1_batchnorm2d_2_running_mean =
            states->convblock_1_batchnorm2d_2_running_mean;
        const float *restrict convblock_1_batchnorm2d_2_running_var =
            states->convblock_1_batchnorm2d_2_running_var;
        float (*restrict convblock_1_conv2d_2_relu)[16][28][28] = work->convblock_1_conv2d_2_relu;
        float *restrict convblock_1_batchnorm2d_2_mean = work->convblock_1_batchnorm2d_2_mean;
        float *restrict convblock_1_batchnorm2d_2_var = work->convblock_1_batchnorm2d_2_var;
        float (*restrict convblock_1_batchnorm2d_2)[16][28][28] = work->convblock_1_batchnorm2d_2;

        enum { C = 16, H = 28, W = 28 };
        // mean[c] = running_mean[c]   (std/norm.net:40)
        // var[c] = running_var[c]   (std/norm.net:41)
        for (int c = 0; c < C; c++) {
            convblock_1_batchnorm2d_2_mean[c] = convblock_1_batchnorm2d_2_running_mean[c];
            convblock_1_batchnorm2d_2_var[c] = convblock_1_batchnorm2d_2_running_var[c];
        }

        // batchnorm2d_2[n, c, h, w] = (conv2d_2.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_1_batchnorm2d_2_weight[c]
                    /sqrtf(convblock_1_batchnorm2d_2_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_1_batchnorm2d_2[n][c][h][w] = scale
                            *(convblock_1_conv2d_2_relu[n][c][h][w]
                            - convblock_1_batchnorm2d_2_mean[c])
                            + convblock_1_batchnorm2d_2_bias[c];
            }
    }

    // --- convblock_1.avgpool2d: AvgPool2d(2)  mnist_convblock.net:22 ---
    {
        float (*restrict convblock_1_batchnorm2d_2)[16][28][28] = work->convblock_1_batchnorm2d_2;
        float (*restrict convblock_1_avgpool2d)[16][14][14] = work->convblock_1_avgpool2d;

        enum { C = 16, P = 14, Q = 14, K = 2 };
        // avgpool2d[n, c, p, q] = 0.25*sum(r < K, s < K: batchnorm2d_2[n, c, 2*p + r, 2*q + s])
        //     (std/pool.net:36)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = 0.0f;
                        for (int r = 0; r < K; r++)
                            for (int s = 0; s < K; s++)
                                sum += convblock_1_batchnorm2d_2[n][c][2*p + r][2*q + s];
                        convblock_1_avgpool2d[n][c][p][q] = 0.25f*sum;
                    }
    }

    // --- convblock_1.dropout: Dropout(dropout)  mnist_convblock.net:23 ---
    {
        float (*restrict convblock_1_avgpool2d)[16][14][14] = work->convblock_1_avgpool2d;
        float (*restrict convblock_1_dropout)[16][14][14] = work->convblock_1_dropout;

        enum { C = 16, P = 14, Q = 14 };
        // dropout[n, c, p, q] = avgpool2d[n, c, p, q]   (std/dropout.net:11)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_1_dropout[n][c][p][q] = convblock_1_avgpool2d[n][c][p][q];
    }

    // --- convblock_2.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_2_conv2d_1_conv2d_weight)[16][3][3] =
            params->convblock_2_conv2d_1_conv2d_weight;
        const float *restrict convblock_2_conv2d_1_conv2d_bias =
            params->convblock_2_conv2d_1_conv2d_bias;
        float (*restrict convblock_1_dropout)[16][14][14] = work->convblock_1_dropout;
        float (*restrict convblock_2_conv2d_1_conv2d)[16][14][14] =
            work->convblock_2_conv2d_1_conv2d;

        enum { O = 16, P = 14, Q = 14, I = 16, K = 3 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 14 and 1 <= q +
        //     s and q + s <= 14: weight[o, i, r, s]*convblock_1.dropout[n, i, p + r - 1, q + s -
        //     1]) + bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_2_conv2d_1_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, P - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, Q - q + 1); s++)
                                    sum += convblock_2_conv2d_1_conv2d_weight[o][i][r][s]
                                        *convblock_1_dropout[n][i][p + r - 1][q + s - 1];
                        convblock_2_conv2d_1_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_2.conv2d_1.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_2_conv2d_1_conv2d)[16][14][14] =
            work->convblock_2_conv2d_1_conv2d;
        float (*restrict convblock_2_conv2d_1_relu)[16][14][14] = work->convblock_2_conv2d_1_relu;

        enum { out_channels = 16, P = 14, Q = 14 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_2_conv2d_1_relu[n][o][p][q] =
                            max_f32(convblock_2_conv2d_1_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_2.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        const float *restrict convblock_2_batchnorm2d_1_weight =
            params->convblock_2_batchnorm2d_1_weight;
        const float *restrict convblock_2_batchnorm2d_1_bias =
            params->convblock_2_batchnorm2d_1_bias;
        const float *restrict convblock_2_batchnorm2d_1_running_mean =
            states->convblock_2_batchnorm2d_1_running_mean;
        const float *restrict convblock_2_batchnorm2d_1_running_var =
            states->convblock_2_batchnorm2d_1_running_var;
        float (*restrict convblock_2_conv2d_1_relu)[16][14][14] = work->convblock_2_conv2d_1_relu;
        float *restrict convblock_2_batchnorm2d_1_mean = work->convblock_2_batchnorm2d_1_mean;
        float *restrict convblock_2_batchnorm2d_1_var = work->convblock_2_batchnorm2d_1_var;
        float (*restrict convblock_2_batchnorm2d_1)[16][14][14] = work->convblock_2_batchnorm2d_1;

        enum { C = 16, H = 14, W = 14 };
        // mean[c] = running_mean[c]   (std/norm.net:40)
        // var[c] = running_var[c]   (std/norm.net:41)
        for (int c = 0; c < C; c++) {
            convblock_2_batchnorm2d_1_mean[c] = convblock_2_batchnorm2d_1_running_mean[c];
            convblock_2_batchnorm2d_1_var[c] = convblock_2_batchnorm2d_1_running_var[c];
        }

        // batchnorm2d_1[n, c, h, w] = (conv2d_1.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_2_batchnorm2d_1_weight[c]
                    /sqrtf(convblock_2_batchnorm2d_1_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_2_batchnorm2d_1[n][c][h][w] = scale
                            *(convblock_2_conv2d_1_relu[n][c][h][w]
                            - convblock_2_batchnorm2d_1_mean[c])
                            + convblock_2_batchnorm2d_1_bias[c];
            }
    }

    // --- convblock_2.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_2_conv2d_2_conv2d_weight)[16][3][3] =
            params->convblock_2_conv2d_2_conv2d_weight;
        const float *restrict convblock_2_conv2d_2_conv2d_bias =
            params->convblock_2_conv2d_2_conv2d_bias;
        float (*restrict convblock_2_batchnorm2d_1)[16][14][14] = work->convblock_2_batchnorm2d_1;
        float (*restrict convblock_2_conv2d_2_conv2d)[16][14][14] =
            work->convblock_2_conv2d_2_conv2d;

        enum { O = 16, P = 14, Q = 14, I = 16, K = 3, H = 14, W = 14 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 14 and 1 <= q +
        //     s and q + s <= 14: weight[o, i, r, s]*batchnorm2d_1[n, i, p + r - 1, q + s - 1]) +
        //     bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_2_conv2d_2_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, H - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, W - q + 1); s++)
                                    sum += convblock_2_conv2d_2_conv2d_weight[o][i][r][s]
                                        *convblock_2_batchnorm2d_1[n][i][p + r - 1][q + s - 1];
                        convblock_2_conv2d_2_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_2.conv2d_2.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_2_conv2d_2_conv2d)[16][14][14] =
            work->convblock_2_conv2d_2_conv2d;
        float (*restrict convblock_2_conv2d_2_relu)[16][14][14] = work->convblock_2_conv2d_2_relu;

        enum { out_channels = 16, P = 14, Q = 14 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_2_conv2d_2_relu[n][o][p][q] =
                            max_f32(convblock_2_conv2d_2_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_2.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        const float *restrict convblock_2_batchnorm2d_2_weight =
            params->convblock_2_batchnorm2d_2_weight;
        const float *restrict convblock_2_batchnorm2d_2_bias =
            params->convblock_2_batchnorm2d_2_bias;
        const float *restrict convblock_2_batchnorm2d_2_running_mean =
            states->convblock_2_batchnorm2d_2_running_mean;
        const float *restrict convblock_2_batchnorm2d_2_running_var =
            states->convblock_2_batchnorm2d_2_running_var;
        float (*restrict convblock_2_conv2d_2_relu)[16][14][14] = work->convblock_2_conv2d_2_relu;
        float *restrict convblock_2_batchnorm2d_2_mean = work->convblock_2_batchnorm2d_2_mean;
        float *restrict convblock_2_batchnorm2d_2_var = work->convblock_2_batchnorm2d_2_var;
        float (*restrict convblock_2_batchnorm2d_2)[16][14][14] = work->convblock_2_batchnorm2d_2;

        enum { C = 16, H = 14, W = 14 };
        // mean[c] = running_mean[c]   (std/norm.net:40)
        // var[c] = running_var[c]   (std/norm.net:41)
        for (int c = 0; c < C; c++) {
            convblock_2_batchnorm2d_2_mean[c] = convblock_2_batchnorm2d_2_running_mean[c];
            convblock_2_batchnorm2d_2_var[c] = convblock_2_batchnorm2d_2_running_var[c];
        }

        // batchnorm2d_2[n, c, h, w] = (conv2d_2.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_2_batchnorm2d_2_weight[c]
                    /sqrtf(convblock_2_batchnorm2d_2_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_2_batchnorm2d_2[n][c][h][w] = scale
                            *(convblock_2_conv2d_2_relu[n][c][h][w]
                            - convblock_2_batchnorm2d_2_mean[c])
                            + convblock_2_batchnorm2d_2_bias[c];
            }
    }

    // --- convblock_2.avgpool2d: AvgPool2d(2)  mnist_convblock.net:22 ---
    {
        float (*restrict convblock_2_batchnorm2d_2)[16][14][14] = work->convblock_2_batchnorm2d_2;
        float (*restrict convblock_2_avgpool2d)[16][7][7] = work->convblock_2_avgpool2d;

        enum { C = 16, P = 7, Q = 7, K = 2 };
        // avgpool2d[n, c, p, q] = 0.25*sum(r < K, s < K: batchnorm2d_2[n, c, 2*p + r, 2*q + s])
        //     (std/pool.net:36)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = 0.0f;
                        for (int r = 0; r < K; r++)
                            for (int s = 0; s < K; s++)
                                sum += convblock_2_batchnorm2d_2[n][c][2*p + r][2*q + s];
                        convblock_2_avgpool2d[n][c][p][q] = 0.25f*sum;
                    }
    }

    // --- convblock_2.dropout: Dropout(dropout)  mnist_convblock.net:23 ---
    {
        float (*restrict convblock_2_avgpool2d)[16][7][7] = work->convblock_2_avgpool2d;
        float (*restrict convblock_2_dropout)[16][7][7] = work->convblock_2_dropout;

        enum { C = 16, P = 7, Q = 7 };
        // dropout[n, c, p, q] = avgpool2d[n, c, p, q]   (std/dropout.net:11)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_2_dropout[n][c][p][q] = convblock_2_avgpool2d[n][c][p][q];
    }

    // --- convblock_3.conv2d_1.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_3_conv2d_1_conv2d_weight)[16][3][3] =
            params->convblock_3_conv2d_1_conv2d_weight;
        const float *restrict convblock_3_conv2d_1_conv2d_bias =
            params->convblock_3_conv2d_1_conv2d_bias;
        float (*restrict convblock_2_dropout)[16][7][7] = work->convblock_2_dropout;
        float (*restrict convblock_3_conv2d_1_conv2d)[16][7][7] = work->convblock_3_conv2d_1_conv2d;

        enum { O = 16, P = 7, Q = 7, I = 16, K = 3 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 7 and 1 <= q +
        //     s and q + s <= 7: weight[o, i, r, s]*convblock_2.dropout[n, i, p + r - 1, q + s -
        //     1]) + bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_3_conv2d_1_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, P - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, Q - q + 1); s++)
                                    sum += convblock_3_conv2d_1_conv2d_weight[o][i][r][s]
                                        *convblock_2_dropout[n][i][p + r - 1][q + s - 1];
                        convblock_3_conv2d_1_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_3.conv2d_1.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_3_conv2d_1_conv2d)[16][7][7] = work->convblock_3_conv2d_1_conv2d;
        float (*restrict convblock_3_conv2d_1_relu)[16][7][7] = work->convblock_3_conv2d_1_relu;

        enum { out_channels = 16, P = 7, Q = 7 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_3_conv2d_1_relu[n][o][p][q] =
                            max_f32(convblock_3_conv2d_1_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_3.batchnorm2d_1: BatchNorm2d  mnist_convblock.net:19 ---
    {
        const float *restrict convblock_3_batchnorm2d_1_weight =
            params->convblock_3_batchnorm2d_1_weight;
        const float *restrict convblock_3_batchnorm2d_1_bias =
            params->convblock_3_batchnorm2d_1_bias;
        const float *restrict convblock_3_batchnorm2d_1_running_mean =
            states->convblock_3_batchnorm2d_1_running_mean;
        const float *restrict convblock_3_batchnorm2d_1_running_var =
            states->convblock_3_batchnorm2d_1_running_var;
        float (*restrict convblock_3_conv2d_1_relu)[16][7][7] = work->convblock_3_conv2d_1_relu;
        float *restrict convblock_3_batchnorm2d_1_mean = work->convblock_3_batchnorm2d_1_mean;
        float *restrict convblock_3_batchnorm2d_1_var = work->convblock_3_batchnorm2d_1_var;
        float (*restrict convblock_3_batchnorm2d_1)[16][7][7] = work->convblock_3_batchnorm2d_1;

        enum { C = 16, H = 7, W = 7 };
        // mean[c] = running_mean[c]   (std/norm.net:40)
        // var[c] = running_var[c]   (std/norm.net:41)
        for (int c = 0; c < C; c++) {
            convblock_3_batchnorm2d_1_mean[c] = convblock_3_batchnorm2d_1_running_mean[c];
            convblock_3_batchnorm2d_1_var[c] = convblock_3_batchnorm2d_1_running_var[c];
        }

        // batchnorm2d_1[n, c, h, w] = (conv2d_1.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_3_batchnorm2d_1_weight[c]
                    /sqrtf(convblock_3_batchnorm2d_1_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_3_batchnorm2d_1[n][c][h][w] = scale
                            *(convblock_3_conv2d_1_relu[n][c][h][w]
                            - convblock_3_batchnorm2d_1_mean[c])
                            + convblock_3_batchnorm2d_1_bias[c];
            }
    }

    // --- convblock_3.conv2d_2.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict convblock_3_conv2d_2_conv2d_weight)[16][3][3] =
            params->convblock_3_conv2d_2_conv2d_weight;
        const float *restrict convblock_3_conv2d_2_conv2d_bias =
            params->convblock_3_conv2d_2_conv2d_bias;
        float (*restrict convblock_3_batchnorm2d_1)[16][7][7] = work->convblock_3_batchnorm2d_1;
        float (*restrict convblock_3_conv2d_2_conv2d)[16][7][7] = work->convblock_3_conv2d_2_conv2d;

        enum { O = 16, P = 7, Q = 7, I = 16, K = 3, H = 7, W = 7 };
        // conv2d[n, o, p, q] = sum(i < I, r < K, s < K | 1 <= p + r and p + r <= 7 and 1 <= q +
        //     s and q + s <= 7: weight[o, i, r, s]*batchnorm2d_1[n, i, p + r - 1, q + s - 1]) +
        //     bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = convblock_3_conv2d_2_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            for (int r = int_max(0, 1 - p); r < int_min(K, H - p + 1); r++)
                                for (int s = int_max(0, 1 - q); s < int_min(K, W - q + 1); s++)
                                    sum += convblock_3_conv2d_2_conv2d_weight[o][i][r][s]
                                        *convblock_3_batchnorm2d_1[n][i][p + r - 1][q + s - 1];
                        convblock_3_conv2d_2_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- convblock_3.conv2d_2.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict convblock_3_conv2d_2_conv2d)[16][7][7] = work->convblock_3_conv2d_2_conv2d;
        float (*restrict convblock_3_conv2d_2_relu)[16][7][7] = work->convblock_3_conv2d_2_relu;

        enum { out_channels = 16, P = 7, Q = 7 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_3_conv2d_2_relu[n][o][p][q] =
                            max_f32(convblock_3_conv2d_2_conv2d[n][o][p][q], 0.0f);
    }

    // --- convblock_3.batchnorm2d_2: BatchNorm2d  mnist_convblock.net:21 ---
    {
        const float *restrict convblock_3_batchnorm2d_2_weight =
            params->convblock_3_batchnorm2d_2_weight;
        const float *restrict convblock_3_batchnorm2d_2_bias =
            params->convblock_3_batchnorm2d_2_bias;
        const float *restrict convblock_3_batchnorm2d_2_running_mean =
            states->convblock_3_batchnorm2d_2_running_mean;
        const float *restrict convblock_3_batchnorm2d_2_running_var =
            states->convblock_3_batchnorm2d_2_running_var;
        float (*restrict convblock_3_conv2d_2_relu)[16][7][7] = work->convblock_3_conv2d_2_relu;
        float *restrict convblock_3_batchnorm2d_2_mean = work->convblock_3_batchnorm2d_2_mean;
        float *restrict convblock_3_batchnorm2d_2_var = work->convblock_3_batchnorm2d_2_var;
        float (*restrict convblock_3_batchnorm2d_2)[16][7][7] = work->convblock_3_batchnorm2d_2;

        enum { C = 16, H = 7, W = 7 };
        // mean[c] = running_mean[c]   (std/norm.net:40)
        // var[c] = running_var[c]   (std/norm.net:41)
        for (int c = 0; c < C; c++) {
            convblock_3_batchnorm2d_2_mean[c] = convblock_3_batchnorm2d_2_running_mean[c];
            convblock_3_batchnorm2d_2_var[c] = convblock_3_batchnorm2d_2_running_var[c];
        }

        // batchnorm2d_2[n, c, h, w] = (conv2d_2.relu[n, c, h, w] -
        //     mean[c])*weight[c]/sqrt(var[c] + 1e-05) + bias[c]   (std/norm.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++) {
                const float scale = convblock_3_batchnorm2d_2_weight[c]
                    /sqrtf(convblock_3_batchnorm2d_2_var[c] + 1e-05f);
                for (int h = 0; h < H; h++)
                    for (int w = 0; w < W; w++)
                        convblock_3_batchnorm2d_2[n][c][h][w] = scale
                            *(convblock_3_conv2d_2_relu[n][c][h][w]
                            - convblock_3_batchnorm2d_2_mean[c])
                            + convblock_3_batchnorm2d_2_bias[c];
            }
    }

    // --- convblock_3.avgpool2d: AvgPool2d(2)  mnist_convblock.net:22 ---
    {
        float (*restrict convblock_3_batchnorm2d_2)[16][7][7] = work->convblock_3_batchnorm2d_2;
        float (*restrict convblock_3_avgpool2d)[16][3][3] = work->convblock_3_avgpool2d;

        enum { C = 16, P = 3, Q = 3, K = 2 };
        // avgpool2d[n, c, p, q] = 0.25*sum(r < K, s < K: batchnorm2d_2[n, c, 2*p + r, 2*q + s])
        //     (std/pool.net:36)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = 0.0f;
                        for (int r = 0; r < K; r++)
                            for (int s = 0; s < K; s++)
                                sum += convblock_3_batchnorm2d_2[n][c][2*p + r][2*q + s];
                        convblock_3_avgpool2d[n][c][p][q] = 0.25f*sum;
                    }
    }

    // --- convblock_3.dropout: Dropout(dropout)  mnist_convblock.net:23 ---
    {
        float (*restrict convblock_3_avgpool2d)[16][3][3] = work->convblock_3_avgpool2d;
        float (*restrict convblock_3_dropout)[16][3][3] = work->convblock_3_dropout;

        enum { C = 16, P = 3, Q = 3 };
        // dropout[n, c, p, q] = avgpool2d[n, c, p, q]   (std/dropout.net:11)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int c = 0; c < C; c++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        convblock_3_dropout[n][c][p][q] = convblock_3_avgpool2d[n][c][p][q];
    }

    // --- conv2d.conv2d:
    //     Conv2d(out_channels, kernel_size, padding=padding, weight=xavier_uniform())
    //      mnist_convblock.net:8 ---
    {
        const float (*restrict conv2d_conv2d_weight)[16][1][1] = params->conv2d_conv2d_weight;
        const float *restrict conv2d_conv2d_bias = params->conv2d_conv2d_bias;
        float (*restrict convblock_3_dropout)[16][3][3] = work->convblock_3_dropout;
        float (*restrict conv2d_conv2d)[10][3][3] = work->conv2d_conv2d;

        enum { O = 10, P = 3, Q = 3, I = 16 };
        // conv2d[n, o, p, q] = sum(i < I: weight[o, i, 0, 0]*convblock_3.dropout[n, i, p, q]) +
        //     bias[o]   (std/conv.net:43)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++) {
                        float sum = conv2d_conv2d_bias[o];
                        for (int i = 0; i < I; i++)
                            sum += conv2d_conv2d_weight[o][i][0][0]*convblock_3_dropout[n][i][p][q];
                        conv2d_conv2d[n][o][p][q] = sum;
                    }
    }

    // --- conv2d.relu: ReLU  mnist_convblock.net:9 ---
    {
        float (*restrict conv2d_conv2d)[10][3][3] = work->conv2d_conv2d;
        float (*restrict conv2d_relu)[10][3][3] = work->conv2d_relu;

        enum { out_channels = 10, P = 3, Q = 3 };
        // relu[n, o, p, q] = max(conv2d[n, o, p, q], 0)   (std/activation.net:4)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        conv2d_relu[n][o][p][q] = max_f32(conv2d_conv2d[n][o][p][q], 0.0f);
    }

    // --- reshape: reshape(_, [90])  mnist_convblock.net:31 ---
    {
        float (*restrict conv2d_relu)[10][3][3] = work->conv2d_relu;
        float (*restrict reshape)[90] = work->reshape;

        enum { out_channels = 10, P = 3, Q = 3 };
        // reshape[n, q + 3*p + 9*o] = conv2d.relu[n, o, p, q]   (mnist_convblock.net:31)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_channels; o++)
                for (int p = 0; p < P; p++)
                    for (int q = 0; q < Q; q++)
                        reshape[n][9*o + 3*p + q] = conv2d_relu[n][o][p][q];
    }

    // --- dense.linear:
    //     Linear(out_features, weight=xavier_uniform())  mnist_convblock.net:13 ---
    {
        const float (*restrict dense_linear_weight)[90] = params->dense_linear_weight;
        const float *restrict dense_linear_bias = params->dense_linear_bias;
        float (*restrict reshape)[90] = work->reshape;
        float (*restrict dense_linear)[10] = work->dense_linear;

        enum { out_features = 10, I = 90 };
        // linear[n, o] = sum(i < I: weight[o, i]*reshape[n, i]) + bias[o]   (std/linear.net:7)
        PARALLEL_FOR
        for (int n = 0; n < N; n++)
            for (int o = 0; o < out_features; o++) {
                float sum = dense_linear_bias[o];
                for (int i = 0; i < I; i++)
                    sum += dense_linear_weight[o][i]*reshape[n][i];
                dense_linear[n][o] = sum;
            }
    }

    // --- dense.logsoftmax: LogSoftmax  mnist_convblock.net:14 ---
    {
        float (*restrict dense_linear)[10] = work->dense_linear;

        enum { I = 10 };
        // m[n] = stop(max(i < I: linear[n, i]))   (std/softmax.net:21)
        // log_probs[n, i] = linear[n, i] - m[n] - log(sum(j < I: exp(linear[n, j] - m[n])))
        //     (std/softmax.net:22)
        PARALLEL_FOR
        for (int n = 0; n < N; n++) {
            float m = -INFINITY;
            for (int i = 0; i < I; i++) {
                const float value = dense_linear[n][i];
                if (m < value || value != value)
                    m = value;
            }
            for (int i = 0; i < I; i++) {
                float sum = 0.0f;
                for (int j = 0; j < I; j++)
                    sum += expf(dense_linear[n][j] - m);
                log_probs[n][i] = dense_linear[n][i] - m - logf(sum);
            }
        }
    }

    // --- nllloss: NLLLoss  mnist_convblock.net:35 ---
    // loss[n] = -log_probs[n, digit[n]]   (std/loss.net:38)
    for (int n = 0; n < N; n++)
        loss[n] = -log_probs[n][digit[n]];

    // loss_mean = sum(n < N: loss[n])/N   (mnist_convblock.net:35)
    double sum = 0.0;
    for (int n = 0; n < N; n++)
        sum += (double)loss[n];
    results->loss = sum/(double)N;

    // --- accuracy: accuracy  mnist_convblock.net:36 ---
    {
        enum { K = 10 };
        // accuracy[n] = if argmax(k < K: log_probs[n, k]) == digit[n] then 1 else 0
        //     (std/metric.net:5)
        for (int n = 0; n < N; n++) {
            float best = -INFINITY;
            int first = 0;
            for (int k = 0; k < K; k++) {
                const float value = log_probs[n][k];
                if (best < value || value != value) {
                    best = value;
                    first = k;
                }
            }
            accuracy[n] = first == digit[n] ? 1.0f : 0.0f;
        }
    }

    // accuracy_mean = sum(n < N: accuracy[n])/N   (mnist_convblock.net:36)
    double sum2 = 0.0;
    for (int n = 0; n < N; n++)
        sum2 += (double)accuracy[n];
    results->accuracy = sum2/(double)N;
}
