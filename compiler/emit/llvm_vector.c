// llvm_vector.c: what vectors have beside the operations that scalars have too.
#include "emit/llvm.h"
#include "loop/scalar.h"

LLVMValueRef llvm_lane(LlvmEmitter *e, LLVMValueRef vector, int lane) {
    return LLVMBuildExtractElement(e->builder, vector, LLVMConstInt(e->i32, (unsigned)lane, false),
                                   "");
}

// Indices begin, begin + 1, ... of a shuffle.
static LLVMValueRef indices(LlvmEmitter *e, int begin, int count) {
    LLVMValueRef index[LOOP_LANES_MAX];
    for (int i = 0; i < count; i++) index[i] = LLVMConstInt(e->i32, (unsigned)(begin + i), false);
    return LLVMConstVector(index, (unsigned)count);
}

LLVMValueRef llvm_splat(LlvmEmitter *e, LLVMValueRef scalar) {
    LLVMTypeRef of = LLVMTypeOf(scalar);
    unsigned lanes = LLVMGetVectorSize(e->vector);
    LLVMTypeRef type = LLVMVectorType(of, lanes);
    LLVMValueRef none = LLVMGetPoison(type), item[LOOP_LANES_MAX];
    if (LLVMIsConstant(scalar)) {
        for (unsigned i = 0; i < lanes; i++) item[i] = scalar;
        return LLVMConstVector(item, lanes);
    }
    LLVMValueRef first = LLVMConstNull(e->i32);
    LLVMValueRef one = LLVMBuildInsertElement(e->builder, none, scalar, first, "");
    LLVMValueRef all = LLVMConstNull(LLVMVectorType(e->i32, lanes));
    return LLVMBuildShuffleVector(e->builder, one, none, all, "");
}

// The upper half is added to the lower until one lane is left.
LLVMValueRef llvm_lane_sum(LlvmEmitter *e, LLVMValueRef x) {
    for (int half = e->module->lanes / 2; half > 0; half /= 2) {
        LLVMValueRef none = LLVMGetPoison(LLVMTypeOf(x));
        LLVMValueRef lower = LLVMBuildShuffleVector(e->builder, x, none, indices(e, 0, half), "");
        LLVMValueRef upper =
            LLVMBuildShuffleVector(e->builder, x, none, indices(e, half, half), "");
        x = llvm_arithmetic(e, LLVMFAdd, lower, upper);
    }
    return llvm_lane(e, x, 0);
}

// A function of scalars, called on each lane.
LLVMValueRef llvm_each(LlvmEmitter *e, Function f, LLVMValueRef *argument) {
    LLVMValueRef result = LLVMGetPoison(e->vector);
    for (int i = 0; i < e->module->lanes; i++) {
        LLVMValueRef lane[2];
        for (int k = 0; k < function_arity(f); k++) lane[k] = llvm_lane(e, argument[k], i);
        LLVMValueRef value = llvm_scalar_function(e, f, e->real, lane);
        LLVMValueRef at = LLVMConstInt(e->i32, (unsigned)i, false);
        result = LLVMBuildInsertElement(e->builder, result, value, at, "");
    }
    return result;
}

// As a helper of its own: the calls are many, and so may be its uses.
static LLVMValueRef each_call(LlvmEmitter *e, Function f, LLVMValueRef *argument) {
    const LLVMTypeRef parameter[] = {e->vector, e->vector};
    const char *name = arena_printf(e->arena, "vec_each_%s", function_name(f));
    LlvmHelper helper = llvm_helper(e, name, e->vector, parameter, function_arity(f));
    if (helper.is_new) {
        LlvmOuter outer = llvm_enter(e, helper.function);
        LLVMValueRef own[2];
        LLVMGetParams(helper.function, own);
        LLVMBuildRet(e->builder, llvm_each(e, f, own));
        llvm_leave(e, outer);
    }
    return llvm_call(e, helper, argument, function_arity(f));
}

LLVMValueRef llvm_vector_function(LlvmEmitter *e, const LoopExpr *x, LLVMValueRef *argument) {
    const Function f = x->function;
    if (loop_lane_is_polynomial(f, e->module->is_f32, e->module->strict))
        return llvm_polynomial(e, f, argument[0]);
    if (llvm_is_instruction(f)) return llvm_instruction(e, f, e->vector, argument);
    return each_call(e, f, argument);
}
