// read.c: names and subscripts in equations: reads of tensors, indices, and what an unknown name
// may have meant.
#include "elaborate/context.h"

#include <ctype.h>
#include <string.h>

static const Expr *nothing(Frame *f) {
    return expr_number(f->p, 0);
}

static void look_for_name(const AstStatement *st, void *data) {
    Name *name = data;
    if (*name && st->name == *name && !st->is_update) *name = NULL;
}

static const Expr *unknown_tensor(Frame *f, Name name, Span span) {
    Scope *s = f->scope;
    Name missing = name;
    each_equation(s, s->body, look_for_name, &missing);
    if (!missing) {
        Diagnostic *d =
            frame_fault(f, E_UNDEFINED, span, "'%s' is read before it is defined", name);
        report_help(
            f->p->compile->diagnostics, d,
            "move its equation up; in a recurrence say the ranges of its indices with `for`");
        return nothing(f);
    }
    Diagnostic *d = frame_fault(f, E_UNKNOWN_NAME, span, "unknown name '%s'", name);
    suggest_name(s, d, name, true, true, false);
    return nothing(f);
}

static const Expr *read_of(Frame *f, Entry *entry, const Expr **subscript, Span span) {
    if (!subscript) return nothing(f);
    const Tensor *t = entry->tensor;
    if (t->per_sample && !f->per_sample) {
        Diagnostic *d =
            frame_fault(f, E_SHAPE, span, "'%s' has a value for every sample, '%s' has one for all",
                        entry->name, f->owner);
        report_help(f->p->compile->diagnostics, d,
                    "reduce over the samples: batch_mean(...) or batch_sum(...)");
        return nothing(f);
    }
    return expr_read(f->p, t, subscript);
}

const Expr **expression_subscripts(Frame *f, const Entry *entry, AstExpr *const *subscript,
                                   int count, Span span) {
    Scope *s = f->scope;
    const Tensor *t = entry->tensor;
    LIST(const Expr *) made = {0};
    Arena *a = s->elab->arena;
    if (t && axis_offset(f->p, t))
        list_add(a, made, f->sample ? expr_index(f->p, f->sample) : nothing(f));
    int samples = made.count;
    for (int i = 0; i < count; i++) {
        if (subscript[i]->kind != AST_REST) {
            list_add(a, made, expression_subscript(f, subscript[i]));
            continue;
        }
        if (!f->rest) {
            frame_fault(f, E_RANK, subscript[i]->span,
                        s->has_rest
                            ? "'..' does not stand on the left side, so it has no range here"
                            : "'..' stands for axes that an input of the layer leaves open; "
                              "none does");
            return NULL;
        }
        for (int k = 0; k < s->rest_count; k++) list_add(a, made, expr_index(f->p, f->rest[k]));
    }
    int rank = entry_rank(f->p, entry);
    if (made.count - samples != rank) {
        Text shape = text_new(a);
        for (int i = 0; i < rank; i++)
            text_printf(&shape, "%s%lld", i ? ", " : "",
                        (long long)entry_axis(f->p, entry, i)->extent);
        frame_fault(f, E_RANK, span, "'%s' has %d ax%s [%s], got %d subscript%s", entry->name, rank,
                    rank == 1 ? "is" : "es", rank ? shape.bytes : "", made.count - samples,
                    made.count - samples == 1 ? "" : "s");
        return NULL;
    }
    if (!made.item) made.item = arena_new_array(a, const Expr *, 1);
    return f->failed ? NULL : made.item;
}

const Expr **expression_arguments(Frame *f, const Entry *entry, const AstExpr *e) {
    AstExpr **value = arena_new_array(f->scope->elab->arena, AstExpr *, e->argument_count + 1);
    for (int i = 0; i < e->argument_count; i++) value[i] = e->argument[i].value;
    return expression_subscripts(f, entry, value, e->argument_count, e->span);
}

const Expr *expression_read(Frame *f, const AstExpr *e) {
    Entry *entry = frame_entry(f, e->name);
    if (!entry) {
        if (frame_binding(f, e->name) || scope_value(f->scope, e->name)) {
            frame_fault(f, E_TYPE, e->name_span, "'%s' is no tensor, it has no subscripts",
                        e->name);
            return nothing(f);
        }
        return unknown_tensor(f, e->name, e->name_span);
    }
    if (!entry->tensor && !entry->is_constant) {
        f->failed = true; // reported where it was made
        return nothing(f);
    }
    const Expr **subscript = expression_arguments(f, entry, e);
    if (entry->is_constant) return expr_number(f->p, entry->constant);
    return read_of(f, entry, subscript, e->span);
}

// A whole tensor in an equation without indices, or a scalar anywhere.
const Expr *expression_whole(Frame *f, Tensor *t, Name name, Span span) {
    Entry entry = {.name = name, .tensor = t};
    int rank = tensor_rank(f->p, t);
    if (rank > 0 && (!f->is_whole || f->reduction_depth > 0)) {
        Diagnostic *d =
            frame_fault(f, E_RANK, span, "'%s' has shape %s and needs %d subscript%s here", name,
                        shape_text(f->scope->elab, t), rank, rank == 1 ? "" : "s");
        report_help(f->p->compile->diagnostics, d,
                    "a whole tensor stands only in an equation without indices");
        return nothing(f);
    }
    const Expr **subscript = arena_new_array(f->scope->elab->arena, const Expr *, t->rank + 1);
    int at = 0;
    if (axis_offset(f->p, t))
        subscript[at++] = f->sample ? expr_index(f->p, f->sample) : nothing(f);
    if (rank > 0 && rank != f->whole_count) return nothing(f); // reported by the shape check
    for (int i = 0; i < rank; i++) subscript[at++] = expr_index(f->p, f->whole[i]);
    return read_of(f, &entry, subscript, span);
}

// What a network answers for a sample must not depend on how many others stand beside it.
static const Expr *read_batch_count(Frame *f, const AstExpr *e) {
    if (f->p->training) return expr_batch(f->p);
    Diagnostic *d = frame_fault(f, E_BATCH_COUNT, e->span,
                                "N, the number of samples in the batch, in an equation of evaluation");
    report_help(f->p->compile->diagnostics, d,
                "keep it to training: when training { ... } else { ... }");
    return nothing(f);
}

const Expr *expression_name(Frame *f, const AstExpr *e) {
    const Binding *binding = frame_binding(f, e->name);
    if (binding) return expr_affine(f->p, binding_form(f->p, binding));
    Tensor *operand = frame_operand(f, e);
    if (operand) return expression_whole(f, operand, e->name, e->span);
    Entry *entry = frame_entry(f, e->name);
    if (entry && entry->is_constant) return expr_number(f->p, entry->constant);
    if (entry && !entry->tensor) {
        f->failed = true;
        return nothing(f);
    }
    if (entry) return expression_whole(f, entry->tensor, e->name, e->span);
    if (strcmp(e->name, "N") == 0) return read_batch_count(f, e);
    if (definition_find(f->scope->elab, f->scope->file, e->name).statement) {
        Diagnostic *d = frame_fault(f, E_TYPE, e->span, "'%s' is a layer, no tensor", e->name);
        report_help(f->p->compile->diagnostics, d, "call it: %s()(x)", e->name);
        return nothing(f);
    }
    Name missing = e->name;
    each_equation(f->scope, f->scope->body, look_for_name, &missing);
    if (islower((unsigned char)*e->name) && !f->is_whole && missing) {
        Diagnostic *d = frame_fault(f, E_INDEX_RANGE, e->span,
                                    "'%s' is neither a tensor nor an index with a range", e->name);
        suggest_name(f->scope, d, e->name, true, true, false);
        if (!d->help)
            report_help(f->p->compile->diagnostics, d,
                        "an index stands on the left side, or in a reduction: sum(%s: ...)",
                        e->name);
        return nothing(f);
    }
    return unknown_tensor(f, e->name, e->span);
}
