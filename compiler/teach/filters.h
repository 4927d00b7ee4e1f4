// filters.h: the parameter that is laid over an image, found in the equations: the first that a sum
// multiplies with the image or with what is the image in another shape.
#ifndef NETC_TEACH_FILTERS_H
#define NETC_TEACH_FILTERS_H

#include "equation/equation.h"

enum { FILTER_AXES = 8 };

// Channels, rows and columns of one filter lie `stride` elements apart in the parameter; the
// filters themselves run over its other axes.
typedef struct Filters {
    const Tensor *param;
    int64_t extent[3], stride[3];
    int axes; // of those others
    int64_t outer_extent[FILTER_AXES], outer_stride[FILTER_AXES];
    int64_t count;
} Filters;

// Whether the elements of a sample are an image: rows and columns, or up to four channels of them.
// Its channels, rows and columns.
bool image_shape(int rank, const int64_t *shape, int64_t *extent);

// False where no parameter is laid over an image, or only over single pixels of it.
bool filters_of(const Program *p, Filters *out);
// The element of the parameter that filter `number` has there.
int64_t filters_place(const Filters *f, int64_t number, int64_t channel, int64_t row,
                      int64_t column);

#endif
