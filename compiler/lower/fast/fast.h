// fast.h: what the files of lower/fast/ share: the schedule that makes training code fast.
//
// The same equations as the plain style, in another order and another layout. Five steps, each a file or two:
//
//   prepare.c  rewrites equations: sums over the batch become partial sums of fixed chunks of samples; weights are packed,
//              inputs copied, into the order in which kernels read them
//   layout.c   settles for each tensor which axis is innermost (the lane), its padding to whole vectors and its zero halo
//   phase.c    cuts a function into phases: within a phase every sample is independent, between phases the threads meet
//   cluster.c  joins equations that run over the same elements: one pass over memory, values in registers
//   kernel.c   recognises contractions and chooses their register tiles; write.c writes clusters as vector loops
//
// What no rule fits is lowered as in the plain style, in the same buffers; so every step is an improvement, never a must.
// Nothing here looks at a layer, a model or a name.
#ifndef NETC_LOWER_FAST_FAST_H
#define NETC_LOWER_FAST_FAST_H

#include "lower/lowering.h"

enum {
    MAX_CHUNKS = 16,        // shares of a batch; fixed, so that sums do not depend on the number of threads
    MAX_ACCUMULATORS = 24,  // vectors of a register tile: leaves room for operands in 32 registers
    SMALL_WINDOW = 16,      // reductions with at most this many terms are written out
    LARGE_SUM = 1 << 16     // elements of a partial sum beyond which chunks would waste memory
};

// How a tensor lies in memory: its axes from outermost to innermost, each with room before and after it.
typedef struct Layout {
    int rank;
    int *axis;        // by position
    int64_t *before;  // by axis: elements of zero halo before element 0
    int64_t *extent;  // by axis: with halo and padding
} Layout;

typedef struct Fast {
    Lowering *l;
    Arena *arena;
    int lanes;
    int64_t chunks, chunk_size;
    Map layout;  // Tensor to Layout; none: as it is declared
    Map packed;  // Expr (a read of a weight, with canonical indices) to the Tensor that holds its packed copy
    Map copied;  // Tensor of a batch to its copy with a halo
    LIST(Tensor *) made; // tensors that the schedule added
} Fast;

// --- layout.c
// Settles layouts for all tensors of both programs.
void layout_choose(Fast *f);
// Widens the halo of a tensor so that reads at `low` .. `high` of an axis are inside.
void layout_widen(Fast *f, const Tensor *t, int axis, int64_t low, int64_t high);
Layout *layout_of(const Fast *f, const Tensor *t); // NULL: as declared
// The axis that is innermost; -1 for a scalar.
int layout_lane_axis(const Fast *f, const Tensor *t);
// Whether vectors may be read and written along the innermost axis up to the extent rounded up to whole vectors.
bool layout_is_padded(const Fast *f, const Tensor *t);

#endif
