// operand.c: whole tensors: what a stage of a pipeline is, what stands in an equation without
// indices, what a layer is called on. Each is a value already there, a use of a layer or block, a
// tensor function, or an elementwise expression.
#include "elaborate/context.h"

static Definition find_use(const Scope *s, Name name) {
    Definition none = {NULL, NULL};
    if (!name || is_tensor_function(name) || is_reduction(name) ||
        function_find(name) != FUNCTION_COUNT)
        return none;
    return definition_find(s->elab, s->file, name);
}

bool is_whole_call(const Scope *s, const AstExpr *e) {
    if (e->kind == AST_APPLY || e->kind == AST_PIPE) return true;
    if (e->kind != AST_CALL) return false;
    return is_tensor_function(e->name) || (s->has_hole && find_use(s, e->name).statement);
}

// --- paths

// A short word for an expression without a name: "add" for `_ + skip`.
static const char *expression_word(const AstExpr *e) {
    static const char *const operator_word[] = {"add",    "subtract",  "multiply", "divide",
                                                "divide", "remainder", "power"};
    switch (e->kind) {
    case AST_CALL:
    case AST_REDUCE: return e->name;
    case AST_BINARY: return e->op <= AST_POWER ? operator_word[e->op] : "compare";
    case AST_NEGATE: return "negate";
    case AST_IF: return "select";
    case AST_NUMBER:
    case AST_STRING:
    case AST_NAME:
    case AST_HOLE:
    case AST_REST:
    case AST_LIST:
    case AST_TUPLE:
    case AST_NOT:
    case AST_SUBSCRIPT:
    case AST_APPLY:
    case AST_PIPE: break;
    }
    return "expression";
}

// The last part of a stage's path.
static Name component(Scope *s, Name label, const char *kind) {
    if (label && s->part_prefix) return label;
    if (label && (!s->call_prefix || s->has_hole)) return s->namer ? namer_next(s, label) : label;
    Name name = namer_next(s, name_lower(s->elab, kind));
    Name prefix = s->part_prefix ? s->part_prefix : s->call_prefix;
    return prefix ? name_printf(s->elab->c->names, "%s.%s", prefix, name) : name;
}

void operand_count(Scope *s, const AstExpr *e, Name label, Span span, int times) {
    if (!e) return;
    switch (e->kind) {
    case AST_NAME:
        if (scope_entry(s, e->name) || !find_use(s, e->name).statement) return;
        namer_add(s, label ? label : name_lower(s->elab, e->name), span, label != NULL, times);
        return;
    case AST_CALL:
        if (!find_use(s, e->name).statement)
            for (int i = 0; i < e->argument_count; i++)
                operand_count(s, e->argument[i].value, NULL, span, times);
        namer_add(s, label ? label : name_lower(s->elab, expression_word(e)), span, label != NULL,
                  times);
        return;
    case AST_APPLY:
        for (int i = 0; i < e->argument_count; i++) {
            const AstExpr *input = e->argument[i].value;
            operand_count(s, input, NULL, span, times);
        }
        namer_add(s, label ? label : name_lower(s->elab, e->left->name), span, label != NULL,
                  times);
        return;
    case AST_PIPE:
        operand_count(s, e->left, NULL, span, times);
        operand_count(s, e->right, label, span, times);
        return;
    case AST_HOLE:
    case AST_NUMBER:
    case AST_STRING:
    case AST_REST:
    case AST_LIST:
    case AST_TUPLE: return;
    case AST_NEGATE:
    case AST_NOT:
    case AST_BINARY:
    case AST_IF:
        operand_count(s, e->left, NULL, span, times);
        operand_count(s, e->right, NULL, span, times);
        break;
    case AST_SUBSCRIPT:
    case AST_REDUCE: break;
    }
    namer_add(s, label ? label : name_of(s->elab->c->names, expression_word(e)), span,
              label != NULL, times);
}

// How many layers, blocks and tensor functions an equation calls.
static int count_calls(const Scope *s, const AstExpr *e) {
    if (!e || e->kind == AST_SUBSCRIPT || e->kind == AST_REDUCE) return 0;
    int calls = e->kind == AST_APPLY || (e->kind == AST_CALL && is_whole_call(s, e));
    for (int i = 0; i < e->argument_count; i++) calls += count_calls(s, e->argument[i].value);
    if (e->kind == AST_APPLY) return calls;
    return calls + count_calls(s, e->condition) + count_calls(s, e->left) +
           count_calls(s, e->right);
}

// --- values

static Tensor *use_of(Scope *s, const AstExpr *call, Definition definition, Tensor **input,
                      int count, const Wanted *wanted) {
    for (int i = 0; i < count; i++)
        if (!input[i]) return NULL;
    Use use = {.definition = definition,
               .call = call,
               .input = input,
               .input_count = count,
               .output_name = wanted->output_name,
               .span = call->name_span.file ? call->name_span : call->span};
    if (call->kind == AST_CALL) {
        use.argument = call->argument;
        use.argument_count = call->argument_count;
    }
    use.path = scope_path(s, component(s, wanted->label, call->name));
    return use_elaborate(s, &use);
}

static Tensor *no_value(Scope *s, const AstExpr *e) {
    Diagnostic *d = fault(s, E_ARGUMENT, e->span, "%s has no input here", e->name);
    report_help(s->elab->c->diagnostics, d, "call it on a tensor: %s(...)(x)", e->name);
    return NULL;
}

// Stages stand in the order of execution: one made of an expression comes after the calls inside of
// it.
static void stage_finish(Scope *s, Stage *stage, Tensor *t) {
    Arena *a = s->elab->arena;
    stage->parent = s->stage;
    list_add(a, s->stage->child, stage);
    if (s->hole) list_add(a, stage->input, s->hole);
    if (t) list_add(a, stage->output, t);
}

static Tensor *elementwise(Scope *s, const AstExpr *e, const Wanted *wanted) {
    Elab *elab = s->elab;
    Name part = component(s, wanted->label, expression_word(e));
    Name path = scope_path(s, part);
    AstStatement *st = arena_new_item(elab->arena, AstStatement);
    st->kind = AST_EQUATION;
    st->span = st->name_span = e->span;
    st->name = name_printf(elab->c->names, " %s", part); // no spec can name it
    st->expr = (AstExpr *)(uintptr_t)e;
    Placement place = {.tensor_name = wanted->output_name ? wanted->output_name : path,
                       .label = wanted->output_name ? wanted->output_name : part};
    if (s->has_hole) place.stage = stage_new(elab, NULL, path, NULL, false, false, e->span);
    Tensor *t = equation_define(s, st, &place);
    if (place.stage) stage_finish(s, place.stage, t);
    return t;
}

static Tensor *named_value(Scope *s, const AstExpr *e, const Wanted *wanted) {
    Entry *entry = scope_own_entry(s, e->name);
    if (!entry) entry = output_declare(s, e->name, true);
    if (!entry) entry = temporary_declare(s, e->name);
    if (!entry) entry = scope_entry(s, e->name);
    if (entry && entry->is_constant) return elementwise(s, e, wanted);
    if (entry) return entry->tensor;
    Definition definition = find_use(s, e->name);
    if (definition.statement && !s->has_hole) return no_value(s, e);
    if (definition.statement) return use_of(s, e, definition, &s->hole, 1, wanted);
    if (scope_value(s, e->name)) return elementwise(s, e, wanted);
    Diagnostic *d = fault(s, E_UNKNOWN_NAME, e->span, "unknown name '%s'", e->name);
    suggest_name(s, d, e->name, true, true, true);
    return NULL;
}

static Tensor *function_value(Scope *s, const AstExpr *e, const Wanted *wanted) {
    Elab *elab = s->elab;
    Name part = component(s, wanted->label, e->name);
    Name path = scope_path(s, part);
    Stage *stage =
        s->has_hole ? stage_new(elab, NULL, path, NULL, false, false, e->span) : s->stage;
    Tensor *t = tensor_function(s, e, wanted->output_name ? wanted->output_name : path,
                                wanted->output_name ? wanted->output_name : part, stage);
    if (s->has_hole) stage_finish(s, stage, t);
    return t;
}

static Tensor *call_value(Scope *s, const AstExpr *e, const Wanted *wanted) {
    if (is_tensor_function(e->name)) return function_value(s, e, wanted);
    Definition definition = find_use(s, e->name);
    if (definition.statement && !s->has_hole) return no_value(s, e);
    if (definition.statement) return use_of(s, e, definition, &s->hole, 1, wanted);
    if (function_find(e->name) != FUNCTION_COUNT || is_reduction(e->name) || !s->has_hole)
        return elementwise(s, e, wanted);
    static const char *const word[] = {"pad", "stop", "bernoulli", "uniform01"};
    for (int i = 0; i < 4; i++)
        if (e->name == name_of(s->elab->c->names, word[i])) return elementwise(s, e, wanted);
    Diagnostic *d = fault(s, E_UNKNOWN_NAME, e->name_span, "unknown layer or block '%s'", e->name);
    suggest_name(s, d, e->name, false, false, true);
    return NULL;
}

static Tensor *applied_value(Scope *s, const AstExpr *e, const Wanted *wanted) {
    const AstExpr *call = e->left;
    Definition definition = find_use(s, call->name);
    if (!definition.statement) {
        Diagnostic *d =
            fault(s, E_UNKNOWN_NAME, call->name_span, "unknown layer or block '%s'", call->name);
        suggest_name(s, d, call->name, false, false, true);
        return NULL;
    }
    Tensor **input = arena_new_array(s->elab->arena, Tensor *, e->argument_count + 1);
    static const Wanted nothing = {0};
    for (int i = 0; i < e->argument_count; i++) {
        if (e->argument[i].name) {
            fault(s, E_ARGUMENT, e->argument[i].name_span,
                  "inputs have no names; arguments stand in the first brackets");
            return NULL;
        }
        input[i] = operand_evaluate(s, e->argument[i].value, &nothing);
    }
    return use_of(s, call, definition, input, e->argument_count, wanted);
}

static Tensor *piped_value(Scope *s, const AstExpr *e, const Wanted *wanted) {
    static const Wanted nothing = {0};
    Tensor *before = s->hole;
    bool had = s->has_hole;
    Tensor *t = operand_evaluate(s, e->left, &nothing);
    if (t) {
        s->hole = t;
        s->has_hole = true;
        t = operand_evaluate(s, e->right, wanted);
    }
    s->hole = before;
    s->has_hole = had;
    return t;
}

Tensor *operand_evaluate(Scope *s, const AstExpr *e, const Wanted *wanted) {
    switch (e->kind) {
    case AST_HOLE:
        if (!s->has_hole)
            fault(s, E_UNDEFINED, e->span, "'_' is the value before a stage; there is none here");
        return s->has_hole ? s->hole : NULL;
    case AST_NAME: return named_value(s, e, wanted);
    case AST_CALL: return call_value(s, e, wanted);
    case AST_APPLY: return applied_value(s, e, wanted);
    case AST_PIPE: return piped_value(s, e, wanted);
    case AST_NUMBER:
    case AST_NEGATE:
    case AST_NOT:
    case AST_BINARY:
    case AST_IF:
    case AST_SUBSCRIPT:
    case AST_REDUCE:
    case AST_STRING:
    case AST_REST:
    case AST_LIST:
    case AST_TUPLE: return elementwise(s, e, wanted);
    }
    return NULL;
}

// --- what an equation uses

static bool add_operand(Frame *f, const AstExpr *e, Tensor *t) {
    Operand operand = {e, t};
    if (t) list_add(f->scope->elab->arena, f->operand, operand);
    return t != NULL;
}

static bool collect(Frame *f, const AstExpr *e, const Wanted *wanted, const AstExpr *root) {
    if (!e || e->kind == AST_SUBSCRIPT || e->kind == AST_REDUCE || f->failed) return !f->failed;
    e = live_branch(f, e);
    Wanted inner = {.label = f->scope->has_hole ? NULL : wanted->label};
    if (e->kind == AST_HOLE || is_whole_call(f->scope, e))
        return add_operand(f, e, operand_evaluate(f->scope, e, e == root ? wanted : &inner));
    if (e->kind == AST_NAME) {
        const Entry *entry = frame_entry(f, e->name);
        if (!entry || entry->is_constant) return true;
        return add_operand(f, e, entry->tensor);
    }
    bool good = true;
    for (int i = 0; i < e->argument_count; i++)
        good = collect(f, e->argument[i].value, wanted, root) && good;
    return collect(f, e->condition, wanted, root) && collect(f, e->left, wanted, root) &&
           collect(f, e->right, wanted, root) && good;
}

bool operand_collect(Frame *f, const AstExpr *e, const Wanted *wanted) {
    Scope *s = f->scope;
    if (s->namer) {
        Wanted inner = {.output_name = wanted->output_name};
        return collect(f, e, &inner, e);
    }
    // An equation of a layer or of the model: a call that is the right side is labelled by the left
    // side; calls inside of an expression are members of it, and so are expressions that a call is given.
    int calls = count_calls(s, e);
    if (calls == 0) return collect(f, e, wanted, e);
    Namer local = {0};
    s->namer = &local;
    operand_count(s, e, NULL, e->span, 1);
    bool is_right_side = calls == 1 && is_whole_call(s, e);
    *(is_right_side ? &s->part_prefix : &s->call_prefix) = wanted->label;
    bool good = collect(f, e, wanted, e);
    s->call_prefix = s->part_prefix = NULL;
    s->namer = NULL;
    return good;
}
