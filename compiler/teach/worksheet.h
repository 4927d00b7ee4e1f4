// worksheet.h: backpropagation to be worked by hand: the network, its numbers, blanks to fill in,
// and a key.
#ifndef NETC_TEACH_WORKSHEET_H
#define NETC_TEACH_WORKSHEET_H

#include "teach/numbers.h"

enum { WORKSHEET_BLANKS = 200 };

typedef struct Worksheet {
    Program *program; // after differentiate(), not simplified
    Numbers *numbers;
    const char *spec;       // the file's name
    const char *numbers_of; // "of the spec", "of seed 7"
    double lr;              // of w - lr*gradient; NAN: no update is asked for
    double loss_after;      // with the updated weights
} Worksheet;

// The blanks that the page would have.
int64_t worksheet_blanks(const Worksheet *w);
// A self-contained HTML page; the key is shown on demand, and printed on a page of its own.
const char *worksheet_print(const Worksheet *w);

// New numbers with two decimals, drawn from the seed: weights within -0.9 .. 0.9 and not 0, inputs
// and targets within 0.05 .. 0.95, classes any. NULL where the tensor is none of these.
double *worksheet_draw(Arena *a, const Tensor *t, uint64_t seed);

#endif
