// writer.c: indentation, line breaks, and text that cannot escape from where it stands.
#include "emit/writer.h"

#include <ctype.h>
#include <string.h>

enum { LINE_WIDTH = 100, INDENT = 4 };

static void indent(Writer *w, int columns) {
    for (int i = 0; i < columns; i++) text_add(w->out, " ");
}

// A place where a line may be broken: the second part begins at `next`, behind the space at `at` if
// there is one.
typedef struct Break {
    size_t at, next;
    int rank; // the lower the better: outer before inner, and looser operators before tighter ones
    int column; // of the innermost open parenthesis, plus one; 0 if there is none
} Break;

enum { NO_BREAK = 1000, RANKS_A_LEVEL = 8 };

static bool ends_operand(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == ')' || c == ']';
}

// How loosely the text is bound at byte i; NO_BREAK within a word. *skip: whether text[i] is a
// space to be left out.
static int looseness(const char *text, size_t i, bool *skip) {
    const char *next = text + i + 1;
    *skip = text[i] == ' ';
    if (i == 0) return NO_BREAK;
    if (*skip) {
        if (text[i - 1] == ',' || text[i - 1] == ';') return 0;
        if (strncmp(next, "&& ", 3) == 0 || strncmp(next, "|| ", 3) == 0) return 1;
        if (next[0] && strchr("?:", next[0]) && next[1] == ' ') return 1;
        if (next[0] && strchr("+-", next[0]) && next[1] == ' ') return 2;
        return text[i - 1] == '=' ? 3 : NO_BREAK;
    }
    return (text[i] == '*' || text[i] == '/') && ends_operand(text[i - 1]) ? 4 : NO_BREAK;
}

// The best break of a text whose first part may have at most `room` bytes, or the first one behind
// that if there is none; its rank is NO_BREAK if there is no break at all. Strings are never
// broken, and what stands in [ ] only if there is no other way.
static Break find_break(const char *text, size_t room) {
    Break best = {.rank = NO_BREAK};
    int level = 0, column[16] = {0}, depth = 0;
    for (size_t i = 0; text[i] && (i <= room || best.rank == NO_BREAK); i++) {
        bool skip;
        if (text[i] == '"')
            for (i++; text[i] && text[i] != '"'; i++) i += text[i] == '\\' && text[i + 1];
        if (!text[i]) break;
        if (strchr("([{", text[i]) && depth < 15) {
            level += text[i] == '[' ? 4 : 1;
            column[++depth] = (int)i + 1;
        }
        if (strchr(")]}", text[i]) && depth > 0) level -= text[column[depth--] - 1] == '[' ? 4 : 1;
        int rank = looseness(text, i, &skip);
        // After "=" is good if that is the only break needed.
        if (rank == 3 && strlen(text + i) > LINE_WIDTH - 6 * INDENT) rank = 7;
        if (rank != NO_BREAK) rank += level * RANKS_A_LEVEL;
        if (rank == NO_BREAK || rank > best.rank) continue;
        best = (Break){i, i + skip, rank, depth ? column[depth] : 0};
    }
    return best;
}

static void write_wrapped(Writer *w, const char *text) {
    int columns = w->depth * INDENT;
    bool first = true;
    indent(w, columns);
    for (;;) {
        size_t room = columns < LINE_WIDTH / 2 ? (size_t)(LINE_WIDTH - columns) : LINE_WIDTH / 2;
        if (strlen(text) <= room) break;
        Break b = find_break(text, room);
        if (b.rank == NO_BREAK) break;
        text_add_bytes(w->out, text, b.at);
        text_add(w->out, "\n");
        // A list of parameters is aligned with its parenthesis, anything else is indented once.
        if (first) columns += b.column && columns + b.column < LINE_WIDTH / 2 ? b.column : INDENT;
        first = false;
        text += b.next;
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

void write_blank(Writer *w) {
    text_add(w->out, "\n");
}

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
    int count = at[0] < 0x80                    ? 1
                : at[0] >= 0xC2 && at[0] < 0xE0 ? 2
                : at[0] >= 0xE0 && at[0] < 0xF0 ? 3
                : at[0] >= 0xF0 && at[0] < 0xF5 ? 4
                                                : 0;
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
    return (point < 0xD800 || point > 0xF8FF) && (point < 0xFFF0 || point > 0xFFFF) &&
           point < 0xE0000;
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

// Where a comment that has more than `room` bytes may go on in the next line: at a space, though
// not behind a backslash, which would join the lines. 0: nowhere.
static size_t find_comment_break(const char *text, size_t room) {
    if (strlen(text) <= room) return 0;
    size_t at = 0;
    for (size_t i = 1; text[i] && (i <= room || at == 0); i++)
        if (text[i] == ' ' && text[i - 1] != '\\' && text[i - 1] != ' ') at = i;
    return at;
}

static void write_comment_line(Writer *w, const char *text) {
    const size_t columns = (size_t)(w->depth * INDENT) + 3;
    const char *before = *text ? "// " : "//";
    size_t room = columns < LINE_WIDTH / 2 ? LINE_WIDTH - columns : LINE_WIDTH / 2;
    for (;;) {
        size_t at = find_comment_break(text, room);
        indent(w, w->depth * INDENT);
        text_add(w->out, before);
        text_add_bytes(w->out, text, at ? at : strlen(text));
        text_add(w->out, "\n");
        if (at == 0) return;
        if (before[2] && !before[3]) room -= INDENT;
        before = "//     ";
        text += at + 1;
    }
}

void write_comment(Writer *w, const char *text) {
    Arena *a = w->out->arena;
    while (*text) {
        size_t size = strcspn(text, "\n");
        write_comment_line(w, comment_text(a, arena_copy(a, text, size)));
        text += size + (text[size] == '\n');
    }
}

// --- strings

const char *string_literal(Arena *a, const char *text) {
    if (!text) return "NULL";
    Text out = text_new(a);
    text_add(&out, "\"");
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\' || *at == '?')
            text_printf(&out, "\\%c", *at);
        else if (*at >= 0x20 && *at < 0x7F)
            text_add_bytes(&out, (const char *)at, 1);
        else
            text_printf(&out, "\\%03o", *at);
    }
    text_add(&out, "\"");
    return out.bytes;
}
