// lifetime.c: when each tensor is needed, and which tensors a sample needs for itself alone.
//
// Steps count through the functions as they run: forward, backward, update, then evaluation, whose
// values nothing after it reads. What is in no loop, in a chunk, or in the loop over a chunk's
// samples is done one after the other, and each such part is a step; for one sample the steps are
// in order even where samples are not. A nest is the finest unit for which that holds of the whole
// batch.
//
// A tensor that a single loop over samples writes and reads, always at the loop's own sample, is
// needed for one sample of each chunk at a time.
#include "lower/fast/winograd.h"

typedef struct Survey {
    Fast *f;
    int step, nest, side;
    const Node *sample_loop;
    const Index *chunk; // of the loop around sample_loop; NULL: there is none
} Survey;

static const LifeSpan never = {INT_MAX, -1, INT_MAX, -1, false};

static Lifetime *lifetime_new(Fast *f, const Tensor *t) {
    Lifetime *life = arena_new_item(f->arena, Lifetime);
    *life = (Lifetime){.tensor = t, .is_by_sample = true, .is_in_one_loop = true};
    for (int s = 0; s < SIDES; s++) life->side[s] = never;
    map_set(&f->lifetime, t, life);
    list_add(f->arena, f->lifetimes, life);
    return life;
}

// A sample of the chunk at hand: that of a loop over its samples, or first + s with all of them at
// once.
static bool is_of_chunk(const Survey *s, const Expr *sample) {
    const Index *bare = expr_bare_index(sample);
    if (!s->chunk || sample->kind != E_INDEX) return false;
    if (bare) return bare->is_sample;
    Affine a = sample->affine;
    int64_t extent = 0, others = 0;
    for (int i = 0; i < a.count; i++) {
        if (a.term[i].index == s->chunk) continue;
        others++;
        extent = a.term[i].coefficient == 1 ? a.term[i].index->extent : INT_MAX;
    }
    return affine_coefficient(a, s->chunk) == s->f->chunk_size && a.constant == 0 && others == 1 &&
           extent <= s->f->chunk_size;
}

static void widen(const Survey *s, LifeSpan *span) {
    if (s->step < span->first) span->first = s->step;
    if (s->step > span->last) span->last = s->step;
    if (s->nest < span->first_nest) span->first_nest = s->nest;
    if (s->nest > span->last_nest) span->last_nest = s->nest;
}

static void touch(Survey *s, const Tensor *t, const Expr *const *subscript, bool is_write) {
    Lifetime *life = map_get(&s->f->lifetime, t);
    if (!life) life = lifetime_new(s->f, t);
    LifeSpan *span = &life->side[s->side];
    widen(s, span);
    if (is_write && span->first_nest == s->nest) span->is_written_first = true;
    bool has_samples = t->rank > 0 && t->axis[0]->is_sample;
    life->is_by_sample = life->is_by_sample && has_samples && is_of_chunk(s, subscript[0]);
    if (!life->loop) life->loop = s->sample_loop;
    bool own = has_samples && s->sample_loop && life->loop == s->sample_loop &&
               expr_bare_index(subscript[0]) == s->sample_loop->index;
    life->is_in_one_loop = life->is_in_one_loop && own;
    life->chunk = s->chunk;
}

static void touch_read(const Expr *read, void *data) {
    touch(data, read->tensor, read->arg, false);
}

static void survey_item(Survey *s, const Item *item) {
    expr_each_read(item->value, touch_read, s);
    expr_each_read(item->guard, touch_read, s);
    for (int k = 0; k < item->out->rank; k++) expr_each_read(item->subscript[k], touch_read, s);
    if (item->op == EQUATION_ADD) touch(s, item->out, item->subscript, false);
    touch(s, item->out, item->subscript, true);
}

static void touch_scratch(Survey *s, const Winograd *g) {
    const LoopBuffer *buffer[WINOGRAD_BUFFERS];
    int count = winograd_buffers(g, buffer);
    for (int i = 0; i < s->f->scratch.count; i++)
        for (int k = 0; k < count; k++)
            if (s->f->scratch.item[i]->buffer == buffer[k])
                widen(s, &s->f->scratch.item[i]->side[s->side]);
}

static void survey_cluster(Survey *s, const Cluster *c) {
    if (c->has_kernel) {
        expr_each_read(c->kernel.scalar, touch_read, s);
        expr_each_read(c->kernel.vector, touch_read, s);
        if (c->kernel.winograd) touch_scratch(s, c->kernel.winograd);
    }
    for (int i = 0; i < c->item.count; i++) survey_item(s, c->item.item[i]);
}

static void survey_node(Survey *s, const Node *node) {
    if (node->kind == NODE_ITEM) survey_item(s, node->item);
    if (node->cluster) survey_cluster(s, node->cluster);
    if (node->kind == NODE_WRITTEN) touch_scratch(s, node->winograd);
    for (int i = 0; i < node->child.count; i++) survey_node(s, node->child.item[i]);
}

// What runs one part after the other: `node` itself, if it is the loop over chunks of a phase or
// over the samples of a chunk; each of its parts is a step.
static void survey_steps(Survey *s, const Node *node) {
    for (int i = 0; i < node->child.count; i++) {
        const Node *part = node->child.item[i];
        bool is_chunk = part->kind == NODE_LOOP && node->kind == NODE_BODY &&
                        part->index->extent == s->f->chunks && !part->index->is_sample;
        bool is_sample =
            part->kind == NODE_LOOP && s->chunk && !s->sample_loop && part->index->is_sample;
        if (is_chunk) s->chunk = part->index;
        if (is_sample) s->sample_loop = part;
        if (is_chunk || is_sample) {
            survey_steps(s, part);
        } else {
            s->step++;
            survey_node(s, part);
        }
        if (is_chunk) s->chunk = NULL;
        if (is_sample) s->sample_loop = NULL;
    }
}

static void survey_plan(Survey *s, const Plan *plan) {
    s->side = plan->program == s->f->l->model->eval ? SIDE_EVALUATION : SIDE_TRAINING;
    for (int i = 0; i < plan->nest.count; i++) {
        const Nest *nest = plan->nest.item[i];
        s->nest++;
        if (nest->is_phase) {
            survey_steps(s, nest->body);
        } else {
            s->step++;
            survey_node(s, nest->body);
        }
    }
}

bool lifetime_is_kept(const Fast *f, const Tensor *t) {
    const Program *p = f->l->model->eval;
    const Tensor *twin =
        tensor_find(p, t->name); // of a tensor in training: what outputs are called
    for (int i = 0; i < p->output.count; i++)
        if (p->output.item[i] == t || p->output.item[i] == twin) return true;
    return t->of && t->of->role == TENSOR_INPUT;
}

static bool is_one_sample(const Fast *f, const Lifetime *life) {
    const Tensor *t = life->tensor;
    bool computed = t->role == TENSOR_VALUE || t->role == TENSOR_GRADIENT;
    return computed && f->chunk_size > 1 && life->is_in_one_loop && !lifetime_is_kept(f, t);
}

void lifetimes_find(Fast *f) {
    Survey s = {.f = f};
    for (int i = 0; i < f->scratch.count; i++)
        for (int k = 0; k < SIDES; k++) f->scratch.item[i]->side[k] = never;
    for (int i = 0; i < f->l->plan.count; i++) {
        int before = s.step;
        survey_plan(&s, f->l->plan.item[i]);
        list_add(f->arena, f->steps, s.step - before);
    }
    for (int i = 0; i < f->lifetimes.count; i++) {
        Lifetime *life = f->lifetimes.item[i];
        life->is_one_sample = is_one_sample(f, life);
    }
}

const Lifetime *lifetime_of(const Fast *f, const Tensor *t) {
    return map_get(&f->lifetime, t);
}

const Index *lifetime_chunk(const Fast *f, const Tensor *t) {
    const Lifetime *life = lifetime_of(f, t);
    return life && life->is_one_sample ? life->chunk : NULL;
}
