// torch_script.c: see torch_script.h. Walks the equations in order. Those of a layer become one
// call, at the first of them; an equation outside of layers is translated where it works element by
// element or moves nothing.
//
// Nothing is known of any layer: its name and its arguments are PyTorch's, and sizes that PyTorch
// wants to be told are left to the Python side, which asks the class for its parameters. Every name
// comes from the grammar of specs, whose names are words of letters, digits and underscores; texts
// are checked for that.
#include "teach/torch_script.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

typedef struct Script {
    const Model *model;
    const Program *p;
    Text *out;  // the body of forward()
    Text parts; // the rows of PARTS
    const char *problem;
    LIST(const Stage *) done;
    LIST(const Tensor *) known; // defined by forward() so far
} Script;

static void refuse(Script *s, const char *what, const char *where) {
    if (!s->problem) s->problem = arena_printf(s->p->arena, "%s (%s)", what, where);
}

// --- values

static bool is_plain_text(const char *text) {
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("_-. ", *c)) return false;
    return true;
}

static void add_value(Script *s, const StageArgument *v, Text *out) {
    switch (v->kind) {
    case ARGUMENT_NUMBER:
        if (v->number - v->number == 0)
            text_add(out, number_text(s->p->arena, v->number));
        else
            text_printf(out, "float('%s')", number_text(s->p->arena, v->number));
        break;
    case ARGUMENT_BOOLEAN: text_add(out, v->number != 0 ? "True" : "False"); break;
    case ARGUMENT_TEXT:
        if (!is_plain_text(v->text)) refuse(s, "a text with other signs than letters", v->name);
        text_printf(out, "'%s'", is_plain_text(v->text) ? v->text : "");
        break;
    case ARGUMENT_LIST:
        text_add(out, "[");
        for (int i = 0; i < v->count; i++) {
            add_value(s, &v->item[i], out);
            text_add(out, ", ");
        }
        text_add(out, "]");
        break;
    case ARGUMENT_INIT: text_add(out, "None"); break;
    }
}

static void add_shape(const Program *p, const Tensor *t, Text *out) {
    text_add(out, "(");
    for (int i = t->per_sample && p->sample ? 1 : 0; i < t->rank; i++)
        text_printf(out, "%" PRId64 ", ", t->axis[i]->extent);
    text_add(out, ")");
}

// --- layers

static const Stage *layer_of(const Stage *s) {
    const Stage *found = NULL;
    for (; s; s = s->parent)
        if (s->is_layer) found = s;
    return found;
}

static bool is_done(const Script *s, const Stage *stage) {
    for (int i = 0; i < s->done.count; i++)
        if (s->done.item[i] == stage) return true;
    return false;
}

static void add_part(Script *s, const Stage *stage) {
    text_printf(&s->parts, "    ('%s', '%s', [", stage->path, stage->kind);
    for (int i = 0; i < stage->input.count; i++) {
        add_shape(s->p, stage->input.item[i], &s->parts);
        text_add(&s->parts, ", ");
    }
    text_add(&s->parts, "], {");
    for (int i = 0; i < s->model->argument.count; i++) {
        const StageArgument *a = &s->model->argument.item[i];
        if (a->stage != stage || a->kind == ARGUMENT_INIT) continue;
        text_printf(&s->parts, "'%s': ", a->name);
        add_value(s, a, &s->parts);
        text_add(&s->parts, ", ");
    }
    text_add(&s->parts, "}),\n");
}

static void add_layer(Script *s, const Stage *stage) {
    if (is_done(s, stage)) return;
    list_add(s->p->arena, s->done, stage);
    if (stage->output.count != 1) refuse(s, "a layer with several outputs", stage->path);
    if (s->problem) return;
    add_part(s, stage);
    text_printf(s->out, "    t%d = call(m, '%s'", stage->output.item[0]->id, stage->path);
    for (int i = 0; i < stage->input.count; i++)
        text_printf(s->out, ", t%d", stage->input.item[i]->id);
    text_add(s->out, ")\n");
    list_add(s->p->arena, s->known, stage->output.item[0]);
}

// --- equations outside of layers

static bool same_element(const Equation *q, const Expr *read) {
    if (q->out->rank != read->tensor->rank) return false;
    for (int i = 0; i < q->out->rank; i++)
        if (read->arg[i] != q->subscript[i]) return false;
    return true;
}

static void add_elementwise(Script *s, const Equation *q, const Expr *e, Text *out) {
    static const char *const joint[] = {" + ", "*"};
    switch (e->kind) {
    case E_NUMBER: text_printf(out, "%s", number_text(s->p->arena, e->number)); return;
    case E_READ:
        if (!same_element(q, e)) refuse(s, "an equation that moves elements", q->out->name);
        text_printf(out, "t%d", e->tensor->id);
        return;
    case E_ADD:
    case E_MUL:
        text_add(out, "(");
        for (int i = 0; i < e->arg_count; i++) {
            if (i) text_add(out, joint[e->kind == E_MUL]);
            add_elementwise(s, q, e->arg[i], out);
        }
        text_add(out, ")");
        return;
    case E_DIV:
        text_add(out, "(");
        add_elementwise(s, q, e->arg[0], out);
        text_add(out, "/");
        add_elementwise(s, q, e->arg[1], out);
        text_add(out, ")");
        return;
    case E_CALL:
        if (e->arg_count != 1 || e->function == FN_SOFTPLUS) break;
        text_printf(out, "torch.%s(", function_name(e->function));
        add_elementwise(s, q, e->arg[0], out);
        text_add(out, ")");
        return;
    case E_BATCH:
    case E_INDEX:
    case E_STOP:
    case E_SELECT:
    case E_REDUCE:
    case E_RANDOM:
    case E_TRUE:
    case E_FALSE:
    case E_NONNEGATIVE:
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL:
    case E_AND:
    case E_OR:
    case E_NOT: break;
    }
    refuse(s, "an equation that is not a torch.nn layer", q->out->name);
}

// The place of the element in the row-major order of the tensor, the sample's axis left out.
static bool flat_form(Script *s, const Tensor *t, const Expr *const *subscript, Affine *out) {
    Program *p = s->model->train;
    int first = t->per_sample && p->sample ? 1 : 0;
    int64_t stride = 1;
    *out = affine_constant(0);
    for (int i = t->rank; i-- > first; stride *= t->axis[i]->extent) {
        const Expr *e = subscript[i];
        if (e->kind == E_NUMBER)
            out->constant += stride * (int64_t)e->number;
        else if (e->kind == E_INDEX)
            *out = affine_add(p, *out, e->affine, stride);
        else
            return false;
    }
    return true;
}

// out[...] = in[...], the same elements in the same order.
static bool is_reshape(Script *s, const Equation *q) {
    const Expr *e = q->value;
    Affine to, from;
    if (e->kind != E_READ || q->op != EQUATION_SET || e->tensor->per_sample != q->out->per_sample)
        return false;
    return tensor_count(e->tensor) == tensor_count(q->out) &&
           flat_form(s, q->out, q->subscript, &to) && flat_form(s, e->tensor, e->arg, &from) &&
           affine_equal(to, from);
}

static int definitions(const Program *p, const Tensor *t) {
    int count = 0;
    for (int i = 0; i < p->forward.count; i++) count += p->forward.item[i]->out == t;
    return count;
}

static bool is_known(const Script *s, const Tensor *t) {
    for (int i = 0; i < s->known.count; i++)
        if (s->known.item[i] == t) return true;
    return false;
}

static void add_equation(Script *s, const Equation *q) {
    if (is_known(s, q->out) || definitions(s->p, q->out) != 1) {
        refuse(s, "a tensor that several equations define", q->out->name);
        return;
    }
    text_printf(s->out, "    t%d = ", q->out->id);
    if (is_reshape(s, q)) {
        text_printf(s->out, "t%d.reshape((-1, ) + ", q->value->tensor->id);
        add_shape(s->p, q->out, s->out);
        text_add(s->out, ")\n");
    } else {
        add_elementwise(s, q, q->value, s->out);
        text_add(s->out, "\n");
    }
    list_add(s->p->arena, s->known, q->out);
}

// --- the loss

// The tensor whose mean over the samples is the loss, or the loss itself.
static const Tensor *loss_value(const Program *p) {
    const Equation *q = p->loss->definition;
    const Expr *e = q ? q->value : NULL;
    if (e && e->kind == E_DIV) e = e->arg[0];
    if (e && e->kind == E_REDUCE) e = e->arg[1];
    if (e && e->kind == E_MUL && e->arg_count == 2) e = e->arg[1];
    if (e && e->kind == E_REDUCE) e = e->arg[1];
    bool is_mean = e && e->kind == E_READ && e->tensor->per_sample;
    return is_mean && !layer_of(p->loss->stage) ? e->tensor : p->loss;
}

static bool serves_metric(const Stage *layer, const Stage *loss) {
    if (!layer || layer == loss) return false;
    for (int i = 0; i < layer->input.count; i++)
        if (layer->input.item[i]->role == TENSOR_TARGET) return true;
    return false;
}

static void add_forward(Script *s) {
    const Program *p = s->p;
    const Stage *loss = layer_of(loss_value(p)->stage);
    if (!loss) refuse(s, "a loss that is an equation", loss_value(p)->name);
    text_add(s->out, "def forward(m");
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (t->role != TENSOR_INPUT && t->role != TENSOR_TARGET) continue;
        text_printf(s->out, ", t%d", t->id);
        list_add(p->arena, s->known, t);
    }
    text_add(s->out, "):\n");
    for (int i = 0; i < p->forward.count && !s->problem; i++) {
        const Equation *q = p->forward.item[i];
        const Stage *layer = layer_of(q->stage);
        if (q->out->role == TENSOR_RESULT || serves_metric(layer, loss)) continue;
        if (layer)
            add_layer(s, layer);
        else
            add_equation(s, q);
        if (layer == loss) break;
    }
    if (!s->problem) text_printf(s->out, "    return t%d\n", loss->output.item[0]->id);
}

// --- tables

static void add_inputs(const NetModel *table, Text *out) {
    text_add(out, "INPUTS = [\n");
    for (int i = 0; i < table->input_count; i++) {
        const NetInput *input = &table->input[i];
        text_printf(out, "    ('%s', %s, (", input->name,
                    input->type == NET_I32 ? "True" : "False");
        for (int k = 0; k < input->rank; k++) text_printf(out, "%" PRId64 ", ", input->shape[k]);
        text_printf(out, "), %zu, %s),\n", input->offset, input->is_target ? "True" : "False");
    }
    text_add(out, "]\n");
}

static void add_tensors(const char *name, const NetTensor *tensor, int count, Text *out) {
    text_printf(out, "%s = [\n", name);
    for (int i = 0; i < count; i++)
        text_printf(out, "    ('%s', %zu),\n", tensor[i].name, tensor[i].count);
    text_add(out, "]\n");
}

static void add_optimizer(Arena *a, const NetModel *table, Text *out) {
    const NetChoice *choice = &table->train.optimizer;
    text_printf(out, "OPTIMIZER = ('%s', {", choice->kind ? choice->kind : "");
    for (int i = 0; i < choice->argument_count; i++) {
        const NetSetting *setting = &choice->argument[i];
        text_printf(out, "'%s': (", setting->name);
        for (int k = 0; k < setting->count; k++)
            text_printf(out, "%s%s", number_text(a, setting->value[k]),
                        setting->count > 1 ? ", " : "");
        text_add(out, "), ");
    }
    text_printf(out, "}, %s)\n", number_text(a, table->train.clip_grad_norm));
}

const char *torch_script(const Model *model, const NetModel *table, Text *out) {
    const Program *p = model->train;
    Text body = text_new(p->arena);
    Script s = {.model = model, .p = p, .out = &body, .parts = text_new(p->arena)};
    add_forward(&s);
    if (s.problem) return s.problem;
    add_inputs(table, out);
    add_tensors("PARAMETERS", table->param, table->param_tensors, out);
    add_tensors("STATES", table->state, table->state_tensors, out);
    text_printf(out, "PRECISION = '%s'\nBATCH = %" PRId64 "\n", p->is_f32 ? "float32" : "float64",
                p->batch_size);
    add_optimizer(p->arena, table, out);
    text_printf(out, "PARTS = [\n%s]\n\n\n%s", s.parts.size ? s.parts.bytes : "", body.bytes);
    return NULL;
}
