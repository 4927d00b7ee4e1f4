// memory.h: the memory plan of the fast style for people: a table, and a chart of who lies where
// and when.
#ifndef NETC_TEACH_MEMORY_H
#define NETC_TEACH_MEMORY_H

#include "lower/lower.h"

// What a plan comes to, in bytes.
typedef struct MemorySums {
    size_t stored; // every tensor of forward, backward and update, stored for the whole batch
    int tensors;   // how many these are
    size_t work;   // the block as planned, with what evaluation needs
} MemorySums;
MemorySums memory_sums(const MemoryPlan *plan);

// A row a tensor: shape, bytes stored, bytes planned, its place, the nests that need it. What is
// below a thousandth of the block is one row; so is what is never stored. Then the sums.
void memory_print(Arena *a, const MemoryPlan *plan, Text *out);
// A picture: time to the right, bytes of the block upwards, a rectangle a tensor.
void memory_print_svg(Arena *a, const MemoryPlan *plan, const char *model, Text *out);

#endif
