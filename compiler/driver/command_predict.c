// command_predict.c: what a trained model says of new samples.
#include "driver/run.h"
#include "driver/toolchain.h"

static const Option option[] = {
    {"weights", 'w', "FILE", "a checkpoint (otherwise the run folder's)", NULL},
    {"batch-size", 0, "N", "in place of the spec's", NULL},
    {"data", 'd', "DIR", "where the data files are", NULL},
    {"threads", 0, "N", "otherwise one per core; the result does not depend on it", NULL},
    OPTION_SET,
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static int predict(const NetModel *model, const char *weights, const Arguments *arguments,
                   const NetRunOptions *options) {
    return net_predict(model, weights, arguments->positional.item[1], options);
}

static int run(const Arguments *arguments) {
    return run_trained(arguments, predict);
}

const Command command_predict = {
    .name = "predict",
    .arguments = "RUN FILE | SPEC FILE --weights WEIGHTS",
    .summary = "Print a model's output for the samples of a file",
    .detail = "FILE is an IDX file, a binary PGM image, or CSV with a header.",
    .option = option,
    .least = 2,
    .most = 2,
    .run = run,
};
