// equation_eval.c: expressions by recursion, equations by running through their domain. No thought
// is given to speed.
#include "equation_eval.h"

#include "loop/scalar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Scope {
    Values *v;
    const Values *read; // where reads look
    int64_t *index;     // by index id
} Scope;

Values *values_new(Program *p, int N, uint64_t seed, uint64_t step) {
    Values *v = arena_new_item(p->arena, Values);
    *v = (Values){p, arena_new_array(p->arena, double *, p->tensor.count + 1), N, seed, step};
    return v;
}

double *values_of(Values *v, const Tensor *t) {
    if (!v->of[t->id]) v->of[t->id] = arena_new_array(v->p->arena, double, tensor_count(t) + 1);
    return v->of[t->id];
}

static int64_t extent_of(const Values *v, const Index *i) {
    return i->is_sample ? v->N : i->extent;
}

static int64_t affine_value(const Scope *s, Affine a) {
    int64_t value = a.constant;
    for (int i = 0; i < a.count; i++)
        value += a.term[i].coefficient * s->index[a.term[i].index->id];
    return value;
}

static double value_of(Scope *s, const Expr *e);

// -1 if a subscript is outside.
static int64_t place_of(Scope *s, const Tensor *t, const Expr *const *subscript) {
    int64_t place = 0;
    for (int k = 0; k < t->rank; k++) {
        int64_t at = (int64_t)value_of(s, subscript[k]);
        if (at < 0 || at >= t->axis[k]->extent) return -1;
        place = place * t->axis[k]->extent + at;
    }
    return place;
}

static bool truth_of(Scope *s, const Expr *e) {
    switch (e->kind) {
    case E_TRUE: return true;
    case E_FALSE: return false;
    case E_NONNEGATIVE: return affine_value(s, e->affine) >= 0;
    case E_LESS: return value_of(s, e->arg[0]) < value_of(s, e->arg[1]);
    case E_LESS_EQUAL: return value_of(s, e->arg[0]) <= value_of(s, e->arg[1]);
    case E_EQUAL: return value_of(s, e->arg[0]) == value_of(s, e->arg[1]);
    case E_NOT: return !truth_of(s, e->arg[0]);
    case E_AND:
        for (int i = 0; i < e->arg_count; i++)
            if (!truth_of(s, e->arg[i])) return false;
        return true;
    case E_OR:
        for (int i = 0; i < e->arg_count; i++)
            if (truth_of(s, e->arg[i])) return true;
        return false;
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
    abort();
}

typedef struct Reducing {
    double value;
    int64_t place, best_place;
} Reducing;

static void reduce_step(Reducing *r, Reduction kind, double x) {
    bool greatest = kind == REDUCE_MAX || kind == REDUCE_ARGMAX;
    if (kind == REDUCE_SUM)
        r->value += x;
    else if (kind == REDUCE_PROD)
        r->value *= x;
    else if (isnan(x) || (greatest ? x > r->value : x < r->value)) {
        r->value = x;
        r->best_place = r->place;
    }
}

static void reduce_over(Scope *s, const Expr *e, int level, Reducing *r, int64_t place) {
    if (level == e->index_count) {
        r->place = place;
        if (truth_of(s, e->arg[0])) reduce_step(r, e->reduction, value_of(s, e->arg[1]));
        return;
    }
    const Index *i = e->index[level];
    for (int64_t k = 0; k < extent_of(s->v, i); k++) {
        s->index[i->id] = k;
        reduce_over(s, e, level + 1, r, place * i->extent + k);
    }
}

static double reduction_value(Scope *s, const Expr *e) {
    Reducing r = {0};
    switch (e->reduction) {
    case REDUCE_SUM: break;
    case REDUCE_PROD: r.value = 1; break;
    case REDUCE_MAX:
    case REDUCE_ARGMAX: r.value = -INFINITY; break;
    case REDUCE_MIN:
    case REDUCE_ARGMIN: r.value = INFINITY; break;
    }
    reduce_over(s, e, 0, &r, 0);
    bool place = e->reduction == REDUCE_ARGMAX || e->reduction == REDUCE_ARGMIN;
    return place ? (double)r.best_place : r.value;
}

static double read_value(Scope *s, const Expr *e) {
    int64_t place = place_of(s, e->tensor, e->arg);
    if (place < 0 || !s->read->of[e->tensor->id]) {
        fprintf(stderr, "%s is read outside of its axes or before it is defined\n",
                e->tensor->name);
        abort();
    }
    return s->read->of[e->tensor->id][place];
}

static double value_of(Scope *s, const Expr *e) {
    double x;
    switch (e->kind) {
    case E_NUMBER: return e->number;
    case E_BATCH: return s->v->N;
    case E_INDEX: return (double)affine_value(s, e->affine);
    case E_READ: return read_value(s, e);
    case E_ADD:
        x = value_of(s, e->arg[0]);
        for (int i = 1; i < e->arg_count; i++) x += value_of(s, e->arg[i]);
        return x;
    case E_MUL:
        x = value_of(s, e->arg[0]);
        for (int i = 1; i < e->arg_count; i++) x *= value_of(s, e->arg[i]);
        return x;
    case E_DIV: return value_of(s, e->arg[0]) / value_of(s, e->arg[1]);
    case E_CALL:
        return loop_scalar_f64(e->function, false, value_of(s, e->arg[0]),
                               e->arg_count > 1 ? value_of(s, e->arg[1]) : 0);
    case E_STOP: return value_of(s, e->arg[0]);
    case E_SELECT: return value_of(s, e->arg[truth_of(s, e->arg[0]) ? 1 : 2]);
    case E_REDUCE: return reduction_value(s, e);
    case E_RANDOM:
        x = loop_scalar_random(s->v->seed, s->v->step, e->stream, (int)value_of(s, e->arg[0]),
                               (int)value_of(s, e->arg[1]));
        return e->number < 0 ? x : x < e->number;
    case E_TRUE:
    case E_FALSE:
    case E_NONNEGATIVE:
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL:
    case E_AND:
    case E_OR:
    case E_NOT: return truth_of(s, e);
    }
    abort();
}

// `fixed` keeps the value it has.
static void run_over(Scope *s, const Equation *q, int level, const Index *fixed) {
    if (level < q->index_count) {
        const Index *i = q->index[level];
        if (i == fixed) {
            run_over(s, q, level + 1, fixed);
            return;
        }
        for (int64_t k = 0; k < extent_of(s->v, i); k++) {
            s->index[i->id] = k;
            run_over(s, q, level + 1, fixed);
        }
        return;
    }
    if (!truth_of(s, q->guard)) return;
    int64_t place = place_of(s, q->out, q->subscript);
    if (place < 0) {
        fprintf(stderr, "%s is written outside of its axes\n", q->out->name);
        abort();
    }
    double *to = &values_of(s->v, q->out)[place], x = value_of(s, q->value);
    *to = q->op == EQUATION_ADD ? *to + x : x;
}

static Scope scope_new(Values *v, const Values *read) {
    return (Scope){v, read, arena_new_array(v->p->arena, int64_t, v->p->next_index + 2)};
}

static void run_recurrence(Scope *s, const Group *g) {
    int64_t steps = 0;
    for (int i = 0; i < g->count; i++)
        if (g->time[i]->extent > steps) steps = g->time[i]->extent;
    for (int64_t k = 0; k < steps; k++)
        for (int i = 0; i < g->count; i++) {
            int64_t t = g->down ? steps - 1 - k : k;
            s->index[g->time[i]->id] = t;
            if (t < g->time[i]->extent) run_over(s, g->equation[i], 0, g->time[i]);
        }
}

void values_run(Values *v, Equation *const *equation, int count) {
    Groups groups = {0};
    if (!equations_order(v->p, NULL, equation, count, &groups)) abort();
    Scope s = scope_new(v, v);
    for (int i = 0; i < count; i++) values_of(v, equation[i]->out);
    for (int g = 0; g < groups.group.count; g++) {
        const Group *group = &groups.group.item[g];
        for (int i = 0; i < group->count && !group->is_recurrence; i++)
            run_over(&s, group->equation[i], 0, NULL);
        if (group->is_recurrence) run_recurrence(&s, group);
    }
}

void values_update(Values *v, Equation *const *equation, int count) {
    Values before = *v;
    before.of = arena_new_array(v->p->arena, double *, v->p->tensor.count + 1);
    for (int i = 0; i < v->p->tensor.count; i++) {
        const Tensor *t = v->p->tensor.item[i];
        size_t size = sizeof(double) * (size_t)tensor_count(t);
        if (v->of[t->id]) before.of[t->id] = (double *)arena_copy(v->p->arena, v->of[t->id], size);
    }
    Scope s = scope_new(v, &before);
    for (int i = 0; i < count; i++) run_over(&s, equation[i], 0, NULL);
}
