// batch.c: a function's equations as units of work: what is done for each sample, for each chunk of
// samples, or once.
//
// A sum over the batch,
//     out[c] = f(sum(n, h, w: body)),
// becomes, for a fixed number of chunks k of samples,
//     part[k, c] = 0;    part[k, c] += sum(h, w: body) for each n of chunk k;    out[c] = f(sum(k:
//     part[k, c])),
// so that chunks can run on any number of threads and the result is the same bits. The level of a
// unit is the phase in which all it reads is there.
#include "lower/fast/fast.h"

// --- what depends on the sample

typedef struct SampleUse {
    const Index *sample;
    bool own, other; // reads of this sample's elements; reads of other samples' elements
} SampleUse;

static void check_sample(const Expr *read, void *data) {
    SampleUse *u = data;
    const Tensor *t = read->tensor;
    if (!t->per_sample || !t->rank || !t->axis[0]->is_sample) return;
    bool own = read->arg[0]->kind == E_INDEX && affine_bare(read->arg[0]->affine) == u->sample;
    u->own = u->own || own;
    u->other = u->other || !own;
}

static const Index *sample_of(const Equation *q) {
    for (int i = 0; i < q->index_count; i++)
        if (q->index[i]->is_sample) return q->index[i];
    return NULL;
}

// Works on one sample at a time, each on its own elements only.
static bool is_per_sample(const Equation *q) {
    const Index *n = sample_of(q);
    if (!n || !q->out->per_sample || !q->out->rank) return false;
    if (q->subscript[0]->kind != E_INDEX || affine_bare(q->subscript[0]->affine) != n) return false;
    SampleUse u = {n, false, false};
    expr_each_read(q->value, check_sample, &u);
    expr_each_read(q->guard, check_sample, &u);
    for (int d = 0; d < q->out->rank; d++) expr_each_read(q->subscript[d], check_sample, &u);
    return !u.other;
}

static const Index *reduced_sample(const Expr *e) {
    for (int i = 0; i < e->index_count; i++)
        if (e->index[i]->is_sample) return e->index[i];
    return NULL;
}

// --- levels

typedef struct Levels {
    Fast *f;
    Map level;    // Tensor to level + 1
    Map per_unit; // Tensor to non-NULL where samples wrote it
    int need;
    bool reader_is_global;
} Levels;

static void need_tensor(Levels *v, const Tensor *t) {
    int level = (int)(uintptr_t)map_get(&v->level, t) - 1;
    if (level < 0) return;
    if (v->reader_is_global && map_get(&v->per_unit, t)) level++;
    if (level > v->need) v->need = level;
}

static void need_read(const Expr *read, void *data) {
    need_tensor(data, read->tensor);
}

static int level_of(Levels *v, const Equation *q, bool global) {
    v->need = 0;
    v->reader_is_global = global;
    expr_each_read(q->value, need_read, v);
    expr_each_read(q->guard, need_read, v);
    for (int d = 0; d < q->out->rank; d++) expr_each_read(q->subscript[d], need_read, v);
    need_tensor(v, q->out);
    return v->need;
}

static void set_level(Levels *v, const Tensor *t, int level, bool per_sample) {
    map_set(&v->level, t, (void *)(uintptr_t)(level + 1));
    if (per_sample) map_set(&v->per_unit, t, (void *)t);
}

// --- partial sums

typedef struct Split {
    Fast *f;
    Program *p;
    Equation *q;
    Units *units;
    Levels *levels;
    bool is_wide; // the equation itself is a contraction over the batch
} Split;

static void add_unit(Split *s, UnitKind kind, Equation *q, int level, const Index *chunk) {
    Unit u = {.kind = kind, .level = level, .chunk = chunk};
    u.group.equation = arena_new_array(s->f->arena, Equation *, 1);
    u.group.equation[0] = q;
    u.group.count = 1;
    list_add(s->f->arena, *s->units, u);
}

typedef struct LaneSearch {
    const Fast *f;
    const Index *found;
} LaneSearch;

static void find_lane(const Expr *read, void *data) {
    LaneSearch *s = data;
    int axis = layout_lane_axis(s->f, read->tensor);
    if (axis < 0 || !read->tensor->per_sample || read->tensor->is_int) return;
    const Expr *e = read->arg[axis];
    if (e->kind == E_INDEX && affine_bare(e->affine)) s->found = affine_bare(e->affine);
}

// How many factors of the sum vary with the index, and how many of them lie innermost along it.
static int lanes_along(const Fast *f, const Expr *sum, const Index *index, int *users) {
    const Expr *body = sum->arg[1];
    int factors = body->kind == E_MUL ? body->arg_count : 1, lanes = 0;
    *users = 0;
    for (int k = 0; k < factors; k++) {
        const Expr *factor = body->kind == E_MUL ? body->arg[k] : body;
        if (!expr_uses_index(factor, index)) continue;
        ++*users;
        LaneSearch s = {f, NULL};
        expr_each_read(factor, find_lane, &s);
        lanes += s.found == index;
    }
    return lanes;
}

// Whether some operand of the sum lies innermost along the index, and the others do not vary.
static bool lane_fits(const Fast *f, const Expr *sum, const Index *index, bool is_only) {
    int users, lanes = lanes_along(f, sum, index, &users);
    return lanes && (users == 1 || is_only);
}

// The index of the sum's result that fits as a lane, or else one along which all that vary lie, or
// else the last.
static int lane_position(const Fast *f, const Expr *sum, const Index *const *index, int count) {
    for (int i = 0; i < count; i++)
        if (lane_fits(f, sum, index[i], count == 1)) return i;
    for (int i = 0; i < count; i++) {
        int users, lanes = lanes_along(f, sum, index[i], &users);
        if (lanes && lanes == users) return i;
    }
    return count - 1;
}

// part[k, l ...] for the indices l of the equation that the sum uses.
static Tensor *part_new(Split *s, const Expr *sum, const Index *chunk, const Index *const *used,
                        int count) {
    Program *p = s->p;
    const Index **axis = arena_new_array(s->f->arena, const Index *, count + 1);
    axis[0] = chunk;
    for (int i = 0; i < count; i++)
        axis[i + 1] = index_new(p, used[i]->name, used[i]->size, used[i]->extent);
    Name name = name_printf(p->compile->names, "%s_part", s->q->out->name);
    Tensor *part = tensor_new(p, name, name, TENSOR_VALUE, false, axis, count + 1);
    part->stage = s->q->stage;
    part->span = s->q->span;
    layout_make(s->f, part, count ? 1 + lane_position(s->f, sum, used, count) : 0);
    if (!count) layout_of(s->f, part)->extent[0] = chunk->extent;
    return part;
}

static Equation *part_equation(Split *s, Tensor *part, const Index *const *index, int count,
                               const Index *sample, const Expr *value, EquationOp op) {
    Program *p = s->p;
    const Expr **subscript = arena_new_array(s->f->arena, const Expr *, count + 1);
    const Index **domain = arena_new_array(s->f->arena, const Index *, count + 2);
    int domain_count = 0;
    for (int i = 0; i < count; i++) {
        subscript[i] = expr_index(p, index[i]);
        domain[domain_count++] = index[i];
    }
    if (sample) domain[domain_count++] = sample;
    Equation *q = equation_new(p, part, subscript, domain, domain_count, op, value);
    q->stage = s->q->stage;
    q->span = s->q->span;
    q->adjoint_of = s->q->adjoint_of;
    return q;
}

static int64_t volume(const Index *const *index, int count) {
    int64_t v = 1;
    for (int i = 0; i < count; i++) v *= index[i]->extent;
    return v;
}

// A product of two numbers of each sample, of which an element of the sum takes one term a sample.
static bool is_outer_product(const Expr *sum, int64_t elements) {
    const Expr *body = sum->arg[1];
    return sum->index_count == 1 && elements >= WIDE_SUM && body->kind == E_MUL &&
           body->arg_count == 2 && body->arg[0]->kind == E_READ && body->arg[1]->kind == E_READ;
}

// total[l ...] = sum, once for the batch. In place of the result where that is all of it and can be
// written in whole vectors.
static const Expr *wide_sum(Split *s, const Expr *sum, const Index *const *used, int count) {
    Fast *f = s->f;
    Program *p = s->p;
    const Tensor *out = s->q->out;
    const Index *last = out->rank ? expr_bare_index(s->q->subscript[out->rank - 1]) : NULL;
    if (s->q->value == sum && count == s->q->index_count && layout_is_padded(f, out) && last &&
        lane_fits(f, sum, last, false)) {
        s->is_wide = true;
        return sum;
    }
    const Index **axis = arena_new_array(f->arena, const Index *, count + 1);
    for (int i = 0; i < count; i++)
        axis[i] = index_new(p, used[i]->name, used[i]->size, used[i]->extent);
    Name name = name_printf(p->compile->names, "%s_total", out->name);
    Tensor *total = tensor_new(p, name, name, TENSOR_VALUE, false, axis, count);
    total->stage = s->q->stage;
    total->span = s->q->span;
    layout_make(f, total, lane_position(f, sum, used, count));
    Equation *q = part_equation(s, total, used, count, NULL, expr_freshen(p, sum), EQUATION_SET);
    int level = level_of(s->levels, q, true);
    set_level(s->levels, total, level, false);
    add_unit(s, UNIT_WIDE, q, level, NULL);
    return expr_read(p, total, q->subscript);
}

// The sum over the batch as a sum over parts, or NULL if it shall stay.
static const Expr *split_sum(Split *s, const Expr *sum) {
    Fast *f = s->f;
    Program *p = s->p;
    const Index *n = reduced_sample(sum);
    if (sum->reduction != REDUCE_SUM || !n || expr_uses_index(sum->arg[0], n)) return NULL;
    SampleUse use = {n, false, false};
    expr_each_read(sum->arg[1], check_sample, &use);
    if (use.other || !use.own) return NULL;
    const Index **used = arena_new_array(f->arena, const Index *, s->q->index_count + 1);
    int count = 0;
    for (int i = 0; i < s->q->index_count; i++)
        if (expr_uses_index(sum, s->q->index[i])) used[count++] = s->q->index[i];
    int64_t elements = volume(used, count);
    if (elements > LARGE_SUM || is_outer_product(sum, elements))
        return wide_sum(s, sum, used, count);
    const Index *chunk = index_new(p, name_of(p->compile->names, "chunk"), NULL, f->chunks);
    Tensor *part = part_new(s, sum, chunk, used, count);
    const Index **index = arena_new_array(f->arena, const Index *, count + 1);
    index[0] = chunk;
    for (int i = 0; i < count; i++) index[i + 1] = used[i];
    const Index **rest = arena_new_array(f->arena, const Index *, sum->index_count + 1);
    int rest_count = 0;
    for (int i = 0; i < sum->index_count; i++)
        if (sum->index[i] != n) rest[rest_count++] = sum->index[i];
    const Expr *inner = expr_reduce(p, REDUCE_SUM, rest, rest_count, sum->arg[0], sum->arg[1]);
    Equation *zero =
        part_equation(s, part, index, count + 1, NULL, expr_number(p, 0), EQUATION_SET);
    Equation *add = part_equation(s, part, index, count + 1, n, inner, EQUATION_ADD);
    int level = level_of(s->levels, add, false);
    set_level(s->levels, part, level, true);
    add_unit(s, UNIT_CHUNK, zero, level, chunk);
    add_unit(s, UNIT_SAMPLE, add, level, chunk);
    const Index *all = index_new(p, chunk->name, NULL, f->chunks);
    const Expr **subscript = arena_new_array(f->arena, const Expr *, count + 1);
    subscript[0] = expr_index(p, all);
    for (int i = 0; i < count; i++) subscript[i + 1] = expr_index(p, used[i]);
    return expr_reduce(p, REDUCE_SUM, &all, 1, expr_true(p), expr_read(p, part, subscript));
}

// --- squares of deviations

// (x - m)^2, of which x varies within the sum and m does not.
static bool is_squared_deviation(const Expr *sum, const Expr **x, const Expr **m) {
    const Expr *body = sum->arg[1];
    if (body->kind != E_MUL || body->arg_count != 2 || body->arg[0] != body->arg[1]) return false;
    const Expr *d = body->arg[0];
    if (d->kind != E_ADD || d->arg_count != 2) return false;
    for (int i = 0; i < 2; i++) {
        const Expr *minus = d->arg[1 - i];
        bool negated = minus->kind == E_MUL && minus->arg_count == 2 &&
                       expr_is_number(minus->arg[0], -1) && minus->arg[1]->kind == E_READ;
        if (!negated || d->arg[i]->kind != E_READ) continue;
        *x = d->arg[i];
        *m = minus->arg[1];
        return expr_uses_any(*x, sum->index, sum->index_count) &&
               !expr_uses_any(*m, sum->index, sum->index_count) && !(*m)->tensor->per_sample;
    }
    return false;
}

// total[n, l ...] = sum(r: x), one sample's share of the sum, and its element.
static const Expr *sample_total(Split *s, const Expr *sum, const Expr *x, const Index *n,
                                const Index *const *rest, int rest_count) {
    Fast *f = s->f;
    Program *p = s->p;
    const Index **index = arena_new_array(f->arena, const Index *, s->q->index_count + 1);
    const Index **axis = arena_new_array(f->arena, const Index *, s->q->index_count + 1);
    int count = 1;
    index[0] = n;
    for (int i = 0; i < s->q->index_count; i++) {
        const Index *own = s->q->index[i];
        if (!expr_uses_index(x, own)) continue;
        axis[count - 1] = index_new(p, own->name, own->size, own->extent);
        index[count++] = own;
    }
    Name name = name_printf(p->compile->names, "%s_total", s->q->out->name);
    Tensor *total = tensor_new(p, name, name, TENSOR_VALUE, true, axis, count - 1);
    total->stage = s->q->stage;
    total->span = s->q->span;
    layout_make(f, total, count == 1 ? 0 : 1 + lane_position(f, sum, index + 1, count - 1));
    const Expr *value = expr_reduce(p, REDUCE_SUM, rest, rest_count, expr_true(p), x);
    Equation *q = part_equation(s, total, index, count, NULL, value, EQUATION_SET);
    int level = level_of(s->levels, q, false);
    set_level(s->levels, total, level, true);
    add_unit(s, UNIT_SAMPLE, q, level, NULL);
    return expr_read(p, total, q->subscript);
}

// sum(n, r: (x - m)^2) with c the mean of x over r within sample n, and R the number of r:
//     sum(n, r: (x - c[n])^2) + R*sum(n: (c[n] - m)^2),
// the parallel axis theorem. The first sum needs no m, so it need not wait for the whole batch; and
// unlike a sum of squares it loses no digits where deviations are small (Chan, Golub, LeVeque:
// Algorithms for computing the sample variance, 1983).
static const Expr *split_squares(Split *s, const Expr *sum) {
    Program *p = s->p;
    const Index *n = reduced_sample(sum);
    const Expr *x, *m;
    if (sum->reduction != REDUCE_SUM || !n || sum->arg[0]->kind != E_TRUE) return NULL;
    if (sum->index_count < 2 || !is_squared_deviation(sum, &x, &m)) return NULL;
    SampleUse use = {n, false, false};
    expr_each_read(x, check_sample, &use);
    if (use.other || !use.own) return NULL;
    const Index **rest = arena_new_array(s->f->arena, const Index *, sum->index_count);
    int rest_count = 0;
    for (int i = 0; i < sum->index_count; i++)
        if (sum->index[i] != n) rest[rest_count++] = sum->index[i];
    const Expr *share = expr_number(p, (double)volume(rest, rest_count));
    const Expr *mean = expr_divide(p, sample_total(s, sum, x, n, rest, rest_count), share);
    const Expr *within = expr_reduce(p, REDUCE_SUM, sum->index, sum->index_count, expr_true(p),
                                     expr_power(p, expr_subtract(p, x, mean), 2));
    const Expr *parts = split_sum(s, within);
    if (!parts) return NULL;
    const Expr *between = expr_reduce(p, REDUCE_SUM, &n, 1, expr_true(p),
                                      expr_power(p, expr_subtract(p, mean, m), 2));
    return expr_add(p, parts, expr_multiply(p, share, expr_freshen(p, between)));
}

static const Expr *split_sums(Split *s, const Expr *e) {
    if (!expr_has_reduction(e)) return e;
    if (e->kind == E_REDUCE) {
        const Expr *squares = split_squares(s, e);
        if (squares) return squares;
        const Expr *parts = split_sum(s, e);
        return parts ? parts : e;
    }
    const Expr **arg = arena_new_array(s->f->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = split_sums(s, e->arg[i]);
    return expr_rebuild(s->p, e, arg);
}

static void add_global(Split *s) {
    Equation *q = s->q;
    if (q->op == EQUATION_SET && !q->out->is_int) {
        Equation *copy = arena_new_item(s->f->arena, Equation);
        *copy = *q;
        copy->value = split_sums(s, q->value);
        q = copy;
    }
    int level = level_of(s->levels, q, true);
    set_level(s->levels, q->out, level, false);
    add_unit(s, s->is_wide ? UNIT_WIDE : UNIT_GLOBAL, q, level, NULL);
}

static void add_recurrence(Split *s, const Group *g) {
    bool per_sample = true;
    int level = 0;
    for (int i = 0; i < g->count; i++) per_sample = per_sample && is_per_sample(g->equation[i]);
    for (int i = 0; i < g->count; i++) {
        int own = level_of(s->levels, g->equation[i], !per_sample);
        if (own > level) level = own;
    }
    for (int i = 0; i < g->count; i++) set_level(s->levels, g->equation[i]->out, level, per_sample);
    Unit u = {.kind = per_sample ? UNIT_SAMPLE : UNIT_GLOBAL, .group = *g, .level = level};
    list_add(s->f->arena, *s->units, u);
}

Units batch_units(Fast *f, Equation *const *equation, int count) {
    Program *p = f->l->program;
    Groups groups = {0};
    if (!equations_order(p, NULL, equation, count, &groups))
        internal_error("lower", "equations have no order");
    Units units = {0};
    Levels levels = {.f = f, .level.arena = f->arena, .per_unit.arena = f->arena};
    for (int g = 0; g < groups.group.count; g++) {
        const Group *group = &groups.group.item[g];
        Split s = {f, p, group->equation[0], &units, &levels, false};
        if (group->is_recurrence) {
            add_recurrence(&s, group);
        } else if (is_per_sample(s.q)) {
            int level = level_of(&levels, s.q, false);
            set_level(&levels, s.q->out, level, true);
            add_unit(&s, UNIT_SAMPLE, s.q, level, NULL);
        } else {
            add_global(&s);
        }
    }
    return units;
}
