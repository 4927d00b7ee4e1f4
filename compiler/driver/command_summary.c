// command_summary.c: the sizes of a model, stage by stage.
#include "driver/files.h"
#include "driver/host.h"
#include "driver/load.h"
#include "driver/memory_measure.h"
#include "teach/memory.h"
#include "teach/summary.h"

#include <string.h>

static const char *style_name(int i) {
    static const char *const name[] = {"netc", "torchsummary"};
    return i < 2 ? name[i] : NULL;
}

static const Option option[] = {
    {"style", 0, "STYLE", "the layout of the table", style_name},
    {"memory", 0, NULL,
     "instead: the memory plan of the fast style, and as FILE.svg if one is named", NULL},
    {"cc", 0, "CC",
     "the C compiler that compiles what --memory measures (otherwise $CC, otherwise cc)", NULL},
    {"memory", 0, NULL, "instead the memory plan of the fast style, measured; drawn into FILE.svg",
     NULL},
    {"batch-size", 0, "N", "samples in a batch, in place of the spec's", NULL},
    OPTION_SET,
    OPTIONS_TOOLCHAIN,
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

static int print_table(Pipeline *p, const Arguments *arguments) {
    const char *style = option_value(arguments, "style");
    bool torch = style && !strcmp(style, "torchsummary");
    bool fine = pipeline_compile(p, torch ? "equations" : NULL);
    int code = pipeline_finish(p);
    Text text = text_new(p->compile->arena);
    if (fine && torch) summary_print_torch(p->model->train, &text);
    if (fine && !torch) {
        SummaryBytes bytes = {model_training_bytes(p->loops), inference_bytes(p->model->eval)};
        summary_print(p->model->train, bytes, &text);
    }
    if (fine) fputs(text.bytes, stdout);
    return code;
}

// --- --memory

static int draw_plan(const Pipeline *p, const MemoryPlan *plan, const char *path) {
    Text text = text_new(p->compile->arena);
    memory_print_svg(p->compile->arena, plan, p->model->name, &text);
    return file_write(path, text.bytes, text.size) ? EXIT_FINE : EXIT_FILES;
}

static int print_plan(Pipeline *p, const Arguments *arguments, const char *picture) {
    Arena *a = p->compile->arena;
    Toolchain t = toolchain_from(arguments);
    Loaded loaded;
    int code = model_load(p, &t, &loaded);
    if (!p->loops) return code;
    MemoryPlan plan = lower_memory_plan(p->loops);
    if (plan.use.count == 0) {
        printf("%s is so small that it is lowered in the plain style, which plans nothing: %s "
               "bytes\n",
               p->path, summary_number(a, (int64_t)plan.work));
        return EXIT_FINE;
    }
    Text text = text_new(a);
    memory_print(a, &plan, &text);
    fputs(text.bytes, stdout);
    size_t touched = code == EXIT_FINE ? memory_measure(loaded.model) : 0;
    if (touched)
        printf("measured       %15s bytes: pages that a step and an evaluation touched\n",
               summary_number(a, (int64_t)touched));
    int drawn = picture ? draw_plan(p, &plan, picture) : EXIT_FINE;
    if (code == EXIT_FINE) model_unload(&loaded);
    return code == EXIT_FINE ? drawn : code;
}

static int run(const Arguments *arguments) {
    bool memory = option_given(arguments, "memory");
    const char *picture = arguments->positional.count > 1 ? arguments->positional.item[1] : NULL;
    if (picture && !memory)
        return usage_error(&command_summary, "%s is a picture of --memory", picture);
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments)) {
        if (memory) p.vector_bytes = host_vector_bytes();
        code = memory ? print_plan(&p, arguments, picture) : print_table(&p, arguments);
    }
    pipeline_free(&p);
    return code;
}

const Command command_summary = {
    .name = "summary",
    .arguments = "SPEC [--style=STYLE | --memory [FILE.svg]]",
    .summary = "Print shapes, parameters and multiply-adds of every stage",
    .option = option,
    .least = 1,
    .most = 2,
    .run = run,
};
