// arena.h: memory that is taken piece by piece and given back all at once.
//
// All that a compilation makes lives in arenas, so nothing is freed singly and nothing leaks. A limit guards against
// specs that would exhaust the machine: past it the arena reports through `arena_on_exhaustion` and does not return.
#ifndef NETC_SUPPORT_ARENA_H
#define NETC_SUPPORT_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct Arena Arena;

// A new, empty arena that may grow to `limit` bytes (0: 2 GiB).
Arena *arena_new(size_t limit);
void arena_free(Arena *a);

// Zeroed memory aligned for any type. Never NULL: exhaustion prints one line to stderr and exits with code 3.
void *arena_alloc(Arena *a, size_t size);
// Like realloc for the newest block, else a copy; the old memory stays valid until the arena is freed.
void *arena_grow(Arena *a, void *old, size_t old_size, size_t new_size);
char *arena_copy(Arena *a, const void *bytes, size_t size); // NUL-terminated copy
char *arena_printf(Arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(Arena *a, const char *format, va_list values)
    __attribute__((format(printf, 2, 0), nonnull(2)));

#define arena_new_item(a, Type) ((Type *)arena_alloc((a), sizeof(Type)))
#define arena_new_array(a, Type, count) ((Type *)arena_alloc((a), sizeof(Type) * (size_t)(count)))

// A growing array inside an arena: `LIST(Equation *) equation;` has fields item, count, capacity.
#define LIST(Type)                                                                                 \
    struct {                                                                                       \
        Type *item;                                                                                \
        int count, capacity;                                                                       \
    }
// Appends `value` to the list `l` (an lvalue of a LIST type).
#define list_add(a, l, value)                                                                      \
    do {                                                                                           \
        if ((l).count == (l).capacity) {                                                           \
            int list_grown = (l).capacity ? 2 * (l).capacity : 8;                                  \
            (l).item = arena_grow((a), (l).item, sizeof *(l).item * (size_t)(l).capacity,          \
                                  sizeof *(l).item * (size_t)list_grown);                          \
            (l).capacity = list_grown;                                                             \
        }                                                                                          \
        (l).item[(l).count++] = (value);                                                           \
    } while (0)

#endif
