// target.c: which processor code is made for, and with which instructions.
#include "jit/internal.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <string.h>

// Position-independent code of the small model reaches libm through a table, wherever it lies.
static LLVMTargetMachineRef make_machine(const JitTarget *t, LLVMTargetRef target) {
    return LLVMCreateTargetMachine(target, t->triple, t->cpu, t->features, LLVMCodeGenLevelDefault,
                                   LLVMRelocPIC, LLVMCodeModelSmall);
}

static void name_machine(JitTarget *t, const char *cpu) {
    t->triple = LLVMGetDefaultTargetTriple();
    t->cpu = cpu ? LLVMCreateMessage(cpu) : LLVMGetHostCPUName();
    t->features = cpu ? LLVMCreateMessage("") : LLVMGetHostCPUFeatures();
}

bool jit_target_open(JitTarget *t, const char *cpu, char **problem) {
    *t = (JitTarget){0};
    if (LLVMInitializeNativeTarget() || LLVMInitializeNativeAsmPrinter()) {
        *problem = LLVMCreateMessage("this LLVM makes no code for this processor");
        return false;
    }
    LLVMTargetRef target;
    name_machine(t, cpu);
    if (LLVMGetTargetFromTriple(t->triple, &target, problem)) return false;
    t->machine = make_machine(t, target);
    if (!t->machine) *problem = LLVMCreateMessage("LLVM has no such machine");
    return t->machine != NULL;
}

void jit_target_close(JitTarget *t) {
    if (t->machine) LLVMDisposeTargetMachine(t->machine);
    LLVMDisposeMessage(t->triple);
    LLVMDisposeMessage(t->cpu);
    LLVMDisposeMessage(t->features);
}
