// parallel.c: parallel loops of generated code, cut among threads in equal parts one after the
// other, as OpenMP's static schedule does. No iteration depends on another, so the number of
// threads changes no bit.
#include "jit/internal.h"

// Part `which` of `parts`: its first iteration.
static int64_t part_begin(int64_t iterations, int64_t parts, int64_t which) {
    const int64_t each = iterations / parts, rest = iterations % parts;
    return each * which + (which < rest ? which : rest);
}

void net_parallel(JitLoopBody *body, void *context, int64_t low, int64_t high, int64_t step,
                  int threads) {
    const int64_t iterations = high > low ? (high - low + step - 1) / step : 0;
    const int64_t parts = threads < iterations ? threads : iterations;
    if (parts <= 1) {
        body(context, low, high);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for num_threads((int)parts) schedule(static)
#endif
    for (int64_t i = 0; i < parts; i++) {
        const int64_t end = low + part_begin(iterations, parts, i + 1) * step;
        body(context, low + part_begin(iterations, parts, i) * step, end < high ? end : high);
    }
}
