// diagnostic.h: what is wrong with a spec, collected and printed with its place.
//
// A diagnostic has a stable code from codes.def, a span, notes and one remedy. They are collected, sorted by place and
// printed at the end, at most 20 of them; the same message at the same place is kept once.
#ifndef NETC_SUPPORT_DIAGNOSTIC_H
#define NETC_SUPPORT_DIAGNOSTIC_H

#include "source.h"

#include <stdio.h>

// One row of codes.def: CODE(name, number, title, explanation); `netc explain E0204` prints the explanation.
typedef enum Code {
#define CODE(name, number, title, explanation) E_##name = number,
#include "codes.def"
#undef CODE
    CODE_NONE = 0
} Code;

typedef struct Note {
    Span span; // file 0: a note without a place
    const char *text;
} Note;

typedef struct Diagnostic {
    Code code;
    Span span;
    const char *text;
    const char *help; // the remedy, or NULL
    LIST(Note) note;
} Diagnostic;

typedef enum DiagnosticFormat { DIAGNOSTIC_LONG, DIAGNOSTIC_SHORT, DIAGNOSTIC_JSON } DiagnosticFormat;

typedef struct Diagnostics {
    Arena *arena;
    Sources *sources;
    LIST(Diagnostic *) diagnostic;
} Diagnostics;

// Adds an error. The result is never NULL; notes and help are added to it.
Diagnostic *report(Diagnostics *d, Code code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void report_note(Diagnostics *d, Diagnostic *to, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void report_help(Diagnostics *d, Diagnostic *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Adds "did you mean 'x'?" as help when `wrong` is near to one of the choices.
void report_nearest(Diagnostics *d, Diagnostic *to, const char *wrong, const char *const *choice, int count);

// Prints what was collected, sorted by place. Colour is for the caller to decide (a terminal).
void diagnostics_print(const Diagnostics *d, FILE *out, DiagnosticFormat format, bool colour);

const char *code_title(Code code);
const char *code_explanation(Code code); // NULL for an unknown code
// Parses "E0204" or "204"; CODE_NONE if there is no such code.
Code code_parse(const char *text);

#endif
