// express.h: expressions as text with the operators and the precedence of C, for whoever prints
// loops.
//
// Only the parentheses that keep the order of evaluation are written: a + (b + c) keeps its own, (a
// + b) + c has none. Everything without an operator (numbers, variables, loads, calls, casts) is
// left to `atom`.
#ifndef NETC_LOOP_EXPRESS_H
#define NETC_LOOP_EXPRESS_H

#include "loop/loop.h"

typedef struct LoopWriter LoopWriter;
struct LoopWriter {
    Text *out;
    void *context;
    bool is_f32;       // REAL is float
    bool hides_f64;    // conversions between REAL and F64 are not written, as both are double
    bool hides_splats; // an operand of an arithmetic operation with a VECTOR may be a REAL
    void (*atom)(LoopWriter *w, const LoopExpr *e);
};

void loop_write_expr(LoopWriter *w, const LoopExpr *e);
// As operand of a prefix operator such as a cast: with parentheses around any other operator.
void loop_write_operand(LoopWriter *w, const LoopExpr *e);

// print.c: one expression in the notation of loop_print, in the module's arena.
const char *loop_expr_text(const LoopModule *m, const LoopExpr *e);
const char *loop_type_name(LoopType type);
const char *loop_storage_name(LoopStorage storage);

#endif
