// softmax.c: the functions of the model.
#include "softmax.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(softmax_params) == 112, "layout of softmax_params");
_Static_assert(sizeof(softmax_batch) == 336, "layout of softmax_batch");
_Static_assert(sizeof(softmax_work) == 864, "layout of softmax_work");
_Static_assert(sizeof(softmax_results) == 8, "layout of softmax_results");

// The values of a batch, as in training, and its results.
void softmax_forward(const softmax_params *params, const softmax_batch *batch, softmax_work *work,
                     softmax_results *results, int N) {
    const double *restrict scale = params->scale;
    const double (*restrict x)[7] = batch->x;
    const double (*restrict t)[7] = batch->t;
    double *restrict softmax_s = work->softmax_s;
    double (*restrict softmax_e)[7] = work->softmax_e;
    double (*restrict softmax_2)[7] = work->softmax_2;
    double (*restrict softmax_z)[7] = work->softmax_z;

    // --- softmax ---
    {
        enum { I = 7 };
        // z[n, i] = x[n, i]*scale[i]
        // m[n] = stop(max(i < I: z[n, i]))
        // e[n, i] = exp(z[n, i] - m[n])
        // s[n] = sum(j < I: e[n, j])
        // softmax[n, i] = e[n, i]/s[n]
        for (int n = 0; n < N; n++) {
            for (int i = 0; i < I; i++)
                softmax_z[n][i] = x[n][i]*scale[i];
            double softmax_m = -INFINITY;
            for (int i = 0; i < I; i++) {
                const double value = softmax_z[n][i];
                if (softmax_m < value || value != value)
                    softmax_m = value;
            }
            for (int i = 0; i < I; i++)
                softmax_e[n][i] = exp(softmax_z[n][i] - softmax_m);
            double sum = 0.0;
            for (int j = 0; j < I; j++)
                sum += softmax_e[n][j];
            softmax_s[n] = sum;
            for (int i = 0; i < I; i++)
                softmax_2[n][i] = softmax_e[n][i]/softmax_s[n];
        }
    }

    // --- loss ---
    {
        enum { I = 7 };
        // loss = sum(n < N: sum(i < I: softmax[n, i]*t[n, i]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            double sum2 = 0.0;
            for (int i = 0; i < I; i++)
                sum2 += softmax_2[n][i]*t[n][i];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void softmax_backward(softmax_params *grads, const softmax_batch *batch, softmax_work *work,
                      int N) {
    const double (*restrict x)[7] = batch->x;
    const double (*restrict t)[7] = batch->t;
    double *restrict softmax_s = work->softmax_s;
    double (*restrict softmax_e)[7] = work->softmax_e;
    double (*restrict softmax_2)[7] = work->softmax_2;
    double *restrict d_scale = grads->scale;
    double *restrict d_unused = grads->unused;
    double (*restrict d_softmax)[7] = work->d_softmax;
    double (*restrict d_softmax_z)[7] = work->d_softmax_z;

    // --- softmax ---
    {
        enum { I = 7 };
        // d_softmax[n, i] = t[n, i]/N
        // d_s[n] = -sum(i < I: d_softmax[n, i]*softmax[n, i])/s[n]
        // d_z[n, i] = e[n, i]*(d_softmax[n, i]/s[n] + d_s[n])
        for (int n = 0; n < N; n++) {
            for (int i = 0; i < I; i++)
                d_softmax[n][i] = t[n][i]/(double)N;
            double sum = 0.0;
            for (int i = 0; i < I; i++)
                sum += d_softmax[n][i]*softmax_2[n][i];
            const double d_softmax_s = -sum/softmax_s[n];
            for (int i = 0; i < I; i++)
                d_softmax_z[n][i] = softmax_e[n][i]*(d_softmax[n][i]/softmax_s[n] + d_softmax_s);
        }

        // d_scale[i] = sum(n < N: d_z[n, i]*x[n, i])
        for (int i = 0; i < I; i++) {
            double sum = 0.0;
            for (int n = 0; n < N; n++)
                sum += d_softmax_z[n][i]*x[n][i];
            d_scale[i] = sum;
        }
    }

    {
        enum { I = 7 };
        // d_unused[i] = 0
        for (int i = 0; i < I; i++)
            d_unused[i] = 0.0;
    }
}

// The values of a batch, as in evaluation, and its results.
void softmax_evaluate(const softmax_params *params, const softmax_batch *batch, softmax_work *work,
                      softmax_results *results, int N) {
    const double *restrict scale = params->scale;
    const double (*restrict x)[7] = batch->x;
    const double (*restrict t)[7] = batch->t;
    double (*restrict softmax_e)[7] = work->softmax_e;
    double (*restrict softmax_2)[7] = work->softmax_2;
    double (*restrict softmax_z)[7] = work->softmax_z;

    // --- softmax ---
    {
        enum { I = 7 };
        // z[n, i] = x[n, i]*scale[i]
        // m[n] = stop(max(i < I: z[n, i]))
        // e[n, i] = exp(z[n, i] - m[n])
        // s[n] = sum(j < I: e[n, j])
        // softmax[n, i] = e[n, i]/s[n]
        for (int n = 0; n < N; n++) {
            for (int i = 0; i < I; i++)
                softmax_z[n][i] = x[n][i]*scale[i];
            double softmax_m = -INFINITY;
            for (int i = 0; i < I; i++) {
                const double value = softmax_z[n][i];
                if (softmax_m < value || value != value)
                    softmax_m = value;
            }
            for (int i = 0; i < I; i++)
                softmax_e[n][i] = exp(softmax_z[n][i] - softmax_m);
            double softmax_s = 0.0;
            for (int j = 0; j < I; j++)
                softmax_s += softmax_e[n][j];
            for (int i = 0; i < I; i++)
                softmax_2[n][i] = softmax_e[n][i]/softmax_s;
        }
    }

    // --- loss ---
    {
        enum { I = 7 };
        // loss = sum(n < N: sum(i < I: softmax[n, i]*t[n, i]))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            double sum2 = 0.0;
            for (int i = 0; i < I; i++)
                sum2 += softmax_2[n][i]*t[n][i];
            sum += sum2;
        }
        results->loss = sum/(double)N;
    }
}
