// source.h: the texts being compiled, and places in them.
//
// A Span is byte offsets; lines and columns are computed only when somebody asks. Columns count code points from 1.
#ifndef NETC_SUPPORT_SOURCE_H
#define NETC_SUPPORT_SOURCE_H

#include "text.h"

#include <stdint.h>

// Bytes [begin, end) of source number `file`; file 0 is "nowhere" (things the compiler made itself).
typedef struct Span {
    uint32_t file, begin, end;
} Span;

typedef struct Source {
    const char *path;  // as the user named it; "std/conv.net" for the library
    const char *bytes; // NUL-terminated
    size_t size;
    bool is_library;
    LIST(uint32_t) line_begin; // filled on first use
} Source;

typedef struct Sources {
    Arena *arena;
    LIST(Source *) source; // source number f is item[f - 1]
} Sources;

// Registers a text (copied) and returns its number.
uint32_t source_add(Sources *s, const char *path, const char *bytes, size_t size, bool is_library);
// Reads and registers a file of at most 4 MiB that is UTF-8 without NUL bytes; returns 0 and *problem on failure.
uint32_t source_read(Sources *s, const char *path, const char **problem);
const Source *source_get(const Sources *s, uint32_t file);

typedef struct Place {
    const char *path;
    int line, column;         // from 1
    const char *line_text;    // without the newline, not NUL-terminated
    int line_size;
} Place;
// Where the span begins. For file 0: path "", line 0.
Place source_place(Sources *s, Span span);
Span span_join(Span a, Span b); // from the beginning of a to the end of b (same file)
// The bytes of the span, copied.
const char *span_text(Sources *s, Arena *a, Span span);

#endif
