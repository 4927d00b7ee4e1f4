// memory.c: see memory.h.
#include "teach/memory.h"

#include "teach/summary.h"
#include "teach/svg.h"

#include <string.h>

static const char *number(Arena *a, size_t value) {
    return summary_number(a, (int64_t)value);
}

// Evaluation uses the buffers of its twins in training: they are listed there.
static bool is_twin(const MemoryPlan *plan, const MemoryUse *use) {
    for (int i = 0; i < plan->use.count && !use->in_training; i++)
        if (plan->use.item[i].in_training && use->buffer && plan->use.item[i].buffer == use->buffer)
            return true;
    return false;
}

MemorySums memory_sums(const MemoryPlan *plan) {
    MemorySums sums = {.work = plan->work};
    for (int i = 0; i < plan->use.count; i++) {
        const MemoryUse *use = &plan->use.item[i];
        if (!use->in_training || use->is_made) continue;
        sums.stored += use->stored;
        sums.tensors++;
    }
    return sums;
}

// --- the table

// "forward 3", for a nest of all functions.
static const char *time_text(Arena *a, const MemoryPlan *plan, int nest) {
    int f = 0;
    for (; f < plan->functions - 1 && nest >= plan->nests[f]; f++) nest -= plan->nests[f];
    return plan->functions ? arena_printf(a, "%s %d", plan->function[f], nest + 1) : "";
}

static const char *needed_text(Arena *a, const MemoryPlan *plan, const MemoryUse *use) {
    const char *first = time_text(a, plan, use->first);
    if (use->first == use->last) return first;
    return arena_printf(a, "%s to %s", first, time_text(a, plan, use->last));
}

static const char *shape_text(Arena *a, const MemoryUse *use) {
    Text text = text_new(a);
    int rank = use->tensor ? use->tensor->rank : use->buffer->rank;
    for (int i = 0; i < rank; i++)
        text_printf(
            &text, "%s%lld", i ? ", " : "[",
            (long long)(use->tensor ? use->tensor->axis[i]->extent : use->buffer->shape[i]));
    text_add(&text, rank ? "]" : "one number");
    return text.bytes;
}

static void add_row(Text *out, const char *name, const char *shape, const char *stored,
                    const char *planned, const char *place, const char *needed) {
    text_printf(out, "%-44s %-19s %13s %13s %6s  %s\n", name, shape, stored, planned, place,
                needed);
}

typedef struct Rest {
    int count;
    size_t stored, planned;
} Rest;

static void add_to_rest(Rest *rest, const MemoryUse *use) {
    rest->count++;
    rest->stored += use->is_made ? 0 : use->stored;
    rest->planned += use->planned;
}

static void add_rest(Arena *a, Text *out, const Rest *rest, const char *what) {
    if (rest->count == 0) return;
    add_row(out, arena_printf(a, "%d %s", rest->count, what), "", number(a, rest->stored),
            number(a, rest->planned), "", "");
}

static void add_uses(Arena *a, const MemoryPlan *plan, Text *out) {
    Rest small = {0}, none = {0};
    int place = 0;
    for (int i = 0; i < plan->use.count; i++) {
        const MemoryUse *use = &plan->use.item[i];
        bool is_new = i == 0 || !use->buffer || plan->use.item[i - 1].offset != use->offset;
        if (use->buffer && is_new) place++;
        if (is_twin(plan, use) || (!use->buffer && (use->is_made || !use->in_training))) continue;
        if (!use->buffer)
            add_to_rest(&none, use);
        else if (use->planned * 1000 < plan->work)
            add_to_rest(&small, use);
        else
            add_row(out, use->name, shape_text(a, use), use->is_made ? "-" : number(a, use->stored),
                    number(a, use->planned), arena_printf(a, "%d", place),
                    needed_text(a, plan, use));
    }
    add_rest(a, out, &small, "smaller tensors");
    add_rest(a, out, &none, "tensors that stay in registers");
}

void memory_print(Arena *a, const MemoryPlan *plan, Text *out) {
    MemorySums sums = memory_sums(plan);
    add_row(out, "tensor", "shape", "stored", "planned", "place", "needed by the nests");
    add_uses(a, plan, out);
    text_printf(out, "\nstored         %15s bytes: every tensor of training, %d of them\n",
                number(a, sums.stored), sums.tensors);
    text_printf(out, "planned        %15s bytes: %.2f of that, evaluation included\n",
                number(a, sums.work), (double)sums.work / (double)(sums.stored ? sums.stored : 1));
}

// --- the chart

enum { LEFT = 84, TOP = 84, WIDTH = 860, HEIGHT = 560, BOTTOM = 56, RIGHT = 20 };
static const double label_size = 11;

typedef struct Map {
    Arena *a;
    const MemoryPlan *plan;
    Text *out;
    int steps;
} Map;

static double x_of(const Map *m, int step) {
    return LEFT + WIDTH * (double)step / (double)(m->steps ? m->steps : 1);
}

static double y_of(const Map *m, size_t byte) {
    return TOP + HEIGHT * (1 - (double)byte / (double)(m->plan->work ? m->plan->work : 1));
}

// Blue: values; vermilion: gradients; green: what the schedule made.
static int series_of(const MemoryUse *use) {
    return use->is_made ? 2 : use->tensor->role == TENSOR_GRADIENT ? 1 : 0;
}

static void draw_use(const Map *m, const MemoryUse *use) {
    static const char *const dashes[] = {"none", "6 2", "1.5 2"};
    double x = x_of(m, use->first_step), width = x_of(m, use->last_step + 1) - x;
    double y = y_of(m, use->offset + use->planned), height = y_of(m, use->offset) - y;
    int series = series_of(use);
    if (height < 0.4) return;
    text_printf(m->out,
                "<g><title>%s %s, %s bytes, %s</title><rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" "
                "height=\"%.2f\" class=\"f%d c%d\" fill-opacity=\".28\" stroke-width=\"%s\" "
                "stroke-dasharray=\"%s\"/>\n",
                use->name, shape_text(m->a, use), number(m->a, use->planned),
                needed_text(m->a, m->plan, use), x, y, width, height, series, series,
                height < 3 ? ".4" : "1", dashes[series]);
    const char *name = use->name, *tail = strrchr(name, '.');
    if (svg_text_width(name, label_size) + 8 > width && tail) name = tail + 1;
    if (height >= label_size + 2 && svg_text_width(name, label_size) + 8 <= width)
        svg_text(m->out, x + width / 2, y + height / 2 + 4, "small", "middle", name);
    text_add(m->out, "</g>\n");
}

static void draw_functions(const Map *m) {
    int first = 0;
    for (int f = 0; f < m->plan->functions; f++) {
        int last = first + m->plan->steps[f];
        double x = x_of(m, first), end = x_of(m, last);
        svg_line(m->out, x, TOP - 4, x, TOP + HEIGHT + 8, "axis");
        if (svg_text_width(m->plan->function[f], 13) <= end - x + 4)
            svg_text(m->out, (x + end) / 2, TOP + HEIGHT + 24, "text", "middle",
                     m->plan->function[f]);
        first = last;
    }
    svg_line(m->out, x_of(m, m->steps), TOP - 4, x_of(m, m->steps), TOP + HEIGHT + 8, "axis");
    svg_text(m->out, LEFT + WIDTH / 2.0, TOP + HEIGHT + 44, "small", "middle",
             "steps of the functions, one after the other");
}

// A tick at 1, 2 or 5 times a power of ten, about six of them.
static double tick_step(double high) {
    double step = 1;
    while (step * 10 * 6 < high) step *= 10;
    for (int k = 0; step * 6 < high; k++) step *= k % 3 == 1 ? 2.5 : 2;
    return step;
}

static void draw_bytes(const Map *m) {
    double step = tick_step((double)m->plan->work);
    const char *unit = step >= 1e6 ? "MB" : step >= 1e3 ? "KB" : "bytes";
    double scale = step >= 1e6 ? 1e6 : step >= 1e3 ? 1e3 : 1;
    for (double at = 0; at <= (double)m->plan->work; at += step) {
        double y = y_of(m, (size_t)at);
        svg_line(m->out, LEFT, y, LEFT + WIDTH, y, "grid");
        svg_text(m->out, LEFT - 8, y + 4.5, "text", "end",
                 arena_printf(m->a, "%g %s", at / scale, unit));
    }
}

static void draw_legend(const Map *m) {
    static const char *const meaning[] = {"values", "gradients", "made by the schedule"};
    static const char *const dashes[] = {"none", "6 2", "1.5 2"};
    double x = LEFT;
    for (int i = 0; i < 3; i++) {
        text_printf(m->out,
                    "<rect x=\"%.1f\" y=\"%d\" width=\"22\" height=\"13\" class=\"f%d c%d\" "
                    "fill-opacity=\".28\" stroke-dasharray=\"%s\"/>\n",
                    x, TOP - 32, i, i, dashes[i]);
        svg_text(m->out, x + 28, TOP - 21, "text", "start", meaning[i]);
        x += 50 + svg_text_width(meaning[i], 13);
    }
}

void memory_print_svg(Arena *a, const MemoryPlan *plan, const char *model, Text *out) {
    Map m = {.a = a, .plan = plan, .out = out};
    MemorySums sums = memory_sums(plan);
    for (int f = 0; f < plan->functions; f++) m.steps += plan->steps[f];
    svg_open(
        out, LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, arena_printf(a, "Memory of %s", model),
        "Time runs to the right through the steps of the functions, bytes of the block upwards; "
        "each rectangle is a tensor, as wide as it is needed and as high as it is large.");
    svg_text(out, LEFT, 28, "title", "start",
             arena_printf(a, "%s: %s bytes planned, %.2f of storing every tensor", model,
                          number(a, sums.work),
                          (double)sums.work / (double)(sums.stored ? sums.stored : 1)));
    draw_legend(&m);
    draw_bytes(&m);
    draw_functions(&m);
    for (int i = 0; i < plan->use.count; i++)
        if (plan->use.item[i].buffer) draw_use(&m, &plan->use.item[i]);
    svg_close(out);
}
