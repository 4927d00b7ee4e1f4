// blocks.h: the plug-in, and the blocks of a module on which machine code and interpreter run.
#ifndef NETC_TESTS_JIT_BLOCKS_H
#define NETC_TESTS_JIT_BLOCKS_H

#include "jit/jit.h"

typedef struct Blocks {
    void *of[LOOP_LOCAL]; // NULL where the module has none
} Blocks;

// The plug-in at this path, or NULL after a message.
const JitPlugin *plugin_open(const char *path);

// Blocks with pseudo-random numbers, the same for the same seed: reals from -1 to 1, of states from
// 0.5 to 1.5, integers below their limits. Gradients, results and, unless `fill_work`, work are
// zero, as the fast style wants it. Parameters are a quarter of that: as small as networks have
// them.
Blocks blocks_new(const LoopModule *m, uint64_t seed, bool fill_work);
Blocks blocks_copy(const LoopModule *m, const Blocks *from);
void blocks_free(Blocks *b);

// Runs one function of the module, if it has it, in the interpreter or as machine code.
void interpret_function(const LoopModule *m, const char *name, const Blocks *b, int n,
                        uint64_t step);
void machine_function(const LoopModule *m, const char *name, const JitPlugin *plugin, Jit *jit,
                      const Blocks *b, int n, uint64_t step, int threads);

// Fails where an element differs by more than `relative` times the largest of its buffer; 0: in any
// bit (but those of a NaN). Returns how many finite numbers other than zero were compared.
size_t compare_blocks(const LoopModule *m, const Blocks *want, const Blocks *have, double relative,
                      const char *where);

// The gradients alone. What vanishes beside the largest of them counts as rounding.
size_t compare_gradients(const LoopModule *m, const Blocks *want, const Blocks *have,
                         double relative, const char *where);

#endif
