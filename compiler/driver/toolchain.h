// toolchain.h: from a lowered model to machine code, by the system's C compiler.
#ifndef NETC_DRIVER_TOOLCHAIN_H
#define NETC_DRIVER_TOOLCHAIN_H

#include "driver/pipeline.h"

typedef struct Toolchain {
    const char *cc;     // the compiler's command; words separated by spaces
    const char *cflags; // added after our own flags, or NULL
    const char *keep;   // a folder that gets the generated files, or NULL
} Toolchain;

// The texts made for one model. File names are <model>.c, <model>.h, <model>_model.c.
typedef struct Generated {
    const char *name;
    Text source, header, table;
} Generated;

// --cc, --cflags and --keep; the compiler is --cc, else $CC, else "cc".
Toolchain toolchain_from(const Arguments *arguments);
#define OPTIONS_CC                                                                                 \
    {"cc", 0, "CC", "the C compiler (otherwise $CC, otherwise cc)", NULL},                         \
        {"cflags", 0, "FLAGS", "flags added to the compiler's", NULL}, {                           \
        "keep", 0, "DIR", "keep the generated C in this folder", NULL                              \
    }
// For commands that run the model in this process.
#define OPTIONS_TOOLCHAIN                                                                          \
    {"jit", 0, NULL, "compile in memory by LLVM: no C compiler, no files", NULL}, OPTIONS_CC

// The table of p->model and p->loops for the runtime, but for the four functions.
void model_table(Pipeline *p, NetModel *out);

// The C of p->loops and the table of p->model. `head`: put into the comment at the top of the
// files, or NULL.
Generated generate(Pipeline *p, const char *head);

// Writes the files and what they include into `folder`.
bool generated_write(Arena *a, const Generated *g, const char *folder);

// Compiles to a shared object at `out` that exports net_model, with no runtime inside. Returns an
// exit code; messages, the compiler's included, go to stderr.
int toolchain_shared(Pipeline *p, const Toolchain *t, const Generated *g, const char *out);
// Compiles and links with the runtime to a program at `out`.
int toolchain_trainer(Pipeline *p, const Toolchain *t, const Generated *g, const char *out);

// What the compiler says of itself; empty if it cannot be run.
const char *toolchain_version(Arena *a, const Toolchain *t);
// All that decides what the compiler makes of the texts: its version, the flags, the processor.
char *toolchain_identity(Pipeline *p, const Toolchain *t, const char *version);

#endif
