// command_eval.c: loss and metrics of the test data under trained weights.
#include "driver/run.h"
#include "driver/toolchain.h"

static const Option option[] = {
    {"weights", 'w', "FILE", "a checkpoint (otherwise the run folder's)", NULL},
    {"data", 'd', "DIR", "where the data files are", NULL},
    {"batch-size", 0, "N", "in place of the spec's", NULL},
    {"threads", 0, "N", "otherwise one per core; the result does not depend on it", NULL},
    OPTION_SET,
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static int evaluate(const NetModel *model, const char *weights, const Arguments *arguments,
                    const NetRunOptions *options) {
    (void)arguments;
    return net_evaluate(model, weights, options);
}

static int run(const Arguments *arguments) {
    return run_trained(arguments, evaluate);
}

const Command command_eval = {
    .name = "eval",
    .arguments = "RUN | SPEC --weights FILE",
    .summary = "Print loss and metrics of the test data under trained weights",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
