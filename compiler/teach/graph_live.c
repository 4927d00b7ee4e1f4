// graph_live.c: see graph_live.h. The picture is laid out as the one for print; numbers stay empty.
#include "teach/graph_live.h"

#include "teach/svg.h"

#include <string.h>

static int name_size(const char *label) {
    const char *end = strstr(label, " = ");
    return (int)(end ? (size_t)(end - label) : strlen(label));
}

const char *graph_live_room(const Neurons *n, const GraphEdge *e) {
    if (!n->number) return e->label;
    return arena_printf(n->arena, "%.*s = -.00000", name_size(e->label), e->label);
}

void graph_live_mark(const Neurons *n, GraphValue v, Text *out) {
    int number = v.tensor ? n->number(n->data, v.tensor) : -1;
    if (number >= 0) text_printf(out, " data-t=\"%d\" data-s=\"%lld\"", number, (long long)v.at);
}

static void add_number(const Neurons *n, double x, double y, const char *class, GraphValue v,
                       Text *out) {
    text_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"middle\"", x, y,
                class);
    graph_live_mark(n, v, out);
    text_add(out, "></text>\n");
}

// One half of a node, or all of it, from left to right.
static void add_part(const Neurons *n, const GraphNode *node, double left, double right,
                     const char *name, GraphValue v, Text *out) {
    bool is_target = node->kind == GRAPH_TARGET;
    double height = is_target ? GRAPH_TARGET_HALF : GRAPH_HALF_HEIGHT, x = (left + right) / 2;
    svg_text(out, x, node->y - (is_target ? 3 : 5), node->kind == GRAPH_LOSS ? "strong" : "text",
             "middle", name);
    add_number(n, x, node->y + (is_target ? 11 : 13), "live", v, out);
    bool has_gradient = !is_target && node->kind != GRAPH_INPUT;
    double beside = node->is_late ? -height - 6 : height + 13; // arrows of targets come from below
    if (has_gradient) add_number(n, x, node->y + beside, "live slope", v, out);
    text_printf(
        out,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"9\" class=\"pick\" "
        "tabindex=\"0\" role=\"button\" aria-label=\"",
        left + 2, node->y - height + 2, right - left - 4, 2 * height - 4);
    xml_add(out, name);
    text_add(out, "\"");
    graph_live_mark(n, v, out);
    text_add(out, "/>\n");
}

void graph_live_node(const Neurons *n, const GraphNode *node, Text *out) {
    double left = node->x - node->left, right = node->x + node->right;
    add_part(n, node, left, node->activation ? node->x : right, node->name, node->value, out);
    if (node->activation) add_part(n, node, node->x, right, node->activation, node->second, out);
}

void graph_live_label(const Neurons *n, double x, double y, const char *anchor, const char *label,
                      GraphValue v, Text *out) {
    text_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"small\" text-anchor=\"%s\">", x, y,
                anchor);
    xml_add(out, arena_copy(n->arena, label, (size_t)name_size(label)));
    text_add(out, " = <tspan class=\"live\"");
    graph_live_mark(n, v, out);
    text_add(out, "></tspan></text>\n");
}
