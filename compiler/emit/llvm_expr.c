// llvm_expr.c: loop expressions as LLVM values.
#include "emit/llvm.h"

#include <stdint.h>

LLVMTypeRef llvm_memory_type(const LlvmEmitter *e, LoopType type) {
    if (type == LOOP_INT) return e->i32;
    return type == LOOP_REAL ? e->real : e->f64;
}

LLVMTypeRef llvm_type(const LlvmEmitter *e, LoopType type) {
    switch (type) {
    case LOOP_REAL: return e->real;
    case LOOP_F64: return e->f64;
    case LOOP_INT: return e->i64;
    case LOOP_BOOL: return e->i1;
    case LOOP_VECTOR: return e->vector;
    case LOOP_MASK: return e->mask;
    }
    return e->real;
}

LLVMValueRef llvm_integer(const LlvmEmitter *e, int64_t value) {
    return LLVMConstInt(e->i64, (unsigned long long)value, true);
}

// --- arithmetic

static LLVMValueRef contracted(LlvmEmitter *e, LLVMValueRef value) {
    if (!e->module->strict && LLVMIsAInstruction(value))
        LLVMSetFastMathFlags(value, LLVMFastMathAllowContract);
    return value;
}

LLVMValueRef llvm_arithmetic(LlvmEmitter *e, LLVMOpcode op, LLVMValueRef a, LLVMValueRef b) {
    return contracted(e, LLVMBuildBinOp(e->builder, op, a, b, ""));
}

LLVMValueRef llvm_negate(LlvmEmitter *e, LLVMValueRef a) {
    return contracted(e, LLVMBuildFNeg(e->builder, a, ""));
}

static bool is_whole(LoopType type) {
    return type == LOOP_INT;
}

static LLVMValueRef integer_arithmetic(LlvmEmitter *e, LoopExprKind kind, LLVMValueRef a,
                                       LLVMValueRef b) {
    if (kind == LOOP_ADD) return LLVMBuildNSWAdd(e->builder, a, b, "");
    if (kind == LOOP_SUBTRACT) return LLVMBuildNSWSub(e->builder, a, b, "");
    return LLVMBuildNSWMul(e->builder, a, b, "");
}

static LLVMValueRef arithmetic(LlvmEmitter *e, const LoopExpr *x) {
    LLVMValueRef a = llvm_expr(e, x->arg[0]), b = llvm_expr(e, x->arg[1]);
    if (is_whole(x->type)) return integer_arithmetic(e, x->kind, a, b);
    const LLVMOpcode op = x->kind == LOOP_ADD        ? LLVMFAdd
                          : x->kind == LOOP_SUBTRACT ? LLVMFSub
                          : x->kind == LOOP_MULTIPLY ? LLVMFMul
                                                     : LLVMFDiv;
    return llvm_arithmetic(e, op, a, b);
}

static LLVMValueRef negation(LlvmEmitter *e, const LoopExpr *x) {
    LLVMValueRef a = llvm_expr(e, x->arg[0]);
    return is_whole(x->type) ? LLVMBuildNSWNeg(e->builder, a, "") : llvm_negate(e, a);
}

static LLVMValueRef extreme(LlvmEmitter *e, const LoopExpr *x) {
    LLVMValueRef a = llvm_expr(e, x->arg[0]), b = llvm_expr(e, x->arg[1]);
    const LLVMIntPredicate p = x->kind == LOOP_INT_MIN ? LLVMIntSLT : LLVMIntSGT;
    return LLVMBuildSelect(e->builder, LLVMBuildICmp(e->builder, p, a, b, ""), a, b, "");
}

// The quotient rounded towards zero, one less or more where there is a rest on the other side. The
// processor divides ints faster than longer integers.
static LLVMValueRef division(LlvmEmitter *e, const LoopExpr *x) {
    LLVMBuilderRef b = e->builder;
    LLVMValueRef dividend = LLVMBuildTrunc(b, llvm_expr(e, x->arg[0]), e->i32, "");
    LLVMValueRef divisor = LLVMBuildTrunc(b, llvm_expr(e, x->arg[1]), e->i32, "");
    LLVMValueRef quotient = LLVMBuildSDiv(b, dividend, divisor, "");
    LLVMValueRef rest = LLVMBuildSRem(b, dividend, divisor, ""), zero = LLVMConstNull(e->i32);
    bool down = x->kind == LOOP_FLOOR_DIVIDE;
    LLVMValueRef beyond = LLVMBuildICmp(b, down ? LLVMIntSLT : LLVMIntSGT, rest, zero, "");
    LLVMValueRef one = LLVMBuildZExt(b, beyond, e->i32, "");
    LLVMValueRef result =
        down ? LLVMBuildSub(b, quotient, one, "") : LLVMBuildAdd(b, quotient, one, "");
    return LLVMBuildSExt(b, result, e->i64, "");
}

// --- conditions

static LLVMValueRef comparison(LlvmEmitter *e, const LoopExpr *x) {
    LLVMValueRef a = llvm_expr(e, x->arg[0]), b = llvm_expr(e, x->arg[1]);
    bool less = x->kind == LOOP_LESS, equal = x->kind == LOOP_EQUAL;
    if (is_whole(x->arg[0]->type))
        return LLVMBuildICmp(e->builder,
                             less    ? LLVMIntSLT
                             : equal ? LLVMIntEQ
                                     : LLVMIntSLE,
                             a, b, "");
    return LLVMBuildFCmp(e->builder,
                         less    ? LLVMRealOLT
                         : equal ? LLVMRealOEQ
                                 : LLVMRealOLE,
                         a, b, "");
}

LLVMBasicBlockRef llvm_new_block(LlvmEmitter *e, const char *name) {
    return LLVMAppendBasicBlockInContext(e->context, e->frame.function, name);
}

// Whether x may be computed though nobody needs it: it reads no memory and calls nothing.
static bool is_harmless(const LoopExpr *x) {
    if (x->kind == LOOP_LOAD || x->kind == LOOP_CALL) return false;
    if (x->kind == LOOP_RANDOM || x->kind == LOOP_BERNOULLI) return false;
    for (int i = 0; i < x->arg_count; i++)
        if (!is_harmless(x->arg[i])) return false;
    return true;
}

// Computes `x` in a block of its own that ends in `end`; returns the block that it ends in.
static LLVMBasicBlockRef branch(LlvmEmitter *e, LLVMBasicBlockRef begin, LLVMBasicBlockRef end,
                                const LoopExpr *x, LLVMValueRef *value) {
    LLVMPositionBuilderAtEnd(e->builder, begin);
    *value = llvm_expr(e, x);
    LLVMBuildBr(e->builder, end);
    return LLVMGetInsertBlock(e->builder);
}

static LLVMValueRef join(LlvmEmitter *e, LLVMBasicBlockRef end, LLVMValueRef *value,
                         LLVMBasicBlockRef *from) {
    LLVMPositionBuilderAtEnd(e->builder, end);
    LLVMValueRef phi = LLVMBuildPhi(e->builder, LLVMTypeOf(value[0]), "");
    LLVMAddIncoming(phi, value, from, 2);
    return phi;
}

static LLVMValueRef selection(LlvmEmitter *e, const LoopExpr *x) {
    LLVMValueRef condition = llvm_expr(e, x->arg[0]), value[2];
    if (x->arg[0]->type == LOOP_MASK || (is_harmless(x->arg[1]) && is_harmless(x->arg[2]))) {
        value[0] = llvm_expr(e, x->arg[1]);
        value[1] = llvm_expr(e, x->arg[2]);
        return LLVMBuildSelect(e->builder, condition, value[0], value[1], "");
    }
    LLVMBasicBlockRef yes = llvm_new_block(e, "yes"), no = llvm_new_block(e, "no");
    LLVMBasicBlockRef end = llvm_new_block(e, "chosen"), from[2];
    LLVMBuildCondBr(e->builder, condition, yes, no);
    from[0] = branch(e, yes, end, x->arg[1], &value[0]);
    from[1] = branch(e, no, end, x->arg[2], &value[1]);
    return join(e, end, value, from);
}

// The right side is left alone where the left one decides.
static LLVMValueRef logic(LlvmEmitter *e, const LoopExpr *x) {
    bool is_and = x->kind == LOOP_AND;
    LLVMValueRef left = llvm_expr(e, x->arg[0]), value[2];
    if (x->type == LOOP_MASK) {
        value[1] = llvm_expr(e, x->arg[1]);
        return LLVMBuildBinOp(e->builder, is_and ? LLVMAnd : LLVMOr, left, value[1], "");
    }
    value[0] = LLVMConstInt(e->i1, !is_and, false);
    if (is_harmless(x->arg[1])) {
        value[1] = llvm_expr(e, x->arg[1]);
        return is_and ? LLVMBuildSelect(e->builder, left, value[1], value[0], "")
                      : LLVMBuildSelect(e->builder, left, value[0], value[1], "");
    }
    LLVMBasicBlockRef right = llvm_new_block(e, "also"), end = llvm_new_block(e, "decided");
    LLVMBasicBlockRef from[2] = {LLVMGetInsertBlock(e->builder)};
    LLVMBuildCondBr(e->builder, left, is_and ? right : end, is_and ? end : right);
    from[1] = branch(e, right, end, x->arg[1], &value[1]);
    return join(e, end, value, from);
}

// --- conversions

static bool is_real(LoopType type) {
    return type == LOOP_REAL || type == LOOP_F64;
}

// Truncated, within the range of int; 0 for NaN: what llvm.fptosi.sat says.
static LLVMValueRef integer_of_real(LlvmEmitter *e, LLVMValueRef a) {
    LLVMTypeRef type[] = {e->i32, LLVMTypeOf(a)};
    unsigned id = LLVMLookupIntrinsicID("llvm.fptosi.sat", 15);
    LLVMValueRef f = LLVMGetIntrinsicDeclaration(e->out, id, type, 2);
    LLVMTypeRef signature = LLVMIntrinsicGetType(e->context, id, type, 2);
    LLVMValueRef whole = LLVMBuildCall2(e->builder, signature, f, &a, 1, "");
    return LLVMBuildSExt(e->builder, whole, e->i64, "");
}

static LLVMValueRef conversion(LlvmEmitter *e, const LoopExpr *x) {
    LoopType from = x->arg[0]->type;
    LLVMValueRef a = llvm_expr(e, x->arg[0]);
    LLVMTypeRef type = llvm_type(e, x->type);
    if (is_real(x->type)) {
        if (is_real(from)) return LLVMBuildFPCast(e->builder, a, type, "");
        if (from == LOOP_BOOL) return LLVMBuildUIToFP(e->builder, a, type, "");
        LLVMValueRef narrow = LLVMBuildTrunc(e->builder, a, e->i32, "");
        return LLVMBuildSIToFP(e->builder, narrow, type, "");
    }
    if (is_real(from)) return integer_of_real(e, a);
    return from == LOOP_BOOL ? LLVMBuildZExt(e->builder, a, type, "") : a;
}

// --- the whole

LLVMValueRef llvm_read(LlvmEmitter *e, const LoopVariable *v) {
    const LlvmPlace *place = &e->frame.variable[v->slot];
    if (!place->value) internal_error("emit", "%s is not in scope", v->name);
    if (!place->is_memory) return place->value;
    return LLVMBuildLoad2(e->builder, llvm_type(e, v->type), place->value, v->name);
}

static LLVMValueRef call(LlvmEmitter *e, const LoopExpr *x) {
    LLVMValueRef argument[2];
    for (int i = 0; i < x->arg_count; i++) argument[i] = llvm_expr(e, x->arg[i]);
    if (x->type == LOOP_VECTOR) return llvm_vector_function(e, x, argument);
    return llvm_scalar_function(e, x->function, llvm_type(e, x->type), argument);
}

LLVMValueRef llvm_expr(LlvmEmitter *e, const LoopExpr *x) {
    switch (x->kind) {
    case LOOP_NUMBER: return LLVMConstReal(llvm_type(e, x->type), x->number);
    case LOOP_INTEGER: return llvm_integer(e, x->integer);
    case LOOP_VARIABLE: return llvm_read(e, x->variable);
    case LOOP_LOAD: return llvm_load(e, x);
    case LOOP_SPLAT: return llvm_splat(e, llvm_expr(e, x->arg[0]));
    case LOOP_LANE_SUM: return llvm_lane_sum(e, llvm_expr(e, x->arg[0]));
    case LOOP_ADD:
    case LOOP_SUBTRACT:
    case LOOP_MULTIPLY:
    case LOOP_DIVIDE: return arithmetic(e, x);
    case LOOP_NEGATE: return negation(e, x);
    case LOOP_INT_MIN:
    case LOOP_INT_MAX: return extreme(e, x);
    case LOOP_FLOOR_DIVIDE:
    case LOOP_CEIL_DIVIDE: return division(e, x);
    case LOOP_CALL: return call(e, x);
    case LOOP_SELECT: return selection(e, x);
    case LOOP_CONVERT: return conversion(e, x);
    case LOOP_RANDOM:
    case LOOP_BERNOULLI: return llvm_draw(e, x);
    case LOOP_LESS:
    case LOOP_LESS_EQUAL:
    case LOOP_EQUAL: return comparison(e, x);
    case LOOP_AND:
    case LOOP_OR: return logic(e, x);
    case LOOP_NOT: return LLVMBuildNot(e->builder, llvm_expr(e, x->arg[0]), "");
    }
    internal_error("emit", "no such expression");
}
