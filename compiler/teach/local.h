// local.h: the derivative of one equation with respect to one tensor that it reads, rule by rule,
// from the whole right side down to the read. The chain rule then multiplies the links.
#ifndef NETC_TEACH_LOCAL_H
#define NETC_TEACH_LOCAL_H

#include "equation/equation.h"

typedef struct LocalLink {
    const Expr *from, *to; // d from / d to
    const char *rule;      // "power rule"
    const Expr *factor;    // what that is
} LocalLink;

typedef struct LocalPath { // to one read
    LIST(LocalLink) link;
    const Expr *read;
    const Expr *product; // of all factors
} LocalPath;

typedef struct LocalPaths {
    LIST(LocalPath) path;
} LocalPaths;

// One path for every read of t in q through which a gradient passes.
LocalPaths local_paths(Program *p, const Equation *q, const Tensor *t);

#endif
