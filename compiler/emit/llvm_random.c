// llvm_random.c: draws of random numbers: loop/prelude/random.h and vector_random.h in IR. One
// description serves scalars and vectors: one or `lanes` words of 32 bits. Each stands in 64 bits
// whose upper half means nothing, because products need the room and narrowing between them costs
// more than the rounds.
#include "emit/llvm.h"

enum { ROUNDS = 10 };

typedef struct Philox {
    LlvmEmitter *e;
    LLVMTypeRef wide;
    LLVMValueRef x[4], key[2];
} Philox;

static LLVMValueRef constant(const Philox *p, LLVMTypeRef type, uint64_t value) {
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind) return LLVMConstInt(type, value, false);
    return llvm_splat(p->e, LLVMConstInt(LLVMGetElementType(type), value, false));
}

static LLVMValueRef exclusive(const Philox *p, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildXor(p->e->builder, a, b, "");
}

// x*factor, and *high its upper word.
static LLVMValueRef multiply(const Philox *p, LLVMValueRef x, uint64_t factor, LLVMValueRef *high) {
    LLVMBuilderRef b = p->e->builder;
    LLVMValueRef word = LLVMBuildAnd(b, x, constant(p, p->wide, 0xFFFFFFFFu), "");
    LLVMValueRef product = LLVMBuildMul(b, word, constant(p, p->wide, factor), "");
    *high = LLVMBuildLShr(b, product, constant(p, p->wide, 32), "");
    return product;
}

static void mix(Philox *p) {
    LLVMBuilderRef builder = p->e->builder;
    LLVMValueRef *x = p->x, a_high, b_high;
    LLVMValueRef a = multiply(p, x[0], 0xD2511F53u, &a_high);
    LLVMValueRef b = multiply(p, x[2], 0xCD9E8D57u, &b_high);
    x[0] = exclusive(p, exclusive(p, b_high, x[1]), p->key[0]);
    x[1] = b;
    x[2] = exclusive(p, exclusive(p, a_high, x[3]), p->key[1]);
    x[3] = a;
    p->key[0] = LLVMBuildAdd(builder, p->key[0], constant(p, p->wide, 0x9E3779B9u), "");
    p->key[1] = LLVMBuildAdd(builder, p->key[1], constant(p, p->wide, 0xBB67AE85u), "");
}

// --- the helper: i32 philox(seed, step, stream, sample, element): the upper 24 bits of a word

static LLVMValueRef upper(const Philox *p, LLVMValueRef x) {
    return LLVMBuildLShr(p->e->builder, x, llvm_integer(p->e, 32), "");
}

// The same number in all lanes.
static LLVMValueRef widened(const Philox *p, LLVMValueRef x) {
    return LLVMGetTypeKind(p->wide) == LLVMVectorTypeKind ? llvm_splat(p->e, x) : x;
}

static void write_philox(LlvmEmitter *e, LLVMValueRef function, LLVMTypeRef word,
                         LLVMTypeRef wide) {
    LlvmOuter outer = llvm_enter(e, function);
    Philox p = {.e = e, .wide = wide};
    LLVMValueRef parameter[5];
    LLVMGetParams(function, parameter);
    LLVMValueRef seed = parameter[0], step = parameter[1], stream = parameter[2];
    LLVMValueRef sample = LLVMBuildZExt(e->builder, parameter[3], e->i64, "");
    p.x[0] = LLVMBuildZExt(e->builder, parameter[4], wide, "");
    p.x[1] = widened(&p, sample);
    p.x[2] = widened(&p, step);
    p.x[3] = widened(&p, exclusive(&p, upper(&p, step), stream));
    p.key[0] = widened(&p, exclusive(&p, seed, upper(&p, stream)));
    p.key[1] = widened(&p, upper(&p, seed));
    for (int round = 0; round < ROUNDS; round++) mix(&p);
    LLVMValueRef low = LLVMBuildTrunc(e->builder, p.x[0], word, "");
    LLVMBuildRet(e->builder, LLVMBuildLShr(e->builder, low, constant(&p, word, 8), ""));
    llvm_leave(e, outer);
}

static LLVMValueRef draw_bits(LlvmEmitter *e, const LoopExpr *x, LLVMTypeRef word, LLVMTypeRef wide,
                              LLVMValueRef element) {
    const char *name = x->type == LOOP_VECTOR ? "vec_philox" : "philox";
    LLVMTypeRef parameter[] = {e->i64, e->i64, e->i64, e->i32, word};
    LlvmHelper helper = llvm_helper(e, name, word, parameter, 5);
    if (helper.is_new) write_philox(e, helper.function, word, wide);
    LLVMValueRef sample = LLVMBuildTrunc(e->builder, llvm_expr(e, x->arg[0]), e->i32, "");
    LLVMValueRef stream = LLVMConstInt(e->i64, x->stream, false);
    LLVMValueRef argument[] = {e->frame.seed, e->frame.step, stream, sample, element};
    return llvm_call(e, helper, argument, 5);
}

// element + lane*stride in each lane.
static LLVMValueRef lane_elements(LlvmEmitter *e, const LoopExpr *x, LLVMValueRef element) {
    LLVMValueRef distance[LOOP_LANES_MAX];
    for (int i = 0; i < e->module->lanes; i++)
        distance[i] = LLVMConstInt(e->i32, (unsigned long long)(i * x->integer), true);
    LLVMValueRef distances = LLVMConstVector(distance, (unsigned)e->module->lanes);
    return LLVMBuildAdd(e->builder, llvm_splat(e, element), distances, "");
}

// k*2^-24 < p for the whole numbers k below p*2^24.
static int64_t draws_below(double p) {
    const int64_t whole = (int64_t)(p * 0x1p24);
    return whole + ((double)whole < p * 0x1p24);
}

LLVMValueRef llvm_draw(LlvmEmitter *e, const LoopExpr *x) {
    bool is_vector = x->type == LOOP_VECTOR;
    const unsigned lanes = is_vector ? (unsigned)e->module->lanes : 1;
    LLVMTypeRef word = is_vector ? LLVMVectorType(e->i32, lanes) : e->i32;
    LLVMTypeRef wide = is_vector ? LLVMVectorType(e->i64, lanes) : e->i64;
    LLVMTypeRef type = llvm_type(e, x->type);
    LLVMValueRef element = LLVMBuildTrunc(e->builder, llvm_expr(e, x->arg[1]), e->i32, "");
    if (is_vector) element = lane_elements(e, x, element);
    LLVMValueRef bits = draw_bits(e, x, word, wide, element);
    const Philox p = {.e = e};
    if (x->kind == LOOP_RANDOM) {
        LLVMValueRef draw = LLVMBuildSIToFP(e->builder, bits, type, "");
        return LLVMBuildFMul(e->builder, draw, llvm_number(e, type, 0x1p-24), "");
    }
    LLVMValueRef limit = constant(&p, word, (uint64_t)draws_below(x->number));
    LLVMValueRef below = LLVMBuildICmp(e->builder, LLVMIntSLT, bits, limit, "");
    return LLVMBuildUIToFP(e->builder, below, type, "");
}
