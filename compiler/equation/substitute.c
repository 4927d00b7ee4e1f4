// substitute.c: replacing indices. Every walk remembers what it did, so that shared parts are walked once.
#include "equation/intern.h"

typedef struct Substitution {
    Program *p;
    const IndexMap *map;
    int count;
    // What was done already: pairs of expressions, in a small open hash table.
    const Expr **from, **to;
    int capacity, used;
} Substitution;

static const Expr *walk(Substitution *s, const Expr *e);

static const Expr **slot(Substitution *s, const Expr *e) {
    int at = (int)((unsigned)e->id * 2654435761u & (unsigned)(s->capacity - 1));
    while (s->from[at] && s->from[at] != e) at = (at + 1) & (s->capacity - 1);
    if (!s->from[at]) s->used++;
    s->from[at] = e;
    return &s->to[at];
}

static void grow(Substitution *s) {
    const Expr **from = s->from, **to = s->to;
    int old = s->capacity;
    s->capacity = old ? 2 * old : 64;
    s->used = 0;
    s->from = arena_new_array(s->p->arena, const Expr *, s->capacity);
    s->to = arena_new_array(s->p->arena, const Expr *, s->capacity);
    for (int i = 0; i < old; i++)
        if (from[i]) *slot(s, from[i]) = to[i];
}

static Affine substitute_affine(Substitution *s, Affine a) {
    Affine result = affine_constant(a.constant);
    for (int i = 0; i < a.count; i++) {
        Affine to = affine_index(s->p, a.term[i].index);
        for (int k = 0; k < s->count; k++)
            if (s->map[k].from == a.term[i].index) to = s->map[k].to;
        result = affine_add(s->p, result, to, a.term[i].coefficient);
    }
    return result;
}

static const Expr *substitute(Substitution *s, const Expr *e) {
    if (e->kind == E_INDEX) return expr_affine(s->p, substitute_affine(s, e->affine));
    if (e->kind == E_NONNEGATIVE) return expr_nonnegative(s->p, substitute_affine(s, e->affine));
    if (e->arg_count == 0) return e;
    const Expr **arg = arena_new_array(s->p->arena, const Expr *, e->arg_count);
    bool same = true;
    for (int i = 0; i < e->arg_count; i++) {
        arg[i] = walk(s, e->arg[i]);
        same = same && arg[i] == e->arg[i];
    }
    return same ? e : expr_rebuild(s->p, e, arg);
}

static const Expr *walk(Substitution *s, const Expr *e) {
    if (2 * s->used >= s->capacity) grow(s);
    if (*slot(s, e)) return *slot(s, e);
    const Expr *result = substitute(s, e);
    if (2 * s->used >= s->capacity) grow(s);
    *slot(s, e) = result;
    return result;
}

const Expr *expr_substitute(Program *p, const Expr *e, const IndexMap *map, int count) {
    Substitution s = {.p = p, .map = map, .count = count};
    return count ? walk(&s, e) : e;
}

// Bottom-up: the body first, so that an index bound twice at different places gets two names.
const Expr *expr_freshen(Program *p, const Expr *e) {
    if (!expr_has_reduction(e)) return e;
    const Expr **arg = arena_new_array(p->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = expr_freshen(p, e->arg[i]);
    if (e->kind != E_REDUCE) return expr_rebuild(p, e, arg);
    IndexMap *map = arena_new_array(p->arena, IndexMap, e->index_count);
    const Index **index = arena_new_array(p->arena, const Index *, e->index_count);
    for (int i = 0; i < e->index_count; i++) {
        const Index *old = e->index[i];
        Index *new = (Index *)index_new(p, old->name, old->size, old->extent);
        new->is_sample = old->is_sample;
        index[i] = new;
        map[i] = (IndexMap){old, affine_index(p, new)};
    }
    for (int i = 0; i < 2; i++) arg[i] = expr_substitute(p, arg[i], map, e->index_count);
    return expr_reduce(p, e->reduction, index, e->index_count, arg[0], arg[1]);
}
