// scalars.c: the functions of the model.
//
// A sample.
#include "scalars.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(scalars_params) == 16, "layout of scalars_params");
_Static_assert(sizeof(scalars_work) == 8, "layout of scalars_work");
_Static_assert(sizeof(scalars_results) == 8, "layout of scalars_results");

// 1/(1 + exp(-x)), with exp of negative numbers only, so that nothing overflows.
static inline double sigmoid_f64(double x) {
    const double e = exp(-fabs(x));
    return x < 0 ? e/(1.0 + e) : 1.0/(1.0 + e);
}

// One neuron.
// A comment that ends in \.
void scalars_forward(const scalars_params *params, scalars_work *work, scalars_results *results) {
    // h1 = sigmoid(0.5*w1 + b1)  * / \x01 \xFF café \xE2\x80\xAE
    work->h1 = sigmoid_f64(0.5*params->w1 + params->b1);

    results->E_total = work->h1 - -1.0;
}

void scalars_backward(scalars_params *grads, const scalars_work *work) {
    const double d_h1 = work->h1*(1.0 - work->h1);
    grads->w1 = 0.5*d_h1;
    grads->b1 = -(-d_h1);
}
