// gather.c: all contributions to one gradient, as equations.
//
// What could be solved for the element is one equation, the sum of its terms. Pieces (a composite left side) of one form are
// merged; if they are disjoint and cover the tensor they define it, else they are added to what is there, as scatters are.
#include "adjoint/solve.h"

typedef LIST(Equation *) Equations;

static Equation *to_equation(Adjoint *a, Tensor *d, const Solved *s, EquationOp op) {
    Equation *q = equation_new(a->p, d, s->subscript, s->index, s->index_count, op, s->value);
    q->guard = s->guard;
    q->adjoint_of = s->from;
    q->span = s->from->span;
    q->stage = s->from->stage;
    return q;
}

// Whether two left sides are the same up to names; pairs up their indices.
static bool same_left_side(const Equation *a, const Equation *b, IndexMap *map, int *count, Program *p) {
    *count = 0;
    if (a->index_count != b->index_count) return false;
    for (int d = 0; d < a->out->rank; d++) {
        Affine x = a->subscript[d]->affine, y = b->subscript[d]->affine;
        if (x.constant != y.constant || x.count != y.count) return false;
        for (int i = 0; i < y.count; i++) {
            const Index *match = NULL;
            for (int k = 0; k < x.count; k++)
                if (x.term[k].coefficient == y.term[i].coefficient) match = x.term[k].index;
            if (!match || match->extent != y.term[i].index->extent) return false;
            if (match != y.term[i].index)
                map[(*count)++] = (IndexMap){y.term[i].index, affine_index(p, match)};
        }
    }
    return true;
}

static void add_piece(Adjoint *a, Equations *pieces, Equation *q) {
    Program *p = a->p;
    IndexMap *map = arena_new_array(p->arena, IndexMap, q->index_count + 1);
    int count;
    for (int i = 0; i < pieces->count; i++)
        if (same_left_side(pieces->item[i], q, map, &count, p)) {
            const Expr *value = expr_substitute(p, q->value, map, count);
            pieces->item[i]->value = simplify_reductions(p, expr_add(p, pieces->item[i]->value, value));
            return;
        }
    list_add(p->arena, *pieces, q);
}

static bool apart(const Equation *a, const Equation *b) {
    for (int d = 0; d < a->out->rank; d++) {
        Affine x = a->subscript[d]->affine, y = b->subscript[d]->affine;
        if (affine_high(x) < affine_low(y) || affine_high(y) < affine_low(x)) return true;
    }
    return false;
}

static bool pieces_define(const Equations *pieces, const Tensor *t) {
    int64_t total = 0;
    for (int i = 0; i < pieces->count; i++) {
        total += equation_volume(pieces->item[i]);
        for (int k = 0; k < i; k++)
            if (!apart(pieces->item[i], pieces->item[k])) return false;
    }
    return total == tensor_count(t);
}

static void append(Adjoint *a, Equation *q) { list_add(a->p->arena, a->p->backward, q); }

static void append_whole(Adjoint *a, Tensor *d, const Expr *value, const Equation *from) {
    Equation *q = equation_whole(a->p, d, value);
    q->adjoint_of = from;
    if (from) {
        q->span = from->span;
        q->stage = from->stage;
    }
    append(a, q);
}

void gather(Adjoint *a, const Tensor *t) {
    Program *p = a->p;
    Tensor *d = gradient_of(a, t);
    const Contributions *all = &a->contribution[t->id];
    const Equation *from = all->count ? all->item[0].from : NULL;
    const Expr *whole = NULL;
    Equations pieces = {0}, scatters = {0};
    for (int i = all->count - 1; i >= 0; i--) { // readers in their forward order
        Solved s = solve(p, t, &all->item[i], a->time[t->id] - 1);
        switch (s.form) {
        case FORM_GATHER: whole = whole ? expr_add(p, whole, s.value) : s.value; break;
        case FORM_PIECE: add_piece(a, &pieces, to_equation(a, d, &s, EQUATION_ADD)); break;
        case FORM_SCATTER: list_add(p->arena, scatters, to_equation(a, d, &s, EQUATION_ADD)); break;
        }
    }
    bool defined = !whole && pieces.count && pieces_define(&pieces, t);
    if (!defined) append_whole(a, d, whole ? simplify_reductions(p, whole) : expr_number(p, 0), from);
    for (int i = 0; i < pieces.count; i++) {
        if (defined) pieces.item[i]->op = EQUATION_SET;
        append(a, pieces.item[i]);
    }
    for (int i = 0; i < scatters.count; i++) append(a, scatters.item[i]);
}
