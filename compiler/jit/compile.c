// compile.c: loops to IR, through LLVM's passes, to object files. The functions of a large model
// are shared out to two modules, which two threads compile side by side.
#include "jit/internal.h"

#include "emit/llvm.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <pthread.h>
#include <string.h>

// Loops as a person would write them need all of LLVM's passes. Those of the fast style are cut
// into vectors and register tiles already: a short list gives code that is as good in a third of
// the time.
static const char plain_passes[] = "default<O2>";
#define COMBINE "instcombine<no-verify-fixpoint>,"
static const char vector_passes[] =
    "always-inline,function("
    "sroa,early-cse,simplifycfg," COMBINE "loop-mssa(loop-rotate,licm),simplifycfg," COMBINE
    "loop(indvars,loop-deletion),early-cse<memssa>,"
    "loop-vectorize," COMBINE "loop-mssa(licm),simplifycfg)";

char *jit_error_text(LLVMErrorRef error) {
    char *text = LLVMGetErrorMessage(error), *copy = LLVMCreateMessage(text);
    LLVMDisposeErrorMessage(text);
    return copy;
}

// LLVM prints remarks and warnings unless someone else takes them.
static void hear_nothing(LLVMDiagnosticInfoRef info, void *context) {
    (void)info;
    (void)context;
}

static void add_text_attribute(LLVMModuleRef module, LLVMValueRef f, const char *name,
                               const char *value) {
    LLVMAttributeRef attribute = LLVMCreateStringAttribute(
        LLVMGetModuleContext(module), name, (unsigned)strlen(name), value, (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

// Passes ask each function for its processor. Vectors as wide as the loops have them, where the
// processor has such registers, though LLVM would rather halve them.
static void describe_machine(LLVMModuleRef module, const JitTarget *t) {
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(t->machine);
    LLVMSetModuleDataLayout(module, layout);
    LLVMSetTarget(module, t->triple);
    LLVMDisposeTargetData(layout);
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        if (LLVMIsDeclaration(f)) continue;
        add_text_attribute(module, f, "target-cpu", t->cpu);
        if (*t->features) add_text_attribute(module, f, "target-features", t->features);
        add_text_attribute(module, f, "prefer-vector-width", "512");
        add_text_attribute(module, f, "min-legal-vector-width", "512");
    }
}

static LLVMModuleRef make_module(const LoopModule *m, const JitTarget *t, bool for_this_process,
                                 const bool *wanted, LLVMContextRef context) {
    const LlvmOptions options = {
        .threads = for_this_process, .calls = for_this_process, .wanted = wanted};
    LLVMContextSetDiagnosticHandler(context, hear_nothing, NULL);
    LLVMModuleRef module = emit_llvm(m, &options, context);
    describe_machine(module, t);
    return module;
}

static bool optimise(LLVMModuleRef module, const char *passes, const JitTarget *t, char **problem) {
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMPassBuilderOptionsSetLoopVectorization(options, true);
    LLVMErrorRef error = LLVMRunPasses(module, passes, t->machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (error) *problem = jit_error_text(error);
    return !error;
}

static LLVMMemoryBufferRef assemble(LLVMModuleRef module, const JitTarget *t, char **problem) {
    LLVMMemoryBufferRef object = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(t->machine, module, LLVMObjectFile, problem, &object))
        return NULL;
    return object;
}

// --- parts of a model

typedef struct Part {
    JitTarget target;
    LLVMContextRef context;
    LLVMModuleRef module;
    const char *passes;
    LLVMMemoryBufferRef object; // NULL with *problem
    char *problem;
} Part;

// wanted: as in LlvmOptions. What is reported is in part->problem, and part->module is NULL.
static void open_part(Part *part, const LoopModule *m, const JitOptions *o, bool for_this_process,
                      const bool *wanted) {
    *part = (Part){.passes = m->lanes > 1 ? vector_passes : plain_passes};
    if (!jit_target_open(&part->target, o->cpu, &part->problem)) return;
    part->context = LLVMContextCreate();
    part->module = make_module(m, &part->target, for_this_process, wanted, part->context);
}

static void *compile_part(void *data) {
    Part *part = data;
    if (part->module && optimise(part->module, part->passes, &part->target, &part->problem))
        part->object = assemble(part->module, &part->target, &part->problem);
    return NULL;
}

static void close_part(Part *part) {
    if (part->module) LLVMDisposeModule(part->module);
    if (part->context) LLVMContextDispose(part->context);
    jit_target_close(&part->target);
}

LLVMMemoryBufferRef jit_object(const LoopModule *m, const JitOptions *o, bool for_this_process,
                               char **problem) {
    Part part;
    open_part(&part, m, o, for_this_process, NULL);
    compile_part(&part);
    close_part(&part);
    *problem = part.problem;
    return part.object;
}

static int statements_of(const LoopBody *body) {
    int count = body->count;
    for (int i = 0; i < body->count; i++)
        count += statements_of(&body->item[i]->body) + statements_of(&body->item[i]->otherwise);
    return count;
}

// The functions from the largest to the smallest, each to the part that has less so far.
static void share_out(const LoopModule *m, const int *size, bool *wanted[JIT_PARTS]) {
    int load[JIT_PARTS] = {0};
    bool *done = arena_new_array(m->compile->arena, bool, m->function.count + 1);
    for (int round = 0; round < m->function.count; round++) {
        int largest = -1, to = 0;
        for (int i = 0; i < m->function.count; i++)
            if (!done[i] && (largest < 0 || size[i] > size[largest])) largest = i;
        for (int k = 1; k < JIT_PARTS; k++)
            if (load[k] < load[to]) to = k;
        wanted[to][largest] = done[largest] = true;
        load[to] += size[largest];
    }
}

enum { LARGE = 2000 }; // statements: below, a second module costs more than it saves

int jit_objects(const LoopModule *m, const JitOptions *o, LLVMMemoryBufferRef object[JIT_PARTS],
                char **problem) {
    Part part[JIT_PARTS];
    pthread_t thread;
    bool *wanted[JIT_PARTS];
    int *size = arena_new_array(m->compile->arena, int, m->function.count + 1), all = 0;
    for (int i = 0; i < m->function.count; i++)
        all += size[i] = statements_of(&m->function.item[i]->body);
    if (all < LARGE || m->function.count < JIT_PARTS) {
        object[0] = jit_object(m, o, true, problem);
        return object[0] ? 1 : 0;
    }
    for (int k = 0; k < JIT_PARTS; k++)
        wanted[k] = arena_new_array(m->compile->arena, bool, m->function.count);
    share_out(m, size, wanted);
    for (int k = 0; k < JIT_PARTS; k++) open_part(&part[k], m, o, true, wanted[k]);
    bool beside = pthread_create(&thread, NULL, compile_part, &part[1]) == 0;
    compile_part(&part[0]);
    if (beside)
        pthread_join(thread, NULL);
    else
        compile_part(&part[1]);
    bool fine = true;
    for (int k = 0; k < JIT_PARTS; k++) {
        close_part(&part[k]);
        object[k] = part[k].object;
        fine = fine && object[k];
    }
    if (fine) return JIT_PARTS;
    for (int k = 0; k < JIT_PARTS; k++) {
        if (object[k]) LLVMDisposeMemoryBuffer(object[k]);
        if (part[k].problem && *problem) LLVMDisposeMessage(*problem);
        if (part[k].problem) *problem = part[k].problem;
    }
    return 0;
}

static LLVMMemoryBufferRef printed(LLVMModuleRef module, JitFormat format) {
    if (format == JIT_BITCODE) return LLVMWriteBitcodeToMemoryBuffer(module);
    char *text = LLVMPrintModuleToString(module);
    LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "module");
    LLVMDisposeMessage(text);
    return buffer;
}

LLVMMemoryBufferRef jit_intermediate(const LoopModule *m, const JitOptions *o, JitFormat format,
                                     char **problem) {
    JitTarget target;
    LLVMMemoryBufferRef buffer = NULL;
    if (jit_target_open(&target, o->cpu, problem)) {
        LLVMContextRef context = LLVMContextCreate();
        LLVMModuleRef module = make_module(m, &target, false, NULL, context);
        buffer = printed(module, format);
        LLVMDisposeModule(module);
        LLVMContextDispose(context);
    }
    jit_target_close(&target);
    return buffer;
}
