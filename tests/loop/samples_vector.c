// samples_vector.c: modules whose code works on vectors, with their remainders in scalars.
#include "samples.h"

static LoopVariable *index_new(LoopModule *m, const char *name) {
    return loop_variable_new(m, nm(m, name), LOOP_INT);
}

static LoopBuffer *reals(LoopModule *m, LoopStorage storage, const char *name, int rank,
                         const int64_t *shape) {
    return loop_buffer_new(m, storage, LOOP_REAL, nm(m, name), rank, shape);
}

static const LoopExpr *plus(LoopModule *m, const LoopExpr *a, const LoopExpr *b) {
    return op(m, LOOP_ADD, a, b);
}

static const LoopExpr *times(LoopModule *m, const LoopExpr *a, const LoopExpr *b) {
    return op(m, LOOP_MULTIPLY, a, b);
}

static const LoopExpr *splat(LoopModule *m, double value) {
    return loop_splat(m, num(m, value));
}

// --- every function and operator, lane by lane

enum { ROWS = 3, COLUMNS = 70, EXTRA = 14 };

// What a vector of the row of x gives, one after the other.
static int results(LoopModule *m, const LoopExpr *v, const LoopExpr *w, const LoopExpr *scalar,
                   const LoopExpr **result) {
    int count = 0;
    for (Function k = FN_ABS; k < FUNCTION_COUNT; k++) {
        const LoopExpr *arg[] = {v, k == FN_POWER ? splat(m, 1.5) : w};
        result[count++] = loop_call(m, k, arg);
    }
    const LoopExpr *positive = op(m, LOOP_LESS, splat(m, 0), v);
    const LoopExpr *small = op(m, LOOP_LESS_EQUAL, loop_call(m, FN_ABS, &v), splat(m, 1));
    const LoopExpr *same = op(m, LOOP_EQUAL, v, w);
    const LoopExpr *both = op(m, LOOP_AND, positive, small);
    const LoopExpr *odd =
        op(m, LOOP_OR, both, op(m, LOOP_OR, same, loop_unary(m, LOOP_NOT, small)));
    result[count++] = loop_select(m, positive, v, splat(m, 0));
    result[count++] = loop_select(m, loop_unary(m, LOOP_NOT, odd), w, times(m, v, splat(m, 0.5)));
    result[count++] = loop_select(m, loop_unary(m, LOOP_NOT, same), v, splat(m, -0.0));
    result[count++] =
        loop_select(m, op(m, LOOP_LESS, num(m, 0.5), scalar), v, loop_splat(m, scalar));
    result[count++] = plus(m, loop_splat(m, scalar), times(m, v, loop_splat(m, scalar)));
    result[count++] = times(m, times(m, splat(m, 3), splat(m, 0.1)), v);
    result[count++] = op(m, LOOP_SUBTRACT, loop_splat(m, plus(m, scalar, num(m, 2))),
                         op(m, LOOP_DIVIDE, v, plus(m, w, splat(m, 0.3))));
    result[count++] = loop_unary(m, LOOP_NEGATE, plus(m, loop_unary(m, LOOP_NEGATE, v), w));
    result[count++] = loop_splat(m, loop_lane_sum(m, times(m, v, w)));
    result[count++] = splat(m, 1.0 / 0.0);
    result[count++] = times(m, splat(m, -1.0 / 0.0), loop_splat(m, num(m, -0.0)));
    result[count++] = op(m, LOOP_SUBTRACT, v, loop_splat(m, loop_unary(m, LOOP_NEGATE, scalar)));
    uint64_t stream = UINT64_C(0x123456789abcdef0);
    result[count++] = loop_random_vector(m, 0.3, stream, whole(m, 3), whole(m, 5), 7);
    result[count++] = loop_random_vector(m, -1, stream, whole(m, 3), whole(m, 5), -1);
    return count;
}

void build_vector_functions(LoopModule *m) {
    enum { COUNT = FUNCTION_COUNT + EXTRA };
    m->lanes = 4;
    LoopBuffer *x = reals(m, LOOP_BATCH, "x", SHAPE(ROWS, COLUMNS));
    LoopBuffer *y = reals(m, LOOP_WORK, "y", SHAPE(ROWS, COUNT, COLUMNS));
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), "Functions of vectors.");
    LoopBuilder *at = loop_builder_new(m, f);
    LoopVariable *n = index_new(m, "n"), *c = index_new(m, "c");
    LoopVariable *v = loop_variable_new(m, nm(m, "v"), LOOP_VECTOR);
    LoopVariable *w = loop_variable_new(m, nm(m, "w"), LOOP_VECTOR);
    loop_begin_for(at, n, whole(m, 0), var(m, f->N), false, true);
    loop_begin_for_step(at, c, whole(m, 0), whole(m, COLUMNS - 4), 4);
    const LoopExpr *next = plus(m, var(m, c), whole(m, 1));
    loop_declare(at, v, loop_load_vector(m, x, AT(var(m, n), var(m, c))), true);
    loop_declare(at, w, loop_load_vector(m, x, AT(var(m, n), next)), true);
    const LoopExpr *result[COUNT + 1];
    int count = results(m, var(m, v), var(m, w), loop_load(m, x, AT(var(m, n), var(m, c))), result);
    for (int k = 0; k < count; k++)
        loop_store(at, y, AT(var(m, n), whole(m, k), var(m, c)), k % 5 ? LOOP_SET : LOOP_ADD_TO,
                   result[k]);
    loop_end(at);
    loop_end(at);
}

// --- sums over rows, the last columns one by one

void build_vector_sums(LoopModule *m) {
    m->lanes = m->is_f32 ? 16 : 8;
    LoopBuffer *x = reals(m, LOOP_BATCH, "x", SHAPE(ROWS, COLUMNS));
    LoopBuffer *y = reals(m, LOOP_WORK, "y", SHAPE(ROWS, COLUMNS));
    LoopBuffer *sum = reals(m, LOOP_WORK, "row_sum", SHAPE(ROWS));
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), "Each row divided by its sum.");
    LoopBuilder *at = loop_builder_new(m, f);
    LoopVariable *n = index_new(m, "n"), *c = index_new(m, "c"), *d = index_new(m, "d"),
                 *g = index_new(m, "g");
    LoopVariable *part = loop_variable_new(m, nm(m, "part"), LOOP_VECTOR);
    LoopVariable *total = loop_variable_new(m, nm(m, "total"), LOOP_REAL);
    const int64_t whole_vectors = COLUMNS / m->lanes * m->lanes;
    loop_begin_for(at, n, whole(m, 0), var(m, f->N), false, true);
    loop_declare(at, part, splat(m, 0), false);
    loop_begin_for_step(at, c, whole(m, 0), whole(m, COLUMNS - m->lanes + 1), m->lanes);
    loop_assign(at, part, LOOP_ADD_TO, loop_load_vector(m, x, AT(var(m, n), var(m, c))));
    loop_end(at);
    loop_declare(at, total, loop_lane_sum(m, var(m, part)), false);
    loop_begin_for(at, d, whole(m, whole_vectors), whole(m, COLUMNS), false, false);
    loop_assign(at, total, LOOP_ADD_TO, loop_load(m, x, AT(var(m, n), var(m, d))));
    loop_end(at);
    loop_store(at, sum, AT(var(m, n)), LOOP_SET, var(m, total));
    loop_begin_for(at, g, whole(m, 0), whole(m, COLUMNS), false, false);
    loop_mark_simd(at);
    loop_store(at, y, AT(var(m, n), var(m, g)), LOOP_SET,
               op(m, LOOP_DIVIDE, loop_load(m, x, AT(var(m, n), var(m, g))),
                  loop_load(m, sum, AT(var(m, n)))));
    loop_end(at);
    loop_end(at);
}

// --- a convolution, 3x3: 14 pixels of one vector of channels stay in registers

enum { PIXELS = 14, SIDE = 28, INPUTS = 16 };

typedef struct Tile {
    LoopModule *m;
    LoopBuilder *at;
    const LoopBuffer *x, *weight, *y;
    const LoopExpr *n, *h, *w, *o;
    LoopVariable *sum[PIXELS];
} Tile;

static LoopBuffer *conv_tensors(Tile *t, int64_t channels) {
    LoopModule *m = t->m;
    LoopBuffer *bias = reals(m, LOOP_PARAMS, "bias", SHAPE(channels));
    t->weight = reals(m, LOOP_PARAMS, "weight", SHAPE(3, 3, INPUTS, channels));
    t->x = reals(m, LOOP_BATCH, "x", SHAPE(m->batch_size, SIDE + 2, SIDE + 2, INPUTS));
    t->y = reals(m, LOOP_WORK, "y", SHAPE(m->batch_size, SIDE, SIDE, channels));
    return bias;
}

static void conv_row(Tile *t) {
    LoopModule *m = t->m;
    LoopVariable *r = index_new(m, "r"), *s = index_new(m, "s"), *i = index_new(m, "i");
    LoopVariable *weight = loop_variable_new(m, nm(m, "weight_1"), LOOP_VECTOR);
    loop_begin_for(t->at, r, whole(m, 0), whole(m, 3), false, false);
    loop_begin_for(t->at, s, whole(m, 0), whole(m, 3), false, false);
    loop_begin_for(t->at, i, whole(m, 0), whole(m, INPUTS), false, false);
    loop_declare(t->at, weight,
                 loop_load_vector(m, t->weight, AT(var(m, r), var(m, s), var(m, i), t->o)), true);
    for (int p = 0; p < PIXELS; p++) {
        const LoopExpr *column = plus(m, plus(m, t->w, var(m, s)), whole(m, p));
        const LoopExpr *x =
            loop_load(m, t->x, AT(t->n, plus(m, t->h, var(m, r)), column, var(m, i)));
        loop_assign(t->at, t->sum[p], LOOP_ADD_TO, times(m, loop_splat(m, x), var(m, weight)));
    }
    for (int k = 0; k < 3; k++) loop_end(t->at);
}

void build_vector_conv(LoopModule *m) {
    if (m->lanes == 0) m->lanes = m->is_f32 ? 16 : 8;
    const int64_t channels = 2 * m->lanes;
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), "A convolution and its ReLU.");
    Tile t = {.m = m, .at = loop_builder_new(m, f)};
    LoopBuffer *bias = conv_tensors(&t, channels);
    LoopVariable *n = index_new(m, "n"), *h = index_new(m, "h"), *w = index_new(m, "w"),
                 *o = index_new(m, "o");
    t.n = var(m, n), t.h = var(m, h), t.w = var(m, w), t.o = var(m, o);
    loop_begin_for(t.at, n, whole(m, 0), var(m, f->N), false, true);
    loop_begin_for_step(t.at, o, whole(m, 0), whole(m, channels), m->lanes);
    loop_begin_for(t.at, h, whole(m, 0), whole(m, SIDE), false, false);
    loop_begin_for_step(t.at, w, whole(m, 0), whole(m, SIDE), PIXELS);
    for (int p = 0; p < PIXELS; p++) {
        t.sum[p] = loop_variable_new(m, name_printf(m->compile->names, "sum_%d", p), LOOP_VECTOR);
        loop_declare(t.at, t.sum[p], loop_load_vector(m, bias, AT(t.o)), false);
    }
    conv_row(&t);
    for (int p = 0; p < PIXELS; p++) {
        const LoopExpr *relu = loop_select(m, op(m, LOOP_LESS, splat(m, 0), var(m, t.sum[p])),
                                           var(m, t.sum[p]), splat(m, 0));
        loop_store(t.at, t.y, AT(t.n, t.h, plus(m, t.w, whole(m, p)), t.o), LOOP_SET, relu);
    }
    for (int k = 0; k < 4; k++) loop_end(t.at);
}

// The same calls where there are no vectors.
void build_vector_none(LoopModule *m) {
    m->lanes = 1;
    build_vector_conv(m);
}
