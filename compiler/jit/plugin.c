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

static Jit *load(const LoopModule *m, const JitPart *part, int count, char **message) {
    Jit *jit = jit_target_begin(message) ? calloc(1, sizeof *jit) : NULL;
    if (!jit) return NULL;
    jit->code = jit_link(part, count, message);
    if (jit->code && find_entries(jit, m, message)) return jit;
    free_jit(jit);
    return NULL;
}

// What is handed out: before each object file its size, eight bytes.
static void pack(const JitPart *part, int count, Text *out) {
    for (int i = 0; i < count; i++) {
        uint64_t size = part[i].size;
        text_add_bytes(out, (const char *)&size, sizeof size);
        text_add_bytes(out, (const char *)part[i].object, part[i].size);
    }
}

// How many object files there are; 0 if it is anything else.
static int unpack(const char *bytes, size_t size, JitPart part[JIT_PARTS]) {
    int count = 0;
    while (size > 0) {
        uint64_t own;
        if (count == JIT_PARTS || size < sizeof own) return 0;
        memcpy(&own, bytes, sizeof own);
        if (own == 0 || own > size - sizeof own) return 0;
        part[count++] = (JitPart){bytes + sizeof own, (size_t)own};
        bytes += sizeof own + own;
        size -= sizeof own + (size_t)own;
    }
    return count;
}

static Jit *load_again(const LoopModule *m, const JitOptions *o, char **message) {
    JitPart part[JIT_PARTS];
    int count = unpack(o->object, o->object_size, part);
    if (count) return load(m, part, count, message);
    *message = LLVMCreateMessage("these are no object files of a model");
    return NULL;
}

static Jit *compile_and_load(const LoopModule *m, const JitOptions *o, Text *object,
                             char **message) {
    LLVMMemoryBufferRef made[JIT_PARTS];
    JitPart part[JIT_PARTS];
    int count = jit_objects(m, o, made, message);
    for (int i = 0; i < count; i++)
        part[i] = (JitPart){LLVMGetBufferStart(made[i]), LLVMGetBufferSize(made[i])};
    Jit *jit = count ? load(m, part, count, message) : NULL;
    if (jit && object) pack(part, count, object);
    for (int i = 0; i < count; i++) LLVMDisposeMemoryBuffer(made[i]);
    return jit;
}

static Jit *compile(const LoopModule *m, const JitOptions *o, Text *object, const char **problem) {
    char *message = NULL;
    Jit *jit = o->object ? load_again(m, o, &message) : compile_and_load(m, o, object, &message);
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
