// parallel.c: which loops may run on several threads. The outermost loop of a nest, when every
// buffer that the nest writes is written at the iteration's own elements: then iterations are
// independent, and the bits are those of one thread.
#include "lower/lowering.h"

enum { WORTH_A_THREAD = 10000 }; // operations

typedef struct Check {
    const Index *index;
    const Tensor *tensor;
    int axis;
    bool independent;
} Check;

// Different values of the index never meet on this axis, whatever the other indices are.
static bool separates(const Expr *subscript, const Index *index) {
    if (subscript->kind != E_INDEX) return false;
    int64_t own = affine_coefficient(subscript->affine, index), others = 0;
    for (int i = 0; i < subscript->affine.count; i++) {
        AffineTerm t = subscript->affine.term[i];
        int64_t step = t.coefficient < 0 ? -t.coefficient : t.coefficient;
        if (t.index != index) others += step * (t.index->extent - 1);
    }
    return own > others || -own > others;
}

static bool is_index(const Expr *subscript, const Index *index) {
    return subscript->kind == E_INDEX && affine_bare(subscript->affine) == index;
}

static void check_read(const Expr *read, void *data) {
    Check *c = data;
    if (read->tensor == c->tensor && !is_index(read->arg[c->axis], c->index))
        c->independent = false;
}

// Whether every read and write of the tensor in the nest has the loop's own index on this axis.
static bool is_own_axis(const Nest *nest, const Tensor *t, int axis, const Index *index) {
    Check c = {index, t, axis, true};
    for (int i = 0; i < nest->item.count; i++) {
        const Item *item = nest->item.item[i];
        expr_each_read(item->value, check_read, &c);
        if (item->out == t && !is_index(item->subscript[axis], index)) return false;
    }
    return c.independent;
}

static bool is_alone(const Nest *nest, const Tensor *t) {
    int uses = 0;
    for (int i = 0; i < nest->item.count; i++) {
        uses += nest->item.item[i]->out == t;
        if (expr_reads(nest->item.item[i]->value, t)) return false;
    }
    return uses == 1;
}

static bool is_independent(const Nest *nest, const Index *index) {
    for (int i = 0; i < nest->item.count; i++) {
        const Item *writer = nest->item.item[i];
        bool own = false, alone = is_alone(nest, writer->out);
        for (int k = 0; k < writer->out->rank; k++) {
            own = own || is_own_axis(nest, writer->out, k, index);
            own = own || (alone && separates(writer->subscript[k], index));
        }
        if (!own) return false;
    }
    return true;
}

static double operations(const Expr *e) {
    double count = e->kind != E_INDEX;
    for (int i = 0; i < e->arg_count; i++) count += operations(e->arg[i]);
    if (e->kind != E_REDUCE) return count;
    for (int i = 0; i < e->index_count; i++) count *= (double)e->index[i]->extent;
    return count;
}

static double node_operations(const Node *node) {
    double count = 0;
    if (node->kind == NODE_ITEM) return 1 + operations(node->item->value);
    for (int i = 0; i < node->child.count; i++) count += node_operations(node->child.item[i]);
    return node->kind == NODE_LOOP ? count * (double)node->index->extent : count;
}

void nest_mark_parallel(const Lowering *l, Nest *nest) {
    if (nest->is_phase || !l->options.parallel || nest->body->child.count != 1) return;
    Node *loop = nest->body->child.item[0];
    if (loop->kind != NODE_LOOP || loop->is_time || node_operations(loop) < WORTH_A_THREAD) return;
    loop->parallel = is_independent(nest, loop->index);
}
