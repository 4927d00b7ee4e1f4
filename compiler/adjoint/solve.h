// solve.h: turning the subscripts of a read around.
#ifndef NETC_ADJOINT_SOLVE_H
#define NETC_ADJOINT_SOLVE_H

#include "adjoint/internal.h"

typedef enum Form {
    FORM_GATHER, // d_X[axis ...] gets value, summed over what is left
    FORM_PIECE,  // d_X[subscript ...] gets value: some axes keep a composite left side, each element at most once
    FORM_SCATTER // d_X[subscript ...] += value over the whole domain
} Form;

// A contribution, solved for the element of d_X that it goes to.
typedef struct Solved {
    Form form;
    const Expr **subscript; // of PIECE and SCATTER
    const Index **index;    // the domain: of PIECE the indices of the left side
    int index_count;
    const Expr *guard;      // of SCATTER
    const Expr *value;      // of GATHER and PIECE already summed and guarded
    const Equation *from;
} Solved;

// On the axis `time_axis` (-1: none) nothing but the bare index may stand on the left: it orders a recurrence.
Solved solve(Program *p, const Tensor *t, const Contribution *c, int time_axis);

#endif
