// places.c: which buffers of work share bytes.
//
// Two buffers may share a place if no step needs both: whatever the order of samples, if no nest
// needs both; or, where both are touched by each sample alone and samples lie equally far apart, if
// no step does. The zeros around a tensor are never written, so a tensor that has such room shares
// with tensors of the same layout only. Places are filled greedily, the largest buffers first, each
// at the place that fits best: Y. Pisarchyk, J. Lee, Efficient memory management for deep neural
// net inference, 2020 ("greedy by size").
#include "lower/fast/fast.h"

#include <stdlib.h>

enum { LINE = 64 }; // bytes of a cache line; blocks begin at one

typedef struct Tenant {
    LoopBuffer *buffer;
    const Tensor *tensor; // one of those that lie in it
    const Layout *layout;
    LifeSpan side[SIDES];
    bool is_by_sample, is_fixed;
    size_t bytes;
    int order; // in the module
    int place;
} Tenant;

typedef struct Places {
    Fast *f;
    LIST(Tenant) tenant;
    LIST(size_t) bytes; // by place
} Places;

// --- who lives where, and when

static size_t bytes_of(const LoopModule *m, const LoopBuffer *b) {
    size_t unit = b->type == LOOP_INT ? 4 : b->type == LOOP_REAL && m->is_f32 ? 4 : 8;
    return unit * loop_buffer_count(b);
}

static void widen(LifeSpan *to, const LifeSpan *by) {
    if (by->first < to->first) to->first = by->first;
    if (by->last > to->last) to->last = by->last;
    if (by->first_nest < to->first_nest) to->first_nest = by->first_nest;
    if (by->last_nest > to->last_nest) to->last_nest = by->last_nest;
}

static Tenant *tenant_of(Places *p, const LoopBuffer *b) {
    for (int i = 0; i < p->tenant.count; i++)
        if (p->tenant.item[i].buffer == b) return &p->tenant.item[i];
    Tenant t = {.buffer = (LoopBuffer *)b, .is_by_sample = true, .order = p->tenant.count};
    t.bytes = bytes_of(p->f->l->m, b);
    for (int s = 0; s < SIDES; s++) t.side[s] = (LifeSpan){INT_MAX, -1, INT_MAX, -1, true};
    list_add(p->f->arena, p->tenant, t);
    return &p->tenant.item[p->tenant.count - 1];
}

// A scalar is read at a function's head and stored at its end; what is read before it is written
// must be left alone.
static void settle(Places *p, const Lifetime *life) {
    const Fast *f = p->f;
    const LoopBuffer *b = map_get(&f->l->buffer, life->tensor);
    if (!b || b->storage != LOOP_WORK) return;
    Tenant *t = tenant_of(p, b);
    t->tensor = life->tensor;
    t->layout = layout_of(f, life->tensor);
    t->is_by_sample = t->is_by_sample && life->is_by_sample;
    if (b->rank == 0) t->is_fixed = true;
    for (int s = 0; s < SIDES; s++) {
        LifeSpan span = life->side[s];
        if (span.first > span.last) continue;
        if (!span.is_written_first) t->is_fixed = true;
        if (s == SIDE_EVALUATION && lifetime_is_kept(f, life->tensor))
            span.last = span.last_nest = INT_MAX;
        widen(&t->side[s], &span);
    }
}

// What is written and read within one nest.
static void settle_scratch(Places *p, const Scratch *scratch) {
    Tenant *t = tenant_of(p, scratch->buffer);
    t->is_by_sample = t->is_fixed = false;
    for (int s = 0; s < SIDES; s++) widen(&t->side[s], &scratch->side[s]);
}

// --- who can live together

static bool has_room(const Tenant *t) {
    const Layout *y = t->layout;
    if (!y) return false;
    if (y->scalar) return true;
    for (int d = 0; d < y->rank; d++) {
        bool lane = y->axis[y->rank - 1] == d;
        if (y->before[d] || (!lane && y->extent[d] != t->tensor->axis[d]->extent)) return true;
    }
    return false;
}

// The same elements are never written.
static bool same_room(const Tenant *a, const Tenant *b) {
    const Layout *x = a->layout, *y = b->layout;
    if (!has_room(a) && !has_room(b)) return true;
    if (!x || !y || x->rank != y->rank || x->scalar != y->scalar) return false;
    if (a->buffer->shape[0] != b->buffer->shape[0]) return false;
    for (int d = 0; d < x->rank; d++)
        if (x->axis[d] != y->axis[d] || x->before[d] != y->before[d] ||
            x->extent[d] != y->extent[d] ||
            a->tensor->axis[d]->extent != b->tensor->axis[d]->extent)
            return false;
    return true;
}

static bool can_meet(const Tenant *a, const Tenant *b) {
    if (a->is_fixed || b->is_fixed || a->buffer->type != b->buffer->type || !same_room(a, b))
        return false;
    bool by_sample = a->is_by_sample && b->is_by_sample && a->bytes == b->bytes &&
                     a->buffer->shape[0] == b->buffer->shape[0];
    for (int s = 0; s < SIDES; s++) {
        const LifeSpan *x = &a->side[s], *y = &b->side[s];
        bool nests = x->last_nest < y->first_nest || y->last_nest < x->first_nest;
        bool steps = x->last < y->first || y->last < x->first;
        if (!nests && !(by_sample && steps)) return false;
    }
    return true;
}

// --- filling places

static int by_bytes(const void *a, const void *b) {
    const Tenant *x = a, *y = b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->order - y->order;
}

static bool fits(const Places *p, int from, int place) {
    for (int i = 0; i < from; i++)
        if (p->tenant.item[i].place == place &&
            !can_meet(&p->tenant.item[i], &p->tenant.item[from]))
            return false;
    return true;
}

// Larger ones have their places already, so every place is large enough.
static void fill(Places *p) {
    qsort(p->tenant.item, (size_t)p->tenant.count, sizeof *p->tenant.item, by_bytes);
    for (int i = 0; i < p->tenant.count; i++) {
        int best = -1;
        for (int k = 0; k < p->bytes.count; k++)
            if (fits(p, i, k) && (best < 0 || p->bytes.item[k] < p->bytes.item[best])) best = k;
        if (best < 0) {
            best = p->bytes.count;
            list_add(p->f->arena, p->bytes, p->tenant.item[i].bytes);
        }
        p->tenant.item[i].place = best;
    }
}

// --- the order in work

static int by_order(const void *a, const void *b) {
    return ((const Tenant *)a)->order - ((const Tenant *)b)->order;
}

// The tenants of a place one after the other; shared places are numbered.
static void list_place(Places *p, int place, int *number) {
    LoopModule *m = p->f->l->m;
    int count = 0;
    for (int i = 0; i < p->tenant.count; i++) count += p->tenant.item[i].place == place;
    if (count > 1) ++*number;
    for (int i = 0; i < p->tenant.count; i++) {
        if (p->tenant.item[i].place != place) continue;
        p->tenant.item[i].buffer->place = count > 1 ? *number : 0;
        list_add(m->compile->arena, m->buffer, p->tenant.item[i].buffer);
    }
}

// Whole cache lines first, so that each of them begins at a line.
static void list_places(Places *p) {
    LoopModule *m = p->f->l->m;
    int kept = 0, number = 0;
    for (int i = 0; i < m->buffer.count; i++)
        if (m->buffer.item[i]->storage != LOOP_WORK) m->buffer.item[kept++] = m->buffer.item[i];
    m->buffer.count = kept;
    qsort(p->tenant.item, (size_t)p->tenant.count, sizeof *p->tenant.item, by_order);
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < p->bytes.count; k++)
            if ((p->bytes.item[k] % LINE == 0) == (pass == 0)) list_place(p, k, &number);
}

void places_share(Fast *f) {
    Places p = {.f = f};
    LoopModule *m = f->l->m;
    for (int i = 0; i < m->buffer.count; i++)
        if (m->buffer.item[i]->storage == LOOP_WORK) tenant_of(&p, m->buffer.item[i]);
    for (int i = 0; i < f->lifetimes.count; i++) settle(&p, f->lifetimes.item[i]);
    for (int i = 0; i < p.tenant.count; i++)
        if (!p.tenant.item[i].tensor) p.tenant.item[i].is_fixed = true;
    for (int i = 0; i < f->scratch.count; i++) settle_scratch(&p, f->scratch.item[i]);
    fill(&p);
    list_places(&p);
}
