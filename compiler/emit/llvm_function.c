// llvm_function.c: the module, its functions and their signatures, and the helpers that they call.
#include "emit/llvm.h"
#include "loop/express.h"
#include "loop/walk.h"
#include "net_model.h"

#include <llvm-c/Analysis.h>
#include <string.h>

// --- attributes and calls

void llvm_attribute(LlvmEmitter *e, LLVMValueRef function, int where, const char *name) {
    const unsigned at = where == 0 ? (unsigned)LLVMAttributeFunctionIndex : (unsigned)where;
    const unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(function, at, LLVMCreateEnumAttribute(e->context, kind, 0));
}

LLVMValueRef llvm_call(LlvmEmitter *e, LlvmHelper f, LLVMValueRef *argument, int count) {
    return LLVMBuildCall2(e->builder, f.type, f.function, argument, (unsigned)count, "");
}

LLVMValueRef llvm_intrinsic(LlvmEmitter *e, const char *name, LLVMTypeRef type,
                            LLVMValueRef *argument, int count) {
    const unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    LlvmHelper f = {LLVMGetIntrinsicDeclaration(e->out, id, &type, 1),
                    LLVMIntrinsicGetType(e->context, id, &type, 1), false};
    return llvm_call(e, f, argument, count);
}

LlvmHelper llvm_helper(LlvmEmitter *e, const char *name, LLVMTypeRef result,
                       const LLVMTypeRef *parameter, int count) {
    LlvmHelper f = {LLVMGetNamedFunction(e->out, name), NULL, false};
    LLVMTypeRef *copy = arena_new_array(e->arena, LLVMTypeRef, count + 1);
    memcpy(copy, parameter, sizeof *copy * (size_t)count);
    f.type = LLVMFunctionType(result, copy, (unsigned)count, false);
    if (f.function) return f;
    f.function = LLVMAddFunction(e->out, name, f.type);
    f.is_new = true;
    LLVMSetLinkage(f.function, LLVMInternalLinkage);
    llvm_attribute(e, f.function, 0, "nounwind");
    llvm_attribute(e, f.function, 0, "alwaysinline");
    return f;
}

// Marked so that LLVM takes it for no function of its own: then no other symbol takes its place.
LlvmHelper llvm_external(LlvmEmitter *e, const char *name, LLVMTypeRef result,
                         const LLVMTypeRef *parameter, int count) {
    LlvmHelper f = llvm_helper(e, name, result, parameter, count);
    if (!f.is_new) return f;
    const unsigned at = (unsigned)LLVMAttributeFunctionIndex;
    const unsigned memory = LLVMGetEnumAttributeKindForName("memory", 6);
    const unsigned inlined = LLVMGetEnumAttributeKindForName("alwaysinline", 12);
    LLVMSetLinkage(f.function, LLVMExternalLinkage);
    LLVMRemoveEnumAttributeAtIndex(f.function, at, inlined);
    llvm_attribute(e, f.function, 0, "willreturn");
    llvm_attribute(e, f.function, 0, "nobuiltin");
    LLVMAddAttributeAtIndex(f.function, at, LLVMCreateEnumAttribute(e->context, memory, 0)); // none
    f.is_new = false;
    return f;
}

LlvmOuter llvm_enter(LlvmEmitter *e, LLVMValueRef function) {
    LlvmOuter outer = {e->frame.function, e->frame.entry, LLVMGetInsertBlock(e->builder)};
    e->frame.function = function;
    e->frame.entry = llvm_new_block(e, "entry");
    LLVMPositionBuilderAtEnd(e->builder, llvm_new_block(e, "begin"));
    return outer;
}

void llvm_leave(LlvmEmitter *e, LlvmOuter outer) {
    LLVMValueRef function = LLVMGetBasicBlockParent(LLVMGetInsertBlock(e->builder));
    LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(function);
    LLVMPositionBuilderAtEnd(e->builder, entry);
    LLVMBuildBr(e->builder, LLVMGetNextBasicBlock(entry));
    e->frame.function = outer.function;
    e->frame.entry = outer.entry;
    if (outer.at) LLVMPositionBuilderAtEnd(e->builder, outer.at);
}

// --- signatures, in the order of the C emitter

enum { PARAMETERS_MAX = LOOP_LOCAL + 4 };

typedef struct Signature {
    LLVMTypeRef type[PARAMETERS_MAX];
    const char *name[PARAMETERS_MAX];
    size_t call_offset[PARAMETERS_MAX]; // of what is passed, in a NetCall
    int count;
} Signature;

static void add_parameter(Signature *s, LLVMTypeRef type, const char *name, size_t call_offset) {
    s->type[s->count] = type;
    s->name[s->count] = name;
    s->call_offset[s->count++] = call_offset;
}

static const size_t block_offset[LOOP_LOCAL] = {
    [LOOP_PARAMS] = offsetof(NetCall, params), [LOOP_GRADS] = offsetof(NetCall, grads),
    [LOOP_STATES] = offsetof(NetCall, states), [LOOP_BATCH] = offsetof(NetCall, batch),
    [LOOP_WORK] = offsetof(NetCall, work),     [LOOP_RESULTS] = offsetof(NetCall, results)};

static Signature signature_of(const LlvmEmitter *e, const LoopFunction *f, const LoopUse *use) {
    Signature s = {.count = 0};
    for (int i = 0; i < LOOP_LOCAL; i++)
        if (use->storage[i])
            add_parameter(&s, e->pointer, loop_storage_name((LoopStorage)i), block_offset[i]);
    if (use->N) add_parameter(&s, e->i32, f->N->name, offsetof(NetCall, n));
    if (use->key) {
        add_parameter(&s, e->i64, "seed", offsetof(NetCall, seed));
        add_parameter(&s, e->i64, "step", offsetof(NetCall, step));
    }
    if (use->threads) add_parameter(&s, e->i32, "threads", offsetof(NetCall, threads));
    return s;
}

// --- functions

static void begin_frame(LlvmEmitter *e, const LoopFunction *f) {
    const LoopModule *m = e->module;
    e->function = f;
    e->use = loop_function_use(m, f);
    e->loops = 0;
    e->frame = (LlvmFrame){0};
    e->frame.variable = arena_new_array(e->arena, LlvmPlace, m->variable_count + 1);
    e->frame.array = arena_new_array(e->arena, LLVMValueRef, m->buffer_count + 1);
}

static void bind_parameters(LlvmEmitter *e, const LoopFunction *f, LLVMValueRef function) {
    unsigned at = 0;
    for (int s = 0; s < LOOP_LOCAL; s++)
        if (e->use.storage[s]) e->frame.block[s] = LLVMGetParam(function, at++);
    if (e->use.N) {
        LLVMValueRef n = LLVMBuildSExt(e->builder, LLVMGetParam(function, at++), e->i64, "");
        e->frame.variable[f->N->slot] = (LlvmPlace){n, false};
    }
    if (e->use.key) {
        e->frame.seed = LLVMGetParam(function, at++);
        e->frame.step = LLVMGetParam(function, at++);
    }
    if (e->use.threads) e->frame.threads = LLVMGetParam(function, at);
}

// Local arrays that belong to no iteration of a parallel loop.
static void make_arrays(LlvmEmitter *e, const LoopFunction *f) {
    for (int i = 0; i < f->local.count; i++) {
        bool shared = false, outlined = e->options->threads;
        if (!outlined || !loop_local_home(f, f->local.item[i], &shared))
            llvm_local_array(e, f->local.item[i]);
    }
}

static LLVMValueRef declare(LlvmEmitter *e, const LoopFunction *f, const Signature *s) {
    LLVMTypeRef parameter[PARAMETERS_MAX];
    memcpy(parameter, s->type, sizeof parameter);
    LLVMTypeRef type = LLVMFunctionType(e->nothing, parameter, (unsigned)s->count, false);
    const char *name = arena_printf(e->arena, "%s_%s", e->module->model, f->name);
    LLVMValueRef function = LLVMAddFunction(e->out, name, type);
    llvm_attribute(e, function, 0, "nounwind");
    for (int i = 0; i < s->count; i++) {
        LLVMSetValueName2(LLVMGetParam(function, (unsigned)i), s->name[i], strlen(s->name[i]));
        if (s->type[i] == e->pointer) llvm_attribute(e, function, i + 1, "noalias");
    }
    return function;
}

const char *emit_llvm_call_name(Arena *a, const char *function) {
    return arena_printf(a, "net.call.%s", function);
}

// void net.call.forward(const NetCall *call)
static void write_call(LlvmEmitter *e, const LoopFunction *f, const Signature *s,
                       LLVMValueRef function) {
    LLVMTypeRef type = LLVMFunctionType(e->nothing, &e->pointer, 1, false);
    LLVMValueRef wrapper = LLVMAddFunction(e->out, emit_llvm_call_name(e->arena, f->name), type);
    LLVMValueRef argument[PARAMETERS_MAX];
    LlvmOuter outer = llvm_enter(e, wrapper);
    for (int i = 0; i < s->count; i++) {
        LLVMValueRef offset = llvm_integer(e, (int64_t)s->call_offset[i]);
        LLVMValueRef at =
            LLVMBuildInBoundsGEP2(e->builder, e->i8, LLVMGetParam(wrapper, 0), &offset, 1, "");
        argument[i] = LLVMBuildLoad2(e->builder, s->type[i], at, s->name[i]);
    }
    LLVMBuildCall2(e->builder, LLVMGlobalGetValueType(function), function, argument,
                   (unsigned)s->count, "");
    LLVMBuildRetVoid(e->builder);
    llvm_leave(e, outer);
}

static void write_function(LlvmEmitter *e, const LoopFunction *f) {
    begin_frame(e, f);
    const Signature s = signature_of(e, f, &e->use);
    LLVMValueRef function = declare(e, f, &s);
    LlvmOuter outer = llvm_enter(e, function);
    bind_parameters(e, f, function);
    make_arrays(e, f);
    llvm_body(e, &f->body);
    LLVMBuildRetVoid(e->builder);
    llvm_leave(e, outer);
    if (e->options->calls) write_call(e, f, &s, function);
}

// --- the module

static void find_types(LlvmEmitter *e) {
    const LoopModule *m = e->module;
    const unsigned lanes = m->lanes > 1 ? (unsigned)m->lanes : 1;
    e->i1 = LLVMInt1TypeInContext(e->context);
    e->i8 = LLVMInt8TypeInContext(e->context);
    e->i32 = LLVMInt32TypeInContext(e->context);
    e->i64 = LLVMInt64TypeInContext(e->context);
    e->f64 = LLVMDoubleTypeInContext(e->context);
    e->real = m->is_f32 ? LLVMFloatTypeInContext(e->context) : e->f64;
    e->pointer = LLVMPointerTypeInContext(e->context, 0);
    e->nothing = LLVMVoidTypeInContext(e->context);
    e->lane_int = m->is_f32 ? e->i32 : e->i64;
    e->vector = LLVMVectorType(e->real, lanes);
    e->vector_int = LLVMVectorType(e->lane_int, lanes);
    e->mask = LLVMVectorType(e->i1, lanes);
}

#ifndef NDEBUG
static void verify(LLVMModuleRef out) {
    char *problem = NULL;
    if (LLVMVerifyModule(out, LLVMReturnStatusAction, &problem))
        internal_error("emit", "invalid LLVM IR: %s", problem);
    LLVMDisposeMessage(problem);
}
#else
static void verify(LLVMModuleRef out) {
    (void)out;
}
#endif

LLVMModuleRef emit_llvm(const LoopModule *m, const LlvmOptions *o, LLVMContextRef context) {
    Arena *arena = arena_new(0);
    LlvmEmitter e = {.module = m, .options = o, .arena = arena, .context = context};
    e.out = LLVMModuleCreateWithNameInContext(m->model, context);
    e.builder = LLVMCreateBuilderInContext(context);
    find_types(&e);
    llvm_block_types(&e);
    for (int i = 0; i < m->function.count; i++)
        if (!o->wanted || o->wanted[i]) write_function(&e, m->function.item[i]);
    LLVMDisposeBuilder(e.builder);
    arena_free(arena);
    verify(e.out);
    return e.out;
}
