// clash.c: the functions of the model.
#include "clash.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(clash_params) == 24, "layout of clash_params");
_Static_assert(sizeof(clash_batch) == 48, "layout of clash_batch");
_Static_assert(sizeof(clash_work) == 48, "layout of clash_work");
_Static_assert(sizeof(clash_results) == 8, "layout of clash_results");

// The values of a batch, as in training, and its results.
void clash_forward(const clash_params *params, const clash_batch *batch, clash_work *work,
                   clash_results *results, int N) {
    const double *restrict g = params->g;
    const double (*restrict x)[3] = batch->x;
    double (*restrict y)[3] = work->y;

    {
        enum { G = 3 };
        // y[n, g] = x[n, g]*g[g]
        for (int n = 0; n < N; n++)
            for (int g2 = 0; g2 < G; g2++)
                y[n][g2] = x[n][g2]*g[g2];

        // loss = sum(n < N: sum(g < G: y[n, g]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            double sum2 = 0.0;
            for (int g2 = 0; g2 < G; g2++)
                sum2 += y[n][g2];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void clash_backward(clash_params *grads, const clash_batch *batch, int N) {
    const double (*restrict x)[3] = batch->x;
    double *restrict d_g = grads->g;

    {
        enum { G = 3 };
        // d_g[g] = sum(n < N: x[n, g])/N
        for (int g2 = 0; g2 < G; g2++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                sum += x[n][g2];
            d_g[g2] = sum/(double)N;
        }
    }
}

// The values of a batch, as in evaluation, and its results.
void clash_evaluate(const clash_params *params, const clash_batch *batch, clash_work *work,
                    clash_results *results, int N) {
    const double *restrict g = params->g;
    const double (*restrict x)[3] = batch->x;
    double (*restrict y)[3] = work->y;

    {
        enum { G = 3 };
        // y[n, g] = x[n, g]*g[g]
        for (int n = 0; n < N; n++)
            for (int g2 = 0; g2 < G; g2++)
                y[n][g2] = x[n][g2]*g[g2];

        // loss = sum(n < N: sum(g < G: y[n, g]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            double sum2 = 0.0;
            for (int g2 = 0; g2 < G; g2++)
                sum2 += y[n][g2];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}
