// walk.h: visits every expression and statement of a body, parents before children.
#ifndef NETC_LOOP_WALK_H
#define NETC_LOOP_WALK_H

#include "loop/loop.h"

typedef struct LoopVisitor {
    void *context;
    void (*statement)(void *context, const LoopStatement *s); // or NULL
    void (*expr)(void *context, const LoopExpr *e);           // or NULL
} LoopVisitor;

void loop_walk(const LoopBody *body, const LoopVisitor *visit);
void loop_walk_expr(const LoopExpr *e, const LoopVisitor *visit);

// Whether both are written alike.
bool loop_expr_same(const LoopExpr *a, const LoopExpr *b);

// The outermost parallel loop that holds all uses of a local array, each iteration having an array
// of its own; NULL if the function has one array. *shared is set where a parallel loop stores to an
// array that is not its own.
const LoopStatement *loop_local_home(const LoopFunction *f, const LoopBuffer *b, bool *shared);

#endif
