// scalar.c: the prelude as code.
#include "loop/scalar.h"

#include <math.h>

#include "loop/prelude/integer.h"
#include "loop/prelude/real.h"
#include "loop/prelude/random.h"
#include "loop/prelude/strict_double.h"
#include "loop/prelude/strict_exp.h"
#include "loop/prelude/strict_log.h"
#include "loop/prelude/strict_trigonometry.h"
#include "loop/prelude/strict_erf.h"
#include "loop/prelude/strict_power.h"
#include "loop/prelude/strict_f32.h"

static double plain_f64(Function f, double a, double b) {
    switch (f) {
    case FN_ABS: return fabs(a);
    case FN_EXP: return exp(a);
    case FN_LOG: return log(a);
    case FN_LOG1P: return log1p(a);
    case FN_EXPM1: return expm1(a);
    case FN_SQRT: return sqrt(a);
    case FN_RSQRT: return rsqrt_f64(a);
    case FN_SIN: return sin(a);
    case FN_COS: return cos(a);
    case FN_TANH: return tanh(a);
    case FN_SIGMOID: return sigmoid_f64(a);
    case FN_SOFTPLUS: return softplus_f64(a);
    case FN_ERF: return erf(a);
    case FN_SIGN: return sign_f64(a);
    case FN_FLOOR: return floor(a);
    case FN_MIN: return min_f64(a, b);
    case FN_MAX: return max_f64(a, b);
    case FN_POWER: return pow(a, b);
    case FUNCTION_COUNT: break;
    }
    return NAN;
}

static float plain_f32(Function f, float a, float b) {
    switch (f) {
    case FN_ABS: return fabsf(a);
    case FN_EXP: return expf(a);
    case FN_LOG: return logf(a);
    case FN_LOG1P: return log1pf(a);
    case FN_EXPM1: return expm1f(a);
    case FN_SQRT: return sqrtf(a);
    case FN_RSQRT: return rsqrt_f32(a);
    case FN_SIN: return sinf(a);
    case FN_COS: return cosf(a);
    case FN_TANH: return tanhf(a);
    case FN_SIGMOID: return sigmoid_f32(a);
    case FN_SOFTPLUS: return softplus_f32(a);
    case FN_ERF: return erff(a);
    case FN_SIGN: return sign_f32(a);
    case FN_FLOOR: return floorf(a);
    case FN_MIN: return min_f32(a, b);
    case FN_MAX: return max_f32(a, b);
    case FN_POWER: return powf(a, b);
    case FUNCTION_COUNT: break;
    }
    return NAN;
}

static double strict_f64(Function f, double a, double b) {
    switch (f) {
    case FN_EXP: return strict_exp_f64(a);
    case FN_LOG: return strict_log_f64(a);
    case FN_LOG1P: return strict_log1p_f64(a);
    case FN_EXPM1: return strict_expm1_f64(a);
    case FN_SIN: return strict_sin_f64(a);
    case FN_COS: return strict_cos_f64(a);
    case FN_TANH: return strict_tanh_f64(a);
    case FN_SIGMOID: return strict_sigmoid_f64(a);
    case FN_SOFTPLUS: return strict_softplus_f64(a);
    case FN_ERF: return strict_erf_f64(a);
    case FN_POWER: return strict_power_f64(a, b);
    case FN_ABS:
    case FN_SQRT:
    case FN_RSQRT:
    case FN_SIGN:
    case FN_FLOOR:
    case FN_MIN:
    case FN_MAX:
    case FUNCTION_COUNT: break;
    }
    return plain_f64(f, a, b);
}

static float strict_f32(Function f, float a, float b) {
    switch (f) {
    case FN_EXP: return strict_exp_f32(a);
    case FN_LOG: return strict_log_f32(a);
    case FN_LOG1P: return strict_log1p_f32(a);
    case FN_EXPM1: return strict_expm1_f32(a);
    case FN_SIN: return strict_sin_f32(a);
    case FN_COS: return strict_cos_f32(a);
    case FN_TANH: return strict_tanh_f32(a);
    case FN_SIGMOID: return strict_sigmoid_f32(a);
    case FN_SOFTPLUS: return strict_softplus_f32(a);
    case FN_ERF: return strict_erf_f32(a);
    case FN_POWER: return strict_power_f32(a, b);
    case FN_ABS:
    case FN_SQRT:
    case FN_RSQRT:
    case FN_SIGN:
    case FN_FLOOR:
    case FN_MIN:
    case FN_MAX:
    case FUNCTION_COUNT: break;
    }
    return plain_f32(f, a, b);
}

double loop_scalar_f64(Function f, bool strict, double a, double b) {
    return strict ? strict_f64(f, a, b) : plain_f64(f, a, b);
}

float loop_scalar_f32(Function f, bool strict, float a, float b) {
    return strict ? strict_f32(f, a, b) : plain_f32(f, a, b);
}

double loop_scalar_random(uint64_t seed, uint64_t step, uint64_t stream, int sample, int element) {
    return random_f64(seed, step, stream, sample, element);
}

int loop_scalar_floor_divide(int a, int b) {
    return floor_divide(a, b);
}

int loop_scalar_ceil_divide(int a, int b) {
    return ceil_divide(a, b);
}

int loop_scalar_int(double x) {
    return int_of_real(x);
}
