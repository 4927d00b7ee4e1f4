// back.c: one forward equation, read backwards.
//
// The seed, the gradient of the equation's result, is carried from the root of the right side to every read, times the
// derivative of each operation on the way. Conditions on indices become guards, reductions add their indices to the
// domain. What arrives at a read X[A] is a contribution to d_X.
#include "adjoint/internal.h"

typedef struct Back {
    Adjoint *a;
    Program *p;
    Equation *q;
    const Expr *result; // the read of what q defines
    LIST(const Index *) domain;
    LIST(const Expr *) seed_named; // seeds that were given a name, and the reads of these names
    LIST(const Expr *) seed_read;
} Back;

static void walk(Back *b, const Expr *e, const Expr *seed, const Expr *guard, bool root);

static void contribute(Back *b, const Expr *read, const Expr *seed, const Expr *guard) {
    const Tensor *t = read->tensor;
    if (t->id >= b->a->tensor_count || !b->a->live[t->id]) return;
    Contribution c = {.subscript = read->arg, .guard = guard, .value = seed, .from = b->q};
    c.index = arena_new_array(b->p->arena, const Index *, b->domain.count + 1);
    for (int i = 0; i < b->domain.count; i++) c.index[c.index_count++] = b->domain.item[i];
    list_add(b->p->arena, b->a->contribution[t->id], c);
}

static void walk_product(Back *b, const Expr *e, const Expr *seed, const Expr *guard) {
    for (int i = 0; i < e->arg_count; i++) {
        int times = 0;
        bool first = true;
        const Expr *others = seed;
        for (int k = 0; k < e->arg_count; k++) {
            if (e->arg[k] == e->arg[i]) {
                times++;
                first = first && k >= i;
            }
            if (k != i) others = expr_multiply(b->p, others, e->arg[k]);
        }
        if (!first) continue; // x*x was done at its first x: 2*x*seed
        others = expr_multiply(b->p, expr_number(b->p, times), others);
        walk(b, e->arg[i], by_rule(b->p, RULE_MUL, others), guard, false);
    }
}

// d(a/b) = da/b - (a/b) db/b, with a/b as the stored result where the quotient is the whole right side.
static void walk_quotient(Back *b, const Expr *e, const Expr *seed, const Expr *guard, bool root) {
    Program *p = b->p;
    const Expr *y = root ? b->result : e;
    const Expr *top = expr_divide(p, seed, e->arg[1]);
    const Expr *bottom = expr_negate(p, expr_divide(p, expr_multiply(p, seed, y), e->arg[1]));
    walk(b, e->arg[0], by_rule(p, RULE_DIV_NUMERATOR, top), guard, false);
    walk(b, e->arg[1], by_rule(p, RULE_DIV_DENOMINATOR, bottom), guard, false);
}

// Splits a condition into what is affine (a guard) and the rest (a choice by value).
static void split_condition(Program *p, const Expr *c, const Expr **affine, const Expr **rest) {
    *affine = *rest = expr_true(p);
    int count = c->kind == E_AND ? c->arg_count : 1;
    for (int i = 0; i < count; i++) {
        const Expr *part = c->kind == E_AND ? c->arg[i] : c;
        const Expr **to = part->kind == E_NONNEGATIVE ? affine : rest;
        *to = expr_and(p, *to, part);
    }
}

// The seed is chosen, never multiplied by 0 or 1: 0*inf would be NaN.
static void walk_select(Back *b, const Expr *e, const Expr *seed, const Expr *guard) {
    Program *p = b->p;
    const Expr *affine, *rest, *zero = expr_number(p, 0);
    split_condition(p, e->arg[0], &affine, &rest);
    const Expr *then = by_rule(p, RULE_SELECT_THEN, expr_select(p, rest, seed, zero));
    walk(b, e->arg[1], then, expr_and(p, guard, affine), false);
    const Expr *otherwise = by_rule(p, RULE_SELECT_ELSE, seed);
    if (e->arg[0]->kind == E_NONNEGATIVE)
        walk(b, e->arg[2], otherwise, expr_and(p, guard, expr_not(p, e->arg[0])), false);
    else walk(b, e->arg[2], expr_select(p, e->arg[0], zero, otherwise), guard, false);
}

// Reads nothing but one element, perhaps times a number: may stand inside of a sum as it is.
static bool is_plain(const Expr *e) {
    if (e->kind == E_READ || e->kind == E_NUMBER || e->kind == E_BATCH) return true;
    if (e->kind != E_MUL && e->kind != E_DIV) return false;
    int reads = 0;
    for (int i = 0; i < e->arg_count; i++) {
        if (!is_plain(e->arg[i])) return false;
        reads += e->arg[i]->kind == E_READ;
    }
    return reads <= 1;
}

// A new tensor over the domain of q's left side, defined by `value`, and its element at q's left side.
static const Expr *name_value(Back *b, const char *suffix, const Expr *value, TensorRole role) {
    Program *p = b->p;
    const Tensor *out = b->q->out;
    const char *prefix = role == TENSOR_GRADIENT ? "d_" : "";
    int samples = out->per_sample && p->sample ? 1 : 0;
    Tensor *t = tensor_new(p, name_printf(p->compile->names, "%s%s%s", prefix, out->name, suffix),
                           name_printf(p->compile->names, "%s%s%s", prefix,
                                       out->label ? out->label : out->name, suffix),
                           role, out->per_sample, out->axis + samples, out->rank - samples);
    t->span = b->q->span;
    t->stage = b->q->stage;
    t->is_int = expr_is_int(value);
    Equation *q = equation_new(p, t, b->q->subscript, b->q->index, b->q->index_count, EQUATION_SET, value);
    q->span = b->q->span;
    q->stage = b->q->stage;
    if (role == TENSOR_GRADIENT) {
        q->adjoint_of = b->q;
        list_add(p->arena, p->backward, q);
    } else list_add(p->arena, p->forward, q);
    return expr_read(p, t, b->q->subscript);
}

// The seed as something that may stand inside of a sum: named, if it is more than one element.
static const Expr *plain_seed(Back *b, const Expr *seed) {
    if (is_plain(seed)) return seed;
    for (int i = 0; i < b->seed_named.count; i++)
        if (b->seed_named.item[i] == seed) return b->seed_read.item[i];
    const Expr *read = name_value(b, "_pre", seed, TENSOR_GRADIENT);
    list_add(b->p->arena, b->seed_named, seed);
    list_add(b->p->arena, b->seed_read, read);
    return read;
}

// The number of an element within its window, as argmax counts it.
static const Expr *window_number(Program *p, const Expr *e) {
    Affine flat = affine_constant(0);
    for (int i = 0; i < e->index_count; i++)
        flat = affine_add(p, affine_index(p, e->index[i]), flat, e->index[i]->extent);
    return expr_affine(p, flat);
}

static int64_t window_size(const Expr *e) {
    int64_t size = 1;
    for (int i = 0; i < e->index_count; i++) size *= e->index[i]->extent;
    return size;
}

// The first of equal extremes has the gradient: compare with the place that argmax found.
static const Expr *extreme_seed(Back *b, const Expr *e, const Expr *seed) {
    Program *p = b->p;
    bool is_max = e->reduction == REDUCE_MAX;
    const Expr *place = expr_reduce(p, is_max ? REDUCE_ARGMAX : REDUCE_ARGMIN, e->index,
                                    e->index_count, e->arg[0], e->arg[1]);
    const Expr *first = name_value(b, "_arg", place, TENSOR_VALUE);
    if (first->kind == E_READ) ((Tensor *)first->tensor)->classes = window_size(e);
    const Expr *chosen = expr_equal(p, first, window_number(p, e));
    return by_rule(p, is_max ? RULE_MAX_REDUCTION : RULE_MIN_REDUCTION,
                   expr_select(p, chosen, seed, expr_number(p, 0)));
}

// The product of all elements but this one: prod(k | k != r: body).
static const Expr *product_of_others(Program *p, const Expr *e) {
    const Expr *copy = expr_freshen(p, e);
    const Expr *same = expr_equal(p, window_number(p, copy), window_number(p, e));
    const Expr *body = expr_select(p, same, expr_number(p, 1), copy->arg[1]);
    return expr_reduce(p, REDUCE_PROD, copy->index, copy->index_count, copy->arg[0], body);
}

static void walk_reduction(Back *b, const Expr *e, const Expr *seed, const Expr *guard) {
    int mark = b->domain.count;
    const Expr *inner = plain_seed(b, seed);
    switch (e->reduction) {
    case REDUCE_SUM: inner = by_rule(b->p, RULE_SUM, inner); break;
    case REDUCE_PROD:
        inner = by_rule(b->p, RULE_PROD, expr_multiply(b->p, inner, product_of_others(b->p, e)));
        break;
    case REDUCE_MAX: case REDUCE_MIN: inner = extreme_seed(b, e, inner); break;
    case REDUCE_ARGMAX: case REDUCE_ARGMIN: return;
    }
    for (int i = 0; i < e->index_count; i++) list_add(b->p->arena, b->domain, e->index[i]);
    walk(b, e->arg[1], inner, expr_and(b->p, guard, e->arg[0]), false);
    b->domain.count = mark;
}

static void walk_call(Back *b, const Expr *e, const Expr *seed, const Expr *guard, bool root) {
    for (int k = 0; k < e->arg_count; k++) {
        const Expr *y = root ? b->result : e;
        walk(b, e->arg[k], function_derivative(b->p, e, k, y, root, seed), guard, false);
    }
}

static void walk(Back *b, const Expr *e, const Expr *seed, const Expr *guard, bool root) {
    if (expr_is_number(seed, 0) || guard->kind == E_FALSE) return;
    if (!reads_actively(e, b->a->live, b->a->tensor_count)) return;
    switch (e->kind) {
    case E_READ: contribute(b, e, seed, guard); return;
    case E_ADD:
        for (int i = 0; i < e->arg_count; i++)
            walk(b, e->arg[i], by_rule(b->p, RULE_ADD, seed), guard, false);
        return;
    case E_MUL: walk_product(b, e, seed, guard); return;
    case E_DIV: walk_quotient(b, e, seed, guard, root); return;
    case E_CALL: walk_call(b, e, seed, guard, root); return;
    case E_SELECT: walk_select(b, e, seed, guard); return;
    case E_REDUCE: walk_reduction(b, e, seed, guard); return;
    case E_NUMBER: case E_BATCH: case E_INDEX: case E_STOP: case E_RANDOM: case E_TRUE:
    case E_FALSE: case E_NONNEGATIVE: case E_LESS: case E_LESS_EQUAL: case E_EQUAL: case E_AND:
    case E_OR: case E_NOT: return;
    }
}

void back(Adjoint *a, Equation *q, const Expr *seed) {
    Back b = {.a = a, .p = a->p, .q = q};
    b.result = expr_read(a->p, q->out, q->subscript);
    for (int i = 0; i < q->index_count; i++) list_add(a->p->arena, b.domain, q->index[i]);
    walk(&b, q->value, seed, q->guard, q->op == EQUATION_SET);
}
