// torch_script.h: the network of a spec as PyTorch, for comparisons of speed.
#ifndef NETC_TEACH_TORCH_SCRIPT_H
#define NETC_TEACH_TORCH_SCRIPT_H

#include "elaborate/elaborate.h"

// Appends Python that defines, for the code that it will stand behind:
//
//   INPUTS      [(name, is_integer, shape of one sample, offset in the batch block, is_target)]
//   PARAMETERS  [(path, count)], in the order of the params block
//   STATES      the same of the states block
//   PARTS       [(path, kind, [shape of each input without samples], {argument: value})]
//   OPTIMIZER   (kind, {argument: value})
//   forward(m, ...): the loss of a batch from the inputs and targets, m being the parts by path
//
// A layer becomes the torch.nn class of its name; sums, products and scalar functions of whole
// tensors and reshapes become the functions of torch. Returns NULL, or, where a part of the spec
// has no such counterpart, a sentence that says which.
const char *torch_script(const Model *model, const NetModel *table, Text *out);

#endif
