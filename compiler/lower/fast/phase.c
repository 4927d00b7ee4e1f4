// phase.c: a function as phases.
//
// Within a phase, chunks of samples run on any thread; inside of a chunk its samples go one after
// the other through all equations of the phase, so that what one equation writes the next finds in
// the cache. Between phases stands what needs the whole batch.
#include "lower/fast/fast.h"

typedef LIST(Item *) Items;

static int last_level(const Units *units) {
    int last = 0;
    for (int i = 0; i < units->count; i++)
        if (units->item[i].level > last) last = units->item[i].level;
    return last;
}

// --- once for the batch

static void add_globals(Fast *f, Plan *plan, const Units *units, int level) {
    LIST(Equation *) all = {0};
    for (int i = 0; i < units->count; i++) {
        const Unit *u = &units->item[i];
        if (u->kind != UNIT_GLOBAL || u->level != level) continue;
        for (int k = 0; k < u->group.count; k++) list_add(f->arena, all, u->group.equation[k]);
    }
    if (all.count) nest_equations(f->l, plan, all.item, all.count);
}

// --- the loops of a phase

typedef struct Phase {
    Fast *f;
    Node *chunk_loop, *sample_loop;
    Nest *nest;
    Items pending; // of samples, to be written together
} Phase;

static const Index *loop_index(const Fast *f, const char *name, int64_t extent, bool is_sample) {
    Program *p = f->l->program;
    Index *i = (Index *)index_new(p, name_of(p->compile->names, name), NULL, extent);
    i->is_sample = is_sample;
    return i;
}

// chunk_size*k <= n and n < chunk_size*(k + 1).
static Node *sample_loop_new(Phase *h) {
    Fast *f = h->f;
    Program *p = f->l->program;
    Node *loop = node_new(f->l, NODE_LOOP);
    loop->index = loop_index(f, "n", p->batch_size, true);
    Affine n = affine_index(p, loop->index);
    Affine first = affine_scale(p, affine_index(p, h->chunk_loop->index), f->chunk_size);
    Affine after = affine_add(p, n, first, -1);
    Affine before = affine_add(p, affine_constant(f->chunk_size - 1), after, -1);
    const Expr *condition[] = {expr_nonnegative(p, after), expr_nonnegative(p, before)};
    for (int i = 0; i < 2; i++)
        if (condition[i]->kind == E_NONNEGATIVE) list_add(f->arena, loop->constraint, condition[i]);
    return loop;
}

static void bind_sample(const Fast *f, Item *item, const Index *to) {
    for (int k = item->index_count - 1; k >= 0; k--)
        if (item->index[k]->is_sample) item_bind(f->l, item, k, to);
}

static void flush(Phase *h) {
    if (h->pending.count == 0) return;
    h->sample_loop = sample_loop_new(h);
    for (int i = 0; i < h->pending.count; i++)
        bind_sample(h->f, h->pending.item[i], h->sample_loop->index);
    node_add(h->f->l, h->chunk_loop, h->sample_loop);
    cluster_items(h->f, h->sample_loop, h->pending.item, h->pending.count);
    h->pending.count = 0;
}

static void add_chunk_item(Phase *h, Item *item) {
    nest_build(h->f->l, h->chunk_loop, &item, 1);
}

static void add_unit(Phase *h, const Unit *u) {
    const Lowering *l = h->f->l;
    Item **item = nest_group_items(l, &u->group);
    for (int i = 0; i < u->group.count; i++) {
        // The chunk is the first index of what adds to a part.
        if (u->chunk && u->chunk->extent > 1) item_bind(l, item[i], 0, h->chunk_loop->index);
        list_add(h->f->arena, h->nest->item, item[i]);
        if (!h->nest->stage) h->nest->stage = item[i]->equation->stage;
    }
    if (u->kind == UNIT_CHUNK) {
        add_chunk_item(h, item[0]);
    } else if (u->group.is_recurrence) {
        flush(h);
        h->sample_loop = sample_loop_new(h);
        for (int i = 0; i < u->group.count; i++) bind_sample(h->f, item[i], h->sample_loop->index);
        node_add(l, h->chunk_loop, h->sample_loop);
        nest_build_recurrence(l, h->sample_loop, &u->group, item);
    } else {
        list_add(h->f->arena, h->pending, item[0]);
    }
}

static void add_phase(Fast *f, Plan *plan, const Units *units, int level) {
    Phase h = {.f = f};
    h.nest = arena_new_item(f->arena, Nest);
    h.nest->body = node_new(f->l, NODE_BODY);
    h.nest->is_phase = true;
    h.chunk_loop = node_new(f->l, NODE_LOOP);
    h.chunk_loop->index = loop_index(f, "chunk", f->chunks, false);
    h.chunk_loop->parallel = f->l->options.parallel;
    node_add(f->l, h.nest->body, h.chunk_loop);
    for (int pass = 0; pass < 2; pass++) // parts are zeroed first
        for (int i = 0; i < units->count; i++) {
            const Unit *u = &units->item[i];
            bool wanted = pass == 0 ? u->kind == UNIT_CHUNK : u->kind == UNIT_SAMPLE;
            if (wanted && u->level == level) add_unit(&h, u);
        }
    flush(&h);
    if (h.nest->item.count) list_add(f->arena, plan->nest, h.nest);
}

// --- inputs that are read with padding are copied into room with a halo

typedef struct Inputs {
    Fast *f;
    LIST(Equation *) copy;
} Inputs;

static void copy_input(const Expr *read, void *data) {
    Inputs *in = data;
    Fast *f = in->f;
    Program *p = f->l->program;
    const Tensor *t = read->tensor;
    if (t->role != TENSOR_INPUT || t->is_int || map_get(&f->copied, t)) return;
    int samples = t->per_sample && p->sample ? 1 : 0;
    Tensor *copy = tensor_new(p, name_printf(p->compile->names, "%s_padded", t->name), t->label,
                              TENSOR_VALUE, t->per_sample, t->axis + samples, t->rank - samples);
    layout_make(f, copy, t->rank - 1);
    layout_of(f, copy)->scalar = true;
    map_set(&f->copied, t, copy);
    const Expr **subscript = arena_new_array(f->arena, const Expr *, t->rank + 1);
    for (int d = 0; d < t->rank; d++) subscript[d] = expr_index(p, t->axis[d]);
    list_add(f->arena, in->copy, equation_whole(p, copy, expr_read(p, t, subscript)));
}

static void copy_inputs(Inputs *in, const Expr *e) {
    if (e->kind == E_REDUCE && e->arg[0]->kind != E_TRUE) expr_each_read(e->arg[1], copy_input, in);
    for (int i = 0; i < e->arg_count; i++) copy_inputs(in, e->arg[i]);
}

// --- a batch of one: no samples to share out, so all equations are one phase without loops around
// it

static void flush_single(Fast *f, Nest *nest, Items *pending) {
    cluster_items(f, nest->body, pending->item, pending->count);
    pending->count = 0;
}

static void single_sample(Fast *f, Plan *plan, Equation *const *equation, int count) {
    Groups groups = {0};
    if (!equations_order(f->l->program, NULL, equation, count, &groups))
        internal_error("lower", "equations of %s have no order", plan->name);
    Nest *nest = arena_new_item(f->arena, Nest);
    nest->body = node_new(f->l, NODE_BODY);
    nest->is_phase = true;
    Items pending = {0};
    for (int g = 0; g < groups.group.count; g++) {
        const Group *group = &groups.group.item[g];
        Item **item = nest_group_items(f->l, group);
        for (int i = 0; i < group->count; i++) list_add(f->arena, nest->item, item[i]);
        if (!group->is_recurrence) {
            list_add(f->arena, pending, item[0]);
            continue;
        }
        flush_single(f, nest, &pending);
        nest_build_recurrence(f->l, nest->body, group, item);
    }
    flush_single(f, nest, &pending);
    if (nest->item.count) list_add(f->arena, plan->nest, nest);
}

static void add_phases(Fast *f, Plan *plan, Equation *const *equation, int count) {
    Units units = batch_units(f, equation, count);
    int last = last_level(&units);
    for (int level = 0; level <= last; level++) {
        add_globals(f, plan, &units, level);
        add_phase(f, plan, &units, level);
    }
}

void phase_equations(Fast *f, Plan *plan, Equation *const *equation, int count) {
    Inputs in = {.f = f};
    for (int i = 0; i < count; i++) copy_inputs(&in, equation[i]->value);
    for (int i = 0; i < count; i++) list_add(f->arena, in.copy, equation[i]);
    int packs = plan->nest.count;
    f->pack.count = 0;
    if (f->l->program->sample)
        add_phases(f, plan, in.copy.item, in.copy.count);
    else
        single_sample(f, plan, in.copy.item, in.copy.count);
    // Kernels asked for packed weights while the phases were built: they come first.
    if (f->pack.count == 0) return;
    LIST(Nest *) phases = {0};
    for (int i = packs; i < plan->nest.count; i++) list_add(f->arena, phases, plan->nest.item[i]);
    plan->nest.count = packs;
    nest_equations(f->l, plan, f->pack.item, f->pack.count);
    for (int i = 0; i < phases.count; i++) list_add(f->arena, plan->nest, phases.item[i]);
}
