// scalar.h: the scalar functions and random draws of loop expressions, as values. They are compiled
// from the text that the C emitter prints (prelude/*.h), so the interpreter, generated C and the
// JIT compute the same.
#ifndef NETC_LOOP_SCALAR_H
#define NETC_LOOP_SCALAR_H

#include "support/function.h"

#include <stdbool.h>
#include <stdint.h>

// f(a) or f(a, b); b is ignored by functions of one argument. strict: our own exp, log ...; else
// those of libm.
double loop_scalar_f64(Function f, bool strict, double a, double b);
float loop_scalar_f32(Function f, bool strict, float a, float b);

// The same in one lane of a vector: floats have polynomials of their own where libm is not asked to
// be exact, so that all lanes go through the same arithmetic.
double loop_lane_f64(Function f, bool strict, double a, double b);
float loop_lane_f32(Function f, bool strict, float a, float b);
// Whether vectors compute f by such a polynomial, vec_<name of f>, rather than as scalars do.
bool loop_lane_is_polynomial(Function f, bool is_f32, bool strict);

// A multiple of 2^-24 in [0, 1); see prelude/random.h.
double loop_scalar_random(uint64_t seed, uint64_t step, uint64_t stream, int sample, int element);

// Quotients rounded down and up, b > 0; and the integer part of x, saturating, 0 for NaN.
int loop_scalar_floor_divide(int a, int b);
int loop_scalar_ceil_divide(int a, int b);
int loop_scalar_int(double x);

#endif
