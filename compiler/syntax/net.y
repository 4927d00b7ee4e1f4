/* net.y: the grammar of .net text, in the order of docs/language.md.

   Bison sees no newlines but those that end a statement (feed.c), and builds the tree through
   build.h. Every broken statement is one `error`; the feed then goes on behind it. Which statement
   may stand where is checked afterwards (place.c), because "param cannot stand in a block" says
   more than a list of tokens. */
%code requires {
#include "syntax/build.h"
}
%code {
#include <string.h>

int net_lex(NET_STYPE *value, Span *at, Parser *parser); // feed.c
static void net_error(const Span *at, Parser *parser, const char *message);
static Span rule_span(const Span *part, int count);
#define YYLLOC_DEFAULT(whole, part, count) ((whole) = rule_span((part), (count)))
}

%define api.pure full
%define api.prefix {net_}
%define api.token.prefix {T_}
%define api.location.type {Span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {Parser *parser}

%union {
    AstExpr *expr;
    AstArgument argument;
    ArgumentList arguments;
    AstDeclarator declarator;
    DeclaratorList declarators;
    AstParameter parameter;
    ParameterList parameters;
    AstStatement *statement;
    StatementList statements;
}

%token START_FILE START_EXPR START_INIT START_DECLARATOR START_HEADER
%token END 0 "the end of the file"
%token NEWLINE "the end of the line"
%token SEPARATOR "the end of the statement"
%token NAME "a name" NUMBER "a number" STRING "a string" HOLE "_"
%token MODEL "model" PRECISION "precision" CONST "const" INPUT "input" TARGET "target"
%token PARAM "param" STATE "state" LET "let" REQUIRE "require" IMPORT "import"
%token LAYER "layer" BLOCK "block" NETWORK "network" LOSS "loss" METRIC "metric"
%token DATA "data" TRAIN "train" SWEEP "sweep" FOR "for" UPDATE "update" WHEN "when"
%token REPEAT "repeat" IF "if" THEN "then" ELSE "else" IN "in" NOT "not" AND "and" OR "or"
%token ARROW "->" PIPE "|>" REST ".." FLOOR_DIVIDE "//" ACCUMULATE "+="
%token PLUS "+" MINUS "-" TIMES "*" DIVIDE "/" REMAINDER "%" POWER "^"
%token ASSIGN "=" COMMA "," COLON ":" PAREN_OPEN "(" PAREN_CLOSE ")"
%token SQUARE_OPEN "[" SQUARE_CLOSE "]" BRACE_OPEN "{" BRACE_CLOSE "}"
%token LESS "<" GREATER ">" LESS_EQUAL "<=" GREATER_EQUAL ">=" EQUAL "==" NOT_EQUAL "!="

%type <expr> expr choice disjunction conjunction negation comparison sum term signed power
%type <expr> primary reference item
%type <argument> argument binder
%type <arguments> items some_items arguments some_arguments binders
%type <declarator> declarator typed_declarator sized_declarator initial
%type <declarators> declarators some_declarators names
%type <parameter> parameter
%type <parameters> parameters some_parameters
%type <statement> statement header claim core equation setting
%type <statements> statements body settings setting_list

%%

start: START_FILE statements            { parser->body = $2; }
     | START_EXPR expr                  { parser->expr = $2; }
     | START_INIT initial               { parser->declarator = $2; }
     | START_DECLARATOR declarator      { parser->declarator = $2; }
     | START_HEADER header              { parser->header = $2; }
     ;

statements: statement                   { $$ = (StatementList){0}; build_add(parser, &$$, $1); }
          | statements SEPARATOR { yyerrok; } statement
                                        { $$ = $1; build_add(parser, &$$, $4); }
          ;
body: "{" statements "}"                { $$ = $2; }
    ;

statement: %empty                       { $$ = NULL; }
         | error                        { $$ = NULL; }
         | MODEL NAME                   { $$ = build_definition(parser, @$, AST_MODEL, &@2, NULL); }
         | PRECISION NAME
                                        { $$ = build_definition(parser, @$, AST_PRECISION, &@2,
                                          NULL); }
         | CONST NAME "=" expr          { $$ = build_definition(parser, @$, AST_CONST, &@2, $4); }
         | LET NAME "=" expr            { $$ = build_definition(parser, @$, AST_LET, &@2, $4); }
         | INPUT some_declarators       { $$ = build_declaration(parser, @$, AST_INPUT, $2); }
         | TARGET some_declarators      { $$ = build_declaration(parser, @$, AST_TARGET, $2); }
         | PARAM some_declarators       { $$ = build_declaration(parser, @$, AST_PARAM, $2); }
         | STATE some_declarators       { $$ = build_declaration(parser, @$, AST_STATE, $2); }
         | REQUIRE expr "," STRING      { $$ = build_definition(parser, @$, AST_REQUIRE, NULL, $2);
                                          $$->text = build_text(parser, @4); }
         | IMPORT STRING                { $$ = build_statement(parser, @$, AST_IMPORT);
                                          $$->text = build_text(parser, @2); }
         | header body                  { $$ = $1; $$->span = @$; $$->body = build_body($2); }
         | LOSS claim                   { $$ = $2; $$->span = @$; $$->kind = AST_LOSS; }
         | METRIC claim                 { $$ = $2; $$->span = @$; $$->kind = AST_METRIC; }
         | DATA settings                { $$ = build_statement(parser, @$, AST_DATA);
                                          $$->body = build_body($2); }
         | TRAIN settings               { $$ = build_statement(parser, @$, AST_TRAIN);
                                          $$->body = build_body($2); }
         | SWEEP key IN expr            { $$ = build_definition(parser, @$, AST_SWEEP, &@2, $4); }
         | equation
         | WHEN NAME body               { $$ = build_definition(parser, @$, AST_WHEN, &@2, NULL);
                                          $$->body = build_body($3); }
         | WHEN NAME body ELSE body     { $$ = build_definition(parser, @$, AST_WHEN, &@2, NULL);
                                          $$->body = build_body($3);
                                          $$->otherwise = build_body($5);
                                          $$->has_otherwise = true; }
         | REPEAT expr body             { $$ = build_definition(parser, @$, AST_REPEAT, NULL, $2);
                                          $$->body = build_body($3); }
         | NAME ":" expr                { $$ = build_definition(parser, @$, AST_STAGE, &@1, $3); }
         | expr                         { $$ = build_definition(parser, @$, AST_STAGE, NULL, $1); }
         ;

/* Definitions with a body */
header: LAYER NAME "(" parameters ")" "(" declarators ")" ARROW some_declarators
                                        { $$ = build_header(parser, @$, AST_LAYER, &@2);
                                          $$->parameter = $4.item; $$->parameter_count = $4.count;
                                          build_signature(parser, $$, $7, $10); }
      | BLOCK NAME "(" parameters ")"   { $$ = build_header(parser, @$, AST_BLOCK, &@2);
                                          $$->parameter = $4.item; $$->parameter_count = $4.count; }
      | NETWORK names ARROW names       { $$ = build_header(parser, @$, AST_NETWORK, NULL);
                                          build_signature(parser, $$, $2, $4); }
      ;
parameters: %empty                      { $$ = (ParameterList){0}; }
          | some_parameters
          ;
some_parameters: parameter              { $$ = (ParameterList){0};
                                          list_add(parser->compile->arena, $$, $1); }
               | some_parameters "," parameter
                                        { $$ = $1; list_add(parser->compile->arena, $$, $3); }
               ;
parameter: NAME                         { $$ = (AstParameter){build_name(parser, @1), @1, NULL}; }
         | NAME "=" expr                { $$ = (AstParameter){build_name(parser, @1), @1, $3}; }
         ;
names: NAME                             { $$ = (DeclaratorList){0};
                                          AstDeclarator d = {.name = build_name(parser, @1),
                                          .span = @1};
                                          list_add(parser->compile->arena, $$, d); }
     | names "," NAME                   { $$ = $1;
                                          AstDeclarator d = {.name = build_name(parser, @3),
                                          .span = @3};
                                          list_add(parser->compile->arena, $$, d); }
     ;
claim: NAME "=" expr                    { $$ = build_definition(parser, @$, AST_LOSS, &@1, $3); }
     | expr                             { $$ = build_definition(parser, @$, AST_LOSS, NULL, $1); }
     ;

/* Declared tensors: NAME[DIMS]: class(K) = INIT if CONDITION else OTHERWISE */
declarators: %empty                     { $$ = (DeclaratorList){0}; }
           | some_declarators
           ;
some_declarators: declarator            { $$ = (DeclaratorList){0};
                                          list_add(parser->compile->arena, $$, $1); }
                | some_declarators "," declarator
                                        { $$ = $1; list_add(parser->compile->arena, $$, $3); }
                ;
declarator: typed_declarator
          | typed_declarator "=" initial
                                        { $$ = $1; $$.init = $3.init; $$.condition = $3.condition;
                                          $$.otherwise = $3.otherwise; }
          ;
typed_declarator: sized_declarator
                | sized_declarator ":" NAME
                                        { $$ = $1; build_class(parser, &$$, @3, NULL); }
                | sized_declarator ":" NAME "(" expr ")"
                                        { $$ = $1; build_class(parser, &$$, @3, $5); }
                ;
sized_declarator: NAME
                                        { $$ = (AstDeclarator){.name = build_name(parser, @1),
                                          .span = @1}; }
                | NAME "[" items "]"
                                        { $$ = (AstDeclarator){.name = build_name(parser, @1),
                                          .span = @1};
                                          build_dims(parser, &$$, $3); }
                ;
initial: expr                           { $$ = (AstDeclarator){.init = $1}; }
       | expr IF expr ELSE expr
                                        { $$ = (AstDeclarator){.init = $1, .condition = $3,
                                          .otherwise = $5}; }
       ;

/* Settings: any word may be a key */
settings: "{" setting_list "}"          { $$ = $2; }
        ;
setting_list: setting                   { $$ = (StatementList){0}; build_add(parser, &$$, $1); }
            | setting_list SEPARATOR { yyerrok; } setting
                                        { $$ = $1; build_add(parser, &$$, $4); }
            ;
setting: %empty                         { $$ = NULL; }
       | error                          { $$ = NULL; }
       | key "=" expr                   { $$ = build_definition(parser, @$, AST_SETTING, &@1, $3); }
       ;
key: NAME | MODEL | PRECISION | CONST | INPUT | TARGET | PARAM | STATE | LET | REQUIRE | IMPORT
   | LAYER | BLOCK | NETWORK | LOSS | METRIC | DATA | TRAIN | SWEEP | FOR | UPDATE | WHEN | REPEAT
   | IF | THEN | ELSE | IN | NOT | AND | OR
   ;

/* Equations */
equation: core
        | UPDATE core                   { $$ = $2; $$->span = @$; $$->is_update = true; }
        | FOR binders ":" core          { $$ = $4; $$->span = @$;
                                          $$->binder = $2.item; $$->binder_count = $2.count; }
        | FOR binders ":" UPDATE core   { $$ = $5; $$->span = @$; $$->is_update = true;
                                          $$->binder = $2.item; $$->binder_count = $2.count; }
        ;
core: reference "=" expr                { $$ = build_equation(parser, @$, $1, false, $3); }
    | reference ACCUMULATE expr         { $$ = build_equation(parser, @$, $1, true, $3); }
    ;
binders: binder                         { $$ = (ArgumentList){0};
                                          list_add(parser->compile->arena, $$, $1); }
       | binders "," binder             { $$ = $1; list_add(parser->compile->arena, $$, $3); }
       ;
binder: NAME                            { $$ = build_binder(parser, @1, NULL); }
      | NAME "<" sum                    { $$ = build_binder(parser, @1, $3); }
      | REST
                                        { $$ = build_argument(parser, NULL, build_leaf(parser, @1,
                                          AST_REST)); }
      ;

/* Expressions, loosest first */
expr: choice
    | expr PIPE choice                  { $$ = build_pipe(parser, @$, $1, $3); }
    ;
choice: disjunction
      | IF disjunction THEN choice ELSE choice
                                        { $$ = build_if(parser, @$, $2, $4, $6); }
      ;
disjunction: conjunction
           | disjunction OR conjunction { $$ = build_binary(parser, @$, AST_OR, $1, $3); }
           ;
conjunction: negation
           | conjunction AND negation   { $$ = build_binary(parser, @$, AST_AND, $1, $3); }
           ;
negation: comparison
        | NOT negation                  { $$ = build_unary(parser, @$, AST_NOT, $2); }
        ;
comparison: sum
          | sum "<" sum                 { $$ = build_binary(parser, @$, AST_LESS, $1, $3); }
          | sum LESS_EQUAL sum          { $$ = build_binary(parser, @$, AST_LESS_EQUAL, $1, $3); }
          | sum ">" sum                 { $$ = build_binary(parser, @$, AST_GREATER, $1, $3); }
          | sum GREATER_EQUAL sum
                                        { $$ = build_binary(parser, @$, AST_GREATER_EQUAL, $1, $3);
                                          }
          | sum EQUAL sum               { $$ = build_binary(parser, @$, AST_EQUAL, $1, $3); }
          | sum NOT_EQUAL sum           { $$ = build_binary(parser, @$, AST_NOT_EQUAL, $1, $3); }
          ;
sum: term
   | sum "+" term                       { $$ = build_binary(parser, @$, AST_ADD, $1, $3); }
   | sum "-" term                       { $$ = build_binary(parser, @$, AST_SUBTRACT, $1, $3); }
   ;
term: signed
    | term "*" signed                   { $$ = build_binary(parser, @$, AST_MULTIPLY, $1, $3); }
    | term "/" signed                   { $$ = build_binary(parser, @$, AST_DIVIDE, $1, $3); }
    | term FLOOR_DIVIDE signed          { $$ = build_binary(parser, @$, AST_FLOOR_DIVIDE, $1, $3); }
    | term "%" signed                   { $$ = build_binary(parser, @$, AST_REMAINDER, $1, $3); }
    ;
signed: power
      | "-" signed                      { $$ = build_unary(parser, @$, AST_NEGATE, $2); }
      ;
power: primary
     | primary "^" signed               { $$ = build_binary(parser, @$, AST_POWER, $1, $3); }
     ;
primary: NUMBER                         { $$ = build_number(parser, @1); }
       | STRING                         { $$ = build_string(parser, @1); }
       | HOLE                           { $$ = build_leaf(parser, @1, AST_HOLE); }
       | reference
       | "[" items "]"                  { $$ = build_list(parser, @$, $2); }
       | "(" some_arguments ")"         { $$ = build_parentheses(parser, @$, $2); }
       | NAME "(" arguments ")"         { $$ = build_named(parser, @$, @1, AST_CALL, $3); }
       | NAME "(" arguments ")" "(" arguments ")"
                                        { AstExpr *call = build_named(parser, span_join(@1, @4),
                                          @1, AST_CALL, $3);
                                          $$ = build_apply(parser, @$, call, $6); }
       | NAME "(" arguments ":" expr ")"
                                        { $$ = build_reduce(parser, @$, @1, $3, $5); }
       ;
reference: NAME
                                        { $$ = build_named(parser, @$, @1, AST_NAME,
                                          (ArgumentList){0}); }
         | NAME "[" items "]"           { $$ = build_named(parser, @$, @1, AST_SUBSCRIPT, $3); }
         ;

items: %empty                           { $$ = (ArgumentList){0}; }
     | some_items
     ;
some_items: item
                                        { $$ = (ArgumentList){0};
                                          AstArgument a = build_argument(parser, NULL, $1);
                                          list_add(parser->compile->arena, $$, a); }
          | some_items "," item         { $$ = $1; AstArgument a = build_argument(parser, NULL, $3);
                                          list_add(parser->compile->arena, $$, a); }
          ;
item: expr
    | REST                              { $$ = build_leaf(parser, @1, AST_REST); }
    ;
arguments: %empty                       { $$ = (ArgumentList){0}; }
         | some_arguments
         ;
some_arguments: argument                { $$ = (ArgumentList){0};
                                          list_add(parser->compile->arena, $$, $1); }
              | some_arguments "," argument
                                        { $$ = $1; list_add(parser->compile->arena, $$, $3); }
              ;
argument: item                          { $$ = build_argument(parser, NULL, $1); }
        | NAME "=" expr                 { $$ = build_argument(parser, &@1, $3); }
        ;

%%

// From the first part that is not empty to the last; an empty rule lies at the end of what came
// before it.
static Span rule_span(const Span *part, int count) {
    Span end = {part[0].file, part[0].end, part[0].end};
    if (count > 0) end = (Span){part[count].file, part[count].end, part[count].end};
    for (int i = 1; i <= count; i++)
        if (part[i].begin < part[i].end) return span_join(part[i], end);
    return end;
}

// Bison calls this only when its stack is full: operators nested some thousand deep.
static void net_error(const Span *at, Parser *parser, const char *message) {
    (void)message;
    parser_report(parser, E_DEPTH, *at, "this is nested too deeply");
    parser->stopped = true;
}

// What could have stood there, as people say it: "an expression" rather than nine tokens.
typedef struct Expected {
    bool has[YYNTOKENS];
} Expected;

#define FORGET(e, ...)                                                                             \
    forget((e), (const yysymbol_kind_t[]){__VA_ARGS__, YYSYMBOL_YYEMPTY})

static void forget(Expected *e, const yysymbol_kind_t *symbol) {
    for (; *symbol != YYSYMBOL_YYEMPTY; symbol++) e->has[*symbol] = false;
}

static void forget_keywords(Expected *e) {
    for (int i = YYSYMBOL_MODEL; i <= YYSYMBOL_OR; i++) e->has[i] = false;
}

static void forget_operators(Expected *e) {
    FORGET(e, YYSYMBOL_PLUS, YYSYMBOL_MINUS, YYSYMBOL_TIMES, YYSYMBOL_DIVIDE, YYSYMBOL_FLOOR_DIVIDE,
           YYSYMBOL_REMAINDER, YYSYMBOL_POWER, YYSYMBOL_LESS, YYSYMBOL_GREATER, YYSYMBOL_LESS_EQUAL,
           YYSYMBOL_GREATER_EQUAL, YYSYMBOL_EQUAL, YYSYMBOL_NOT_EQUAL, YYSYMBOL_AND, YYSYMBOL_OR,
           YYSYMBOL_PIPE, YYSYMBOL_IF, YYSYMBOL_PAREN_OPEN, YYSYMBOL_SQUARE_OPEN);
}

static void forget_expression(Expected *e) {
    FORGET(e, YYSYMBOL_NAME, YYSYMBOL_NUMBER, YYSYMBOL_STRING, YYSYMBOL_HOLE, YYSYMBOL_IF,
           YYSYMBOL_NOT, YYSYMBOL_MINUS, YYSYMBOL_PAREN_OPEN, YYSYMBOL_SQUARE_OPEN, YYSYMBOL_REST);
}

// "a", "a or b", "a, b or c"
static const char *join_choices(Arena *a, const char *const *choice, int count) {
    Text list = text_new(a);
    for (int i = 0; i < count; i++) {
        if (i) text_add(&list, i == count - 1 ? " or " : ", ");
        text_add(&list, choice[i]);
    }
    return list.bytes;
}

static bool is_described(const char *name) {
    return strncmp(name, "a ", 2) == 0 || strncmp(name, "the ", 4) == 0;
}

static const char *expected_text(Arena *a, yysymbol_kind_t found, Expected *e) {
    if (found == YYSYMBOL_YYEOF && e->has[YYSYMBOL_BRACE_CLOSE]) return "'}'";
    const char *choice[YYNTOKENS + 1];
    int count = 0;
    if (e->has[YYSYMBOL_SEPARATOR]) FORGET(e, YYSYMBOL_YYEOF, YYSYMBOL_BRACE_CLOSE);
    if (e->has[YYSYMBOL_MODEL] && e->has[YYSYMBOL_NUMBER]) {
        choice[count++] = "a statement";
        forget_keywords(e);
        forget_expression(e);
        FORGET(e, YYSYMBOL_SEPARATOR);
    } else if (e->has[YYSYMBOL_MODEL]) {
        choice[count++] = "a name";
        forget_keywords(e);
        FORGET(e, YYSYMBOL_NAME);
    } else if (e->has[YYSYMBOL_NUMBER] && e->has[YYSYMBOL_NAME]) {
        choice[count++] = "an expression";
        forget_expression(e);
    } else if (e->has[YYSYMBOL_TIMES] || e->has[YYSYMBOL_PLUS]) {
        choice[count++] = "an operator";
        forget_operators(e);
        if (e->has[YYSYMBOL_SEPARATOR])
            FORGET(e, YYSYMBOL_ACCUMULATE, YYSYMBOL_ASSIGN, YYSYMBOL_COLON, YYSYMBOL_COMMA);
    }
    FORGET(e, YYSYMBOL_NEWLINE);
    for (int i = 0; i < YYNTOKENS; i++) {
        if (!e->has[i]) continue;
        const char *name = yysymbol_name((yysymbol_kind_t)i);
        choice[count++] = is_described(name) ? name : arena_printf(a, "'%s'", name);
    }
    return join_choices(a, choice, count);
}

static const char *found_text(Parser *p, const yypcontext_t *context, Span at) {
    Arena *a = p->compile->arena;
    yysymbol_kind_t kind = yypcontext_token(context);
    const char *text = span_text(p->compile->sources, a, at);
    if (kind == YYSYMBOL_YYEOF) return "the end of the text";
    if (kind == YYSYMBOL_SEPARATOR) return *text == ';' ? "';'" : "the end of the line";
    if (kind == YYSYMBOL_NAME) return arena_printf(a, "the name '%.40s'", text);
    if (kind == YYSYMBOL_NUMBER) return arena_printf(a, "the number %.40s", text);
    if (kind == YYSYMBOL_STRING) return "a string";
    if (kind >= YYSYMBOL_MODEL && kind <= YYSYMBOL_OR)
        return arena_printf(a, "the keyword '%s'", text);
    return arena_printf(a, "'%s'", text);
}

static bool is_comparison(yysymbol_kind_t kind) {
    return kind == YYSYMBOL_LESS || kind == YYSYMBOL_GREATER || kind == YYSYMBOL_LESS_EQUAL ||
           kind == YYSYMBOL_GREATER_EQUAL || kind == YYSYMBOL_EQUAL || kind == YYSYMBOL_NOT_EQUAL;
}

static bool is_binary(yysymbol_kind_t kind) {
    return is_comparison(kind) || kind == YYSYMBOL_PLUS || kind == YYSYMBOL_TIMES ||
           kind == YYSYMBOL_DIVIDE || kind == YYSYMBOL_REMAINDER || kind == YYSYMBOL_POWER ||
           kind == YYSYMBOL_FLOOR_DIVIDE || kind == YYSYMBOL_AND || kind == YYSYMBOL_OR ||
           kind == YYSYMBOL_PIPE;
}

// The remedy for mistakes that other languages teach; NULL if there is none to name.
static const char *remedy(const Parser *p, yysymbol_kind_t found, const Expected *e) {
    int before = p->kind_before_last;
    bool at_statement = before == T_SEPARATOR || before == T_BRACE_OPEN || before == 0;
    if (found == YYSYMBOL_ELSE && at_statement) return "'} else {' stands on one line";
    if (at_statement && is_binary(found))
        return "a line does not continue the one before: put the operator at the end of that line";
    if (found == YYSYMBOL_TIMES && before == T_TIMES) return "the power is written ^";
    if (found == YYSYMBOL_ASSIGN && before == T_ASSIGN)
        return "equality is written ==, without space";
    if (found == YYSYMBOL_ASSIGN && e->has[YYSYMBOL_TIMES]) return "to compare, write ==";
    if (is_comparison(found) && e->has[YYSYMBOL_AND])
        return "comparisons do not chain: write a < b and b < c";
    bool wants_name = e->has[YYSYMBOL_NAME] && !e->has[YYSYMBOL_NUMBER];
    if (found >= YYSYMBOL_MODEL && found <= YYSYMBOL_OR && wants_name)
        return "a keyword cannot be a name: choose another";
    bool wants_list = e->has[YYSYMBOL_PAREN_OPEN] && !e->has[YYSYMBOL_NUMBER] &&
                      !e->has[YYSYMBOL_TIMES];
    if (found == YYSYMBOL_SEPARATOR && wants_list)
        return "a layer has two lists, its arguments and its inputs: "
               "layer F(scale=1) (x[..]) -> y[..] {";
    return NULL;
}

static int yyreport_syntax_error(const yypcontext_t *context, Parser *p) {
    Span at = *yypcontext_location(context);
    yysymbol_kind_t symbol[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, symbol, YYNTOKENS);
    Expected expected = {{false}};
    for (int i = 0; i < count; i++) expected.has[symbol[i]] = true;
    yysymbol_kind_t found = yypcontext_token(context);
    const char *help = remedy(p, found, &expected);
    const char *what = found_text(p, context, at);
    Arena *a = p->compile->arena;
    Diagnostic *d = parser_report(p, E_SYNTAX, at, "found %s, expected %s", what,
                                  expected_text(a, found, &expected));
    int bracket = 0;
    const Span *open = feed_open_bracket(p, &bracket);
    if (open && (found == YYSYMBOL_YYEOF || bracket != T_BRACE_OPEN))
        report_note(p->compile->diagnostics, d, *open, "this bracket is still open");
    if (help) report_help(p->compile->diagnostics, d, "%s", help);
    feed_recover(p);
    return 0;
}
