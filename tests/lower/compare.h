// compare.h: runs a model's lowered loops and its equations on the same random numbers and compares
// every buffer.
#ifndef NETC_TESTS_COMPARE_H
#define NETC_TESTS_COMPARE_H

#include "lower/lower.h"

// Fails the running test where a value differs by more than the tolerance of the precision,
// relative to the largest value of its tensor. N samples of the batch; keep: with every value kept.
void compare_model(Model *model, int N, bool keep);

#endif
