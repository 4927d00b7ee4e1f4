// playground_drawing.c: the data of a page that reads a drawing: where the picture goes, what each
// stage makes of it, and the classes in the end.
#include "teach/derivation.h"
#include "teach/graph.h"
#include "teach/playground_page.h"

#include <inttypes.h>

typedef struct Drawing {
    const Playground *p;
    Program *program; // for evaluation, one sample
    Arena *arena;
    Text *out;
} Drawing;

static const Tensor *input_of(const Program *p) {
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->role == TENSOR_INPUT) return p->tensor.item[i];
    return NULL;
}

static int first_axis(const Program *p, const Tensor *t) {
    return p->sample && t->per_sample && t->rank ? 1 : 0;
}

// A row or a picture a channel, in memory of its own.
static bool is_shown(const Drawing *d, const Tensor *t) {
    const LoopBuffer *b = lower_buffer_of(d->p->loops, t);
    int rank = t->rank - first_axis(d->program, t);
    bool is_stage = t->role == TENSOR_VALUE && !graph_is_inside(t);
    return b && b->storage == LOOP_WORK && is_stage && !t->is_int && rank >= 1 && rank <= 3;
}

static void add_equations(const Drawing *d, const Tensor *t) {
    const Program *p = d->program;
    json_add_key(d->out, "equations");
    text_add(d->out, "[");
    for (int i = 0, count = 0; i < p->forward.count; i++) {
        if (p->forward.item[i]->out != t) continue;
        if (count++) text_add(d->out, ", ");
        json_add_text(d->out, playground_equation(d->program, p->forward.item[i]));
    }
    text_add(d->out, "]");
}

static void add_stage(const Drawing *d, const Tensor *t) {
    const LoopBuffer *b = lower_buffer_of(d->p->loops, t);
    const char *lines = derivation_c_lines(d->arena, d->p->c_text, "evaluate", b->name);
    text_add(d->out, "\n{");
    json_add_key(d->out, "name");
    json_add_text(d->out, t->name);
    json_add_key(d->out, "kind");
    json_add_text(d->out, t->stage && t->stage->kind ? t->stage->kind : "");
    json_add_shape(d->out, t, first_axis(d->program, t));
    json_add_place(d->out, d->p->loops, b);
    add_equations(d, t);
    json_add_key(d->out, "c");
    json_add_text(d->out, lines ? lines : "");
    text_add(d->out, "}");
}

static void add_stages(const Drawing *d) {
    const Program *p = d->program;
    bool *is_added = arena_new_array(d->arena, bool, p->tensor.count + 1);
    int count = 0;
    json_add_key(d->out, "stages");
    text_add(d->out, "[");
    for (int i = 0; i < p->forward.count; i++) {
        const Tensor *t = p->forward.item[i]->out;
        int place = 0;
        while (p->tensor.item[place] != t) place++;
        if (is_added[place] || !is_shown(d, t)) continue;
        is_added[place] = true;
        if (count++) text_add(d->out, ",");
        add_stage(d, t);
    }
    text_add(d->out, "]");
}

// The brightest pixel, as the data files have it.
static double brightest(const NetData *d) {
    if (d->format == NET_DATA_IDX) return 255;
    return d->scale > 0 ? 1 / d->scale : 1;
}

void playground_drawing(const Playground *p, Text *out) {
    Text json = text_new(out->arena);
    Drawing d = {.p = p, .program = p->model->eval, .arena = out->arena, .out = &json};
    const Tensor *input = input_of(d.program);
    const Tensor *last = d.program->output.item[d.program->output.count - 1];
    const NetData *data = &p->table->data;
    bool scales = data->normalize || (data->scale != 0 && data->scale != 1);
    text_add(&json, "{");
    json_add_key(&json, "name");
    json_add_text(&json, p->model->name);
    json_add_key(&json, "spec");
    json_add_text(&json, p->model->spec);
    json_add_key(&json, "weights");
    json_add_text(&json, p->weights);
    json_add_key(&json, "input");
    text_add(&json, "{");
    json_add_key(&json, "name");
    json_add_text(&json, input->name);
    json_add_shape(&json, input, input->rank - 2);
    json_add_place(&json, p->loops, lower_buffer_of(p->loops, input));
    text_add(&json, "}");
    json_add_key(&json, "ink");
    json_add_text(&json, scales || !p->loops->is_f32 ? "f64" : "f32");
    json_add_key(&json, "brightest");
    text_add(&json, number_text(d.arena, brightest(data)));
    json_add_key(&json, "classes");
    text_printf(&json, "%" PRId64, tensor_count(last));
    json_add_key(&json, "output");
    json_add_text(&json, last->name);
    add_stages(&d);
    text_add(&json, "}");
    playground_page(p, json.bytes, out);
}
