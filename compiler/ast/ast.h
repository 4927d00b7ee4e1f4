// ast.h: a spec as a tree, just as it was written: names are not resolved, nothing is checked but the grammar.
//
// The same tree is made from .net text and from YAML. One struct for all expressions and one for all statements keeps
// walkers short; the table beside each kind says which fields it uses. Fields that a kind does not use are zero.
#ifndef NETC_AST_AST_H
#define NETC_AST_AST_H

#include "support/compile.h"

typedef struct AstExpr AstExpr;
typedef struct AstStatement AstStatement;

typedef enum AstExprKind {
    AST_NUMBER,    // number; text: as written ("0.20"). inf, pi, true and false are names
    AST_STRING,    // text, without the quotes and with escapes undone
    AST_NAME,      // name
    AST_HOLE,      // _ : the value before this stage
    AST_REST,      // .. : the remaining axes
    AST_LIST,      // [ argument, ... ]  (values only)
    AST_TUPLE,     // ( argument, ... )  values, or name=value pairs: (x=["a"], t="label"); one unnamed value in parentheses is no tuple
    AST_NEGATE,    // - left
    AST_NOT,       // not left
    AST_BINARY,    // left op right
    AST_IF,        // if condition then left else right
    AST_SUBSCRIPT, // name [ argument, ... ]  (values only)
    AST_CALL,      // name ( argument, ... )  a function, a layer, a block, an initialiser, an optimizer
    AST_REDUCE,    // name ( argument, ... : body )  arguments are binders: NAME, NAME < SIZE, or ..
    AST_APPLY,     // left ( argument, ... )  left is an AST_CALL: Conv2d(16, 3)(x)
    AST_PIPE       // left |> right
} AstExprKind;

typedef enum AstOperator {
    AST_ADD, AST_SUBTRACT, AST_MULTIPLY, AST_DIVIDE, AST_FLOOR_DIVIDE, AST_REMAINDER, AST_POWER,
    AST_LESS, AST_LESS_EQUAL, AST_GREATER, AST_GREATER_EQUAL, AST_EQUAL, AST_NOT_EQUAL, AST_AND, AST_OR
} AstOperator;

typedef struct AstArgument {
    Name name; // NULL: positional
    Span name_span;
    AstExpr *value;
} AstArgument;

struct AstExpr {
    AstExprKind kind;
    AstOperator op;
    Span span;      // the whole expression
    Span name_span; // of `name`
    Name name;
    double number;
    const char *text;
    AstExpr *left, *right, *condition, *body;
    AstArgument *argument;
    int argument_count;
};

// NAME[DIMS]: class(K) = INIT if CONDITION else OTHERWISE, in the parts that its statement allows.
typedef struct AstDeclarator {
    Name name;
    Span span;         // of the name
    bool has_dims;     // x[] has dims, x has none; both are scalars
    AstExpr **dim;     // AST_REST for ..
    int dim_count;
    AstExpr *classes;  // class(K): K; `class` alone, in a layer's header: has_class
    bool has_class;
    AstExpr *init;
    AstExpr *condition, *otherwise;
} AstDeclarator;

// NAME or NAME=DEFAULT in the first list of a layer's or block's header.
typedef struct AstParameter {
    Name name;
    Span span;
    AstExpr *value; // NULL: required
} AstParameter;

typedef enum AstStatementKind {
    AST_MODEL,     // name
    AST_PRECISION, // name: f32, f64, bf16
    AST_CONST,     // name = expr
    AST_INPUT,     // declarator, ...
    AST_TARGET,    // declarator, ...
    AST_PARAM,     // declarator, ...
    AST_STATE,     // declarator, ...
    AST_LET,       // name = expr
    AST_REQUIRE,   // expr, text
    AST_IMPORT,    // text
    AST_LAYER,     // name (parameter, ...) (input, ...) -> declarator, ... { body }
    AST_BLOCK,     // name (parameter, ...) { body }
    AST_NETWORK,   // input -> declarator { body }   (names only)
    AST_LOSS,      // name (may be NULL) = expr
    AST_METRIC,    // name (may be NULL) = expr
    AST_DATA,      // { body of AST_SETTING }
    AST_TRAIN,     // { body of AST_SETTING }
    AST_SETTING,   // name = expr
    AST_SWEEP,     // name in expr (a list)
    AST_EQUATION,  // [for binder, ... :] [update] name [subscript, ...] op expr; in a block or network `name = expr` keeps a value
    AST_WHEN,      // when training { body } else { otherwise }
    AST_REPEAT,    // repeat expr { body }
    AST_STAGE      // [name:] expr
} AstStatementKind;

typedef struct AstStatements {
    AstStatement **item;
    int count;
} AstStatements;

struct AstStatement {
    AstStatementKind kind;
    Span span;
    Span name_span;
    Name name;
    const char *text;
    AstExpr *expr;
    AstDeclarator *declarator; // declared names; a layer's outputs; a network's outputs
    int declarator_count;
    AstDeclarator *input;      // a layer's inputs; a network's inputs
    int input_count;
    AstParameter *parameter;
    int parameter_count;
    AstStatements body, otherwise;
    bool has_otherwise;
    AstArgument *binder;       // of `for`: value is AST_NAME, AST_BINARY(AST_LESS) or AST_REST
    int binder_count;
    bool is_update;
    bool is_accumulation;      // += instead of =
    bool has_subscript;        // y[] has, y has not
    AstExpr **subscript;
    int subscript_count;
};

// A comment, for the formatter. own_line: nothing but space stands before it on its line.
typedef struct AstComment {
    Span span; // from # to the end of the line
    bool own_line;
} AstComment;

typedef struct Ast {
    uint32_t file;
    AstStatements body;
    AstComment *comment; // in order of their places; empty for YAML
    int comment_count;
} Ast;

// Canonical .net text of the whole tree; parses back to an equal tree. Comments and single blank lines between
// statements are kept where the tree came from .net text.
const char *ast_print(Compile *c, const Ast *ast);
// One expression or statement as .net text on one line.
const char *ast_print_expr(Arena *a, const AstExpr *e);
const char *ast_print_statement(Arena *a, const AstStatement *s);
// The same model as YAML text.
const char *ast_print_yaml(Compile *c, const Ast *ast);

// Equal trees: kinds, names, operators, numbers by value; spans, comments and the spelling of numbers do not count.
bool ast_equal(const Ast *a, const Ast *b);
bool ast_expr_equal(const AstExpr *a, const AstExpr *b);

#endif
