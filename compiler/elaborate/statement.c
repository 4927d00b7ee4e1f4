// statement.c: one equation of the spec becomes one equation of the program.
//
// The order matters: the values of layer calls first, then the shape of the left side, then the
// ranges of the indices, and only then the expression, which may read the left side itself.
#include "elaborate/context.h"

static bool check_limit(Scope *s, Span span) {
    Elab *e = s->elab;
    if (e->p->forward.count < LIMIT_EQUATIONS) return true;
    if (!e->exhausted)
        fault(s, E_LIMIT, span, "the model has more than %d equations", LIMIT_EQUATIONS);
    e->exhausted = true;
    return false;
}

static Tensor *poison(Scope *s, const AstStatement *st) {
    if (!scope_own_entry(s, st->name)) scope_add_entry(s, st->name, st->name_span, NULL);
    return NULL;
}

static const char *role_text(TensorRole role) {
    switch (role) {
    case TENSOR_INPUT: return "an input";
    case TENSOR_TARGET: return "a target";
    case TENSOR_PARAM: return "a param";
    case TENSOR_STATE: return "a state";
    case TENSOR_VALUE: return "a tensor";
    case TENSOR_GRADIENT: return "a gradient";
    case TENSOR_RESULT: return "a result";
    }
    return "a tensor";
}

// May this statement define (or update) the tensor that has its name already?
static bool may_define(Scope *s, const AstStatement *st, const Entry *left) {
    Diagnostics *all = s->elab->c->diagnostics;
    const Tensor *t = left->tensor;
    if (st->is_update) {
        if (left->is_constant || (t && t->role == TENSOR_STATE)) return true;
        if (!t) return false;
        Diagnostic *d = fault(s, E_TYPE, st->name_span, "'%s' is %s; only states are updated",
                              st->name, role_text(t->role));
        if (t->role == TENSOR_VALUE) report_help(all, d, "declare it: state %s[...] = 0", st->name);
        return false;
    }
    if (!left->is_constant && !t) return false;
    if (t && t->role == TENSOR_VALUE && !left->is_alias) return true;
    Diagnostic *d = fault(s, E_DUPLICATE, st->name_span, "'%s' is %s already and cannot be defined",
                          st->name, t ? role_text(t->role) : "a param or state");
    report_note(all, d, left->span, "it is made here");
    if (t && t->role == TENSOR_STATE) report_help(all, d, "write: update %s[...] = ...", st->name);
    return false;
}

// --- the parts of an equation

// Row-major number of the element on the left, the sample not counted.
static Affine element_number(Program *p, const Tensor *out, const Expr *const *subscript) {
    Affine number = affine_constant(0);
    int64_t stride = 1;
    for (int i = out->rank; i-- > axis_offset(p, out);) {
        number = affine_add(p, number, subscript[i]->affine, stride);
        stride *= out->axis[i]->extent;
    }
    return number;
}

typedef LIST(const Index *) Domain;

static void add_indices(Arena *a, Domain *domain, Affine form) {
    for (int i = 0; i < form.count; i++) {
        bool there = false;
        for (int k = 0; k < domain->count; k++) there |= domain->item[k] == form.term[i].index;
        if (!there) list_add(a, *domain, form.term[i].index);
    }
}

// Of `=` the indices of the left side, of `+=` all that the equation binds.
static Domain domain_of(Frame *f, const Tensor *out, const Expr *const *subscript) {
    Arena *a = f->scope->elab->arena;
    Domain domain = {0};
    for (int i = 0; i < out->rank; i++) add_indices(a, &domain, subscript[i]->affine);
    if (f->statement->is_accumulation)
        for (int i = 0; i < f->binding.count; i++)
            add_indices(a, &domain, affine_index(f->p, f->binding.item[i].index));
    return domain;
}

static bool all_on_left(Frame *f, const Domain *domain) {
    for (int i = 0; i < f->binding.count; i++) {
        const Binding *b = &f->binding.item[i];
        bool there = b->index->extent == 1;
        for (int k = 0; k < domain->count; k++) there |= domain->item[k] == b->index;
        if (there) continue;
        Diagnostic *d = frame_fault(f, E_INDEX_RANGE, b->span,
                                    "index '%s' does not stand on the left side", b->name);
        report_help(f->p->compile->diagnostics, d, "reduce over it: sum(%s: ...)", b->name);
        return false;
    }
    return true;
}

static bool left_is_affine(Frame *f, const Tensor *out, const Expr *const *subscript) {
    for (int i = 0; i < out->rank; i++)
        if (subscript[i]->kind != E_INDEX) {
            frame_fault(f, E_LEFT_SIDE, f->statement->name_span,
                        "a left side is made of indices and numbers, not of tensors");
            return false;
        }
    return true;
}

// y[K - 1 - t] = ... is y[t] = ... with K - 1 - t for every t: left sides count upwards.
static bool turn_indices(Frame *f, const Tensor *out, const Expr *const *subscript) {
    bool turned = false;
    for (int i = 0; i < out->rank; i++)
        for (int k = 0; k < subscript[i]->affine.count; k++) {
            const AffineTerm *term = &subscript[i]->affine.term[k];
            for (int b = 0; b < f->binding.count; b++)
                if (f->binding.item[b].index == term->index && term->coefficient < 0)
                    f->binding.item[b].is_down = turned = true;
        }
    return turned;
}

static Equation *make_subscripted(Frame *f, const Entry *left) {
    const AstStatement *st = f->statement;
    Program *p = f->p;
    Tensor *out = left->tensor;
    const Expr **subscript =
        expression_subscripts(f, left, st->subscript, st->subscript_count, st->name_span);
    if (!subscript || !left_is_affine(f, out, subscript)) return NULL;
    if (!st->is_accumulation && turn_indices(f, out, subscript))
        subscript =
            expression_subscripts(f, left, st->subscript, st->subscript_count, st->name_span);
    Domain domain = domain_of(f, out, subscript);
    if (!all_on_left(f, &domain)) return NULL;
    f->element = element_number(p, out, subscript);
    const Expr *value = expression_value(f, st->expr);
    if (f->failed) return NULL;
    Equation *q = equation_new(p, out, subscript, domain.item, domain.count,
                               st->is_accumulation ? EQUATION_ADD : EQUATION_SET, value);
    for (int i = 0; st->is_accumulation && i < out->rank; i++)
        if (!out->axis[i]->is_sample)
            q->guard =
                expr_and(p, q->guard, expr_inside(p, subscript[i]->affine, out->axis[i]->extent));
    return q;
}

// Checks an equation without indices against the shape that its left side already has.
static bool check_whole(Frame *f, const Tensor *out) {
    const Index **axis;
    int rank;
    if (!whole_axes(f, &axis, &rank)) return false;
    bool same = rank == 0 || rank == tensor_rank(f->p, out);
    for (int i = 0; same && i < rank; i++)
        same = axis[i]->extent == tensor_axis(f->p, out, i)->extent;
    if (same) return true;
    Elab *e = f->scope->elab;
    Diagnostic *d = frame_fault(f, E_SHAPE, f->statement->expr->span,
                                "'%s' has shape %s, but the right side has %s", f->owner,
                                shape_text(e, out), axes_text(e, axis, rank));
    note_origin(f->scope, d, out);
    return false;
}

static Equation *make_whole(Frame *f, const Entry *left) {
    Tensor *out = left->tensor;
    Program *p = f->p;
    int offset = axis_offset(p, out);
    if (!check_whole(f, out)) return NULL;
    f->whole = out->axis + offset;
    f->whole_count = out->rank - offset;
    const Expr **subscript = arena_new_array(f->scope->elab->arena, const Expr *, out->rank + 1);
    for (int i = 0; i < out->rank; i++)
        subscript[i] = expr_affine(p, affine_index(p, out->axis[i]));
    f->element = element_number(p, out, subscript);
    const Expr *value = expression_value(f, f->statement->expr);
    if (f->failed) return NULL;
    Equation *q = equation_whole(p, out, value);
    if (f->statement->is_accumulation) q->op = EQUATION_ADD;
    return q;
}

// A tensor of classes, such as best = argmax(k: x[k]).
static void note_integer(Tensor *out, const Expr *value) {
    if (!expr_is_int(value) || value->kind == E_INDEX || value->kind == E_NUMBER) return;
    out->is_int = true;
    if (value->kind == E_READ) out->classes = value->tensor->classes;
    out->classes = value->kind == E_REDUCE ? 1 : out->classes;
    for (int i = 0; value->kind == E_REDUCE && i < value->index_count; i++)
        out->classes *= value->index[i]->extent;
}

// --- layer calls that are the whole right side

static const AstDeclarator *find_output(const Scope *s, Name name) {
    const AstStatement *layer =
        s->definition && s->definition->kind == AST_LAYER ? s->definition : NULL;
    for (int i = 0; layer && i < layer->declarator_count; i++)
        if (layer->declarator[i].name == name) return &layer->declarator[i];
    return NULL;
}

// The name of the tensor of an output, as the stage that uses the layer wants it.
static Name output_tensor_name(const Scope *s, const AstDeclarator *output) {
    if (output == s->definition->declarator && s->output_name) return s->output_name;
    return s->definition->declarator_count == 1 ? s->path : scope_path(s, output->name);
}

static bool has_declared_shape(Scope *s, const AstStatement *st, const AstDeclarator *output,
                               const Tensor *t) {
    const Index **axis;
    int rank;
    if (!axes_of_dims(s, st->name, output->dim, output->dim_count, false, &axis, &rank))
        return false;
    bool same = rank == tensor_rank(s->elab->p, t);
    for (int k = 0; same && k < rank; k++)
        same = axis[k]->extent == tensor_axis(s->elab->p, t, k)->extent;
    if (same) return true;
    Diagnostic *d = fault(s, E_SHAPE, st->expr->span, "'%s' is declared as %s, this has shape %s",
                          st->name, axes_text(s->elab, axis, rank), shape_text(s->elab, t));
    report_note(s->elab->c->diagnostics, d, output->span, "it is declared here");
    return false;
}

static Tensor *define_by_call(Scope *s, const AstStatement *st, const Placement *place) {
    const AstDeclarator *output = find_output(s, st->name);
    Wanted wanted = {.label = st->name, .output_name = place->tensor_name};
    if (output) wanted.output_name = output_tensor_name(s, output);
    const Entry *taken = scope_own_entry(s, st->name);
    if (taken) {
        Diagnostic *d = fault(s, E_DUPLICATE, st->name_span, "'%s' is defined twice", st->name);
        report_note(s->elab->c->diagnostics, d, taken->span, "it is made here");
        return NULL;
    }
    Frame f;
    frame_begin(&f, s, st);
    Tensor *t = operand_collect(&f, st->expr, &wanted) ? frame_operand(&f, st->expr) : NULL;
    if (!t) return poison(s, st);
    Entry *entry = scope_add_entry(s, st->name, st->name_span, t);
    entry->is_alias = entry->is_defined = true;
    return output && !has_declared_shape(s, st, output, t) ? NULL : t;
}

static Entry *find_left(Frame *f, const AstStatement *st, const Placement *place) {
    Scope *s = f->scope;
    Entry *left = scope_own_entry(s, st->name);
    if (!left && st->is_update) {
        Diagnostic *d = fault(s, E_UNKNOWN_NAME, st->name_span, "there is no state '%s'", st->name);
        suggest_name(s, d, st->name, false, true, false);
        return NULL;
    }
    if (!left) left = output_declare(s, st->name, false);
    if (left) return may_define(s, st, left) ? left : NULL;
    if (st->is_accumulation) {
        Diagnostic *d =
            fault(s, E_UNDEFINED, st->name_span, "'%s' has no value to add to yet", st->name);
        report_help(s->elab->c->diagnostics, d, "define it first: %s[...] = 0", st->name);
        return NULL;
    }
    if (st->has_subscript && !frame_bind_left(f, st, NULL)) return NULL;
    Name name = place->tensor_name ? place->tensor_name : scope_path(s, st->name);
    return temporary_make(f, st, name, place->label ? place->label : st->name);
}

static bool is_scalar(Scope *s, const AstStatement *st, const Tensor *out) {
    if (tensor_rank(s->elab->p, out) == 0) return true;
    Diagnostic *d =
        fault(s, E_LOSS, st->expr->span, "'%s' must be one number per sample, it has shape %s",
              st->name, shape_text(s->elab, out));
    report_help(s->elab->c->diagnostics, d, "reduce over its axes: sum(i: ...) or mean(i: ...)");
    return false;
}

Tensor *equation_define(Scope *s, const AstStatement *st, const Placement *place) {
    Program *p = s->elab->p;
    if (s->elab->exhausted || !check_limit(s, st->span)) return NULL;
    if (st->is_update && !p->training) return NULL;
    bool plain = !st->has_subscript && !st->binder_count && !st->is_update && !st->is_accumulation;
    if (plain && is_whole_call(s, st->expr) && !place->is_loss) return define_by_call(s, st, place);
    Frame f;
    Wanted wanted = {.label = st->name};
    frame_begin(&f, s, st);
    if (f.is_whole && !operand_collect(&f, st->expr, &wanted)) return poison(s, st);
    Entry *left = find_left(&f, st, place);
    if (!left) return poison(s, st);
    if (left->is_constant || !left->tensor) return NULL; // a switched-off state needs no update
    Tensor *out = left->tensor;
    if (place->is_loss && !is_scalar(s, st, out)) return NULL;
    if (!f.is_whole && f.binding.count == 0 && !frame_bind_left(&f, st, left)) return NULL;
    f.per_sample = out->per_sample;
    f.sample = out->per_sample ? p->sample : NULL;
    Equation *q = f.is_whole ? make_whole(&f, left) : make_subscripted(&f, left);
    if (!q || f.failed) return NULL;
    note_integer(out, q->value);
    q->span = st->span;
    q->stage = place->stage ? place->stage : s->stage;
    if (place->stage) out->stage = place->stage;
    left->is_defined = true;
    if (st->is_update)
        list_add(s->elab->arena, p->update, q);
    else
        list_add(s->elab->arena, p->forward, q);
    return out;
}
