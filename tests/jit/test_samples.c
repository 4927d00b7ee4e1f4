// test_samples.c: modules that say each thing that loops can say, and random ones, compiled by the
// plug-in and run in this process, against the interpreter.
//
// Strict modules must give its bits on this processor. So must all others on a processor without
// fused multiply-add; with it they may differ by the roundings that are left out.
#include "../loop/samples.h"
#include "blocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RANDOM_MODULES = 24, N = 2 };
static const uint64_t STEP = 0x100000007u;

// Of the largest element of a buffer. A contraction leaves out one rounding of 6e-8; a few of them
// follow each other.
static const double RELATIVE = 1e-5;

typedef struct Bench {
    const JitPlugin *plugin;
    Compile *c;
    size_t compared; // numbers other than zero
} Bench;

// --- one module

static void check(Bench *t, const LoopModule *m, const char *cpu, bool exact, uint64_t seed) {
    const JitOptions first = {.cpu = cpu};
    const char *problem = "";
    Text object = text_new(t->c->arena);
    Blocks want = blocks_new(m, seed, true);
    for (int i = 0; i < m->function.count; i++)
        interpret_function(m, m->function.item[i]->name, &want, N, STEP);
    // Once as compiled, on one thread, and once from what compile handed out, on three.
    for (int threads = 1; threads <= 3; threads += 2) {
        JitOptions again = {.cpu = cpu, .object = object.bytes, .object_size = object.size};
        Jit *jit = t->plugin->compile(m, threads == 1 ? &first : &again, &object, &problem);
        if (!jit) fail_msg("%s: %s", m->model, problem);
        Blocks have = blocks_new(m, seed, true);
        for (int i = 0; i < m->function.count; i++)
            machine_function(m, m->function.item[i]->name, t->plugin, jit, &have, N, STEP, threads);
        t->compared += compare_blocks(m, &want, &have, exact ? 0 : RELATIVE, cpu ? cpu : "here");
        blocks_free(&have);
        t->plugin->free(jit);
    }
    blocks_free(&want);
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
    t->plugin = plugin_open(PLUGIN);
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
