// argmax.c: the functions of the model.
//
// A sample.
#include "argmax.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(argmax_batch) == 160, "layout of argmax_batch");
_Static_assert(sizeof(argmax_work) == 160, "layout of argmax_work");
_Static_assert(sizeof(argmax_results) == 8, "layout of argmax_results");

// The first of the largest.
void argmax_forward(const argmax_batch *batch, argmax_work *work, argmax_results *results, int N) {
    const double (*restrict x)[6] = batch->x;
    double (*restrict d_x)[6] = work->d_x;
    int32_t *restrict x_arg = work->x_arg;
    const int32_t *restrict label = batch->label;

    int right = 0;
    for (int n = 0; n < N; n++) {
        double best = -INFINITY;
        int first = 0;
        for (int i = 0; i < 6; i++) {
            d_x[n][i] = 0.0;
            if (best < x[n][i]) {
                best = x[n][i];
                first = i;
            }
        }
        x_arg[n] = first;
        d_x[n][x_arg[n]] += 1.0;
        d_x[n][label[n]] += -0.5;
        if (first == label[n])
            right += 1;
    }
    results->accuracy = (double)right/(double)N;
}
