// wasm.h: from generated C to WebAssembly, by clang and lld.
#ifndef NETC_DRIVER_WASM_H
#define NETC_DRIVER_WASM_H

#include "driver/toolchain.h"

// Compiles the source and the header of g to one module that imports nothing; what it exports says
// the source (export_name). Functions of libm are the prelude's, so that the bits are those of
// --strict. keep: a folder that gets the files, or NULL. Returns an exit code; a message names the
// packages where clang or lld is missing.
int wasm_compile(Arena *a, const Generated *g, const char *keep, char **bytes, size_t *size);

#endif
