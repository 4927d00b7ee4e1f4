// eval_vector.c: vectors in the interpreter, as arrays of doubles, one lane after the other.
#include "loop/eval.h"

#include "loop/scalar.h"

#include <string.h>

static void load_lanes(Eval *e, const LoopExpr *x, double *out) {
    int lanes = e->module->lanes;
    int64_t position = eval_position(e, x->buffer, x->arg, lanes);
    for (int i = 0; i < lanes; i++)
        out[i] = position < 0 ? 0 : eval_read(e, x->buffer, position + i).real;
}

static void splat_lanes(Eval *e, const LoopExpr *x, double *out) {
    double value = eval_real(e, x->arg[0]);
    for (int i = 0; i < e->module->lanes; i++) out[i] = value;
}

static double call_lane(const Eval *e, Function f, double a, double b) {
    bool strict = e->module->strict;
    if (!e->module->is_f32) return loop_lane_f64(f, strict, a, b);
    return (double)loop_lane_f32(f, strict, (float)a, (float)b);
}

// One lane of an operation on lanes; a NaN is neither less than anything nor equal to it.
static double lane_of(const Eval *e, const LoopExpr *x, double a, double b) {
    if (x->kind == LOOP_NEGATE) return -a;
    if (x->kind == LOOP_NOT) return a == 0;
    if (x->kind == LOOP_AND) return a != 0 && b != 0;
    if (x->kind == LOOP_OR) return a != 0 || b != 0;
    if (x->kind == LOOP_LESS) return a < b;
    if (x->kind == LOOP_LESS_EQUAL) return a <= b;
    if (x->kind == LOOP_EQUAL) return a == b;
    if (x->kind == LOOP_CALL) return call_lane(e, x->function, a, b);
    return eval_arithmetic(e, x->kind, LOOP_REAL, a, b);
}

static void apply_lanes(Eval *e, const LoopExpr *x, double *out) {
    double a[LOOP_LANES_MAX], b[LOOP_LANES_MAX] = {0};
    eval_lanes(e, x->arg[0], a);
    if (x->arg_count > 1) eval_lanes(e, x->arg[1], b);
    for (int i = 0; i < e->module->lanes; i++) out[i] = lane_of(e, x, a[i], b[i]);
}

static void select_lanes(Eval *e, const LoopExpr *x, double *out) {
    if (x->arg[0]->type == LOOP_BOOL) {
        eval_lanes(e, x->arg[eval_integer(e, x->arg[0]) ? 1 : 2], out);
        return;
    }
    double mask[LOOP_LANES_MAX], otherwise[LOOP_LANES_MAX];
    eval_lanes(e, x->arg[0], mask);
    eval_lanes(e, x->arg[1], out);
    eval_lanes(e, x->arg[2], otherwise);
    for (int i = 0; i < e->module->lanes; i++)
        if (mask[i] == 0) out[i] = otherwise[i];
}

void eval_lanes(Eval *e, const LoopExpr *x, double *out) {
    if (x->kind == LOOP_VARIABLE)
        memcpy(out, e->variable[x->variable->slot].lane, (size_t)e->module->lanes * sizeof *out);
    else if (x->kind == LOOP_LOAD)
        load_lanes(e, x, out);
    else if (x->kind == LOOP_SPLAT)
        splat_lanes(e, x, out);
    else if (x->kind == LOOP_RANDOM || x->kind == LOOP_BERNOULLI)
        for (int i = 0; i < e->module->lanes; i++) out[i] = eval_draw(e, x, i);
    else if (x->kind == LOOP_SELECT)
        select_lanes(e, x, out);
    else
        apply_lanes(e, x, out);
}

double eval_lane_sum(Eval *e, const LoopExpr *x) {
    double lane[LOOP_LANES_MAX];
    eval_lanes(e, x->arg[0], lane);
    for (int half = e->module->lanes / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] = eval_rounded(e, LOOP_REAL, lane[i] + lane[i + half]);
    return lane[0];
}

void eval_vector_assign(Eval *e, const LoopStatement *s) {
    Value *variable = &e->variable[s->variable->slot];
    double lane[LOOP_LANES_MAX];
    eval_lanes(e, s->value, lane);
    if (!variable->lane) variable->lane = arena_new_array(e->scratch, double, e->module->lanes);
    bool adds = s->kind == LOOP_ASSIGN && s->assign == LOOP_ADD_TO;
    for (int i = 0; i < e->module->lanes; i++)
        variable->lane[i] =
            adds ? eval_rounded(e, LOOP_REAL, variable->lane[i] + lane[i]) : lane[i];
}

void eval_vector_store(Eval *e, const LoopStatement *s) {
    double lane[LOOP_LANES_MAX];
    int64_t position = eval_position(e, s->buffer, s->subscript, e->module->lanes);
    eval_lanes(e, s->value, lane);
    for (int i = 0; i < e->module->lanes && !e->problem; i++) {
        double old = s->assign == LOOP_SET ? 0 : eval_read(e, s->buffer, position + i).real;
        double value = s->assign == LOOP_SET ? lane[i] : eval_rounded(e, LOOP_REAL, old + lane[i]);
        eval_write(e, s->buffer, position + i, (Value){.real = value});
    }
}
