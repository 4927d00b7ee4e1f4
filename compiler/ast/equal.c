// equal.c: whether two trees say the same.
//
// Spans, comments and the spelling of numbers do not count; nor does whether tensors were declared
// in one statement or in several, nor where among the others a statement stands whose place means
// nothing (see is_ordered).
#include "ast/print.h"

#include <string.h>

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_expr(const AstExpr *a, const AstExpr *b) {
    return a == b || (a && b && ast_expr_equal(a, b));
}

static bool same_arguments(const AstArgument *a, int a_count, const AstArgument *b, int b_count) {
    if (a_count != b_count) return false;
    for (int i = 0; i < a_count; i++)
        if (!same_text(a[i].name, b[i].name) || !same_expr(a[i].value, b[i].value)) return false;
    return true;
}

bool ast_expr_equal(const AstExpr *a, const AstExpr *b) {
    if (a->kind != b->kind || !same_text(a->name, b->name)) return false;
    if (a->kind == AST_NUMBER && a->number != b->number) return false;
    if (a->kind == AST_STRING && !same_text(a->text, b->text)) return false;
    if (a->kind == AST_BINARY && a->op != b->op) return false;
    return same_expr(a->left, b->left) && same_expr(a->right, b->right) &&
           same_expr(a->condition, b->condition) && same_expr(a->body, b->body) &&
           same_arguments(a->argument, a->argument_count, b->argument, b->argument_count);
}

static bool same_exprs(AstExpr *const *a, int a_count, AstExpr *const *b, int b_count) {
    if (a_count != b_count) return false;
    for (int i = 0; i < a_count; i++)
        if (!same_expr(a[i], b[i])) return false;
    return true;
}

static bool same_declarator(const AstDeclarator *a, const AstDeclarator *b) {
    return same_text(a->name, b->name) && a->has_dims == b->has_dims &&
           a->has_class == b->has_class && same_expr(a->classes, b->classes) &&
           same_exprs(a->dim, a->dim_count, b->dim, b->dim_count) && same_expr(a->init, b->init) &&
           same_expr(a->condition, b->condition) && same_expr(a->otherwise, b->otherwise);
}

static bool same_declarators(const AstDeclarator *a, int a_count, const AstDeclarator *b,
                             int b_count) {
    if (a_count != b_count) return false;
    for (int i = 0; i < a_count; i++)
        if (!same_declarator(&a[i], &b[i])) return false;
    return true;
}

static bool same_parameters(const AstStatement *a, const AstStatement *b) {
    if (a->parameter_count != b->parameter_count) return false;
    for (int i = 0; i < a->parameter_count; i++) {
        const AstParameter *p = &a->parameter[i], *q = &b->parameter[i];
        if (!same_text(p->name, q->name) || !same_expr(p->value, q->value)) return false;
    }
    return true;
}

static bool same_statements(const AstStatements *a, const AstStatements *b);

// All but the declared tensors of a declaration.
static bool same_head(const AstStatement *a, const AstStatement *b) {
    return a->kind == b->kind && same_text(a->name, b->name) && same_text(a->text, b->text) &&
           same_expr(a->expr, b->expr) && same_parameters(a, b) &&
           same_declarators(a->input, a->input_count, b->input, b->input_count) &&
           same_arguments(a->binder, a->binder_count, b->binder, b->binder_count) &&
           a->is_update == b->is_update && a->is_accumulation == b->is_accumulation &&
           a->has_subscript == b->has_subscript &&
           same_exprs(a->subscript, a->subscript_count, b->subscript, b->subscript_count) &&
           a->has_otherwise == b->has_otherwise && same_statements(&a->body, &b->body) &&
           same_statements(&a->otherwise, &b->otherwise);
}

// A declaration of several tensors counts as one of each.
typedef struct Walk {
    const AstStatements *list;
    int statement, declarator;
    bool (*takes)(AstStatementKind kind, AstStatementKind wanted);
    AstStatementKind wanted;
} Walk;

static bool declares(AstStatementKind kind) {
    return kind == AST_INPUT || kind == AST_TARGET || kind == AST_PARAM || kind == AST_STATE;
}

static const AstStatement *walk_next(Walk *w, const AstDeclarator **declarator) {
    for (; w->statement < w->list->count; w->statement++, w->declarator = 0) {
        const AstStatement *s = w->list->item[w->statement];
        if (!w->takes(s->kind, w->wanted)) continue;
        int parts = declares(s->kind) ? s->declarator_count : 1;
        if (w->declarator == parts) continue;
        *declarator = declares(s->kind) ? &s->declarator[w->declarator] : NULL;
        w->declarator++;
        return s;
    }
    return NULL;
}

static bool same_item(const AstStatement *a, const AstDeclarator *a_declarator,
                      const AstStatement *b, const AstDeclarator *b_declarator) {
    if (!same_head(a, b)) return false;
    if (a_declarator) return same_declarator(a_declarator, b_declarator);
    return same_declarators(a->declarator, a->declarator_count, b->declarator, b->declarator_count);
}

static bool same_walk(Walk a, Walk b) {
    for (;;) {
        const AstDeclarator *x = NULL, *y = NULL;
        const AstStatement *s = walk_next(&a, &x), *t = walk_next(&b, &y);
        if (!s || !t) return !s && !t;
        if (!same_item(s, x, t, y)) return false;
    }
}

// Statements whose place among those of other kinds means something: they are worked through in
// order.
bool ast_is_ordered(AstStatementKind kind) {
    switch (kind) {
    case AST_CONST:
    case AST_PARAM:
    case AST_STATE:
    case AST_LET:
    case AST_REQUIRE:
    case AST_NETWORK:
    case AST_EQUATION:
    case AST_WHEN:
    case AST_REPEAT:
    case AST_STAGE:
    case AST_SETTING: return true;
    case AST_MODEL:
    case AST_PRECISION:
    case AST_INPUT:
    case AST_TARGET:
    case AST_IMPORT:
    case AST_LAYER:
    case AST_BLOCK:
    case AST_LOSS:
    case AST_METRIC:
    case AST_DATA:
    case AST_TRAIN:
    case AST_SWEEP: return false;
    }
    return true;
}

static bool takes_ordered(AstStatementKind kind, AstStatementKind wanted) {
    (void)wanted;
    return ast_is_ordered(kind);
}

static bool takes_kind(AstStatementKind kind, AstStatementKind wanted) {
    return kind == wanted;
}

static bool same_statements(const AstStatements *a, const AstStatements *b) {
    if (!same_walk((Walk){a, 0, 0, takes_ordered, AST_MODEL},
                   (Walk){b, 0, 0, takes_ordered, AST_MODEL}))
        return false;
    for (AstStatementKind kind = AST_MODEL; kind <= AST_STAGE; kind++) {
        if (ast_is_ordered(kind)) continue;
        if (!same_walk((Walk){a, 0, 0, takes_kind, kind}, (Walk){b, 0, 0, takes_kind, kind}))
            return false;
    }
    return true;
}

bool ast_equal(const Ast *a, const Ast *b) {
    return same_statements(&a->body, &b->body);
}
