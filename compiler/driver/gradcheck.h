// gradcheck.h: the derived gradients of a compiled model against central differences of its loss.
#ifndef NETC_DRIVER_GRADCHECK_H
#define NETC_DRIVER_GRADCHECK_H

#include "support/text.h"

#include "net_model.h"

#include <stdio.h>

// A block of numbers whose gradient is checked: a parameter, or an input.
typedef struct GradcheckBlock {
    const char *name;
    double *value;          // perturbed and put back
    const double *gradient; // filled by backward
    size_t count;
} GradcheckBlock;

typedef struct GradcheckResult {
    double worst;      // the largest error of a tensor: max|difference - derived| over max|derived|
    const char *where; // that tensor
    size_t checked;    // entries
    size_t kinks;      // entries at which the loss has no derivative
    int failed;        // tensors over the limit, with NaN, or with too many kinks
} GradcheckResult;

// The limits that the check promises.
#define GRADCHECK_LIMIT 1e-6 // of the error relative to the tensor's largest derivative
#define GRADCHECK_TINY                                                                             \
    1e-8 // below this the largest derivative counts as 0 and the error is absolute
#define GRADCHECK_KINK_SHARE 0.01  // of a tensor's entries
enum { GRADCHECK_ENTRIES = 1000 }; // a tensor; of larger ones as many are drawn

// Needs:  an f64 model with a loss.
// Runs forward and backward on one batch: the spec's inline data where it has any, else inputs and
// targets drawn from `seed`. `input_gradient[i]`: where in the work block the gradient of
// model->input[i] begins, in bytes, or SIZE_MAX; NULL: no inputs are checked. Prints one line a
// tensor to `out` (NULL: only what fails, to stderr). False when memory is short.
bool gradcheck_model(const NetModel *model, const size_t *input_gradient, uint64_t seed,
                     int threads, FILE *out, GradcheckResult *result);

#endif
