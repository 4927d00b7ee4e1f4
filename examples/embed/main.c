// main.c: training without a runtime. The network of specs/backprop.net learns its one sample a
// hundred times, in storage that this program owns; nothing is allocated, no file is read, and only
// exp comes from libm.
//
// On a microcontroller the loop is the same: fill the inputs from a sensor, call backprop_train,
// use backprop_output.
#include "backprop.h"

#include <stdio.h>

enum { STEPS = 100 };

static backprop_trainer trainer; // parameters, gradients, one batch and everything in between

static void fill_in(backprop_trainer *t, int sample) {
    const double i1 = 0.05, i2 = 0.10, t1 = 0.01, t2 = 0.99;
    backprop_set_i1(t, sample, &i1);
    backprop_set_i2(t, sample, &i2);
    backprop_set_t1(t, sample, &t1);
    backprop_set_t2(t, sample, &t2);
}

int main(void) {
    backprop_begin(&trainer, 1);
    fill_in(&trainer, 0);
    printf("E_total before training: %.12f\n", backprop_predict(&trainer, 1));
    for (int step = 0; step < STEPS; step++) backprop_train(&trainer, 1);
    printf("E_total after %d steps: %.12f\n", STEPS, backprop_predict(&trainer, 1));
    printf("w7: %.12f, prediction of t2: %.12f\n", trainer.params.w7,
           *backprop_output(&trainer, 0));
    printf("bytes of RAM: %zu\n", sizeof trainer);
    return 0;
}
