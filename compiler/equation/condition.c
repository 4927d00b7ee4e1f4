// condition.c: conditions, selections and padding. Affine conditions are decided by intervals where that is possible.
#include "equation/intern.h"

const Expr *expr_true(Program *p) { return expr_intern(p, (Expr){.kind = E_TRUE}); }
const Expr *expr_false(Program *p) { return expr_intern(p, (Expr){.kind = E_FALSE}); }

static const Expr *truth(Program *p, bool b) { return b ? expr_true(p) : expr_false(p); }

const Expr *expr_nonnegative(Program *p, Affine a) {
    if (affine_low(a) >= 0) return expr_true(p);
    if (affine_high(a) < 0) return expr_false(p);
    return expr_intern(p, (Expr){.kind = E_NONNEGATIVE, .affine = a});
}

static bool both_affine(const Expr *a, const Expr *b) {
    return a->kind == E_INDEX && b->kind == E_INDEX;
}

static bool both_constant(const Expr *a, const Expr *b) {
    return expr_is_constant(a) && expr_is_constant(b);
}

static const Expr *comparison(Program *p, ExprKind kind, const Expr *a, const Expr *b) {
    const Expr *arg[] = {a, b};
    return expr_node(p, kind, arg, 2);
}

const Expr *expr_less(Program *p, const Expr *a, const Expr *b) {
    if (both_affine(a, b)) {
        Affine gap = affine_add(p, b->affine, a->affine, -1);
        return expr_nonnegative(p, affine_add(p, gap, affine_constant(1), -1));
    }
    if (both_constant(a, b)) return truth(p, expr_constant(a) < expr_constant(b));
    return comparison(p, E_LESS, a, b);
}

const Expr *expr_less_equal(Program *p, const Expr *a, const Expr *b) {
    if (both_affine(a, b)) return expr_nonnegative(p, affine_add(p, b->affine, a->affine, -1));
    if (both_constant(a, b)) return truth(p, expr_constant(a) <= expr_constant(b));
    return comparison(p, E_LESS_EQUAL, a, b);
}

const Expr *expr_equal(Program *p, const Expr *a, const Expr *b) {
    if (both_affine(a, b))
        return expr_and(p, expr_less_equal(p, a, b), expr_less_equal(p, b, a));
    if (both_constant(a, b)) return truth(p, expr_constant(a) == expr_constant(b));
    if (a == b && expr_is_int(a)) return expr_true(p);
    return comparison(p, E_EQUAL, a, b);
}

typedef LIST(const Expr *) ExprList;

static void gather_parts(Program *p, const Expr *e, ExprKind kind, ExprList *parts) {
    if (e->kind == kind) {
        for (int i = 0; i < e->arg_count; i++) gather_parts(p, e->arg[i], kind, parts);
        return;
    }
    for (int i = 0; i < parts->count; i++)
        if (parts->item[i] == e) return;
    list_add(p->arena, *parts, e);
}

static const Expr *junction(Program *p, ExprKind kind, const Expr *a, const Expr *b) {
    ExprList parts = {0};
    gather_parts(p, a, kind, &parts);
    gather_parts(p, b, kind, &parts);
    return parts.count == 1 ? parts.item[0] : expr_node(p, kind, parts.item, parts.count);
}

const Expr *expr_and(Program *p, const Expr *a, const Expr *b) {
    if (a->kind == E_TRUE || b->kind == E_FALSE) return b;
    if (b->kind == E_TRUE || a->kind == E_FALSE) return a;
    return junction(p, E_AND, a, b);
}

const Expr *expr_or(Program *p, const Expr *a, const Expr *b) {
    if (a->kind == E_FALSE || b->kind == E_TRUE) return b;
    if (b->kind == E_FALSE || a->kind == E_TRUE) return a;
    return junction(p, E_OR, a, b);
}

const Expr *expr_not(Program *p, const Expr *a) {
    if (a->kind == E_TRUE || a->kind == E_FALSE) return truth(p, a->kind == E_FALSE);
    if (a->kind == E_NOT) return a->arg[0];
    if (a->kind == E_NONNEGATIVE) // not a >= 0 is -1 - a >= 0
        return expr_nonnegative(p, affine_add(p, affine_constant(-1), a->affine, -1));
    return expr_node(p, E_NOT, &a, 1);
}

const Expr *expr_select(Program *p, const Expr *condition, const Expr *a, const Expr *b) {
    if (condition->kind == E_TRUE || a == b) return a;
    if (condition->kind == E_FALSE) return b;
    if (a->kind == E_SELECT && a->arg[0] == condition) a = a->arg[1];
    if (b->kind == E_SELECT && b->arg[0] == condition) b = b->arg[2];
    // An inner select that does the same where the outer one is false needs one condition only.
    if (a->kind == E_SELECT && a->arg[2] == b && expr_is_affine_condition(condition) &&
        expr_is_affine_condition(a->arg[0]))
        return expr_select(p, expr_and(p, condition, a->arg[0]), a->arg[1], b);
    const Expr *arg[] = {condition, a, b};
    return expr_node(p, E_SELECT, arg, 3);
}

const Expr *expr_inside(Program *p, Affine a, int64_t extent) {
    Affine room = affine_add(p, affine_constant(extent - 1), a, -1);
    return expr_and(p, expr_nonnegative(p, a), expr_nonnegative(p, room));
}

const Expr *expr_pad(Program *p, const Expr *read, const Expr *otherwise) {
    const Expr *inside = expr_true(p);
    for (int i = 0; i < read->arg_count; i++)
        if (read->arg[i]->kind == E_INDEX)
            inside = expr_and(
                p, inside,
                expr_inside(p, read->arg[i]->affine, read->tensor->axis[i]->extent));
    return expr_select(p, inside, read, otherwise);
}
