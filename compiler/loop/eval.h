// eval.h: what eval.c and eval_vector.c share: the state of the interpreter.
#ifndef NETC_LOOP_EVAL_H
#define NETC_LOOP_EVAL_H

#include "loop/loop.h"

typedef union Value {
    double real;     // REAL, F64
    int64_t integer; // INT, BOOL
    double *lane;    // VECTOR; MASK, as 0 and 1
} Value;

typedef struct Eval {
    const LoopModule *module;
    const LoopFunction *function;
    const LoopCall *call;
    Arena *scratch;
    Value *variable; // by slot
    char **address;  // of each buffer, by slot
    const char *problem;
} Eval;

double eval_real(Eval *e, const LoopExpr *x);
int64_t eval_integer(Eval *e, const LoopExpr *x);
void eval_fail(Eval *e, const char *what, const char *name, int64_t value);

// The position of the first of `count` adjacent elements in their buffer, or -1.
int64_t eval_position(Eval *e, const LoopBuffer *b, const LoopExpr *const *subscript, int count);
Value eval_read(const Eval *e, const LoopBuffer *b, int64_t position);
void eval_write(const Eval *e, const LoopBuffer *b, int64_t position, Value v);

// value, rounded to float if the type is one.
double eval_rounded(const Eval *e, LoopType type, double value);
double eval_arithmetic(const Eval *e, LoopExprKind kind, LoopType type, double a, double b);

// eval_vector.c: out[lanes] from a VECTOR or a MASK, and the statements that have one as value.
void eval_lanes(Eval *e, const LoopExpr *x, double *out);
double eval_lane_sum(Eval *e, const LoopExpr *x);
void eval_vector_assign(Eval *e, const LoopStatement *s);
void eval_vector_store(Eval *e, const LoopStatement *s);

// A draw of LOOP_RANDOM or LOOP_BERNOULLI, of one lane where it is a VECTOR.
double eval_draw(Eval *e, const LoopExpr *x, int lane);

#endif
