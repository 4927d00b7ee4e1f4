// value.c: compile-time values: numbers, booleans, texts, lists and initialisers, from expressions
// of a scope.
//
// The same evaluator serves two questions: "what is it?", with a report if it is not known at
// compile time, and "is it known?", asked of every part of an equation, without a report.
#include "elaborate/context.h"

#include <math.h>
#include <string.h>

typedef struct Evaluation {
    Scope *scope;
    Frame *frame; // whose indices and tensors hide values; NULL: only values are seen
    bool quiet, failed;
} Evaluation;

static Value evaluate(Evaluation *v, const AstExpr *e);

Value value_number(double number, Span span) {
    return (Value){.kind = VALUE_NUMBER, .number = number, .span = span};
}

Value value_poison(Span span) {
    return (Value){.kind = VALUE_POISON, .span = span};
}

static Value boolean(bool truth, Span span) {
    return (Value){.kind = VALUE_BOOLEAN, .number = truth, .span = span};
}

static Value fail(Evaluation *v, Span span) {
    v->failed = true;
    return value_poison(span);
}

static Value mistake(Evaluation *v, Code code, Span span, const char *text) {
    if (!v->quiet && !v->failed) fault(v->scope, code, span, "%s", text);
    return fail(v, span);
}

bool value_is_integer(Value v) {
    return v.kind == VALUE_NUMBER && v.number == floor(v.number) && fabs(v.number) < 0x1p53;
}

const char *value_text(Elab *e, Value v) {
    Text t = text_new(e->arena);
    switch (v.kind) {
    case VALUE_NUMBER: return number_text(e->arena, v.number);
    case VALUE_BOOLEAN: return v.number != 0 ? "true" : "false";
    case VALUE_TEXT: return arena_printf(e->arena, "\"%s\"", v.text);
    case VALUE_LIST:
        text_add(&t, "[");
        for (int i = 0; i < v.count; i++)
            text_printf(&t, "%s%s", i ? ", " : "", value_text(e, v.item[i]));
        text_add(&t, "]");
        return t.bytes;
    case VALUE_INIT: return "an initialiser";
    case VALUE_POISON: return "?";
    }
    return "?";
}

// Why a name of an equation is no compile-time value, in the message.
static Value unknown_name(Evaluation *v, const AstExpr *e) {
    if (v->quiet || v->failed) return fail(v, e->span);
    Scope *s = v->scope;
    if (strcmp(e->name, "N") == 0) {
        fault(s, E_CONSTANT, e->span,
              "N, the number of samples in the batch, is not known at compile time");
    } else if (scope_entry(s, e->name)) {
        fault(s, E_CONSTANT, e->span, "'%s' is a tensor; only compile-time values can stand here",
              e->name);
    } else {
        Diagnostic *d = fault(s, E_UNKNOWN_NAME, e->span, "unknown name '%s'", e->name);
        suggest_name(s, d, e->name, true, false, false);
    }
    return fail(v, e->span);
}

static Value name_value(Evaluation *v, const AstExpr *e) {
    Scope *s = v->scope;
    Frame *f = v->frame;
    if (f && (frame_binding(f, e->name) || frame_entry(f, e->name))) return fail(v, e->span);
    const NamedValue *found = scope_value(s, e->name);
    if (found) {
        Value value = found->value;
        if (value.kind == VALUE_POISON) v->failed = true;
        value.span =
            found->expr ? e->span : found->span; // an argument: a mistake is where it was given
        return value;
    }
    if (strcmp(e->name, "true") == 0) return boolean(true, e->span);
    if (strcmp(e->name, "false") == 0) return boolean(false, e->span);
    if (strcmp(e->name, "pi") == 0) return value_number(3.14159265358979323846, e->span);
    if (strcmp(e->name, "inf") == 0) return value_number(INFINITY, e->span);
    if (strcmp(e->name, "REST") == 0 && s->has_rest) {
        double product = 1;
        for (int i = 0; i < s->rest_count; i++) product *= (double)s->rest[i]->extent;
        return value_number(product, e->span);
    }
    InitForm form;
    if (!f && init_form(e->name, &form)) return init_call(s, e, v->quiet, &v->failed);
    return unknown_name(v, e);
}

static Value list_value(Evaluation *v, const AstExpr *e) {
    Value list = {.kind = VALUE_LIST, .span = e->span, .count = e->argument_count};
    list.item = arena_new_array(v->scope->elab->arena, Value, e->argument_count);
    for (int i = 0; i < e->argument_count; i++) list.item[i] = evaluate(v, e->argument[i].value);
    return v->failed ? value_poison(e->span) : list;
}

static bool wants_kind(Evaluation *v, Value value, ValueKind kind) {
    if (v->failed || value.kind == kind) return !v->failed;
    mistake(v, E_CONSTANT, value.span,
            arena_printf(v->scope->elab->arena, "%s wanted here, got %s",
                         kind == VALUE_NUMBER ? "a number is" : "true or false is",
                         value_text(v->scope->elab, value)));
    return false;
}

static Value compare(Evaluation *v, const AstExpr *e, Value a, Value b) {
    bool equality = e->op == AST_EQUAL || e->op == AST_NOT_EQUAL;
    if (equality && a.kind == b.kind && (a.kind == VALUE_TEXT || a.kind == VALUE_BOOLEAN)) {
        bool same = a.kind == VALUE_TEXT ? strcmp(a.text, b.text) == 0 : a.number == b.number;
        return boolean(same == (e->op == AST_EQUAL), e->span);
    }
    if (equality && a.kind != b.kind && !v->failed) // a list is not "same", a number no text
        return boolean(e->op == AST_NOT_EQUAL, e->span);
    if (!wants_kind(v, a, VALUE_NUMBER) || !wants_kind(v, b, VALUE_NUMBER))
        return value_poison(e->span);
    bool holds = e->op == AST_LESS            ? a.number < b.number
                 : e->op == AST_LESS_EQUAL    ? a.number <= b.number
                 : e->op == AST_GREATER       ? a.number > b.number
                 : e->op == AST_GREATER_EQUAL ? a.number >= b.number
                 : e->op == AST_EQUAL         ? a.number == b.number
                                              : a.number != b.number;
    return boolean(holds, e->span);
}

static Value arithmetic(Evaluation *v, const AstExpr *e, Value a, Value b) {
    if (!wants_kind(v, a, VALUE_NUMBER) || !wants_kind(v, b, VALUE_NUMBER))
        return value_poison(e->span);
    double x = a.number, y = b.number, result = 0;
    bool divides = e->op == AST_DIVIDE || e->op == AST_FLOOR_DIVIDE || e->op == AST_REMAINDER;
    if (divides && y == 0) return mistake(v, E_CONSTANT, e->span, "division by zero");
    switch (e->op) {
    case AST_ADD: result = x + y; break;
    case AST_SUBTRACT: result = x - y; break;
    case AST_MULTIPLY: result = x * y; break;
    case AST_DIVIDE: result = x / y; break;
    case AST_FLOOR_DIVIDE: result = floor(x / y); break;
    case AST_REMAINDER: result = x - y * floor(x / y); break;
    case AST_POWER: result = pow(x, y); break;
    case AST_LESS:
    case AST_LESS_EQUAL:
    case AST_GREATER:
    case AST_GREATER_EQUAL:
    case AST_EQUAL:
    case AST_NOT_EQUAL:
    case AST_AND:
    case AST_OR: break;
    }
    if (isnan(result)) return mistake(v, E_CONSTANT, e->span, "this is not a number");
    return value_number(result, e->span);
}

static Value binary_value(Evaluation *v, const AstExpr *e) {
    Value a = evaluate(v, e->left);
    if (v->failed) return value_poison(e->span);
    if (e->op == AST_AND || e->op == AST_OR) {
        if (!wants_kind(v, a, VALUE_BOOLEAN)) return value_poison(e->span);
        if ((a.number != 0) == (e->op == AST_OR)) return a;
        Value b = evaluate(v, e->right);
        return wants_kind(v, b, VALUE_BOOLEAN) ? b : value_poison(e->span);
    }
    Value b = evaluate(v, e->right);
    if (v->failed) return value_poison(e->span);
    bool comparison = e->op >= AST_LESS && e->op <= AST_NOT_EQUAL;
    return comparison ? compare(v, e, a, b) : arithmetic(v, e, a, b);
}

bool evaluate_function(Function f, double a, double b, double *out) {
    switch (f) {
    case FN_ABS: *out = fabs(a); break;
    case FN_EXP: *out = exp(a); break;
    case FN_LOG: *out = log(a); break;
    case FN_LOG1P: *out = log1p(a); break;
    case FN_EXPM1: *out = expm1(a); break;
    case FN_SQRT: *out = sqrt(a); break;
    case FN_RSQRT: *out = 1 / sqrt(a); break;
    case FN_SIN: *out = sin(a); break;
    case FN_COS: *out = cos(a); break;
    case FN_TANH: *out = tanh(a); break;
    case FN_SIGMOID: *out = 1 / (1 + exp(-a)); break;
    case FN_SOFTPLUS: *out = a > 0 ? a + log1p(exp(-a)) : log1p(exp(a)); break;
    case FN_ERF: *out = erf(a); break;
    case FN_SIGN: *out = (a > 0) - (a < 0); break;
    case FN_FLOOR: *out = floor(a); break;
    case FN_MIN: *out = a < b ? a : b; break;
    case FN_MAX: *out = a > b ? a : b; break;
    case FN_POWER: *out = pow(a, b); break;
    case FUNCTION_COUNT: return false;
    }
    return !isnan(*out);
}

static Value call_value(Evaluation *v, const AstExpr *e) {
    InitForm form;
    if (init_form(e->name, &form)) return init_call(v->scope, e, v->quiet, &v->failed);
    Function function = function_find(e->name);
    if (function == FUNCTION_COUNT || function == FN_POWER)
        return mistake(
            v, E_CONSTANT, e->span,
            arena_printf(v->scope->elab->arena, "'%s(...)' is not known at compile time", e->name));
    if (e->argument_count != function_arity(function))
        return mistake(v, E_ARGUMENT, e->span,
                       arena_printf(v->scope->elab->arena, "%s takes %d argument%s, got %d",
                                    e->name, function_arity(function),
                                    function_arity(function) == 1 ? "" : "s", e->argument_count));
    double x[2] = {0, 0}, result;
    for (int i = 0; i < e->argument_count; i++) {
        Value argument = evaluate(v, e->argument[i].value);
        if (!wants_kind(v, argument, VALUE_NUMBER)) return value_poison(e->span);
        x[i] = argument.number;
    }
    if (!evaluate_function(function, x[0], x[1], &result))
        return mistake(v, E_CONSTANT, e->span, "this is not a number");
    return value_number(result, e->span);
}

static Value if_value(Evaluation *v, const AstExpr *e) {
    Value condition = evaluate(v, e->condition);
    if (!wants_kind(v, condition, VALUE_BOOLEAN)) return value_poison(e->span);
    return evaluate(v, condition.number != 0 ? e->left : e->right);
}

static Value evaluate(Evaluation *v, const AstExpr *e) {
    if (v->failed) return value_poison(e->span);
    Value a;
    switch (e->kind) {
    case AST_NUMBER: return value_number(e->number, e->span);
    case AST_STRING: return (Value){.kind = VALUE_TEXT, .text = e->text, .span = e->span};
    case AST_NAME: return name_value(v, e);
    case AST_LIST:
    case AST_TUPLE: return list_value(v, e);
    case AST_NEGATE:
        a = evaluate(v, e->left);
        if (!wants_kind(v, a, VALUE_NUMBER)) return value_poison(e->span);
        return value_number(-a.number, e->span);
    case AST_NOT:
        a = evaluate(v, e->left);
        if (!wants_kind(v, a, VALUE_BOOLEAN)) return value_poison(e->span);
        return boolean(a.number == 0, e->span);
    case AST_BINARY: return binary_value(v, e);
    case AST_IF: return if_value(v, e);
    case AST_CALL: return call_value(v, e);
    case AST_HOLE:
    case AST_REST:
    case AST_SUBSCRIPT:
    case AST_REDUCE:
    case AST_APPLY:
    case AST_PIPE: return mistake(v, E_CONSTANT, e->span, "this is not known at compile time");
    }
    return value_poison(e->span);
}

Value value_of(Scope *s, const AstExpr *e) {
    Evaluation v = {.scope = s};
    Value result = evaluate(&v, e);
    return v.failed ? value_poison(e->span) : result;
}

bool value_try(Scope *s, Frame *f, const AstExpr *e, Value *out) {
    Evaluation v = {.scope = s, .frame = f, .quiet = true};
    *out = evaluate(&v, e);
    return !v.failed;
}

// "with H = 5, K = 7": the values of the names in an expression; a name made by `let` is followed
// into its expression.
static void add_arithmetic(Scope *s, const AstExpr *e, Text *t, int depth) {
    if (!e || depth > 2) return;
    if (e->kind == AST_NAME) {
        const NamedValue *value = scope_value(s, e->name);
        if (!value || value->value.kind == VALUE_POISON) return;
        const char *item =
            arena_printf(s->elab->arena, "%s = %s", e->name, value_text(s->elab, value->value));
        if (strstr(t->bytes, item)) return;
        text_printf(t, "%s%s", t->size ? ", " : "", item);
        add_arithmetic(s, value->expr, t, depth + 1);
    }
    add_arithmetic(s, e->left, t, depth);
    add_arithmetic(s, e->right, t, depth);
    add_arithmetic(s, e->condition, t, depth);
    for (int i = 0; i < e->argument_count; i++) add_arithmetic(s, e->argument[i].value, t, depth);
}

// A name that the author of the spec gave a value: the mistake is there.
static Span origin_of(Scope *s, const AstExpr *e, const char **named) {
    const NamedValue *value = e->kind == AST_NAME ? scope_value(s, e->name) : NULL;
    *named = value ? arena_printf(s->elab->arena, "'%s'", e->name) : "it";
    const Source *source = value ? source_get(s->elab->c->sources, value->span.file) : NULL;
    return source && !source->is_library && !value->expr ? value->span : e->span;
}

bool size_of(Scope *s, const AstExpr *e, const char *what, bool quiet, int64_t *out) {
    Value v;
    if (quiet ? !value_try(s, NULL, e, &v) : (v = value_of(s, e)).kind == VALUE_POISON)
        return false;
    if (value_is_integer(v) && v.number >= 1 && v.number <= INT32_MAX) {
        *out = (int64_t)v.number;
        return true;
    }
    if (quiet) return false;
    const char *named;
    Span origin = origin_of(s, e, &named);
    Diagnostic *d = fault(s, E_SIZE, origin, "%s must be a whole number from 1 to %d, %s is %s",
                          what, INT32_MAX, named, value_text(s->elab, v));
    Text arithmetic_text = text_new(s->elab->arena);
    text_add(&arithmetic_text, "");
    add_arithmetic(s, e, &arithmetic_text, 0);
    if (arithmetic_text.size && (e->kind != AST_NAME || strchr(arithmetic_text.bytes, ',')))
        report_note(s->elab->c->diagnostics, d, (Span){0, 0, 0}, "here %s", arithmetic_text.bytes);
    return false;
}

bool condition_of(Scope *s, const AstExpr *e, bool *out) {
    Value v = value_of(s, e);
    if (v.kind == VALUE_POISON) return false;
    if (v.kind != VALUE_BOOLEAN) {
        const char *named;
        Span origin = origin_of(s, e, &named);
        fault(s, E_CONSTANT, origin, "a condition is true or false, %s is %s", named,
              value_text(s->elab, v));
        return false;
    }
    *out = v.number != 0;
    return true;
}
