// bench_peak.c: how many multiply-adds the cores do when nothing else is asked of them: chains of
// vectors in registers.
//
// Twelve chains hide the latency of two units of four cycles and leave room in sixteen registers.
// The compiler and the vectors are those of the models, so that a share of this peak is a share of
// what they could reach.
#include "driver/bench.h"

#include "driver/files.h"
#include "driver/host.h"
#include "driver/process.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

enum { CHAINS = 12 };

static const char *peak_source(Arena *a, int vector_bytes, bool is_f32) {
    int bytes = vector_bytes ? vector_bytes : 16, size = is_f32 ? 4 : 8;
    const char *real = is_f32 ? "float" : "double";
    Text t = text_new(a);
    text_printf(&t, "typedef %s Vector __attribute__((vector_size(%d)));\n", real, bytes);
    text_add(&t, "static double chains(long rounds) {\n    Vector x = {0}, y = {0};\n");
    text_printf(&t, "    x += (%s)0.999;\n    y += (%s)0.001;\n", real, real);
    text_add(&t, "    __asm__ volatile(\"\" : \"+m\"(x), \"+m\"(y));\n");
    for (int i = 0; i < CHAINS; i++) text_printf(&t, "    Vector a%d = x * %d;\n", i, i + 1);
    text_add(&t, "    for (long i = 0; i < rounds; i++) {\n");
    for (int i = 0; i < CHAINS; i++) text_printf(&t, "        a%d = a%d * x + y;\n", i, i);
    text_add(&t, "    }\n    Vector sum = a0");
    for (int i = 1; i < CHAINS; i++) text_printf(&t, " + a%d", i);
    text_add(&t, ";\n    return sum[0];\n}\n\n");
    text_printf(
        &t,
        "double fma_peak(int threads, long rounds) {\n    volatile double kept = 0;\n"
        "#pragma omp parallel num_threads(threads)\n    {\n        double got = chains(rounds);\n"
        "        if (got == 12345) kept = got;\n    }\n    (void)kept;\n"
        "    return %d.0 * (double)rounds * threads;\n}\n",
        2 * CHAINS * bytes / size);
    return t.bytes;
}

static int compile_peak(const Pipeline *p, const Toolchain *t, const char *source,
                        const char *folder, const char *out) {
    Arena *a = p->compile->arena;
    char *path = path_join(a, folder, "peak.c");
    if (!file_write(path, source, strlen(source))) return EXIT_FILES;
    Words words = {0};
    words_add_text(a, &words, t->cc);
    words_add(a, &words, arena_printf(a, "-march=%s", p->target ? p->target : "native"));
    words_add_text(a, &words, "-std=gnu11 -O2 -ffp-contract=fast -fopenmp -fPIC -shared -o");
    words_add(a, &words, out);
    words_add(a, &words, path);
    Text said = text_new(a);
    if (process_run(a, &words, &said) == 0) return EXIT_FINE;
    fprintf(stderr, "netc: the loop that measures the peak cannot be compiled:\n%s",
            said.size ? said.bytes : "");
    return EXIT_FILES;
}

static int load_peak(BenchPeak *peak, const char *path) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *found = handle ? dlsym(handle, "fma_peak") : NULL;
    if (!found) {
        fprintf(stderr, "netc: cannot load the loop that measures the peak: %s\n", dlerror());
        return EXIT_FILES;
    }
    memcpy(&peak->run, &found, sizeof found);
    return EXIT_FINE;
}

int bench_peak_begin(BenchPeak *peak, const Pipeline *p, const Toolchain *t, bool is_f32,
                     int threads) {
    *peak = (BenchPeak){.threads = threads};
    Arena *a = p->compile->arena;
    if (p->jit && !*toolchain_version(a, t)) return EXIT_FINE;
    char *folder = folder_temporary(a);
    if (!folder) return EXIT_FILES;
    char *out = path_join(a, folder, "peak.so");
    int code =
        compile_peak(p, t, peak_source(a, target_vector_bytes(p->target), is_f32), folder, out);
    if (code == EXIT_FINE) code = load_peak(peak, out);
    folder_delete(folder);
    return code;
}

void bench_peak_turn(BenchPeak *peak) {
    for (int i = 0; i < 3 && peak->run; i++) {
        double began = bench_clock();
        double done = peak->run(peak->threads, 2000000);
        double rate = done / (bench_clock() - began);
        if (rate > peak->best) peak->best = rate;
    }
}
