// syntax.h: from text to tree. The only folder that knows flex, bison and libyaml.
#ifndef NETC_SYNTAX_SYNTAX_H
#define NETC_SYNTAX_SYNTAX_H

#include "ast/ast.h"

// Parses the source `file` as .net text. Reports every syntax error it can recover from (at statement ends and closing
// brackets); returns NULL if there was one.
Ast *parse_net(Compile *c, uint32_t file);

// Parses one expression that stands at `span` of a source (a scalar of a YAML file, or a command line's --set value).
// Spans of the result are inside `span`. Returns NULL after reporting.
AstExpr *parse_expr(Compile *c, Span span);

// Parses statements (equations, stages) that stand at `span` of a source.
bool parse_statements(Compile *c, Span span, AstStatements *out);

// Parses the source `file` as YAML. Aliases, anchors, tags and duplicate keys are errors.
Ast *parse_yaml(Compile *c, uint32_t file);

// By the file's name: .yaml and .yml are YAML, all else is .net text.
Ast *parse_file(Compile *c, const char *path);

#endif
