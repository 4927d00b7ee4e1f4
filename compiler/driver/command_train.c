// command_train.c: compiles a spec and trains it in this process.
#include "driver/files.h"
#include "driver/load.h"
#include "driver/run.h"

static const Option option[] = {
    {"out", 'o', "RUN",
     "the run folder (otherwise the first free of runs/MODEL, runs/MODEL-2, ...)", NULL},
    {"data", 'd', "DIR", "where the data files are", NULL},
    {"epochs", 0, "N", "in place of the spec's", NULL},
    {"iterations", 0, "N", "in place of the spec's", NULL},
    {"batch-size", 0, "N", "in place of the spec's", NULL},
    {"seed", 0, "N", "in place of the spec's", NULL},
    {"threads", 0, "N", "otherwise one per core; the result does not depend on it", NULL},
    {"resume", 0, "FILE", "go on from this checkpoint", NULL},
    {"checkpoint-every", 0, "N", "steps between checkpoints, beside those at the end of epochs",
     NULL},
    {"stop-after", 0, "N", "write a checkpoint and stop after N steps in all", NULL},
    OPTIONS_STYLE,
    OPTION_SET,
    {"strict", 0, NULL, "the same bits everywhere: own exp, log and tanh, no contraction", NULL},
    {"quiet", 'q', NULL, "print nothing but errors", NULL},
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static bool take_options(const Arguments *arguments, NetRunOptions *options) {
    int64_t seed = 0;
    options->epochs = options->iterations = -1;
    options->resume = option_value(arguments, "resume");
    options->has_seed = option_given(arguments, "seed");
    bool fine =
        run_take_options(arguments, options) &&
        option_integer(arguments, "epochs", 0, INT32_MAX, &options->epochs) &&
        option_integer(arguments, "iterations", 0, INT64_MAX, &options->iterations) &&
        option_integer(arguments, "checkpoint-every", 1, INT64_MAX, &options->checkpoint_every) &&
        option_integer(arguments, "stop-after", 1, INT64_MAX, &options->stop_after_steps) &&
        option_integer(arguments, "seed", 0, INT64_MAX, &seed);
    options->seed = (uint64_t)seed;
    return fine;
}

// A run must not fall upon an earlier one that nobody named.
static const char *free_run_folder(Arena *a, const char *model) {
    const char *path = arena_printf(a, "runs/%s", model);
    for (int i = 2; file_exists(path); i++) path = arena_printf(a, "runs/%s-%d", model, i);
    return path;
}

static int train(Pipeline *p, const Arguments *arguments, NetRunOptions *options) {
    Toolchain toolchain = toolchain_from(arguments);
    Loaded loaded;
    int code = model_load(p, &toolchain, &loaded);
    if (code != EXIT_FINE) return code;
    Arena *a = p->compile->arena;
    options->spec_dir = path_folder(a, p->path);
    options->compiler = loaded.compiler;
    options->out_dir = option_value(arguments, "out");
    if (!options->out_dir) options->out_dir = free_run_folder(a, p->model->name);
    code = EXIT_FILES;
    if (folder_make(options->out_dir, 0777) && run_write_spec(p, arguments, options->out_dir))
        code = net_train(loaded.model, options);
    if (code == EXIT_FINE && !options->quiet) printf("run folder: %s\n", options->out_dir);
    model_unload(&loaded);
    return code;
}

static int run(const Arguments *arguments) {
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    NetRunOptions options = {0};
    p.elaborate.need_loss = true;
    p.lower.strict = option_given(arguments, "strict");
    int code = EXIT_USAGE;
    pipeline_prefer_fast(&p, arguments);
    if (pipeline_take_options(&p, arguments) && take_options(arguments, &options))
        code = train(&p, arguments, &options);
    pipeline_free(&p);
    return code;
}

const Command command_train = {
    .name = "train",
    .arguments = "SPEC",
    .summary = "Train a model",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
