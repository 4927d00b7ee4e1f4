// reduce.c: reductions and random numbers: rules R1 (a guard that stands as a select moves beside the indices), R2 (an
// index of extent 1 is 0) and R3 (a guard without a bound index leaves).
#include "equation/intern.h"

#include <math.h>

typedef LIST(const Expr *) ExprList;

static bool is_argument(Reduction r) { return r == REDUCE_ARGMAX || r == REDUCE_ARGMIN; }

// The value of a reduction over nothing.
static double unit(Reduction r) {
    switch (r) {
    case REDUCE_SUM: return 0;
    case REDUCE_PROD: return 1;
    case REDUCE_MAX: case REDUCE_ARGMAX: return -INFINITY;
    case REDUCE_MIN: case REDUCE_ARGMIN: return INFINITY;
    }
    internal_error("equation", "a reduction of no kind");
}

// Splits a conjunction into the part that uses the bound indices and the part that does not.
static void split_guard(Program *p, const Expr *guard, const Index *const *index, int count,
                        const Expr **bound, const Expr **outer) {
    *bound = *outer = expr_true(p);
    int parts = guard->kind == E_AND ? guard->arg_count : 1;
    for (int i = 0; i < parts; i++) {
        const Expr *part = guard->kind == E_AND ? guard->arg[i] : guard;
        const Expr **to = expr_uses_any(part, index, count) ? bound : outer;
        *to = expr_and(p, *to, part);
    }
}

// A select by a conjunction of which a part is affine gives that part to the guard.
static bool affine_part(Program *p, const Expr *condition, const Expr **affine, const Expr **rest) {
    *affine = *rest = expr_true(p);
    int parts = condition->kind == E_AND ? condition->arg_count : 1;
    for (int i = 0; i < parts; i++) {
        const Expr *part = condition->kind == E_AND ? condition->arg[i] : condition;
        const Expr **to = part->kind == E_NONNEGATIVE ? affine : rest;
        *to = expr_and(p, *to, part);
    }
    return (*affine)->kind != E_TRUE;
}

const Expr *expr_reduce(Program *p, Reduction r, const Index *const *index, int count,
                        const Expr *guard, const Expr *body) {
    const Expr *none = expr_number(p, unit(r));
    const Index **kept = arena_new_array(p->arena, const Index *, count + 1);
    int kept_count = 0;
    for (int i = 0; i < count; i++)
        if (index[i]->extent != 1) kept[kept_count++] = index[i]; // R2
    const Expr *affine, *rest;
    while (body->kind == E_SELECT && body->arg[2] == none && !is_argument(r) &&
           affine_part(p, body->arg[0], &affine, &rest)) { // R1
        guard = expr_and(p, guard, affine);
        body = expr_select(p, rest, body->arg[1], none);
    }
    if (guard->kind == E_FALSE && !is_argument(r)) return none;
    if (kept_count == 0)
        return is_argument(r) ? expr_affine(p, affine_constant(0)) : expr_select(p, guard, body, none);
    if (r == REDUCE_SUM && expr_is_number(body, 0)) return none;
    const Expr *bound = guard, *outer = expr_true(p);
    if (!is_argument(r)) split_guard(p, guard, kept, kept_count, &bound, &outer); // R3
    const Expr *arg[] = {bound, body};
    const Expr *reduction = expr_intern(
        p, (Expr){.kind = E_REDUCE, .reduction = r, .index = kept, .index_count = kept_count,
                  .arg = arg, .arg_count = 2});
    return expr_select(p, outer, reduction, none);
}

const Expr *expr_random(Program *p, double probability, uint64_t stream, const Expr *sample,
                        const Expr *element) {
    if (probability == 0 || probability >= 1) return expr_number(p, probability >= 1);
    const Expr *arg[] = {sample, element};
    return expr_intern(p, (Expr){.kind = E_RANDOM, .number = probability < 0 ? -1 : probability,
                                 .stream = stream, .arg = arg, .arg_count = 2});
}
