// equation.h: the equation IR: a model as a list of equations over tensors. The compiler's centre; nothing here knows a
// layer. equations.md's sections 2 to 4 are the reasons; docs/ir.md the manual.
//
//   out[L] op value   over the domain of indices, where the guard holds;   op is = or +=
//
// Expressions are immutable and shared: two expressions built alike are the same pointer (within one Program). Indices are
// objects: two indices of one name are still two. No index is bound twice within one equation, and none is bound and free.
#ifndef NETC_EQUATION_EQUATION_H
#define NETC_EQUATION_EQUATION_H

#include "support/compile.h"
#include "support/function.h"

typedef struct Index {
    int id;         // unique in the program, in order of creation
    Name name;      // as the author wrote it; a hint for printing, not unique
    Name size;      // the name of its extent ("H"), or NULL
    int64_t extent; // it runs over 0 .. extent-1; the sample index n over 0 .. N-1, N <= extent
    bool is_sample;
} Index;

// constant + sum of coefficient*index; terms sorted by index id, no coefficient 0.
typedef struct AffineTerm {
    const Index *index;
    int64_t coefficient;
} AffineTerm;
typedef struct Affine {
    int64_t constant;
    int count;
    const AffineTerm *term;
} Affine;

typedef enum TensorRole {
    TENSOR_INPUT, TENSOR_TARGET, TENSOR_PARAM, TENSOR_STATE,
    TENSOR_VALUE,    // defined by equations
    TENSOR_GRADIENT, // defined by adjoint equations
    TENSOR_RESULT    // the loss of the batch, or a metric of the batch; a scalar
} TensorRole;

typedef enum InitKind { INIT_NONE, INIT_CONSTANT, INIT_VALUES, INIT_UNIFORM, INIT_NORMAL, INIT_FILE } InitKind;
typedef struct Init {
    InitKind kind;
    double a, b;   // constant a; uniform in [a, b); normal with mean a, standard deviation b
    const double *value; // row-major, as many as the tensor has elements
    const char *file, *entry;
} Init;

typedef struct Stage Stage;
typedef struct Equation Equation;
typedef struct Expr Expr;

typedef struct Tensor {
    int id;
    Name name;          // its path, unique: "w1", "convblock_1.conv2d_1.conv2d.weight", "d_w1"
    Name label;         // what a person calls it, without the path: "weight", "y", "E_total"
    TensorRole role;
    bool is_int;
    bool per_sample;    // one for each sample; then axis[0] is the program's sample index, unless the batch size is 1
    int rank;           // axes, the sample axis included
    const Index **axis; // a canonical index an axis: its name, size name and extent
    int64_t classes;    // of integer inputs and targets: values are 0 .. classes-1
    Init init;          // of params and states
    Span span;          // where the spec declares or defines it
    Stage *stage;       // the stage it came from
    const struct Tensor *of; // of a gradient: the tensor whose gradient it is
    Equation *definition; // its only defining equation, if it has exactly one, with `=` and plain, distinct indices on the left
} Tensor;

// A use of a layer or block, or a bare expression of a pipeline, in the order of execution; the root is the model.
struct Stage {
    Name path;   // "convblock_1.conv2d_1.conv2d"; "" for the root
    Name kind;   // "Conv2d" as written; NULL for the root, for expressions and for tensor functions
    bool is_layer, is_block;
    Span span;   // of the use
    Stage *parent;
    LIST(Stage *) child;
    LIST(const Tensor *) input;
    LIST(const Tensor *) output;
};

typedef enum ExprKind {
    E_NUMBER, // number
    E_BATCH,  // N, the number of samples in this batch
    E_INDEX,  // affine, as a number or as a subscript
    E_READ,   // tensor [ arg, ... ]: one an axis, each an E_INDEX or an E_READ of an integer tensor
    E_ADD,    // arg + arg + ...     at least two; a - b is a + (-1)*b
    E_MUL,    // arg * arg * ...     at least two; a number stands first
    E_DIV,    // arg[0] / arg[1]
    E_CALL,   // function ( arg, ... )
    E_STOP,   // arg[0], through which no gradient passes
    E_SELECT, // if arg[0] then arg[1] else arg[2]
    E_REDUCE, // reduction over index[0 .. index_count) where arg[0] holds, of arg[1]
    E_RANDOM, // a draw: number < 0: uniform in [0, 1); else 1 with probability `number`, else 0. arg[0] sample, arg[1] element
    // conditions
    E_TRUE, E_FALSE,
    E_NONNEGATIVE, // affine >= 0
    E_LESS, E_LESS_EQUAL, E_EQUAL, // arg[0] ? arg[1]
    E_AND,    // arg and arg and ...
    E_OR,
    E_NOT     // of a value condition; never of E_NONNEGATIVE
} ExprKind;

typedef enum Reduction { REDUCE_SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ARGMAX, REDUCE_ARGMIN } Reduction;

struct Expr {
    ExprKind kind;
    int id; // unique in the program, in order of creation
    uint64_t shape; // equal for expressions that expr_same can find equal
    int64_t size;   // nodes of the tree, shared ones counted as often as they stand in it; saturates
    uint64_t tensor_mask, index_mask; // a bit for each tensor read, each index used (id modulo 64): 0 means not at all
    double number;
    Affine affine;
    const Tensor *tensor;
    Function function;
    Reduction reduction;
    uint64_t stream; // of E_RANDOM: a hash of the stage path and the place in it
    const Index **index;
    int index_count;
    const Expr **arg;
    int arg_count;
};

typedef enum EquationOp { EQUATION_SET, EQUATION_ADD } EquationOp; // =, +=

struct Equation {
    Tensor *out;
    const Expr **subscript; // out->rank of them
    const Index **index;    // the domain: for = the indices of the left side; for += also those of the right side
    int index_count;
    EquationOp op;
    const Expr *guard;      // a conjunction of E_NONNEGATIVE; where it fails nothing is written. E_TRUE mostly
    const Expr *value;
    Span span;              // in the spec (of an adjoint equation: of the forward equation it comes from)
    Stage *stage;
    const Equation *adjoint_of; // NULL for forward equations
};

typedef struct ExprTable ExprTable; // the shared expressions
typedef struct Program {
    Compile *compile;
    Arena *arena;
    Name name;
    bool is_f32;
    bool training;       // which meaning of `when training`
    int64_t batch_size;
    const Index *sample; // n; NULL when the batch size is 1: then tensors have no sample axis and N is 1
    LIST(Tensor *) tensor;     // inputs and targets, params and states in the order of the spec, among the values
    LIST(Equation *) forward;
    LIST(Equation *) backward; // made by differentiate()
    LIST(Equation *) update;   // of states; read the values before the step
    Tensor *loss;              // the loss of the batch: a TENSOR_RESULT; NULL in a model without loss
    LIST(Tensor *) metric;     // TENSOR_RESULTs
    LIST(Tensor *) output;     // what a network or the equations compute for a user; the last is the network's output
    Stage *root;
    ExprTable *table;
    int next_index;
    int flipped_rule; // tests only: the derivative rule (adjoint.h) whose sign is turned around; 0: none
} Program;

// --- program.c
Program *program_new(Compile *c, Name name, int64_t batch_size, bool is_f32, bool training);
// `axis` excludes the sample axis, which is put before it when per_sample and the batch size is not 1.
// The name is made unique by _2, _3 ... if it is taken.
Tensor *tensor_new(Program *p, Name name, Name label, TensorRole role, bool per_sample, const Index *const *axis, int count);
Tensor *tensor_find(const Program *p, Name name);
int64_t tensor_count(const Tensor *t); // elements, all axes; saturates at INT64_MAX
const Index *index_new(Program *p, Name name, Name size, int64_t extent);
// The domain is given; subscripts are copied. Appends nothing: the caller adds it to a list of the program.
Equation *equation_new(Program *p, Tensor *out, const Expr *const *subscript, const Index *const *index, int index_count,
                       EquationOp op, const Expr *value);
// out[axis...] = value over the whole tensor (axes of extent 1 become 0).
Equation *equation_whole(Program *p, Tensor *out, const Expr *value);
int64_t equation_volume(const Equation *q); // elements of its domain; saturates at INT64_MAX
// Sets tensor->definition for every tensor from the three lists.
void program_find_definitions(Program *p);

// --- affine.c
Affine affine_constant(int64_t k);
Affine affine_index(Program *p, const Index *i); // extent 1: the constant 0
Affine affine_add(Program *p, Affine a, Affine b, int64_t factor); // a + factor*b
Affine affine_scale(Program *p, Affine a, int64_t factor);
bool affine_equal(Affine a, Affine b);
int64_t affine_low(Affine a);  // least value over the ranges of its indices
int64_t affine_high(Affine a); // greatest
int64_t affine_coefficient(Affine a, const Index *i);
const Index *affine_bare(Affine a);  // the index, if it is one index with coefficient 1 and constant 0, else NULL
bool affine_is_radix(Affine a);      // mixed radix: different index values give different numbers

// --- expr.c: constructors. They apply the rules S1 to S5 of equations.md (constants, flat sums, products and quotients,
// cancelling, products into selects) and R1 to R3 (guards out of and into reductions, extents of 1).
const Expr *expr_number(Program *p, double value);
const Expr *expr_batch(Program *p); // the number 1 when the batch size is 1
const Expr *expr_affine(Program *p, Affine a);
const Expr *expr_index(Program *p, const Index *i);
const Expr *expr_read(Program *p, const Tensor *t, const Expr *const *subscript);
const Expr *expr_add(Program *p, const Expr *a, const Expr *b);
const Expr *expr_subtract(Program *p, const Expr *a, const Expr *b);
const Expr *expr_negate(Program *p, const Expr *a);
const Expr *expr_multiply(Program *p, const Expr *a, const Expr *b);
const Expr *expr_divide(Program *p, const Expr *a, const Expr *b);
const Expr *expr_power(Program *p, const Expr *a, double exponent); // small integers become products and quotients, 0.5 sqrt
const Expr *expr_call(Program *p, Function f, const Expr *const *arg);
const Expr *expr_call1(Program *p, Function f, const Expr *a);
const Expr *expr_stop(Program *p, const Expr *a);
const Expr *expr_select(Program *p, const Expr *condition, const Expr *a, const Expr *b);
const Expr *expr_reduce(Program *p, Reduction r, const Index *const *index, int count, const Expr *guard, const Expr *body);
const Expr *expr_random(Program *p, double probability, uint64_t stream, const Expr *sample, const Expr *element);
const Expr *expr_true(Program *p);
const Expr *expr_false(Program *p);
const Expr *expr_nonnegative(Program *p, Affine a); // folded when the interval decides it
const Expr *expr_less(Program *p, const Expr *a, const Expr *b);       // two affine forms become E_NONNEGATIVE
const Expr *expr_less_equal(Program *p, const Expr *a, const Expr *b);
const Expr *expr_equal(Program *p, const Expr *a, const Expr *b);
const Expr *expr_and(Program *p, const Expr *a, const Expr *b);
const Expr *expr_or(Program *p, const Expr *a, const Expr *b);
const Expr *expr_not(Program *p, const Expr *a);
// 0 <= a < extent of the axis, for pad() and for dropping writes that fall outside.
const Expr *expr_inside(Program *p, Affine a, int64_t extent);
// The read if it is inside, else `otherwise`: pad(read, otherwise).
const Expr *expr_pad(Program *p, const Expr *read, const Expr *otherwise);

// --- walk.c
bool expr_is_int(const Expr *e);        // an affine form, an integer read, argmax, argmin
bool expr_is_condition(const Expr *e);
bool expr_is_number(const Expr *e, double value);
bool expr_is_constant(const Expr *e);   // a number, or an affine form without indices
double expr_constant(const Expr *e);
bool expr_is_affine_condition(const Expr *e); // true, or E_NONNEGATIVEs joined by and
bool expr_has_reduction(const Expr *e);
bool expr_uses_index(const Expr *e, const Index *i); // free
bool expr_uses_any(const Expr *e, const Index *const *index, int count);
bool expr_reads(const Expr *e, const Tensor *t);
bool expr_is_negative(const Expr *e);            // is written with a minus sign: -2*x, -1/n
const Index *expr_bare_index(const Expr *e);     // the index that e is, as a subscript; NULL if it is anything else
// Calls visit for every E_READ inside e, subscripts included, outermost first.
void expr_each_read(const Expr *e, void (*visit)(const Expr *read, void *data), void *data);
// Rebuilds e through the constructors with new arguments (as many as e has; for a reduction the indices stay).
const Expr *expr_rebuild(Program *p, const Expr *e, const Expr *const *arg);

typedef struct IndexMap {
    const Index *from;
    Affine to;
} IndexMap;
// Replaces free indices. Bound indices stay what they are.
const Expr *expr_substitute(Program *p, const Expr *e, const IndexMap *map, int count);
// A copy whose bound indices are all new.
const Expr *expr_freshen(Program *p, const Expr *e);
typedef struct IndexPair {
    const Index *a, *b;
} IndexPair;
// Equal up to the order of sums and products and a one-to-one renaming of indices (bound ones always; free ones if
// free_too). On success the pairs of free indices are written to `pair`, unless that is NULL; more than `capacity`: false.
bool expr_same(const Expr *a, const Expr *b, bool free_too, IndexPair *pair, int *pair_count, int capacity);

// --- print.c: text as in a spec: `h1 = w1*i1 + w2*i2`, `d_x[n, i, j] = sum(o, r | 0 <= j - r: ...)`. Index names are made unique
// within an equation by digits.
const char *equation_print(const Program *p, const Equation *q);
const char *expr_print(const Program *p, const Expr *e);
void program_print(const Program *p, bool with_backward, Text *out); // --dump=equations, --dump=adjoint

// --- order.c: the order of computation.
typedef struct Group {
    Equation **equation; // in an order that respects dependences within one step of the recurrence
    int count;
    bool is_recurrence;
    bool down;                 // the recurrence runs from high to low
    const Index **time;        // of a recurrence: per equation the index that runs
} Group;
typedef struct Groups {
    LIST(Group) group;
} Groups;
// Sorts equations so that definitions precede uses (tensors that no equation of the list defines are given); cycles
// become recurrences. Among what is ready, equations with the loop shape of the previous one come first. On a cycle that
// no axis orders: returns false and, unless `c` is NULL, reports E_RECURRENCE.
bool equations_order(Program *p, Compile *c, Equation *const *equation, int count, Groups *out);

// --- check.c: the rules of section 2. Reports to p->compile (E_RANGE, E_DEFINED_TWICE, E_DEFINED_PARTLY, E_LEFT_SIDE,
// E_RECURRENCE, E_LOSS ...), returns whether all hold. For adjoint equations a failure is an internal error.
bool program_check(Program *p);

#endif
