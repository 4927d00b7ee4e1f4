// temporary.c: the shapes of tensors that have no declaration: a layer's outputs and the names that
// equations define.
//
// An output has the shape of the header as soon as its sizes are known. A temporary has the ranges
// of its indices. Either may be read before its equation comes (recurrences); then its shape is
// looked for quietly, ahead.
#include "elaborate/context.h"

void each_equation(const Scope *s, AstStatements body, void (*visit)(const AstStatement *, void *),
                   void *data) {
    for (int i = 0; i < body.count; i++) {
        const AstStatement *st = body.item[i];
        if (st->kind == AST_EQUATION) visit(st, data);
        if (st->kind == AST_WHEN)
            each_equation(s, s->elab->p->training ? st->body : st->otherwise, visit, data);
    }
}

// --- which tensors have a value for every sample

static bool any_argument_depends(Frame *f, const AstExpr *e) {
    for (int i = 0; i < e->argument_count; i++)
        if (depends_on_sample(f, e->argument[i].value)) return true;
    return false;
}

static bool name_depends(Frame *f, Name name) {
    const Entry *entry = scope_own_entry(f->scope, name);
    if (!entry && definitions_depend_on_sample(f->scope, name)) return true;
    if (!entry) entry = scope_entry(f->scope, name);
    return entry && entry->tensor && entry->tensor->per_sample;
}

bool depends_on_sample(Frame *f, const AstExpr *e) {
    if (!e) return false;
    e = live_branch(f, e);
    const Tensor *operand = frame_operand(f, e);
    if (operand) return operand->per_sample;
    switch (e->kind) {
    case AST_NUMBER:
    case AST_STRING:
    case AST_REST: return false;
    case AST_HOLE: return f->scope->hole && f->scope->hole->per_sample;
    case AST_NAME: return !frame_binding(f, e->name) && name_depends(f, e->name);
    case AST_SUBSCRIPT: return name_depends(f, e->name) || any_argument_depends(f, e);
    case AST_REDUCE:
        if (e->name[0] == 'b') return false; // batch_sum, batch_mean
        return depends_on_sample(f, e->body);
    case AST_CALL:
        if (e->name == name_of(f->p->compile->names, "bernoulli") ||
            e->name == name_of(f->p->compile->names, "uniform01"))
            return true;
        return any_argument_depends(f, e);
    case AST_NEGATE:
    case AST_NOT: return depends_on_sample(f, e->left);
    case AST_BINARY:
    case AST_PIPE: return depends_on_sample(f, e->left) || depends_on_sample(f, e->right);
    case AST_IF:
        return depends_on_sample(f, e->condition) || depends_on_sample(f, e->left) ||
               depends_on_sample(f, e->right);
    case AST_APPLY:
    case AST_LIST:
    case AST_TUPLE: return any_argument_depends(f, e);
    }
    return false;
}

typedef struct Definitions {
    Scope *scope;
    Name name;
    bool depends;
    const AstStatement *first;
} Definitions;

static void look_for_sample(const AstStatement *st, void *data) {
    Definitions *found = data;
    if (st->name != found->name || st->is_update || found->depends) return;
    Frame f;
    frame_begin(&f, found->scope, st);
    f.quiet = true;
    found->depends = depends_on_sample(&f, st->expr);
}

static bool is_declaring(const Scope *s, Name name) {
    for (int i = 0; i < s->declaring.count; i++)
        if (s->declaring.item[i] == name) return true;
    return s->declaring.count > LIMIT_NESTING;
}

bool definitions_depend_on_sample(Scope *s, Name name) {
    if (is_declaring(s, name)) return false;
    list_add(s->elab->arena, s->declaring, name);
    Definitions found = {.scope = s, .name = name};
    each_equation(s, s->body, look_for_sample, &found);
    s->declaring.count--;
    return found.depends;
}

// --- shapes

// The affine forms of the left side, `..` expanded.
static bool left_forms(Frame *f, const AstStatement *st, Affine *form, int *count) {
    *count = 0;
    for (int i = 0; i < st->subscript_count; i++) {
        if (st->subscript[i]->kind == AST_REST) {
            for (int k = 0; f->rest && k < f->scope->rest_count && *count < LIMIT_RANK; k++)
                form[(*count)++] = affine_index(f->p, f->rest[k]);
            continue;
        }
        const Expr *at = expression_subscript(f, st->subscript[i]);
        if (f->failed) return false;
        if (at->kind != E_INDEX || affine_low(at->affine) < 0) {
            frame_fault(f, at->kind == E_INDEX ? E_RANGE : E_LEFT_SIDE, st->subscript[i]->span,
                        at->kind == E_INDEX ? "this may be negative on the left side"
                                            : "a left side is made of indices and numbers");
            return false;
        }
        if (*count == LIMIT_RANK) {
            frame_fault(f, E_LIMIT, st->name_span, "'%s' has more than %d axes", st->name,
                        LIMIT_RANK);
            return false;
        }
        form[(*count)++] = at->affine;
    }
    return true;
}

typedef struct Extents {
    Scope *scope;
    const AstStatement *statement;
    int64_t extent[LIMIT_RANK];
    int rank;
} Extents;

// Another equation of the same tensor may reach further: y[i] = ..., y[A + j] = ...
static void extend(const AstStatement *st, void *data) {
    Extents *all = data;
    if (st == all->statement || st->name != all->statement->name || st->is_update ||
        st->is_accumulation)
        return;
    Frame f;
    frame_begin(&f, all->scope, st);
    f.quiet = true;
    Affine form[LIMIT_RANK];
    int count;
    if (!frame_bind_left(&f, st, NULL) || !left_forms(&f, st, form, &count)) return;
    for (int i = 0; i < count && i < all->rank; i++)
        if (affine_high(form[i]) + 1 > all->extent[i]) all->extent[i] = affine_high(form[i]) + 1;
}

static bool left_axes(Frame *f, const AstStatement *st, const Index ***axis, int *rank) {
    Scope *s = f->scope;
    Affine form[LIMIT_RANK];
    Extents all = {.scope = s, .statement = st};
    if (!left_forms(f, st, form, &all.rank)) return false;
    for (int i = 0; i < all.rank; i++) all.extent[i] = affine_high(form[i]) + 1;
    each_equation(s, s->body, extend, &all);
    const Index **made = arena_new_array(s->elab->arena, const Index *, all.rank + 1);
    for (int i = 0; i < all.rank; i++) {
        const Index *bare = affine_bare(form[i]);
        Name size = bare && bare->extent == all.extent[i] ? bare->size : NULL;
        Name name = bare ? bare->name : axis_name(s, st->name, i, all.rank, size);
        made[i] = index_new(f->p, name, size, all.extent[i]);
    }
    *axis = made;
    *rank = all.rank;
    return f->quiet || check_elements(s, st->name_span, made, all.rank);
}

bool whole_axes(Frame *f, const Index ***axis, int *rank) {
    const Tensor *shape = NULL;
    for (int i = 0; i < f->operand.count; i++) {
        const Tensor *t = f->operand.item[i].tensor;
        if (tensor_rank(f->p, t) == 0) continue;
        if (!shape) shape = t;
        if (same_shape(f->p, shape, t)) continue;
        Diagnostic *d = frame_fault(f, E_SHAPE, f->operand.item[i].expr->span,
                                    "'%s' has shape %s, but '%s' has %s", t->label,
                                    shape_text(f->scope->elab, t), shape->label,
                                    shape_text(f->scope->elab, shape));
        if (!f->quiet) note_origin(f->scope, d, t);
        if (!f->quiet && shape->stage != t->stage) note_origin(f->scope, d, shape);
        report_help(f->p->compile->diagnostics, d,
                    "in an equation without indices all tensors have one shape, or are scalars");
        return false;
    }
    *rank = shape ? tensor_rank(f->p, shape) : 0;
    *axis = arena_new_array(f->scope->elab->arena, const Index *, *rank + 1);
    for (int i = 0; i < *rank; i++) {
        const Index *at = tensor_axis(f->p, shape, i);
        (*axis)[i] = index_new(f->p, at->name, at->size, at->extent);
    }
    return true;
}

Entry *temporary_make(Frame *f, const AstStatement *st, Name tensor_name, Name label) {
    Scope *s = f->scope;
    const Index **axis;
    int rank;
    if (st->has_subscript ? !left_axes(f, st, &axis, &rank) : !whole_axes(f, &axis, &rank)) {
        f->failed = true;
        return NULL;
    }
    // Looking at a recurrence for the ranges of its indices may have declared it.
    Entry *already = scope_own_entry(s, st->name);
    if (already && already->tensor) return already;
    bool per_sample = depends_on_sample(f, st->expr) || definitions_depend_on_sample(s, st->name);
    Tensor *t = tensor_new(f->p, tensor_name, label, TENSOR_VALUE, per_sample, axis, rank);
    t->span = st->name_span.file ? st->name_span : st->span;
    t->stage = s->stage;
    return scope_add_entry(s, st->name, t->span, t);
}

static void look_for_first(const AstStatement *st, void *data) {
    Definitions *found = data;
    if (st->name == found->name && !st->is_update && !found->first) found->first = st;
}

// Names of whole tensors in an equation without indices, as far as they are known.
static bool collect_names(Frame *f, const AstExpr *e) {
    if (!e || e->kind == AST_SUBSCRIPT || e->kind == AST_REDUCE) return true;
    e = live_branch(f, e);
    if (is_whole_call(f->scope, e)) return false;
    if (e->kind == AST_NAME) {
        const Entry *entry = frame_entry(f, e->name);
        if (entry && !entry->tensor && !entry->is_constant) return false;
        Operand operand = {e, entry ? entry->tensor : NULL};
        if (operand.tensor) list_add(f->scope->elab->arena, f->operand, operand);
        return entry != NULL || scope_value(f->scope, e->name) != NULL;
    }
    for (int i = 0; i < e->argument_count; i++)
        if (!collect_names(f, e->argument[i].value)) return false;
    return collect_names(f, e->condition) && collect_names(f, e->left) &&
           collect_names(f, e->right);
}

Entry *temporary_declare(Scope *s, Name name) {
    Definitions found = {.scope = s, .name = name};
    if (is_declaring(s, name)) return NULL;
    each_equation(s, s->body, look_for_first, &found);
    const AstStatement *st = found.first;
    if (!st) return NULL;
    Frame f;
    frame_begin(&f, s, st);
    f.quiet = true;
    list_add(s->elab->arena, s->declaring, name);
    bool known = st->has_subscript ? frame_bind_left(&f, st, NULL) : collect_names(&f, st->expr);
    Entry *made = NULL;
    if (known && !f.failed) made = temporary_make(&f, st, scope_path(s, name), name);
    s->declaring.count--;
    return made;
}

Entry *output_declare(Scope *s, Name name, bool quiet) {
    if (!s->definition || s->definition->kind != AST_LAYER) return NULL;
    const AstStatement *layer = s->definition;
    for (int i = 0; i < layer->declarator_count; i++) {
        const AstDeclarator *output = &layer->declarator[i];
        const Index **axis;
        int rank;
        if (output->name != name) continue;
        if (!axes_of_dims(s, name, output->dim, output->dim_count, quiet, &axis, &rank))
            return quiet ? NULL : scope_add_entry(s, name, output->span, NULL);
        Name path = layer->declarator_count == 1 ? s->path : scope_path(s, name);
        if (i == 0 && s->output_name) path = s->output_name;
        Tensor *t = tensor_new(s->elab->p, path, i == 0 && s->output_name ? s->output_name : name,
                               TENSOR_VALUE, definitions_depend_on_sample(s, name), axis, rank);
        t->span = output->span;
        t->stage = s->stage;
        return scope_add_entry(s, name, output->span, t);
    }
    return NULL;
}
