// recur.c: recurrences: steps one after the other, inside of a step whatever vectors can do.
//
// A sum that reads nothing of the recurrence (what comes from below at each step) leaves it, and
// becomes one contraction over all steps. What remains in a step is clusters like any other; where
// it pays, a step is taken by all samples of a chunk together (samples.c).
#include "lower/fast/fast.h"

// --- sums that can be computed before

typedef struct Leaving {
    Fast *f;
    const Group *group;
    const Equation *q;
    Equations *before;
} Leaving;

static bool may_leave(const Leaving *v, const Expr *e) {
    if (e->reduction != REDUCE_SUM || e->arg[0]->kind != E_TRUE || e->arg[1]->kind != E_MUL)
        return false;
    for (int i = 0; i < v->group->count; i++)
        if (expr_reads(e, v->group->equation[i]->out)) return false;
    return v->q->out->per_sample;
}

// The axis of the new tensor that runs along the lane of what the equation defines.
static int lane_axis(const Leaving *v, const Index *const *index, int count) {
    const Tensor *out = v->q->out;
    const Index *lane = expr_bare_index(v->q->subscript[layout_lane_axis(v->f, out)]);
    for (int i = 0; i < count; i++)
        if (index[i] == lane) return i;
    return count - 1;
}

// before[n, t, ...] = e, and its element.
static const Expr *leave(Leaving *v, const Expr *e) {
    Fast *f = v->f;
    Program *p = f->l->program;
    const Equation *q = v->q;
    int samples = p->sample ? 1 : 0, count = 0;
    const Index **index = arena_new_array(f->arena, const Index *, q->index_count + 1);
    const Index **axis = arena_new_array(f->arena, const Index *, q->index_count + 1);
    for (int i = 0; i < q->index_count; i++) {
        const Index *own = q->index[i];
        if (!own->is_sample && !expr_uses_index(e, own)) continue;
        axis[count] = index_new(p, own->name, own->size, own->extent);
        index[count++] = own;
    }
    if (count == samples) return e;
    Name name = name_printf(p->compile->names, "%s_input", q->out->name);
    Tensor *t = tensor_new(p, name, name, TENSOR_VALUE, true, axis + samples, count - samples);
    t->stage = q->stage;
    t->span = q->span;
    layout_make(f, t, lane_axis(v, index, count));
    const Expr **subscript = arena_new_array(f->arena, const Expr *, count);
    for (int i = 0; i < count; i++) subscript[i] = expr_index(p, index[i]);
    Equation *before = equation_new(p, t, subscript, index, count, EQUATION_SET, e);
    before->stage = q->stage;
    before->span = q->span;
    before->adjoint_of = q->adjoint_of;
    list_add(f->arena, *v->before, before);
    return expr_read(p, t, subscript);
}

// Not from the branches of a choice: there what is read may be out of range.
static const Expr *without_input(Leaving *v, const Expr *e) {
    if (e->kind == E_REDUCE) return may_leave(v, e) ? leave(v, e) : e;
    if (e->kind == E_SELECT || e->kind == E_READ || !expr_has_reduction(e)) return e;
    const Expr **arg = arena_new_array(v->f->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = without_input(v, e->arg[i]);
    return expr_rebuild(v->f->l->program, e, arg);
}

static void split_group(Fast *f, const Group *group, Equations *out) {
    for (int i = 0; i < group->count; i++) {
        Equation *q = group->equation[i];
        Leaving v = {f, group, q, out};
        const Expr *value =
            group->is_recurrence && q->out->rank ? without_input(&v, q->value) : q->value;
        if (value != q->value) {
            Equation *copy = arena_new_item(f->arena, Equation);
            *copy = *q;
            copy->value = value;
            q = copy;
        }
        list_add(f->arena, *out, q);
    }
}

Equations recurrence_split(Fast *f, Equation *const *equation, int count) {
    Groups groups = {0};
    Equations out = {0};
    if (!equations_order(f->l->program, NULL, equation, count, &groups))
        internal_error("lower", "equations have no order");
    for (int g = 0; g < groups.group.count; g++) split_group(f, &groups.group.item[g], &out);
    return out;
}

void recurrence_build(Fast *f, Node *body, const Group *group, Item **item) {
    Node *loop = nest_recurrence_loop(f->l, body, group, item);
    cluster_items(f, loop, item, group->count);
}
