// models.c: see models.h. Losses and gradients are the textbook's, written out.
#include "models.h"

#include <math.h>
#include <string.h>

// The linear model: params w[2], b; state mean; batch x[3][2], t[3]; work y[3].
enum { LINEAR_BATCH = 3 };

static void linear_outputs(const NetCall *c) {
    const double *p = c->params;
    const double *x = c->batch;
    double *y = c->work;
    for (int i = 0; i < c->n; i++) y[i] = p[0] * x[2 * i] + p[1] * x[2 * i + 1] + p[2];
}

static void linear_results(const NetCall *c) {
    const double *t = (const double *)c->batch + 2 * LINEAR_BATCH;
    const double *y = c->work;
    double loss = 0, distance = 0;
    for (int i = 0; i < c->n; i++) {
        loss += 0.5 * (y[i] - t[i]) * (y[i] - t[i]);
        distance += fabs(y[i] - t[i]);
    }
    c->results[0] = loss / c->n;
    c->results[1] = distance / c->n;
}

static void linear_forward(const NetCall *c) {
    linear_outputs(c);
    linear_results(c);
}

static double shake(const NetCall *c, int place) {
    return 1e-3 * sin((double)(c->seed * 31 + c->step * 7 + (uint64_t)place));
}

static void linear_backward(const NetCall *c) {
    const double *x = c->batch;
    const double *t = x + 2 * LINEAR_BATCH;
    const double *y = c->work;
    double *g = c->grads;
    for (int k = 0; k < 3; k++) g[k] = shake(c, k);
    for (int i = 0; i < c->n; i++) {
        double d = (y[i] - t[i]) / c->n;
        g[0] += d * x[2 * i];
        g[1] += d * x[2 * i + 1];
        g[2] += d;
    }
}

static void linear_update(const NetCall *c) {
    double *mean = c->states;
    const double *y = c->work;
    for (int i = 0; i < c->n; i++) mean[0] = 0.9 * mean[0] + 0.1 * y[i];
}

static const NetTensor linear_param[] = {
    {"fit.weight", 1, {2}, 0, 2, {.kind = NET_INIT_UNIFORM, .a = -1, .b = 1}},
    {"fit.bias", 0, {0}, 2, 1, {.kind = NET_INIT_NORMAL, .a = 0, .b = 0.5}},
};
static const NetTensor linear_state[] = {
    {"mean", 0, {0}, 0, 1, {.kind = NET_INIT_CONSTANT, .a = 0.25}},
};
static const NetInput linear_input[] = {
    {"x", NET_F64, 1, {2}, 2, 0, 0, 0},
    {"t", NET_F64, 0, {0}, 1, 2 * LINEAR_BATCH * sizeof(double), 0, 1},
};
static const NetOutput linear_output[] = {{"y", NET_F64, 0, {0}, 1, 0, 1}};
static const char *const linear_result[] = {"E_total", "mae"};
static const double linear_x[] = {1, 2, 0.5, -1, -2, 0.25, 3, 1, 0, 0, -1, -1, 2, -0.5};
static const double linear_t[] = {3, -0.5, -1.25, 4, 0.125, -2, 1.5};
static const NetInline linear_inline[] = {{"x", linear_x, 7}, {"t", linear_t, 7}};
static const double linear_lr = 0.05;
static const double linear_momentum = 0.9;
static const NetSetting linear_arguments[] = {{"lr", 1, &linear_lr, NULL},
                                              {"momentum", 1, &linear_momentum, NULL}};
static const double linear_step = 2;
static const NetSetting linear_schedule[] = {{"step_size", 1, &linear_step, NULL}};

const NetModel linear_model = {
    .abi = NET_ABI,
    .name = "linear",
    .spec = "linear.net",
    .fingerprint = "0123456789abcdef",
    .schedule = "plain",
    .type = NET_F64,
    .batch_size = LINEAR_BATCH,
    .param = linear_param,
    .param_tensors = 2,
    .param_count = 3,
    .state = linear_state,
    .state_tensors = 1,
    .state_count = 1,
    .input = linear_input,
    .input_count = 2,
    .batch_bytes = 3 * LINEAR_BATCH * sizeof(double),
    .output = linear_output,
    .output_count = 1,
    .work_bytes = LINEAR_BATCH * sizeof(double),
    .result = linear_result,
    .result_count = 2,
    .train = {.epochs = 3,
              .shuffle = 1,
              .seed = 7,
              .optimizer = {"SGD", linear_arguments, 2},
              .scheduler = {"StepLR", linear_schedule, 1}},
    .data = {.format = NET_DATA_INLINE, .inlined = linear_inline, .inlined_count = 2},
    .forward = linear_forward,
    .backward = linear_backward,
    .update = linear_update,
    .evaluate = linear_forward,
};

// The softmax model: params W[3][16], b[3]; batch image[4][16], digit[4]; work log_probs[4][3].
enum { SOFTMAX_BATCH = 4, PIXELS = 16, CLASSES = 3 };

static void softmax_sample(const float *p, const float *x, float *out) {
    double sum = 0;
    for (int k = 0; k < CLASSES; k++) {
        out[k] = p[CLASSES * PIXELS + k];
        for (int i = 0; i < PIXELS; i++) out[k] += p[k * PIXELS + i] * x[i];
        sum += exp((double)out[k]);
    }
    for (int k = 0; k < CLASSES; k++) out[k] -= (float)log(sum);
}

static const int32_t *digits(const NetCall *c) {
    return (const int32_t *)((const float *)c->batch + SOFTMAX_BATCH * PIXELS);
}

static void softmax_forward(const NetCall *c) {
    float *out = c->work;
    double loss = 0, right = 0;
    for (int i = 0; i < c->n; i++, out += CLASSES) {
        softmax_sample(c->params, (const float *)c->batch + i * PIXELS, out);
        loss -= (double)out[digits(c)[i]];
        int best = 0;
        for (int k = 1; k < CLASSES; k++) best = out[k] > out[best] ? k : best;
        right += best == digits(c)[i];
    }
    c->results[0] = loss / c->n;
    c->results[1] = right / c->n;
}

static void softmax_backward(const NetCall *c) {
    const float *x = c->batch;
    const float *out = c->work;
    float *g = c->grads;
    memset(g, 0, (CLASSES * PIXELS + CLASSES) * sizeof *g);
    for (int i = 0; i < c->n; i++, x += PIXELS, out += CLASSES)
        for (int k = 0; k < CLASSES; k++) {
            float d = (expf(out[k]) - (float)(k == digits(c)[i])) / (float)c->n;
            for (int j = 0; j < PIXELS; j++) g[k * PIXELS + j] += d * x[j];
            g[CLASSES * PIXELS + k] += d;
        }
}

static const NetTensor softmax_param[] = {
    {"dense.weight", 2, {3, 16}, 0, 48, {.kind = NET_INIT_UNIFORM, .a = -0.25, .b = 0.25}},
    {"dense.bias", 1, {3}, 48, 3, {.kind = NET_INIT_CONSTANT, .a = 0}},
};
static const NetInput softmax_input[] = {
    {"image", NET_F32, 3, {1, 4, 4}, PIXELS, 0, 0, 0},
    {"digit", NET_I32, 0, {0}, 1, SOFTMAX_BATCH *PIXELS * sizeof(float), 3, 1},
};
static const NetOutput softmax_output[] = {{"log_probs", NET_F32, 1, {3}, 3, 0, 1}};
static const char *const softmax_result[] = {"loss", "accuracy"};
static const char *const softmax_train[] = {"train-images", "train-labels"};
static const char *const softmax_test[] = {"test-images", "test-labels"};

const NetModel softmax_model = {
    .abi = NET_ABI,
    .name = "softmax",
    .spec = "softmax.net",
    .fingerprint = "fedcba9876543210",
    .schedule = "plain",
    .type = NET_F32,
    .batch_size = SOFTMAX_BATCH,
    .param = softmax_param,
    .param_tensors = 2,
    .param_count = 51,
    .input = softmax_input,
    .input_count = 2,
    .batch_bytes = SOFTMAX_BATCH * (PIXELS * sizeof(float) + sizeof(int32_t)),
    .output = softmax_output,
    .output_count = 1,
    .work_bytes = SOFTMAX_BATCH * CLASSES * sizeof(float),
    .result = softmax_result,
    .result_count = 2,
    .train = {.epochs = 4, .shuffle = 1, .seed = 3, .optimizer = {"Adam", NULL, 0}},
    .data = {.format = NET_DATA_IDX,
             .train = softmax_train,
             .train_count = 2,
             .test = softmax_test,
             .test_count = 2,
             .scale = 1.0 / 255},
    .forward = softmax_forward,
    .backward = softmax_backward,
    .evaluate = softmax_forward,
};
