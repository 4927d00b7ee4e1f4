// guards.c: affine conditions as the bounds of loops (equations.md, section 5, rule 5). A condition
//     c*v + rest >= 0
// on the index v of a loop is v >= ceil(-rest/c) for c > 0, and v < floor(rest/-c) + 1 for c < 0.
#include "lower/lowering.h"

const LoopExpr *write_extent(Writer *w, const Index *index) {
    for (int i = 0; i < w->size.count; i++)
        if (w->size_of.item[i] == index->size && w->size.item[i].value == index->extent)
            return loop_integer(w->m, index->extent, w->size.item[i].name);
    return loop_integer(w->m, index->extent, NULL);
}

static Affine without(Writer *w, Affine a, const Index *index) {
    Program *p = w->l->program;
    return affine_add(p, a, affine_index(p, index), -affine_coefficient(a, index));
}

static const LoopExpr *divide(Writer *w, LoopExprKind kind, const LoopExpr *a, int64_t by) {
    return by == 1 ? a : loop_binary(w->m, kind, a, loop_integer(w->m, by, NULL));
}

void write_bounds(Writer *w, const Node *loop, const LoopExpr **low, const LoopExpr **high) {
    Program *p = w->l->program;
    *low = loop_integer(w->m, 0, NULL);
    *high = loop->index->is_sample ? loop_read_variable(w->m, w->f->N) : write_extent(w, loop->index);
    for (int i = 0; i < loop->constraint.count; i++) {
        Affine a = loop->constraint.item[i]->affine, rest = without(w, a, loop->index);
        int64_t c = affine_coefficient(a, loop->index);
        if (c > 0) {
            const LoopExpr *from = write_affine(w, affine_scale(p, rest, -1));
            *low = loop_binary(w->m, LOOP_INT_MAX, *low, divide(w, LOOP_CEIL_DIVIDE, from, c));
        } else if (c == -1) {
            const LoopExpr *to = write_affine(w, affine_add(p, rest, affine_constant(1), 1));
            *high = loop_binary(w->m, LOOP_INT_MIN, *high, to);
        } else {
            const LoopExpr *last = divide(w, LOOP_FLOOR_DIVIDE, write_affine(w, rest), -c);
            const LoopExpr *to = loop_binary(w->m, LOOP_ADD, last, loop_integer(w->m, 1, NULL));
            *high = loop_binary(w->m, LOOP_INT_MIN, *high, to);
        }
    }
}
