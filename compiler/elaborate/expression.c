// expression.c: expressions of an equation: from the tree to the equation IR.
//
// What is known at compile time becomes a number at once. Index arithmetic stays affine as long as
// it can, so that subscripts, masks and indices used as numbers are one case. After the first
// mistake of an equation the rest is elaborated in silence (frame_fault).
#include "elaborate/context.h"

#include <math.h>

static const Expr *nothing(Frame *f) {
    return expr_number(f->p, 0);
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
        Diagnostic *d =
            frame_fault(f, E_CONSTANT, e->right->span, "an exponent must be a compile-time number");
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
        Diagnostic *d =
            frame_fault(f, E_SUBSCRIPT, e->span, "// and %% are for compile-time numbers only");
        report_help(
            f->p->compile->diagnostics, d,
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
    case AST_ADD:
    case AST_SUBTRACT:
    case AST_MULTIPLY:
    case AST_DIVIDE:
    case AST_FLOOR_DIVIDE:
    case AST_REMAINDER:
    case AST_POWER:
    case AST_AND:
    case AST_OR: break;
    }
    return expr_true(p);
}

static const Expr *comparison(Frame *f, const AstExpr *e) {
    const Expr *a = expression_any(f, e->left), *b = expression_any(f, e->right);
    if (f->failed) return expr_true(f->p);
    const AstExpr *wrong = expr_is_condition(a) ? e->left : expr_is_condition(b) ? e->right : NULL;
    if (wrong) {
        frame_fault(f, E_TYPE, wrong->span,
                    "a condition cannot be compared; join conditions with and, or");
        return expr_true(f->p);
    }
    Affine constant; // integers are compared as integers
    if (expr_is_int(a) && b->kind == E_NUMBER && as_affine(b, &constant))
        b = expr_affine(f->p, constant);
    if (expr_is_int(b) && a->kind == E_NUMBER && as_affine(a, &constant))
        a = expr_affine(f->p, constant);
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
    if (e->kind == AST_BINARY && e->op >= AST_LESS && e->op <= AST_NOT_EQUAL)
        return comparison(f, e);
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
        return expression_whole(f, operand, e->kind == AST_HOLE ? "_" : operand->label, e->span);
    switch (e->kind) {
    case AST_NAME: return expression_name(f, e);
    case AST_SUBSCRIPT: return expression_read(f, e);
    case AST_NEGATE: return negated(f, e);
    case AST_BINARY: return e->op >= AST_LESS ? expression_condition(f, e) : arithmetic(f, e);
    case AST_NOT: return expression_condition(f, e);
    case AST_IF: return selected(f, e);
    case AST_REDUCE: return expression_reduce(f, e);
    case AST_CALL: return expression_call(f, e);
    case AST_HOLE: return out_of_place(f, e, "'_' is the value before a stage; there is none here");
    case AST_REST: return out_of_place(f, e, "'..' stands only in subscripts and binders");
    case AST_APPLY:
    case AST_PIPE:
        return out_of_place(f, e, "a layer is called in equations of whole tensors only");
    case AST_NUMBER:
    case AST_STRING:
    case AST_LIST:
    case AST_TUPLE: break; // compile-time values
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
        Diagnostic *d = frame_fault(
            f, E_TYPE, e->span, "this is an integer; integers are for subscripts and comparisons");
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
                    "a subscript is a sum of indices with constant factors, or a read of an "
                    "integer tensor");
    return nothing(f);
}
