// check.h: what check.c and check_types.c share.
#ifndef NETC_LOOP_CHECK_H
#define NETC_LOOP_CHECK_H

#include "loop/affine.h"
#include "loop/express.h"

typedef struct Visible {
    Name name;
    const void *what; // variable, buffer or size
} Visible;

typedef struct Check {
    const LoopModule *module;
    const LoopFunction *function; // NULL while the buffers are checked
    FILE *out; // NULL in the first pass over a function, which only looks at what variables take
    int problems;
    Prover *prover;
    LIST(Visible) visible; // names, outer scopes first
    int parallel_from; // index into `visible` where the outermost parallel loop began; -1 outside
                       // of one
    Range *assigned;   // of assigned INT variables, by slot: what the first pass saw them take
    double executions; // at most so many times the present statement runs
} Check;

void check_problem(Check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

// check_types.c: reports operands whose types or number do not suit their operation (this node
// only).
void check_expr_types(Check *c, const LoopExpr *e);
// Names, shapes and types of the module's buffers and functions.
void check_module(Check *c);
void check_name(Check *c, Name name);

#endif
