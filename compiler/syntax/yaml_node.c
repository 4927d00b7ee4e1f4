// yaml_node.c: builds nodes from libyaml's events.
//
// libyaml counts characters where spans count bytes, and it checks neither for duplicate keys nor
// for depth; both are done here. Nothing is ever expanded: aliases are refused, so a small file
// stays small.
#include "syntax/yaml_node.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEEPEST_NODE = 64 };

typedef struct Reader {
    Compile *compile;
    yaml_parser_t parser;
    uint32_t file;
    // A byte offset and the number of characters before it, from which others are counted.
    uint32_t byte;
    size_t character;
} Reader;

static const Source *source_of(const Reader *r) {
    return source_get(r->compile->sources, r->file);
}

static bool begins_character(char c) {
    return (c & 0xC0) != 0x80;
}

static uint32_t byte_of(Reader *r, size_t character) {
    const Source *s = source_of(r);
    while (r->character < character && r->byte < s->size) {
        do r->byte++;
        while (r->byte < s->size && !begins_character(s->bytes[r->byte]));
        r->character++;
    }
    while (r->character > character && r->byte > 0) {
        do r->byte--;
        while (r->byte > 0 && !begins_character(s->bytes[r->byte]));
        r->character--;
    }
    return r->byte;
}

static Span span_of(Reader *r, yaml_mark_t begin, yaml_mark_t end) {
    uint32_t from = byte_of(r, begin.index);
    return (Span){r->file, from, byte_of(r, end.index)};
}

static Diagnostic *refuse(Reader *r, Span at, const char *text) {
    return report(r->compile->diagnostics, E_YAML, at, "%s", text);
}

static bool next_event(Reader *r, yaml_event_t *event) {
    if (yaml_parser_parse(&r->parser, event)) return true;
    yaml_mark_t at = r->parser.problem_mark;
    if (!r->parser.problem) internal_error("yaml", "no memory");
    Diagnostic *d =
        report(r->compile->diagnostics, E_YAML, span_of(r, at, at), "%s", r->parser.problem);
    if (r->parser.context)
        report_note(r->compile->diagnostics, d,
                    span_of(r, r->parser.context_mark, r->parser.context_mark), "%s",
                    r->parser.context);
    report_help(r->compile->diagnostics, d,
                "text that holds ': ' or ' #', or begins with a sign, stands in quotes: '...'");
    return false;
}

static bool is_refused(Reader *r, const yaml_event_t *event, Span at) {
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_ALIAS_EVENT) {
        refuse(r, at, "aliases are not allowed: write the value again");
        return true;
    }
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor) refuse(r, at, "anchors are not allowed");
    if (tag) refuse(r, at, "tags are not allowed");
    return anchor || tag;
}

static YamlNode *read_node(Reader *r, yaml_event_t *event, int depth);

static bool read_items(Reader *r, YamlNode *list, int depth) {
    for (;;) {
        yaml_event_t event;
        if (!next_event(r, &event)) return false;
        bool is_end = event.type == YAML_SEQUENCE_END_EVENT;
        if (is_end) list->span.end = byte_of(r, event.end_mark.index);
        YamlNode *item = is_end ? NULL : read_node(r, &event, depth + 1);
        yaml_event_delete(&event);
        if (is_end) return true;
        if (!item) return false;
        list_add(r->compile->arena, list->item, item);
    }
}

static bool read_pairs(Reader *r, YamlNode *map, int depth) {
    YamlNode *key = NULL;
    for (;;) {
        yaml_event_t event;
        if (!next_event(r, &event)) return false;
        bool is_end = event.type == YAML_MAPPING_END_EVENT;
        if (is_end) map->span.end = byte_of(r, event.end_mark.index);
        YamlNode *node = is_end ? NULL : read_node(r, &event, depth + 1);
        yaml_event_delete(&event);
        if (is_end) return true;
        if (!node) return false;
        if (!key && node->kind != YAML_SCALAR) {
            refuse(r, node->span, "a key is a text, not a list or a mapping");
            return false;
        }
        YamlPair pair = {key, node};
        if (key) list_add(r->compile->arena, map->pair, pair);
        key = key ? NULL : node;
    }
}

static int compare_keys(const void *left, const void *right) {
    const YamlNode *a = *(YamlNode *const *)left, *b = *(YamlNode *const *)right;
    int order = strcmp(a->text, b->text);
    if (order) return order;
    return a->span.begin < b->span.begin ? -1 : a->span.begin > b->span.begin;
}

static bool check_keys(Reader *r, const YamlNode *map) {
    YamlNode **key = arena_new_array(r->compile->arena, YamlNode *, map->pair.count);
    for (int i = 0; i < map->pair.count; i++) key[i] = map->pair.item[i].key;
    qsort(key, (size_t)map->pair.count, sizeof *key, compare_keys);
    bool is_right = true;
    for (int i = 1; i < map->pair.count; i++) {
        if (strcmp(key[i - 1]->text, key[i]->text) != 0) continue;
        Diagnostic *d = report(r->compile->diagnostics, E_YAML, key[i]->span,
                               "the key '%.60s' stands twice in this mapping", key[i]->text);
        report_note(r->compile->diagnostics, d, key[i - 1]->span, "it stands here too");
        is_right = false;
    }
    return is_right;
}

static void set_scalar(Reader *r, YamlNode *node, const yaml_event_t *event) {
    node->size = event->data.scalar.length;
    node->text = arena_copy(r->compile->arena, event->data.scalar.value, node->size);
    node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static YamlNode *read_node(Reader *r, yaml_event_t *event, int depth) {
    Span at = span_of(r, event->start_mark, event->end_mark);
    if (is_refused(r, event, at)) return NULL;
    if (depth > DEEPEST_NODE) {
        report(r->compile->diagnostics, E_DEPTH, at, "YAML is nested more than %d deep",
               DEEPEST_NODE);
        return NULL;
    }
    YamlNode *node = arena_new_item(r->compile->arena, YamlNode);
    node->span = at;
    bool is_right = true;
    if (event->type == YAML_SCALAR_EVENT) {
        node->kind = YAML_SCALAR;
        set_scalar(r, node, event);
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        node->kind = YAML_LIST;
        is_right = read_items(r, node, depth);
    } else {
        node->kind = YAML_MAP;
        is_right = read_pairs(r, node, depth) && check_keys(r, node);
    }
    return is_right ? node : NULL;
}

// The first document's root, or NULL; a second document is refused.
static YamlNode *read_stream(Reader *r) {
    YamlNode *root = NULL;
    for (bool at_end = false; !at_end;) {
        yaml_event_t event;
        if (!next_event(r, &event)) return NULL;
        Span at = span_of(r, event.start_mark, event.end_mark);
        bool is_frame = event.type == YAML_STREAM_START_EVENT ||
                        event.type == YAML_DOCUMENT_START_EVENT ||
                        event.type == YAML_DOCUMENT_END_EVENT;
        at_end = event.type == YAML_STREAM_END_EVENT;
        bool is_second = event.type == YAML_DOCUMENT_START_EVENT && root;
        if (is_second) refuse(r, at, "a second document: a file holds one spec");
        bool is_content = !is_frame && !at_end;
        if (is_content) root = read_node(r, &event, 1);
        yaml_event_delete(&event);
        if (is_second || (is_content && !root)) return NULL;
    }
    if (!root) refuse(r, (Span){r->file, 0, 0}, "the file is empty");
    return root;
}

YamlNode *yaml_read(Compile *c, uint32_t file) {
    Reader r = {.compile = c, .file = file};
    const Source *s = source_of(&r);
    if (s->size >= 3 && memcmp(s->bytes, "\xEF\xBB\xBF", 3) == 0) r.byte = 3;
    if (!yaml_parser_initialize(&r.parser)) internal_error("yaml", "no memory");
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)s->bytes, s->size);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    YamlNode *root = read_stream(&r);
    yaml_parser_delete(&r.parser);
    return root;
}

Span yaml_text_span(Compile *c, const YamlNode *scalar) {
    Span at = scalar->span;
    const char *bytes = source_get(c->sources, at.file)->bytes;
    if (!scalar->is_plain && at.end - at.begin >= 2) at.begin++, at.end--;
    // A plain scalar's end may include the space behind it.
    bool is_verbatim = at.end - at.begin >= scalar->size &&
                       memcmp(bytes + at.begin, scalar->text, scalar->size) == 0 &&
                       !memchr(scalar->text, '\n', scalar->size);
    at.end = at.begin + (uint32_t)scalar->size;
    if (is_verbatim) return at;
    Place place = source_place(c->sources, scalar->span);
    const char *path = arena_printf(c->arena, "%s:%d", place.path, place.line);
    uint32_t file = source_add(c->sources, path, scalar->text, scalar->size, false);
    return (Span){file, 0, (uint32_t)scalar->size};
}
