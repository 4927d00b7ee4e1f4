// reduction.c: rules for sums in gradients: R4 (an indicator picks its element), R5 (what does not depend on an index leaves
// the sum; an index nobody uses multiplies by its extent), R6 (deviations from a mean sum to zero).
#include "adjoint/internal.h"

typedef LIST(const Expr *) ExprList;

static const Expr *sum_over(Program *p, const Index *const *index, int count, const Expr *guard,
                            const Expr *body) {
    return expr_reduce(p, REDUCE_SUM, index, count, guard, body);
}

// How many values the indices take together; N for the sample index.
static const Expr *count_of(Program *p, const Index *const *index, int count) {
    const Expr *n = expr_number(p, 1);
    for (int i = 0; i < count; i++) {
        const Expr *extent = index[i]->is_sample ? expr_batch(p) : expr_number(p, (double)index[i]->extent);
        n = expr_multiply(p, n, extent);
    }
    return n;
}

// --- R4

// v stands in e only as a whole subscript, or in affine conditions nowhere.
static bool only_as_subscript(const Expr *e, const Index *v) {
    if (e->kind == E_INDEX || e->kind == E_NONNEGATIVE) return affine_coefficient(e->affine, v) == 0;
    for (int i = 0; i < e->arg_count; i++) {
        const Expr *k = e->arg[i];
        if (e->kind == E_READ && k->kind == E_INDEX && affine_bare(k->affine) == v) continue;
        if (!only_as_subscript(k, v)) return false;
    }
    return true;
}

static const Expr *put(Program *p, const Expr *e, const Index *v, const Expr *value) {
    if (e->kind == E_INDEX && affine_bare(e->affine) == v) return value;
    if (!expr_uses_index(e, v)) return e;
    const Expr **arg = arena_new_array(p->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = put(p, e->arg[i], v, value);
    return expr_rebuild(p, e, arg);
}

// sum(k: if k == t then e else 0) is e with t in the place of k.
static const Expr *pick(Program *p, const Expr *sum) {
    const Expr *body = sum->arg[1];
    if (body->kind != E_SELECT || !expr_is_number(body->arg[2], 0) || sum->arg[0]->kind != E_TRUE)
        return NULL;
    if (body->arg[0]->kind != E_EQUAL) return NULL;
    for (int side = 0; side < 2; side++) {
        const Expr *k = body->arg[0]->arg[side], *target = body->arg[0]->arg[1 - side];
        const Index *v = k->kind == E_INDEX ? affine_bare(k->affine) : NULL;
        if (!v || expr_uses_index(target, v) || target->kind != E_READ || !target->tensor->is_int)
            continue;
        if (target->tensor->classes == 0 || target->tensor->classes > v->extent) continue;
        const Index **rest = arena_new_array(p->arena, const Index *, sum->index_count + 1);
        int rest_count = 0;
        for (int i = 0; i < sum->index_count; i++)
            if (sum->index[i] != v) rest[rest_count++] = sum->index[i];
        if (rest_count == sum->index_count || !only_as_subscript(body->arg[1], v)) continue;
        return sum_over(p, rest, rest_count, sum->arg[0], put(p, body->arg[1], v, target));
    }
    return NULL;
}

// --- R5

static void split_factors(Program *p, const Expr *e, const Expr *sum, ExprList *inside, ExprList *outside) {
    int count = e->kind == E_MUL ? e->arg_count : 1;
    for (int i = 0; i < count; i++) {
        const Expr *f = e->kind == E_MUL ? e->arg[i] : e;
        if (expr_uses_any(f, sum->index, sum->index_count)) list_add(p->arena, *inside, f);
        else list_add(p->arena, *outside, f);
    }
}

static const Expr *joined(Program *p, const ExprList *factors) {
    const Expr *e = expr_number(p, 1);
    for (int i = 0; i < factors->count; i++) e = expr_multiply(p, e, factors->item[i]);
    return e;
}

static const Expr *factors_leave(Program *p, const Expr *sum) {
    const Expr *body = sum->arg[1];
    const Expr *top = body->kind == E_DIV ? body->arg[0] : body;
    const Expr *bottom = body->kind == E_DIV ? body->arg[1] : expr_number(p, 1);
    ExprList top_in = {0}, top_out = {0}, bottom_in = {0}, bottom_out = {0};
    split_factors(p, top, sum, &top_in, &top_out);
    split_factors(p, bottom, sum, &bottom_in, &bottom_out);
    const Expr *outer = expr_divide(p, joined(p, &top_out), joined(p, &bottom_out));
    if (expr_is_number(outer, 1)) return NULL;
    const Expr *inner = expr_divide(p, joined(p, &top_in), joined(p, &bottom_in));
    return expr_multiply(p, outer,
                         sum_over(p, sum->index, sum->index_count, sum->arg[0], inner));
}

static const Expr *unused_indices_leave(Program *p, const Expr *sum) {
    const Index **used = arena_new_array(p->arena, const Index *, sum->index_count + 1);
    const Index **unused = arena_new_array(p->arena, const Index *, sum->index_count + 1);
    int used_count = 0, unused_count = 0;
    for (int i = 0; i < sum->index_count; i++) {
        const Index *v = sum->index[i];
        bool uses = expr_uses_index(sum->arg[0], v) || expr_uses_index(sum->arg[1], v);
        if (uses) used[used_count++] = v;
        else unused[unused_count++] = v;
    }
    if (!unused_count) return NULL;
    const Expr *rest = sum_over(p, used, used_count, sum->arg[0], sum->arg[1]);
    return expr_multiply(p, count_of(p, unused, unused_count), rest);
}

// --- R6

// The mean that `read` stands for: its definition with the read's subscripts, or NULL.
static const Expr *definition_at(Program *p, const Expr *read) {
    const Equation *q = read->tensor->definition;
    if (!q || q->op != EQUATION_SET) return NULL;
    IndexMap *map = arena_new_array(p->arena, IndexMap, q->index_count + 1);
    int count = 0;
    for (int d = 0; d < read->arg_count; d++) {
        if (read->arg[d]->kind != E_INDEX) return NULL;
        const Index *v = affine_bare(q->subscript[d]->affine);
        if (v) map[count++] = (IndexMap){v, read->arg[d]->affine};
    }
    return expr_substitute(p, q->value, map, count);
}

static const Expr *negated_read(const Expr *e) {
    bool negated = e->kind == E_MUL && e->arg_count == 2 && expr_is_number(e->arg[0], -1);
    return negated && e->arg[1]->kind == E_READ ? e->arg[1] : NULL;
}

// sum(r: x - m) is 0 if m = sum(r: x)/|r|.
static bool is_centred(Program *p, const Expr *sum) {
    const Expr *body = sum->arg[1];
    if (body->kind != E_ADD || body->arg_count != 2 || sum->arg[0]->kind != E_TRUE) return false;
    for (int i = 0; i < 2; i++) {
        const Expr *mean = negated_read(body->arg[1 - i]), *x = body->arg[i];
        if (!mean || expr_uses_any(mean, sum->index, sum->index_count)) continue;
        const Expr *definition = definition_at(p, mean);
        if (!definition) continue;
        const Expr *all = sum_over(p, sum->index, sum->index_count, expr_true(p), x);
        const Expr *wanted = expr_divide(p, all, count_of(p, sum->index, sum->index_count));
        if (expr_same(wanted, definition, false, NULL, NULL, 0)) return true;
    }
    return false;
}

// --- signs: within a sum a difference begins with the term that uses more of the bound indices, so that sums which differ in
// sign only are found to be equal.

static int bound_indices(const Expr *sum, const Expr *e) {
    int count = 0;
    for (int i = 0; i < sum->index_count; i++) count += expr_uses_index(e, sum->index[i]);
    return count;
}

static bool is_turned(const Expr *sum, const Expr *factor) {
    if (factor->kind != E_ADD || factor->arg_count != 2) return false;
    int negative = expr_is_negative(factor->arg[0]) ? 0 : 1;
    if (!expr_is_negative(factor->arg[negative]) || expr_is_negative(factor->arg[1 - negative])) return false;
    return bound_indices(sum, factor->arg[negative]) > bound_indices(sum, factor->arg[1 - negative]);
}

static const Expr *turn_differences(Program *p, const Expr *sum) {
    const Expr *body = sum->arg[1];
    const Expr *top = body->kind == E_DIV ? body->arg[0] : body;
    int count = top->kind == E_MUL ? top->arg_count : 1;
    const Expr *product = expr_number(p, 1);
    bool turned = false;
    for (int i = 0; i < count; i++) {
        const Expr *f = top->kind == E_MUL ? top->arg[i] : top;
        if (!turned && is_turned(sum, f)) {
            turned = true;
            f = expr_add(p, expr_negate(p, f->arg[0]), expr_negate(p, f->arg[1]));
        }
        product = expr_multiply(p, product, f);
    }
    if (!turned) return NULL;
    if (body->kind == E_DIV) product = expr_divide(p, product, body->arg[1]);
    return expr_negate(p, sum_over(p, sum->index, sum->index_count, sum->arg[0], product));
}

static const Expr *simplify_sum(Program *p, const Expr *sum) {
    const Expr *simpler = pick(p, sum);
    if (!simpler) simpler = unused_indices_leave(p, sum);
    if (!simpler) simpler = factors_leave(p, sum);
    if (!simpler) simpler = turn_differences(p, sum);
    if (!simpler && is_centred(p, sum)) simpler = expr_number(p, 0);
    return simpler ? simplify_reductions(p, simpler) : sum;
}

const Expr *simplify_reductions(Program *p, const Expr *e) {
    if (!expr_has_reduction(e)) return e;
    const Expr **arg = arena_new_array(p->arena, const Expr *, e->arg_count);
    bool same = true;
    for (int i = 0; i < e->arg_count; i++) {
        arg[i] = simplify_reductions(p, e->arg[i]);
        same = same && arg[i] == e->arg[i];
    }
    if (!same) e = expr_rebuild(p, e, arg);
    return e->kind == E_REDUCE && e->reduction == REDUCE_SUM ? simplify_sum(p, e) : e;
}
