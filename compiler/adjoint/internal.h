// internal.h: what the passes of adjoint/ share.
//
// Differentiation is free of order: each forward equation contributes to the gradient of every tensor that it reads, by
// name; then the contributions to one tensor are gathered into equations. equations.md section 3 states the rules.
#ifndef NETC_ADJOINT_INTERNAL_H
#define NETC_ADJOINT_INTERNAL_H

#include "adjoint/adjoint.h"
#include "adjoint/rules.h"

// d_X[subscript] += value over the domain `index`, where the guard holds.
typedef struct Contribution {
    const Expr **subscript;
    const Index **index;
    int index_count;
    const Expr *guard;
    const Expr *value;
    const Equation *from;
} Contribution;

typedef LIST(Contribution) Contributions;

typedef struct Adjoint {
    Program *p;
    bool *wanted;                // by tensor id: a gradient shall reach it
    bool *live;                  // wanted, and the loss depends on it
    Contributions *contribution; // by tensor id
    Tensor **gradient;           // by tensor id
    int *time;                   // by tensor id: one more than the axis along which a recurrence defines it; 0: none
    int tensor_count;            // the ids these arrays cover
} Adjoint;

// lift.c: names every reduction that stands where its derivative would need a reduction inside of another expression.
void lift_reductions(Program *p);

// back.c: the contributions of one forward equation, whose own gradient is `seed`.
void back(Adjoint *a, Equation *q, const Expr *seed);

// gather.c: the equations of d_t from the contributions to it.
void gather(Adjoint *a, const Tensor *t);

// The tensor "d_" + name of t, made on first use.
Tensor *gradient_of(Adjoint *a, const Tensor *t);

// A gradient that somebody asked for: of a param or an input. It stays whatever else is simplified.
bool gradient_is_wanted(const Tensor *t);

// reduction.c: e with rules R4 (delta), R5 (factors leave sums) and R6 (centred sums vanish) applied throughout.
const Expr *simplify_reductions(Program *p, const Expr *e);

// inline.c: substitutes gradient equations into their readers, to a fixed point.
void inline_gradients(Program *p);
// share.c: rule R7: equal sums are computed once.
void share_sums(Program *p);

// The reads in e through which a gradient passes: not those within stop, conditions or subscripts.
void each_active_read(const Expr *e, void (*visit)(const Expr *read, void *data), void *data);
bool reads_actively(const Expr *e, const bool *by_tensor_id, int count);

#endif
