// strict.c: the strict functions of the prelude as symbols.
#include "jit/strict.h"

#include <math.h>
#include <stdint.h>

#include "loop/prelude/strict_double.h"
#include "loop/prelude/strict_exp.h"
#include "loop/prelude/strict_log.h"
#include "loop/prelude/strict_trigonometry.h"
#include "loop/prelude/strict_erf.h"
#include "loop/prelude/strict_power.h"
#include "loop/prelude/strict_f32.h"

#define DEFINE(name)                                                                               \
    float net_strict_##name##_f32(float x) {                                                       \
        return strict_##name##_f32(x);                                                             \
    }                                                                                              \
    double net_strict_##name##_f64(double x) {                                                     \
        return strict_##name##_f64(x);                                                             \
    }
NET_STRICT_EACH(DEFINE)

float net_strict_power_f32(float x, float y) {
    return strict_power_f32(x, y);
}

double net_strict_power_f64(double x, double y) {
    return strict_power_f64(x, y);
}
