// model.c: elaboration of a whole spec: definitions, settings, then the program twice, then data
// and sweeps.
#include "elaborate/context.h"

#include <string.h>

// --- inputs and targets

static void declare_input(Scope *s, const AstStatement *st, const AstDeclarator *input) {
    Elab *e = s->elab;
    const Entry *taken = scope_own_entry(s, input->name);
    const NamedValue *constant = scope_value(s, input->name);
    const Index **axis;
    int rank;
    if (!check_reserved(s, input->name, input->span)) return;
    if (taken || constant) {
        Diagnostic *d = fault(s, E_DUPLICATE, input->span, "'%s' is declared twice", input->name);
        report_note(e->c->diagnostics, d, taken ? taken->span : constant->span,
                    "it is declared here too");
        return;
    }
    if (!axes_of_dims(s, input->name, input->dim, input->dim_count, false, &axis, &rank)) {
        scope_add_entry(s, input->name, input->span, NULL);
        return;
    }
    Tensor *t = tensor_new(e->p, input->name, input->name,
                           st->kind == AST_INPUT ? TENSOR_INPUT : TENSOR_TARGET, true, axis, rank);
    t->span = input->span;
    t->stage = e->p->root;
    scope_add_entry(s, input->name, input->span, t)->is_defined = true;
    if (input->has_class && !input->classes) {
        Diagnostic *d = fault(s, E_ARGUMENT, input->span,
                              "'%s' does not say how many classes it has", input->name);
        report_help(e->c->diagnostics, d, "write %s: class(10)", input->name);
    }
    if (!input->classes) return;
    t->is_int = true;
    t->classes = 1;
    size_of(s, input->classes, "the number of classes", false, &t->classes);
}

static void declare_inputs(Scope *s, AstStatementKind kind) {
    const AstStatements *body = &s->elab->ast->body;
    for (int i = 0; i < body->count; i++)
        for (int k = 0; body->item[i]->kind == kind && k < body->item[i]->declarator_count; k++)
            declare_input(s, body->item[i], &body->item[i]->declarator[k]);
}

// --- networks

static Scope *network_scope(Scope *model, Namer *namer) {
    Scope *s = scope_new(model->elab, model->file, NULL);
    s->outer = model;
    s->namer = namer;
    s->stage = model->stage;
    s->has_hole = true;
    return s;
}

static Tensor *network_input(Scope *model, const AstStatement *st) {
    Tensor *first = NULL;
    for (int i = 0; i < st->input_count; i++) {
        const AstDeclarator *input = &st->input[i];
        const Entry *entry = scope_own_entry(model, input->name);
        if (!entry) {
            Diagnostic *d =
                fault(model, E_UNKNOWN_NAME, input->span, "there is no tensor '%s'", input->name);
            suggest_name(model, d, input->name, false, true, false);
        }
        if (!entry || !entry->tensor) return NULL;
        if (i == 0) first = entry->tensor;
    }
    return first;
}

static void network_output(Scope *model, Scope *s, const AstDeclarator *output, Tensor *value,
                           bool is_last) {
    Elab *e = model->elab;
    const Entry *kept = scope_own_entry(s, output->name);
    if (kept)
        value = kept->tensor;
    else if (!is_last) {
        Diagnostic *d = fault(model, E_UNDEFINED, output->span, "the network keeps no value '%s'",
                              output->name);
        report_help(e->c->diagnostics, d, "write %s = _ where it is made", output->name);
        value = NULL;
    }
    if (value && value->name != output->name)
        value = tensor_copy(model, value, output->name, output->span);
    Entry *entry = scope_add_entry(model, output->name, output->span, value);
    entry->is_alias = entry->is_defined = true;
    e->last_output = value;
    if (value) list_add(e->arena, e->p->output, value);
}

static void run_network(Scope *model, Namer *namer, const AstStatement *st) {
    Elab *e = model->elab;
    bool good = true;
    for (int i = 0; i < st->declarator_count; i++) {
        const AstDeclarator *output = &st->declarator[i];
        const Entry *taken = scope_own_entry(model, output->name);
        if (!taken) continue;
        Diagnostic *d =
            fault(model, E_DUPLICATE, output->span, "'%s' is defined twice", output->name);
        report_note(e->c->diagnostics, d, taken->span, "it is defined here too");
        good = false;
    }
    Scope *s = network_scope(model, namer);
    s->hole = good ? network_input(model, st) : NULL;
    if (!good) return;
    int last = st->declarator_count - 1;
    Tensor *value = pipeline_run(s, st->body, last >= 0 ? st->declarator[last].name : NULL);
    for (int i = 0; i <= last; i++) network_output(model, s, &st->declarator[i], value, i == last);
}

// --- the statements of the model

static void run_model(Scope *model, Namer *namer, AstStatements body) {
    static const Placement here = {0};
    for (int i = 0; i < body.count && !model->elab->exhausted; i++) {
        const AstStatement *st = body.item[i];
        switch (st->kind) {
        case AST_PARAM:
        case AST_STATE: declare_stored(model, st); break;
        case AST_EQUATION: equation_define(model, st, &here); break;
        case AST_NETWORK: run_network(model, namer, st); break;
        case AST_REQUIRE: check_require(model, st); break;
        case AST_WHEN:
            run_model(model, namer, model->elab->p->training ? st->body : st->otherwise);
            break;
        case AST_STAGE:
        case AST_REPEAT:
        case AST_SETTING:
        case AST_LET:
            fault(model, E_STATEMENT, st->span,
                  st->kind == AST_LET ? "let stands inside of layers and blocks; here write const"
                                      : "a stage stands inside of a block or network");
            break;
        case AST_MODEL:
        case AST_PRECISION:
        case AST_CONST:
        case AST_INPUT:
        case AST_TARGET:
        case AST_IMPORT:
        case AST_LAYER:
        case AST_BLOCK:
        case AST_LOSS:
        case AST_METRIC:
        case AST_DATA:
        case AST_TRAIN:
        case AST_SWEEP: break; // elsewhere
        }
    }
}

static void run_results(Scope *model) {
    const AstStatements *body = &model->elab->ast->body;
    for (int i = 0; i < body->count; i++)
        if (body->item[i]->kind == AST_LOSS) loss_elaborate(model, body->item[i]);
    for (int i = 0; i < body->count; i++)
        if (body->item[i]->kind == AST_METRIC) metric_elaborate(model, body->item[i]);
}

static bool is_f32(Elab *e) {
    const AstStatement *st = find_statement(e->ast, AST_PRECISION);
    if (e->options && e->options->precision) return e->options->precision == 32;
    return !st || strcmp(st->name, "f64") != 0;
}

static Program *build_program(Elab *e, bool training) {
    if (e->options && e->options->predicts) training = false;
    Program *p = e->p =
        program_new(e->c, e->model->name, e->model->batch_size, is_f32(e), training);
    Scope *model = scope_new(e, e->main, NULL);
    Namer namer = {0};
    int before = e->c->diagnostics->diagnostic.count;
    e->stage_count = e->depth = 0;
    e->exhausted = false;
    e->last_output = NULL;
    model->stage = p->root;
    model->body = e->ast->body;
    declare_inputs(model, AST_INPUT);
    declare_inputs(model, AST_TARGET);
    for (int i = 0; i < e->ast->body.count; i++)
        if (e->ast->body.item[i]->kind == AST_NETWORK)
            pipeline_count(network_scope(model, &namer), e->ast->body.item[i]->body, 1);
    run_model(model, &namer, e->ast->body);
    if (!e->exhausted && e->c->diagnostics->diagnostic.count == before) run_results(model);
    if (e->c->diagnostics->diagnostic.count > before) return NULL;
    find_outputs(e);
    program_find_definitions(p);
    return program_check(p) ? p : NULL;
}

// --- what a spec must have

static void check_once(Elab *e, Scope *s, AstStatementKind kind, const char *word) {
    const AstStatement *first = NULL;
    for (int i = 0; i < e->ast->body.count; i++) {
        const AstStatement *st = e->ast->body.item[i];
        if (st->kind != kind) continue;
        if (first) {
            Diagnostic *d = fault(s, E_MODEL, st->span, "a spec has one %s", word);
            report_note(e->c->diagnostics, d, first->span, "the first one is here");
        } else {
            first = st;
        }
    }
}

static void check_model(Elab *e, Scope *s) {
    const AstStatement *model = find_statement(e->ast, AST_MODEL);
    const AstStatement *precision = find_statement(e->ast, AST_PRECISION);
    Span start = {e->ast->file, 0, 0};
    check_once(e, s, AST_MODEL, "model");
    check_once(e, s, AST_PRECISION, "precision");
    check_once(e, s, AST_DATA, "data block");
    check_once(e, s, AST_TRAIN, "train block");
    if (!model || e->ast->body.item[0] != model) {
        Diagnostic *d =
            fault(s, E_MODEL, model ? model->span : start, "a spec begins with `model NAME`");
        report_help(e->c->diagnostics, d, "write `model my_net` as the first statement");
    }
    if (precision && strcmp(precision->name, "f32") != 0 && strcmp(precision->name, "f64") != 0) {
        Diagnostic *d =
            fault(s, E_MODEL, precision->name_span.file ? precision->name_span : precision->span,
                  "unknown precision '%s'", precision->name);
        report_help(e->c->diagnostics, d, "it is f32 or f64");
    }
    Span at = model ? model->span : start;
    if (!find_statement(e->ast, AST_INPUT)) fault(s, E_MODEL, at, "the model has no input");
    if (e->options && e->options->need_loss && !find_statement(e->ast, AST_LOSS)) {
        Diagnostic *d = fault(s, E_MODEL, at, "the model has no loss, so it cannot be trained");
        report_help(e->c->diagnostics, d, "write: loss NLLLoss, or loss E = ...");
    }
    e->model->name = model ? model->name : name_of(e->c->names, "model");
}

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

Model *elaborate(Compile *c, const Ast *ast, const ElaborateOptions *options) {
    Elab *e = arena_new_item(c->arena, Elab);
    const Source *source = source_get(c->sources, ast->file);
    int before = c->diagnostics->diagnostic.count;
    e->c = c;
    e->arena = c->arena;
    e->options = options;
    e->ast = ast;
    e->model = arena_new_item(c->arena, Model);
    e->model->spec = file_name(source ? source->path : "");
    e->library = library_read(e);
    e->main = file_read(e, ast, source ? source->path : "", false);
    Scope *s = scope_new(e, e->main, NULL);
    check_model(e, s);
    train_elaborate(e, s);
    e->model->train = build_program(e, true);
    if (e->model->train) e->model->eval = build_program(e, false);
    if (e->model->train) data_elaborate(e, s);
    sweep_elaborate(e, s);
    if (c->diagnostics->diagnostic.count == before) override_check(e);
    return c->diagnostics->diagnostic.count == before ? e->model : NULL;
}
