// layout.c: which axis of a tensor is innermost, how far it is padded, and its halo.
//
// A contraction runs along its lane: an axis of the result that only one operand has, the one that
// all samples share. Each such equation votes for that axis. Axes that stand for each other in an
// equation (the same index, alone, on both) are of one class and share their votes, so that a whole
// chain of layers agrees. Without votes the last axis stays innermost.
#include "lower/fast/fast.h"

typedef struct Axes {
    Fast *f;
    Map first;   // Tensor to (uintptr_t) number of its first axis + 1
    int *parent; // union-find over all axes of all tensors
    int *votes;
    int count, capacity;
} Axes;

// --- classes of axes

static int number_of(Axes *a, const Tensor *t, int axis) {
    uintptr_t first = (uintptr_t)map_get(&a->first, t);
    if (!first) {
        first = (uintptr_t)a->count + 1;
        map_set(&a->first, t, (void *)first);
        a->count += t->rank;
    }
    return (int)first - 1 + axis;
}

static int root_of(Axes *a, int i) {
    while (a->parent[i] != i) i = a->parent[i] = a->parent[a->parent[i]];
    return i;
}

static void join(Axes *a, int i, int k) {
    i = root_of(a, i);
    k = root_of(a, k);
    if (i == k) return;
    a->parent[k] = i;
    a->votes[i] += a->votes[k];
}

typedef struct Joining {
    Axes *a;
    const Equation *q;
} Joining;

static void join_read(const Expr *read, void *data) {
    Joining *j = data;
    for (int k = 0; k < read->arg_count; k++) {
        const Index *i = expr_bare_index(read->arg[k]);
        for (int d = 0; i && d < j->q->out->rank; d++)
            if (expr_bare_index(j->q->subscript[d]) == i)
                join(j->a, number_of(j->a, j->q->out, d), number_of(j->a, read->tensor, k));
    }
}

// --- votes

static bool is_weight(const Tensor *t) {
    return !t->per_sample && !t->is_int;
}

// The product inside of a sum, or NULL.
static const Expr *product_of(const Expr *sum) {
    const Expr *body = sum->arg[1];
    return sum->reduction == REDUCE_SUM && body->kind == E_MUL ? body : NULL;
}

// On one axis of the read the index moves from element to element.
static bool steps_by_one(const Expr *read, const Index *i) {
    for (int k = 0; k < read->arg_count; k++)
        if (read->arg[k]->kind == E_INDEX && affine_coefficient(read->arg[k]->affine, i) == 1)
            return true;
    return false;
}

static void vote(Axes *a, const Equation *q, const Expr *e) {
    for (int i = 0; i < e->arg_count; i++) vote(a, q, e->arg[i]);
    const Expr *product = e->kind == E_REDUCE ? product_of(e) : NULL;
    if (!product || !q->out->per_sample) return;
    for (int d = 0; d < q->out->rank; d++) {
        const Index *i = expr_bare_index(q->subscript[d]);
        bool in_weight = false, elsewhere = false;
        for (int k = 0; i && k < product->arg_count; k++) {
            const Expr *factor = product->arg[k];
            if (!expr_uses_index(factor, i)) continue;
            if (factor->kind == E_READ && is_weight(factor->tensor) && steps_by_one(factor, i))
                in_weight = true;
            else
                elsewhere = true;
        }
        if (in_weight && !elsewhere && i->extent >= 4)
            a->votes[root_of(a, number_of(a, q->out, d))]++;
    }
}

// --- layouts

static bool same_axes(const Tensor *a, const Tensor *b) {
    if (a->rank != b->rank) return false;
    for (int d = 0; d < a->rank; d++)
        if (a->axis[d]->extent != b->axis[d]->extent) return false;
    return true;
}

static int64_t round_up(int64_t n, int64_t to) {
    return (n + to - 1) / to * to;
}

static bool has_own_layout(const Tensor *t) {
    bool computed = t->role == TENSOR_VALUE ||
                    (t->role == TENSOR_GRADIENT && !(t->of && t->of->role == TENSOR_PARAM));
    return computed && !t->is_int && t->rank > 0;
}

void layout_make(Fast *f, const Tensor *t, int lane) {
    const Tensor *twin =
        f->l->program == f->l->model->eval ? tensor_find(f->l->model->train, t->name) : NULL;
    if (twin && same_axes(t, twin) && layout_of(f, twin)) {
        map_set(&f->layout, t, layout_of(f, twin)); // they share a buffer
        return;
    }
    Layout *y = arena_new_item(f->arena, Layout);
    y->rank = t->rank;
    y->axis = arena_new_array(f->arena, int, t->rank);
    y->before = arena_new_array(f->arena, int64_t, t->rank);
    y->extent = arena_new_array(f->arena, int64_t, t->rank);
    int at = 0;
    for (int d = 0; d < t->rank; d++) {
        y->extent[d] = t->axis[d]->extent;
        if (d != lane) y->axis[at++] = d;
    }
    y->axis[at] = lane;
    y->extent[lane] = round_up(t->axis[lane]->extent, f->lanes);
    map_set(&f->layout, t, y);
}

static int best_axis(Axes *a, const Tensor *t) {
    int best = t->rank - 1, votes = 0;
    for (int d = t->rank - 1; d >= 0; d--) {
        int v = a->votes[root_of(a, number_of(a, t, d))];
        if (t->axis[d]->is_sample || t->axis[d]->extent < 4 || v <= votes) continue;
        best = d;
        votes = v;
    }
    return best;
}

static int axes_of(const Program *p) {
    int count = 0;
    for (int i = 0; i < p->tensor.count; i++) count += p->tensor.item[i]->rank;
    return count;
}

static void survey(Axes *a, Equation *const *equation, int count) {
    for (int i = 0; i < count; i++) {
        Joining j = {a, equation[i]};
        expr_each_read(equation[i]->value, join_read, &j);
    }
}

static void survey_votes(Axes *a, Equation *const *equation, int count) {
    for (int i = 0; i < count; i++) vote(a, equation[i], equation[i]->value);
}

// A gradient lies as its tensor does, a tensor of the evaluation program as its twin.
static void join_twins(Axes *a, const Program *p, const Program *other) {
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        const Tensor *twin = t->of ? t->of : tensor_find(other, t->name);
        for (int d = 0; twin && same_axes(t, twin) && d < t->rank; d++)
            join(a, number_of(a, t, d), number_of(a, twin, d));
    }
}

static bool is_output(const Program *p, const Tensor *t) {
    for (int i = 0; i < p->output.count; i++)
        if (p->output.item[i] == t) return true;
    const Tensor *twin = tensor_find(p, t->name);
    for (int i = 0; i < p->output.count; i++)
        if (p->output.item[i] == twin) return true;
    return false;
}

static void choose_one(Axes *a, Program *p, const Program *eval, const Tensor *t) {
    if (!has_own_layout(t)) return;
    int lane = best_axis(a, t);
    a->f->l->program = p;
    if (is_output(eval, t))
        outputs_set_aside(a->f, p, t, lane);
    else
        layout_make(a->f, t, lane);
}

void layout_choose(Fast *f) {
    Program *both[] = {f->l->model->train, f->l->model->eval};
    Axes a = {.f = f, .first.arena = f->arena};
    a.capacity = axes_of(both[0]) + axes_of(both[1]) + 1;
    a.parent = arena_new_array(f->arena, int, a.capacity);
    a.votes = arena_new_array(f->arena, int, a.capacity);
    for (int i = 0; i < a.capacity; i++) a.parent[i] = i;
    for (int b = 0; b < 2; b++) {
        survey(&a, both[b]->forward.item, both[b]->forward.count);
        survey(&a, both[b]->backward.item, both[b]->backward.count);
        join_twins(&a, both[b], both[1 - b]);
    }
    for (int b = 0; b < 2; b++) {
        survey_votes(&a, both[b]->forward.item, both[b]->forward.count);
        survey_votes(&a, both[b]->backward.item, both[b]->backward.count);
    }
    int count[] = {both[0]->tensor.count, both[1]->tensor.count};
    for (int b = 0; b < 2; b++)
        for (int i = 0; i < count[b]; i++)
            choose_one(&a, both[b], both[1], both[b]->tensor.item[i]);
    for (int b = 0; b < 2; b++) windows_set_aside(f, both[b]);
}

Layout *layout_of(const Fast *f, const Tensor *t) {
    return map_get(&f->layout, t);
}

int layout_lane_axis(const Fast *f, const Tensor *t) {
    const Layout *y = layout_of(f, t);
    return y ? y->axis[y->rank - 1] : t->rank - 1;
}

bool layout_is_padded(const Fast *f, const Tensor *t) {
    const Layout *y = layout_of(f, t);
    int lane = layout_lane_axis(f, t);
    if (lane < 0 || (y && y->scalar)) return false;
    return (y ? y->extent[lane] : t->axis[lane]->extent) % f->lanes == 0;
}

void layout_reach(Fast *f, const Tensor *t, int axis, int64_t last) {
    Layout *y = layout_of(f, t);
    while (y->extent[axis] <= y->before[axis] + last) y->extent[axis] += f->lanes;
}

void layout_widen(Fast *f, const Tensor *t, int axis, int64_t low, int64_t high) {
    Layout *y = layout_of(f, t);
    int64_t extent = t->axis[axis]->extent, after = y->extent[axis] - y->before[axis] - extent;
    if (-low > y->before[axis]) y->before[axis] = -low;
    if (high - extent + 1 > after) after = high - extent + 1;
    y->extent[axis] = y->before[axis] + extent + after;
}
