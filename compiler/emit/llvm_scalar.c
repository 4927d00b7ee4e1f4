// llvm_scalar.c: functions of scalars: instructions and intrinsics where every processor rounds
// alike, libm or its strict counterpart for the rest. sign, min, max ... are those of the prelude.
#include "emit/llvm.h"

#include <string.h>

static bool is_float(const LlvmEmitter *e, LLVMTypeRef type) {
    return LLVMGetTypeKind(type) == LLVMFloatTypeKind ||
           (LLVMGetTypeKind(type) == LLVMVectorTypeKind && e->module->is_f32);
}

LLVMValueRef llvm_number(LlvmEmitter *e, LLVMTypeRef type, double value) {
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind) return LLVMConstReal(type, value);
    return llvm_splat(e, LLVMConstReal(e->real, value));
}

static LLVMValueRef compare(LlvmEmitter *e, LLVMRealPredicate p, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildFCmp(e->builder, p, a, b, "");
}

static LLVMValueRef choose(LlvmEmitter *e, LLVMValueRef c, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildSelect(e->builder, c, a, b, "");
}

LLVMValueRef llvm_min(LlvmEmitter *e, LLVMValueRef a, LLVMValueRef b) {
    return choose(e, compare(e, LLVMRealOLT, b, a), b, a);
}

LLVMValueRef llvm_max(LlvmEmitter *e, LLVMValueRef a, LLVMValueRef b) {
    return choose(e, compare(e, LLVMRealOLT, a, b), b, a);
}

static LLVMValueRef sign(LlvmEmitter *e, LLVMTypeRef type, LLVMValueRef x) {
    LLVMValueRef zero = LLVMConstNull(type), one = llvm_number(e, type, 1);
    LLVMValueRef above = choose(e, compare(e, LLVMRealOGT, x, zero), one, zero);
    return choose(e, compare(e, LLVMRealOLT, x, zero), llvm_number(e, type, -1), above);
}

static LLVMValueRef reciprocal_root(LlvmEmitter *e, LLVMTypeRef type, LLVMValueRef x) {
    LLVMValueRef root = llvm_intrinsic(e, "llvm.sqrt", type, &x, 1);
    return llvm_arithmetic(e, LLVMFDiv, llvm_number(e, type, 1), root);
}

bool llvm_is_instruction(Function f) {
    switch (f) {
    case FN_ABS:
    case FN_SQRT:
    case FN_RSQRT:
    case FN_SIGN:
    case FN_FLOOR:
    case FN_MIN:
    case FN_MAX: return true;
    case FN_EXP:
    case FN_LOG:
    case FN_LOG1P:
    case FN_EXPM1:
    case FN_SIN:
    case FN_COS:
    case FN_TANH:
    case FN_SIGMOID:
    case FN_SOFTPLUS:
    case FN_ERF:
    case FN_POWER:
    case FUNCTION_COUNT: break;
    }
    return false;
}

LLVMValueRef llvm_instruction(LlvmEmitter *e, Function f, LLVMTypeRef type,
                              LLVMValueRef *argument) {
    if (f == FN_ABS) return llvm_intrinsic(e, "llvm.fabs", type, argument, 1);
    if (f == FN_SQRT) return llvm_intrinsic(e, "llvm.sqrt", type, argument, 1);
    if (f == FN_FLOOR) return llvm_intrinsic(e, "llvm.floor", type, argument, 1);
    if (f == FN_RSQRT) return reciprocal_root(e, type, argument[0]);
    if (f == FN_SIGN) return sign(e, type, argument[0]);
    return f == FN_MIN ? llvm_min(e, argument[0], argument[1])
                       : llvm_max(e, argument[0], argument[1]);
}

static LLVMValueRef external(LlvmEmitter *e, const char *name, LLVMTypeRef type,
                             LLVMValueRef *argument, int count) {
    LLVMTypeRef parameter[] = {type, type};
    return llvm_call(e, llvm_external(e, name, type, parameter, count), argument, count);
}

static LLVMValueRef libm(LlvmEmitter *e, const char *name, LLVMTypeRef type, LLVMValueRef *argument,
                         int count) {
    const char *suffix = is_float(e, type) ? "f" : "";
    return external(e, arena_printf(e->arena, "%s%s", name, suffix), type, argument, count);
}

// exp(-|x|), which cannot overflow.
static LLVMValueRef falling_exp(LlvmEmitter *e, LLVMTypeRef type, LLVMValueRef x) {
    LLVMValueRef size = llvm_intrinsic(e, "llvm.fabs", type, &x, 1), down = llvm_negate(e, size);
    return libm(e, "exp", type, &down, 1);
}

// 1/(1 + e) or e/(1 + e) for e = exp(-|x|).
static LLVMValueRef sigmoid(LlvmEmitter *e, LLVMTypeRef type, LLVMValueRef x) {
    LLVMValueRef one = llvm_number(e, type, 1), power = falling_exp(e, type, x);
    LLVMValueRef below = compare(e, LLVMRealOLT, x, LLVMConstNull(type));
    LLVMValueRef sum = llvm_arithmetic(e, LLVMFAdd, one, power);
    return llvm_arithmetic(e, LLVMFDiv, choose(e, below, power, one), sum);
}

// max(x, 0) + log(1 + exp(-|x|)).
static LLVMValueRef softplus(LlvmEmitter *e, LLVMTypeRef type, LLVMValueRef x) {
    LLVMValueRef zero = LLVMConstNull(type), power = falling_exp(e, type, x);
    LLVMValueRef part = choose(e, compare(e, LLVMRealOLT, x, zero), zero, x);
    return llvm_arithmetic(e, LLVMFAdd, part, libm(e, "log1p", type, &power, 1));
}

LLVMValueRef llvm_scalar_function(LlvmEmitter *e, Function f, LLVMTypeRef type,
                                  LLVMValueRef *argument) {
    const char *name = f == FN_POWER ? "pow" : function_name(f);
    const char *suffix = is_float(e, type) ? "f32" : "f64";
    if (llvm_is_instruction(f)) return llvm_instruction(e, f, type, argument);
    if (e->module->strict) {
        const char *strict =
            arena_printf(e->arena, "%sstrict_%s_%s", LLVM_STRICT_PREFIX, function_name(f), suffix);
        return external(e, strict, type, argument, function_arity(f));
    }
    if (f == FN_SIGMOID) return sigmoid(e, type, argument[0]);
    if (f == FN_SOFTPLUS) return softplus(e, type, argument[0]);
    return libm(e, name, type, argument, function_arity(f));
}
