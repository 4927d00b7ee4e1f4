// playground_lesson.c: the data of a lesson: every tensor with its place in memory, its equation in
// letters and with numbers that the page fills in, and its lines of C.
#include "teach/derivation_parts.h"
#include "loop/express.h"
#include "teach/graph.h"
#include "teach/playground_page.h"
#include "teach/trace.h"

#include <inttypes.h>
#include <string.h>

typedef struct Item {
    const Tensor *tensor;
    const char *role, *name;
} Item;

typedef struct Lesson {
    const Playground *p;
    Program *program;
    Arena *arena;
    Text *out;
    LIST(Item) item;
    int *number;      // by tensor id: its place in `item`, or -1
    Numbers *numbers; // indices for equations at an element; it has no values
} Lesson;

// --- which tensors, in which order

static bool has_memory(const Lesson *l, const Tensor *t) {
    const LoopBuffer *b = lower_buffer_of(l->p->loops, t);
    return b && b->storage != LOOP_LOCAL;
}

static void add_item(Lesson *l, const Tensor *t, const char *role, const char *name) {
    if (l->number[t->id] >= 0 || !has_memory(l, t)) return;
    l->number[t->id] = l->item.count;
    list_add(l->arena, l->item, ((Item){t, role, name}));
}

// Gradients stand in the order of computation, from the loss back.
static void add_gradients(Lesson *l) {
    const Program *p = l->program;
    for (int i = 0; i < p->backward.count; i++) {
        const Tensor *t = p->backward.item[i]->out;
        if (t->role != TENSOR_GRADIENT || parts_is_start(p, t)) continue;
        const char *name =
            t->of ? arena_printf(l->arena, "d%s/d%s", p->loss->label, t->of->name) : t->name;
        add_item(l, t, "gradient", name);
    }
}

static void list_items(Lesson *l) {
    int most = 0;
    for (int i = 0; i < l->program->tensor.count; i++)
        if (l->program->tensor.item[i]->id > most) most = l->program->tensor.item[i]->id;
    l->number = arena_new_array(l->arena, int, most + 65);
    for (int i = 0; i < most + 65; i++) l->number[i] = -1;
    Trace trace = trace_of(l->program, false);
    for (int i = 0; i < trace.item.count; i++) {
        const TraceTensor *t = &trace.item.item[i];
        if (t->role == TRACE_GRADIENT) continue;
        add_item(l, t->tensor, t->role == TRACE_PARAM ? "param" : trace_role_name(t->role),
                 t->name);
    }
    add_gradients(l);
}

// --- equations

static Math new_math(const Lesson *l, MathNames *names) {
    return math_new(MATH_ML, l->program, names);
}

// With numbers in the place of letters; NULL where an element has no single equation.
static const char *element_markup(const Lesson *l, const Tensor *t, int64_t element) {
    const Equation *q = t->definition;
    if (!q || !derivation_stand_at(l->numbers, q, element)) return NULL;
    MathNames names = {0};
    Math m = new_math(l, &names);
    m.numbers = l->numbers;
    m.live = l->number;
    math_expr(&m, derivation_shown(l->program, q->value));
    return playground_math(l->arena, math_done(&m));
}

static const Tensor *gradient_of(const Lesson *l, const Tensor *t) {
    for (int i = 0; i < l->item.count; i++) {
        const Tensor *g = l->item.item[i].tensor;
        if (g->role == TENSOR_GRADIENT && g->of == t) return g;
    }
    return NULL;
}

// w -> w - lr*gradient, in letters.
static const char *update_markup(const Lesson *l, const Tensor *t) {
    MathNames names = {0};
    Math m = new_math(l, &names);
    math_tensor(&m, t, NULL);
    math_operator(&m, "->");
    math_tensor(&m, t, NULL);
    math_operator(&m, "-");
    text_add(&m.text, "<mi>lr</mi>");
    math_operator(&m, "*");
    math_gradient(&m, t, NULL);
    return playground_math(l->arena, math_done(&m));
}

static const char *update_element(const Lesson *l, const Tensor *t, const Tensor *g,
                                  int64_t element) {
    return playground_math(
        l->arena, arena_printf(l->arena,
                               "<mn data-t=\"%d\" data-e=\"%" PRId64 "\"></mn><mo>&#x2212;</mo>"
                               "<mn data-lr=\"\"></mn><mo>&#xB7;</mo>"
                               "<mn data-t=\"%d\" data-e=\"%" PRId64 "\"></mn>",
                               l->number[t->id], element, l->number[g->id], element));
}

// --- lines of C

// A tensor is an array called as its buffer, a local called as itself, or goes to its block at
// once.
static const char *lines_of(const Lesson *l, const Tensor *t) {
    const LoopBuffer *b = lower_buffer_of(l->p->loops, t);
    const char *function = t->role == TENSOR_GRADIENT ? "backward" : "forward", *lines = NULL;
    const char *block = loop_storage_name(b->storage);
    const char *const name[] = {b->name, t->name, b->member,
                                arena_printf(l->arena, "%s->%s", block, b->member)};
    for (int i = b->storage == LOOP_RESULTS ? 3 : 0; i < 4 && !lines; i++)
        lines = derivation_c_lines(l->arena, l->p->c_text, function, name[i]);
    return lines;
}

// The body of the function `optimize`.
static const char *optimizer_lines(const Lesson *l) {
    const char *from = strstr(l->p->c_text, "static void optimize(");
    const char *end = from ? strstr(from, "\n}\n") : NULL;
    return end ? arena_copy(l->arena, from, (size_t)(end - from) + 2) : "";
}

// --- JSON

static void add_place(const Lesson *l, const Tensor *t) {
    const LoopBuffer *b = lower_buffer_of(l->p->loops, t);
    bool has_samples = (b->storage == LOOP_BATCH || t->per_sample) && l->program->sample;
    json_add_shape(l->out, t, 0);
    json_add_place(l->out, l->p->loops, b);
    json_add_key(l->out, "samples");
    text_printf(l->out, "%s", has_samples ? "true" : "false");
}

static void add_markups(const Lesson *l, const Item *item) {
    const Tensor *t = item->tensor, *g = gradient_of(l, t);
    bool is_update = t->role == TENSOR_PARAM && g && l->p->is_descent;
    json_add_key(l->out, "equations");
    text_add(l->out, "[");
    int count = 0;
    for (int k = 0; k < l->program->forward.count + l->program->backward.count; k++) {
        int forward = l->program->forward.count;
        const Equation *q =
            k < forward ? l->program->forward.item[k] : l->program->backward.item[k - forward];
        if (q->out != t) continue;
        if (count++) text_add(l->out, ", ");
        json_add_text(l->out, playground_equation(l->program, q));
    }
    if (is_update) json_add_text(l->out, update_markup(l, t));
    text_add(l->out, "]");
    json_add_key(l->out, "elements");
    text_add(l->out, "[");
    int64_t elements = tensor_count(t);
    for (int64_t e = 0; e < elements; e++) {
        const char *markup = is_update ? update_element(l, t, g, e) : element_markup(l, t, e);
        if (e) text_add(l->out, ", ");
        if (markup)
            json_add_text(l->out, markup);
        else
            text_add(l->out, "null");
    }
    text_add(l->out, "]");
}

static void add_tensor(const Lesson *l, const Item *item) {
    const Tensor *t = item->tensor, *g = gradient_of(l, t);
    MathNames names = {0};
    Math m = new_math(l, &names);
    if (t->role == TENSOR_GRADIENT && t->of)
        math_gradient(&m, t->of, NULL);
    else
        math_tensor(&m, t, NULL);
    const char *lines = t->definition || t->role == TENSOR_GRADIENT ? lines_of(l, t) : NULL;
    text_add(l->out, "\n{");
    json_add_key(l->out, "name");
    json_add_text(l->out, item->name);
    json_add_key(l->out, "role");
    json_add_text(l->out, item->role);
    json_add_key(l->out, "symbol");
    json_add_text(l->out, playground_math(l->arena, math_done(&m)));
    add_place(l, t);
    json_add_key(l->out, "classes");
    text_printf(l->out, "%" PRId64, t->classes);
    json_add_key(l->out, "gradient");
    text_printf(l->out, "%d", g ? l->number[g->id] : -1);
    json_add_key(l->out, "of");
    text_printf(l->out, "%d", t->of ? l->number[t->of->id] : -1);
    json_add_key(l->out, "c");
    json_add_text(l->out, lines ? lines : "");
    add_markups(l, item);
    text_add(l->out, "}");
}

// The samples that the spec lists, by input.
static void add_data(const Lesson *l) {
    const NetData *d = &l->p->table->data;
    size_t samples = 0;
    json_add_key(l->out, "data");
    text_add(l->out, "[");
    for (int i = 0, count = 0; i < d->inlined_count; i++) {
        const NetInline *in = &d->inlined[i];
        const Tensor *t = tensor_find(l->program, name_of(l->program->compile->names, in->input));
        if (!t || l->number[t->id] < 0) continue;
        int64_t each = tensor_count(t) / (l->program->sample ? l->program->batch_size : 1);
        text_printf(l->out, "%s{\"tensor\": %d, \"values\": ", count++ ? ", " : "",
                    l->number[t->id]);
        json_add_numbers(l->out, in->value, each * (int64_t)in->sample_count);
        text_add(l->out, "}");
        samples = in->sample_count;
    }
    text_add(l->out, "]");
    json_add_key(l->out, "samples");
    text_printf(l->out, "%zu", samples);
}

static int number_in_page(void *data, const Tensor *t) {
    const Lesson *l = data;
    const Tensor *here =
        tensor_find(l->program, t->name); // pictures are of the program for evaluation
    return here ? l->number[here->id] : -1;
}

static void add_picture(Lesson *l) {
    Neurons neurons;
    Text svg = text_new(l->arena);
    json_add_key(l->out, "picture");
    if (graph_neurons_of(l->p->model->eval, &neurons)) {
        neurons.number = number_in_page;
        neurons.data = l;
        graph_neurons_svg(&neurons, &svg);
    }
    json_add_text(l->out, svg.size ? svg.bytes : "");
}

static void add_settings(const Lesson *l) {
    const NetModel *t = l->p->table;
    json_add_key(l->out, "name");
    json_add_text(l->out, l->p->model->name);
    json_add_key(l->out, "spec");
    json_add_text(l->out, l->p->model->spec);
    json_add_key(l->out, "loss");
    json_add_text(l->out, l->program->loss->label);
    json_add_key(l->out, "loss_place");
    text_printf(l->out, "{\"block\": %d, \"offset\": %zu}", (int)LOOP_RESULTS,
                loop_buffer_offset(l->p->loops, lower_buffer_of(l->p->loops, l->program->loss)));
    json_add_key(l->out, "loss_tensor");
    const Tensor *loss = math_loss(l->program);
    text_printf(l->out, "%d",
                l->number[loss->id] >= 0 ? l->number[loss->id] : l->number[l->program->loss->id]);
    json_add_key(l->out, "batch");
    text_printf(l->out, "%d", t->batch_size);
    json_add_key(l->out, "lr");
    text_add(l->out, number_text(l->arena, l->p->lr));
    json_add_key(l->out, "iterations");
    text_printf(l->out, "%" PRId64, t->train.iterations);
    json_add_key(l->out, "optimizer");
    json_add_text(l->out, t->train.optimizer.kind ? t->train.optimizer.kind : "");
    json_add_key(l->out, "scheduler");
    json_add_text(l->out, t->train.scheduler.kind ? t->train.scheduler.kind : "");
    json_add_key(l->out, "shuffle");
    text_add(l->out, t->train.shuffle ? "true" : "false");
    json_add_key(l->out, "optimizer_c");
    json_add_text(l->out, optimizer_lines(l));
    json_add_key(l->out, "real");
    json_add_text(l->out, l->p->loops->is_f32 ? "f32" : "f64");
    json_add_key(l->out, "params");
    json_add_numbers(l->out, l->p->params, (int64_t)t->param_count);
    json_add_key(l->out, "states");
    json_add_numbers(l->out, l->p->states, (int64_t)t->state_count);
}

void playground_lesson(const Playground *p, Text *out) {
    Text json = text_new(out->arena);
    Lesson l = {.p = p, .program = p->model->train, .arena = out->arena, .out = &json};
    list_items(&l);
    l.numbers = numbers_new(l.program, l.program->batch_size);
    text_add(&json, "{");
    add_settings(&l);
    json_add_key(&json, "tensors");
    text_add(&json, "[");
    for (int i = 0; i < l.item.count; i++) {
        if (i) text_add(&json, ",");
        add_tensor(&l, &l.item.item[i]);
    }
    text_add(&json, "]");
    add_data(&l);
    add_picture(&l);
    text_add(&json, "}");
    playground_page(p, json.bytes, out);
}
