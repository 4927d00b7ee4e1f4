// parse.c: the entry points for .net text.
#include "syntax/build.h"
#include "syntax/syntax.h"

#include "net.tab.h"

#include <string.h>

int net_parse(Parser *p);

static bool broken_token_within(const Parser *p, uint32_t begin, uint32_t end) {
    for (int i = 0; i < p->tokens.refused.count; i++) {
        uint32_t at = p->tokens.refused.item[i];
        if (begin <= at && at < end) return true;
    }
    return false;
}

Diagnostic *parser_report(Parser *p, Code code, Span span, const char *format, ...) {
    Diagnostics *d = p->compile->diagnostics;
    p->failed = true;
    uint32_t begin = p->tokens.token.item[p->statement_begin].span.begin;
    if (begin > span.begin) begin = span.begin;
    if (p->stopped || broken_token_within(p, begin, span.end))
        return arena_new_item(d->arena, Diagnostic);
    if (++p->error_count == MOST_ERRORS) p->stopped = true;
    va_list values;
    va_start(values, format);
    const char *text = arena_vprintf(d->arena, format, values);
    va_end(values);
    return report(d, code, span, "%s", text);
}

bool parser_run(Parser *p, Compile *c, Span span, int start, int prefix) {
    *p = (Parser){.compile = c, .start = start, .prefix = prefix};
    bool is_whole = tokens_read(c, span, &p->tokens);
    bool is_parsed = net_parse(p) == 0 && !p->failed;
    return is_whole && is_parsed;
}

static Span whole(const Compile *c, uint32_t file) {
    return (Span){file, 0, (uint32_t)source_get(c->sources, file)->size};
}

Ast *parse_net(Compile *c, uint32_t file) {
    Parser *p = arena_new_item(c->arena, Parser);
    bool is_right = parser_run(p, c, whole(c, file), T_START_FILE, 0);
    Ast *ast = arena_new_item(c->arena, Ast);
    ast->file = file;
    ast->body = build_body(p->body);
    ast->comment = p->tokens.comment.item;
    ast->comment_count = p->tokens.comment.count;
    is_right &= check_places(c, &ast->body, NULL);
    return is_right ? ast : NULL;
}

AstExpr *parse_expr(Compile *c, Span span) {
    Parser *p = arena_new_item(c->arena, Parser);
    return parser_run(p, c, span, T_START_EXPR, 0) ? p->expr : NULL;
}

bool parse_statements(Compile *c, Span span, AstStatements *out) {
    Parser *p = arena_new_item(c->arena, Parser);
    bool is_right = parser_run(p, c, span, T_START_FILE, 0);
    *out = build_body(p->body);
    return is_right;
}

static bool ends_with(const char *path, const char *end) {
    size_t size = strlen(path), end_size = strlen(end);
    return size >= end_size && strcmp(path + size - end_size, end) == 0;
}

Ast *parse_file(Compile *c, const char *path) {
    const char *problem = NULL;
    uint32_t file = source_read(c->sources, path, &problem);
    if (file == 0) {
        report(c->diagnostics, E_FILE, (Span){0}, "%s", problem);
        return NULL;
    }
    bool is_yaml = ends_with(path, ".yaml") || ends_with(path, ".yml");
    return is_yaml ? parse_yaml(c, file) : parse_net(c, file);
}
