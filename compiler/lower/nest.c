// nest.c: the fusion tree. Consecutive equations of one stage share a loop when their first indices
// run over the same named extent and every dependence between them carries that index unchanged;
// then the same is asked inside. A recurrence is a sequential loop over its time index with
// everything else inside.
#include "lower/lowering.h"

#include <string.h>

Node *node_new(const Lowering *l, NodeKind kind) {
    Node *node = arena_new_item(l->arena, Node);
    node->kind = kind;
    return node;
}

void node_add(const Lowering *l, Node *to, Node *child) {
    list_add(l->arena, to->child, child);
}

bool index_matches(const Index *a, const Index *b) {
    if (a->is_sample || b->is_sample) return a->is_sample == b->is_sample;
    if (a->extent != b->extent || a->size != b->size) return false;
    return a->size || strcmp(a->name, b->name) == 0;
}

// --- items

// The size of an index that has none of its own: that of an axis on which it stands alone.
typedef struct SizeOf {
    const Index *index;
    Name size;
} SizeOf;

static void find_size(SizeOf *s, const Tensor *t, const Expr *const *subscript) {
    for (int k = 0; k < t->rank && !s->size; k++) {
        bool alone = subscript[k]->kind == E_INDEX && affine_bare(subscript[k]->affine) == s->index;
        if (alone && t->axis[k]->extent == s->index->extent) s->size = t->axis[k]->size;
    }
}

static void find_size_of_read(const Expr *read, void *data) {
    find_size(data, read->tensor, read->arg);
}

static Name size_of_index(const Index *index, const Expr *value) {
    SizeOf s = {index, index->size};
    if (!s.size) expr_each_read(value, find_size_of_read, &s);
    return s.size;
}

static Name size_in_equation(const Index *index, const Equation *q) {
    SizeOf s = {index, index->size};
    if (!s.size) find_size(&s, q->out, q->subscript);
    return s.size ? s.size : size_of_index(index, q->value);
}

// Gives sizes to the indices of reductions, which are ours since they were made new.
static void name_sizes(const Expr *e) {
    for (int i = 0; i < e->index_count; i++)
        ((Index *)e->index[i])->size = size_of_index(e->index[i], e->arg[1]);
    for (int i = 0; i < e->arg_count; i++) name_sizes(e->arg[i]);
}

static const Index *index_copy(const Lowering *l, const Index *old, Name size) {
    Index *new = (Index *)index_new(l->program, old->name, size, old->extent);
    new->is_sample = old->is_sample;
    return new;
}

static void item_substitute(const Lowering *l, Item *item, const IndexMap *map, int count) {
    Program *p = l->program;
    item->value = expr_substitute(p, item->value, map, count);
    item->guard = expr_substitute(p, item->guard, map, count);
    for (int i = 0; i < item->out->rank; i++)
        item->subscript[i] = expr_substitute(p, item->subscript[i], map, count);
}

// Where the index stands on the left: axis by axis, the one that moves furthest first.
static int64_t left_rank(const Item *item, const Index *index) {
    for (int k = 0; k < item->out->rank; k++) {
        if (item->subscript[k]->kind != E_INDEX) continue;
        Affine a = item->subscript[k]->affine;
        int64_t own = affine_coefficient(a, index), further = 0;
        for (int i = 0; i < a.count && own; i++) further += a.term[i].coefficient > own;
        if (own) return (int64_t)k * (1 << 16) + further;
    }
    return INT64_MAX;
}

// Loops in the order of memory; of sums into a place, the author's order says more.
static void sort_domain(Item *item) {
    for (int i = 1; i < item->index_count && item->op == EQUATION_SET; i++)
        for (int k = i; k > 0; k--) {
            const Index *before = item->index[k - 1], *after = item->index[k];
            if (left_rank(item, before) <= left_rank(item, after)) break;
            item->index[k - 1] = after;
            item->index[k] = before;
        }
}

// A copy of the equation all of whose indices are new.
static Item *item_new(const Lowering *l, const Equation *q, const Index *time) {
    Item *item = arena_new_item(l->arena, Item);
    *item = (Item){q, q->out, NULL, q->op, q->guard, NULL, NULL, q->index_count, NULL};
    item->subscript = arena_new_array(l->arena, const Expr *, q->out->rank + 1);
    item->index = arena_new_array(l->arena, const Index *, q->index_count + 1);
    IndexMap *map = arena_new_array(l->arena, IndexMap, q->index_count + 1);
    for (int i = 0; i < q->index_count; i++) {
        item->index[i] = index_copy(l, q->index[i], size_in_equation(q->index[i], q));
        map[i] = (IndexMap){q->index[i], affine_index(l->program, item->index[i])};
        if (q->index[i] == time) item->time = item->index[i];
    }
    for (int i = 0; i < q->out->rank; i++) item->subscript[i] = q->subscript[i];
    const Expr *value = q->value;
    while (value->kind == E_STOP) value = value->arg[0]; // there are no gradients any more
    item->value = expr_freshen(l->program, value);
    name_sizes(item->value);
    item_substitute(l, item, map, q->index_count);
    sort_domain(item);
    return item;
}

// Binds the item's index number k to the index of a loop around it.
void item_bind(const Lowering *l, Item *item, int k, const Index *to) {
    IndexMap map = {item->index[k], affine_index(l->program, to)};
    if (item->index[k] != to) item_substitute(l, item, &map, 1);
    item->index_count--;
    for (int i = k; i < item->index_count; i++) item->index[i] = item->index[i + 1];
}

// --- what may share a loop

typedef struct Dependence {
    const Item *writer;
    const Index *a, *b; // of the writer, of the reader
    bool carried;       // unchanged on one axis
} Dependence;

static bool is_bare(const Expr *e, const Index *i) {
    return e->kind == E_INDEX && affine_bare(e->affine) == i;
}

static void check_dependence(const Expr *read, void *data) {
    Dependence *d = data;
    if (read->tensor != d->writer->out) return;
    for (int k = 0; k < read->arg_count; k++)
        if (is_bare(d->writer->subscript[k], d->a) && is_bare(read->arg[k], d->b)) return;
    d->carried = false;
}

static void each_read_of_item(const Item *item, void (*visit)(const Expr *, void *), void *data) {
    expr_each_read(item->value, visit, data);
    expr_each_read(item->guard, visit, data);
    for (int i = 0; i < item->out->rank; i++) expr_each_read(item->subscript[i], visit, data);
}

// Two plain definitions of one tensor are of different parts of it.
static bool writes_carry(const Item *a, const Item *b) {
    if (a->out != b->out || (a->op == EQUATION_SET && b->op == EQUATION_SET)) return true;
    for (int k = 0; k < a->out->rank; k++)
        if (is_bare(a->subscript[k], a->index[0]) && is_bare(b->subscript[k], b->index[0]))
            return true;
    return false;
}

static bool may_join(const Item *a, const Item *b) {
    if (a->equation->stage != b->equation->stage || b->index_count == 0) return false;
    if (a->guard->kind != E_TRUE || b->guard->kind != E_TRUE) return false;
    if (!index_matches(a->index[0], b->index[0])) return false;
    Dependence forward = {a, a->index[0], b->index[0], true};
    each_read_of_item(b, check_dependence, &forward);
    Dependence backward = {b, b->index[0], a->index[0], true};
    each_read_of_item(a, check_dependence, &backward);
    return forward.carried && backward.carried && writes_carry(a, b);
}

static bool joins(Item *const *run, int count, const Item *b) {
    for (int i = 0; i < count; i++)
        if (!may_join(run[i], b)) return false;
    return true;
}

// --- the tree

// Conditions that use the loop's index and none of the item's indices that are still free bound the
// loop.
static void take_constraints(const Lowering *l, Node *loop, Item *item) {
    const Expr *guard = item->guard;
    item->guard = expr_true(l->program);
    int parts = guard->kind == E_AND ? guard->arg_count : 1;
    for (int i = 0; i < parts; i++) {
        const Expr *part = guard->kind == E_AND ? guard->arg[i] : guard;
        bool ready = part->kind == E_NONNEGATIVE && expr_uses_index(part, loop->index);
        for (int k = 0; k < item->index_count; k++)
            ready = ready && !expr_uses_index(part, item->index[k]);
        if (ready)
            list_add(l->arena, loop->constraint, part);
        else
            item->guard = expr_and(l->program, item->guard, part);
    }
}

static Node *loop_new(const Lowering *l, const Index *index) {
    Node *loop = node_new(l, NODE_LOOP);
    loop->index = index;
    return loop;
}

void nest_build(const Lowering *l, Node *body, Item **item, int count) {
    for (int i = 0, j; i < count; i = j) {
        j = i + 1;
        if (item[i]->index_count == 0) {
            Node *leaf = node_new(l, NODE_ITEM);
            leaf->item = item[i];
            node_add(l, body, leaf);
            continue;
        }
        while (j < count && joins(item + i, j - i, item[j])) j++;
        Node *loop = loop_new(l, item[i]->index[0]);
        for (int k = i; k < j; k++) item_bind(l, item[k], 0, loop->index);
        if (j == i + 1) take_constraints(l, loop, item[i]);
        node_add(l, body, loop);
        nest_build(l, loop, item + i, j - i);
    }
}

static void bind_time(const Lowering *l, Item *item, const Node *loop) {
    Program *p = l->program;
    for (int k = 0; k < item->index_count; k++) {
        if (item->index[k] != item->time) continue;
        const Index *own = item->index[k];
        item_bind(l, item, k, loop->index);
        if (own->extent < loop->index->extent) {
            Affine room =
                affine_add(p, affine_constant(own->extent - 1), affine_index(p, loop->index), -1);
            item->guard = expr_and(p, item->guard, expr_nonnegative(p, room));
        }
        return;
    }
}

Node *nest_recurrence_loop(const Lowering *l, Node *body, const Group *group, Item **item) {
    const Index *time = item[0]->time;
    for (int i = 1; i < group->count; i++)
        if (item[i]->time && item[i]->time->extent > time->extent) time = item[i]->time;
    Node *loop = loop_new(l, time);
    loop->is_time = true;
    loop->down = group->down;
    for (int i = 0; i < group->count; i++) bind_time(l, item[i], loop);
    node_add(l, body, loop);
    return loop;
}

void nest_build_recurrence(const Lowering *l, Node *body, const Group *group, Item **item) {
    Node *loop = nest_recurrence_loop(l, body, group, item);
    nest_build(l, loop, item, group->count);
}

// --- nests

static void add_nest(Lowering *l, Plan *plan, Item **item, int count, const Group *recurrence) {
    Nest *nest = arena_new_item(l->arena, Nest);
    nest->body = node_new(l, NODE_BODY);
    nest->stage = item[recurrence ? count - 1 : 0]->equation->stage;
    for (int i = 0; i < count; i++) list_add(l->arena, nest->item, item[i]);
    if (recurrence)
        nest_build_recurrence(l, nest->body, recurrence, item);
    else
        nest_build(l, nest->body, item, count);
    list_add(l->arena, plan->nest, nest);
}

// Splits a run of items into nests: one a top loop, one an equation without loops.
static void add_nests(Lowering *l, Plan *plan, Item **item, int count) {
    for (int i = 0, j; i < count; i = j) {
        j = i + 1;
        if (item[i]->index_count)
            while (j < count && joins(item + i, j - i, item[j])) j++;
        add_nest(l, plan, item + i, j - i, NULL);
    }
}

Item **nest_group_items(const Lowering *l, const Group *group) {
    Item **item = arena_new_array(l->arena, Item *, group->count);
    for (int i = 0; i < group->count; i++)
        item[i] = item_new(l, group->equation[i], group->is_recurrence ? group->time[i] : NULL);
    return item;
}

void nest_equations(Lowering *l, Plan *plan, Equation *const *equation, int count) {
    Groups groups = {0};
    if (!equations_order(l->program, NULL, equation, count, &groups))
        internal_error("lower", "equations of %s have no order", plan->name);
    LIST(Item *) run = {0};
    for (int g = 0; g < groups.group.count; g++) {
        const Group *group = &groups.group.item[g];
        Item **item = nest_group_items(l, group);
        if (!group->is_recurrence) {
            for (int i = 0; i < group->count; i++) list_add(l->arena, run, item[i]);
            continue;
        }
        add_nests(l, plan, run.item, run.count);
        run.count = 0;
        add_nest(l, plan, item, group->count, group);
    }
    add_nests(l, plan, run.item, run.count);
}

// --- updates

// Whether `reader` reads what `writer` writes, other than at its own element.
typedef struct Hazard {
    const Item *writer;
    bool same_item, found;
} Hazard;

static void check_hazard(const Expr *read, void *data) {
    Hazard *h = data;
    if (read->tensor != h->writer->out) return;
    bool own = h->same_item;
    for (int k = 0; k < read->arg_count; k++) own = own && read->arg[k] == h->writer->subscript[k];
    h->found = h->found || !own;
}

static bool disturbs(const Item *writer, const Item *reader) {
    Hazard h = {writer, writer == reader, false};
    each_read_of_item(reader, check_hazard, &h);
    return h.found;
}

// Every read means the value before the step: a state is written after all that read it, or else by
// way of a copy.
static Item *through_copy(Lowering *l, Item *item) {
    Tensor *copy = arena_new_item(l->arena, Tensor);
    *copy = *item->out;
    copy->id = l->next_id++;
    copy->name = name_printf(l->names, "%s.next", item->out->name);
    copy->role = TENSOR_VALUE;
    Item *late = item_new(l, item->equation, NULL);
    late->value = expr_read(l->program, copy, late->subscript);
    late->guard = expr_true(l->program);
    item->out = copy;
    return late;
}

static bool is_safe(Item *const *item, int count, int i) {
    if (item[i]->out->role != TENSOR_STATE) return true;
    for (int k = i; k < count; k++)
        if (disturbs(item[i], item[k])) return false;
    return true;
}

void nest_updates(Lowering *l, Plan *plan, Equation *const *equation, int count) {
    LIST(Item *) late = {0};
    Item **item = arena_new_array(l->arena, Item *, count + 1);
    for (int i = 0; i < count; i++) item[i] = item_new(l, equation[i], NULL);
    for (int i = 0; i < count; i++)
        if (!is_safe(item, count, i)) list_add(l->arena, late, through_copy(l, item[i]));
    add_nests(l, plan, item, count);
    add_nests(l, plan, late.item, late.count);
}
