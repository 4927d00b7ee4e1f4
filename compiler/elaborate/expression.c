// expression.c: expressions of an equation: from the tree to the equation IR.
//
// What is known at compile time becomes a number at once. Index arithmetic stays affine as long as it can, so that
// subscripts, masks and indices used as numbers are one case. After the first mistake of an equation the rest is
// elaborated in silence (frame_fault).
#include "elaborate/context.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

Diagnostic *frame_fault(Frame *f, Code code, Span span, const char *format, ...) {
    Arena *a = f->scope->elab->arena;
    bool silent = f->quiet || f->failed;
    f->failed = true;
    if (silent) return arena_new_item(a, Diagnostic); // takes notes that nobody reads
    va_list values;
    va_start(values, format);
    const char *text = arena_vprintf(a, format, values);
    va_end(values);
    return fault(f->scope, code, span, "%s", text);
}

const Binding *frame_binding(const Frame *f, Name name) {
    for (int i = f->binding.count; i-- > 0;)
        if (f->binding.item[i].name == name) return &f->binding.item[i];
    return NULL;
}

void frame_bind(Frame *f, Name name, const Index *index, Span span) {
    Binding new = {name, index, span, false};
    list_add(f->scope->elab->arena, f->binding, new);
}

Affine binding_form(Program *p, const Binding *binding) {
    Affine index = affine_index(p, binding->index);
    if (!binding->is_down) return index;
    return affine_add(p, affine_constant(binding->index->extent - 1), index, -1);
}

Entry *frame_entry(Frame *f, Name name) {
    Scope *s = f->scope;
    Entry *found = scope_own_entry(s, name);
    if (!found) found = output_declare(s, name, true);
    if (!found) found = temporary_declare(s, name);
    return found ? found : scope_entry(s, name);
}

Tensor *frame_operand(const Frame *f, const AstExpr *e) {
    for (int i = 0; i < f->operand.count; i++)
        if (f->operand.item[i].expr == e) return f->operand.item[i].tensor;
    return NULL;
}

static const Expr *nothing(Frame *f) {
    return expr_number(f->p, 0);
}

// --- reads

static void look_for_name(const AstStatement *st, void *data) {
    Name *name = data;
    if (*name && st->name == *name && !st->is_update) *name = NULL;
}

static const Expr *unknown_tensor(Frame *f, Name name, Span span) {
    Scope *s = f->scope;
    Name missing = name;
    each_equation(s, s->body, look_for_name, &missing);
    if (!missing) {
        Diagnostic *d = frame_fault(f, E_UNDEFINED, span, "'%s' is read before it is defined", name);
        report_help(f->p->compile->diagnostics, d,
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
        Diagnostic *d = frame_fault(f, E_SHAPE, span,
                                    "'%s' has a value for every sample, '%s' has one for all",
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
                        s->has_rest ? "'..' does not stand on the left side, so it has no range here"
                                    : "'..' stands for axes that an input of the layer leaves open; "
                                      "none does");
            return NULL;
        }
        for (int k = 0; k < s->rest_count; k++)
            list_add(a, made, expr_index(f->p, f->rest[k]));
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

static const Expr *subscripted(Frame *f, const AstExpr *e) {
    Entry *entry = frame_entry(f, e->name);
    if (!entry) {
        if (frame_binding(f, e->name) || scope_value(f->scope, e->name)) {
            frame_fault(f, E_TYPE, e->name_span, "'%s' is no tensor, it has no subscripts", e->name);
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
static const Expr *whole_read(Frame *f, Tensor *t, Name name, Span span) {
    Entry entry = {.name = name, .tensor = t};
    int rank = tensor_rank(f->p, t);
    if (rank > 0 && (!f->is_whole || f->reduction_depth > 0)) {
        Diagnostic *d = frame_fault(f, E_RANK, span, "'%s' has shape %s and needs %d subscript%s here",
                                    name, shape_text(f->scope->elab, t), rank, rank == 1 ? "" : "s");
        report_help(f->p->compile->diagnostics, d,
                    "a whole tensor stands only in an equation without indices");
        return nothing(f);
    }
    const Expr **subscript = arena_new_array(f->scope->elab->arena, const Expr *, t->rank + 1);
    int at = 0;
    if (axis_offset(f->p, t)) subscript[at++] = f->sample ? expr_index(f->p, f->sample) : nothing(f);
    if (rank > 0 && rank != f->whole_count) return nothing(f); // reported by the shape check
    for (int i = 0; i < rank; i++) subscript[at++] = expr_index(f->p, f->whole[i]);
    return read_of(f, &entry, subscript, span);
}

static const Expr *named(Frame *f, const AstExpr *e) {
    const Binding *binding = frame_binding(f, e->name);
    if (binding) return expr_affine(f->p, binding_form(f->p, binding));
    Tensor *operand = frame_operand(f, e);
    if (operand) return whole_read(f, operand, e->name, e->span);
    Entry *entry = frame_entry(f, e->name);
    if (entry && entry->is_constant) return expr_number(f->p, entry->constant);
    if (entry && !entry->tensor) {
        f->failed = true;
        return nothing(f);
    }
    if (entry) return whole_read(f, entry->tensor, e->name, e->span);
    if (strcmp(e->name, "N") == 0) return expr_batch(f->p);
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
                        "an index stands on the left side, or in a reduction: sum(%s: ...)", e->name);
        return nothing(f);
    }
    return unknown_tensor(f, e->name, e->span);
}

// --- arithmetic

static bool as_affine(const Expr *e, Affine *out) {
    if (e->kind == E_INDEX) {
        *out = e->affine;
        return true;
    }
    if (e->kind != E_NUMBER || e->number != floor(e->number) || fabs(e->number) > 0x1p40)
        return false;
    *out = affine_constant((int64_t)e->number);
    return true;
}

static const Expr *from_affine(Frame *f, Affine a) {
    return a.count ? expr_affine(f->p, a) : expr_number(f->p, (double)a.constant);
}

// Index arithmetic, or NULL where it is no longer affine.
static const Expr *affine_binary(Frame *f, AstOperator op, const Expr *a, const Expr *b) {
    Affine x, y;
    if ((a->kind != E_INDEX && b->kind != E_INDEX) || !as_affine(a, &x) || !as_affine(b, &y))
        return NULL;
    if (op == AST_ADD) return from_affine(f, affine_add(f->p, x, y, 1));
    if (op == AST_SUBTRACT) return from_affine(f, affine_add(f->p, x, y, -1));
    if (op != AST_MULTIPLY) return NULL;
    if (x.count && y.count) return NULL;
    return from_affine(f, x.count ? affine_scale(f->p, x, y.constant)
                                  : affine_scale(f->p, y, x.constant));
}

static const Expr *power(Frame *f, const AstExpr *e) {
    Value exponent;
    if (!value_try(f->scope, f, e->right, &exponent) || exponent.kind != VALUE_NUMBER ||
        !isfinite(exponent.number)) {
        Diagnostic *d = frame_fault(f, E_CONSTANT, e->right->span,
                                    "an exponent must be a compile-time number");
        report_help(f->p->compile->diagnostics, d, "write exp(b*log(a)) for a to the power b");
        return nothing(f);
    }
    return expr_power(f->p, expression_real(f, e->left), exponent.number);
}

static const Expr *arithmetic(Frame *f, const AstExpr *e) {
    if (e->op == AST_POWER) return power(f, e);
    const Expr *a = expression_real(f, e->left), *b = expression_real(f, e->right);
    if (f->failed) return nothing(f);
    if (e->op == AST_FLOOR_DIVIDE || e->op == AST_REMAINDER) {
        Diagnostic *d = frame_fault(f, E_SUBSCRIPT, e->span,
                                    "// and %% are for compile-time numbers only");
        report_help(f->p->compile->diagnostics, d,
                    "write a mixed radix on the left side instead: for g < G, o < O: y[g*O + o] = ...");
        return nothing(f);
    }
    const Expr *affine = affine_binary(f, e->op, a, b);
    if (affine) return affine;
    if (e->op == AST_ADD) return expr_add(f->p, a, b);
    if (e->op == AST_SUBTRACT) return expr_subtract(f->p, a, b);
    if (e->op == AST_MULTIPLY) return expr_multiply(f->p, a, b);
    if (expr_is_number(b, 0)) {
        frame_fault(f, E_CONSTANT, e->right->span, "division by zero");
        return nothing(f);
    }
    return expr_divide(f->p, a, b);
}

// --- conditions

static const Expr *ordered(Frame *f, AstOperator op, const Expr *a, const Expr *b) {
    Program *p = f->p;
    switch (op) {
    case AST_LESS: return expr_less(p, a, b);
    case AST_LESS_EQUAL: return expr_less_equal(p, a, b);
    case AST_GREATER: return expr_less(p, b, a);
    case AST_GREATER_EQUAL: return expr_less_equal(p, b, a);
    case AST_EQUAL: return expr_equal(p, a, b);
    case AST_NOT_EQUAL: return expr_not(p, expr_equal(p, a, b));
    case AST_ADD: case AST_SUBTRACT: case AST_MULTIPLY: case AST_DIVIDE: case AST_FLOOR_DIVIDE:
    case AST_REMAINDER: case AST_POWER: case AST_AND: case AST_OR: break;
    }
    return expr_true(p);
}

static const Expr *comparison(Frame *f, const AstExpr *e) {
    const Expr *a = expression_any(f, e->left), *b = expression_any(f, e->right);
    if (f->failed) return expr_true(f->p);
    const AstExpr *wrong = expr_is_condition(a) ? e->left : expr_is_condition(b) ? e->right : NULL;
    if (wrong) {
        frame_fault(f, E_TYPE, wrong->span, "a condition cannot be compared; join conditions with and, or");
        return expr_true(f->p);
    }
    Affine constant; // integers are compared as integers
    if (expr_is_int(a) && b->kind == E_NUMBER && as_affine(b, &constant)) b = expr_affine(f->p, constant);
    if (expr_is_int(b) && a->kind == E_NUMBER && as_affine(a, &constant)) a = expr_affine(f->p, constant);
    return ordered(f, e->op, a, b);
}

const Expr *expression_condition(Frame *f, const AstExpr *e) {
    Value known;
    if (value_try(f->scope, f, e, &known)) {
        if (known.kind == VALUE_BOOLEAN)
            return known.number != 0 ? expr_true(f->p) : expr_false(f->p);
        frame_fault(f, E_TYPE, e->span, "a condition is true or false, this is %s",
                    value_text(f->scope->elab, known));
        return expr_true(f->p);
    }
    if (e->kind == AST_NOT) return expr_not(f->p, expression_condition(f, e->left));
    if (e->kind == AST_BINARY && (e->op == AST_AND || e->op == AST_OR)) {
        const Expr *a = expression_condition(f, e->left), *b = expression_condition(f, e->right);
        return e->op == AST_AND ? expr_and(f->p, a, b) : expr_or(f->p, a, b);
    }
    if (e->kind == AST_BINARY && e->op >= AST_LESS && e->op <= AST_NOT_EQUAL) return comparison(f, e);
    if (e->kind == AST_IF) {
        const Expr *c = expression_condition(f, e->condition);
        return expr_or(f->p, expr_and(f->p, c, expression_condition(f, e->left)),
                       expr_and(f->p, expr_not(f->p, c), expression_condition(f, e->right)));
    }
    frame_fault(f, E_TYPE, e->span, "a condition is wanted here, such as x > 0");
    return expr_true(f->p);
}

static const Expr *selected(Frame *f, const AstExpr *e) {
    const AstExpr *live = live_branch(f, e);
    if (live != e) return expression_any(f, live);
    const Expr *condition = expression_condition(f, e->condition);
    const Expr *a = expression_real(f, e->left), *b = expression_real(f, e->right);
    return f->failed ? nothing(f) : expr_select(f->p, condition, a, b);
}

// --- any expression

static const Expr *negated(Frame *f, const AstExpr *e) {
    const Expr *a = expression_real(f, e->left);
    Affine x;
    if (a->kind == E_INDEX && as_affine(a, &x)) return from_affine(f, affine_scale(f->p, x, -1));
    return expr_negate(f->p, a);
}

static const Expr *number_expr(Frame *f, Value v, Span span) {
    if (v.kind == VALUE_NUMBER) return expr_number(f->p, v.number);
    if (v.kind == VALUE_BOOLEAN) return v.number != 0 ? expr_true(f->p) : expr_false(f->p);
    frame_fault(f, E_TYPE, span, "a number is wanted here, got %s", value_text(f->scope->elab, v));
    return nothing(f);
}

static const Expr *out_of_place(Frame *f, const AstExpr *e, const char *text) {
    frame_fault(f, E_SYNTAX, e->span, "%s", text);
    return nothing(f);
}

const Expr *expression_any(Frame *f, const AstExpr *e) {
    Value known;
    if (f->failed) return nothing(f);
    if (value_try(f->scope, f, e, &known)) return number_expr(f, known, e->span);
    Tensor *operand = e->kind == AST_NAME ? NULL : frame_operand(f, e);
    if (operand)
        return whole_read(f, operand, e->kind == AST_HOLE ? "_" : operand->label, e->span);
    switch (e->kind) {
    case AST_NAME: return named(f, e);
    case AST_SUBSCRIPT: return subscripted(f, e);
    case AST_NEGATE: return negated(f, e);
    case AST_BINARY:
        return e->op >= AST_LESS ? expression_condition(f, e) : arithmetic(f, e);
    case AST_NOT: return expression_condition(f, e);
    case AST_IF: return selected(f, e);
    case AST_REDUCE: return expression_reduce(f, e);
    case AST_CALL: return expression_call(f, e);
    case AST_HOLE: return out_of_place(f, e, "'_' is the value before a stage; there is none here");
    case AST_REST: return out_of_place(f, e, "'..' stands only in subscripts and binders");
    case AST_APPLY: case AST_PIPE:
        return out_of_place(f, e, "a layer is called in equations of whole tensors only");
    case AST_NUMBER: case AST_STRING: case AST_LIST: case AST_TUPLE: break; // compile-time values
    }
    // A list that holds something unknown, or a number in error: value_of says which.
    if (!f->quiet) value_of(f->scope, e);
    f->failed = true;
    return nothing(f);
}

static bool is_int_tensor(const Expr *e) {
    return expr_is_int(e) && e->kind != E_INDEX && e->kind != E_NUMBER;
}

const Expr *expression_value(Frame *f, const AstExpr *e) {
    const Expr *made = expression_any(f, e);
    if (f->failed) return nothing(f);
    if (expr_is_condition(made)) {
        Diagnostic *d = frame_fault(f, E_TYPE, e->span, "this is a condition, a number is wanted");
        report_help(f->p->compile->diagnostics, d, "write: if ... then 1 else 0");
        return nothing(f);
    }
    return made;
}

const Expr *expression_real(Frame *f, const AstExpr *e) {
    const Expr *made = expression_value(f, e);
    if (f->failed) return nothing(f);
    if (is_int_tensor(made)) {
        Diagnostic *d = frame_fault(f, E_TYPE, e->span,
                                    "this is an integer; integers are for subscripts and comparisons");
        report_help(f->p->compile->diagnostics, d, "compare it: if t == k then 1 else 0");
        return nothing(f);
    }
    return made;
}

const Expr *expression_subscript(Frame *f, const AstExpr *e) {
    Value known;
    if (value_try(f->scope, f, e, &known) && value_is_integer(known))
        return expr_affine(f->p, affine_constant((int64_t)known.number));
    const Expr *made = expression_any(f, e);
    if (f->failed || made->kind == E_INDEX) return made;
    Affine constant;
    if (as_affine(made, &constant)) return expr_affine(f->p, constant);
    if (made->kind == E_READ && made->tensor->is_int) return made;
    if (made->kind == E_READ)
        frame_fault(f, E_TYPE, e->span, "'%s' is a real tensor; a subscript is an integer",
                    made->tensor->label);
    else
        frame_fault(f, E_SUBSCRIPT, e->span,
                    "a subscript is a sum of indices with constant factors, or a read of an integer tensor");
    return nothing(f);
}
