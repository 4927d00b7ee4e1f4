// inline.c: substituting gradient equations into their readers.
//
// A gradient that is one element of another, or a short formula without calls, is clearer and faster written where it is
// used. It is kept where inlining would compute it again and again: within a product that is summed with reuse (a
// contraction) only single elements may stand, and no reshapes, which would hide the contraction's strides.
#include "adjoint/internal.h"

typedef struct Uses {
    const Tensor *of;
    int count;
    bool in_reduction, in_contraction, by_integer;
    bool repeated; // a reader has more elements, and would compute the same again for many of them
} Uses;

static void count_read(const Expr *read, void *data) {
    (void)read;
    ++*(int *)data;
}

static int reads_in(const Expr *e) {
    int count = 0;
    expr_each_read(e, count_read, &count);
    return count;
}

static bool is_expensive(const Expr *e) {
    if (e->kind == E_CALL || e->kind == E_RANDOM) return true;
    if (e->kind == E_DIV && reads_in(e->arg[1])) return true; // by N or a number it is a factor
    for (int i = 0; i < e->arg_count; i++)
        if (is_expensive(e->arg[i])) return true;
    return false;
}

static int weight(const Expr *e) {
    int w = 1;
    if (e->kind != E_READ)
        for (int i = 0; i < e->arg_count; i++) w += weight(e->arg[i]);
    return w;
}

// Whether two reads use the same indices.
static bool same_indices(const Expr *a, const Expr *b, const Expr *sum) {
    for (int i = 0; i < sum->index_count; i++)
        if (expr_uses_index(a, sum->index[i]) != expr_uses_index(b, sum->index[i])) return false;
    for (int k = 0; k < a->arg_count; k++)
        for (int i = 0; i < a->arg[k]->affine.count; i++)
            if (!expr_uses_index(b, a->arg[k]->affine.term[i].index)) return false;
    for (int k = 0; k < b->arg_count; k++)
        for (int i = 0; i < b->arg[k]->affine.count; i++)
            if (!expr_uses_index(a, b->arg[k]->affine.term[i].index)) return false;
    return true;
}

// A sum of products of reads whose index sets differ: each element is used more than once.
static bool is_contraction(const Expr *sum) {
    const Expr *body = sum->arg[1], *first = NULL;
    if (body->kind == E_DIV) body = body->arg[0];
    if (body->kind != E_MUL) return false;
    for (int i = 0; i < body->arg_count; i++) {
        const Expr *f = body->arg[i];
        if (f->kind != E_READ) continue;
        if (first && !same_indices(first, f, sum)) return true;
        if (!first) first = f;
    }
    return false;
}

static void find_uses(const Expr *e, Uses *u, bool in_reduction, bool in_contraction) {
    if (!expr_reads(e, u->of)) return;
    if (e->kind == E_READ && e->tensor == u->of) {
        u->count++;
        u->in_reduction = u->in_reduction || in_reduction;
        u->in_contraction = u->in_contraction || in_contraction;
        for (int i = 0; i < e->arg_count; i++)
            if (e->arg[i]->kind != E_INDEX) u->by_integer = true;
    }
    if (e->kind == E_REDUCE) {
        in_reduction = true;
        in_contraction = is_contraction(e);
    }
    for (int i = 0; i < e->arg_count; i++) find_uses(e->arg[i], u, in_reduction, in_contraction);
}

static bool has_composite_subscript(const Expr *e) {
    if (e->kind == E_READ)
        for (int i = 0; i < e->arg_count; i++)
            if (e->arg[i]->kind != E_INDEX || e->arg[i]->affine.count > 1) return true;
    for (int i = 0; i < e->arg_count; i++)
        if (has_composite_subscript(e->arg[i])) return true;
    return false;
}

// q's tensor and another one of the list define each other.
static bool in_cycle(const Program *p, const Equation *q) {
    for (int i = 0; i < p->backward.count; i++) {
        const Equation *w = p->backward.item[i];
        if (w != q && expr_reads(w->value, q->out) && expr_reads(q->value, w->out)) return true;
    }
    return false;
}

static bool should_inline(const Program *p, const Equation *q) {
    if (gradient_is_wanted(q->out) || q->out->definition != q) return false;
    if (expr_has_reduction(q->value) || expr_reads(q->value, q->out)) return false;
    Uses u = {.of = q->out};
    for (int i = 0; i < p->backward.count; i++) {
        const Equation *w = p->backward.item[i];
        int before = u.count;
        find_uses(w->value, &u, w->op == EQUATION_ADD, false);
        u.repeated = u.repeated || (u.count > before && w->index_count > q->index_count);
    }
    if (u.count == 0 || u.by_integer) return false;
    bool constant = expr_is_constant(q->value);
    bool cheap = reads_in(q->value) <= 2 && !is_expensive(q->value) && weight(q->value) <= 12;
    bool trivial = constant || (reads_in(q->value) <= 1 && !is_expensive(q->value) && weight(q->value) <= 4);
    if (u.in_contraction && !constant &&
        (!trivial || q->value->kind == E_SELECT || has_composite_subscript(q->value)))
        return false;
    if (trivial || cheap) return true;
    return u.count == 1 && !u.in_reduction && !u.repeated && !in_cycle(p, q);
}

// e with every read of q's tensor replaced by q's right side.
static const Expr *put_definition(Program *p, const Expr *e, const Equation *q) {
    if (!expr_reads(e, q->out)) return e;
    if (e->kind == E_READ && e->tensor == q->out) {
        IndexMap *map = arena_new_array(p->arena, IndexMap, e->arg_count + 1);
        int count = 0;
        for (int d = 0; d < e->arg_count; d++) {
            const Index *v = affine_bare(q->subscript[d]->affine);
            if (v) map[count++] = (IndexMap){v, e->arg[d]->affine};
        }
        return expr_substitute(p, expr_freshen(p, q->value), map, count);
    }
    const Expr **arg = arena_new_array(p->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = put_definition(p, e->arg[i], q);
    return expr_rebuild(p, e, arg);
}

static void remove_equation(Program *p, const Equation *q) {
    int kept = 0;
    for (int i = 0; i < p->backward.count; i++)
        if (p->backward.item[i] != q) p->backward.item[kept++] = p->backward.item[i];
    p->backward.count = kept;
}

void inline_gradients(Program *p) {
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < p->backward.count; i++) {
            const Equation *q = p->backward.item[i];
            if (!should_inline(p, q)) continue;
            for (int k = 0; k < p->backward.count; k++) {
                Equation *w = p->backward.item[k];
                if (w == q || !expr_reads(w->value, q->out)) continue;
                w->value = simplify_reductions(p, put_definition(p, w->value, q));
            }
            remove_equation(p, q);
            changed = true;
            i--;
        }
    }
}
