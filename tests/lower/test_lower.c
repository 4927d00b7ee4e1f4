// test_lower.c: the lowered loops of small models compute what their equations say, and read as
// they should.
//
//   test_lower            runs the tests; golden texts lie in the folder GOLDEN
//   test_lower --bless    rewrites the golden texts
//   test_lower --print X  prints the C of model X
#include "compare.h"
#include "emit/emit.h"
#include "programs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const Sample *sample_find(const char *name) {
    for (int i = 0; i < sample_count; i++)
        if (strcmp(samples[i].name, name) == 0) return &samples[i];
    return NULL;
}

// --- values

static void compare(const Sample *s, bool short_batch, bool keep) {
    Compile *c = compile_new();
    Model *m = s->make(c);
    int N = short_batch ? (int)(m->batch_size + 1) / 2 : (int)m->batch_size;
    compare_model(m, N, keep);
    compile_free(c);
}

static void test_values(void **state) {
    compare(*state, false, false);
}
static void test_kept_values(void **state) {
    compare(*state, false, true);
}
static void test_short_batch(void **state) {
    compare(*state, true, false);
}

// --- texts

// The C of these is kept; of the others the loops are enough.
static bool is_shown_as_c(const Sample *s) {
    static const char *const shown[] = {"net222",  "conv", "batchnorm", "maxpool",
                                        "softmax", "rnn",  "embedding"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (strcmp(shown[i], s->name) == 0) return true;
    return false;
}

static Text text_of(Compile *c, const Sample *s, bool as_c) {
    Model *m = s->make(c);
    LowerOptions options = {0};
    LoopModule *loops = lower_plain(m, &options);
    Text out = text_new(c->arena);
    EmitOptions emit = {0};
    if (as_c)
        emit_c_source(loops, &emit, &out);
    else
        loop_print(loops, &out);
    return out;
}

static char *golden_path(Compile *c, const Sample *s, bool as_c) {
    return arena_printf(c->arena, "%s/%s.%s", GOLDEN, s->name, as_c ? "c" : "loops");
}

static void test_text(const Sample *s, bool as_c) {
    Compile *c = compile_new();
    Text got = text_of(c, s, as_c);
    FILE *f = fopen(golden_path(c, s, as_c), "rb");
    if (!f) fail_msg("there is no %s; write it with --bless", golden_path(c, s, as_c));
    char *want = arena_alloc(c->arena, got.size + 4096);
    size_t size = fread(want, 1, got.size + 4095, f);
    fclose(f);
    if (size != got.size || memcmp(want, got.bytes, size) != 0) {
        fputs(got.bytes, stderr);
        fail_msg("%s differs", golden_path(c, s, as_c));
    }
    compile_free(c);
}

static void test_loops(void **state) {
    test_text(*state, false);
}
static void test_c(void **state) {
    if (is_shown_as_c(*state)) test_text(*state, true);
}

static int bless(void) {
    for (int i = 0; i < 2 * sample_count; i++) {
        Compile *c = compile_new();
        const Sample *s = &samples[i / 2];
        if (i % 2 && !is_shown_as_c(s)) continue;
        Text text = text_of(c, s, i % 2);
        FILE *f = fopen(golden_path(c, s, i % 2), "wb");
        if (!f) return 3;
        fwrite(text.bytes, 1, text.size, f);
        fclose(f);
        compile_free(c);
    }
    return 0;
}

static int print(const char *name, bool as_c) {
    const Sample *s = sample_find(name);
    if (!s) return 2;
    Compile *c = compile_new();
    fputs(text_of(c, s, as_c).bytes, stdout);
    compile_free(c);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--bless") == 0) return bless();
    if (argc == 3) return print(argv[2], strcmp(argv[1], "--loops") != 0);
    struct Kind {
        const char *name;
        CMUnitTestFunction run;
    } kind[] = {{"values", test_values},
                {"kept", test_kept_values},
                {"short batch", test_short_batch},
                {"loops", test_loops},
                {"C", test_c}};
    enum { KINDS = sizeof kind / sizeof *kind };
    struct CMUnitTest *test = calloc((size_t)(KINDS * sample_count), sizeof *test);
    char(*name)[64] = calloc((size_t)(KINDS * sample_count), sizeof *name);
    for (int i = 0; i < KINDS * sample_count; i++) {
        const Sample *s = &samples[i / KINDS];
        snprintf(name[i], sizeof *name, "%s: %s", s->name, kind[i % KINDS].name);
        test[i] =
            (struct CMUnitTest){name[i], kind[i % KINDS].run, NULL, NULL, (void *)(uintptr_t)s};
    }
    int failed = _cmocka_run_group_tests("lower", test, (size_t)(KINDS * sample_count), NULL, NULL);
    free(test);
    free(name);
    return failed;
}
