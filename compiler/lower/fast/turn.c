// turn.c: operands that lie across the lane.
//
// A contraction loads one of its operands along the lane. A weight that lies otherwise is packed
// (kernel.c); a tensor of each sample is turned here: a copy with the lane innermost, made for each
// sample, of the part that is read. It pays where every vector of the copy is loaded several times.
#include "lower/fast/fast.h"

enum { WORTH_A_COPY = 8 }; // loads of each of its elements

typedef struct Turn {
    const Tensor *of, *copy;
    const Expr **subscript; // of the read that was turned, in the axes of the copy
} Turn;

typedef struct Turning {
    Fast *f;
    Equations *out;
    LIST(Turn) turn;
} Turning;

static const Index *lane_of(const Fast *f, const Equation *q) {
    int axis = layout_lane_axis(f, q->out);
    return axis < 0 || !layout_is_padded(f, q->out) ? NULL : expr_bare_index(q->subscript[axis]);
}

// Results that meet the same element of V.
static double loads_of(const Equation *q, const Expr *scalar, const Expr *vector) {
    double loads = 1;
    for (int i = 0; i < q->index_count; i++)
        if (expr_uses_index(scalar, q->index[i]) && !expr_uses_index(vector, q->index[i]))
            loads *= (double)q->index[i]->extent;
    return loads;
}

// Each subscript is an index of its own or a number, and the lane stands on another axis than the
// innermost.
static bool lies_across(const Fast *f, const Expr *read, const Index *lane) {
    int across = -1;
    for (int k = 0; k < read->arg_count; k++) {
        const Index *i = expr_bare_index(read->arg[k]);
        if (!i && !expr_is_constant(read->arg[k])) return false;
        for (int j = 0; i && j < k; j++)
            if (expr_bare_index(read->arg[j]) == i) return false;
        if (i == lane) across = k;
    }
    return across >= 0 && across != layout_lane_axis(f, read->tensor);
}

static const Tensor *turned_before(const Turning *v, const Expr *read, int axes, int lane) {
    for (int i = 0; i < v->turn.count; i++) {
        const Turn *t = &v->turn.item[i];
        bool same = t->of == read->tensor && layout_lane_axis(v->f, t->copy) == lane &&
                    t->copy->rank == axes;
        for (int k = 0; same && k < read->arg_count; k++) {
            bool both = expr_is_constant(read->arg[k]) || expr_is_constant(t->subscript[k]);
            same = !both || read->arg[k] == t->subscript[k];
        }
        if (same) return t->copy;
    }
    return NULL;
}

// copy[i ...] = tensor[i ...], for the indices of the read.
static Tensor *copy_new(Turning *v, const Equation *q, const Expr *read, int axes, int lane) {
    Program *p = v->f->l->program;
    const Tensor *of = read->tensor;
    const Index **axis = arena_new_array(v->f->arena, const Index *, axes + 1);
    const Expr **subscript = arena_new_array(v->f->arena, const Expr *, of->rank);
    int at = 0, samples = p->sample ? 1 : 0;
    for (int k = 0; k < of->rank; k++)
        if (!expr_is_constant(read->arg[k])) axis[at++] = of->axis[k];
    Name name = name_printf(p->compile->names, "%s_turned", of->name);
    Tensor *copy = tensor_new(p, name, name, TENSOR_VALUE, true, axis + samples, axes - samples);
    copy->stage = q->stage;
    copy->span = q->span;
    layout_make(v->f, copy, lane);
    at = 0;
    for (int k = 0; k < of->rank; k++)
        subscript[k] =
            expr_is_constant(read->arg[k]) ? read->arg[k] : expr_index(p, copy->axis[at++]);
    Equation *made = equation_whole(p, copy, expr_read(p, of, subscript));
    made->stage = q->stage;
    made->span = q->span;
    made->adjoint_of = q->adjoint_of;
    list_add(v->f->arena, *v->out, made);
    Turn turn = {of, copy, (const Expr **)read->arg};
    list_add(v->f->arena, v->turn, turn);
    return copy;
}

static const Expr *turned(Turning *v, const Equation *q, const Expr *read, const Index *lane) {
    int axes = 0, own = 0;
    const Expr **subscript = arena_new_array(v->f->arena, const Expr *, read->arg_count);
    for (int k = 0; k < read->arg_count; k++) {
        if (expr_is_constant(read->arg[k])) continue;
        if (expr_bare_index(read->arg[k]) == lane) own = axes;
        subscript[axes++] = read->arg[k];
    }
    const Tensor *copy = turned_before(v, read, axes, own);
    if (!copy) copy = copy_new(v, q, read, axes, own);
    return expr_read(v->f->l->program, copy, subscript);
}

// The operand that should lie along the lane and does not, or NULL.
static const Expr *operand_across(const Fast *f, const Equation *q, const Expr *sum,
                                  const Index *lane) {
    const Expr *body = sum->arg[1];
    if (sum->reduction != REDUCE_SUM || body->kind != E_MUL || body->arg_count != 2) return NULL;
    for (int i = 0; i < 2; i++) {
        const Expr *vector = body->arg[i], *scalar = body->arg[1 - i];
        if (vector->kind != E_READ || scalar->kind != E_READ || vector->tensor->is_int) continue;
        if (!expr_uses_index(vector, lane) || expr_uses_index(scalar, lane)) continue;
        bool samples = vector->tensor->per_sample && vector->tensor->rank > 1 &&
                       (!f->l->program->sample || expr_bare_index(vector->arg[0]));
        if (samples && lies_across(f, vector, lane) && loads_of(q, scalar, vector) >= WORTH_A_COPY)
            return vector;
    }
    return NULL;
}

static const Expr *with_operand(const Turning *v, const Expr *e, const Expr *from, const Expr *to) {
    if (e == from) return to;
    if (e->arg_count == 0 || e->kind == E_READ) return e;
    const Expr **arg = arena_new_array(v->f->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = with_operand(v, e->arg[i], from, to);
    return expr_rebuild(v->f->l->program, e, arg);
}

static Equation *turn_equation(Turning *v, Equation *q) {
    const Expr *sum = kernel_only_sum(q->value);
    const Index *lane = q->out->per_sample ? lane_of(v->f, q) : NULL;
    if (!sum || !lane || sum->arg[0]->kind != E_TRUE) return q;
    const Expr *across = operand_across(v->f, q, sum, lane);
    if (!across) return q;
    Equation *copy = arena_new_item(v->f->arena, Equation);
    *copy = *q;
    copy->value = with_operand(v, q->value, across, turned(v, q, across, lane));
    return copy;
}

Equations turn_operands(Fast *f, Equation *const *equation, int count) {
    Equations out = {0};
    Turning v = {.f = f, .out = &out};
    for (int i = 0; i < count; i++) list_add(f->arena, out, turn_equation(&v, equation[i]));
    return out;
}
