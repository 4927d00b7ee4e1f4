// writer.c: indentation, line breaks, and text that cannot escape from where it stands.
#include "emit/writer.h"

#include <ctype.h>
#include <string.h>

enum { LINE_WIDTH = 100, INDENT = 4 };

static void indent(Writer *w, int columns) {
    for (int i = 0; i < columns; i++) text_add(w->out, " ");
}

// Whether a line may be broken at the space at text[i]: after a comma or semicolon, before an operator.
static bool may_break(const char *text, size_t i) {
    if (text[i] != ' ' || i == 0) return false;
    if (text[i - 1] == ',' || text[i - 1] == ';') return true;
    const char *next = text + i + 1;
    if (strncmp(next, "&& ", 3) == 0 || strncmp(next, "|| ", 3) == 0) return true;
    return next[0] && strchr("+-?:", next[0]) && next[1] == ' ';
}

// Where to break a text so that the first part has at most `room` bytes: the last place that stands in as few
// brackets as any. 0: nowhere.
static size_t find_break(const char *text, size_t room) {
    size_t best = 0;
    int depth = 0, best_depth = 0;
    for (size_t i = 0; text[i] && i <= room; i++) {
        if (strchr("([{", text[i])) depth++;
        if (strchr(")]}", text[i])) depth--;
        if (!may_break(text, i) || (best && depth > best_depth)) continue;
        best = i;
        best_depth = depth;
    }
    return best;
}

static void write_wrapped(Writer *w, const char *text) {
    int columns = w->depth * INDENT;
    indent(w, columns);
    for (;;) {
        size_t room = columns < LINE_WIDTH / 2 ? (size_t)(LINE_WIDTH - columns) : LINE_WIDTH / 2;
        size_t at = strlen(text) > room ? find_break(text, room) : 0;
        if (at == 0) break;
        text_add_bytes(w->out, text, at);
        text_add(w->out, "\n");
        text += at + 1;
        columns = w->depth * INDENT + INDENT;
        indent(w, columns);
    }
    text_add(w->out, text);
    text_add(w->out, "\n");
}

void write_line(Writer *w, const char *format, ...) {
    va_list values;
    va_start(values, format);
    write_wrapped(w, arena_vprintf(w->out->arena, format, values));
    va_end(values);
}

void write_long_line(Writer *w, const char *format, ...) {
    va_list values;
    va_start(values, format);
    indent(w, w->depth * INDENT);
    text_add(w->out, arena_vprintf(w->out->arena, format, values));
    text_add(w->out, "\n");
    va_end(values);
}

void write_open(Writer *w, const char *format, ...) {
    va_list values;
    va_start(values, format);
    const char *text = arena_vprintf(w->out->arena, format, values);
    va_end(values);
    write_wrapped(w, *text ? arena_printf(w->out->arena, "%s {", text) : "{");
    w->depth++;
}

void write_close(Writer *w, const char *after) {
    w->depth--;
    indent(w, w->depth * INDENT);
    text_printf(w->out, "}%s\n", after);
}

void write_blank(Writer *w) { text_add(w->out, "\n"); }

void write_directive(Writer *w, const char *format, ...) {
    va_list values;
    va_start(values, format);
    text_add(w->out, arena_vprintf(w->out->arena, format, values));
    text_add(w->out, "\n");
    va_end(values);
}

// --- comments

// The length of the UTF-8 sequence at `at` and its code point; 0 if it is malformed.
static int decode(const unsigned char *at, unsigned *point) {
    int count = at[0] < 0x80 ? 1 : at[0] >= 0xC2 && at[0] < 0xE0 ? 2 : at[0] >= 0xE0 && at[0] < 0xF0 ? 3
              : at[0] >= 0xF0 && at[0] < 0xF5 ? 4 : 0;
    *point = count == 1 ? at[0] : count ? at[0] & (0xFFu >> (count + 1)) : 0;
    for (int i = 1; i < count; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
        *point = *point << 6 | (at[i] & 0x3Fu);
    }
    return count;
}

// Not control characters, nor those that change the direction of text or are not seen.
static bool is_visible(unsigned point) {
    if (point < 0x80) return isprint((int)point);
    if (point < 0xA1 || point == 0xAD || point == 0x61C || point == 0xFEFF) return false;
    if (point >= 0x2000 && point <= 0x200F) return false;
    if (point >= 0x2028 && point <= 0x202F) return false;
    if (point >= 0x2060 && point <= 0x206F) return false;
    return (point < 0xD800 || point > 0xF8FF) && (point < 0xFFF0 || point > 0xFFFF) && point < 0xE0000;
}

// Pairs that would begin or end a comment or a trigraph are parted by a space.
static bool is_parted(char a, char b) {
    return (a == '*' && b == '/') || (a == '/' && b == '*') || (a == '?' && b == '?') ||
           (a == '/' && b == '/');
}

const char *comment_text(Arena *a, const char *text) {
    Text out = text_new(a);
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        unsigned point;
        int count = decode(at, &point);
        if (count > 0 && is_visible(point)) {
            bool parted = out.size > 0 && is_parted(out.bytes[out.size - 1], (char)*at);
            if (parted) text_add(&out, " ");
            text_add_bytes(&out, (const char *)at, (size_t)count);
        } else {
            text_printf(&out, "\\x%02X", *at);
            count = 1;
        }
        at += count;
    }
    // A backslash at the end would join the next line to the comment.
    if (out.size > 0 && out.bytes[out.size - 1] == '\\') text_add(&out, ".");
    return out.size ? out.bytes : "";
}

void write_comment(Writer *w, const char *text) {
    Arena *a = w->out->arena;
    while (*text) {
        size_t size = strcspn(text, "\n");
        const char *safe = comment_text(a, arena_copy(a, text, size));
        indent(w, w->depth * INDENT);
        text_printf(w->out, "//%s%s\n", *safe ? " " : "", safe);
        text += size + (text[size] == '\n');
    }
}

// --- strings

const char *string_literal(Arena *a, const char *text) {
    if (!text) return "NULL";
    Text out = text_new(a);
    text_add(&out, "\"");
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\' || *at == '?') text_printf(&out, "\\%c", *at);
        else if (*at >= 0x20 && *at < 0x7F) text_add_bytes(&out, (const char *)at, 1);
        else text_printf(&out, "\\%03o", *at);
    }
    text_add(&out, "\"");
    return out.bytes;
}
