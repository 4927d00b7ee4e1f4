// walk.c: questions about expressions, and rebuilding them.
#include "equation/intern.h"

bool expr_is_int(const Expr *e) {
    return e->kind == E_INDEX || (e->kind == E_READ && e->tensor->is_int) ||
           (e->kind == E_REDUCE &&
            (e->reduction == REDUCE_ARGMAX || e->reduction == REDUCE_ARGMIN));
}

bool expr_is_condition(const Expr *e) { return e->kind >= E_TRUE; }

bool expr_is_number(const Expr *e, double value) {
    return expr_is_constant(e) && expr_constant(e) == value;
}

bool expr_is_constant(const Expr *e) {
    return e->kind == E_NUMBER || (e->kind == E_INDEX && e->affine.count == 0);
}

bool expr_is_negative(const Expr *e) {
    if (e->kind == E_NUMBER) return e->number < 0;
    return (e->kind == E_MUL || e->kind == E_DIV) && expr_is_negative(e->arg[0]);
}

const Index *expr_bare_index(const Expr *e) {
    return e->kind == E_INDEX ? affine_bare(e->affine) : NULL;
}

double expr_constant(const Expr *e) {
    return e->kind == E_NUMBER ? e->number : (double)e->affine.constant;
}

bool expr_is_affine_condition(const Expr *e) {
    if (e->kind == E_TRUE || e->kind == E_NONNEGATIVE) return true;
    if (e->kind != E_AND) return false;
    for (int i = 0; i < e->arg_count; i++)
        if (e->arg[i]->kind != E_NONNEGATIVE) return false;
    return true;
}

bool expr_has_reduction(const Expr *e) {
    if (e->kind == E_REDUCE) return true;
    for (int i = 0; i < e->arg_count; i++)
        if (expr_has_reduction(e->arg[i])) return true;
    return false;
}

bool expr_uses_index(const Expr *e, const Index *i) {
    if (!(e->index_mask >> (i->id & 63) & 1)) return false;
    if (affine_coefficient(e->affine, i)) return true;
    for (int k = 0; k < e->arg_count; k++)
        if (expr_uses_index(e->arg[k], i)) return true;
    return false;
}

bool expr_uses_any(const Expr *e, const Index *const *index, int count) {
    for (int i = 0; i < count; i++)
        if (expr_uses_index(e, index[i])) return true;
    return false;
}

bool expr_reads(const Expr *e, const Tensor *t) {
    if (!(e->tensor_mask >> (t->id & 63) & 1)) return false;
    if (e->kind == E_READ && e->tensor == t) return true;
    for (int k = 0; k < e->arg_count; k++)
        if (expr_reads(e->arg[k], t)) return true;
    return false;
}

void expr_each_read(const Expr *e, void (*visit)(const Expr *read, void *data), void *data) {
    if (e->kind == E_READ) visit(e, data);
    for (int k = 0; k < e->arg_count; k++) expr_each_read(e->arg[k], visit, data);
}

static const Expr *rebuild_chain(Program *p, const Expr *e, const Expr *const *arg,
                                 const Expr *(*join)(Program *, const Expr *, const Expr *)) {
    const Expr *all = arg[0];
    for (int i = 1; i < e->arg_count; i++) all = join(p, all, arg[i]);
    return all;
}

const Expr *expr_rebuild(Program *p, const Expr *e, const Expr *const *arg) {
    switch (e->kind) {
    case E_NUMBER: case E_BATCH: case E_INDEX: case E_TRUE: case E_FALSE: return e;
    case E_NONNEGATIVE: return expr_nonnegative(p, e->affine);
    case E_READ: return expr_read(p, e->tensor, arg);
    case E_ADD: return rebuild_chain(p, e, arg, expr_add);
    case E_MUL: return rebuild_chain(p, e, arg, expr_multiply);
    case E_AND: return rebuild_chain(p, e, arg, expr_and);
    case E_OR: return rebuild_chain(p, e, arg, expr_or);
    case E_DIV: return expr_divide(p, arg[0], arg[1]);
    case E_CALL: return expr_call(p, e->function, arg);
    case E_STOP: return expr_stop(p, arg[0]);
    case E_SELECT: return expr_select(p, arg[0], arg[1], arg[2]);
    case E_REDUCE:
        return expr_reduce(p, e->reduction, e->index, e->index_count, arg[0], arg[1]);
    case E_RANDOM: return expr_random(p, e->number, e->stream, arg[0], arg[1]);
    case E_LESS: return expr_less(p, arg[0], arg[1]);
    case E_LESS_EQUAL: return expr_less_equal(p, arg[0], arg[1]);
    case E_EQUAL: return expr_equal(p, arg[0], arg[1]);
    case E_NOT: return expr_not(p, arg[0]);
    }
    internal_error("equation", "an expression of no kind");
}
