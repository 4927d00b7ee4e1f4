// net222.c: the functions of the model.
#include "net222.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(net222_params) == 16, "layout of net222_params");
_Static_assert(sizeof(net222_batch) == 16, "layout of net222_batch");
_Static_assert(sizeof(net222_work) == 16, "layout of net222_work");
_Static_assert(sizeof(net222_results) == 8, "layout of net222_results");

// 1/(1 + exp(-x)), with exp of negative numbers only, so that nothing overflows.
static inline double sigmoid_f64(double x) {
    const double e = exp(-fabs(x));
    return x < 0 ? e/(1.0 + e) : 1.0/(1.0 + e);
}

// The values of a batch, as in training, and its results.
void net222_forward(const net222_params *params, const net222_batch *batch, net222_work *work,
                    net222_results *results) {
    const double w1 = params->w1;
    const double w2 = params->w2;
    const double i1 = batch->i1;
    const double t1 = batch->t1;

    // h1 = w1*i1
    const double h1 = w1*i1;
    // a_h1 = sigmoid(h1)
    const double a_h1 = sigmoid_f64(h1);
    // o1 = w2*a_h1
    const double o1 = w2*a_h1;
    // a_o1 = sigmoid(o1)
    const double a_o1 = sigmoid_f64(o1);
    // loss = 0.5*(t1 - a_o1)^2
    const double difference = t1 - a_o1;
    results->loss = 0.5*difference*difference;

    work->a_h1 = a_h1;
    work->a_o1 = a_o1;
}

// The gradient of the loss with respect to every parameter; after forward.
void net222_backward(const net222_params *params, net222_params *grads, const net222_batch *batch,
                     const net222_work *work) {
    const double w2 = params->w2;
    const double i1 = batch->i1;
    const double t1 = batch->t1;
    const double a_h1 = work->a_h1;
    const double a_o1 = work->a_o1;

    // d_o1 = (a_o1 - t1)*a_o1*(1 - a_o1)
    const double d_o1 = (a_o1 - t1)*a_o1*(1.0 - a_o1);
    // d_h1 = d_o1*w2*a_h1*(1 - a_h1)
    const double d_h1 = d_o1*w2*a_h1*(1.0 - a_h1);
    // d_w2 = d_o1*a_h1
    const double d_w2 = d_o1*a_h1;
    // d_w1 = d_h1*i1
    const double d_w1 = d_h1*i1;

    grads->w2 = d_w2;
    grads->w1 = d_w1;
}

// The values of a batch, as in evaluation, and its results.
void net222_evaluate(const net222_params *params, const net222_batch *batch, net222_work *work,
                     net222_results *results) {
    const double w1 = params->w1;
    const double w2 = params->w2;
    const double i1 = batch->i1;
    const double t1 = batch->t1;

    // h1 = w1*i1
    const double h1 = w1*i1;
    // a_h1 = sigmoid(h1)
    const double a_h1 = sigmoid_f64(h1);
    // o1 = w2*a_h1
    const double o1 = w2*a_h1;
    // a_o1 = sigmoid(o1)
    const double a_o1 = sigmoid_f64(o1);
    // loss = 0.5*(t1 - a_o1)^2
    const double difference = t1 - a_o1;
    results->loss = 0.5*difference*difference;

    work->a_o1 = a_o1;
}
