// local.c: see local.h. The factors are those of adjoint/, with the seed 1.
#include "teach/local.h"

#include "adjoint/rules.h"

typedef struct Walk {
    Program *p;
    const Equation *q;
    const Tensor *t;
    LIST(LocalLink) link;
    LocalPaths found;
} Walk;

static void walk(Walk *w, const Expr *e);

static const Expr *one(Walk *w) {
    return expr_number(w->p, 1);
}

static void follow(Walk *w, const Expr *from, const Expr *to, const char *rule,
                   const Expr *factor) {
    if (!expr_reads(to, w->t)) return;
    list_add(w->p->arena, w->link, ((LocalLink){from, to, rule, factor}));
    walk(w, to);
    w->link.count--;
}

static void arrive(Walk *w, const Expr *read) {
    LocalPath path = {.read = read, .product = one(w)};
    for (int i = 0; i < w->link.count; i++) {
        list_add(w->p->arena, path.link, w->link.item[i]);
        path.product = expr_multiply(w->p, path.product, w->link.item[i].factor);
    }
    list_add(w->p->arena, w->found.path, path);
}

static void walk_product(Walk *w, const Expr *e) {
    for (int i = 0; i < e->arg_count; i++) {
        int times = 0;
        bool first = true, numbers_only = true;
        const Expr *others = one(w);
        for (int k = 0; k < e->arg_count; k++) {
            if (e->arg[k] == e->arg[i]) {
                times++;
                first = first && k >= i;
            }
            if (k == i) continue;
            others = expr_multiply(w->p, others, e->arg[k]);
            numbers_only = numbers_only && expr_is_constant(e->arg[k]);
        }
        if (!first) continue;
        follow(w, e, e->arg[i],
               times > 1      ? "power rule"
               : numbers_only ? "constant factor"
                              : "product rule",
               expr_multiply(w->p, expr_number(w->p, times), others));
    }
}

static void walk_quotient(Walk *w, const Expr *e) {
    const Expr *top = expr_divide(w->p, one(w), e->arg[1]);
    follow(w, e, e->arg[0], "quotient rule, numerator", top);
    follow(w, e, e->arg[1], "quotient rule, denominator",
           expr_negate(w->p, expr_divide(w->p, e, e->arg[1])));
}

static const char *function_rule(Function f) {
    switch (f) {
    case FN_ABS: return "absolute value: the sign";
    case FN_EXP: return "exponential: itself";
    case FN_LOG:
    case FN_LOG1P: return "logarithm: 1 over the argument";
    case FN_EXPM1: return "exponential";
    case FN_SQRT: return "square root: half of 1 over itself";
    case FN_RSQRT: return "reciprocal of the root";
    case FN_SIN: return "sine: cosine";
    case FN_COS: return "cosine: minus sine";
    case FN_TANH: return "tanh rule: 1 minus its square";
    case FN_SIGMOID: return "sigmoid rule: s(1 - s)";
    case FN_SOFTPLUS: return "softplus: sigmoid";
    case FN_ERF: return "error function: the bell curve";
    case FN_SIGN:
    case FN_FLOOR: return "a step: flat";
    case FN_MIN: return "the smaller one counts";
    case FN_MAX: return "the larger one counts";
    case FN_POWER: return "power rule";
    case FUNCTION_COUNT: break;
    }
    return "";
}

static void walk_call(Walk *w, const Expr *e) {
    bool root = e == w->q->value && w->q->op == EQUATION_SET;
    const Expr *y = root ? expr_read(w->p, w->q->out, w->q->subscript) : e;
    for (int k = 0; k < e->arg_count; k++)
        follow(w, e, e->arg[k], function_rule(e->function),
               function_derivative(w->p, e, k, y, root, one(w)));
}

static void walk_select(Walk *w, const Expr *e) {
    const Expr *zero = expr_number(w->p, 0);
    follow(w, e, e->arg[1], "choice: where the condition holds",
           expr_select(w->p, e->arg[0], one(w), zero));
    follow(w, e, e->arg[2], "choice: where it does not",
           expr_select(w->p, e->arg[0], zero, one(w)));
}

static void walk_reduction(Walk *w, const Expr *e) {
    const Expr *whole = e == w->q->value ? expr_read(w->p, w->q->out, w->q->subscript) : e;
    const Expr *wins =
        expr_select(w->p, expr_equal(w->p, e->arg[1], whole), one(w), expr_number(w->p, 0));
    switch (e->reduction) {
    case REDUCE_SUM: follow(w, e, e->arg[1], "sum rule: each term for itself", one(w)); return;
    case REDUCE_PROD:
        follow(w, e, e->arg[1], "product rule: the other factors",
               expr_divide(w->p, whole, e->arg[1]));
        return;
    case REDUCE_MAX: follow(w, e, e->arg[1], "the largest one counts", wins); return;
    case REDUCE_MIN: follow(w, e, e->arg[1], "the smallest one counts", wins); return;
    case REDUCE_ARGMAX:
    case REDUCE_ARGMIN: return;
    }
}

static void walk(Walk *w, const Expr *e) {
    switch (e->kind) {
    case E_READ:
        if (e->tensor == w->t) arrive(w, e);
        return;
    case E_ADD:
        for (int i = 0; i < e->arg_count; i++) follow(w, e, e->arg[i], "sum rule", one(w));
        return;
    case E_MUL: walk_product(w, e); return;
    case E_DIV: walk_quotient(w, e); return;
    case E_CALL: walk_call(w, e); return;
    case E_SELECT: walk_select(w, e); return;
    case E_REDUCE: walk_reduction(w, e); return;
    case E_NUMBER:
    case E_BATCH:
    case E_INDEX:
    case E_STOP:
    case E_RANDOM:
    case E_TRUE:
    case E_FALSE:
    case E_NONNEGATIVE:
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL:
    case E_AND:
    case E_OR:
    case E_NOT: return;
    }
}

LocalPaths local_paths(Program *p, const Equation *q, const Tensor *t) {
    Walk w = {.p = p, .q = q, .t = t};
    walk(&w, q->value);
    return w.found;
}
