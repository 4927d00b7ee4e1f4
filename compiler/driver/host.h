// host.h: what the machine that netc runs on can do.
#ifndef NETC_DRIVER_HOST_H
#define NETC_DRIVER_HOST_H

#include "support/arena.h"

// The width of its widest vectors in bytes: 64, 32 or 16; 0 where it has none that we know.
int host_vector_bytes(void);

// Make, model and features of its processor as text: what machine code for it depends on. A cache may
// be shared by machines.
const char *host_processor(Arena *a);

#endif
