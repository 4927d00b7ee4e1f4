// comment.c: what stands above the loops: the use of a layer as the spec has it, and the equations
// with their places.
#include "lower/lowering.h"

#include <ctype.h>
#include <string.h>

enum { COLUMNS = 86 };

// Appends text with runs of blanks as one blank, and without what would end a comment; dots stand
// for what is beyond the limit.
static void add_flat(Text *t, const char *text, size_t limit) {
    bool blank = false;
    size_t start = t->size;
    for (const char *c = text; *c; c++) {
        if (t->size - start >= limit) {
            text_add(t, "...");
            return;
        }
        if (isspace((unsigned char)*c)) {
            blank = true;
            continue;
        }
        if (blank && t->size > start) text_add(t, " ");
        blank = false;
        text_add_bytes(t, c, 1);
        if (c[0] == '*' && c[1] == '/') text_add(t, " ");
        if (c[0] == '/' && c[1] == '*') text_add(t, " ");
    }
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// "mnist_convblock.net:8"; the library's files keep their folder.
static const char *place_text(const Lowering *l, Span span) {
    Place place = source_place(l->m->compile->sources, span);
    if (place.line == 0) return NULL;
    const Source *source = source_get(l->m->compile->sources, span.file);
    const char *path = source && source->is_library ? place.path : base_name(place.path);
    Text t = text_new(l->arena);
    add_flat(&t, path, 200);
    text_printf(&t, ":%d", place.line);
    return t.bytes;
}

// The use with its arguments: from where the span begins to the end of the parenthesis that follows
// the name.
static const char *use_text(const Lowering *l, Span span) {
    const Source *source = source_get(l->m->compile->sources, span.file);
    uint32_t end = span.end;
    int depth = 0;
    if (source && end < source->size && source->bytes[end] == '(') do {
            depth += source->bytes[end] == '(';
            depth -= source->bytes[end] == ')';
            end++;
        } while (depth && end < source->size);
    if (depth) end = span.end;
    return span_text(l->m->compile->sources, l->arena, (Span){span.file, span.begin, end});
}

// One line; or two, if the use has many arguments.
const char *comment_of_stage(const Lowering *l, const Stage *stage) {
    const char *place = place_text(l, stage->span);
    Text path = text_new(l->arena), use = text_new(l->arena);
    add_flat(&path, stage->path, 200);
    if (!place) return arena_printf(l->arena, "--- %s ---", path.bytes);
    text_add(&use, "");
    add_flat(&use, use_text(l, stage->span), 2 * COLUMNS);
    size_t size = path.size + use.size + strlen(place) + strlen("--- :   ---");
    const char *form = size <= COLUMNS ? "--- %s: %s  %s ---" : "--- %s:\n    %s  %s ---";
    return arena_printf(l->arena, form, path.bytes, use.bytes, place);
}

// --- equations

static size_t word_size(const char *text) {
    size_t size = 0;
    if (!isalpha((unsigned char)text[0]) && text[0] != '_') return 0;
    while (isalnum((unsigned char)text[size]) || text[size] == '_' || text[size] == '.') size++;
    return size;
}

// What is left of a name without the path of the stage, or of the nearest stage around it that the
// name lies in; the name itself if there is none.
static const char *without_path(const char *name, const Stage *stage) {
    for (; stage && stage->path[0]; stage = stage->parent) {
        size_t size = strlen(stage->path);
        if (strncmp(name, stage->path, size) == 0 && name[size] == '.') return name + size + 1;
    }
    return name;
}

// A path begins a name, or follows a prefix such as d_ for "gradient of".
static void add_short(Text *t, const char *name, size_t size, const Stage *stage) {
    for (size_t at = 0; at < size; at++) {
        const char *rest =
            at == 0 || name[at - 1] == '_' ? without_path(name + at, stage) : name + at;
        if (rest == name + at) continue;
        text_add_bytes(t, name, at);
        text_add_bytes(t, rest, (size_t)(name + size - rest));
        return;
    }
    text_add_bytes(t, name, size);
}

// The heading says where we are, so names need not.
static const char *shorten(const Lowering *l, const char *text, const Stage *stage) {
    Text t = text_new(l->arena);
    while (*text) {
        size_t size = word_size(text);
        if (size)
            add_short(&t, text, size, stage);
        else
            text_add_bytes(&t, text, 1);
        text += size ? size : 1;
    }
    return t.bytes ? t.bytes : "";
}

// Where to break a line that is longer than the room: at a blank, else after an operator.
static size_t cut_of(const char *line, size_t room) {
    for (size_t cut = room; cut > room / 3; cut--)
        if (line[cut] == ' ') return cut;
    for (size_t cut = room; cut > room / 3; cut--)
        if (strchr("*/(", line[cut - 1])) return cut;
    return room;
}

static void add_wrapped(Text *t, const char *line) {
    size_t size = strlen(line), indent = 0;
    while (size + indent > COLUMNS) {
        size_t cut = cut_of(line, COLUMNS - indent), end = cut;
        while (end && line[end - 1] == ' ') end--;
        text_add(t, indent ? "    " : "");
        text_add_bytes(t, line, end);
        text_add(t, "\n");
        while (line[cut] == ' ') cut++;
        line += cut;
        size -= cut;
        indent = 4;
    }
    text_add(t, indent ? "    " : "");
    text_add(t, line);
}

const char *comment_of_nest(const Lowering *l, const Nest *nest) {
    Text t = text_new(l->arena);
    for (int i = 0; i < nest->item.count; i++) {
        const Equation *q = nest->item.item[i]->equation;
        const char *place = place_text(l, q->span);
        Text line = text_new(l->arena);
        add_flat(&line, shorten(l, equation_print(l->program, q), nest->stage), 2000);
        if (place) text_printf(&line, "   (%s)", place);
        if (i) text_add(&t, "\n");
        add_wrapped(&t, line.bytes);
    }
    return t.bytes;
}
