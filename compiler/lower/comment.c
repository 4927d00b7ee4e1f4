// comment.c: what stands above the loops: the use of a layer as the spec has it, and the equations
// with their places.
#include "lower/lowering.h"

#include <ctype.h>
#include <string.h>

enum { COLUMNS = 96 };

// Appends text with runs of blanks as one blank, and without what would end a comment.
static void add_flat(Text *t, const char *text, size_t limit) {
    bool blank = false;
    size_t start = t->size;
    for (const char *c = text; *c && t->size - start < limit; c++) {
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

const char *comment_of_stage(const Lowering *l, const Stage *stage) {
    const char *place = place_text(l, stage->span);
    Text t = text_new(l->arena);
    text_add(&t, "--- ");
    add_flat(&t, stage->path, 200);
    if (place) {
        text_add(&t, ": ");
        const char *use = span_text(l->m->compile->sources, l->arena, stage->span);
        add_flat(&t, use, 60);
        text_printf(&t, "  %s", place);
    }
    text_add(&t, " ---");
    return t.bytes;
}

// Breaks a long line at blanks; what follows is indented.
static void add_wrapped(Text *t, const char *line) {
    size_t size = strlen(line);
    bool first = true;
    while (size > (size_t)COLUMNS - (first ? 0 : 4)) {
        size_t room = (size_t)COLUMNS - (first ? 0 : 4), cut = room;
        while (cut > room / 2 && line[cut] != ' ') cut--;
        if (line[cut] != ' ') cut = room;
        text_add(t, first ? "" : "    ");
        text_add_bytes(t, line, cut);
        text_add(t, "\n");
        while (line[cut] == ' ') cut++;
        line += cut;
        size -= cut;
        first = false;
    }
    text_add(t, first ? "" : "    ");
    text_add(t, line);
}

const char *comment_of_nest(const Lowering *l, const Nest *nest) {
    Text t = text_new(l->arena);
    for (int i = 0; i < nest->item.count; i++) {
        const Equation *q = nest->item.item[i]->equation;
        const char *place = place_text(l, q->span);
        Text line = text_new(l->arena);
        add_flat(&line, equation_print(l->program, q), 2000);
        if (place) text_printf(&line, "   (%s)", place);
        if (i) text_add(&t, "\n");
        add_wrapped(&t, line.bytes);
    }
    return t.bytes;
}
