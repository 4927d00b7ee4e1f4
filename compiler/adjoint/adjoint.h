// adjoint.h: from equations to equations with gradients.
#ifndef NETC_ADJOINT_ADJOINT_H
#define NETC_ADJOINT_ADJOINT_H

#include "equation/equation.h"

// Appends to p->backward the gradient of p->loss with respect to every param (and every real input if `inputs`).
// Needs:  a checked program with a loss.
// Leaves: forward equations the same but for reductions that were given a name of their own; each gradient is a tensor
//         "d_" + the tensor's name, role TENSOR_GRADIENT, `of` the tensor.
bool differentiate(Program *p, bool inputs);

// Simplifies p->backward: inlines, applies R4 to R7, drops what nobody reads. Gradients of params (and inputs) stay.
void adjoint_simplify(Program *p);

#endif
