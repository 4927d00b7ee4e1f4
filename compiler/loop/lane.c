// lane.c: one lane of the functions of vectors, from the same text as generated C. No lane depends
// on another, so the number of lanes does not matter.
#include "loop/scalar.h"

#include <math.h>

#define VEC_LANES 4
typedef float vec_lane;
typedef float vec __attribute__((vector_size(16)));
typedef int32_t vec_int __attribute__((vector_size(16)));
typedef float vec_unaligned __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint32_t vec_word __attribute__((vector_size(16)));
typedef int32_t vec_sign_word __attribute__((vector_size(16)));
typedef uint64_t vec_wide __attribute__((vector_size(16)));
#define VEC_INLINE static inline __attribute__((unused))

#include "loop/prelude/strict_double.h"
#include "loop/prelude/strict_exp.h"
#include "loop/prelude/strict_log.h"
#include "loop/prelude/strict_trigonometry.h"
#include "loop/prelude/strict_erf.h"
#include "loop/prelude/strict_power.h"
#include "loop/prelude/strict_f32.h"
#include "loop/prelude/vector.h"
#include "loop/prelude/vector_random.h"
#include "loop/prelude/vector_f32.h"

bool loop_lane_is_polynomial(Function f, bool is_f32, bool strict) {
    const bool has = f == FN_EXP || f == FN_EXPM1 || f == FN_LOG || f == FN_LOG1P || f == FN_TANH ||
                     f == FN_SIGMOID || f == FN_SOFTPLUS || f == FN_ERF || f == FN_SIN ||
                     f == FN_COS;
    return has && is_f32 && !strict;
}

static vec polynomial(Function f, vec x) {
    if (f == FN_EXP) return vec_exp(x);
    if (f == FN_EXPM1) return vec_expm1(x);
    if (f == FN_LOG) return vec_log(x);
    if (f == FN_LOG1P) return vec_log1p(x);
    if (f == FN_TANH) return vec_tanh(x);
    if (f == FN_SIGMOID) return vec_sigmoid(x);
    if (f == FN_SOFTPLUS) return vec_softplus(x);
    if (f == FN_ERF) return vec_erf(x);
    return f == FN_SIN ? vec_sin(x) : vec_cos(x);
}

float loop_lane_f32(Function f, bool strict, float a, float b) {
    if (loop_lane_is_polynomial(f, true, strict)) return polynomial(f, vec_splat(a))[0];
    return loop_scalar_f32(f, strict, a, b);
}

double loop_lane_f64(Function f, bool strict, double a, double b) {
    return loop_scalar_f64(f, strict, a, b);
}
