// lift.c: giving names to reductions before differentiation.
//
// A reduction may stay where its derivative needs nothing but the gradient of the result: alone, under sums, constant factors
// and branches, or under a call whose derivative is a function of the result. Everywhere else (a maximum, a reduction
// inside of another, a product of a reduction with something) it becomes an equation of its own.
#include "adjoint/internal.h"

typedef struct Lift {
    Program *p;
    Equation *q;
    Equation **before; // equations to put before q
    int count, capacity;
    const Index **scope; // indices in whose ranges we stand: the domain of q and of enclosing reductions
    int scope_count;
} Lift;

static const Expr *rebuild(Lift *l, const Expr *e, const Expr *(*walk)(Lift *, const Expr *));

static const char *reduction_suffix(Reduction r) {
    switch (r) {
    case REDUCE_SUM: return "sum";
    case REDUCE_PROD: return "prod";
    case REDUCE_MAX: return "max";
    case REDUCE_MIN: return "min";
    case REDUCE_ARGMAX: return "argmax";
    case REDUCE_ARGMIN: return "argmin";
    }
    return "value";
}

// A new tensor that holds `e`, with an axis for each index of the scope that e uses; and the read of it.
static const Expr *name_it(Lift *l, const Expr *e) {
    Program *p = l->p;
    const Index **axis = arena_new_array(p->arena, const Index *, l->scope_count + 1);
    const Index **used = arena_new_array(p->arena, const Index *, l->scope_count + 1);
    int count = 0, used_count = 0;
    bool per_sample = false;
    IndexMap *map = arena_new_array(p->arena, IndexMap, l->scope_count + 1);
    for (int pass = 0; pass < 2; pass++) // the sample index first
        for (int i = 0; i < l->scope_count; i++) {
            const Index *s = l->scope[i];
            if (s->is_sample == (pass == 1) || !expr_uses_index(e, s)) continue;
            const Index *to = s->is_sample ? p->sample : index_new(p, s->name, s->size, s->extent);
            per_sample = per_sample || s->is_sample;
            if (!s->is_sample) axis[count++] = to;
            map[used_count] = (IndexMap){s, affine_index(p, to)};
            used[used_count++] = s;
        }
    const Tensor *out = l->q->out;
    Name suffix = name_of(p->compile->names, reduction_suffix(e->reduction));
    Tensor *t = tensor_new(p, name_printf(p->compile->names, "%s_%s", out->name, suffix),
                           name_printf(p->compile->names, "%s_%s", out->label ? out->label : out->name, suffix),
                           TENSOR_VALUE, per_sample, axis, count);
    t->span = out->span;
    t->stage = l->q->stage;
    t->is_int = expr_is_int(e);
    Equation *q = equation_whole(p, t, expr_substitute(p, expr_freshen(p, e), map, used_count));
    q->span = l->q->span;
    q->stage = l->q->stage;
    t->definition = q;
    if (l->count == l->capacity) {
        l->before = arena_grow(p->arena, l->before, sizeof *l->before * (size_t)l->capacity,
                               sizeof *l->before * (size_t)(2 * l->capacity + 4));
        l->capacity = 2 * l->capacity + 4;
    }
    l->before[l->count++] = q;
    const Expr **subscript = arena_new_array(p->arena, const Expr *, used_count + 1);
    for (int i = 0; i < used_count; i++) subscript[i] = expr_index(p, used[i]);
    return expr_read(p, t, subscript);
}

static const Expr *in_scope_of(Lift *l, const Expr *e, const Expr *(*walk)(Lift *, const Expr *)) {
    int mark = l->scope_count;
    const Index **outer = l->scope;
    l->scope = arena_new_array(l->p->arena, const Index *, mark + e->index_count + 1);
    for (int i = 0; i < mark; i++) l->scope[i] = outer[i];
    for (int i = 0; i < e->index_count; i++) l->scope[l->scope_count++] = e->index[i];
    const Expr *arg[] = {e->arg[0], walk(l, e->arg[1])};
    l->scope = outer;
    l->scope_count = mark;
    return expr_rebuild(l->p, e, arg);
}

static const Expr *rebuild(Lift *l, const Expr *e, const Expr *(*walk)(Lift *, const Expr *)) {
    if (e->arg_count == 0 || e->kind == E_READ) return e;
    const Expr **arg = arena_new_array(l->p->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = walk(l, e->arg[i]);
    return expr_rebuild(l->p, e, arg);
}

// Names every reduction, innermost first.
static const Expr *name_all(Lift *l, const Expr *e) {
    if (e->kind != E_REDUCE) return rebuild(l, e, name_all);
    const Expr *inner = in_scope_of(l, e, name_all);
    return inner->kind == E_REDUCE ? name_it(l, inner) : inner;
}

// Names reductions inside of reductions, and those but sums that are not the root.
static const Expr *name_nested(Lift *l, const Expr *e) {
    if (e->kind != E_REDUCE) return rebuild(l, e, name_nested);
    const Expr *inner = in_scope_of(l, e, name_all);
    if (inner->kind != E_REDUCE || inner->reduction == REDUCE_SUM) return inner;
    return name_it(l, inner);
}

static const Expr *name_nested_root(Lift *l, const Expr *e) {
    if (e->kind == E_REDUCE) return in_scope_of(l, e, name_all);
    if (e->kind == E_STOP && e->arg[0]->kind == E_REDUCE)
        return expr_stop(l->p, in_scope_of(l, e->arg[0], name_all));
    return name_nested(l, e);
}

// A factor that is the same for all elements: numbers and N.
static bool is_scale(const Expr *e) {
    if (expr_is_constant(e) || e->kind == E_BATCH) return true;
    if (e->kind != E_MUL && e->kind != E_DIV) return false;
    for (int i = 0; i < e->arg_count; i++)
        if (!is_scale(e->arg[i])) return false;
    return true;
}

static bool derivative_needs_result_only(Function f) {
    return f == FN_EXP || f == FN_SQRT || f == FN_TANH || f == FN_SIGMOID;
}

// Whether every reduction stands where it may stay.
static bool may_stay(const Expr *e, bool root) {
    if (!expr_has_reduction(e) || e->kind == E_REDUCE) return true;
    switch (e->kind) {
    case E_ADD:
        for (int i = 0; i < e->arg_count; i++)
            if (!may_stay(e->arg[i], false)) return false;
        return true;
    case E_MUL: {
        int others = 0;
        for (int i = 0; i < e->arg_count; i++) others += !is_scale(e->arg[i]);
        if (others != 1) return false;
        for (int i = 0; i < e->arg_count; i++)
            if (!may_stay(e->arg[i], false)) return false;
        return true;
    }
    case E_DIV: return is_scale(e->arg[1]) && may_stay(e->arg[0], false);
    case E_SELECT:
        return !expr_has_reduction(e->arg[0]) && may_stay(e->arg[1], false) && may_stay(e->arg[2], false);
    case E_CALL: return root && derivative_needs_result_only(e->function) && may_stay(e->arg[0], false);
    case E_STOP: return true;
    case E_NUMBER: case E_BATCH: case E_INDEX: case E_READ: case E_REDUCE: case E_RANDOM:
    case E_TRUE: case E_FALSE: case E_NONNEGATIVE: case E_LESS: case E_LESS_EQUAL: case E_EQUAL:
    case E_AND: case E_OR: case E_NOT: break;
    }
    return false;
}

static void lift(Lift *l) {
    Equation *q = l->q;
    if (!expr_has_reduction(q->value)) return;
    l->scope = q->index;
    l->scope_count = q->index_count;
    q->value = name_nested_root(l, q->value);
    if (!may_stay(q->value, true)) q->value = name_all(l, q->value);
}

void lift_reductions(Program *p) {
    LIST(Equation *) all = {0};
    for (int i = 0; i < p->forward.count; i++) {
        Lift l = {.p = p, .q = p->forward.item[i]};
        lift(&l);
        for (int k = 0; k < l.count; k++) list_add(p->arena, all, l.before[k]);
        list_add(p->arena, all, l.q);
    }
    p->forward.item = all.item;
    p->forward.count = all.count;
    p->forward.capacity = all.capacity;
}
