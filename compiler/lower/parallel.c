// parallel.c: which loops may run on several threads. The outermost loop of a nest, when every buffer that the nest writes is
// written at the iteration's own elements: then iterations are independent, and the bits are those of one thread.
#include "lower/lowering.h"

enum { WORTH_A_THREAD = 10000 }; // operations

typedef struct Check {
    const Index *index;
    const Tensor *written;
    bool independent;
} Check;

// Different values of the index never meet on this axis, whatever the other indices are.
static bool separates(const Expr *subscript, const Index *index) {
    if (subscript->kind != E_INDEX) return false;
    int64_t own = affine_coefficient(subscript->affine, index), others = 0;
    for (int i = 0; i < subscript->affine.count; i++) {
        AffineTerm t = subscript->affine.term[i];
        if (t.index != index) others += (t.coefficient < 0 ? -t.coefficient : t.coefficient) * (t.index->extent - 1);
    }
    return own > others || -own > others;
}

static bool own_elements(const Expr *const *subscript, int rank, const Index *index) {
    for (int k = 0; k < rank; k++)
        if (separates(subscript[k], index)) return true;
    return false;
}

// A read of a tensor that the nest writes must be of the iteration's own elements, too.
static void check_read(const Expr *read, void *data) {
    Check *c = data;
    if (read->tensor != c->written) return;
    bool own = false;
    for (int k = 0; k < read->arg_count; k++)
        own = own || (read->arg[k]->kind == E_INDEX && affine_bare(read->arg[k]->affine) == c->index);
    c->independent = c->independent && own;
}

static bool is_independent(const Nest *nest, const Index *index) {
    for (int i = 0; i < nest->item.count; i++) {
        const Item *writer = nest->item.item[i];
        if (!own_elements(writer->subscript, writer->out->rank, index)) return false;
        Check c = {index, writer->out, true};
        for (int k = 0; k < nest->item.count; k++) expr_each_read(nest->item.item[k]->value, check_read, &c);
        if (!c.independent) return false;
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
    if (!l->options.parallel || nest->body->child.count != 1) return;
    Node *loop = nest->body->child.item[0];
    if (loop->kind != NODE_LOOP || loop->is_time || node_operations(loop) < WORTH_A_THREAD) return;
    loop->parallel = is_independent(nest, loop->index);
}
