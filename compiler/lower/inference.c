// inference.c: a model reduced to prediction: no loss, no metrics, no targets, no gradients, so that
// lowering gives `evaluate` alone.
#include "lower/lower.h"

#include <string.h>

static void mark_read(const Expr *read, void *data) {
    bool *needed = data;
    needed[read->tensor->id] = true;
}

static int largest_id(const Program *p) {
    int most = 0;
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->id > most) most = p->tensor.item[i]->id;
    return most;
}

// Marks what the outputs are made of; equations may stand in any order, so until nothing changes.
static bool *needed_tensors(const Program *p) {
    int size = largest_id(p) + 1, before = -1, now = 0;
    bool *needed = arena_new_array(p->arena, bool, size);
    for (int i = 0; i < p->output.count; i++) needed[p->output.item[i]->id] = true;
    while (now != before) {
        before = now;
        for (int i = 0; i < p->forward.count; i++) {
            const Equation *q = p->forward.item[i];
            if (!needed[q->out->id]) continue;
            expr_each_read(q->value, mark_read, needed);
            for (int k = 0; k < q->out->rank; k++)
                expr_each_read(q->subscript[k], mark_read, needed);
        }
        now = 0;
        for (int i = 0; i < size; i++) now += needed[i];
    }
    return needed;
}

void inference_reduce(Model *model) {
    Program *p = model->eval;
    bool *needed = needed_tensors(p);
    int equations = 0;
    for (int i = 0; i < p->tensor.count; i++) {
        // A value that nothing needs gets no memory.
        Tensor *t = p->tensor.item[i];
        bool aside = t->role == TENSOR_RESULT || t->role == TENSOR_TARGET;
        if (aside && !needed[t->id]) t->role = TENSOR_VALUE;
    }
    for (int i = 0; i < p->forward.count; i++)
        if (needed[p->forward.item[i]->out->id]) p->forward.item[equations++] = p->forward.item[i];
    p->forward.count = equations;
    p->loss = NULL;
    p->metric.count = p->update.count = p->backward.count = 0;
    // The training program has the same tensors and computes nothing.
    model->train = arena_new_item(p->arena, Program);
    *model->train = *p;
    model->train->forward.count = 0;
    model->data.inlined_count = model->data.columns_count = 0; // of data only the scaling is left
}

void inference_trim(LoopModule *m) {
    int kept = 0;
    for (int i = 0; i < m->function.count; i++)
        if (!strcmp(m->function.item[i]->name, "evaluate"))
            m->function.item[kept++] = m->function.item[i];
    m->function.count = kept;
}
