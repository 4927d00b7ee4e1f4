// formula.h: a derivative worked out by hand against the program's own.
#ifndef NETC_DRIVER_FORMULA_H
#define NETC_DRIVER_FORMULA_H

#include "driver/options.h"

#define FORMULA_LIMIT                                                                              \
    1e-9 // of the distance to the derived value, relative to it: rounding of a few dozen operations
#define FORMULA_TINY 1e-12  // derivatives below count as this
enum { FORMULA_LATER = 5 }; // updates before the second point: equality at one point may be chance

// Checks every --formula of `arguments`: evaluates its right side with the numbers of the spec's
// first batch, before the first update and FORMULA_LATER updates later, and compares with the
// derivative of the left side: "d_w7" of the loss, "d_E1/d_a_h1" or "dE1/da_h1" of any value.
// Prints the numbers. Returns an exit code: EXIT_CHECK where one is refuted.
int formula_check(const Arguments *arguments);

#endif
