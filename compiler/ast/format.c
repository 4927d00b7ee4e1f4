// format.c: a whole tree as canonical .net text, as a careful author would lay it out.
//
// Kept from the author: comments, single blank lines, `=` signs that stand below one another on
// neighbouring lines, and bodies written on one line. All else follows from the tree: two spaces of
// indentation, one statement a line, lines of at most 120 columns broken where the grammar lets a
// statement go on. Formatting formatted text changes nothing.
#include "ast/print.h"

#include <string.h>

enum { WIDTH = 120, INDENT = 2 };

typedef struct Formatter {
    const Ast *ast;
    const char *source; // the .net text the tree came from; NULL if there is none
    Text out;
    int indent;
    int comment;       // the next one to print
    uint32_t last_end; // where the item printed last ends in the source
    const AstStatement *last;
    bool at_top; // nothing printed in this body yet
} Formatter;

// One line to be: the parts before and from its '='.
typedef struct Line {
    Text left, right;
    int padding; // added before '=' to align it
} Line;

static int columns(const char *from, const char *to) {
    int count = 0;
    for (; from < to; from++) count += (*from & 0xC0) != 0x80;
    return count;
}

static bool is_wider(const char *text, int room) {
    for (int count = 0; *text; text++)
        if ((*text & 0xC0) != 0x80 && ++count > room) return true;
    return false;
}

static int width(const char *text) {
    return columns(text, text + strlen(text));
}

static const char *line_begin(const Formatter *f, uint32_t offset) {
    const char *p = f->source + offset;
    while (p > f->source && p[-1] != '\n') p--;
    return p;
}

static int newlines(const Formatter *f, uint32_t from, uint32_t to) {
    int count = 0;
    for (uint32_t i = from; i < to; i++) count += f->source[i] == '\n';
    return count;
}

static void begin_line(Formatter *f) {
    for (int i = 0; i < f->indent; i++) text_add(&f->out, " ");
}

// Comments and blank lines

static const AstComment *next_comment(const Formatter *f) {
    return f->comment < f->ast->comment_count ? &f->ast->comment[f->comment] : NULL;
}

// A blank line, if the author left some between the last item and this one.
static void keep_blank_line(Formatter *f, uint32_t begin) {
    if (!f->at_top && f->source && newlines(f, f->last_end, begin) > 1) text_add(&f->out, "\n");
    f->at_top = false;
}

static void add_comment(Formatter *f, const AstComment *c) {
    text_add_bytes(&f->out, f->source + c->span.begin, c->span.end - c->span.begin);
    f->last_end = c->span.end;
    f->comment++;
}

static void print_comment(Formatter *f) {
    begin_line(f);
    add_comment(f, next_comment(f));
    text_add(&f->out, "\n");
}

static void flush_comments(Formatter *f, uint32_t before) {
    for (const AstComment *c; (c = next_comment(f)) && c->span.begin < before;) {
        keep_blank_line(f, c->span.begin);
        print_comment(f);
    }
}

// Comments amid a broken expression go before its statement.
static void lift_comments(Formatter *f, const AstStatement *s) {
    for (const AstComment *c; (c = next_comment(f)) && c->span.begin < s->span.end;)
        print_comment(f);
}

static int output_column(const Formatter *f) {
    const char *end = f->out.bytes + f->out.size, *begin = end;
    while (begin > f->out.bytes && begin[-1] != '\n') begin--;
    return columns(begin, end);
}

// The next comment behind what is printed, in the author's column if there is room.
static void trail_comment(Formatter *f) {
    const AstComment *c = next_comment(f);
    int now = output_column(f);
    int wanted = columns(line_begin(f, c->span.begin), f->source + c->span.begin);
    int column = wanted > now + 2 && wanted <= WIDTH ? wanted : now + 2;
    for (; now < column; now++) text_add(&f->out, " ");
    add_comment(f, c);
}

// Ends the line, with the comment that follows on the same line of the source before `limit`.
static void end_line(Formatter *f, uint32_t end, uint32_t limit) {
    const AstComment *c = next_comment(f);
    bool follows = f->source && c && !c->own_line && c->span.begin < limit &&
                   c->span.begin >= end && newlines(f, end, c->span.begin) == 0;
    f->last_end = end;
    if (follows) trail_comment(f);
    text_add(&f->out, "\n");
}

// Lines

static bool is_word_before(const char *begin, const char *space, const char *word) {
    size_t size = strlen(word);
    if ((size_t)(space - begin) < size + 1 || memcmp(space - size, word, size) != 0) return false;
    return space[-(ptrdiff_t)size - 1] == ' ';
}

enum { NO_BREAK = 1000, DEEPER = 4 };

// How badly a break at this space, or behind a tight operator, would read: shallow brackets first,
// then = and words, commas, operators.
static int break_cost(const char *begin, const char *space, int depth) {
    char before = space > begin ? space[-1] : '\0';
    bool is_word = is_word_before(begin, space, "then") || is_word_before(begin, space, "else") ||
                   is_word_before(begin, space, "and") || is_word_before(begin, space, "or");
    int cost = depth > 0 ? 3 : NO_BREAK; // inside of brackets any space will do
    bool is_comparison = before == '<' || (before == '>' && space[-2] != '-') ||
                         (before == '=' && strchr("=<>!", space[-2]));
    if (before && strchr("+-*/%^<>=", before)) cost = 2;
    if (before == ',') cost = depth > 0;
    if (is_word || (before == '=' && !is_comparison)) cost = 0;
    if (before == ':') cost = depth > 0;
    if (is_comparison) cost = 3;
    return cost + (depth > 0 ? DEEPER * depth : 0);
}

// The best place to break at within `room` columns, or else the first that will do. `*depth` is
// that of the brackets open at `text`, and afterwards at the break.
static const char *find_break(const char *text, int room, int *depth) {
    const char *found = NULL;
    int found_cost = NO_BREAK, found_depth = 0, now = *depth;
    bool in_string = false;
    for (const char *p = text; *p; p++) {
        if (found && columns(text, p) > room) break;
        if (in_string && *p == '\\')
            p++;
        else if (*p == '"')
            in_string = !in_string;
        else if (!in_string)
            now += (*p == '(' || *p == '[') - (*p == ')' || *p == ']');
        bool is_tight = p > text && (p[-1] == '*' || p[-1] == '/') && *p != '/'; // no space there
        int cost = (*p == ' ' || is_tight) && !in_string ? break_cost(text, p, now) : NO_BREAK;
        if (cost >= NO_BREAK || cost > found_cost) continue;
        found = p;
        found_cost = cost;
        found_depth = now;
    }
    *depth = found_depth;
    return found;
}

// A line that is too long goes on in lines indented by `more`.
static void add_broken(Formatter *f, const char *text, int more) {
    int room = WIDTH - f->indent, depth = 0;
    while (is_wider(text, room)) {
        const char *at = find_break(text, room, &depth);
        if (!at) break;
        text_add_bytes(&f->out, text, (size_t)(at - text));
        text_printf(&f->out, "\n%*s", f->indent + more, "");
        text = at + (*at == ' ');
        room = WIDTH - f->indent - more;
    }
    text_add(&f->out, text);
}

static const char *line_text(Arena *a, const Line *l) {
    if (!l->right.size) return l->left.bytes;
    return arena_printf(a, "%s%*s%s", l->left.bytes, l->padding + 1, "", l->right.bytes);
}

static Line make_line(const Formatter *f, const AstStatements *body, int i) {
    Line line = {text_new(f->out.arena), text_new(f->out.arena), 0};
    const AstStatement *s = body->item[i];
    print_head(&line.left, &line.right, s);
    bool beside_target = (i > 0 && body->item[i - 1]->kind == AST_TARGET) ||
                         (i + 1 < body->count && body->item[i + 1]->kind == AST_TARGET);
    if (s->kind == AST_INPUT &&
        beside_target) { // input and target begin their names below one another
        Text padded = text_new(f->out.arena);
        text_printf(&padded, "input  %s", line.left.bytes + strlen("input "));
        line.left = padded;
    }
    return line;
}

// Alignment

// In which column of the source the '=' of a statement stands; -1 if it has none or does not stand
// on one line.
static int assign_column(const Formatter *f, const AstStatement *s, const Line *line) {
    if (!f->source || !line->right.size || newlines(f, s->span.begin, s->span.end)) return -1;
    int depth = 0;
    for (uint32_t i = s->span.begin; i < s->span.end; i++) {
        char c = f->source[i];
        if (c == '(' || c == '[') depth++;
        if (c == ')' || c == ']') depth--;
        if (depth == 0 && (c == '=' || (c == '+' && f->source[i + 1] == '=')))
            return columns(line_begin(f, s->span.begin), f->source + i);
    }
    return -1;
}

static bool are_neighbours(const Formatter *f, const AstStatement *a, const AstStatement *b) {
    return f->source && newlines(f, a->span.end, b->span.begin) == 1;
}

// How many statements from `i` on stand on neighbouring lines with their '=' in one column.
static int count_aligned(const Formatter *f, const AstStatements *body, int i, const Line *line) {
    AstStatement *const *s = body->item;
    int count = 1, column = -1;
    for (; i + count < body->count; count++) {
        if (!are_neighbours(f, s[i + count - 1], s[i + count])) break;
        if (count == 1) column = assign_column(f, s[i], &line[i]);
        if (column < 0 || assign_column(f, s[i + count], &line[i + count]) != column) break;
    }
    return count;
}

static void align(const Formatter *f, Line *line, int count) {
    int widest = 0, longest = 0;
    for (int i = 0; i < count; i++) {
        int left = width(line[i].left.bytes), right = width(line[i].right.bytes);
        if (left > widest) widest = left;
        if (right > longest) longest = right;
    }
    if (f->indent + widest + 1 + longest > WIDTH) return;
    for (int i = 0; i < count; i++) line[i].padding = widest - width(line[i].left.bytes);
}

// Statements

static bool has_body(AstStatementKind kind) {
    return kind == AST_LAYER || kind == AST_BLOCK || kind == AST_NETWORK || kind == AST_DATA ||
           kind == AST_TRAIN || kind == AST_WHEN || kind == AST_REPEAT;
}

static bool fits_one_line(const Formatter *f, const AstStatement *s, const char *text) {
    if (f->indent + width(text) > WIDTH) return false;
    if (f->source) return newlines(f, s->span.begin, s->span.end) == 0;
    return s->kind == AST_REPEAT && s->body.count == 1 && !has_body(s->body.item[0]->kind);
}

static void format_statements(Formatter *f, const AstStatements *body, uint32_t end);

// Where the brace stands that closes a body which another one follows: only space and comments lie
// before it.
static uint32_t find_brace(const Formatter *f, uint32_t from) {
    for (; f->source[from] != '}'; from++)
        if (f->source[from] == '#')
            while (f->source[from + 1] != '\n') from++;
    return from;
}

// { body }, from the brace on the line begun; `close` is where the closing brace stands in the
// source.
static void format_body(Formatter *f, const AstStatements *body, uint32_t close) {
    text_add(&f->out, " {");
    uint32_t limit = body->count ? body->item[0]->span.begin : close;
    const AstComment *c = next_comment(f);
    if (f->source && c && !c->own_line && c->span.begin < limit) trail_comment(f);
    text_add(&f->out, "\n");
    f->indent += INDENT;
    f->at_top = true;
    format_statements(f, body, close);
    f->indent -= INDENT;
    begin_line(f);
    text_add(&f->out, "}");
    f->at_top = false;
}

static void format_bodies(Formatter *f, const AstStatement *s) {
    uint32_t close = s->span.end - 1, between = close;
    if (s->has_otherwise && f->source)
        between = find_brace(f, s->body.count ? s->body.item[s->body.count - 1]->span.end
                                              : s->name_span.end);
    format_body(f, &s->body, between);
    if (!s->has_otherwise) return;
    text_add(&f->out, " else");
    format_body(f, &s->otherwise, close);
}

static void format_statement(Formatter *f, const AstStatement *s, const Line *line,
                             uint32_t limit) {
    const char *whole = ast_print_statement(f->out.arena, s);
    bool is_open = has_body(s->kind) && !fits_one_line(f, s, whole);
    if (f->source && !is_open) lift_comments(f, s);
    begin_line(f);
    if (is_open) {
        add_broken(f, line->left.bytes, 2 * INDENT); // deeper than the body that follows
        format_bodies(f, s);
    } else if (has_body(s->kind)) {
        text_add(&f->out, whole);
    } else {
        add_broken(f, line_text(f->out.arena, line), INDENT);
    }
    end_line(f, s->span.end, limit);
}

// What belongs together where no author has left blank lines.
static int paragraph(AstStatementKind kind) {
    switch (kind) {
    case AST_MODEL:
    case AST_PRECISION: return 1;
    case AST_IMPORT: return 2;
    case AST_CONST: return 3;
    case AST_INPUT:
    case AST_TARGET: return 4;
    case AST_PARAM:
    case AST_STATE: return 5;
    case AST_EQUATION:
    case AST_WHEN: return 6;
    case AST_LOSS:
    case AST_METRIC: return 7;
    case AST_SWEEP: return 8;
    case AST_LET:
    case AST_REQUIRE:
    case AST_LAYER:
    case AST_BLOCK:
    case AST_NETWORK:
    case AST_DATA:
    case AST_TRAIN:
    case AST_SETTING:
    case AST_REPEAT:
    case AST_STAGE: return 0;
    }
    return 0;
}

static void begin_paragraph(Formatter *f, const AstStatement *s) {
    bool is_new = f->indent == 0 && f->last &&
                  (paragraph(s->kind) == 0 || paragraph(s->kind) != paragraph(f->last->kind));
    if (!f->source && is_new) text_add(&f->out, "\n");
    f->last = s;
}

static void format_statements(Formatter *f, const AstStatements *body, uint32_t end) {
    Line *line = arena_new_array(f->out.arena, Line, body->count + 1);
    for (int i = 0; i < body->count; i++) line[i] = make_line(f, body, i);
    int aligned_until = 0;
    for (int i = 0; i < body->count; i++) {
        if (i == aligned_until) {
            aligned_until = i + count_aligned(f, body, i, line);
            align(f, &line[i], aligned_until - i);
        }
        const AstStatement *s = body->item[i];
        if (f->source) flush_comments(f, s->span.begin);
        keep_blank_line(f, s->span.begin);
        begin_paragraph(f, s);
        format_statement(f, s, &line[i], i + 1 < body->count ? body->item[i + 1]->span.begin : end);
    }
    if (f->source) flush_comments(f, end);
}

static bool is_net_text(const Source *source) {
    if (!source) return false;
    size_t size = strlen(source->path);
    bool is_yaml = (size > 5 && strcmp(source->path + size - 5, ".yaml") == 0) ||
                   (size > 4 && strcmp(source->path + size - 4, ".yml") == 0);
    return !is_yaml;
}

const char *ast_print(Compile *c, const Ast *ast) {
    const Source *source = source_get(c->sources, ast->file);
    Formatter f = {.ast = ast, .out = text_new(c->arena), .at_top = true};
    if (is_net_text(source)) f.source = source->bytes;
    format_statements(&f, &ast->body, source ? (uint32_t)source->size + 1 : 0);
    return f.out.bytes;
}
