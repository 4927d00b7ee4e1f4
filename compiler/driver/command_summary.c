// command_summary.c: the sizes of a model, stage by stage.
#include "driver/load.h"
#include "teach/summary.h"

#include <string.h>

static const char *style_name(int i) {
    static const char *const name[] = {"netc", "torchsummary"};
    return i < 2 ? name[i] : NULL;
}

static const Option option[] = {
    {"style", 0, "STYLE", "the layout of the table", style_name},
    {"batch-size", 0, "N", "samples in a batch, in place of the spec's", NULL},
    OPTION_SET,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

// Parameters, states and every value of one sample: what prediction keeps in memory when it reuses
// nothing.
static size_t inference_bytes(const Program *p) {
    double elements = 0;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        bool kept = t->role == TENSOR_PARAM || t->role == TENSOR_STATE || t->role == TENSOR_INPUT ||
                    (t->role == TENSOR_VALUE && t->per_sample);
        double size = kept ? 1 : 0;
        for (int k = summary_first_axis(p, t); k < t->rank; k++) size *= (double)t->axis[k]->extent;
        elements += size;
    }
    return (size_t)(elements * (p->is_f32 ? 4 : 8));
}

static int run(const Arguments *arguments) {
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments)) {
        const char *style = option_value(arguments, "style");
        bool torch = style && !strcmp(style, "torchsummary");
        bool fine = pipeline_compile(&p, torch ? "equations" : NULL);
        code = pipeline_finish(&p);
        Text text = text_new(p.compile->arena);
        if (fine && torch) summary_print_torch(p.model->train, &text);
        if (fine && !torch) {
            SummaryBytes bytes = {model_training_bytes(p.loops), inference_bytes(p.model->eval)};
            summary_print(p.model->train, bytes, &text);
        }
        if (fine) fputs(text.bytes, stdout);
    }
    pipeline_free(&p);
    return code;
}

const Command command_summary = {
    .name = "summary",
    .arguments = "SPEC [--style=STYLE]",
    .summary = "Print shapes, parameters and multiply-adds of every stage",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
