// wide.c: the functions of the model.
#include "wide.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(wide_params) == 4800, "layout of wide_params");
_Static_assert(sizeof(wide_states) == 120, "layout of wide_states");
_Static_assert(sizeof(wide_batch) == 5120, "layout of wide_batch");
_Static_assert(sizeof(wide_work) == 7680, "layout of wide_work");
_Static_assert(sizeof(wide_results) == 8, "layout of wide_results");

// The values of a batch, as in training, and its results.
void wide_forward(const wide_params *params, const wide_batch *batch, wide_work *work,
                  wide_results *results, int N) {
    const float (*restrict weight)[40] = params->weight;
    const float (*restrict x)[40] = batch->x;
    float (*restrict y)[30] = work->y;

    {
        enum { O = 30, I = 40 };
        // y[n, o] = tanh(sum(i < I: weight[o, i]*x[n, i]))
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++) {
                float sum = 0.0f;
                for (int i = 0; i < I; i++)
                    sum += weight[o][i]*x[n][i];
                y[n][o] = tanhf(sum);
            }

        // loss = sum(n < N: sum(o < O: exp(y[n, o])))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int o = 0; o < O; o++)
                sum2 += expf(y[n][o]);
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void wide_backward(wide_params *grads, const wide_batch *batch, wide_work *work, int N) {
    const float (*restrict x)[40] = batch->x;
    float (*restrict y)[30] = work->y;
    float (*restrict d_weight)[40] = grads->weight;
    float (*restrict d_y)[30] = work->d_y;

    {
        enum { O = 30, I = 40 };
        // d_y[n, o] = tanh(tanh(tanh(tanh(tanh(tanh(tanh(tanh(exp(y[n, o])/N))))))))*(1 - y[n,
        //     o]^2)
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++)
                d_y[n][o] =
                    tanhf(tanhf(tanhf(tanhf(tanhf(tanhf(tanhf(tanhf(expf(y[n][o])/(float)N))))))))
                    *(1.0f - y[n][o]*y[n][o]);

        // d_weight[o, i] = sum(n < N: d_y[n, o]*x[n, i])
        for (int o = 0; o < O; o++)
            for (int i = 0; i < I; i++) {
                double sum = 0.0;
                for (int n = 0; n < N; n++)
                    sum += (double)(d_y[n][o]*x[n][i]);
                d_weight[o][i] = (float)sum;
            }
    }
}

// The states after this batch; after forward.
void wide_update(wide_states *states) {
    float *restrict seen = states->seen;

    {
        enum { O = 30 };
        // seen[o] = seen[o] + 1
        for (int o = 0; o < O; o++)
            seen[o] = seen[o] + 1.0f;
    }
}

// The values of a batch, as in evaluation, and its results.
void wide_evaluate(const wide_params *params, const wide_batch *batch, wide_work *work,
                   wide_results *results, int N) {
    const float (*restrict weight)[40] = params->weight;
    const float (*restrict x)[40] = batch->x;
    float (*restrict y)[30] = work->y;

    {
        enum { O = 30, I = 40 };
        // y[n, o] = tanh(sum(i < I: weight[o, i]*x[n, i]))
        for (int n = 0; n < N; n++)
            for (int o = 0; o < O; o++) {
                float sum = 0.0f;
                for (int i = 0; i < I; i++)
                    sum += weight[o][i]*x[n][i];
                y[n][o] = tanhf(sum);
            }

        // loss = sum(n < N: sum(o < O: exp(y[n, o])))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int o = 0; o < O; o++)
                sum2 += expf(y[n][o]);
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}
