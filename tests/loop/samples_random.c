// samples_random.c: modules of random loops. Subscripts are any integer expression, brought into
// range by min and max.
#include "loop/walk.h"
#include "samples.h"

typedef struct Random {
    LoopModule *m;
    LoopBuilder *at;
    uint64_t state;
    LoopVariable *index[8], *value[32];
    int index_count, value_count, name_count;
    LoopBuffer *readable[6], *writable[3];
} Random;

static int pick(Random *r, int count) {
    uint64_t z = r->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (int)((z ^ z >> 31) % (uint64_t)count);
}

static const LoopExpr *random_integer(Random *r, int depth) {
    LoopModule *m = r->m;
    if (depth == 0 || pick(r, 3) == 0)
        return r->index_count && pick(r, 4) ? var(m, r->index[pick(r, r->index_count)])
                                            : whole(m, pick(r, 9) - 4);
    const LoopExpr *a = random_integer(r, depth - 1), *b = random_integer(r, depth - 1);
    static const LoopExprKind kind[] = {LOOP_ADD, LOOP_SUBTRACT, LOOP_MULTIPLY, LOOP_INT_MIN,
                                        LOOP_INT_MAX};
    int which = pick(r, 7);
    if (which >= 5)
        return op(m, which == 5 ? LOOP_FLOOR_DIVIDE : LOOP_CEIL_DIVIDE, a,
                  whole(m, 1 + pick(r, 4)));
    return op(m, kind[which], a, b);
}

static const LoopExpr *random_subscript(Random *r, int64_t size) {
    const LoopExpr *e = random_integer(r, 2);
    return op(r->m, LOOP_INT_MAX, whole(r->m, 0), op(r->m, LOOP_INT_MIN, e, whole(r->m, size - 1)));
}

static const LoopExpr *random_real(Random *r, int depth);

static const LoopExpr *random_condition(Random *r, int depth) {
    static const LoopExprKind kind[] = {LOOP_LESS, LOOP_LESS_EQUAL, LOOP_EQUAL};
    LoopModule *m = r->m;
    int which = pick(r, depth > 0 ? 6 : 3);
    if (which == 5) return loop_unary(m, LOOP_NOT, random_condition(r, depth - 1));
    if (which >= 3)
        return op(m, which == 3 ? LOOP_AND : LOOP_OR, random_condition(r, depth - 1),
                  random_condition(r, depth - 1));
    // Compilers know that n <= n, and say so.
    const LoopExpr *a = random_integer(r, 1),
                   *b = op(m, LOOP_ADD, random_integer(r, 1), whole(m, 1));
    if (pick(r, 2) && !loop_expr_same(a, b)) return op(m, kind[which], a, b);
    return op(m, kind[which], random_real(r, depth), random_real(r, depth));
}

static const LoopExpr *random_leaf(Random *r) {
    LoopModule *m = r->m;
    int which = pick(r, 4);
    if (which == 0 && r->value_count) return var(m, r->value[pick(r, r->value_count)]);
    if (which == 1) return num(m, (pick(r, 41) - 20) / 8.0);
    if (which == 2) return loop_convert(m, LOOP_REAL, random_integer(r, 1));
    const LoopBuffer *b = r->readable[pick(r, 6)];
    const LoopExpr *subscript[4];
    for (int i = 0; i < b->rank; i++) subscript[i] = random_subscript(r, b->shape[i]);
    return loop_load(m, b, subscript);
}

static const LoopExpr *random_real(Random *r, int depth) {
    static const LoopExprKind kind[] = {LOOP_ADD, LOOP_SUBTRACT, LOOP_MULTIPLY, LOOP_DIVIDE};
    LoopModule *m = r->m;
    if (depth <= 0) return random_leaf(r);
    int which = pick(r, 9);
    if (which < 4) return op(m, kind[which], random_real(r, depth - 1), random_real(r, depth - 1));
    if (which == 4) return loop_unary(m, LOOP_NEGATE, random_real(r, depth - 1));
    if (which == 5)
        return loop_select(m, random_condition(r, 1), random_real(r, depth - 1),
                           random_real(r, depth - 1));
    if (which == 6)
        return loop_random(m, pick(r, 2) ? -1 : 0.5, 1 + (uint64_t)pick(r, 3), random_integer(r, 1),
                           random_integer(r, 1));
    if (which == 7)
        return loop_convert(m, LOOP_REAL,
                            fn(m, FN_TANH, loop_convert(m, LOOP_F64, random_real(r, depth - 1))));
    const LoopExpr *arg[] = {random_real(r, depth - 1), num(m, 0.5)};
    return loop_call(m, (Function)pick(r, FUNCTION_COUNT), arg);
}

static Name fresh(Random *r, const char *stem) {
    return name_printf(r->m->compile->names, "%s%d", stem, r->name_count++);
}

static void random_statements(Random *r, int depth);

static void random_loop(Random *r, int depth) {
    LoopVariable *v = loop_variable_new(r->m, fresh(r, "i"), LOOP_INT);
    const LoopExpr *low = pick(r, 2) ? whole(r->m, 0) : random_integer(r, 1);
    int trips = 1 + pick(r, 4);
    const LoopExpr *high =
        pick(r, 2) ? whole(r->m, trips) : op(r->m, LOOP_ADD, low, whole(r->m, trips));
    loop_begin_for(r->at, v, low, high, pick(r, 2), false);
    r->index[r->index_count++] = v;
    int values = r->value_count;
    random_statements(r, depth - 1);
    r->value_count = values;
    r->index_count--;
    loop_end(r->at);
}

static void random_branch(Random *r, int depth) {
    int values = r->value_count;
    loop_begin_if(r->at, random_condition(r, 2));
    random_statements(r, depth - 1);
    r->value_count = values;
    loop_end(r->at);
    if (pick(r, 2)) return;
    loop_begin_else(r->at);
    random_statements(r, depth - 1);
    r->value_count = values;
    loop_end(r->at);
}

static void random_store(Random *r) {
    const LoopBuffer *b = r->writable[pick(r, 3)];
    const LoopExpr *subscript[4];
    for (int i = 0; i < b->rank; i++) subscript[i] = random_subscript(r, b->shape[i]);
    loop_store(r->at, b, subscript, pick(r, 3) ? LOOP_SET : LOOP_ADD_TO, random_real(r, 3));
}

static void random_declare(Random *r) {
    if (r->value_count == 32) return;
    LoopVariable *v = loop_variable_new(r->m, fresh(r, "v"), LOOP_REAL);
    loop_declare(r->at, v, random_real(r, 2), false);
    r->value[r->value_count++] = v;
    // Every variable is read and assigned, or a compiler would complain.
    loop_assign(r->at, v, LOOP_ADD_TO, random_real(r, 1));
    loop_store(r->at, r->writable[2], NULL, LOOP_ADD_TO, var(r->m, v));
}

static void random_statements(Random *r, int depth) {
    int count = 1 + pick(r, 3);
    for (int i = 0; i < count; i++) {
        int which = pick(r, depth > 0 ? 6 : 2);
        if (which == 0)
            random_declare(r);
        else if (which < 3 || r->index_count > 3)
            random_store(r);
        else if (which < 5)
            random_loop(r, depth);
        else
            random_branch(r, depth);
    }
}

LoopModule *sample_random(Compile *c, uint64_t seed) {
    LoopModule *m = loop_module_new(c, name_printf(c->names, "random_%d", (int)seed));
    Random r = {.m = m, .state = seed};
    m->batch_size = 3;
    m->is_f32 = pick(&r, 2);
    m->strict = pick(&r, 2);
    const int64_t shape[] = {3, 4, 2};
    r.readable[0] = loop_buffer_new(m, LOOP_PARAMS, LOOP_REAL, nm(m, "weight"), 2, shape + 1);
    r.readable[1] = loop_buffer_new(m, LOOP_PARAMS, LOOP_REAL, nm(m, "bias"), 0, NULL);
    r.readable[2] = loop_buffer_new(m, LOOP_BATCH, LOOP_REAL, nm(m, "x"), 2, shape);
    r.readable[3] = r.writable[0] = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "y"), 3, shape);
    r.readable[4] = r.writable[1] = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "z"), 1, shape);
    r.readable[5] = r.writable[2] =
        loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "total"), 0, NULL);
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), "Random loops.");
    r.at = loop_builder_new(m, f);
    r.index[0] = loop_variable_new(m, nm(m, "n"), LOOP_INT);
    r.index_count = 1;
    loop_begin_for(r.at, r.index[0], whole(m, 0), var(m, f->N), false, false);
    for (int i = 0; i < 4; i++) random_statements(&r, 3);
    loop_end(r.at);
    return m;
}
