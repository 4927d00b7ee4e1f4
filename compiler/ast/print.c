// print.c: expressions and statements as canonical .net text on one line.
//
// Space stands around + - // % and comparisons, none around * / ^, and parentheses only where the
// grammar needs them.
#include "ast/print.h"

#include <string.h>

// How tightly each form binds, as in the grammar.
typedef enum Level {
    LEVEL_PIPE,
    LEVEL_IF,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_SUM,
    LEVEL_TERM,
    LEVEL_SIGN,
    LEVEL_POWER,
    LEVEL_PRIMARY
} Level;

typedef struct OperatorRow {
    const char *text;
    Level level;
    bool is_spaced;
} OperatorRow;

static OperatorRow operator_row(AstOperator op) {
    switch (op) {
    case AST_ADD: return (OperatorRow){"+", LEVEL_SUM, true};
    case AST_SUBTRACT: return (OperatorRow){"-", LEVEL_SUM, true};
    case AST_MULTIPLY: return (OperatorRow){"*", LEVEL_TERM, false};
    case AST_DIVIDE: return (OperatorRow){"/", LEVEL_TERM, false};
    case AST_FLOOR_DIVIDE: return (OperatorRow){"//", LEVEL_TERM, true};
    case AST_REMAINDER: return (OperatorRow){"%", LEVEL_TERM, true};
    case AST_POWER: return (OperatorRow){"^", LEVEL_POWER, false};
    case AST_LESS: return (OperatorRow){"<", LEVEL_COMPARE, true};
    case AST_LESS_EQUAL: return (OperatorRow){"<=", LEVEL_COMPARE, true};
    case AST_GREATER: return (OperatorRow){">", LEVEL_COMPARE, true};
    case AST_GREATER_EQUAL: return (OperatorRow){">=", LEVEL_COMPARE, true};
    case AST_EQUAL: return (OperatorRow){"==", LEVEL_COMPARE, true};
    case AST_NOT_EQUAL: return (OperatorRow){"!=", LEVEL_COMPARE, true};
    case AST_AND: return (OperatorRow){"and", LEVEL_AND, true};
    case AST_OR: return (OperatorRow){"or", LEVEL_OR, true};
    }
    return (OperatorRow){"?", LEVEL_PRIMARY, true};
}

const char *ast_operator_text(AstOperator op) {
    return operator_row(op).text;
}

static Level level_of(const AstExpr *e) {
    switch (e->kind) {
    case AST_PIPE: return LEVEL_PIPE;
    case AST_IF: return LEVEL_IF;
    case AST_NOT: return LEVEL_NOT;
    case AST_NEGATE: return LEVEL_SIGN;
    case AST_BINARY: return operator_row(e->op).level;
    case AST_NUMBER:
    case AST_STRING:
    case AST_NAME:
    case AST_HOLE:
    case AST_REST:
    case AST_LIST:
    case AST_TUPLE:
    case AST_SUBSCRIPT:
    case AST_CALL:
    case AST_REDUCE:
    case AST_APPLY: return LEVEL_PRIMARY;
    }
    return LEVEL_PRIMARY;
}

// In parentheses if it binds less tightly than `least`.
static void print_at(Text *out, const AstExpr *e, Level least) {
    bool is_loose = level_of(e) < least;
    if (is_loose) text_add(out, "(");
    print_expr(out, e);
    if (is_loose) text_add(out, ")");
}

static void print_binary(Text *out, const AstExpr *e) {
    OperatorRow row = operator_row(e->op);
    bool is_comparison = row.level == LEVEL_COMPARE, is_power = e->op == AST_POWER;
    Level left = is_comparison || is_power ? row.level + 1 : row.level;
    Level right = is_power ? LEVEL_SIGN : row.level + 1;
    print_at(out, e->left, left);
    text_printf(out, row.is_spaced ? " %s " : "%s", row.text);
    print_at(out, e->right, right);
}

static void print_arguments(Text *out, const AstArgument *argument, int count) {
    for (int i = 0; i < count; i++) {
        if (i) text_add(out, ", ");
        if (argument[i].name) text_printf(out, "%s=", argument[i].name);
        print_expr(out, argument[i].value);
    }
}

static void print_call(Text *out, const AstExpr *e, const char *open, const char *close) {
    if (e->name) text_add(out, e->name);
    text_add(out, open);
    print_arguments(out, e->argument, e->argument_count);
    text_add(out, close);
}

void print_string(Text *out, const char *text) {
    text_add(out, "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            text_printf(out, "\\%c", *text);
        else if (*text == '\n')
            text_add(out, "\\n");
        else if (*text == '\t')
            text_add(out, "\\t");
        else
            text_add_bytes(out, text, 1);
    }
    text_add(out, "\"");
}

static void print_if(Text *out, const AstExpr *e) {
    text_add(out, "if ");
    print_at(out, e->condition, LEVEL_OR);
    text_add(out, " then ");
    print_at(out, e->left, LEVEL_IF);
    text_add(out, " else ");
    print_at(out, e->right, LEVEL_IF);
}

static void print_reduce(Text *out, const AstExpr *e) {
    print_call(out, e, "(", ": ");
    print_expr(out, e->body);
    text_add(out, ")");
}

static void print_apply(Text *out, const AstExpr *e) {
    print_expr(out, e->left);
    print_call(out, e, "(", ")");
}

static void print_pipe(Text *out, const AstExpr *e) {
    print_expr(out, e->left);
    text_add(out, " |> ");
    print_at(out, e->right, LEVEL_IF);
}

void print_expr(Text *out, const AstExpr *e) {
    switch (e->kind) {
    case AST_NUMBER: text_add(out, e->text ? e->text : number_text(out->arena, e->number)); break;
    case AST_STRING: print_string(out, e->text); break;
    case AST_NAME: text_add(out, e->name); break;
    case AST_HOLE: text_add(out, "_"); break;
    case AST_REST: text_add(out, ".."); break;
    case AST_LIST: print_call(out, e, "[", "]"); break;
    case AST_TUPLE: print_call(out, e, "(", ")"); break;
    case AST_NEGATE:
        text_add(out, "-");
        print_at(out, e->left, LEVEL_SIGN);
        break;
    case AST_NOT:
        text_add(out, "not ");
        print_at(out, e->left, LEVEL_NOT);
        break;
    case AST_BINARY: print_binary(out, e); break;
    case AST_IF: print_if(out, e); break;
    case AST_SUBSCRIPT: print_call(out, e, "[", "]"); break;
    case AST_CALL: print_call(out, e, "(", ")"); break;
    case AST_REDUCE: print_reduce(out, e); break;
    case AST_APPLY: print_apply(out, e); break;
    case AST_PIPE: print_pipe(out, e); break;
    }
}

static void print_list(Text *out, AstExpr *const *item, int count) {
    text_add(out, "[");
    for (int i = 0; i < count; i++) {
        if (i) text_add(out, ", ");
        print_expr(out, item[i]);
    }
    text_add(out, "]");
}

static void print_shape(Text *out, const AstDeclarator *d) {
    text_add(out, d->name);
    if (d->has_dims) print_list(out, d->dim, d->dim_count);
    if (d->has_class) text_add(out, ": class");
    if (!d->classes) return;
    text_add(out, "(");
    print_expr(out, d->classes);
    text_add(out, ")");
}

static void print_initial(Text *out, const AstDeclarator *d) {
    if (!d->init) return;
    text_add(out, "= ");
    print_expr(out, d->init);
    if (!d->condition) return;
    text_add(out, " if ");
    print_expr(out, d->condition);
    text_add(out, " else ");
    print_expr(out, d->otherwise);
}

void print_declarator(Text *out, const AstDeclarator *d) {
    print_shape(out, d);
    if (d->init) text_add(out, " ");
    print_initial(out, d);
}

void print_declarators(Text *out, const AstDeclarator *d, int count) {
    for (int i = 0; i < count; i++) {
        if (i) text_add(out, ", ");
        print_declarator(out, &d[i]);
    }
}

static void print_declaration(Text *left, Text *right, const AstStatement *s, const char *word) {
    text_printf(left, "%s ", word);
    if (s->declarator_count != 1) {
        print_declarators(left, s->declarator, s->declarator_count);
        return;
    }
    print_shape(left, s->declarator);
    print_initial(right, s->declarator);
}

static void print_definition(Text *left, Text *right, const AstStatement *s, const char *word) {
    text_add(left, word);
    if (s->name) text_add(left, s->name);
    if (s->name) text_add(right, "= ");
    print_expr(s->name ? right : left, s->expr);
}

static void print_parameters(Text *out, const AstStatement *s) {
    text_add(out, "(");
    for (int i = 0; i < s->parameter_count; i++) {
        const AstParameter *p = &s->parameter[i];
        text_printf(out, "%s%s", i ? ", " : "", p->name);
        if (!p->value) continue;
        text_add(out, "=");
        print_expr(out, p->value);
    }
    text_add(out, ")");
}

static void print_layer(Text *out, const AstStatement *s) {
    text_printf(out, "layer %s", s->name);
    print_parameters(out, s);
    text_add(out, " (");
    print_declarators(out, s->input, s->input_count);
    text_add(out, ") -> ");
    print_declarators(out, s->declarator, s->declarator_count);
}

static void print_network(Text *out, const AstStatement *s) {
    text_add(out, "network ");
    print_declarators(out, s->input, s->input_count);
    text_add(out, " -> ");
    print_declarators(out, s->declarator, s->declarator_count);
}

static void print_equation(Text *left, Text *right, const AstStatement *s) {
    if (s->binder_count) {
        text_add(left, "for ");
        print_arguments(left, s->binder, s->binder_count);
        text_add(left, ": ");
    }
    if (s->is_update) text_add(left, "update ");
    text_add(left, s->name);
    if (s->has_subscript) print_list(left, s->subscript, s->subscript_count);
    text_add(right, s->is_accumulation ? "+= " : "= ");
    print_expr(right, s->expr);
}

static void print_words(Text *out, const char *word, const char *name, const AstExpr *e) {
    text_add(out, word);
    if (name) text_add(out, name);
    if (e) print_expr(out, e);
}

void print_head(Text *left, Text *right, const AstStatement *s) {
    switch (s->kind) {
    case AST_MODEL: print_words(left, "model ", s->name, NULL); break;
    case AST_PRECISION: print_words(left, "precision ", s->name, NULL); break;
    case AST_CONST: print_definition(left, right, s, "const "); break;
    case AST_LET: print_definition(left, right, s, "let "); break;
    case AST_LOSS: print_definition(left, right, s, "loss "); break;
    case AST_METRIC: print_definition(left, right, s, "metric "); break;
    case AST_SETTING: print_definition(left, right, s, ""); break;
    case AST_INPUT: print_declaration(left, right, s, "input"); break;
    case AST_TARGET: print_declaration(left, right, s, "target"); break;
    case AST_PARAM: print_declaration(left, right, s, "param"); break;
    case AST_STATE: print_declaration(left, right, s, "state"); break;
    case AST_REQUIRE:
        print_words(left, "require ", NULL, s->expr);
        text_add(left, ", ");
        print_string(left, s->text);
        break;
    case AST_IMPORT:
        text_add(left, "import ");
        print_string(left, s->text);
        break;
    case AST_LAYER: print_layer(left, s); break;
    case AST_BLOCK:
        print_words(left, "block ", s->name, NULL);
        print_parameters(left, s);
        break;
    case AST_NETWORK: print_network(left, s); break;
    case AST_DATA: text_add(left, "data"); break;
    case AST_TRAIN: text_add(left, "train"); break;
    case AST_SWEEP:
        print_words(left, "sweep ", s->name, NULL);
        print_words(left, " in ", NULL, s->expr);
        break;
    case AST_EQUATION: print_equation(left, right, s); break;
    case AST_WHEN: print_words(left, "when ", s->name, NULL); break;
    case AST_REPEAT: print_words(left, "repeat ", NULL, s->expr); break;
    case AST_STAGE:
        if (s->name) print_words(left, s->name, ": ", NULL);
        print_expr(left, s->expr);
        break;
    }
}

static bool has_body(AstStatementKind kind) {
    return kind == AST_LAYER || kind == AST_BLOCK || kind == AST_NETWORK || kind == AST_DATA ||
           kind == AST_TRAIN || kind == AST_WHEN || kind == AST_REPEAT;
}

static void print_line(Text *out, const AstStatement *s);

static void print_line_body(Text *out, const AstStatements *body) {
    text_add(out, " {");
    for (int i = 0; i < body->count; i++) {
        text_add(out, i ? "; " : " ");
        print_line(out, body->item[i]);
    }
    text_add(out, " }");
}

static void print_line(Text *out, const AstStatement *s) {
    Text right = text_new(out->arena);
    print_head(out, &right, s);
    if (right.size) text_printf(out, " %s", right.bytes);
    if (has_body(s->kind)) print_line_body(out, &s->body);
    if (!s->has_otherwise) return;
    text_add(out, " else");
    print_line_body(out, &s->otherwise);
}

const char *ast_print_expr(Arena *a, const AstExpr *e) {
    Text out = text_new(a);
    print_expr(&out, e);
    return out.bytes;
}

const char *ast_print_statement(Arena *a, const AstStatement *s) {
    Text out = text_new(a);
    print_line(&out, s);
    return out.bytes;
}
