// host.h: what the machine that netc runs on can do.
#ifndef NETC_DRIVER_HOST_H
#define NETC_DRIVER_HOST_H

#include "support/arena.h"

#include <stdbool.h>

// The width of its widest vectors in bytes: 64, 32 or 16; 0 where it has none that we know.
int host_vector_bytes(void);

// --- processors to compile for, by the names that compilers have for them; NULL: this machine

// The i-th name that --target takes, NULL past the last; the first is "native".
const char *target_name(int i);
// The name as it is kept: one of the table, or NULL for "native" and for what is not in the table.
const char *target_known(const char *name);
// The width of vectors for it in bytes, 0 where there are none.
int target_vector_bytes(const char *target);
// Whether this processor runs code for it.
bool target_runs_here(const char *target);

// Make, model and features of its processor as text: what machine code for it depends on. A cache
// may be shared by machines.
const char *host_processor(Arena *a);

#endif
