// playground.h: a network that runs inside of a page: its C as WebAssembly, beside it what each
// number is: for small networks every number, its equation and its lines of C.
#ifndef NETC_TEACH_PLAYGROUND_H
#define NETC_TEACH_PLAYGROUND_H

#include "elaborate/elaborate.h"
#include "lower/lower.h"

enum {
    PLAYGROUND_NUMBERS = 800,        // values, gradients and parameters of a lesson
    PLAYGROUND_PARAMETERS = 1000000, // of a network that reads a drawing
    PLAYGROUND_VALUES = 4000000,     // that it computes
    PLAYGROUND_SIDE = 64,            // the most pixels of a side of the picture
    PLAYGROUND_CLASSES = 40
};

typedef enum PlaygroundKind {
    PLAYGROUND_LESSON,  // every number
    PLAYGROUND_DRAWING, // a picture in, classes out
    PLAYGROUND_TOO_LARGE
} PlaygroundKind;

// What a page of this model would be, by sizes and shapes alone. For PLAYGROUND_TOO_LARGE *problem
// says what is too large, the limits, and what to do.
PlaygroundKind playground_kind(const Model *model, const char **problem);

typedef struct Playground {
    Model *model;            // gradients derived, not simplified, where it is a lesson
    const LoopModule *loops; // what was compiled
    const NetModel *table;   // of it
    const char *c_text;      // of it
    const char *wasm;
    size_t wasm_size;
    const double *params, *states; // the first values, laid out as the table says
    bool is_descent;               // the update is w - lr*gradient and nothing else
    double lr;
    const char *weights;                        // where they come from
    const char *style, *body, *engine, *script; // texts of the page
} Playground;

// The whole page. Everything of the spec in it is escaped for the place where it stands.
void playground_lesson(const Playground *p, Text *out);
void playground_drawing(const Playground *p, Text *out);

#endif
