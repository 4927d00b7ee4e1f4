// test_vector.c: the functions of vectors of floats against libm in double, over floats of every
// size and sign and at special values.
#include "loop/scalar.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

// A prime: all low bits of a float vary. It leaves 43,000 floats.
static const uint32_t STRIDE = 99991;

static double exact(Function f, double x) {
    if (f == FN_EXP) return exp(x);
    if (f == FN_LOG) return log(x);
    if (f == FN_LOG1P) return log1p(x);
    if (f == FN_EXPM1) return expm1(x);
    if (f == FN_SIN) return sin(x);
    if (f == FN_COS) return cos(x);
    if (f == FN_TANH) return tanh(x);
    if (f == FN_ERF) return erf(x);
    if (f == FN_SIGMOID) return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
    return (x < 0 ? 0 : x) + log1p(exp(-fabs(x))); // softplus
}

// The distance from the truth in units of the last place that a float has there. Zeros must have
// the right sign; beyond the largest float there is only infinity.
static double error_ulp(double truth, float y) {
    const double wrong = 1e9, got = (double)y;
    if (isnan(truth) || isnan(y)) return isnan(truth) && isnan(y) ? 0 : wrong;
    if (truth == 0) return got == 0 && !signbit(truth) == !signbit(y) ? 0 : wrong;
    if (isinf(truth)) return truth == got ? 0 : wrong;
    if (isinf(y)) return fabs(truth) > 0x1.fffffcp127 && (y < 0) == (truth < 0) ? 0 : wrong;
    int exponent;
    frexp(truth, &exponent);
    return fabs(got - truth) / ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
}

static void try(Function f, float x, double bound, double *worst) {
    float y = loop_lane_f32(f, false, x, 0);
    double error = error_ulp(exact(f, (double)x), y);
    if (error > *worst) *worst = error;
    if (error > bound)
        fail_msg("%s(%a) is %a, not %a: %g ulp", function_name(f), (double)x, (double)y,
                 exact(f, (double)x), error);
}

static float float_of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void try_all(Function f, double bound) {
    static const float special[] = {0.0f,     -0.0f,     INFINITY,   -INFINITY, NAN,     FLT_MAX,
                                    -FLT_MAX, 0x1p-149f, -0x1p-149f, FLT_MIN,   1.0f,    -1.0f,
                                    800.0f,   -800.0f,   88.7f,      88.8f,     -103.9f, -104.1f};
    double worst = 0;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) try(f, special[i], bound, &worst);
    for (uint64_t bits = 1; bits <= UINT32_MAX; bits += STRIDE)
        try(f, float_of_bits((uint32_t)bits), bound, &worst);
    // Floats of every size are mostly far from 1; these are near.
    for (int i = -20000; i <= 20000; i++) try(f, (float)i * 0.0007f, bound, &worst);
    print_message("%-8s %.3f ulp\n", function_name(f), worst);
}

// The bounds stated in prelude/vector_f32.h.
static void accuracy(void **state) {
    (void)state;
    try_all(FN_EXP, 2);
    try_all(FN_EXPM1, 3);
    try_all(FN_LOG, 2);
    try_all(FN_LOG1P, 3);
    try_all(FN_TANH, 4);
    try_all(FN_SIGMOID, 4);
    try_all(FN_SOFTPLUS, 4);
    try_all(FN_ERF, 3);
    try_all(FN_SIN, 3);
    try_all(FN_COS, 3);
}

// What has no polynomial is what scalars compute.
static void others(void **state) {
    (void)state;
    static const float x[] = {-2.5f, -0.0f, 0.0f, 0.3f, 7.0f};
    for (Function f = FN_ABS; f < FUNCTION_COUNT; f++)
        for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
            double wide = loop_lane_f64(f, false, (double)x[i], 0.5);
            double scalar = loop_scalar_f64(f, false, (double)x[i], 0.5);
            assert_true(isnan(scalar) ? isnan(wide) : wide == scalar);
            float strict = loop_lane_f32(f, true, x[i], 0.5f);
            float of_scalar = loop_scalar_f32(f, true, x[i], 0.5f);
            assert_true(isnan(of_scalar) ? isnan(strict) : strict == of_scalar);
            assert_false(loop_lane_is_polynomial(f, false, false));
            assert_false(loop_lane_is_polynomial(f, true, true));
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(accuracy), cmocka_unit_test(others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
