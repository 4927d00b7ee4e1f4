// affine.h: proves that an integer expression is not negative.
//
// An expression is a sum of atoms with integer factors plus a constant. Atoms (variables, loads,
// minima ...) have ranges; loop bounds and conditions in scope are facts "affine >= 0". `a >= 0` is
// proved when the lowest value of a, or of a minus a few facts times positive numbers, is not
// negative: a sum of things that are not negative. Facts never mention what may change while they
// hold: assigned variables, and arrays other than the batch.
#ifndef NETC_LOOP_AFFINE_H
#define NETC_LOOP_AFFINE_H

#include "loop/loop.h"

typedef struct AffineTerm {
    const LoopExpr *atom;
    int64_t factor;
} AffineTerm;

typedef struct Affine {
    int64_t constant;
    LIST(AffineTerm) term;
    bool is_unknown; // a factor would overflow
} Affine;

typedef struct Range {
    int64_t low, high; // both within +-RANGE_MAX, which stands for infinity
} Range;
#define RANGE_MAX ((int64_t)1 << 60)

typedef struct Prover {
    const LoopModule *module;
    Arena *scratch;
    Range *range;         // of variables, by slot
    const Affine **value; // of constant INT variables, by slot; or NULL
    bool *is_assigned;    // variables whose value changes, by slot
    LIST(Affine) fact;
    LIST(const LoopExpr *) noted; // atoms whose own facts are in `fact`
    int steps;                    // left in the current proof
} Prover;

typedef struct ProverMark {
    int fact, noted;
} ProverMark;

Prover *prover_new(const LoopModule *m, Arena *scratch);
ProverMark prover_mark(const Prover *p);
void prover_release(Prover *p, ProverMark mark); // forgets what was assumed since

// The values that an INT expression can take.
Range prover_range(Prover *p, const LoopExpr *e);
// A loop variable: low <= v < high, and v - low is a multiple of the step.
void prover_bind_loop(Prover *p, const LoopVariable *v, const LoopExpr *low, const LoopExpr *high,
                      int64_t step);
// A constant variable, equal to the expression from here on.
void prover_bind_value(Prover *p, const LoopVariable *v, const LoopExpr *value);
// The condition holds, or does not hold, from here on.
void prover_assume(Prover *p, const LoopExpr *condition, bool holds);
// Whether e keeps its value as long as the loop indices in it do.
bool prover_is_stable(const Prover *p, const LoopExpr *e);
// Whether 0 <= e < size.
bool prover_is_within(Prover *p, const LoopExpr *e, int64_t size);

#endif
