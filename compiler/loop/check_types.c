// check_types.c: the rules of the loop IR that need no proof: types of operands, shapes and names
// of buffers.
#include "loop/check.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

// A stack array must not exhaust the stack of a thread, nor a block the address space.
static const int64_t LOCAL_BYTES_MAX = 256 * 1024, BLOCK_ELEMENTS_MAX = (int64_t)1 << 40;

static bool is_real(LoopType type) {
    return type == LOOP_REAL || type == LOOP_F64;
}

// Of numbers with a fraction, one or several.
static bool is_number(LoopType type) {
    return is_real(type) || type == LOOP_VECTOR;
}

static bool operands_are(const LoopExpr *e, int count, LoopType type) {
    for (int i = 0; i < e->arg_count; i++)
        if (e->arg[i]->type != type) return false;
    return e->arg_count == count;
}

static bool is_quotient(const LoopExpr *e) {
    return operands_are(e, 2, LOOP_INT) && e->arg[1]->kind == LOOP_INTEGER &&
           e->arg[1]->integer > 0 && e->type == LOOP_INT;
}

static bool is_scalar(LoopType type) {
    return type != LOOP_VECTOR && type != LOOP_MASK;
}

static bool is_numeric(LoopType type) {
    return type != LOOP_BOOL && type != LOOP_MASK;
}

static bool is_selection(const LoopExpr *e) {
    if (e->arg_count != 3 || e->arg[1]->type != e->type || e->arg[2]->type != e->type) return false;
    if (e->arg[0]->type == LOOP_MASK) return e->type == LOOP_VECTOR;
    return e->arg[0]->type == LOOP_BOOL && is_numeric(e->type);
}

static bool is_comparison(const LoopExpr *e) {
    if (e->arg_count != 2 || e->arg[0]->type != e->arg[1]->type) return false;
    if (e->arg[0]->type == LOOP_VECTOR) return e->type == LOOP_MASK;
    return is_numeric(e->arg[0]->type) && e->type == LOOP_BOOL;
}

// A vector is loaded from an array of reals.
static bool is_load(const LoopExpr *e) {
    const LoopBuffer *b = e->buffer;
    if (!b || !operands_are(e, b->rank, LOOP_INT)) return false;
    if (e->type == LOOP_VECTOR) return b->type == LOOP_REAL && b->rank > 0;
    return e->type == b->type;
}

static bool is_call(const LoopExpr *e) {
    return e->function < FUNCTION_COUNT && is_number(e->type) &&
           operands_are(e, function_arity(e->function), e->type);
}

static bool is_conversion(const LoopExpr *e) {
    if (e->arg_count != 1 || e->type == LOOP_BOOL) return false;
    return is_scalar(e->type) && is_scalar(e->arg[0]->type);
}

static bool is_logic(const LoopExpr *e, int count) {
    return (e->type == LOOP_BOOL || e->type == LOOP_MASK) && operands_are(e, count, e->type);
}

static bool is_well_typed(const LoopExpr *e) {
    switch (e->kind) {
    case LOOP_NUMBER: return is_real(e->type);
    case LOOP_INTEGER: return e->type == LOOP_INT;
    case LOOP_VARIABLE: return e->variable && e->type == e->variable->type;
    case LOOP_LOAD: return is_load(e);
    case LOOP_ADD:
    case LOOP_SUBTRACT:
    case LOOP_MULTIPLY: return is_numeric(e->type) && operands_are(e, 2, e->type);
    case LOOP_DIVIDE: return is_number(e->type) && operands_are(e, 2, e->type);
    case LOOP_NEGATE: return is_numeric(e->type) && operands_are(e, 1, e->type);
    case LOOP_INT_MIN:
    case LOOP_INT_MAX: return e->type == LOOP_INT && operands_are(e, 2, LOOP_INT);
    case LOOP_FLOOR_DIVIDE:
    case LOOP_CEIL_DIVIDE: return is_quotient(e);
    case LOOP_CALL: return is_call(e);
    case LOOP_SELECT: return is_selection(e);
    case LOOP_CONVERT: return is_conversion(e);
    case LOOP_SPLAT: return e->type == LOOP_VECTOR && operands_are(e, 1, LOOP_REAL);
    case LOOP_LANE_SUM: return e->type == LOOP_REAL && operands_are(e, 1, LOOP_VECTOR);
    case LOOP_RANDOM:
    case LOOP_BERNOULLI:
        return (e->type == LOOP_REAL || e->type == LOOP_VECTOR) && operands_are(e, 2, LOOP_INT);
    case LOOP_LESS:
    case LOOP_LESS_EQUAL:
    case LOOP_EQUAL: return is_comparison(e);
    case LOOP_AND:
    case LOOP_OR: return is_logic(e, 2);
    case LOOP_NOT: return is_logic(e, 1);
    }
    return false;
}

void check_expr_types(Check *c, const LoopExpr *e) {
    if (!is_scalar(e->type) && c->module->lanes <= 1)
        check_problem(c, "%s is a vector in a module without vectors",
                      loop_expr_text(c->module, e));
    if (!is_well_typed(e))
        check_problem(c, "operands of the wrong type or number in %s",
                      loop_expr_text(c->module, e));
}

// --- names

static bool is_identifier(const char *name) {
    if (!isalpha((unsigned char)name[0])) return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_') return false;
    return true;
}

void check_name(Check *c, Name name) {
    if (!name || !is_identifier(name))
        check_problem(c, "%s is no identifier", name ? name : "(none)");
    else if (loop_name_is_reserved(name))
        check_problem(c, "the name %s is reserved", name);
}

// The names of models and functions only occur as parts of longer ones.
static void check_prefix(Check *c, Name name) {
    if (!name || !is_identifier(name))
        check_problem(c, "%s is no identifier", name ? name : "(none)");
}

// --- buffers

static void check_storage(Check *c, const LoopBuffer *b) {
    const LoopStorage s = b->storage;
    bool real_only = s == LOOP_PARAMS || s == LOOP_GRADS || s == LOOP_STATES;
    if (real_only && b->type != LOOP_REAL) check_problem(c, "%s must be of type real", b->name);
    if (s == LOOP_RESULTS && (b->type != LOOP_F64 || b->rank != 0))
        check_problem(c, "the result %s must be an f64 scalar", b->name);
    bool batched = c->module->batch_size > 1; // a batch of one has no sample axis
    if (s == LOOP_BATCH && batched && (b->rank == 0 || b->shape[0] != c->module->batch_size))
        check_problem(c, "the first axis of %s must be the batch", b->name);
    if (b->type == LOOP_BOOL) check_problem(c, "%s is an array of conditions", b->name);
    if (!is_scalar(b->type)) check_problem(c, "%s is an array of vectors", b->name);
}

static void check_buffer(Check *c, const LoopBuffer *b) {
    int64_t count = 1;
    check_name(c, b->name);
    if (b->member != b->name) check_name(c, b->member);
    check_storage(c, b);
    for (int i = 0; i < b->rank; i++) {
        if (b->shape[i] > 0 && !__builtin_mul_overflow(count, b->shape[i], &count) &&
            count <= BLOCK_ELEMENTS_MAX && b->shape[i] <= INT32_MAX)
            continue;
        check_problem(c, "axis %d of %s has the size %" PRId64, i, b->name, b->shape[i]);
        return;
    }
}

static void check_distinct(Check *c, const LoopBuffer *a, const LoopBuffer *b) {
    if (strcmp(a->name, b->name) == 0) check_problem(c, "two buffers are called %s", a->name);
    if (a->storage == b->storage && strcmp(a->member, b->member) == 0)
        check_problem(c, "two members of %s are called %s", loop_storage_name(a->storage),
                      a->member);
}

static bool same_shape(const LoopBuffer *a, const LoopBuffer *b) {
    if (a->rank != b->rank || strcmp(a->member, b->member) != 0) return false;
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i]) return false;
    return true;
}

static const LoopBuffer *next_of(const LoopModule *m, LoopStorage storage, int *at) {
    while (*at < m->buffer.count) {
        const LoopBuffer *b = m->buffer.item[(*at)++];
        if (b->storage == storage) return b;
    }
    return NULL;
}

// Gradients use the struct of the parameters, so both must have the same members in the same order.
static void check_gradients(Check *c) {
    int param_at = 0, grad_at = 0;
    const LoopBuffer *grad = next_of(c->module, LOOP_GRADS, &grad_at);
    if (!grad) return;
    while (grad) {
        const LoopBuffer *param = next_of(c->module, LOOP_PARAMS, &param_at);
        if (!param || !same_shape(param, grad)) {
            check_problem(c, "the gradient %s is not laid out like its parameter", grad->name);
            return;
        }
        grad = next_of(c->module, LOOP_GRADS, &grad_at);
    }
    const LoopBuffer *left = next_of(c->module, LOOP_PARAMS, &param_at);
    if (left) check_problem(c, "the parameter %s has no gradient", left->name);
}

// Buffers share a place in work, one behind the other, elements of one type with axes: C makes a
// union of them.
static void check_places(Check *c) {
    const LoopModule *m = c->module;
    for (int i = 0; i < m->buffer.count; i++) {
        const LoopBuffer *b = m->buffer.item[i], *before = NULL, *first = NULL;
        if (b->place < 0 || (b->place > 0 && (b->storage != LOOP_WORK || b->rank == 0)))
            check_problem(c, "%s cannot share a place", b->name);
        for (int j = 0; j < i; j++) {
            const LoopBuffer *other = m->buffer.item[j];
            if (other->storage == b->storage) before = other;
            if (loop_buffers_meet(other, b)) first = other;
        }
        if (first && !loop_buffers_meet(before, b))
            check_problem(c, "%s does not follow %s, whose place it shares", b->name, first->name);
        if (first && first->type != b->type)
            check_problem(c, "%s and %s share a place and differ in type", first->name, b->name);
    }
}

static void check_locals(Check *c, const LoopFunction *f) {
    int64_t bytes = 0;
    for (int i = 0; i < f->local.count; i++) {
        check_buffer(c, f->local.item[i]);
        bytes += (int64_t)loop_buffer_count(f->local.item[i]) * 8;
        if (bytes > LOCAL_BYTES_MAX || bytes < 0) {
            check_problem(c, "the local arrays of %s do not fit the stack", f->name);
            return;
        }
    }
}

void check_module(Check *c) {
    const LoopModule *m = c->module;
    check_prefix(c, m->model);
    if (m->batch_size < 1 || m->batch_size > INT32_MAX)
        check_problem(c, "a batch of %" PRId64 " samples", m->batch_size);
    for (int i = 0; i < m->buffer.count; i++) {
        check_buffer(c, m->buffer.item[i]);
        for (int j = 0; j < i; j++) check_distinct(c, m->buffer.item[j], m->buffer.item[i]);
    }
    if (m->lanes < 0 || m->lanes > LOOP_LANES_MAX || (m->lanes & (m->lanes - 1)))
        check_problem(c, "vectors of %d reals", m->lanes);
    check_gradients(c);
    check_places(c);
    for (int i = 0; i < m->function.count; i++) {
        check_prefix(c, m->function.item[i]->name);
        check_locals(c, m->function.item[i]);
        for (int j = 0; j < i; j++)
            if (strcmp(m->function.item[j]->name, m->function.item[i]->name) == 0)
                check_problem(c, "two functions are called %s", m->function.item[i]->name);
    }
}
