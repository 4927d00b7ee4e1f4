// reshape.c: reshape as an equation.
//
// Two shapes of equal size are cut into common digits, such as [6, 4] and [3, 8] into 3, 2, 4, and
// mixed radices of them stand on both sides. Where the cuts do not nest, the way leads over the
// flat vector, whose axis is the product of anything.
#include "elaborate/tensor_function.h"

typedef struct Digits {
    int64_t extent[2 * LIMIT_RANK + 2]; // from the fastest to the slowest
    int count;
} Digits;

// Cuts both shapes into common digits; false if the cuts do not nest.
static bool common_digits(const int64_t *a, int a_count, const int64_t *b, int b_count,
                          Digits *out) {
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
static void radix_forms(Program *p, const Digits *d, const Index *const *digit,
                        const Index *const *axis, int rank, Affine *form) {
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
static const Index *digit_index(TensorCall *c, int64_t extent, const Index *const *axis, int rank,
                                const Index *const *new_axis, int new_rank, Digits *used) {
    for (int i = rank + new_rank; i-- > 0;) {
        const Index *at = i < new_rank ? new_axis[i] : axis[i - new_rank];
        if (at->extent != extent || used->extent[i]) continue;
        used->extent[i] = 1;
        return index_new(c->p, at->name, at->size, extent);
    }
    return index_new(c->p, name_of(c->p->compile->names, "k"), NULL, extent);
}

static Tensor *reshape_step(TensorCall *c, const Tensor *in, Name name, const Index *const *axis,
                            int rank) {
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
    Tensor *out = tensor_call_result(c, name, axis, rank);
    if (out) tensor_call_copy(c, out, left, in, right);
    return out;
}

// The new dims as written, a list of values in any case: one of them may be -1, whatever is left.
static bool reshape_dims(TensorCall *c, const Index ***axis, int *rank) {
    const AstExpr *dims = c->argument[0];
    Scope *s = c->scope;
    const Tensor *in = c->operand.item[0];
    int64_t total = 1, product = 1;
    int open = -1;
    Value list = value_of(s, dims);
    if (list.kind == VALUE_POISON) return false;
    if (list.kind != VALUE_LIST || list.count > LIMIT_RANK)
        return tensor_call_mistake(c, dims->span, "the new shape is a list of at most 7 sizes");
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
            fault(s, E_SIZE, v.span,
                  "the size of an axis must be a whole number from 1 to %d, it is %s", INT32_MAX,
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
        (*axis)[open] =
            index_new(c->p, axis_name(s, c->label, open, *rank, NULL), NULL, total / product);
        return true;
    }
    if (open < 0 && product == total) return true;
    Diagnostic *d =
        fault(s, E_SHAPE, dims->span, "reshape of %s, which has %lld values, to %lld values",
              shape_text(s->elab, in), (long long)total, (long long)product);
    note_origin(s, d, in);
    if (*rank == 1 && open < 0)
        report_help(s->elab->c->diagnostics, d, "write reshape(_, [%lld])", (long long)total);
    return false;
}

Tensor *tensor_call_reshape(TensorCall *c) {
    const Index **axis = NULL;
    int rank = 0;
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
