// jit.h: from a loop module to machine code in this process, by LLVM. The back end is a plug-in,
// netc_jit.so, loaded only when it is asked for, because linking LLVM would slow down every start;
// this header names no type of LLVM.
//
// The functions that are made have the signatures of the emitted C header; the entries of a
// NetModel are made of them as in the emitted model table, so the runtime cannot tell the back ends
// apart. The plug-in keeps no files: the driver has a cache, and hands back the machine code that
// was made of an equal module before.
#ifndef NETC_JIT_JIT_H
#define NETC_JIT_JIT_H

#include "loop/loop.h"
#include "net_model.h"

enum { JIT_PLUGIN_VERSION = 2 };

typedef enum JitFormat {
    JIT_TEXT,    // LLVM IR for people, before optimisation
    JIT_BITCODE, // the same, for tools
    JIT_OBJECT   // an object file for this target, with the symbols of the emitted C
} JitFormat;

typedef struct JitOptions {
    const char *cpu;    // as LLVM names it, "x86-64-v3"; NULL: this machine's
    const void *object; // what compile handed out for an equal module, cpu and plug-in; NULL: nothing
    size_t object_size; // in bytes
} JitOptions;

// Machine code in memory. Its functions may be called until it is freed.
typedef struct Jit Jit;

typedef struct JitPlugin {
    int version;      // JIT_PLUGIN_VERSION
    const char *llvm; // LLVM's version: part of the cache key
    // Compiles all functions of the module, or takes them from o->object. What was compiled, an
    // object file that needs nothing else of this process to be loaded again in another, is
    // appended to `object` unless that is NULL. NULL on failure, with *problem in the module's
    // arena.
    Jit *(*compile)(const LoopModule *m, const JitOptions *o, Text *object, const char **problem);
    // Fills in the four functions of the table; update may become NULL. The rest of it is the
    // caller's.
    void (*functions)(Jit *jit, NetModel *model);
    // The machine code of one function of the module by its name ("forward"), a
    // void (*)(const NetCall *), for tests; NULL if there is none.
    void *(*address)(Jit *jit, const char *function);
    void (*free)(Jit *jit);
    // Appends the module in this format to `out`. False on failure, with *problem in the module's
    // arena.
    bool (*write)(const LoopModule *m, JitFormat format, const JitOptions *o, Text *out,
                  const char **problem);
} JitPlugin;

// The symbol that a plug-in exports: const JitPlugin netc_jit_plugin.
#define JIT_PLUGIN_SYMBOL "netc_jit_plugin"

#endif
