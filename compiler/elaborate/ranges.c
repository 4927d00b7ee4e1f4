// ranges.c: over what an index runs: the axes on which it stands alone.
//
// A walk over an equation finds every subscript that is just this index. All these axes must have
// one size. Binders of inner reductions hide the name; branches that a compile-time condition rules
// out do not count.
#include "elaborate/context.h"

typedef struct Search {
    Frame *frame;
    Name index;
    Range first, other; // other: a range that differs from the first
} Search;

static void add_range(Search *search, const Index *axis, Span span) {
    if (search->first.extent == 0) {
        search->first = (Range){axis->extent, axis->size, span};
    } else if (search->first.extent != axis->extent) {
        if (search->other.extent == 0) search->other = (Range){axis->extent, axis->size, span};
    } else if (!search->first.size) {
        search->first.size = axis->size;
    }
}

// Position of subscript i among the axes, where `..` stands for several.
static int axis_of_subscript(const Scope *s, AstExpr *const *subscript, int i) {
    int at = 0;
    for (int k = 0; k < i; k++) at += subscript[k]->kind == AST_REST ? s->rest_count : 1;
    return at;
}

static void walk(Search *search, const AstExpr *e);

static void walk_subscripts(Search *search, const Entry *entry, AstExpr *const *subscript,
                            int count) {
    Frame *f = search->frame;
    for (int i = 0; i < count; i++) {
        if (subscript[i]->kind != AST_NAME) {
            walk(search, subscript[i]);
            continue;
        }
        if (subscript[i]->name != search->index || !entry) continue;
        if (!entry->tensor && !entry->is_constant) continue;
        int axis = axis_of_subscript(f->scope, subscript, i);
        if (axis < entry_rank(f->p, entry))
            add_range(search, entry_axis(f->p, entry, axis), subscript[i]->span);
    }
}

const AstExpr *live_branch(Frame *f, const AstExpr *e) {
    Value condition;
    while (e->kind == AST_IF && value_try(f->scope, f, e->condition, &condition) &&
           condition.kind == VALUE_BOOLEAN)
        e = condition.number != 0 ? e->left : e->right;
    return e;
}

static bool binds(const AstExpr *reduce, Name index) {
    for (int i = 0; i < reduce->argument_count; i++) {
        const AstExpr *binder = reduce->argument[i].value;
        if (binder->kind == AST_BINARY) binder = binder->left;
        if (binder && binder->kind == AST_NAME && binder->name == index) return true;
    }
    return false;
}

static void walk(Search *search, const AstExpr *e) {
    if (!e) return;
    e = live_branch(search->frame, e);
    if (e->kind == AST_REDUCE) {
        if (!binds(e, search->index)) walk(search, e->body);
        return;
    }
    if (e->kind == AST_SUBSCRIPT) {
        AstExpr **value =
            arena_new_array(search->frame->scope->elab->arena, AstExpr *, e->argument_count + 1);
        for (int i = 0; i < e->argument_count; i++) value[i] = e->argument[i].value;
        walk_subscripts(search, frame_entry(search->frame, e->name), value, e->argument_count);
        return;
    }
    walk(search, e->condition);
    walk(search, e->left);
    walk(search, e->right);
    for (int i = 0; i < e->argument_count; i++) walk(search, e->argument[i].value);
}

bool range_find(Frame *f, Name index, const Entry *left, const AstStatement *statement,
                const AstExpr *right, Range *out) {
    Search search = {.frame = f, .index = index};
    if (left) walk_subscripts(&search, left, statement->subscript, statement->subscript_count);
    walk(&search, right);
    *out = search.first;
    if (search.other.extent == 0) return search.first.extent != 0;
    Diagnostic *d =
        frame_fault(f, E_INDEX_RANGE, search.other.span,
                    "index '%s' runs over an axis of %lld here, but over %lld elsewhere", index,
                    (long long)search.other.extent, (long long)search.first.extent);
    report_note(f->p->compile->diagnostics, d, search.first.span, "here its axis has %lld",
                (long long)search.first.extent);
    report_help(f->p->compile->diagnostics, d,
                "use two indices, or say its range: sum(%s < SIZE: ...)", index);
    return true;
}
