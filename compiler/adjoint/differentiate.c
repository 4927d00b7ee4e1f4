// differentiate.c: reverse mode over a list of equations.
//
// What has to be differentiated is found first: tensors that depend on a parameter, among those that the loss depends on.
// Then each equation is read backwards (back.c) and the contributions to each tensor are gathered (gather.c). The order of
// the equations does not matter; a recurrence needs no rule.
#include "adjoint/internal.h"

void each_active_read(const Expr *e, void (*visit)(const Expr *read, void *data), void *data) {
    switch (e->kind) {
    case E_READ: visit(e, data); return;
    case E_SELECT: case E_REDUCE: // conditions pass no gradient
        for (int i = 1; i < e->arg_count; i++) each_active_read(e->arg[i], visit, data);
        return;
    case E_ADD: case E_MUL: case E_DIV: case E_CALL:
        for (int i = 0; i < e->arg_count; i++) each_active_read(e->arg[i], visit, data);
        return;
    case E_NUMBER: case E_BATCH: case E_INDEX: case E_STOP: case E_RANDOM: case E_TRUE:
    case E_FALSE: case E_NONNEGATIVE: case E_LESS: case E_LESS_EQUAL: case E_EQUAL: case E_AND:
    case E_OR: case E_NOT: return;
    }
}

typedef struct Active {
    const bool *by_id;
    int count;
    bool found;
} Active;

static void look(const Expr *read, void *data) {
    Active *a = data;
    if (read->tensor->id < a->count && a->by_id[read->tensor->id]) a->found = true;
}

bool reads_actively(const Expr *e, const bool *by_tensor_id, int count) {
    Active a = {by_tensor_id, count, false};
    each_active_read(e, look, &a);
    return a.found;
}

static bool is_wanted(const Tensor *t, bool inputs) {
    return t->role == TENSOR_PARAM || (inputs && t->role == TENSOR_INPUT && !t->is_int);
}

// What depends on a wanted tensor.
static void find_wanted(Adjoint *a, bool inputs) {
    Program *p = a->p;
    for (int i = 0; i < p->tensor.count; i++)
        if (is_wanted(p->tensor.item[i], inputs)) a->wanted[p->tensor.item[i]->id] = true;
    for (bool grew = true; grew;) {
        grew = false;
        for (int i = 0; i < p->forward.count; i++) {
            const Equation *q = p->forward.item[i];
            if (a->wanted[q->out->id] || q->out->is_int) continue;
            if (!reads_actively(q->value, a->wanted, a->tensor_count)) continue;
            a->wanted[q->out->id] = grew = true;
        }
    }
}

typedef struct Mark {
    Adjoint *a;
    bool grew;
} Mark;

static void mark_read(const Expr *read, void *data) {
    Mark *m = data;
    int id = read->tensor->id;
    if (m->a->live[id] || !m->a->wanted[id]) return;
    m->a->live[id] = m->grew = true;
}

// What, of that, the loss depends on.
static void find_live(Adjoint *a) {
    Program *p = a->p;
    Mark m = {a, true};
    a->live[p->loss->id] = true;
    while (m.grew) {
        m.grew = false;
        for (int i = p->forward.count - 1; i >= 0; i--)
            if (a->live[p->forward.item[i]->out->id])
                each_active_read(p->forward.item[i]->value, mark_read, &m);
    }
}

bool gradient_is_wanted(const Tensor *t) {
    return t->of && (t->of->role == TENSOR_PARAM || t->of->role == TENSOR_INPUT);
}

Tensor *gradient_of(Adjoint *a, const Tensor *t) {
    if (a->gradient[t->id]) return a->gradient[t->id];
    Program *p = a->p;
    int samples = t->per_sample && p->sample ? 1 : 0;
    Tensor *d = tensor_new(p, name_printf(p->compile->names, "d_%s", t->name),
                           name_printf(p->compile->names, "d_%s", t->label ? t->label : t->name),
                           TENSOR_GRADIENT, t->per_sample, t->axis + samples, t->rank - samples);
    d->of = t;
    d->span = t->span;
    d->stage = t->stage;
    return a->gradient[t->id] = d;
}

// Equations from last to first: the gradients then stand in the order in which they can be computed, recurrences aside.
static void go_back(Adjoint *a, int forward_count) {
    Program *p = a->p;
    for (int i = forward_count - 1; i >= 0; i--) {
        Equation *q = p->forward.item[i];
        if (!a->live[q->out->id]) continue;
        back(a, q, q->out == p->loss ? by_rule(p, RULE_LOSS, expr_number(p, 1))
                                     : expr_read(p, gradient_of(a, q->out), q->subscript));
    }
    bool *gathered = arena_new_array(p->arena, bool, a->tensor_count);
    gathered[p->loss->id] = true;
    for (int i = forward_count - 1; i >= 0; i--) {
        const Tensor *out = p->forward.item[i]->out;
        if (!a->live[out->id] || gathered[out->id]) continue;
        gathered[out->id] = true;
        gather(a, out);
    }
}

// Which axis orders each recurrence.
static void find_times(Adjoint *a) {
    Groups groups = {0};
    if (!equations_order(a->p, NULL, a->p->forward.item, a->p->forward.count, &groups))
        internal_error("adjoint", "a recurrence without an axis");
    for (int g = 0; g < groups.group.count; g++) {
        const Group *group = &groups.group.item[g];
        for (int i = 0; group->is_recurrence && i < group->count; i++) {
            const Equation *q = group->equation[i];
            for (int d = 0; d < q->out->rank; d++)
                if (q->subscript[d]->kind == E_INDEX && affine_bare(q->subscript[d]->affine) == group->time[i])
                    a->time[q->out->id] = d + 1;
        }
    }
}

void differentiate(Program *p, bool inputs) {
    lift_reductions(p);
    Adjoint a = {.p = p, .tensor_count = p->tensor.count + 1};
    a.wanted = arena_new_array(p->arena, bool, a.tensor_count);
    a.live = arena_new_array(p->arena, bool, a.tensor_count);
    a.contribution = arena_new_array(p->arena, Contributions, a.tensor_count);
    a.gradient = arena_new_array(p->arena, Tensor *, a.tensor_count);
    a.time = arena_new_array(p->arena, int, a.tensor_count);
    find_times(&a);
    find_wanted(&a, inputs);
    find_live(&a);
    int tensors = p->tensor.count;
    go_back(&a, p->forward.count);
    for (int i = 0; i < tensors; i++)
        if (is_wanted(p->tensor.item[i], inputs)) gather(&a, p->tensor.item[i]);
    program_find_definitions(p);
}
