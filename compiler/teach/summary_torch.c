// summary_torch.c: the same numbers in the layout of PyTorch's torchsummary, byte for byte.
#include "teach/summary.h"

#include <inttypes.h>

typedef struct Walk {
    const Program *p;
    Text *out;
    int row;
    double elements; // of all rows' outputs
} Walk;

static void print_row(Walk *w, const Stage *s) {
    Arena *a = w->p->arena;
    const char *name = arena_printf(a, "%s-%d", s->kind, ++w->row);
    Text shape = text_new(a);
    const Tensor *t = s->output.count ? s->output.item[s->output.count - 1] : NULL;
    text_add(&shape, "[-1");
    double elements = 1;
    for (int i = t ? summary_first_axis(w->p, t) : 0; t && i < t->rank; i++) {
        text_printf(&shape, ", %" PRId64, t->axis[i]->extent);
        elements *= (double)t->axis[i]->extent;
    }
    text_add(&shape, "]");
    w->elements += elements;
    text_printf(w->out, "%20s  %25s %15s\n", name, shape.bytes,
                summary_number(a, summary_stage_parameters(w->p, s)));
}

static void walk(Walk *w, const Stage *s) {
    if (summary_is_aside(w->p, s)) return;
    for (int i = 0; i < s->child.count; i++) walk(w, s->child.item[i]);
    if (s->kind && (s->is_layer || s->is_block)) print_row(w, s);
}

static double megabytes(double elements) {
    return elements * 4 / (1024 * 1024);
}

void summary_print_torch(const Program *p, Text *out) {
    static const char thin[] = "----------------------------------------------------------------\n";
    static const char thick[] =
        "================================================================\n";
    Walk w = {.p = p, .out = out};
    double input = 0;
    int64_t parameters = 0;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (t->role == TENSOR_PARAM) parameters += tensor_count(t);
        if (t->role != TENSOR_INPUT) continue;
        double elements = 1;
        for (int k = summary_first_axis(p, t); k < t->rank; k++)
            elements *= (double)t->axis[k]->extent;
        input += elements;
    }
    text_add(out, thin);
    text_printf(out, "%20s  %25s %15s\n", "Layer (type)", "Output Shape", "Param #");
    text_add(out, thick);
    for (int i = 0; i < p->root->child.count; i++) walk(&w, p->root->child.item[i]);
    text_add(out, thick);
    const char *total = summary_number(p->arena, parameters);
    text_printf(out, "Total params: %s\nTrainable params: %s\nNon-trainable params: 0\n", total,
                total);
    text_add(out, thin);
    double values = megabytes(2 * w.elements), weights = megabytes((double)parameters);
    text_printf(out, "Input size (MB): %.2f\n", megabytes(input));
    text_printf(out, "Forward/backward pass size (MB): %.2f\n", values);
    text_printf(out, "Params size (MB): %.2f\n", weights);
    text_printf(out, "Estimated Total Size (MB): %.2f\n", megabytes(input) + values + weights);
    text_add(out, thin);
}
