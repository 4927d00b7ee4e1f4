// order.c: the order of computation: strongly connected components (Tarjan, "Depth-first search and linear graph
// algorithms", 1972) of the dependences between equations, then list scheduling that keeps equal loop shapes together.
#include "equation/order.h"

typedef LIST(int) Numbers;

typedef struct Order {
    Program *p;
    Equation *const *equation;
    int count;
    Numbers *writers;  // by tensor id: equations that define it
    Numbers *needs;    // by equation: equations that must come before
    int *number, *low; // Tarjan's
    bool *on_stack;
    Numbers stack;
    struct Frame *frame; // of the walk, as many as there are equations
    int visited;
    LIST(Numbers) component;
    int *component_of;
} Order;

// --- dependences

typedef struct NeedsOf {
    Order *o;
    int equation;
} NeedsOf;

static void add_need(Order *o, int equation, int needed) {
    Numbers *n = &o->needs[equation];
    for (int i = n->count - 1; i >= 0 && i >= n->count - 8; i--)
        if (n->item[i] == needed) return;
    list_add(o->p->arena, *n, needed);
}

static void need_read(const Expr *read, void *data) {
    NeedsOf *of = data;
    if (read->tensor->role == TENSOR_STATE) return; // updates see the values before the step
    const Numbers *w = &of->o->writers[read->tensor->id];
    for (int i = 0; i < w->count; i++) add_need(of->o, of->equation, w->item[i]);
}

static void find_needs(Order *o) {
    for (int i = 0; i < o->count; i++)
        list_add(o->p->arena, o->writers[o->equation[i]->out->id], i);
    for (int i = 0; i < o->count; i++) {
        const Equation *q = o->equation[i];
        NeedsOf of = {o, i};
        expr_each_read(q->value, need_read, &of);
        expr_each_read(q->guard, need_read, &of);
        for (int k = 0; k < q->out->rank; k++) expr_each_read(q->subscript[k], need_read, &of);
        const Numbers *w = &o->writers[q->out->id];
        for (int k = 0; k < w->count && w->item[k] < i; k++) add_need(o, i, w->item[k]);
    }
}

// --- components, found in an order in which needs come first. The walk keeps its own stack: a chain of equations can be
// longer than the machine's stack is deep.

typedef struct Frame Frame;
struct Frame {
    int at, next;
};

static void close_component(Order *o, int root) {
    Numbers members = {0};
    int member;
    do {
        member = o->stack.item[--o->stack.count];
        o->on_stack[member] = false;
        o->component_of[member] = o->component.count;
        list_add(o->p->arena, members, member);
    } while (member != root);
    for (int i = 1; i < members.count; i++) // into the order of the spec
        for (int k = i; k > 0 && members.item[k - 1] > members.item[k]; k--) {
            int swap = members.item[k];
            members.item[k] = members.item[k - 1];
            members.item[k - 1] = swap;
        }
    list_add(o->p->arena, o->component, members);
}

static void enter(Order *o, int at) {
    o->number[at] = o->low[at] = ++o->visited;
    list_add(o->p->arena, o->stack, at);
    o->on_stack[at] = true;
}

static void visit(Order *o, int root) {
    Frame *frame = o->frame;
    int depth = 0;
    frame[depth++] = (Frame){root, 0};
    enter(o, root);
    while (depth) {
        Frame *f = &frame[depth - 1];
        const Numbers *needs = &o->needs[f->at];
        if (f->next < needs->count) {
            int to = needs->item[f->next++];
            if (!o->number[to]) {
                enter(o, to);
                frame[depth++] = (Frame){to, 0};
            } else if (o->on_stack[to] && o->number[to] < o->low[f->at])
                o->low[f->at] = o->number[to];
            continue;
        }
        if (o->low[f->at] == o->number[f->at]) close_component(o, f->at);
        int done = f->at;
        if (--depth && o->low[done] < o->low[frame[depth - 1].at])
            o->low[frame[depth - 1].at] = o->low[done];
    }
}

// --- list scheduling

// The loops an equation needs: the extents of its domain, of its reductions, and its stage.
typedef struct LoopShape {
    uint64_t domain, reductions;
    const Stage *stage;
} LoopShape;

static void add_reductions(const Expr *e, uint64_t *hash) {
    if (e->kind == E_REDUCE)
        for (int i = 0; i < e->index_count; i++)
            *hash = *hash * 1000003u + (uint64_t)e->index[i]->extent;
    else
        for (int i = 0; i < e->arg_count; i++) add_reductions(e->arg[i], hash);
}

static LoopShape shape_of(const Equation *q) {
    LoopShape s = {1, 1, q->stage};
    for (int i = 0; i < q->index_count; i++)
        s.domain = s.domain * 1000003u + (uint64_t)q->index[i]->extent;
    add_reductions(q->value, &s.reductions);
    return s;
}

// Greater is better: the same loops as before, then the same domain in the same stage.
static int affinity(LoopShape a, LoopShape b) {
    if (a.domain != b.domain || a.stage != b.stage) return 0;
    return a.reductions == b.reductions ? 2 : 1;
}

static void schedule(Order *o, Numbers *sequence) {
    int count = o->component.count;
    int *missing = arena_new_array(o->p->arena, int, count + 1);
    Numbers *users = arena_new_array(o->p->arena, Numbers, count + 1);
    LoopShape *shape = arena_new_array(o->p->arena, LoopShape, count + 1);
    Numbers ready = {0};
    for (int c = 0; c < count; c++) {
        const Numbers *members = &o->component.item[c];
        shape[c] = shape_of(o->equation[members->item[0]]);
        for (int m = 0; m < members->count; m++) {
            const Numbers *needs = &o->needs[members->item[m]];
            for (int k = 0; k < needs->count; k++) {
                int from = o->component_of[needs->item[k]];
                if (from == c) continue;
                missing[c]++;
                list_add(o->p->arena, users[from], c);
            }
        }
        if (!missing[c]) list_add(o->p->arena, ready, c);
    }
    LoopShape last = {0};
    while (ready.count) {
        int best = 0;
        for (int i = 1; i < ready.count; i++) {
            int better = affinity(shape[ready.item[i]], last) - affinity(shape[ready.item[best]], last);
            int earlier = o->component.item[ready.item[best]].item[0] -
                          o->component.item[ready.item[i]].item[0];
            if (better > 0 || (better == 0 && earlier > 0)) best = i;
        }
        int c = ready.item[best];
        ready.item[best] = ready.item[--ready.count];
        list_add(o->p->arena, *sequence, c);
        last = shape[c];
        for (int k = 0; k < users[c].count; k++)
            if (--missing[users[c].item[k]] == 0) list_add(o->p->arena, ready, users[c].item[k]);
    }
}

static bool group_of(Order *o, Compile *c, const Numbers *members, Group *g) {
    *g = (Group){.equation = arena_new_array(o->p->arena, Equation *, members->count)};
    for (int i = 0; i < members->count; i++)
        g->equation[g->count++] = o->equation[members->item[i]];
    g->is_recurrence = members->count > 1 || equation_recurs(g->equation[0]);
    if (!g->is_recurrence || recurrence_find(o->p, g)) return true;
    if (c) {
        Diagnostic *d = report(c->diagnostics, E_RECURRENCE, g->equation[0]->span,
                               "no axis orders the recurrence of %s", g->equation[0]->out->name);
        for (int i = 1; i < g->count && i < 4; i++)
            report_note(c->diagnostics, d, g->equation[i]->span, "%s is part of the cycle",
                        g->equation[i]->out->name);
        report_help(c->diagnostics, d, "let every read within the cycle lie a fixed number of steps back "
                                       "along one axis, as in pad(h[t - 1, k], 0)");
    }
    return false;
}

bool equations_order(Program *p, Compile *c, Equation *const *equation, int count, Groups *out) {
    Order o = {.p = p, .equation = equation, .count = count};
    int last = 0; // a predictor keeps some tensors only, under their old numbers
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->id > last) last = p->tensor.item[i]->id;
    o.writers = arena_new_array(p->arena, Numbers, last + 1);
    o.frame = arena_new_array(p->arena, Frame, count + 1);
    o.needs = arena_new_array(p->arena, Numbers, count + 1);
    o.number = arena_new_array(p->arena, int, count + 1);
    o.low = arena_new_array(p->arena, int, count + 1);
    o.on_stack = arena_new_array(p->arena, bool, count + 1);
    o.component_of = arena_new_array(p->arena, int, count + 1);
    find_needs(&o);
    for (int i = 0; i < count; i++)
        if (!o.number[i]) visit(&o, i);
    Numbers sequence = {0};
    schedule(&o, &sequence);
    bool fine = true;
    for (int i = 0; i < sequence.count; i++) {
        Group g;
        if (group_of(&o, c, &o.component.item[sequence.item[i]], &g)) list_add(p->arena, out->group, g);
        else fine = false;
    }
    return fine;
}
