// command_bench.c: how fast a step is, beside the machine's peak and beside others, all in turns
// within one run.
//
// Absolute times drift by a tenth from minute to minute on most machines; ratios of medians of
// alternating turns do not.
#include "driver/bench.h"
#include "driver/host.h"
#include "teach/summary.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *rival_name(int i) {
    static const char *const name[] = {"torch", "plain", "cc"};
    return i < 3 ? name[i] : NULL;
}

static const double noisy = 1.3; // a quiet machine stays below

static const Option option[] = {
    {"vs", 0, "RIVAL", "in turns with PyTorch, the plain style, or another compiler", rival_name},
    {"inference", 0, NULL, "time the evaluation of a batch instead of a step of training", NULL},
    {"runs", 0, "N", "turns of each (7)", NULL},
    {"threads", 0, "N", "otherwise one per core", NULL},
    {"batch-size", 0, "N", "in place of the spec's", NULL},
    OPTIONS_STYLE,
    OPTION_SET,
    {"python", 0, "FILE", "the Python that has PyTorch (/usr/bin/python3)", NULL},
    {"rival-cc", 0, "CC", "the other C compiler (clang; with --jit $CC, or cc)", NULL},
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

typedef enum Rival { RIVAL_NONE, RIVAL_TORCH, RIVAL_MODEL } Rival;

typedef struct Bench {
    const Arguments *arguments;
    BenchSettings settings;
    Toolchain toolchain;
    Pipeline pipeline, other_pipeline;
    BenchPeak peak;
    BenchModel model, other;
    BenchTorch torch;
    Rival rival;
    const char *rival_text, *our_text;
    double *turn, *other_turn;
    int64_t forward, backward; // multiply-adds a sample
} Bench;

static bool new_pipeline(const Arguments *arguments, bool plain, Pipeline *p) {
    *p = pipeline_new(arguments->positional.item[0]);
    if (!pipeline_take_options(p, arguments)) return false;
    const char *style = option_value(arguments, "style");
    if (!style) p->vector_bytes = target_vector_bytes(p->target);
    if (plain) p->vector_bytes = 0;
    p->fresh = p->jit; // the time to running code is a figure too
    return true;
}

// Counted in the equations before they are scheduled.
static void count(Bench *b) {
    Pipeline p;
    if (new_pipeline(b->arguments, false, &p) && pipeline_compile(&p, "adjoint")) {
        const Program *train = p.model->train;
        for (int i = 0; i < train->forward.count; i++)
            if (train->forward.item[i]->out->role != TENSOR_RESULT)
                b->forward += summary_multiply_adds(train->forward.item[i]);
        for (int i = 0; i < train->backward.count; i++)
            b->backward += summary_multiply_adds(train->backward.item[i]);
    }
    pipeline_free(&p);
}

static int begin_rival(Bench *b) {
    const char *rival = option_value(b->arguments, "vs");
    if (!rival) return EXIT_FINE;
    b->rival_text = rival;
    b->rival = strcmp(rival, "torch") ? RIVAL_MODEL : RIVAL_TORCH;
    if (b->rival == RIVAL_TORCH)
        return bench_torch_begin(&b->torch, &b->pipeline, &b->model, &b->settings);
    Toolchain toolchain = b->toolchain;
    bool plain = !strcmp(rival, "plain");
    if (!new_pipeline(b->arguments, plain, &b->other_pipeline)) return EXIT_USAGE;
    if (!plain) {
        const char *cc = option_value(b->arguments, "rival-cc");
        if (cc || !b->pipeline.jit) toolchain.cc = cc ? cc : "clang";
        b->rival_text = toolchain.cc;
        b->other_pipeline.jit = false;
    }
    return bench_model_begin(&b->other, &b->other_pipeline, &toolchain, &b->settings);
}

static int begin(Bench *b) {
    Pipeline *p = &b->pipeline;
    int code = bench_model_begin(&b->model, p, &b->toolchain, &b->settings);
    Arena *a = p->compile->arena;
    if (code == EXIT_FINE) code = begin_rival(b);
    if (code == EXIT_FINE)
        code = bench_peak_begin(&b->peak, p, &b->toolchain, b->model.table.type == NET_F32,
                                (int)b->settings.threads);
    if (code != EXIT_FINE) return code;
    b->turn = arena_new_array(a, double, b->settings.runs);
    b->other_turn = arena_new_array(a, double, b->settings.runs);
    count(b);
    return EXIT_FINE;
}

static bool take_turns(Bench *b) {
    for (int64_t i = 0; i < b->settings.runs; i++) {
        bench_peak_turn(&b->peak);
        b->turn[i] = bench_model_turn(&b->model);
        if (b->rival == RIVAL_MODEL) b->other_turn[i] = bench_model_turn(&b->other);
        if (b->rival == RIVAL_TORCH && !bench_torch_turn(&b->torch)) return false;
    }
    return true;
}

static void print_machine(const Bench *b, double seconds) {
    const NetModel *m = &b->model.table;
    bool inference = b->settings.inference;
    double products = (double)(inference ? b->forward : b->forward + b->backward);
    double rate = 2 * products * m->batch_size / seconds;
    printf("multiply-adds  %lld forward", (long long)b->forward);
    if (!inference) printf(", %lld backward", (long long)b->backward);
    printf(" a sample\nspeed          %.1f GFLOP/s", rate / 1e9);
    if (b->peak.run)
        printf(", %.1f %% of the direct-convolution FMA peak of %.1f GFLOP/s on %d threads",
               100 * rate / b->peak.best, b->peak.best / 1e9, b->peak.threads);
    putchar('\n');
    size_t width = m->type == NET_F64 ? 8 : 4;
    printf("bytes          %zu parameters, %zu batch, %zu work\n", m->param_count * width,
           m->batch_bytes, m->work_bytes);
}

// The work block as it is planned, beside what the tensors of the equations would take; and the
// peak of this process, the compiler included.
static void print_memory(const Bench *b) {
    MemoryPlan plan = lower_memory_plan(b->pipeline.loops);
    struct rusage usage;
    double stored = 0, mega = 1e-6;
    for (int i = 0; i < plan.use.count; i++)
        if (!plan.use.item[i].is_made) stored += (double)plan.use.item[i].stored;
    printf("memory         %.2f MB of work", mega * (double)b->model.table.work_bytes);
    if (stored > 0) printf(", %.2f MB if every tensor were stored", mega * stored);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        printf("; peak of the process %.1f MB", 1024 * mega * (double)usage.ru_maxrss);
    putchar('\n');
}

// With the JIT, from nothing kept; the first of a process, so that loading LLVM is part of it.
static void print_loading(const Bench *b) {
    printf("to run         %s %.0f ms from the spec to running code", b->our_text,
           1e3 * b->model.loading);
    if (b->rival == RIVAL_MODEL) printf(", %s %.0f ms", b->rival_text, 1e3 * b->other.loading);
    putchar('\n');
}

static void print_report(Bench *b) {
    const NetModel *m = &b->model.table;
    double batch = (double)m->batch_size;
    int runs = (int)b->settings.runs;
    double median = bench_median(b->turn, runs);
    printf("%s, style %s, %s, batch %d, %lld threads, %d turns\n", m->name, m->schedule,
           b->settings.inference ? "inference" : "training", m->batch_size,
           (long long)b->settings.threads, runs);
    printf("time           %.2f us a sample (%.2f to %.2f)\n", 1e6 * median / batch,
           1e6 * b->turn[0] / batch, 1e6 * b->turn[runs - 1] / batch);
    print_machine(b, median);
    print_memory(b);
    if (b->pipeline.jit) print_loading(b);
    if (!b->settings.inference) bench_model_phases(&b->model);
    if (b->rival == RIVAL_NONE) return;
    double other, fastest;
    if (b->rival == RIVAL_TORCH) {
        other = bench_torch_report(&b->torch, m->batch_size, &fastest);
    } else {
        other = bench_median(b->other_turn, runs);
        fastest = b->other_turn[0];
    }
    printf("fastest turns  %s %.1f us, %s %.1f us: ratio %.2f\n", b->rival_text,
           1e6 * fastest / batch, b->our_text, 1e6 * b->turn[0] / batch, fastest / b->turn[0]);
    if (b->turn[runs - 1] > noisy * b->turn[0])
        printf("noise          our slowest turn took %.1f times the fastest: other programs share "
               "the machine, and the medians mean little\n",
               b->turn[runs - 1] / b->turn[0]);
    printf("ratio %.2f (%s %.1f us, %s %.1f us)\n", other / median, b->rival_text,
           1e6 * other / batch, b->our_text, 1e6 * median / batch);
}

static bool take_options(const Arguments *arguments, BenchSettings *s) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const char *python = option_value(arguments, "python");
    *s = (BenchSettings){.threads = cores < 1 ? 1 : cores,
                         .runs = 7,
                         .inference = option_given(arguments, "inference"),
                         .python = python ? python : "/usr/bin/python3"};
    return option_integer(arguments, "threads", 1, 1024, &s->threads) &&
           option_integer(arguments, "runs", 1, 1000, &s->runs);
}

static int run(const Arguments *arguments) {
    Bench b = {.arguments = arguments, .toolchain = toolchain_from(arguments)};
    int code = EXIT_USAGE;
    if (new_pipeline(arguments, false, &b.pipeline) && take_options(arguments, &b.settings)) {
        b.our_text = b.pipeline.jit ? "jit" : "netc";
        code = begin(&b);
        if (code == EXIT_FINE && !take_turns(&b)) code = EXIT_FILES;
        if (code == EXIT_FINE) print_report(&b);
    }
    bench_torch_end(&b.torch);
    if (b.rival == RIVAL_MODEL) {
        bench_model_end(&b.other);
        if (b.other_pipeline.compile) pipeline_free(&b.other_pipeline);
    }
    bench_model_end(&b.model);
    pipeline_free(&b.pipeline);
    return code;
}

const Command command_bench = {
    .name = "bench",
    .arguments = "SPEC [--vs RIVAL]",
    .summary = "Time a training step on random data, beside the machine's peak and PyTorch",
    .detail = "Medians of alternating turns in one run. The style is fast unless --style says "
              "otherwise. With --vs the last line is\n"
              "the ratio of the rival's time to ours; PyTorch is tried in several configurations, "
              "of which the best counts.\n"
              "--jit --vs cc compares LLVM in this process with the C compiler, and says how long "
              "each takes to running code.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
