// graph_draw.c: neurons as a textbook draws them: in columns, a sum and its activation as one
// capsule in two halves, weights along the edges.
#include "teach/graph_live.h"
#include "teach/svg.h"

#include <math.h>
#include <string.h>

enum { HALF_HEIGHT = GRAPH_HALF_HEIGHT, ROW = 118, HEAD = 92, LABELS = 16, TARGET_DROP = 66 };

// Live numbers need more room than names.
static double half_width(const Neurons *n, const char *text) {
    return fmax(n->number ? 72 : 48, svg_text_width(text, 13) + 18);
}

static void measure(const Neurons *n, GraphNode *node) {
    if (node->kind == GRAPH_TARGET) {
        node->left = node->right =
            fmax(n->number ? 32 : 17, svg_text_width(node->name, 12) / 2 + 6);
    } else if (node->activation) {
        node->left = half_width(n, node->name);
        node->right = half_width(n, node->activation);
    } else {
        node->left = node->right = half_width(n, node->name) / 2;
    }
}

// Edges from the column before: how many, and the longest label of theirs.
static int count_edges(const Neurons *n, int column, double *longest) {
    int count = 0;
    for (int i = 0; i < n->edge.count; i++) {
        const GraphEdge *e = &n->edge.item[i];
        bool is_here =
            n->node.item[e->to].column == column && n->node.item[e->from].kind != GRAPH_TARGET;
        if (!is_here) continue;
        count++;
        if (e->label) *longest = fmax(*longest, svg_text_width(graph_live_room(n, e), 11));
    }
    return count;
}

static bool shows_labels(const Neurons *n, int column) {
    double unused = 0;
    return count_edges(n, column, &unused) <= LABELS;
}

static void place_targets(Neurons *n) {
    for (int i = 0; i < n->node.count; i++) {
        int count = 0;
        for (int pass = 0; pass < 2; pass++) {
            int at = 0;
            for (int k = 0; k < n->edge.count; k++) {
                GraphNode *t = &n->node.item[n->edge.item[k].from];
                bool is_mine = n->edge.item[k].to == i && t->kind == GRAPH_TARGET && t->y <= 0;
                if (!is_mine) continue;
                if (pass) {
                    double step = n->number ? 76 : 46, drop = n->number ? 14 : 0;
                    t->x = n->node.item[i].x + (at++ - 0.5 * (count - 1)) * step;
                    t->y = n->node.item[i].y + TARGET_DROP + drop;
                } else {
                    count++;
                }
                if (pass && at == count) break;
            }
        }
    }
}

// Live numbers stand above and below their nodes, and targets further down.
static double row_height(const Neurons *n) {
    for (int i = 0; n->number && i < n->node.count; i++)
        if (n->node.item[i].kind == GRAPH_TARGET) return ROW + 24;
    return ROW;
}

static int count_column(const Neurons *n, int column) {
    int count = 0;
    for (int i = 0; i < n->node.count; i++)
        count += n->node.item[i].column == column && n->node.item[i].kind != GRAPH_TARGET;
    return count;
}

// Room for the labels, and more where steep edges come close to each other.
static double gap_before(const Neurons *n, int column, double longest, int edges) {
    int rows = (int)fmax(count_column(n, column - 1), count_column(n, column));
    bool is_named = edges <= LABELS && longest > 0;
    double steep = (is_named ? 0.7 : 0.3) * row_height(n) * (rows - 1);
    return fmax(is_named ? fmax(130, 2.2 * longest + 50) : 90, fmin(steep, 340));
}

// Sets the places of all nodes; returns the size of the picture.
static void place(Neurons *n, double *width, double *height) {
    int rows = 1;
    double x = 24;
    for (int i = 0; i < n->node.count; i++) measure(n, &n->node.item[i]);
    for (int c = 0; c < n->column_count; c++)
        if (count_column(n, c) > rows) rows = count_column(n, c);
    for (int c = 0; c < n->column_count; c++) {
        double left = 24, right = 24, longest = 0;
        for (int i = 0; i < n->node.count; i++) {
            if (n->node.item[i].column != c || n->node.item[i].kind == GRAPH_TARGET) continue;
            left = fmax(left, n->node.item[i].left);
            right = fmax(right, n->node.item[i].right);
        }
        int edges = c ? count_edges(n, c, &longest) : 0;
        if (c) x += gap_before(n, c, longest, edges);
        x += left;
        int count = count_column(n, c), row = 0;
        for (int i = 0; i < n->node.count; i++) {
            GraphNode *node = &n->node.item[i];
            if (node->column != c || node->kind == GRAPH_TARGET) continue;
            node->x = x;
            node->y = HEAD + row_height(n) * (0.5 * (rows - count) + row++) + 36;
        }
        x += right;
    }
    *width = x + 24;
    place_targets(n);
    *height = 0;
    for (int i = 0; i < n->node.count; i++)
        *height = fmax(*height, n->node.item[i].y + HALF_HEIGHT +
                                    (n->node.item[i].bias ? (n->number ? 40 : 34) : 20));
}

// --- drawing

static void draw_names(Text *out, const GraphNode *node) {
    if (!node->activation) {
        svg_text(out, node->x, node->y + 4.5, node->kind == GRAPH_LOSS ? "strong" : "text",
                 "middle", node->name);
        return;
    }
    svg_text(out, node->x - node->left / 2 + 1, node->y + 4.5, "text", "middle", node->name);
    svg_text(out, node->x + node->right / 2 - 1, node->y + 4.5, "text", "middle", node->activation);
}

static void draw_bias(const Neurons *n, const GraphNode *node, double y, Text *out) {
    bool is_one = !strstr(node->bias, " + ");
    if (n->number && is_one)
        graph_live_label(n, node->x, y + 30, "middle", node->bias, node->bias_value, out);
    else
        svg_text(out, node->x, y + (n->number ? 30 : 15), "small", "middle", node->bias);
}

static void draw_node(const Neurons *n, Text *out, const GraphNode *node) {
    static const char *const colour[] = {"c6 f6", "c2 f2", "c0 f0", "c1 f1"};
    double height = node->kind == GRAPH_TARGET ? 17 : HALF_HEIGHT;
    text_printf(
        out,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\" class=\"%s\" "
        "fill-opacity=\"%s\" stroke-width=\"%s\"/>\n",
        node->x - node->left, node->y - height, node->left + node->right, 2 * height,
        node->kind == GRAPH_LOSS ? 6 : height, colour[node->kind],
        node->kind == GRAPH_INPUT ? "0.06" : "0.13", node->kind == GRAPH_LOSS ? "3" : "1.8");
    if (node->activation) svg_line(out, node->x, node->y - height, node->x, node->y + height, "c0");
    if (n->number)
        graph_live_node(n, node, out);
    else
        draw_names(out, node);
    if (node->bias) draw_bias(n, node, node->y + height, out);
}

// From the border of one node to that of the other.
typedef struct Line {
    double x1, y1, x2, y2;
} Line;

static Line line_of(const Neurons *n, const GraphEdge *e) {
    const GraphNode *a = &n->node.item[e->from], *b = &n->node.item[e->to];
    if (a->kind != GRAPH_TARGET) return (Line){a->x + a->right, a->y, b->x - b->left, b->y};
    double aside = a->x > b->x ? 1 : a->x < b->x ? -1 : 0;
    return (Line){a->x, a->y - 17, b->x + aside * fmin(fabs(a->x - b->x) * 0.5, b->right),
                  b->y + HALF_HEIGHT};
}

enum { POINTS = 5 };
// The handles of the curve of an edge that passes over other columns: the nodes between lie below,
// and a curve comes within a quarter of its handles.
typedef struct Curve {
    double x1, y1, x2, y2;
} Curve;

static Curve curve_of(Line l) {
    double over = HEAD - 4;
    return (Curve){l.x1 + 40, l.y1 + (over - l.y1) / 0.75, l.x2 - 60, l.y2 + (over - l.y2) / 0.75};
}

// Points of a label.
typedef struct Label {
    double x[POINTS], y[POINTS];
} Label;

// The middle lies at `share` of the edge, and a little above it.
static Label label_at(Line l, double width, double share) {
    double length = hypot(l.x2 - l.x1, l.y2 - l.y1);
    double dx = (l.x2 - l.x1) / length, dy = (l.y2 - l.y1) / length;
    Label label;
    for (int i = 0; i < POINTS; i++) {
        double at = share * length + (i - 2) * 0.24 * width;
        label.x[i] = l.x1 + at * dx + 9 * dy;
        label.y[i] = l.y1 + at * dy - 9 * dx;
    }
    return label;
}

static double distance(Line l, double x, double y) {
    double dx = l.x2 - l.x1, dy = l.y2 - l.y1;
    double share = ((x - l.x1) * dx + (y - l.y1) * dy) / (dx * dx + dy * dy);
    share = fmax(0, fmin(1, share));
    return hypot(x - l.x1 - share * dx, y - l.y1 - share * dy);
}

// How much stands in the way of a label: labels before it, other edges.
static double crowding(const Neurons *n, int edge, const Label *placed, int count, Label label) {
    double cost = 0;
    for (int i = 0; i < POINTS; i++) {
        for (int k = 0; k < count; k++)
            for (int j = 0; j < POINTS; j++)
                cost += 5 * fmax(0, 15 - hypot(label.x[i] - placed[k].x[j],
                                               label.y[i] - placed[k].y[j]));
        for (int k = 0; k < n->edge.count; k++)
            if (k != edge)
                cost += fmax(0, 9 - distance(line_of(n, &n->edge.item[k]), label.x[i], label.y[i]));
    }
    return cost;
}

static void draw_label(const Neurons *n, Text *out, Line l, double share, const GraphEdge *e) {
    text_printf(out, "<g transform=\"translate(%.1f %.1f) rotate(%.1f)\">",
                l.x1 + share * (l.x2 - l.x1), l.y1 + share * (l.y2 - l.y1),
                atan2(l.y2 - l.y1, l.x2 - l.x1) * 180 / acos(-1));
    if (n->number)
        graph_live_label(n, 0, -5, "middle", e->label, e->weight, out);
    else
        svg_text(out, 0, -5, "small halo", "middle", e->label);
    text_add(out, "</g>\n");
}

// Whether other columns lie between.
static bool skips(const Neurons *n, const GraphEdge *e) {
    const GraphNode *a = &n->node.item[e->from], *b = &n->node.item[e->to];
    return a->kind != GRAPH_TARGET && b->column != a->column + 1;
}

// Each label goes where the least stands in its way, rather near the beginning of its edge.
static void draw_labels(const Neurons *n, Text *out) {
    Label *placed = arena_new_array(n->arena, Label, n->edge.count + 1);
    int count = 0;
    for (int i = 0; i < n->edge.count; i++) {
        const GraphEdge *e = &n->edge.item[i];
        if (!e->label || !shows_labels(n, n->node.item[e->to].column)) continue;
        Line l = line_of(n, e);
        if (skips(n, e)) { // beside the curve where it rises
            Curve c = curve_of(l);
            double x = 0.59 * l.x1 + 0.33 * c.x1 + 0.06 * c.x2 + 0.004 * l.x2; // at 0.16 of it
            double y = 0.59 * l.y1 + 0.33 * c.y1 + 0.06 * c.y2 + 0.004 * l.y2;
            if (n->number)
                graph_live_label(n, x + 8, y + 8, "start", e->label, e->weight, out);
            else
                svg_text(out, x + 8, y + 8, "small halo", "start", e->label);
            continue;
        }
        double length = hypot(l.x2 - l.x1, l.y2 - l.y1),
               width = svg_text_width(graph_live_room(n, e), 11);
        double first = fmin(0.5, (width / 2 + 14) / length), best = first, least = INFINITY;
        for (double share = first; share <= fmax(first, 0.8); share += 0.03) {
            double cost = crowding(n, i, placed, count, label_at(l, width, share)) + 10 * share;
            if (cost >= least) continue;
            least = cost;
            best = share;
        }
        placed[count++] = label_at(l, width, best);
        draw_label(n, out, l, best, e);
    }
}

static void draw_edge(const Neurons *n, const GraphEdge *e, Text *out) {
    const GraphNode *a = &n->node.item[e->from], *b = &n->node.item[e->to];
    bool is_target = a->kind == GRAPH_TARGET;
    Line l = line_of(n, e);
    text_add(out, "<path class=\"edge\"");
    if (n->number) graph_live_mark(n, e->weight, out);
    text_printf(out, " marker-end=\"url(#tip)\" d=\"M%.1f %.1f", l.x1, l.y1);
    Curve c = curve_of(l);
    if (skips(n, e))
        text_printf(out, "C%.1f %.1f %.1f %.1f %.1f %.1f\">", c.x1, c.y1, c.x2, c.y2, l.x2 - 5,
                    l.y2);
    else
        text_printf(out, "L%.1f %.1f\">", l.x2 - (is_target ? 0 : 5), l.y2 + (is_target ? 5 : 0));
    text_add(out, "<title>");
    xml_add(out, e->label ? e->label : "");
    text_add(out, e->label ? ": " : "");
    xml_add(out, a->activation ? a->activation : a->name);
    text_add(out, " to ");
    xml_add(out, b->name);
    text_add(out, "</title></path>\n");
}

static const char *column_title(const Neurons *n, int column) {
    bool is_late = false, has_loss = false, next_is_late = column + 1 == n->column_count;
    for (int i = 0; i < n->node.count; i++) {
        const GraphNode *node = &n->node.item[i];
        if (node->kind == GRAPH_TARGET) continue;
        if (node->column == column) is_late = is_late || node->is_late || node->kind == GRAPH_LOSS;
        if (node->column == column) has_loss = has_loss || node->kind == GRAPH_LOSS;
        if (node->column == column + 1) next_is_late = next_is_late || node->is_late;
    }
    if (column == 0) return "inputs";
    if (is_late) return has_loss ? "loss" : "errors";
    return next_is_late ? "output" : "hidden";
}

static const char *column_function(const Neurons *n, int column) {
    for (int i = 0; i < n->node.count; i++)
        if (n->node.item[i].column == column && n->node.item[i].activation)
            return n->node.item[i].function;
    return NULL;
}

static void draw_heads(const Neurons *n, Text *out) {
    for (int c = 0; c < n->column_count; c++) {
        const GraphNode *first = NULL;
        for (int i = 0; i < n->node.count && !first; i++)
            if (n->node.item[i].column == c && n->node.item[i].kind != GRAPH_TARGET)
                first = &n->node.item[i];
        if (!first) continue;
        double x = first->x + 0.5 * (first->right - first->left);
        svg_text(out, x, 58, "strong", "middle", column_title(n, c));
        if (column_function(n, c))
            svg_text(out, x, 76, "small", "middle",
                     arena_printf(n->arena, "sum | %s", column_function(n, c)));
    }
}

static int count_kind(const Neurons *n, GraphKind kind) {
    int count = 0;
    for (int i = 0; i < n->node.count; i++) count += n->node.item[i].kind == kind;
    return count;
}

void graph_neurons_svg(Neurons *n, Text *out) {
    double width, height;
    place(n, &width, &height);
    width = fmax(width, 40 + svg_text_width(n->title, 17));
    svg_open(out, width, height, n->title,
             arena_printf(n->arena, "The network %s: %d inputs, %d neurons, %d edges.", n->title,
                          count_kind(n, GRAPH_INPUT), count_kind(n, GRAPH_NEURON), n->edge.count));
    text_add(out, "<marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"4\" refY=\"4\" markerWidth=\"7\" "
                  "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" class=\"head\"/>"
                  "</marker>\n");
    svg_text(out, 16, 26, "title", "start", n->title);
    draw_heads(n, out);
    for (int i = 0; i < n->edge.count; i++) draw_edge(n, &n->edge.item[i], out);
    draw_labels(n, out);
    for (int i = 0; i < n->node.count; i++) draw_node(n, out, &n->node.item[i]);
    svg_close(out);
}
