// test_differential.c: the C of many modules, compiled by gcc and by clang with every warning an
// error and with sanitizers, computes bit for bit what the interpreter computes. All modules are
// linked into one program.
#include "../loop/samples.h"
#include "emit/emit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { RANDOM_MODULES = 8, N = 2 };
static const uint64_t SEED = 0x0123456789ABCDEFu, STEP = 0x100000007u;

static const char *const block_name[] = {"params", "grads", "states", "batch", "work", "results"};

typedef struct Program {
    Compile *c;
    char folder[64];
    LIST(LoopModule *) module;
    Text before, after; // all blocks of all modules, before and after the functions ran
} Program;

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
    for (size_t i = 0; i < loop_buffer_count(b); i++) {
        double value = random_value(state);
        int limit = b->value_limit ? (int)b->value_limit : 3;
        if (b->type == LOOP_INT)
            ((int32_t *)(void *)at)[i] = (int32_t)((value + 2) / 4 * limit);
        else if (b->type == LOOP_REAL && m->is_f32)
            ((float *)(void *)at)[i] = (float)value;
        else
            ((double *)(void *)at)[i] = value;
    }
}

static void interpret(Program *p, const LoopModule *m, uint64_t seed) {
    LoopCall call = {.N = N, .seed = SEED, .step = STEP};
    for (int s = 0; s < LOOP_LOCAL; s++)
        if (has_block(m, s))
            call.block[s] = arena_alloc(p->c->arena, loop_block_bytes(m, (LoopStorage)s));
    for (int i = 0; i < m->buffer.count; i++)
        fill(m, m->buffer.item[i], call.block[m->buffer.item[i]->storage], &seed);
    for (int s = 0; s < LOOP_LOCAL; s++)
        if (call.block[s])
            text_add_bytes(&p->before, call.block[s], loop_block_bytes(m, (LoopStorage)s));
    for (int i = 0; i < m->function.count; i++) {
        const char *problem;
        if (!loop_eval(m, m->function.item[i], &call, &problem))
            fail_msg("%s: %s", m->model, problem);
    }
    for (int s = 0; s < LOOP_LOCAL; s++)
        if (call.block[s])
            text_add_bytes(&p->after, call.block[s], loop_block_bytes(m, (LoopStorage)s));
}

// --- the program

static void write_file(const Program *p, const char *name, const char *bytes, size_t size) {
    FILE *f = fopen(arena_printf(p->c->arena, "%s/%s", p->folder, name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static void add_module(Program *p, LoopModule *m) {
    Arena *a = p->c->arena;
    if (loop_check(m, stderr) != 0) fail_msg("%s does not hold", m->model);
    EmitOptions o = {.openmp = true, .head = "A test. */ ?\?/"};
    Text header = text_new(a), source = text_new(a);
    emit_c_header(m, &o, &header);
    emit_c_source(m, &o, &source);
    write_file(p, arena_printf(a, "%s.h", m->model), header.bytes, header.size);
    write_file(p, arena_printf(a, "%s.c", m->model), source.bytes, source.size);
    list_add(a, p->module, m);
    interpret(p, m, 11 + (uint64_t)p->module.count);
}

static void add_call(Text *out, const LoopModule *m, const LoopFunction *f) {
    LoopUse use = loop_function_use(m, f);
    text_printf(out, "    %s_%s(", m->model, f->name);
    const char *mark = "";
    for (int s = 0; s < LOOP_LOCAL; s++)
        if (use.storage[s]) text_printf(out, "%s&%s", mark, block_name[s]), mark = ", ";
    if (use.N) text_printf(out, "%s%d", mark, N), mark = ", ";
    if (use.key)
        text_printf(out, "%sUINT64_C(%llu), UINT64_C(%llu)", mark, (unsigned long long)SEED,
                    (unsigned long long)STEP),
            mark = ", ";
    if (use.threads) text_printf(out, "%s2", mark);
    text_add(out, ");\n");
}

// main reads the blocks of each module, calls its functions, and writes the blocks.
static void write_main(Program *p) {
    Text head = text_new(p->c->arena), body = text_new(p->c->arena);
    text_add(&head, "#include <stdio.h>\n");
    for (int i = 0; i < p->module.count; i++) {
        const LoopModule *m = p->module.item[i];
        text_printf(&head, "#include \"%s.h\"\n", m->model);
        text_printf(&body, "static void run_%d(void) {\n", i);
        for (int s = 0; s < LOOP_LOCAL; s++)
            if (has_block(m, s))
                text_printf(
                    &body,
                    "    static %s_%s %s;\n    if (fread(&%s, sizeof %s, 1, stdin) != 1) return;\n",
                    m->model, block_name[s == LOOP_GRADS ? LOOP_PARAMS : s], block_name[s],
                    block_name[s], block_name[s]);
        for (int k = 0; k < m->function.count; k++) add_call(&body, m, m->function.item[k]);
        for (int s = 0; s < LOOP_LOCAL; s++)
            if (has_block(m, s))
                text_printf(&body, "    fwrite(&%s, sizeof %s, 1, stdout);\n", block_name[s],
                            block_name[s]);
        text_add(&body, "}\n");
    }
    text_add(&body, "int main(void) {\n");
    for (int i = 0; i < p->module.count; i++) text_printf(&body, "    run_%d();\n", i);
    text_add(&body, "}\n");
    text_add(&head, body.bytes);
    write_file(p, "main.c", head.bytes, head.size);
    write_file(p, "before", p->before.bytes, p->before.size);
}

static bool run(const char *format, const char *compiler, const char *flags, const char *folder) {
    char command[1000];
    snprintf(command, sizeof command, format, folder, compiler, flags, folder);
    return system(command) == 0;
}

// --- comparison

static double read_element(const LoopModule *m, const LoopBuffer *b, const char *block, size_t i) {
    const char *at = block + loop_buffer_offset(m, b);
    float single;
    double value;
    int32_t integer;
    if (b->type == LOOP_INT) return memcpy(&integer, at + 4 * i, 4), (double)integer;
    if (b->type == LOOP_REAL && m->is_f32) return memcpy(&single, at + 4 * i, 4), (double)single;
    return memcpy(&value, at + 8 * i, 8), value;
}

// Equal bits; the sign and payload of a NaN are left to the processor.
static bool same(double a, double b) {
    return isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof a) == 0;
}

static void compare(Program *p, const char *how) {
    FILE *f = fopen(arena_printf(p->c->arena, "%s/after", p->folder), "rb");
    assert_non_null(f);
    char *got = arena_alloc(p->c->arena, p->after.size + 1);
    size_t size = fread(got, 1, p->after.size + 1, f), at = 0, numbers = 0;
    fclose(f);
    if (size != p->after.size) fail_msg("%s: %zu bytes, not %zu", how, size, p->after.size);
    for (int i = 0; i < p->module.count; i++) {
        const LoopModule *m = p->module.item[i];
        for (int s = 0; s < LOOP_LOCAL; s++) {
            for (int k = 0; k < m->buffer.count; k++) {
                const LoopBuffer *b = m->buffer.item[k];
                for (size_t e = 0; (int)b->storage == s && e < loop_buffer_count(b); e++) {
                    double want = read_element(m, b, p->after.bytes + at, e),
                           have = read_element(m, b, got + at, e);
                    if (!same(want, have))
                        fail_msg("%s: %s.%s[%zu] is %a, interpreted %a", how, m->model, b->name, e,
                                 have, want);
                    numbers += isfinite(want) && want != 0;
                }
            }
            if (has_block(m, s)) at += loop_block_bytes(m, (LoopStorage)s);
        }
    }
    assert_true(numbers > 1000); // else nothing was compared
}

#define WARNINGS "-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wundef -Werror "
#define BUILD                                                                                      \
    "cd %s && %s " WARNINGS "-ffp-contract=off %s *.c -o program -lm && "                          \
    "./program < before > after 2> errors || { cat errors; false; } # %s"

static void differential(void **state) {
    static const char *const way[][2] = {
        {"gcc", "-O0 -fsanitize=address,undefined -fno-sanitize-recover=all"},
        {"clang", "-O1 -fsanitize=undefined -fno-sanitize-recover=all"},
        {"gcc", "-O3 -march=native -fopenmp"},
        {"clang", "-O3"},
    };
    Program *p = *state;
    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        if (!run(BUILD, way[i][0], way[i][1], p->folder))
            fail_msg("%s %s fails", way[i][0], way[i][1]);
        compare(p, way[i][1]);
    }
}

static void headers_in_cxx(void **state) {
    Program *p = *state;
    const char *const format =
        "cd %s && for h in *.h; do %s -x c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror %s "
        "-Wno-pragma-once-outside-header -fsyntax-only $h || exit 1; done # %s";
    assert_true(run(format, "clang++", "", p->folder));
}

static int set_up(void **state) {
    Program *p = calloc(1, sizeof *p);
    p->c = compile_new();
    p->before = text_new(p->c->arena);
    p->after = text_new(p->c->arena);
    strcpy(p->folder, "/tmp/netc-emit-XXXXXX");
    if (!mkdtemp(p->folder)) return 1;
    for (int i = 0; i < sample_count; i++) add_module(p, sample_make(p->c, &samples[i]));
    for (int i = 0; i < RANDOM_MODULES; i++) {
        add_module(p, sample_random(p->c, (uint64_t)i));
        add_module(p, sample_random_vector(p->c, (uint64_t)i));
    }
    write_main(p);
    *state = p;
    return 0;
}

static int tear_down(void **state) {
    Program *p = *state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", p->folder);
    bool kept = getenv("KEEP") != NULL;
    if (kept) print_message("%s\n", p->folder);
    int status = kept ? 0 : system(command);
    compile_free(p->c);
    free(p);
    return status;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(differential),
                                       cmocka_unit_test(headers_in_cxx)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
