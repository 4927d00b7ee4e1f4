// lower.h: from equations to loops.
#ifndef NETC_LOWER_LOWER_H
#define NETC_LOWER_LOWER_H

#include "elaborate/elaborate.h"
#include "loop/loop.h"
#include "net_model.h"

typedef struct LowerOptions {
    bool strict;
    bool parallel;      // mark outermost loops that may run on several threads
    bool keep_values;   // keep every tensor of the spec in work (for gradcheck and traces), not only those that backward reads
} LowerOptions;

// The plain style: one nest an equation, as a person would write it. Functions: forward, backward, update (if there are
// states to update), evaluate.
LoopModule *lower_plain(Model *model, const LowerOptions *options);

// The fast style: the same functions in phases of vector loops, for vectors of `lanes` reals (2 or more; else plain). Buffers in
// work must be zero before the first call.
LoopModule *lower_fast(Model *model, const LowerOptions *options, int lanes);

// The buffer that holds a tensor of model->train or model->eval, or NULL if it has none (a local, or inlined away).
const LoopBuffer *lower_buffer_of(const LoopModule *m, const Tensor *t);

// Fills everything of `out` but the four functions: tables of params, states, inputs, outputs, results, settings.
void lower_net_model(const Model *model, const LoopModule *m, NetModel *out);

// Reduces a model to prediction: no loss, no metrics, no targets, no gradients. Lowering then gives
// `evaluate` and little besides, which inference_trim drops.
void inference_reduce(Model *model);
void inference_trim(LoopModule *m);

#endif
