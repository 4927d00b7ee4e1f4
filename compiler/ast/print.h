// print.h: what the printers of this folder share.
#ifndef NETC_AST_PRINT_H
#define NETC_AST_PRINT_H

#include "ast/ast.h"

const char *ast_operator_text(AstOperator op);

void print_expr(Text *out, const AstExpr *e);
void print_string(Text *out, const char *text); // in quotes, with escapes
// NAME[DIMS]: class(K) = INIT if CONDITION else OTHERWISE
void print_declarator(Text *out, const AstDeclarator *d);
void print_declarators(Text *out, const AstDeclarator *d, int count);
// A statement without its body is cut in two at its '=', so that a formatter can align: the left
// part ends before the space that stands before '='; the right part begins with '=' and is empty
// where the statement has none.
void print_head(Text *left, Text *right, const AstStatement *s);

// Statements whose place among those of other kinds means something.
bool ast_is_ordered(AstStatementKind kind);

#endif
