// reduction.c: sum, prod, mean, max, min, argmax, argmin over named indices, and batch_sum,
// batch_mean over the samples too.
#include "elaborate/context.h"

#include <string.h>

typedef struct ReductionRow {
    const char *name;
    Reduction reduction;
    bool mean, batch;
} ReductionRow;

static const ReductionRow reduction_table[] = {
    {"sum", REDUCE_SUM, false, false},       {"prod", REDUCE_PROD, false, false},
    {"mean", REDUCE_SUM, true, false},       {"max", REDUCE_MAX, false, false},
    {"min", REDUCE_MIN, false, false},       {"argmax", REDUCE_ARGMAX, false, false},
    {"argmin", REDUCE_ARGMIN, false, false}, {"batch_sum", REDUCE_SUM, false, true},
    {"batch_mean", REDUCE_SUM, true, true},
};

static const ReductionRow *find_reduction(const char *name) {
    for (size_t i = 0; i < sizeof reduction_table / sizeof *reduction_table; i++)
        if (strcmp(reduction_table[i].name, name) == 0) return &reduction_table[i];
    return NULL;
}

bool is_reduction(const char *name) {
    return find_reduction(name) != NULL;
}

bool binder_is_rest(const AstExpr *binder) {
    return binder->kind == AST_REST;
}

bool binder_parts(Frame *f, const AstExpr *binder, Name *name, Span *span, const AstExpr **size) {
    const AstExpr *index = binder;
    *size = NULL;
    if (binder->kind == AST_BINARY && binder->op == AST_LESS) {
        index = binder->left;
        *size = binder->right;
    }
    if (index->kind != AST_NAME) {
        Diagnostic *d =
            frame_fault(f, E_INDEX_RANGE, binder->span, "a binder is an index or INDEX < SIZE");
        report_help(f->p->compile->diagnostics, d, "write sum(i: x[i]) or sum(r < K: ...)");
        return false;
    }
    *name = index->name;
    *span = index->span;
    const NamedValue *value = scope_value(f->scope, index->name);
    if (value) {
        Diagnostic *d =
            frame_fault(f, E_DUPLICATE, index->span,
                        "'%s' is a compile-time value already and cannot be an index", index->name);
        report_note(f->p->compile->diagnostics, d, value->span, "it is defined here");
        return false;
    }
    return true;
}

// The indices of one reduction as they are made.
typedef struct Bound {
    LIST(const Index *) index;
    const Index **rest;
    double count;
} Bound;

static void bind_rest(Frame *f, Span span, Bound *bound) {
    Scope *s = f->scope;
    if (!s->has_rest) {
        frame_fault(f, E_INDEX_RANGE, span,
                    "'..' stands for axes that an input of the layer leaves open; none does");
        return;
    }
    bound->rest = arena_new_array(s->elab->arena, const Index *, s->rest_count + 1);
    for (int i = 0; i < s->rest_count; i++) {
        const Index *axis = s->rest[i];
        bound->rest[i] = index_new(f->p, axis->name, axis->size, axis->extent);
        list_add(s->elab->arena, bound->index, bound->rest[i]);
        bound->count *= (double)axis->extent;
    }
}

static void bind_index(Frame *f, const AstExpr *e, const AstExpr *binder, Bound *bound) {
    Scope *s = f->scope;
    Name name;
    Span span;
    const AstExpr *size;
    if (!binder_parts(f, binder, &name, &span, &size)) return;
    Range range = {0};
    if (size) {
        if (!size_of(s, size, "the range of an index", f->quiet, &range.extent)) {
            f->failed = true;
            return;
        }
        if (size->kind == AST_NAME) range.size = size->name;
    } else if (!range_find(f, name, NULL, NULL, e->body, &range)) {
        Diagnostic *d = frame_fault(f, E_INDEX_RANGE, span,
                                    "index '%s' has no range: it stands alone on no axis", name);
        report_help(f->p->compile->diagnostics, d, "say it: %s(%s < SIZE: ...)", e->name, name);
        return;
    }
    for (int i = f->binding.count - bound->index.count; i < f->binding.count; i++)
        if (i >= 0 && f->binding.item[i].name == name &&
            f->binding.item[i].span.begin >= e->span.begin) {
            frame_fault(f, E_DUPLICATE, span, "index '%s' is bound twice", name);
            return;
        }
    const Index *index = index_new(f->p, name, range.size, range.extent);
    frame_bind(f, name, index, span);
    list_add(s->elab->arena, bound->index, index);
    bound->count *= (double)range.extent;
}

// The samples as an index of their own: the equation may have the batch's sample index free at the
// same time.
static const Index *bind_sample(Frame *f, Bound *bound) {
    const Index *n = f->p->sample;
    if (!n) return NULL;
    Index *made = (Index *)(uintptr_t)index_new(f->p, n->name, n->size, n->extent);
    made->is_sample = true;
    const Index *fixed = made;
    list_add(f->scope->elab->arena, bound->index, fixed);
    return made;
}

static void check_statistic(Frame *f, const AstExpr *e, const Bound *bound) {
    if (!f->p->training || (double)f->p->batch_size * bound->count > 1) return;
    Diagnostic *d = frame_fault(f, E_BATCH_STATISTIC, e->span,
                                "a batch statistic over one value: the batch has one sample");
    report_help(f->p->compile->diagnostics, d, "train with batch_size = 2 or more");
}

const Expr *expression_reduce(Frame *f, const AstExpr *e) {
    const ReductionRow *row = find_reduction(e->name);
    if (!row) {
        Diagnostic *d =
            frame_fault(f, E_UNKNOWN_NAME, e->name_span, "unknown reduction '%s'", e->name);
        const char *choice[sizeof reduction_table / sizeof *reduction_table];
        int count = 0;
        for (; count < (int)(sizeof reduction_table / sizeof *reduction_table); count++)
            choice[count] = reduction_table[count].name;
        suggest(f->p->compile, d, e->name, choice, count);
        return expr_number(f->p, 0);
    }
    Frame outer = *f;
    Bound bound = {.count = 1};
    if (row->batch) {
        f->sample = bind_sample(f, &bound);
        f->per_sample = true;
    }
    for (int i = 0; i < e->argument_count && !f->failed; i++) {
        const AstExpr *binder = e->argument[i].value;
        if (binder_is_rest(binder))
            bind_rest(f, binder->span, &bound);
        else
            bind_index(f, e, binder, &bound);
    }
    if (bound.rest) f->rest = bound.rest;
    if (!row->batch && e->argument_count == 0)
        frame_fault(f, E_INDEX_RANGE, e->span, "%s names no index to run over", e->name);
    if (row->mean && row->batch && !f->failed) check_statistic(f, e, &bound);
    f->reduction_depth++;
    const Expr *body = f->failed ? expr_number(f->p, 0) : expression_real(f, e->body);
    f->sample = outer.sample;
    f->per_sample = outer.per_sample;
    f->rest = outer.rest;
    f->reduction_depth = outer.reduction_depth;
    f->binding.count = outer.binding.count;
    if (f->failed) return expr_number(f->p, 0);
    const Expr *made = expr_reduce(f->p, row->reduction, bound.index.item, bound.index.count,
                                   expr_true(f->p), body);
    if (!row->mean) return made;
    const Expr *count = expr_number(f->p, bound.count);
    return expr_divide(f->p, made,
                       row->batch ? expr_multiply(f->p, expr_batch(f->p), count) : count);
}
