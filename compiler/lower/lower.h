// lower.h: from equations to loops.
#ifndef NETC_LOWER_LOWER_H
#define NETC_LOWER_LOWER_H

#include "elaborate/elaborate.h"
#include "loop/loop.h"
#include "net_model.h"

typedef struct LowerOptions {
    bool strict;
    bool parallel;      // mark outermost loops that may run on several threads
    bool exact;         // the fast style sums every contraction term by term, without transforms
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

// What the fast style plans for a tensor between input and gradients. Time counts the nests of forward, backward, update and
// evaluate, one after the other, from 0; or the steps that these consist of.
typedef struct MemoryUse {
    const char *name;
    const Tensor *tensor;     // NULL: room for what is no tensor, such as a transform
    const LoopBuffer *buffer; // NULL: it is never stored
    bool is_made;             // by the schedule (a partial sum, a packed copy): not a tensor of the model's equations
    bool in_training;         // and not in evaluation
    size_t stored;            // bytes of the whole batch as the model declares it
    size_t planned;           // bytes of its buffer; 0: none
    size_t offset;            // of the buffer in work
    int first, last;          // the nests that need it
    int first_step, last_step;
} MemoryUse;

typedef struct MemoryPlan {
    LIST(MemoryUse) use; // in the order of work; what is never stored last
    const char *function[4];
    int nests[4], steps[4]; // of each function
    int functions;
    size_t work;         // bytes of the block
} MemoryPlan;

// The plan of a module; without tensors if it is in the plain style.
MemoryPlan lower_memory_plan(const LoopModule *m);

// Reduces a model to prediction: no loss, no metrics, no targets, no gradients. Lowering then gives
// `evaluate` and little besides, which inference_trim drops.
void inference_reduce(Model *model);
void inference_trim(LoopModule *m);

#endif
