// program.c: programs, tensors, indices and equations as objects.
#include "equation/equation.h"
#include "equation/intern.h"

#include <string.h>

Program *program_new(Compile *c, Name name, int64_t batch_size, bool is_f32, bool training) {
    Program *p = arena_new_item(c->arena, Program);
    p->compile = c;
    p->arena = c->arena;
    p->name = name;
    p->is_f32 = is_f32;
    p->training = training;
    p->batch_size = batch_size;
    p->table = expr_table_new(c->arena);
    p->root = arena_new_item(c->arena, Stage);
    p->root->path = name_of(c->names, "");
    if (batch_size > 1) {
        Index *n = (Index *)index_new(p, name_of(c->names, "n"), name_of(c->names, "N"), batch_size);
        n->is_sample = true;
        p->sample = n;
    }
    return p;
}

const Index *index_new(Program *p, Name name, Name size, int64_t extent) {
    Index *i = arena_new_item(p->arena, Index);
    i->id = ++p->next_index;
    i->name = name;
    i->size = size;
    i->extent = extent;
    return i;
}

Tensor *tensor_find(const Program *p, Name name) {
    for (int i = p->tensor.count - 1; i >= 0; i--)
        if (p->tensor.item[i]->name == name) return p->tensor.item[i];
    return NULL;
}

Tensor *tensor_new(Program *p, Name name, Name label, TensorRole role, bool per_sample,
                   const Index *const *axis, int count) {
    Tensor *t = arena_new_item(p->arena, Tensor);
    t->name = name;
    for (int k = 2; tensor_find(p, t->name); k++)
        t->name = name_printf(p->compile->names, "%s_%d", name, k);
    t->label = label;
    t->role = role;
    t->per_sample = per_sample;
    int samples = per_sample && p->sample ? 1 : 0;
    t->rank = count + samples;
    t->axis = arena_new_array(p->arena, const Index *, t->rank + 1);
    if (samples) t->axis[0] = p->sample;
    for (int i = 0; i < count; i++) t->axis[samples + i] = axis[i];
    t->id = p->tensor.count + 1;
    list_add(p->arena, p->tensor, t);
    return t;
}

int64_t tensor_count(const Tensor *t) {
    int64_t count = 1;
    for (int i = 0; i < t->rank; i++)
        if (__builtin_mul_overflow(count, t->axis[i]->extent, &count)) return INT64_MAX;
    return count;
}

Equation *equation_new(Program *p, Tensor *out, const Expr *const *subscript,
                       const Index *const *index, int index_count, EquationOp op,
                       const Expr *value) {
    Equation *q = arena_new_item(p->arena, Equation);
    q->out = out;
    q->subscript = arena_new_array(p->arena, const Expr *, out->rank + 1);
    for (int i = 0; i < out->rank; i++) q->subscript[i] = subscript[i];
    q->index = arena_new_array(p->arena, const Index *, index_count + 1);
    for (int i = 0; i < index_count; i++)
        if (index[i]->extent != 1) q->index[q->index_count++] = index[i];
    q->op = op;
    q->guard = expr_true(p);
    q->value = value;
    q->span = out->span;
    q->stage = out->stage;
    return q;
}

Equation *equation_whole(Program *p, Tensor *out, const Expr *value) {
    const Expr **subscript = arena_new_array(p->arena, const Expr *, out->rank + 1);
    for (int i = 0; i < out->rank; i++) subscript[i] = expr_index(p, out->axis[i]);
    return equation_new(p, out, subscript, out->axis, out->rank, EQUATION_SET, value);
}

int64_t equation_volume(const Equation *q) {
    int64_t v = 1;
    for (int i = 0; i < q->index_count; i++)
        if (__builtin_mul_overflow(v, q->index[i]->extent, &v)) return INT64_MAX;
    return v;
}

// Plain: a bare index or, for an extent of 1, the constant 0, on every axis; no index twice; the whole axis.
static bool is_plain(const Equation *q) {
    for (int i = 0; i < q->out->rank; i++) {
        const Expr *s = q->subscript[i];
        if (s->kind != E_INDEX) return false;
        if (s->affine.count == 0 && q->out->axis[i]->extent == 1) continue;
        const Index *bare = affine_bare(s->affine);
        if (!bare || bare->extent != q->out->axis[i]->extent) return false;
        for (int k = 0; k < i; k++)
            if (affine_coefficient(q->subscript[k]->affine, bare)) return false;
    }
    return q->op == EQUATION_SET && q->guard->kind == E_TRUE;
}

typedef struct Seen {
    Equation **first; // by tensor id
    bool *several;
} Seen;

static void note(Seen s, Equation *const *equation, int count) {
    for (int i = 0; i < count; i++) {
        int id = equation[i]->out->id;
        if (s.first[id]) s.several[id] = true;
        s.first[id] = equation[i];
    }
}

void program_find_definitions(Program *p) {
    Seen s = {arena_new_array(p->arena, Equation *, p->tensor.count + 1),
              arena_new_array(p->arena, bool, p->tensor.count + 1)};
    note(s, p->forward.item, p->forward.count);
    note(s, p->backward.item, p->backward.count);
    for (int i = 0; i < p->tensor.count; i++) {
        Tensor *t = p->tensor.item[i];
        Equation *q = s.first[t->id];
        t->definition = q && !s.several[t->id] && is_plain(q) ? q : NULL;
    }
}
