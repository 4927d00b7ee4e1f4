// llvm_math.c: functions of vectors of floats: loop/prelude/vector_f32.h, operation by operation.
// There each states its formula and its error; here stands the same arithmetic in IR. Each function
// is a helper of its name, so that the IR reads as the C does.
#include "emit/llvm.h"

#include <math.h>

typedef LLVMValueRef V;

static V k(LlvmEmitter *e, double value) {
    return llvm_number(e, e->vector, (double)(float)value);
}

static V ki(LlvmEmitter *e, int64_t value) {
    return llvm_splat(e, LLVMConstInt(e->i32, (unsigned long long)value, true));
}

static V add(LlvmEmitter *e, V a, V b) {
    return llvm_arithmetic(e, LLVMFAdd, a, b);
}

static V sub(LlvmEmitter *e, V a, V b) {
    return llvm_arithmetic(e, LLVMFSub, a, b);
}

static V mul(LlvmEmitter *e, V a, V b) {
    return llvm_arithmetic(e, LLVMFMul, a, b);
}

static V quotient(LlvmEmitter *e, V a, V b) {
    return llvm_arithmetic(e, LLVMFDiv, a, b);
}

// a*x + c
static V step(LlvmEmitter *e, V a, V x, double c) {
    return add(e, mul(e, a, x), k(e, c));
}

// (c[0]*x + c[1])*x + ... + c[count-1]
static V polynomial(LlvmEmitter *e, V x, const double *c, int count) {
    V sum = k(e, c[0]);
    for (int i = 1; i < count; i++) sum = step(e, sum, x, c[i]);
    return sum;
}
#define POLYNOMIAL(e, x, ...)                                                                      \
    polynomial(e, x, (const double[]){__VA_ARGS__},                                                \
               (int)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)))

static V whole(LlvmEmitter *e, LLVMOpcode op, V a, V b) {
    return LLVMBuildBinOp(e->builder, op, a, b, "");
}

static V bits(LlvmEmitter *e, V x) {
    return LLVMBuildBitCast(e->builder, x, e->vector_int, "");
}

static V of_bits(LlvmEmitter *e, V x) {
    return LLVMBuildBitCast(e->builder, x, e->vector, "");
}

static V is(LlvmEmitter *e, LLVMRealPredicate p, V a, V b) {
    return LLVMBuildFCmp(e->builder, p, a, b, "");
}

static V choose(LlvmEmitter *e, V mask, V a, V b) {
    return LLVMBuildSelect(e->builder, mask, a, b, "");
}

static V size_of(LlvmEmitter *e, V x) {
    return llvm_intrinsic(e, "llvm.fabs", e->vector, &x, 1);
}

static V copysign_of(LlvmEmitter *e, V x, V y) {
    return llvm_intrinsic(e, "llvm.copysign", e->vector, (V[]){x, y}, 2);
}

static V between(LlvmEmitter *e, V x, double low, double high) {
    return llvm_max(e, llvm_min(e, x, k(e, high)), k(e, low));
}

// --- exp

// x = turns*ln(2) + r; turns as an integer.
static V reduce_exp(LlvmEmitter *e, V x, V *r) {
    V shifted = step(e, x, k(e, 1.44269504f), 12582912.0f);
    V turns = sub(e, shifted, k(e, 12582912.0f));
    V rest = sub(e, x, mul(e, turns, k(e, 0.693359375f)));
    *r = add(e, rest, mul(e, turns, k(e, 0.000212194442f)));
    return whole(e, LLVMSub, bits(e, shifted), ki(e, 0x4B400000));
}

static V expm1_near(LlvmEmitter *e, V r) {
    V p = POLYNOMIAL(e, r, 0.00139362027f, 0.00836669654f, 0.0416664518f, 0.16666542f);
    return add(e, r, mul(e, mul(e, r, r), step(e, p, r, 0.5)));
}

static V power_of_two(LlvmEmitter *e, V n) {
    return of_bits(e, whole(e, LLVMShl, whole(e, LLVMAdd, n, ki(e, 127)), ki(e, 23)));
}

static V vec_exp(LlvmEmitter *e, V x) {
    V r, turns = reduce_exp(e, between(e, x, -104, 89), &r);
    V half = whole(e, LLVMAShr, turns, ki(e, 1));
    V near = add(e, k(e, 1), expm1_near(e, r));
    V part = mul(e, near, power_of_two(e, half));
    return mul(e, part, power_of_two(e, whole(e, LLVMSub, turns, half)));
}

static V vec_expm1(LlvmEmitter *e, V x) {
    V r, turns = reduce_exp(e, between(e, x, -20, 89), &r);
    V near = expm1_near(e, r), half = power_of_two(e, whole(e, LLVMSub, turns, ki(e, 1)));
    V far = mul(e, k(e, 2), add(e, mul(e, half, near), sub(e, half, k(e, 0.5))));
    V is_near = LLVMBuildICmp(e->builder, LLVMIntEQ, turns, ki(e, 0), "");
    return copysign_of(e, choose(e, is_near, near, far), x);
}

// --- log

// The exponent of x and its mantissa less one, from sqrt(1/2) - 1 to sqrt(2) - 1.
static V reduce_log(LlvmEmitter *e, V x, V *f) {
    V tiny = is(e, LLVMRealOLT, x, k(e, 0x1p-126));
    V scaled = size_of(e, choose(e, tiny, mul(e, x, k(e, 0x1p23)), x));
    V mantissa = whole(e, LLVMSub, bits(e, scaled), ki(e, 0x3F3504F3));
    V exponent = whole(e, LLVMAShr, mantissa, ki(e, 23));
    V less = LLVMBuildSelect(e->builder, tiny, ki(e, -23), ki(e, 0), "");
    V rest = whole(e, LLVMAnd, mantissa, ki(e, 0x7FFFFF));
    *f = sub(e, of_bits(e, whole(e, LLVMAdd, rest, ki(e, 0x3F3504F3))), k(e, 1));
    return LLVMBuildSIToFP(e->builder, whole(e, LLVMAdd, exponent, less), e->vector, "");
}

// log(x*(1 + c))
static V log_near(LlvmEmitter *e, V x, V c) {
    V f, turns = reduce_log(e, x, &f), z = mul(e, f, f);
    V p = POLYNOMIAL(e, f, 0.0673286989f, -0.116635315f, 0.118877068f, -0.124079056f, 0.14220041f,
                     -0.166678607f, 0.20002079f, -0.250000119f, 0.333333135f);
    V low = sub(e, c, mul(e, turns, k(e, 0.000212194442f)));
    V tail = add(e, mul(e, mul(e, f, z), p), low);
    tail = sub(e, tail, mul(e, k(e, 0.5), z));
    return add(e, mul(e, turns, k(e, 0.693359375f)), add(e, f, tail));
}

static V log_special(LlvmEmitter *e, V x, V y) {
    y = choose(e, is(e, LLVMRealOLT, x, k(e, INFINITY)), y, x);
    y = choose(e, is(e, LLVMRealOEQ, x, k(e, 0)), k(e, -INFINITY), y);
    return choose(e, is(e, LLVMRealOLT, x, k(e, 0)), k(e, NAN), y);
}

static V vec_log(LlvmEmitter *e, V x) {
    return log_special(e, x, log_near(e, x, k(e, 0)));
}

static V vec_log1p(LlvmEmitter *e, V x) {
    V one = k(e, 1), u = add(e, one, x);
    V lost = quotient(e, sub(e, x, sub(e, u, one)), u);
    return copysign_of(e, log_special(e, u, log_near(e, u, lost)), x);
}

// --- what follows from them

static V call(LlvmEmitter *e, Function f, V x) {
    return llvm_polynomial(e, f, x);
}

static V vec_tanh(LlvmEmitter *e, V x) {
    V bounded = llvm_min(e, size_of(e, x), k(e, 10));
    V power = call(e, FN_EXPM1, mul(e, k(e, 2), bounded));
    return copysign_of(e, quotient(e, power, add(e, power, k(e, 2))), x);
}

static V falling_exp(LlvmEmitter *e, V x) {
    return call(e, FN_EXP, llvm_negate(e, size_of(e, x)));
}

static V vec_sigmoid(LlvmEmitter *e, V x) {
    V power = falling_exp(e, x), below = is(e, LLVMRealOLT, x, k(e, 0));
    return quotient(e, choose(e, below, power, k(e, 1)), add(e, k(e, 1), power));
}

static V vec_softplus(LlvmEmitter *e, V x) {
    V tail = call(e, FN_LOG1P, falling_exp(e, x));
    return add(e, choose(e, is(e, LLVMRealOLT, x, k(e, 0)), k(e, 0), x), tail);
}

static V vec_erf(LlvmEmitter *e, V x) {
    V z = mul(e, x, x), t = llvm_min(e, size_of(e, x), k(e, 4));
    V p = POLYNOMIAL(e, z, -0.000565206574f, 0.00492258929f, -0.0267155413f, 0.112803191f,
                     -0.376123399f, 0.128379121f);
    V q = POLYNOMIAL(e, t, 0.000186786929f, -0.00295195892f, 0.0218565948f, -0.103148483f,
                     -0.638093054f, -1.12712276f, -0.000332636584f);
    V far = sub(e, k(e, 1), call(e, FN_EXP, q));
    return choose(e, is(e, LLVMRealOLT, t, k(e, 1)), add(e, x, mul(e, x, p)),
                  copysign_of(e, far, x));
}

// --- sin, cos

// sin(x + quarter*pi/2) for |x| <= 8192.
static V sin_near(LlvmEmitter *e, V x, int quarter) {
    V shifted = step(e, x, k(e, 0.636619772f), 12582912.0f), n = sub(e, shifted, k(e, 12582912.0f));
    static const double part[] = {1.5703125f, 0.000483751297f, 7.54953362e-08f, 2.56334407e-12f};
    V r = x;
    for (int i = 0; i < 4; i++) r = sub(e, r, mul(e, n, k(e, part[i])));
    V z = mul(e, r, r);
    V of_sin = POLYNOMIAL(e, z, -0.000195184082f, 0.0083321901f, -0.166666552f);
    V s = add(e, r, mul(e, mul(e, r, z), of_sin));
    V of_cos = POLYNOMIAL(e, z, 2.44323237e-05f, -0.00138873095f, 0.0416666456f);
    V c = sub(e, k(e, 1), mul(e, k(e, 0.5), z));
    c = add(e, c, mul(e, mul(e, z, z), of_cos));
    V turns = whole(e, LLVMAdd, bits(e, shifted), ki(e, quarter));
    V odd = whole(e, LLVMAnd, turns, ki(e, 1)), flips = whole(e, LLVMAnd, turns, ki(e, 2));
    V even = LLVMBuildICmp(e->builder, LLVMIntEQ, odd, ki(e, 0), "");
    V y = bits(e, choose(e, even, s, c));
    return of_bits(e, whole(e, LLVMXor, y, whole(e, LLVMShl, flips, ki(e, 30))));
}

// Angles beyond 8192 (and NaN) go through libm, lane by lane.
static V with_large(LlvmEmitter *e, Function f, V x, V y) {
    V small = is(e, LLVMRealOLE, size_of(e, x), k(e, 8192)), all;
    all = llvm_intrinsic(e, "llvm.vector.reduce.and", e->mask, &small, 1);
    LLVMBasicBlockRef far = llvm_new_block(e, "far"), end = llvm_new_block(e, "end");
    LLVMBasicBlockRef from[] = {LLVMGetInsertBlock(e->builder), far};
    LLVMBuildCondBr(e->builder, all, end, far);
    LLVMPositionBuilderAtEnd(e->builder, far);
    V value[] = {y, choose(e, small, y, llvm_each(e, f, &x))};
    LLVMBuildBr(e->builder, end);
    LLVMPositionBuilderAtEnd(e->builder, end);
    V phi = LLVMBuildPhi(e->builder, e->vector, "");
    LLVMAddIncoming(phi, value, from, 2);
    return phi;
}

static V vec_sin(LlvmEmitter *e, V x) {
    V y = choose(e, is(e, LLVMRealOEQ, x, k(e, 0)), x, sin_near(e, x, 0));
    return with_large(e, FN_SIN, x, y);
}

static V vec_cos(LlvmEmitter *e, V x) {
    return with_large(e, FN_COS, x, sin_near(e, x, 1));
}

// --- the helpers

static V body_of(LlvmEmitter *e, Function f, V x) {
    if (f == FN_EXP) return vec_exp(e, x);
    if (f == FN_EXPM1) return vec_expm1(e, x);
    if (f == FN_LOG) return vec_log(e, x);
    if (f == FN_LOG1P) return vec_log1p(e, x);
    if (f == FN_TANH) return vec_tanh(e, x);
    if (f == FN_SIGMOID) return vec_sigmoid(e, x);
    if (f == FN_SOFTPLUS) return vec_softplus(e, x);
    if (f == FN_ERF) return vec_erf(e, x);
    return f == FN_SIN ? vec_sin(e, x) : vec_cos(e, x);
}

LLVMValueRef llvm_polynomial(LlvmEmitter *e, Function f, LLVMValueRef x) {
    const char *name = arena_printf(e->arena, "vec_%s", function_name(f));
    LlvmHelper helper = llvm_helper(e, name, e->vector, &e->vector, 1);
    if (helper.is_new) {
        LlvmOuter outer = llvm_enter(e, helper.function);
        LLVMBuildRet(e->builder, body_of(e, f, LLVMGetParam(helper.function, 0)));
        llvm_leave(e, outer);
    }
    return llvm_call(e, helper, &x, 1);
}
