// command_derive.c: the derivation of a network's gradients as a page.
#include "driver/files.h"
#include "driver/snapshot.h"
#include "teach/derivation.h"

#include <math.h>
#include <string.h>

static const Option option[] = {
    {"output", 'o', "FILE", "what to write: .html, .md or .tex", NULL},
    {"of", 0, "NAME", "only this parameter or value, and what its gradient needs", NULL},
    {"step", 0, "N", "the numbers after N updates (0)", NULL},
    {"data", 'd', "DIR", "where the data files are, for numbers", NULL},
    {"threads", 0, "N", "threads (one per core)", NULL},
    {"batch-size", 0, "N", "samples in a batch (the spec's; 4 where the data lie in files)", NULL},
    OPTION_SET,
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static double difference(void *data, const Tensor *t, int64_t element, double derived) {
    return snapshot_difference(data, t, element, derived);
}

static bool is_plain_descent(const NetChoice *optimizer) {
    return optimizer->kind && !strcmp(optimizer->kind, "SGD") && optimizer->argument_count <= 1;
}

static int unknown_name(const Program *p, const char *name) {
    LIST(const char *) known = {0};
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->role != TENSOR_GRADIENT)
            list_add(p->arena, known, p->tensor.item[i]->name);
    const char *near = nearest_name(name, known.item, known.count);
    return usage_error(&command_derive, "--of %s: the spec has no such tensor or element%s%s", name,
                       near ? "; did you mean " : "", near ? near : "");
}

static bool has_gradient(const Program *p, const Tensor *t) {
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->of == t) return true;
    return false;
}

static int choose(Derivation *d, const char *name) {
    if (name) {
        d->of = derivation_find(d->program, name, &d->element);
        if (!d->of) return unknown_name(d->program, name);
        if (!has_gradient(d->program, d->of))
            return usage_error(&command_derive,
                               "--of %s: the loss has no gradient with respect to it", name);
    }
    int steps = derivation_steps(d);
    if (steps <= DERIVATION_STEPS) return EXIT_FINE;
    return usage_error(&command_derive,
                       "the derivation has %d steps, a page shows at most %d; choose a parameter "
                       "or a value nearer to the loss with --of NAME",
                       steps, DERIVATION_STEPS);
}

static int write_page(Snapshot *s, const Arguments *arguments, PageFormat format, int64_t step) {
    const Model *model = s->pipeline.model;
    Derivation d = {.program = model->train,
                    .numbers = s->numbers,
                    .spec = model->spec,
                    .step = step,
                    .difference = difference,
                    .data = s,
                    .lr = NAN};
    if (is_plain_descent(&model->settings.optimizer)) d.lr = s->lr;
    int code = choose(&d, option_value(arguments, "of"));
    if (code != EXIT_FINE) return code;
    d.c_text = snapshot_c_text(s, arguments);
    Page page = page_new(format, d.program);
    derivation_print(&d, &page);
    return file_write(option_value(arguments, "output"), page.text.bytes, page.text.size)
               ? EXIT_FINE
               : EXIT_FILES;
}

static int run(const Arguments *arguments) {
    static const char *const ending[] = {".html", ".md", ".tex"};
    const char *path = option_value(arguments, "output");
    int format = -1;
    int64_t step = 0;
    for (int i = 0; path && i < 3; i++)
        if (path_has_ending(path, ending[i])) format = i;
    if (format < 0)
        return usage_error(&command_derive,
                           "-o FILE is needed, with a name that ends in .html, .md or .tex");
    if (!option_integer(arguments, "step", 0, 1000000, &step)) return EXIT_USAGE;
    Snapshot s;
    int code = snapshot_open(&s, arguments, step);
    if (code == EXIT_FINE) code = write_page(&s, arguments, (PageFormat)format, step);
    snapshot_close(&s);
    return code;
}

const Command command_derive = {
    .name = "derive",
    .arguments = "SPEC -o PAGE.html|.md|.tex",
    .summary = "Write the derivation of the gradients, with rules, numbers and C",
    .detail = "Every gradient from the loss back: the equations a value stands in, the local "
              "derivatives with their rules, the\n"
              "product, the numbers of the compiled program, its lines of C, and a central "
              "difference beside the result.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
