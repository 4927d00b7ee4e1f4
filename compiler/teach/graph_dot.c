// graph_dot.c: the same pictures as text for graphviz.
#include "teach/graph.h"

#include "teach/summary.h"

#include <string.h>

void graph_add_quoted(Text *out, const char *text) {
    text_add(out, "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') text_add(out, "\\");
        text_add_bytes(out, *text == '\n' ? " " : text, 1);
    }
    text_add(out, "\"");
}

// Part of a record's label, in which { } | < > mean something.
static void add_field(Text *out, const char *text) {
    for (; *text; text++) {
        if (strchr("{}|<> ", *text)) text_add(out, "\\");
        if (*text == '"' || *text == '\\') text_add(out, "\\");
        text_add_bytes(out, text, 1);
    }
}

static void open_graph(Text *out, const char *title, const char *direction) {
    text_add(out, "digraph ");
    graph_add_quoted(out, title);
    text_printf(out,
                " {\n  rankdir=%s\n  bgcolor=transparent\n"
                "  node [fontname=\"Helvetica\", fontsize=12]\n"
                "  edge [fontname=\"Helvetica\", fontsize=10]\n",
                direction);
}

static void add_neuron(Text *out, int number, const GraphNode *node) {
    static const char *const shape[] = {"circle", "circle", "circle", "box"};
    static const char *const colour[] = {"#555555", "#009E73", "#0072B2", "#D55E00"};
    text_printf(out, "  n%d [", number);
    if (node->activation) {
        text_add(out, "shape=Mrecord, label=\"{");
        add_field(out, node->name);
        text_add(out, "|");
        add_field(out, node->activation);
        text_add(out, "}\"");
    } else {
        text_printf(out, "shape=%s, label=", shape[node->kind]);
        graph_add_quoted(out, node->name);
    }
    if (node->bias) {
        text_add(out, ", xlabel=");
        graph_add_quoted(out, node->bias);
    }
    text_printf(out, ", color=\"%s\"]\n", colour[node->kind]);
}

void graph_neurons_dot(const Neurons *n, Text *out) {
    open_graph(out, n->title, "LR");
    for (int i = 0; i < n->node.count; i++) add_neuron(out, i, &n->node.item[i]);
    for (int c = 0; c < n->column_count; c++) {
        text_add(out, "  { rank=same");
        for (int i = 0; i < n->node.count; i++)
            if (n->node.item[i].column == c && n->node.item[i].kind != GRAPH_TARGET)
                text_printf(out, "; n%d", i);
        text_add(out, " }\n");
    }
    for (int i = 0; i < n->edge.count; i++) {
        const GraphEdge *e = &n->edge.item[i];
        text_printf(out, "  n%d -> n%d", e->from, e->to);
        if (e->label) {
            text_add(out, " [label=");
            graph_add_quoted(out, e->label);
            text_add(out, "]");
        }
        text_add(out, "\n");
    }
    text_add(out, "}\n");
}

static void add_unit(const Units *u, int number, Text *out) {
    const Unit *unit = &u->unit.item[number];
    text_printf(out, "  n%d [shape=%s, label=", number, unit->is_given ? "ellipse" : "box");
    const char *parameters =
        unit->parameters
            ? arena_printf(u->arena, ", %s parameters", summary_number(u->arena, unit->parameters))
            : "";
    bool same = !strcmp(unit->kind, unit->name);
    graph_add_quoted(
        out, same ? unit->name
                  : arena_printf(u->arena, "%s (%s%s)", unit->name, unit->kind, parameters));
    text_add(out, "]\n");
}

void graph_units_dot(const Units *u, Text *out) {
    open_graph(out, u->title, "TB");
    for (int i = 0; i < u->unit.count; i++) add_unit(u, i, out);
    for (int i = 0; i < u->edge.count; i++) {
        const UnitEdge *e = &u->edge.item[i];
        text_printf(out, "  n%d -> n%d [label=", e->from, e->to);
        graph_add_quoted(out, e->shape);
        text_add(out, "]\n");
    }
    text_add(out, "}\n");
}
