// test_check.c: the checker passes sound modules, and says what is wrong with each kind of unsound
// one.
#include "samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// What a broken module is built from: x[3][8] of the batch, y[3][8] and which[3] (0 .. 7) of work,
// w[8] of params, a function forward with its loops over n and i open.
typedef struct Bench {
    LoopModule *m;
    LoopFunction *f;
    LoopBuilder *at;
    LoopBuffer *x, *y, *which, *w;
    LoopVariable *n, *i;
} Bench;

static Bench bench_new(Compile *c) {
    Bench b = {.m = loop_module_new(c, name_of(c->names, "bench"))};
    const int64_t shape[] = {3, 8};
    b.m->batch_size = 3;
    b.x = loop_buffer_new(b.m, LOOP_BATCH, LOOP_REAL, nm(b.m, "x"), 2, shape);
    b.y = loop_buffer_new(b.m, LOOP_WORK, LOOP_REAL, nm(b.m, "y"), 2, shape);
    b.which = loop_buffer_new(b.m, LOOP_WORK, LOOP_INT, nm(b.m, "which"), 1, shape);
    b.which->value_limit = 8;
    b.w = loop_buffer_new(b.m, LOOP_PARAMS, LOOP_REAL, nm(b.m, "w"), 1, shape + 1);
    b.f = loop_function_new(b.m, nm(b.m, "forward"), NULL);
    b.at = loop_builder_new(b.m, b.f);
    b.n = loop_variable_new(b.m, nm(b.m, "n"), LOOP_INT);
    b.i = loop_variable_new(b.m, nm(b.m, "i"), LOOP_INT);
    loop_begin_for(b.at, b.n, whole(b.m, 0), var(b.m, b.f->N), false, false);
    loop_begin_for(b.at, b.i, whole(b.m, 0), whole(b.m, 8), false, false);
    return b;
}

// y[n][subscript] = value
static void set(Bench *b, const LoopExpr *subscript, const LoopExpr *value) {
    loop_store(b->at, b->y, AT(var(b->m, b->n), subscript), LOOP_SET, value);
}

static const LoopExpr *plus(Bench *b, const LoopExpr *a, int64_t value) {
    return op(b->m, LOOP_ADD, a, whole(b->m, value));
}

// In place of the loop over i: y[n][c + distance ..] = x[n][c + distance ..], four at a time.
static void copy_vectors(Bench *b, int64_t low, const LoopExpr *high, int64_t step,
                         int64_t distance) {
    LoopModule *m = b->m;
    LoopVariable *c = loop_variable_new(m, nm(m, "c"), LOOP_INT);
    loop_end(b->at);
    m->lanes = 4;
    loop_begin_for_step(b->at, c, whole(m, low), high, step);
    const LoopExpr *at = plus(b, var(m, c), distance);
    set(b, at, loop_load_vector(m, b->x, AT(var(m, b->n), at)));
}

// --- what is wrong

static void nothing(Bench *b) {
    set(b, var(b->m, b->i), loop_load(b->m, b->x, AT(var(b->m, b->n), var(b->m, b->i))));
}

static void above(Bench *b) {
    set(b, plus(b, var(b->m, b->i), 1), num(b->m, 0));
}

static void below(Bench *b) {
    set(b, op(b->m, LOOP_SUBTRACT, var(b->m, b->i), whole(b->m, 1)), num(b->m, 0));
}

static void above_in_branch(Bench *b) {
    LoopModule *m = b->m;
    const LoopExpr *ahead = loop_load(m, b->x, AT(var(m, b->n), plus(b, var(m, b->i), 1)));
    set(b, var(m, b->i),
        loop_select(m, op(m, LOOP_LESS, var(m, b->i), whole(m, 7)), num(m, 0), ahead));
}

static void guarded(Bench *b) {
    LoopModule *m = b->m;
    const LoopExpr *ahead = loop_load(m, b->x, AT(var(m, b->n), plus(b, var(m, b->i), 1)));
    const LoopExpr *end = op(m, LOOP_LESS_EQUAL, whole(m, 7), var(m, b->i));
    set(b, var(m, b->i), loop_select(m, loop_unary(m, LOOP_NOT, end), ahead, num(m, 0)));
    loop_begin_if(
        b->at,
        op(m, LOOP_AND, op(m, LOOP_LESS, whole(m, 1), var(m, b->i)),
           op(m, LOOP_LESS, num(m, 0),
              loop_load(m, b->x,
                        AT(var(m, b->n), op(m, LOOP_SUBTRACT, var(m, b->i), whole(m, 2)))))));
    set(b, op(m, LOOP_SUBTRACT, var(m, b->i), whole(m, 2)), num(m, 1));
    loop_end(b->at);
}

static void triangle(Bench *b) {
    LoopModule *m = b->m;
    LoopVariable *u = loop_variable_new(m, nm(m, "u"), LOOP_INT);
    loop_begin_for(b->at, u, whole(m, 0), plus(b, var(m, b->i), 1), false, false);
    set(b, op(m, LOOP_SUBTRACT, var(m, b->i), var(m, u)), num(m, 0));
    loop_end(b->at);
}

static void too_wide_a_triangle(Bench *b) {
    LoopModule *m = b->m;
    LoopVariable *u = loop_variable_new(m, nm(m, "u"), LOOP_INT);
    loop_begin_for(b->at, u, whole(m, 0), plus(b, var(m, b->i), 2), false, false);
    set(b, op(m, LOOP_SUBTRACT, var(m, b->i), var(m, u)), num(m, 0));
    loop_end(b->at);
}

static void batch_too_long(Bench *b) {
    loop_store(b->at, b->y, AT(var(b->m, b->f->N), whole(b->m, 0)), LOOP_SET, num(b->m, 0));
}

static void gathered(Bench *b) {
    set(b, loop_load(b->m, b->which, AT(var(b->m, b->n))), num(b->m, 0));
}

static void gathered_without_limit(Bench *b) {
    b->which->value_limit = 0;
    gathered(b);
}

static void stale_condition(Bench *b) {
    LoopModule *m = b->m;
    b->which->value_limit = 0;
    const LoopExpr *at = loop_load(m, b->which, AT(var(m, b->n)));
    loop_begin_if(b->at, op(m, LOOP_AND, op(m, LOOP_LESS_EQUAL, whole(m, 0), at),
                            op(m, LOOP_LESS, at, whole(m, 8))));
    loop_store(b->at, b->which, AT(var(m, b->n)), LOOP_SET, whole(m, 1000));
    set(b, at, num(m, 0));
    loop_end(b->at);
}

static void limit_broken(Bench *b) {
    loop_store(b->at, b->which, AT(var(b->m, b->n)), LOOP_SET, plus(b, var(b->m, b->i), 1));
}

static void overflow(Bench *b) {
    LoopModule *m = b->m;
    loop_store(b->at, b->which, AT(var(m, b->n)), LOOP_SET,
               op(m, LOOP_INT_MIN, whole(m, 7),
                  op(m, LOOP_INT_MAX, whole(m, 0),
                     op(m, LOOP_MULTIPLY, var(m, b->i), whole(m, 400000000)))));
}

static void growing(Bench *b) {
    LoopModule *m = b->m;
    LoopVariable *sum = loop_variable_new(m, nm(m, "sum"), LOOP_INT);
    loop_declare(b->at, sum, whole(m, 0), false);
    loop_assign(b->at, sum, LOOP_ADD_TO, op(m, LOOP_MULTIPLY, var(m, b->i), whole(m, 100000000)));
}

static void types_differ(Bench *b) {
    set(b, var(b->m, b->i), op(b->m, LOOP_ADD, num(b->m, 1), loop_number(b->m, LOOP_F64, 1)));
}

static void integer_for_real(Bench *b) {
    set(b, var(b->m, b->i), whole(b->m, 1));
}

static void params_written(Bench *b) {
    loop_store(b->at, b->w, AT(var(b->m, b->i)), LOOP_SET, num(b->m, 0));
}

static void batch_written(Bench *b) {
    loop_store(b->at, b->x, AT(var(b->m, b->n), var(b->m, b->i)), LOOP_SET, num(b->m, 0));
}

static void states_written(Bench *b) {
    LoopBuffer *s = loop_buffer_new(b->m, LOOP_STATES, LOOP_REAL, nm(b->m, "running"), 0, NULL);
    loop_store(b->at, s, NULL, LOOP_SET, num(b->m, 0));
}

static void undeclared(Bench *b) {
    set(b, var(b->m, b->i), var(b->m, loop_variable_new(b->m, nm(b->m, "v"), LOOP_REAL)));
}

static void out_of_scope(Bench *b) {
    LoopVariable *v = loop_variable_new(b->m, nm(b->m, "v"), LOOP_REAL);
    loop_begin_block(b->at);
    loop_declare(b->at, v, num(b->m, 0), true);
    loop_end(b->at);
    set(b, var(b->m, b->i), var(b->m, v));
}

static void shadowing(Bench *b) {
    loop_declare(b->at, loop_variable_new(b->m, nm(b->m, "x"), LOOP_REAL), num(b->m, 0), false);
    nothing(b);
}

static void reserved_name(Bench *b) {
    loop_declare(b->at, loop_variable_new(b->m, nm(b->m, "expf"), LOOP_REAL), num(b->m, 0), false);
}

static void no_identifier(Bench *b) {
    loop_declare(b->at, loop_variable_new(b->m, nm(b->m, "a;b"), LOOP_REAL), num(b->m, 0), false);
}

static void constant_assigned(Bench *b) {
    LoopVariable *v = loop_variable_new(b->m, nm(b->m, "v"), LOOP_REAL);
    loop_declare(b->at, v, num(b->m, 0), true);
    loop_assign(b->at, v, LOOP_SET, num(b->m, 1));
}

static void moving_bound(Bench *b) {
    LoopModule *m = b->m;
    LoopVariable *v = loop_variable_new(m, nm(m, "v"), LOOP_INT);
    loop_begin_for(b->at, v, whole(m, 0), loop_load(m, b->which, AT(var(m, b->n))), false, false);
    loop_store(b->at, b->which, AT(var(m, b->n)), LOOP_SET, whole(m, 0));
    loop_end(b->at);
}

static void shared_sum(Bench *b) {
    LoopModule *m = b->m;
    LoopVariable *sum = loop_variable_new(m, nm(m, "sum"), LOOP_REAL),
                 *k = loop_variable_new(m, nm(m, "k"), LOOP_INT);
    loop_declare(b->at, sum, num(m, 0), false);
    loop_begin_for(b->at, k, whole(m, 0), whole(m, 4), false, true);
    loop_assign(b->at, sum, LOOP_ADD_TO, num(m, 1));
    loop_end(b->at);
}

static void shared_tile(Bench *b) {
    LoopModule *m = b->m;
    LoopBuffer *tile =
        loop_buffer_new(m, LOOP_LOCAL, LOOP_REAL, nm(m, "tile"), 1, (const int64_t[]){4});
    LoopVariable *k = loop_variable_new(m, nm(m, "k"), LOOP_INT);
    list_add(m->compile->arena, b->f->local, tile);
    loop_begin_for(b->at, k, whole(m, 0), whole(m, 4), false, true);
    loop_store(b->at, tile, AT(whole(m, 0)), LOOP_SET, num(m, 1));
    loop_end(b->at);
    set(b, var(m, b->i), loop_load(m, tile, AT(whole(m, 0))));
}

static void foreign_local(Bench *b) {
    LoopBuffer *tile =
        loop_buffer_new(b->m, LOOP_LOCAL, LOOP_REAL, nm(b->m, "tile"), 1, (const int64_t[]){4});
    loop_store(b->at, tile, AT(whole(b->m, 0)), LOOP_SET, num(b->m, 1));
}

static void huge_local(Bench *b) {
    LoopBuffer *tile = loop_buffer_new(b->m, LOOP_LOCAL, LOOP_REAL, nm(b->m, "tile"), 1,
                                       (const int64_t[]){1 << 20});
    list_add(b->m->compile->arena, b->f->local, tile);
}

static void no_elements(Bench *b) {
    loop_buffer_new(b->m, LOOP_WORK, LOOP_REAL, nm(b->m, "z"), 1, (const int64_t[]){0});
}

static void enormous(Bench *b) {
    loop_buffer_new(b->m, LOOP_WORK, LOOP_REAL, nm(b->m, "z"), 3,
                    (const int64_t[]){1 << 30, 1 << 30, 1 << 30});
}

static void batch_axis(Bench *b) {
    loop_buffer_new(b->m, LOOP_BATCH, LOOP_REAL, nm(b->m, "z"), 1, (const int64_t[]){4});
}

static void result_array(Bench *b) {
    loop_buffer_new(b->m, LOOP_RESULTS, LOOP_F64, nm(b->m, "z"), 1, (const int64_t[]){4});
}

static void same_name(Bench *b) {
    loop_buffer_new(b->m, LOOP_WORK, LOOP_REAL, nm(b->m, "w"), 0, NULL);
}

static void place_in_params(Bench *b) {
    b->w->place = 1;
}

static void place_of_two_types(Bench *b) {
    b->y->place = b->which->place = 1;
}

static void place_in_pieces(Bench *b) {
    LoopBuffer *z =
        loop_buffer_new(b->m, LOOP_WORK, LOOP_REAL, nm(b->m, "z"), 1, (const int64_t[]){8});
    b->y->place = z->place = 1;
}

static void gradient_differs(Bench *b) {
    LoopBuffer *d =
        loop_buffer_new(b->m, LOOP_GRADS, LOOP_REAL, nm(b->m, "d_w"), 1, (const int64_t[]){7});
    d->member = b->w->member;
}

static void bad_quotient(Bench *b) {
    loop_store(b->at, b->which, AT(var(b->m, b->n)), LOOP_SET,
               op(b->m, LOOP_FLOOR_DIVIDE, whole(b->m, 3), var(b->m, b->i)));
}

// --- vectors and steps

static void two_vectors(Bench *b) {
    copy_vectors(b, 0, whole(b->m, 8), 4, 0);
}

static void one_vector_and_a_rest(Bench *b) {
    copy_vectors(b, 0, whole(b->m, 8 - 3), 1, 0);
}

static void vectors_of_a_block(Bench *b) {
    LoopModule *m = b->m;
    LoopVariable *from = loop_variable_new(m, nm(m, "from"), LOOP_INT);
    LoopVariable *c = loop_variable_new(m, nm(m, "c"), LOOP_INT);
    m->lanes = 2;
    loop_begin_for_step(b->at, from, whole(m, 0), whole(m, 8), 4);
    loop_begin_for_step(b->at, c, var(m, from), plus(b, var(m, from), 4), 2);
    set(b, var(m, c), loop_load_vector(m, b->x, AT(var(m, b->n), var(m, c))));
}

static void vector_above(Bench *b) {
    copy_vectors(b, 0, whole(b->m, 8), 4, 1);
}

static void vector_below(Bench *b) {
    copy_vectors(b, 0, whole(b->m, 4), 4, -1);
}

// 1, 5: the second would take 5 .. 8.
static void vector_off_step(Bench *b) {
    copy_vectors(b, 1, whole(b->m, 8), 4, 0);
}

static void vector_every_element(Bench *b) {
    copy_vectors(b, 0, whole(b->m, 8), 1, 0);
}

static void step_down(Bench *b) {
    LoopModule *m = b->m;
    loop_begin_for(b->at, loop_variable_new(m, nm(m, "c"), LOOP_INT), whole(m, 0), whole(m, 8),
                   true, false);
    b->m->function.item[0]->body.item[0]->body.item[0]->body.item[0]->step = 2;
}

static void step_backwards(Bench *b) {
    loop_begin_for_step(b->at, loop_variable_new(b->m, nm(b->m, "c"), LOOP_INT), whole(b->m, 0),
                        whole(b->m, 8), -1);
}

static void step_overflows(Bench *b) {
    loop_begin_for_step(b->at, loop_variable_new(b->m, nm(b->m, "c"), LOOP_INT), whole(b->m, 0),
                        whole(b->m, INT32_MAX), 16);
}

static void simd_outside(Bench *b) {
    LoopModule *m = b->m;
    loop_begin_for(b->at, loop_variable_new(m, nm(m, "c"), LOOP_INT), whole(m, 0), whole(m, 8),
                   false, false);
    loop_mark_simd(b->at);
    loop_begin_for(b->at, loop_variable_new(m, nm(m, "d"), LOOP_INT), whole(m, 0), whole(m, 8),
                   false, false);
}

static void simd_sum(Bench *b) {
    LoopModule *m = b->m;
    LoopVariable *sum = loop_variable_new(m, nm(m, "sum"), LOOP_REAL);
    loop_declare(b->at, sum, num(m, 0), false);
    loop_begin_for(b->at, loop_variable_new(m, nm(m, "c"), LOOP_INT), whole(m, 0), whole(m, 8),
                   false, false);
    loop_mark_simd(b->at);
    loop_assign(b->at, sum, LOOP_ADD_TO, num(m, 1));
}

static void odd_lanes(Bench *b) {
    b->m->lanes = 6;
}

static void vector_in_scalar_code(Bench *b) {
    copy_vectors(b, 0, whole(b->m, 8), 4, 0);
    b->m->lanes = 1;
}

static void vector_of_integers(Bench *b) {
    LoopModule *m = b->m;
    m->lanes = 2;
    loop_declare(b->at, loop_variable_new(m, nm(m, "v"), LOOP_VECTOR),
                 loop_load_vector(m, b->which, AT(whole(m, 0))), true);
}

static void vector_and_scalar(Bench *b) {
    b->m->lanes = 2;
    set(b, whole(b->m, 0), op(b->m, LOOP_ADD, loop_splat(b->m, num(b->m, 1)), num(b->m, 1)));
}

static void mask_stored(Bench *b) {
    LoopModule *m = b->m;
    m->lanes = 2;
    const LoopExpr *v = loop_load_vector(m, b->x, AT(var(m, b->n), whole(m, 0)));
    set(b, whole(m, 0), op(m, LOOP_LESS, v, v));
}

static void mask_chooses_scalars(Bench *b) {
    LoopModule *m = b->m;
    m->lanes = 2;
    const LoopExpr *v = loop_load_vector(m, b->x, AT(var(m, b->n), whole(m, 0)));
    set(b, whole(m, 0), loop_select(m, op(m, LOOP_LESS, v, v), num(m, 1), num(m, 2)));
}

static void vector_converted(Bench *b) {
    LoopModule *m = b->m;
    m->lanes = 2;
    set(b, whole(m, 0), loop_convert(m, LOOP_REAL, loop_splat(m, num(m, 1))));
}

static const struct {
    void (*make)(Bench *b);
    const char *problem; // or NULL
} cases[] = {
    {nothing, NULL},
    {guarded, NULL},
    {triangle, NULL},
    {gathered, NULL},
    {above, "subscript 1 of y, i + 1, may leave 0 .. 7"},
    {below, "subscript 1 of y, i - 1, may leave 0 .. 7"},
    {above_in_branch, "subscript 1 of x, i + 1, may leave 0 .. 7"},
    {too_wide_a_triangle, "subscript 1 of y, i - u, may leave 0 .. 7"},
    {batch_too_long, "subscript 0 of y, N, may leave 0 .. 2"},
    {gathered_without_limit, "may leave 0 .. 7"},
    {stale_condition, "may leave 0 .. 7"},
    {limit_broken, "stored in which, may leave 0 .. 7"},
    {overflow, "i*400000000 may leave the range of int"},
    {growing, "the sum of i*100000000 may leave the range of int"},
    {types_differ, "operands of the wrong type"},
    {integer_for_real, "1 is int where real is wanted"},
    {params_written, "w is read-only here"},
    {batch_written, "x is read-only here"},
    {states_written, "running is read-only here"},
    {undeclared, "v is read where it is not declared"},
    {out_of_scope, "v is read where it is not declared"},
    {shadowing, "the name x is used twice"},
    {reserved_name, "the name expf is reserved"},
    {no_identifier, "a;b is no identifier"},
    {constant_assigned, "v is constant"},
    {moving_bound, "may change while it runs"},
    {shared_sum, "a parallel loop assigns sum"},
    {shared_tile, "tile is shared by the iterations of a parallel loop"},
    {foreign_local, "tile does not belong to this function"},
    {huge_local, "do not fit the stack"},
    {no_elements, "axis 0 of z has the size 0"},
    {enormous, "axis 1 of z has the size 1073741824"},
    {batch_axis, "the first axis of z must be the batch"},
    {result_array, "the result z must be an f64 scalar"},
    {same_name, "two buffers are called w"},
    {place_in_params, "w cannot share a place"},
    {place_of_two_types, "y and which share a place and differ in type"},
    {place_in_pieces, "z does not follow y, whose place it shares"},
    {gradient_differs, "the gradient d_w is not laid out like its parameter"},
    {bad_quotient, "operands of the wrong type"},
    {two_vectors, NULL},
    {one_vector_and_a_rest, NULL},
    {vectors_of_a_block, NULL},
    {vector_above, "subscript 1 of y, c + 1, may leave 0 .. 4"},
    {vector_below, "subscript 1 of y, c - 1, may leave 0 .. 4"},
    {vector_off_step, "subscript 1 of y, c, may leave 0 .. 4"},
    {vector_every_element, "subscript 1 of y, c, may leave 0 .. 4"},
    {step_down, "the loop over c has the step 2"},
    {step_backwards, "the loop over c has the step -1"},
    {step_overflows, "the index c may leave the range of int"},
    {simd_outside, "marked simd and is not innermost"},
    {simd_sum, "a parallel loop assigns sum"},
    {odd_lanes, "vectors of 6 reals"},
    {vector_in_scalar_code, "is a vector in a module without vectors"},
    {vector_of_integers, "operands of the wrong type"},
    {vector_and_scalar, "operands of the wrong type"},
    {mask_stored, "is mask where real is wanted"},
    {mask_chooses_scalars, "operands of the wrong type"},
    {vector_converted, "operands of the wrong type"},
};

static void problems(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        Compile *c = compile_new();
        Bench b = bench_new(c);
        cases[k].make(&b);
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        int count = loop_check(b.m, out);
        fclose(out);
        if (!cases[k].problem && count) fail_msg("a sound module: %s", text);
        if (cases[k].problem && !count) fail_msg("not found: %s", cases[k].problem);
        if (cases[k].problem && !strstr(text, cases[k].problem))
            fail_msg("%sinstead of: %s", text, cases[k].problem);
        free(text);
        compile_free(c);
    }
}

static void sound_samples(void **state) {
    (void)state;
    Compile *c = compile_new();
    for (int i = 0; i < sample_count; i++)
        assert_int_equal(loop_check(sample_make(c, &samples[i]), stderr), 0);
    for (uint64_t seed = 0; seed < 100; seed++)
        assert_int_equal(loop_check(sample_random(c, seed), stderr) +
                             loop_check(sample_random_vector(c, seed), stderr),
                         0);
    compile_free(c);
}

// The interpreter finds at run time what the checker proves beforehand.
static void interpreter_stops(void **state) {
    (void)state;
    Compile *c = compile_new();
    Bench b = bench_new(c);
    above(&b);
    LoopCall call = {.N = 2};
    call.block[LOOP_WORK] = arena_alloc(c->arena, loop_block_bytes(b.m, LOOP_WORK));
    const char *problem = NULL;
    assert_false(loop_eval(b.m, b.f, &call, &problem));
    assert_string_equal(problem, "forward: a subscript out of bounds of y: 8");
    compile_free(c);
}

static void reserved_names(void **state) {
    (void)state;
    static const char *const taken[] = {
        "for",      "class", "expf",        "y0",      "gamma",    "params",         "N",
        "STREAM_1", "_x",    "sigmoid_f32", "uint8_t", "INFINITY", "strict_exp_f64", "int_min"};
    static const char *const free_name[] = {"x",    "n",        "weight", "sigmoid", "relu_1",
                                            "d_w7", "conv2d_1", "sum",    "norm"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (!loop_name_is_reserved(taken[i])) fail_msg("%s is not reserved", taken[i]);
    for (size_t i = 0; i < sizeof free_name / sizeof *free_name; i++)
        if (loop_name_is_reserved(free_name[i])) fail_msg("%s is reserved", free_name[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(problems), cmocka_unit_test(sound_samples),
                                       cmocka_unit_test(interpreter_stops),
                                       cmocka_unit_test(reserved_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
