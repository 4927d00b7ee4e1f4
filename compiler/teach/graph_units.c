// graph_units.c: a network as its stages: what each equation belongs to, and which tensors pass
// between.
#include "teach/graph.h"

#include "teach/svg.h"
#include "teach/summary.h"

#include <math.h>
#include <string.h>

enum { UNIT_WIDTH = 232, UNIT_HEIGHT = 42, UNIT_STEP = 78, COLUMN_STEP = 300, UNITS_HEAD = 62 };

const char *graph_shape(const Program *p, const Tensor *t) {
    int first = summary_first_axis(p, t);
    if (t->rank <= first) return "a number";
    Text text = text_new(p->arena);
    for (int i = first; i < t->rank; i++)
        text_printf(&text, "%s%lld", i > first ? ", " : "[", (long long)t->axis[i]->extent);
    text_add(&text, "]");
    return text.bytes;
}

typedef struct Collect {
    const Program *p;
    Units *out;
    int *unit_of; // by tensor id: the unit that makes it, or -1
    bool *is_needed;
    int unit; // whose equation is looked at
    LIST(const Tensor *) todo;
} Collect;

static void need(const Expr *read, void *data) {
    Collect *c = data;
    if (c->is_needed[read->tensor->id]) return;
    c->is_needed[read->tensor->id] = true;
    list_add(c->p->arena, c->todo, read->tensor);
}

static void find_needed(Collect *c) {
    const Program *p = c->p;
    const Tensor *last = p->loss;
    if (!last && p->output.count) last = p->output.item[p->output.count - 1];
    if (!last) return;
    c->is_needed[last->id] = true;
    list_add(p->arena, c->todo, last);
    for (int k = 0; k < c->todo.count; k++)
        for (int i = 0; i < p->forward.count; i++)
            if (p->forward.item[i]->out == c->todo.item[k])
                expr_each_read(p->forward.item[i]->value, need, c);
}

static int add_unit(Collect *c, Unit unit) {
    list_add(c->p->arena, c->out->unit, unit);
    return c->out->unit.count - 1;
}

static const char *last_part(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

// The unit of an equation: its stage, or itself where it stands outside of stages.
static int unit_for(Collect *c, const Equation *q) {
    const Stage *s = q->stage && q->stage->parent ? q->stage : NULL;
    if (c->unit_of[q->out->id] >= 0) return c->unit_of[q->out->id];
    for (int i = 0; i < c->out->unit.count && s; i++)
        if (c->out->unit.item[i].stage == s) return i;
    if (s) {
        const char *kind = s->kind ? s->kind : last_part(s->path);
        return add_unit(c, (Unit){.name = s->path,
                                  .kind = kind,
                                  .stage = s,
                                  .parameters = summary_stage_parameters(c->p, s)});
    }
    const char *text = equation_print(c->p, q);
    bool is_short = strlen(text) <= 34;
    return add_unit(c, (Unit){.name = q->out->name, .kind = is_short ? text : q->out->name});
}

static void add_edge(const Expr *read, void *data) {
    Collect *c = data;
    int from = c->unit_of[read->tensor->id];
    if (from < 0 || from == c->unit) return;
    for (int i = 0; i < c->out->edge.count; i++)
        if (c->out->edge.item[i].from == from && c->out->edge.item[i].to == c->unit) return;
    list_add(c->p->arena, c->out->edge,
             ((UnitEdge){from, c->unit, graph_shape(c->p, read->tensor)}));
}

static void add_given(Collect *c, TensorRole role, const char *kind) {
    for (int i = 0; i < c->p->tensor.count; i++) {
        const Tensor *t = c->p->tensor.item[i];
        if (t->role != role || !c->is_needed[t->id]) continue;
        c->unit_of[t->id] = add_unit(c, (Unit){.name = t->name, .kind = kind, .is_given = true});
    }
}

// The mean over the batch is no part of the network.
static bool is_shown(const Collect *c, const Equation *q) {
    return c->is_needed[q->out->id] && q->out->role == TENSOR_VALUE;
}

Units graph_units_of(const Program *p) {
    Units out = {.arena = p->arena, .title = p->name};
    int most = 0;
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->id > most) most = p->tensor.item[i]->id;
    Collect c = {.p = p, .out = &out};
    c.unit_of = arena_new_array(p->arena, int, most + 1);
    c.is_needed = arena_new_array(p->arena, bool, most + 1);
    for (int i = 0; i <= most; i++) c.unit_of[i] = -1;
    find_needed(&c);
    add_given(&c, TENSOR_INPUT, "input");
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        if (is_shown(&c, q)) c.unit_of[q->out->id] = unit_for(&c, q);
    }
    add_given(&c, TENSOR_TARGET, "target");
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        c.unit = c.unit_of[q->out->id];
        if (is_shown(&c, q)) expr_each_read(q->value, add_edge, &c);
    }
    return out;
}

// --- places: columns of units, read downwards, then to the right

// The block just below the root that a unit belongs to; NULL for none.
static const Stage *block_of(const Unit *u) {
    const Stage *s = u->stage;
    while (s && s->parent && s->parent->parent) s = s->parent;
    return s && s->child.count ? s : NULL;
}

static int rows_wanted(int count) {
    int rows = (int)ceil(sqrt(1.7 * count));
    return rows < 6 ? 6 : rows;
}

// How many units from `i` on belong to its block.
static int run_length(const Units *u, int i) {
    int count = 1;
    while (block_of(&u->unit.item[i]) && i + count < u->unit.count &&
           block_of(&u->unit.item[i + count]) == block_of(&u->unit.item[i]))
        count++;
    return count;
}

static void place_units(Units *u, double *width, double *height) {
    int most = rows_wanted(u->unit.count), column = 0, row = 0, rows = 0;
    for (int i = 0; i < u->unit.count;) {
        int run = run_length(u, i);
        if (row > 0 && (row + (run <= most ? run : 1) > most + 1)) {
            column++;
            row = 0;
        }
        for (int k = 0; k < run; k++, i++, row++) {
            if (row > most) {
                column++;
                row = 0;
            }
            u->unit.item[i].x = 34 + column * COLUMN_STEP;
            u->unit.item[i].y = UNITS_HEAD + row * UNIT_STEP;
            if (row >= rows) rows = row + 1;
        }
    }
    *width = 34 + column * COLUMN_STEP + UNIT_WIDTH + 44;
    *height = UNITS_HEAD + rows * UNIT_STEP;
}

// --- drawing

static void draw_block(const Units *u, int first, int count, Text *out) {
    const Stage *s = block_of(&u->unit.item[first]);
    for (int i = first, n; i < first + count; i += n) { // one frame a column
        double x = u->unit.item[i].x;
        for (n = 1; i + n < first + count && fabs(u->unit.item[i + n].x - x) < 1; n++) continue;
        double top = u->unit.item[i].y - 24;
        text_printf(
            out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" rx=\"8\" class=\"frame\" "
            "stroke-dasharray=\"4 3\"/>\n",
            x - 14, top, UNIT_WIDTH + 28, u->unit.item[i + n - 1].y + UNIT_HEIGHT + 10 - top);
        svg_text(out, x - 6, top + 14, "small", "start",
                 arena_printf(u->arena, "%s: %s", s->path, s->kind ? s->kind : "block"));
    }
}

static void draw_unit(const Units *u, const Unit *unit, Text *out) {
    const char *colour = unit->is_given ? "c2 f2" : unit->parameters ? "c0 f0" : "c6 f6";
    text_printf(out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"%d\" class=\"%s\" "
                "fill-opacity=\"%s\" stroke-width=\"1.6\"/>\n",
                unit->x, unit->y, UNIT_WIDTH, UNIT_HEIGHT, unit->is_given ? 21 : 5, colour,
                unit->parameters || unit->is_given ? "0.13" : "0.05");
    svg_text(out, unit->x + 10, unit->y + 18, "strong", "start", unit->kind);
    svg_text(out, unit->x + 10, unit->y + 34, "small", "start", unit->name);
    if (unit->parameters)
        svg_text(out, unit->x + UNIT_WIDTH - 8, unit->y + 18, "small", "end",
                 arena_printf(u->arena, "%s parameter%s",
                              summary_number(u->arena, unit->parameters),
                              unit->parameters > 1 ? "s" : ""));
}

static void draw_arrow(const Units *u, const UnitEdge *e, int *skips, Text *out) {
    const Unit *a = &u->unit.item[e->from], *b = &u->unit.item[e->to];
    double half = UNIT_WIDTH / 2.0;
    bool same = fabs(a->x - b->x) < 1, next = same && b->y > a->y && b->y - a->y < UNIT_STEP + 1;
    text_add(out, "<path class=\"edge\" marker-end=\"url(#tip)\" d=\"");
    if (next) {
        text_printf(out, "M%.1f %.1fV%.1f\"/>\n", a->x + half, a->y + UNIT_HEIGHT, b->y - 4);
        svg_text(out, a->x + half + 8, (a->y + UNIT_HEIGHT + b->y) / 2 + 4, "small", "start",
                 e->shape);
    } else if (same) { // past the units between
        double side = a->x + UNIT_WIDTH + 16 + 7 * (*skips)++ % 28;
        text_printf(out, "M%.1f %.1fH%.1fV%.1fH%.1f\"/>\n", a->x + UNIT_WIDTH, a->y + 30, side,
                    b->y + 12, b->x + UNIT_WIDTH + 4);
    } else if (b->x > a->x) {
        bool adjacent = e->to == e->from + 1;
        double gap = b->x - (adjacent ? 34 : 24), top = b->y + UNIT_HEIGHT / 2.0;
        text_printf(out, "M%.1f %.1fH%.1fV%.1fH%.1f\"/>\n", a->x + UNIT_WIDTH,
                    a->y + UNIT_HEIGHT / 2.0, gap, top, b->x - 4);
        if (!adjacent) return;
        text_printf(out, "<g transform=\"translate(%.1f %.1f) rotate(-90)\">", gap - 5,
                    (a->y + b->y + UNIT_HEIGHT) / 2);
        svg_text(out, 0, 0, "small", "middle", e->shape);
        text_add(out, "</g>\n");
    } else {
        text_printf(out, "M%.1f %.1fH%.1fV%.1fH%.1f\"/>\n", a->x, a->y + UNIT_HEIGHT / 2.0,
                    a->x - 20, b->y + UNIT_HEIGHT / 2.0, b->x + UNIT_WIDTH + 4);
    }
}

void graph_units_svg(Units *u, Text *out) {
    double width, height;
    int skips = 0;
    int64_t parameters = 0;
    place_units(u, &width, &height);
    width = fmax(width, 170 + 1.1 * svg_text_width(u->title, 17));
    for (int i = 0; i < u->unit.count; i++) parameters += u->unit.item[i].parameters;
    svg_open(out, width, height, u->title,
             arena_printf(u->arena,
                          "The network %s in %d stages; shapes of one sample on the arrows.",
                          u->title, u->unit.count));
    text_add(out, "<marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"4\" refY=\"4\" markerWidth=\"7\" "
                  "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" class=\"head\"/>"
                  "</marker>\n");
    svg_text(out, 16, 26, "title", "start", u->title);
    svg_text(out, 30 + 1.1 * svg_text_width(u->title, 17), 26, "small", "start",
             arena_printf(u->arena, "%s parameters", summary_number(u->arena, parameters)));
    for (int i = 0; i < u->unit.count; i += run_length(u, i))
        if (block_of(&u->unit.item[i])) draw_block(u, i, run_length(u, i), out);
    for (int i = 0; i < u->edge.count; i++) draw_arrow(u, &u->edge.item[i], &skips, out);
    for (int i = 0; i < u->unit.count; i++) draw_unit(u, &u->unit.item[i], out);
    svg_close(out);
}
