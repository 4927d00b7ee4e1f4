// backprop.c: the functions of the model.
#include "backprop.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(backprop_params) == 64, "layout of backprop_params");
_Static_assert(sizeof(backprop_batch) == 32, "layout of backprop_batch");
_Static_assert(sizeof(backprop_work) == 32, "layout of backprop_work");
_Static_assert(sizeof(backprop_results) == 8, "layout of backprop_results");

// 1/(1 + exp(-x)), with exp of negative numbers only, so that nothing overflows.
static inline double sigmoid_f64(double x) {
    const double e = exp(-fabs(x));
    return x < 0 ? e/(1.0 + e) : 1.0/(1.0 + e);
}

// The values of a batch, as in training, and its results.
void backprop_forward(const backprop_params *params, const backprop_batch *batch,
                      backprop_work *work, backprop_results *results) {
    const double w1 = params->w1;
    const double w2 = params->w2;
    const double w3 = params->w3;
    const double w4 = params->w4;
    const double w5 = params->w5;
    const double w6 = params->w6;
    const double w7 = params->w7;
    const double w8 = params->w8;
    const double i1 = batch->i1;
    const double i2 = batch->i2;
    const double t1 = batch->t1;
    const double t2 = batch->t2;

    // h1 = w1*i1 + w2*i2   (backprop.net:11)
    const double h1 = w1*i1 + w2*i2;
    // h2 = w3*i1 + w4*i2   (backprop.net:12)
    const double h2 = w3*i1 + w4*i2;
    // a_h1 = sigmoid(h1)   (backprop.net:13)
    const double a_h1 = sigmoid_f64(h1);
    // a_h2 = sigmoid(h2)   (backprop.net:14)
    const double a_h2 = sigmoid_f64(h2);
    // o1 = w5*a_h1 + w6*a_h2   (backprop.net:15)
    const double o1 = w5*a_h1 + w6*a_h2;
    // o2 = w7*a_h1 + w8*a_h2   (backprop.net:16)
    const double o2 = w7*a_h1 + w8*a_h2;
    // a_o1 = sigmoid(o1)   (backprop.net:17)
    const double a_o1 = sigmoid_f64(o1);
    // a_o2 = sigmoid(o2)   (backprop.net:18)
    const double a_o2 = sigmoid_f64(o2);
    // E1 = 0.5*(t1 - a_o1)^2   (backprop.net:19)
    const double difference = t1 - a_o1;
    const double E1 = 0.5*difference*difference;
    // E2 = 0.5*(t2 - a_o2)^2   (backprop.net:20)
    const double difference2 = t2 - a_o2;
    const double E2 = 0.5*difference2*difference2;
    // E_total = E1 + E2   (backprop.net:22)
    const double E_total = E1 + E2;
    // E_total_mean = E_total   (backprop.net:22)
    results->E_total = E_total;

    work->a_h1 = a_h1;
    work->a_h2 = a_h2;
    work->a_o1 = a_o1;
    work->a_o2 = a_o2;
}

// The gradient of the loss with respect to every parameter; after forward.
void backprop_backward(const backprop_params *params, backprop_params *grads,
                       const backprop_batch *batch, const backprop_work *work) {
    const double w5 = params->w5;
    const double w6 = params->w6;
    const double w7 = params->w7;
    const double w8 = params->w8;
    const double i1 = batch->i1;
    const double i2 = batch->i2;
    const double t1 = batch->t1;
    const double t2 = batch->t2;
    const double a_h1 = work->a_h1;
    const double a_h2 = work->a_h2;
    const double a_o1 = work->a_o1;
    const double a_o2 = work->a_o2;

    // d_o2 = (a_o2 - t2)*a_o2*(1 - a_o2)   (backprop.net:18)
    const double d_o2 = (a_o2 - t2)*a_o2*(1.0 - a_o2);
    // d_o1 = (a_o1 - t1)*a_o1*(1 - a_o1)   (backprop.net:17)
    const double d_o1 = (a_o1 - t1)*a_o1*(1.0 - a_o1);
    // d_h2 = (d_o1*w6 + d_o2*w8)*a_h2*(1 - a_h2)   (backprop.net:14)
    const double d_h2 = (d_o1*w6 + d_o2*w8)*a_h2*(1.0 - a_h2);
    // d_h1 = (d_o1*w5 + d_o2*w7)*a_h1*(1 - a_h1)   (backprop.net:13)
    const double d_h1 = (d_o1*w5 + d_o2*w7)*a_h1*(1.0 - a_h1);
    // d_w1 = d_h1*i1   (backprop.net:11)
    const double d_w1 = d_h1*i1;
    // d_w2 = d_h1*i2   (backprop.net:11)
    const double d_w2 = d_h1*i2;
    // d_w3 = d_h2*i1   (backprop.net:12)
    const double d_w3 = d_h2*i1;
    // d_w4 = d_h2*i2   (backprop.net:12)
    const double d_w4 = d_h2*i2;
    // d_w5 = d_o1*a_h1   (backprop.net:15)
    const double d_w5 = d_o1*a_h1;
    // d_w6 = d_o1*a_h2   (backprop.net:15)
    const double d_w6 = d_o1*a_h2;
    // d_w7 = d_o2*a_h1   (backprop.net:16)
    const double d_w7 = d_o2*a_h1;
    // d_w8 = d_o2*a_h2   (backprop.net:16)
    const double d_w8 = d_o2*a_h2;

    grads->w1 = d_w1;
    grads->w2 = d_w2;
    grads->w3 = d_w3;
    grads->w4 = d_w4;
    grads->w5 = d_w5;
    grads->w6 = d_w6;
    grads->w7 = d_w7;
    grads->w8 = d_w8;
}

// The values of a batch, as in evaluation, and its results.
void backprop_evaluate(const backprop_params *params, const backprop_batch *batch,
                       backprop_work *work, backprop_results *results) {
    const double w1 = params->w1;
    const double w2 = params->w2;
    const double w3 = params->w3;
    const double w4 = params->w4;
    const double w5 = params->w5;
    const double w6 = params->w6;
    const double w7 = params->w7;
    const double w8 = params->w8;
    const double i1 = batch->i1;
    const double i2 = batch->i2;
    const double t1 = batch->t1;
    const double t2 = batch->t2;

    // h1 = w1*i1 + w2*i2   (backprop.net:11)
    const double h1 = w1*i1 + w2*i2;
    // h2 = w3*i1 + w4*i2   (backprop.net:12)
    const double h2 = w3*i1 + w4*i2;
    // a_h1 = sigmoid(h1)   (backprop.net:13)
    const double a_h1 = sigmoid_f64(h1);
    // a_h2 = sigmoid(h2)   (backprop.net:14)
    const double a_h2 = sigmoid_f64(h2);
    // o1 = w5*a_h1 + w6*a_h2   (backprop.net:15)
    const double o1 = w5*a_h1 + w6*a_h2;
    // o2 = w7*a_h1 + w8*a_h2   (backprop.net:16)
    const double o2 = w7*a_h1 + w8*a_h2;
    // a_o1 = sigmoid(o1)   (backprop.net:17)
    const double a_o1 = sigmoid_f64(o1);
    // a_o2 = sigmoid(o2)   (backprop.net:18)
    const double a_o2 = sigmoid_f64(o2);
    // E1 = 0.5*(t1 - a_o1)^2   (backprop.net:19)
    const double difference = t1 - a_o1;
    const double E1 = 0.5*difference*difference;
    // E2 = 0.5*(t2 - a_o2)^2   (backprop.net:20)
    const double difference2 = t2 - a_o2;
    const double E2 = 0.5*difference2*difference2;
    // E_total = E1 + E2   (backprop.net:22)
    const double E_total = E1 + E2;
    // E_total_mean = E_total   (backprop.net:22)
    results->E_total = E_total;

    work->a_o1 = a_o1;
    work->a_o2 = a_o2;
}
