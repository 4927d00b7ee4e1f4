// eval.c: runs a function of a loop module, one node after the other.
//
// The oracle of the C and LLVM back ends, so it takes no liberties: every REAL operation of an f32
// module is rounded to float, every subscript is checked, integers that leave the range of int are
// a problem. The first problem stops all loops. Values are held as double (REAL, F64) or int64_t
// (INT, BOOL), one slot a variable; eval_vector.c does the vectors.
#include "loop/eval.h"

#include "loop/scalar.h"

#include <inttypes.h>
#include <string.h>

static bool is_real(LoopType type) {
    return type == LOOP_REAL || type == LOOP_F64;
}

static bool is_float(const Eval *e, LoopType type) {
    return type == LOOP_REAL && e->module->is_f32;
}

double eval_rounded(const Eval *e, LoopType type, double value) {
    return is_float(e, type) ? (double)(float)value : value;
}

void eval_fail(Eval *e, const char *what, const char *name, int64_t value) {
    if (e->problem) return;
    e->problem = arena_printf(e->module->compile->arena, "%s: %s%s%s: %" PRId64, e->function->name,
                              what, *name ? " of " : "", name, value);
}

static int64_t checked_int(Eval *e, int64_t value) {
    if (value >= INT32_MIN && value <= INT32_MAX) return value;
    eval_fail(e, "an integer leaves the range of int", "", value);
    return 0;
}

int64_t eval_position(Eval *e, const LoopBuffer *b, const LoopExpr *const *subscript, int count) {
    int64_t position = 0;
    for (int i = 0; i < b->rank; i++) {
        int64_t at = eval_integer(e, subscript[i]), last = i == b->rank - 1 ? at + count - 1 : at;
        if (at < 0 || last >= b->shape[i]) eval_fail(e, "a subscript out of bounds", b->name, at);
        position = position * b->shape[i] + at;
    }
    return e->problem ? -1 : position;
}

Value eval_read(const Eval *e, const LoopBuffer *b, int64_t position) {
    const char *base = e->address[b->slot];
    Value v = {0};
    if (b->type == LOOP_INT)
        v.integer = ((const int32_t *)(const void *)base)[position];
    else if (is_float(e, b->type))
        v.real = (double)((const float *)(const void *)base)[position];
    else
        v.real = ((const double *)(const void *)base)[position];
    return v;
}

void eval_write(const Eval *e, const LoopBuffer *b, int64_t position, Value v) {
    char *base = e->address[b->slot];
    if (b->type == LOOP_INT)
        ((int32_t *)(void *)base)[position] = (int32_t)v.integer;
    else if (is_float(e, b->type))
        ((float *)(void *)base)[position] = (float)v.real;
    else
        ((double *)(void *)base)[position] = v.real;
}

static Value load(Eval *e, const LoopExpr *x) {
    int64_t position = eval_position(e, x->buffer, x->arg, 1);
    return position < 0 ? (Value){0} : eval_read(e, x->buffer, position);
}

double eval_draw(Eval *e, const LoopExpr *x, int lane) {
    int sample = (int)eval_integer(e, x->arg[0]), element = (int)eval_integer(e, x->arg[1]);
    element += lane * (int)x->integer;
    double u = loop_scalar_random(e->call->seed, e->call->step, x->stream, sample, element);
    return x->kind == LOOP_RANDOM ? u : u < x->number ? 1 : 0;
}

static double call_function(Eval *e, const LoopExpr *x) {
    bool strict = e->module->strict;
    double a = eval_real(e, x->arg[0]), b = x->arg_count > 1 ? eval_real(e, x->arg[1]) : 0;
    if (!is_float(e, x->type)) return loop_scalar_f64(x->function, strict, a, b);
    return (double)loop_scalar_f32(x->function, strict, (float)a, (float)b);
}

static double convert_to_real(Eval *e, const LoopExpr *x) {
    const LoopExpr *from = x->arg[0];
    return eval_rounded(e, x->type,
                        is_real(from->type) ? eval_real(e, from) : (double)eval_integer(e, from));
}

double eval_arithmetic(const Eval *e, LoopExprKind kind, LoopType type, double a, double b) {
    if (kind == LOOP_ADD) return eval_rounded(e, type, a + b);
    if (kind == LOOP_SUBTRACT) return eval_rounded(e, type, a - b);
    if (kind == LOOP_MULTIPLY) return eval_rounded(e, type, a * b);
    return eval_rounded(e, type, a / b);
}

static double real_arithmetic(Eval *e, const LoopExpr *x) {
    double a = eval_real(e, x->arg[0]), b = eval_real(e, x->arg[1]);
    return eval_arithmetic(e, x->kind, x->type, a, b);
}

double eval_real(Eval *e, const LoopExpr *x) {
    switch (x->kind) {
    case LOOP_NUMBER: return x->number;
    case LOOP_VARIABLE: return e->variable[x->variable->slot].real;
    case LOOP_LOAD: return load(e, x).real;
    case LOOP_ADD:
    case LOOP_SUBTRACT:
    case LOOP_MULTIPLY:
    case LOOP_DIVIDE: return real_arithmetic(e, x);
    case LOOP_NEGATE: return -eval_real(e, x->arg[0]);
    case LOOP_CALL: return call_function(e, x);
    case LOOP_SELECT: return eval_real(e, x->arg[eval_integer(e, x->arg[0]) ? 1 : 2]);
    case LOOP_CONVERT: return convert_to_real(e, x);
    case LOOP_LANE_SUM: return eval_lane_sum(e, x);
    case LOOP_RANDOM:
    case LOOP_BERNOULLI: return eval_draw(e, x, 0);
    case LOOP_SPLAT:
    case LOOP_INTEGER:
    case LOOP_INT_MIN:
    case LOOP_INT_MAX:
    case LOOP_FLOOR_DIVIDE:
    case LOOP_CEIL_DIVIDE:
    case LOOP_LESS:
    case LOOP_LESS_EQUAL:
    case LOOP_EQUAL:
    case LOOP_AND:
    case LOOP_OR:
    case LOOP_NOT: break;
    }
    internal_error("loop", "an integer expression stands for a real number");
}

static bool compare(Eval *e, const LoopExpr *x) {
    if (is_real(x->arg[0]->type)) {
        double a = eval_real(e, x->arg[0]), b = eval_real(e, x->arg[1]);
        return x->kind == LOOP_LESS ? a < b : x->kind == LOOP_EQUAL ? a == b : a <= b;
    }
    int64_t a = eval_integer(e, x->arg[0]), b = eval_integer(e, x->arg[1]);
    return x->kind == LOOP_LESS ? a < b : x->kind == LOOP_EQUAL ? a == b : a <= b;
}

static int64_t integer_arithmetic(Eval *e, const LoopExpr *x) {
    int64_t a = eval_integer(e, x->arg[0]), b = eval_integer(e, x->arg[1]);
    if (x->kind == LOOP_ADD) return checked_int(e, a + b);
    if (x->kind == LOOP_SUBTRACT) return checked_int(e, a - b);
    return checked_int(e, a * b);
}

static int64_t integer_division(Eval *e, const LoopExpr *x) {
    int64_t a = eval_integer(e, x->arg[0]), b = eval_integer(e, x->arg[1]);
    if (b <= 0) {
        eval_fail(e, "a division by an integer that is not positive", "", b);
        return 0;
    }
    bool down = x->kind == LOOP_FLOOR_DIVIDE;
    return down ? loop_scalar_floor_divide((int)a, (int)b)
                : loop_scalar_ceil_divide((int)a, (int)b);
}

static int64_t integer_extreme(Eval *e, const LoopExpr *x) {
    int64_t a = eval_integer(e, x->arg[0]), b = eval_integer(e, x->arg[1]);
    return (x->kind == LOOP_INT_MIN) == (a < b) ? a : b;
}

static int64_t convert_to_integer(Eval *e, const LoopExpr *x) {
    const LoopExpr *from = x->arg[0];
    return is_real(from->type) ? loop_scalar_int(eval_real(e, from)) : eval_integer(e, from);
}

// INT and BOOL.
int64_t eval_integer(Eval *e, const LoopExpr *x) {
    switch (x->kind) {
    case LOOP_INTEGER: return checked_int(e, x->integer);
    case LOOP_VARIABLE: return e->variable[x->variable->slot].integer;
    case LOOP_LOAD: return load(e, x).integer;
    case LOOP_ADD:
    case LOOP_SUBTRACT:
    case LOOP_MULTIPLY: return integer_arithmetic(e, x);
    case LOOP_NEGATE: return checked_int(e, -eval_integer(e, x->arg[0]));
    case LOOP_INT_MIN:
    case LOOP_INT_MAX: return integer_extreme(e, x);
    case LOOP_FLOOR_DIVIDE:
    case LOOP_CEIL_DIVIDE: return integer_division(e, x);
    case LOOP_SELECT: return eval_integer(e, x->arg[eval_integer(e, x->arg[0]) ? 1 : 2]);
    case LOOP_CONVERT: return convert_to_integer(e, x);
    case LOOP_LESS:
    case LOOP_LESS_EQUAL:
    case LOOP_EQUAL: return compare(e, x);
    case LOOP_AND: return eval_integer(e, x->arg[0]) && eval_integer(e, x->arg[1]);
    case LOOP_OR: return eval_integer(e, x->arg[0]) || eval_integer(e, x->arg[1]);
    case LOOP_NOT: return !eval_integer(e, x->arg[0]);
    case LOOP_SPLAT:
    case LOOP_LANE_SUM:
    case LOOP_NUMBER:
    case LOOP_DIVIDE:
    case LOOP_CALL:
    case LOOP_RANDOM:
    case LOOP_BERNOULLI: break;
    }
    internal_error("loop", "a real expression stands for an integer");
}

// --- statements

static void run_body(Eval *e, const LoopBody *body);

static Value eval_value(Eval *e, const LoopExpr *x) {
    if (is_real(x->type)) return (Value){.real = eval_real(e, x)};
    return (Value){.integer = eval_integer(e, x)};
}

static Value updated(Eval *e, LoopType type, LoopAssign assign, Value old, Value value) {
    if (assign == LOOP_SET) return value;
    if (is_real(type)) return (Value){.real = eval_rounded(e, type, old.real + value.real)};
    return (Value){.integer = checked_int(e, old.integer + value.integer)};
}

static void run_store(Eval *e, const LoopStatement *s) {
    int64_t position = eval_position(e, s->buffer, s->subscript, 1);
    Value value = eval_value(e, s->value);
    if (e->problem || position < 0) return;
    Value old = s->assign == LOOP_SET ? value : eval_read(e, s->buffer, position);
    eval_write(e, s->buffer, position, updated(e, s->buffer->type, s->assign, old, value));
}

static void run_for(Eval *e, const LoopStatement *s) {
    int64_t low = eval_integer(e, s->low), high = eval_integer(e, s->high);
    for (int64_t i = low; i < high && !e->problem; i += s->step > 1 ? s->step : 1) {
        e->variable[s->variable->slot].integer = s->down ? high - 1 - (i - low) : i;
        run_body(e, &s->body);
    }
}

static bool is_vector_value(const LoopStatement *s) {
    return s->value && (s->value->type == LOOP_VECTOR || s->value->type == LOOP_MASK);
}

static void run_vector_statement(Eval *e, const LoopStatement *s) {
    if (s->kind == LOOP_STORE)
        eval_vector_store(e, s);
    else
        eval_vector_assign(e, s);
}

static void run_statement(Eval *e, const LoopStatement *s) {
    if (is_vector_value(s)) {
        run_vector_statement(e, s);
        return;
    }
    Value *variable = s->variable ? &e->variable[s->variable->slot] : NULL;
    switch (s->kind) {
    case LOOP_FOR: run_for(e, s); break;
    case LOOP_IF: run_body(e, eval_integer(e, s->value) ? &s->body : &s->otherwise); break;
    case LOOP_DECLARE: *variable = eval_value(e, s->value); break;
    case LOOP_ASSIGN:
        *variable = updated(e, s->variable->type, s->assign, *variable, eval_value(e, s->value));
        break;
    case LOOP_STORE: run_store(e, s); break;
    case LOOP_BLOCK: run_body(e, &s->body); break;
    case LOOP_SIZES:
    case LOOP_COMMENT:
    case LOOP_VIEW: // loads have their own subscripts
    case LOOP_BLANK: break;
    }
}

static void run_body(Eval *e, const LoopBody *body) {
    for (int i = 0; i < body->count && !e->problem; i++) run_statement(e, body->item[i]);
}

static void find_addresses(Eval *e) {
    const LoopModule *m = e->module;
    e->address = arena_new_array(e->scratch, char *, m->buffer_count + 1);
    for (int i = 0; i < m->buffer.count; i++) {
        const LoopBuffer *b = m->buffer.item[i];
        char *block = e->call->block[b->storage];
        if (block) e->address[b->slot] = block + loop_buffer_offset(m, b);
    }
    // Local arrays begin as NaN (or a large negative integer), so that a read before the first
    // store shows.
    for (int i = 0; i < e->function->local.count; i++) {
        const LoopBuffer *b = e->function->local.item[i];
        size_t size = loop_buffer_count(b) * sizeof(double);
        e->address[b->slot] = arena_alloc(e->scratch, size);
        memset(e->address[b->slot], 0xFF, size);
    }
}

bool loop_eval(const LoopModule *m, const LoopFunction *f, const LoopCall *call,
               const char **problem) {
    Eval e = {.module = m, .function = f, .call = call, .scratch = arena_new(0)};
    e.variable = arena_new_array(e.scratch, Value, m->variable_count + 1);
    e.variable[f->N->slot].integer = call->N;
    find_addresses(&e);
    run_body(&e, &f->body);
    arena_free(e.scratch);
    if (problem) *problem = e.problem;
    return !e.problem;
}
