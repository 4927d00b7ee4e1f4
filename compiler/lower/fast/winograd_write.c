// winograd_write.c: transforms and products of a Winograd contraction as loops over vectors.
//
// A transform of a patch is two passes of a linear map: along the columns, for a whole row of
// tiles, into scratch; then along the rows. Only additions and a few multiplications with constants
// remain of a map: columns and rows that differ in signs alone share their sums and differences.
#include "lower/fast/winograd.h"

#include <math.h>

typedef struct Scope {
    Writer *w;
    Winograd *g;
    LoopModule *m;
    int names;             // in force before
    const LoopExpr *chunk; // NULL: buffers have no such axis
} Scope;

static Scope open_scope(Writer *w, Winograd *g, bool in_chunk) {
    Scope s = {.w = w, .g = g, .m = w->m, .names = w->scope.count};
    if (g->chunk)
        s.chunk = in_chunk ? write_affine(w, affine_index(w->l->program, g->chunk))
                           : loop_integer(w->m, 0, NULL);
    return s;
}

static void close_scope(Scope *s) {
    s->w->scope.count = s->names;
}

// --- loops and elements

static const LoopExpr *number(const Scope *s, int64_t value) {
    return loop_integer(s->m, value, NULL);
}

// Opens a loop over 0 .. high; the index then stands for its variable.
static const LoopExpr *begin_index(Scope *s, const Index *index, int64_t high, int64_t step) {
    LoopVariable *v = loop_variable_new(s->m, write_name(s->w, index->name, NULL), LOOP_INT);
    map_set(&s->w->variable, index, v);
    loop_begin_for_step(s->w->b, v, number(s, 0), number(s, high), step);
    return loop_read_variable(s->m, v);
}

static const Index *index_named(const Scope *s, const char *name, int64_t extent) {
    Program *p = s->w->l->program;
    return index_new(p, name_of(p->compile->names, name), NULL, extent);
}

static const LoopExpr *begin(Scope *s, const char *name, int64_t high, int64_t step) {
    return begin_index(s, index_named(s, name, high), high, step);
}

static const LoopExpr *begin_lane(Scope *s, const Index *lane) {
    int64_t lanes = s->m->lanes, room = (lane->extent + lanes - 1) / lanes * lanes;
    return begin_index(s, lane, room, lanes);
}

static void end(Scope *s, int loops) {
    for (int i = 0; i < loops; i++) loop_end(s->w->b);
}

static const LoopExpr *plus(const Scope *s, const LoopExpr *a, const LoopExpr *b) {
    return loop_binary(s->m, LOOP_ADD, a, b);
}

// a*times + offset
static const LoopExpr *scaled(const Scope *s, const LoopExpr *a, int64_t times, int64_t offset) {
    return plus(s, loop_binary(s->m, LOOP_MULTIPLY, number(s, times), a), number(s, offset));
}

typedef struct Corner {
    const LoopExpr *at[4];
} Corner;

// The subscripts of an element of scratch, with the chunk where there is one.
static Corner place(const Scope *s, const LoopBuffer *b, const LoopExpr *x, const LoopExpr *y,
                    const LoopExpr *z) {
    if (b->rank == 3) return (Corner){{x, y, z}};
    return (Corner){{s->chunk, x, y, z}};
}

static const LoopExpr *load(const Scope *s, const LoopBuffer *b, const LoopExpr *x,
                            const LoopExpr *y, const LoopExpr *z) {
    return loop_load_vector(s->m, b, place(s, b, x, y, z).at);
}

static void store(const Scope *s, const LoopBuffer *b, const LoopExpr *x, const LoopExpr *y,
                  const LoopExpr *z, const LoopExpr *value) {
    loop_store(s->w->b, b, place(s, b, x, y, z).at, LOOP_SET, value);
}

static LoopVariable *declare(Scope *s, const char *name, const LoopExpr *value, bool is_const) {
    LoopVariable *v = loop_variable_new(s->m, write_name(s->w, name, NULL), LOOP_VECTOR);
    loop_declare(s->w->b, v, value, is_const);
    return v;
}

static const LoopExpr *named(Scope *s, const char *name, const LoopExpr *value) {
    return loop_read_variable(s->m, declare(s, name, value, true));
}

static const LoopExpr *zero(const Scope *s) {
    return loop_splat(s->m, loop_number(s->m, LOOP_REAL, 0));
}

// --- linear maps

static const LoopExpr *times(const Scope *s, double factor, const LoopExpr *x) {
    if (factor == 1) return x;
    const LoopExpr *c = loop_splat(s->m, loop_number(s->m, LOOP_REAL, factor));
    return loop_binary(s->m, LOOP_MULTIPLY, c, x);
}

// The sum of coefficient*term, beginning with one that is positive.
static const LoopExpr *linear(const Scope *s, const double *coefficient,
                              const LoopExpr *const *term, int count) {
    int first = 0;
    while (first < count - 1 && coefficient[first] <= 0) first++;
    const LoopExpr *sum = NULL;
    for (int k = 0; k < count; k++) {
        int i = k == 0 ? first : k <= first ? k - 1 : k;
        double c = coefficient[i];
        if (c == 0) continue;
        if (!sum)
            sum = times(s, c, term[i]);
        else
            sum = loop_binary(s->m, c < 0 ? LOOP_SUBTRACT : LOOP_ADD, sum,
                              times(s, fabs(c), term[i]));
    }
    return sum ? sum : zero(s);
}

// Whether two lists of numbers differ in signs, and not in all of them.
static bool differ_in_signs(const double *a, const double *b, int count) {
    bool same = false, opposite = false;
    for (int i = 0; i < count; i++) {
        if (fabs(a[i]) != fabs(b[i])) return false;
        same = same || (a[i] != 0 && a[i] == b[i]);
        opposite = opposite || (a[i] != 0 && a[i] != b[i]);
    }
    return same && opposite;
}

// Terms c and c+1 become their sum and their difference where every row takes them up to signs.
static void pair_columns(Scope *s, Matrix *a, const LoopExpr **term) {
    for (int c = 0; c + 1 < a->columns; c++) {
        double left[WINOGRAD_SIDE], right[WINOGRAD_SIDE];
        for (int r = 0; r < a->rows; r++) {
            left[r] = a->at[r][c];
            right[r] = a->at[r][c + 1];
        }
        if (!differ_in_signs(left, right, a->rows)) continue;
        const LoopExpr *sum = named(s, "sum", plus(s, term[c], term[c + 1]));
        term[c + 1] =
            named(s, "difference", loop_binary(s->m, LOOP_SUBTRACT, term[c], term[c + 1]));
        term[c] = sum;
        for (int r = 0; r < a->rows; r++) {
            bool same = left[r] == right[r];
            a->at[r][c] = same ? left[r] : 0;
            a->at[r][c + 1] = same ? 0 : left[r];
        }
        c++;
    }
}

// Rows r and r+1 that differ in signs: what they share, plus and minus the rest.
static void write_pair(Scope *s, const Matrix *a, int r, const LoopExpr *const *term,
                       const LoopExpr **out) {
    double even[WINOGRAD_SIDE], odd[WINOGRAD_SIDE];
    for (int c = 0; c < a->columns; c++) {
        bool same = a->at[r][c] == a->at[r + 1][c];
        even[c] = same ? a->at[r][c] : 0;
        odd[c] = same ? 0 : a->at[r][c];
    }
    const LoopExpr *both = named(s, "even", linear(s, even, term, a->columns));
    const LoopExpr *rest = named(s, "odd", linear(s, odd, term, a->columns));
    out[r] = plus(s, both, rest);
    out[r + 1] = loop_binary(s->m, LOOP_SUBTRACT, both, rest);
}

// out = map*in; the elements of `in` are named first.
static void apply(Scope *s, const Matrix *map, const LoopExpr **in, const LoopExpr **out) {
    Matrix a = *map;
    for (int c = 0; c < a.columns; c++) in[c] = named(s, "x", in[c]);
    pair_columns(s, &a, in);
    for (int r = 0; r < a.rows; r++) {
        if (r + 1 < a.rows && differ_in_signs(a.at[r], a.at[r + 1], a.columns)) {
            write_pair(s, &a, r, in, out);
            r++;
        } else {
            out[r] = linear(s, a.at[r], in, a.columns);
        }
    }
}

typedef const LoopExpr *Line[WINOGRAD_SIDE];

// --- an operand to tiles

// Element (row, column) of the operand, counted from where the first tile begins.
static const LoopExpr *patch_load(Scope *s, const Patch *p, Affine row, Affine column) {
    Program *program = s->w->l->program;
    const Expr **subscript = arena_new_array(s->w->l->arena, const Expr *, p->read->arg_count);
    for (int d = 0; d < p->read->arg_count; d++) subscript[d] = p->read->arg[d];
    subscript[p->axis[0]] =
        expr_affine(program, affine_add(program, row, affine_constant(p->low[0]), 1));
    subscript[p->axis[1]] =
        expr_affine(program, affine_add(program, column, affine_constant(p->low[1]), 1));
    const LoopBuffer *b = map_get(&s->w->l->buffer, p->read->tensor);
    return loop_load_vector(s->m, b, write_place(s->w, p->read->tensor, subscript));
}

static void write_columns(Scope *s, const Patch *p, const Index *tile_row) {
    Program *program = s->w->l->program;
    Line in, out;
    const Index *column = index_named(s, "column", p->row->shape[p->row->rank - 2]);
    const LoopExpr *at = begin_index(s, column, column->extent, 1);
    const LoopExpr *lane = begin_lane(s, p->lane);
    Affine first = affine_scale(program, affine_index(program, tile_row), p->step);
    for (int i = 0; i < p->map->columns; i++)
        in[i] = patch_load(s, p, affine_add(program, first, affine_constant(i), 1),
                           affine_index(program, column));
    apply(s, p->map, in, out);
    for (int i = 0; i < p->map->rows; i++) store(s, p->row, number(s, i), at, lane, out[i]);
    end(s, 2);
}

static void write_rows(Scope *s, const Patch *p, const LoopExpr *tile_row) {
    const int side = p->map->rows;
    Line in, out;
    const LoopExpr *tile = begin(s, "tile", s->g->tiles[1], 1);
    const LoopExpr *i = begin(s, "i", side, 1);
    const LoopExpr *lane = begin_lane(s, p->lane);
    for (int j = 0; j < p->map->columns; j++)
        in[j] = load(s, p->row, i, scaled(s, tile, p->step, j), lane);
    apply(s, p->map, in, out);
    const LoopExpr *to = plus(s, scaled(s, tile_row, s->g->tiles[1], 0), tile);
    for (int j = 0; j < side; j++) store(s, p->all, scaled(s, i, side, j), to, lane, out[j]);
    end(s, 3);
}

static void write_patch(Scope *s, const Patch *p) {
    int names = s->w->scope.count;
    const Index *tile_row = index_named(s, "row", s->g->tiles[0]);
    const LoopExpr *at = begin_index(s, tile_row, tile_row->extent, 1);
    int inner = s->w->scope.count;
    write_columns(s, p, tile_row);
    s->w->scope.count = inner;
    write_rows(s, p, at);
    end(s, 1);
    s->w->scope.count = names;
}

// --- products

// A small matrix product: `rows` accumulators along the lane, from the first on.
typedef struct Product {
    const LoopExpr *point, *lane, *first;
    int64_t rows;
} Product;

// One term: a vector of the second operand times one element of the first for each accumulator.
static void write_term(Scope *s, const Product *p, LoopVariable *const *sum) {
    const Winograd *g = s->g;
    const LoopBuffer *x = g->x.all, *by = g->is_sum ? g->y.all : g->weights;
    const int64_t terms = g->is_sum ? g->tiles[0] * g->tiles[1] : g->channel->extent;
    const int64_t stride = g->is_sum ? 1 : x->shape[x->rank - 1];
    const LoopExpr *term = begin(s, g->is_sum ? "tile" : g->channel->name, terms, 1);
    const LoopExpr *row = named(s, "row", load(s, by, p->point, term, p->lane));
    Corner *first = arena_new_item(s->w->l->arena, Corner); // the view keeps it
    *first =
        g->is_sum ? place(s, x, p->point, term, p->first) : place(s, x, p->point, p->first, term);
    const LoopView *at = loop_view(s->w->b, write_name(s->w, "at", NULL), x, first->at);
    for (int64_t i = 0; i < p->rows; i++) {
        const LoopExpr *shifted = plus(s, p->first, number(s, i));
        Corner own =
            g->is_sum ? place(s, x, p->point, term, shifted) : place(s, x, p->point, shifted, term);
        const LoopExpr *factor = loop_splat(s->m, loop_load_at(s->m, at, i * stride, own.at));
        loop_assign(s->w->b, sum[i], LOOP_ADD_TO, loop_binary(s->m, LOOP_MULTIPLY, factor, row));
    }
    end(s, 1);
}

static void write_block(Scope *s, const Product *p) {
    LoopVariable *sum[MAX_ACCUMULATORS];
    const LoopBuffer *to = s->g->product;
    int names = s->w->scope.count;
    for (int64_t i = 0; i < p->rows; i++) {
        const LoopExpr *row = plus(s, p->first, number(s, i));
        sum[i] =
            declare(s, "sum", s->g->is_sum ? load(s, to, p->point, row, p->lane) : zero(s), false);
    }
    write_term(s, p, sum);
    for (int64_t i = 0; i < p->rows; i++)
        store(s, to, p->point, plus(s, p->first, number(s, i)), p->lane,
              loop_read_variable(s->m, sum[i]));
    s->w->scope.count = names;
}

// Blocks of nearly equal size: a short one would wait for its own additions.
static void write_gemm(Scope *s) {
    const Winograd *g = s->g;
    int64_t all = g->is_sum ? g->channel->extent : g->tiles[0] * g->tiles[1];
    int64_t blocks = (all + MAX_ACCUMULATORS - 1) / MAX_ACCUMULATORS;
    int64_t rows = (all + blocks - 1) / blocks, whole = all / rows * rows;
    int names = s->w->scope.count;
    Product p = {.rows = rows};
    p.point = begin(s, "point", (g->m + 2) * (g->m + 2), 1);
    p.lane = begin_lane(s, g->lane);
    p.first = begin(s, g->is_sum ? g->channel->name : "tile", whole, rows);
    write_block(s, &p);
    end(s, 1);
    p.first = number(s, whole);
    p.rows = all - whole;
    if (p.rows) {
        loop_begin_block(s->w->b);
        write_block(s, &p);
        loop_end(s->w->b);
    }
    end(s, 2);
    s->w->scope.count = names;
}

void winograd_write_products(Writer *w, Winograd *g) {
    Scope s = open_scope(w, g, true);
    write_patch(&s, &g->x);
    if (g->is_sum) write_patch(&s, &g->y);
    write_gemm(&s);
    close_scope(&s);
}

// --- weights

// Element (i, j) of the window, of the channel and lanes at hand.
static const LoopExpr *weight_load(Scope *s, int i, const Index *j) {
    const Winograd *g = s->g;
    Program *p = s->w->l->program;
    Affine at = affine_index(p, j);
    if (g->flip[1]) at = affine_add(p, affine_constant(2), at, -1);
    IndexMap map[] = {{g->window[0], affine_constant(g->flip[0] ? 2 - i : i)}, {g->window[1], at}};
    const Expr *read = expr_substitute(p, g->weight, map, 2);
    const LoopBuffer *b = map_get(&s->w->l->buffer, read->tensor);
    return loop_load_vector(s->m, b, write_place(s->w, read->tensor, read->arg));
}

void winograd_write_weights(Writer *w, Winograd *g) {
    Scope s = open_scope(w, g, false);
    const Matrix *map = winograd_matrix(g->m, MAP_W);
    Line in, out;
    const LoopExpr *channel = begin_index(&s, g->channel, g->channel->extent, 1);
    const LoopExpr *lane = begin_lane(&s, g->lane);
    int names = w->scope.count;
    const Index *j = index_named(&s, "j", 3);
    const LoopExpr *column = begin_index(&s, j, 3, 1);
    for (int i = 0; i < 3; i++) in[i] = weight_load(&s, i, j);
    apply(&s, map, in, out);
    for (int i = 0; i < map->rows; i++) store(&s, g->strip, number(&s, i), column, lane, out[i]);
    end(&s, 1);
    w->scope.count = names;
    const LoopExpr *row = begin(&s, "i", map->rows, 1);
    for (int k = 0; k < 3; k++) in[k] = load(&s, g->strip, row, number(&s, k), lane);
    apply(&s, map, in, out);
    for (int k = 0; k < map->rows; k++)
        store(&s, g->weights, scaled(&s, row, map->rows, k), channel, lane, out[k]);
    end(&s, 3);
    close_scope(&s);
}

// --- of a sum: before and after the samples of a chunk

void winograd_write_clear(Writer *w, Winograd *g) {
    Scope s = open_scope(w, g, true);
    const LoopExpr *point = begin(&s, "point", (g->m + 2) * (g->m + 2), 1);
    const LoopExpr *channel = begin_index(&s, g->channel, g->channel->extent, 1);
    const LoopExpr *lane = begin_lane(&s, g->lane);
    store(&s, g->product, point, channel, lane, zero(&s));
    end(&s, 3);
    close_scope(&s);
}

static void add_to_result(Scope *s, const Index *i, int j, const LoopExpr *value) {
    const Winograd *g = s->g;
    Program *p = s->w->l->program;
    Affine at = affine_index(p, i);
    if (g->flip[0]) at = affine_add(p, affine_constant(2), at, -1);
    IndexMap map[] = {{g->window[0], at}, {g->window[1], affine_constant(g->flip[1] ? 2 - j : j)}};
    const Item *item = g->item;
    const Expr **subscript = arena_new_array(s->w->l->arena, const Expr *, item->out->rank + 1);
    for (int d = 0; d < item->out->rank; d++)
        subscript[d] = expr_substitute(p, item->subscript[d], map, 2);
    loop_store(s->w->b, map_get(&s->w->l->buffer, item->out),
               write_place(s->w, item->out, subscript), LOOP_ADD_TO, value);
}

void winograd_write_result(Writer *w, Winograd *g) {
    Scope s = open_scope(w, g, true);
    const Matrix *map = winograd_matrix(g->m, MAP_W_ADJOINT);
    const int side = g->m + 2;
    Line in, out;
    const LoopExpr *channel = begin_index(&s, g->channel, g->channel->extent, 1);
    const LoopExpr *lane = begin_lane(&s, g->lane);
    int names = w->scope.count;
    const LoopExpr *j = begin(&s, "j", side, 1);
    for (int i = 0; i < side; i++)
        in[i] = load(&s, g->product, scaled(&s, j, 1, i * side), channel, lane);
    apply(&s, map, in, out);
    for (int i = 0; i < 3; i++) store(&s, g->strip, number(&s, i), j, lane, out[i]);
    end(&s, 1);
    w->scope.count = names;
    const Index *i = index_named(&s, "i", 3);
    const LoopExpr *row = begin_index(&s, i, 3, 1);
    for (int k = 0; k < side; k++) in[k] = load(&s, g->strip, row, number(&s, k), lane);
    apply(&s, map, in, out);
    for (int k = 0; k < 3; k++) add_to_result(&s, i, k, out[k]);
    end(&s, 3);
    close_scope(&s);
}

// --- tiles to elements

static void write_tile_columns(Scope *s, const LoopExpr *tile, int64_t rows, const LoopExpr *lane) {
    const Winograd *g = s->g;
    const int side = g->m + 2;
    Line in, out;
    int names = s->w->scope.count;
    const LoopExpr *j = begin(s, "j", side, 1);
    for (int i = 0; i < side; i++)
        in[i] = load(s, g->product, scaled(s, j, 1, i * side), tile, lane);
    apply(s, winograd_matrix(g->m, MAP_Y), in, out);
    for (int64_t i = 0; i < rows; i++) store(s, g->strip, number(s, i), j, lane, out[i]);
    end(s, 1);
    s->w->scope.count = names;
}

void winograd_write_tile(Writer *w, Winograd *g, const LoopExpr *const tile[2],
                         const int64_t size[2], const LoopExpr *lane, LoopVariable **element) {
    Scope s = open_scope(w, g, true);
    Line in, out;
    for (int64_t i = 0; i < size[0] * size[1]; i++)
        element[i] = declare(&s, "sum", zero(&s), false);
    int names = w->scope.count;
    const LoopExpr *at = plus(&s, scaled(&s, tile[0], g->tiles[1], 0), tile[1]);
    write_tile_columns(&s, at, size[0], lane);
    for (int64_t i = 0; i < size[0]; i++) {
        loop_begin_block(w->b);
        for (int j = 0; j < g->m + 2; j++)
            in[j] = load(&s, g->strip, number(&s, i), number(&s, j), lane);
        apply(&s, winograd_matrix(g->m, MAP_Y), in, out);
        for (int64_t j = 0; j < size[1]; j++)
            loop_assign(w->b, element[i * size[1] + j], LOOP_SET, out[j]);
        loop_end(w->b);
        w->scope.count = names;
    }
}
