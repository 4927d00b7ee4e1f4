// command_check.c: compiles a spec without making anything, and says what it is; or prints what one
// stage made.
#include "driver/load.h"

#include <inttypes.h>

static const Option option[] = {
    {"dump", 0, "STAGE", "print what this stage makes", pipeline_dump_name},
    OPTIONS_STYLE,
    OPTION_SET,
    {"batch-size", 0, "N", "samples in a batch, in place of the spec's", NULL},
    {"input-gradients", 0, NULL, "for --dump: the gradients of the inputs too", NULL},
    {"strict", 0, NULL, "for --dump=loops and c: as emit --strict", NULL},
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static int64_t count_parameters(const Program *program) {
    int64_t sum = 0;
    for (int i = 0; i < program->tensor.count; i++) {
        const Tensor *t = program->tensor.item[i];
        if (t->role == TENSOR_PARAM) sum += tensor_count(t);
    }
    return sum;
}

static void say_fine(const Pipeline *p) {
    const Program *program = p->model->train;
    int64_t parameters = count_parameters(program);
    printf("%s: %" PRId64 " parameters in %" PRId64
           " bytes, %zu bytes to train with batches of %" PRId64 ": ok\n",
           p->model->name, parameters, parameters * (program->is_f32 ? 4 : 8),
           model_training_bytes(p->loops), p->model->batch_size);
}

static int run(const Arguments *arguments) {
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments)) {
        const char *dump = option_value(arguments, "dump");
        p.lower.strict = option_given(arguments, "strict");
        p.input_gradients = option_given(arguments, "input-gradients");
        bool fine = pipeline_compile(&p, dump);
        code = pipeline_finish(&p);
        if (fine && dump) code = pipeline_dump(&p, dump, stdout);
        if (fine && !dump) say_fine(&p);
    }
    pipeline_free(&p);
    return code;
}

const Command command_check = {
    .name = "check",
    .arguments = "SPEC [--dump=STAGE]",
    .summary = "Check a spec and say its size, or print a stage of its compilation",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
