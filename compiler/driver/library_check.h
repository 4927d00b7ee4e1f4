// library_check.h: specs that use each layer of the library once or more, for gradient checks. They
// are made from the headers of the layers, so that a layer cannot be in the library and stay
// untested.
#ifndef NETC_DRIVER_LIBRARY_CHECK_H
#define NETC_DRIVER_LIBRARY_CHECK_H

#include "support/compile.h"

typedef struct LibraryCase {
    const char *name; // "Conv2d(4, 3, stride=2)"
    const char *spec; // .net text
} LibraryCase;
typedef struct LibraryCases {
    LIST(LibraryCase) item;
    int metric_count; // layers that are metrics: they have no gradient and no case
} LibraryCases;

// One case a row of `examples` (the text of gradcheck_examples.txt), and one for each layer that
// has none. A row that names no layer of the library is an internal error.
LibraryCases library_cases(Compile *c, const char *examples);

#endif
