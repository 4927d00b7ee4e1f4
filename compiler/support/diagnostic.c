// diagnostic.c: collecting diagnostics, and the table of codes. Printing is in diagnostic_print.c.
#include "support/diagnostic.h"

#include <stdlib.h>

typedef struct CodeRow {
    Code code;
    const char *title, *explanation;
} CodeRow;

static const CodeRow code_table[] = {
#define CODE(name, number, title, explanation) {E_##name, title, explanation},
#include "support/codes.def"
#undef CODE
};

Diagnostic *report(Diagnostics *d, Code code, Span span, const char *format, ...) {
    Diagnostic *new = arena_new_item(d->arena, Diagnostic);
    new->code = code;
    new->span = span;
    va_list values;
    va_start(values, format);
    new->text = arena_vprintf(d->arena, format, values);
    va_end(values);
    list_add(d->arena, d->diagnostic, new);
    return new;
}

void report_note(Diagnostics *d, Diagnostic *to, Span span, const char *format, ...) {
    va_list values;
    va_start(values, format);
    Note note = {span, arena_vprintf(d->arena, format, values)};
    va_end(values);
    list_add(d->arena, to->note, note);
}

void report_help(Diagnostics *d, Diagnostic *to, const char *format, ...) {
    va_list values;
    va_start(values, format);
    to->help = arena_vprintf(d->arena, format, values);
    va_end(values);
}

void report_nearest(Diagnostics *d, Diagnostic *to, const char *wrong, const char *const *choice,
                    int count) {
    const char *nearest = nearest_name(wrong, choice, count);
    if (nearest) report_help(d, to, "did you mean '%s'?", nearest);
}

static const CodeRow *find_code(long number) {
    for (size_t i = 0; i < sizeof code_table / sizeof *code_table; i++)
        if ((long)code_table[i].code == number) return &code_table[i];
    return NULL;
}

const char *code_title(Code code) {
    const CodeRow *row = find_code((long)code);
    return row ? row->title : "";
}

const char *code_explanation(Code code) {
    const CodeRow *row = find_code((long)code);
    return row ? row->explanation : NULL;
}

Code code_parse(const char *text) {
    if (*text == 'E' || *text == 'e') text++;
    if (*text < '0' || *text > '9') return CODE_NONE;
    char *end;
    long number = strtol(text, &end, 10);
    const CodeRow *row = *end == '\0' ? find_code(number) : NULL;
    return row ? row->code : CODE_NONE;
}
