// order.h: what order.c and recurrence.c share.
#ifndef NETC_EQUATION_ORDER_H
#define NETC_EQUATION_ORDER_H

#include "equation/equation.h"

// Finds for a cycle of equations the axis along which all of their reads of each other lie a constant number of steps back
// (or ahead), and sorts the equations within one step. False if there is none.
bool recurrence_find(Program *p, Group *g);

// Whether q reads the tensor it defines (states do not count: updates see the values before the step).
bool equation_recurs(const Equation *q);

#endif
