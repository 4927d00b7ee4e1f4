// rules.c: derivatives of scalar functions, in the textbook's form: in terms of the result where that is shorter.
#include "adjoint/rules.h"
#include "adjoint/adjoint.h"

#include <math.h>

static const char *const rule_name[] = {
    "none",
#define RULE(name) #name,
#include "rules.def"
#undef RULE
};

int adjoint_rule_count(void) { return RULE_END - 1; }
const char *adjoint_rule_name(int rule) { return rule_name[rule]; }

const Expr *by_rule(Program *p, Rule rule, const Expr *e) {
    return p->flipped_rule == (int)rule ? expr_negate(p, e) : e;
}

static const Expr *times(Program *p, const Expr *a, const Expr *b) { return expr_multiply(p, a, b); }

// Where two arguments tie the first has the gradient; a constant never has one, and at a tie with it there is none.
static const Expr *extreme(Program *p, const Expr *call, int k, const Expr *y, bool y_is_stored,
                           const Expr *seed) {
    const Expr *mine = call->arg[k], *other = call->arg[1 - k], *zero = expr_number(p, 0);
    bool is_max = call->function == FN_MAX;
    if (expr_is_constant(mine)) return zero;
    if (expr_is_constant(other)) {
        if (y_is_stored) mine = y;
        return expr_select(p, is_max ? expr_less(p, other, mine) : expr_less(p, mine, other), seed, zero);
    }
    const Expr *first = call->arg[0], *second = call->arg[1];
    const Expr *second_wins = is_max ? expr_less(p, first, second) : expr_less(p, second, first);
    return k == 0 ? expr_select(p, second_wins, zero, seed) : expr_select(p, second_wins, seed, zero);
}

static const Expr *one_plus(Program *p, const Expr *e) { return expr_add(p, expr_number(p, 1), e); }

const Expr *function_derivative(Program *p, const Expr *call, int k, const Expr *y, bool y_is_stored,
                                const Expr *seed) {
    const Expr *x = call->arg[0], *one = expr_number(p, 1);
    switch (call->function) {
    case FN_ABS: return by_rule(p, RULE_ABS, times(p, seed, expr_call1(p, FN_SIGN, x)));
    case FN_EXP: return by_rule(p, RULE_EXP, times(p, seed, y));
    case FN_LOG: return by_rule(p, RULE_LOG, expr_divide(p, seed, x));
    case FN_LOG1P: return by_rule(p, RULE_LOG1P, expr_divide(p, seed, one_plus(p, x)));
    case FN_EXPM1: return by_rule(p, RULE_EXPM1, times(p, seed, expr_call1(p, FN_EXP, x)));
    case FN_SQRT:
        return by_rule(p, RULE_SQRT, expr_divide(p, times(p, expr_number(p, 0.5), seed), y));
    case FN_RSQRT: // -y/(2x)
        return by_rule(p, RULE_RSQRT,
                       expr_divide(p, times(p, expr_number(p, -0.5), times(p, seed, y)), x));
    case FN_SIN: return by_rule(p, RULE_SIN, times(p, seed, expr_call1(p, FN_COS, x)));
    case FN_COS:
        return by_rule(p, RULE_COS, expr_negate(p, times(p, seed, expr_call1(p, FN_SIN, x))));
    case FN_TANH: // 1 - y^2
        return by_rule(p, RULE_TANH, times(p, seed, expr_subtract(p, one, times(p, y, y))));
    case FN_SIGMOID: // y(1 - y)
        return by_rule(p, RULE_SIGMOID, times(p, times(p, seed, y), expr_subtract(p, one, y)));
    case FN_SOFTPLUS:
        return by_rule(p, RULE_SOFTPLUS, times(p, seed, expr_call1(p, FN_SIGMOID, x)));
    case FN_ERF: { // 2/sqrt(pi) exp(-x^2)
        const Expr *bell = expr_call1(p, FN_EXP, expr_negate(p, times(p, x, x)));
        return by_rule(p, RULE_ERF, times(p, expr_number(p, 2 / sqrt(acos(-1.0))), times(p, seed, bell)));
    }
    case FN_POWER: { // the exponent is a number
        double c = expr_constant(call->arg[1]);
        if (k == 1) return expr_number(p, 0);
        return by_rule(p, RULE_POWER,
                       times(p, expr_number(p, c), times(p, seed, expr_power(p, x, c - 1))));
    }
    case FN_MIN: return by_rule(p, RULE_MIN, extreme(p, call, k, y, y_is_stored, seed));
    case FN_MAX: return by_rule(p, RULE_MAX, extreme(p, call, k, y, y_is_stored, seed));
    case FN_SIGN: case FN_FLOOR: return expr_number(p, 0);
    case FUNCTION_COUNT: break;
    }
    internal_error("adjoint", "a call of no function");
}
