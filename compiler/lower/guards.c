// guards.c: affine conditions as the bounds of loops. A condition
//     c*v + rest >= 0
// on the index v of a loop is v >= ceil(-rest/c) for c > 0, and v < floor(rest/-c) + 1 for c < 0.
// Where a condition keeps a subscript inside of an axis, the bound is written with the name of that
// axis's size.
#include "lower/lowering.h"

const LoopExpr *write_size(Writer *w, Name size, int64_t extent) {
    for (int i = 0; i < w->size.count; i++)
        if (w->size_of.item[i] == size && w->size.item[i].value == extent)
            return loop_integer(w->m, extent, w->size.item[i].name);
    return loop_integer(w->m, extent, NULL);
}

const LoopExpr *write_extent(Writer *w, const Index *index) {
    return write_size(w, index->size, index->extent);
}

// --- which axis a condition guards

typedef struct Guarded {
    Program *p;
    Affine room; // extent - 1 - subscript
    const Index *axis;
} Guarded;

static void check_subscript(Guarded *g, const Tensor *t, const Expr *const *subscript) {
    for (int k = 0; k < t->rank; k++) {
        if (subscript[k]->kind != E_INDEX || t->axis[k]->is_sample) continue;
        Affine last = affine_constant(t->axis[k]->extent - 1);
        if (affine_equal(affine_add(g->p, last, subscript[k]->affine, -1), g->room))
            g->axis = t->axis[k];
    }
}

static void check_read(const Expr *read, void *data) {
    check_subscript(data, read->tensor, read->arg);
}

static void check_node(Guarded *g, const Node *node) {
    if (node->value) expr_each_read(node->value, check_read, g);
    if (node->out) check_subscript(g, node->out, node->subscript);
    for (int i = 0; i < node->child.count; i++) check_node(g, node->child.item[i]);
}

const Index *guarded_axis(const Lowering *l, const Node *loop, const Expr *constraint) {
    Guarded g = {l->program, constraint->affine, NULL};
    check_node(&g, loop);
    return g.axis;
}

// Among what the condition lets happen: the branch it chooses, or the body of its `if`.
const Index *chosen_axis(const Writer *w, Affine condition) {
    Guarded g = {w->l->program, condition, NULL};
    if (w->chosen) expr_each_read(w->chosen, check_read, &g);
    if (w->inside) check_node(&g, w->inside);
    return g.axis;
}

// --- bounds

static Affine without(Writer *w, Affine a, const Index *index) {
    Program *p = w->l->program;
    return affine_add(p, a, affine_index(p, index), -affine_coefficient(a, index));
}

static const LoopExpr *divide(Writer *w, LoopExprKind kind, const LoopExpr *a, int64_t by) {
    return by == 1 ? a : loop_binary(w->m, kind, a, loop_integer(w->m, by, NULL));
}

// a, of whose constant a part is the extent of an axis: size - p + 1, h - size + 2.
static const LoopExpr *write_with_size(Writer *w, Affine a, const Index *axis, bool subtract) {
    Program *p = w->l->program;
    if (!axis || !axis->size || a.count == 0) return write_affine(w, a);
    Affine rest = affine_add(p, a, affine_constant(axis->extent), subtract ? 1 : -1);
    const LoopExpr *size = write_size(w, axis->size, axis->extent);
    if (subtract) return loop_binary(w->m, LOOP_SUBTRACT, write_affine(w, rest), size);
    Affine negative = affine_scale(p, rest, -1);
    bool falls = true;
    for (int i = 0; i < rest.count; i++) falls = falls && rest.term[i].coefficient < 0;
    if (falls && rest.constant <= 0)
        return loop_binary(w->m, LOOP_SUBTRACT, size, write_affine(w, negative));
    if (!falls) return loop_binary(w->m, LOOP_ADD, size, write_affine(w, rest));
    Affine terms = affine_add(p, rest, affine_constant(rest.constant), -1);
    const LoopExpr *sum =
        loop_binary(w->m, LOOP_SUBTRACT, size, write_affine(w, affine_scale(p, terms, -1)));
    return loop_binary(w->m, LOOP_ADD, sum, loop_integer(w->m, rest.constant, NULL));
}

// The loop begins where it did, or at `from` (given as a form, and as it is written).
static const LoopExpr *raise_low(Writer *w, const LoopExpr *low, Affine from,
                                 const LoopExpr *written) {
    bool surely = low->kind == LOOP_INTEGER && low->integer <= affine_low(from);
    return surely ? written : loop_binary(w->m, LOOP_INT_MAX, low, written);
}

static const LoopExpr *lower_high(Writer *w, const LoopExpr *high, Affine to,
                                  const LoopExpr *written) {
    bool surely = high->kind == LOOP_INTEGER && high->integer >= affine_high(to);
    return surely ? written : loop_binary(w->m, LOOP_INT_MIN, high, written);
}

void write_bounds(Writer *w, const Node *loop, const LoopExpr **low, const LoopExpr **high) {
    Program *p = w->l->program;
    *low = loop_integer(w->m, 0, NULL);
    *high =
        loop->index->is_sample ? loop_read_variable(w->m, w->f->N) : write_extent(w, loop->index);
    for (int i = 0; i < loop->constraint.count; i++) {
        const Expr *constraint = loop->constraint.item[i];
        const Index *axis = guarded_axis(w->l, loop, constraint);
        Affine a = constraint->affine, rest = without(w, a, loop->index);
        int64_t c = affine_coefficient(a, loop->index);
        Affine from = affine_scale(p, rest, -1), to = affine_add(p, rest, affine_constant(1), 1);
        if (c == 1) {
            *low = raise_low(w, *low, from, write_with_size(w, from, axis, true));
        } else if (c == -1) {
            *high = lower_high(w, *high, to, write_with_size(w, to, axis, false));
        } else if (c > 0) {
            const LoopExpr *least = divide(w, LOOP_CEIL_DIVIDE, write_affine(w, from), c);
            *low = loop_binary(w->m, LOOP_INT_MAX, *low, least);
        } else {
            const LoopExpr *last = divide(w, LOOP_FLOOR_DIVIDE, write_affine(w, rest), -c);
            last = loop_binary(w->m, LOOP_ADD, last, loop_integer(w->m, 1, NULL));
            *high = loop_binary(w->m, LOOP_INT_MIN, *high, last);
        }
    }
}
