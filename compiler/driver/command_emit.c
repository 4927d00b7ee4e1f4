// command_emit.c: writes the generated code for use in other programs: the functions alone, in C or
// compiled by LLVM, or in C with a trainer or a predictor that needs no runtime.
#include "driver/files.h"
#include "driver/jit.h"
#include "driver/toolchain.h"
#include "emit/emit.h"
#include "net_runtime.h"

#include <string.h>

typedef struct Format {
    const char *name, *ending;
    JitFormat jit;
} Format;

static const Format format[] = {{"c", ".c", JIT_TEXT},
                                {"llvm", ".ll", JIT_TEXT},
                                {"bc", ".bc", JIT_BITCODE},
                                {"obj", ".o", JIT_OBJECT}};
enum { FORMAT_C, FORMAT_COUNT = sizeof format / sizeof *format };

static const char *format_name(int i) {
    return i < FORMAT_COUNT ? format[i].name : NULL;
}

static const Option option[] = {
    {"output", 'o', "DIR", "the folder to write into", NULL},
    {"format", 0, "FORM", "what MODEL becomes, beside MODEL.h", format_name},
    {"cpu", 0, "NAME", "for --format: the processor as LLVM names it (this one)", NULL},
    {"strict", 0, NULL, "the same bits everywhere: own exp, log and tanh, no contraction", NULL},
    {"freestanding", 0, NULL, "with a trainer that needs no runtime", NULL},
    {"inference", 0, NULL, "prediction only, with the weights as constants", NULL},
    {"weights", 'w', "FILE", "for --inference: a checkpoint or a run folder", NULL},
    {"batch", 0, "N", "for --inference: samples at a time (1)", NULL},
    {"batch-size", 0, "N", "samples in a batch, in place of the spec's", NULL},
    OPTIONS_STYLE,
    OPTION_SET,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static int write_pair(Pipeline *p, const Generated *g, const char *ending, const Text *code,
                      const char *folder) {
    Arena *a = p->compile->arena;
    char *source = path_join(a, folder, arena_printf(a, "%s%s", g->name, ending));
    char *header = path_join(a, folder, arena_printf(a, "%s.h", g->name));
    if (!folder_make(folder, 0777) || !file_write(source, code->bytes, code->size) ||
        !file_write(header, g->header.bytes, g->header.size))
        return EXIT_FILES;
    printf("%s\n%s\n", source, header);
    return EXIT_FINE;
}

static int emit_model(Pipeline *p, const Arguments *arguments, const char *folder) {
    bool freestanding = option_given(arguments, "freestanding");
    p->elaborate.need_loss = freestanding;
    p->lower.parallel = !freestanding;
    if (!pipeline_compile(p, NULL)) return pipeline_finish(p);
    Generated g = generate(p, NULL);
    const char *problem = NULL;
    NetModel table;
    model_table(p, &table);
    if (freestanding) problem = emit_c_trainer(p->loops, &table, &g.source, &g.header);
    if (problem) {
        fprintf(stderr, "netc: %s %s\n", p->path, problem);
        return EXIT_SPEC;
    }
    return write_pair(p, &g, ".c", &g.source, folder);
}

static int emit_llvm(Pipeline *p, const Format *f, const Arguments *arguments, const char *folder) {
    if (!pipeline_compile(p, NULL)) return pipeline_finish(p);
    Text code = text_new(p->compile->arena);
    int exit_code = jit_write(p, f->jit, option_value(arguments, "cpu"), &code);
    if (exit_code != EXIT_FINE) return exit_code;
    Generated g = generate(p, NULL);
    return write_pair(p, &g, f->ending, &code, folder);
}

static int emit_predictor(Pipeline *p, const Arguments *arguments, const char *folder) {
    Arena *a = p->compile->arena;
    NetModel table;
    p->lower.parallel = false;
    p->elaborate.predicts = true;
    if (!pipeline_compile(p, "equations")) return pipeline_finish(p);
    if (!p->model->eval->output.count) {
        fprintf(stderr, "netc: %s has no output to predict\n", p->path);
        return EXIT_SPEC;
    }
    inference_reduce(p->model);
    p->loops = lower_plain(p->model, &p->lower);
    inference_trim(p->loops);
    lower_net_model(p->model, p->loops, &table);
    double *params = arena_new_array(a, double, table.param_count + 1);
    double *states = arena_new_array(a, double, table.state_count + 1);
    int code = net_weights_read(&table, option_value(arguments, "weights"), params, states);
    if (code != EXIT_FINE) return code;
    Generated g = generate(p, NULL);
    emit_c_predictor(p->loops, &table, params, states, &g.source, &g.header);
    return write_pair(p, &g, ".c", &g.source, folder);
}

static const Format *chosen_format(const Arguments *arguments) {
    const char *name = option_value(arguments, "format");
    for (int i = 0; name && i < FORMAT_COUNT; i++)
        if (!strcmp(name, format[i].name)) return &format[i];
    return &format[FORMAT_C];
}

static int emit(Pipeline *p, const Arguments *arguments) {
    const char *folder = option_value(arguments, "output");
    bool inference = option_given(arguments, "inference");
    const Format *f = chosen_format(arguments);
    bool is_c = f == &format[FORMAT_C];
    if (!is_c && (inference || option_given(arguments, "freestanding")))
        return usage_error(&command_emit,
                           "--%s writes C; --format=%s has the functions of the model alone",
                           inference ? "inference" : "freestanding", f->name);
    if (is_c && option_given(arguments, "cpu"))
        return usage_error(&command_emit, "--cpu wants --format=llvm, bc or obj: C is for all");
    if (!folder) return usage_error(&command_emit, "say with -o DIR where to write");
    if (inference && !option_given(arguments, "weights"))
        return usage_error(&command_emit, "--inference wants --weights FILE");
    if (!pipeline_take_options(p, arguments)) return EXIT_USAGE;
    if (inference && !p->elaborate.batch_size) p->elaborate.batch_size = 1;
    if (!option_integer(arguments, "batch", 1, 1 << 20, &p->elaborate.batch_size))
        return EXIT_USAGE;
    p->lower.strict = option_given(arguments, "strict");
    if (!is_c) return emit_llvm(p, f, arguments, folder);
    return inference ? emit_predictor(p, arguments, folder) : emit_model(p, arguments, folder);
}

static int run(const Arguments *arguments) {
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    int code = emit(&p, arguments);
    pipeline_free(&p);
    return code;
}

const Command command_emit = {
    .name = "emit",
    .arguments = "SPEC -o DIR",
    .summary = "Write a model's C, LLVM IR or object file, and its header",
    .detail = "MODEL.c, or with --format MODEL.ll, MODEL.bc or MODEL.o, and MODEL.h, which is the "
              "same for all of them.\n"
              "An object file links into a C program; it calls libm alone.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
