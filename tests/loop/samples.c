// samples.c: see samples.h.
#include "samples.h"

#include <string.h>

Name nm(LoopModule *m, const char *text) {
    return name_of(m->compile->names, text);
}

const LoopExpr *num(LoopModule *m, double value) {
    return loop_number(m, LOOP_REAL, value);
}

const LoopExpr *whole(LoopModule *m, int64_t value) {
    return loop_integer(m, value, NULL);
}

const LoopExpr *var(LoopModule *m, const LoopVariable *v) {
    return loop_read_variable(m, v);
}

const LoopExpr *op(LoopModule *m, LoopExprKind kind, const LoopExpr *a, const LoopExpr *b) {
    return loop_binary(m, kind, a, b);
}

const LoopExpr *fn(LoopModule *m, Function f, const LoopExpr *a) {
    return loop_call(m, f, &a);
}

static LoopVariable *integer_variable(LoopModule *m, const char *name) {
    return loop_variable_new(m, nm(m, name), LOOP_INT);
}

static LoopBuffer *buffer(LoopModule *m, LoopStorage storage, const char *name, int rank,
                          const int64_t *shape) {
    return loop_buffer_new(m, storage, storage == LOOP_RESULTS ? LOOP_F64 : LOOP_REAL, nm(m, name),
                           rank, shape);
}

static LoopBuffer *scalar(LoopModule *m, LoopStorage storage, const char *name) {
    return buffer(m, storage, name, 0, NULL);
}

// --- straight-line code on scalars

static void build_scalars(LoopModule *m) {
    LoopBuffer *w = scalar(m, LOOP_PARAMS, "w1"), *b = scalar(m, LOOP_PARAMS, "b1");
    LoopBuffer *h = scalar(m, LOOP_WORK, "h1"), *loss = scalar(m, LOOP_RESULTS, "E_total");
    LoopBuffer *dw = scalar(m, LOOP_GRADS, "d_w1"), *db = scalar(m, LOOP_GRADS, "d_b1");
    w->path = "layer_1.weight*/ /* \"x\" ?\?/";
    dw->member = w->member;
    db->member = b->member;
    LoopFunction *f =
        loop_function_new(m, nm(m, "forward"), "One neuron.\nA comment that ends in \\");
    LoopBuilder *at = loop_builder_new(m, f);
    loop_comment(at, "h1 = sigmoid(0.5*w1 + b1)  */ \x01 \xff caf\xc3\xa9 \xe2\x80\xae");
    const LoopExpr *sum = op(m, LOOP_ADD, op(m, LOOP_MULTIPLY, num(m, 0.5), loop_load(m, w, NULL)),
                             loop_load(m, b, NULL));
    loop_store(at, h, NULL, LOOP_SET, fn(m, FN_SIGMOID, sum));
    loop_blank(at);
    const LoopExpr *h1 = loop_load(m, h, NULL);
    loop_store(at, loss, NULL, LOOP_SET,
               loop_convert(m, LOOP_F64, op(m, LOOP_SUBTRACT, h1, num(m, -1))));
    LoopFunction *g = loop_function_new(m, nm(m, "backward"), NULL);
    at = loop_builder_new(m, g);
    LoopVariable *d = loop_variable_new(m, nm(m, "d_h1"), LOOP_REAL);
    loop_declare(at, d, op(m, LOOP_MULTIPLY, h1, op(m, LOOP_SUBTRACT, num(m, 1), h1)), true);
    loop_store(at, dw, NULL, LOOP_SET, op(m, LOOP_MULTIPLY, num(m, 0.5), var(m, d)));
    loop_store(at, db, NULL, LOOP_SET,
               loop_unary(m, LOOP_NEGATE, loop_unary(m, LOOP_NEGATE, var(m, d))));
}

// --- a convolution whose padding is in the bounds of its loops

static void build_conv(LoopModule *m) {
    LoopBuffer *w = buffer(m, LOOP_PARAMS, "weight", SHAPE(4, 2, 3, 3));
    LoopBuffer *bias = buffer(m, LOOP_PARAMS, "bias", SHAPE(4));
    LoopBuffer *x = buffer(m, LOOP_BATCH, "image", SHAPE(3, 2, 7, 6));
    LoopBuffer *y = buffer(m, LOOP_WORK, "conv", SHAPE(3, 4, 7, 6));
    w->size_name[0] = nm(m, "O"), w->size_name[1] = nm(m, "I");
    y->size_name[0] = nm(m, "N");
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), "A convolution, 3x3, padding 1.");
    LoopBuilder *at = loop_builder_new(m, f);
    LoopSize size[] = {{nm(m, "O"), 4}, {nm(m, "H"), 7}, {nm(m, "W"), 6}};
    loop_sizes(at, size, 3);
    LoopVariable *n = integer_variable(m, "n"), *o = integer_variable(m, "o"),
                 *p = integer_variable(m, "p");
    LoopVariable *q = integer_variable(m, "q"), *i = integer_variable(m, "i"),
                 *r = integer_variable(m, "r");
    LoopVariable *s = integer_variable(m, "s"), *sum = loop_variable_new(m, nm(m, "sum"), LOOP_F64);
    loop_begin_for(at, n, whole(m, 0), var(m, f->N), false, true);
    loop_begin_for(at, o, whole(m, 0), loop_integer(m, 4, nm(m, "O")), false, false);
    loop_begin_for(at, p, whole(m, 0), loop_integer(m, 7, nm(m, "H")), false, false);
    loop_begin_for(at, q, whole(m, 0), loop_integer(m, 6, nm(m, "W")), false, false);
    loop_declare(at, sum, loop_convert(m, LOOP_F64, loop_load(m, bias, AT(var(m, o)))), false);
    loop_begin_for(at, i, whole(m, 0), whole(m, 2), false, false);
    const LoopExpr *one = whole(m, 1), *zero = whole(m, 0), *three = whole(m, 3);
    loop_begin_for(at, r, op(m, LOOP_INT_MAX, zero, op(m, LOOP_SUBTRACT, one, var(m, p))),
                   op(m, LOOP_INT_MIN, three, op(m, LOOP_SUBTRACT, whole(m, 8), var(m, p))), false,
                   false);
    loop_begin_for(at, s, op(m, LOOP_INT_MAX, zero, op(m, LOOP_SUBTRACT, one, var(m, q))),
                   op(m, LOOP_INT_MIN, three, op(m, LOOP_SUBTRACT, whole(m, 7), var(m, q))), false,
                   false);
    const LoopExpr *row = op(m, LOOP_SUBTRACT, op(m, LOOP_ADD, var(m, p), var(m, r)), one);
    const LoopExpr *column = op(m, LOOP_SUBTRACT, op(m, LOOP_ADD, var(m, q), var(m, s)), one);
    const LoopExpr *product =
        op(m, LOOP_MULTIPLY, loop_load(m, x, AT(var(m, n), var(m, i), row, column)),
           loop_load(m, w, AT(var(m, o), var(m, i), var(m, r), var(m, s))));
    loop_assign(at, sum, LOOP_ADD_TO, loop_convert(m, LOOP_F64, product));
    for (int k = 0; k < 3; k++) loop_end(at);
    loop_store(at, y, AT(var(m, n), var(m, o), var(m, p), var(m, q)), LOOP_SET,
               loop_convert(m, LOOP_REAL, var(m, sum)));
    for (int k = 0; k < 4; k++) loop_end(at);
}

// --- a recurrence, forwards and backwards in time

static void build_recurrence(LoopModule *m) {
    LoopBuffer *x = buffer(m, LOOP_BATCH, "x", SHAPE(3, 5)),
               *h = buffer(m, LOOP_WORK, "h", SHAPE(3, 5));
    LoopBuffer *d = buffer(m, LOOP_WORK, "d_h", SHAPE(3, 5));
    LoopFunction *f = loop_function_new(m, nm(m, "forward"),
                                        "h[t] = tanh(x[t] + h[t - 1]), and d_h from behind.");
    LoopBuilder *at = loop_builder_new(m, f);
    LoopVariable *n = integer_variable(m, "n"), *t = integer_variable(m, "t"),
                 *u = integer_variable(m, "u");
    loop_begin_for(at, n, whole(m, 0), var(m, f->N), false, false);
    loop_begin_for(at, t, whole(m, 0), whole(m, 5), false, false);
    const LoopExpr *before =
        loop_load(m, h, AT(var(m, n), op(m, LOOP_SUBTRACT, var(m, t), whole(m, 1))));
    const LoopExpr *first = op(m, LOOP_EQUAL, var(m, t), whole(m, 0));
    const LoopExpr *old = loop_select(
        m, loop_unary(m, LOOP_NOT, op(m, LOOP_LESS, whole(m, 0), var(m, t))), num(m, 0), before);
    loop_store(at, h, AT(var(m, n), var(m, t)), LOOP_SET,
               fn(m, FN_TANH, op(m, LOOP_ADD, loop_load(m, x, AT(var(m, n), var(m, t))), old)));
    loop_end(at);
    loop_begin_for(at, u, whole(m, 0), whole(m, 5), true, false);
    const LoopExpr *after = loop_load(m, d, AT(var(m, n), op(m, LOOP_ADD, var(m, u), whole(m, 1))));
    loop_store(at, d, AT(var(m, n), var(m, u)), LOOP_SET,
               loop_load(m, h, AT(var(m, n), var(m, u))));
    loop_begin_if(at, op(m, LOOP_LESS, var(m, u), whole(m, 4)));
    loop_store(at, d, AT(var(m, n), var(m, u)), LOOP_ADD_TO, after);
    loop_end(at);
    loop_begin_else(at);
    loop_begin_if(
        at, op(m, LOOP_AND, op(m, LOOP_EQUAL, var(m, n), whole(m, 0)),
               op(m, LOOP_OR, loop_unary(m, LOOP_NOT, op(m, LOOP_EQUAL, var(m, u), whole(m, 2))),
                  op(m, LOOP_AND, op(m, LOOP_LESS_EQUAL, whole(m, 1), var(m, u)),
                     op(m, LOOP_LESS, var(m, u), whole(m, 3))))));
    loop_store(at, d, AT(var(m, n), var(m, u)), LOOP_ADD_TO, num(m, 0.125));
    loop_end(at);
    loop_end(at);
    loop_end(at);
    loop_end(at);
    (void)first;
}

// --- random numbers

static void build_random(LoopModule *m) {
    LoopBuffer *y = buffer(m, LOOP_WORK, "y", SHAPE(3, 4, 5)),
               *k = buffer(m, LOOP_WORK, "keep", SHAPE(3, 4));
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), NULL);
    LoopBuilder *at = loop_builder_new(m, f);
    LoopVariable *n = integer_variable(m, "n"), *i = integer_variable(m, "i"),
                 *j = integer_variable(m, "j");
    loop_begin_for(at, n, whole(m, 0), var(m, f->N), false, false);
    loop_begin_for(at, i, whole(m, 0), whole(m, 4), false, false);
    loop_store(at, k, AT(var(m, n), var(m, i)), LOOP_SET,
               op(m, LOOP_DIVIDE, loop_random(m, 0.75, 0x123456789ABCDEF0u, var(m, n), var(m, i)),
                  num(m, 0.75)));
    loop_begin_for(at, j, whole(m, 0), whole(m, 5), false, false);
    const LoopExpr *element =
        op(m, LOOP_ADD, op(m, LOOP_MULTIPLY, var(m, i), whole(m, 5)), var(m, j));
    loop_store(at, y, AT(var(m, n), var(m, i), var(m, j)), LOOP_SET,
               loop_random(m, -1, 7, var(m, n), element));
    for (int c = 0; c < 3; c++) loop_end(at);
}

// --- integer arrays: the place of the largest, and a scatter to it

static void build_argmax(LoopModule *m) {
    int64_t shape[] = {3, 6}, count[] = {3};
    LoopBuffer *x = buffer(m, LOOP_BATCH, "x", 2, shape),
               *d = buffer(m, LOOP_WORK, "d_x", 2, shape);
    LoopBuffer *which = loop_buffer_new(m, LOOP_WORK, LOOP_INT, nm(m, "x_arg"), 1, count);
    LoopBuffer *label = loop_buffer_new(m, LOOP_BATCH, LOOP_INT, nm(m, "label"), 1, count);
    LoopBuffer *accuracy = scalar(m, LOOP_RESULTS, "accuracy");
    which->value_limit = label->value_limit = 6;
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), "The first of the largest.");
    LoopBuilder *at = loop_builder_new(m, f);
    LoopVariable *n = integer_variable(m, "n"), *i = integer_variable(m, "i"),
                 *first = integer_variable(m, "first");
    LoopVariable *best = loop_variable_new(m, nm(m, "best"), LOOP_REAL),
                 *right = integer_variable(m, "right");
    loop_declare(at, right, whole(m, 0), false);
    loop_begin_for(at, n, whole(m, 0), var(m, f->N), false, false);
    loop_declare(at, best, num(m, -1.0 / 0.0), false);
    loop_declare(at, first, whole(m, 0), false);
    loop_begin_for(at, i, whole(m, 0), whole(m, 6), false, false);
    loop_store(at, d, AT(var(m, n), var(m, i)), LOOP_SET, num(m, 0));
    loop_begin_if(at, op(m, LOOP_LESS, var(m, best), loop_load(m, x, AT(var(m, n), var(m, i)))));
    loop_assign(at, best, LOOP_SET, loop_load(m, x, AT(var(m, n), var(m, i))));
    loop_assign(at, first, LOOP_SET, var(m, i));
    loop_end(at);
    loop_end(at);
    loop_store(at, which, AT(var(m, n)), LOOP_SET, var(m, first));
    loop_store(at, d, AT(var(m, n), loop_load(m, which, AT(var(m, n)))), LOOP_ADD_TO, num(m, 1));
    loop_store(at, d, AT(var(m, n), loop_load(m, label, AT(var(m, n)))), LOOP_ADD_TO, num(m, -0.5));
    loop_begin_if(at, op(m, LOOP_EQUAL, var(m, first), loop_load(m, label, AT(var(m, n)))));
    loop_assign(at, right, LOOP_ADD_TO, whole(m, 1));
    loop_end(at);
    loop_end(at);
    const LoopExpr *share = op(m, LOOP_DIVIDE, loop_convert(m, LOOP_F64, var(m, right)),
                               loop_convert(m, LOOP_F64, var(m, f->N)));
    loop_store(at, accuracy, NULL, LOOP_SET, share);
}

// --- every function, operator and conversion

static void build_functions(LoopModule *m) {
    LoopBuffer *x = buffer(m, LOOP_BATCH, "x", SHAPE(3, 8));
    LoopBuffer *y = buffer(m, LOOP_WORK, "y", SHAPE(3, 8, FUNCTION_COUNT + 4));
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), NULL);
    LoopBuilder *at = loop_builder_new(m, f);
    LoopVariable *n = integer_variable(m, "n"), *i = integer_variable(m, "i");
    loop_begin_for(at, n, whole(m, 0), var(m, f->N), false, false);
    loop_begin_for(at, i, whole(m, 0), whole(m, 8), false, false);
    const LoopExpr *v = loop_load(m, x, AT(var(m, n), var(m, i)));
    for (Function k = FN_ABS; k < FUNCTION_COUNT; k++) {
        const LoopExpr *arg[] = {v, num(m, k == FN_POWER ? 1.5 : 0.25)};
        loop_store(at, y, AT(var(m, n), var(m, i), whole(m, k)), LOOP_SET, loop_call(m, k, arg));
    }
    const LoopExpr *wide = loop_convert(m, LOOP_F64, v);
    const LoopExpr *whole_part =
        loop_convert(m, LOOP_REAL, loop_convert(m, LOOP_INT, op(m, LOOP_MULTIPLY, v, num(m, 100))));
    const LoopExpr *positive = loop_convert(m, LOOP_REAL, op(m, LOOP_LESS, num(m, 0), v));
    const LoopExpr *truth = loop_convert(
        m, LOOP_REAL, fn(m, FN_EXP, op(m, LOOP_ADD, wide, loop_number(m, LOOP_F64, 0.1))));
    const LoopExpr *order = op(m, LOOP_SUBTRACT, v,
                               op(m, LOOP_SUBTRACT, num(m, 0.3),
                                  op(m, LOOP_DIVIDE, v, op(m, LOOP_MULTIPLY, v, num(m, 3)))));
    const LoopExpr *extra[] = {whole_part, positive, truth, order};
    for (int k = 0; k < 4; k++)
        loop_store(at, y, AT(var(m, n), var(m, i), whole(m, FUNCTION_COUNT + k)), LOOP_SET,
                   extra[k]);
    loop_end(at);
    loop_end(at);
}

// --- strides: bounds that are quotients; a local array of each thread; blocks and states

static void build_strides(LoopModule *m) {
    LoopBuffer *x = buffer(m, LOOP_BATCH, "x", SHAPE(3, 9)),
               *y = buffer(m, LOOP_WORK, "y", SHAPE(3, 9));
    LoopBuffer *state = buffer(m, LOOP_STATES, "running", SHAPE(9));
    LoopBuffer *tile = buffer(m, LOOP_LOCAL, "tile", SHAPE(4, 2));
    LoopFunction *f =
        loop_function_new(m, nm(m, "update"), "y[2*p + r - 1] += x[p]; running means.");
    LoopBuilder *at = loop_builder_new(m, f);
    list_add(m->compile->arena, f->local, tile);
    LoopVariable *n = integer_variable(m, "n"), *j = integer_variable(m, "j"),
                 *p = integer_variable(m, "p");
    LoopVariable *r = integer_variable(m, "r"), *k = integer_variable(m, "k"),
                 *twice = integer_variable(m, "twice");
    const LoopExpr *one = whole(m, 1), *two = whole(m, 2);
    loop_begin_for(at, n, whole(m, 0), var(m, f->N), false, true);
    loop_begin_for(at, j, whole(m, 0), whole(m, 8), false, false);
    loop_store(at, tile,
               AT(op(m, LOOP_FLOOR_DIVIDE, var(m, j), two),
                  op(m, LOOP_SUBTRACT, var(m, j),
                     op(m, LOOP_MULTIPLY, two, op(m, LOOP_FLOOR_DIVIDE, var(m, j), two)))),
               LOOP_SET, loop_load(m, x, AT(var(m, n), var(m, j))));
    loop_end(at);
    loop_begin_for(at, k, whole(m, 0), whole(m, 9), false, false);
    loop_store(at, y, AT(var(m, n), var(m, k)), LOOP_SET, num(m, 0));
    loop_end(at);
    loop_begin_for(at, r, whole(m, 0), whole(m, 3), false, false);
    // 0 <= 2*p + r - 1 < 9
    loop_begin_for(at, p, op(m, LOOP_CEIL_DIVIDE, op(m, LOOP_SUBTRACT, one, var(m, r)), two),
                   op(m, LOOP_INT_MIN, whole(m, 4),
                      op(m, LOOP_CEIL_DIVIDE, op(m, LOOP_SUBTRACT, whole(m, 10), var(m, r)), two)),
                   false, false);
    loop_declare(at, twice, op(m, LOOP_MULTIPLY, two, var(m, p)), true);
    loop_store(at, y,
               AT(var(m, n), op(m, LOOP_SUBTRACT, op(m, LOOP_ADD, var(m, twice), var(m, r)), one)),
               LOOP_ADD_TO, loop_load(m, tile, AT(var(m, p), whole(m, 1))));
    for (int c = 0; c < 3; c++) loop_end(at);
    loop_blank(at);
    loop_begin_block(at);
    LoopVariable *i = integer_variable(m, "i");
    loop_begin_for(at, i, whole(m, 0), whole(m, 9), false, false);
    loop_store(at, state, AT(var(m, i)), LOOP_SET,
               op(m, LOOP_ADD,
                  op(m, LOOP_MULTIPLY, num(m, 0.9), loop_load(m, state, AT(var(m, i)))),
                  op(m, LOOP_MULTIPLY, num(m, 0.1), loop_load(m, y, AT(whole(m, 0), var(m, i))))));
    loop_end(at);
    loop_end(at);
}

// --- more arrays than a head can name: each block names its own

static void build_many_arrays(LoopModule *m) {
    LoopBuffer *array[18];
    for (int i = 0; i < 18; i++)
        array[i] = buffer(m, LOOP_WORK, name_printf(m->compile->names, "array_%d", i), SHAPE(4));
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), "Eighteen arrays.");
    LoopBuilder *at = loop_builder_new(m, f);
    LoopVariable *k = loop_variable_new(m, nm(m, "k"), LOOP_INT);
    loop_store(at, array[0], AT(whole(m, 1)), LOOP_SET, num(m, 0.5));
    for (int i = 1; i < 18; i += 8) {
        loop_begin_block(at);
        loop_begin_for(at, k, whole(m, 0), whole(m, 4), false, false);
        for (int j = i; j < i + 8 && j < 18; j++)
            loop_store(at, array[j], AT(var(m, k)), LOOP_SET,
                       op(m, LOOP_ADD, loop_load(m, array[j - 1], AT(var(m, k))), num(m, j)));
        loop_end(at);
        loop_end(at);
    }
}

// --- arrays that share a place: two in one after the other, and what stays beside them

// to[k] = from[k] + value for the elements of the shorter one.
static void add_array(LoopModule *m, LoopBuilder *at, LoopBuffer *to, LoopBuffer *from,
                      double value) {
    LoopVariable *k = integer_variable(m, "k");
    int64_t count = to->shape[0] < from->shape[0] ? to->shape[0] : from->shape[0];
    loop_begin_for(at, k, whole(m, 0), whole(m, count), false, false);
    loop_store(at, to, AT(var(m, k)), LOOP_SET,
               op(m, LOOP_ADD, loop_load(m, from, AT(var(m, k))), num(m, value)));
    loop_end(at);
}

static void build_places(LoopModule *m) {
    LoopBuffer *x = buffer(m, LOOP_PARAMS, "x", SHAPE(5)),
               *first = buffer(m, LOOP_WORK, "first", SHAPE(5));
    LoopBuffer *second = buffer(m, LOOP_WORK, "second", SHAPE(7)),
               *y = buffer(m, LOOP_WORK, "y", SHAPE(5));
    LoopBuffer *third = buffer(m, LOOP_WORK, "third", SHAPE(3)),
               *fourth = buffer(m, LOOP_WORK, "fourth", SHAPE(2));
    first->place = second->place = 1;
    third->place = fourth->place = 2;
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), "What is read once makes room.");
    LoopBuilder *at = loop_builder_new(m, f);
    add_array(m, at, first, x, 0.25);
    add_array(m, at, y, first, 0.5);
    add_array(m, at, second, y, 1);
    add_array(m, at, third, second, 2);
    add_array(m, at, y, third, 4);
    add_array(m, at, fourth, second, 8);
    add_array(m, at, y, fourth, 16);
}

const Sample samples[] = {
    {"scalars", false, false, build_scalars},
    {"scalars_f32", true, false, build_scalars},
    {"conv", false, false, build_conv},
    {"conv_f32", true, false, build_conv},
    {"recurrence", false, true, build_recurrence},
    {"recurrence_f32", true, true, build_recurrence},
    {"random_draws", false, false, build_random},
    {"random_draws_f32", true, false, build_random},
    {"argmax", false, false, build_argmax},
    {"argmax_f32", true, false, build_argmax},
    {"functions", false, false, build_functions},
    {"functions_f32", true, false, build_functions},
    {"functions_strict", false, true, build_functions},
    {"functions_strict_f32", true, true, build_functions},
    {"many_arrays", true, false, build_many_arrays},
    {"places", false, false, build_places},
    {"places_f32", true, false, build_places},
    {"strides", false, false, build_strides},
    {"strides_f32", true, true, build_strides},
    {"vector_functions", false, false, build_vector_functions},
    {"vector_functions_f32", true, false, build_vector_functions},
    {"vector_functions_strict", false, true, build_vector_functions},
    {"vector_functions_strict_f32", true, true, build_vector_functions},
    {"vector_sums", false, false, build_vector_sums},
    {"vector_sums_f32", true, false, build_vector_sums},
    {"vector_conv", false, false, build_vector_conv},
    {"vector_conv_f32", true, false, build_vector_conv},
    {"vector_none_f32", true, false, build_vector_none},
};
const int sample_count = sizeof samples / sizeof *samples;

static LoopModule *module_new(Compile *c, const char *name, bool is_f32, bool strict) {
    LoopModule *m = loop_module_new(c, name_of(c->names, name));
    m->is_f32 = is_f32;
    m->strict = strict;
    m->batch_size = 3;
    m->spec = "sample.net";
    return m;
}

LoopModule *sample_make(Compile *c, const Sample *s) {
    LoopModule *m = module_new(c, s->name, s->is_f32, s->strict);
    s->build(m);
    return m;
}

const Sample *sample_find(const char *name) {
    for (int i = 0; i < sample_count; i++)
        if (strcmp(samples[i].name, name) == 0) return &samples[i];
    return NULL;
}
