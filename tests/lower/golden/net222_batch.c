// net222_batch.c: the functions of the model.
#include "net222_batch.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(net222_batch_params) == 16, "layout of net222_batch_params");
_Static_assert(sizeof(net222_batch_batch) == 64, "layout of net222_batch_batch");
_Static_assert(sizeof(net222_batch_work) == 128, "layout of net222_batch_work");
_Static_assert(sizeof(net222_batch_results) == 8, "layout of net222_batch_results");

// 1/(1 + exp(-x)), with exp of negative numbers only, so that nothing overflows.
static inline double sigmoid_f64(double x) {
    const double e = exp(-fabs(x));
    return x < 0 ? e/(1.0 + e) : 1.0/(1.0 + e);
}

// The values of a batch, as in training, and its results.
void net222_batch_forward(const net222_batch_params *params, const net222_batch_batch *batch,
                          net222_batch_work *work, net222_batch_results *results, int N) {
    const double *restrict i1 = batch->i1;
    const double *restrict t1 = batch->t1;
    double *restrict a_h1 = work->a_h1;
    double *restrict a_o1 = work->a_o1;

    const double w1 = params->w1;
    const double w2 = params->w2;

    {
        // h1[n] = w1*i1[n]
        // a_h1[n] = sigmoid(h1[n])
        // o1[n] = w2*a_h1[n]
        // a_o1[n] = sigmoid(o1[n])
        for (int n = 0; n < N; n++) {
            const double h1 = w1*i1[n];
            a_h1[n] = sigmoid_f64(h1);
            const double o1 = w2*a_h1[n];
            a_o1[n] = sigmoid_f64(o1);
        }

        // loss = sum(n < N: 0.5*(t1[n] - a_o1[n])^2)/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            const double difference = t1[n] - a_o1[n];
            sum += 0.5*difference*difference;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void net222_batch_backward(const net222_batch_params *params, net222_batch_params *grads,
                           const net222_batch_batch *batch, net222_batch_work *work, int N) {
    const double *restrict i1 = batch->i1;
    const double *restrict t1 = batch->t1;
    double *restrict a_h1 = work->a_h1;
    double *restrict a_o1 = work->a_o1;
    double *restrict d_o1 = work->d_o1;
    double *restrict d_h1 = work->d_h1;

    const double w2 = params->w2;

    {
        // d_o1[n] = (a_o1[n] - t1[n])*a_o1[n]*(1 - a_o1[n])/N
        // d_h1[n] = d_o1[n]*w2*a_h1[n]*(1 - a_h1[n])
        for (int n = 0; n < N; n++) {
            d_o1[n] = (a_o1[n] - t1[n])*a_o1[n]*(1.0 - a_o1[n])/(double)N;
            d_h1[n] = d_o1[n]*w2*a_h1[n]*(1.0 - a_h1[n]);
        }

        // d_w2 = sum(n < N: d_o1[n]*a_h1[n])
        double sum = 0.0;
        for (int n = 0; n < N; n++)
            sum += d_o1[n]*a_h1[n];
        grads->w2 = sum;

        // d_w1 = sum(n < N: d_h1[n]*i1[n])
        double sum2 = 0.0;
        for (int n = 0; n < N; n++)
            sum2 += d_h1[n]*i1[n];
        grads->w1 = sum2;
    }
}

// The values of a batch, as in evaluation, and its results.
void net222_batch_evaluate(const net222_batch_params *params, const net222_batch_batch *batch,
                           net222_batch_work *work, net222_batch_results *results, int N) {
    const double *restrict i1 = batch->i1;
    const double *restrict t1 = batch->t1;
    double *restrict a_o1 = work->a_o1;

    const double w1 = params->w1;
    const double w2 = params->w2;

    {
        // h1[n] = w1*i1[n]
        // a_h1[n] = sigmoid(h1[n])
        // o1[n] = w2*a_h1[n]
        // a_o1[n] = sigmoid(o1[n])
        for (int n = 0; n < N; n++) {
            const double h1 = w1*i1[n];
            const double a_h1 = sigmoid_f64(h1);
            const double o1 = w2*a_h1;
            a_o1[n] = sigmoid_f64(o1);
        }

        // loss = sum(n < N: 0.5*(t1[n] - a_o1[n])^2)/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            const double difference = t1[n] - a_o1[n];
            sum += 0.5*difference*difference;
        }
        results->loss = sum/(double)N;
    }
}
