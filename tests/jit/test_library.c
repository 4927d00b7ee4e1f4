// test_library.c: every layer of the library, and the specs of specs/, in both styles, as machine
// code of the plug-in and in the interpreter.
//
// Strict: twenty steps of training, the evaluation after them, and all that lies in the blocks, bit
// for bit. Not strict: forward and gradients from equal states, within 1e-5 of a tensor's largest:
// the processor leaves out roundings where it contracts, and libm is the same.
#include "adjoint/adjoint.h"
#include "blocks.h"
#include "driver/library_check.h"
#include "lower/lower.h"
#include "syntax/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 20, CASES_MAX = 512 };
static const double RELATIVE = 1e-5;
// Six normalisations behind each other, of one sample, enlarge what the first layers round.
static const double RELATIVE_DEEP = 4e-5;

typedef struct Case {
    char *name, *spec; // a text, or NULL: the file `name` of SPECS
    int64_t batch_size;
    int steps;
    double relative;
} Case;

typedef struct Way {
    int precision, lanes; // lanes 0: the plain style
    bool strict;
} Way;

static const Way ways[] = {{64, 0, true}, {32, 0, true},  {32, 16, true},
                           {64, 8, true}, {32, 0, false}, {32, 16, false}};

static const JitPlugin *plugin;

static Model *model_of(Compile *c, const Case *k, int precision) {
    ElaborateOptions options = {.batch_size = k->batch_size, .precision = precision};
    Ast *ast =
        k->spec ? parse_net(c, source_add(c->sources, "case.net", k->spec, strlen(k->spec), false))
                : parse_file(c, arena_printf(c->arena, "%s/%s", SPECS, k->name));
    Model *model = ast ? elaborate(c, ast, &options) : NULL;
    if (!model) {
        diagnostics_print(c->diagnostics, stderr, DIAGNOSTIC_SHORT, false);
        fail_msg("%s does not compile", k->name);
    }
    differentiate(model->train, false);
    adjoint_simplify(model->train);
    return model;
}

// params -= 0.01*grads, rounded as in the module's precision.
static void descend(const LoopModule *m, const Blocks *b) {
    if (!b->of[LOOP_PARAMS] || !b->of[LOOP_GRADS]) return;
    size_t bytes = loop_block_bytes(m, LOOP_PARAMS);
    float *p = b->of[LOOP_PARAMS], *g = b->of[LOOP_GRADS];
    double *p64 = b->of[LOOP_PARAMS], *g64 = b->of[LOOP_GRADS];
    for (size_t i = 0; m->is_f32 && i < bytes / sizeof *p; i++) {
        const float change = 0.01f * g[i];
        p[i] -= change;
    }
    for (size_t i = 0; !m->is_f32 && i < bytes / sizeof *p64; i++) {
        const double change = 0.01 * g64[i];
        p64[i] -= change;
    }
}

static size_t train(const LoopModule *m, Jit *jit, const Case *k, const char *where) {
    static const char *const name[] = {"forward", "backward", "update"};
    Blocks want = blocks_new(m, 1, false), have = blocks_copy(m, &want);
    for (int step = 0; step < k->steps; step++) {
        int n = step % 3 == 2 && k->batch_size > 2 ? (int)k->batch_size - 1 : (int)k->batch_size;
        for (int i = 0; i < 3; i++) {
            interpret_function(m, name[i], &want, n, (uint64_t)step);
            machine_function(m, name[i], plugin, jit, &have, n, (uint64_t)step, 1 + step % 2);
        }
        descend(m, &want);
        descend(m, &have);
    }
    interpret_function(m, "evaluate", &want, (int)k->batch_size, 0);
    machine_function(m, "evaluate", plugin, jit, &have, (int)k->batch_size, 0, 2);
    size_t compared = compare_blocks(m, &want, &have, 0, where);
    blocks_free(&want);
    blocks_free(&have);
    return compared;
}

static size_t once(const LoopModule *m, Jit *jit, const Case *k, const char *where) {
    int n = (int)k->batch_size;
    Blocks want = blocks_new(m, 1, false), have = blocks_copy(m, &want);
    interpret_function(m, "forward", &want, n, 3);
    machine_function(m, "forward", plugin, jit, &have, n, 3, 1);
    size_t compared = compare_blocks(m, &want, &have, k->relative, where);
    blocks_free(&have);
    have = blocks_copy(m, &want);
    interpret_function(m, "backward", &want, n, 3);
    machine_function(m, "backward", plugin, jit, &have, n, 3, 1);
    compared += compare_gradients(m, &want, &have, k->relative, where);
    blocks_free(&want);
    blocks_free(&have);
    return compared;
}

static void run_way(const Case *k, Way way) {
    Compile *c = compile_new();
    const LowerOptions options = {.strict = way.strict, .parallel = true};
    Model *model = model_of(c, k, way.precision);
    LoopModule *m =
        way.lanes ? lower_fast(model, &options, way.lanes) : lower_plain(model, &options);
    const char *problem = "",
               *where = arena_printf(c->arena, "%s, f%d, %d lanes%s", k->name, way.precision,
                                     way.lanes, way.strict ? ", strict" : "");
    Jit *jit = plugin->compile(m, &(JitOptions){0}, NULL, &problem);
    if (!jit) fail_msg("%s: %s", where, problem);
    size_t compared = way.strict ? train(m, jit, k, where) : once(m, jit, k, where);
    if (compared == 0) fail_msg("%s: nothing was compared", where);
    plugin->free(jit);
    compile_free(c);
}

static void run_case(void **state) {
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) run_way(*state, ways[i]);
}

// --- the cases

typedef struct Cases {
    Case item[CASES_MAX];
    int count;
} Cases;

static void add(Cases *cases, const char *name, const char *spec, int64_t batch_size, int steps) {
    if (cases->count == CASES_MAX) abort();
    cases->item[cases->count++] =
        (Case){strdup(name), spec ? strdup(spec) : NULL, batch_size, steps, RELATIVE};
}

static void add_library(Cases *cases) {
    static char examples[1 << 16];
    FILE *f = fopen(EXAMPLES, "rb");
    if (!f) abort();
    examples[fread(examples, 1, sizeof examples - 1, f)] = 0;
    fclose(f);
    Compile *c = compile_new();
    LibraryCases library = library_cases(c, examples);
    for (int i = 0; i < library.item.count; i++)
        add(cases, library.item.item[i].name, library.item.item[i].spec, 4, STEPS);
    compile_free(c);
}

int main(int argc, char **argv) {
    static Cases cases;
    static struct CMUnitTest test[CASES_MAX];
    plugin = plugin_open(PLUGIN);
    if (!plugin) return 1;
    add(&cases, "backprop.net", NULL, 1, STEPS);
    add(&cases, "backprop_tanh.net", NULL, 1, STEPS);
    add(&cases, "sigmoid_2_2_2.net", NULL, 3, STEPS);
    add(&cases, "custom_layers.net", NULL, 2,
        2); // the interpreter is slow; the driver's tests take 20
    add(&cases, "mnist_convblock.net", NULL, 1, 1);
    cases.item[cases.count - 1].relative = RELATIVE_DEEP;
    add_library(&cases);
    int count = 0;
    for (int i = 0; i < cases.count; i++)
        if (argc < 2 || strstr(cases.item[i].name, argv[1]))
            test[count++] =
                (struct CMUnitTest){cases.item[i].name, run_case, NULL, NULL, &cases.item[i]};
    return _cmocka_run_group_tests("jit_library", test, (size_t)count, NULL, NULL);
}
