// arena.c: an arena is a chain of chunks of zeroed memory; a block is cut from the newest chunk.
//
// Chunks come from calloc and are never used twice, so what is cut from them is zero already. A
// block that does not fit opens a new chunk at least twice as large as the one before, up to 1 MiB;
// larger blocks get a chunk of their own.
#include "support/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 16 << 10, LARGEST_CHUNK = 1 << 20, ALIGNMENT = _Alignof(max_align_t) };

typedef struct Chunk {
    struct Chunk *before;
    size_t size, used;
    max_align_t memory[];
} Chunk;

struct Arena {
    Chunk *newest;
    size_t limit, taken; // bytes asked of calloc
    size_t next_chunk;
};

static _Noreturn void exhausted(const Arena *a) {
    fprintf(stderr, "netc: out of memory (limit of %zu MiB): the spec is too large\n",
            a ? a->limit >> 20 : 0);
    exit(3);
}

Arena *arena_new(size_t limit) {
    Arena *a = calloc(1, sizeof *a);
    if (!a) exhausted(a);
    a->limit = limit ? limit : (size_t)2 << 30;
    a->next_chunk = FIRST_CHUNK;
    return a;
}

void arena_free(Arena *a) {
    if (!a) return;
    for (Chunk *c = a->newest, *before; c; c = before) {
        before = c->before;
        free(c);
    }
    free(a);
}

static size_t round_up(size_t size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void open_chunk(Arena *a, size_t wanted) {
    size_t size = wanted > a->next_chunk ? wanted : a->next_chunk;
    if (a->limit - a->taken < sizeof(Chunk)) exhausted(a);
    size_t left = a->limit - a->taken - sizeof(Chunk);
    if (wanted > left) exhausted(a);
    if (size > left) size = left;
    Chunk *c = calloc(1, sizeof(Chunk) + size);
    if (!c) exhausted(a);
    c->size = size;
    c->before = a->newest;
    a->newest = c;
    a->taken += sizeof(Chunk) + size;
    if (a->next_chunk < LARGEST_CHUNK) a->next_chunk *= 2;
}

void *arena_alloc(Arena *a, size_t size) {
    if (size > a->limit) exhausted(a);
    size = round_up(size ? size : 1);
    if (!a->newest || a->newest->size - a->newest->used < size) open_chunk(a, size);
    Chunk *c = a->newest;
    void *block = (char *)c->memory + c->used;
    c->used += size;
    return block;
}

void *arena_grow(Arena *a, void *old, size_t old_size, size_t new_size) {
    if (!old) return arena_alloc(a, new_size);
    if (new_size > a->limit) exhausted(a);
    if (new_size <= old_size) return old;
    Chunk *c = a->newest;
    size_t was = round_up(old_size ? old_size : 1), is = round_up(new_size);
    int is_newest = (char *)old + was == (char *)c->memory + c->used;
    if (is_newest && c->size - c->used >= is - was) {
        c->used += is - was;
        return old;
    }
    void *copy = arena_alloc(a, new_size);
    if (old_size) memcpy(copy, old, old_size);
    return copy;
}

char *arena_copy(Arena *a, const void *bytes, size_t size) {
    if (size == SIZE_MAX) exhausted(a);
    char *copy = arena_alloc(a, size + 1);
    if (size) memcpy(copy, bytes, size);
    return copy;
}

char *arena_vprintf(Arena *a, const char *format, va_list values) {
    va_list again;
    va_copy(again, values);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size < 0) return arena_copy(a, "", 0);
    char *text = arena_alloc(a, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, values);
    return text;
}

char *arena_printf(Arena *a, const char *format, ...) {
    va_list values;
    va_start(values, format);
    char *text = arena_vprintf(a, format, values);
    va_end(values);
    return text;
}
