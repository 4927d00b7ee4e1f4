// expr.c: expressions of equations as expressions of loops: types, signs, subscripts.
#include "lower/fast/fast.h"
#include "lower/lowering.h"

// --- integers

// Terms in the order they are written: positive before negative, large coefficients first.
static int next_term(Affine a, const bool *done) {
    int next = -1;
    for (int i = 0; i < a.count; i++) {
        if (done[i]) continue;
        int64_t c = a.term[i].coefficient, best = next < 0 ? 0 : a.term[next].coefficient;
        bool before =
            next < 0 || (c > 0 && best < 0) || (c > 0 && c > best) || (best < 0 && c < best);
        if (before) next = i;
    }
    return next;
}

static const LoopExpr *write_index(Writer *w, const Index *index) {
    const LoopVariable *v = map_get(&w->variable, index);
    if (!v) internal_error("lower", "index %s is used outside of its loop", index->name);
    return loop_read_variable(w->m, v);
}

const LoopExpr *write_affine(Writer *w, Affine a) {
    LoopModule *m = w->m;
    bool *done = arena_new_array(w->l->arena, bool, a.count + 1);
    const LoopExpr *sum = NULL;
    bool positive = false;
    for (int i = 0; i < a.count; i++) positive = positive || a.term[i].coefficient > 0;
    bool constant_first = !positive && a.constant > 0; // 1 - p
    if (constant_first) sum = loop_integer(m, a.constant, NULL);
    for (int k = 0; k < a.count; k++) {
        int i = next_term(a, done);
        done[i] = true;
        int64_t c = a.term[i].coefficient, size = c < 0 ? -c : c;
        const LoopExpr *term = write_index(w, a.term[i].index);
        if (size != 1) term = loop_binary(m, LOOP_MULTIPLY, loop_integer(m, size, NULL), term);
        if (!sum)
            sum = c < 0 ? loop_unary(m, LOOP_NEGATE, term) : term;
        else
            sum = loop_binary(m, c < 0 ? LOOP_SUBTRACT : LOOP_ADD, sum, term);
    }
    if (!sum) return loop_integer(m, a.constant, NULL);
    if (constant_first) return sum;
    return loop_binary(m, LOOP_ADD, sum, loop_integer(m, a.constant, NULL));
}

// --- reads

const LoopExpr **write_place(Writer *w, const Tensor *t, const Expr *const *subscript) {
    const Layout *y = w->l->fast ? layout_of(w->l->fast, t) : NULL;
    const Index *chunk = w->l->fast ? lifetime_chunk(w->l->fast, t) : NULL;
    const LoopExpr **place = arena_new_array(w->l->arena, const LoopExpr *, t->rank + 1);
    for (int k = 0; k < t->rank; k++) {
        int axis = y ? y->axis[k] : k;
        if (axis == 0 && chunk) { // room for one sample a chunk
            place[k] = write_index(w, chunk);
            continue;
        }
        const Expr *e = subscript[axis];
        if (y && y->before[axis]) e = expr_add(w->l->program, e, expr_affine(w->l->program, affine_constant(y->before[axis])));
        place[k] = write_value(w, e, LOOP_INT);
    }
    return place;
}

const LoopExpr *write_load(Writer *w, const Expr *read) {
    const Local *local = map_get(&w->l->local, read->tensor);
    if (local && local->variable) return loop_read_variable(w->m, local->variable);
    const LoopBuffer *buffer = map_get(&w->l->buffer, read->tensor);
    if (!buffer) internal_error("lower", "%s is read but has no place", read->tensor->name);
    return loop_load(w->m, buffer, write_place(w, read->tensor, read->arg));
}

// --- sums and products

static const LoopExpr *write_product(Writer *w, const Expr *e, bool negate, LoopType type);

// The value of e, or of -e where e is negative and its sign was taken away.
static const LoopExpr *write_signed(Writer *w, const Expr *e, bool negate, LoopType type) {
    if (!negate) return write_value(w, e, type);
    if (e->kind == E_NUMBER) return loop_number(w->m, type, -e->number);
    if (e->kind == E_MUL) return write_product(w, e, true, type);
    const LoopExpr *above = write_signed(w, e->arg[0], true, type);
    return loop_binary(w->m, LOOP_DIVIDE, above, write_value(w, e->arg[1], type));
}

static const LoopExpr *write_product(Writer *w, const Expr *e, bool negate, LoopType type) {
    const LoopExpr *product = NULL;
    for (int i = 0; i < e->arg_count; i++) {
        bool sign = negate && i == 0;
        if (sign && e->arg[0]->kind == E_NUMBER && e->arg[0]->number == -1) continue;
        const LoopExpr *factor = write_signed(w, e->arg[i], sign, type);
        product = product ? loop_binary(w->m, LOOP_MULTIPLY, product, factor) : factor;
    }
    return product;
}

static const LoopExpr *write_sum(Writer *w, const Expr *e, LoopType type) {
    const LoopExpr *sum = NULL;
    int first = 0; // -a + b is written b - a
    while (first < e->arg_count - 1 && expr_is_negative(e->arg[first])) first++;
    if (expr_is_negative(e->arg[first])) first = 0;
    for (int k = -1; k < e->arg_count; k++) {
        if (k == first) continue;
        const Expr *term = e->arg[k < 0 ? first : k];
        if (!sum) {
            sum = write_value(w, term, type);
            continue;
        }
        bool negative = expr_is_negative(term);
        sum = loop_binary(w->m, negative ? LOOP_SUBTRACT : LOOP_ADD, sum,
                          write_signed(w, term, negative, type));
    }
    return sum;
}

// --- conditions

// c*v + ... >= 0 as `what is subtracted <= what is added`, or as `subscript < size` where that is
// what it means.
static const LoopExpr *write_nonnegative(Writer *w, Affine a) {
    Program *p = w->l->program;
    const Index *axis = chosen_axis(w, a);
    if (axis && axis->size) {
        Affine subscript = affine_add(p, affine_constant(axis->extent - 1), a, -1);
        const LoopExpr *size = write_size(w, axis->size, axis->extent);
        return loop_binary(w->m, LOOP_LESS, write_affine(w, subscript), size);
    }
    Affine above = affine_constant(a.constant > 0 ? a.constant : 0);
    Affine below = affine_constant(a.constant < 0 ? -a.constant : 0);
    for (int i = 0; i < a.count; i++) {
        int64_t c = a.term[i].coefficient;
        Affine *side = c > 0 ? &above : &below;
        *side = affine_add(p, *side, affine_index(p, a.term[i].index), c > 0 ? c : -c);
    }
    // 1 <= p is said so, not 0 < p.
    return loop_binary(w->m, LOOP_LESS_EQUAL, write_affine(w, below), write_affine(w, above));
}

static bool is_int_or_batch(const Expr *e) {
    return e->kind == E_BATCH || expr_is_int(e);
}

static const LoopExpr *write_comparison(Writer *w, const Expr *e) {
    bool both_int = is_int_or_batch(e->arg[0]) && is_int_or_batch(e->arg[1]);
    LoopType type = both_int ? LOOP_INT : LOOP_REAL;
    LoopExprKind kind = e->kind == E_LESS         ? LOOP_LESS
                        : e->kind == E_LESS_EQUAL ? LOOP_LESS_EQUAL
                                                  : LOOP_EQUAL;
    return loop_binary(w->m, kind, write_value(w, e->arg[0], type),
                       write_value(w, e->arg[1], type));
}

static const LoopExpr *write_truth(Writer *w, bool truth) {
    return loop_binary(w->m, LOOP_LESS_EQUAL, loop_integer(w->m, 0, NULL),
                       loop_integer(w->m, truth ? 0 : -1, NULL));
}

const LoopExpr *write_condition(Writer *w, const Expr *e) {
    const LoopExpr *joined = NULL;
    switch (e->kind) {
    case E_TRUE:
    case E_FALSE: return write_truth(w, e->kind == E_TRUE);
    case E_NONNEGATIVE: return write_nonnegative(w, e->affine);
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL: return write_comparison(w, e);
    case E_AND:
    case E_OR:
        for (int i = 0; i < e->arg_count; i++) {
            const LoopExpr *part = write_condition(w, e->arg[i]);
            LoopExprKind kind = e->kind == E_AND ? LOOP_AND : LOOP_OR;
            joined = joined ? loop_binary(w->m, kind, joined, part) : part;
        }
        return joined;
    case E_NOT: return loop_unary(w->m, LOOP_NOT, write_condition(w, e->arg[0]));
    case E_NUMBER:
    case E_BATCH:
    case E_INDEX:
    case E_READ:
    case E_ADD:
    case E_MUL:
    case E_DIV:
    case E_CALL:
    case E_STOP:
    case E_SELECT:
    case E_REDUCE:
    case E_RANDOM: break;
    }
    internal_error("lower", "a value stands where a condition is wanted");
}

// --- values

static const LoopExpr *write_call(Writer *w, const Expr *e, LoopType type) {
    const LoopExpr *arg[2] = {NULL, NULL};
    for (int i = 0; i < e->arg_count; i++) arg[i] = write_value(w, e->arg[i], type);
    return loop_call(w->m, e->function, arg);
}

static const LoopExpr *write_random(Writer *w, const Expr *e) {
    const LoopExpr *sample = write_value(w, e->arg[0], LOOP_INT);
    return loop_random(w->m, e->number, e->stream, sample, write_value(w, e->arg[1], LOOP_INT));
}

static const LoopExpr *write_select(Writer *w, const Expr *e, LoopType type) {
    const Expr *around = w->chosen;
    w->chosen = e->arg[1];
    const LoopExpr *condition = write_condition(w, e->arg[0]);
    w->chosen = around;
    return loop_select(w->m, condition, write_value(w, e->arg[1], type),
                       write_value(w, e->arg[2], type));
}

static const LoopExpr *write_typed(Writer *w, const Expr *e, LoopType type) {
    switch (e->kind) {
    case E_NUMBER:
        if (type == LOOP_INT) return loop_integer(w->m, (int64_t)e->number, NULL);
        return loop_number(w->m, type, e->number);
    case E_BATCH: return loop_read_variable(w->m, w->f->N);
    case E_INDEX: return write_affine(w, e->affine);
    case E_READ: return write_load(w, e);
    case E_ADD: return write_sum(w, e, type);
    case E_MUL:
        if (!expr_is_number(e->arg[0], -1)) return write_product(w, e, false, type);
        return loop_unary(w->m, LOOP_NEGATE, write_product(w, e, true, type));
    case E_DIV:
        return loop_binary(w->m, LOOP_DIVIDE, write_value(w, e->arg[0], type),
                           write_value(w, e->arg[1], type));
    case E_CALL: return write_call(w, e, type);
    case E_STOP: return write_value(w, e->arg[0], type);
    case E_SELECT: return write_select(w, e, type);
    case E_RANDOM: return write_random(w, e);
    case E_REDUCE: break;
    case E_TRUE:
    case E_FALSE:
    case E_NONNEGATIVE:
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL:
    case E_AND:
    case E_OR:
    case E_NOT: // a condition used as a number
        return loop_select(w->m, write_condition(w, e), loop_number(w->m, type, 1),
                           loop_number(w->m, type, 0));
    }
    internal_error("lower", "a reduction was left in an expression");
}

const LoopExpr *write_value(Writer *w, const Expr *e, LoopType type) {
    return loop_convert(w->m, type, write_typed(w, e, type));
}
