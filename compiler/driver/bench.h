// bench.h: what the files of `netc bench` share: contenders that are timed in turns.
//
// A contender computes one step (of training, or of inference) on a batch of random numbers, again
// and again. Each gets turns of about the same length; what is reported is the median of its turns.
// All times are seconds of a steady clock.
#ifndef NETC_DRIVER_BENCH_H
#define NETC_DRIVER_BENCH_H

#include "driver/load.h"
#include "net_runtime.h"

typedef struct BenchSettings {
    int64_t threads, runs;
    bool inference;
    const char *python;
} BenchSettings;

// Seconds of a steady clock.
double bench_clock(void);
// The median; orders the values.
double bench_median(double *value, int count);
// How many steps of so many seconds make one turn.
int64_t bench_steps(double seconds);

// --- bench_model.c: a model of ours

typedef struct BenchModel {
    Loaded loaded;
    NetModel table; // the loaded one, with random inline data
    NetSession *session;
    NetCall call;   // of the last step
    int64_t steps;  // in one turn
    double loading; // seconds from the spec to running code
    bool inference;
} BenchModel;

// Compiles and loads p with its options set, makes random data and calibrates the length of a turn.
// Returns an exit code.
int bench_model_begin(BenchModel *b, Pipeline *p, const Toolchain *t, const BenchSettings *s);
// One turn: seconds a step.
double bench_model_turn(BenchModel *b);
// Prints how long the parts of a step take, in microseconds a sample.
void bench_model_phases(BenchModel *b);
void bench_model_end(BenchModel *b);

// --- bench_peak.c: what the machine's multiply-adds allow

typedef struct BenchPeak {
    double (*run)(int threads, long rounds); // floating-point operations done
    double best;                             // operations a second
    int threads;
} BenchPeak;
// Compiles the loop with the compiler that compiles models. Returns an exit code. With the JIT a C
// compiler may be missing: then there is no peak, and peak->run is NULL.
int bench_peak_begin(BenchPeak *peak, const Pipeline *p, const Toolchain *t, bool is_f32,
                     int threads);
// Measures again and keeps the best; nothing where there is no peak.
void bench_peak_turn(BenchPeak *peak);

// --- bench_torch.c: PyTorch, in processes of its own that stand still while others have their turn

enum { BENCH_TORCH_MOST = 4 };
typedef struct BenchTorchProcess {
    const char *name; // "channels_last, bound active threads"
    int pid;
    FILE *to, *from;
    int64_t steps;
    double *turn; // seconds a step
    int turns;
} BenchTorchProcess;
typedef struct BenchTorch {
    BenchTorchProcess process[BENCH_TORCH_MOST];
    int count;
    const char *version, *blas; // of PyTorch; the file of its matrix products
    char *folder;
} BenchTorch;

// Writes the script of the model and starts PyTorch in every configuration; checks that each
// computes the loss that our model computes from the same parameters and inputs, on as many
// threads. Returns an exit code.
int bench_torch_begin(BenchTorch *torch, Pipeline *p, const BenchModel *model,
                      const BenchSettings *s);
// One turn of every process. False after a message.
bool bench_torch_turn(BenchTorch *torch);
// Prints all configurations; returns the median seconds a step of the best, and the fastest turn of
// any.
double bench_torch_report(BenchTorch *torch, int64_t batch, double *fastest);
void bench_torch_end(BenchTorch *torch);

#endif
