// plugin.c: the table that netc_jit.so exports; see jit.h.
#include "jit/internal.h"

#include "emit/llvm.h"

#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>

typedef void Entry(const NetCall *call);

enum { FORWARD, BACKWARD, UPDATE, EVALUATE, ENTRIES };
static const char *const entry_name[ENTRIES] = {"forward", "backward", "update", "evaluate"};

struct Jit {
    JitCode *code;
    Entry *entry[ENTRIES];
};

// LLVM's messages live on its heap, ours in the module's arena.
static const char *kept(const LoopModule *m, char *message) {
    const char *copy = arena_printf(m->compile->arena, "%s", message ? message : "no reason given");
    LLVMDisposeMessage(message);
    return copy;
}

static void free_jit(Jit *jit) {
    if (jit->code) jit_unload(jit->code);
    free(jit);
}

// C has no conversion from an address to a function, POSIX does.
static Entry *entry_at(void *address) {
    Entry *function;
    memcpy(&function, &address, sizeof function);
    return function;
}

static bool find_entries(Jit *jit, const LoopModule *m, char **message) {
    for (int i = 0; i < ENTRIES; i++) {
        void *address = NULL;
        const char *symbol = emit_llvm_call_name(m->compile->arena, entry_name[i]);
        if (!jit_find(jit->code, symbol, &address, message)) return false;
        jit->entry[i] = entry_at(address);
        if (!address && loop_function_find(m, entry_name[i])) {
            *message = LLVMCreateMessage("the object file belongs to another model");
            return false;
        }
    }
    return true;
}

static Jit *load(const LoopModule *m, const void *object, size_t size, char **message) {
    Jit *jit = jit_target_begin(message) ? calloc(1, sizeof *jit) : NULL;
    if (!jit) return NULL;
    jit->code = jit_link(object, size, message);
    if (jit->code && find_entries(jit, m, message)) return jit;
    free_jit(jit);
    return NULL;
}

static Jit *compile(const LoopModule *m, const JitOptions *o, Text *object, const char **problem) {
    char *message = NULL;
    LLVMMemoryBufferRef made = o->object ? NULL : jit_object(m, o, true, &message);
    const void *bytes = made ? LLVMGetBufferStart(made) : o->object;
    size_t size = made ? LLVMGetBufferSize(made) : o->object_size;
    Jit *jit = bytes ? load(m, bytes, size, &message) : NULL;
    if (jit && made && object) text_add_bytes(object, bytes, size);
    if (made) LLVMDisposeMemoryBuffer(made);
    if (!jit) *problem = kept(m, message);
    return jit;
}

static void functions(Jit *jit, NetModel *model) {
    model->forward = jit->entry[FORWARD];
    model->backward = jit->entry[BACKWARD];
    model->update = jit->entry[UPDATE];
    model->evaluate = jit->entry[EVALUATE];
}

static void *address(Jit *jit, const char *function) {
    Arena *scratch = arena_new(0);
    char *message = NULL;
    void *found = NULL;
    jit_find(jit->code, emit_llvm_call_name(scratch, function), &found, &message);
    LLVMDisposeMessage(message);
    arena_free(scratch);
    return found;
}

static bool write(const LoopModule *m, JitFormat format, const JitOptions *o, Text *out,
                  const char **problem) {
    char *message = NULL;
    LLVMMemoryBufferRef made = format == JIT_OBJECT ? jit_object(m, o, false, &message)
                                                    : jit_intermediate(m, o, format, &message);
    if (!made) {
        *problem = kept(m, message);
        return false;
    }
    text_add_bytes(out, LLVMGetBufferStart(made), LLVMGetBufferSize(made));
    LLVMDisposeMemoryBuffer(made);
    return true;
}

extern const JitPlugin netc_jit_plugin;
__attribute__((visibility("default"))) const JitPlugin netc_jit_plugin = {
    .version = JIT_PLUGIN_VERSION,
    .llvm = NETC_LLVM_VERSION,
    .compile = compile,
    .functions = functions,
    .address = address,
    .free = free_jit,
    .write = write,
};
