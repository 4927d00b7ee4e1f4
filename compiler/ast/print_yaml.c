// print_yaml.c: a tree as YAML text that reads back as an equal tree.
//
// The tree becomes nodes of YAML first, and those are laid out: what fits a line is written in one
// ([1, 28, 28]), bodies never are. Statements are gathered under their keys as long as that keeps
// the order of those whose order means something; else these go into `body:` one by one. What YAML
// has no form for is written as .net text in quotes.
#include "ast/print.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 100, INDENT = 2 };

typedef struct Node Node;

typedef struct Pair {
    const char *key;
    Node *value;
} Pair;

// A scalar (text), a list (item) or a mapping (pair).
struct Node {
    const char *text;
    LIST(Node *) item;
    LIST(Pair) pair;
    bool is_map;
    bool is_tall; // never on one line
};

typedef struct Maker {
    Arena *arena;
    const Ast *ast;
    LIST(const char *) defined; // the file's own layers and blocks, sorted
} Maker;

// Nodes

static Node *new_text(const Maker *m, const char *text) {
    Node *n = arena_new_item(m->arena, Node);
    n->text = text;
    return n;
}

static Node *new_list(const Maker *m, bool is_tall) {
    Node *n = arena_new_item(m->arena, Node);
    n->is_tall = is_tall;
    return n;
}

static Node *new_map(const Maker *m, bool is_tall) {
    Node *n = new_list(m, is_tall);
    n->is_map = true;
    return n;
}

static void add_item(const Maker *m, Node *list, Node *item) {
    list_add(m->arena, list->item, item);
}

static void add_pair(const Maker *m, Node *map, const char *key, Node *value) {
    Pair pair = {key, value};
    list_add(m->arena, map->pair, pair);
}

static Node *new_pair(const Maker *m, const char *key, Node *value) {
    Node *map = new_map(m, value->is_tall);
    add_pair(m, map, key, value);
    return map;
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has_duplicates(const char **text, int count) {
    qsort(text, (size_t)count, sizeof *text, compare_texts);
    for (int i = 1; i < count; i++)
        if (strcmp(text[i - 1], text[i]) == 0) return true;
    return false;
}

// Duplicate keys are refused in YAML: then the pairs become a list of mappings with one key each.
static Node *without_duplicates(const Maker *m, Node *map) {
    const char **key = arena_new_array(m->arena, const char *, map->pair.count);
    for (int i = 0; i < map->pair.count; i++) key[i] = map->pair.item[i].key;
    if (!has_duplicates(key, map->pair.count)) return map;
    Node *list = new_list(m, true);
    for (int i = 0; i < map->pair.count; i++)
        add_item(m, list, new_pair(m, map->pair.item[i].key, map->pair.item[i].value));
    return list;
}

// Expressions

static bool all_named(const Maker *m, const AstExpr *e) {
    const char **name = arena_new_array(m->arena, const char *, e->argument_count);
    for (int i = 0; i < e->argument_count; i++) {
        if (!e->argument[i].name) return false;
        name[i] = e->argument[i].name;
    }
    return e->argument_count > 0 && !has_duplicates(name, e->argument_count);
}

static Node *text_of(const Maker *m, const AstExpr *e) {
    return new_text(m, ast_print_expr(m->arena, e));
}

typedef Node *MakeValue(const Maker *m, const AstExpr *e);

static Node *items_of(const Maker *m, const AstExpr *e, MakeValue *make) {
    Node *list = new_list(m, false);
    for (int i = 0; i < e->argument_count; i++) add_item(m, list, make(m, e->argument[i].value));
    return list;
}

static Node *pairs_of(const Maker *m, const AstExpr *e, MakeValue *make) {
    Node *map = new_map(m, false);
    for (int i = 0; i < e->argument_count; i++)
        add_pair(m, map, e->argument[i].name, make(m, e->argument[i].value));
    return map;
}

static Node *value_of(const Maker *m, const AstExpr *e) {
    if (e->kind == AST_LIST) return items_of(m, e, value_of);
    if (e->kind == AST_TUPLE && all_named(m, e)) return pairs_of(m, e, value_of);
    return text_of(m, e);
}

// Does a bare text among the files of data read back as this string?
static bool is_bare_file(const char *text) {
    char *end = NULL;
    strtod(text, &end);
    return *text && !strchr("([\"", *text) && *end != '\0';
}

// Where scalars are names of files, expressions stand in parentheses.
static Node *file_of(const Maker *m, const AstExpr *e) {
    if (e->kind == AST_STRING && is_bare_file(e->text)) return new_text(m, e->text);
    if (e->kind == AST_LIST) return items_of(m, e, file_of);
    if (e->kind == AST_TUPLE && all_named(m, e)) return pairs_of(m, e, file_of);
    if (e->kind == AST_NUMBER || e->kind == AST_STRING) return text_of(m, e);
    return new_text(m, arena_printf(m->arena, "(%s)", ast_print_expr(m->arena, e)));
}

static Node *files_of(const Maker *m, const AstExpr *e) {
    if (e->kind == AST_TUPLE && !all_named(m, e)) return items_of(m, e, file_of);
    return e->kind == AST_LIST ? text_of(m, e) : file_of(m, e);
}

// Statements

static const char *without_word(const char *text, const char *word) {
    return text + strlen(word) + 1;
}

static const char *declarator_text(const Maker *m, const AstDeclarator *d) {
    Text out = text_new(m->arena);
    print_declarator(&out, d);
    return out.bytes;
}

static const char *name_and_dims(const Maker *m, const AstDeclarator *d) {
    AstDeclarator bare = {
        .name = d->name, .has_dims = d->has_dims, .dim = d->dim, .dim_count = d->dim_count};
    return declarator_text(m, &bare);
}

// `= INIT if CONDITION else OTHERWISE` without the sign.
static Node *initial_of(const Maker *m, const AstDeclarator *d) {
    if (!d->condition) return value_of(m, d->init);
    AstDeclarator nameless = {
        .name = "", .init = d->init, .condition = d->condition, .otherwise = d->otherwise};
    return new_text(m, declarator_text(m, &nameless) + strlen(" = "));
}

static Node *class_of(const Maker *m, const AstDeclarator *d) {
    return new_text(m, arena_printf(m->arena, "class(%s)", ast_print_expr(m->arena, d->classes)));
}

static Node *shape_of(const Maker *m, const AstDeclarator *d) {
    Node *list = new_list(m, false);
    for (int i = 0; i < d->dim_count; i++) add_item(m, list, text_of(m, d->dim[i]));
    return list;
}

// Statements of one kind that become one value.
typedef struct Group {
    LIST(const AstStatement *) statement;
} Group;

// Inputs: {NAME: [DIMS]} and {NAME: class(K)}, or a list of texts where one has neither.
static Node *tensors_of(const Maker *m, const Group *g) {
    Node *map = new_map(m, false), *list = new_list(m, false);
    bool all_shaped = true;
    for (int i = 0; i < g->statement.count; i++) {
        const AstStatement *s = g->statement.item[i];
        for (int k = 0; k < s->declarator_count; k++) {
            const AstDeclarator *d = &s->declarator[k];
            bool is_shaped = d->has_class != (d->dim_count > 0);
            all_shaped = all_shaped && is_shaped;
            add_item(m, list, new_text(m, declarator_text(m, d)));
            if (is_shaped)
                add_pair(m, map, d->name, d->has_class ? class_of(m, d) : shape_of(m, d));
        }
    }
    return all_shaped ? without_duplicates(m, map) : list;
}

static Node *parameters_of(const Maker *m, const Group *g) {
    Node *map = new_map(m, false);
    for (int i = 0; i < g->statement.count; i++) {
        const AstStatement *s = g->statement.item[i];
        for (int k = 0; k < s->declarator_count; k++)
            add_pair(m, map, name_and_dims(m, &s->declarator[k]), initial_of(m, &s->declarator[k]));
    }
    return without_duplicates(m, map);
}

static Node *definitions_of(const Maker *m, const Group *g) {
    Node *map = new_map(m, false);
    for (int i = 0; i < g->statement.count; i++)
        add_pair(m, map, g->statement.item[i]->name, value_of(m, g->statement.item[i]->expr));
    return without_duplicates(m, map);
}

// The statement without its keyword.
static Node *rest_of(const Maker *m, const AstStatement *s, const char *word) {
    return new_text(m, without_word(ast_print_statement(m->arena, s), word));
}

static Node *rests_of(const Maker *m, const Group *g, const char *word) {
    if (g->statement.count == 1) return rest_of(m, g->statement.item[0], word);
    Node *list = new_list(m, false);
    for (int i = 0; i < g->statement.count; i++)
        add_item(m, list, rest_of(m, g->statement.item[i], word));
    return list;
}

static Node *imports_of(const Maker *m, const Group *g) {
    Node *list = new_list(m, false);
    for (int i = 0; i < g->statement.count; i++)
        add_item(m, list, new_text(m, g->statement.item[i]->text));
    return list;
}

static bool holds_files(const char *key) {
    return strcmp(key, "train") == 0 || strcmp(key, "test") == 0 || strcmp(key, "validation") == 0;
}

static Node *setting_of(const Maker *m, const AstStatement *s, bool is_data) {
    if (is_data && holds_files(s->name)) return files_of(m, s->expr);
    if (is_data && strcmp(s->name, "columns") == 0) return file_of(m, s->expr);
    return value_of(m, s->expr);
}

static Node *settings_of(const Maker *m, const Group *g) {
    Node *list = new_list(m, true);
    for (int i = 0; i < g->statement.count; i++) {
        const AstStatement *s = g->statement.item[i];
        Node *map = new_map(m, s->body.count > 0);
        for (int k = 0; k < s->body.count; k++)
            add_pair(m, map, s->body.item[k]->name,
                     setting_of(m, s->body.item[k], s->kind == AST_DATA));
        add_item(m, list, map);
    }
    return list->item.count == 1 ? list->item.item[0] : list;
}

static Node *body_of(const Maker *m, const AstStatements *body);

// The key under which the statements of a kind stand.
static const char *key_of(AstStatementKind kind) {
    switch (kind) {
    case AST_MODEL: return "model";
    case AST_PRECISION: return "precision";
    case AST_CONST: return "const";
    case AST_INPUT: return "input";
    case AST_TARGET: return "target";
    case AST_PARAM: return "param";
    case AST_STATE: return "state";
    case AST_LET: return "let";
    case AST_REQUIRE: return "require";
    case AST_IMPORT: return "import";
    case AST_LAYER: return "layer";
    case AST_BLOCK: return "block";
    case AST_NETWORK: return "network";
    case AST_LOSS: return "loss";
    case AST_METRIC: return "metric";
    case AST_DATA: return "data";
    case AST_TRAIN: return "train";
    case AST_SWEEP: return "sweep";
    case AST_EQUATION:
    case AST_WHEN:
    case AST_SETTING:
    case AST_REPEAT:
    case AST_STAGE: return "equations";
    }
    return "body";
}

static Node *headed_of(const Maker *m, const Group *g) {
    Node *map = new_map(m, true);
    for (int i = 0; i < g->statement.count; i++) {
        const AstStatement *s = g->statement.item[i];
        Text left = text_new(m->arena), right = text_new(m->arena);
        print_head(&left, &right, s);
        add_pair(m, map, without_word(left.bytes, key_of(s->kind)), body_of(m, &s->body));
    }
    return without_duplicates(m, map);
}

// Stages

// Does the reader take this key for a call?
static bool is_call_name(const Maker *m, const char *name) {
    if (isupper((unsigned char)*name)) return true;
    return m->defined.count && bsearch(&name, m->defined.item, (size_t)m->defined.count,
                                       sizeof *m->defined.item, compare_texts);
}

// NAME: {argument: value} or NAME: value; NULL where the text of the call must do.
static Node *call_of(const Maker *m, const AstExpr *e) {
    if (e->kind != AST_CALL || !is_call_name(m, e->name)) return NULL;
    if (all_named(m, e)) return new_pair(m, e->name, pairs_of(m, e, value_of));
    if (e->argument_count != 1 || e->argument[0].name) return NULL;
    Node *value = value_of(m, e->argument[0].value);
    return value->text ? new_pair(m, e->name, value) : NULL;
}

static Node *stage_of(const Maker *m, const AstStatement *s) {
    Node *call = call_of(m, s->expr);
    if (!s->name) return call ? call : text_of(m, s->expr);
    if (is_call_name(m, s->name)) return new_text(m, ast_print_statement(m->arena, s));
    return new_pair(m, s->name, call ? call : text_of(m, s->expr));
}

static Node *when_of(const Maker *m, const AstStatement *s) {
    Node *map = new_map(m, true);
    add_pair(m, map, "when training", body_of(m, &s->body));
    if (s->has_otherwise) add_pair(m, map, "else", body_of(m, &s->otherwise));
    return map;
}

static Node *item_of(const Maker *m, const AstStatement *s) {
    if (s->kind == AST_STAGE) return stage_of(m, s);
    if (s->kind == AST_WHEN) return when_of(m, s);
    if (s->kind != AST_REPEAT) return new_text(m, ast_print_statement(m->arena, s));
    const char *count = ast_print_expr(m->arena, s->expr);
    return new_pair(m, arena_printf(m->arena, "repeat %s", count), body_of(m, &s->body));
}

static Node *body_of(const Maker *m, const AstStatements *body) {
    Node *list = new_list(m, body->count > 0);
    for (int i = 0; i < body->count; i++) add_item(m, list, item_of(m, body->item[i]));
    return list;
}

static Node *equations_of(const Maker *m, const Group *g) {
    Node *list = new_list(m, true);
    for (int i = 0; i < g->statement.count; i++)
        add_item(m, list, item_of(m, g->statement.item[i]));
    return list;
}

static Node *group_of(const Maker *m, const Group *g) {
    AstStatementKind kind = g->statement.item[0]->kind;
    switch (kind) {
    case AST_MODEL:
    case AST_PRECISION:
    case AST_LOSS:
    case AST_METRIC:
    case AST_REQUIRE: return rests_of(m, g, key_of(kind));
    case AST_INPUT:
    case AST_TARGET: return tensors_of(m, g);
    case AST_PARAM:
    case AST_STATE: return parameters_of(m, g);
    case AST_CONST:
    case AST_LET:
    case AST_SWEEP: return definitions_of(m, g);
    case AST_IMPORT: return imports_of(m, g);
    case AST_DATA:
    case AST_TRAIN: return settings_of(m, g);
    case AST_LAYER:
    case AST_BLOCK:
    case AST_NETWORK: return headed_of(m, g);
    case AST_EQUATION:
    case AST_WHEN:
    case AST_SETTING:
    case AST_REPEAT:
    case AST_STAGE: return equations_of(m, g);
    }
    return equations_of(m, g);
}

// Whole files

// One kind stands for all that share a key.
static AstStatementKind key_kind(AstStatementKind kind) {
    return kind == AST_WHEN ? AST_EQUATION : kind;
}

// Ordered statements can be gathered under their keys if those of one key are neighbours among the
// ordered ones.
static bool can_gather(const AstStatements *body) {
    bool is_closed[AST_STAGE + 1] = {false};
    int last = -1;
    for (int i = 0; i < body->count; i++) {
        if (!ast_is_ordered(body->item[i]->kind)) continue;
        int kind = (int)key_kind(body->item[i]->kind);
        if (kind != last && last >= 0) is_closed[last] = true;
        if (is_closed[kind]) return false;
        last = kind;
    }
    return true;
}

static Node *ordered_item(const Maker *m, const AstStatement *s) {
    if (s->kind == AST_EQUATION || s->kind == AST_WHEN) return item_of(m, s);
    Group alone = {0};
    list_add(m->arena, alone.statement, s);
    return new_pair(m, key_of(s->kind), group_of(m, &alone));
}

static Node *ordered_body(const Maker *m, const AstStatements *body) {
    Node *list = new_list(m, true);
    for (int i = 0; i < body->count; i++)
        if (ast_is_ordered(body->item[i]->kind)) add_item(m, list, ordered_item(m, body->item[i]));
    return list;
}

static Node *file_node(const Maker *m) {
    const AstStatements *body = &m->ast->body;
    bool gather = can_gather(body);
    Group group[AST_STAGE + 1] = {{{0}}};
    AstStatementKind order[AST_STAGE + 1];
    int count = 0, body_at = -1;
    for (int i = 0; i < body->count; i++) {
        AstStatementKind kind = key_kind(body->item[i]->kind);
        bool is_gathered = gather || !ast_is_ordered(kind);
        if (!is_gathered && body_at < 0) body_at = count;
        if (!is_gathered) continue;
        if (group[kind].statement.count == 0) order[count++] = kind;
        list_add(m->arena, group[kind].statement, body->item[i]);
    }
    Node *map = new_map(m, true);
    for (int i = 0; i <= count; i++) {
        if (i == body_at) add_pair(m, map, "body", ordered_body(m, body));
        if (i < count) add_pair(m, map, key_of(order[i]), group_of(m, &group[order[i]]));
    }
    return map;
}

// Layout

static bool is_plain_text(const char *text, bool in_flow) {
    bool is_negative = *text == '-' && isalnum((unsigned char)text[1]);
    if (!isalnum((unsigned char)*text) && !strchr("_(", *text) && !is_negative) return false;
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p < 32 || (unsigned char)*p >= 127) return false;
        if (in_flow && strchr(",[]{}", *p)) return false;
        if (*p == ':' && (p[1] == ' ' || p[1] == '\0' || in_flow)) return false;
        if (*p == '#' && p > text && p[-1] == ' ') return false;
        if (*p == ' ' && p[1] == '\0') return false;
    }
    return true;
}

static bool has_control(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < 32 || *text == 127) return true;
    return false;
}

static void print_scalar(Text *out, const char *text, bool in_flow) {
    if (*text && is_plain_text(text, in_flow)) {
        text_add(out, text);
    } else if (has_control(text)) {
        print_string(out, text); // the escapes of .net are escapes of YAML too
    } else {
        text_add(out, "'");
        for (; *text; text++)
            text_add_bytes(out, *text == '\'' ? "''" : text, *text == '\'' ? 2 : 1);
        text_add(out, "'");
    }
}

static void print_flow(Text *out, const Node *n) {
    if (n->text) {
        print_scalar(out, n->text, true);
        return;
    }
    text_add(out, n->is_map ? "{" : "[");
    for (int i = 0; i < n->item.count; i++) {
        if (i) text_add(out, ", ");
        print_flow(out, n->item.item[i]);
    }
    for (int i = 0; i < n->pair.count; i++) {
        if (i) text_add(out, ", ");
        print_scalar(out, n->pair.item[i].key, true);
        text_add(out, ": ");
        print_flow(out, n->pair.item[i].value);
    }
    text_add(out, n->is_map ? "}" : "]");
}

static bool is_empty(const Node *n) {
    return n->item.count == 0 && n->pair.count == 0;
}

// The node on one line if that may be and fits behind `column`, else NULL.
static const char *one_line(Arena *a, const Node *n, int column) {
    if (n->text) {
        Text out = text_new(a);
        print_scalar(&out, n->text, false);
        return out.bytes;
    }
    if (n->is_tall && !is_empty(n)) return NULL;
    Text out = text_new(a);
    print_flow(&out, n);
    return column + (int)out.size <= WIDTH || is_empty(n) ? out.bytes : NULL;
}

static void print_tall(Text *out, const Node *n, int indent, bool is_begun);

static void begin_line(Text *out, int indent, bool is_begun) {
    if (!is_begun) text_printf(out, "%*s", indent, "");
}

static void print_tall_pair(Text *out, const Pair *pair, int indent) {
    size_t begin = out->size;
    print_scalar(out, pair->key, false);
    text_add(out, ":");
    const char *line = one_line(out->arena, pair->value, indent + (int)(out->size - begin) + 1);
    if (line) {
        text_printf(out, " %s\n", line);
        return;
    }
    text_add(out, "\n");
    print_tall(out, pair->value, indent + INDENT, false);
}

static void print_tall_item(Text *out, const Node *item, int indent) {
    text_add(out, "- ");
    bool is_short_map = item->is_map && item->pair.count == 1;
    const char *line = is_short_map ? NULL : one_line(out->arena, item, indent + INDENT);
    if (line)
        text_printf(out, "%s\n", line);
    else
        print_tall(out, item, indent + INDENT, true);
}

// Line by line; with `is_begun` the first line goes on where "- " ended.
static void print_tall(Text *out, const Node *n, int indent, bool is_begun) {
    for (int i = 0; i < n->item.count; i++) {
        begin_line(out, indent, is_begun && i == 0);
        print_tall_item(out, n->item.item[i], indent);
    }
    for (int i = 0; i < n->pair.count; i++) {
        begin_line(out, indent, is_begun && i == 0);
        print_tall_pair(out, &n->pair.item[i], indent);
    }
}

static void find_defined(Maker *m) {
    for (int i = 0; i < m->ast->body.count; i++) {
        const AstStatement *s = m->ast->body.item[i];
        if (s->kind == AST_LAYER || s->kind == AST_BLOCK) list_add(m->arena, m->defined, s->name);
    }
    if (m->defined.count == 0) return;
    qsort(m->defined.item, (size_t)m->defined.count, sizeof *m->defined.item, compare_texts);
}

const char *ast_print_yaml(Compile *c, const Ast *ast) {
    Maker m = {.arena = c->arena, .ast = ast};
    find_defined(&m);
    Text out = text_new(c->arena);
    print_tall(&out, file_node(&m), 0, false);
    return out.bytes;
}
