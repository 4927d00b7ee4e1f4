// intern.c: hash-consing. Expressions are immutable and equal ones are one object, so that equality is a comparison of
// pointers and large gradients share their parts.
#include "equation/intern.h"

#include <string.h>

struct ExprTable {
    const Expr **slot;
    int capacity, count;
};

ExprTable *expr_table_new(Arena *a) {
    ExprTable *t = arena_new_item(a, ExprTable);
    t->capacity = 1024;
    t->slot = arena_new_array(a, const Expr *, t->capacity);
    return t;
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h ^= v + 0x9E3779B97F4A7C15u + (h << 6) + (h >> 2);
    h *= 0xBF58476D1CE4E5B9u;
    return h ^ (h >> 29);
}

static uint64_t bits_of(double x) {
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static uint64_t hash_head(const Expr *e) {
    uint64_t h = mix(0, (uint64_t)e->kind);
    h = mix(h, bits_of(e->number));
    h = mix(h, e->tensor ? (uint64_t)e->tensor->id + 1 : 0);
    h = mix(h, (uint64_t)e->function);
    h = mix(h, (uint64_t)e->reduction);
    h = mix(h, e->stream);
    return mix(h, (uint64_t)e->affine.constant);
}

static uint64_t hash_exact(const Expr *e) {
    uint64_t h = hash_head(e);
    for (int i = 0; i < e->affine.count; i++) {
        h = mix(h, (uint64_t)e->affine.term[i].index->id);
        h = mix(h, (uint64_t)e->affine.term[i].coefficient);
    }
    for (int i = 0; i < e->index_count; i++) h = mix(h, (uint64_t)e->index[i]->id);
    for (int i = 0; i < e->arg_count; i++) h = mix(h, (uint64_t)e->arg[i]->id);
    return h;
}

// A hash that neither the names of indices nor the order of sums and products can change.
static uint64_t hash_shape(const Expr *e) {
    uint64_t h = hash_head(e), any_order = 0;
    for (int i = 0; i < e->affine.count; i++)
        any_order += mix(mix(7, (uint64_t)e->affine.term[i].coefficient),
                         (uint64_t)e->affine.term[i].index->extent);
    for (int i = 0; i < e->index_count; i++) any_order += mix(11, (uint64_t)e->index[i]->extent);
    bool commutes = e->kind == E_ADD || e->kind == E_MUL || e->kind == E_AND || e->kind == E_OR;
    for (int i = 0; i < e->arg_count; i++)
        if (commutes) any_order += mix(13, e->arg[i]->shape);
        else h = mix(h, e->arg[i]->shape);
    return mix(h, any_order);
}

static bool equal(const Expr *a, const Expr *b) {
    if (a->kind != b->kind || a->arg_count != b->arg_count || a->index_count != b->index_count ||
        a->tensor != b->tensor || a->function != b->function || a->reduction != b->reduction ||
        a->stream != b->stream || bits_of(a->number) != bits_of(b->number) ||
        !affine_equal(a->affine, b->affine))
        return false;
    for (int i = 0; i < a->index_count; i++)
        if (a->index[i] != b->index[i]) return false;
    for (int i = 0; i < a->arg_count; i++)
        if (a->arg[i] != b->arg[i]) return false;
    return true;
}

static int find(const ExprTable *t, const Expr *e) {
    int at = (int)(hash_exact(e) & (uint64_t)(t->capacity - 1));
    while (t->slot[at] && !equal(t->slot[at], e)) at = (at + 1) & (t->capacity - 1);
    return at;
}

static void grow(Program *p, ExprTable *t) {
    const Expr **old = t->slot;
    int old_capacity = t->capacity;
    t->capacity *= 2;
    t->slot = arena_new_array(p->arena, const Expr *, t->capacity);
    for (int i = 0; i < old_capacity; i++)
        if (old[i]) t->slot[find(t, old[i])] = old[i];
}

static int64_t tree_size(const Expr *e) {
    int64_t size = 1;
    for (int i = 0; i < e->arg_count; i++)
        if (__builtin_add_overflow(size, e->arg[i]->size, &size)) return INT64_MAX;
    return size;
}

static void set_masks(Expr *e) {
    if (e->tensor) e->tensor_mask |= (uint64_t)1 << (e->tensor->id & 63);
    for (int i = 0; i < e->affine.count; i++)
        e->index_mask |= (uint64_t)1 << (e->affine.term[i].index->id & 63);
    for (int i = 0; i < e->arg_count; i++) {
        e->tensor_mask |= e->arg[i]->tensor_mask;
        e->index_mask |= e->arg[i]->index_mask;
    }
}

const Expr *expr_intern(Program *p, Expr e) {
    ExprTable *t = p->table;
    int at = find(t, &e);
    if (t->slot[at]) return t->slot[at];
    Expr *new = arena_new_item(p->arena, Expr);
    *new = e;
    if (e.arg_count)
        new->arg = (const Expr **)arena_copy(p->arena, e.arg, sizeof *e.arg * (size_t)e.arg_count);
    if (e.index_count)
        new->index = (const Index **)arena_copy(p->arena, e.index,
                                                sizeof *e.index * (size_t)e.index_count);
    new->shape = hash_shape(&e);
    new->size = tree_size(&e);
    set_masks(new);
    new->id = ++t->count;
    t->slot[at] = new;
    if (2 * t->count > t->capacity) grow(p, t);
    return new;
}

const Expr *expr_node(Program *p, ExprKind kind, const Expr *const *arg, int count) {
    return expr_intern(p, (Expr){.kind = kind, .arg = (const Expr **)arg, .arg_count = count});
}
