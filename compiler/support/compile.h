// compile.h: what every stage of one compilation shares. Stages take their input and output as arguments beside it.
#ifndef NETC_SUPPORT_COMPILE_H
#define NETC_SUPPORT_COMPILE_H

#include "diagnostic.h"

typedef struct Compile {
    Arena *arena; // lives as long as the compilation
    Names *names;
    Sources *sources;
    Diagnostics *diagnostics;
} Compile;

Compile *compile_new(void);
void compile_free(Compile *c);
bool compile_failed(const Compile *c); // something was reported

// Our own mistake: prints "netc: internal error in STAGE: ..." and exits with code 70. Never for a user's mistake.
_Noreturn void internal_error(const char *stage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
