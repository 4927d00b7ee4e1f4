// adjoint.h: from equations to equations with gradients.
#ifndef NETC_ADJOINT_ADJOINT_H
#define NETC_ADJOINT_ADJOINT_H

#include "equation/equation.h"

// Appends to p->backward the gradient of p->loss with respect to every param (and every real input if `inputs`).
// Needs:  a checked program with a loss.
// Leaves: forward equations the same but for reductions that were given a name of their own; each gradient is a tensor
//         "d_" + the tensor's name, role TENSOR_GRADIENT, `of` the tensor.
void differentiate(Program *p, bool inputs);

// Simplifies p->backward: inlines, applies R4 to R7, drops what nobody reads, sorts. Gradients of params (and inputs) stay.
void adjoint_simplify(Program *p);

// The derivative rules, for tests that turn the sign of one around and expect gradcheck to fail. Numbered from 1.
int adjoint_rule_count(void);
const char *adjoint_rule_name(int rule);

#endif
