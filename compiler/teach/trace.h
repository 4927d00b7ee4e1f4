// trace.h: which numbers of a model a person follows through training, in which order, and under
// which names.
#ifndef NETC_TEACH_TRACE_H
#define NETC_TEACH_TRACE_H

#include "equation/equation.h"

typedef enum TraceRole {
    TRACE_TARGET,
    TRACE_INPUT,
    TRACE_PARAM,
    TRACE_STATE,
    TRACE_VALUE,
    TRACE_GRADIENT
} TraceRole;
const char *trace_role_name(TraceRole role); // "weight", ...

typedef struct TraceTensor {
    const Tensor *tensor;
    TraceRole role;
    const char *name; // "a_h1", "linear_1.weight", "dE_total/dw1"
} TraceTensor;

typedef struct Trace {
    LIST(TraceTensor) item;
} Trace;

// Targets, inputs, then layer by layer towards the loss: a layer is what has as many steps with
// parameters before it, what the targets take part in comes last; within a layer depth first from
// the loss. The parameters of a layer stand before it in the order of the spec, each before its
// first reader. Then the means over the batch, then the gradients of the parameters as
// d<loss>/d<param>; with `all` those of everything else that has one. Needs:  p after
// differentiate().
Trace trace_of(Program *p, bool all);

// The names of a tensor's elements: "x" without axes, else "x[0,1]". `element` counts row-major
// over axes first_axis ...
const char *trace_element_name(Arena *a, const TraceTensor *t, int first_axis, int64_t element);

// Whether `pattern` means this tensor: its name, the name of its gradient in the equations
// ("d_w1"), or a stage it is in
// ("convblock_1").
bool trace_matches(const TraceTensor *t, const char *pattern);

#endif
