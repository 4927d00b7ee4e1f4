// jit.h: from a loop module to machine code in this process, by LLVM. The back end is a plug-in,
// loaded only when it is asked for, because linking LLVM would slow down every start; this header
// names no type of LLVM.
//
// The functions that are made have the signatures of the emitted C header; the entries of a
// NetModel are made of them as in the emitted model table, so the runtime cannot tell the back ends
// apart.
#ifndef NETC_JIT_JIT_H
#define NETC_JIT_JIT_H

#include "loop/loop.h"
#include "net_model.h"

enum { JIT_PLUGIN_VERSION = 1 };

typedef enum JitFormat {
    JIT_TEXT,    // LLVM IR for people, before optimisation
    JIT_BITCODE, // the same, for tools
    JIT_OBJECT   // an object file for this target, with the symbols of the emitted C
} JitFormat;

typedef struct JitOptions {
    const char *cpu;       // as LLVM names it, "x86-64-v3"; NULL: this machine's
    const char *cache_key; // what the object is kept under; NULL: no cache
    const char *cache;     // the folder of the cache, or NULL
} JitOptions;

// Machine code in memory. Its functions may be called until it is freed.
typedef struct Jit Jit;

typedef struct JitPlugin {
    int version;      // JIT_PLUGIN_VERSION
    const char *llvm; // LLVM's version: part of the cache key
    // Compiles all functions of the module. NULL on failure, with *problem in the module's arena.
    Jit *(*compile)(const LoopModule *m, const JitOptions *o, const char **problem);
    // Fills in the four functions of the table; update may become NULL. The rest of it is the
    // caller's.
    void (*functions)(Jit *jit, NetModel *model);
    // The machine code of one function of the module by its name ("forward"), for tests; NULL if
    // there is none.
    void *(*address)(Jit *jit, const char *function);
    void (*free)(Jit *jit);
    // Appends the module in this format to `out`. False on failure, with *problem in the module's
    // arena.
    bool (*write)(const LoopModule *m, JitFormat format, const JitOptions *o, Text *out,
                  const char **problem);
} JitPlugin;

// The symbol that a plug-in exports: const JitPlugin netc_jit_plugin.
#define JIT_PLUGIN_SYMBOL "netc_jit_plugin"

// The plug-in beside this program or in its library folder; NULL where there is none or its version
// differs, after saying on stderr which package and which step bring it.
const JitPlugin *jit_load(void);

#endif
