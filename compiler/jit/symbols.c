// symbols.c: the allow-list of generated code.
//
// Each entry is a function of this plug-in that has the type of its name, so that the list cannot
// name what does not exist, and nothing is found that is not listed.
#include "jit/internal.h"

#include "emit/llvm.h"
#include "jit/strict.h"

#include <math.h>
#include <string.h>

typedef float F1(float);
typedef float F2(float, float);
typedef double D1(double);
typedef double D2(double, double);

#define LIBM_1(name)                                                                               \
    {#name, (JitFunction *)(D1 *)name}, {                                                          \
#name "f", (JitFunction *)(F1 *)name##f                                                    \
    }
#define LIBM_2(name)                                                                               \
    {#name, (JitFunction *)(D2 *)name}, {                                                          \
#name "f", (JitFunction *)(F2 *)name##f                                                    \
    }
#define OURS(f)                                                                                    \
    {"net_strict_" #f "_f32", (JitFunction *)net_strict_##f##_f32}, {                              \
        "net_strict_" #f "_f64", (JitFunction *)net_strict_##f##_f64                               \
    }

static const JitSymbol symbol[] = {
    LIBM_1(exp),
    LIBM_1(log),
    LIBM_1(log1p),
    LIBM_1(expm1),
    LIBM_1(sin),
    LIBM_1(cos),
    LIBM_1(tanh),
    LIBM_1(erf),
    LIBM_1(floor),
    LIBM_2(pow),
    OURS(exp),
    OURS(log),
    OURS(log1p),
    OURS(expm1),
    OURS(sin),
    OURS(cos),
    OURS(tanh),
    OURS(sigmoid),
    OURS(softplus),
    OURS(erf),
    OURS(power),
    {LLVM_PARALLEL, (JitFunction *)net_parallel},
    // LLVM makes calls of these from loops that copy and clear.
    {"memcpy", (JitFunction *)memcpy},
    {"memmove", (JitFunction *)memmove},
    {"memset", (JitFunction *)memset},
};

const JitSymbol *jit_symbols(int *count) {
    *count = (int)(sizeof symbol / sizeof *symbol);
    return symbol;
}
