// write.c: the tree of a function as loop IR: sections with their headings and size names, loops
// with names for their indices, statements.
#include "lower/fast/fast.h"
#include "lower/lowering.h"

#include <string.h>

// --- names in force

Name write_name(Writer *w, const char *hint, Name owner) {
    Name name = name_local(w->l, hint, owner, w->scope.item, w->scope.count);
    list_add(w->l->arena, w->scope, name);
    return name;
}

// A local that stands for a whole scalar buffer has the buffer's name; a tensor's local is called
// what a person calls it.
static LoopVariable *declare_local(Writer *w, Local *local, bool at_top) {
    const LoopBuffer *buffer = map_get(&w->l->buffer, local->tensor);
    Name name;
    if (buffer && buffer->rank == 0 && at_top) {
        name = map_get(&w->l->scalar, buffer);
        list_add(w->l->arena, w->scope, name);
    } else {
        const Tensor *t = local->tensor;
        name = write_name(w, at_top ? t->name : t->label, local->is_made ? NULL : t->name);
    }
    list_add(w->l->arena, w->declared, local);
    return local->variable = loop_variable_new(w->m, name, local->type);
}

// --- statements

static void write_node(Writer *w, const Node *node, bool at_top);

static void write_children(Writer *w, const Node *node, bool at_top) {
    for (int i = 0; i < node->child.count; i++) write_node(w, node->child.item[i], at_top);
}

static void write_loop(Writer *w, const Node *node) {
    const LoopExpr *low, *high;
    int scope = w->scope.count;
    write_bounds(w, node, &low, &high);
    LoopVariable *v = loop_variable_new(w->m, write_name(w, node->index->name, NULL), LOOP_INT);
    map_set(&w->variable, node->index, v);
    loop_begin_for(w->b, v, low, high, node->down, node->parallel);
    // Nothing but one store of its own: the lanes of a vector may take the iterations.
    bool only_store = node->child.count == 1 && node->child.item[0]->kind == NODE_STORE;
    if (w->l->fast && only_store && !node->is_time && node->child.item[0]->op == EQUATION_SET)
        loop_mark_simd(w->b);
    w->candidate_of = NULL;
    write_children(w, node, false);
    w->candidate_of = NULL;
    loop_end(w->b);
    w->scope.count = scope;
}

static void write_if(Writer *w, const Node *node) {
    int scope = w->scope.count;
    w->inside = node;
    loop_begin_if(w->b, write_condition(w, node->condition));
    w->inside = NULL;
    w->candidate_of = NULL;
    write_children(w, node, false);
    w->candidate_of = NULL;
    loop_end(w->b);
    w->scope.count = scope;
}

static void write_declare(Writer *w, const Node *node, bool at_top) {
    const LoopExpr *value = write_value(w, node->value, node->local->type);
    loop_declare(w->b, declare_local(w, node->local, at_top), value, node->is_const);
}

static void write_assign(Writer *w, const Node *node) {
    Local *local = node->local;
    LoopType type = node->is_sum ? LOOP_REAL : local->type;
    const LoopExpr *value = loop_convert(w->m, local->type, write_value(w, node->value, type));
    loop_assign(w->b, local->variable, node->is_sum ? LOOP_ADD_TO : LOOP_SET, value);
}

static void write_store(Writer *w, const Node *node) {
    const LoopBuffer *to = map_get(&w->l->buffer, node->out);
    if (!to) internal_error("lower", "%s is written but has no place", node->out->name);
    loop_store(w->b, to, write_place(w, node->out, node->subscript), node->op == EQUATION_ADD ? LOOP_ADD_TO : LOOP_SET,
               write_value(w, node->value, to->type));
}

// The value that is compared, once for the greatest and the least.
static const LoopExpr *write_candidate(Writer *w, const Node *node) {
    if (w->candidate_of != node->value) {
        w->candidate = loop_variable_new(w->m, write_name(w, "value", NULL), node->best->type);
        loop_declare(w->b, w->candidate, write_value(w, node->value, node->best->type), true);
        w->candidate_of = node->value;
    }
    return loop_read_variable(w->m, w->candidate);
}

// NaN beats everything, as in PyTorch.
static void write_better(Writer *w, const Node *node) {
    LoopModule *m = w->m;
    const LoopExpr *value = write_candidate(w, node);
    const LoopExpr *best = loop_read_variable(m, node->best->variable);
    const LoopExpr *beats =
        loop_binary(m, LOOP_LESS, node->least ? value : best, node->least ? best : value);
    const LoopExpr *is_nan = loop_unary(m, LOOP_NOT, loop_binary(m, LOOP_EQUAL, value, value));
    loop_begin_if(w->b, loop_binary(m, LOOP_OR, beats, is_nan));
    loop_assign(w->b, node->best->variable, LOOP_SET, value);
    if (node->first)
        loop_assign(w->b, node->first->variable, LOOP_SET, write_value(w, node->place, LOOP_INT));
    loop_end(w->b);
}

static void write_node(Writer *w, const Node *node, bool at_top) {
    switch (node->kind) {
    case NODE_BODY: write_children(w, node, at_top); return;
    case NODE_LOOP: write_loop(w, node); return;
    case NODE_IF: write_if(w, node); return;
    case NODE_DECLARE: write_declare(w, node, at_top); return;
    case NODE_ASSIGN: write_assign(w, node); return;
    case NODE_STORE: write_store(w, node); return;
    case NODE_BETTER: write_better(w, node); return;
    case NODE_CLUSTER: cluster_write(w, node->cluster); return;
    case NODE_WRITTEN: node->write(w, node->winograd); return;
    case NODE_ITEM: break;
    }
    internal_error("lower", "an equation was left in the tree");
}

// --- scalars at the head and at the end of a function

typedef struct Head {
    Writer *w;
    Map written, loaded; // Tensor
} Head;

static void note_written(Head *h, const Node *node) {
    if (node->out) map_set(&h->written, node->out, (void *)node);
    for (int i = 0; i < node->cluster_item.count; i++)
        map_set(&h->written, node->cluster_item.item[i]->out, (void *)node);
    for (int i = 0; i < node->child.count; i++) note_written(h, node->child.item[i]);
}

static void note_read(const Expr *read, void *data) {
    Head *h = data;
    const Tensor *t = read->tensor;
    const LoopBuffer *buffer = map_get(&h->w->l->buffer, t);
    if (buffer && buffer->rank == 0 && !map_get(&h->written, t))
        map_set(&h->loaded, buffer, (void *)t);
}

static void note_reads(Head *h, const Node *node) {
    if (node->value) expr_each_read(node->value, note_read, h);
    if (node->condition) expr_each_read(node->condition, note_read, h);
    for (int i = 0; i < node->cluster_item.count; i++)
        expr_each_read(node->cluster_item.item[i]->value, note_read, h);
    for (int i = 0; node->out && i < node->out->rank; i++)
        expr_each_read(node->subscript[i], note_read, h);
    for (int i = 0; i < node->child.count; i++) note_reads(h, node->child.item[i]);
}

static void load_scalars(Writer *w, const Plan *plan) {
    Head h = {w, {.arena = w->l->arena}, {.arena = w->l->arena}};
    for (int i = 0; i < plan->nest.count; i++) note_written(&h, plan->nest.item[i]->body);
    for (int i = 0; i < plan->nest.count; i++) note_reads(&h, plan->nest.item[i]->body);
    int loads = 0;
    for (int i = 0; i < w->m->buffer.count; i++) {
        const LoopBuffer *buffer = w->m->buffer.item[i];
        const Tensor *t = map_get(&h.loaded, buffer);
        if (!t) continue;
        Local *local = map_get(&w->l->local, t);
        if (!local) {
            local = arena_new_item(w->l->arena, Local);
            *local = (Local){t, NULL, buffer->type, NULL, false};
            map_set(&w->l->local, t, local);
        }
        local->type = buffer->type;
        loop_declare(w->b, declare_local(w, local, true), loop_load(w->m, buffer, NULL), true);
        loads++;
    }
    if (loads) loop_blank(w->b);
}

static void store_scalars(Writer *w, const Plan *plan) {
    if (plan->at_end.count) loop_blank(w->b);
    for (int i = 0; i < plan->at_end.count; i++) {
        const Tensor *t = plan->at_end.item[i];
        const LoopBuffer *to = map_get(&w->l->buffer, t);
        const Local *local = map_get(&w->l->local, t);
        loop_store(w->b, to, NULL, LOOP_SET,
                   loop_convert(w->m, to->type, loop_read_variable(w->m, local->variable)));
    }
}

// --- sections

static bool has_loop(const Node *node) {
    for (int i = 0; i < node->child.count; i++)
        if (node->child.item[i]->kind == NODE_LOOP || has_loop(node->child.item[i])) return true;
    return false;
}

static void collect_size(Writer *w, const Index *i) {
    if (!i || !i->size || i->is_sample) return;
    for (int k = 0; k < w->size_of.count; k++)
        if (w->size_of.item[k] == i->size) return;
    LoopSize size = {write_name(w, i->size, NULL), i->extent};
    list_add(w->l->arena, w->size, size);
    list_add(w->l->arena, w->size_of, i->size);
}

// The sizes that the bounds of loops speak of.
static void collect_sizes(Writer *w, const Node *node) {
    if (node->kind == NODE_LOOP) collect_size(w, node->index);
    for (int k = 0; k < node->constraint.count; k++)
        if (node->constraint.item[k]->affine.count > 1)
            collect_size(w, guarded_axis(w->l, node, node->constraint.item[k]));
    for (int k = 0; k < node->child.count; k++) collect_sizes(w, node->child.item[k]);
}

static void write_heading(Writer *w, const Stage *stage) {
    if (stage == w->stage) return;
    w->stage = stage;
    if (!stage || !stage->path[0]) return;
    loop_comment(w->b, comment_of_stage(w->l, stage));
}

static void write_nest(Writer *w, const Nest *nest) {
    loop_comment(w->b, comment_of_nest(w->l, nest));
    write_children(w, nest->body, true);
}

// Nests of one stage that have loops share a block, in which their sizes have names.
static int write_section(Writer *w, const Plan *plan, int from) {
    const Nest *first = plan->nest.item[from];
    bool loops = has_loop(first->body);
    int to = from + 1, scope = w->scope.count;
    while (to < plan->nest.count && plan->nest.item[to]->stage == first->stage &&
           has_loop(plan->nest.item[to]->body) == loops)
        to++;
    write_heading(w, first->stage);
    w->size.count = w->size_of.count = 0;
    for (int i = from; i < to; i++) collect_sizes(w, plan->nest.item[i]->body);
    bool block = w->size.count > 0;
    if (block) {
        loop_begin_block(w->b);
        loop_sizes(w->b, w->size.item, w->size.count);
    }
    for (int i = from; i < to; i++) {
        if (loops && (i > from)) loop_blank(w->b);
        write_nest(w, plan->nest.item[i]);
    }
    if (block) {
        loop_end(w->b);
        w->scope.count = scope;
    }
    return to;
}

void write_function(Lowering *l, Plan *plan) {
    Writer w = {.l = l, .m = l->m, .variable.arena = l->arena};
    w.f = loop_function_new(l->m, plan->name, plan->comment);
    w.b = loop_builder_new(l->m, w.f);
    load_scalars(&w, plan);
    for (int i = 0; i < plan->nest.count;) {
        if (i) loop_blank(w.b);
        i = write_section(&w, plan, i);
    }
    store_scalars(&w, plan);
    for (int i = 0; i < w.declared.count; i++) w.declared.item[i]->variable = NULL;
}
