// tensor_function.c: reshape, concat, transpose, slice, stack and split, each written as equations.
//
// All of them are copies y[...] = x[...]. Where an axis is cut or joined, mixed radices stand on both sides: two shapes
// of equal size are cut into common digits, such as [6, 4] and [3, 8] into 3, 2, 4. Where the cuts do not nest, the way
// leads over the flat vector, whose one axis is the product of anything.
#include "elaborate/context.h"

#include <math.h>
#include <string.h>

typedef struct FunctionRow {
    const char *name;
    int operands; // tensors before the arguments; 0: any number, at least one
    const char *argument[4];
    int required; // of the arguments
} FunctionRow;

static const FunctionRow function_table[] = {
    {"reshape", 1, {"dims"}, 1},
    {"concat", 0, {"axis"}, 0},
    {"transpose", 1, {"axes"}, 1},
    {"slice", 1, {"axis", "from", "to"}, 3},
    {"stack", 0, {"axis"}, 0},
    {"split", 1, {"parts", "part", "axis"}, 2},
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

typedef struct Call {
    Scope *scope;
    Program *p;
    const AstExpr *e;
    const FunctionRow *row;
    LIST(Tensor *) operand;
    const AstExpr *argument[4];
    Name name, label;
    Stage *stage;
    bool per_sample;
} Call;

// --- making copies

static Tensor *result_new(Call *c, Name name, const Index *const *axis, int rank) {
    if (!check_elements(c->scope, c->e->span, axis, rank)) return NULL;
    Tensor *t = tensor_new(c->p, name, c->label, TENSOR_VALUE, c->per_sample, axis, rank);
    t->span = c->e->span;
    t->stage = c->stage;
    t->is_int = c->operand.item[0]->is_int;
    t->classes = c->operand.item[0]->classes;
    return t;
}

static const Index *axis_like(Call *c, const Index *axis, int64_t extent) {
    return index_new(c->p, axis->name, extent == axis->extent ? axis->size : NULL, extent);
}

// out[left] = in[right], forms without the sample axis; the domain is what stands on the left.
static void add_copy(Call *c, Tensor *out, const Affine *left, const Tensor *in, const Affine *right) {
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
    Equation *q = equation_new(p, out, to, domain.item, domain.count, EQUATION_SET, expr_read(p, in, from));
    q->span = c->e->span;
    q->stage = c->stage;
    list_add(a, p->forward, q);
}

// Fresh indices for all axes of a tensor.
static void whole(Call *c, const Tensor *t, Affine *form) {
    for (int i = 0; i < tensor_rank(c->p, t); i++) {
        const Index *axis = tensor_axis(c->p, t, i);
        form[i] = affine_index(c->p, index_new(c->p, axis->name, axis->size, axis->extent));
    }
}

Tensor *tensor_copy(Scope *s, const Tensor *from, Name name, Span span) {
    Program *p = s->elab->p;
    AstExpr *e = arena_new_item(s->elab->arena, AstExpr);
    e->span = span;
    Call c = {.scope = s, .p = p, .e = e, .name = name, .label = name, .stage = s->stage,
              .per_sample = from->per_sample};
    list_add(s->elab->arena, c.operand, (Tensor *)(uintptr_t)from);
    const Index *axis[LIMIT_RANK];
    Affine form[LIMIT_RANK];
    int rank = tensor_rank(p, from);
    for (int i = 0; i < rank; i++) axis[i] = axis_like(&c, tensor_axis(p, from, i), tensor_axis(p, from, i)->extent);
    Tensor *t = result_new(&c, name, axis, rank);
    if (!t) return NULL;
    whole(&c, t, form);
    add_copy(&c, t, form, from, form);
    return t;
}

// --- arguments

static Diagnostic *wrong(Call *c, Code code, Span span, const char *text) {
    return fault(c->scope, code, span, "%s: %s", c->row->name, text);
}

static bool bad_argument(Call *c, Span span, const char *text) {
    Diagnostic *d = wrong(c, E_ARGUMENT, span, text);
    Text form = text_new(c->scope->elab->arena);
    text_printf(&form, "%s(%s", c->row->name, c->row->operands ? "x" : "a, b, ...");
    for (int i = 0; i < 4 && c->row->argument[i]; i++)
        text_printf(&form, ", %s%s", c->row->argument[i], i < c->row->required ? "" : "=0");
    report_help(c->scope->elab->c->diagnostics, d, "it is written %s)", form.bytes);
    return false;
}

static bool bind_call(Call *c) {
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
        if (place >= 4 || !c->row->argument[place]) return bad_argument(c, span, "an unknown argument");
        if (c->argument[place]) return bad_argument(c, span, "an argument is given twice");
        c->argument[place] = argument->value;
    }
    for (int i = 0; i < c->row->required; i++)
        if (!c->argument[i]) return bad_argument(c, e->name_span, "an argument is missing");
    if (c->operand.count == 0) return bad_argument(c, e->name_span, "a tensor is missing");
    for (int i = 0; good && i < c->operand.count; i++) c->per_sample |= c->operand.item[i]->per_sample;
    return good;
}

// A whole number; negative ones count from the end.
static bool whole_number(Call *c, int place, int64_t standard, int64_t count, int64_t limit, int64_t *out) {
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

// --- reshape

typedef struct Digits {
    int64_t extent[2 * LIMIT_RANK + 2]; // from the fastest to the slowest
    int count;
} Digits;

// Cuts both shapes into common digits; false if the cuts do not nest.
static bool common_digits(const int64_t *a, int a_count, const int64_t *b, int b_count, Digits *out) {
    int64_t x = 1, y = 1;
    out->count = 0;
    for (;;) {
        while (x == 1 && a_count) x = a[--a_count];
        while (y == 1 && b_count) y = b[--b_count];
        if (x == 1 || y == 1) return x == 1 && y == 1;
        int64_t digit = x < y ? x : y;
        if (x % digit || y % digit) return false;
        out->extent[out->count++] = digit;
        x /= digit;
        y /= digit;
    }
}

// The axes of a shape as mixed radices over the digits.
static void radix_forms(Program *p, const Digits *d, const Index *const *digit, const Index *const *axis,
                        int rank, Affine *form) {
    for (int i = rank, k = 0; i-- > 0;) {
        form[i] = affine_constant(0);
        for (int64_t stride = 1; stride < axis[i]->extent; stride *= d->extent[k++])
            form[i] = affine_add(p, form[i], affine_index(p, digit[k]), stride);
    }
}

static void extents_of(const Index *const *axis, int rank, int64_t *extent) {
    for (int i = 0; i < rank; i++) extent[i] = axis[i]->extent;
}

// A digit that is a whole axis takes its name, first of the old shape, then of the new.
static const Index *digit_index(Call *c, int64_t extent, const Index *const *axis, int rank,
                                const Index *const *new_axis, int new_rank, Digits *used) {
    for (int i = rank + new_rank; i-- > 0;) {
        const Index *at = i < new_rank ? new_axis[i] : axis[i - new_rank];
        if (at->extent != extent || used->extent[i]) continue;
        used->extent[i] = 1;
        return index_new(c->p, at->name, at->size, extent);
    }
    return index_new(c->p, name_of(c->p->compile->names, "k"), NULL, extent);
}

static Tensor *reshape_step(Call *c, const Tensor *in, Name name, const Index *const *axis, int rank) {
    const Index *const *from = in->axis + axis_offset(c->p, in);
    int from_rank = tensor_rank(c->p, in);
    int64_t a[LIMIT_RANK + 1], b[LIMIT_RANK + 1];
    Digits digits, used = {{0}, 0};
    extents_of(axis, rank, a);
    extents_of(from, from_rank, b);
    if (!common_digits(a, rank, b, from_rank, &digits)) return NULL;
    const Index *digit[2 * LIMIT_RANK + 2];
    for (int i = 0; i < digits.count; i++)
        digit[i] = digit_index(c, digits.extent[i], from, from_rank, axis, rank, &used);
    Affine left[LIMIT_RANK], right[LIMIT_RANK];
    radix_forms(c->p, &digits, digit, axis, rank, left);
    radix_forms(c->p, &digits, digit, from, from_rank, right);
    Tensor *out = result_new(c, name, axis, rank);
    if (out) add_copy(c, out, left, in, right);
    return out;
}

// The new dims as written, a list of values in any case: one of them may be -1, whatever is left.
static bool reshape_dims(Call *c, const Index ***axis, int *rank) {
    const AstExpr *dims = c->argument[0];
    Scope *s = c->scope;
    const Tensor *in = c->operand.item[0];
    int64_t total = 1, product = 1;
    int open = -1;
    Value list = value_of(s, dims);
    if (list.kind == VALUE_POISON) return false;
    if (list.kind != VALUE_LIST || list.count > LIMIT_RANK)
        return bad_argument(c, dims->span, "the new shape is a list of at most 7 sizes");
    for (int i = 0; i < tensor_rank(c->p, in); i++) total *= tensor_axis(c->p, in, i)->extent;
    *rank = list.count;
    *axis = arena_new_array(s->elab->arena, const Index *, *rank + 1);
    for (int i = 0; i < *rank; i++) {
        Value v = list.item[i];
        if (open < 0 && v.kind == VALUE_NUMBER && v.number == -1) {
            open = i;
            continue;
        }
        if (!value_is_integer(v) || v.number < 1 || v.number > INT32_MAX) {
            fault(s, E_SIZE, v.span, "the size of an axis must be a whole number from 1 to %d, it is %s", INT32_MAX,
                  value_text(s->elab, v));
            return false;
        }
        int64_t extent = (int64_t)v.number;
        if (__builtin_mul_overflow(product, extent, &product)) product = INT64_MAX;
        const AstExpr *dim = dims->kind == AST_LIST ? dims->argument[i].value : dims;
        Name size = dims->kind == AST_LIST && dim->kind == AST_NAME ? dim->name : NULL;
        (*axis)[i] = index_new(c->p, axis_name(s, c->label, i, *rank, size), size, extent);
    }
    if (open >= 0 && total % product == 0) {
        (*axis)[open] = index_new(c->p, axis_name(s, c->label, open, *rank, NULL), NULL, total / product);
        return true;
    }
    if (open < 0 && product == total) return true;
    Diagnostic *d = fault(s, E_SHAPE, dims->span, "reshape of %s, which has %lld values, to %lld values",
                          shape_text(s->elab, in), (long long)total, (long long)product);
    note_origin(s, d, in);
    if (*rank == 1 && open < 0)
        report_help(s->elab->c->diagnostics, d, "write reshape(_, [%lld])", (long long)total);
    return false;
}

static Tensor *reshape(Call *c) {
    const Index **axis;
    int rank;
    if (!reshape_dims(c, &axis, &rank)) return NULL;
    const Tensor *in = c->operand.item[0];
    Tensor *out = reshape_step(c, in, c->name, axis, rank);
    if (out || c->scope->elab->exhausted || rank == 0) return out;
    int64_t total = 1;
    for (int i = 0; i < rank; i++) total *= axis[i]->extent;
    Names *names = c->p->compile->names;
    const Index *flat_axis = index_new(c->p, name_of(names, "k"), NULL, total);
    Tensor *flat = reshape_step(c, in, name_printf(names, "%s_flat", c->name), &flat_axis, 1);
    return flat ? reshape_step(c, flat, c->name, axis, rank) : NULL;
}

// --- the others

static Tensor *concat(Call *c, bool stacked) {
    Scope *s = c->scope;
    Program *p = c->p;
    const Tensor *first = c->operand.item[0];
    int rank = tensor_rank(p, first);
    int64_t axis, total = 0;
    if (!stacked && rank == 0) return wrong(c, E_SHAPE, c->e->span, "a scalar has no axis; use stack"), NULL;
    if (!whole_number(c, 0, 0, rank + stacked, rank + stacked - 1, &axis)) return NULL;
    for (int k = 0; k < c->operand.count; k++) {
        const Tensor *t = c->operand.item[k];
        bool fits = tensor_rank(p, t) == rank && t->is_int == first->is_int;
        for (int i = 0; fits && i < rank; i++)
            fits = (!stacked && i == axis) || tensor_axis(p, t, i)->extent == tensor_axis(p, first, i)->extent;
        if (!fits) {
            Diagnostic *d = fault(s, E_SHAPE, c->e->argument[k].value->span,
                                  "%s of shapes %s and %s along axis %lld", c->row->name,
                                  shape_text(s->elab, first), shape_text(s->elab, t), (long long)axis);
            note_origin(s, d, t);
            return NULL;
        }
        total += stacked ? 1 : tensor_axis(p, t, (int)axis)->extent;
    }
    const Index *made[LIMIT_RANK + 1];
    int out_rank = rank + stacked;
    if (out_rank > LIMIT_RANK) return wrong(c, E_LIMIT, c->e->span, "too many axes"), NULL;
    for (int i = 0, at = 0; i < out_rank; i++) {
        if (stacked && i == axis) made[i] = index_new(p, name_of(p->compile->names, "k"), NULL, total);
        else made[i] = axis_like(c, tensor_axis(p, first, at), i == axis ? total : tensor_axis(p, first, at)->extent);
        at += !(stacked && i == axis);
    }
    Tensor *out = result_new(c, c->name, made, out_rank);
    int64_t offset = 0;
    for (int k = 0; out && k < c->operand.count; k++) {
        const Tensor *t = c->operand.item[k];
        Affine left[LIMIT_RANK], right[LIMIT_RANK];
        whole(c, t, right);
        for (int i = 0, at = 0; i < out_rank; i++) {
            if (stacked && i == axis) left[i] = affine_constant(k);
            else left[i] = i == axis ? affine_add(p, affine_constant(offset), right[at], 1) : right[at];
            at += !(stacked && i == axis);
        }
        if (!stacked) offset += tensor_axis(p, t, (int)axis)->extent;
        add_copy(c, out, left, t, right);
    }
    return out;
}

static Tensor *transpose(Call *c) {
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
        bad_argument(c, c->argument[0]->span,
                     arena_printf(c->scope->elab->arena, "the axes are the numbers 0 to %d in a new order", rank - 1));
        return NULL;
    }
    const Index *axis[LIMIT_RANK];
    Affine left[LIMIT_RANK], right[LIMIT_RANK];
    for (int i = 0; i < rank; i++) {
        const Index *from = tensor_axis(p, in, order[i]);
        axis[i] = axis_like(c, from, from->extent);
    }
    Tensor *out = result_new(c, c->name, axis, rank);
    if (!out) return NULL;
    whole(c, in, right);
    for (int i = 0; i < rank; i++) left[i] = right[order[i]];
    add_copy(c, out, left, in, right);
    return out;
}

// in[.., from .. to, ..]
static Tensor *cut(Call *c, int64_t axis, int64_t from, int64_t to) {
    Program *p = c->p;
    const Tensor *in = c->operand.item[0];
    int rank = tensor_rank(p, in);
    const Index *made[LIMIT_RANK];
    Affine left[LIMIT_RANK], right[LIMIT_RANK];
    for (int i = 0; i < rank; i++) {
        const Index *at = tensor_axis(p, in, i);
        made[i] = axis_like(c, at, i == axis ? to - from : at->extent);
    }
    Tensor *out = result_new(c, c->name, made, rank);
    if (!out) return NULL;
    whole(c, out, left);
    for (int i = 0; i < rank; i++)
        right[i] = i == axis ? affine_add(p, affine_constant(from), left[i], 1) : left[i];
    add_copy(c, out, left, in, right);
    return out;
}

static bool has_axes(Call *c) {
    if (tensor_rank(c->p, c->operand.item[0]) > 0) return true;
    wrong(c, E_SHAPE, c->e->span, "a scalar has no axis");
    return false;
}

static Tensor *slice(Call *c) {
    int64_t axis, from, to;
    int rank = tensor_rank(c->p, c->operand.item[0]);
    if (!has_axes(c) || !whole_number(c, 0, 0, rank, rank - 1, &axis)) return NULL;
    int64_t extent = tensor_axis(c->p, c->operand.item[0], (int)axis)->extent;
    if (!whole_number(c, 1, 0, extent, extent - 1, &from) || !whole_number(c, 2, 0, extent, extent, &to)) return NULL;
    if (from < to) return cut(c, axis, from, to);
    wrong(c, E_SHAPE, c->e->span, arena_printf(c->scope->elab->arena, "nothing lies from %lld to %lld",
                                               (long long)from, (long long)to));
    return NULL;
}

static Tensor *split(Call *c) {
    int64_t axis, parts, part;
    int rank = tensor_rank(c->p, c->operand.item[0]);
    if (!has_axes(c) || !whole_number(c, 2, 0, rank, rank - 1, &axis)) return NULL;
    int64_t extent = tensor_axis(c->p, c->operand.item[0], (int)axis)->extent;
    if (!whole_number(c, 0, 1, 0, extent, &parts)) return NULL;
    if (parts < 1 || extent % parts) {
        wrong(c, E_SHAPE, c->argument[0]->span,
              arena_printf(c->scope->elab->arena, "an axis of %lld does not divide into %lld equal parts",
                           (long long)extent, (long long)parts));
        return NULL;
    }
    if (!whole_number(c, 1, 0, parts, parts - 1, &part)) return NULL;
    return cut(c, axis, part * (extent / parts), (part + 1) * (extent / parts));
}

Tensor *tensor_function(Scope *s, const AstExpr *e, Name tensor_name, Name label, Stage *stage) {
    Call c = {.scope = s, .p = s->elab->p, .e = e, .row = find_row(e->name), .name = tensor_name,
              .label = label, .stage = stage};
    if (!bind_call(&c)) return NULL;
    if (strcmp(e->name, "reshape") == 0) return reshape(&c);
    if (strcmp(e->name, "transpose") == 0) return transpose(&c);
    if (strcmp(e->name, "slice") == 0) return slice(&c);
    if (strcmp(e->name, "split") == 0) return split(&c);
    return concat(&c, strcmp(e->name, "stack") == 0);
}
