// diagnostic_print.c: diagnostics as people read them (long, short) and as tools do (one JSON
// object a line).
//
// What a spec says is printed as it stands, save for control characters, which a terminal would
// obey: they become '?'. Of very long lines only the neighbourhood of the error is shown.
#include "support/diagnostic.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 20, LONGEST_LINE = 160, BEFORE_ERROR = 60 };

typedef struct Printer {
    const Diagnostics *diagnostics;
    FILE *out;
    bool colour;
} Printer;

typedef struct Sorted {
    const Diagnostic *item;
    int order; // in which it was reported
} Sorted;

static int compare_sorted(const void *left, const void *right) {
    const Sorted *a = left, *b = right;
    Span x = a->item->span, y = b->item->span;
    if (x.file != y.file) return x.file < y.file ? -1 : 1;
    if (x.begin != y.begin) return x.begin < y.begin ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static bool is_same(const Diagnostic *a, const Diagnostic *b) {
    return a->span.file == b->span.file && a->span.begin == b->span.begin &&
           strcmp(a->text, b->text) == 0;
}

// The same message at the same place may be parted by others at that place, so look back over all
// of those.
static bool is_repeated(const Sorted *kept, int count, const Diagnostic *d) {
    for (int i = count - 1; i >= 0 && count - i <= MOST; i--)
        if (is_same(kept[i].item, d)) return true;
    return false;
}

static int sort_and_thin(const Diagnostics *d, Sorted *sorted) {
    for (int i = 0; i < d->diagnostic.count; i++) sorted[i] = (Sorted){d->diagnostic.item[i], i};
    qsort(sorted, (size_t)d->diagnostic.count, sizeof *sorted, compare_sorted);
    int kept = 0;
    for (int i = 0; i < d->diagnostic.count; i++)
        if (!is_repeated(sorted, kept, sorted[i].item)) sorted[kept++] = sorted[i];
    return kept;
}

static bool is_control(char c) {
    return (unsigned char)c < 32 || c == 127;
}

static void print_clean(FILE *out, const char *bytes, int size) {
    for (int i = 0; i < size; i++)
        putc(is_control(bytes[i]) && bytes[i] != '\t' ? '?' : bytes[i], out);
}

static void print_text(FILE *out, const char *text) {
    print_clean(out, text, (int)strlen(text));
}

static bool begins_code_point(char c) {
    return (c & 0xC0) != 0x80;
}

static const char *colour(const Printer *p, const char *sequence) {
    return p->colour ? sequence : "";
}

// The line of `place` and below it ^~~~ under the part of the span that is on it.
static void print_line(const Printer *p, Place place, Span span) {
    const Source *source = source_get(p->diagnostics->sources, span.file);
    const char *line = place.line_text, *end = line + place.line_size;
    const char *from = source->bytes + (span.begin < source->size ? span.begin : source->size);
    const char *to = source->bytes + (span.end < source->size ? span.end : source->size);
    if (from > end) from = end;
    if (to > end) to = end;
    const char *left = "", *right = "";
    if (end - line > LONGEST_LINE && from - line > BEFORE_ERROR) {
        line = from - BEFORE_ERROR;
        while (!begins_code_point(*line)) line++;
        left = "...";
    }
    if (end - line > LONGEST_LINE) {
        end = line + LONGEST_LINE;
        while (!begins_code_point(*end)) end--;
        right = "...";
    }
    fprintf(p->out, "%5d | %s", place.line, left);
    print_clean(p->out, line, (int)(end - line));
    fprintf(p->out, "%s\n      | %*s", right, (int)strlen(left), "");
    for (const char *c = line; c < from; c++)
        if (begins_code_point(*c)) putc(*c == '\t' ? '\t' : ' ', p->out);
    fprintf(p->out, "%s^", colour(p, "\033[1;31m"));
    for (const char *c = from + 1; c < to && c < end; c++)
        if (begins_code_point(*c)) putc('~', p->out);
    fprintf(p->out, "%s\n", colour(p, "\033[0m"));
}

static void print_place(FILE *out, Place place) {
    print_text(out, place.path);
    fprintf(out, ":%d:%d: ", place.line, place.column);
}

static void print_note(const Printer *p, const Note *note) {
    Place place = source_place(p->diagnostics->sources, note->span);
    if (place.line == 0) {
        fputs("   note: ", p->out);
        print_text(p->out, note->text);
        putc('\n', p->out);
        return;
    }
    print_place(p->out, place);
    fputs("note: ", p->out);
    print_text(p->out, note->text);
    putc('\n', p->out);
    print_line(p, place, note->span);
}

static void print_head(const Printer *p, const Diagnostic *d, Place place) {
    if (place.line) print_place(p->out, place);
    fprintf(p->out, "%serror[E%04d]%s: ", colour(p, "\033[1;31m"), (int)d->code,
            colour(p, "\033[0m"));
    print_text(p->out, d->text);
    putc('\n', p->out);
}

static void print_long(const Printer *p, const Diagnostic *d) {
    Place place = source_place(p->diagnostics->sources, d->span);
    print_head(p, d, place);
    if (place.line) print_line(p, place, d->span);
    for (int i = 0; i < d->note.count; i++) print_note(p, &d->note.item[i]);
    if (!d->help) return;
    fprintf(p->out, "   %shelp%s: ", colour(p, "\033[1;32m"), colour(p, "\033[0m"));
    print_text(p->out, d->help);
    putc('\n', p->out);
}

static void print_json_string(FILE *out, const char *text) {
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if (is_control(*text))
            fprintf(out, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            putc(*text, out);
    }
    putc('"', out);
}

// "path":...,"line":...,"column":...,"end_line":...,"end_column":...
static void print_json_place(const Printer *p, Span span) {
    Sources *sources = p->diagnostics->sources;
    Place begin = source_place(sources, span);
    Place end = source_place(sources, (Span){span.file, span.end, span.end});
    fputs("\"path\":", p->out);
    print_json_string(p->out, begin.path);
    fprintf(p->out, ",\"line\":%d,\"column\":%d,\"end_line\":%d,\"end_column\":%d", begin.line,
            begin.column, end.line, end.column);
}

static void print_json(const Printer *p, const Diagnostic *d) {
    fprintf(p->out, "{\"severity\":\"error\",\"code\":\"E%04d\",", (int)d->code);
    print_json_place(p, d->span);
    fputs(",\"message\":", p->out);
    print_json_string(p->out, d->text);
    fputs(",\"notes\":[", p->out);
    for (int i = 0; i < d->note.count; i++) {
        fputs(i ? ",{" : "{", p->out);
        print_json_place(p, d->note.item[i].span);
        fputs(",\"message\":", p->out);
        print_json_string(p->out, d->note.item[i].text);
        putc('}', p->out);
    }
    fputs("],\"help\":", p->out);
    if (d->help)
        print_json_string(p->out, d->help);
    else
        fputs("null", p->out);
    fputs("}\n", p->out);
}

static void print_one(const Printer *p, const Diagnostic *d, DiagnosticFormat format) {
    switch (format) {
    case DIAGNOSTIC_LONG: print_long(p, d); break;
    case DIAGNOSTIC_SHORT: print_head(p, d, source_place(p->diagnostics->sources, d->span)); break;
    case DIAGNOSTIC_JSON: print_json(p, d); break;
    }
}

void diagnostics_print(const Diagnostics *d, FILE *out, DiagnosticFormat format, bool with_colour) {
    Printer p = {d, out, with_colour};
    if (d->diagnostic.count == 0) return;
    Sorted *sorted = arena_new_array(d->arena, Sorted, d->diagnostic.count);
    int count = sort_and_thin(d, sorted);
    for (int i = 0; i < count && i < MOST; i++) print_one(&p, sorted[i].item, format);
    if (count <= MOST) return;
    if (format == DIAGNOSTIC_JSON)
        fprintf(out, "{\"severity\":\"more\",\"count\":%d}\n", count - MOST);
    else
        fprintf(out, "and %d more\n", count - MOST);
}
