/* math.h for WebAssembly, which has no libm: its instructions, and functions of our own beside this
   file. `netc playground` compiles generated C with it. */
#ifndef WASM_MATH_H
#define WASM_MATH_H

#define NAN (__builtin_nanf(""))
#define INFINITY (__builtin_inff())
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)

static inline double fabs(double x) {
    return __builtin_fabs(x);
}
static inline float fabsf(float x) {
    return __builtin_fabsf(x);
}
static inline double sqrt(double x) {
    return __builtin_sqrt(x);
}
static inline float sqrtf(float x) {
    return __builtin_sqrtf(x);
}
static inline double floor(double x) {
    return __builtin_floor(x);
}
static inline float floorf(float x) {
    return __builtin_floorf(x);
}
static inline double copysign(double x, double y) {
    return __builtin_copysign(x, y);
}

double exp(double x);
double expm1(double x);
double log(double x);
double log1p(double x);
double sin(double x);
double cos(double x);
double tanh(double x);
double erf(double x);
double pow(double x, double y);
float expf(float x);
float expm1f(float x);
float logf(float x);
float log1pf(float x);
float sinf(float x);
float cosf(float x);
float tanhf(float x);
float erff(float x);
float powf(float x, float y);

#endif
