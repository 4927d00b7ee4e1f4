// fast.h: what the files of lower/fast/ share: the schedule that makes training code fast.
//
// The same equations as in the plain style, in another order and another layout:
//
//   layout.c   settles for each tensor which axis is innermost (the lane), its padding to whole
//   vectors and its zero halo batch.c    rewrites sums over the batch as partial sums of fixed
//   chunks of samples, which are then added in order phase.c    cuts a function into phases: within
//   a phase every sample is independent, between phases the threads meet cluster.c  joins equations
//   that run over the same elements: one pass over memory, values in registers kernel.c recognises
//   contractions, chooses their register tiles, packs weights into the order of the kernel vector.c
//   writes clusters as loops over vectors remake.c computes again what would be kept lifetime.c finds when a tensor is needed places.c lets
//   buffers share bytes
//
// What no rule fits is lowered as in the plain style, in the same buffers; so every step is an
// improvement, never a must. Nothing here looks at a layer, a model or a name.
#ifndef NETC_LOWER_FAST_FAST_H
#define NETC_LOWER_FAST_FAST_H

#include "lower/lowering.h"

#include <limits.h>

enum {
    MAX_CHUNKS =
        16, // shares of a batch; fixed, so that sums do not depend on the number of threads
    MAX_ACCUMULATORS = 24, // vectors of a register tile: leaves room for operands in 32 registers
    SMALL_WINDOW = 16,     // reductions with at most this many terms are written out
    LARGE_SUM =
        1 << 16,       // elements of a sum over the batch beyond which a copy a chunk wastes memory
    WIDE_SUM = 1 << 13 // the same where each sample adds one term only
};

// How a tensor lies in memory: its axes from outermost to innermost, each with room before and
// after it.
typedef struct Layout {
    int rank;
    int *axis;       // by position
    int64_t *before; // by axis: elements of zero halo before element 0
    int64_t *extent; // by axis: with halo and padding
    bool scalar;     // written element by element only: its innermost axis may have a halo
} Layout;

// When a tensor is needed on one side, in steps and in nests of the functions one after the other.
typedef struct LifeSpan {
    int first, last, first_nest, last_nest; // first > last: never
    bool is_written_first;                  // nothing reads what was there before
} LifeSpan;

enum { SIDE_TRAINING, SIDE_EVALUATION, SIDES };

typedef struct Lifetime {
    const Tensor *tensor;
    LifeSpan side[SIDES];
    bool is_by_sample;   // touched in chunks only, by each at its own samples
    bool is_in_one_loop; // in `loop` over samples only, at its sample
    const Node *loop;
    const Index *chunk; // of the loop around that
    bool is_one_sample; // its buffer has room for one sample a chunk
} Lifetime;
// Room for a transform of a contraction.
typedef struct Scratch {
    const char *name;
    LoopBuffer *buffer;
    bool is_shared; // by contractions that need room of this shape
    LifeSpan side[SIDES];
} Scratch;

typedef struct Fast {
    Lowering *l;
    Arena *arena;
    int lanes;
    int64_t chunks, chunk_size;
    Map layout;            // Tensor to Layout; none: as it is declared
    Map aside;             // an output, to the tensor that is computed in its place
    Map copied;            // an input, to its copy with a halo
    Map packed;            // a weight, to its list of packed copies
    LIST(Equation *) pack; // equations that make packed copies, of the function at hand
    Equations remakable;   // of forward: backward may compute them again
    int declared[2];       // tensors of the programs before the schedule made its own
    Map lifetime;          // Tensor to Lifetime
    LIST(Lifetime *) lifetimes;
    LIST(int) steps; // of each plan
    const Index *chunk;    // of the phase at hand; NULL: its samples are not in chunks
    LIST(Scratch *) scratch;
    LIST(struct Winograd *) transformed; // contractions of the phase at hand that are done in transformed tiles
} Fast;

// --- layout.c
void layout_choose(Fast *f);                       // for all tensors of both programs
Layout *layout_of(const Fast *f, const Tensor *t); // NULL: as declared
// A layout with this axis innermost and padded.
void layout_make(Fast *f, const Tensor *t, int lane);
// Widens the halo of a tensor so that reads at low .. high of an axis are inside.
void layout_widen(Fast *f, const Tensor *t, int axis, int64_t low, int64_t high);
// Gives the innermost axis room for whole vectors up to element `last`.
void layout_reach(Fast *f, const Tensor *t, int axis, int64_t last);
int layout_lane_axis(const Fast *f, const Tensor *t); // the innermost axis; -1 for a scalar
// Whether whole vectors may be read and written along the innermost axis.
bool layout_is_padded(const Fast *f, const Tensor *t);

// --- outputs.c
// Computes an output of the program in a tensor of its own with this innermost axis, if that pays.
bool outputs_set_aside(Fast *f, Program *p, const Tensor *t, int lane);
// The equation with what stands beside outputs in their place.
Equation *outputs_redirect(const Fast *f, Equation *q);
// The equation that fills an output at the end; NULL if it is computed in place.
Equation *outputs_copy(const Fast *f, Tensor *t);

// --- batch.c
typedef enum UnitKind {
    UNIT_GLOBAL, // once for the batch, between phases
    UNIT_WIDE,   // the same, of a contraction over the batch: threads share its result
    UNIT_CHUNK,  // once a chunk, before its samples
    UNIT_SAMPLE  // for each sample
} UnitKind;

typedef struct Unit {
    UnitKind kind;
    Group group; // one equation, or a recurrence
    int level;   // the phase it belongs to; a GLOBAL unit comes before the phase of its level
    const Index *chunk; // in the domain of what adds to a partial sum
} Unit;
typedef LIST(Unit) Units;

// The equations of a function as units, in order.
Units batch_units(Fast *f, Equation *const *equation, int count);

// --- residue.c
// The equations with strided scatters as gathers, one a residue class.
Equations residue_split(Fast *f, Equation *const *equation, int count);

// --- remake.c
// Moves units to later phases, and adds such as compute again what would be kept for them, where
// that is cheaper. Call it for forward before backward.
void units_remake(Fast *f, Units *units);

// --- phase.c
void phase_equations(Fast *f, Plan *plan, Equation *const *equation, int count);

// --- windows.c
// Finds places of maxima that can be kept as reals; after the layouts are chosen.
void windows_set_aside(Fast *f, Program *p);
// The equations, maxima of small windows in steps that vectors can take.
Equations windows_expand(Fast *f, Equation *const *equation, int count);

// --- turn.c
// The equations, contractions reading copies of operands that lie across their lane.
Equations turn_operands(Fast *f, Equation *const *equation, int count);

// --- recur.c
// The equations in order, recurrences without the sums that read nothing of them.
Equations recurrence_split(Fast *f, Equation *const *equation, int count);
// Appends the loop over the steps of a recurrence, with its items inside.
void recurrence_build(Fast *f, Node *body, const Group *group, Item **item);

// --- samples.c
Node *samples_chunk_loop(Fast *f);
// A loop over the samples of a chunk, added to the body.
Node *samples_loop(Fast *f, Node *body, const Node *chunk_loop);
void samples_bind(const Fast *f, Item *item, const Index *to);
// Appends items to a chunk, each for all of its samples: one by one, or together where it pays.
void samples_add(Fast *f, Node *chunk_loop, Item **item, int count);
void samples_add_recurrence(Fast *f, Node *chunk_loop, const Group *group, Item **item);

// --- kernel.c: a contraction out[.., lane] += S[..] * V[.., lane]
typedef struct Kernel {
    const Expr *sum;      // the reduction within the item's value
    bool is_lane_by_lane; // the scalar operand lies along the lane too, and is not broadcast
    bool is_weight;       // the operand along the lane is a parameter or a state, or a packed copy
    const Expr *scalar;   // the operand that is broadcast
    const Expr *vector;   // the operand read along the lane: of the packed copy where one was made
    const Index *reduce[8];
    int reduce_count;
    const Index *tile[2]; // NULL: none
    int64_t tile_size[2];
    Local *accumulator; // what the item's value reads in place of the sum
    struct Winograd *winograd; // done in transformed tiles; NULL: term by term
} Kernel;
// Whether the item is a contraction along `lane`. Packs the weight if it must.
// e with weights that do not lie along the lane replaced by packed copies, sums aside.
const Expr *with_packed(Fast *f, const Expr *e, const Index *lane);
// The reduction in the value if there is exactly one, else NULL.
const Expr *kernel_only_sum(const Expr *value);
// The read of a tensor that may get a halo: of the copy of an input; NULL if it cannot have one.
const Expr *kernel_with_halo(Fast *f, const Expr *read);
bool kernel_find(Fast *f, Item *item, const Index *lane, Kernel *k);

// --- cluster.c
// Equations over the same elements: a contraction at most, first; then maps and sums over all loops
// but the lane.
typedef struct Cluster {
    Fast *fast;
    LIST(Item *) item;
    LIST(bool) is_sum;
    const Index *lane;
    const Index *loop[8]; // outermost first, without the lane
    int loop_count;
    bool has_kernel;
    bool is_parallel; // threads share the vectors of the lane
    Kernel kernel;
} Cluster;
// Appends the items to the body: as clusters where possible, else as nests.
void cluster_items(Fast *f, Node *body, Item **item, int count);
// The same for one item between phases.
void cluster_wide(Fast *f, Node *body, Item *item);
// The index of the item's result that runs along its innermost axis, if that is padded; else NULL.
const Index *cluster_lane(const Fast *f, const Item *item);
// Whether the one must stand behind the other.
bool item_depends(const Item *later, const Item *earlier);
// Whether the read is one vector of adjacent elements as the lane runs on.
bool read_is_vector(const Fast *f, const Expr *read, const Index *lane);
// Whether the value can be computed for a vector of elements along the lane.
bool vector_is_possible(const Fast *f, const Expr *e, const Index *lane);
// A small sum written out term by term, everywhere in e.
const Expr *expand_windows(const Fast *f, const Expr *e);

// --- lifetime.c
// Surveys the plans: call it when their trees are built and before buffers are made.
void lifetimes_find(Fast *f);
const Lifetime *lifetime_of(const Fast *f, const Tensor *t); // NULL: no function touches it
// The index of the loop over chunks, where the tensor has room for one sample a chunk; else NULL.
const Index *lifetime_chunk(const Fast *f, const Tensor *t);
// Whether the caller reads the tensor after evaluation, or one of its name.
bool lifetime_is_kept(const Fast *f, const Tensor *t);

// --- places.c
// Lets buffers of work that are never needed at the same time share places, and orders them.
void places_share(Fast *f);

// --- vector.c
void cluster_write(Writer *w, Cluster *c);

#endif
