// graph_neurons.c: the neurons of a small network. Every element of every tensor is a node; its
// equation, written out at that element, gives the edges: a term with one parameter and one value
// is a weight on the edge between them, a term of parameters alone a bias.
#include "teach/graph.h"

#include <string.h>

enum { MOST_WORK = 200000 }; // steps of writing out, a guard

// The values of indices while an equation is written out.
typedef struct Binding {
    const Index *index;
    int64_t value;
    const struct Binding *outer;
} Binding;

typedef struct Element {
    const Tensor *tensor;
    int64_t at; // row-major, without the sample axis
} Element;

// What one term of a sum reads.
typedef struct Term {
    LIST(Element) param;
    LIST(int) node;
} Term;

typedef struct Builder {
    const Program *p;
    Neurons *out;
    Arena *arena;
    LIST(Element) element; // of each node
    int node;              // whose equation is being written out
    int work;
    bool is_too_large;
} Builder;

static int first_axis(const Builder *b, const Tensor *t) {
    return t->per_sample && b->p->sample && t->rank > 0 ? 1 : 0;
}

static const char *element_text(const Builder *b, const char *name, Element e) {
    int first = first_axis(b, e.tensor);
    if (e.tensor->rank <= first) return name;
    int64_t subscript[32] = {0};
    for (int i = e.tensor->rank; i-- > first;) {
        subscript[i] = e.at % e.tensor->axis[i]->extent;
        e.at /= e.tensor->axis[i]->extent;
    }
    Text text = text_new(b->arena);
    text_printf(&text, "%s[", name);
    for (int i = first; i < e.tensor->rank; i++)
        text_printf(&text, "%s%lld", i > first ? "," : "", (long long)subscript[i]);
    text_add(&text, "]");
    return text.bytes;
}

static bool is_stage_output(const Stage *s, const Tensor *t) {
    for (; s; s = s->parent)
        for (int i = 0; i < s->output.count; i++)
            if (s->output.item[i] == t) return true;
    return false;
}

bool graph_is_inside(const Tensor *t) {
    if (t->role != TENSOR_VALUE || !t->stage || !t->stage->parent) return false;
    return !is_stage_output(t->stage, t);
}

static int64_t value_of(const Affine a, const Binding *bound) {
    int64_t sum = a.constant;
    for (int i = 0; i < a.count; i++)
        for (const Binding *at = bound; at; at = at->outer)
            if (at->index == a.term[i].index) {
                sum += a.term[i].coefficient * at->value;
                break;
            }
    return sum; // the sample index is bound nowhere: sample 0
}

// 1 or 0 where indices alone decide, else -1.
static int decide(const Expr *e, const Binding *bound) {
    if (e->kind == E_TRUE) return 1;
    if (e->kind == E_FALSE) return 0;
    if (e->kind == E_NONNEGATIVE) return value_of(e->affine, bound) >= 0;
    if (e->kind == E_AND) {
        int all = 1;
        for (int i = 0; i < e->arg_count; i++) {
            int one = decide(e->arg[i], bound);
            if (one == 0) return 0;
            if (one < 0) all = -1;
        }
        return all;
    }
    return -1;
}

static void gather(Builder *b, const Expr *e, const Binding *bound, Term *term);
static void write_out(Builder *b, Element e, Term *term);

static int find_node(const Builder *b, Element e) {
    for (int i = 0; i < b->element.count; i++)
        if (b->element.item[i].tensor == e.tensor && b->element.item[i].at == e.at) return i;
    return -1;
}

static void add_read(Builder *b, Element e, Term *term) {
    if (b->is_too_large || ++b->work > MOST_WORK) {
        b->is_too_large = true;
    } else if (e.tensor->role == TENSOR_PARAM) {
        list_add(b->arena, term->param, e);
    } else if (graph_is_inside(e.tensor)) {
        write_out(b, e, term);
    } else if (e.tensor->role != TENSOR_STATE) {
        int node = find_node(b, e);
        if (node >= 0) list_add(b->arena, term->node, node);
    }
}

// The elements that a read may mean: one, or, where a value chooses along an axis, all of that
// axis.
static void gather_read(Builder *b, const Expr *e, int axis, int64_t at, const Binding *bound,
                        Term *term) {
    const Tensor *t = e->tensor;
    if (b->is_too_large) return;
    if (axis == t->rank) {
        add_read(b, (Element){t, at}, term);
        return;
    }
    int64_t extent = t->axis[axis]->extent;
    const Expr *subscript = e->arg[axis];
    if (axis < first_axis(b, t)) {
        gather_read(b, e, axis + 1, 0, bound, term);
    } else if (subscript->kind == E_INDEX) {
        int64_t value = value_of(subscript->affine, bound);
        if (value >= 0 && value < extent)
            gather_read(b, e, axis + 1, at * extent + value, bound, term);
    } else {
        gather(b, subscript, bound, term);
        for (int64_t i = 0; i < extent; i++)
            gather_read(b, e, axis + 1, at * extent + i, bound, term);
    }
}

typedef void Visit(Builder *b, const Expr *body, const Binding *bound, void *data);

// Calls visit for every value of the reduction's indices from `k` on.
static void each_value(Builder *b, const Expr *e, int k, const Binding *bound, Visit *visit,
                       void *data) {
    if (b->is_too_large || ++b->work > MOST_WORK) {
        b->is_too_large = true;
        return;
    }
    if (k == e->index_count) {
        if (decide(e->arg[0], bound) != 0) visit(b, e->arg[1], bound, data);
        return;
    }
    int64_t extent = e->index[k]->is_sample ? 1 : e->index[k]->extent;
    for (int64_t i = 0; i < extent && !b->is_too_large; i++) {
        Binding inner = {e->index[k], i, bound};
        each_value(b, e, k + 1, &inner, visit, data);
    }
}

static void gather_body(Builder *b, const Expr *body, const Binding *bound, void *data) {
    gather(b, body, bound, data);
}

// All that an expression reads, as one term.
static void gather(Builder *b, const Expr *e, const Binding *bound, Term *term) {
    if (e->kind == E_READ) {
        gather_read(b, e, 0, 0, bound, term);
    } else if (e->kind == E_REDUCE) {
        each_value(b, e, 0, bound, gather_body, term);
    } else if (e->kind == E_SELECT && decide(e->arg[0], bound) >= 0) {
        gather(b, e->arg[decide(e->arg[0], bound) ? 1 : 2], bound, term);
    } else {
        for (int i = 0; i < e->arg_count; i++) gather(b, e->arg[i], bound, term);
    }
}

// --- terms to edges

static const char *weight_text(const Builder *b, Element e) {
    const Init *init = &e.tensor->init;
    const char *name = element_text(b, e.tensor->label, e);
    bool known = init->kind == INIT_VALUES || init->kind == INIT_CONSTANT;
    if (!known) return name;
    double value = init->kind == INIT_VALUES ? init->value[e.at] : init->a;
    return arena_printf(b->arena, "%s = %s", name, number_text(b->arena, value));
}

static void add_edge(Builder *b, int from, const char *label, GraphValue weight) {
    for (int i = 0; i < b->out->edge.count; i++) {
        GraphEdge *edge = &b->out->edge.item[i];
        if (edge->from != from || edge->to != b->node) continue;
        if (!edge->label) edge->label = label, edge->weight = weight;
        return;
    }
    list_add(b->arena, b->out->edge, ((GraphEdge){from, b->node, label, weight}));
    if (b->out->edge.count > GRAPH_EDGES) b->is_too_large = true;
}

static void finish_term(Builder *b, const Term *term) {
    GraphNode *node = &b->out->node.item[b->node];
    bool has_weight = term->param.count == 1;
    Element weight = has_weight ? term->param.item[0] : (Element){0};
    for (int i = 0; i < term->node.count; i++)
        add_edge(b, term->node.item[i], has_weight ? weight_text(b, weight) : NULL,
                 (GraphValue){weight.tensor, weight.at});
    for (int i = 0; i < term->param.count && !term->node.count; i++) {
        Element e = term->param.item[i];
        const char *text = weight_text(b, e);
        if (!node->bias) node->bias_value = (GraphValue){e.tensor, e.at};
        node->bias = arena_printf(b->arena, "%s%s+ %s", node->bias ? node->bias : "",
                                  node->bias ? " " : "", text);
    }
}

static void each_term(Builder *b, const Expr *e, const Binding *bound, void *unused);

// The one factor of a product that is a sum, if all others are numbers: "0.25*sum(...)".
static const Expr *scaled_sum(const Expr *e) {
    const Expr *sum = NULL;
    if (e->kind != E_MUL) return NULL;
    for (int i = 0; i < e->arg_count; i++) {
        const Expr *arg = e->arg[i];
        if (arg->kind == E_NUMBER) continue;
        if (sum || (arg->kind != E_ADD && arg->kind != E_REDUCE)) return NULL;
        sum = arg;
    }
    return sum;
}

static void each_term(Builder *b, const Expr *e, const Binding *bound, void *unused) {
    if (scaled_sum(e)) {
        each_term(b, scaled_sum(e), bound, unused);
    } else if (e->kind == E_ADD) {
        for (int i = 0; i < e->arg_count; i++) each_term(b, e->arg[i], bound, unused);
    } else if (e->kind == E_REDUCE && e->reduction == REDUCE_SUM) {
        each_value(b, e, 0, bound, each_term, unused);
    } else if (e->kind == E_SELECT && decide(e->arg[0], bound) >= 0) {
        each_term(b, e->arg[decide(e->arg[0], bound) ? 1 : 2], bound, unused);
    } else {
        Term term = {0};
        gather(b, e, bound, &term);
        finish_term(b, &term);
    }
}

// --- equations at an element

// Binds the indices of the left side so that it means this element; false if it cannot.
static bool bind_left(const Builder *b, const Equation *q, Element e, Binding *room,
                      const Binding **bound) {
    *bound = NULL;
    for (int i = q->out->rank; i-- > first_axis(b, q->out);) {
        int64_t extent = q->out->axis[i]->extent, wanted = e.at % extent;
        e.at /= extent;
        if (q->subscript[i]->kind != E_INDEX) return false;
        Affine a = q->subscript[i]->affine;
        if (a.count > 1 || (a.count == 0 && a.constant != wanted)) return false;
        if (a.count == 0) continue;
        int64_t rest = wanted - a.constant, step = a.term[0].coefficient;
        if (rest % step || rest / step < 0 || rest / step >= a.term[0].index->extent) return false;
        room[i] = (Binding){a.term[0].index, rest / step, *bound};
        *bound = &room[i];
    }
    return decide(q->guard, *bound) != 0;
}

// Writes out all equations that define this element: into `term`, or term by term into edges.
static void write_out(Builder *b, Element e, Term *term) {
    Binding room[32];
    if (e.tensor->rank > 32) {
        b->is_too_large = true;
        return;
    }
    for (int i = 0; i < b->p->forward.count; i++) {
        const Equation *q = b->p->forward.item[i];
        const Binding *bound = NULL;
        if (q->out != e.tensor || !bind_left(b, q, e, room, &bound)) continue;
        if (term)
            gather(b, q->value, bound, term);
        else
            each_term(b, q->value, bound, NULL);
    }
}

// --- which tensors

typedef struct Need {
    Arena *arena;
    bool *is_needed; // by tensor id
    LIST(const Tensor *) todo;
} Need;

static void need(const Expr *read, void *data) {
    Need *n = data;
    if (n->is_needed[read->tensor->id]) return;
    n->is_needed[read->tensor->id] = true;
    list_add(n->arena, n->todo, read->tensor);
}

// The loss of a sample, else the output.
static const Tensor *last_tensor(const Program *p) {
    const Tensor *value = p->loss ? tensor_find(p, p->loss->label) : NULL;
    if (value && value->role == TENSOR_VALUE) return value;
    if (p->loss) return p->loss;
    return p->output.count ? p->output.item[p->output.count - 1] : NULL;
}

static bool *needed_tensors(const Program *p, const Tensor *last) {
    int most = 0;
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->id > most) most = p->tensor.item[i]->id;
    Need n = {.arena = p->arena, .is_needed = arena_new_array(p->arena, bool, most + 1)};
    n.is_needed[last->id] = true;
    list_add(p->arena, n.todo, last);
    for (int k = 0; k < n.todo.count; k++)
        for (int i = 0; i < p->forward.count; i++) {
            const Equation *q = p->forward.item[i];
            if (q->out != n.todo.item[k]) continue;
            expr_each_read(q->value, need, &n);
        }
    return n.is_needed;
}

static GraphKind kind_of(const Tensor *t, const Tensor *last) {
    if (t->role == TENSOR_INPUT) return GRAPH_INPUT;
    if (t->role == TENSOR_TARGET) return GRAPH_TARGET;
    return t == last ? GRAPH_LOSS : GRAPH_NEURON;
}

// What its equation applies: "sigmoid", or the layer it is the output of.
static const char *function_of(const Tensor *t) {
    const Equation *q = t->definition;
    if (t->stage && t->stage->parent && t->stage->kind) return t->stage->kind;
    return q && q->value->kind == E_CALL ? function_name(q->value->function) : NULL;
}

static void add_nodes(Builder *b, const Tensor *t, const Tensor *last) {
    int64_t count = 1;
    for (int i = first_axis(b, t); i < t->rank; i++) {
        count *= t->axis[i]->extent;
        if (count > GRAPH_NODES) break;
    }
    if (b->out->node.count + count > GRAPH_NODES) {
        b->is_too_large = true;
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        Element e = {t, i};
        list_add(b->arena, b->element, e);
        bool by_author = !t->stage || !t->stage->parent; // else the path tells layers apart
        GraphNode node = {.kind = kind_of(t, b->p->loss ? last : NULL),
                          .name = element_text(b, by_author ? t->label : t->name, e),
                          .function = function_of(t),
                          .value = {t, i}};
        list_add(b->arena, b->out->node, node);
    }
}

bool graph_neurons_of(const Program *p, Neurons *out) {
    *out = (Neurons){.arena = p->arena, .title = p->name};
    Builder b = {.p = p, .out = out, .arena = p->arena};
    const Tensor *last = last_tensor(p);
    if (!last) return false;
    bool *is_needed = needed_tensors(p, last);
    for (int i = 0; i < p->tensor.count && !b.is_too_large; i++) {
        const Tensor *t = p->tensor.item[i];
        bool is_shown = t == last || t->role == TENSOR_INPUT || t->role == TENSOR_TARGET ||
                        (t->role == TENSOR_VALUE && !graph_is_inside(t));
        if (is_needed[t->id] && is_shown) add_nodes(&b, t, last);
    }
    for (b.node = 0; b.node < b.element.count && !b.is_too_large; b.node++)
        write_out(&b, b.element.item[b.node], NULL);
    if (b.is_too_large) return false;
    return graph_arrange(out);
}
