// c_expr.c: loop expressions as C expressions.
#include "emit/c.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void write_atom(LoopWriter *w, const LoopExpr *x);

CEmitter *c_emitter_new(const LoopModule *m, const EmitOptions *o, Text *out) {
    CEmitter *e = arena_new_item(out->arena, CEmitter);
    e->module = m;
    e->options = o;
    e->arena = out->arena;
    e->writer = (Writer){out, 0};
    e->express = (LoopWriter){NULL, e, m->is_f32, !m->is_f32, true, write_atom};
    return e;
}

const char *c_memory_type(const LoopModule *m, LoopType type) {
    if (type == LOOP_INT) return "int32_t";
    return type == LOOP_REAL && m->is_f32 ? "float" : "double";
}

const char *c_value_type(const LoopModule *m, LoopType type) {
    if (type == LOOP_VECTOR) return "vec";
    if (type == LOOP_MASK) return "vec_int";
    return type == LOOP_INT || type == LOOP_BOOL ? "int" : c_memory_type(m, type);
}

static bool is_float(const CEmitter *e, LoopType type) {
    return type == LOOP_REAL && e->module->is_f32;
}

const char *c_helper(CEmitter *e, const char *name) {
    for (int i = 0; i < e->helper.count; i++)
        if (strcmp(e->helper.item[i], name) == 0) return name;
    list_add(e->arena, e->helper, name);
    return name;
}

// --- numbers

// A C constant is of type double only if it has a point or an exponent.
static const char *with_point(Arena *a, const char *digits) {
    return strpbrk(digits, ".e") ? digits : arena_printf(a, "%s.0", digits);
}

const char *c_number(Arena *a, double value) {
    if (isnan(value)) return "NAN";
    if (isinf(value)) return value < 0 ? "-INFINITY" : "INFINITY";
    return with_point(a, number_text(a, value));
}

static const char *number_of(CEmitter *e, const LoopExpr *x) {
    if (!isfinite(x->number) || !is_float(e, x->type)) return c_number(e->arena, x->number);
    const char *digits = with_point(e->arena, number_text_f32(e->arena, x->number));
    return arena_printf(e->arena, "%sf", digits);
}

static const char *integer_of(CEmitter *e, const LoopExpr *x) {
    for (int i = e->size.count - 1; i >= 0 && x->name; i--)
        if (strcmp(e->size.item[i].name, x->name) == 0 && e->size.item[i].value == x->integer)
            return x->name;
    if (x->integer == INT32_MIN) return "(-2147483647 - 1)";
    return arena_printf(e->arena, "%" PRId64, x->integer);
}

// --- calls

static void write_arguments(LoopWriter *w, const LoopExpr *x) {
    for (int i = 0; i < x->arg_count; i++) {
        if (i) text_add(w->out, ", ");
        loop_write_expr(w, x->arg[i]);
    }
    text_add(w->out, ")");
}

static void write_call(LoopWriter *w, const char *name, const LoopExpr *x) {
    text_printf(w->out, "%s(", name);
    write_arguments(w, x);
}

// What computes a function: libm, or a helper of the prelude.
typedef struct FunctionForm {
    const char *name;
    bool is_helper;
    bool has_strict; // another helper where libm may differ
} FunctionForm;

static FunctionForm function_form(Function f) {
    switch (f) {
    case FN_ABS: return (FunctionForm){"fabs", false, false};
    case FN_EXP: return (FunctionForm){"exp", false, true};
    case FN_LOG: return (FunctionForm){"log", false, true};
    case FN_LOG1P: return (FunctionForm){"log1p", false, true};
    case FN_EXPM1: return (FunctionForm){"expm1", false, true};
    case FN_SQRT: return (FunctionForm){"sqrt", false, false};
    case FN_RSQRT: return (FunctionForm){"rsqrt", true, false};
    case FN_SIN: return (FunctionForm){"sin", false, true};
    case FN_COS: return (FunctionForm){"cos", false, true};
    case FN_TANH: return (FunctionForm){"tanh", false, true};
    case FN_SIGMOID: return (FunctionForm){"sigmoid", true, true};
    case FN_SOFTPLUS: return (FunctionForm){"softplus", true, true};
    case FN_ERF: return (FunctionForm){"erf", false, true};
    case FN_SIGN: return (FunctionForm){"sign", true, false};
    case FN_FLOOR: return (FunctionForm){"floor", false, false};
    case FN_MIN: return (FunctionForm){"min", true, false};
    case FN_MAX: return (FunctionForm){"max", true, false};
    case FN_POWER: return (FunctionForm){"pow", false, true};
    case FUNCTION_COUNT: break;
    }
    internal_error("emit", "no such function");
}

bool c_function_has_strict(Function f) {
    return function_form(f).has_strict;
}

const char *c_scalar_function(CEmitter *e, Function f, LoopType type) {
    FunctionForm form = function_form(f);
    bool is_f32 = is_float(e, type), strict = e->module->strict && form.has_strict;
    const char *suffix = is_f32 ? "f32" : "f64";
    if (strict)
        return c_helper(e, arena_printf(e->arena, "strict_%s_%s", function_name(f), suffix));
    if (form.is_helper) return c_helper(e, arena_printf(e->arena, "%s_%s", form.name, suffix));
    return arena_printf(e->arena, "%s%s", form.name, is_f32 ? "f" : "");
}

static const char *function_text(CEmitter *e, const LoopExpr *x) {
    if (x->type == LOOP_VECTOR) return c_vector_function(e, x);
    return c_scalar_function(e, x->function, x->type);
}

static int stream_number(CEmitter *e, uint64_t stream) {
    for (int i = 0; i < e->stream.count; i++)
        if (e->stream.item[i] == stream) return i + 1;
    list_add(e->arena, e->stream, stream);
    return e->stream.count;
}

static void write_draw(LoopWriter *w, const LoopExpr *x) {
    CEmitter *e = w->context;
    const char *name = x->kind == LOOP_RANDOM ? "random" : "bernoulli";
    const char *suffix = e->module->is_f32 ? "f32" : "f64";
    if (x->type == LOOP_VECTOR) {
        c_helper(e, "vec_load");
        name = c_helper(e, arena_printf(e->arena, "vec_%s", name));
    } else {
        name = c_helper(e, arena_printf(e->arena, "%s_%s", name, suffix));
    }
    text_printf(w->out, "%s(seed, step, STREAM_%d, ", name, stream_number(e, x->stream));
    loop_write_expr(w, x->arg[0]);
    text_add(w->out, ", ");
    loop_write_expr(w, x->arg[1]);
    if (x->type == LOOP_VECTOR) text_printf(w->out, ", %lld", (long long)x->integer);
    if (x->kind == LOOP_BERNOULLI) text_printf(w->out, ", %s", c_number(e->arena, x->number));
    text_add(w->out, ")");
}

static bool is_real(LoopType type) {
    return type == LOOP_REAL || type == LOOP_F64;
}

static void write_conversion(LoopWriter *w, const LoopExpr *x) {
    CEmitter *e = w->context;
    if (x->type == LOOP_INT && is_real(x->arg[0]->type)) {
        write_call(w, c_helper(e, "int_of_real"), x);
        return;
    }
    text_printf(w->out, "(%s)", c_value_type(e->module, x->type));
    loop_write_operand(w, x->arg[0]);
}

static void write_element(LoopWriter *w, const LoopBuffer *b, const LoopExpr *const *subscript) {
    bool scalar = b->rank == 0 && b->storage != LOOP_LOCAL;
    if (scalar)
        text_printf(w->out, "%s->%s", loop_storage_name(b->storage), b->member);
    else
        text_add(w->out, b->name);
    for (int i = 0; i < b->rank; i++) {
        text_add(w->out, "[");
        loop_write_expr(w, subscript[i]);
        text_add(w->out, "]");
    }
}

static void write_vector_load(LoopWriter *w, const LoopExpr *x) {
    text_printf(w->out, "%s(&", c_helper(w->context, "vec_load"));
    write_element(w, x->buffer, x->arg);
    text_add(w->out, ")");
}

static void write_atom(LoopWriter *w, const LoopExpr *x) {
    CEmitter *e = w->context;
    if (x->kind == LOOP_NUMBER)
        text_add(w->out, number_of(e, x));
    else if (x->kind == LOOP_INTEGER)
        text_add(w->out, integer_of(e, x));
    else if (x->kind == LOOP_VARIABLE)
        text_add(w->out, x->variable->name);
    else if (x->kind == LOOP_LOAD && x->view && x->type == LOOP_VECTOR)
        text_printf(w->out, "%s(%s + %lld)", c_helper(e, "vec_load"), x->view->name, (long long)x->integer);
    else if (x->kind == LOOP_LOAD && x->view)
        text_printf(w->out, "%s[%lld]", x->view->name, (long long)x->integer);
    else if (x->kind == LOOP_LOAD && x->type == LOOP_VECTOR)
        write_vector_load(w, x);
    else if (x->kind == LOOP_SPLAT)
        write_call(w, c_helper(e, "vec_splat"), x);
    else if (x->kind == LOOP_LANE_SUM)
        write_call(w, c_lane_sum(e), x);
    else if (x->kind == LOOP_SELECT)
        write_call(w, c_helper(e, "vec_select"), x);
    else if (x->kind == LOOP_LOAD)
        write_element(w, x->buffer, x->arg);
    else if (x->kind == LOOP_INT_MIN)
        write_call(w, c_helper(e, "int_min"), x);
    else if (x->kind == LOOP_INT_MAX)
        write_call(w, c_helper(e, "int_max"), x);
    else if (x->kind == LOOP_FLOOR_DIVIDE)
        write_call(w, c_helper(e, "floor_divide"), x);
    else if (x->kind == LOOP_CEIL_DIVIDE)
        write_call(w, c_helper(e, "ceil_divide"), x);
    else if (x->kind == LOOP_CALL)
        write_call(w, function_text(e, x), x);
    else if (x->kind == LOOP_CONVERT)
        write_conversion(w, x);
    else
        write_draw(w, x);
}

const char *c_expr(CEmitter *e, const LoopExpr *x) {
    Text text = text_new(e->arena);
    e->express.out = &text;
    loop_write_expr(&e->express, x);
    return text.bytes;
}

const char *c_element(CEmitter *e, const LoopBuffer *b, const LoopExpr *const *subscript) {
    Text text = text_new(e->arena);
    e->express.out = &text;
    write_element(&e->express, b, subscript);
    return text.bytes;
}
