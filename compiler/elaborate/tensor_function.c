// tensor_function.c: reshape, concat, transpose, slice, stack and split, each written as equations.
//
// All of them are copies y[...] = x[...]; what is joined has one copy for each part.
#include "elaborate/tensor_function.h"

#include <math.h>
#include <string.h>

static const FunctionRow function_table[] = {
    {"reshape", 1, {"dims"}, 1},   {"concat", 0, {"axis"}, 0},
    {"transpose", 1, {"axes"}, 1}, {"slice", 1, {"axis", "from", "to"}, 3},
    {"stack", 0, {"axis"}, 0},     {"split", 1, {"parts", "part", "axis"}, 2},
};
enum { FUNCTION_ROWS = sizeof function_table / sizeof *function_table };

static const FunctionRow *find_row(const char *name) {
    for (int i = 0; i < FUNCTION_ROWS; i++)
        if (strcmp(function_table[i].name, name) == 0) return &function_table[i];
    return NULL;
}

bool is_tensor_function(const char *name) {
    return find_row(name) != NULL;
}

// --- making copies

Tensor *tensor_call_result(TensorCall *c, Name name, const Index *const *axis, int rank) {
    if (!check_elements(c->scope, c->e->span, axis, rank)) return NULL;
    Tensor *t = tensor_new(c->p, name, c->label, TENSOR_VALUE, c->per_sample, axis, rank);
    t->span = c->e->span;
    t->stage = c->stage;
    t->is_int = c->operand.item[0]->is_int;
    t->classes = c->operand.item[0]->classes;
    return t;
}

static const Index *axis_like(TensorCall *c, const Index *axis, int64_t extent) {
    return index_new(c->p, axis->name, extent == axis->extent ? axis->size : NULL, extent);
}

// out[left] = in[right], forms without the sample axis; the domain is what stands on the left.
void tensor_call_copy(TensorCall *c, Tensor *out, const Affine *left, const Tensor *in,
                      const Affine *right) {
    Program *p = c->p;
    Arena *a = c->scope->elab->arena;
    const Expr **to = arena_new_array(a, const Expr *, out->rank + 1);
    const Expr **from = arena_new_array(a, const Expr *, in->rank + 1);
    LIST(const Index *) domain = {0};
    int at = 0, at_in = 0;
    if (axis_offset(p, out)) {
        to[at++] = expr_index(p, p->sample);
        list_add(a, domain, p->sample);
    }
    if (axis_offset(p, in)) from[at_in++] = expr_index(p, p->sample);
    for (int i = 0; i < tensor_rank(p, out); i++) {
        to[at++] = expr_affine(p, left[i]);
        for (int k = 0; k < left[i].count; k++) list_add(a, domain, left[i].term[k].index);
    }
    for (int i = 0; i < tensor_rank(p, in); i++) from[at_in++] = expr_affine(p, right[i]);
    Equation *q =
        equation_new(p, out, to, domain.item, domain.count, EQUATION_SET, expr_read(p, in, from));
    q->span = c->e->span;
    q->stage = c->stage;
    list_add(a, p->forward, q);
}

// Fresh indices for all axes of a tensor.
static void whole(TensorCall *c, const Tensor *t, Affine *form) {
    for (int i = 0; i < tensor_rank(c->p, t); i++) {
        const Index *axis = tensor_axis(c->p, t, i);
        form[i] = affine_index(c->p, index_new(c->p, axis->name, axis->size, axis->extent));
    }
}

Tensor *tensor_copy(Scope *s, const Tensor *from, Name name, Span span) {
    Program *p = s->elab->p;
    AstExpr *e = arena_new_item(s->elab->arena, AstExpr);
    e->span = span;
    TensorCall c = {.scope = s,
                    .p = p,
                    .e = e,
                    .name = name,
                    .label = name,
                    .stage = s->stage,
                    .per_sample = from->per_sample};
    list_add(s->elab->arena, c.operand, (Tensor *)(uintptr_t)from);
    const Index *axis[LIMIT_RANK];
    Affine form[LIMIT_RANK];
    int rank = tensor_rank(p, from);
    for (int i = 0; i < rank; i++)
        axis[i] = axis_like(&c, tensor_axis(p, from, i), tensor_axis(p, from, i)->extent);
    Tensor *t = tensor_call_result(&c, name, axis, rank);
    if (!t) return NULL;
    whole(&c, t, form);
    tensor_call_copy(&c, t, form, from, form);
    return t;
}

// --- arguments

static Diagnostic *wrong(TensorCall *c, Code code, Span span, const char *text) {
    return fault(c->scope, code, span, "%s: %s", c->row->name, text);
}

bool tensor_call_mistake(TensorCall *c, Span span, const char *text) {
    Diagnostic *d = wrong(c, E_ARGUMENT, span, text);
    Text form = text_new(c->scope->elab->arena);
    text_printf(&form, "%s(%s", c->row->name, c->row->operands ? "x" : "a, b, ...");
    for (int i = 0; i < 4 && c->row->argument[i]; i++)
        text_printf(&form, ", %s%s", c->row->argument[i], i < c->row->required ? "" : "=0");
    report_help(c->scope->elab->c->diagnostics, d, "it is written %s)", form.bytes);
    return false;
}

static bool bind_call(TensorCall *c) {
    static const Wanted nothing = {0};
    const AstExpr *e = c->e;
    bool good = true;
    for (int i = 0, next = 0; i < e->argument_count; i++) {
        const AstArgument *argument = &e->argument[i];
        Span span = argument->name ? argument->name_span : argument->value->span;
        if (!argument->name && (c->row->operands == 0 || i < c->row->operands)) {
            Tensor *t = operand_evaluate(c->scope, argument->value, &nothing);
            good = good && t;
            list_add(c->scope->elab->arena, c->operand, t);
            continue;
        }
        int place = argument->name ? 0 : next++;
        while (argument->name && place < 4 && c->row->argument[place] &&
               strcmp(c->row->argument[place], argument->name) != 0)
            place++;
        if (place >= 4 || !c->row->argument[place])
            return tensor_call_mistake(c, span, "an unknown argument");
        if (c->argument[place]) return tensor_call_mistake(c, span, "an argument is given twice");
        c->argument[place] = argument->value;
    }
    for (int i = 0; i < c->row->required; i++)
        if (!c->argument[i]) return tensor_call_mistake(c, e->name_span, "an argument is missing");
    if (c->operand.count == 0) return tensor_call_mistake(c, e->name_span, "a tensor is missing");
    for (int i = 0; good && i < c->operand.count; i++)
        c->per_sample |= c->operand.item[i]->per_sample;
    return good;
}

// A whole number; negative ones count from the end.
static bool whole_number(TensorCall *c, int place, int64_t standard, int64_t count, int64_t limit,
                         int64_t *out) {
    const AstExpr *e = c->argument[place];
    *out = standard;
    if (!e) return true;
    Value v = value_of(c->scope, e);
    if (v.kind == VALUE_POISON) return false;
    if (value_is_integer(v) && v.number >= -(double)count && v.number <= (double)limit) {
        *out = (int64_t)v.number + (v.number < 0 ? count : 0);
        return true;
    }
    fault(c->scope, E_ARGUMENT, e->span, "%s: '%s' is a whole number from %lld to %lld, this is %s",
          c->row->name, c->row->argument[place], (long long)-count, (long long)limit,
          value_text(c->scope->elab, v));
    return false;
}

// --- the others

// Do all operands fit the first, but for the axis along which they are joined? Sums up that axis.
static bool parts_fit(TensorCall *c, bool stacked, int64_t axis, int64_t *total) {
    Program *p = c->p;
    const Tensor *first = c->operand.item[0];
    int rank = tensor_rank(p, first);
    *total = 0;
    for (int k = 0; k < c->operand.count; k++) {
        const Tensor *t = c->operand.item[k];
        bool fits = tensor_rank(p, t) == rank && t->is_int == first->is_int;
        for (int i = 0; fits && i < rank; i++)
            fits = (!stacked && i == axis) ||
                   tensor_axis(p, t, i)->extent == tensor_axis(p, first, i)->extent;
        if (!fits) {
            Elab *e = c->scope->elab;
            Diagnostic *d = fault(c->scope, E_SHAPE, c->e->argument[k].value->span,
                                  "%s of shapes %s and %s along axis %lld", c->row->name,
                                  shape_text(e, first), shape_text(e, t), (long long)axis);
            note_origin(c->scope, d, t);
            return false;
        }
        *total += stacked ? 1 : tensor_axis(p, t, (int)axis)->extent;
    }
    return true;
}

// The result is like the first operand, but for one axis, which is longer or, of stack, new.
static Tensor *joined_result(TensorCall *c, bool stacked, int64_t axis, int64_t total) {
    const Tensor *first = c->operand.item[0];
    const Index *made[LIMIT_RANK + 1];
    int rank = tensor_rank(c->p, first) + stacked;
    for (int i = 0, at = 0; i < rank; i++) {
        if (stacked && i == axis) {
            made[i] = index_new(c->p, name_of(c->p->compile->names, "k"), NULL, total);
            continue;
        }
        const Index *like = tensor_axis(c->p, first, at++);
        made[i] = axis_like(c, like, i == axis ? total : like->extent);
    }
    return tensor_call_result(c, c->name, made, rank);
}

static Tensor *concat(TensorCall *c, bool stacked) {
    Program *p = c->p;
    int rank = tensor_rank(p, c->operand.item[0]) + stacked;
    int64_t axis, total, offset = 0;
    if (rank == 0) {
        wrong(c, E_SHAPE, c->e->span, "a scalar has no axis; use stack");
        return NULL;
    }
    if (!whole_number(c, 0, 0, rank, rank - 1, &axis) || !parts_fit(c, stacked, axis, &total))
        return NULL;
    Tensor *out = joined_result(c, stacked, axis, total);
    for (int k = 0; out && k < c->operand.count; k++) {
        const Tensor *part = c->operand.item[k];
        Affine left[LIMIT_RANK], right[LIMIT_RANK];
        whole(c, part, right);
        for (int i = 0, at = 0; i < rank; i++) {
            bool is_new = stacked && i == axis;
            left[i] = is_new ? affine_constant(k) : right[at++];
            if (!stacked && i == axis) left[i] = affine_add(p, affine_constant(offset), left[i], 1);
        }
        if (!stacked) offset += tensor_axis(p, part, (int)axis)->extent;
        tensor_call_copy(c, out, left, part, right);
    }
    return out;
}

static Tensor *transpose(TensorCall *c) {
    Program *p = c->p;
    const Tensor *in = c->operand.item[0];
    int rank = tensor_rank(p, in), order[LIMIT_RANK];
    bool seen[LIMIT_RANK] = {false};
    Value list = value_of(c->scope, c->argument[0]);
    if (list.kind == VALUE_POISON) return NULL;
    bool good = list.kind == VALUE_LIST && list.count == rank;
    for (int i = 0; good && i < rank; i++) {
        Value v = list.item[i];
        good = value_is_integer(v) && v.number >= 0 && v.number < rank && !seen[(int)v.number];
        if (good) seen[order[i] = (int)v.number] = true;
    }
    if (!good) {
        tensor_call_mistake(c, c->argument[0]->span,
                            arena_printf(c->scope->elab->arena,
                                         "the axes are the numbers 0 to %d in a new order",
                                         rank - 1));
        return NULL;
    }
    const Index *axis[LIMIT_RANK];
    Affine left[LIMIT_RANK], right[LIMIT_RANK];
    for (int i = 0; i < rank; i++) {
        const Index *from = tensor_axis(p, in, order[i]);
        axis[i] = axis_like(c, from, from->extent);
    }
    Tensor *out = tensor_call_result(c, c->name, axis, rank);
    if (!out) return NULL;
    whole(c, in, right);
    for (int i = 0; i < rank; i++) left[i] = right[order[i]];
    tensor_call_copy(c, out, left, in, right);
    return out;
}

// in[.., from .. to, ..]
static Tensor *cut(TensorCall *c, int64_t axis, int64_t from, int64_t to) {
    Program *p = c->p;
    const Tensor *in = c->operand.item[0];
    int rank = tensor_rank(p, in);
    const Index *made[LIMIT_RANK];
    Affine left[LIMIT_RANK], right[LIMIT_RANK];
    for (int i = 0; i < rank; i++) {
        const Index *at = tensor_axis(p, in, i);
        made[i] = axis_like(c, at, i == axis ? to - from : at->extent);
    }
    Tensor *out = tensor_call_result(c, c->name, made, rank);
    if (!out) return NULL;
    whole(c, out, left);
    for (int i = 0; i < rank; i++)
        right[i] = i == axis ? affine_add(p, affine_constant(from), left[i], 1) : left[i];
    tensor_call_copy(c, out, left, in, right);
    return out;
}

static bool has_axes(TensorCall *c) {
    if (tensor_rank(c->p, c->operand.item[0]) > 0) return true;
    wrong(c, E_SHAPE, c->e->span, "a scalar has no axis");
    return false;
}

static Tensor *slice(TensorCall *c) {
    int64_t axis, from, to;
    int rank = tensor_rank(c->p, c->operand.item[0]);
    if (!has_axes(c) || !whole_number(c, 0, 0, rank, rank - 1, &axis)) return NULL;
    int64_t extent = tensor_axis(c->p, c->operand.item[0], (int)axis)->extent;
    if (!whole_number(c, 1, 0, extent, extent - 1, &from) ||
        !whole_number(c, 2, 0, extent, extent, &to))
        return NULL;
    if (from < to) return cut(c, axis, from, to);
    wrong(c, E_SHAPE, c->e->span,
          arena_printf(c->scope->elab->arena, "nothing lies from %lld to %lld", (long long)from,
                       (long long)to));
    return NULL;
}

static Tensor *split(TensorCall *c) {
    int64_t axis, parts, part;
    int rank = tensor_rank(c->p, c->operand.item[0]);
    if (!has_axes(c) || !whole_number(c, 2, 0, rank, rank - 1, &axis)) return NULL;
    int64_t extent = tensor_axis(c->p, c->operand.item[0], (int)axis)->extent;
    if (!whole_number(c, 0, 1, 0, extent, &parts)) return NULL;
    if (parts < 1 || extent % parts) {
        wrong(c, E_SHAPE, c->argument[0]->span,
              arena_printf(c->scope->elab->arena,
                           "an axis of %lld does not divide into %lld equal parts",
                           (long long)extent, (long long)parts));
        return NULL;
    }
    if (!whole_number(c, 1, 0, parts, parts - 1, &part)) return NULL;
    return cut(c, axis, part * (extent / parts), (part + 1) * (extent / parts));
}

Tensor *tensor_function(Scope *s, const AstExpr *e, Name tensor_name, Name label, Stage *stage) {
    TensorCall c = {.scope = s,
                    .p = s->elab->p,
                    .e = e,
                    .row = find_row(e->name),
                    .name = tensor_name,
                    .label = label,
                    .stage = stage};
    if (!bind_call(&c)) return NULL;
    if (strcmp(e->name, "reshape") == 0) return tensor_call_reshape(&c);
    if (strcmp(e->name, "transpose") == 0) return transpose(&c);
    if (strcmp(e->name, "slice") == 0) return slice(&c);
    if (strcmp(e->name, "split") == 0) return split(&c);
    return concat(&c, strcmp(e->name, "stack") == 0);
}
