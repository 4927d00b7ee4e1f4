// command_build.c: makes one program that trains a model with neither netc nor a compiler at hand;
// or a shared object that exports net_model.
#include "driver/toolchain.h"

static const Option option[] = {
    {"output", 'o', "FILE", "the program to write", NULL},
    {"shared", 0, NULL, "write a shared object that exports net_model, without the runtime", NULL},
    {"strict", 0, NULL, "the same bits everywhere: own exp, log and tanh, no contraction", NULL},
    {"keep-values", 0, NULL, "keep every tensor of the spec in the work block", NULL},
    {"input-gradients", 0, NULL, "compute gradients of the inputs too", NULL},
    {"batch-size", 0, "N", "samples in a batch, in place of the spec's", NULL},
    OPTIONS_STYLE,
    OPTION_SET,
    OPTIONS_CC,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static int run(const Arguments *arguments) {
    const char *out = option_value(arguments, "output");
    if (!out) return usage_error(&command_build, "say with -o FILE what to write");
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    int code = EXIT_USAGE;
    if (!option_given(arguments, "keep-values")) pipeline_prefer_fast(&p, arguments);
    if (pipeline_take_options(&p, arguments)) {
        bool shared = option_given(arguments, "shared");
        p.lower.strict = option_given(arguments, "strict");
        p.lower.keep_values = option_given(arguments, "keep-values");
        p.input_gradients = option_given(arguments, "input-gradients");
        p.elaborate.need_loss = !shared;
        Toolchain toolchain = toolchain_from(arguments);
        bool fine = pipeline_compile(&p, NULL);
        code = pipeline_finish(&p);
        if (fine) {
            Generated g = generate(&p, NULL);
            code = shared ? toolchain_shared(&p, &toolchain, &g, out)
                          : toolchain_trainer(&p, &toolchain, &g, out);
        }
    }
    pipeline_free(&p);
    return code;
}

const Command command_build = {
    .name = "build",
    .arguments = "SPEC -o TRAINER",
    .summary = "Compile a spec to one program that trains, evaluates and predicts",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
