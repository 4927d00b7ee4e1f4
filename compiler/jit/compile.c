// compile.c: loops to IR, through LLVM's passes, to an object file.
#include "jit/internal.h"

#include "emit/llvm.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
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
                                 LLVMContextRef context) {
    const LlvmOptions options = {.threads = for_this_process, .calls = for_this_process};
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

LLVMMemoryBufferRef jit_object(const LoopModule *m, const JitOptions *o, bool for_this_process,
                               char **problem) {
    JitTarget target;
    LLVMMemoryBufferRef object = NULL;
    if (jit_target_open(&target, o->cpu, problem)) {
        LLVMContextRef context = LLVMContextCreate();
        LLVMModuleRef module = make_module(m, &target, for_this_process, context);
        const char *passes = m->lanes > 1 ? vector_passes : plain_passes;
        if (optimise(module, passes, &target, problem)) object = assemble(module, &target, problem);
        LLVMDisposeModule(module);
        LLVMContextDispose(context);
    }
    jit_target_close(&target);
    return object;
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
        LLVMModuleRef module = make_module(m, &target, false, context);
        buffer = printed(module, format);
        LLVMDisposeModule(module);
        LLVMContextDispose(context);
    }
    jit_target_close(&target);
    return buffer;
}
