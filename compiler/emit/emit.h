// emit.h: loops to C text.
//
// Everything about names and order was decided before; the emitter is a total function of the loop IR.
#ifndef NETC_EMIT_EMIT_H
#define NETC_EMIT_EMIT_H

#include "loop/loop.h"
#include "net_model.h"

typedef struct EmitOptions {
    bool openmp;       // write the pragmas of parallel loops
    const char *head;  // comment at the head of both files: model, spec, options; no dates, no paths
} EmitOptions;

// <model>.h: sizes, the structs of the blocks, one prototype a function; C++-safe; needs only <stdint.h>.
void emit_c_header(const LoopModule *m, const EmitOptions *o, Text *out);
// <model>.c: helpers that are used, then the functions. C11, no allocation, calls only libm.
void emit_c_source(const LoopModule *m, const EmitOptions *o, Text *out);
// <model>_model.c: the NetModel table that hands the functions above to the runtime. `model` carries everything but
// the function pointers; its texts, tables and settings are written out as static constants.
void emit_c_model(const LoopModule *m, const NetModel *model, const EmitOptions *o, Text *out);

// Storage in one struct that the caller places, initial values, the optimizer's step, the scaling of
// inputs: what the model needs to train with no runtime, appended to both of its texts. Needs: m
// lowered without parallel loops, a loss and an optimizer. NULL, or what cannot be had without a
// runtime: "begins with ...".
const char *emit_c_trainer(const LoopModule *m, const NetModel *model, Text *source, Text *header);
// The predictor likewise, of a model that has `evaluate` alone: the weights of `params` and `states`,
// laid out as the tables of the model say, as const arrays.
void emit_c_predictor(const LoopModule *m, const NetModel *model, const double *params,
                      const double *states, Text *source, Text *header);
// After emit_c_trainer: what a page calls, exported from a WebAssembly module: begin, forward, backward,
// update, lr, and address, where a block begins.
void emit_c_page_trainer(const LoopModule *m, const NetModel *model, Text *source);
// After emit_c_predictor, of a model with one input and a last output of `classes` values: predict, which
// reads the input as in the data files at the address that `ink` gives and leaves a probability for
// each class at `shares`; and address.
void emit_c_page_predictor(const LoopModule *m, const NetModel *model, size_t classes, Text *source);

#endif
