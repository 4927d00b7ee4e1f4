// loop.h: the loop IR: counted loops over arrays with known shapes, scalar locals, stores. What C, LLVM IR and the
// interpreter have in common, and nothing more.
//
// A module holds the buffers of one model and its functions (forward, backward, update, evaluate). Every name in it is
// final: unique where it is visible, and a C identifier that clashes with nothing; naming is the lowering's business.
//
// Types. REAL is the module's precision; F64 is double, whatever the precision (long sums, results); INT is an int32
// in memory and an int in expressions; BOOL occurs in conditions only. Operands of one operation have one type; LOOP_CONVERT
// changes it. Every REAL operation of an f32 module rounds to float.
//
// A module with lanes > 1 also has VECTORs of that many REALs, and MASKs, what comparing two of them gives. They are
// values of expressions and of locals only: memory holds REALs, of which a vector load or store takes `lanes` adjacent
// ones at any address. An operation on VECTORs is the operation on each lane. In a module with lanes <= 1 the builders
// make scalar code of the same calls: a VECTOR is a REAL, a MASK a BOOL.
#ifndef NETC_LOOP_LOOP_H
#define NETC_LOOP_LOOP_H

#include "support/compile.h"
#include "support/function.h"

typedef enum LoopType { LOOP_REAL, LOOP_F64, LOOP_INT, LOOP_BOOL, LOOP_VECTOR, LOOP_MASK } LoopType;

// Where a buffer lives; each storage class but LOOP_LOCAL is one block (one struct in C), in the order of module->buffer.
typedef enum LoopStorage {
    LOOP_PARAMS,  // REAL, read-only
    LOOP_GRADS,   // REAL, same members as params
    LOOP_STATES,  // REAL; read-only but in update
    LOOP_BATCH,   // inputs and targets, read-only, first axis the sample
    LOOP_WORK,    // everything in between; buffers that share a place follow one another in module->buffer
    LOOP_RESULTS, // F64 scalars: the loss, then the metrics
    LOOP_LOCAL    // a small array on the stack of one function
} LoopStorage;

typedef struct LoopBuffer {
    Name name;    // in expressions: "d_w7", "conv2d_1"
    Name member;  // in its struct: of a gradient the parameter's name; else the same as name
    const char *path;    // in the spec: "convblock_1.conv2d_1.conv2d.weight"
    const char *comment; // short, for the struct member: "[C, H, W]", or NULL
    LoopStorage storage;
    LoopType type;
    int rank;
    int64_t *shape;
    Name *size_name;   // per axis the name of its size ("N", "C") or NULL; for comments only
    int64_t value_limit; // INT buffers: values are 0 .. value_limit-1 (checked when data are loaded); 0: unknown
    int slot;            // its number in the module, locals included; set by loop_buffer_new
    int place;           // buffers of one place > 0 begin at the same byte: no two are needed at once; 0: its own place
} LoopBuffer;

// A loop index or a scalar local. A loop index has the range [low, high] for the in-range proof (filled by loop_check).
typedef struct LoopVariable {
    Name name;
    LoopType type;
    bool is_batch_count; // the parameter N of every function: 1 <= N <= batch_size
    int slot;            // its number in the module; set by loop_variable_new
} LoopVariable;

typedef struct LoopExpr LoopExpr;
typedef struct LoopStatement LoopStatement;

typedef enum LoopExprKind {
    LOOP_NUMBER,   // number; of type REAL or F64
    LOOP_INTEGER,  // integer; name: a size name to print in its place where a LOOP_SIZES is in scope, or NULL
    LOOP_VARIABLE, // variable
    LOOP_LOAD,     // buffer [ arg, ... ]: one INT per axis; a VECTOR: the element and those behind it on the last axis
    LOOP_SPLAT,    // VECTOR: the REAL arg[0] in all lanes
    LOOP_LANE_SUM, // REAL from the VECTOR arg[0]: the upper half is added to the lower until one lane is left
    LOOP_ADD, LOOP_SUBTRACT, LOOP_MULTIPLY, LOOP_DIVIDE, // arg[0] op arg[1]; divide: REAL and F64 only
    LOOP_NEGATE,   // - arg[0]
    LOOP_INT_MIN, LOOP_INT_MAX,             // INT
    LOOP_FLOOR_DIVIDE, LOOP_CEIL_DIVIDE,    // INT, arg[1] a positive LOOP_INTEGER
    LOOP_CALL,     // function ( arg, ... ), REAL, F64 or VECTOR
    LOOP_SELECT,   // arg[0] ? arg[1] : arg[2]; only the chosen branch is evaluated; with a MASK lane by lane, and both
                   // branches are evaluated
    LOOP_CONVERT,  // arg[0] as `type`
    LOOP_RANDOM,   // REAL, or a VECTOR (integer: elements from lane to lane): a draw in [0, 1) for (seed, step, stream, arg[0] = sample, arg[1] = element): multiples of 2^-24, exact in float
    LOOP_BERNOULLI,// 1 with probability `number`, else 0: whether that same draw is below it (compared in double)
    LOOP_LESS, LOOP_LESS_EQUAL, LOOP_EQUAL, // BOOL from two of INT, REAL or F64; MASK from two VECTORs
    LOOP_AND, LOOP_OR, LOOP_NOT             // BOOL: and, or stop early; MASK: bit by bit
} LoopExprKind;

// A name for the place of an element of a buffer. A load that lies a known number of elements behind it may say so: in C it
// then needs one address for a whole register tile. Its subscripts tell the same, and all else reads those.
typedef struct LoopView {
    Name name;
    const LoopBuffer *buffer;
    const LoopExpr **subscript;
} LoopView;

struct LoopExpr {
    LoopExprKind kind;
    LoopType type;
    double number;
    int64_t integer;
    Name name;
    uint64_t stream; // of LOOP_RANDOM and LOOP_BERNOULLI
    const LoopVariable *variable;
    const LoopBuffer *buffer;
    const LoopView *view; // of LOOP_LOAD: the element is `integer` behind it in memory; NULL: nothing is said
    Function function;
    const LoopExpr **arg;
    int arg_count;
};

typedef enum LoopStatementKind {
    LOOP_FOR,     // for (variable = low; variable < high; variable += step) body; down: from high - 1 to low, step 1
    LOOP_IF,      // if (value) body else otherwise
    LOOP_DECLARE, // a new local: variable = value; is_const if it is never assigned again
    LOOP_ASSIGN,  // variable op= value
    LOOP_STORE,   // buffer [ subscript, ... ] op= value; a VECTOR value goes to `lanes` adjacent elements of the last axis
    LOOP_BLOCK,   // { body }: a scope for locals and sizes
    LOOP_SIZES,   // names for integers, in force to the end of the block: enum { C = 16, H = 28 };
    LOOP_COMMENT, // text, one or more lines; at the head of what follows
    LOOP_BLANK,   // an empty line
    LOOP_VIEW     // a short name for an element, near which later loads lie
} LoopStatementKind;


typedef enum LoopAssign { LOOP_SET, LOOP_ADD_TO } LoopAssign; // =, +=

typedef struct LoopBody {
    LoopStatement **item;
    int count;
} LoopBody;

typedef struct LoopSize {
    Name name;
    int64_t value;
} LoopSize;

struct LoopStatement {
    LoopStatementKind kind;
    LoopAssign assign;
    LoopVariable *variable;
    const LoopExpr *low, *high; // of LOOP_FOR
    bool down;                  // of LOOP_FOR
    bool parallel;              // of LOOP_FOR: iterations are independent and may run on several threads
    int64_t step;               // of LOOP_FOR; 0 means 1
    bool simd;                  // of LOOP_FOR: innermost, iterations are independent and may run in the lanes of vectors
    bool is_const;              // of LOOP_DECLARE
    const LoopBuffer *buffer;   // of LOOP_STORE
    const LoopExpr **subscript;
    int subscript_count;
    const LoopExpr *value;
    LoopBody body, otherwise;
    LoopSize *size;
    int size_count;
    const char *text;
    const LoopView *view; // of LOOP_VIEW
};

typedef struct LoopFunction {
    Name name;           // "forward"; C puts the model's name before it
    const char *comment; // what it does, for the reader
    LoopVariable *N;     // the number of samples in this batch
    LoopBody body;
    LIST(LoopBuffer *) local; // buffers of LOOP_LOCAL storage
} LoopFunction;

enum { LOOP_LANES_MAX = 64 };

typedef struct LoopModule {
    Compile *compile;
    Name model;     // C identifier, prefix of every exported symbol
    const char *spec;   // file name of the spec, for comments
    bool is_f32;    // REAL is float, else double
    bool strict;    // our own exp, log, tanh ..., no contraction
    int lanes;      // REALs in a VECTOR, a power of two up to LOOP_LANES_MAX; 0 or 1: the module has no vectors
    int64_t batch_size;
    LIST(LoopBuffer *) buffer; // without LOOP_LOCAL
    LIST(LoopFunction *) function;
    int variable_count, buffer_count; // slots given out so far
    const struct Lowering *lowering;  // which buffer holds which tensor, for lower_buffer_of; NULL in modules made by hand
} LoopModule;

// --- building (build.c). All nodes live in the module's arena. Constructors fold what is plainly constant: integer
// arithmetic, x*1, x+0 on INT; nothing on REAL that could change a rounding.
LoopModule *loop_module_new(Compile *c, Name model);
// Appended to module->buffer unless it is LOOP_LOCAL; the caller lists a local one in function->local. The member is
// the name until the caller sets it.
LoopBuffer *loop_buffer_new(LoopModule *m, LoopStorage storage, LoopType type, Name name, int rank, const int64_t *shape);
LoopVariable *loop_variable_new(LoopModule *m, Name name, LoopType type);
const LoopExpr *loop_integer(LoopModule *m, int64_t value, Name size_name);
const LoopExpr *loop_number(LoopModule *m, LoopType type, double value);
const LoopExpr *loop_read_variable(LoopModule *m, const LoopVariable *v);
const LoopExpr *loop_load(LoopModule *m, const LoopBuffer *b, const LoopExpr *const *subscript);
// `lanes` elements of a REAL buffer of rank >= 1 from the subscripted one on, along the last axis.
const LoopExpr *loop_load_vector(LoopModule *m, const LoopBuffer *b, const LoopExpr *const *subscript);
const LoopExpr *loop_splat(LoopModule *m, const LoopExpr *a);    // REAL to VECTOR
const LoopExpr *loop_lane_sum(LoopModule *m, const LoopExpr *v); // VECTOR to REAL, by a fixed tree
const LoopExpr *loop_binary(LoopModule *m, LoopExprKind kind, const LoopExpr *a, const LoopExpr *b);
const LoopExpr *loop_unary(LoopModule *m, LoopExprKind kind, const LoopExpr *a); // NEGATE, NOT
const LoopExpr *loop_call(LoopModule *m, Function f, const LoopExpr *const *arg);
const LoopExpr *loop_select(LoopModule *m, const LoopExpr *condition, const LoopExpr *a, const LoopExpr *b);
const LoopExpr *loop_convert(LoopModule *m, LoopType type, const LoopExpr *a);
// p < 0: a uniform draw, else a Bernoulli draw with probability p.
const LoopExpr *loop_random(LoopModule *m, double p, uint64_t stream, const LoopExpr *sample, const LoopExpr *element);
// The same draws for a VECTOR: lane i has the element element + i*stride.
const LoopExpr *loop_random_vector(LoopModule *m, double p, uint64_t stream, const LoopExpr *sample, const LoopExpr *element,
                                   int64_t stride);

// A cursor that appends statements. loop_begin_* open a nested body, loop_end closes the innermost.
typedef struct LoopBuilder LoopBuilder;
LoopBuilder *loop_builder_new(LoopModule *m, LoopFunction *f);
void loop_begin_for(LoopBuilder *b, LoopVariable *v, const LoopExpr *low, const LoopExpr *high, bool down, bool parallel);
// Upwards from low while below high; step >= 1.
void loop_begin_for_step(LoopBuilder *b, LoopVariable *v, const LoopExpr *low, const LoopExpr *high, int64_t step);
void loop_mark_simd(LoopBuilder *b); // right after loop_begin_for or loop_begin_for_step
void loop_begin_if(LoopBuilder *b, const LoopExpr *condition);
void loop_begin_else(LoopBuilder *b); // after the end of an if
void loop_begin_block(LoopBuilder *b);
void loop_end(LoopBuilder *b);
void loop_declare(LoopBuilder *b, LoopVariable *v, const LoopExpr *value, bool is_const);
void loop_assign(LoopBuilder *b, LoopVariable *v, LoopAssign assign, const LoopExpr *value);
void loop_store(LoopBuilder *b, const LoopBuffer *to, const LoopExpr *const *subscript, LoopAssign assign, const LoopExpr *value);
void loop_sizes(LoopBuilder *b, const LoopSize *size, int count);
// Names the element buffer[subscript]; and a load `offset` elements behind it, whose own subscripts are given too.
const LoopView *loop_view(LoopBuilder *b, Name name, const LoopBuffer *buffer, const LoopExpr *const *subscript);
const LoopExpr *loop_load_at(LoopModule *m, const LoopView *view, int64_t offset, const LoopExpr *const *subscript);
const LoopExpr *loop_load_vector_at(LoopModule *m, const LoopView *view, int64_t offset, const LoopExpr *const *subscript);
void loop_comment(LoopBuilder *b, const char *text);
void loop_blank(LoopBuilder *b);
LoopFunction *loop_function_new(LoopModule *m, Name name, const char *comment);
LoopFunction *loop_function_find(const LoopModule *m, const char *name); // NULL if there is none

// What a function touches, so that its signature names only that.
typedef struct LoopUse {
    bool storage[LOOP_LOCAL];  // reads or writes
    bool writes[LOOP_LOCAL];
    bool N, key, threads;      // the batch count; seed and step; a parallel loop
    LIST(const LoopBuffer *) buffer; // in the module's order, without LOOP_LOCAL
} LoopUse;
LoopUse loop_function_use(const LoopModule *m, const LoopFunction *f);

// Whether C, C++, libm, the signatures or the helpers of generated C already use this word, so that no variable, buffer,
// member or size may have it as its name (reserved.c).
bool loop_name_is_reserved(const char *name);

// --- check.c. Proves that types agree, names are unique where visible, and every access is in bounds, by intervals of
// affine subscripts over the loop ranges and by conditions in scope. Returns the number of problems; prints each to `out`.
int loop_check(const LoopModule *m, FILE *out);

// --- print.c: the module as text, for --dump=loops and golden tests.
void loop_print(const LoopModule *m, Text *out);

// --- layout.c: byte offsets in the blocks, as a C compiler lays out the structs of emit/c; a place that several buffers
// share is a union.
size_t loop_block_bytes(const LoopModule *m, LoopStorage storage);
size_t loop_buffer_offset(const LoopModule *m, const LoopBuffer *b); // in bytes
size_t loop_buffer_count(const LoopBuffer *b);                       // elements
bool loop_buffers_meet(const LoopBuffer *a, const LoopBuffer *b);    // two different buffers of one place

// --- eval.c: runs a function on blocks laid out as layout.c says. The oracle of both back ends: slow, and careful: it
// checks every subscript. Returns false and sets *problem on an access out of bounds.
typedef struct LoopCall {
    void *block[LOOP_LOCAL];
    int N;
    uint64_t seed, step;
} LoopCall;
bool loop_eval(const LoopModule *m, const LoopFunction *f, const LoopCall *call, const char **problem);

#endif
