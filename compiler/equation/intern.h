// intern.h: the shared expressions of a program, inside of equation/ only.
#ifndef NETC_EQUATION_INTERN_H
#define NETC_EQUATION_INTERN_H

#include "equation/equation.h"

ExprTable *expr_table_new(Arena *a);

// The one expression equal to `e` (whose arrays are copied if it is new).
const Expr *expr_intern(Program *p, Expr e);
// A node with arguments and nothing else.
const Expr *expr_node(Program *p, ExprKind kind, const Expr *const *arg, int count);

#endif
