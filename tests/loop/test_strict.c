// test_strict.c: the strict functions against long double (64 bits of precision here), over random
// and hard arguments, and at special values exactly.
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

// The bounds stated in prelude/: the error of a double result in units of its last place; of a
// float result, which is the double result rounded, half a unit and the error of the double.
static const double ULP_F64 = 1.0, ULP_F32 = 0.5001;
enum { RANDOM_ARGUMENTS = 20000 };

static uint64_t random_bits(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static double uniform(uint64_t *state, double low, double high) {
    return low + (high - low) * (double)(random_bits(state) >> 11) * 0x1p-53;
}

static long double exact(Function f, long double x, long double y) {
    if (f == FN_EXP) return expl(x);
    if (f == FN_LOG) return logl(x);
    if (f == FN_LOG1P) return log1pl(x);
    if (f == FN_EXPM1) return expm1l(x);
    if (f == FN_SIN) return sinl(x);
    if (f == FN_COS) return cosl(x);
    if (f == FN_TANH) return tanhl(x);
    if (f == FN_ERF) return erfl(x);
    if (f == FN_POWER) return powl(x, y);
    if (f == FN_SIGMOID) return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
    return (x < 0 ? 0 : x) + log1pl(expl(-fabsl(x))); // softplus
}

// The distance of y from the truth in units of the last place that a format with `digits` bits has
// there.
static double error_ulp(long double truth, double y, int digits, int least_exponent) {
    int exponent;
    if (isnan(truth) || isinf(truth) || isnan(y))
        return isnan(truth) && isnan(y) ? 0 : truth == (long double)y ? 0 : 1e9;
    frexpl(truth, &exponent);
    int place = exponent - digits;
    if (place < least_exponent) place = least_exponent;
    if (isinf(y))
        return fabsl(truth) > (digits == 53 ? (long double)DBL_MAX : (long double)FLT_MAX) ? 0
                                                                                           : 1e9;
    return (double)fabsl(ldexpl((long double)y - truth, -place));
}

static double worst;

static void try(Function f, double x, double y) {
    double error = error_ulp(exact(f, x, y), loop_scalar_f64(f, true, x, y), 53, -1074);
    if (error > worst) worst = error;
    if (error > ULP_F64) fail_msg("%s(%a, %a): %g ulp", function_name(f), x, y, error);
    float fx = (float)x, fy = (float)y;
    error = error_ulp(exact(f, fx, fy), loop_scalar_f32(f, true, fx, fy), 24, -149);
    if (error > ULP_F32)
        fail_msg("%s(%af, %af): %g ulp of float", function_name(f), (double)fx, (double)fy, error);
}

static void try_range(Function f, double low, double high) {
    uint64_t state = 1 + (uint64_t)f;
    for (int i = 0; i < RANDOM_ARGUMENTS; i++) try(f, uniform(&state, low, high), 0);
    // Small ones of every size.
    for (int e = -1074; e < 10; e++) {
        double x = ldexp(uniform(&state, 1, 2), e);
        if (x <= high) try(f, x, 0);
        if (-x >= low) try(f, -x, 0);
    }
}

static void accuracy(Function f, double low, double high) {
    worst = 0;
    try_range(f, low, high);
    try_range(f, low / 64, high / 64);
    print_message("%-8s in [%g, %g]: %.3f ulp\n", function_name(f), low, high, worst);
}

static void exp_family(void **state) {
    (void)state;
    accuracy(FN_EXP, -746, 710);
    accuracy(FN_EXPM1, -50, 710);
    accuracy(FN_TANH, -24, 24);
    accuracy(FN_SIGMOID, -746, 60);
    accuracy(FN_SOFTPLUS, -746, 60);
    accuracy(FN_ERF, -7, 7);
}

static void log_family(void **state) {
    (void)state;
    uint64_t random = 5;
    worst = 0;
    for (int i = 0; i < RANDOM_ARGUMENTS; i++) {
        double x = ldexp(uniform(&random, 1, 2), (int)(random_bits(&random) % 2098) - 1074);
        try(FN_LOG, x, 0);
        try(FN_LOG1P, x, 0);
        try(FN_LOG, uniform(&random, 0.5, 2), 0);
        try(FN_LOG1P, uniform(&random, -0.999, 2), 0);
        try(FN_LOG, 1 + ldexp(uniform(&random, -1, 1), -(int)(random_bits(&random) % 50)), 0);
    }
    try_range(FN_LOG1P, -1, 1);
    print_message("log, log1p: %.3f ulp\n", worst);
}

static void sin_and_cos(void **state) {
    (void)state;
    accuracy(FN_SIN, -100, 100);
    accuracy(FN_COS, -100, 100);
    // Near multiples of pi/2, and the double that is nearest of all to one.
    worst = 0;
    uint64_t random = 7;
    for (int i = 1; i < RANDOM_ARGUMENTS; i++) {
        double x = i * 1.5707963267948966;
        try(FN_SIN, x, 0);
        try(FN_COS, x, 0);
        double large = ldexp(uniform(&random, 1, 2), (int)(random_bits(&random) % 62));
        try(FN_SIN, large, 0);
        try(FN_COS, -large, 0);
    }
    print_message("sin, cos near k*pi/2 and up to 2^62: %.3f ulp\n", worst);
    // Beyond 2^63 long double functions of this machine still reduce exactly.
    try(FN_COS, 0x1.6ac5b262ca1ffp+849, 0);
    try(FN_SIN, 0x1.6ac5b262ca1ffp+849, 0);
    try(FN_SIN, DBL_MAX, 0);
    try(FN_COS, DBL_MAX, 0);
}

static void power(void **state) {
    (void)state;
    static const double exponents[] = {0.5,  -0.5, 1.5,    2.5, 3,      -2, 0.1,
                                       1e-3, 0.75, 100.25, -1,  1e-300, 17};
    uint64_t random = 9;
    worst = 0;
    for (int i = 0; i < RANDOM_ARGUMENTS; i++) {
        double x = ldexp(uniform(&random, 1, 2), (int)(random_bits(&random) % 2098) - 1074);
        try(FN_POWER, x, exponents[i % 13]);
        // Results near to the ends of the range: the hardest.
        double near = uniform(&random, 0.5, 1.5), y = uniform(&random, -744, 709) / log(near);
        try(FN_POWER, near, y);
    }
    print_message("power: %.3f ulp\n", worst);
}

static void expect(Function f, double x, double y, double result) {
    double got = loop_scalar_f64(f, true, x, y);
    bool same = isnan(result) ? isnan(got) : memcmp(&got, &result, sizeof got) == 0;
    if (!same) fail_msg("%s(%g, %g) is %a, not %a", function_name(f), x, y, got, result);
    float single = loop_scalar_f32(f, true, (float)x, (float)y), wanted = (float)result;
    same = isnan(result) ? isnan(single) : memcmp(&single, &wanted, sizeof single) == 0;
    if (!same) fail_msg("%s(%gf, %gf) is %a", function_name(f), x, y, (double)single);
}

static void special_values(void **state) {
    (void)state;
    static const Function odd[] = {FN_EXPM1, FN_LOG1P, FN_SIN, FN_TANH, FN_ERF};
    for (int i = 0; i < 5; i++) {
        expect(odd[i], 0.0, 0, 0.0);
        expect(odd[i], -0.0, 0, -0.0);
    }
    for (Function f = FN_ABS; f < FUNCTION_COUNT; f++)
        if (f != FN_SIGN && f != FN_POWER && f != FN_MIN && f != FN_MAX) expect(f, NAN, 0, NAN);
    expect(FN_EXP, 0, 0, 1);
    expect(FN_EXP, INFINITY, 0, INFINITY);
    expect(FN_EXP, -INFINITY, 0, 0);
    expect(FN_EXP, 1000, 0, INFINITY);
    expect(FN_EXP, -1000, 0, 0);
    expect(FN_EXPM1, INFINITY, 0, INFINITY);
    expect(FN_EXPM1, -INFINITY, 0, -1);
    expect(FN_LOG, 0, 0, -INFINITY);
    expect(FN_LOG, -0.0, 0, -INFINITY);
    expect(FN_LOG, 1, 0, 0);
    expect(FN_LOG, -1, 0, NAN);
    expect(FN_LOG, INFINITY, 0, INFINITY);
    expect(FN_LOG1P, -1, 0, -INFINITY);
    expect(FN_LOG1P, -2, 0, NAN);
    expect(FN_LOG1P, INFINITY, 0, INFINITY);
    expect(FN_SIN, INFINITY, 0, NAN);
    expect(FN_COS, -INFINITY, 0, NAN);
    expect(FN_COS, 0, 0, 1);
    expect(FN_TANH, INFINITY, 0, 1);
    expect(FN_TANH, -INFINITY, 0, -1);
    expect(FN_ERF, INFINITY, 0, 1);
    expect(FN_ERF, -INFINITY, 0, -1);
    expect(FN_SIGMOID, 0, 0, 0.5);
    expect(FN_SIGMOID, INFINITY, 0, 1);
    expect(FN_SIGMOID, -INFINITY, 0, 0);
    expect(FN_SOFTPLUS, INFINITY, 0, INFINITY);
    expect(FN_SOFTPLUS, -INFINITY, 0, 0);
}

static void power_as_c_defines_it(void **state) {
    (void)state;
    static const double value[] = {0.0,      -0.0,      1,   -1, 2,  -2,    0.5,    -0.5,
                                   INFINITY, -INFINITY, NAN, 3,  -3, 1e300, -1e-300};
    for (int i = 0; i < 15; i++)
        for (int k = 0; k < 15; k++) {
            double wanted = pow(value[i], value[k]);
            double got = loop_scalar_f64(FN_POWER, true, value[i], value[k]);
            // Both round the few results that are no special values, each within an ulp.
            bool near = isfinite(wanted) && fabs(got - wanted) <= fabs(wanted) * DBL_EPSILON;
            bool same = isnan(wanted) ? isnan(got)
                                      : (near || got == wanted) && signbit(got) == signbit(wanted);
            if (!same) fail_msg("power(%g, %g) is %a, not %a", value[i], value[k], got, wanted);
        }
}

static void denormal_results(void **state) {
    (void)state;
    worst = 0;
    for (double x = -708; x > -745; x -= 0.37) try(FN_EXP, x, 0);
    for (double y = -1022; y > -1074; y -= 0.5) try(FN_POWER, 2, y);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_family),       cmocka_unit_test(log_family),
        cmocka_unit_test(sin_and_cos),      cmocka_unit_test(power),
        cmocka_unit_test(special_values),   cmocka_unit_test(power_as_c_defines_it),
        cmocka_unit_test(denormal_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
