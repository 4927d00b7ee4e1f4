// playground_page.h: the frame that both kinds of playground share, and their data as JSON.
#ifndef NETC_TEACH_PLAYGROUND_PAGE_H
#define NETC_TEACH_PLAYGROUND_PAGE_H

#include "teach/playground.h"

// A string of JSON that may stand inside of a <script>.
void json_add_text(Text *out, const char *text);
// "name": with a comma before it unless it is the first of its object.
void json_add_key(Text *out, const char *name);
// [1, 0.5, null]: numbers that read back exactly; null where there is none.
void json_add_numbers(Text *out, const double *value, int64_t count);

// "shape": the extents of the axes from `first` on.
void json_add_shape(Text *out, const Tensor *t, int first);
// Where the buffer lies in the module: "block", "offset" in bytes, "type" of its elements.
void json_add_place(Text *out, const LoopModule *m, const LoopBuffer *b);

// MathML, as an element of the page.
const char *playground_math(Arena *a, const char *mathematics);
// The equation in letters, in MathML.
const char *playground_equation(Program *p, const Equation *q);

// The page: style, body, `json` as its data, the module, the scripts.
void playground_page(const Playground *p, const char *json, Text *out);

#endif
