// shape.c: axes and shapes: reading them off tensors, making them from declared dims, writing them
// in messages.
#include "elaborate/context.h"

#include <ctype.h>
#include <string.h>

int axis_offset(const Program *p, const Tensor *t) {
    return t->per_sample && p->sample ? 1 : 0;
}

int tensor_rank(const Program *p, const Tensor *t) {
    return t->rank - axis_offset(p, t);
}

const Index *tensor_axis(const Program *p, const Tensor *t, int i) {
    return t->axis[axis_offset(p, t) + i];
}

int entry_rank(const Program *p, const Entry *entry) {
    return entry->axis || entry->is_constant ? entry->rank : tensor_rank(p, entry->tensor);
}

const Index *entry_axis(const Program *p, const Entry *entry, int i) {
    return entry->axis ? entry->axis[i] : tensor_axis(p, entry->tensor, i);
}

const char *axes_text(Elab *e, const Index *const *axis, int count) {
    Text t = text_new(e->arena);
    text_add(&t, "[");
    for (int i = 0; i < count; i++)
        text_printf(&t, "%s%lld", i ? ", " : "", (long long)axis[i]->extent);
    text_add(&t, "]");
    return t.bytes;
}

const char *shape_text(Elab *e, const Tensor *t) {
    return axes_text(e, t->axis + axis_offset(e->p, t), tensor_rank(e->p, t));
}

bool same_shape(const Program *p, const Tensor *a, const Tensor *b) {
    if (tensor_rank(p, a) != tensor_rank(p, b)) return false;
    for (int i = 0; i < tensor_rank(p, a); i++)
        if (tensor_axis(p, a, i)->extent != tensor_axis(p, b, i)->extent) return false;
    return true;
}

// Looks for the index that stands on an axis of a tensor, first on left sides, then in reads.
typedef struct AxisSearch {
    const Scope *scope;
    Name tensor;
    int axis, rank;
    bool reads;
    Name found;
} AxisSearch;

static void look_at_subscripts(AxisSearch *search, AstExpr *const *subscript, int count) {
    int rest = 0;
    for (int i = 0; i < count; i++) rest += subscript[i]->kind == AST_REST;
    int open = search->rank - (count - rest); // axes that `..` stands for
    if (search->found || rest > 1 || open < 0) return;
    for (int i = 0, at = 0; i < count; i++) {
        const AstExpr *e = subscript[i];
        if (e->kind == AST_REST) {
            at += open;
            continue;
        }
        if (at++ != search->axis) continue;
        // A mixed radix such as g*O + o: the fastest index names the axis.
        while (e->kind == AST_BINARY && e->op == AST_ADD) e = e->right;
        if (e->kind == AST_NAME && islower((unsigned char)*e->name) &&
            !scope_value(search->scope, e->name))
            search->found = e->name;
    }
}

static void look_at_reads(AxisSearch *search, const AstExpr *e) {
    if (!e || search->found) return;
    AstExpr **value = NULL;
    if (e->kind == AST_SUBSCRIPT && e->name == search->tensor) {
        value = arena_new_array(search->scope->elab->arena, AstExpr *, e->argument_count);
        for (int i = 0; i < e->argument_count; i++) value[i] = e->argument[i].value;
        look_at_subscripts(search, value, e->argument_count);
    }
    look_at_reads(search, e->left);
    look_at_reads(search, e->right);
    look_at_reads(search, e->condition);
    look_at_reads(search, e->body);
    for (int i = 0; i < e->argument_count; i++) look_at_reads(search, e->argument[i].value);
}

static void look_at_equation(const AstStatement *st, void *data) {
    AxisSearch *search = data;
    if (search->found) return;
    if (!search->reads && st->name == search->tensor)
        look_at_subscripts(search, st->subscript, st->subscript_count);
    if (search->reads) look_at_reads(search, st->expr);
}

Name axis_name(const Scope *s, Name tensor, int axis, int rank, Name size) {
    AxisSearch search = {s, tensor, axis, rank, false, NULL};
    each_equation(s, s->body, look_at_equation, &search);
    search.reads = true;
    if (!search.found) each_equation(s, s->body, look_at_equation, &search);
    if (search.found) return search.found;
    Names *names = s->elab->c->names;
    if (size && isupper((unsigned char)*size) && size[1] == '\0' && *size != 'N')
        return name_printf(names, "%c", tolower((unsigned char)*size));
    static const char *const image[] = {"c", "h", "w"};
    static const char *const plain[] = {"i", "j", "k", "l", "m", "o", "p", "q"};
    return name_of(names, rank == 3 ? image[axis] : plain[axis < 8 ? axis : 7]);
}

bool check_elements(Scope *s, Span span, const Index *const *axis, int count) {
    double elements = 1;
    for (int i = 0; i < count; i++) elements *= (double)axis[i]->extent;
    if (count > LIMIT_RANK) {
        fault(s, E_LIMIT, span, "a tensor of %d axes: at most %d are allowed", count, LIMIT_RANK);
        return false;
    }
    if (elements <= 0x1p40) return true;
    fault(s, E_LIMIT, span, "a tensor of shape %s has more than 2^40 elements",
          axes_text(s->elab, axis, count));
    return false;
}

// An arithmetic dim such as C*H has no name of its own; a plain size gives its name to the axis.
static Name size_name(const AstExpr *dim) {
    return dim->kind == AST_NAME ? dim->name : NULL;
}

typedef LIST(const Index *) Axes;

static bool add_rest(Scope *s, Span span, bool quiet, Axes *made) {
    if (!s->has_rest && !quiet)
        fault(s, E_RANK, span,
              "'..' stands for axes that an input of the layer leaves open; none does");
    for (int k = 0; s->has_rest && k < s->rest_count; k++)
        list_add(s->elab->arena, *made,
                 index_new(s->elab->p, s->rest[k]->name, s->rest[k]->size, s->rest[k]->extent));
    return s->has_rest;
}

// A dim that is a list of sizes stands for all of them: y[sizes].
static bool add_list(Scope *s, const AstExpr *dim, Value list, bool quiet, Axes *made) {
    static const char *const letter[] = {"i", "j", "k", "l", "m", "o", "p"};
    for (int k = 0; k < list.count; k++) {
        Value v = list.item[k];
        if (!value_is_integer(v) || v.number < 1 || v.number > INT32_MAX || k == LIMIT_RANK) {
            if (!quiet)
                fault(s, E_SIZE, dim->span,
                      "the sizes of axes are at most %d whole numbers above 0, these are %s",
                      LIMIT_RANK, value_text(s->elab, list));
            return false;
        }
        Name name = name_of(s->elab->c->names, letter[k]);
        list_add(s->elab->arena, *made, index_new(s->elab->p, name, NULL, (int64_t)v.number));
    }
    return true;
}

bool axes_of_dims(Scope *s, Name tensor, AstExpr *const *dim, int count, bool quiet,
                  const Index ***axis, int *rank) {
    Axes made = {0};
    int total = count;
    for (int i = 0; i < count; i++)
        if (dim[i]->kind == AST_REST) total += s->rest_count - 1;
    for (int i = 0; i < count; i++) {
        Value list;
        int64_t extent;
        if (dim[i]->kind == AST_REST) {
            if (!add_rest(s, dim[i]->span, quiet, &made)) return false;
        } else if (value_try(s, NULL, dim[i], &list) && list.kind == VALUE_LIST) {
            if (!add_list(s, dim[i], list, quiet, &made)) return false;
        } else {
            if (!size_of(s, dim[i], "the size of an axis", quiet, &extent)) return false;
            Name size = size_name(dim[i]);
            Name name = axis_name(s, tensor, made.count, total, size);
            list_add(s->elab->arena, made, index_new(s->elab->p, name, size, extent));
        }
    }
    *axis = made.item;
    *rank = made.count;
    if (quiet) return made.count <= LIMIT_RANK;
    return count == 0 ||
           check_elements(s, span_join(dim[0]->span, dim[count - 1]->span), made.item, made.count);
}

void note_origin(const Scope *s, Diagnostic *d, const Tensor *t) {
    Diagnostics *all = s->elab->c->diagnostics;
    const Stage *stage = t->stage;
    if (!stage || !*stage->path || !stage->span.file) {
        if (t->span.file) report_note(all, d, t->span, "it is declared here");
        return;
    }
    if (stage->input.count && stage->input.item[0])
        report_note(all, d, stage->span, "it comes from here: %s -> %s",
                    shape_text(s->elab, stage->input.item[0]), shape_text(s->elab, t));
    else
        report_note(all, d, stage->span, "it comes from here: %s", shape_text(s->elab, t));
}
