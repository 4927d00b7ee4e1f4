// winograd.c: which contractions are done in transformed tiles: those with a window of 3x3 in steps
// of one, over an operand that lies with its channels innermost, where a count of cycles says that
// it pays.
#include "lower/fast/winograd.h"

#include <string.h>

// --- the matrices of tiles of 2 and 4 (Lavin, Gray, sections 4.1 and 4.3)

static const Matrix x2 = {4, 4, {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}}};
static const Matrix w2 = {4, 3, {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}}};
static const Matrix y2 = {2, 4, {{1, 1, 1, 0}, {0, 1, -1, -1}}};
static const Matrix w2_adjoint = {3, 4, {{1, 0.5, 0.5, 0}, {0, 0.5, -0.5, 0}, {0, 0.5, 0.5, 1}}};
static const Matrix y2_adjoint = {4, 2, {{1, 0}, {1, 1}, {1, -1}, {0, -1}}};

static const Matrix x4 = {6,
                          6,
                          {{4, 0, -5, 0, 1, 0},
                           {0, -4, -4, 1, 1, 0},
                           {0, 4, -4, -1, 1, 0},
                           {0, -2, -1, 2, 1, 0},
                           {0, 2, -1, -2, 1, 0},
                           {0, 4, 0, -5, 0, 1}}};
static const Matrix w4 = {6,
                          3,
                          {{1.0 / 4, 0, 0},
                           {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                           {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                           {1.0 / 24, 1.0 / 12, 1.0 / 6},
                           {1.0 / 24, -1.0 / 12, 1.0 / 6},
                           {0, 0, 1}}};
static const Matrix y4 = {
    4, 6, {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}}};
static const Matrix w4_adjoint = {3,
                                  6,
                                  {{1.0 / 4, -1.0 / 6, -1.0 / 6, 1.0 / 24, 1.0 / 24, 0},
                                   {0, -1.0 / 6, 1.0 / 6, 1.0 / 12, -1.0 / 12, 0},
                                   {0, -1.0 / 6, -1.0 / 6, 1.0 / 6, 1.0 / 6, 1}}};
static const Matrix y4_adjoint = {
    6, 4, {{1, 0, 0, 0}, {1, 1, 1, 1}, {1, -1, 1, -1}, {1, 2, 4, 8}, {1, -2, 4, -8}, {0, 0, 0, 1}}};

const Matrix *winograd_matrix(int m, WinogradMap which) {
    switch (which) {
    case MAP_X: return m == 4 ? &x4 : &x2;
    case MAP_W: return m == 4 ? &w4 : &w2;
    case MAP_Y: return m == 4 ? &y4 : &y2;
    case MAP_W_ADJOINT: return m == 4 ? &w4_adjoint : &w2_adjoint;
    case MAP_Y_ADJOINT: return m == 4 ? &y4_adjoint : &y2_adjoint;
    }
    return NULL;
}

// --- the window

// Of a subscript i + r + low or i - r + low: i steps by one, r is the other index.
static bool split_subscript(const Expr *e, const Index *i, const Index **r, bool *flip,
                            int64_t *low) {
    if (e->kind != E_INDEX || e->affine.count != 2 || affine_coefficient(e->affine, i) != 1)
        return false;
    const AffineTerm *term = e->affine.term;
    int other = term[0].index == i ? 1 : 0;
    *r = term[other].index;
    *flip = term[other].coefficient == -1;
    *low = e->affine.constant - (*flip ? 2 : 0);
    return (*r)->extent == 3 && (term[other].coefficient == 1 || *flip);
}

// The two axes of the scalar operand over which the window runs, where the indices that walk are
// among `walk`.
static bool find_window(const Kernel *k, const Index *const *walk, int walks, Winograd *g) {
    const Expr *x = k->scalar;
    int found = 0;
    for (int d = 0; d < x->arg_count; d++)
        for (int i = 0; i < walks; i++) {
            const Index *r;
            bool flip;
            int64_t low;
            if (!split_subscript(x->arg[d], walk[i], &r, &flip, &low)) continue;
            if (found == 2) return false;
            g->window[found] = r;
            g->flip[found] = flip;
            g->x.across[found] = walk[i];
            g->x.axis[found] = d;
            g->x.low[found++] = low;
        }
    return found == 2 && g->window[0] != g->window[1] && g->x.across[0] != g->x.across[1];
}

static int uses(const Expr *read, const Index *i) {
    int count = 0;
    for (int d = 0; d < read->arg_count; d++) count += expr_uses_index(read->arg[d], i);
    return count;
}

static bool is_among(const Index *i, const Index *const *list, int count) {
    for (int k = 0; k < count; k++)
        if (list[k] == i) return true;
    return false;
}

// The innermost axis of a read, if whole vectors along its index may be loaded.
static const Index *channel_of(const Fast *f, const Expr *read) {
    int axis = layout_lane_axis(f, read->tensor);
    if (!layout_of(f, read->tensor) || !layout_is_padded(f, read->tensor)) return NULL;
    return expr_bare_index(read->arg[axis]);
}

static bool stands_once(const Winograd *g, const Expr *read) {
    const Index *const index[] = {g->window[0], g->window[1], g->channel, g->lane};
    for (int i = 0; i < 4; i++)
        if (uses(read, index[i]) > 1) return false;
    return true;
}

// Y[.., p, q, lane] = sum(c, r, s: X[p + r, q + s, c] * W[r, s, c, lane]).
static bool find_map(const Item *item, const Kernel *k, Winograd *g) {
    if (k->reduce_count != 3 || item->index_count != 3 || k->vector->arg_count != 4) return false;
    if (!find_window(k, item->index, item->index_count, g)) return false;
    const Index *const own[] = {g->window[0], g->window[1], g->channel};
    for (int i = 0; i < 3; i++) {
        if (!is_among(own[i], k->reduce, 3) || uses(k->vector, own[i]) != 1) return false;
        if (uses(k->scalar, own[i]) != 1) return false;
    }
    for (int d = 0; d < 4; d++)
        if (!expr_bare_index(k->vector->arg[d])) return false;
    g->weight = k->vector;
    return true;
}

// dW[c, r, s, lane] += sum(p, q: X[p + r, q + s, c] * dY[p, q, lane]).
static bool find_sum(const Item *item, const Kernel *k, Winograd *g) {
    if (k->reduce_count != 2 || item->index_count != 4) return false;
    if (!find_window(k, k->reduce, 2, g)) return false;
    const Index *const own[] = {g->window[0], g->window[1], g->channel, g->lane};
    for (int i = 0; i < 4; i++)
        if (!is_among(own[i], item->index, 4)) return false;
    for (int i = 0; i < 2; i++) {
        int d = 0;
        while (d < k->vector->arg_count && expr_bare_index(k->vector->arg[d]) != g->x.across[i])
            d++;
        if (d == k->vector->arg_count || uses(k->vector, g->x.across[i]) != 1) return false;
        g->y.axis[i] = d;
        g->y.across[i] = g->x.across[i];
    }
    g->y.read = k->vector;
    return true;
}

// --- whether it pays

typedef struct Extents {
    double pixels, channels, channel_vectors, lane_vectors, chunk, batch;
} Extents;

static double vectors(const Fast *f, const Index *i) {
    return (double)((i->extent + f->lanes - 1) / f->lanes);
}

static Extents extents_of(const Fast *f, const Winograd *g) {
    return (Extents){.pixels = (double)(g->x.across[0]->extent * g->x.across[1]->extent),
                     .channels = (double)g->channel->extent,
                     .channel_vectors = vectors(f, g->channel),
                     .lane_vectors = vectors(f, g->lane),
                     .chunk = (double)f->chunk_size,
                     .batch = (double)(f->chunk_size * f->chunks)};
}

// Cycles of a sample, as measured: two products a cycle, at most part of the time; transforms take
// some cycles for each vector that they make; those of weights and results are shared by a batch or
// a chunk.
static double direct_cycles(const Extents *x) {
    return x->pixels * 9 * x->channels * x->lane_vectors / 2 / 0.8;
}

static double winograd_cycles(const Extents *x, bool is_sum, int m, double tiles) {
    const double points = (m + 2) * (m + 2), small = points * x->channels * x->lane_vectors;
    double products = small * tiles / 2 / 0.75;
    double transforms = tiles * points * (4.5 * x->channel_vectors + 3 * x->lane_vectors);
    double once = is_sum ? 2 * small + 5 * small / x->chunk : 5 * small / x->batch;
    return products + transforms + once;
}

enum { SCRATCH_MAX = 1 << 18 }; // elements: what should stay in the second cache

static int64_t padded(const Fast *f, const Index *i) {
    return (i->extent + f->lanes - 1) / f->lanes * f->lanes;
}

static void set_tiles(Winograd *g, int m) {
    g->m = m;
    for (int i = 0; i < 2; i++) g->tiles[i] = (g->x.across[i]->extent + m - 1) / m;
}

static bool fits(const Fast *f, const Winograd *g) {
    int64_t points = (g->m + 2) * (g->m + 2), tiles = g->tiles[0] * g->tiles[1];
    return points * tiles * (padded(f, g->channel) + padded(f, g->lane)) <= SCRATCH_MAX &&
           points * padded(f, g->channel) * padded(f, g->lane) <= SCRATCH_MAX;
}

// The side of the tile that takes the fewest cycles; false if none is clearly better than the
// window as it stands.
static bool choose_side(const Fast *f, Winograd *g) {
    Extents x = extents_of(f, g);
    double best = 0.85 * direct_cycles(&x);
    int chosen = 0;
    for (int m = 2; m <= 4; m += 2) {
        set_tiles(g, m);
        double cycles = winograd_cycles(&x, g->is_sum, m, (double)(g->tiles[0] * g->tiles[1]));
        if (!fits(f, g) || cycles >= best) continue;
        best = cycles;
        chosen = m;
    }
    if (chosen) set_tiles(g, chosen);
    return chosen != 0;
}

// --- room

// A buffer for a transform; those of one shape are one buffer, because each is read right after it
// was written. The chunk, if there are chunks, is the first axis.
static LoopBuffer *scratch(Fast *f, const char *name, bool by_chunk, bool shared,
                           const int64_t shape[3]) {
    int64_t whole[4] = {f->chunks, shape[0], shape[1], shape[2]};
    const int64_t *used = by_chunk ? whole : whole + 1;
    int rank = by_chunk ? 4 : 3;
    for (int i = 0; shared && i < f->scratch.count; i++) {
        const Scratch *other = f->scratch.item[i];
        LoopBuffer *b = other->buffer;
        bool same = other->is_shared && strcmp(other->name, name) == 0 && b->rank == rank;
        if (!same) continue;
        for (int k = 0; k < rank; k++) same = same && b->shape[k] == used[k];
        if (same) return b;
    }
    LoopBuffer *b =
        loop_buffer_new(f->l->m, LOOP_WORK, LOOP_REAL, name_take(f->l, name), rank, used);
    Scratch *own = arena_new_item(f->arena, Scratch);
    *own = (Scratch){.name = name, .buffer = b, .is_shared = shared};
    list_add(f->arena, f->scratch, own);
    return b;
}

static void make_patch(Fast *f, Patch *p, const Winograd *g, int step, const Matrix *map,
                       const Index *lane) {
    bool by_chunk = g->chunk != NULL;
    p->step = step;
    p->map = map;
    p->lane = lane;
    int64_t columns = step * (g->tiles[1] - 1) + map->columns;
    int64_t row[] = {map->rows, columns, padded(f, lane)};
    int64_t all[] = {map->rows * map->rows, g->tiles[0] * g->tiles[1], padded(f, lane)};
    p->row = scratch(f, "winograd_row", by_chunk, true, row);
    p->all = scratch(f, p == &g->x ? "winograd_x" : "winograd_y", by_chunk, true, all);
    for (int i = 0; i < 2; i++)
        layout_widen(f, p->read->tensor, p->axis[i], p->low[i],
                     p->low[i] + step * (g->tiles[i] - 1) + map->columns - 1);
}

static void make_room(Fast *f, Winograd *g) {
    const int64_t points = (g->m + 2) * (g->m + 2), side = g->m + 2;
    const int64_t lanes = padded(f, g->lane);
    bool by_chunk = g->chunk != NULL;
    make_patch(f, &g->x, g, g->m, winograd_matrix(g->m, MAP_X), g->channel);
    int64_t strip[] = {side, side, lanes};
    g->strip = scratch(f, "winograd_strip", by_chunk, true, strip);
    int64_t weights[] = {points, g->channel->extent, lanes};
    if (g->is_sum) {
        make_patch(f, &g->y, g, g->m, winograd_matrix(g->m, MAP_Y_ADJOINT), g->lane);
        g->product = scratch(f, "winograd_sum", by_chunk, false, weights);
        return;
    }
    int64_t product[] = {points, g->tiles[0] * g->tiles[1], lanes};
    g->weights = scratch(f, "winograd_weight", false, false, weights);
    g->product = scratch(f, "winograd_product", by_chunk, true, product);
}

// --- all together

static bool has_room_around(Fast *f, const Expr *read) {
    return layout_of(f, read->tensor) && kernel_with_halo(f, read) == read;
}

Winograd *winograd_find(Fast *f, const Item *item, const Index *lane, Kernel *k) {
    if (f->l->options.exact || k->is_lane_by_lane) return NULL;
    Winograd *g = arena_new_item(f->arena, Winograd);
    g->item = item;
    g->lane = lane;
    g->chunk = f->chunk;
    g->is_sum = item->op == EQUATION_ADD;
    g->channel = channel_of(f, k->scalar);
    g->x.read = k->scalar;
    if (!g->channel || g->channel == lane || channel_of(f, k->vector) != lane) return NULL;
    if (!(g->is_sum ? find_sum(item, k, g) : find_map(item, k, g)) || !stands_once(g, k->scalar))
        return NULL;
    if (g->is_sum ? !g->chunk || !k->vector->tensor->per_sample : !k->is_weight) return NULL;
    if (!has_room_around(f, k->scalar) || (g->is_sum && !has_room_around(f, k->vector)))
        return NULL;
    if (!choose_side(f, g)) return NULL;
    make_room(f, g);
    for (int i = 0; i < 2 && !g->is_sum; i++) {
        k->tile[i] = g->x.across[i];
        k->tile_size[i] = g->m;
    }
    return g;
}

int winograd_buffers(const Winograd *g, const LoopBuffer *buffer[WINOGRAD_BUFFERS]) {
    const LoopBuffer *const all[WINOGRAD_BUFFERS] = {g->x.row,   g->x.all,   g->y.row, g->y.all,
                                                     g->weights, g->product, g->strip};
    int count = 0;
    for (int i = 0; i < WINOGRAD_BUFFERS; i++)
        if (all[i]) buffer[count++] = all[i];
    return count;
}
