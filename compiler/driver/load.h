// load.h: from a spec to a NetModel in this process: compiled by the C compiler and loaded with
// dlopen, or compiled in memory by the JIT; kept in the cache either way.
#ifndef NETC_DRIVER_LOAD_H
#define NETC_DRIVER_LOAD_H

#include "driver/jit.h"
#include "driver/toolchain.h"

typedef struct Loaded {
    const NetModel *model;
    const char *compiler; // that made its machine code, one line, for the record
    void *handle;
    const JitPlugin *plugin; // NULL: the C compiler's
    Jit *jit;
    Cache cache;
} Loaded;

// Needs:  nothing run yet; the pipeline's options are set.
// Leaves: all stages run and out->model ready for the runtime. Returns an exit code; what is wrong
// has been said.
int model_load(Pipeline *p, const Toolchain *t, Loaded *out);
void model_unload(Loaded *loaded);

// The block of a call in which buffers of this storage lie; NULL for local arrays.
const void *call_block(const NetCall *c, LoopStorage storage);

// Bytes that a model needs at run time, the optimizer's moments not counted.
size_t model_training_bytes(const LoopModule *m);

#endif
