// build.c: constructors of loop expressions, and the cursor that appends statements.
//
// Constructors fold integer arithmetic whose result is plain, so that lowering can write bounds
// such as min(3, 29 - p) without looking whether an argument is a number. Arithmetic on REAL is
// left as it was asked for.
#include "loop/walk.h"

#include <string.h>

LoopModule *loop_module_new(Compile *c, Name model) {
    LoopModule *m = arena_new_item(c->arena, LoopModule);
    m->compile = c;
    m->model = model;
    m->spec = "";
    m->batch_size = 1;
    return m;
}

LoopBuffer *loop_buffer_new(LoopModule *m, LoopStorage storage, LoopType type, Name name, int rank,
                            const int64_t *shape) {
    Arena *a = m->compile->arena;
    LoopBuffer *b = arena_new_item(a, LoopBuffer);
    b->name = b->member = name;
    b->path = name;
    b->storage = storage;
    b->type = type;
    b->rank = rank;
    b->shape = arena_new_array(a, int64_t, rank + 1);
    b->size_name = arena_new_array(a, Name, rank + 1);
    for (int i = 0; i < rank; i++) b->shape[i] = shape[i];
    b->slot = m->buffer_count++;
    if (storage != LOOP_LOCAL) list_add(a, m->buffer, b);
    return b;
}

LoopVariable *loop_variable_new(LoopModule *m, Name name, LoopType type) {
    LoopVariable *v = arena_new_item(m->compile->arena, LoopVariable);
    v->name = name;
    v->type = m->lanes > 1          ? type
              : type == LOOP_VECTOR ? LOOP_REAL
              : type == LOOP_MASK   ? LOOP_BOOL
                                    : type;
    v->slot = m->variable_count++;
    return v;
}

LoopFunction *loop_function_new(LoopModule *m, Name name, const char *comment) {
    LoopFunction *f = arena_new_item(m->compile->arena, LoopFunction);
    f->name = name;
    f->comment = comment;
    f->N = loop_variable_new(m, name_of(m->compile->names, "N"), LOOP_INT);
    f->N->is_batch_count = true;
    list_add(m->compile->arena, m->function, f);
    return f;
}

LoopFunction *loop_function_find(const LoopModule *m, const char *name) {
    for (int i = 0; i < m->function.count; i++)
        if (strcmp(m->function.item[i]->name, name) == 0) return m->function.item[i];
    return NULL;
}

// --- expressions

static LoopExpr *expr_new(LoopModule *m, LoopExprKind kind, LoopType type, int arg_count) {
    LoopExpr *e = arena_new_item(m->compile->arena, LoopExpr);
    e->kind = kind;
    e->type = type;
    e->arg_count = arg_count;
    if (arg_count) e->arg = arena_new_array(m->compile->arena, const LoopExpr *, arg_count);
    return e;
}

const LoopExpr *loop_integer(LoopModule *m, int64_t value, Name size_name) {
    LoopExpr *e = expr_new(m, LOOP_INTEGER, LOOP_INT, 0);
    e->integer = value;
    e->name = size_name;
    return e;
}

const LoopExpr *loop_number(LoopModule *m, LoopType type, double value) {
    LoopExpr *e = expr_new(m, LOOP_NUMBER, type, 0);
    e->number = type == LOOP_REAL && m->is_f32 ? (double)(float)value : value;
    return e;
}

const LoopExpr *loop_read_variable(LoopModule *m, const LoopVariable *v) {
    LoopExpr *e = expr_new(m, LOOP_VARIABLE, v->type, 0);
    e->variable = v;
    return e;
}

const LoopExpr *loop_load(LoopModule *m, const LoopBuffer *b, const LoopExpr *const *subscript) {
    LoopExpr *e = expr_new(m, LOOP_LOAD, b->type, b->rank);
    e->buffer = b;
    for (int i = 0; i < b->rank; i++) e->arg[i] = subscript[i];
    return e;
}

const LoopExpr *loop_load_vector(LoopModule *m, const LoopBuffer *b,
                                 const LoopExpr *const *subscript) {
    const LoopExpr *scalar = loop_load(m, b, subscript);
    if (m->lanes <= 1) return scalar;
    LoopExpr *e = expr_new(m, LOOP_LOAD, LOOP_VECTOR, 0);
    e->buffer = b;
    e->arg = scalar->arg;
    e->arg_count = scalar->arg_count;
    return e;
}

static const LoopExpr *unary_new(LoopModule *m, LoopExprKind kind, LoopType type,
                                 const LoopExpr *a) {
    LoopExpr *e = expr_new(m, kind, type, 1);
    e->arg[0] = a;
    return e;
}

const LoopExpr *loop_splat(LoopModule *m, const LoopExpr *a) {
    return m->lanes <= 1 ? a : unary_new(m, LOOP_SPLAT, LOOP_VECTOR, a);
}

const LoopExpr *loop_lane_sum(LoopModule *m, const LoopExpr *v) {
    return m->lanes <= 1 ? v : unary_new(m, LOOP_LANE_SUM, LOOP_REAL, v);
}

static bool is_integer(const LoopExpr *e) {
    return e->kind == LOOP_INTEGER;
}

static bool is_integer_value(const LoopExpr *e, int64_t value) {
    return is_integer(e) && e->integer == value;
}

// The quotient of two integers rounded down; b > 0.
static int64_t divide_down(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

// The value of a op b for two integers; false if it overflows or the operation gives no integer.
static bool fold_integers(LoopExprKind kind, int64_t a, int64_t b, int64_t *value) {
    if (kind == LOOP_ADD) return !__builtin_add_overflow(a, b, value);
    if (kind == LOOP_SUBTRACT) return !__builtin_sub_overflow(a, b, value);
    if (kind == LOOP_MULTIPLY) return !__builtin_mul_overflow(a, b, value);
    if (kind == LOOP_INT_MIN) return *value = a < b ? a : b, true;
    if (kind == LOOP_INT_MAX) return *value = a < b ? b : a, true;
    if (kind == LOOP_FLOOR_DIVIDE && b > 0) return *value = divide_down(a, b), true;
    if (kind == LOOP_CEIL_DIVIDE && b > 0) return *value = divide_down(a, b) + (a % b != 0), true;
    return false;
}

// 1 if the condition surely holds, 0 if it surely does not, -1 if that is not plain.
static int constant_condition(const LoopExpr *e) {
    if (e->kind == LOOP_NOT) {
        int inner = constant_condition(e->arg[0]);
        return inner < 0 ? -1 : !inner;
    }
    if (e->arg_count != 2 || e->arg[0]->type != LOOP_INT) return -1;
    if (loop_expr_same(e->arg[0], e->arg[1])) return e->kind != LOOP_LESS;
    if (!is_integer(e->arg[0]) || !is_integer(e->arg[1])) return -1;
    int64_t a = e->arg[0]->integer, b = e->arg[1]->integer;
    if (e->kind == LOOP_LESS) return a < b;
    if (e->kind == LOOP_LESS_EQUAL) return a <= b;
    return e->kind == LOOP_EQUAL ? a == b : -1;
}

// x + 0, x * 1 and the like on INT; NULL if nothing is to be saved.
static const LoopExpr *fold_identity(LoopModule *m, LoopExprKind kind, const LoopExpr *a,
                                     const LoopExpr *b) {
    bool sum = kind == LOOP_ADD || kind == LOOP_SUBTRACT;
    if (sum && is_integer_value(b, 0)) return a;
    if (kind == LOOP_ADD && is_integer_value(a, 0)) return b;
    if (sum && is_integer(b) && b->integer < 0 && b->integer > INT64_MIN) {
        LoopExprKind opposite = kind == LOOP_ADD ? LOOP_SUBTRACT : LOOP_ADD;
        return loop_binary(m, opposite, a, loop_integer(m, -b->integer, NULL));
    }
    if (kind == LOOP_MULTIPLY && is_integer_value(a, 1)) return b;
    if (kind == LOOP_MULTIPLY && is_integer_value(b, 1)) return a;
    if (kind == LOOP_MULTIPLY && (is_integer_value(a, 0) || is_integer_value(b, 0)))
        return loop_integer(m, 0, NULL);
    if ((kind == LOOP_INT_MIN || kind == LOOP_INT_MAX) && a == b) return a;
    bool quotient = kind == LOOP_FLOOR_DIVIDE || kind == LOOP_CEIL_DIVIDE;
    return quotient && is_integer_value(b, 1) ? a : NULL;
}

static const LoopExpr *fold_condition(LoopExprKind kind, const LoopExpr *a, const LoopExpr *b) {
    int left = constant_condition(a), right = constant_condition(b);
    int neutral = kind == LOOP_AND; // true and x = x, false or x = x
    if (left == neutral) return b;
    if (right == neutral) return a;
    return left == !neutral ? a : NULL;
}

static LoopType result_type(LoopExprKind kind, LoopType operand) {
    bool comparison = kind == LOOP_LESS || kind == LOOP_LESS_EQUAL || kind == LOOP_EQUAL;
    if (comparison) return operand == LOOP_VECTOR ? LOOP_MASK : LOOP_BOOL;
    bool logic = kind == LOOP_AND || kind == LOOP_OR || kind == LOOP_NOT;
    return logic && operand != LOOP_MASK ? LOOP_BOOL : operand;
}

const LoopExpr *loop_binary(LoopModule *m, LoopExprKind kind, const LoopExpr *a,
                            const LoopExpr *b) {
    const LoopExpr *folded = NULL;
    int64_t value;
    if (is_integer(a) && is_integer(b) && fold_integers(kind, a->integer, b->integer, &value))
        folded = loop_integer(m, value, NULL);
    else if (a->type == LOOP_INT && b->type == LOOP_INT)
        folded = fold_identity(m, kind, a, b);
    else if (kind == LOOP_AND || kind == LOOP_OR)
        folded = fold_condition(kind, a, b);
    if (folded) return folded;
    LoopExpr *e = expr_new(m, kind, result_type(kind, a->type), 2);
    e->arg[0] = a;
    e->arg[1] = b;
    return e;
}

const LoopExpr *loop_unary(LoopModule *m, LoopExprKind kind, const LoopExpr *a) {
    if (kind == LOOP_NEGATE && is_integer(a) && a->integer > INT64_MIN)
        return loop_integer(m, -a->integer, NULL);
    if (kind == LOOP_NEGATE && a->kind == LOOP_NUMBER) return loop_number(m, a->type, -a->number);
    if (kind == LOOP_NOT && a->kind == LOOP_NOT) return a->arg[0];
    return unary_new(m, kind, result_type(kind, a->type), a);
}

const LoopExpr *loop_call(LoopModule *m, Function f, const LoopExpr *const *arg) {
    LoopExpr *e = expr_new(m, LOOP_CALL, arg[0]->type, function_arity(f));
    e->function = f;
    for (int i = 0; i < e->arg_count; i++) e->arg[i] = arg[i];
    return e;
}

const LoopExpr *loop_select(LoopModule *m, const LoopExpr *condition, const LoopExpr *a,
                            const LoopExpr *b) {
    int known = constant_condition(condition);
    if (known >= 0) return known ? a : b;
    LoopExpr *e = expr_new(m, LOOP_SELECT, a->type, 3);
    e->arg[0] = condition;
    e->arg[1] = a;
    e->arg[2] = b;
    return e;
}

const LoopExpr *loop_convert(LoopModule *m, LoopType type, const LoopExpr *a) {
    bool real = type == LOOP_REAL || type == LOOP_F64;
    if (a->type == type) return a;
    if (real && is_integer(a) && a->integer >= -(1 << 24) && a->integer <= 1 << 24)
        return loop_number(m, type, (double)a->integer);
    if (real && a->kind == LOOP_NUMBER) return loop_number(m, type, a->number);
    return unary_new(m, LOOP_CONVERT, type, a);
}

const LoopExpr *loop_random(LoopModule *m, double p, uint64_t stream, const LoopExpr *sample,
                            const LoopExpr *element) {
    LoopExpr *e = expr_new(m, p < 0 ? LOOP_RANDOM : LOOP_BERNOULLI, LOOP_REAL, 2);
    e->number = p < 0 ? 0 : p;
    e->stream = stream;
    e->arg[0] = sample;
    e->arg[1] = element;
    return e;
}

const LoopExpr *loop_random_vector(LoopModule *m, double p, uint64_t stream, const LoopExpr *sample,
                                   const LoopExpr *element, int64_t stride) {
    LoopExpr *e = (LoopExpr *)loop_random(m, p, stream, sample, element);
    if (m->lanes <= 1) return e;
    e->type = LOOP_VECTOR;
    e->integer = stride;
    return e;
}

// --- statements

typedef LIST(LoopBody *) BodyStack;

struct LoopBuilder {
    LoopModule *module;
    BodyStack open; // the innermost body is the last
};

LoopBuilder *loop_builder_new(LoopModule *m, LoopFunction *f) {
    LoopBuilder *b = arena_new_item(m->compile->arena, LoopBuilder);
    b->module = m;
    list_add(m->compile->arena, b->open, &f->body);
    return b;
}

static LoopBody *innermost(const LoopBuilder *b) {
    return b->open.item[b->open.count - 1];
}

static void begin(LoopBuilder *b, LoopBody *body) {
    list_add(b->module->compile->arena, b->open, body);
}

void loop_end(LoopBuilder *b) {
    if (b->open.count < 2) internal_error("loop", "loop_end without a begin");
    b->open.count--;
}

static LoopStatement *append(LoopBuilder *b, LoopStatementKind kind) {
    Arena *a = b->module->compile->arena;
    LoopBody *body = innermost(b);
    // Capacity is the next power of two, so it need not be stored.
    if ((body->count & (body->count - 1)) == 0) {
        size_t old = (size_t)body->count * sizeof *body->item;
        size_t grown = body->count ? 2 * old : sizeof *body->item;
        body->item = arena_grow(a, body->item, old, grown);
    }
    LoopStatement *s = arena_new_item(a, LoopStatement);
    s->kind = kind;
    body->item[body->count++] = s;
    return s;
}

void loop_begin_for(LoopBuilder *b, LoopVariable *v, const LoopExpr *low, const LoopExpr *high,
                    bool down, bool parallel) {
    LoopStatement *s = append(b, LOOP_FOR);
    s->variable = v;
    s->low = low;
    s->high = high;
    s->down = down;
    s->parallel = parallel;
    begin(b, &s->body);
}

void loop_begin_for_step(LoopBuilder *b, LoopVariable *v, const LoopExpr *low, const LoopExpr *high,
                         int64_t step) {
    loop_begin_for(b, v, low, high, false, false);
    LoopBody *around = b->open.item[b->open.count - 2];
    around->item[around->count - 1]->step = step;
}

void loop_mark_simd(LoopBuilder *b) {
    LoopBody *around = b->open.count > 1 ? b->open.item[b->open.count - 2] : NULL;
    LoopStatement *s = around && around->count ? around->item[around->count - 1] : NULL;
    if (!s || s->kind != LOOP_FOR || &s->body != innermost(b))
        internal_error("loop", "loop_mark_simd outside of a loop");
    s->simd = true;
}

void loop_begin_if(LoopBuilder *b, const LoopExpr *condition) {
    LoopStatement *s = append(b, LOOP_IF);
    s->value = condition;
    begin(b, &s->body);
}

void loop_begin_else(LoopBuilder *b) {
    LoopBody *body = innermost(b);
    LoopStatement *s = body->count ? body->item[body->count - 1] : NULL;
    if (!s || s->kind != LOOP_IF) internal_error("loop", "else without an if before it");
    begin(b, &s->otherwise);
}

void loop_begin_block(LoopBuilder *b) {
    begin(b, &append(b, LOOP_BLOCK)->body);
}

void loop_declare(LoopBuilder *b, LoopVariable *v, const LoopExpr *value, bool is_const) {
    LoopStatement *s = append(b, LOOP_DECLARE);
    s->variable = v;
    s->value = value;
    s->is_const = is_const;
}

void loop_assign(LoopBuilder *b, LoopVariable *v, LoopAssign assign, const LoopExpr *value) {
    LoopStatement *s = append(b, LOOP_ASSIGN);
    s->variable = v;
    s->assign = assign;
    s->value = value;
}

void loop_store(LoopBuilder *b, const LoopBuffer *to, const LoopExpr *const *subscript,
                LoopAssign assign, const LoopExpr *value) {
    LoopStatement *s = append(b, LOOP_STORE);
    s->buffer = to;
    s->subscript_count = to->rank;
    s->subscript = arena_new_array(b->module->compile->arena, const LoopExpr *, to->rank + 1);
    for (int i = 0; i < to->rank; i++) s->subscript[i] = subscript[i];
    s->assign = assign;
    s->value = value;
}

void loop_sizes(LoopBuilder *b, const LoopSize *size, int count) {
    LoopStatement *s = append(b, LOOP_SIZES);
    s->size = arena_new_array(b->module->compile->arena, LoopSize, count + 1);
    for (int i = 0; i < count; i++) s->size[i] = size[i];
    s->size_count = count;
}

const LoopView *loop_view(LoopBuilder *b, Name name, const LoopBuffer *buffer,
                          const LoopExpr *const *subscript) {
    LoopView *view = arena_new_item(b->module->compile->arena, LoopView);
    *view = (LoopView){name, buffer, (const LoopExpr **)subscript};
    append(b, LOOP_VIEW)->view = view;
    return view;
}

const LoopExpr *loop_load_at(LoopModule *m, const LoopView *view, int64_t offset,
                             const LoopExpr *const *subscript) {
    LoopExpr *e = (LoopExpr *)loop_load(m, view->buffer, subscript);
    e->view = view;
    e->integer = offset;
    return e;
}

const LoopExpr *loop_load_vector_at(LoopModule *m, const LoopView *view, int64_t offset,
                                    const LoopExpr *const *subscript) {
    LoopExpr *e = (LoopExpr *)loop_load_vector(m, view->buffer, subscript);
    e->view = view;
    e->integer = offset;
    return e;
}

void loop_comment(LoopBuilder *b, const char *text) {
    append(b, LOOP_COMMENT)->text = text;
}

void loop_blank(LoopBuilder *b) {
    append(b, LOOP_BLANK);
}
