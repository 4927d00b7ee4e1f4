// outputs.c: outputs lie in memory as the spec declares them, for whoever reads them. A contraction
// that computes one wants a layout of its own: it writes a tensor beside the output, which all
// equations read, and the evaluation ends with a copy.
#include "lower/fast/fast.h"

static bool has_contraction(const Expr *e) {
    if (e->kind == E_REDUCE && e->reduction == REDUCE_SUM && e->arg[1]->kind == E_MUL) return true;
    for (int i = 0; i < e->arg_count; i++)
        if (has_contraction(e->arg[i])) return true;
    return false;
}

static bool is_contracted(const Program *p, const Tensor *t) {
    for (int i = 0; i < p->forward.count; i++)
        if (p->forward.item[i]->out == t && has_contraction(p->forward.item[i]->value)) return true;
    return false;
}

static bool is_updated_from(const Program *p, const Tensor *t) {
    for (int i = 0; i < p->update.count; i++)
        if (expr_reads(p->update.item[i]->value, t)) return true;
    return false;
}

bool outputs_set_aside(Fast *f, Program *p, const Tensor *t, int lane) {
    if (map_get(&f->aside, t)) return true;
    if (!t->per_sample || t->is_int || t->role != TENSOR_VALUE || lane < 1) return false;
    if (!is_contracted(p, t) || is_updated_from(p, t)) return false;
    int samples = p->sample ? 1 : 0;
    Name name = name_printf(p->compile->names, "%s_padded", t->name);
    Tensor *aside =
        tensor_new(p, name, t->label, TENSOR_VALUE, true, t->axis + samples, t->rank - samples);
    aside->stage = t->stage;
    aside->span = t->span;
    map_set(&f->aside, t, aside);
    layout_make(f, aside, lane);
    return true;
}

// e with reads of the tensors beside.
static const Expr *replace(const Fast *f, const Expr *e) {
    if (e->arg_count == 0 && e->kind != E_READ) return e;
    const Expr **arg = arena_new_array(f->arena, const Expr *, e->arg_count + 1);
    for (int i = 0; i < e->arg_count; i++) arg[i] = replace(f, e->arg[i]);
    const Tensor *aside = e->kind == E_READ ? map_get(&f->aside, e->tensor) : NULL;
    if (aside) return expr_read(f->l->program, aside, arg);
    return expr_rebuild(f->l->program, e, arg);
}

static bool reads_any(const Fast *f, const Expr *e) {
    const Program *p = f->l->program;
    for (int i = 0; i < p->tensor.count; i++)
        if (map_get(&f->aside, p->tensor.item[i]) && expr_reads(e, p->tensor.item[i])) return true;
    return false;
}

Equation *outputs_redirect(const Fast *f, Equation *q) {
    Tensor *out = map_get(&f->aside, q->out);
    if (!out && !reads_any(f, q->value)) return q;
    Equation *copy = arena_new_item(f->arena, Equation);
    *copy = *q;
    if (out) copy->out = out;
    copy->value = replace(f, q->value);
    return copy;
}

Equation *outputs_copy(const Fast *f, Tensor *t) {
    Program *p = f->l->program;
    const Tensor *aside = map_get(&f->aside, t);
    if (!aside || p->training || t->is_int) return NULL;
    const Expr **subscript = arena_new_array(f->arena, const Expr *, t->rank + 1);
    for (int d = 0; d < t->rank; d++) subscript[d] = expr_index(p, t->axis[d]);
    Equation *q = equation_whole(p, t, expr_read(p, aside, subscript));
    q->stage = t->stage;
    q->span = t->span;
    return q;
}
