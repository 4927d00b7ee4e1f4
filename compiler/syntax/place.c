// place.c: which statement may stand where, as one table.
#include "syntax/build.h"

#include <stdlib.h>
#include <string.h>

typedef enum Context { IN_FILE = 1, IN_LAYER = 2, IN_STAGES = 4, IN_SETTINGS = 8 } Context;

typedef struct Rule {
    const char *what;
    int contexts; // where the kind may stand
    const char *help;
} Rule;

static Rule rule_of(AstStatementKind kind) {
    switch (kind) {
    case AST_MODEL: return (Rule){"model", IN_FILE, "model NAME is the first statement of a file"};
    case AST_PRECISION: return (Rule){"precision", IN_FILE, "it holds for the whole file"};
    case AST_CONST: return (Rule){"const", IN_FILE, "inside of a layer or block write let"};
    case AST_INPUT: return (Rule){"input", IN_FILE, "a layer's inputs stand in its header"};
    case AST_TARGET: return (Rule){"target", IN_FILE, "a layer's inputs stand in its header"};
    case AST_PARAM:
        return (Rule){"param", IN_FILE | IN_LAYER,
                      "blocks and networks are made of stages; layers "
                      "have parameters"};
    case AST_STATE: return (Rule){"state", IN_FILE | IN_LAYER, "layers have states"};
    case AST_LET:
        return (Rule){"let", IN_LAYER | IN_STAGES, "outside of layers and blocks write const"};
    case AST_REQUIRE:
        return (Rule){"require", IN_LAYER | IN_STAGES, "it is a rule of a layer or block"};
    case AST_IMPORT: return (Rule){"import", IN_FILE, "it stands at the top of a file"};
    case AST_LAYER: return (Rule){"layer", IN_FILE, "layers are defined side by side in a file"};
    case AST_BLOCK: return (Rule){"block", IN_FILE, "blocks are defined side by side in a file"};
    case AST_NETWORK: return (Rule){"network", IN_FILE, "a part that is used inside is a block"};
    case AST_LOSS: return (Rule){"loss", IN_FILE, "the loss belongs to the file"};
    case AST_METRIC: return (Rule){"metric", IN_FILE, "metrics belong to the file"};
    case AST_DATA: return (Rule){"data", IN_FILE, "data belongs to the file"};
    case AST_TRAIN: return (Rule){"train", IN_FILE, "train belongs to the file"};
    case AST_SETTING: return (Rule){"a setting", IN_SETTINGS, "settings stand in data or train"};
    case AST_SWEEP: return (Rule){"sweep", IN_FILE, "sweeps belong to the file"};
    case AST_EQUATION:
        return (Rule){"an equation", IN_FILE | IN_LAYER | IN_STAGES,
                      "equations stand in layers or "
                      "in the file"};
    case AST_WHEN:
        return (Rule){"when", IN_FILE | IN_LAYER, "it stands among the equations of a layer"};
    case AST_REPEAT: return (Rule){"repeat", IN_STAGES, "it repeats stages of a block or network"};
    case AST_STAGE: return (Rule){"a stage", IN_STAGES, "stages stand in a block or network"};
    }
    return (Rule){"", 0, ""};
}

static Context context_of(const AstStatement *inside, Context outer) {
    switch (inside->kind) {
    case AST_LAYER: return IN_LAYER;
    case AST_BLOCK:
    case AST_NETWORK: return IN_STAGES;
    case AST_DATA:
    case AST_TRAIN: return IN_SETTINGS;
    case AST_WHEN:
    case AST_REPEAT:
    case AST_MODEL:
    case AST_PRECISION:
    case AST_CONST:
    case AST_INPUT:
    case AST_TARGET:
    case AST_PARAM:
    case AST_STATE:
    case AST_LET:
    case AST_REQUIRE:
    case AST_IMPORT:
    case AST_LOSS:
    case AST_METRIC:
    case AST_SETTING:
    case AST_SWEEP:
    case AST_EQUATION:
    case AST_STAGE: return outer;
    }
    return outer;
}

static const char *context_name(Context context) {
    switch (context) {
    case IN_FILE: return "outside of layers, blocks and networks";
    case IN_LAYER: return "in a layer";
    case IN_STAGES: return "in a block or network";
    case IN_SETTINGS: return "among settings";
    }
    return "";
}

static void refuse(Compile *c, const AstStatement *s, const Rule *rule, Context context) {
    Span head = s->span;
    if (s->name_span.end > head.begin) head.end = s->name_span.end;
    Diagnostic *d = report(c->diagnostics, E_STATEMENT, head, "%s cannot stand %s", rule->what,
                           context_name(context));
    report_help(c->diagnostics, d, "%s", rule->help);
}

// Forms that only equations of layers and files have.
static bool check_kept_value(Compile *c, const AstStatement *s, Context context) {
    bool is_plain = !s->has_subscript && !s->binder_count && !s->is_update && !s->is_accumulation;
    if (s->kind != AST_EQUATION || context != IN_STAGES || is_plain) return true;
    report_help(c->diagnostics,
                report(c->diagnostics, E_STATEMENT, s->span,
                       "an equation with indices, += or update cannot stand in a block or network"),
                "write it in a layer, or outside; here name = ... keeps a value");
    return false;
}

static int compare_names(const void *left, const void *right) {
    const AstStatement *a = *(AstStatement *const *)left, *b = *(AstStatement *const *)right;
    int order = strcmp(a->name, b->name);
    if (order) return order;
    return a->span.begin < b->span.begin ? -1 : a->span.begin > b->span.begin;
}

static bool check_settings(Compile *c, const AstStatements *body) {
    AstStatement **setting = arena_new_array(c->arena, AstStatement *, body->count);
    for (int i = 0; i < body->count; i++) setting[i] = body->item[i];
    qsort(setting, (size_t)body->count, sizeof *setting, compare_names);
    bool is_right = true;
    for (int i = 1; i < body->count; i++) {
        if (strcmp(setting[i - 1]->name, setting[i]->name) != 0) continue;
        Diagnostic *d = report(c->diagnostics, E_DUPLICATE, setting[i]->name_span,
                               "the setting '%s' stands twice", setting[i]->name);
        report_note(c->diagnostics, d, setting[i - 1]->name_span, "it stands here too");
        is_right = false;
    }
    return is_right;
}

static bool check_in(Compile *c, const AstStatements *body, Context context) {
    bool is_right = true;
    for (int i = 0; i < body->count && c->diagnostics->diagnostic.count < MOST_ERRORS; i++) {
        const AstStatement *s = body->item[i];
        Rule rule = rule_of(s->kind);
        if (!(rule.contexts & (int)context)) {
            refuse(c, s, &rule, context);
            is_right = false;
            continue;
        }
        is_right &= check_kept_value(c, s, context);
        if (s->kind == AST_DATA || s->kind == AST_TRAIN) is_right &= check_settings(c, &s->body);
        is_right &= check_in(c, &s->body, context_of(s, context));
        is_right &= check_in(c, &s->otherwise, context_of(s, context));
        if (s->kind == AST_WHEN && strcmp(s->name, "training") != 0) {
            report(c->diagnostics, E_SYNTAX, s->name_span,
                   "'when' knows one word: when training { ... } else { ... }");
            is_right = false;
        }
    }
    return is_right;
}

bool check_places(Compile *c, const AstStatements *body, const AstStatement *inside) {
    return check_in(c, body, inside ? context_of(inside, IN_FILE) : IN_FILE);
}
