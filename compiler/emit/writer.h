// writer.h: lines of C text. The writer owns the indentation, breaks long lines, and makes any text
// safe to stand in a comment or a string: a spec comes from a stranger.
#ifndef NETC_EMIT_WRITER_H
#define NETC_EMIT_WRITER_H

#include "support/text.h"

typedef struct Writer {
    Text *out;
    int depth; // in levels of 4 spaces
} Writer;

void write_line(Writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The same for a line that stays one line, however long.
void write_long_line(Writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
// "text {", and one level deeper.
void write_open(Writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void write_close(Writer *w, const char *after); // one level back, "}" and what follows it
void write_blank(Writer *w);
// At the left margin: preprocessor lines.
void write_directive(Writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Each line of the text as a comment of its own.
void write_comment(Writer *w, const char *text);
// The text on one line, safe between the marks of a comment.
const char *comment_text(Arena *a, const char *text);
// The text as a C string literal with its quotes; NULL as "NULL". At most 4095 characters are
// portable.
const char *string_literal(Arena *a, const char *text);

#endif
