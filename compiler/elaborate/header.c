// header.c: the inputs of a layer: their shapes against its header, and the sizes that the header
// takes from them.
#include "elaborate/context.h"

#include <ctype.h>
#include <string.h>

static const char *header_text(Elab *e, const AstDeclarator *input) {
    if (!input->has_dims) return input->name;
    Text t = text_new(e->arena);
    text_printf(&t, "%s[", input->name);
    for (int i = 0; i < input->dim_count; i++)
        text_printf(&t, "%s%s", i ? ", " : "",
                    input->dim[i]->kind == AST_REST
                        ? ".."
                        : span_text(e->c->sources, e->arena, input->dim[i]->span));
    text_add(&t, "]");
    return t.bytes;
}

// A layer of the library that takes any shape and returns one axis: the remedy where a vector is
// wanted.
static const AstStatement *find_flatten(const Elab *e) {
    for (int i = 0; i < e->library->definition.count; i++) {
        const AstStatement *st = e->library->definition.item[i];
        if (st->kind != AST_LAYER || st->parameter_count || st->input_count != 1) continue;
        if (st->declarator_count != 1 || st->declarator[0].dim_count != 1) continue;
        const AstDeclarator *in = &st->input[0], *out = &st->declarator[0];
        if (in->dim_count == 1 && in->dim[0]->kind == AST_REST && out->dim[0]->kind == AST_NAME &&
            strcmp(out->dim[0]->name, "REST") == 0)
            return st;
    }
    return NULL;
}

static void wrong_rank(Scope *caller, Scope *in, const AstDeclarator *input, const Tensor *t) {
    Elab *e = caller->elab;
    Diagnostic *d = fault(caller, E_SHAPE, in->use, "%s wants %s, got a tensor of shape %s",
                          in->definition->name, header_text(e, input), shape_text(e, t));
    note_origin(caller, d, t);
    bool vector = input->dim_count == 1 && input->dim[0]->kind != AST_REST;
    if (!vector || tensor_rank(e->p, t) < 2) return;
    int64_t count = 1;
    for (int i = 0; i < tensor_rank(e->p, t); i++) count *= tensor_axis(e->p, t, i)->extent;
    const AstStatement *flatten = find_flatten(e);
    report_help(e->c->diagnostics, d, "put %s before it: %s -> [%lld]",
                flatten ? flatten->name : "reshape(_, [REST])", shape_text(e, t), (long long)count);
}

// A size of the header: bound if it is new, compared if it has a value.
static bool bind_size(Scope *caller, Scope *in, const AstDeclarator *input, const AstExpr *dim,
                      const Index *axis, int number, const Tensor *t) {
    if (dim->kind == AST_NAME && !scope_value(in, dim->name)) {
        if (!isupper((unsigned char)*dim->name)) {
            Diagnostic *d = fault(in, E_UNKNOWN_NAME, dim->span, "'%s' is no argument of %s",
                                  dim->name, in->definition->name);
            report_help(in->elab->c->diagnostics, d,
                        "sizes that an input tells are written in upper case");
            return false;
        }
        if (!check_reserved(in, dim->name, dim->span)) return false;
        scope_set_value(in, dim->name, value_number((double)axis->extent, dim->span), dim->span,
                        NULL);
        return true;
    }
    int64_t wanted;
    if (!size_of(in, dim, "the size of an axis", false, &wanted)) return false;
    if (wanted == axis->extent) return true;
    Elab *e = caller->elab;
    Diagnostic *d =
        fault(caller, E_SHAPE, in->use, "%s wants %s with %s = %lld, got a tensor of shape %s",
              in->definition->name, header_text(e, input),
              span_text(e->c->sources, e->arena, dim->span), (long long)wanted, shape_text(e, t));
    report_note(e->c->diagnostics, d, (Span){0, 0, 0}, "axis %d has %lld", number,
                (long long)axis->extent);
    note_origin(caller, d, t);
    return false;
}

static bool bind_rest(Scope *caller, Scope *in, const AstDeclarator *input, const Tensor *t, int at,
                      int count) {
    Program *p = in->elab->p;
    if (!in->has_rest) {
        in->has_rest = true;
        in->rest_count = count;
        in->rest = arena_new_array(in->elab->arena, const Index *, count + 1);
        for (int i = 0; i < count; i++) in->rest[i] = tensor_axis(p, t, at + i);
        return true;
    }
    bool same = count == in->rest_count;
    for (int i = 0; same && i < count; i++)
        same = tensor_axis(p, t, at + i)->extent == in->rest[i]->extent;
    if (same) return true;
    Diagnostic *d = fault(caller, E_SHAPE, in->use,
                          "%s wants %s with the same '..' axes as its first input, %s, got %s",
                          in->definition->name, header_text(in->elab, input),
                          axes_text(in->elab, in->rest, in->rest_count), shape_text(in->elab, t));
    note_origin(caller, d, t);
    return false;
}

static bool bind_classes(Scope *caller, Scope *in, const AstDeclarator *input, const Tensor *t) {
    Elab *e = in->elab;
    bool wants_int = input->has_class || input->classes;
    if (wants_int != t->is_int) {
        Diagnostic *d = fault(caller, E_TYPE, in->use, "%s wants %s for '%s', got %s '%s'",
                              in->definition->name, wants_int ? "classes" : "real numbers",
                              input->name, t->is_int ? "the classes" : "the real tensor", t->label);
        note_origin(caller, d, t);
        return false;
    }
    if (!input->classes) return true;
    if (input->classes->kind == AST_NAME && !scope_value(in, input->classes->name)) {
        scope_set_value(in, input->classes->name, value_number((double)t->classes, input->span),
                        input->span, NULL);
        return true;
    }
    int64_t wanted;
    if (!size_of(in, input->classes, "the number of classes", false, &wanted)) return false;
    if (wanted == t->classes) return true;
    Diagnostic *d =
        fault(caller, E_SHAPE, in->use, "'%s' has %lld classes, but %s wants %s = %lld", t->label,
              (long long)t->classes, in->definition->name,
              span_text(e->c->sources, e->arena, input->classes->span), (long long)wanted);
    note_origin(caller, d, t);
    return false;
}

// The axes of an input under the names that the layer gives to its sizes.
static const Index **header_axes(Scope *in, const AstDeclarator *input, const Tensor *t, int open) {
    Program *p = in->elab->p;
    const Index **axis = arena_new_array(in->elab->arena, const Index *, tensor_rank(p, t) + 1);
    for (int i = 0, at = 0; i < input->dim_count; i++) {
        int count = input->dim[i]->kind == AST_REST ? open : 1;
        for (int k = 0; k < count; k++, at++) {
            axis[at] = tensor_axis(p, t, at);
            if (input->dim[i]->kind == AST_NAME)
                axis[at] = index_new(p, axis[at]->name, input->dim[i]->name, axis[at]->extent);
        }
    }
    return axis;
}

static bool bind_input(Scope *caller, Scope *in, const AstDeclarator *input, Tensor *t) {
    Program *p = in->elab->p;
    int rank = tensor_rank(p, t), rest = 0;
    for (int i = 0; i < input->dim_count; i++) rest += input->dim[i]->kind == AST_REST;
    int open = rank - (input->dim_count - rest);
    if (rest > 1) {
        fault(in, E_RANK, input->span, "'..' stands once in a list of sizes");
        return false;
    }
    if (open < 0 || (open > 0 && !rest)) {
        wrong_rank(caller, in, input, t);
        return false;
    }
    for (int i = 0, at = 0; i < input->dim_count; i++) {
        if (input->dim[i]->kind == AST_REST) {
            if (!bind_rest(caller, in, input, t, at, open)) return false;
            at += open;
        } else {
            if (!bind_size(caller, in, input, input->dim[i], tensor_axis(p, t, at), at, t))
                return false;
            at++;
        }
    }
    if (!bind_classes(caller, in, input, t)) return false;
    Entry *entry = scope_add_entry(in, input->name, input->span, t);
    entry->is_defined = true;
    entry->rank = rank;
    entry->axis = header_axes(in, input, t, open);
    return true;
}

bool bind_inputs(Scope *caller, Scope *in, const Use *use) {
    const AstStatement *layer = use->definition.statement;
    bool good = true;
    if (layer->input_count != use->input_count) {
        Text list = text_new(in->elab->arena);
        for (int i = 0; i < layer->input_count; i++)
            text_printf(&list, "%s%s", i ? ", " : "", header_text(in->elab, &layer->input[i]));
        Diagnostic *d = fault(caller, E_ARGUMENT, use->span, "%s wants %d input%s (%s), got %d",
                              layer->name, layer->input_count, layer->input_count == 1 ? "" : "s",
                              list.bytes ? list.bytes : "", use->input_count);
        if (layer->input_count > 1)
            report_help(in->elab->c->diagnostics, d, "give them all: %s(...)(%s, ...)", layer->name,
                        layer->input[0].name);
        return false;
    }
    for (int i = 0; i < layer->input_count; i++) {
        if (!use->input[i]) return false;
        list_add(in->elab->arena, in->stage->input, use->input[i]);
        good = good && bind_input(caller, in, &layer->input[i], use->input[i]);
    }
    return good;
}
