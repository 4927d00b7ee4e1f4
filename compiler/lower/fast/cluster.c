// cluster.c: which equations are written together as one pass of vectors over the same elements.
//
// A cluster begins with a contraction, a map (one value an element) or a sum over elements into a
// part. Maps and sums over the same elements join it: the elements of two equations are the same if
// the indices of a tensor that one writes and the other reads can be paired. What cannot be done in
// vectors becomes loops of its own, as in the plain style.
#include "lower/fast/fast.h"

// --- what vectors can do

// Whether whole vectors along the lane, from a place of the innermost axis that depends on more
// than the lane, stay inside of the tensor.
static bool has_room(const Fast *f, const Expr *read, int axis, const Index *lane) {
    const Expr *e = read->arg[axis];
    const Layout *y = layout_of(f, read->tensor);
    if (e->kind != E_INDEX || affine_coefficient(e->affine, lane) != 1) return false;
    int64_t room = y ? y->extent[axis] - y->before[axis] : read->tensor->axis[axis]->extent;
    int64_t over = (f->lanes - lane->extent % f->lanes) % f->lanes;
    return affine_low(e->affine) >= 0 && affine_high(e->affine) + over < room;
}

bool read_is_vector(const Fast *f, const Expr *read, const Index *lane) {
    int axis = layout_lane_axis(f, read->tensor);
    if (axis < 0 || !expr_uses_index(read->arg[axis], lane) || !layout_is_padded(f, read->tensor))
        return false;
    for (int k = 0; k < read->arg_count; k++)
        if (k != axis && expr_uses_index(read->arg[k], lane)) return false;
    return expr_bare_index(read->arg[axis]) == lane || has_room(f, read, axis, lane);
}

static bool read_is_possible(const Fast *f, const Expr *e, const Index *lane) {
    return !e->tensor->is_int && (!expr_uses_index(e, lane) || read_is_vector(f, e, lane));
}

static bool all_possible(const Fast *f, const Expr *e, const Index *lane) {
    for (int k = 0; k < e->arg_count; k++)
        if (!vector_is_possible(f, e->arg[k], lane)) return false;
    return true;
}

// A condition on values chooses lane by lane; one on indices must be the same for all lanes. They
// do not mix.
static bool condition_is_possible(const Fast *f, const Expr *e, const Index *lane, bool by_value) {
    switch (e->kind) {
    case E_TRUE:
    case E_FALSE: return !by_value;
    case E_NONNEGATIVE: return !by_value && !expr_uses_index(e, lane);
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL:
        return by_value && !(expr_is_int(e->arg[0]) && expr_is_int(e->arg[1])) &&
               all_possible(f, e, lane);
    case E_AND:
    case E_OR:
    case E_NOT:
        for (int k = 0; k < e->arg_count; k++)
            if (!condition_is_possible(f, e->arg[k], lane, by_value)) return false;
        return true;
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
    return false;
}

bool vector_is_possible(const Fast *f, const Expr *e, const Index *lane) {
    switch (e->kind) {
    case E_NUMBER:
    case E_BATCH: return true;
    case E_INDEX: return !expr_uses_index(e, lane);
    case E_READ: return read_is_possible(f, e, lane);
    case E_RANDOM: // the element must step evenly from lane to lane
        return e->arg[1]->kind == E_INDEX && e->arg[0]->kind == E_INDEX &&
               !expr_uses_index(e->arg[0], lane) && expr_uses_index(e->arg[1], lane);
    case E_CALL: return e->function != FN_POWER && all_possible(f, e, lane);
    case E_ADD:
    case E_MUL:
    case E_DIV:
    case E_STOP: return all_possible(f, e, lane);
    case E_SELECT:
        return (condition_is_possible(f, e->arg[0], lane, true) ||
                condition_is_possible(f, e->arg[0], lane, false)) &&
               vector_is_possible(f, e->arg[1], lane) && vector_is_possible(f, e->arg[2], lane);
    case E_REDUCE:
    case E_TRUE:
    case E_FALSE:
    case E_NONNEGATIVE:
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL:
    case E_AND:
    case E_OR:
    case E_NOT: break;
    }
    return false;
}

// --- small windows, written out

static int64_t terms_of(const Expr *e) {
    int64_t terms = 1;
    for (int i = 0; i < e->index_count; i++) terms *= e->index[i]->extent;
    return terms;
}

static const Expr *expand(const Fast *f, const Expr *e) {
    Program *p = f->l->program;
    const Expr *sum = expr_number(p, 0);
    IndexMap *map = arena_new_array(f->arena, IndexMap, e->index_count);
    for (int64_t t = 0; t < terms_of(e); t++) {
        int64_t rest = t;
        for (int i = e->index_count - 1; i >= 0; i--) {
            map[i] = (IndexMap){e->index[i], affine_constant(rest % e->index[i]->extent)};
            rest /= e->index[i]->extent;
        }
        sum = expr_add(p, sum, expr_substitute(p, e->arg[1], map, e->index_count));
    }
    return sum;
}

const Expr *expand_windows(const Fast *f, const Expr *e) {
    if (!expr_has_reduction(e)) return e;
    if (e->kind == E_REDUCE && e->reduction == REDUCE_SUM && e->arg[0]->kind == E_TRUE &&
        terms_of(e) <= SMALL_WINDOW && e->arg[1]->kind == E_READ)
        return expand(f, e);
    const Expr **arg = arena_new_array(f->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = expand_windows(f, e->arg[i]);
    return expr_rebuild(f->l->program, e, arg);
}

// --- beginning a cluster

// Of several indices, as in 64*t + j, the one that steps from element to element, if its vectors
// overwrite nothing behind.
const Index *cluster_lane(const Fast *f, const Item *item) {
    int axis = layout_lane_axis(f, item->out);
    if (axis < 0 || !layout_is_padded(f, item->out)) return NULL;
    const Expr *e = item->subscript[axis];
    if (e->kind != E_INDEX || expr_bare_index(e)) return expr_bare_index(e);
    for (int i = 0; i < e->affine.count; i++) {
        const Index *own = e->affine.term[i].index;
        if (e->affine.term[i].coefficient == 1 && own->extent % f->lanes == 0) return own;
    }
    return NULL;
}

// The item's indices but the lane, in the order in which its result lies in memory.
static bool set_loops(const Fast *f, Cluster *c, const Item *item) {
    const Layout *y = layout_of(f, item->out);
    for (int k = 0; k < item->out->rank; k++) {
        const Expr *e = item->subscript[y ? y->axis[k] : k];
        for (int i = 0; e->kind == E_INDEX && i < item->index_count; i++) {
            const Index *own = item->index[i];
            bool listed = own == c->lane;
            for (int j = 0; j < c->loop_count; j++) listed = listed || c->loop[j] == own;
            if (listed || !expr_uses_index(e, own)) continue;
            if (c->loop_count == 8) return false;
            c->loop[c->loop_count++] = own;
        }
    }
    return c->loop_count + 1 == item->index_count ||
           (c->loop_count == item->index_count && !c->lane);
}

static bool is_map(const Item *item) {
    return item->op == EQUATION_SET && item->guard->kind == E_TRUE;
}

// part[k, lane] += sum(all loops: body): all that is left of the domain is the lane.
static bool is_lane_sum(const Item *item, const Index *lane) {
    const Expr *e = item->value;
    return item->guard->kind == E_TRUE && item->index_count == 1 && item->index[0] == lane &&
           e->kind == E_REDUCE && e->reduction == REDUCE_SUM && e->arg[0]->kind == E_TRUE;
}

static void add_item(Cluster *c, Item *item, bool is_sum) {
    list_add(c->fast->arena, c->item, item);
    list_add(c->fast->arena, c->is_sum, is_sum);
}

static bool begin_sum(Fast *f, Cluster *c, Item *item) {
    const Expr *e = item->value;
    if (!is_lane_sum(item, c->lane) || e->index_count > 8) return false;
    if (!vector_is_possible(f, e->arg[1], c->lane)) return false;
    for (int i = 0; i < e->index_count; i++) c->loop[c->loop_count++] = e->index[i];
    item->value = e->arg[1];
    add_item(c, item, true);
    return true;
}

static bool begin(Fast *f, Cluster *c, Item *item) {
    c->lane = cluster_lane(f, item);
    if (!c->lane) return false;
    if (begin_sum(f, c, item)) return true;
    if (item->guard->kind != E_TRUE || !set_loops(f, c, item)) return false;
    if (kernel_find(f, item, c->lane, &c->kernel)) {
        c->has_kernel = true;
        if (c->kernel.winograd) list_add(f->arena, f->transformed, c->kernel.winograd);
        add_item(c, item, false);
        return true;
    }
    if (item->out->is_int) return false;
    const Expr *value = with_packed(f, expand_windows(f, item->value), c->lane);
    if (!vector_is_possible(f, value, c->lane)) return false;
    item->value = value;
    add_item(c, item, false);
    return true;
}

// --- joining it

typedef struct Pairing {
    const Cluster *c;
    const Index *own[16], *to[16]; // of the joining item, of the cluster
    int count;
    bool fine;
} Pairing;

static void pair(Pairing *g, const Index *own, const Index *to) {
    for (int i = 0; i < g->count; i++)
        if (g->own[i] == own || g->to[i] == to) {
            g->fine = g->fine && g->own[i] == own && g->to[i] == to;
            return;
        }
    g->fine = g->fine && g->count < 16 && own->extent == to->extent;
    if (!g->fine) return;
    g->own[g->count] = own;
    g->to[g->count++] = to;
}

static bool in_cluster(const Cluster *c, const Index *i) {
    bool found = i == c->lane;
    for (int k = 0; k < c->loop_count; k++) found = found || c->loop[k] == i;
    return found;
}

// The samples of a chunk are one index for all equations.
static void pair_shared(Pairing *g, const Index *const *own, int count) {
    for (int i = 0; i < count; i++)
        if (in_cluster(g->c, own[i])) pair(g, own[i], own[i]);
}

// Pairs a read of what the cluster writes or reads with that place.
static void pair_subscripts(Pairing *g, const Expr *const *own, const Expr *const *to, int rank) {
    for (int k = 0; k < rank; k++) {
        const Index *a = expr_bare_index(own[k]), *b = expr_bare_index(to[k]);
        if (a && b && a != b && in_cluster(g->c, b)) pair(g, a, b);
    }
}

typedef struct ReadSearch {
    const Tensor *of;
    const Expr *found;
} ReadSearch;

static void find_read(const Expr *read, void *data) {
    ReadSearch *s = data;
    if (read->tensor == s->of && !s->found) s->found = read;
}

static void pair_read(const Expr *read, void *data) {
    Pairing *g = data;
    const Tensor *t = read->tensor;
    if (!t->per_sample) return;
    for (int i = 0; i < g->c->item.count; i++) {
        const Item *item = g->c->item.item[i];
        if (item->out == t) {
            pair_subscripts(g, read->arg, item->subscript, t->rank);
            return;
        }
    }
    for (int i = 0; i < g->c->item.count; i++) {
        ReadSearch s = {t, NULL};
        expr_each_read(g->c->item.item[i]->value, find_read, &s);
        if (s.found && !(g->c->has_kernel && i == 0))
            pair_subscripts(g, read->arg, s.found->arg, t->rank);
    }
}

// Reads of what the cluster writes are of the same element; parts are not read at all.
typedef struct OwnCheck {
    const Cluster *c;
    bool fine;
} OwnCheck;

static void check_own(const Expr *read, void *data) {
    OwnCheck *o = data;
    for (int i = 0; i < o->c->item.count; i++) {
        const Item *item = o->c->item.item[i];
        if (item->out != read->tensor) continue;
        for (int k = 0; k < read->arg_count; k++)
            o->fine = o->fine && read->arg[k] == item->subscript[k];
        if (o->c->is_sum.item[i]) o->fine = false;
    }
}

// The item in the indices of the cluster, or false if it cannot be brought there. Nothing is
// changed on failure.
static bool join(Fast *f, Cluster *c, Item *item) {
    Program *p = f->l->program;
    const Index *lane = cluster_lane(f, item);
    bool is_sum = lane && is_lane_sum(item, lane);
    if (!lane || (!is_sum && !is_map(item))) return false;
    const Expr *value =
        with_packed(f, is_sum ? item->value->arg[1] : expand_windows(f, item->value), lane);
    int wanted = c->loop_count + 1,
        have = is_sum ? item->value->index_count + 1 : item->index_count;
    if (have != wanted || item->out->is_int) return false;
    Pairing g = {.c = c, .fine = true};
    pair_shared(&g, item->index, item->index_count);
    if (is_sum) pair_shared(&g, item->value->index, item->value->index_count);
    expr_each_read(value, pair_read, &g);
    if (!g.fine || g.count != wanted) return false;
    IndexMap *map = arena_new_array(f->arena, IndexMap, g.count);
    const Index *new_lane = NULL;
    for (int i = 0; i < g.count; i++) {
        map[i] = (IndexMap){g.own[i], affine_index(p, g.to[i])};
        if (g.own[i] == lane) new_lane = g.to[i];
    }
    if (new_lane != c->lane) return false;
    value = expr_substitute(p, value, map, g.count);
    OwnCheck own = {c, true};
    expr_each_read(value, check_own, &own);
    if (!own.fine || !vector_is_possible(f, value, c->lane)) return false;
    for (int d = 0; d < item->out->rank; d++)
        item->subscript[d] = expr_substitute(p, item->subscript[d], map, g.count);
    item->value = value;
    add_item(c, item, is_sum);
    return true;
}

// --- all items of a sample

bool item_depends(const Item *later, const Item *earlier) {
    return expr_reads(later->value, earlier->out) || expr_reads(earlier->value, later->out) ||
           later->out == earlier->out;
}

// The tensors of items that were passed, by their ids: one look answers what item_depends asks of
// each of them.
typedef struct Passed {
    bool *reads, *writes;
    bool is_met;
} Passed;

static Passed passed_new(const Fast *f) {
    const Program *p = f->l->program;
    int last = 0;
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->id > last) last = p->tensor.item[i]->id;
    return (Passed){.reads = arena_new_array(f->arena, bool, last + 1),
                    .writes = arena_new_array(f->arena, bool, last + 1)};
}

static void note_read(const Expr *read, void *data) {
    ((Passed *)data)->reads[read->tensor->id] = true;
}

static void meet_written(const Expr *read, void *data) {
    Passed *p = data;
    p->is_met = p->is_met || p->writes[read->tensor->id];
}

static bool depends_on_passed(Passed *p, const Item *item) {
    p->is_met = p->reads[item->out->id] || p->writes[item->out->id];
    if (!p->is_met) expr_each_read(item->value, meet_written, p);
    return p->is_met;
}

// Items that follow and fit, past others on which they do not depend.
static void gather(Fast *f, Cluster *c, Item **item, int count, bool *done) {
    Passed passed = passed_new(f);
    for (int i = 0; i < count; i++) {
        if (done[i]) continue;
        done[i] = !depends_on_passed(&passed, item[i]) && join(f, c, item[i]);
        if (done[i]) continue;
        passed.writes[item[i]->out->id] = true;
        expr_each_read(item[i]->value, note_read, &passed);
    }
}

static void order_by_layout(const Fast *f, Item *item) {
    const Layout *y = layout_of(f, item->out);
    int at = 0;
    for (int k = 0; y && k < y->rank; k++)
        for (int i = at; i < item->index_count; i++) {
            const Expr *e = item->subscript[y->axis[k]];
            if (e->kind != E_INDEX || !expr_uses_index(e, item->index[i])) continue;
            const Index *found = item->index[i];
            for (int j = i; j > at; j--) item->index[j] = item->index[j - 1];
            item->index[at++] = found;
        }
}

static void add_cluster(const Fast *f, Node *body, Cluster *c) {
    Node *node = node_new(f->l, NODE_CLUSTER);
    node->cluster = c;
    for (int k = 0; k < c->item.count; k++) list_add(f->arena, node->cluster_item, c->item.item[k]);
    node_add(f->l, body, node);
}

static void add_nest(const Fast *f, Node *body, Item *item) {
    order_by_layout(f, item);
    nest_build(f->l, body, &item, 1);
}

void cluster_items(Fast *f, Node *body, Item **item, int count) {
    bool *done = arena_new_array(f->arena, bool, count + 1);
    for (int i = 0; i < count; i++) {
        if (done[i]) continue;
        done[i] = true;
        Cluster *c = arena_new_item(f->arena, Cluster);
        c->fast = f;
        if (!begin(f, c, item[i])) {
            add_nest(f, body, item[i]);
            continue;
        }
        gather(f, c, item + i + 1, count - i - 1, done + i + 1);
        add_cluster(f, body, c);
    }
}

void cluster_wide(Fast *f, Node *body, Item *item) {
    Cluster *c = arena_new_item(f->arena, Cluster);
    c->fast = f;
    c->is_parallel = f->l->options.parallel;
    if (begin(f, c, item))
        add_cluster(f, body, c);
    else
        add_nest(f, body, item);
}
