// samples.c: the equations of a phase inside of a chunk: sample by sample, or all samples together.
//
// One sample after the other through all equations keeps data in the cache. But a contraction that
// finds too little reuse inside of one sample (a linear layer: each weight meets one number) loads
// a vector for every multiplication. Such a contraction runs over the samples of the chunk at once,
// with the sample as an index of its register tile, and so do equations that read its result
// element by element. A chunk that the batch does not fill goes sample by sample.
#include "lower/fast/fast.h"

enum {
    L1_BYTES = 1 << 15,
    L2_BYTES = 1 << 20,
    SMALL_MAP = 1 << 12 // elements of a sample that may leave the first cache for others
};

// --- what pays

// Cycles a multiplication when a vector that takes `load` cycles serves this many accumulators.
static double cycles(double rows, double load) {
    if (rows > MAX_ACCUMULATORS) rows = MAX_ACCUMULATORS;
    double all = (rows + 1) / 2;
    if (all < 4) all = 4; // the latency of an addition
    return (all < load ? load : all) / rows;
}

static double load_cycles(double bytes) {
    return bytes > L2_BYTES ? 6 : bytes > L1_BYTES ? 2 : 0.5;
}

static bool is_read(const Expr *e) {
    return e->kind == E_READ && !e->tensor->is_int;
}

static bool is_product(const Expr *e) {
    return e->kind == E_MUL && e->arg_count == 2 && is_read(e->arg[0]) && is_read(e->arg[1]);
}

// out[n, .., lane] = sum(r: S[n, ..]*V[.., lane]): elements of one sample that share a vector of V.
static bool shares_weights(const Fast *f, const Item *item, const Index *n) {
    const Expr *sum = kernel_only_sum(item->value);
    const Index *lane = cluster_lane(f, item);
    if (!sum || !lane || sum->reduction != REDUCE_SUM || !is_product(sum->arg[1])) return false;
    const Expr *body = sum->arg[1];
    int at = expr_uses_index(body->arg[0], n) ? 0 : 1;
    const Expr *scalar = body->arg[at], *vector = body->arg[1 - at];
    if (!expr_uses_index(scalar, n) || expr_uses_index(vector, n)) return false;
    if (!expr_uses_index(vector, lane) || expr_uses_index(scalar, lane)) return false;
    double rows = 1, bytes = f->l->program->is_f32 ? 4 : 8;
    for (int i = 0; i < vector->tensor->rank; i++) bytes *= (double)vector->tensor->axis[i]->extent;
    for (int i = 0; i < item->index_count; i++) {
        const Index *own = item->index[i];
        if (own == n || own == item->time) continue;
        if (expr_uses_index(scalar, own) && !expr_uses_index(vector, own))
            rows *= (double)own->extent;
    }
    double load = load_cycles(bytes);
    return cycles(rows * (double)f->chunk_size, load) < 0.75 * cycles(rows, load);
}

// part[k, i, j] += sum(r: a[n, r, i]*b[n, r, j]) with few terms: more work to add it than to form
// it.
static bool has_few_terms(const Fast *f, const Item *item) {
    const Expr *sum = item->value->kind == E_REDUCE ? item->value : NULL;
    if (item->op != EQUATION_ADD || item->out->per_sample || item->guard->kind != E_TRUE)
        return false;
    if (sum && (sum->reduction != REDUCE_SUM || sum->arg[0]->kind != E_TRUE)) return false;
    if (!is_product(sum ? sum->arg[1] : item->value) || !cluster_lane(f, item)) return false;
    double terms = 1, most = cycles(MAX_ACCUMULATORS, 0.5);
    for (int i = 0; sum && i < sum->index_count; i++) terms *= (double)sum->index[i]->extent;
    double together = most + 1.5 / (terms * (double)f->chunk_size), alone = most + 1.5 / terms;
    return together < 0.75 * alone;
}

static const Index *sample_index(const Item *item) {
    for (int k = 0; k < item->index_count; k++)
        if (item->index[k]->is_sample) return item->index[k];
    return NULL;
}

typedef enum Manner { ONE_BY_ONE, TOGETHER, ANYWHERE } Manner;

static Manner manner_of(const Fast *f, const Item *item) {
    const Index *n = sample_index(item);
    if (!n || f->chunk_size < 2) return ONE_BY_ONE;
    if (item->out->per_sample ? shares_weights(f, item, n) : has_few_terms(f, item))
        return TOGETHER;
    if (item->guard->kind != E_TRUE || item->out->is_int || !cluster_lane(f, item))
        return ONE_BY_ONE;
    if (expr_has_reduction(item->value)) return ONE_BY_ONE;
    double elements = 1;
    for (int k = 0; k < item->index_count; k++)
        if (item->index[k] != n) elements *= (double)item->index[k]->extent;
    return elements <= SMALL_MAP ? ANYWHERE : ONE_BY_ONE;
}

// --- loops

static const Index *index_named(const Fast *f, const char *name, int64_t extent, bool is_sample) {
    Program *p = f->l->program;
    Index *i = (Index *)index_new(p, name_of(p->compile->names, name), NULL, extent);
    i->is_sample = is_sample;
    return i;
}

Node *samples_chunk_loop(Fast *f) {
    Node *loop = node_new(f->l, NODE_LOOP);
    loop->index = index_named(f, "chunk", f->chunks, false);
    loop->parallel = f->l->options.parallel;
    return loop;
}

// chunk_size*k, the first sample of the chunk.
static Affine first_sample(const Fast *f, const Node *chunk_loop) {
    Program *p = f->l->program;
    return affine_scale(p, affine_index(p, chunk_loop->index), f->chunk_size);
}

Node *samples_loop(Fast *f, Node *body, const Node *chunk_loop) {
    Program *p = f->l->program;
    Node *loop = node_new(f->l, NODE_LOOP);
    loop->index = index_named(f, "n", p->batch_size, true);
    Affine n = affine_index(p, loop->index);
    Affine after = affine_add(p, n, first_sample(f, chunk_loop), -1);
    Affine before = affine_add(p, affine_constant(f->chunk_size - 1), after, -1);
    const Expr *condition[] = {expr_nonnegative(p, after), expr_nonnegative(p, before)};
    for (int i = 0; i < 2; i++)
        if (condition[i]->kind == E_NONNEGATIVE) list_add(f->arena, loop->constraint, condition[i]);
    node_add(f->l, body, loop);
    return loop;
}

void samples_bind(const Fast *f, Item *item, const Index *to) {
    for (int k = item->index_count - 1; k >= 0; k--)
        if (item->index[k]->is_sample) item_bind(f->l, item, k, to);
}

// --- all samples of a chunk together

static Item *item_copy(const Fast *f, const Item *item) {
    Item *copy = arena_new_item(f->arena, Item);
    *copy = *item;
    copy->subscript = arena_new_array(f->arena, const Expr *, item->out->rank + 1);
    for (int d = 0; d < item->out->rank; d++) copy->subscript[d] = item->subscript[d];
    copy->index = arena_new_array(f->arena, const Index *, item->index_count + 1);
    for (int k = 0; k < item->index_count; k++) copy->index[k] = item->index[k];
    return copy;
}

// What each sample adds to a part, as one sum over the samples.
static void sum_samples(const Fast *f, Item *item, const Index *s) {
    Program *p = f->l->program;
    const Expr *e = item->value;
    bool is_sum = e->kind == E_REDUCE && e->reduction == REDUCE_SUM;
    int count = is_sum ? e->index_count : 0;
    const Index **index = arena_new_array(f->arena, const Index *, count + 1);
    index[0] = s;
    for (int i = 0; i < count; i++) index[i + 1] = e->index[i];
    item->value = expr_reduce(p, REDUCE_SUM, index, count + 1, is_sum ? e->arg[0] : expr_true(p),
                              is_sum ? e->arg[1] : e);
    int left = 0;
    for (int k = 0; k < item->index_count; k++)
        if (item->index[k] != s) item->index[left++] = item->index[k];
    item->index_count = left;
}

// The sample n becomes number s of the chunk, an index like any other.
static void over_samples(const Fast *f, Item *item, const Index *s, Affine first) {
    Program *p = f->l->program;
    const Index *n = sample_index(item);
    IndexMap map = {n, affine_add(p, affine_index(p, s), first, 1)};
    item->value = expr_substitute(p, item->value, &map, 1);
    item->guard = expr_substitute(p, item->guard, &map, 1);
    for (int d = 0; d < item->out->rank; d++)
        item->subscript[d] = expr_substitute(p, item->subscript[d], &map, 1);
    for (int k = 0; k < item->index_count; k++)
        if (item->index[k] == n) item->index[k] = s;
    if (!item->out->per_sample) sum_samples(f, item, s);
}

static Node *branch(Fast *f, Node *chunk_loop, const Expr *condition) {
    Node *node = node_new(f->l, NODE_IF);
    node->condition = condition;
    node_add(f->l, chunk_loop, node);
    return node;
}

// Two branches: where the batch fills the chunk, and where it does not.
typedef struct Branches {
    Node *whole, *rest;
} Branches;

static Branches branches_new(Fast *f, Node *chunk_loop) {
    Program *p = f->l->program;
    Affine first = first_sample(f, chunk_loop);
    const Expr *after = expr_affine(p, affine_add(p, first, affine_constant(f->chunk_size), 1));
    const Expr *N = expr_batch(p);
    return (Branches){branch(f, chunk_loop, expr_less_equal(p, after, N)),
                      branch(f, chunk_loop, expr_less(p, N, after))};
}

static void add_one_by_one(Fast *f, Node *body, const Node *chunk_loop, Item **item, int count) {
    Node *loop = samples_loop(f, body, chunk_loop);
    for (int i = 0; i < count; i++) samples_bind(f, item[i], loop->index);
    cluster_items(f, loop, item, count);
}

static void add_together(Fast *f, Node *chunk_loop, Item **item, int count) {
    Branches b = branches_new(f, chunk_loop);
    Item **copy = arena_new_array(f->arena, Item *, count);
    const Index *s = index_named(f, "n", f->chunk_size, false);
    for (int i = 0; i < count; i++) {
        copy[i] = item_copy(f, item[i]);
        over_samples(f, item[i], s, first_sample(f, chunk_loop));
    }
    cluster_items(f, b.whole, item, count);
    add_one_by_one(f, b.rest, chunk_loop, copy, count);
}

void samples_add_recurrence(Fast *f, Node *chunk_loop, const Group *group, Item **item) {
    bool together = false;
    for (int i = 0; i < group->count; i++) together = together || manner_of(f, item[i]) == TOGETHER;
    Node *body = chunk_loop;
    if (together) {
        Branches b = branches_new(f, chunk_loop);
        Item **copy = arena_new_array(f->arena, Item *, group->count);
        const Index *s = index_named(f, "n", f->chunk_size, false);
        for (int i = 0; i < group->count; i++) {
            copy[i] = item_copy(f, item[i]);
            over_samples(f, item[i], s, first_sample(f, chunk_loop));
        }
        recurrence_build(f, b.whole, group, item);
        item = copy;
        body = b.rest;
    }
    Node *loop = samples_loop(f, body, chunk_loop);
    for (int i = 0; i < group->count; i++) samples_bind(f, item[i], loop->index);
    recurrence_build(f, loop, group, item);
}

// --- in which order

typedef struct Order {
    Fast *f;
    Item **item;
    Manner *manner;
    bool *done;
    int count, left;
} Order;

static bool is_ready(const Order *o, int i) {
    for (int k = 0; k < i; k++)
        if (!o->done[k] && item_depends(o->item[i], o->item[k])) return false;
    return true;
}

// An equation that may stand anywhere follows the contraction whose result it reads.
static bool follows(const Order *o, int i, Item *const *run, int count) {
    for (int k = 0; k < count; k++)
        if (item_depends(o->item[i], run[k])) return true;
    return o->manner[i] == TOGETHER;
}

// All that is ready for one of the two ways, in order.
static int take(Order *o, bool together, Item **run) {
    int count = 0;
    for (int i = 0; i < o->count; i++) {
        if (o->done[i] || o->manner[i] == (together ? ONE_BY_ONE : TOGETHER) || !is_ready(o, i))
            continue;
        if (together && !follows(o, i, run, count)) continue;
        run[count++] = o->item[i];
        o->done[i] = true;
    }
    o->left -= count;
    return count;
}

void samples_add(Fast *f, Node *chunk_loop, Item **item, int count) {
    Order o = {.f = f, .item = item, .count = count, .left = count};
    o.manner = arena_new_array(f->arena, Manner, count + 1);
    o.done = arena_new_array(f->arena, bool, count + 1);
    for (int i = 0; i < count; i++) o.manner[i] = manner_of(f, item[i]);
    Item **run = arena_new_array(f->arena, Item *, count + 1);
    for (bool together = false; o.left; together = !together) {
        int taken = take(&o, together, run);
        if (taken && together) add_together(f, chunk_loop, run, taken);
        if (taken && !together) add_one_by_one(f, chunk_loop, chunk_loop, run, taken);
    }
}
