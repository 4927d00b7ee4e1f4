// plain.c: the plain style: a model's two programs as four functions, one readable nest an
// equation.
#include "lower/fast/fast.h"
#include "lower/lowering.h"

// --- what is computed: equations that nobody needs are left out

typedef struct Live {
    const Lowering *l;
    Map tensor;
    bool grew;
} Live;

static void live_add(Live *live, const Tensor *t) {
    if (!t || map_get(&live->tensor, t)) return;
    map_set(&live->tensor, t, (void *)t);
    live->grew = true;
}

static void live_read(const Expr *read, void *data) {
    live_add(data, read->tensor);
}

static bool is_wanted(const Lowering *l, const Program *p, const Tensor *t) {
    if (t->role == TENSOR_RESULT || t->role == TENSOR_STATE || l->options.keep_values) return true;
    return t->role == TENSOR_GRADIENT && t->of && t->of->role == TENSOR_PARAM && p->training;
}

static void live_equations(Live *live, Equation *const *equation, int count) {
    for (int i = count - 1; i >= 0; i--) {
        const Equation *q = equation[i];
        if (!map_get(&live->tensor, q->out)) continue;
        expr_each_read(q->value, live_read, live);
        for (int k = 0; k < q->out->rank; k++) expr_each_read(q->subscript[k], live_read, live);
    }
}

static Map live_tensors(const Lowering *l, const Program *p) {
    Live live = {l, {.arena = l->arena}, false};
    for (int i = 0; i < p->tensor.count; i++)
        if (is_wanted(l, p, p->tensor.item[i])) live_add(&live, p->tensor.item[i]);
    for (int i = 0; i < p->output.count && !p->training; i++) live_add(&live, p->output.item[i]);
    do {
        live.grew = false;
        live_equations(&live, p->update.item, p->update.count);
        live_equations(&live, p->backward.item, p->backward.count);
        live_equations(&live, p->forward.item, p->forward.count);
    } while (live.grew);
    return live.tensor;
}

static Equations keep_live(const Lowering *l, const Map *live, Equation *const *equation,
                           int count) {
    Equations kept = {0};
    for (int i = 0; i < count; i++)
        if (map_get(live, equation[i]->out)) list_add(l->arena, kept, equation[i]);
    return kept;
}

// --- plans

static Plan *plan_new(Lowering *l, const char *name, const char *comment, Program *p) {
    Plan *plan = arena_new_item(l->arena, Plan);
    plan->name = name_of(l->names, name);
    plan->comment = comment;
    plan->program = l->program = p;
    list_add(l->arena, l->plan, plan);
    return plan;
}

// Params that the loss does not depend on have the gradient 0.
static void plan_zeros(Lowering *l, Plan *plan) {
    Program *p = l->program;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (t->role == TENSOR_GRADIENT && t->of && t->of->role == TENSOR_PARAM)
            map_set(&l->gradient, t->of, (void *)t);
    }
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (t->role != TENSOR_PARAM || map_get(&l->gradient, t)) continue;
        Tensor *zero = arena_new_item(l->arena, Tensor);
        *zero = *t;
        zero->id = l->next_id++;
        zero->name = zero->label = name_printf(l->names, "d_%s", t->name);
        zero->role = TENSOR_GRADIENT;
        zero->of = t;
        map_set(&l->gradient, t, zero);
        Equation *q = equation_whole(p, zero, expr_number(p, 0));
        nest_updates(l, plan, &q, 1);
    }
}

static void order_equations(Lowering *l, Plan *plan, const Equations *q) {
    if (l->fast) phase_equations(l->fast, plan, q->item, q->count);
    else nest_equations(l, plan, q->item, q->count);
}

static void plan_training(Lowering *l) {
    Program *p = l->model->train;
    Map live = live_tensors(l, p);
    Equations q = keep_live(l, &live, p->forward.item, p->forward.count);
    Plan *plan =
        plan_new(l, "forward", "The values of a batch, as in training, and its results.", p);
    order_equations(l, plan, &q);
    if (p->loss) {
        plan =
            plan_new(l, "backward",
                     "The gradient of the loss with respect to every parameter; after forward.", p);
        q = keep_live(l, &live, p->backward.item, p->backward.count);
        order_equations(l, plan, &q);
        plan_zeros(l, plan);
    }
    if (p->update.count == 0) return;
    plan = plan_new(l, "update",
                    l->fast ? "The states after this batch; after backward."
                            : "The states after this batch; after forward.",
                    p);
    nest_updates(l, plan, p->update.item, p->update.count);
}

static void plan_evaluation(Lowering *l) {
    Program *p = l->model->eval;
    Map live = live_tensors(l, p);
    Equations q = keep_live(l, &live, p->forward.item, p->forward.count);
    Plan *plan =
        plan_new(l, "evaluate", "The values of a batch, as in evaluation, and its results.", p);
    order_equations(l, plan, &q);
}

// --- the module

static LoopModule *module_new(Lowering *l) {
    Compile *c = l->model->train->compile;
    Name name = name_take(l, l->model->name);
    l->m = loop_module_new(c, name);
    l->m->spec = l->model->spec;
    l->m->is_f32 = l->model->train->is_f32;
    l->m->strict = l->options.strict;
    l->m->batch_size = l->model->batch_size;
    l->m->lowering = l;
    names_reserve(l, name);
    return l->m;
}

Lowering *lowering_new(Model *model, const LowerOptions *options) {
    Compile *c = model->train->compile;
    Lowering *l = arena_new_item(c->arena, Lowering);
    *l = (Lowering){.model = model, .options = *options, .arena = c->arena, .names = c->names};
    l->taken.arena = l->scalar.arena = l->buffer.arena = l->local.arena = l->gradient.arena =
        c->arena;
    l->next_id = 1 << 28;
    module_new(l);
    return l;
}

LoopModule *lowering_finish(Lowering *l) {
    if (l->model->train != l->model->eval) plan_training(l); // a predictor has one program only
    plan_evaluation(l);
    for (int i = 0; i < l->plan.count; i++)
        for (int k = 0; k < l->plan.item[i]->nest.count; k++)
            nest_mark_parallel(l, l->plan.item[i]->nest.item[k]);
    if (l->fast) lifetimes_find(l->fast);
    buffers_make(l);
    if (l->fast) places_share(l->fast);
    for (int i = 0; i < l->plan.count; i++) {
        Plan *plan = l->plan.item[i];
        l->program = plan->program;
        for (int k = 0; k < plan->nest.count; k++) {
            nest_expand(l, plan->nest.item[k]->body);
            nest_hoist(l, plan->nest.item[k]->body);
        }
        write_function(l, plan);
    }
#ifndef NDEBUG
    if (loop_check(l->m, stderr))
        internal_error("lower", "the loops of %s do not hold", l->m->model);
#endif
    return l->m;
}

LoopModule *lower_plain(Model *model, const LowerOptions *options) {
    return lowering_finish(lowering_new(model, options));
}

const LoopBuffer *lower_buffer_of(const LoopModule *m, const Tensor *t) {
    return m->lowering ? map_get(&m->lowering->buffer, t) : NULL;
}
