// memory.c: the memory plan of a module as a table, for those who want to see it.
#include "lower/fast/fast.h"

#include <stdlib.h>

static size_t bytes_of(const LoopModule *m, bool is_int, size_t count) {
    return count * (is_int ? sizeof(int32_t) : m->is_f32 ? sizeof(float) : sizeof(double));
}

static bool is_declared(const Fast *f, const Tensor *t) {
    const Program *p[] = {f->l->model->train, f->l->model->eval};
    for (int b = 0; b < 2; b++)
        for (int i = 0; i < f->declared[b]; i++)
            if (p[b]->tensor.item[i] == t) return true;
    return false;
}

// A value or a gradient that is no parameter's: what lies, or might lie, in work.
static bool is_between(const Tensor *t, const LoopBuffer *b) {
    bool of_param = t->of && t->of->role == TENSOR_PARAM;
    if (b) return b->storage == LOOP_WORK;
    return t->role == TENSOR_VALUE || (t->role == TENSOR_GRADIENT && !of_param);
}

static void set_times(MemoryUse *use, const LifeSpan *side) {
    use->in_training = side[SIDE_TRAINING].first <= side[SIDE_TRAINING].last;
    const LifeSpan *span = &side[use->in_training ? SIDE_TRAINING : SIDE_EVALUATION];
    use->first = span->first_nest - 1;
    use->last = span->last_nest - 1;
    use->first_step = span->first - 1;
    use->last_step = span->last - 1;
}

static MemoryUse use_of(const Fast *f, const Lifetime *life, const LoopBuffer *b) {
    const LoopModule *m = f->l->m;
    const Tensor *t = life->tensor;
    MemoryUse use = {.name = t->name, .tensor = t, .buffer = b, .is_made = !is_declared(f, t)};
    set_times(&use, life->side);
    use.stored = bytes_of(m, t->is_int, (size_t)tensor_count(t));
    if (!b) return use;
    use.planned = bytes_of(m, b->type == LOOP_INT, loop_buffer_count(b));
    use.offset = loop_buffer_offset(m, b);
    return use;
}

static MemoryUse scratch_use(const Fast *f, const Scratch *scratch) {
    const LoopBuffer *b = scratch->buffer;
    MemoryUse use = {.name = b->name, .buffer = b, .is_made = true};
    set_times(&use, scratch->side);
    use.planned = bytes_of(f->l->m, false, loop_buffer_count(b));
    use.offset = loop_buffer_offset(f->l->m, b);
    return use;
}

static int by_place(const void *a, const void *b) {
    const MemoryUse *x = a, *y = b;
    if (!x->buffer != !y->buffer) return x->buffer ? -1 : 1;
    if (x->buffer && x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
    if (x->first != y->first) return x->first - y->first;
    if (!x->tensor || !y->tensor) return !x->tensor - !y->tensor;
    return x->tensor->id - y->tensor->id;
}

MemoryPlan lower_memory_plan(const LoopModule *m) {
    MemoryPlan plan = {.work = loop_block_bytes(m, LOOP_WORK)};
    const Lowering *l = m->lowering;
    const Fast *f = l ? l->fast : NULL;
    if (!f) return plan;
    for (int i = 0; i < l->plan.count && plan.functions < 4; i++) {
        plan.function[plan.functions] = l->plan.item[i]->name;
        plan.steps[plan.functions] = f->steps.item[i];
        plan.nests[plan.functions++] = l->plan.item[i]->nest.count;
    }
    for (int i = 0; i < f->lifetimes.count; i++) {
        const Lifetime *life = f->lifetimes.item[i];
        const LoopBuffer *b = map_get(&l->buffer, life->tensor);
        const Local *local = map_get(&l->local, life->tensor);
        if (!is_between(life->tensor, b) || (local && local->is_made)) continue;
        list_add(l->arena, plan.use, use_of(f, life, b));
    }
    for (int i = 0; i < f->scratch.count; i++)
        list_add(l->arena, plan.use, scratch_use(f, f->scratch.item[i]));
    qsort(plan.use.item, (size_t)plan.use.count, sizeof *plan.use.item, by_place);
    return plan;
}
