// phase.c: a function as phases.
//
// Within a phase, chunks of samples run on any thread; how the samples of a chunk go through the
// equations of the phase is settled in samples.c. Between phases stands what needs the whole batch.
#include "lower/fast/winograd.h"

typedef LIST(Item *) Items;

static int last_level(const Units *units) {
    int last = 0;
    for (int i = 0; i < units->count; i++)
        if (units->item[i].level > last) last = units->item[i].level;
    return last;
}

// --- once for the batch

static void flush_globals(Fast *f, Plan *plan, Equations *run) {
    if (run->count) nest_equations(f->l, plan, run->item, run->count);
    run->count = 0;
}

static void add_wide(Fast *f, Plan *plan, const Unit *u) {
    Item *item = nest_group_items(f->l, &u->group)[0];
    Nest *nest = arena_new_item(f->arena, Nest);
    nest->body = node_new(f->l, NODE_BODY);
    nest->stage = item->equation->stage;
    list_add(f->arena, nest->item, item);
    cluster_wide(f, nest->body, item);
    list_add(f->arena, plan->nest, nest);
}

static void add_globals(Fast *f, Plan *plan, const Units *units, int level) {
    Equations run = {0};
    for (int i = 0; i < units->count; i++) {
        const Unit *u = &units->item[i];
        if (u->level != level) continue;
        if (u->kind == UNIT_WIDE) {
            flush_globals(f, plan, &run);
            add_wide(f, plan, u);
        }
        for (int k = 0; u->kind == UNIT_GLOBAL && k < u->group.count; k++)
            list_add(f->arena, run, u->group.equation[k]);
    }
    flush_globals(f, plan, &run);
}

// --- the loops of a phase

typedef struct Phase {
    Fast *f;
    Node *chunk_loop;
    Nest *nest;
    Items pending; // of samples, to be written together
} Phase;

static void flush(Phase *h) {
    samples_add(h->f, h->chunk_loop, h->pending.item, h->pending.count);
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
        samples_add_recurrence(h->f, h->chunk_loop, &u->group, item);
    } else {
        list_add(h->f->arena, h->pending, item[0]);
    }
}

// --- what contractions in transformed tiles need around the samples

static Node *written(Fast *f, void (*write)(Writer *, Winograd *), Winograd *g) {
    Node *node = node_new(f->l, NODE_WRITTEN);
    node->write = write;
    node->winograd = g;
    return node;
}

static void add_first(Fast *f, Node *to, Node *child) {
    node_add(f->l, to, child);
    for (int i = to->child.count - 1; i > 0; i--) to->child.item[i] = to->child.item[i - 1];
    to->child.item[0] = child;
}

// `chunk`: the loop over chunks, in `body`; or both are the body.
static void add_transforms(Fast *f, Node *body, Node *chunk) {
    for (int i = 0; i < f->transformed.count; i++) {
        Winograd *g = f->transformed.item[i];
        if (!g->is_sum) {
            add_first(f, body, written(f, winograd_write_weights, g));
            continue;
        }
        add_first(f, chunk, written(f, winograd_write_clear, g));
        node_add(f->l, chunk, written(f, winograd_write_result, g));
    }
    f->transformed.count = 0;
}

static void add_phase(Fast *f, Plan *plan, const Units *units, int level) {
    Phase h = {.f = f};
    h.nest = arena_new_item(f->arena, Nest);
    h.nest->body = node_new(f->l, NODE_BODY);
    h.nest->is_phase = true;
    h.chunk_loop = samples_chunk_loop(f);
    node_add(f->l, h.nest->body, h.chunk_loop);
    f->chunk = h.chunk_loop->index;
    for (int pass = 0; pass < 2; pass++) // parts are zeroed first
        for (int i = 0; i < units->count; i++) {
            const Unit *u = &units->item[i];
            bool wanted = pass == 0 ? u->kind == UNIT_CHUNK : u->kind == UNIT_SAMPLE;
            if (wanted && u->level == level) add_unit(&h, u);
        }
    flush(&h);
    add_transforms(f, h.nest->body, h.chunk_loop);
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
    f->chunk = NULL;
    for (int g = 0; g < groups.group.count; g++) {
        const Group *group = &groups.group.item[g];
        Item **item = nest_group_items(f->l, group);
        for (int i = 0; i < group->count; i++) list_add(f->arena, nest->item, item[i]);
        if (!group->is_recurrence) {
            list_add(f->arena, pending, item[0]);
            continue;
        }
        flush_single(f, nest, &pending);
        recurrence_build(f, nest->body, group, item);
    }
    flush_single(f, nest, &pending);
    add_transforms(f, nest->body, nest->body);
    if (nest->item.count) list_add(f->arena, plan->nest, nest);
}

static void add_phases(Fast *f, Plan *plan, Equation *const *equation, int count) {
    Units units = batch_units(f, equation, count);
    units_remake(f, &units);
    int last = last_level(&units);
    for (int level = 0; level <= last; level++) {
        add_globals(f, plan, &units, level);
        add_phase(f, plan, &units, level);
    }
}

static bool writes_last(Equation *const *equation, int count, int i) {
    for (int k = i + 1; k < count; k++)
        if (equation[k]->out == equation[i]->out) return false;
    return true;
}

void phase_equations(Fast *f, Plan *plan, Equation *const *equation, int count) {
    Inputs in = {.f = f};
    Equations classes = residue_split(f, equation, count);
    equation = classes.item;
    count = classes.count;
    for (int i = 0; i < count; i++) copy_inputs(&in, equation[i]->value);
    for (int i = 0; i < count; i++) {
        list_add(f->arena, in.copy, outputs_redirect(f, equation[i]));
        Equation *copy = writes_last(equation, count, i) ? outputs_copy(f, equation[i]->out) : NULL;
        if (copy) list_add(f->arena, in.copy, copy);
    }
    int packs = plan->nest.count;
    f->pack.count = 0;
    Equations all = recurrence_split(f, in.copy.item, in.copy.count);
    all = turn_operands(f, all.item, all.count);
    all = windows_expand(f, all.item, all.count);
    if (f->l->program->sample)
        add_phases(f, plan, all.item, all.count);
    else
        single_sample(f, plan, all.item, all.count);
    // Kernels asked for packed weights while the phases were built: they come first.
    if (f->pack.count == 0) return;
    LIST(Nest *) phases = {0};
    for (int i = packs; i < plan->nest.count; i++) list_add(f->arena, phases, plan->nest.item[i]);
    plan->nest.count = packs;
    nest_equations(f->l, plan, f->pack.item, f->pack.count);
    for (int i = 0; i < phases.count; i++) list_add(f->arena, plan->nest, phases.item[i]);
}
