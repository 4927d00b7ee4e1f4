// argument.c: binds the arguments of a layer or block to its parameters: positions, names, defaults
// and --set.
#include "elaborate/context.h"

static const char *parameter_list(Elab *e, const AstStatement *definition) {
    Text t = text_new(e->arena);
    for (int i = 0; i < definition->parameter_count; i++)
        text_printf(&t, "%s%s", i ? ", " : "", definition->parameter[i].name);
    return definition->parameter_count ? t.bytes : "none";
}

static int find_parameter(const AstStatement *definition, Name name) {
    for (int i = 0; i < definition->parameter_count; i++)
        if (definition->parameter[i].name == name) return i;
    return -1;
}

static void unknown_argument(Scope *caller, const AstStatement *definition,
                             const AstArgument *argument) {
    Elab *e = caller->elab;
    Diagnostics *all = e->c->diagnostics;
    Diagnostic *d = fault(caller, E_ARGUMENT, argument->name_span, "%s has no argument '%s'",
                          definition->name, argument->name);
    const char **choice = arena_new_array(e->arena, const char *, definition->parameter_count + 1);
    for (int i = 0; i < definition->parameter_count; i++) choice[i] = definition->parameter[i].name;
    report_note(all, d, (Span){0, 0, 0}, "its arguments: %s", parameter_list(e, definition));
    report_nearest(all, d, argument->name, choice, definition->parameter_count);
}

static void too_many(Scope *caller, const AstStatement *definition, const AstArgument *argument) {
    int count = definition->parameter_count;
    Diagnostics *all = caller->elab->c->diagnostics;
    Diagnostic *d =
        count ? fault(caller, E_ARGUMENT, argument->value->span, "%s takes at most %d argument%s",
                      definition->name, count, count == 1 ? "" : "s")
              : fault(caller, E_ARGUMENT, argument->value->span, "%s takes no arguments",
                      definition->name);
    if (count)
        report_note(all, d, (Span){0, 0, 0}, "its arguments: %s",
                    parameter_list(caller->elab, definition));
    else if (definition->kind == AST_LAYER)
        report_help(all, d, "its input comes after its arguments: %s()(x)", definition->name);
}

// Fills given[] with the argument of each parameter, NULL where the default holds.
static bool match_arguments(Scope *caller, const Use *use, const AstArgument **given) {
    const AstStatement *definition = use->definition.statement;
    bool good = true;
    for (int i = 0; i < use->argument_count; i++) {
        const AstArgument *argument = &use->argument[i];
        int place = argument->name ? find_parameter(definition, argument->name) : i;
        if (place < 0 || place >= definition->parameter_count) {
            if (argument->name)
                unknown_argument(caller, definition, argument);
            else
                too_many(caller, definition, argument);
            good = false;
        } else if (given[place]) {
            Span span = argument->name ? argument->name_span : argument->value->span;
            Diagnostic *d = fault(caller, E_ARGUMENT, span, "'%s' of %s is given twice",
                                  definition->parameter[place].name, definition->name);
            report_note(caller->elab->c->diagnostics, d, given[place]->value->span,
                        "it is given here");
            good = false;
        } else {
            given[place] = argument;
        }
    }
    return good;
}

static void note_value(Elab *e, Value v, StageArgument *out) {
    switch (v.kind) {
    case VALUE_NUMBER: out->kind = ARGUMENT_NUMBER; break;
    case VALUE_BOOLEAN: out->kind = ARGUMENT_BOOLEAN; break;
    case VALUE_TEXT: out->kind = ARGUMENT_TEXT; break;
    case VALUE_LIST: out->kind = ARGUMENT_LIST; break;
    case VALUE_INIT:
    case VALUE_POISON: out->kind = ARGUMENT_INIT; break;
    }
    out->number = v.number;
    out->text = v.text;
    if (v.kind != VALUE_LIST) return;
    out->count = v.count;
    out->item = arena_new_array(e->arena, StageArgument, v.count + 1);
    for (int i = 0; i < v.count; i++) note_value(e, v.item[i], &out->item[i]);
}

static bool bind_one(Scope *caller, Scope *callee, const Use *use, const AstParameter *parameter,
                     const AstArgument *given) {
    Elab *e = caller->elab;
    const AstExpr *set =
        override_find(e, arena_printf(e->arena, "%s.%s", use->path, parameter->name));
    Value value;
    if (set) {
        value = value_of(callee, set);
    } else if (given) {
        value = value_of(caller, given->value);
    } else if (parameter->value) {
        value = value_of(callee, parameter->value);
    } else {
        Diagnostic *d = fault(caller, E_ARGUMENT, use->span, "%s needs '%s'",
                              use->definition.statement->name, parameter->name);
        report_note(e->c->diagnostics, d, (Span){0, 0, 0}, "its arguments: %s",
                    parameter_list(e, use->definition.statement));
        value = value_poison(use->span);
    }
    const AstExpr *from = set ? set : given ? given->value : parameter->value;
    scope_set_value(callee, parameter->name, value, from ? from->span : use->span, NULL);
    if (set || given) {
        StageArgument noted = {.stage = callee->stage, .name = parameter->name};
        note_value(e, value, &noted);
        list_add(e->arena, e->model->argument, noted);
    }
    return value.kind != VALUE_POISON;
}

bool bind_arguments(Scope *caller, Scope *callee, const Use *use) {
    const AstStatement *definition = use->definition.statement;
    Arena *a = caller->elab->arena;
    const AstArgument **given =
        arena_new_array(a, const AstArgument *, definition->parameter_count + 1);
    bool good = match_arguments(caller, use, given);
    for (int i = 0; good && i < definition->parameter_count; i++)
        good = bind_one(caller, callee, use, &definition->parameter[i], given[i]);
    return good;
}
