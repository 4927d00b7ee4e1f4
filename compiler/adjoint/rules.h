// rules.h: the derivatives of the scalar functions, one row each.
#ifndef NETC_ADJOINT_RULES_H
#define NETC_ADJOINT_RULES_H

#include "equation/equation.h"

typedef enum Rule {
    RULE_NONE,
#define RULE(name) RULE_##name,
#include "rules.def"
#undef RULE
    RULE_END
} Rule;

// `e`, or -e where a test turned this rule's sign around.
const Expr *by_rule(Program *p, Rule rule, const Expr *e);

// seed * d y/d arg[k], where y = f(arg ...). `y` is the tensor that holds the result where the call is the whole right side
// (then sigmoid gives y(1 - y)), else the call itself. Zero where the function is flat.
const Expr *function_derivative(Program *p, const Expr *call, int k, const Expr *y, bool y_is_stored,
                                const Expr *seed);

#endif
