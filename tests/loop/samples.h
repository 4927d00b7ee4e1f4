// samples.h: loop modules built by hand, one for each thing that loops can say, for the tests of
// loop/ and emit/.
#ifndef NETC_TESTS_LOOP_SAMPLES_H
#define NETC_TESTS_LOOP_SAMPLES_H

#include "loop/loop.h"

typedef struct Sample {
    const char *name;
    bool is_f32, strict;
    void (*build)(LoopModule *m);
} Sample;

extern const Sample samples[];
extern const int sample_count;

LoopModule *sample_make(Compile *c, const Sample *s);
const Sample *sample_find(const char *name);

// samples_vector.c
void build_vector_functions(LoopModule *m);
void build_vector_sums(LoopModule *m);
void build_vector_conv(LoopModule *m);
void build_vector_none(LoopModule *m);

// A module of random loops; every seed gives another. Its accesses are in bounds and provably so.
LoopModule *sample_random(Compile *c, uint64_t seed);
LoopModule *sample_random_vector(Compile *c, uint64_t seed);

// Short forms of the builders.
Name nm(LoopModule *m, const char *text);
const LoopExpr *num(LoopModule *m, double value);
const LoopExpr *whole(LoopModule *m, int64_t value);
const LoopExpr *var(LoopModule *m, const LoopVariable *v);
const LoopExpr *op(LoopModule *m, LoopExprKind kind, const LoopExpr *a, const LoopExpr *b);
const LoopExpr *fn(LoopModule *m, Function f, const LoopExpr *a);
#define AT(...) ((const LoopExpr *const[]){__VA_ARGS__})
#define SHAPE(...)                                                                                 \
    (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), ((const int64_t[]){__VA_ARGS__})

#endif
