// c.h: what the parts of the C emitter share.
#ifndef NETC_EMIT_C_H
#define NETC_EMIT_C_H

#include "emit/emit.h"
#include "emit/prelude.h"
#include "loop/express.h"
#include "loop/walk.h"

typedef struct CEmitter {
    const LoopModule *module;
    const EmitOptions *options;
    const LoopFunction *function; // being printed
    Arena *arena;
    Writer writer;
    LoopWriter express;
    LIST(LoopSize) size;   // LOOP_SIZES in scope
    LIST(uint64_t) stream; // of random numbers, named STREAM_1, STREAM_2, ...
    NameList helper;       // of the prelude, that were called
    NameList each;         // functions of one or two reals that were called on the lanes of vectors
    LoopUse use;           // of the function
    LoopUse head;          // arrays whose aliases stand at the head of the function
    bool is_parallel;      // inside of a parallel loop
    bool used_parallel;    // a parallel loop was printed
    bool used_simd;        // and one that is marked simd
    bool used_lane_sum;    // the lanes of a vector were added
} CEmitter;

// c_expr.c
CEmitter *c_emitter_new(const LoopModule *m, const EmitOptions *o, Text *out);
const char *c_memory_type(const LoopModule *m, LoopType type); // "float", "double", "int32_t"
const char *c_value_type(const LoopModule *m, LoopType type);  // the same with "int"
const char *c_expr(CEmitter *e, const LoopExpr *x);
// The place of an element: "relu_1[n][o]", "params->w1".
const char *c_element(CEmitter *e, const LoopBuffer *b, const LoopExpr *const *subscript);
// Notes that the prelude must define this function, and returns its name.
const char *c_helper(CEmitter *e, const char *name);
// A double that reads back exactly, as C; INFINITY and NAN where it is that.
const char *c_number(Arena *a, double value);

// c_vector.c
// The function that computes x on vectors.
const char *c_vector_function(CEmitter *e, const LoopExpr *x);
// The function that adds the lanes of a vector.
const char *c_lane_sum(CEmitter *e);
// The types of vectors, and the functions that go through their lanes; nothing if no vector is
// used.
void c_vector_types(CEmitter *e);
void c_vector_loops(CEmitter *e);

// c_expr.c: what computes a function of scalars of this type.
const char *c_scalar_function(CEmitter *e, Function f, LoopType type);
bool c_function_has_strict(Function f); // whether strict modules have another one

// c_statement.c
void c_body(CEmitter *e, const LoopBody *body);
void c_local_array(CEmitter *e, const LoopBuffer *b);

// c_alias.c
// Decides which arrays get their alias at the head of the function, and prints these; returns how
// many.
int c_head_aliases(CEmitter *e, const LoopFunction *f);
// The aliases of a block of the function that the head has not.
void c_block_aliases(CEmitter *e, const LoopStatement *block);

// c_header.c
bool c_has_block(const LoopModule *m, LoopStorage storage);
// "net_params": the struct of a block; gradients have the parameters' struct.
const char *c_block_type(CEmitter *e, LoopStorage storage);
// "void net_forward(const net_params *params, ...)".
const char *c_signature(CEmitter *e, const LoopFunction *f);
// "NET_BATCH" where an axis counts samples, else the number.
const char *c_axis(CEmitter *e, const LoopBuffer *b, int axis);
const char *c_upper(CEmitter *e, const char *name);
void c_head_comment(CEmitter *e, const char *what);

#endif
