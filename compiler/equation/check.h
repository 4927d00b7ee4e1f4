// check.h: what check.c and cover.c share.
#ifndef NETC_EQUATION_CHECK_H
#define NETC_EQUATION_CHECK_H

#include "equation/equation.h"

// Every tensor that the equations define is defined once and completely. Reports what is not.
void check_cover(Program *p);

#endif
