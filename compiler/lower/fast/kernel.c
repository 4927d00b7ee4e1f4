// kernel.c: contractions, out[.., lane] = sum(r: S[.., r] * V[r, .., lane]), and their register
// tiles.
//
// Roles are read off the indices (equations.md, section 6): the lane stands in V only; what stands
// in the result and in S but not in V is a tile: one vector of V, loaded once, serves all of its
// elements, whose accumulators stay in registers. V must lie with the lane innermost; a weight that
// does not is packed, once a function.
#include "lower/fast/winograd.h"

#include <math.h>

// --- finding the contraction

typedef struct SumSearch {
    const Expr *sum;
    int count;
} SumSearch;

static void find_sums(const Expr *e, SumSearch *s) {
    if (e->kind == E_REDUCE) {
        s->sum = e;
        s->count++;
        return;
    }
    for (int i = 0; i < e->arg_count; i++) find_sums(e->arg[i], s);
}

const Expr *kernel_only_sum(const Expr *value) {
    SumSearch s = {NULL, 0};
    find_sums(value, &s);
    return s.count == 1 ? s.sum : NULL;
}

static bool is_number_or_read(const Expr *e) {
    return e->kind == E_READ && !e->tensor->is_int;
}

// --- zero halos: then the conditions of a padded read need not be tested

typedef struct Guards {
    Fast *f;
    Program *p;
    const Expr *guard;
    LIST(const Expr *) left; // conditions that no halo explains
} Guards;

// Whether the condition says that the subscript is inside of the axis, at one of its two ends.
static bool guards_axis(Program *p, const Expr *part, const Expr *subscript, int64_t extent) {
    if (subscript->kind != E_INDEX || part->kind != E_NONNEGATIVE) return false;
    Affine room = affine_add(p, affine_constant(extent - 1), subscript->affine, -1);
    return affine_equal(part->affine, subscript->affine) || affine_equal(part->affine, room);
}

static bool is_explained(Guards *g, const Expr *part, const Expr *read) {
    for (int k = 0; k < read->arg_count; k++)
        if (guards_axis(g->p, part, read->arg[k], read->tensor->axis[k]->extent)) return true;
    return false;
}

static void widen(Fast *f, const Expr *read) {
    for (int k = 0; k < read->arg_count; k++)
        if (read->arg[k]->kind == E_INDEX)
            layout_widen(f, read->tensor, k, affine_low(read->arg[k]->affine),
                         affine_high(read->arg[k]->affine));
}

// Whether a halo of `read`'s tensor makes all conditions needless.
static bool halo_explains(Fast *f, const Expr *guard, const Expr *read) {
    Guards g = {f, f->l->program, guard, {0}};
    int parts = guard->kind == E_AND ? guard->arg_count : 1;
    for (int i = 0; i < parts; i++)
        if (!is_explained(&g, guard->kind == E_AND ? guard->arg[i] : guard, read)) return false;
    return true;
}

// --- packing

typedef struct Pack {
    const Tensor *of, *copy;
    const int *axis; // by axis of the copy: the axis of the weight
} Pack;
typedef LIST(Pack) Packs;

// The copy of a weight with these axes, outermost first.
static const Tensor *packed_copy(Fast *f, const Tensor *t, const int *axis) {
    Program *p = f->l->program;
    Packs *packs = map_get(&f->packed, t);
    if (!packs) map_set(&f->packed, t, packs = (Packs *)arena_alloc(f->arena, sizeof(Packs)));
    for (int i = 0; i < packs->count; i++) {
        bool same = true;
        for (int k = 0; k < t->rank; k++) same = same && packs->item[i].axis[k] == axis[k];
        if (same) return packs->item[i].copy;
    }
    const Index **index = arena_new_array(f->arena, const Index *, t->rank);
    const Expr **subscript = arena_new_array(f->arena, const Expr *, t->rank);
    for (int k = 0; k < t->rank; k++) {
        const Index *of = t->axis[axis[k]];
        index[k] = index_new(p, of->name, of->size, of->extent);
        subscript[axis[k]] = expr_index(p, index[k]);
    }
    Name name = name_printf(p->compile->names, "%s_packed", t->name);
    Tensor *copy = tensor_new(p, name, name, TENSOR_VALUE, false, index, t->rank);
    copy->stage = t->stage;
    copy->span = t->span;
    layout_make(f, copy, t->rank - 1);
    Equation *q = equation_whole(p, copy, expr_read(p, t, subscript));
    list_add(f->arena, f->pack, q);
    Pack pack = {t, copy, axis};
    list_add(f->arena, *packs, pack);
    return copy;
}

// The read of a weight as a read of its packed copy: axes with indices of the result, then those
// that are summed, then the lane.
static const Expr *packed_read(Fast *f, const Expr *read, const Kernel *k, const Index *lane) {
    int *axis = arena_new_array(f->arena, int, read->arg_count);
    const Expr **subscript = arena_new_array(f->arena, const Expr *, read->arg_count);
    int at = 0, last = -1;
    for (int pass = 0; pass <= k->reduce_count; pass++)
        for (int d = 0; d < read->arg_count; d++) {
            int stands = 0; // 0: no summed index; else which
            for (int r = 0; r < k->reduce_count; r++)
                if (expr_uses_index(read->arg[d], k->reduce[r])) stands = r + 1;
            if (expr_uses_index(read->arg[d], lane))
                last = d;
            else if (stands == pass)
                axis[at++] = d;
        }
    axis[at] = last;
    for (int d = 0; d < read->arg_count; d++) subscript[d] = read->arg[axis[d]];
    const Tensor *copy = packed_copy(f, read->tensor, axis);
    // Where the lane begins further on, its last vector may reach beyond the padding.
    int64_t over = (f->lanes - lane->extent % f->lanes) % f->lanes;
    layout_reach(f, copy, at, affine_high(subscript[at]->affine) + over);
    return expr_read(f->l->program, copy, subscript);
}

static bool can_pack(const Expr *read, const Index *lane) {
    int lanes = 0;
    if (read->tensor->role != TENSOR_PARAM && read->tensor->role != TENSOR_STATE) return false;
    for (int d = 0; d < read->arg_count; d++) {
        if (read->arg[d]->kind != E_INDEX) return false;
        if (!expr_uses_index(read->arg[d], lane)) continue;
        if (affine_coefficient(read->arg[d]->affine, lane) != 1) return false;
        lanes++;
    }
    return lanes == 1;
}

const Expr *with_packed(Fast *f, const Expr *e, const Index *lane) {
    if (!expr_uses_index(e, lane) || e->kind == E_REDUCE) return e;
    if (e->kind == E_READ) {
        static const Kernel none = {0};
        return !read_is_vector(f, e, lane) && can_pack(e, lane) ? packed_read(f, e, &none, lane)
                                                                : e;
    }
    const Expr **arg = arena_new_array(f->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = with_packed(f, e->arg[i], lane);
    return expr_rebuild(f->l->program, e, arg);
}

// --- an input with a halo is a copy

const Expr *kernel_with_halo(Fast *f, const Expr *read) {
    const Tensor *t = read->tensor;
    if (t->role == TENSOR_INPUT) {
        Tensor *copy = map_get(&f->copied, t);
        return copy ? expr_read(f->l->program, copy, read->arg) : NULL;
    }
    const Layout *y = layout_of(f, t);
    int lane = layout_lane_axis(f, t);
    if (!y || read->arg[lane]->kind != E_INDEX) return NULL;
    // Vectors are written with their padding, which must not be a halo.
    Affine a = read->arg[lane]->affine;
    return y->scalar || (affine_low(a) >= 0 && affine_high(a) < t->axis[lane]->extent) ? read
                                                                                       : NULL;
}

// --- the order of the sum: what lies closest in memory innermost

static int64_t stride(const Fast *f, const Expr *read, const Index *i) {
    const Layout *y = layout_of(f, read->tensor);
    int64_t step = 1, total = 0;
    for (int k = read->arg_count - 1; k >= 0; k--) {
        int d = y ? y->axis[k] : k;
        if (read->arg[d]->kind == E_INDEX) {
            int64_t c = affine_coefficient(read->arg[d]->affine, i);
            total += (c < 0 ? -c : c) * step;
        }
        step *= y ? y->extent[d] : read->tensor->axis[d]->extent;
    }
    return total;
}

static void order_reduction(const Fast *f, Kernel *k) {
    for (int i = 1; i < k->reduce_count; i++)
        for (int j = i; j > 0; j--) {
            int64_t a = stride(f, k->scalar, k->reduce[j - 1]),
                    b = stride(f, k->scalar, k->reduce[j]);
            if (a >= b) break;
            const Index *swap = k->reduce[j];
            k->reduce[j] = k->reduce[j - 1];
            k->reduce[j - 1] = swap;
        }
}

// --- tiles

// Cycles for one term of the sum over all tiles: a load of V, then multiplications with operands
// from memory, two a cycle; at least the latency of an addition.
static double cost(int64_t extent_a, int64_t a, int64_t extent_b, int64_t b) {
    double total = 0;
    for (int64_t i = 0; i < extent_a; i += a)
        for (int64_t j = 0; j < extent_b; j += b) {
            int64_t rows = extent_a - i < a ? extent_a - i : a,
                    columns = extent_b - j < b ? extent_b - j : b;
            double cycles = ((double)(rows * columns) + 1) / 2;
            total += cycles < 4 ? 4 : cycles;
        }
    return total;
}

static void choose_tile(const Item *item, const Index *lane, Kernel *k) {
    const Index *candidate[8];
    int count = 0;
    for (int i = 0; i < item->index_count && count < 8; i++) {
        const Index *own = item->index[i];
        if (own != lane && expr_uses_index(k->scalar, own) && !expr_uses_index(k->vector, own))
            candidate[count++] = own;
    }
    k->tile_size[0] = k->tile_size[1] = 1;
    double best = INFINITY;
    for (int x = 0; x < count; x++)
        for (int y = x; y < count; y++)
            for (int64_t a = 1; a <= MAX_ACCUMULATORS && a <= candidate[x]->extent; a++)
                for (int64_t b = 1; a * b <= MAX_ACCUMULATORS && b <= candidate[y]->extent; b++) {
                    if (x == y && b > 1) break;
                    double elements =
                        (double)candidate[x]->extent * (x == y ? 1 : (double)candidate[y]->extent);
                    double each =
                        cost(candidate[x]->extent, a, x == y ? 1 : candidate[y]->extent, b) /
                        elements;
                    if (each >= best) continue;
                    best = each;
                    k->tile[0] = candidate[x];
                    k->tile[1] = x == y ? NULL : candidate[y];
                    k->tile_size[0] = a;
                    k->tile_size[1] = b;
                }
}

// --- the kernel

static const Expr *replace(Fast *f, const Expr *e, const Expr *sum, const Expr *by) {
    if (e == sum) return by;
    if (!expr_has_reduction(e)) return e;
    const Expr **arg = arena_new_array(f->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = replace(f, e->arg[i], sum, by);
    return expr_rebuild(f->l->program, e, arg);
}

// Conditions are not tested once a halo explains them, so the other operand must not need them.
static bool is_inside(const Expr *read) {
    for (int k = 0; k < read->arg_count; k++)
        if (read->arg[k]->kind == E_INDEX &&
            (affine_low(read->arg[k]->affine) < 0 ||
             affine_high(read->arg[k]->affine) >= read->tensor->axis[k]->extent))
            return false;
    return true;
}

// How the operands take their parts: the guard must be explained by a halo of the one that is read
// shifted, and the other must lie along the lane, or be a weight that can be packed.
static bool operands_fit(Fast *f, const Expr *guard, const Index *lane, Kernel *k) {
    bool guarded = guard->kind != E_TRUE;
    if (guarded) k->scalar = kernel_with_halo(f, k->scalar);
    if (!k->scalar || (guarded && !halo_explains(f, guard, k->scalar))) return false;
    if (!is_inside(k->vector)) return false;
    k->is_lane_by_lane = expr_uses_index(k->scalar, lane);
    if (k->is_lane_by_lane && !read_is_vector(f, k->scalar, lane)) return false;
    return expr_uses_index(k->vector, lane) &&
           (read_is_vector(f, k->vector, lane) || can_pack(k->vector, lane));
}

// Of two operands that both lie along the lane, the one with indices of the result that the other
// has not is the tile's.
static bool has_tile(const Item *item, const Index *lane, const Kernel *k) {
    for (int i = 0; i < item->index_count; i++) {
        const Index *own = item->index[i];
        if (own != lane && expr_uses_index(k->scalar, own) && !expr_uses_index(k->vector, own))
            return true;
    }
    return false;
}

static bool find_operands(Fast *f, const Item *item, const Expr *sum, const Expr *guard,
                          const Index *lane, Kernel *k) {
    const Expr *body = sum->arg[1];
    if (sum->reduction != REDUCE_SUM || body->kind != E_MUL || body->arg_count != 2) return false;
    if (sum->index_count > 8) return false;
    if (!is_number_or_read(body->arg[0]) || !is_number_or_read(body->arg[1])) return false;
    for (int i = 0; i < 2; i++) {
        k->vector = body->arg[i];
        k->scalar = body->arg[1 - i];
        bool both = expr_uses_index(k->vector, lane) && expr_uses_index(k->scalar, lane);
        if ((!both || has_tile(item, lane, k)) && operands_fit(f, guard, lane, k)) return true;
    }
    return false;
}

// The sum, or `if guard then sum else 0` around it.
typedef struct Chosen {
    const Expr *whole, *guard;
    bool
        fine; // no other condition on indices chooses the sum, beyond which its operands may not be
} Chosen;

static bool contains(const Expr *e, const Expr *sum) {
    if (e == sum) return true;
    for (int i = 0; i < e->arg_count && expr_has_reduction(e); i++)
        if (contains(e->arg[i], sum)) return true;
    return false;
}

static void find_choice(Program *p, const Expr *e, const Expr *sum, Chosen *c) {
    if (e == sum || !contains(e, sum)) return;
    if (e->kind == E_SELECT && e->arg[1] == sum && expr_is_number(e->arg[2], 0) &&
        expr_is_affine_condition(e->arg[0])) {
        c->whole = e;
        c->guard = expr_and(p, e->arg[0], sum->arg[0]);
    } else if (e->kind == E_SELECT && expr_is_affine_condition(e->arg[0])) {
        c->fine = false;
    }
    for (int i = 0; i < e->arg_count; i++) find_choice(p, e->arg[i], sum, c);
}

bool kernel_find(Fast *f, Item *item, const Index *lane, Kernel *k) {
    *k = (Kernel){0};
    const Expr *sum = kernel_only_sum(item->value);
    if (!sum) return false;
    Chosen chosen = {sum, sum->arg[0], true};
    find_choice(f->l->program, item->value, sum, &chosen);
    if (!chosen.fine || !find_operands(f, item, sum, chosen.guard, lane, k)) return false;
    bool innermost = read_is_vector(f, k->vector, lane);
    Local *accumulator = local_new(f->l, "sum", LOOP_VECTOR);
    const Expr *value =
        with_packed(f, replace(f, item->value, chosen.whole, local_read(f->l, accumulator)), lane);
    if (item->op == EQUATION_SET ? !vector_is_possible(f, value, lane) : value->kind != E_READ)
        return false;
    k->sum = sum;
    k->accumulator = accumulator;
    for (int i = 0; i < sum->index_count; i++) k->reduce[k->reduce_count++] = sum->index[i];
    if (chosen.guard->kind != E_TRUE) widen(f, k->scalar);
    order_reduction(f, k);
    k->is_weight = k->vector->tensor->role == TENSOR_PARAM || !innermost;
    if (!innermost) k->vector = packed_read(f, k->vector, k, lane);
    choose_tile(item, lane, k);
    k->winograd = winograd_find(f, item, lane, k);
    item->value = value;
    return true;
}
