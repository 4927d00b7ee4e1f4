// text.h: interned names and a text builder.
#ifndef NETC_SUPPORT_TEXT_H
#define NETC_SUPPORT_TEXT_H

#include "arena.h"

#include <stdbool.h>

// A name that was interned: two names are the same text iff they are the same pointer.
typedef const char *Name;

typedef struct Names Names;
Names *names_new(Arena *a);
Name name_of(Names *names, const char *text);
Name name_of_bytes(Names *names, const char *text, size_t size);
Name name_printf(Names *names, const char *format, ...) __attribute__((format(printf, 2, 3)));

// A text that grows in an arena; always NUL-terminated.
typedef struct Text {
    Arena *arena;
    char *bytes;
    size_t size, capacity;
} Text;
Text text_new(Arena *a);
void text_add(Text *t, const char *bytes);
void text_add_bytes(Text *t, const char *bytes, size_t size);
void text_printf(Text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));

// The shortest decimal that reads back as exactly `value`: "0.1", "1e-05", "inf", "-0.5", "3".
const char *number_text(Arena *a, double value);
// The shortest decimal that reads back as exactly (float)value.
const char *number_text_f32(Arena *a, double value);

// The entry of `choice[0 .. count)` nearest to `wrong` (edit distance, case-insensitive first), or NULL if none is
// near enough to be meant: distance at most 2 and at most a third of the length (rounded up).
const char *nearest_name(const char *wrong, const char *const *choice, int count);

#endif
