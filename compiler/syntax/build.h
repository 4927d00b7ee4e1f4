// build.h: what the grammar calls: the parser's state, and the makers of tree nodes.
//
// Makers check what the grammar is too wide for (binders, tuples, `class`, initial values) and
// report it; the node is made all the same, so that parsing goes on.
#ifndef NETC_SYNTAX_BUILD_H
#define NETC_SYNTAX_BUILD_H

#include "ast/ast.h"
#include "syntax/token.h"

enum { DEEPEST_BRACKET = 64, DEEPEST_EXPRESSION = 1000, MOST_ERRORS = 100 };

// Lists of the grammar; they have the fields that list_add wants.
typedef struct ArgumentList {
    AstArgument *item;
    int count, capacity;
} ArgumentList;
typedef struct DeclaratorList {
    AstDeclarator *item;
    int count, capacity;
} DeclaratorList;
typedef struct ParameterList {
    AstParameter *item;
    int count, capacity;
} ParameterList;
typedef struct StatementList {
    AstStatement **item;
    int count, capacity;
} StatementList;

typedef struct Parser {
    Compile *compile;
    Tokens tokens;
    int start;  // the token that says what is parsed: T_START_FILE, ...
    int prefix; // a keyword that stands before the text in thought (YAML has it as a key), or 0
    bool started, prefixed, stopped, failed;
    // The feed: what goes to the grammar next, and where it may go on after an error.
    int at, last_kind;
    int kind_before_last; // of the token before the one just taken: 0 at the beginning
    struct {
        int kind;
        Span span;
    } bracket[DEEPEST_BRACKET];
    int depth;
    int left_open; // the bracket that a closing brace found open inside of its own, or 0
    int statement_begin, statement_depth;
    int outer_begin, outer_depth; // of the statement around, right after a brace
    int error_count;
    // What came out.
    StatementList body;
    AstExpr *expr;
    AstDeclarator declarator;
    AstStatement *header;
} Parser;

// Parses `span` as what `start` says, as if the keyword `prefix` stood before it; false after
// reporting.
bool parser_run(Parser *p, Compile *c, Span span, int start, int prefix);

// After a syntax error: goes on behind the broken statement.
void feed_recover(Parser *p);
// The first bracket that is open at the token just taken, or NULL.
const Span *feed_open_bracket(const Parser *p, int *kind);
bool token_begins_statement(int kind);

// Reports unless the parser has given up, or the broken statement holds a token that was refused:
// then the result is a diagnostic that nobody prints.
Diagnostic *parser_report(Parser *p, Code code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

Name build_name(Parser *p, Span at);
AstExpr *build_number(Parser *p, Span at);
AstExpr *build_string(Parser *p, Span at);
const char *build_text(Parser *p, Span at); // of a string token, escapes undone
AstExpr *build_leaf(Parser *p, Span at, AstExprKind kind);
AstExpr *build_named(Parser *p, Span at, Span name, AstExprKind kind, ArgumentList arguments);
AstExpr *build_unary(Parser *p, Span at, AstExprKind kind, AstExpr *operand);
AstExpr *build_binary(Parser *p, Span at, AstOperator op, AstExpr *left, AstExpr *right);
AstExpr *build_pipe(Parser *p, Span at, AstExpr *left, AstExpr *right);
AstExpr *build_if(Parser *p, Span at, AstExpr *condition, AstExpr *then, AstExpr *otherwise);
AstExpr *build_list(Parser *p, Span at, ArgumentList values);
AstExpr *build_parentheses(Parser *p, Span at, ArgumentList values);
AstExpr *build_apply(Parser *p, Span at, AstExpr *call, ArgumentList inputs);
AstExpr *build_reduce(Parser *p, Span at, Span name, ArgumentList binders, AstExpr *body);
AstArgument build_argument(Parser *p, const Span *name, AstExpr *value);
AstArgument build_binder(Parser *p, Span at, AstExpr *size);

void build_dims(Parser *p, AstDeclarator *d, ArgumentList dims);
void build_class(Parser *p, AstDeclarator *d, Span word, AstExpr *classes);

AstStatement *build_statement(Parser *p, Span at, AstStatementKind kind);
AstStatement *build_definition(Parser *p, Span at, AstStatementKind kind, const Span *name,
                               AstExpr *expr);
AstStatement *build_declaration(Parser *p, Span at, AstStatementKind kind, DeclaratorList list);
AstStatement *build_header(Parser *p, Span at, AstStatementKind kind, const Span *name);
// Sets what a layer or network takes and gives; neither has initial values.
void build_signature(Parser *p, AstStatement *s, DeclaratorList inputs, DeclaratorList outputs);
AstStatement *build_equation(Parser *p, Span at, AstExpr *left, bool is_accumulation,
                             AstExpr *right);
// Adds `statement` unless it is NULL (an empty or a broken one).
void build_add(Parser *p, StatementList *list, AstStatement *statement);
AstStatements build_body(StatementList list);

// Reports statements that stand where their kind has no place; `inside` is the statement around,
// NULL for a file.
bool check_places(Compile *c, const AstStatements *body, const AstStatement *inside);

#endif
