// samples_random_vector.c: modules of random operations on vectors, masks and their lanes.
#include "samples.h"

enum { WIDTH = 21, VARIABLES = 6 };

typedef struct Random {
    LoopModule *m;
    LoopBuilder *at;
    uint64_t state;
    LoopVariable *n, *c, *value[VARIABLES];
    int value_count;
    LoopBuffer *x, *y, *z;
} Random;

static int pick(Random *r, int count) {
    uint64_t z = r->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (int)((z ^ z >> 31) % (uint64_t)count);
}

static const LoopExpr *random_vector(Random *r, int depth);

// The row n of an array from c, or from a little behind it.
static const LoopExpr *const *place(Random *r, const LoopExpr **subscript) {
    subscript[0] = var(r->m, r->n);
    subscript[1] = op(r->m, LOOP_ADD, var(r->m, r->c), whole(r->m, pick(r, 3)));
    return subscript;
}

static const LoopExpr *random_scalar(Random *r, int depth) {
    const LoopExpr *subscript[2];
    int which = pick(r, depth > 0 ? 4 : 2);
    if (which == 0) return num(r->m, (pick(r, 41) - 20) / 8.0);
    if (which == 1) return loop_load(r->m, r->x, place(r, subscript));
    if (which == 2) return loop_lane_sum(r->m, random_vector(r, depth - 1));
    return op(r->m, LOOP_MULTIPLY, random_scalar(r, depth - 1), random_scalar(r, depth - 1));
}

static const LoopExpr *random_mask(Random *r, int depth) {
    static const LoopExprKind kind[] = {LOOP_LESS, LOOP_LESS_EQUAL, LOOP_EQUAL};
    int which = pick(r, depth > 0 ? 6 : 3);
    if (which < 3)
        return op(r->m, kind[which], random_vector(r, depth - 1), random_vector(r, depth - 1));
    if (which == 5) return loop_unary(r->m, LOOP_NOT, random_mask(r, depth - 1));
    return op(r->m, which == 3 ? LOOP_AND : LOOP_OR, random_mask(r, depth - 1),
              random_mask(r, depth - 1));
}

static const LoopExpr *random_leaf(Random *r) {
    const LoopExpr *subscript[2];
    int which = pick(r, 3);
    if (which == 0 && r->value_count > 0) return var(r->m, r->value[pick(r, r->value_count)]);
    if (which == 1) return loop_splat(r->m, random_scalar(r, 1));
    return loop_load_vector(r->m, pick(r, 2) ? r->x : r->y, place(r, subscript));
}

static const LoopExpr *random_vector(Random *r, int depth) {
    static const LoopExprKind kind[] = {LOOP_ADD, LOOP_SUBTRACT, LOOP_MULTIPLY, LOOP_DIVIDE};
    LoopModule *m = r->m;
    if (depth <= 0) return random_leaf(r);
    int which = pick(r, 9);
    if (which < 4)
        return op(m, kind[which], random_vector(r, depth - 1), random_vector(r, depth - 1));
    if (which == 4) return loop_unary(m, LOOP_NEGATE, random_vector(r, depth - 1));
    if (which == 5) return loop_splat(m, random_scalar(r, depth - 1));
    const LoopExpr *a = random_vector(r, depth - 1), *b = random_vector(r, depth - 1);
    if (which == 6) return loop_select(m, random_mask(r, depth - 1), a, b);
    if (which == 7) return loop_select(m, op(m, LOOP_LESS, random_scalar(r, 1), num(m, 0.5)), a, b);
    Function f = (Function)pick(r, FUNCTION_COUNT);
    return loop_call(m, f == FN_POWER && !m->strict ? FN_ERF : f, AT(a, b));
}

static void random_statement(Random *r, int i) {
    LoopModule *m = r->m;
    const LoopExpr *subscript[2];
    LoopAssign assign = pick(r, 2) ? LOOP_SET : LOOP_ADD_TO;
    if (i < VARIABLES) {
        Name name = name_printf(m->compile->names, "v%d", i);
        LoopVariable *v = loop_variable_new(m, name, LOOP_VECTOR);
        loop_declare(r->at, v, random_vector(r, 2), false);
        loop_assign(r->at, v, LOOP_ADD_TO, random_vector(r, 1));
        r->value[r->value_count++] = v;
        // Every variable is read, or a compiler would complain.
        loop_store(r->at, r->z, place(r, subscript), LOOP_ADD_TO, var(m, v));
    }
    if (pick(r, 3)) loop_assign(r->at, r->value[0], assign, random_vector(r, 2));
    loop_store(r->at, pick(r, 2) ? r->y : r->z, place(r, subscript), assign, random_vector(r, 3));
}

LoopModule *sample_random_vector(Compile *c, uint64_t seed) {
    LoopModule *m = loop_module_new(c, name_printf(c->names, "random_vector_%d", (int)seed));
    Random r = {.m = m, .state = seed};
    m->batch_size = 3;
    m->is_f32 = pick(&r, 3) > 0;
    m->lanes = 1 << pick(&r, 5);
    // Without libm, whose functions of constants compilers compute better than libm does.
    m->strict = !m->is_f32 || m->lanes == 1 || pick(&r, 3) == 0;
    const int64_t shape[] = {3, WIDTH};
    r.x = loop_buffer_new(m, LOOP_BATCH, LOOP_REAL, nm(m, "x"), 2, shape);
    r.y = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "y"), 2, shape);
    r.z = loop_buffer_new(m, LOOP_WORK, LOOP_REAL, nm(m, "z"), 2, shape);
    LoopFunction *f = loop_function_new(m, nm(m, "forward"), "Random vectors.");
    r.at = loop_builder_new(m, f);
    r.n = loop_variable_new(m, nm(m, "n"), LOOP_INT);
    r.c = loop_variable_new(m, nm(m, "c"), LOOP_INT);
    loop_begin_for(r.at, r.n, whole(m, 0), var(m, f->N), false, true);
    // Places are up to c + 2.
    loop_begin_for_step(r.at, r.c, whole(m, 0), whole(m, WIDTH - 1 - m->lanes), 1 + pick(&r, 4));
    for (int i = 0; i < VARIABLES + 4; i++) random_statement(&r, i);
    loop_end(r.at);
    loop_end(r.at);
    return m;
}
