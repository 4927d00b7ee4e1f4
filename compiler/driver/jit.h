// jit.h: the LLVM back end as the commands use it: found, loaded, its machine code kept in the
// cache.
#ifndef NETC_DRIVER_JIT_H
#define NETC_DRIVER_JIT_H

#include "driver/cache.h"
#include "driver/pipeline.h"
#include "jit/jit.h"

// The plug-in: $NETC_JIT, else netc_jit.so beside this program (a build tree) or in its library
// folder (an installed one). NULL where it is absent or made for another netc, after saying which
// package and which step bring it. LLVM comes into the process with it.
const JitPlugin *jit_load(void);

// Machine code of p->loops, from the cache if it was made before, unless p->fresh; what is made is
// kept. NULL after a message.
Jit *jit_compile(Pipeline *p, const JitPlugin *plugin, const Cache *cache);

// Appends p->loops as LLVM IR, bitcode or an object file for `cpu` (NULL: this machine's). Returns
// an exit code; what is wrong has been said.
int jit_write(Pipeline *p, JitFormat format, const char *cpu, Text *out);

#endif
