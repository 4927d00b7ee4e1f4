// vector.c: clusters as loops over vectors.
//
// A value is a vector of elements along the lane, or a scalar that is the same for all of them.
// What does not change within the loops of the cluster is computed before them. Of a contraction
// each tile is written out: its accumulators are locals, the sum runs around one load of V and a
// multiplication for each accumulator, then every element goes through the rest of the cluster
// while it is in a register.
#include "lower/fast/winograd.h"

typedef struct Vectors {
    Writer *w;
    Cluster *c;
    LoopModule *m;
    Map value; // Tensor to LoopVariable: what the cluster wrote, and what was computed before its
               // loops
    LIST(Local *) early; // computed before the loops, in order
    LIST(const Expr *) early_value;
    Map known; // Expr to its early Local
} Vectors;

static const LoopExpr *vector_of(Vectors *v, const Expr *e);

// --- scalars and vectors together

static const LoopExpr *splat(Vectors *v, const LoopExpr *e) {
    return e->type == LOOP_VECTOR ? e : loop_splat(v->m, loop_convert(v->m, LOOP_REAL, e));
}

static const LoopExpr *binary(Vectors *v, LoopExprKind kind, const LoopExpr *a, const LoopExpr *b) {
    if (a->type == LOOP_VECTOR || b->type == LOOP_VECTOR) {
        a = splat(v, a);
        b = splat(v, b);
    }
    return loop_binary(v->m, kind, a, b);
}

static const LoopExpr *read_of(Vectors *v, const Expr *e) {
    const LoopVariable *known = map_get(&v->value, e->tensor);
    if (known) return loop_read_variable(v->m, known);
    if (!expr_uses_index(e, v->c->lane)) return loop_convert(v->m, LOOP_REAL, write_load(v->w, e));
    const LoopBuffer *buffer = map_get(&v->w->l->buffer, e->tensor);
    return loop_load_vector(v->m, buffer, write_place(v->w, e->tensor, e->arg));
}

static const LoopExpr *sum_of(Vectors *v, const Expr *e) {
    int first = 0;
    while (first < e->arg_count - 1 && expr_is_negative(e->arg[first])) first++;
    const LoopExpr *sum = vector_of(v, e->arg[first]);
    for (int i = 0; i < e->arg_count; i++) {
        if (i == first) continue;
        bool negative = expr_is_negative(e->arg[i]);
        const Expr *term = negative ? expr_negate(v->w->l->program, e->arg[i]) : e->arg[i];
        if (expr_is_negative(term)) negative = false, term = e->arg[i];
        sum = binary(v, negative ? LOOP_SUBTRACT : LOOP_ADD, sum, vector_of(v, term));
    }
    return sum;
}

static const LoopExpr *call_of(Vectors *v, const Expr *e) {
    const LoopExpr *arg[2] = {NULL, NULL};
    bool vector = false;
    for (int i = 0; i < e->arg_count; i++) {
        arg[i] = vector_of(v, e->arg[i]);
        if (arg[i]->type != LOOP_VECTOR) arg[i] = loop_convert(v->m, LOOP_REAL, arg[i]);
        vector = vector || arg[i]->type == LOOP_VECTOR;
    }
    for (int i = 0; vector && i < e->arg_count; i++) arg[i] = splat(v, arg[i]);
    return loop_call(v->m, e->function, arg);
}

static const LoopExpr *condition_of(Vectors *v, const Expr *e) {
    if (e->kind == E_LESS || e->kind == E_LESS_EQUAL || e->kind == E_EQUAL) {
        LoopExprKind kind = e->kind == E_LESS         ? LOOP_LESS
                            : e->kind == E_LESS_EQUAL ? LOOP_LESS_EQUAL
                                                      : LOOP_EQUAL;
        return loop_binary(v->m, kind, splat(v, vector_of(v, e->arg[0])),
                           splat(v, vector_of(v, e->arg[1])));
    }
    if (e->kind == E_NOT) return loop_unary(v->m, LOOP_NOT, condition_of(v, e->arg[0]));
    if (e->kind != E_AND && e->kind != E_OR) return write_condition(v->w, e);
    const LoopExpr *all = condition_of(v, e->arg[0]);
    for (int i = 1; i < e->arg_count; i++)
        all = loop_binary(v->m, e->kind == E_AND ? LOOP_AND : LOOP_OR, all,
                          condition_of(v, e->arg[i]));
    return all;
}

static const LoopExpr *draw_of(Vectors *v, const Expr *e) {
    int64_t stride = affine_coefficient(e->arg[1]->affine, v->c->lane);
    const LoopExpr *sample = write_value(v->w, e->arg[0], LOOP_INT);
    return loop_random_vector(v->m, e->number, e->stream, sample,
                              write_value(v->w, e->arg[1], LOOP_INT), stride);
}

static const LoopExpr *vector_of(Vectors *v, const Expr *e) {
    const LoopExpr *product = NULL;
    switch (e->kind) {
    case E_NUMBER: return loop_number(v->m, LOOP_REAL, e->number);
    case E_BATCH:
    case E_INDEX: return write_value(v->w, e, LOOP_REAL);
    case E_READ: return read_of(v, e);
    case E_ADD: return sum_of(v, e);
    case E_MUL:
        for (int i = 0; i < e->arg_count; i++) {
            const LoopExpr *factor = vector_of(v, e->arg[i]);
            product = product ? binary(v, LOOP_MULTIPLY, product, factor) : factor;
        }
        return product;
    case E_DIV: return binary(v, LOOP_DIVIDE, vector_of(v, e->arg[0]), vector_of(v, e->arg[1]));
    case E_CALL: return call_of(v, e);
    case E_STOP: return vector_of(v, e->arg[0]);
    case E_SELECT:
        return loop_select(v->m, condition_of(v, e->arg[0]), splat(v, vector_of(v, e->arg[1])),
                           splat(v, vector_of(v, e->arg[2])));
    case E_RANDOM: return draw_of(v, e);
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
    internal_error("lower", "a cluster holds what vectors cannot do");
}

// --- what can be computed before the loops

static bool is_changing(const Vectors *v, const Expr *e) {
    const Cluster *c = v->c;
    for (int i = 0; i < c->loop_count; i++)
        if (expr_uses_index(e, c->loop[i])) return true;
    for (int i = 0; i < c->item.count; i++)
        if (expr_reads(e, c->item.item[i]->out)) return true;
    return c->has_kernel && expr_reads(e, c->kernel.accumulator->tensor);
}

static const Expr *before_loops(Vectors *v, const Expr *e) {
    if (e->kind == E_NUMBER || e->kind == E_BATCH || e->kind == E_INDEX || expr_is_condition(e))
        return e;
    Local *local = map_get(&v->known, e);
    if (!local) {
        const char *name = e->kind == E_READ                ? e->tensor->label
                           : expr_uses_index(e, v->c->lane) ? "scale"
                                                            : "factor";
        bool lane = expr_uses_index(e, v->c->lane);
        local = local_new(v->w->l, name ? name : "factor", lane ? LOOP_VECTOR : LOOP_REAL);
        map_set(&v->known, e, local);
        list_add(v->w->l->arena, v->early, local);
        list_add(v->w->l->arena, v->early_value, e);
    }
    return local_read(v->w->l, local);
}

static const Expr *settle(Vectors *v, const Expr *e);

// The factors of a product that do not change are one value.
static const Expr *settle_factors(Vectors *v, const Expr *e, const Expr **fixed) {
    Program *p = v->w->l->program;
    const Expr *changing = expr_number(p, 1);
    int count = e->kind == E_MUL ? e->arg_count : 1;
    *fixed = expr_number(p, 1);
    for (int i = 0; i < count; i++) {
        const Expr *factor = e->kind == E_MUL ? e->arg[i] : e;
        if (is_changing(v, factor))
            changing = expr_multiply(p, changing, settle(v, factor));
        else
            *fixed = expr_multiply(p, *fixed, factor);
    }
    return changing;
}

static const Expr *settle(Vectors *v, const Expr *e) {
    Program *p = v->w->l->program;
    if (!is_changing(v, e)) return before_loops(v, e);
    if (e->kind == E_MUL || e->kind == E_DIV) {
        const Expr *fixed, *fixed_below = expr_number(p, 1), *below = expr_number(p, 1);
        const Expr *changing = settle_factors(v, e->kind == E_DIV ? e->arg[0] : e, &fixed);
        if (e->kind == E_DIV) below = settle_factors(v, e->arg[1], &fixed_below);
        fixed = expr_divide(p, fixed, fixed_below);
        if (!expr_is_constant(fixed)) fixed = before_loops(v, fixed);
        return expr_divide(p, expr_multiply(p, fixed, changing), below);
    }
    if (e->kind == E_READ || e->arg_count == 0) return e;
    // What a condition on indices chooses may be out of range elsewhere.
    if (e->kind == E_SELECT && expr_is_affine_condition(e->arg[0])) return e;
    const Expr **arg = arena_new_array(v->w->l->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = settle(v, e->arg[i]);
    return expr_rebuild(p, e, arg);
}

static void declare(Vectors *v, Local *local, const LoopExpr *value, bool is_const) {
    LoopType type = value->type == LOOP_VECTOR ? LOOP_VECTOR : LOOP_REAL;
    const Tensor *t = local->tensor;
    LoopVariable *variable =
        loop_variable_new(v->m, write_name(v->w, t->label ? t->label : t->name, NULL), type);
    if (type == LOOP_REAL) value = loop_convert(v->m, LOOP_REAL, value);
    loop_declare(v->w->b, variable, value, is_const);
    map_set(&v->value, t, variable);
}

static void declare_early(Vectors *v) {
    for (int i = 0; i < v->early.count; i++)
        declare(v, v->early.item[i], vector_of(v, v->early_value.item[i]), true);
}

// --- elements

static const LoopExpr *zero(Vectors *v) {
    return loop_splat(v->m, loop_number(v->m, LOOP_REAL, 0));
}

static LoopVariable *variable_new(Vectors *v, const char *hint) {
    return loop_variable_new(v->m, write_name(v->w, hint, NULL), LOOP_VECTOR);
}

// The value of item i at one vector of elements: kept in a local, stored where it has a place,
// added where it is a sum.
static void write_element(Vectors *v, int i, const IndexMap *map, int count,
                          LoopVariable *const *sums) {
    Program *p = v->w->l->program;
    const Item *item = v->c->item.item[i];
    const LoopExpr *value = splat(v, vector_of(v, expr_substitute(p, item->value, map, count)));
    if (v->c->is_sum.item[i]) {
        loop_assign(v->w->b, sums[i], LOOP_ADD_TO, value);
        return;
    }
    const LoopBuffer *to = map_get(&v->w->l->buffer, item->out);
    if (item->op == EQUATION_SET) {
        const char *hint = item->out->label ? item->out->label : item->out->name;
        LoopVariable *element = variable_new(v, hint);
        loop_declare(v->w->b, element, value, true);
        map_set(&v->value, item->out, element);
        value = loop_read_variable(v->m, element);
    }
    if (!to) return;
    const Expr **subscript = arena_new_array(v->w->l->arena, const Expr *, item->out->rank + 1);
    for (int d = 0; d < item->out->rank; d++)
        subscript[d] = expr_substitute(p, item->subscript[d], map, count);
    loop_store(v->w->b, to, write_place(v->w, item->out, subscript),
               item->op == EQUATION_ADD ? LOOP_ADD_TO : LOOP_SET, value);
}

static void write_elements(Vectors *v, const IndexMap *map, int count, LoopVariable *const *sums) {
    int scope = v->w->scope.count;
    for (int i = 0; i < v->c->item.count; i++) write_element(v, i, map, count, sums);
    // A recurrence reads another element of what it writes: that is not in a register.
    for (int i = 0; i < v->c->item.count; i++) map_set(&v->value, v->c->item.item[i]->out, NULL);
    v->w->scope.count = scope;
}

// --- loops

static void open_loop(Vectors *v, const Index *index, int64_t high, int64_t step) {
    LoopVariable *variable = loop_variable_new(v->m, write_name(v->w, index->name, NULL), LOOP_INT);
    map_set(&v->w->variable, index, variable);
    const LoopExpr *last =
        index->is_sample ? loop_read_variable(v->m, v->w->f->N) : loop_integer(v->m, high, NULL);
    loop_begin_for_step(v->w->b, variable, loop_integer(v->m, 0, NULL), last, step);
}

static int64_t lane_room(const Vectors *v) {
    int64_t lanes = v->m->lanes, extent = v->c->lane->extent;
    return (extent + lanes - 1) / lanes * lanes;
}

// The loop over the vectors of the lane, around all others. Threads share it by blocks.
static void open_lane(Vectors *v) {
    if (!v->c->is_parallel) {
        open_loop(v, v->c->lane, lane_room(v), v->m->lanes);
        return;
    }
    LoopVariable *block = loop_variable_new(v->m, write_name(v->w, "block", NULL), LOOP_INT);
    loop_begin_for(v->w->b, block, loop_integer(v->m, 0, NULL),
                   loop_integer(v->m, lane_room(v) / v->m->lanes, NULL), false, true);
    LoopVariable *first =
        loop_variable_new(v->m, write_name(v->w, v->c->lane->name, NULL), LOOP_INT);
    map_set(&v->w->variable, v->c->lane, first);
    const LoopExpr *from = loop_binary(v->m, LOOP_MULTIPLY, loop_integer(v->m, v->m->lanes, NULL),
                                       loop_read_variable(v->m, block));
    loop_declare(v->w->b, first, from, true);
}

// --- contractions

typedef struct Tile {
    Vectors *v;
    LoopVariable *const *sums;
    const Index *base[2]; // the loop's index; NULL: the tile begins at `from`
    int64_t from[2], size[2];
} Tile;

static void element_map(const Tile *t, int64_t a, int64_t b, IndexMap map[2], int *count) {
    Program *p = t->v->w->l->program;
    const Kernel *k = &t->v->c->kernel;
    int64_t offset[2] = {a, b};
    *count = 0;
    for (int i = 0; i < 2; i++) {
        if (!k->tile[i]) continue;
        Affine at = affine_constant(t->from[i] + offset[i]);
        // In transformed tiles the loop counts tiles.
        int64_t step = k->winograd ? k->tile_size[i] : 1;
        if (t->base[i]) at = affine_add(p, at, affine_index(p, t->base[i]), step);
        map[(*count)++] = (IndexMap){k->tile[i], at};
    }
}

// One address for all elements of the tile.
static const LoopView *view_of(const Tile *t) {
    Vectors *v = t->v;
    IndexMap map[2];
    int count;
    element_map(t, 0, 0, map, &count);
    const Expr *read = expr_substitute(v->w->l->program, v->c->kernel.scalar, map, count);
    const LoopBuffer *buffer = map_get(&v->w->l->buffer, read->tensor);
    return loop_view(v->w->b, write_name(v->w, "at", NULL), buffer,
                     write_place(v->w, read->tensor, read->arg));
}

// How many elements further element (a, b) of the tile lies.
static int64_t view_offset(const Tile *t, const LoopView *at, int64_t a, int64_t b) {
    const Kernel *k = &t->v->c->kernel;
    const Layout *y = layout_of(t->v->c->fast, k->scalar->tensor);
    int64_t stride = 1, offset = 0, steps[2] = {a, b};
    for (int position = k->scalar->arg_count - 1; position >= 0; position--) {
        Affine subscript = k->scalar->arg[y ? y->axis[position] : position]->affine;
        for (int i = 0; i < 2; i++)
            if (k->tile[i]) offset += affine_coefficient(subscript, k->tile[i]) * steps[i] * stride;
        stride *= at->buffer->shape[position];
    }
    return offset;
}

static void write_terms(Tile *t, LoopVariable *const *accumulator) {
    Vectors *v = t->v;
    const Kernel *k = &v->c->kernel;
    Program *p = v->w->l->program;
    int scope = v->w->scope.count;
    for (int i = 0; i < k->reduce_count; i++) open_loop(v, k->reduce[i], k->reduce[i]->extent, 1);
    LoopVariable *row = variable_new(v, "row");
    loop_declare(v->w->b, row, read_of(v, k->vector), true);
    const LoopView *at = view_of(t);
    for (int64_t a = 0; a < t->size[0]; a++)
        for (int64_t b = 0; b < t->size[1]; b++) {
            IndexMap map[2];
            int count;
            element_map(t, a, b, map, &count);
            const Expr *read = expr_substitute(p, k->scalar, map, count);
            const LoopExpr **place = write_place(v->w, read->tensor, read->arg);
            int64_t offset = view_offset(t, at, a, b);
            const LoopExpr *x = k->is_lane_by_lane
                                    ? loop_load_vector_at(v->m, at, offset, place)
                                    : splat(v, loop_load_at(v->m, at, offset, place));
            loop_assign(v->w->b, accumulator[a * t->size[1] + b], LOOP_ADD_TO,
                        loop_binary(v->m, LOOP_MULTIPLY, x, loop_read_variable(v->m, row)));
        }
    for (int i = 0; i < k->reduce_count; i++) loop_end(v->w->b);
    v->w->scope.count = scope;
}

// The accumulators from the products of transformed tiles.
static void write_transformed(Tile *t, LoopVariable **accumulator) {
    Vectors *v = t->v;
    Winograd *g = v->c->kernel.winograd;
    const LoopExpr *number[2];
    for (int i = 0; i < 2; i++)
        number[i] = t->base[i] ? write_affine(v->w, affine_index(v->w->l->program, t->base[i]))
                               : loop_integer(v->m, t->from[i] / g->m, NULL);
    const LoopExpr *lane = write_affine(v->w, affine_index(v->w->l->program, v->c->lane));
    winograd_write_tile(v->w, g, number, t->size, lane, accumulator);
}

static void write_tile(Tile *t) {
    Vectors *v = t->v;
    LoopVariable *accumulator[MAX_ACCUMULATORS];
    int scope = v->w->scope.count;
    if (v->c->kernel.winograd) {
        write_transformed(t, accumulator);
    } else {
        for (int64_t i = 0; i < t->size[0] * t->size[1]; i++) {
            accumulator[i] = variable_new(v, "sum");
            loop_declare(v->w->b, accumulator[i], zero(v), false);
        }
        write_terms(t, accumulator);
    }
    for (int64_t a = 0; a < t->size[0]; a++)
        for (int64_t b = 0; b < t->size[1]; b++) {
            IndexMap map[2];
            int count;
            element_map(t, a, b, map, &count);
            map_set(&v->value, v->c->kernel.accumulator->tensor, accumulator[a * t->size[1] + b]);
            loop_begin_block(v->w->b);
            write_elements(v, map, count, t->sums);
            loop_end(v->w->b);
        }
    v->w->scope.count = scope;
}

// The whole tiles of an index, then what is left over.
static void write_tiles(Tile *t, int i) {
    const Kernel *k = &t->v->c->kernel;
    if (i == 2) {
        write_tile(t);
        return;
    }
    t->from[i] = 0;
    t->base[i] = NULL;
    t->size[i] = 1;
    if (!k->tile[i]) {
        write_tiles(t, i + 1);
        return;
    }
    int64_t extent = k->tile[i]->extent, size = k->tile_size[i], whole = extent / size * size;
    t->size[i] = size;
    int scope = t->v->w->scope.count;
    if (whole == size) {
        loop_begin_block(t->v->w->b);
        write_tiles(t, i + 1);
        loop_end(t->v->w->b);
    } else {
        t->base[i] = index_new(t->v->w->l->program, k->tile[i]->name, NULL, extent);
        if (k->winograd)
            open_loop(t->v, t->base[i], whole / size, 1);
        else
            open_loop(t->v, t->base[i], whole, size);
        write_tiles(t, i + 1);
        loop_end(t->v->w->b);
    }
    t->v->w->scope.count = scope;
    if (whole == extent) return;
    t->base[i] = NULL;
    t->from[i] = whole;
    t->size[i] = extent - whole;
    loop_begin_block(t->v->w->b);
    write_tiles(t, i + 1);
    loop_end(t->v->w->b);
    t->v->w->scope.count = scope;
}

// --- the cluster

static bool has_sums(const Cluster *c) {
    for (int i = 0; i < c->item.count; i++)
        if (c->is_sum.item[i]) return true;
    return false;
}

static bool is_tile(const Cluster *c, const Index *i) {
    return c->has_kernel && (c->kernel.tile[0] == i || c->kernel.tile[1] == i);
}

static void write_loops(Vectors *v, LoopVariable *const *sums, bool lane_inside) {
    Cluster *c = v->c;
    int opened = 0;
    for (int i = 0; i < c->loop_count; i++) {
        if (is_tile(c, c->loop[i])) continue;
        open_loop(v, c->loop[i], c->loop[i]->extent, 1);
        opened++;
    }
    if (lane_inside) open_loop(v, c->lane, lane_room(v), v->m->lanes);
    if (c->has_kernel) {
        Tile t = {.v = v, .sums = sums};
        write_tiles(&t, 0);
    } else {
        write_elements(v, NULL, 0, sums);
    }
    for (int i = 0; i < opened + lane_inside; i++) loop_end(v->w->b);
}

static void store_sum(Vectors *v, const Item *item, const LoopVariable *sum) {
    const LoopBuffer *to = map_get(&v->w->l->buffer, item->out);
    loop_store(v->w->b, to, write_place(v->w, item->out, item->subscript),
               item->op == EQUATION_ADD ? LOOP_ADD_TO : LOOP_SET, loop_read_variable(v->m, sum));
}

void cluster_write(Writer *w, Cluster *c) {
    Arena *arena = w->l->arena;
    if (c->kernel.winograd) winograd_write_products(w, c->kernel.winograd);
    if (c->kernel.winograd && c->kernel.winograd->is_sum) return;
    Vectors v = {.w = w, .c = c, .m = w->m, .value.arena = arena, .known.arena = arena};
    int scope = w->scope.count;
    for (int i = 0; i < c->item.count; i++)
        c->item.item[i]->value = settle(&v, c->item.item[i]->value);
    // What is computed before the loops depends on the lane, so with it the lane is the outermost
    // loop.
    bool lane_outside =
        has_sums(c) || c->has_kernel || v.early.count || c->loop_count == 0 || c->is_parallel;
    if (lane_outside) open_lane(&v);
    declare_early(&v);
    LoopVariable **sums = arena_new_array(arena, LoopVariable *, c->item.count + 1);
    for (int i = 0; i < c->item.count; i++) {
        if (!c->is_sum.item[i]) continue;
        sums[i] = variable_new(&v, "total");
        loop_declare(w->b, sums[i], zero(&v), false);
    }
    write_loops(&v, sums, !lane_outside);
    for (int i = 0; i < c->item.count; i++)
        if (c->is_sum.item[i]) store_sum(&v, c->item.item[i], sums[i]);
    if (lane_outside) loop_end(w->b);
    w->scope.count = scope;
}
