// mnist_convblock.h: the data of the model and the functions that compute on it.
#ifndef MNIST_CONVBLOCK_H
#define MNIST_CONVBLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The most samples that one batch holds.
#define MNIST_CONVBLOCK_BATCH 128

// What is trained. Gradients have the same struct.
typedef struct mnist_convblock_params {
    float convblock_1_conv2d_1_conv2d_weight[16][1][3][3]; /* [out_channels, I, K, K] */
    float convblock_1_conv2d_1_conv2d_bias[16]; /* [out_channels] */
    float convblock_1_batchnorm2d_1_weight[16]; /* [C] */
    float convblock_1_batchnorm2d_1_bias[16]; /* [C] */
    float convblock_1_conv2d_2_conv2d_weight[16][16][3][3]; /* [out_channels, I, K, K] */
    float convblock_1_conv2d_2_conv2d_bias[16]; /* [out_channels] */
    float convblock_1_batchnorm2d_2_weight[16]; /* [C] */
    float convblock_1_batchnorm2d_2_bias[16]; /* [C] */
    float convblock_2_conv2d_1_conv2d_weight[16][16][3][3]; /* [out_channels, I, K, K] */
    float convblock_2_conv2d_1_conv2d_bias[16]; /* [out_channels] */
    float convblock_2_batchnorm2d_1_weight[16]; /* [C] */
    float convblock_2_batchnorm2d_1_bias[16]; /* [C] */
    float convblock_2_conv2d_2_conv2d_weight[16][16][3][3]; /* [out_channels, I, K, K] */
    float convblock_2_conv2d_2_conv2d_bias[16]; /* [out_channels] */
    float convblock_2_batchnorm2d_2_weight[16]; /* [C] */
    float convblock_2_batchnorm2d_2_bias[16]; /* [C] */
    float convblock_3_conv2d_1_conv2d_weight[16][16][3][3]; /* [out_channels, I, K, K] */
    float convblock_3_conv2d_1_conv2d_bias[16]; /* [out_channels] */
    float convblock_3_batchnorm2d_1_weight[16]; /* [C] */
    float convblock_3_batchnorm2d_1_bias[16]; /* [C] */
    float convblock_3_conv2d_2_conv2d_weight[16][16][3][3]; /* [out_channels, I, K, K] */
    float convblock_3_conv2d_2_conv2d_bias[16]; /* [out_channels] */
    float convblock_3_batchnorm2d_2_weight[16]; /* [C] */
    float convblock_3_batchnorm2d_2_bias[16]; /* [C] */
    float conv2d_conv2d_weight[10][16][1][1]; /* [out_channels, I, K, K] */
    float conv2d_conv2d_bias[10]; /* [out_channels] */
    float dense_linear_weight[10][90]; /* [out_features, I] */
    float dense_linear_bias[10]; /* [out_features] */
} mnist_convblock_params;

// What is kept between steps but not trained.
typedef struct mnist_convblock_states {
    float convblock_1_batchnorm2d_1_running_mean[16]; /* [C] */
    float convblock_1_batchnorm2d_1_running_var[16]; /* [C] */
    float convblock_1_batchnorm2d_2_running_mean[16]; /* [C] */
    float convblock_1_batchnorm2d_2_running_var[16]; /* [C] */
    float convblock_2_batchnorm2d_1_running_mean[16]; /* [C] */
    float convblock_2_batchnorm2d_1_running_var[16]; /* [C] */
    float convblock_2_batchnorm2d_2_running_mean[16]; /* [C] */
    float convblock_2_batchnorm2d_2_running_var[16]; /* [C] */
    float convblock_3_batchnorm2d_1_running_mean[16]; /* [C] */
    float convblock_3_batchnorm2d_1_running_var[16]; /* [C] */
    float convblock_3_batchnorm2d_2_running_mean[16]; /* [C] */
    float convblock_3_batchnorm2d_2_running_var[16]; /* [C] */
} mnist_convblock_states;

// Inputs and targets, one row a sample.
typedef struct mnist_convblock_batch {
    float image[MNIST_CONVBLOCK_BATCH][1][28][28]; /* [N, 1, 28, 28] */
    int32_t digit[MNIST_CONVBLOCK_BATCH]; /* [N] */
} mnist_convblock_batch;

// Everything between the input and the gradients.
typedef struct mnist_convblock_work {
    /* [N, out_channels, P, Q] */
    float convblock_1_conv2d_1_conv2d[MNIST_CONVBLOCK_BATCH][16][28][28];
    /* [N, out_channels, P, Q] */
    float convblock_1_conv2d_1_relu[MNIST_CONVBLOCK_BATCH][16][28][28];
    float convblock_1_batchnorm2d_1_mean[16]; /* [C] */
    float convblock_1_batchnorm2d_1_var[16]; /* [C] */
    float convblock_1_batchnorm2d_1[MNIST_CONVBLOCK_BATCH][16][28][28]; /* [N, C, H, W] */
    /* [N, out_channels, P, Q] */
    float convblock_1_conv2d_2_conv2d[MNIST_CONVBLOCK_BATCH][16][28][28];
    /* [N, out_channels, P, Q] */
    float convblock_1_conv2d_2_relu[MNIST_CONVBLOCK_BATCH][16][28][28];
    float convblock_1_batchnorm2d_2_mean[16]; /* [C] */
    float convblock_1_batchnorm2d_2_var[16]; /* [C] */
    float convblock_1_batchnorm2d_2[MNIST_CONVBLOCK_BATCH][16][28][28]; /* [N, C, H, W] */
    float convblock_1_avgpool2d[MNIST_CONVBLOCK_BATCH][16][14][14]; /* [N, C, P, Q] */
    float convblock_1_dropout_mask[MNIST_CONVBLOCK_BATCH][16][14][14]; /* [N, C, P, Q] */
    float convblock_1_dropout[MNIST_CONVBLOCK_BATCH][16][14][14]; /* [N, C, P, Q] */
    /* [N, out_channels, P, Q] */
    float convblock_2_conv2d_1_conv2d[MNIST_CONVBLOCK_BATCH][16][14][14];
    /* [N, out_channels, P, Q] */
    float convblock_2_conv2d_1_relu[MNIST_CONVBLOCK_BATCH][16][14][14];
    float convblock_2_batchnorm2d_1_mean[16]; /* [C] */
    float convblock_2_batchnorm2d_1_var[16]; /* [C] */
    float convblock_2_batchnorm2d_1[MNIST_CONVBLOCK_BATCH][16][14][14]; /* [N, C, H, W] */
    /* [N, out_channels, P, Q] */
    float convblock_2_conv2d_2_conv2d[MNIST_CONVBLOCK_BATCH][16][14][14];
    /* [N, out_channels, P, Q] */
    float convblock_2_conv2d_2_relu[MNIST_CONVBLOCK_BATCH][16][14][14];
    float convblock_2_batchnorm2d_2_mean[16]; /* [C] */
    float convblock_2_batchnorm2d_2_var[16]; /* [C] */
    float convblock_2_batchnorm2d_2[MNIST_CONVBLOCK_BATCH][16][14][14]; /* [N, C, H, W] */
    float convblock_2_avgpool2d[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, C, P, Q] */
    float convblock_2_dropout_mask[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, C, P, Q] */
    float convblock_2_dropout[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, C, P, Q] */
    /* [N, out_channels, P, Q] */
    float convblock_3_conv2d_1_conv2d[MNIST_CONVBLOCK_BATCH][16][7][7];
    float convblock_3_conv2d_1_relu[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, out_channels, P, Q] */
    float convblock_3_batchnorm2d_1_mean[16]; /* [C] */
    float convblock_3_batchnorm2d_1_var[16]; /* [C] */
    float convblock_3_batchnorm2d_1[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, C, H, W] */
    /* [N, out_channels, P, Q] */
    float convblock_3_conv2d_2_conv2d[MNIST_CONVBLOCK_BATCH][16][7][7];
    float convblock_3_conv2d_2_relu[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, out_channels, P, Q] */
    float convblock_3_batchnorm2d_2_mean[16]; /* [C] */
    float convblock_3_batchnorm2d_2_var[16]; /* [C] */
    float convblock_3_batchnorm2d_2[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, C, H, W] */
    float convblock_3_avgpool2d[MNIST_CONVBLOCK_BATCH][16][3][3]; /* [N, C, P, Q] */
    float convblock_3_dropout_mask[MNIST_CONVBLOCK_BATCH][16][3][3]; /* [N, C, P, Q] */
    float convblock_3_dropout[MNIST_CONVBLOCK_BATCH][16][3][3]; /* [N, C, P, Q] */
    float conv2d_conv2d[MNIST_CONVBLOCK_BATCH][10][3][3]; /* [N, out_channels, P, Q] */
    float conv2d_relu[MNIST_CONVBLOCK_BATCH][10][3][3]; /* [N, out_channels, P, Q] */
    float reshape[MNIST_CONVBLOCK_BATCH][90]; /* [N, 90] */
    float dense_linear[MNIST_CONVBLOCK_BATCH][10]; /* [N, out_features] */
    float dense_logsoftmax_m[MNIST_CONVBLOCK_BATCH]; /* [N] */
    float log_probs[MNIST_CONVBLOCK_BATCH][10]; /* [N, I] */
    float loss[MNIST_CONVBLOCK_BATCH]; /* [N] */
    float accuracy[MNIST_CONVBLOCK_BATCH]; /* [N] */
    float log_probs_sum[MNIST_CONVBLOCK_BATCH]; /* [N] */
    float d_dense_linear[MNIST_CONVBLOCK_BATCH][10]; /* [N, out_features] */
    float d_reshape[MNIST_CONVBLOCK_BATCH][90]; /* [N, 90] */
    float d_conv2d_conv2d[MNIST_CONVBLOCK_BATCH][10][3][3]; /* [N, out_channels, P, Q] */
    float d_convblock_3_dropout[MNIST_CONVBLOCK_BATCH][16][3][3]; /* [N, C, P, Q] */
    float d_convblock_3_batchnorm2d_2[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, C, H, W] */
    float d_convblock_3_batchnorm2d_2_var[16]; /* [C] */
    float d_convblock_3_batchnorm2d_2_mean[16]; /* [C] */
    /* [N, out_channels, P, Q] */
    float d_convblock_3_conv2d_2_conv2d[MNIST_CONVBLOCK_BATCH][16][7][7];
    float d_convblock_3_batchnorm2d_1[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, C, H, W] */
    float d_convblock_3_batchnorm2d_1_var[16]; /* [C] */
    float d_convblock_3_batchnorm2d_1_mean[16]; /* [C] */
    /* [N, out_channels, P, Q] */
    float d_convblock_3_conv2d_1_conv2d[MNIST_CONVBLOCK_BATCH][16][7][7];
    float d_convblock_2_dropout[MNIST_CONVBLOCK_BATCH][16][7][7]; /* [N, C, P, Q] */
    float d_convblock_2_batchnorm2d_2[MNIST_CONVBLOCK_BATCH][16][14][14]; /* [N, C, H, W] */
    float d_convblock_2_batchnorm2d_2_var[16]; /* [C] */
    float d_convblock_2_batchnorm2d_2_mean[16]; /* [C] */
    /* [N, out_channels, P, Q] */
    float d_convblock_2_conv2d_2_conv2d[MNIST_CONVBLOCK_BATCH][16][14][14];
    float d_convblock_2_batchnorm2d_1[MNIST_CONVBLOCK_BATCH][16][14][14]; /* [N, C, H, W] */
    float d_convblock_2_batchnorm2d_1_var[16]; /* [C] */
    float d_convblock_2_batchnorm2d_1_mean[16]; /* [C] */
    /* [N, out_channels, P, Q] */
    float d_convblock_2_conv2d_1_conv2d[MNIST_CONVBLOCK_BATCH][16][14][14];
    float d_convblock_1_dropout[MNIST_CONVBLOCK_BATCH][16][14][14]; /* [N, C, P, Q] */
    float d_convblock_1_batchnorm2d_2[MNIST_CONVBLOCK_BATCH][16][28][28]; /* [N, C, H, W] */
    float d_convblock_1_batchnorm2d_2_var[16]; /* [C] */
    float d_convblock_1_batchnorm2d_2_mean[16]; /* [C] */
    /* [N, out_channels, P, Q] */
    float d_convblock_1_conv2d_2_conv2d[MNIST_CONVBLOCK_BATCH][16][28][28];
    float d_convblock_1_batchnorm2d_1[MNIST_CONVBLOCK_BATCH][16][28][28]; /* [N, C, H, W] */
    float d_convblock_1_batchnorm2d_1_var[16]; /* [C] */
    float d_convblock_1_batchnorm2d_1_mean[16]; /* [C] */
    /* [N, out_channels, P, Q] */
    float d_convblock_1_conv2d_1_conv2d[MNIST_CONVBLOCK_BATCH][16][28][28];
} mnist_convblock_work;

// The loss, then the metrics.
typedef struct mnist_convblock_results {
    double loss;
    double accuracy;
} mnist_convblock_results;

// The values of a batch, as in training, and its results.
void mnist_convblock_forward(const mnist_convblock_params *params,
                             const mnist_convblock_batch *batch, mnist_convblock_work *work,
                             mnist_convblock_results *results, int N, uint64_t seed, uint64_t step,
                             int threads);

// The gradient of the loss with respect to every parameter; after forward.
void mnist_convblock_backward(const mnist_convblock_params *params, mnist_convblock_params *grads,
                              const mnist_convblock_batch *batch, mnist_convblock_work *work, int N,
                              int threads);

// The states after this batch; after forward.
void mnist_convblock_update(mnist_convblock_states *states, const mnist_convblock_work *work,
                            int N);

// The values of a batch, as in evaluation, and its results.
void mnist_convblock_evaluate(const mnist_convblock_params *params,
                              const mnist_convblock_states *states,
                              const mnist_convblock_batch *batch, mnist_convblock_work *work,
                              mnist_convblock_results *results, int N, int threads);

#ifdef __cplusplus
}
#endif
#endif
