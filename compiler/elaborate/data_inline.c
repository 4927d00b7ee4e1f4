// data_inline.c: samples that stand in the spec itself, and which columns of a csv file fill which
// input.
#include "elaborate/context.h"

#include <math.h>
#include <string.h>

static bool is_data(const Tensor *t) {
    return t->role == TENSOR_INPUT || t->role == TENSOR_TARGET;
}

static void check_classes(Scope *s, const Tensor *t, const AstExpr *e, const double *value,
                          int64_t count) {
    for (int64_t i = 0; t->is_int && i < count; i++)
        if (value[i] != floor(value[i]) || value[i] < 0 || value[i] >= (double)t->classes) {
            fault(s, E_DATA, e->span, "'%s' holds classes from 0 to %lld, this holds %s", t->label,
                  (long long)t->classes - 1, number_text(s->elab->arena, value[i]));
            return;
        }
}

static bool inline_values(Elab *e, Scope *s, const Tensor *t, const AstExpr *given,
                          NetInline *out) {
    Program *p = e->p;
    Value v = value_of(s, given);
    int64_t extent[LIMIT_RANK + 1], elements = 1;
    int rank = tensor_rank(p, t);
    if (v.kind == VALUE_POISON) return false;
    if (v.kind != VALUE_LIST || v.count == 0) {
        Diagnostic *d =
            fault(s, E_DATA, given->span, "'%s' is a list with one value per sample", t->label);
        report_help(e->c->diagnostics, d, "write %s = [%s]", t->label, rank ? "[0.1, 0.2]" : "0.1");
        return false;
    }
    extent[0] = v.count;
    for (int i = 0; i < rank; i++) {
        extent[i + 1] = tensor_axis(p, t, i)->extent;
        elements *= extent[i + 1];
    }
    const char *what =
        arena_printf(e->arena, "'%s', of shape %s for each sample", t->label, shape_text(e, t));
    double *value = list_values(s, v, extent, rank + 1, E_DATA, what);
    if (!value) return false;
    check_classes(s, t, given, value, elements * v.count);
    *out = (NetInline){t->name, value, (size_t)v.count};
    return true;
}

void data_inlined(Elab *e, Scope *s, const AstStatement *block, NetData *data) {
    Program *p = e->p;
    LIST(const char *) allowed = {0};
    LIST(NetInline) made = {0};
    const AstExpr *first = NULL;
    list_add(e->arena, allowed, "format");
    data->format = NET_DATA_INLINE;
    for (int i = 0; i < p->tensor.count; i++)
        if (is_data(p->tensor.item[i])) list_add(e->arena, allowed, p->tensor.item[i]->name);
    check_settings(s, block, allowed.item, allowed.count);
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        NetInline values;
        if (!is_data(t)) continue;
        const AstExpr *given = NULL;
        for (int k = 0; k < block->body.count; k++)
            if (block->body.item[k]->name == t->name) given = block->body.item[k]->expr;
        if (!given) {
            Diagnostic *d = fault(s, E_DATA, block->span, "data has no values for '%s'", t->label);
            report_note(e->c->diagnostics, d, t->span, "it is declared here");
            continue;
        }
        if (!inline_values(e, s, t, given, &values)) continue;
        if (made.count && values.sample_count != made.item[0].sample_count) {
            Diagnostic *d =
                fault(s, E_DATA, given->span, "'%s' has %zu sample%s, '%s' has %zu", t->label,
                      values.sample_count, values.sample_count == 1 ? "" : "s", made.item[0].input,
                      made.item[0].sample_count);
            report_note(e->c->diagnostics, d, first->span, "that is here");
        }
        if (!made.count) first = given;
        list_add(e->arena, made, values);
    }
    data->inlined = made.item;
    data->inlined_count = made.count;
}

// --- columns of a csv file

static bool columns_of(Elab *e, Scope *s, const Tensor *t, const AstExpr *given, NetColumns *out) {
    Value v = value_of(s, given);
    if (v.kind == VALUE_POISON) return false;
    int count = v.kind == VALUE_LIST ? v.count : 1;
    const char **name = arena_new_array(e->arena, const char *, count + 1);
    int64_t elements = 1;
    for (int i = 0; i < tensor_rank(e->p, t); i++) elements *= tensor_axis(e->p, t, i)->extent;
    for (int i = 0; i < count; i++) {
        Value item = v.kind == VALUE_LIST ? v.item[i] : v;
        if (item.kind != VALUE_TEXT) {
            fault(s, E_DATA, item.span, "a column is named in double quotes, got %s",
                  value_text(e, item));
            return false;
        }
        name[i] = item.text;
    }
    if (count != elements) {
        Diagnostic *d =
            fault(s, E_DATA, given->span, "'%s' has %lld value%s per sample, but %d column%s named",
                  t->label, (long long)elements, elements == 1 ? "" : "s", count,
                  count == 1 ? " is" : "s are");
        report_note(e->c->diagnostics, d, t->span, "it is declared here");
        return false;
    }
    *out = (NetColumns){t->name, name, count};
    return true;
}

static const Tensor *find_data(const Program *p, Name name) {
    const Tensor *t = name ? tensor_find(p, name) : NULL;
    return t && is_data(t) ? t : NULL;
}

void data_columns(Elab *e, Scope *s, const AstStatement *block, NetData *data) {
    const AstExpr *given = find_setting(e, block, "columns");
    LIST(NetColumns) made = {0};
    if (!given || given->kind != AST_TUPLE) {
        Diagnostic *d =
            fault(s, E_DATA, given ? given->span : block->span, "csv needs to know its columns");
        report_help(e->c->diagnostics, d, "write columns = (x=[\"a\", \"b\"], t=\"label\")");
        return;
    }
    for (int i = 0; i < given->argument_count; i++) {
        const AstArgument *a = &given->argument[i];
        if (find_data(e->p, a->name)) continue;
        Diagnostic *d = fault(s, E_DATA, a->name ? a->name_span : a->value->span,
                              a->name ? "there is no input or target '%s'"
                                      : "columns are written NAME = [...]%s",
                              a->name ? a->name : "");
        if (a->name) suggest_name(s, d, a->name, false, true, false);
    }
    for (int i = 0; i < e->p->tensor.count; i++) {
        const Tensor *t = e->p->tensor.item[i];
        const AstExpr *columns = NULL;
        NetColumns one;
        if (!is_data(t)) continue;
        for (int k = 0; k < given->argument_count; k++)
            if (given->argument[k].name == t->name) columns = given->argument[k].value;
        if (!columns)
            fault(s, E_DATA, given->span, "no columns are named for '%s'", t->label);
        else if (columns_of(e, s, t, columns, &one))
            list_add(e->arena, made, one);
    }
    data->columns = made.item;
    data->columns_count = made.count;
}
