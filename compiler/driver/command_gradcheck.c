// command_gradcheck.c: are the derived gradients right? Double precision, central differences,
// every parameter.
#include "driver/embedded.h"
#include "driver/files.h"
#include "driver/formula.h"
#include "driver/gradcheck.h"
#include "driver/library_check.h"
#include "driver/load.h"

#include "adjoint/adjoint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const Option option[] = {
    {"library", 0, NULL, "check every layer and loss of the library instead of a spec", NULL},
    {"only", 0, "LAYER", "of the library, only this layer", NULL},
    {"list", 0, "DIR", "write the library's specs into this folder instead of checking them", NULL},
    {"seed", 0, "N", "of the random parameters, inputs and entries (1)", NULL},
    {"batch-size", 0, "N", "samples in the batch (3, or the spec's with inline data)", NULL},
    {"threads", 0, "N", "threads (1)", NULL},
    {"input-gradients", 0, NULL, "check the gradients of the inputs too", NULL},
    {"formula", 0, "EQUATION",
     "check a derivative worked by hand: \"d_w7 = (a_o2 - t2)*...\" (repeatable)", NULL},
    {"data", 'd', "DIR", "for --formula: where the data files are", NULL},
    {"flip-rule", 0, "NAME|N", "a test of the test: turn the sign of a derivative rule around",
     NULL},
    OPTION_SET,
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

typedef struct Settings {
    Toolchain toolchain;
    bool jit;
    int64_t seed, threads;
    FILE *out; // a line a tensor, or NULL
} Settings;

// Where the gradients of the inputs lie in the work block; NULL if none was asked for.
static size_t *find_input_gradients(const Pipeline *p, const NetModel *m) {
    if (!p->input_gradients) return NULL;
    const Program *program = p->model->train;
    size_t *place = arena_new_array(p->compile->arena, size_t, m->input_count);
    for (int i = 0; i < m->input_count; i++) place[i] = SIZE_MAX;
    for (int k = 0; k < program->tensor.count; k++) {
        const Tensor *t = program->tensor.item[k];
        if (t->role != TENSOR_GRADIENT || !t->of || t->of->role != TENSOR_INPUT) continue;
        const LoopBuffer *b = lower_buffer_of(p->loops, t);
        for (int i = 0; b && b->storage == LOOP_WORK && i < m->input_count; i++)
            if (!strcmp(m->input[i].name, t->of->name)) place[i] = loop_buffer_offset(p->loops, b);
    }
    return place;
}

static bool has_inline_data(const Pipeline *p) {
    return p->model->data.format == NET_DATA_INLINE;
}

// Inline data are checked as they are: as many samples as the spec's own batch.
static bool choose_batch_size(Pipeline *p) {
    if (p->elaborate.batch_size) return true;
    if (!pipeline_compile(p, "equations")) return false;
    if (!has_inline_data(p) || p->model->batch_size > 16) p->elaborate.batch_size = 3;
    return true;
}

static int check(Pipeline *p, const Settings *s, GradcheckResult *result) {
    *result = (GradcheckResult){0};
    p->elaborate.precision = 64;
    Loaded loaded;
    if (!choose_batch_size(p)) return pipeline_finish(p);
    int code = model_load(p, &s->toolchain, &loaded);
    if (code != EXIT_FINE) return code;
    if (!p->model->train->loss) {
        fprintf(stderr, "netc: %s has no loss, so there are no gradients to check\n", p->path);
        code = EXIT_SPEC;
    } else if (!gradcheck_model(loaded.model, find_input_gradients(p, loaded.model),
                                (uint64_t)s->seed, (int)s->threads, s->out, result)) {
        fprintf(stderr, "netc: not enough memory to check %s\n", p->path);
        code = EXIT_FILES;
    } else if (result->failed) {
        code = EXIT_CHECK;
    }
    model_unload(&loaded);
    return code;
}

// The rule that --flip-rule names, or numbers from 1; 0 without the option, -1 after saying that
// there is no such rule.
static int chosen_rule(const Arguments *arguments) {
    const char *text = option_value(arguments, "flip-rule");
    if (!text) return 0;
    for (int rule = 1; rule <= adjoint_rule_count(); rule++) {
        char number[16];
        snprintf(number, sizeof number, "%d", rule);
        if (!strcmp(text, number) || !strcasecmp(text, adjoint_rule_name(rule))) return rule;
    }
    usage_error(&command_gradcheck, "--flip-rule %s: the rules are 1 (%s) to %d (%s)", text,
                adjoint_rule_name(1), adjoint_rule_count(),
                adjoint_rule_name(adjoint_rule_count()));
    return -1;
}

static int check_spec(const Arguments *arguments, Settings *s) {
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    p.input_gradients = option_given(arguments, "input-gradients");
    p.flip_rule = chosen_rule(arguments);
    int code = EXIT_USAGE;
    if (p.flip_rule >= 0 && pipeline_take_options(&p, arguments)) {
        GradcheckResult r;
        s->out = stdout;
        code = check(&p, s, &r);
        if (p.flip_rule) printf("flipped %s\n", adjoint_rule_name(p.flip_rule));
        if (code == EXIT_FINE || code == EXIT_CHECK)
            printf("%s: %zu entries, worst error %.1e in %s, %zu kinks: %s\n", p.path, r.checked,
                   r.worst, r.where ? r.where : "nothing", r.kinks,
                   code == EXIT_FINE ? "ok" : "FAILED");
    }
    pipeline_free(&p);
    return code;
}

static int check_case(const LibraryCase *item, const Settings *s, const char *folder) {
    Arena *a = arena_new(0);
    char *path = path_join(a, folder, "library_check.net");
    int code = EXIT_FILES;
    if (file_write(path, item->spec, strlen(item->spec))) {
        Pipeline p = pipeline_new(path);
        p.input_gradients = true;
        p.jit = s->jit;
        GradcheckResult r;
        code = check(&p, s, &r);
        printf("%-4s %-60s error %.1e, %zu entries, %zu kinks\n", code ? "BAD" : "ok", item->name,
               r.worst, r.checked, r.kinks);
        if (code) printf("%s", item->spec);
        fflush(stdout);
        pipeline_free(&p);
    }
    arena_free(a);
    return code;
}

static bool is_wanted(const LibraryCase *item, const char *only) {
    return !only || (!strncmp(item->name, only, strlen(only)) && item->name[strlen(only)] == '(');
}

// Writes the cases that are wanted as specs LAYER_1.net, LAYER_2.net and so on, and prints their
// paths.
static int list_library(const Arguments *arguments) {
    Compile *c = compile_new();
    LibraryCases cases = library_cases(c, embedded_gradcheck_examples);
    const char *folder = option_value(arguments, "list"), *only = option_value(arguments, "only"),
               *before = "";
    int number = 0, written = 0;
    bool fine = folder_make(folder, 0777);
    for (int i = 0; fine && i < cases.item.count; i++) {
        const LibraryCase *item = &cases.item.item[i];
        if (!is_wanted(item, only)) continue;
        const char *layer = arena_copy(c->arena, item->name, strcspn(item->name, "("));
        number = strcmp(layer, before) ? 1 : number + 1;
        before = layer;
        char *path =
            path_join(c->arena, folder, arena_printf(c->arena, "%s_%d.net", layer, number));
        const char *spec = arena_printf(c->arena, "# %s\n%s", item->name, item->spec);
        fine = file_write(path, spec, strlen(spec));
        if (fine) printf("%s\n", path);
        written++;
    }
    int code = fine ? EXIT_FINE : EXIT_FILES;
    if (fine && !written)
        code = usage_error(&command_gradcheck, "the library has no layer %s", only ? only : "");
    compile_free(c);
    return code;
}

static int check_library(const Arguments *arguments, const Settings *s) {
    Compile *c = compile_new();
    LibraryCases cases = library_cases(c, embedded_gradcheck_examples);
    const char *only = option_value(arguments, "only");
    char *folder = folder_temporary(c->arena);
    int checked = 0, bad = 0;
    for (int i = 0; folder && i < cases.item.count; i++) {
        if (!is_wanted(&cases.item.item[i], only)) continue;
        checked++;
        bad += check_case(&cases.item.item[i], s, folder) != EXIT_FINE;
    }
    if (folder) folder_delete(folder);
    printf("%d uses of library layers checked, %d failed; %d metrics have no gradient\n", checked,
           bad, cases.metric_count);
    int code = !folder ? EXIT_FILES : bad ? EXIT_CHECK : EXIT_FINE;
    if (folder && !checked)
        code = usage_error(&command_gradcheck, "the library has no layer %s", only ? only : "");
    compile_free(c);
    return code;
}

static int run(const Arguments *arguments) {
    Settings s = {.toolchain = toolchain_from(arguments), .seed = 1, .threads = 1};
    s.jit = option_given(arguments, "jit");
    bool library = option_given(arguments, "library");
    if (library == (arguments->positional.count == 1))
        return usage_error(&command_gradcheck, "give either a spec or --library");
    if (!back_end_is_clear(arguments) ||
        !option_integer(arguments, "seed", 0, INT64_MAX, &s.seed) ||
        !option_integer(arguments, "threads", 1, 1024, &s.threads))
        return EXIT_USAGE;
    if (option_given(arguments, "list"))
        return library ? list_library(arguments)
                       : usage_error(&command_gradcheck, "--list wants --library");
    if (option_given(arguments, "flip-rule") && (library || option_given(arguments, "formula")))
        return usage_error(&command_gradcheck, "--flip-rule wants a spec, without --formula");
    if (option_given(arguments, "formula")) {
        if (library)
            return usage_error(&command_gradcheck, "--formula wants a spec, not --library");
        return formula_check(arguments);
    }
    return library ? check_library(arguments, &s) : check_spec(arguments, &s);
}

const Command command_gradcheck = {
    .name = "gradcheck",
    .arguments = "SPEC | --library",
    .summary = "Compare the derived gradients with differences of the loss",
    .detail = "In double precision, on a small batch: the spec's inline data or random inputs. "
              "Every entry of tensors of up to\n"
              "1,000, else 1,000 drawn ones. Exit code 4 when a tensor's worst error exceeds 1e-6 "
              "of its largest gradient.\n"
              "--formula checks what a person worked out: d_w7 is the derivative of the loss, "
              "d_E1/d_a_h1 that of any value.\nExit code 4 when it is refuted.\n"
              "--flip-rule derives with one rule wrong, so that the check must fail; "
              "NAME and N are those of\ncompiler/adjoint/rules.def.",
    .option = option,
    .least = 0,
    .most = 1,
    .run = run,
};
