// numbers.c: see numbers.h.
#include "teach/numbers.h"

#include "loop/scalar.h"

#include <math.h>
#include <string.h>

Numbers *numbers_new(Program *p, int64_t samples) {
    Numbers *v = arena_new_item(p->arena, Numbers);
    *v = (Numbers){.program = p, .samples = samples};
    v->tensor_count = p->tensor.count + 64;
    v->of = arena_new_array(p->arena, double *, v->tensor_count);
    v->index_count = p->next_index + 64;
    v->index = arena_new_array(p->arena, int64_t, v->index_count);
    return v;
}

// Programs grow while they are explained: new tensors and indices get their room here.
static void make_room(Numbers *v) {
    Arena *a = v->program->arena;
    int tensors = v->program->tensor.count + 1, indices = v->program->next_index + 1;
    if (tensors > v->tensor_count) {
        double **of = arena_new_array(a, double *, tensors + 64);
        memcpy(of, v->of, sizeof(double *) * (size_t)v->tensor_count);
        v->of = of;
        v->tensor_count = tensors + 64;
    }
    if (indices > v->index_count) {
        int64_t *index = arena_new_array(a, int64_t, indices + 64);
        memcpy(index, v->index, sizeof(int64_t) * (size_t)v->index_count);
        v->index = index;
        v->index_count = indices + 64;
    }
}

double *numbers_of(Numbers *v, const Tensor *t) {
    make_room(v);
    if (!v->of[t->id])
        v->of[t->id] = arena_new_array(v->program->arena, double, tensor_count(t) + 1);
    return v->of[t->id];
}

bool numbers_known(const Numbers *v, const Tensor *t) {
    return t->id < v->tensor_count && v->of[t->id];
}

int64_t numbers_extent(const Numbers *v, const Index *i) {
    return i->is_sample ? v->samples : i->extent;
}

int64_t numbers_affine(const Numbers *v, Affine a) {
    int64_t value = a.constant;
    for (int i = 0; i < a.count; i++)
        value += a.term[i].coefficient * v->index[a.term[i].index->id];
    return value;
}

int64_t numbers_place(Numbers *v, const Tensor *t, const Expr *const *subscript) {
    int64_t place = 0;
    for (int k = 0; k < t->rank; k++) {
        int64_t at = (int64_t)numbers_expr(v, subscript[k]);
        if (at < 0 || at >= t->axis[k]->extent) return -1;
        place = place * t->axis[k]->extent + at;
    }
    return place;
}

typedef struct Each {
    Numbers *v;
    const Index *const *index;
    int count;
    const Expr *guard;
    void (*visit)(void *data);
    void *data;
} Each;

static void each(const Each *e, int level) {
    if (level == e->count) {
        if (numbers_holds(e->v, e->guard)) e->visit(e->data);
        return;
    }
    int64_t extent = numbers_extent(e->v, e->index[level]);
    for (int64_t k = 0; k < extent; k++) {
        e->v->index[e->index[level]->id] = k;
        each(e, level + 1);
    }
}

void numbers_each(Numbers *v, const Index *const *index, int count, const Expr *guard,
                  void (*visit)(void *data), void *data) {
    make_room(v);
    each(&(Each){v, index, count, guard, visit, data}, 0);
}

typedef struct Reducing {
    Numbers *v;
    const Expr *e;
    double value, best_place;
} Reducing;

static double place_in_window(const Reducing *r) {
    int64_t place = 0;
    for (int i = 0; i < r->e->index_count; i++)
        place = place * r->e->index[i]->extent + r->v->index[r->e->index[i]->id];
    return (double)place;
}

static void reduce(void *data) {
    Reducing *r = data;
    double x = numbers_expr(r->v, r->e->arg[1]);
    bool better = false;
    switch (r->e->reduction) {
    case REDUCE_SUM: r->value += x; return;
    case REDUCE_PROD: r->value *= x; return;
    case REDUCE_MAX:
    case REDUCE_ARGMAX: better = isnan(x) || x > r->value; break;
    case REDUCE_MIN:
    case REDUCE_ARGMIN: better = isnan(x) || x < r->value; break;
    }
    if (!better) return;
    r->value = x;
    r->best_place = place_in_window(r);
}

static double reduction(Numbers *v, const Expr *e) {
    Reducing r = {.v = v, .e = e};
    switch (e->reduction) {
    case REDUCE_SUM: break;
    case REDUCE_PROD: r.value = 1; break;
    case REDUCE_MAX:
    case REDUCE_ARGMAX: r.value = -INFINITY; break;
    case REDUCE_MIN:
    case REDUCE_ARGMIN: r.value = INFINITY; break;
    }
    numbers_each(v, e->index, e->index_count, e->arg[0], reduce, &r);
    bool is_place = e->reduction == REDUCE_ARGMAX || e->reduction == REDUCE_ARGMIN;
    return is_place ? r.best_place : r.value;
}

static double read_element(Numbers *v, const Expr *e) {
    int64_t place = numbers_place(v, e->tensor, e->arg);
    if (place >= 0 && numbers_known(v, e->tensor)) return v->of[e->tensor->id][place];
    v->failed = true;
    return NAN;
}

static double fold(Numbers *v, const Expr *e) {
    double x = numbers_expr(v, e->arg[0]);
    for (int i = 1; i < e->arg_count; i++) {
        double y = numbers_expr(v, e->arg[i]);
        x = e->kind == E_ADD ? x + y : x * y;
    }
    return x;
}

static double draw(Numbers *v, const Expr *e) {
    double x = loop_scalar_random(v->seed, v->step, e->stream, (int)numbers_expr(v, e->arg[0]),
                                  (int)numbers_expr(v, e->arg[1]));
    return e->number < 0 ? x : x < e->number;
}

double numbers_expr(Numbers *v, const Expr *e) {
    switch (e->kind) {
    case E_NUMBER: return e->number;
    case E_BATCH: return (double)v->samples;
    case E_INDEX: return (double)numbers_affine(v, e->affine);
    case E_READ: return read_element(v, e);
    case E_ADD:
    case E_MUL: return fold(v, e);
    case E_DIV: return numbers_expr(v, e->arg[0]) / numbers_expr(v, e->arg[1]);
    case E_CALL:
        return loop_scalar_f64(e->function, false, numbers_expr(v, e->arg[0]),
                               e->arg_count > 1 ? numbers_expr(v, e->arg[1]) : 0);
    case E_STOP: return numbers_expr(v, e->arg[0]);
    case E_SELECT: return numbers_expr(v, e->arg[numbers_holds(v, e->arg[0]) ? 1 : 2]);
    case E_REDUCE: return reduction(v, e);
    case E_RANDOM: return draw(v, e);
    case E_TRUE:
    case E_FALSE:
    case E_NONNEGATIVE:
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL:
    case E_AND:
    case E_OR:
    case E_NOT: return numbers_holds(v, e);
    }
    internal_error("numbers", "an expression of no kind");
}

static bool holds_together(Numbers *v, const Expr *e) {
    for (int i = 0; i < e->arg_count; i++)
        if (numbers_holds(v, e->arg[i]) != (e->kind == E_AND)) return e->kind == E_OR;
    return e->kind == E_AND;
}

bool numbers_holds(Numbers *v, const Expr *e) {
    switch (e->kind) {
    case E_TRUE: return true;
    case E_FALSE: return false;
    case E_NONNEGATIVE: return numbers_affine(v, e->affine) >= 0;
    case E_LESS: return numbers_expr(v, e->arg[0]) < numbers_expr(v, e->arg[1]);
    case E_LESS_EQUAL: return numbers_expr(v, e->arg[0]) <= numbers_expr(v, e->arg[1]);
    case E_EQUAL: return numbers_expr(v, e->arg[0]) == numbers_expr(v, e->arg[1]);
    case E_NOT: return !numbers_holds(v, e->arg[0]);
    case E_AND:
    case E_OR: return holds_together(v, e);
    case E_NUMBER:
    case E_BATCH:
    case E_INDEX:
    case E_READ:
    case E_ADD:
    case E_MUL:
    case E_DIV:
    case E_CALL:
    case E_STOP:
    case E_SELECT:
    case E_REDUCE:
    case E_RANDOM: break;
    }
    internal_error("numbers", "a number where a condition was expected");
}

// --- equations

typedef struct Write {
    Numbers *v;
    const Equation *q;
} Write;

static void write_element(void *data) {
    Write *w = data;
    int64_t place = numbers_place(w->v, w->q->out, w->q->subscript);
    double x = numbers_expr(w->v, w->q->value);
    if (place < 0) {
        w->v->failed = true;
        return;
    }
    double *to = &w->v->of[w->q->out->id][place];
    *to = w->q->op == EQUATION_ADD ? *to + x : x;
}

static void run_recurrence(Numbers *v, const Group *g) {
    int64_t steps = 0;
    for (int i = 0; i < g->count; i++)
        if (g->time[i]->extent > steps) steps = g->time[i]->extent;
    for (int64_t k = 0; k < steps; k++) {
        for (int i = 0; i < g->count; i++) {
            const Equation *q = g->equation[i];
            int64_t t = g->down ? steps - 1 - k : k;
            if (t >= g->time[i]->extent) continue;
            LIST(const Index *) others = {0};
            for (int j = 0; j < q->index_count; j++)
                if (q->index[j] != g->time[i]) list_add(v->program->arena, others, q->index[j]);
            v->index[g->time[i]->id] = t;
            numbers_each(v, others.item, others.count, q->guard, write_element, &(Write){v, q});
        }
    }
}

bool numbers_run(Numbers *v, Equation *const *equation, int count, bool keep) {
    LIST(Equation *) wanted = {0};
    for (int i = 0; i < count; i++)
        if (!keep || !numbers_known(v, equation[i]->out))
            list_add(v->program->arena, wanted, equation[i]);
    Groups groups = {0};
    if (!equations_order(v->program, NULL, wanted.item, wanted.count, &groups)) return false;
    for (int i = 0; i < wanted.count; i++) {
        const Tensor *t = wanted.item[i]->out;
        memset(numbers_of(v, t), 0, sizeof(double) * (size_t)tensor_count(t));
    }
    v->failed = false;
    for (int g = 0; g < groups.group.count; g++) {
        const Group *group = &groups.group.item[g];
        for (int i = 0; i < group->count && !group->is_recurrence; i++) {
            const Equation *q = group->equation[i];
            numbers_each(v, q->index, q->index_count, q->guard, write_element, &(Write){v, q});
        }
        if (group->is_recurrence) run_recurrence(v, group);
    }
    return !v->failed;
}

static double expr_cost(const Numbers *v, const Expr *e) {
    double sum = 1;
    for (int i = 0; i < e->arg_count; i++) sum += expr_cost(v, e->arg[i]);
    if (e->kind != E_REDUCE) return sum;
    for (int i = 0; i < e->index_count; i++) sum *= (double)numbers_extent(v, e->index[i]);
    return sum;
}

double numbers_cost(const Numbers *v, Equation *const *equation, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
        double cost = expr_cost(v, equation[i]->value);
        for (int k = 0; k < equation[i]->index_count; k++)
            cost *= (double)numbers_extent(v, equation[i]->index[k]);
        sum += cost;
    }
    return sum;
}
