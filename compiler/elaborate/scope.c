// scope.c: the names of a scope, compile-time values and tensors, and mistakes reported from inside
// of it.
#include "elaborate/context.h"

#include <ctype.h>
#include <string.h>

Scope *scope_new(Elab *e, SpecFile *file, Scope *caller) {
    Scope *s = arena_new_item(e->arena, Scope);
    s->elab = e;
    s->file = file;
    s->caller = caller;
    s->path = name_of(e->c->names, "");
    return s;
}

bool check_reserved(const Scope *s, Name name, Span span) {
    static const char *const word[][2] = {{"N", "the number of samples in the batch"},
                                          {"REST", "the product of the '..' axes"},
                                          {"true", "a truth value"},
                                          {"false", "a truth value"},
                                          {"inf", "infinity"},
                                          {"pi", "the number pi"}};
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        if (strcmp(name, word[i][0]) == 0) {
            fault(s, E_DUPLICATE, span, "'%s' is %s and cannot be defined", name, word[i][1]);
            return false;
        }
    return true;
}

NamedValue *scope_value(const Scope *s, Name name) {
    for (const Scope *at = s; at; at = at->outer)
        for (int i = 0; i < at->value.count; i++)
            if (at->value.item[i].name == name) return &at->value.item[i];
    SpecFile *file = s->file;
    for (int i = 0; i < file->constant.count; i++)
        if (file->constant.item[i].name == name) return &file->constant.item[i];
    for (int k = 0; k < file->import.count; k++)
        for (int i = 0; i < file->import.item[k]->constant.count; i++)
            if (file->import.item[k]->constant.item[i].name == name)
                return &file->import.item[k]->constant.item[i];
    return NULL;
}

void scope_set_value(Scope *s, Name name, Value value, Span span, const AstExpr *expr) {
    NamedValue new = {name, value, span, expr};
    list_add(s->elab->arena, s->value, new);
}

Entry *scope_own_entry(const Scope *s, Name name) {
    for (int i = s->entry.count; i-- > 0;)
        if (s->entry.item[i]->name == name) return s->entry.item[i];
    return NULL;
}

Entry *scope_entry(const Scope *s, Name name) {
    for (; s; s = s->outer) {
        Entry *found = scope_own_entry(s, name);
        if (found) return found;
    }
    return NULL;
}

Entry *scope_add_entry(Scope *s, Name name, Span span, Tensor *t) {
    Entry *new = arena_new_item(s->elab->arena, Entry);
    new->name = name;
    new->span = span;
    new->tensor = t;
    list_add(s->elab->arena, s->entry, new);
    return new;
}

Name scope_path(const Scope *s, const char *name) {
    Names *names = s->elab->c->names;
    return *s->path ? name_printf(names, "%s.%s", s->path, name) : name_of(names, name);
}

static bool in_library(const Scope *s, Span span) {
    const Source *source = source_get(s->elab->c->sources, span.file);
    return source && source->is_library;
}

// Which uses led here, innermost first; what happens inside of the library is nobody's concern.
static void note_uses(const Scope *s, Diagnostic *d, Span span) {
    for (int notes = 0; s && notes < 3; s = s->caller) {
        if (!s->definition || (s->use.file == span.file && s->use.begin == span.begin)) continue;
        if (in_library(s, s->use)) continue;
        report_note(s->elab->c->diagnostics, d, s->use, "in this use of %s", s->definition->name);
        notes++;
    }
}

Diagnostic *fault(const Scope *s, Code code, Span span, const char *format, ...) {
    Diagnostics *all = s->elab->c->diagnostics;
    va_list values;
    va_start(values, format);
    const char *text = arena_vprintf(s->elab->arena, format, values);
    va_end(values);
    const Scope *outside = s;
    while (outside && (!outside->definition || in_library(outside, outside->use)))
        outside = outside->caller;
    if (!in_library(s, span) || !outside) {
        Diagnostic *d = report(all, code, span, "%s", text);
        note_uses(s, d, span);
        return d;
    }
    // A mistake that shows inside of the library is one of the use.
    Diagnostic *d = report(all, code, outside->use, "%s: %s", outside->definition->name, text);
    report_note(all, d, span, "in the library, here");
    note_uses(outside->caller, d, outside->use);
    return d;
}

void suggest(Compile *c, Diagnostic *d, const char *wrong, const char *const *choice, int count) {
    if (wrong && strlen(wrong) > 2) report_nearest(c->diagnostics, d, wrong, choice, count);
}

typedef LIST(const char *) Choices;

static void add_file_choices(Arena *a, const SpecFile *f, bool values, bool definitions,
                             Choices *out) {
    for (int i = 0; values && i < f->constant.count; i++)
        list_add(a, *out, f->constant.item[i].name);
    for (int i = 0; definitions && i < f->definition.count; i++)
        list_add(a, *out, f->definition.item[i]->name);
}

void suggest_name(const Scope *s, Diagnostic *d, Name wrong, bool values, bool tensors,
                  bool definitions) {
    Arena *a = s->elab->arena;
    Choices choice = {0};
    for (const Scope *at = s; at; at = at->outer) {
        for (int i = 0; values && i < at->value.count; i++)
            list_add(a, choice, at->value.item[i].name);
        for (int i = 0; tensors && i < at->entry.count; i++)
            list_add(a, choice, at->entry.item[i]->name);
    }
    add_file_choices(a, s->file, values, definitions, &choice);
    for (int i = 0; i < s->file->import.count; i++)
        add_file_choices(a, s->file->import.item[i], values, definitions, &choice);
    if (definitions) add_file_choices(a, s->elab->library, false, true, &choice);
    suggest(s->elab->c, d, wrong, choice.item, choice.count);
}

Name name_lower(Elab *e, const char *name) {
    char *text = arena_copy(e->arena, name, strlen(name));
    for (char *p = text; *p; p++) *p = (char)tolower((unsigned char)*p);
    return name_of(e->c->names, text);
}
