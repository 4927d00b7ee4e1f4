// link.c: object files in memory, by LLVM's ORC.
//
// The object goes to a library of its own that is linked to nothing: LLJIT's main library would
// resolve any symbol of this process, `system` among them.
#include "jit/internal.h"

#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <stdlib.h>
#include <string.h>

struct JitCode {
    LLVMOrcLLJITRef lljit;
    LLVMOrcJITDylibRef library;
};

static LLVMOrcSymbolStringPoolEntryRef interned(const JitCode *code, const char *name) {
    return LLVMOrcLLJITMangleAndIntern(code->lljit, name);
}

static LLVMErrorRef define_symbols(JitCode *code) {
    enum { SYMBOLS_MAX = 64 };
    LLVMOrcCSymbolMapPair pair[SYMBOLS_MAX];
    int count;
    const JitSymbol *symbol = jit_symbols(&count);
    if (count > SYMBOLS_MAX) internal_error("jit", "%d symbols", count);
    for (int i = 0; i < count; i++) {
        const LLVMJITSymbolFlags flags = {
            LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable, 0};
        pair[i].Name = interned(code, symbol[i].name);
        pair[i].Sym.Address = (LLVMOrcExecutorAddress)(uintptr_t)symbol[i].function;
        pair[i].Sym.Flags = flags;
    }
    return LLVMOrcJITDylibDefine(code->library, LLVMOrcAbsoluteSymbols(pair, (size_t)count));
}

static LLVMErrorRef add_object(JitCode *code, const JitPart *part) {
    LLVMMemoryBufferRef copy =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(part->object, part->size, "model");
    return LLVMOrcLLJITAddObjectFile(code->lljit, code->library, copy);
}

static LLVMErrorRef fill(JitCode *code, const JitPart *part, int count) {
    LLVMErrorRef error = LLVMOrcCreateLLJIT(&code->lljit, NULL);
    if (error) return error;
    LLVMOrcExecutionSessionRef session = LLVMOrcLLJITGetExecutionSession(code->lljit);
    code->library = LLVMOrcExecutionSessionCreateBareJITDylib(session, "model");
    error = define_symbols(code);
    for (int i = 0; i < count && !error; i++) error = add_object(code, &part[i]);
    return error;
}

JitCode *jit_link(const JitPart *part, int count, char **problem) {
    JitCode *code = calloc(1, sizeof *code);
    if (!code) {
        *problem = LLVMCreateMessage("out of memory");
        return NULL;
    }
    LLVMErrorRef error = fill(code, part, count);
    if (!error) return code;
    *problem = jit_error_text(error);
    jit_unload(code);
    return NULL;
}

// --- looking up

typedef struct Found {
    void *address;
    LLVMErrorRef error;
} Found;

static void take(LLVMErrorRef error, LLVMOrcCSymbolMapPairs result, size_t count, void *context) {
    Found *found = context;
    found->error = error;
    if (!error && count == 1) found->address = (void *)(uintptr_t)result[0].Sym.Address;
}

static Found look_up(JitCode *code, const char *symbol) {
    Found found = {0};
    LLVMOrcCJITDylibSearchOrderElement order = {code->library,
                                                LLVMOrcJITDylibLookupFlagsMatchExportedSymbolsOnly};
    LLVMOrcCLookupSetElement wanted = {interned(code, symbol),
                                       LLVMOrcSymbolLookupFlagsWeaklyReferencedSymbol};
    LLVMOrcExecutionSessionLookup(LLVMOrcLLJITGetExecutionSession(code->lljit),
                                  LLVMOrcLookupKindStatic, &order, 1, &wanted, 1, take, &found);
    return found;
}

bool jit_find(JitCode *code, const char *symbol, void **address, char **problem) {
    Found found = look_up(code, symbol);
    *address = found.address;
    if (found.error) *problem = jit_error_text(found.error);
    return !found.error;
}

void jit_unload(JitCode *code) {
    if (code->lljit) LLVMConsumeError(LLVMOrcDisposeLLJIT(code->lljit));
    free(code);
}
