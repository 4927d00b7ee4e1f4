// yaml.c: a spec in YAML as the same tree that .net text gives.
//
// Keys are the keywords of .net text and values what stands behind them: `loss: E = E1 + E2` is the
// statement `loss E = E1 + E2`. So scalars go through the one grammar, with the key as a prefix,
// and only lists and mappings are taken apart here. In a list of stages a key that names a layer or
// block is a call; any other name is a label. A key is known to be a call when its layer or block
// is defined in this file or when it begins with a capital letter.
#include "syntax/build.h"
#include "syntax/syntax.h"
#include "syntax/yaml_node.h"

#include "net.tab.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reader {
    Compile *compile;
    const YamlNode *root;
    StatementList *out;         // where statements go
    LIST(const char *) defined; // the file's own layers and blocks, sorted
    bool failed;
} Reader;

typedef void ReadKey(Reader *r, int word, const YamlNode *value);

static Arena *arena(const Reader *r) {
    return r->compile->arena;
}

static Diagnostic *refuse(Reader *r, const YamlNode *at, const char *text) {
    r->failed = true;
    return report(r->compile->diagnostics, E_YAML, at->span, "%s", text);
}

static void add(Reader *r, AstStatement *s) {
    list_add(arena(r), *r->out, s);
}

static AstStatement *new_statement(Reader *r, AstStatementKind kind, Span span) {
    AstStatement *s = arena_new_item(arena(r), AstStatement);
    s->kind = kind;
    s->span = span;
    return s;
}

static void set_name(Reader *r, AstStatement *s, const YamlNode *key) {
    s->name_span = yaml_text_span(r->compile, key);
    s->name = name_of_bytes(r->compile->names, key->text, key->size);
}

static bool is_text(const YamlNode *n, const char *text) {
    return n->kind == YAML_SCALAR && strcmp(n->text, text) == 0;
}

static bool is_nothing(const YamlNode *n) {
    return n->kind == YAML_SCALAR && n->is_plain && n->size == 0;
}

static bool is_identifier(const char *text) {
    if (!isalpha((unsigned char)*text) && *text != '_') return false;
    while (isalnum((unsigned char)*text) || *text == '_') text++;
    return *text == '\0';
}

// Expressions

static AstExpr *read_value(Reader *r, const YamlNode *node);

static AstExpr *read_text(Reader *r, const YamlNode *scalar) {
    if (scalar->size == 0) {
        refuse(r, scalar, "a value is missing here");
        return NULL;
    }
    AstExpr *e = parse_expr(r->compile, yaml_text_span(r->compile, scalar));
    if (!e) r->failed = true;
    return e;
}

static AstExpr *new_expr(Reader *r, AstExprKind kind, Span span, int arguments) {
    AstExpr *e = arena_new_item(arena(r), AstExpr);
    e->kind = kind;
    e->span = span;
    e->argument_count = arguments;
    e->argument = arena_new_array(arena(r), AstArgument, arguments);
    return e;
}

typedef AstExpr *ReadValue(Reader *r, const YamlNode *node);

static AstExpr *read_items(Reader *r, const YamlNode *list, AstExprKind kind, ReadValue *read) {
    AstExpr *e = new_expr(r, kind, list->span, list->item.count);
    for (int i = 0; i < list->item.count; i++) {
        e->argument[i].value = read(r, list->item.item[i]);
        if (!e->argument[i].value) return NULL;
    }
    return e;
}

// {mean: 0.1, std: 0.3} as (mean=0.1, std=0.3), or as the arguments of a call.
static AstExpr *read_pairs(Reader *r, const YamlNode *map, AstExprKind kind, ReadValue *read) {
    AstExpr *e = new_expr(r, kind, map->span, map->pair.count);
    for (int i = 0; i < map->pair.count; i++) {
        const YamlPair *pair = &map->pair.item[i];
        if (!is_identifier(pair->key->text)) {
            refuse(r, pair->key, "the name of an argument is expected here");
            return NULL;
        }
        Span span = yaml_text_span(r->compile, pair->key);
        e->argument[i] =
            (AstArgument){name_of(r->compile->names, pair->key->text), span, read(r, pair->value)};
        if (!e->argument[i].value) return NULL;
    }
    return e;
}

static AstExpr *read_value(Reader *r, const YamlNode *node) {
    switch (node->kind) {
    case YAML_SCALAR: return read_text(r, node);
    case YAML_LIST: return read_items(r, node, AST_LIST, read_value);
    case YAML_MAP: return read_pairs(r, node, AST_TUPLE, read_value);
    }
    return NULL;
}

// Values of `train:`, `test:` ... in data: names of files, unless they begin as an expression or
// are numbers.
static AstExpr *read_file_name(Reader *r, const YamlNode *node) {
    if (node->kind == YAML_LIST) return read_items(r, node, AST_LIST, read_file_name);
    if (node->kind == YAML_MAP) return read_pairs(r, node, AST_TUPLE, read_file_name);
    char *end = NULL;
    strtod(node->text, &end);
    bool is_number = node->is_plain && *end == '\0';
    if (node->size == 0 || strchr("([\"", node->text[0]) || is_number) return read_text(r, node);
    AstExpr *e = new_expr(r, AST_STRING, node->span, 0);
    e->text = node->text;
    return e;
}

static AstExpr *read_setting(Reader *r, const char *key, const YamlNode *value) {
    bool is_files =
        strcmp(key, "train") == 0 || strcmp(key, "test") == 0 || strcmp(key, "validation") == 0;
    if (is_files && value->kind == YAML_LIST)
        return read_items(r, value, AST_TUPLE, read_file_name);
    if (is_files || strcmp(key, "columns") == 0) return read_file_name(r, value);
    return read_value(r, value);
}

// Scalars as statements

static void read_statements(Reader *r, Span span, int prefix) {
    Parser *p = arena_new_item(arena(r), Parser);
    if (!parser_run(p, r->compile, span, T_START_FILE, prefix)) r->failed = true;
    for (int i = 0; i < p->body.count; i++) add(r, p->body.item[i]);
}

static void read_word(Reader *r, int word, const YamlNode *scalar) {
    if (is_nothing(scalar)) {
        refuse(r, scalar, "a value is missing here");
        return;
    }
    read_statements(r, yaml_text_span(r->compile, scalar), word);
}

// Declarations: {NAME: [DIMS]}, {NAME: class(K)}, {"NAME[DIMS]": INIT}

static bool read_declarator(Reader *r, const YamlNode *key, AstDeclarator *out) {
    Parser *p = arena_new_item(arena(r), Parser);
    bool is_right =
        parser_run(p, r->compile, yaml_text_span(r->compile, key), T_START_DECLARATOR, 0);
    *out = p->declarator;
    if (!is_right) r->failed = true;
    return is_right;
}

static void set_dims(Reader *r, AstDeclarator *d, const YamlNode *list) {
    d->has_dims = true;
    d->dim_count = list->item.count;
    d->dim = arena_new_array(arena(r), AstExpr *, list->item.count);
    for (int i = 0; i < list->item.count; i++) d->dim[i] = read_value(r, list->item.item[i]);
}

static void set_shape(Reader *r, AstDeclarator *d, const YamlNode *value) {
    if (is_nothing(value)) return;
    if (value->kind == YAML_MAP || (value->kind == YAML_LIST && d->has_dims)) {
        refuse(r, value, "a shape is a list of sizes, such as [1, 28, 28], or class(10)");
        return;
    }
    if (value->kind == YAML_LIST) {
        set_dims(r, d, value);
        return;
    }
    AstExpr *e = read_text(r, value);
    if (!e) return;
    if (e->kind == AST_CALL && strcmp(e->name, "class") == 0 && e->argument_count == 1) {
        d->has_class = true;
        d->classes = e->argument[0].value;
    } else if (d->has_dims) {
        refuse(r, value, "class(K) or nothing is expected beside a shape");
    } else {
        d->has_dims = true;
        d->dim_count = 1;
        d->dim = arena_new_array(arena(r), AstExpr *, 1);
        d->dim[0] = e;
    }
}

static void set_initial(Reader *r, AstDeclarator *d, const YamlNode *value) {
    if (value->kind != YAML_SCALAR) {
        d->init = read_value(r, value);
        return;
    }
    Parser *p = arena_new_item(arena(r), Parser);
    if (!parser_run(p, r->compile, yaml_text_span(r->compile, value), T_START_INIT, 0))
        r->failed = true;
    d->init = p->declarator.init;
    d->condition = p->declarator.condition;
    d->otherwise = p->declarator.otherwise;
}

static AstStatementKind kind_of(int word) {
    switch (word) {
    case T_INPUT: return AST_INPUT;
    case T_TARGET: return AST_TARGET;
    case T_PARAM: return AST_PARAM;
    case T_STATE: return AST_STATE;
    case T_CONST: return AST_CONST;
    case T_LET: return AST_LET;
    case T_LOSS: return AST_LOSS;
    case T_METRIC: return AST_METRIC;
    case T_DATA: return AST_DATA;
    case T_TRAIN: return AST_TRAIN;
    case T_LAYER: return AST_LAYER;
    case T_BLOCK: return AST_BLOCK;
    case T_NETWORK: return AST_NETWORK;
    default: return AST_SWEEP; // tokens are bison's list, not ours
    }
}

static void read_declared(Reader *r, int word, const YamlPair *pair) {
    AstStatement *s = new_statement(r, kind_of(word), pair->key->span);
    s->declarator = arena_new_item(arena(r), AstDeclarator);
    s->declarator_count = 1;
    if (!read_declarator(r, pair->key, s->declarator)) return;
    if (s->kind == AST_PARAM || s->kind == AST_STATE)
        set_initial(r, s->declarator, pair->value);
    else
        set_shape(r, s->declarator, pair->value);
    add(r, s);
}

// Inputs (and targets) that stand in one list become one statement, as an author would write them.
static void merge_declarations(Reader *r, int first) {
    LIST(AstDeclarator) all = {0};
    for (int i = first; i < r->out->count; i++) {
        const AstStatement *s = r->out->item[i];
        for (int k = 0; k < s->declarator_count; k++) list_add(arena(r), all, s->declarator[k]);
    }
    if (r->out->count <= first + 1) return;
    r->out->item[first]->declarator = all.item;
    r->out->item[first]->declarator_count = all.count;
    r->out->count = first + 1;
}

static void read_declarations(Reader *r, int word, const YamlNode *value) {
    int first = r->out->count;
    switch (value->kind) {
    case YAML_SCALAR: read_word(r, word, value); break;
    case YAML_LIST:
        for (int i = 0; i < value->item.count; i++) read_declarations(r, word, value->item.item[i]);
        break;
    case YAML_MAP:
        for (int i = 0; i < value->pair.count; i++) read_declared(r, word, &value->pair.item[i]);
        break;
    }
    if (word == T_INPUT || word == T_TARGET) merge_declarations(r, first);
}

// {NAME: EXPR}: const, let, loss, metric, sweep
static void read_definitions(Reader *r, int word, const YamlNode *value) {
    if (value->kind == YAML_SCALAR) read_word(r, word, value);
    for (int i = 0; i < value->item.count; i++) read_definitions(r, word, value->item.item[i]);
    for (int i = 0; i < value->pair.count; i++) {
        const YamlPair *pair = &value->pair.item[i];
        AstStatement *s = new_statement(r, kind_of(word), pair->key->span);
        if (!is_identifier(pair->key->text)) {
            refuse(r, pair->key, "a name is expected here");
            continue;
        }
        set_name(r, s, pair->key);
        s->expr = read_value(r, pair->value);
        add(r, s);
    }
}

static void read_words(Reader *r, int word, const YamlNode *value) {
    if (value->kind == YAML_SCALAR) read_word(r, word, value);
    if (value->kind == YAML_MAP) refuse(r, value, "a text is expected here, not a mapping");
    for (int i = 0; i < value->item.count; i++) read_words(r, word, value->item.item[i]);
}

static void read_imports(Reader *r, int word, const YamlNode *value) {
    if (value->kind == YAML_MAP) refuse(r, value, "the name of a file is expected here");
    for (int i = 0; i < value->item.count; i++) read_imports(r, word, value->item.item[i]);
    if (value->kind != YAML_SCALAR) return;
    AstStatement *s = new_statement(r, AST_IMPORT, value->span);
    s->text = value->text;
    add(r, s);
}

static void read_settings(Reader *r, int word, const YamlNode *value) {
    for (int i = 0; i < value->item.count; i++) read_settings(r, word, value->item.item[i]);
    if (value->kind == YAML_LIST) return;
    if (value->kind == YAML_SCALAR && !is_nothing(value)) {
        refuse(r, value, "settings are a mapping, such as {epochs: 10}");
        return;
    }
    AstStatement *s = new_statement(r, kind_of(word), value->span);
    StatementList body = {0};
    for (int i = 0; i < value->pair.count; i++) {
        const YamlPair *pair = &value->pair.item[i];
        AstStatement *setting = new_statement(r, AST_SETTING, pair->key->span);
        if (!is_identifier(pair->key->text)) refuse(r, pair->key, "a name is expected here");
        set_name(r, setting, pair->key);
        setting->expr = word == T_DATA ? read_setting(r, pair->key->text, pair->value)
                                       : read_value(r, pair->value);
        list_add(arena(r), body, setting);
    }
    s->body = build_body(body);
    add(r, s);
}

// Bodies: lists of statements

static void read_item(Reader *r, const YamlNode *item);

static AstStatements read_body(Reader *r, const YamlNode *list) {
    StatementList body = {0}, *outer = r->out;
    r->out = &body;
    if (list->kind == YAML_LIST)
        for (int i = 0; i < list->item.count; i++) read_item(r, list->item.item[i]);
    else if (list->kind == YAML_SCALAR && !is_nothing(list))
        read_statements(r, yaml_text_span(r->compile, list), 0);
    else if (list->kind == YAML_MAP)
        refuse(r, list, "a list is expected here: put '- ' before each line");
    r->out = outer;
    return build_body(body);
}

static void read_headed(Reader *r, int word, const YamlPair *pair) {
    Parser *p = arena_new_item(arena(r), Parser);
    Span span = yaml_text_span(r->compile, pair->key);
    if (!parser_run(p, r->compile, span, T_START_HEADER, word)) {
        r->failed = true;
        return;
    }
    p->header->body = read_body(r, pair->value);
    add(r, p->header);
}

static void read_headers(Reader *r, int word, const YamlNode *value) {
    for (int i = 0; i < value->item.count; i++) read_headers(r, word, value->item.item[i]);
    for (int i = 0; i < value->pair.count; i++) read_headed(r, word, &value->pair.item[i]);
    if (value->kind != YAML_SCALAR) return;
    report_help(r->compile->diagnostics,
                refuse(r, value, "a header and its body are expected here"),
                "write the header as the key of a mapping, and the body as a list below it");
}

static void read_bodies(Reader *r, int word, const YamlNode *value) {
    (void)word;
    AstStatements body = read_body(r, value);
    for (int i = 0; i < body.count; i++) add(r, body.item[i]);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The names in headers such as `Conv2D(out_channels, padding=0)`.
static void collect_defined(Reader *r, const YamlNode *value) {
    for (int i = 0; i < value->item.count; i++) collect_defined(r, value->item.item[i]);
    for (int i = 0; i < value->pair.count; i++) {
        const char *header = value->pair.item[i].key->text;
        list_add(arena(r), r->defined, arena_copy(arena(r), header, strcspn(header, " (")));
    }
}

static void find_defined(Reader *r) {
    for (int i = 0; i < r->root->pair.count; i++) {
        const YamlPair *pair = &r->root->pair.item[i];
        if (is_text(pair->key, "layer") || is_text(pair->key, "block"))
            collect_defined(r, pair->value);
    }
    if (r->defined.count == 0) return;
    qsort(r->defined.item, (size_t)r->defined.count, sizeof *r->defined.item, compare_names);
}

static bool is_call(const Reader *r, const char *name) {
    if (!is_identifier(name)) return false;
    if (isupper((unsigned char)*name)) return true;
    return r->defined.count && bsearch(&name, r->defined.item, (size_t)r->defined.count,
                                       sizeof *r->defined.item, compare_names);
}

static AstExpr *read_call(Reader *r, const YamlPair *pair) {
    const YamlNode *value = pair->value;
    AstExpr *call = NULL;
    if (is_nothing(value)) {
        call = new_expr(r, AST_CALL, pair->key->span, 0);
    } else if (value->kind == YAML_SCALAR) {
        call = new_expr(r, AST_CALL, pair->key->span, 1);
        call->argument[0].value = read_text(r, value);
    } else {
        call = value->kind == YAML_LIST ? read_items(r, value, AST_CALL, read_value)
                                        : read_pairs(r, value, AST_CALL, read_value);
    }
    if (!call) return NULL;
    call->name_span = yaml_text_span(r->compile, pair->key);
    call->name = name_of(r->compile->names, pair->key->text);
    call->span = span_join(pair->key->span, pair->value->span);
    return call;
}

static AstExpr *read_stage(Reader *r, const YamlNode *node) {
    bool is_one = node->kind == YAML_MAP && node->pair.count == 1;
    if (is_one && is_call(r, node->pair.item[0].key->text))
        return read_call(r, &node->pair.item[0]);
    if (node->kind == YAML_SCALAR) return read_text(r, node);
    refuse(r, node, "a stage is a name, an expression or a mapping with one key");
    return NULL;
}

static void read_when(Reader *r, const YamlNode *map) {
    AstStatement *s = new_statement(r, AST_WHEN, map->span);
    const YamlNode *key = map->pair.item[0].key;
    s->name_span = yaml_text_span(r->compile, key);
    s->name = name_of(r->compile->names, "training");
    s->body = read_body(r, map->pair.item[0].value);
    if (map->pair.count == 2 && is_text(map->pair.item[1].key, "else")) {
        s->has_otherwise = true;
        s->otherwise = read_body(r, map->pair.item[1].value);
    } else if (map->pair.count > 1) {
        refuse(r, map->pair.item[1].key, "after 'when training' only 'else' may follow");
    }
    add(r, s);
}

static void read_repeat(Reader *r, const YamlPair *pair) {
    AstStatement *s = new_statement(r, AST_REPEAT, pair->key->span);
    Span count = yaml_text_span(r->compile, pair->key);
    count.begin += (uint32_t)strlen("repeat ");
    s->expr = parse_expr(r->compile, count);
    if (!s->expr) r->failed = true;
    s->body = read_body(r, pair->value);
    add(r, s);
}

static void read_labelled(Reader *r, const YamlPair *pair) {
    AstStatement *s = new_statement(r, AST_STAGE, pair->key->span);
    if (is_call(r, pair->key->text))
        s->expr = read_call(r, pair);
    else {
        set_name(r, s, pair->key);
        s->expr = read_stage(r, pair->value);
    }
    if (s->expr) add(r, s);
}

// A statement such as `for i < 3: y[i] = 0`, which YAML takes for a key and its value.
static void read_torn(Reader *r, const YamlPair *pair) {
    if (pair->value->kind != YAML_SCALAR || !pair->value->is_plain || !pair->key->is_plain) {
        report_help(r->compile->diagnostics, refuse(r, pair->key, "this key means nothing here"),
                    "keys are layers, blocks and labels; put a statement with ': ' in quotes");
        return;
    }
    read_statements(r, span_join(pair->key->span, pair->value->span), 0);
}

static bool read_key(Reader *r, const YamlPair *pair);

// Among stages `body` and `equations` are labels like any other.
static bool is_statement_key(const YamlNode *key) {
    return !is_text(key, "body") && !is_text(key, "equations");
}

static void read_item(Reader *r, const YamlNode *item) {
    if (item->kind == YAML_SCALAR) {
        read_statements(r, yaml_text_span(r->compile, item), 0);
        return;
    }
    if (item->kind == YAML_LIST || item->pair.count == 0) {
        refuse(r, item, "a statement is a text or a mapping with one key");
        return;
    }
    const YamlPair *pair = &item->pair.item[0];
    if (is_text(pair->key, "when training"))
        read_when(r, item);
    else if (item->pair.count > 1)
        report_help(r->compile->diagnostics,
                    refuse(r, item->pair.item[1].key, "a second key in one item of a list"),
                    "put '- ' before it");
    else if (strncmp(pair->key->text, "repeat ", 7) == 0)
        read_repeat(r, pair);
    else if (!is_statement_key(pair->key) || !read_key(r, pair)) {
        if (is_identifier(pair->key->text))
            read_labelled(r, pair);
        else
            read_torn(r, pair);
    }
}

// The keys of a file; they may also be items of a body.
static const struct {
    const char *key;
    int word;
    ReadKey *read;
} key_table[] = {
    {"model", T_MODEL, read_words},
    {"precision", T_PRECISION, read_words},
    {"import", T_IMPORT, read_imports},
    {"const", T_CONST, read_definitions},
    {"input", T_INPUT, read_declarations},
    {"target", T_TARGET, read_declarations},
    {"param", T_PARAM, read_declarations},
    {"state", T_STATE, read_declarations},
    {"let", T_LET, read_definitions},
    {"require", T_REQUIRE, read_words},
    {"layer", T_LAYER, read_headers},
    {"block", T_BLOCK, read_headers},
    {"network", T_NETWORK, read_headers},
    {"equations", 0, read_bodies},
    {"body", 0, read_bodies},
    {"loss", T_LOSS, read_definitions},
    {"metric", T_METRIC, read_definitions},
    {"data", T_DATA, read_settings},
    {"train", T_TRAIN, read_settings},
    {"sweep", T_SWEEP, read_definitions},
};
enum { KEY_COUNT = sizeof key_table / sizeof *key_table };

static bool read_key(Reader *r, const YamlPair *pair) {
    for (int i = 0; i < KEY_COUNT; i++) {
        if (strcmp(key_table[i].key, pair->key->text) != 0) continue;
        key_table[i].read(r, key_table[i].word, pair->value);
        return true;
    }
    return false;
}

static void refuse_key(Reader *r, const YamlNode *key) {
    r->failed = true;
    Diagnostic *d = report(r->compile->diagnostics, E_YAML, key->span,
                           "'%.60s' is no key of a spec", key->text);
    const char *known[KEY_COUNT];
    for (int i = 0; i < KEY_COUNT; i++) known[i] = key_table[i].key;
    report_nearest(r->compile->diagnostics, d, key->text, known, KEY_COUNT);
}

Ast *parse_yaml(Compile *c, uint32_t file) {
    const YamlNode *root = yaml_read(c, file);
    if (!root) return NULL;
    StatementList body = {0};
    Reader r = {.compile = c, .root = root, .out = &body};
    if (root->kind != YAML_MAP) {
        refuse(&r, root, "a spec in YAML is a mapping, beginning with model: NAME");
        return NULL;
    }
    find_defined(&r);
    for (int i = 0; i < root->pair.count; i++)
        if (!read_key(&r, &root->pair.item[i])) refuse_key(&r, root->pair.item[i].key);
    Ast *ast = arena_new_item(c->arena, Ast);
    ast->file = file;
    ast->body = build_body(body);
    if (r.failed) return NULL;
    return check_places(c, &ast->body, NULL) ? ast : NULL;
}
