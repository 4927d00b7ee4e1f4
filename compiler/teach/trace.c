// trace.c: the order of a trace. One walk, depth first from the loss, finds for every value the
// number of steps with parameters before it; sorting by that gives the layers. The walk keeps its
// own stack: a spec may be a chain of any length.
#include "teach/trace.h"

#include <string.h>

const char *trace_role_name(TraceRole role) {
    switch (role) {
    case TRACE_TARGET: return "target";
    case TRACE_INPUT: return "input";
    case TRACE_PARAM: return "weight";
    case TRACE_STATE: return "state";
    case TRACE_VALUE: return "value";
    case TRACE_GRADIENT: return "gradient";
    }
    return "";
}

// What the walk knows of one tensor; indexed by the tensor's id.
typedef struct Mark {
    LIST(const Tensor *) read; // by its equations, in the order written
    int next;                  // of `read`: the next to look at
    bool is_open;
    bool is_aside; // the loss does not need it
    bool is_late;  // a target takes part in it
    int level;     // steps with parameters up to it
} Mark;

typedef struct Walk {
    Program *p;
    Arena *arena;
    Mark *mark;
    LIST(const Tensor *) stack;
    LIST(const Tensor *) value; // in the order in which the walk finished them
    Mark *reader;               // of note_read
    bool is_aside;              // the walk has left the loss
} Walk;

static void note_read(const Expr *read, void *data) {
    Walk *w = data;
    list_add(w->arena, w->reader->read, read->tensor);
}

static void note_equations(Walk *w) {
    for (int i = 0; i < w->p->forward.count; i++) {
        const Equation *q = w->p->forward.item[i];
        w->reader = &w->mark[q->out->id];
        expr_each_read(q->value, note_read, w);
        for (int k = 0; k < q->out->rank; k++) expr_each_read(q->subscript[k], note_read, w);
    }
}

static bool is_computed(const Tensor *t) {
    return t->role == TENSOR_VALUE || t->role == TENSOR_RESULT;
}

static bool is_trained(const Tensor *t) {
    return t->role == TENSOR_PARAM || t->role == TENSOR_STATE;
}

// All it reads is done (or, in a recurrence, on the way): its place in the order is known.
static void finish(Walk *w, const Tensor *t) {
    Mark *at = &w->mark[t->id];
    bool has_weights = false;
    for (int i = 0; i < at->read.count; i++) {
        const Tensor *r = at->read.item[i];
        const Mark *from = &w->mark[r->id];
        if (from->level > at->level) at->level = from->level;
        at->is_late = at->is_late || from->is_late || r->role == TENSOR_TARGET;
        has_weights = has_weights || is_trained(r);
    }
    at->level += has_weights;
    at->is_aside = w->is_aside;
    for (int i = 0; i < at->read.count; i++) { // a draw stands where it is used
        Mark *from = &w->mark[at->read.item[i]->id];
        bool is_draw = is_computed(at->read.item[i]) && !from->read.count;
        if (is_draw && at->level > from->level) from->level = at->level;
    }
    if (t->role == TENSOR_VALUE) list_add(w->arena, w->value, t);
}

static void enter(Walk *w, const Tensor *t) {
    Mark *at = &w->mark[t->id];
    if (at->is_open || !is_computed(t)) return;
    at->is_open = true;
    list_add(w->arena, w->stack, t);
}

static void walk(Walk *w, const Tensor *from) {
    enter(w, from);
    while (w->stack.count) {
        const Tensor *t = w->stack.item[w->stack.count - 1];
        Mark *at = &w->mark[t->id];
        if (at->next < at->read.count) {
            enter(w, at->read.item[at->next++]);
        } else {
            finish(w, t);
            w->stack.count--;
        }
    }
}

static bool stands_before(const Walk *w, const Tensor *a, const Tensor *b) {
    const Mark *x = &w->mark[a->id], *y = &w->mark[b->id];
    if (x->is_aside != y->is_aside) return y->is_aside;
    return x->is_late != y->is_late ? y->is_late : x->level < y->level;
}

// A stable merge of list[0 .. middle) and list[middle .. count).
static void merge(const Walk *w, const Tensor **list, int middle, int count, const Tensor **room) {
    int a = 0, b = middle;
    for (int i = 0; i < count; i++) {
        bool second = b < count && (a == middle || stands_before(w, list[b], list[a]));
        room[i] = second ? list[b++] : list[a++];
    }
    memcpy(list, room, sizeof *list * (size_t)count);
}

static void sort(const Walk *w, const Tensor **list, int count, const Tensor **room) {
    if (count < 2) return;
    sort(w, list, count / 2, room);
    sort(w, list + count / 2, count - count / 2, room);
    merge(w, list, count / 2, count, room);
}

static void add(Walk *w, Trace *out, const Tensor *t, TraceRole role, const char *name) {
    list_add(w->arena, out->item, ((TraceTensor){t, role, name}));
}

static void add_role(Walk *w, Trace *out, TensorRole wanted, TraceRole role) {
    for (int i = 0; i < w->p->tensor.count; i++) {
        const Tensor *t = w->p->tensor.item[i];
        if (t->role == wanted) add(w, out, t, role, t->name);
    }
}

// The parameters and states whose first reader stands in the layer value[from .. to), in the order
// of the spec.
static void add_weights(Walk *w, Trace *out, bool *is_added, int from, int to) {
    bool *is_read = arena_new_array(w->arena, bool, w->p->tensor.count + 1);
    for (int i = from; i < to; i++) {
        const Mark *at = &w->mark[w->value.item[i]->id];
        for (int k = 0; k < at->read.count; k++)
            if (is_trained(at->read.item[k])) is_read[at->read.item[k]->id] = true;
    }
    for (int i = 0; i < w->p->tensor.count; i++) {
        const Tensor *t = w->p->tensor.item[i];
        if (!is_read[t->id] || is_added[t->id]) continue;
        is_added[t->id] = true;
        add(w, out, t, t->role == TENSOR_PARAM ? TRACE_PARAM : TRACE_STATE, t->name);
    }
}

static void add_layers(Walk *w, Trace *out) {
    bool *is_added = arena_new_array(w->arena, bool, w->p->tensor.count + 1);
    for (int from = 0, to; from < w->value.count; from = to) {
        const Tensor *first = w->value.item[from];
        for (to = from + 1; to < w->value.count; to++)
            if (stands_before(w, first, w->value.item[to])) break;
        add_weights(w, out, is_added, from, to);
        for (int i = from; i < to; i++)
            add(w, out, w->value.item[i], TRACE_VALUE, w->value.item[i]->name);
    }
    for (int i = 0; i < w->p->tensor.count; i++) { // that only updates read, or nothing
        const Tensor *t = w->p->tensor.item[i];
        if (is_trained(t) && !is_added[t->id])
            add(w, out, t, t->role == TENSOR_PARAM ? TRACE_PARAM : TRACE_STATE, t->name);
    }
}

// The mean over the batch; at batch size 1 it is the value itself, which has a column already.
static void add_result(Walk *w, Trace *out, const Tensor *t) {
    const Tensor *value = t ? tensor_find(w->p, t->label) : NULL;
    bool has_value = value && value != t && value->role == TENSOR_VALUE;
    if (!t || (has_value && !w->p->sample)) return;
    add(w, out, t, TRACE_VALUE, has_value ? t->name : t->label);
}

static void add_gradient(Walk *w, Trace *out, const Tensor *of) {
    bool is_first = true;
    if (!strcmp(of->name, w->p->loss->label)) return; // by itself: 1
    for (int i = 0; i < w->p->tensor.count; i++) {
        const Tensor *t = w->p->tensor.item[i];
        if (t->role != TENSOR_GRADIENT || t->of != of) continue;
        const char *name =
            is_first ? arena_printf(w->arena, "d%s/d%s", w->p->loss->label, of->name) : t->name;
        add(w, out, t, TRACE_GRADIENT, name);
        is_first = false;
    }
}

static void add_gradients(Walk *w, Trace *out, bool all) {
    int values = out->item.count;
    for (int i = 0; i < w->p->tensor.count; i++)
        if (w->p->tensor.item[i]->role == TENSOR_PARAM) add_gradient(w, out, w->p->tensor.item[i]);
    for (int i = 0; i < values && all; i++) {
        const TraceTensor *t = &out->item.item[i];
        if (t->role == TRACE_VALUE || t->role == TRACE_INPUT) add_gradient(w, out, t->tensor);
    }
}

static int next_id(const Program *p) {
    int most = 0;
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->id > most) most = p->tensor.item[i]->id;
    return most + 1;
}

Trace trace_of(Program *p, bool all) {
    Walk w = {.p = p, .arena = p->arena};
    w.mark = arena_new_array(p->arena, Mark, next_id(p));
    Trace out = {0};
    note_equations(&w);
    if (p->loss) walk(&w, p->loss);
    w.is_aside = p->loss != NULL;
    for (int i = 0; i < p->metric.count; i++) walk(&w, p->metric.item[i]);
    for (int i = 0; i < p->tensor.count; i++) walk(&w, p->tensor.item[i]);
    sort(&w, w.value.item, w.value.count,
         arena_new_array(p->arena, const Tensor *, w.value.count + 1));
    add_role(&w, &out, TENSOR_TARGET, TRACE_TARGET);
    add_role(&w, &out, TENSOR_INPUT, TRACE_INPUT);
    add_layers(&w, &out);
    add_result(&w, &out, p->loss);
    for (int i = 0; i < p->metric.count; i++) add_result(&w, &out, p->metric.item[i]);
    if (p->loss) add_gradients(&w, &out, all);
    return out;
}

const char *trace_element_name(Arena *a, const TraceTensor *t, int first_axis, int64_t element) {
    const Tensor *tensor = t->tensor;
    if (tensor->rank <= first_axis) return t->name;
    int64_t *subscript = arena_new_array(a, int64_t, tensor->rank);
    for (int i = tensor->rank; i-- > first_axis;) {
        subscript[i] = element % tensor->axis[i]->extent;
        element /= tensor->axis[i]->extent;
    }
    Text text = text_new(a);
    text_printf(&text, "%s[", t->name);
    for (int i = first_axis; i < tensor->rank; i++)
        text_printf(&text, "%s%lld", i > first_axis ? "," : "", (long long)subscript[i]);
    text_add(&text, "]");
    return text.bytes;
}

bool trace_matches(const TraceTensor *t, const char *pattern) {
    size_t size = strlen(pattern);
    if (!strcmp(t->name, pattern) || !strcmp(t->tensor->name, pattern)) return true;
    if (t->role == TRACE_GRADIENT) return false;
    return !strncmp(t->name, pattern, size) && t->name[size] == '.';
}
