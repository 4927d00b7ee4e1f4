// equation_eval.h: the values of a program's equations, element by element as they are written: the
// oracle of lowering.
#ifndef NETC_TESTS_EQUATION_EVAL_H
#define NETC_TESTS_EQUATION_EVAL_H

#include "equation/equation.h"

typedef struct Values {
    Program *p;
    double **of; // by tensor id, row-major over the whole batch; NULL: none yet
    int N;
    uint64_t seed, step;
} Values;

Values *values_new(Program *p, int N, uint64_t seed, uint64_t step);
double *values_of(Values *v, const Tensor *t); // zero when first asked for
void values_run(Values *v, Equation *const *equation, int count);
// Every read sees the values before.
void values_update(Values *v, Equation *const *equation, int count);

#endif
