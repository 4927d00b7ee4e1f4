// derivation.h: how a network's gradients come about, as a teacher writes it on the board: symbols,
// forward pass, then from the loss backwards one gradient after the other, each with the equations
// it stands in, the rules, the numbers, and the lines of C that compute it.
#ifndef NETC_TEACH_DERIVATION_H
#define NETC_TEACH_DERIVATION_H

#include "teach/page.h"

enum { DERIVATION_STEPS = 400 }; // more are no page for people: choose a gradient with `of`

typedef struct Derivation {
    Program *program;   // after differentiate(), not simplified
    Numbers *numbers;   // NULL: letters only
    const char *spec;   // the file's name
    const char *c_text; // of the generated file
    const Tensor *of;   // only what this tensor's gradient needs; NULL: all
    int64_t element;    // of `of`, row-major, that the numbers are for
    int64_t step;       // updates before these numbers
    // The central difference of the loss by an element of a parameter; NAN where there is none.
    double (*difference)(void *data, const Tensor *t, int64_t element, double derived);
    void *data;
    double lr; // of the step that follows, where it is w - lr*gradient; else NAN
} Derivation;

// The steps that the page would have.
int derivation_steps(const Derivation *d);
void derivation_print(const Derivation *d, Page *page);

// The gradient of a scalar with all gradients before it put in: what can be evaluated from the
// values alone. NULL where it grows too long, or where tensors with axes take part.
const Expr *derivation_unfold(Program *p, const Tensor *gradient);

// The expression without the derivative of the loss by itself, which is 1 and which nobody writes
// down.
const Expr *derivation_shown(Program *p, const Expr *e);

// Sets the indices of the equation so that its left side is the element (row-major, all axes). False
// where the left side is no plain element, or its guard does not hold there.
bool derivation_stand_at(Numbers *v, const Equation *q, int64_t element);

// The lines of the C text that compute the tensor in `function` ("forward", "backward"), with their
// comment; NULL where it has none of its own.
const char *derivation_c_lines(Arena *a, const char *c_text, const char *function,
                               const char *tensor_name);

// The tensor that is called so ("w5", "linear_1.weight[0,1]"), and the element; NULL if there is
// none.
const Tensor *derivation_find(const Program *p, const char *name, int64_t *element);

#endif
