// strides.c: the functions of the model.
//
// A sample.
#include "strides.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(strides_states) == 72, "layout of strides_states");
_Static_assert(sizeof(strides_batch) == 216, "layout of strides_batch");
_Static_assert(sizeof(strides_work) == 216, "layout of strides_work");

// The iterations of a loop marked so are independent of each other.
#ifdef _OPENMP
#define PARALLEL_FOR _Pragma("omp parallel for num_threads(threads) schedule(static)")
#else
#define PARALLEL_FOR (void)threads;
#endif

static inline int int_min(int a, int b) { return a < b ? a : b; }

static inline int floor_divide(int a, int b) { return a / b - (a % b < 0); }

static inline int ceil_divide(int a, int b) { return a / b + (a % b > 0); }

// y[2*p + r - 1] += x[p]; running means.
void strides_update(strides_states *states, const strides_batch *batch, strides_work *work, int N,
                    int threads) {
    const double (*restrict x)[9] = batch->x;
    double (*restrict y)[9] = work->y;
    double *restrict running = states->running;

    PARALLEL_FOR
    for (int n = 0; n < N; n++) {
        double tile[4][2];
        for (int j = 0; j < 8; j++)
            tile[floor_divide(j, 2)][j - 2*floor_divide(j, 2)] = x[n][j];
        for (int k = 0; k < 9; k++)
            y[n][k] = 0.0;
        for (int r = 0; r < 3; r++)
            for (int p = ceil_divide(1 - r, 2); p < int_min(4, ceil_divide(10 - r, 2)); p++) {
                const int twice = 2*p;
                y[n][twice + r - 1] += tile[p][1];
            }
    }

    {
        for (int i = 0; i < 9; i++)
            running[i] = 0.9*running[i] + 0.1*y[0][i];
    }
}
