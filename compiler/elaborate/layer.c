// layer.c: one use of a layer or block: its arguments, the sizes of its inputs, its body, its
// outputs.
#include "elaborate/context.h"

#include <string.h>

// --- the statements of a layer

void check_require(Scope *s, const AstStatement *st) {
    bool holds;
    if (!condition_of(s, st->expr, &holds) || holds) return;
    Compile *c = s->elab->c;
    Diagnostic *d;
    if (!s->definition) {
        d = fault(s, E_REQUIRE, st->span, "%s", st->text);
    } else {
        size_t size = strlen(s->definition->name);
        bool named = strncmp(st->text, s->definition->name, size) == 0;
        d = named ? fault(s->caller, E_REQUIRE, s->use, "%s", st->text)
                  : fault(s->caller, E_REQUIRE, s->use, "%s: %s", s->definition->name, st->text);
        report_note(c->diagnostics, d, st->expr->span, "the rule that is broken");
    }
}

static void stored_constant(Scope *s, const AstDeclarator *param, const Index **axis, int rank) {
    Value v = value_of(s, param->otherwise);
    if (v.kind != VALUE_NUMBER && v.kind != VALUE_POISON)
        fault(s, E_CONSTANT, param->otherwise->span, "a number is wanted after 'else', got %s",
              value_text(s->elab, v));
    Entry *entry = scope_add_entry(s, param->name, param->span, NULL);
    entry->is_constant = v.kind == VALUE_NUMBER;
    entry->constant = v.number;
    entry->axis = axis;
    entry->rank = rank;
    entry->is_defined = true;
}

static void declare_one(Scope *s, const AstStatement *st, const AstDeclarator *param) {
    const Entry *taken = scope_own_entry(s, param->name);
    const Index **axis;
    int rank;
    bool on = true;
    if (!check_reserved(s, param->name, param->span)) return;
    if (taken) {
        Diagnostic *d = fault(s, E_DUPLICATE, param->span, "'%s' is defined twice", param->name);
        report_note(s->elab->c->diagnostics, d, taken->span, "it is defined here too");
        return;
    }
    if (!axes_of_dims(s, param->name, param->dim, param->dim_count, false, &axis, &rank) ||
        (param->condition && !condition_of(s, param->condition, &on))) {
        scope_add_entry(s, param->name, param->span, NULL);
        return;
    }
    if (!on) {
        stored_constant(s, param, axis, rank);
        return;
    }
    Tensor *t = tensor_new(s->elab->p, scope_path(s, param->name), param->name,
                           st->kind == AST_PARAM ? TENSOR_PARAM : TENSOR_STATE, false, axis, rank);
    t->span = param->span;
    t->stage = s->stage;
    scope_add_entry(s, param->name, param->span, t)->is_defined = true;
    if (!param->init) {
        Diagnostic *d = fault(s, E_ARGUMENT, param->span, "'%s' has no initial value", param->name);
        report_help(s->elab->c->diagnostics, d, "write %s = uniform(-0.1, 0.1), or a number",
                    param->name);
        return;
    }
    t->init = init_resolve(s, value_of(s, param->init), axis, rank, param->init->span);
}

void declare_stored(Scope *s, const AstStatement *st) {
    for (int i = 0; i < st->declarator_count; i++) declare_one(s, st, &st->declarator[i]);
}

void define_let(Scope *s, const AstStatement *st) {
    const NamedValue *taken = scope_value(s, st->name);
    if (taken) {
        Diagnostic *d = fault(s, E_DUPLICATE, st->name_span, "'%s' has a value already", st->name);
        report_note(s->elab->c->diagnostics, d, taken->span, "it is defined here");
        return;
    }
    if (!check_reserved(s, st->name, st->name_span)) return;
    scope_set_value(s, st->name, value_of(s, st->expr), st->name_span, st->expr);
}

void layer_statements(Scope *s, AstStatements body) {
    static const Placement here = {0};
    int before = s->elab->c->diagnostics->diagnostic.count;
    for (int i = 0; i < body.count && !s->elab->exhausted; i++) {
        const AstStatement *st = body.item[i];
        // Inside of the library a second message would only be an echo of the first.
        if (s->file->is_library && s->elab->c->diagnostics->diagnostic.count > before) return;
        switch (st->kind) {
        case AST_LET: define_let(s, st); break;
        case AST_REQUIRE:
            check_require(s, st);
            // What follows relies on the rule; more messages would say the same.
            if (s->elab->c->diagnostics->diagnostic.count > before) return;
            break;
        case AST_PARAM:
        case AST_STATE: declare_stored(s, st); break;
        case AST_WHEN: layer_statements(s, s->elab->p->training ? st->body : st->otherwise); break;
        case AST_EQUATION: equation_define(s, st, &here); break;
        case AST_MODEL:
        case AST_PRECISION:
        case AST_CONST:
        case AST_INPUT:
        case AST_TARGET:
        case AST_IMPORT:
        case AST_LAYER:
        case AST_BLOCK:
        case AST_NETWORK:
        case AST_LOSS:
        case AST_METRIC:
        case AST_DATA:
        case AST_TRAIN:
        case AST_SETTING:
        case AST_SWEEP:
        case AST_REPEAT:
        case AST_STAGE:
            fault(s, E_STATEMENT, st->span,
                  "a layer holds let, require, param, state, when and equations only");
            break;
        }
    }
}

// --- uses

static Tensor *layer_outputs(Scope *s, bool failed) {
    const AstStatement *layer = s->definition;
    Tensor *first = NULL;
    for (int i = 0; i < layer->declarator_count; i++) {
        const AstDeclarator *output = &layer->declarator[i];
        const Entry *entry = scope_own_entry(s, output->name);
        if (!failed && (!entry || (entry->tensor && !entry->is_defined)))
            fault(s, E_UNDEFINED, output->span, "the output '%s' of %s is never defined",
                  output->name, layer->name);
        if (failed || !entry || !entry->is_defined || !entry->tensor) return NULL;
        list_add(s->elab->arena, s->stage->output, entry->tensor);
        if (i == 0) first = entry->tensor;
    }
    return first;
}

static Tensor *use_layer(Scope *caller, Scope *s, const Use *use) {
    int before = s->elab->c->diagnostics->diagnostic.count;
    if (!bind_inputs(caller, s, use)) return NULL;
    layer_statements(s, s->body);
    return layer_outputs(s, s->elab->c->diagnostics->diagnostic.count > before);
}

static Tensor *use_block(Scope *caller, Scope *s, const Use *use) {
    if (use->input_count != 1) {
        fault(caller, E_ARGUMENT, use->span, "a block takes one input, got %d", use->input_count);
        return NULL;
    }
    Namer namer = {0};
    s->namer = &namer;
    s->hole = use->input[0];
    s->has_hole = true;
    list_add(s->elab->arena, s->stage->input, use->input[0]);
    s->body =
        (AstStatements){NULL, 0}; // its equations are kept values in order, never looked up ahead
    pipeline_count(s, use->definition.statement->body, 1);
    Tensor *t = pipeline_run(s, use->definition.statement->body, use->output_name);
    if (t) list_add(s->elab->arena, s->stage->output, t);
    return t;
}

static bool may_use(Scope *caller, const Use *use) {
    Elab *e = caller->elab;
    const AstStatement *definition = use->definition.statement;
    if (e->exhausted) return false;
    if (definition_is_inside(caller, definition)) {
        Diagnostic *d =
            fault(caller, E_RECURSION, use->span, "%s contains itself", definition->name);
        report_note(e->c->diagnostics, d, definition->name_span, "it is defined here");
        return false;
    }
    if (e->depth >= LIMIT_NESTING || e->stage_count >= LIMIT_STAGES) {
        if (e->depth >= LIMIT_NESTING)
            fault(caller, E_LIMIT, use->span, "blocks and layers are nested more than %d deep",
                  LIMIT_NESTING);
        else
            fault(caller, E_LIMIT, use->span, "the model has more than %d stages", LIMIT_STAGES);
        e->exhausted = true;
        return false;
    }
    return true;
}

Tensor *use_elaborate(Scope *caller, const Use *use) {
    Elab *e = caller->elab;
    const AstStatement *definition = use->definition.statement;
    if (!may_use(caller, use)) return NULL;
    Scope *s = scope_new(e, use->definition.file, caller);
    bool is_layer = definition->kind == AST_LAYER;
    s->definition = definition;
    s->use = use->span;
    s->path = use->path;
    s->body = definition->body;
    s->output_name = use->output_name;
    s->stage =
        stage_new(e, caller->stage, use->path, definition->name, is_layer, !is_layer, use->span);
    if (!bind_arguments(caller, s, use)) return NULL;
    e->stage_count++;
    e->depth++;
    Tensor *t = is_layer ? use_layer(caller, s, use) : use_block(caller, s, use);
    e->depth--;
    return t;
}
