// derivation_parts.h: what derivation.c and its tables share.
#ifndef NETC_TEACH_DERIVATION_PARTS_H
#define NETC_TEACH_DERIVATION_PARTS_H

#include "teach/derivation.h"

typedef struct Parts {
    const Derivation *d;
    const Tensor *const *gradient; // of the steps, in order
    int count;
} Parts;

Parts parts_new(const Derivation *d, const Tensor *const *gradient, int count);
// The place of a gradient's step on the page.
const char *parts_anchor(const Parts *o, const Tensor *gradient);
// The gradient whose step is on the page, or NULL.
const Tensor *parts_gradient_of(const Parts *o, const Tensor *t);
// Whether this is the derivative of the loss by itself.
bool parts_is_start(const Program *p, const Tensor *gradient);
// One element as mathematics: of a gradient the partial derivative, with numbers for subscripts.
const char *parts_element(const Parts *o, MathStyle style, MathNames *names, const Tensor *t,
                          int64_t element);

void parts_introduction(const Parts *o, Page *page);
void parts_symbols(const Parts *o, Page *page);
void parts_forward(const Parts *o, Page *page);
void parts_update(const Parts *o, Page *page);

#endif
