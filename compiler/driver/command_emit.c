// command_emit.c: writes the generated C for use in other programs: the functions alone, or with a
// trainer or a predictor that needs no runtime.
#include "driver/files.h"
#include "driver/freestanding.h"
#include "net_runtime.h"

static const Option option[] = {
    {"output", 'o', "DIR", "the folder to write into", NULL},
    {"strict", 0, NULL, "the same bits everywhere: own exp, log and tanh, no contraction", NULL},
    {"freestanding", 0, NULL, "with a trainer that needs no runtime", NULL},
    {"inference", 0, NULL, "prediction only, with the weights as constants", NULL},
    {"weights", 'w', "FILE", "for --inference: a checkpoint or a run folder", NULL},
    {"batch", 0, "N", "for --inference: samples at a time (1)", NULL},
    {"batch-size", 0, "N", "samples in a batch, in place of the spec's", NULL},
    OPTION_STYLE,
    OPTION_SET,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static int write_pair(Pipeline *p, const Generated *g, const char *folder) {
    Arena *a = p->compile->arena;
    char *source = path_join(a, folder, arena_printf(a, "%s.c", g->name));
    char *header = path_join(a, folder, arena_printf(a, "%s.h", g->name));
    if (!folder_make(folder, 0777) || !file_write(source, g->source.bytes, g->source.size) ||
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
    if (freestanding && !freestanding_trainer(p, &g)) return EXIT_SPEC;
    return write_pair(p, &g, folder);
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
    freestanding_predictor(p, &table, params, states, &g);
    return write_pair(p, &g, folder);
}

static int emit(Pipeline *p, const Arguments *arguments) {
    const char *folder = option_value(arguments, "output");
    bool inference = option_given(arguments, "inference");
    if (!folder) return usage_error(&command_emit, "say with -o DIR where to write");
    if (inference && !option_given(arguments, "weights"))
        return usage_error(&command_emit, "--inference wants --weights FILE");
    if (!pipeline_take_options(p, arguments)) return EXIT_USAGE;
    if (inference && !p->elaborate.batch_size) p->elaborate.batch_size = 1;
    if (!option_integer(arguments, "batch", 1, 1 << 20, &p->elaborate.batch_size))
        return EXIT_USAGE;
    p->lower.strict = option_given(arguments, "strict");
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
    .summary = "Write a model's C: MODEL.c and MODEL.h",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
