// affine.c: affine forms, ranges and the search for a proof.
#include "loop/affine.h"

#include "loop/walk.h"

Prover *prover_new(const LoopModule *m, Arena *scratch) {
    Prover *p = arena_new_item(scratch, Prover);
    p->module = m;
    p->scratch = scratch;
    p->range = arena_new_array(scratch, Range, m->variable_count + 1);
    p->value = arena_new_array(scratch, const Affine *, m->variable_count + 1);
    p->is_assigned = arena_new_array(scratch, bool, m->variable_count + 1);
    for (int i = 0; i <= m->variable_count; i++) p->range[i] = (Range){INT32_MIN, INT32_MAX};
    return p;
}

ProverMark prover_mark(const Prover *p) {
    return (ProverMark){p->fact.count, p->noted.count};
}

void prover_release(Prover *p, ProverMark mark) {
    p->fact.count = mark.fact;
    p->noted.count = mark.noted;
}

// --- affine forms

static void add_term(Prover *p, Affine *to, const LoopExpr *atom, int64_t factor) {
    for (int i = 0; i < to->term.count; i++) {
        AffineTerm *t = &to->term.item[i];
        if (!loop_expr_same(t->atom, atom)) continue;
        to->is_unknown |= __builtin_add_overflow(t->factor, factor, &t->factor);
        if (t->factor == 0) *t = to->term.item[--to->term.count];
        return;
    }
    if (factor) list_add(p->scratch, to->term, ((AffineTerm){atom, factor}));
}

// to += factor * from
static void add_affine(Prover *p, Affine *to, const Affine *from, int64_t factor) {
    int64_t product;
    to->is_unknown |= from->is_unknown ||
                      __builtin_mul_overflow(from->constant, factor, &product) ||
                      __builtin_add_overflow(to->constant, product, &to->constant);
    for (int i = 0; i < from->term.count && !to->is_unknown; i++) {
        to->is_unknown |= __builtin_mul_overflow(from->term.item[i].factor, factor, &product);
        if (!to->is_unknown) add_term(p, to, from->term.item[i].atom, product);
    }
}

static void add_expr(Prover *p, Affine *to, const LoopExpr *e, int64_t factor);
static void note_atom(Prover *p, const LoopExpr *e);

static void add_product(Prover *p, Affine *to, const LoopExpr *e, int64_t factor) {
    bool left = e->arg[0]->kind == LOOP_INTEGER, right = e->arg[1]->kind == LOOP_INTEGER;
    int64_t scaled;
    if (!left && !right) {
        add_term(p, to, e, factor);
        return;
    }
    int64_t number = e->arg[left ? 0 : 1]->integer;
    if (__builtin_mul_overflow(number, factor, &scaled))
        to->is_unknown = true;
    else
        add_expr(p, to, e->arg[left ? 1 : 0], scaled);
}

static void add_variable(Prover *p, Affine *to, const LoopExpr *e, int64_t factor) {
    const Affine *value = p->value[e->variable->slot];
    if (value)
        add_affine(p, to, value, factor);
    else
        add_term(p, to, e, factor);
}

// to += factor * e
static void add_expr(Prover *p, Affine *to, const LoopExpr *e, int64_t factor) {
    if (e->kind == LOOP_INTEGER) {
        add_affine(p, to, &(Affine){.constant = e->integer}, factor);
    } else if (e->kind == LOOP_ADD || e->kind == LOOP_SUBTRACT) {
        add_expr(p, to, e->arg[0], factor);
        add_expr(p, to, e->arg[1], e->kind == LOOP_ADD ? factor : -factor);
    } else if (e->kind == LOOP_NEGATE) {
        add_expr(p, to, e->arg[0], -factor);
    } else if (e->kind == LOOP_MULTIPLY) {
        add_product(p, to, e, factor);
    } else if (e->kind == LOOP_VARIABLE) {
        add_variable(p, to, e, factor);
    } else {
        note_atom(p, e);
        add_term(p, to, e, factor);
    }
}

static Affine affine_of(Prover *p, const LoopExpr *e) {
    Affine a = {0};
    add_expr(p, &a, e, 1);
    return a;
}

// --- ranges

static int64_t clamped(int64_t value) {
    return value > RANGE_MAX ? RANGE_MAX : value < -RANGE_MAX ? -RANGE_MAX : value;
}

static int64_t clamped_product(int64_t a, int64_t b) {
    int64_t product;
    if (!__builtin_mul_overflow(a, b, &product)) return clamped(product);
    return (a < 0) == (b < 0) ? RANGE_MAX : -RANGE_MAX;
}

static Range hull(Range a, Range b) {
    return (Range){a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

static Range range_product(Range a, Range b) {
    int64_t w = clamped_product(a.low, b.low), x = clamped_product(a.low, b.high);
    int64_t y = clamped_product(a.high, b.low), z = clamped_product(a.high, b.high);
    return hull(hull((Range){w, w}, (Range){x, x}), hull((Range){y, y}, (Range){z, z}));
}

static Range range_extreme(LoopExprKind kind, Range a, Range b) {
    if (kind == LOOP_INT_MIN)
        return (Range){a.low < b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
    return (Range){a.low > b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

static int64_t divide_down(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static Range range_quotient(const LoopExpr *e, Range a) {
    int64_t b = e->arg[1]->integer;
    if (e->arg[1]->kind != LOOP_INTEGER || b <= 0) return (Range){-RANGE_MAX, RANGE_MAX};
    if (e->kind == LOOP_FLOOR_DIVIDE) return (Range){divide_down(a.low, b), divide_down(a.high, b)};
    return (Range){-divide_down(-a.low, b), -divide_down(-a.high, b)};
}

static Range range_of_load(const LoopBuffer *b) {
    if (b->value_limit > 0) return (Range){0, b->value_limit - 1};
    return (Range){INT32_MIN, INT32_MAX};
}

// Of an expression that is no sum.
static Range atom_range(Prover *p, const LoopExpr *e) {
    if (e->kind == LOOP_INTEGER) return (Range){clamped(e->integer), clamped(e->integer)};
    if (e->kind == LOOP_VARIABLE) return p->range[e->variable->slot];
    if (e->kind == LOOP_LOAD) return range_of_load(e->buffer);
    if (e->kind == LOOP_CONVERT && e->arg[0]->type == LOOP_BOOL) return (Range){0, 1};
    if (e->kind == LOOP_SELECT) return hull(prover_range(p, e->arg[1]), prover_range(p, e->arg[2]));
    if (e->arg_count < 2 || e->arg[0]->type != LOOP_INT) return (Range){INT32_MIN, INT32_MAX};
    Range a = prover_range(p, e->arg[0]);
    if (e->kind == LOOP_FLOOR_DIVIDE || e->kind == LOOP_CEIL_DIVIDE) return range_quotient(e, a);
    Range b = prover_range(p, e->arg[1]);
    return e->kind == LOOP_MULTIPLY ? range_product(a, b) : range_extreme(e->kind, a, b);
}

static Range affine_range(Prover *p, const Affine *a) {
    if (a->is_unknown) return (Range){-RANGE_MAX, RANGE_MAX};
    Range sum = {clamped(a->constant), clamped(a->constant)};
    for (int i = 0; i < a->term.count; i++) {
        int64_t factor = a->term.item[i].factor;
        Range term = range_product(atom_range(p, a->term.item[i].atom), (Range){factor, factor});
        sum.low = term.low == -RANGE_MAX ? -RANGE_MAX : clamped(sum.low + term.low);
        sum.high = term.high == RANGE_MAX ? RANGE_MAX : clamped(sum.high + term.high);
    }
    return sum;
}

Range prover_range(Prover *p, const LoopExpr *e) {
    Affine a = affine_of(p, e);
    return affine_range(p, &a);
}

// --- facts

bool prover_is_stable(const Prover *p, const LoopExpr *e) {
    if (e->kind == LOOP_VARIABLE && p->is_assigned[e->variable->slot]) return false;
    if (e->kind == LOOP_LOAD && e->buffer->storage != LOOP_BATCH) return false;
    for (int i = 0; i < e->arg_count; i++)
        if (!prover_is_stable(p, e->arg[i])) return false;
    return true;
}

// larger - smaller + constant >= 0
static void add_fact(Prover *p, const LoopExpr *larger, int64_t larger_factor,
                     const LoopExpr *smaller, int64_t smaller_factor, int64_t constant) {
    Affine fact = {.constant = constant};
    add_expr(p, &fact, larger, larger_factor);
    add_expr(p, &fact, smaller, -smaller_factor);
    if (!fact.is_unknown) list_add(p->scratch, p->fact, fact);
}

// What is always true of a quotient or an extreme.
static void note_atom(Prover *p, const LoopExpr *e) {
    bool quotient = e->kind == LOOP_FLOOR_DIVIDE || e->kind == LOOP_CEIL_DIVIDE;
    bool extreme = e->kind == LOOP_INT_MIN || e->kind == LOOP_INT_MAX;
    if ((!quotient && !extreme) || !prover_is_stable(p, e)) return;
    for (int i = 0; i < p->noted.count; i++)
        if (loop_expr_same(p->noted.item[i], e)) return;
    list_add(p->scratch, p->noted, e);
    int64_t b = quotient ? e->arg[1]->integer : 1;
    if (quotient && (e->arg[1]->kind != LOOP_INTEGER || b <= 0)) return;
    if (e->kind == LOOP_FLOOR_DIVIDE) { // b*q <= a <= b*q + b - 1
        add_fact(p, e->arg[0], 1, e, b, 0);
        add_fact(p, e, b, e->arg[0], 1, b - 1);
    } else if (e->kind == LOOP_CEIL_DIVIDE) { // a <= b*q <= a + b - 1
        add_fact(p, e, b, e->arg[0], 1, 0);
        add_fact(p, e->arg[0], 1, e, b, b - 1);
    }
    for (int i = 0; i < 2 && extreme; i++) {
        if (e->kind == LOOP_INT_MIN)
            add_fact(p, e->arg[i], 1, e, 1, 0);
        else
            add_fact(p, e, 1, e->arg[i], 1, 0);
    }
}

// larger >= smaller + distance, also for each argument of a maximum on the right and of a minimum
// on the left.
static void assume_order(Prover *p, const LoopExpr *larger, const LoopExpr *smaller,
                         int64_t distance) {
    if (larger->kind == LOOP_INT_MIN) {
        assume_order(p, larger->arg[0], smaller, distance);
        assume_order(p, larger->arg[1], smaller, distance);
    } else if (smaller->kind == LOOP_INT_MAX) {
        assume_order(p, larger, smaller->arg[0], distance);
        assume_order(p, larger, smaller->arg[1], distance);
    } else if (prover_is_stable(p, larger) && prover_is_stable(p, smaller)) {
        add_fact(p, larger, 1, smaller, 1, -distance);
    }
}

void prover_assume(Prover *p, const LoopExpr *c, bool holds) {
    bool both = (c->kind == LOOP_AND && holds) || (c->kind == LOOP_OR && !holds);
    if (both) {
        prover_assume(p, c->arg[0], holds);
        prover_assume(p, c->arg[1], holds);
        return;
    }
    if (c->kind == LOOP_NOT) prover_assume(p, c->arg[0], !holds);
    if (c->arg_count < 2 || c->arg[0]->type != LOOP_INT) return;
    const LoopExpr *a = c->arg[0], *b = c->arg[1];
    if (c->kind == LOOP_LESS) {
        if (holds)
            assume_order(p, b, a, 1);
        else
            assume_order(p, a, b, 0);
    } else if (c->kind == LOOP_LESS_EQUAL) {
        if (holds)
            assume_order(p, b, a, 0);
        else
            assume_order(p, a, b, 1);
    } else if (c->kind == LOOP_EQUAL && holds) {
        assume_order(p, a, b, 0);
        assume_order(p, b, a, 0);
    }
}

// How far a loop variable surely stays below `high`. If high - low is d more than a multiple of the
// step, so is high - v, and it is positive: at least 1 + (d - 1) mod step.
static int64_t distance_below(Prover *p, const LoopExpr *low, const LoopExpr *high, int64_t step) {
    Affine size = {0};
    add_expr(p, &size, high, 1);
    add_expr(p, &size, low, -1);
    if (size.is_unknown) return 1;
    for (int i = 0; i < size.term.count; i++)
        if (size.term.item[i].factor % step != 0) return 1;
    int64_t rest = (size.constant - 1) % step;
    return 1 + (rest < 0 ? rest + step : rest);
}

void prover_bind_loop(Prover *p, const LoopVariable *v, const LoopExpr *low, const LoopExpr *high,
                      int64_t step) {
    int64_t distance = distance_below(p, low, high, step);
    LoopExpr *read = arena_new_item(p->scratch, LoopExpr);
    *read = (LoopExpr){.kind = LOOP_VARIABLE, .type = LOOP_INT, .variable = v};
    Range below = prover_range(p, low), above = prover_range(p, high);
    p->value[v->slot] = NULL;
    p->range[v->slot] = (Range){below.low, above.high - distance};
    if (below.low >= above.high) { // the body never runs: whatever it says is true
        p->range[v->slot] = (Range){below.low, below.low};
        list_add(p->scratch, p->fact, ((Affine){.constant = -1}));
    }
    assume_order(p, read, low, 0);
    assume_order(p, high, read, distance);
}

void prover_bind_value(Prover *p, const LoopVariable *v, const LoopExpr *value) {
    p->range[v->slot] = prover_range(p, value);
    p->value[v->slot] = NULL;
    if (!prover_is_stable(p, value)) return;
    Affine *a = arena_new_item(p->scratch, Affine);
    *a = affine_of(p, value);
    p->value[v->slot] = a;
}

// --- proofs

// The number by which `fact` must be multiplied so that taking it away removes an atom from `a`; 0
// if there is none.
static int64_t cancelling_factor(const Affine *a, const Affine *fact, int which) {
    const AffineTerm *t = &a->term.item[which];
    for (int i = 0; i < fact->term.count; i++) {
        const AffineTerm *other = &fact->term.item[i];
        if (!loop_expr_same(t->atom, other->atom)) continue;
        bool divides = t->factor % other->factor == 0 && t->factor / other->factor > 0;
        return divides ? t->factor / other->factor : 0;
    }
    return 0;
}

static bool prove(Prover *p, const Affine *a, int depth);

static bool prove_without(Prover *p, const Affine *a, const Affine *fact, int64_t factor,
                          int depth) {
    Affine rest = {0};
    add_affine(p, &rest, a, 1);
    add_affine(p, &rest, fact, -factor);
    return !rest.is_unknown && prove(p, &rest, depth - 1);
}

// Whether a >= 0, taking away at most `depth` facts.
static bool prove(Prover *p, const Affine *a, int depth) {
    if (affine_range(p, a).low >= 0) return true;
    if (depth == 0 || p->steps-- <= 0) return false;
    int count = p->fact.count;
    for (int i = count - 1; i >= 0; i--) {
        const Affine fact = p->fact.item[i];
        if (fact.term.count == 0 && fact.constant < 0) return true;
        for (int j = 0; j < a->term.count; j++) {
            int64_t factor = cancelling_factor(a, &fact, j);
            if (factor && prove_without(p, a, &fact, factor, depth)) return true;
        }
    }
    return false;
}

static bool prove_at_least_zero(Prover *p, const Affine *a) {
    p->steps = 2000;
    return !a->is_unknown && (prove(p, a, 1) || prove(p, a, 2) || prove(p, a, 4));
}

bool prover_is_within(Prover *p, const LoopExpr *e, int64_t size) {
    Affine above = affine_of(p, e), below = {.constant = size - 1};
    add_affine(p, &below, &above, -1);
    return prove_at_least_zero(p, &above) && prove_at_least_zero(p, &below);
}
