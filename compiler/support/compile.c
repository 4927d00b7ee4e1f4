// compile.c: the life of a Compile, and the way out for our own mistakes.
#include "support/compile.h"

#include <stdio.h>
#include <stdlib.h>

Compile *compile_new(void) {
    Arena *arena = arena_new(0);
    Compile *c = arena_new_item(arena, Compile);
    c->arena = arena;
    c->names = names_new(arena);
    c->sources = arena_new_item(arena, Sources);
    c->sources->arena = arena;
    c->diagnostics = arena_new_item(arena, Diagnostics);
    c->diagnostics->arena = arena;
    c->diagnostics->sources = c->sources;
    return c;
}

void compile_free(Compile *c) {
    if (c) arena_free(c->arena);
}

bool compile_failed(const Compile *c) {
    return c->diagnostics->diagnostic.count > 0;
}

_Noreturn void internal_error(const char *stage, const char *format, ...) {
    fflush(stdout);
    fprintf(stderr, "netc: internal error in %s: ", stage);
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    exit(70);
}
