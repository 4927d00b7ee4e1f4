// feed.c: hands the grammar its tokens: which newlines end a statement, and where to go on after an
// error.
//
// A newline counts unless a ( or [ is open, the statement is empty so far, or the last token wants
// a continuation. After an error the feed finds the end of the broken statement by counting
// brackets from where it began; a body in braces that belongs to it is passed over, so that one
// mistake gives one message.
#include "syntax/build.h"

#include "net.tab.h"

#include <stdlib.h>

int net_lex(NET_STYPE *value, Span *at, Parser *p);

bool token_begins_statement(int kind) {
    return kind >= T_MODEL && kind <= T_REPEAT;
}

static bool wants_continuation(int kind) {
    switch (kind) {
    case T_ARROW:
    case T_PIPE:
    case T_FLOOR_DIVIDE:
    case T_ACCUMULATE:
    case T_LESS_EQUAL:
    case T_GREATER_EQUAL:
    case T_EQUAL:
    case T_NOT_EQUAL:
    case T_PLUS:
    case T_MINUS:
    case T_TIMES:
    case T_DIVIDE:
    case T_REMAINDER:
    case T_POWER:
    case T_LESS:
    case T_GREATER:
    case T_ASSIGN:
    case T_COMMA:
    case T_COLON:
    case T_THEN:
    case T_ELSE:
    case T_AND:
    case T_OR:
    case T_NOT: return true;
    default: // tokens are bison's list, not ours
        return false;
    }
}

static bool is_opening(int kind) {
    return kind == T_PAREN_OPEN || kind == T_SQUARE_OPEN || kind == T_BRACE_OPEN;
}

static int opening_of(int kind) {
    if (kind == T_PAREN_CLOSE) return T_PAREN_OPEN;
    if (kind == T_SQUARE_CLOSE) return T_SQUARE_OPEN;
    return kind == T_BRACE_CLOSE ? T_BRACE_OPEN : 0;
}

static bool inside_parentheses(const Parser *p) {
    return p->depth > 0 && p->bracket[p->depth - 1].kind != T_BRACE_OPEN;
}

static void open_bracket(Parser *p, const Token *t) {
    if (p->depth == DEEPEST_BRACKET) {
        parser_report(p, E_DEPTH, t->span, "brackets are nested more than %d deep",
                      DEEPEST_BRACKET);
        p->stopped = true;
        return;
    }
    p->bracket[p->depth].kind = t->kind;
    p->bracket[p->depth++].span = t->span;
}

// A brace closes whatever was left open inside of it; other brackets close only their own kind.
static void close_bracket(Parser *p, int opening) {
    int depth = p->depth;
    while (opening == T_BRACE_OPEN && depth > 0 && p->bracket[depth - 1].kind != opening) depth--;
    if (depth == 0 || p->bracket[depth - 1].kind != opening) return;
    p->left_open = depth < p->depth ? depth : 0;
    p->depth = depth - 1;
}

static bool is_skipped(const Parser *p, const Token *t) {
    if (t->kind != T_NEWLINE) return false;
    bool is_empty = p->last_kind == 0 || p->last_kind == T_SEPARATOR ||
                    p->last_kind == T_BRACE_OPEN || p->start != T_START_FILE;
    return is_empty || inside_parentheses(p) || wants_continuation(p->last_kind);
}

static void track(Parser *p, const Token *t, int kind) {
    if (is_opening(kind)) open_bracket(p, t);
    if (opening_of(kind)) close_bracket(p, opening_of(kind));
    p->kind_before_last = p->last_kind;
    p->last_kind = kind;
    if (kind != T_SEPARATOR && kind != T_BRACE_OPEN && kind != T_BRACE_CLOSE) return;
    p->outer_begin = p->statement_begin;
    p->outer_depth = p->statement_depth;
    p->statement_begin = p->at;
    p->statement_depth = p->depth;
}

int net_lex(NET_STYPE *value, Span *at, Parser *p) {
    (void)value; // the tree's makers read the text under the token's span
    const Token *t = &p->tokens.token.item[p->at];
    if (!p->started) {
        p->started = true;
        *at = (Span){t->span.file, t->span.begin, t->span.begin};
        return p->start;
    }
    if (p->prefix && !p->prefixed) {
        p->prefixed = true;
        *at = (Span){t->span.file, t->span.begin, t->span.begin};
        return p->last_kind = p->prefix;
    }
    while (is_skipped(p, t)) t = &p->tokens.token.item[++p->at];
    *at = t->span;
    if (p->stopped || t->kind == T_END) return T_END;
    p->at++;
    int kind = t->kind == T_NEWLINE ? T_SEPARATOR : t->kind;
    track(p, t, kind);
    return p->stopped ? T_END : kind;
}

const Span *feed_open_bracket(const Parser *p, int *kind) {
    bool swept = p->last_kind == T_BRACE_CLOSE && p->left_open;
    int at = swept ? p->left_open : p->depth - 1;
    if (at < 0) return NULL;
    *kind = p->bracket[at].kind;
    return &p->bracket[at].span;
}

// The index of the token that ends the broken statement. `error` is the token where the grammar
// gave up.
static int find_end(const Parser *p, int error) {
    int parentheses = 0, braces = 0, last = 0;
    for (int i = p->statement_begin;; i++) {
        int kind = p->tokens.token.item[i].kind;
        if (kind == T_END) return i;
        int next = p->tokens.token.item[i + 1].kind;
        bool is_unclosed =
            parentheses > 0 && (token_begins_statement(next) || next == T_BRACE_CLOSE);
        bool may_end = braces == 0 && i >= error && (parentheses == 0 || is_unclosed);
        if (may_end && (kind == T_SEPARATOR || (kind == T_NEWLINE && !wants_continuation(last))))
            return i;
        if (kind == T_BRACE_CLOSE && braces == 0 && i >= error) return i;
        if (kind == T_BRACE_OPEN) braces++, parentheses = 0;
        if (kind == T_BRACE_CLOSE) braces -= braces > 0, parentheses = 0;
        if (kind == T_PAREN_OPEN || kind == T_SQUARE_OPEN) parentheses++;
        if (kind == T_PAREN_CLOSE || kind == T_SQUARE_CLOSE) parentheses -= parentheses > 0;
        if (kind != T_NEWLINE) last = kind;
    }
}

void feed_recover(Parser *p) {
    int error = p->at - 1;
    if (p->last_kind == T_SEPARATOR || p->last_kind == T_BRACE_CLOSE) return; // the end is here
    if (p->last_kind == T_BRACE_OPEN) {
        p->statement_begin = p->outer_begin;
        p->statement_depth = p->outer_depth;
    }
    int end = find_end(p, error);
    if (end == error) return;
    p->at = end;
    p->depth = p->statement_depth;
    p->last_kind = T_NAME; // the statement is not empty: the newline that ends it counts
}
