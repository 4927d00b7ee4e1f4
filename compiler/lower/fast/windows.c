// windows.c: the largest element of a small window, and its place, in vectors.
//
//     best = x0;   best = if x1 beats best then x1 else best;   ...
//
// One equation a step, each of them a map: a cluster keeps all of them in registers. What beats is
// greater, or not a number, as in the plain style. Vectors hold reals only; so a place that is only
// compared with numbers is kept as a real, in a tensor beside the one of integers.
#include "lower/fast/fast.h"

static bool is_place(const Expr *e) {
    return e->reduction == REDUCE_ARGMAX || e->reduction == REDUCE_ARGMIN;
}

static int64_t terms_of(const Expr *e) {
    int64_t terms = 1;
    for (int i = 0; i < e->index_count; i++) terms *= e->index[i]->extent;
    return terms;
}

// The axis of the result that runs along the lane of what the window reads; -1 if the equation is
// no window of a tensor, element by element.
static int window_lane(const Fast *f, const Equation *q) {
    const Expr *e = q->value;
    if (e->kind != E_REDUCE || e->reduction == REDUCE_SUM || e->reduction == REDUCE_PROD) return -1;
    if (q->op != EQUATION_SET || q->guard->kind != E_TRUE || e->arg[0]->kind != E_TRUE) return -1;
    const Expr *read = e->arg[1];
    if (read->kind != E_READ || read->tensor->is_int || terms_of(e) > SMALL_WINDOW) return -1;
    int lane = -1;
    for (int d = 0; d < q->out->rank; d++) {
        const Index *i = expr_bare_index(q->subscript[d]);
        if (!i) return -1;
        if (!i->is_sample && read_is_vector(f, read, i)) lane = d;
    }
    return q->out->per_sample ? lane : -1;
}

// --- places as reals

// Whether e reads t only to compare it with a number.
static bool compares_only(const Expr *e, const Tensor *t) {
    if (e->kind == E_READ && e->tensor == t) return false;
    for (int i = 0; i < e->arg_count; i++) {
        const Expr *arg = e->arg[i];
        bool own = e->kind == E_EQUAL && arg->kind == E_READ && arg->tensor == t;
        bool number = own && (e->arg[1 - i]->kind == E_INDEX || e->arg[1 - i]->kind == E_NUMBER);
        if (!number && !compares_only(arg, t)) return false;
    }
    return true;
}

static bool all_compare(Equation *const *equation, int count, const Tensor *t) {
    for (int i = 0; i < count; i++) {
        const Equation *q = equation[i];
        if (expr_reads(q->guard, t) || !compares_only(q->value, t)) return false;
        for (int d = 0; d < q->out->rank; d++)
            if (expr_reads(q->subscript[d], t)) return false;
    }
    return true;
}

static void set_aside(Fast *f, Program *p, const Equation *q) {
    const Tensor *t = q->out;
    int lane = window_lane(f, q), samples = p->sample ? 1 : 0;
    if (!t->is_int || lane < 0 || !is_place(q->value) || map_get(&f->aside, t)) return;
    if (!all_compare(p->forward.item, p->forward.count, t) ||
        !all_compare(p->backward.item, p->backward.count, t) ||
        !all_compare(p->update.item, p->update.count, t))
        return;
    Tensor *aside = tensor_new(p, name_printf(p->compile->names, "%s_real", t->name), t->label,
                               TENSOR_VALUE, true, t->axis + samples, t->rank - samples);
    aside->stage = t->stage;
    aside->span = t->span;
    map_set(&f->aside, t, aside);
    layout_make(f, aside, lane);
}

void windows_set_aside(Fast *f, Program *p) {
    f->l->program = p;
    for (int i = 0; i < p->forward.count; i++) set_aside(f, p, p->forward.item[i]);
}

// --- steps

typedef struct Steps {
    Fast *f;
    const Equation *q;
    int lane;
    Equations *out;
} Steps;

// Term number `number` of the window; the last index moves fastest.
static const Expr *term(const Steps *s, int64_t number) {
    const Expr *e = s->q->value;
    IndexMap *map = arena_new_array(s->f->arena, IndexMap, e->index_count);
    for (int i = e->index_count - 1; i >= 0; i--) {
        map[i] = (IndexMap){e->index[i], affine_constant(number % e->index[i]->extent)};
        number /= e->index[i]->extent;
    }
    return expr_substitute(s->f->l->program, e->arg[1], map, e->index_count);
}

static const Expr *beats(const Steps *s, const Expr *x, const Expr *best) {
    Program *p = s->f->l->program;
    Reduction r = s->q->value->reduction;
    bool least = r == REDUCE_MIN || r == REDUCE_ARGMIN;
    const Expr *better = least ? expr_less(p, x, best) : expr_less(p, best, x);
    return expr_or(p, better, expr_not(p, expr_equal(p, x, x)));
}

// out = value, or a new tensor of its shape = value; and its element.
static const Expr *define(Steps *s, const char *name, const Expr *value, bool is_last) {
    Program *p = s->f->l->program;
    const Equation *q = s->q;
    Tensor *t = q->out;
    int samples = p->sample ? 1 : 0;
    if (!is_last) {
        Name own = name_printf(p->compile->names, "%s_%s", t->name, name);
        t = tensor_new(p, own, name_of(p->compile->names, name), TENSOR_VALUE, true,
                       t->axis + samples, t->rank - samples);
        t->stage = q->stage;
        t->span = q->span;
        layout_make(s->f, t, s->lane);
    }
    Equation *step = arena_new_item(s->f->arena, Equation);
    *step = *q;
    step->out = t;
    step->value = value;
    list_add(s->f->arena, *s->out, step);
    return expr_read(p, t, q->subscript);
}

static void write_steps(Steps *s) {
    Program *p = s->f->l->program;
    bool place = is_place(s->q->value);
    int64_t terms = terms_of(s->q->value);
    const Expr *best = term(s, 0), *at = expr_number(p, 0);
    for (int64_t i = 1; i < terms; i++) {
        const Expr *x = term(s, i), *condition = beats(s, x, best);
        bool is_last = i == terms - 1;
        if (place) {
            at = define(s, "place", expr_select(p, condition, expr_number(p, (double)i), at),
                        is_last);
            if (is_last) return;
        }
        best = define(s, "best", expr_select(p, condition, x, best), is_last);
    }
}

Equations windows_expand(Fast *f, Equation *const *equation, int count) {
    Equations out = {0};
    for (int i = 0; i < count; i++) {
        Equation *q = equation[i];
        Steps s = {f, q, q->out->is_int ? -1 : window_lane(f, q), &out};
        bool fits = s.lane >= 0 && terms_of(q->value) > 1 && s.lane == layout_lane_axis(f, q->out);
        if (fits && layout_is_padded(f, q->out))
            write_steps(&s);
        else
            list_add(f->arena, out, q);
    }
    return out;
}
