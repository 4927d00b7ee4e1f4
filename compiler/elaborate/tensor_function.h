// tensor_function.h: one call of a tensor function, shared by the files that write them as
// equations.
#ifndef NETC_ELABORATE_TENSOR_FUNCTION_H
#define NETC_ELABORATE_TENSOR_FUNCTION_H

#include "elaborate/context.h"

typedef struct FunctionRow {
    const char *name;
    int operands; // tensors before the arguments; 0: any number, at least one
    const char *argument[4];
    int required; // of the arguments
} FunctionRow;

typedef struct TensorCall {
    Scope *scope;
    Program *p;
    const AstExpr *e;
    const FunctionRow *row;
    LIST(Tensor *) operand;
    const AstExpr *argument[4];
    Name name, label;
    Stage *stage;
    bool per_sample;
} TensorCall;

// A tensor of that shape, per sample if an operand is. NULL after reporting.
Tensor *tensor_call_result(TensorCall *c, Name name, const Index *const *axis, int rank);
// out[left] = in[right], forms without the sample axis; the domain is what stands on the left.
void tensor_call_copy(TensorCall *c, Tensor *out, const Affine *left, const Tensor *in,
                      const Affine *right);
// Reports a wrong argument, with the form of the call; returns false.
bool tensor_call_mistake(TensorCall *c, Span span, const char *text);
// --- reshape.c
Tensor *tensor_call_reshape(TensorCall *c);

#endif
