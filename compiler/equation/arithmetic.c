// arithmetic.c: sums, products, quotients, powers and calls in normal form: rules S1 (constants, equal terms), S2 (flat
// fractions, cancelling), S3 (products into selects) and S5 (signs). The order in which the author wrote terms and factors
// is kept; only numbers move to the front of a product.
#include "equation/intern.h"

#include <math.h>

typedef LIST(const Expr *) ExprList;

static const Expr *product(Program *p, double up, double down, ExprList *num, ExprList *den);

const Expr *expr_number(Program *p, double value) {
    return expr_intern(p, (Expr){.kind = E_NUMBER, .number = value == 0 ? 0 : value});
}

const Expr *expr_batch(Program *p) {
    return p->sample ? expr_intern(p, (Expr){.kind = E_BATCH}) : expr_number(p, 1);
}

const Expr *expr_affine(Program *p, Affine a) {
    return expr_intern(p, (Expr){.kind = E_INDEX, .affine = a});
}

const Expr *expr_index(Program *p, const Index *i) { return expr_affine(p, affine_index(p, i)); }

const Expr *expr_read(Program *p, const Tensor *t, const Expr *const *subscript) {
    return expr_intern(p, (Expr){.kind = E_READ, .tensor = t, .arg = (const Expr **)subscript,
                                 .arg_count = t->rank});
}

// --- sums

// What a term is a multiple of, and how often: 2*x*y is (2, x*y).
typedef struct Multiple {
    double times;
    const Expr *rest;
} Multiple;

static Multiple split(Program *p, const Expr *e) {
    if (e->kind == E_MUL && e->arg[0]->kind == E_NUMBER) {
        const Expr *rest = e->arg_count == 2 ? e->arg[1]
                                             : expr_node(p, E_MUL, e->arg + 1, e->arg_count - 1);
        return (Multiple){e->arg[0]->number, rest};
    }
    if (e->kind == E_DIV && e->arg[0]->kind == E_NUMBER && e->arg[0]->number < 0)
        return (Multiple){-1, expr_divide(p, expr_number(p, -e->arg[0]->number), e->arg[1])};
    if (e->kind == E_DIV && e->arg[0]->kind == E_MUL) {
        Multiple m = split(p, e->arg[0]);
        if (m.times != 1) {
            const Expr *quotient[] = {m.rest, e->arg[1]};
            return (Multiple){m.times, expr_node(p, E_DIV, quotient, 2)};
        }
    }
    return (Multiple){1, e};
}

static bool equal_terms(const Expr *a, const Expr *b) {
    return a == b || (a->shape == b->shape && expr_same(a, b, false, NULL, NULL, 0));
}

typedef struct Sum {
    LIST(Multiple) term;
    double constant;
    int constant_place; // among the terms; -1: no constant yet
} Sum;

static void sum_add(Program *p, Sum *s, const Expr *e) {
    if (e->kind == E_ADD) {
        for (int i = 0; i < e->arg_count; i++) sum_add(p, s, e->arg[i]);
        return;
    }
    if (expr_is_constant(e)) {
        if (s->constant_place < 0) s->constant_place = s->term.count;
        s->constant += expr_constant(e);
        return;
    }
    Multiple m = split(p, e);
    for (int i = 0; i < s->term.count; i++)
        if (equal_terms(s->term.item[i].rest, m.rest)) {
            s->term.item[i].times += m.times;
            return;
        }
    list_add(p->arena, s->term, m);
}

// S4: if c then a else 0, plus if c then 0 else b, is if c then a else b.
static bool join_selects(Program *p, ExprList *terms) {
    for (int i = 0; i < terms->count; i++)
        for (int j = i + 1; j < terms->count; j++) {
            const Expr *a = terms->item[i], *b = terms->item[j];
            if (a->kind != E_SELECT || b->kind != E_SELECT || a->arg[0] != b->arg[0]) continue;
            if (a->arg[0]->kind == E_EQUAL) continue;
            terms->item[i] = expr_select(p, a->arg[0], expr_add(p, a->arg[1], b->arg[1]),
                                         expr_add(p, a->arg[2], b->arg[2]));
            terms->count--;
            for (int k = j; k < terms->count; k++) terms->item[k] = terms->item[k + 1];
            return true;
        }
    return false;
}

static const Expr *sum_make(Program *p, const Sum *s) {
    ExprList terms = {0};
    for (int i = 0; i <= s->term.count; i++) {
        if (i == s->constant_place && s->constant != 0)
            list_add(p->arena, terms, expr_number(p, s->constant));
        if (i == s->term.count) break;
        Multiple m = s->term.item[i];
        if (m.times == 0) continue;
        list_add(p->arena, terms, expr_multiply(p, expr_number(p, m.times), m.rest));
    }
    if (join_selects(p, &terms)) {
        const Expr *sum = expr_number(p, 0);
        for (int i = 0; i < terms.count; i++) sum = expr_add(p, sum, terms.item[i]);
        return sum;
    }
    if (terms.count == 0) return expr_number(p, 0);
    return terms.count == 1 ? terms.item[0] : expr_node(p, E_ADD, terms.item, terms.count);
}

const Expr *expr_add(Program *p, const Expr *a, const Expr *b) {
    if (expr_is_number(a, 0)) return b;
    if (expr_is_number(b, 0)) return a;
    if (a->kind == E_INDEX && b->kind == E_INDEX)
        return expr_affine(p, affine_add(p, a->affine, b->affine, 1));
    Sum s = {.constant_place = -1};
    sum_add(p, &s, a);
    sum_add(p, &s, b);
    return sum_make(p, &s);
}

const Expr *expr_subtract(Program *p, const Expr *a, const Expr *b) {
    return expr_add(p, a, expr_negate(p, b));
}

const Expr *expr_negate(Program *p, const Expr *a) {
    if (a->kind == E_INDEX) return expr_affine(p, affine_scale(p, a->affine, -1));
    return expr_multiply(p, expr_number(p, -1), a);
}

// --- products and quotients

static void split_factors(Program *p, const Expr *e, double *number, ExprList *factors) {
    if (expr_is_constant(e)) {
        *number *= expr_constant(e);
        return;
    }
    if (e->kind != E_MUL) {
        list_add(p->arena, *factors, e);
        return;
    }
    for (int i = 0; i < e->arg_count; i++) split_factors(p, e->arg[i], number, factors);
}

static void split_fraction(Program *p, const Expr *e, double *up, double *down, ExprList *num,
                           ExprList *den) {
    if (e->kind != E_DIV) {
        split_factors(p, e, up, num);
        return;
    }
    split_factors(p, e->arg[0], up, num);
    split_factors(p, e->arg[1], down, den);
}

static void list_remove(ExprList *l, int at) {
    l->count--;
    for (int i = at; i < l->count; i++) l->item[i] = l->item[i + 1];
}

static void cancel(ExprList *num, ExprList *den) {
    for (int i = 0; i < num->count; i++)
        for (int j = 0; j < den->count; j++)
            if (equal_terms(num->item[i], den->item[j])) {
                list_remove(num, i--);
                list_remove(den, j);
                break;
            }
}

// sqrt(a)*sqrt(a) is a.
static bool square_roots(ExprList *l) {
    for (int i = 0; i < l->count; i++)
        for (int j = i + 1; j < l->count; j++) {
            const Expr *e = l->item[i];
            if (e != l->item[j] || e->kind != E_CALL || e->function != FN_SQRT) continue;
            l->item[i] = e->arg[0];
            list_remove(l, j);
            return true;
        }
    return false;
}

// S3: a product with a select that has 0 in one branch goes into the other branch: then 0*inf cannot happen.
static const Expr *into_select(Program *p, double up, double down, ExprList *num, ExprList *den) {
    for (int i = 0; i < num->count; i++) {
        const Expr *s = num->item[i];
        if (s->kind != E_SELECT) continue;
        bool zero_else = expr_is_number(s->arg[2], 0), zero_then = expr_is_number(s->arg[1], 0);
        if (!zero_else && !zero_then) continue;
        num->item[i] = zero_else ? s->arg[1] : s->arg[2];
        const Expr *inner = expr_number(p, up);
        for (int k = 0; k < num->count; k++) inner = expr_multiply(p, inner, num->item[k]);
        ExprList none = {0};
        inner = expr_divide(p, inner, product(p, down, 1, den, &none));
        const Expr *zero = expr_number(p, 0);
        return expr_select(p, s->arg[0], zero_else ? inner : zero, zero_else ? zero : inner);
    }
    return NULL;
}

// S5: -(a - b) is b - a, for a factor that is a difference of two terms, neither a number.
static bool flip_difference(Program *p, ExprList *num) {
    for (int i = 0; i < num->count; i++) {
        const Expr *e = num->item[i];
        if (e->kind != E_ADD || e->arg_count != 2) continue;
        if (expr_is_constant(e->arg[0]) || expr_is_constant(e->arg[1])) continue;
        Multiple a = split(p, e->arg[0]), b = split(p, e->arg[1]);
        if ((a.times < 0) == (b.times < 0)) continue;
        const Expr *negated[] = {expr_multiply(p, expr_number(p, -a.times), a.rest),
                                 expr_multiply(p, expr_number(p, -b.times), b.rest)};
        const Expr *flipped[] = {negated[b.times < 0], negated[b.times >= 0]};
        num->item[i] = expr_node(p, E_ADD, flipped, 2);
        return true;
    }
    return false;
}

static bool is_integer(double x) { return x == floor(x) && fabs(x) < 9007199254740992.0; }

static double common_divisor(double a, double b) {
    a = fabs(a);
    b = fabs(b);
    while (b != 0) {
        double r = fmod(a, b);
        a = b;
        b = r;
    }
    return a;
}

// Makes up/down as simple as it can be without rounding: 6/3 is 2, 2/4 is 0.5, 2/784 is 1/392; 1/3 stays.
static void reduce_numbers(double *up, double *down) {
    if (*down < 0) {
        *up = -*up;
        *down = -*down;
    }
    if (is_integer(*up) && is_integer(*down) && *down != 0) {
        double g = common_divisor(*up, *down);
        *up /= g;
        *down /= g;
    }
    int exponent;
    if (frexp(*down, &exponent) == 0.5) { // a power of two
        *up /= *down;
        *down = 1;
    }
}

static const Expr *joined(Program *p, double number, ExprList *l) {
    if (l->count == 0) return expr_number(p, number);
    ExprList all = {0};
    if (number != 1) list_add(p->arena, all, expr_number(p, number));
    for (int i = 0; i < l->count; i++) list_add(p->arena, all, l->item[i]);
    return all.count == 1 ? all.item[0] : expr_node(p, E_MUL, all.item, all.count);
}

// up*num/(down*den) in normal form.
static const Expr *product(Program *p, double up, double down, ExprList *num, ExprList *den) {
    if (up == 0 && down != 0) return expr_number(p, 0);
    cancel(num, den);
    if (square_roots(num) || square_roots(den)) return product(p, up, down, num, den);
    const Expr *selected = into_select(p, up, down, num, den);
    if (selected) return selected;
    reduce_numbers(&up, &down);
    if (up < 0 && flip_difference(p, num)) up = -up;
    if (num->count == 0 && den->count == 0) {
        if (down == 1) return expr_number(p, up);
        if (down == 0 || !isfinite(up)) return expr_number(p, up / down);
    }
    const Expr *top = joined(p, up, num);
    if (den->count == 0 && down == 1) return top;
    const Expr *quotient[] = {top, joined(p, down, den)};
    if (quotient[0]->kind == E_NUMBER && quotient[1]->kind == E_NUMBER)
        return expr_number(p, up / down);
    return expr_node(p, E_DIV, quotient, 2);
}

const Expr *expr_multiply(Program *p, const Expr *a, const Expr *b) {
    if (expr_is_number(a, 1)) return b;
    if (expr_is_number(b, 1)) return a;
    double up = 1, down = 1;
    ExprList num = {0}, den = {0};
    split_fraction(p, a, &up, &down, &num, &den);
    split_fraction(p, b, &up, &down, &num, &den);
    return product(p, up, down, &num, &den);
}

const Expr *expr_divide(Program *p, const Expr *a, const Expr *b) {
    if (expr_is_number(b, 1)) return a;
    double up = 1, down = 1;
    ExprList num = {0}, den = {0};
    split_fraction(p, a, &up, &down, &num, &den);
    split_fraction(p, b, &down, &up, &den, &num);
    return product(p, up, down, &num, &den);
}

// --- powers and calls

const Expr *expr_power(Program *p, const Expr *a, double exponent) {
    if (expr_is_constant(a)) return expr_number(p, pow(expr_constant(a), exponent));
    if (exponent == 0) return expr_number(p, 1);
    if (exponent == 1) return a;
    if (exponent == 0.5) return expr_call1(p, FN_SQRT, a);
    if (exponent == -0.5) return expr_call1(p, FN_RSQRT, a);
    if (exponent < 0 && is_integer(exponent))
        return expr_divide(p, expr_number(p, 1), expr_power(p, a, -exponent));
    // A product of products would make expressions explode: (((x^4)^4)^4)^4.
    if (is_integer(exponent) && exponent <= 4 && a->size <= 64 && a->kind != E_MUL) {
        const Expr *power = a;
        for (int k = 1; k < (int)exponent; k++) power = expr_multiply(p, power, a);
        return power;
    }
    const Expr *arg[] = {a, expr_number(p, exponent)};
    return expr_call(p, FN_POWER, arg);
}

static double constant_call(Function f, double x, double y) {
    switch (f) {
    case FN_ABS: return fabs(x);
    case FN_EXP: return exp(x);
    case FN_LOG: return log(x);
    case FN_LOG1P: return log1p(x);
    case FN_EXPM1: return expm1(x);
    case FN_SQRT: return sqrt(x);
    case FN_RSQRT: return 1 / sqrt(x);
    case FN_SIN: return sin(x);
    case FN_COS: return cos(x);
    case FN_TANH: return tanh(x);
    case FN_SIGMOID: return 1 / (1 + exp(-x));
    case FN_SOFTPLUS: return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
    case FN_ERF: return erf(x);
    case FN_SIGN: return (x > 0) - (x < 0);
    case FN_FLOOR: return floor(x);
    case FN_MIN: return y < x ? y : x;
    case FN_MAX: return x < y ? y : x;
    case FN_POWER: return pow(x, y);
    case FUNCTION_COUNT: break;
    }
    internal_error("equation", "a call of no function");
}

const Expr *expr_call(Program *p, Function f, const Expr *const *arg) {
    int arity = function_arity(f);
    bool constant = true;
    for (int i = 0; i < arity; i++) constant = constant && expr_is_constant(arg[i]);
    if (constant)
        return expr_number(p, constant_call(f, expr_constant(arg[0]),
                                            arity > 1 ? expr_constant(arg[1]) : 0));
    return expr_intern(
        p, (Expr){.kind = E_CALL, .function = f, .arg = (const Expr **)arg, .arg_count = arity});
}

const Expr *expr_call1(Program *p, Function f, const Expr *a) { return expr_call(p, f, &a); }

const Expr *expr_stop(Program *p, const Expr *a) {
    return expr_is_constant(a) || a->kind == E_STOP ? a : expr_node(p, E_STOP, &a, 1);
}
