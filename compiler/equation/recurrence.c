// recurrence.c: the axis that orders a cycle of equations.
//
// One axis of each tensor of the cycle is its time. A choice for one tensor settles the others: where an equation at time t
// reads a tensor of the cycle, the axis whose subscript is t + constant is that tensor's time. Every axis of the first
// tensor is tried, for a shifted subscript alone does not tell (in an LSTM a[t, H + j] shifts along j).
#include "equation/order.h"

typedef struct Search {
    Program *p;
    const Group *g;
    int *time_axis; // by tensor id: axis + 1, 0 unknown
    bool back, ahead;
} Search;

typedef struct ReadCheck {
    Search *s;
    const Index *time;
    bool fine;
} ReadCheck;

static bool in_group(const Group *g, const Tensor *t) {
    for (int i = 0; i < g->count; i++)
        if (g->equation[i]->out == t) return true;
    return false;
}

static bool is_step(const Expr *subscript, const Index *time) {
    return subscript->kind == E_INDEX && subscript->affine.count == 1 &&
           subscript->affine.term[0].index == time && subscript->affine.term[0].coefficient == 1;
}

static void check_read(const Expr *read, void *data) {
    ReadCheck *c = data;
    if (!c->fine || !in_group(c->s->g, read->tensor)) return;
    int *axis = &c->s->time_axis[read->tensor->id];
    for (int k = 0; k < read->arg_count && !*axis; k++)
        if (is_step(read->arg[k], c->time)) *axis = k + 1;
    if (!*axis || !is_step(read->arg[*axis - 1], c->time)) {
        c->fine = false;
        return;
    }
    int64_t distance = read->arg[*axis - 1]->affine.constant;
    c->s->back = c->s->back || distance < 0;
    c->s->ahead = c->s->ahead || distance > 0;
}

static const Index *time_of(const Search *s, const Equation *q) {
    int axis = s->time_axis[q->out->id];
    if (!axis || q->subscript[axis - 1]->kind != E_INDEX) return NULL;
    return affine_bare(q->subscript[axis - 1]->affine);
}

// Walks the equations whose tensor has a time already, until all have one.
static bool settle(Search *s, bool *done) {
    const Group *g = s->g;
    for (bool progress = true; progress;) {
        progress = false;
        for (int i = 0; i < g->count; i++) {
            if (done[i] || !s->time_axis[g->equation[i]->out->id]) continue;
            ReadCheck c = {s, time_of(s, g->equation[i]), true};
            if (!c.time || c.time->extent != time_of(s, g->equation[0])->extent) return false;
            expr_each_read(g->equation[i]->value, check_read, &c);
            expr_each_read(g->equation[i]->guard, check_read, &c);
            if (!c.fine) return false;
            done[i] = progress = true;
        }
    }
    for (int i = 0; i < g->count; i++)
        if (!done[i]) return false;
    return s->back != s->ahead;
}

// Whether `user` reads what `maker` defines within the same step.
typedef struct SameStep {
    const Search *s;
    const Tensor *of;
    bool found;
} SameStep;

static void same_step(const Expr *read, void *data) {
    SameStep *c = data;
    if (read->tensor != c->of) return;
    int axis = c->s->time_axis[c->of->id];
    if (read->arg[axis - 1]->affine.constant == 0) c->found = true;
}

static bool needs(const Search *s, const Equation *user, const Equation *maker) {
    SameStep c = {s, maker->out, false};
    expr_each_read(user->value, same_step, &c);
    return c.found || (user->out == maker->out && user->op == EQUATION_ADD &&
                       maker->op == EQUATION_SET);
}

// Sorts the equations of one step; false if they form a cycle within it.
static bool sort_step(const Search *s, Group *g) {
    for (int done = 0; done < g->count; done++) {
        int pick = -1;
        for (int i = done; i < g->count && pick < 0; i++) {
            pick = i;
            for (int k = done; k < g->count; k++)
                if (k != i && needs(s, g->equation[i], g->equation[k])) pick = -1;
            if (needs(s, g->equation[i], g->equation[i])) pick = -1;
        }
        if (pick < 0) return false;
        Equation *q = g->equation[pick];
        for (int k = pick; k > done; k--) g->equation[k] = g->equation[k - 1];
        g->equation[done] = q;
    }
    return true;
}

static bool try_axis(Program *p, Group *g, int axis) {
    Search s = {.p = p, .g = g};
    s.time_axis = arena_new_array(p->arena, int, p->tensor.count + 1);
    s.time_axis[g->equation[0]->out->id] = axis + 1;
    bool *done = arena_new_array(p->arena, bool, g->count);
    if (!time_of(&s, g->equation[0]) || time_of(&s, g->equation[0])->is_sample) return false;
    if (!settle(&s, done) || !sort_step(&s, g)) return false;
    g->down = s.ahead;
    g->time = arena_new_array(p->arena, const Index *, g->count);
    for (int i = 0; i < g->count; i++) g->time[i] = time_of(&s, g->equation[i]);
    return true;
}

bool recurrence_find(Program *p, Group *g) {
    for (int axis = 0; axis < g->equation[0]->out->rank; axis++)
        if (try_axis(p, g, axis)) return true;
    return false;
}

typedef struct SelfRead {
    const Equation *q;
    bool elsewhere;
} SelfRead;

static void self_read(const Expr *read, void *data) {
    SelfRead *s = data;
    if (read->tensor != s->q->out || read->tensor->role == TENSOR_STATE) return;
    s->elsewhere = true;
}

bool equation_recurs(const Equation *q) {
    SelfRead s = {q, false};
    expr_each_read(q->value, self_read, &s);
    return s.elsewhere;
}
