// bind.c: names for the positional arguments of all uses of layers and blocks, in the tree itself.
//
// Positions and names mean the same, and YAML writes names: with names everywhere trees from both
// can be compared.
#include "elaborate/context.h"

#include "syntax/syntax.h"

#include <string.h>

typedef struct Binder {
    Elab *e;
    SpecFile *file;
    bool is_result; // inside of loss or metric, where positional values are inputs
} Binder;

static void bind_expr(const Binder *b, AstExpr *e);

static void name_arguments(const Binder *b, AstExpr *e) {
    if (function_find(e->name) != FUNCTION_COUNT || is_reduction(e->name) ||
        is_tensor_function(e->name))
        return;
    const AstStatement *definition = definition_find(b->e, b->file, e->name).statement;
    for (int i = 0;
         definition && !b->is_result && i < e->argument_count && i < definition->parameter_count;
         i++)
        if (!e->argument[i].name) e->argument[i].name = definition->parameter[i].name;
}

static void bind_expr(const Binder *b, AstExpr *e) {
    if (!e) return;
    if (e->kind == AST_CALL) name_arguments(b, e);
    bind_expr(b, e->left);
    bind_expr(b, e->right);
    bind_expr(b, e->condition);
    bind_expr(b, e->body);
    for (int i = 0; i < e->argument_count; i++) bind_expr(b, e->argument[i].value);
}

static void bind_statements(const Binder *b, AstStatements body) {
    for (int i = 0; i < body.count; i++) {
        AstStatement *st = body.item[i];
        Binder inner = *b;
        inner.is_result = (st->kind == AST_LOSS || st->kind == AST_METRIC) && st->expr &&
                          st->expr->kind == AST_CALL;
        if (st->kind != AST_SETTING) bind_expr(&inner, st->expr);
        bind_statements(b, st->body);
        bind_statements(b, st->otherwise);
    }
}

void ast_bind_arguments(Compile *c, Ast *ast) {
    Elab e = {.c = c, .arena = c->arena, .ast = ast};
    const Source *source = source_get(c->sources, ast->file);
    e.library = library_read(&e);
    Binder b = {&e, file_read(&e, ast, source ? source->path : "", false), false};
    bind_statements(&b, ast->body);
}
