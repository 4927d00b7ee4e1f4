// test_library.c: every layer of the library, and every spec of specs/, in loops and in equations:
// values, gradients and updates must agree. The specs of the layers are those of the gradient
// check.
#include "adjoint/adjoint.h"
#include "compare.h"
#include "driver/library_check.h"
#include "syntax/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Case {
    char *name, *spec; // a text, or NULL: the file `name` of SPECS
    int64_t batch_size;
    int precision;
    bool keep;
} Case;

static void run_case(void **state) {
    const Case *k = *state;
    Compile *c = compile_new();
    ElaborateOptions options = {.batch_size = k->batch_size, .precision = k->precision};
    Ast *ast =
        k->spec ? parse_net(c, source_add(c->sources, "case.net", k->spec, strlen(k->spec), false))
                : parse_file(c, arena_printf(c->arena, "%s/%s", SPECS, k->name));
    Model *model = ast ? elaborate(c, ast, &options) : NULL;
    if (!model) {
        diagnostics_print(c->diagnostics, stderr, DIAGNOSTIC_SHORT, false);
        fail_msg("%s does not compile", k->name);
    }
    differentiate(model->train, k->keep);
    adjoint_simplify(model->train);
    compare_model(model, k->batch_size > 1 ? (int)k->batch_size - 1 : 1, k->keep);
    compile_free(c);
}

static char *copy(const char *text) {
    char *to = malloc(strlen(text) + 1);
    if (to) strcpy(to, text);
    return to;
}

typedef struct Cases {
    Case item[512];
    int count;
} Cases;

static void add(Cases *cases, const char *name, const char *spec, int64_t batch_size, int precision,
                bool keep) {
    if (cases->count < 512)
        cases->item[cases->count++] =
            (Case){copy(name), spec ? copy(spec) : NULL, batch_size, precision, keep};
}

static void add_library(Cases *cases) {
    static char examples[1 << 16];
    FILE *f = fopen(EXAMPLES, "rb");
    if (!f) abort();
    examples[fread(examples, 1, sizeof examples - 1, f)] = 0;
    fclose(f);
    Compile *c = compile_new();
    LibraryCases library = library_cases(c, examples);
    for (int i = 0; i < library.item.count; i++) {
        add(cases, library.item.item[i].name, library.item.item[i].spec, 4, 0, false);
        add(cases, library.item.item[i].name, library.item.item[i].spec, 4, 0, true);
    }
    compile_free(c);
}

int main(int argc, char **argv) {
    static Cases cases;
    static struct CMUnitTest test[512];
    add_library(&cases);
    add(&cases, "backprop.net", NULL, 1, 0, false);
    add(&cases, "backprop.net", NULL, 5, 0, false);
    add(&cases, "backprop.net", NULL, 1, 0, true);
    add(&cases, "sigmoid_2_2_2.net", NULL, 1, 0, false);
    add(&cases, "sigmoid_2_2_2.net", NULL, 3, 32, false);
    add(&cases, "mnist_convblock.net", NULL, 2, 64, false);
    add(&cases, "mnist_convblock.net", NULL, 2, 32, false);
    add(&cases, "custom_layers.net", NULL, 3, 64, true);
    static const char *const shape[] = {"batch",      "diagonal", "pieces",
                                        "reductions", "running",  "smooth"};
    for (size_t i = 0; i < 3 * sizeof shape / sizeof *shape; i++) {
        char name[64];
        snprintf(name, sizeof name, "../tests/lower/specs/%s.net", shape[i / 3]);
        int64_t batch = i % 3 < 2 ? 4 : i < 3 ? 2 : 1; // a batch of one has no statistics
        add(&cases, name, NULL, batch, 64, i % 3 == 1);
    }
    int count = 0;
    for (int i = 0; i < cases.count; i++)
        if (argc < 2 || strstr(cases.item[i].name, argv[1]))
            test[count++] =
                (struct CMUnitTest){cases.item[i].name, run_case, NULL, NULL, &cases.item[i]};
    return _cmocka_run_group_tests("lower_library", test, (size_t)count, NULL, NULL);
}
