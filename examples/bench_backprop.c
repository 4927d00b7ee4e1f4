// bench_backprop.c: the lesson of specs/backprop.net written by hand as straight-line C, timed in
// turns with what netc makes of the spec. Both do whole iterations: forward, backward, SGD.
//
// examples/bench_backprop.sh compiles it. Prints nanoseconds an iteration, medians of the turns,
// and their ratio; ends with 1 if the two do not come to the same weights.
#include "backprop.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WEIGHTS = 8, TURNS = 21, STEPS = 200000 };
static const double learning_rate = 2.0;
// The two round in different orders, and the iterations carry that on; it stays far below.
static const double tolerance = 1e-9;

static const backprop_batch sample = {0.05, 0.10, 0.01, 0.99};

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

__attribute__((noinline)) static double by_hand(double *w, const backprop_batch *b) {
    double a1 = sigmoid(w[0] * b->i1 + w[1] * b->i2);
    double a2 = sigmoid(w[2] * b->i1 + w[3] * b->i2);
    double y1 = sigmoid(w[4] * a1 + w[5] * a2);
    double y2 = sigmoid(w[6] * a1 + w[7] * a2);
    double e1 = y1 - b->t1, e2 = y2 - b->t2;
    double d1 = e1 * y1 * (1 - y1), d2 = e2 * y2 * (1 - y2);
    double h1 = (d1 * w[4] + d2 * w[6]) * a1 * (1 - a1);
    double h2 = (d1 * w[5] + d2 * w[7]) * a2 * (1 - a2);
    w[0] -= learning_rate * h1 * b->i1;
    w[1] -= learning_rate * h1 * b->i2;
    w[2] -= learning_rate * h2 * b->i1;
    w[3] -= learning_rate * h2 * b->i2;
    w[4] -= learning_rate * d1 * a1;
    w[5] -= learning_rate * d1 * a2;
    w[6] -= learning_rate * d2 * a1;
    w[7] -= learning_rate * d2 * a2;
    return 0.5 * (e1 * e1 + e2 * e2);
}

__attribute__((noinline)) static double by_netc(double *w, const backprop_batch *b) {
    backprop_params *params = (backprop_params *)w, grads;
    backprop_work work;
    backprop_results results;
    backprop_forward(params, b, &work, &results);
    backprop_backward(params, &grads, b, &work);
    const double *g = (const double *)&grads;
    for (int i = 0; i < WEIGHTS; i++) w[i] -= learning_rate * g[i];
    return results.E_total;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Nanoseconds a step.
static double turn(double (*step)(double *, const backprop_batch *), double *w) {
    double began = now();
    for (int i = 0; i < STEPS; i++) step(w, &sample);
    return 1e9 * (now() - began) / STEPS;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(void) {
    _Static_assert(sizeof(backprop_params) == WEIGHTS * sizeof(double), "eight weights");
    double hand[WEIGHTS] = {0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55}, netc[WEIGHTS];
    for (int i = 0; i < WEIGHTS; i++) netc[i] = hand[i];
    double hand_turn[TURNS], netc_turn[TURNS];
    for (int i = 0; i < TURNS; i++) {
        hand_turn[i] = turn(by_hand, hand);
        netc_turn[i] = turn(by_netc, netc);
    }
    for (int i = 0; i < WEIGHTS; i++) {
        if (fabs(hand[i] - netc[i]) <= tolerance * fabs(hand[i])) continue;
        fprintf(stderr, "weight %d: %.17g by hand, %.17g by netc\n", i + 1, hand[i], netc[i]);
        return 1;
    }
    qsort(hand_turn, TURNS, sizeof *hand_turn, by_size);
    qsort(netc_turn, TURNS, sizeof *netc_turn, by_size);
    double ours = netc_turn[TURNS / 2], theirs = hand_turn[TURNS / 2];
    printf("one iteration of backprop in f64, medians of %d turns: by hand %.1f ns (%.1f to %.1f), "
           "netc %.1f ns (%.1f to %.1f)\n",
           TURNS, theirs, hand_turn[0], hand_turn[TURNS - 1], ours, netc_turn[0],
           netc_turn[TURNS - 1]);
    printf("netc/hand %.2f\n", ours / theirs);
    return 0;
}
