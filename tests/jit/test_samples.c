// test_samples.c: modules that say each thing that loops can say, and random ones, compiled by the
// plug-in and run in this process, against the interpreter.
//
// Strict modules must give its bits on this processor. So must all others on a processor without
// fused multiply-add; with it they may differ by the roundings that are left out.
#include "../loop/samples.h"
#include "jit/jit.h"

#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RANDOM_MODULES = 24, N = 2 };
static const uint64_t SEED = 0x0123456789ABCDEFu, STEP = 0x100000007u;

// Of the largest element of a buffer. A contraction leaves out one rounding of 6e-8; a few of them
// follow each other.
static const double RELATIVE = 1e-5;

typedef struct Bench {
    const JitPlugin *plugin;
    Compile *c;
    size_t compared; // numbers other than zero
} Bench;

// --- blocks

static bool has_block(const LoopModule *m, int storage) {
    for (int i = 0; i < m->buffer.count; i++)
        if ((int)m->buffer.item[i]->storage == storage) return true;
    return false;
}

static double random_value(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 40) * 0x1p-22 - 2.0; // in [-2, 2)
}

static void fill(const LoopModule *m, const LoopBuffer *b, char *block, uint64_t *state) {
    char *at = block + loop_buffer_offset(m, b);
    int limit = b->value_limit ? (int)b->value_limit : 3;
    for (size_t i = 0; i < loop_buffer_count(b); i++) {
        double value = random_value(state);
        if (b->type == LOOP_INT)
            ((int32_t *)(void *)at)[i] = (int32_t)((value + 2) / 4 * limit);
        else if (b->type == LOOP_REAL && m->is_f32)
            ((float *)(void *)at)[i] = (float)value;
        else
            ((double *)(void *)at)[i] = value;
    }
}

static void make_blocks(const LoopModule *m, void *block[LOOP_LOCAL], uint64_t seed) {
    for (int s = 0; s < LOOP_LOCAL; s++) {
        size_t size = has_block(m, s) ? loop_block_bytes(m, (LoopStorage)s) : 0;
        block[s] = NULL;
        if (size && posix_memalign(&block[s], NET_ALIGN, size)) fail();
        if (size) memset(block[s], 0, size);
    }
    for (int i = 0; i < m->buffer.count; i++)
        fill(m, m->buffer.item[i], block[m->buffer.item[i]->storage], &seed);
}

static void free_blocks(void *block[LOOP_LOCAL]) {
    for (int s = 0; s < LOOP_LOCAL; s++) free(block[s]);
}

// --- comparison

static double element(const LoopModule *m, const LoopBuffer *b, void *const *block, size_t i) {
    const char *at = (const char *)block[b->storage] + loop_buffer_offset(m, b);
    if (b->type == LOOP_INT) return ((const int32_t *)(const void *)at)[i];
    if (b->type == LOOP_REAL && m->is_f32) return (double)((const float *)(const void *)at)[i];
    return ((const double *)(const void *)at)[i];
}

// Equal bits; the sign and payload of a NaN are left to the processor.
static bool same(double a, double b) {
    return isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof a) == 0;
}

static bool near(double a, double b, double largest) {
    return same(a, b) || fabs(a - b) <= RELATIVE * largest;
}

static void compare(Bench *t, const LoopModule *m, const LoopBuffer *b, void *const *want,
                    void *const *have, bool exact) {
    double largest = 0;
    for (size_t i = 0; i < loop_buffer_count(b); i++)
        if (isfinite(element(m, b, want, i))) largest = fmax(largest, fabs(element(m, b, want, i)));
    for (size_t i = 0; i < loop_buffer_count(b); i++) {
        double w = element(m, b, want, i), h = element(m, b, have, i);
        if (!(exact ? same(w, h) : near(w, h, largest)))
            fail_msg("%s.%s[%zu] is %a, interpreted %a", m->model, b->name, i, h, w);
        t->compared += isfinite(w) && w != 0;
    }
}

// --- one module

static void interpret(const LoopModule *m, void *const *block) {
    LoopCall call = {.N = N, .seed = SEED, .step = STEP};
    memcpy(call.block, block, sizeof call.block);
    for (int i = 0; i < m->function.count; i++) {
        const char *problem;
        if (!loop_eval(m, m->function.item[i], &call, &problem))
            fail_msg("%s: %s", m->model, problem);
    }
}

static void run(const JitPlugin *plugin, Jit *jit, const LoopModule *m, void *const *block,
                int threads) {
    const NetCall call = {block[LOOP_PARAMS],
                          block[LOOP_GRADS],
                          block[LOOP_STATES],
                          block[LOOP_BATCH],
                          block[LOOP_WORK],
                          block[LOOP_RESULTS],
                          N,
                          SEED,
                          STEP,
                          threads};
    for (int i = 0; i < m->function.count; i++) {
        void *address = plugin->address(jit, m->function.item[i]->name);
        void (*function)(const NetCall *);
        if (!address) fail_msg("%s has no %s", m->model, m->function.item[i]->name);
        memcpy(&function, &address, sizeof function);
        function(&call);
    }
}

static void check(Bench *t, const LoopModule *m, const char *cpu, bool exact, uint64_t seed) {
    const JitOptions first = {.cpu = cpu};
    const char *problem = "";
    Text object = text_new(t->c->arena);
    void *want[LOOP_LOCAL], *have[LOOP_LOCAL];
    make_blocks(m, want, seed);
    interpret(m, want);
    // Once as compiled, on one thread, and once from what compile handed out, on three.
    for (int threads = 1; threads <= 3; threads += 2) {
        JitOptions again = {.cpu = cpu, .object = object.bytes, .object_size = object.size};
        Jit *jit = t->plugin->compile(m, threads == 1 ? &first : &again, &object, &problem);
        if (!jit) fail_msg("%s: %s", m->model, problem);
        make_blocks(m, have, seed);
        run(t->plugin, jit, m, have, threads);
        for (int i = 0; i < m->buffer.count; i++)
            compare(t, m, m->buffer.item[i], want, have, exact);
        free_blocks(have);
        t->plugin->free(jit);
    }
    free_blocks(want);
}

#ifdef __x86_64__
static const char *const without_fma = "x86-64";
#else
static const char *const without_fma = NULL;
#endif

static void check_all_ways(Bench *t, const LoopModule *m, uint64_t seed) {
    check(t, m, NULL, m->strict, seed);
    if (without_fma) check(t, m, without_fma, true, seed);
}

// --- the tests

static void samples_by_hand(void **state) {
    Bench *t = *state;
    for (int i = 0; i < sample_count; i++)
        check_all_ways(t, sample_make(t->c, &samples[i]), 11 + (uint64_t)i);
    assert_true(t->compared > 1000); // else nothing was compared
}

static void random_modules(void **state) {
    Bench *t = *state;
    for (int i = 0; i < RANDOM_MODULES; i++) {
        check_all_ways(t, sample_random(t->c, (uint64_t)i), 101 + (uint64_t)i);
        check_all_ways(t, sample_random_vector(t->c, (uint64_t)i), 201 + (uint64_t)i);
    }
    assert_true(t->compared > 1000);
}

// What is handed back must be of this plug-in and this module; else nothing of it runs.
static void foreign_objects(void **state) {
    Bench *t = *state;
    const LoopModule *m = sample_make(t->c, &samples[0]);
    const char *problem = NULL;
    static const char *const text[] = {"", "not an object file",
                                       "\x7f"
                                       "ELF\2\1\1"};
    for (int i = 0; i < 3; i++) {
        const JitOptions o = {.object = text[i], .object_size = strlen(text[i])};
        assert_null(t->plugin->compile(m, &o, NULL, &problem));
        assert_non_null(problem);
    }
}

static int set_up(void **state) {
    Bench *t = calloc(1, sizeof *t);
    void *handle = dlopen(PLUGIN, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return fprintf(stderr, "%s\n", dlerror()), 1;
    t->plugin = dlsym(handle, JIT_PLUGIN_SYMBOL);
    t->c = compile_new();
    *state = t;
    return t->plugin ? 0 : 1;
}

static int tear_down(void **state) {
    Bench *t = *state;
    compile_free(t->c);
    free(t);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples_by_hand),
                                       cmocka_unit_test(random_modules),
                                       cmocka_unit_test(foreign_objects)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
