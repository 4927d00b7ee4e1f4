// numbers.h: the value of every tensor of a program at one point, and of any expression there.
//
// Pages explain with numbers. Most come from the compiled model; what the compiler folded away is
// computed here, by recursion over the equations and without a thought for speed.
#ifndef NETC_TEACH_NUMBERS_H
#define NETC_TEACH_NUMBERS_H

#include "equation/equation.h"

typedef struct Numbers {
    Program *program;
    double **of;         // by tensor id: row-major, all axes; NULL: not known
    int tensor_count;    // the ids that `of` covers
    int64_t samples;     // in the batch
    uint64_t seed, step; // of random draws
    int64_t *index;      // by index id: what the indices stand at
    int index_count;
    bool failed; // something unknown was read, or a subscript lay outside
} Numbers;

Numbers *numbers_new(Program *p, int64_t samples);
// The tensor's values, zero at first. Makes room if there is none.
double *numbers_of(Numbers *v, const Tensor *t);
bool numbers_known(const Numbers *v, const Tensor *t);
// The element at the subscript; its place in the tensor, or -1 if it lies outside.
int64_t numbers_place(Numbers *v, const Tensor *t, const Expr *const *subscript);
// What the expression, or the condition, is at v->index.
double numbers_expr(Numbers *v, const Expr *e);
bool numbers_holds(Numbers *v, const Expr *condition);
int64_t numbers_affine(const Numbers *v, Affine a);
int64_t numbers_extent(const Numbers *v, const Index *i);
// Calls visit(data) with v->index at every combination of the indices at which the guard holds.
void numbers_each(Numbers *v, const Index *const *index, int count, const Expr *guard,
                  void (*visit)(void *data), void *data);
// Computes what the equations define, in an order that respects their dependences; tensors known
// before stay as they are where `keep`. False if an equation reads what nobody defined.
bool numbers_run(Numbers *v, Equation *const *equation, int count, bool keep);
// Roughly how many operations numbers_run takes; saturates.
double numbers_cost(const Numbers *v, Equation *const *equation, int count);

#endif
