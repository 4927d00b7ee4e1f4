// test_loop.c: constructors, layout, use, random numbers and the printed form of loops.
#include "golden.h"
#include "loop/express.h"
#include "loop/scalar.h"
#include "samples.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loop/prelude/random.h"

static Compile *c;
static LoopModule *m;

static int set_up(void **state) {
    (void)state;
    c = compile_new();
    m = loop_module_new(c, name_of(c->names, "test"));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    compile_free(c);
    return 0;
}

static void expect_text(const LoopExpr *e, const char *text) {
    assert_string_equal(loop_expr_text(m, e), text);
}

static void integers_fold(void **state) {
    (void)state;
    const LoopExpr *p = var(m, loop_variable_new(m, nm(m, "p"), LOOP_INT));
    expect_text(op(m, LOOP_ADD, whole(m, 28), whole(m, 1)), "29");
    expect_text(op(m, LOOP_ADD, p, whole(m, -1)), "p - 1");
    expect_text(op(m, LOOP_SUBTRACT, p, whole(m, -1)), "p + 1");
    expect_text(op(m, LOOP_MULTIPLY, whole(m, 1), p), "p");
    expect_text(op(m, LOOP_MULTIPLY, p, whole(m, 0)), "0");
    expect_text(op(m, LOOP_ADD, p, whole(m, 0)), "p");
    expect_text(op(m, LOOP_FLOOR_DIVIDE, whole(m, -7), whole(m, 2)), "-4");
    expect_text(op(m, LOOP_CEIL_DIVIDE, whole(m, -7), whole(m, 2)), "-3");
    expect_text(op(m, LOOP_CEIL_DIVIDE, whole(m, 7), whole(m, 2)), "4");
    expect_text(op(m, LOOP_INT_MIN, whole(m, 3), op(m, LOOP_SUBTRACT, whole(m, 29), p)),
                "min(3, 29 - p)");
    expect_text(op(m, LOOP_INT_MAX, whole(m, 3), whole(m, 5)), "5");
    expect_text(loop_select(m, op(m, LOOP_LESS, whole(m, 1), whole(m, 2)), p, whole(m, 9)), "p");
    expect_text(loop_convert(m, LOOP_REAL, whole(m, 3)), "3");
    // Too large to fold: left as it is.
    expect_text(op(m, LOOP_ADD, whole(m, INT64_MAX), whole(m, 1)), "9223372036854775807 + 1");
}

static void reals_do_not_fold(void **state) {
    (void)state;
    const LoopExpr *x = var(m, loop_variable_new(m, nm(m, "x"), LOOP_REAL));
    expect_text(op(m, LOOP_ADD, x, num(m, 0)), "x + 0");
    expect_text(op(m, LOOP_MULTIPLY, num(m, 1), x), "1*x");
    expect_text(op(m, LOOP_ADD, num(m, 1), num(m, 2)), "1 + 2");
    m->is_f32 = true;
    assert_true(num(m, 0.1)->number == (double)0.1f);
    expect_text(num(m, 0.1), "0.1");
}

static void parentheses_keep_the_order(void **state) {
    (void)state;
    const LoopExpr *x = var(m, loop_variable_new(m, nm(m, "x"), LOOP_REAL));
    const LoopExpr *y = var(m, loop_variable_new(m, nm(m, "y"), LOOP_REAL)),
                   *less = op(m, LOOP_LESS, x, y);
    const LoopExpr *sum = op(m, LOOP_ADD, x, y), *product = op(m, LOOP_MULTIPLY, x, y);
    expect_text(op(m, LOOP_ADD, sum, x), "x + y + x");
    expect_text(op(m, LOOP_ADD, x, sum), "x + (x + y)");
    expect_text(op(m, LOOP_SUBTRACT, x, op(m, LOOP_SUBTRACT, x, y)), "x - (x - y)");
    expect_text(op(m, LOOP_MULTIPLY, x, product), "x*(x*y)");
    expect_text(op(m, LOOP_DIVIDE, product, product), "x*y/(x*y)");
    expect_text(op(m, LOOP_MULTIPLY, sum, product), "(x + y)*(x*y)");
    expect_text(loop_unary(m, LOOP_NEGATE, product), "-(x*y)");
    expect_text(loop_unary(m, LOOP_NEGATE, loop_unary(m, LOOP_NEGATE, x)), "-(-x)");
    expect_text(op(m, LOOP_SUBTRACT, x, num(m, -1)), "x - -1");
    expect_text(op(m, LOOP_LESS, num(m, 0), x), "x > 0");
    expect_text(loop_unary(m, LOOP_NOT, less), "!(x < y)");
    expect_text(loop_unary(m, LOOP_NOT, op(m, LOOP_EQUAL, x, y)), "x != y");
    expect_text(op(m, LOOP_OR, op(m, LOOP_AND, less, less), less), "(x < y && x < y) || x < y");
    expect_text(op(m, LOOP_AND, op(m, LOOP_OR, less, less), less), "(x < y || x < y) && x < y");
    expect_text(op(m, LOOP_ADD, loop_select(m, less, x, y), x), "(x < y ? x : y) + x");
    expect_text(loop_select(m, less, x, loop_select(m, less, y, x)), "x < y ? x : x < y ? y : x");
    expect_text(loop_select(m, less, loop_select(m, less, y, x), x), "x < y ? (x < y ? y : x) : x");
}

// As a C compiler lays them out.
static void vectors_without_lanes(void **state) {
    (void)state;
    const int64_t shape[] = {8};
    const LoopBuffer *x = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "x"), 1, shape);
    m->lanes = 1;
    const LoopExpr *a = loop_load_vector(m, x, AT(whole(m, 2))), *b = loop_splat(m, num(m, 1));
    assert_int_equal(loop_variable_new(m, nm(m, "v"), LOOP_VECTOR)->type, LOOP_REAL);
    assert_int_equal(loop_variable_new(m, nm(m, "k"), LOOP_MASK)->type, LOOP_BOOL);
    expect_text(loop_select(m, op(m, LOOP_LESS, a, b), a, loop_lane_sum(m, b)),
                "x[2] < 1 ? x[2] : 1");
    m->lanes = 4;
    a = loop_load_vector(m, x, AT(whole(m, 2))), b = loop_splat(m, num(m, 1));
    const LoopExpr *less = op(m, LOOP_LESS, a, b), *same = op(m, LOOP_EQUAL, a, b);
    assert_int_equal(a->type, LOOP_VECTOR);
    assert_int_equal(less->type, LOOP_MASK);
    assert_int_equal(loop_lane_sum(m, b)->type, LOOP_REAL);
    expect_text(loop_select(m, op(m, LOOP_OR, less, loop_unary(m, LOOP_NOT, less)), a, b),
                "select((x[2 ..] < splat(1)) | ~(x[2 ..] < splat(1)), x[2 ..], splat(1))");
    expect_text(loop_unary(m, LOOP_NOT, op(m, LOOP_AND, less, loop_unary(m, LOOP_NOT, same))),
                "~((x[2 ..] < splat(1)) & (x[2 ..] != splat(1)))");
}

static void layout(void **state) {
    (void)state;
    struct {
        float a[3];
        double b;
        int32_t c[5];
        float d;
    } block;
    m->is_f32 = true;
    LoopBuffer *a = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "a"), SHAPE(3));
    LoopBuffer *other = loop_buffer_new(m, LOOP_STATES, LOOP_REAL, nm(m, "other"), SHAPE(7));
    LoopBuffer *b = loop_buffer_new(m, LOOP_WORK, LOOP_F64, nm(m, "b"), 0, NULL);
    LoopBuffer *i = loop_buffer_new(m, LOOP_WORK, LOOP_INT, nm(m, "c"), SHAPE(5));
    LoopBuffer *d = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "d"), 0, NULL);
    assert_int_equal(loop_buffer_offset(m, a), (char *)block.a - (char *)&block);
    assert_int_equal(loop_buffer_offset(m, b), (char *)&block.b - (char *)&block);
    assert_int_equal(loop_buffer_offset(m, i), (char *)block.c - (char *)&block);
    assert_int_equal(loop_buffer_offset(m, d), (char *)&block.d - (char *)&block);
    assert_int_equal(loop_block_bytes(m, LOOP_WORK), sizeof block);
    assert_int_equal(loop_block_bytes(m, LOOP_STATES), 28);
    assert_int_equal(loop_block_bytes(m, LOOP_RESULTS), 0);
    assert_int_equal(loop_buffer_count(other), 7);
}

// Buffers of one place are a union.
static void shared_places(void **state) {
    (void)state;
    struct {
        float a[3];
        union {
            float b[2];
            float c[5];
        };
        float d[2];
    } block;
    m->is_f32 = true;
    LoopBuffer *a = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "a"), SHAPE(3));
    LoopBuffer *b = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "b"), SHAPE(2));
    LoopBuffer *other = loop_buffer_new(m, LOOP_STATES, LOOP_REAL, nm(m, "other"), SHAPE(7));
    LoopBuffer *d = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "c"), SHAPE(5));
    LoopBuffer *e = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "d"), SHAPE(2));
    b->place = d->place = 1;
    assert_true(loop_buffers_meet(b, d) && !loop_buffers_meet(b, b));
    assert_false(loop_buffers_meet(a, e) || loop_buffers_meet(b, other));
    assert_int_equal(loop_buffer_offset(m, b), (char *)block.b - (char *)&block);
    assert_int_equal(loop_buffer_offset(m, d), (char *)block.c - (char *)&block);
    assert_int_equal(loop_buffer_offset(m, e), (char *)block.d - (char *)&block);
    assert_int_equal(loop_block_bytes(m, LOOP_WORK), sizeof block);
}

static void use(void **state) {
    (void)state;
    LoopModule *sample = sample_make(c, sample_find("random_draws"));
    LoopUse u = loop_function_use(sample, loop_function_find(sample, "forward"));
    assert_true(u.N && u.key && !u.threads && u.storage[LOOP_WORK] && u.writes[LOOP_WORK]);
    assert_false(u.storage[LOOP_PARAMS] || u.storage[LOOP_BATCH]);
    assert_int_equal(u.buffer.count, 2);
    sample = sample_make(c, sample_find("conv"));
    u = loop_function_use(sample, loop_function_find(sample, "forward"));
    assert_true(u.threads && !u.key && u.storage[LOOP_PARAMS] && !u.writes[LOOP_PARAMS]);
    assert_null(loop_function_find(sample, "update"));
}

// The known answers of Random123 (Salmon et al.), file kat_vectors, philox4x32 with 10 rounds.
static void philox_known_answers(void **state) {
    (void)state;
    static const uint32_t counter[3][4] = {{0, 0, 0, 0},
                                           {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF},
                                           {0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}};
    static const uint32_t key[3][2] = {{0, 0}, {0xFFFFFFFF, 0xFFFFFFFF}, {0xA4093822, 0x299F31D0}};
    static const uint32_t answer[3][4] = {{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8},
                                          {0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD},
                                          {0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}};
    for (int i = 0; i < 3; i++) {
        uint32_t out[4];
        philox(counter[i], key[i], out);
        for (int k = 0; k < 4; k++) assert_int_equal(out[k], answer[i][k]);
    }
    // Where the parts of a draw's key go: the third answer again.
    uint64_t stream = 0x0000000500000007u;
    double u =
        loop_scalar_random(0x299F31D0A4093822u ^ 5, (uint64_t)(0x03707344 ^ 7) << 32 | 0x13198A2E,
                           stream, (int)0x85A308D3, 0x243F6A88);
    assert_true(u == (0xD16CFE09 >> 8) * 0x1p-24);
}

static void draws_are_uniform(void **state) {
    (void)state;
    double sum = 0, square = 0;
    const int count = 100000;
    for (int i = 0; i < count; i++) {
        double u = loop_scalar_random(1, 2, 3, i / 100, i % 100);
        assert_true(u >= 0 && u < 1 && (double)(float)u == u);
        sum += u;
        square += u * u;
    }
    // Five standard deviations of the mean of `count` uniform numbers, and of their squares.
    assert_true(fabs(sum / count - 0.5) < 5 * sqrt(1.0 / 12 / count));
    assert_true(fabs(square / count - 1.0 / 3) < 5 * sqrt(4.0 / 45 / count));
}

static void quotients(void **state) {
    (void)state;
    for (int a = -20; a <= 20; a++)
        for (int b = 1; b < 6; b++) {
            assert_int_equal(loop_scalar_floor_divide(a, b), (int)floor((double)a / b));
            assert_int_equal(loop_scalar_ceil_divide(a, b), (int)ceil((double)a / b));
        }
    assert_int_equal(loop_scalar_int(-3.9), -3);
    assert_int_equal(loop_scalar_int(1e300), INT32_MAX);
    assert_int_equal(loop_scalar_int(-1e300), INT32_MIN);
    assert_int_equal(loop_scalar_int(-2147483648.5), INT32_MIN);
    assert_int_equal(loop_scalar_int((double)NAN), 0);
}

static double plain(Function f, double a, double b) {
    double wide = loop_scalar_f64(f, false, a, b);
    float narrow = loop_scalar_f32(f, false, (float)a, (float)b);
    // The float function is the double one to a few units in the last place of float.
    assert_true(isnan(wide)
                    ? isnan(narrow)
                    : (float)wide == narrow || fabs(wide - (double)narrow) <= 4e-7 * fabs(wide));
    return wide;
}

static void plain_helpers(void **state) {
    (void)state;
    assert_true(plain(FN_MAX, 1, 2) == 2 && plain(FN_MAX, 2, 1) == 2);
    assert_true(plain(FN_MIN, 1, 2) == 1 && plain(FN_MIN, 2, 1) == 1);
    assert_true(isnan(plain(FN_MAX, NAN, 1)) && isnan(plain(FN_MIN, NAN, 1)));
    assert_true(plain(FN_SIGN, -3, 0) == -1 && plain(FN_SIGN, 0, 0) == 0 &&
                plain(FN_SIGN, 5, 0) == 1);
    assert_true(plain(FN_RSQRT, 4, 0) == 0.5 && isinf(plain(FN_RSQRT, 0, 0)));
    assert_true(plain(FN_SIGMOID, 0, 0) == 0.5 && plain(FN_SIGMOID, 800, 0) == 1);
    assert_true(plain(FN_SIGMOID, -800, 0) == 0 && isnan(plain(FN_SIGMOID, NAN, 0)));
    assert_true(fabs(plain(FN_SIGMOID, -2, 0) - 0.11920292202211755) < 1e-16);
    assert_true(plain(FN_SOFTPLUS, 800, 0) == 800 && plain(FN_SOFTPLUS, -800, 0) == 0);
    assert_true(fabs(plain(FN_SOFTPLUS, 1, 0) - 1.3132616875182228) < 3e-16);
    assert_true(plain(FN_FLOOR, -1.5, 0) == -2 && plain(FN_ABS, -1.5, 0) == 1.5);
}

static void printed(void **state) {
    (void)state;
    static const char *const name[] = {"scalars",          "conv_f32",       "recurrence",
                                       "random_draws",     "argmax",         "strides",
                                       "vector_functions", "vector_sums_f32", "places"};
    for (int i = 0; i < 9; i++) {
        Text text = text_new(c->arena);
        loop_print(sample_make(c, sample_find(name[i])), &text);
        golden_compare(GOLDEN, arena_printf(c->arena, "%s.loops", name[i]), &text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv) {
    golden_bless = argc > 1 && strcmp(argv[1], "--bless") == 0;
    const struct CMUnitTest tests[] = {
        TEST(integers_fold),
        TEST(reals_do_not_fold),
        TEST(parentheses_keep_the_order),
        TEST(vectors_without_lanes),
        TEST(layout),
        TEST(shared_places),
        TEST(use),
        TEST(philox_known_answers),
        TEST(quotients),
        TEST(draws_are_uniform),
        TEST(printed),
        TEST(plain_helpers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
