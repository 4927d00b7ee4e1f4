// bench_model.c: the steps of a model as the runtime does them: a batch is filled, forward,
// backward, states, optimizer.
//
// The data are random numbers handed to the runtime as if the spec held them, so that no file is
// needed and every part of a step is measured, the filling of batches included.
#include "driver/bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCHES = 4, WARM_UP = 3, PHASE_STEPS = 9 };
static const double turn_seconds = 0.25;

double bench_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *value, int count) {
    qsort(value, (size_t)count, sizeof *value, by_size);
    return count % 2 ? value[count / 2] : (value[count / 2 - 1] + value[count / 2]) / 2;
}

int64_t bench_steps(double seconds) {
    double steps = ceil(turn_seconds / fmax(seconds, 1e-9));
    return steps < 1 ? 1 : steps > 1e8 ? 100000000 : (int64_t)steps;
}

// --- random data

static double draw(uint64_t *state) { // splitmix64 (Steele, Lea, Flood 2014)
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void make_data(BenchModel *b, Arena *a) {
    uint64_t random = 1;
    NetModel *m = &b->table;
    NetInline *all = arena_new_array(a, NetInline, m->input_count);
    size_t samples = (size_t)m->batch_size * BATCHES;
    for (int i = 0; i < m->input_count; i++) {
        const NetInput *input = &m->input[i];
        double *value = arena_new_array(a, double, samples * input->count);
        for (size_t k = 0; k < samples * input->count; k++) {
            double unit = draw(&random);
            bool is_class = input->type == NET_I32;
            value[k] =
                is_class ? floor(unit * (double)(input->classes > 0 ? input->classes : 1)) : unit;
        }
        all[i] = (NetInline){input->name, value, samples};
    }
    m->data = (NetData){
        .format = NET_DATA_INLINE, .scale = 1, .inlined = all, .inlined_count = m->input_count};
}

// --- turns

static void step(BenchModel *b) {
    if (b->inference) {
        b->table.evaluate(&b->call);
        return;
    }
    b->call = net_session_forward(b->session);
    net_session_backward(b->session);
    net_session_update(b->session);
}

static double seconds_a_step(BenchModel *b, int64_t steps) {
    double began = bench_clock();
    for (int64_t i = 0; i < steps; i++) step(b);
    return (bench_clock() - began) / (double)steps;
}

double bench_model_turn(BenchModel *b) {
    step(b); // what ran before has filled the caches with its own
    return seconds_a_step(b, b->steps);
}

static bool can_train(const Pipeline *p) {
    if (!p->model->train->loss)
        fprintf(stderr, "netc: %s has no loss, so there is no step to time\n", p->path);
    else if (!p->model->settings.optimizer.kind)
        fprintf(stderr, "netc: %s names no optimizer: add train { optimizer = SGD(lr=0.1) }\n",
                p->path);
    else
        return true;
    return false;
}

int bench_model_begin(BenchModel *b, Pipeline *p, const Toolchain *t, const BenchSettings *s) {
    *b = (BenchModel){.inference = s->inference};
    double began = bench_clock();
    int code = model_load(p, t, &b->loaded);
    b->loading = bench_clock() - began;
    if (code != EXIT_FINE) return code;
    if (!can_train(p)) return EXIT_SPEC;
    b->table = *b->loaded.model;
    make_data(b, p->compile->arena);
    NetRunOptions options = {.epochs = b->table.train.iterations ? -1 : INT32_MAX,
                             .iterations = b->table.train.iterations ? INT32_MAX : -1,
                             .threads = (int)s->threads,
                             .quiet = true};
    code = net_session_begin(&b->table, &options, &b->session);
    if (code != EXIT_FINE) return code;
    b->call = net_session_forward(b->session);
    double seconds = seconds_a_step(b, WARM_UP);
    b->steps = bench_steps(seconds);
    b->steps = bench_steps(seconds_a_step(b, b->steps > 16 ? 16 : b->steps));
    return EXIT_FINE;
}

void bench_model_end(BenchModel *b) {
    net_session_end(b->session);
    model_unload(&b->loaded);
    *b = (BenchModel){0};
}

// --- phases

enum { FILL, FORWARD, BACKWARD, STATES, OPTIMIZER, PHASE_COUNT };
static const char *const phase_name[PHASE_COUNT] = {"batch", "forward", "backward", "states",
                                                    "optimizer"};

// The filling of a batch is part of the session's forward, the states of its update: both are what
// is left when the model's own function is timed once more by itself.
static void one_step(BenchModel *b, double *seconds) {
    double t[7];
    t[0] = bench_clock();
    b->call = net_session_forward(b->session);
    t[1] = bench_clock();
    b->table.forward(&b->call);
    t[2] = bench_clock();
    net_session_backward(b->session);
    t[3] = bench_clock();
    if (b->table.update) b->table.update(&b->call);
    t[4] = bench_clock();
    net_session_update(b->session);
    t[5] = bench_clock();
    seconds[FORWARD] = t[2] - t[1];
    seconds[FILL] = fmax(0, t[1] - t[0] - seconds[FORWARD]);
    seconds[BACKWARD] = t[3] - t[2];
    seconds[STATES] = t[4] - t[3];
    seconds[OPTIMIZER] = fmax(0, t[5] - t[4] - seconds[STATES]);
}

void bench_model_phases(BenchModel *b) {
    double seconds[PHASE_COUNT][PHASE_STEPS], sum = 0, median[PHASE_COUNT];
    for (int i = 0; i < PHASE_STEPS; i++) {
        double now[PHASE_COUNT];
        one_step(b, now);
        for (int k = 0; k < PHASE_COUNT; k++) seconds[k][i] = now[k];
    }
    for (int k = 0; k < PHASE_COUNT; k++) sum += median[k] = bench_median(seconds[k], PHASE_STEPS);
    for (int k = 0; k < PHASE_COUNT; k++)
        printf("  %-10s %10.2f us a sample  %5.1f %%\n", phase_name[k],
               1e6 * median[k] / b->table.batch_size, 100 * median[k] / sum);
}
