// target.c: which processor code is made for, and with which instructions.
#include "jit/internal.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <string.h>

// LLVM takes an unknown name for a processor without any feature and ends the process. So only
// these names are passed on, and this machine's own.
static const char *const x86_cpu[] = {
    "x86-64",         "x86-64-v2",   "x86-64-v3",      "x86-64-v4",      "generic",   "nehalem",
    "haswell",        "skylake",     "znver1",         "znver2",         "znver3",    "znver4",
    "skylake-avx512", "cascadelake", "icelake-server", "sapphirerapids", "alderlake", NULL};
static const char *const arm_cpu[] = {"generic",     "cortex-a53",  "cortex-a72",  "cortex-a76",
                                      "neoverse-n1", "neoverse-n2", "neoverse-v1", "neoverse-v2",
                                      "apple-m1",    "apple-m2",    NULL};

static bool is_known(const JitTarget *t, const char *host) {
    const char *const *cpu = strncmp(t->triple, "x86_64", 6) == 0 ? x86_cpu : arm_cpu;
    while (*cpu && strcmp(*cpu, t->cpu) != 0) cpu++;
    return *cpu || strcmp(t->cpu, host) == 0;
}

static bool check_cpu(const JitTarget *t, char **problem) {
    char *host = LLVMGetHostCPUName(), text[200];
    bool known = is_known(t, host);
    snprintf(text, sizeof text, "the processor '%.60s' is not known; this machine has '%.60s'",
             t->cpu, host);
    if (!known) *problem = LLVMCreateMessage(text);
    LLVMDisposeMessage(host);
    return known;
}

static void name_machine(JitTarget *t, const char *cpu) {
    t->triple = LLVMGetDefaultTargetTriple();
    t->cpu = cpu ? LLVMCreateMessage(cpu) : LLVMGetHostCPUName();
    t->features = cpu ? LLVMCreateMessage("") : LLVMGetHostCPUFeatures();
}

// Position-independent code of the small model reaches libm through a table, wherever it lies.
static LLVMTargetMachineRef make_machine(const JitTarget *t, LLVMTargetRef target) {
    return LLVMCreateTargetMachine(target, t->triple, t->cpu, t->features, LLVMCodeGenLevelDefault,
                                   LLVMRelocPIC, LLVMCodeModelSmall);
}

bool jit_target_begin(char **problem) {
    if (!LLVMInitializeNativeTarget() && !LLVMInitializeNativeAsmPrinter()) return true;
    *problem = LLVMCreateMessage("this LLVM makes no code for this processor");
    return false;
}

bool jit_target_open(JitTarget *t, const char *cpu, char **problem) {
    *t = (JitTarget){0};
    LLVMTargetRef target;
    if (!jit_target_begin(problem)) return false;
    name_machine(t, cpu);
    if (cpu && !check_cpu(t, problem)) return false;
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
