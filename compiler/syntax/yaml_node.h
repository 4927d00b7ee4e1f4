// yaml_node.h: a YAML document as nodes with places, before anybody asks what it means.
#ifndef NETC_SYNTAX_YAML_NODE_H
#define NETC_SYNTAX_YAML_NODE_H

#include "support/compile.h"

typedef enum YamlKind { YAML_SCALAR, YAML_LIST, YAML_MAP } YamlKind;

typedef struct YamlNode YamlNode;

typedef struct YamlPair {
    YamlNode *key; // a scalar
    YamlNode *value;
} YamlPair;

struct YamlNode {
    YamlKind kind;
    Span span;        // in the YAML file, quotes included
    bool is_plain;    // a scalar without quotes
    const char *text; // of a scalar
    size_t size;
    LIST(YamlNode *) item;
    LIST(YamlPair) pair;
};

// The root of the one document in source `file`; NULL after reporting what is no YAML or is refused
// (anchors, aliases, tags, duplicate keys, keys that are no scalars, nesting deeper than 64,
// several documents).
YamlNode *yaml_read(Compile *c, uint32_t file);

// Where the scalar's text stands byte for byte: in the file itself if nothing was escaped or
// folded, else in a source of its own that is named after the file and line.
Span yaml_text_span(Compile *c, const YamlNode *scalar);

#endif
