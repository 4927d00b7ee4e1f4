// output.c: which tensors a person wants to see: the outputs of the networks, or, in a model of
// bare equations, what it computes without knowing the targets.
#include "elaborate/context.h"

typedef struct Marks {
    bool *target; // by tensor id: depends on a target
    bool *read;   // is read by an equation that depends on a target
    bool *used;   // is read at all
    bool from_target;
} Marks;

static void look_at_target(const Expr *read, void *data) {
    Marks *m = data;
    if (m->target[read->tensor->id]) m->from_target = true;
}

static void mark_used(const Expr *read, void *data) {
    ((Marks *)data)->used[read->tensor->id] = true;
}

static void mark_read(const Expr *read, void *data) {
    ((Marks *)data)->read[read->tensor->id] = true;
}

static void mark_equations(Program *p, Marks *m) {
    // Equations stand in the order of the spec; a second round catches those that are read ahead.
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < p->forward.count; i++) {
            const Equation *q = p->forward.item[i];
            m->from_target = false;
            expr_each_read(q->value, look_at_target, m);
            if (m->from_target) m->target[q->out->id] = true;
        }
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        expr_each_read(q->value, mark_used, m);
        if (m->target[q->out->id]) expr_each_read(q->value, mark_read, m);
    }
}

static void add_where(Program *p, const bool *mark, const bool *unless) {
    for (int i = 0; i < p->tensor.count; i++) {
        Tensor *t = p->tensor.item[i];
        if (t->role == TENSOR_VALUE && mark[t->id] && !unless[t->id])
            list_add(p->arena, p->output, t);
    }
}

// What the loss reads, for a model without targets.
static void add_loss_inputs(Program *p, Marks *m, const bool *none) {
    bool *direct = arena_new_array(p->arena, bool, p->tensor.count + 1);
    Marks of_loss = {.used = direct};
    const Tensor *loss = p->loss;
    for (int i = p->forward.count; loss && i-- > 0;) {
        const Equation *q = p->forward.item[i];
        if (q->out != loss) continue;
        for (int k = 0; k <= p->tensor.count; k++) direct[k] = false;
        expr_each_read(q->value, mark_used, &of_loss);
        const Tensor *only = NULL;
        for (int k = 0; k < p->tensor.count; k++)
            if (direct[p->tensor.item[k]->id]) only = p->tensor.item[k];
        loss = loss->role == TENSOR_RESULT && only && only->label == loss->label ? only : NULL;
        if (loss) i = p->forward.count;
    }
    add_where(p, direct, none);
    for (int i = 0; !p->loss && i < p->tensor.count; i++) {
        Tensor *t = p->tensor.item[i];
        if (t->role == TENSOR_VALUE && !m->used[t->id]) list_add(p->arena, p->output, t);
    }
}

void find_outputs(Elab *e) {
    Program *p = e->p;
    if (p->output.count) return; // the networks'
    bool *none = arena_new_array(p->arena, bool, p->tensor.count + 1);
    Marks m = {arena_new_array(p->arena, bool, p->tensor.count + 1),
               arena_new_array(p->arena, bool, p->tensor.count + 1),
               arena_new_array(p->arena, bool, p->tensor.count + 1), false};
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->role == TENSOR_TARGET) m.target[p->tensor.item[i]->id] = true;
    mark_equations(p, &m);
    add_where(p, m.read, m.target);
    if (p->output.count == 0) add_loss_inputs(p, &m, none);
}
