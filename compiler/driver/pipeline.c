// pipeline.c: the compiler as one table. Each stage turns what the one before it made into the next
// thing.
#include "driver/pipeline.h"

#include "driver/host.h"
#include "driver/jit.h"
#include "driver/toolchain.h"

#include "adjoint/adjoint.h"
#include "emit/emit.h"
#include "syntax/syntax.h"
#include "teach/torch_script.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool parse(Pipeline *p) {
    p->ast = parse_file(p->compile, p->path);
    return p->ast != NULL;
}

static bool build_equations(Pipeline *p) {
    p->model = elaborate(p->compile, p->ast, &p->elaborate);
    return p->model != NULL;
}

static bool derive(Pipeline *p) {
    p->model->train->flipped_rule = p->flip_rule;
    if (p->model->train->loss) differentiate(p->model->train, p->input_gradients);
    return true;
}

static bool simplify(Pipeline *p) {
    if (p->model->train->loss && !p->raw_gradients) adjoint_simplify(p->model->train);
    return true;
}

static bool lower(Pipeline *p) {
    int lanes = p->vector_bytes / (p->model->train->is_f32 ? 4 : 8);
    p->loops =
        lanes > 1 ? lower_fast(p->model, &p->lower, lanes) : lower_plain(p->model, &p->lower);
    return p->loops != NULL;
}

static bool verify_loops(Pipeline *p) {
    int problems = loop_check(p->loops, stderr);
    if (problems) internal_error("lower", "%d problems in the loops of %s", problems, p->path);
    return true;
}

static int print_ast(Pipeline *p, Text *out) {
    text_add(out, ast_print(p->compile, p->ast));
    return EXIT_FINE;
}

static int print_equations(Pipeline *p, Text *out) {
    program_print(p->model->train, false, out);
    return EXIT_FINE;
}

static int print_adjoint(Pipeline *p, Text *out) {
    program_print(p->model->train, true, out);
    return EXIT_FINE;
}

static int print_loops(Pipeline *p, Text *out) {
    loop_print(p->loops, out);
    return EXIT_FINE;
}

static int print_c(Pipeline *p, Text *out) {
    EmitOptions options = {.openmp = p->lower.parallel};
    emit_c_source(p->loops, &options, out);
    return EXIT_FINE;
}

static int print_llvm(Pipeline *p, Text *out) {
    return jit_write(p, JIT_TEXT, NULL, out);
}

static int print_torch(Pipeline *p, Text *out) {
    NetModel table;
    model_table(p, &table);
    const char *problem =
        p->model->train->loss ? torch_script(p->model, &table, out) : "it has no loss";
    if (!problem) return EXIT_FINE;
    out->size = 0;
    fprintf(stderr, "netc: %s has no equal among PyTorch's layers: %s\n", p->path, problem);
    return EXIT_SPEC;
}

typedef struct PipelineStage {
    const char *name;
    bool (*run)(Pipeline *p);             // NULL: another reading of what the stage before made
    const char *dump;                     // the name of what it made
    int (*print)(Pipeline *p, Text *out); // returns an exit code
} PipelineStage;

static const PipelineStage stage[] = {
    {"parse", parse, "ast", print_ast},
    {"elaborate", build_equations, "equations", print_equations},
    {"differentiate", derive, "adjoint-raw", print_adjoint},
    {"simplify", simplify, "adjoint", print_adjoint},
    {"lower", lower, "loops", print_loops},
    {"verify", verify_loops, "c", print_c},
    {"read", NULL, "llvm", print_llvm},
    {"read", NULL, "torch", print_torch},
};
enum { STAGE_COUNT = sizeof stage / sizeof *stage };

const char *pipeline_dump_name(int i) {
    return i < STAGE_COUNT ? stage[i].dump : NULL;
}

Pipeline pipeline_new(const char *path) {
    Pipeline p = {.compile = compile_new(), .path = path};
    p.lower.parallel = true;
    return p;
}

void pipeline_free(Pipeline *p) {
    compile_free(p->compile);
    p->compile = NULL;
}

bool pipeline_compile(Pipeline *p, const char *until) {
    if (compile_failed(p->compile)) return false;
    for (int i = 0; i < STAGE_COUNT; i++) {
        bool done = !stage[i].run || stage[i].run(p);
        if (!done && !compile_failed(p->compile))
            internal_error(stage[i].name, "it failed without saying why on %s", p->path);
        if (!done || compile_failed(p->compile)) return false;
        if (until && !strcmp(until, stage[i].dump)) break;
    }
    return true;
}

int pipeline_dump(Pipeline *p, const char *name, FILE *out) {
    Text text = text_new(p->compile->arena);
    int code = EXIT_FINE;
    for (int i = 0; i < STAGE_COUNT; i++)
        if (!strcmp(stage[i].dump, name)) code = stage[i].print(p, &text);
    fwrite(text.bytes, 1, text.size, out);
    if (text.size && text.bytes[text.size - 1] != '\n') fputc('\n', out);
    return code;
}

static bool wants_colour(void) {
    const char *no = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && !(no && *no) && !(terminal && !strcmp(terminal, "dumb"));
}

int pipeline_finish(const Pipeline *p) {
    const Diagnostics *d = p->compile->diagnostics;
    if (!d->diagnostic.count) return EXIT_FINE;
    diagnostics_print(d, stderr, p->format, wants_colour());
    for (int i = 0; i < d->diagnostic.count; i++)
        if (d->diagnostic.item[i]->code == E_FILE) return EXIT_FILES;
    return EXIT_SPEC;
}

const char *diagnostic_format_name(int i) {
    static const char *const name[] = {"long", "short", "json"};
    return i < 3 ? name[i] : NULL;
}

bool pipeline_add_override(Pipeline *p, const char *text) {
    Compile *c = p->compile;
    const char *equals = strchr(text, '=');
    if (!equals || equals == text || !equals[1]) return false;
    uint32_t size = (uint32_t)strlen(text), name_size = (uint32_t)(equals - text);
    uint32_t file = source_add(c->sources, "--set", text, size, false);
    AstExpr *value = parse_expr(c, (Span){file, name_size + 1, size});
    ElaborateOptions *e = &p->elaborate;
    size_t bytes = sizeof(Override) * (size_t)e->override_count;
    e->override = arena_grow(c->arena, e->override, bytes, bytes + sizeof(Override));
    e->override[e->override_count++] = (Override){
        .name = name_of_bytes(c->names, text, name_size), .value = value, .span = {file, 0, size}};
    return true;
}

const char *lowering_style_name(int i) {
    static const char *const name[] = {"plain", "fast"};
    return i < 2 ? name[i] : NULL;
}

void pipeline_prefer_fast(Pipeline *p, const Arguments *arguments) {
    if (!option_given(arguments, "style") && !option_given(arguments, "strict"))
        p->vector_bytes = target_vector_bytes(p->target);
}

static const char *cc_option(const Arguments *arguments) {
    static const char *const name[] = {"cc", "cflags", "keep", "target"};
    for (int i = 0; i < 4; i++)
        if (option_given(arguments, name[i])) return name[i];
    return NULL;
}

bool back_end_is_clear(const Arguments *arguments) {
    const char *other = cc_option(arguments);
    if (!other || !option_given(arguments, "jit")) return true;
    usage_error(arguments->command,
                "--%s is for the C compiler, which --jit does without; leave one of them out",
                other);
    return false;
}

bool pipeline_take_options(Pipeline *p, const Arguments *arguments) {
    if (!back_end_is_clear(arguments)) return false;
    // A run folder says how it was trained; what is given now goes before that.
    p->jit = option_given(arguments, "jit") || (p->jit && !cc_option(arguments));
    const char *style = option_value(arguments, "style");
    if (option_given(arguments, "target"))
        p->target = target_known(option_value(arguments, "target"));
    if (p->vector_bytes || (style && !strcmp(style, "fast")))
        p->vector_bytes = target_vector_bytes(p->target);
    if (option_given(arguments, "exact")) p->lower.exact = true;
    const char *format = option_value(arguments, "diagnostics");
    for (int i = 0; format && diagnostic_format_name(i); i++)
        if (!strcmp(diagnostic_format_name(i), format)) p->format = (DiagnosticFormat)i;
    for (int i = 0; i < arguments->use.count; i++) {
        const OptionUse *use = &arguments->use.item[i];
        if (strcmp(use->option->name, "set")) continue;
        if (!pipeline_add_override(p, use->value)) {
            usage_error(arguments->command, "--set %s: it wants NAME=VALUE", use->value);
            return false;
        }
    }
    return option_integer(arguments, "batch-size", 1, 1 << 24, &p->elaborate.batch_size);
}
