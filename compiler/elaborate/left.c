// left.c: the indices of a left side: those of `for`, and every other name in it, with the ranges
// that the equation tells.
#include "elaborate/context.h"

#include <ctype.h>

static bool bind_for(Frame *f, const AstStatement *st) {
    for (int i = 0; i < st->binder_count; i++) {
        const AstExpr *binder = st->binder[i].value, *size;
        Name name;
        Span span;
        Range range = {0};
        if (binder_is_rest(binder)) continue;
        if (!binder_parts(f, binder, &name, &span, &size)) return false;
        if (frame_binding(f, name)) {
            frame_fault(f, E_DUPLICATE, span, "index '%s' is bound twice", name);
            return false;
        }
        if (size && !size_of(f->scope, size, "the range of an index", f->quiet, &range.extent)) {
            f->failed = true;
            return false;
        }
        if (size && size->kind == AST_NAME) range.size = size->name;
        if (!size && !range_find(f, name, NULL, NULL, st->expr, &range)) {
            Diagnostic *d = frame_fault(f, E_INDEX_RANGE, span, "index '%s' has no range", name);
            report_help(f->p->compile->diagnostics, d, "say it: for %s < SIZE: ...", name);
            return false;
        }
        frame_bind(f, name, index_new(f->p, name, range.size, range.extent), span);
    }
    return true;
}

// Binds every name inside a left subscript that is no compile-time value; of `+=` also names inside
// read subscripts.
typedef struct LeftNames {
    Frame *frame;
    const AstStatement *statement;
    const Entry *left;
} LeftNames;

static bool bind_left_name(LeftNames *l, const AstExpr *e) {
    Frame *f = l->frame;
    if (frame_binding(f, e->name) || scope_value(f->scope, e->name)) return true;
    Range range;
    if (range_find(f, e->name, l->left, l->statement, l->statement->expr, &range)) {
        frame_bind(f, e->name, index_new(f->p, e->name, range.size, range.extent), e->span);
        return !f->failed;
    }
    if (isupper((unsigned char)*e->name)) {
        Diagnostic *d = frame_fault(f, E_UNKNOWN_NAME, e->span, "unknown size '%s'", e->name);
        suggest_name(f->scope, d, e->name, true, false, false);
        if (!d->help)
            report_help(f->p->compile->diagnostics, d, "indices are written in lower case");
        return false;
    }
    Diagnostic *d = frame_fault(f, E_INDEX_RANGE, e->span,
                                "index '%s' has no range: it stands alone on no axis", e->name);
    report_help(f->p->compile->diagnostics, d, "say it: for %s < SIZE: %s[...] = ...", e->name,
                f->owner);
    return false;
}

static bool bind_names(LeftNames *l, const AstExpr *e) {
    if (!e) return true;
    if (e->kind == AST_NAME) return bind_left_name(l, e);
    if (e->kind == AST_SUBSCRIPT || e->kind == AST_CALL) return true;
    return bind_names(l, e->left) && bind_names(l, e->right);
}

// The free indices on the right of `+=`, all of which it runs over.
static bool bind_right(LeftNames *l, const AstExpr *e) {
    if (!e || e->kind == AST_REDUCE) return true;
    if (e->kind == AST_SUBSCRIPT)
        for (int i = 0; i < e->argument_count; i++) {
            const AstExpr *at = e->argument[i].value;
            if (at->kind == AST_NAME && frame_entry(l->frame, at->name)) continue;
            if (!bind_names(l, at)) return false;
        }
    if (e->kind == AST_CALL)
        for (int i = 0; i < e->argument_count; i++)
            if (!bind_right(l, e->argument[i].value)) return false;
    return bind_right(l, e->condition) && bind_right(l, e->left) && bind_right(l, e->right);
}

bool frame_bind_left(Frame *f, const AstStatement *st, const Entry *left) {
    LeftNames l = {f, st, left};
    if (!bind_for(f, st)) return false;
    for (int i = 0; i < st->subscript_count; i++)
        if (!bind_names(&l, st->subscript[i])) return false;
    return !st->is_accumulation || bind_right(&l, st->expr);
}
