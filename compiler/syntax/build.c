// build.c: makes the nodes of the tree and checks what the grammar is too wide for.
//
// Every expression that is made here knows its depth, so that no tree grows deeper than the
// recursive walkers of later stages can bear; the depth is hidden behind the AstExpr.
#include "syntax/build.h"

#include <stdlib.h>
#include <string.h>

typedef struct DeepExpr {
    AstExpr tree;
    int depth; // 1 for a leaf
} DeepExpr;

static Arena *arena(const Parser *p) {
    return p->compile->arena;
}

static int depth_of(const AstExpr *e) {
    return e ? ((const DeepExpr *)e)->depth : 0;
}

// Says that `child` now hangs below `parent`.
static void deepen(Parser *p, AstExpr *parent, const AstExpr *child) {
    DeepExpr *deep = (DeepExpr *)parent;
    if (depth_of(child) < deep->depth) return;
    deep->depth = depth_of(child) + 1;
    if (deep->depth != DEEPEST_EXPRESSION + 1) return;
    Diagnostic *d = parser_report(p, E_DEPTH, parent->span, "this is nested too deeply");
    report_help(p->compile->diagnostics, d, "give parts of it a name of their own");
    p->stopped = true;
}

static AstExpr *new_expr(Parser *p, Span at, AstExprKind kind) {
    DeepExpr *deep = arena_new_item(arena(p), DeepExpr);
    deep->depth = 1;
    deep->tree.kind = kind;
    deep->tree.span = at;
    return &deep->tree;
}

static const char *bytes_at(const Parser *p, Span at) {
    return source_get(p->compile->sources, at.file)->bytes + at.begin;
}

Name build_name(Parser *p, Span at) {
    return name_of_bytes(p->compile->names, bytes_at(p, at), at.end - at.begin);
}

AstExpr *build_leaf(Parser *p, Span at, AstExprKind kind) {
    return new_expr(p, at, kind);
}

AstExpr *build_number(Parser *p, Span at) {
    AstExpr *e = new_expr(p, at, AST_NUMBER);
    e->text = arena_copy(arena(p), bytes_at(p, at), at.end - at.begin);
    e->number = strtod(e->text, NULL);
    return e;
}

static char escaped(char c) {
    return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

const char *build_text(Parser *p, Span at) {
    const char *from = bytes_at(p, at) + 1, *end = bytes_at(p, at) + (at.end - at.begin);
    char *text = arena_alloc(arena(p), at.end - at.begin + 1), *to = text;
    for (; from < end && *from != '"'; from++) {
        bool is_escape = *from == '\\' && from + 1 < end;
        if (is_escape) from++;
        *to++ = is_escape ? escaped(*from) : *from;
    }
    return text;
}

AstExpr *build_string(Parser *p, Span at) {
    AstExpr *e = new_expr(p, at, AST_STRING);
    e->text = build_text(p, at);
    return e;
}

static void set_arguments(Parser *p, AstExpr *e, ArgumentList list) {
    e->argument = list.item;
    e->argument_count = list.count;
    for (int i = 0; i < list.count; i++) deepen(p, e, list.item[i].value);
}

static void refuse_rest(Parser *p, ArgumentList list) {
    for (int i = 0; i < list.count; i++)
        if (list.item[i].value->kind == AST_REST)
            parser_report(p, E_SYNTAX, list.item[i].value->span,
                          "'..' stands for axes: only in sizes, subscripts and binders");
}

AstExpr *build_named(Parser *p, Span at, Span name, AstExprKind kind, ArgumentList arguments) {
    AstExpr *e = new_expr(p, at, kind);
    e->name = build_name(p, name);
    e->name_span = name;
    set_arguments(p, e, arguments);
    if (kind == AST_CALL) refuse_rest(p, arguments);
    return e;
}

AstExpr *build_unary(Parser *p, Span at, AstExprKind kind, AstExpr *operand) {
    AstExpr *e = new_expr(p, at, kind);
    e->left = operand;
    deepen(p, e, operand);
    return e;
}

static AstExpr *join(Parser *p, Span at, AstExprKind kind, AstExpr *left, AstExpr *right) {
    AstExpr *e = new_expr(p, at, kind);
    e->left = left;
    e->right = right;
    deepen(p, e, left);
    deepen(p, e, right);
    return e;
}

AstExpr *build_binary(Parser *p, Span at, AstOperator op, AstExpr *left, AstExpr *right) {
    AstExpr *e = join(p, at, AST_BINARY, left, right);
    e->op = op;
    return e;
}

AstExpr *build_pipe(Parser *p, Span at, AstExpr *left, AstExpr *right) {
    return join(p, at, AST_PIPE, left, right);
}

AstExpr *build_if(Parser *p, Span at, AstExpr *condition, AstExpr *then, AstExpr *otherwise) {
    AstExpr *e = join(p, at, AST_IF, then, otherwise);
    e->condition = condition;
    deepen(p, e, condition);
    return e;
}

AstExpr *build_list(Parser *p, Span at, ArgumentList values) {
    AstExpr *e = new_expr(p, at, AST_LIST);
    set_arguments(p, e, values);
    refuse_rest(p, values);
    return e;
}

AstExpr *build_parentheses(Parser *p, Span at, ArgumentList values) {
    refuse_rest(p, values);
    if (values.count == 1 && !values.item[0].name) {
        values.item[0].value->span = at;
        return values.item[0].value;
    }
    AstExpr *e = new_expr(p, at, AST_TUPLE);
    set_arguments(p, e, values);
    for (int i = 1; i < values.count; i++)
        if (!values.item[i].name != !values.item[0].name)
            parser_report(p, E_SYNTAX, values.item[i].value->span,
                          "in parentheses either all values have a name or none has");
    return e;
}

AstExpr *build_apply(Parser *p, Span at, AstExpr *call, ArgumentList inputs) {
    AstExpr *e = new_expr(p, at, AST_APPLY);
    e->left = call;
    deepen(p, e, call);
    set_arguments(p, e, inputs);
    refuse_rest(p, inputs);
    return e;
}

static bool is_binder(const AstArgument *a) {
    const AstExpr *e = a->value;
    if (a->name) return false;
    if (e->kind == AST_NAME || e->kind == AST_REST) return true;
    return e->kind == AST_BINARY && e->op == AST_LESS && e->left->kind == AST_NAME;
}

AstExpr *build_reduce(Parser *p, Span at, Span name, ArgumentList binders, AstExpr *body) {
    AstExpr *e = new_expr(p, at, AST_REDUCE);
    e->name = build_name(p, name);
    e->name_span = name;
    set_arguments(p, e, binders);
    e->body = body;
    deepen(p, e, body);
    for (int i = 0; i < binders.count; i++) {
        if (is_binder(&binders.item[i])) continue;
        Diagnostic *d = parser_report(p, E_SYNTAX, binders.item[i].value->span,
                                      "before the ':' of a reduction stand its indices");
        report_help(p->compile->diagnostics, d, "an index is i, i < SIZE or ..");
    }
    return e;
}

AstArgument build_argument(Parser *p, const Span *name, AstExpr *value) {
    if (!name) return (AstArgument){.value = value};
    return (AstArgument){build_name(p, *name), *name, value};
}

AstArgument build_binder(Parser *p, Span at, AstExpr *size) {
    AstExpr *index = build_named(p, at, at, AST_NAME, (ArgumentList){0});
    if (!size) return build_argument(p, NULL, index);
    return build_argument(p, NULL,
                          build_binary(p, span_join(at, size->span), AST_LESS, index, size));
}

static AstExpr **plain_values(Parser *p, ArgumentList list) {
    AstExpr **value = arena_new_array(arena(p), AstExpr *, list.count);
    for (int i = 0; i < list.count; i++) value[i] = list.item[i].value;
    return value;
}

void build_dims(Parser *p, AstDeclarator *d, ArgumentList dims) {
    d->has_dims = true;
    d->dim = plain_values(p, dims);
    d->dim_count = dims.count;
}

void build_class(Parser *p, AstDeclarator *d, Span word, AstExpr *classes) {
    d->has_class = true;
    d->classes = classes;
    if (strcmp(build_name(p, word), "class") == 0) return;
    Diagnostic *wrong = parser_report(p, E_SYNTAX, word, "a tensor is real, or of kind class(K)");
    report_help(p->compile->diagnostics, wrong, "write NAME: class(10) for integers 0..9");
}

AstStatement *build_statement(Parser *p, Span at, AstStatementKind kind) {
    AstStatement *s = arena_new_item(arena(p), AstStatement);
    s->kind = kind;
    s->span = at;
    return s;
}

AstStatement *build_definition(Parser *p, Span at, AstStatementKind kind, const Span *name,
                               AstExpr *expr) {
    AstStatement *s = build_statement(p, at, kind);
    if (name) {
        s->name = build_name(p, *name);
        s->name_span = *name;
    }
    s->expr = expr;
    return s;
}

AstStatement *build_header(Parser *p, Span at, AstStatementKind kind, const Span *name) {
    return build_definition(p, at, kind, name, NULL);
}

// Which parts of NAME[DIMS]: class(K) = INIT a declaration may have, or must.
static void check_declarator(Parser *p, AstStatementKind kind, const AstDeclarator *d) {
    bool wants_init = kind == AST_PARAM || kind == AST_STATE;
    if (d->init && !wants_init)
        parser_report(p, E_SYNTAX, d->init->span,
                      "'%s' has no initial value: it comes with the data", d->name);
    if (d->has_class && wants_init)
        parser_report(p, E_SYNTAX, d->span, "'%s' cannot be of kind class: it is trained or kept",
                      d->name);
    if (d->has_class && !wants_init && !d->classes)
        parser_report(p, E_SYNTAX, d->span, "say how many classes '%s' has: class(10)", d->name);
    if (d->init || !wants_init) return;
    Diagnostic *wrong = parser_report(p, E_SYNTAX, d->span, "'%s' has no initial value", d->name);
    report_help(p->compile->diagnostics, wrong,
                "give one: a number, a list, zeros(), kaiming_uniform(), ...");
}

AstStatement *build_declaration(Parser *p, Span at, AstStatementKind kind, DeclaratorList list) {
    AstStatement *s = build_statement(p, at, kind);
    s->declarator = list.item;
    s->declarator_count = list.count;
    for (int i = 0; i < list.count; i++) check_declarator(p, kind, &list.item[i]);
    return s;
}

static void refuse_initial(Parser *p, DeclaratorList list) {
    for (int i = 0; i < list.count; i++)
        if (list.item[i].init)
            parser_report(p, E_SYNTAX, list.item[i].init->span,
                          "a tensor of a header has no initial value");
}

void build_signature(Parser *p, AstStatement *s, DeclaratorList inputs, DeclaratorList outputs) {
    s->input = inputs.item;
    s->input_count = inputs.count;
    s->declarator = outputs.item;
    s->declarator_count = outputs.count;
    refuse_initial(p, inputs);
    refuse_initial(p, outputs);
}

AstStatement *build_equation(Parser *p, Span at, AstExpr *left, bool is_accumulation,
                             AstExpr *right) {
    AstStatement *s = build_definition(p, at, AST_EQUATION, &left->name_span, right);
    s->is_accumulation = is_accumulation;
    if (left->kind != AST_SUBSCRIPT) return s;
    ArgumentList subscripts = {left->argument, left->argument_count, 0};
    s->has_subscript = true;
    s->subscript = plain_values(p, subscripts);
    s->subscript_count = left->argument_count;
    return s;
}

void build_add(Parser *p, StatementList *list, AstStatement *statement) {
    if (statement) list_add(arena(p), *list, statement);
}

AstStatements build_body(StatementList list) {
    return (AstStatements){list.item, list.count};
}
