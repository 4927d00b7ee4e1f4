// llvm.h: loops to LLVM IR, and what the parts of that emitter share. It mirrors the C emitter
// function for function; docs/jit.md says how each thing that loops can say is written in IR.
//
// Integers of expressions are i64, so that no subscript needs an extension of its own: the loop IR
// promises that they fit in an int. Memory and the signatures have i32. A VECTOR is <lanes x REAL>,
// a MASK <lanes x i1>. Constants and locals that are never assigned again are values; other locals
// are memory, of which the first pass makes registers.
#ifndef NETC_EMIT_LLVM_H
#define NETC_EMIT_LLVM_H

#include "loop/loop.h"

#include <llvm-c/Core.h>

typedef struct LlvmOptions {
    bool threads; // parallel loops become functions that net_parallel calls; else they run in place
    bool calls;   // add "net.call.<function>" for each function, which takes a NetCall
    const bool *wanted; // by a function's number in the module; NULL: all
} LlvmOptions;

// The whole module; the caller disposes of it. Its functions are called as in emitted C,
// "<model>_forward".
LLVMModuleRef emit_llvm(const LoopModule *m, const LlvmOptions *o, LLVMContextRef context);
// The name of the function that takes a NetCall.
const char *emit_llvm_call_name(Arena *a, const char *function);

// The symbols that a module may need, apart from those of libm.
#define LLVM_PARALLEL "net_parallel"
#define LLVM_STRICT_PREFIX "net_" // net_strict_exp_f32, ...: the functions of strict modules

typedef struct LlvmPlace { // a local, by its slot
    LLVMValueRef value;    // NULL where it is not in scope
    bool is_memory;
} LlvmPlace;

typedef struct LlvmView {
    const LoopView *view;
    LLVMValueRef address;
} LlvmView;

// What belongs to the LLVM function that is being written; the body of a parallel loop has its own.
typedef struct LlvmFrame {
    LLVMValueRef function;
    LLVMBasicBlockRef entry; // local memory is made here
    LLVMValueRef block[LOOP_LOCAL], seed, step, threads;
    LlvmPlace *variable;  // by slot
    LLVMValueRef *array;  // of local buffers, by slot
    LIST(LlvmView) view;  // in scope
    bool is_parallel;     // inside of a parallel loop
    LLVMMetadataRef simd; // the loop whose iterations do not depend on each other, or NULL
} LlvmFrame;

typedef struct LlvmEmitter {
    const LoopModule *module;
    const LlvmOptions *options;
    Arena *arena;
    LLVMContextRef context;
    LLVMModuleRef out;
    LLVMBuilderRef builder;
    LLVMTypeRef i1, i8, i32, i64, real, f64, pointer, nothing;
    LLVMTypeRef vector, mask, lane_int, vector_int; // <lanes x REAL>, of i1, an int of REAL's size
    LLVMTypeRef block_type[LOOP_LOCAL];
    unsigned *member;     // of a buffer in its block's struct, by slot
    LLVMValueRef *access; // of a buffer: the tag of its loads and stores, by slot
    const LoopFunction *function;
    LoopUse use; // of the function
    LlvmFrame frame;
    int loops; // bodies of parallel loops in this function so far
} LlvmEmitter;

// llvm_expr.c
LLVMValueRef llvm_expr(LlvmEmitter *e, const LoopExpr *x);
LLVMTypeRef llvm_type(const LlvmEmitter *e, LoopType type);        // of a value
LLVMTypeRef llvm_memory_type(const LlvmEmitter *e, LoopType type); // of an element of a buffer
LLVMValueRef llvm_integer(const LlvmEmitter *e, int64_t value);
// An operation on REALs, F64s or VECTORs; contraction is allowed unless the module is strict.
LLVMValueRef llvm_arithmetic(LlvmEmitter *e, LLVMOpcode op, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef llvm_negate(LlvmEmitter *e, LLVMValueRef a);
// The value of a variable in scope.
LLVMValueRef llvm_read(LlvmEmitter *e, const LoopVariable *v);
LLVMBasicBlockRef llvm_new_block(LlvmEmitter *e, const char *name);

// llvm_memory.c
void llvm_block_types(LlvmEmitter *e);
// The address of an element of a buffer.
LLVMValueRef llvm_element(LlvmEmitter *e, const LoopBuffer *b, const LoopExpr *const *subscript);
LLVMValueRef llvm_load(LlvmEmitter *e, const LoopExpr *x);
// value: as an expression has it; a VECTOR takes the adjacent elements.
void llvm_store(LlvmEmitter *e, const LoopBuffer *b, LLVMValueRef address, LLVMValueRef value);
LLVMValueRef llvm_load_element(LlvmEmitter *e, const LoopBuffer *b, LLVMValueRef address,
                               bool is_vector);
// Memory of the function, at its entry.
LLVMValueRef llvm_local(LlvmEmitter *e, LLVMTypeRef type, const char *name);
void llvm_local_array(LlvmEmitter *e, const LoopBuffer *b);
// A mark of one loop, which its accesses carry too: then its iterations may run side by side.
LLVMMetadataRef llvm_simd_mark(LlvmEmitter *e);
void llvm_mark_branch(LlvmEmitter *e, LLVMValueRef branch, LLVMMetadataRef mark);

// llvm_function.c: a function of the module that is written when it is first needed.
typedef struct LlvmHelper {
    LLVMValueRef function;
    LLVMTypeRef type;
    bool is_new; // has no body yet
} LlvmHelper;
LlvmHelper llvm_helper(LlvmEmitter *e, const char *name, LLVMTypeRef result,
                       const LLVMTypeRef *parameter, int count);
// A function of another library, which touches no memory.
LlvmHelper llvm_external(LlvmEmitter *e, const char *name, LLVMTypeRef result,
                         const LLVMTypeRef *parameter, int count);
LLVMValueRef llvm_call(LlvmEmitter *e, LlvmHelper f, LLVMValueRef *argument, int count);
// An intrinsic of LLVM for a value of this type: "llvm.sqrt".
LLVMValueRef llvm_intrinsic(LlvmEmitter *e, const char *name, LLVMTypeRef type,
                            LLVMValueRef *argument, int count);
void llvm_attribute(LlvmEmitter *e, LLVMValueRef function, int where, const char *name);
// Begins the body of another function, and ends it: its first block holds local memory only.
typedef struct LlvmOuter {
    LLVMValueRef function;
    LLVMBasicBlockRef entry, at;
} LlvmOuter;
LlvmOuter llvm_enter(LlvmEmitter *e, LLVMValueRef function);
void llvm_leave(LlvmEmitter *e, LlvmOuter outer);

// llvm_scalar.c: functions of scalars. Those that are instructions take vectors too.
LLVMValueRef llvm_scalar_function(LlvmEmitter *e, Function f, LLVMTypeRef type,
                                  LLVMValueRef *argument);
bool llvm_is_instruction(Function f);
LLVMValueRef llvm_instruction(LlvmEmitter *e, Function f, LLVMTypeRef type, LLVMValueRef *argument);
// A constant, in all lanes where the type is a vector's.
LLVMValueRef llvm_number(LlvmEmitter *e, LLVMTypeRef type, double value);
LLVMValueRef llvm_min(LlvmEmitter *e, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef llvm_max(LlvmEmitter *e, LLVMValueRef a, LLVMValueRef b);

// llvm_vector.c
LLVMValueRef llvm_vector_function(LlvmEmitter *e, const LoopExpr *x, LLVMValueRef *argument);
LLVMValueRef llvm_splat(LlvmEmitter *e, LLVMValueRef scalar); // of any type
LLVMValueRef llvm_lane_sum(LlvmEmitter *e, LLVMValueRef vector);
// A function of scalars on each lane.
LLVMValueRef llvm_each(LlvmEmitter *e, Function f, LLVMValueRef *argument);

// llvm_math.c: the polynomials of vectors of floats.
LLVMValueRef llvm_polynomial(LlvmEmitter *e, Function f, LLVMValueRef x);

// llvm_random.c
LLVMValueRef llvm_draw(LlvmEmitter *e, const LoopExpr *x);

// llvm_statement.c
void llvm_body(LlvmEmitter *e, const LoopBody *body);
// for (variable = low; ...) around what `s` has as its body.
void llvm_loop(LlvmEmitter *e, const LoopStatement *s, LLVMValueRef low, LLVMValueRef high);

// llvm_parallel.c: the body of a parallel loop as a function of its own, and its call.
void llvm_parallel_loop(LlvmEmitter *e, const LoopStatement *s);

#endif
