// internal.h: what the parts of the plug-in share.
#ifndef NETC_JIT_INTERNAL_H
#define NETC_JIT_INTERNAL_H

#include "jit/jit.h"

#include <llvm-c/Orc.h>
#include <llvm-c/TargetMachine.h>

// target.c: the machine that code is made for. False with *problem, a message of LLVM's.
bool jit_target_begin(char **problem); // LLVM can neither make code nor load it before
typedef struct JitTarget {
    LLVMTargetMachineRef machine;
    char *triple, *cpu, *features;
} JitTarget;
bool jit_target_open(JitTarget *t, const char *cpu, char **problem);
void jit_target_close(JitTarget *t);

// compile.c: from loops to an object file, or to IR as text or bitcode. NULL with *problem.
LLVMMemoryBufferRef jit_object(const LoopModule *m, const JitOptions *o, bool for_this_process,
                               char **problem);
// The same for this process, in one part or two; returns how many, 0 with *problem.
enum { JIT_PARTS = 2 };
int jit_objects(const LoopModule *m, const JitOptions *o, LLVMMemoryBufferRef object[JIT_PARTS],
                char **problem);
LLVMMemoryBufferRef jit_intermediate(const LoopModule *m, const JitOptions *o, JitFormat format,
                                     char **problem);

// symbols.c: all that generated code may call, and nothing else: libm, the strict functions, the
// three functions of memory that LLVM knows by itself, and net_parallel.
typedef void JitFunction(void); // stands for any function
typedef struct JitSymbol {
    const char *name;
    JitFunction *function;
} JitSymbol;
const JitSymbol *jit_symbols(int *count);

// parallel.c: runs body for parts of low, low + step, ... below high, on up to `threads` threads.
typedef void JitLoopBody(void *context, int64_t low, int64_t high);
void net_parallel(JitLoopBody *body, void *context, int64_t low, int64_t high, int64_t step,
                  int threads);

// link.c: object files brought to memory. NULL with *problem.
typedef struct JitCode JitCode;
typedef struct JitPart {
    const void *object;
    size_t size; // in bytes
} JitPart;
JitCode *jit_link(const JitPart *part, int count, char **problem);
// The address of a symbol, or NULL where there is none. False with *problem if the object calls
// what it must not.
bool jit_find(JitCode *code, const char *symbol, void **address, char **problem);
void jit_unload(JitCode *code);

// An error of LLVM's as a message of its own; consumes the error.
char *jit_error_text(LLVMErrorRef error);

#endif
