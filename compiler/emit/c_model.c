// c_model.c: the NetModel table of a generated model, as C: its tensors, inputs, settings and data
// as constants, and four functions that hand the blocks of a NetCall to the model's own functions.
#include "emit/c.h"

#include <inttypes.h>
#include <string.h>

// Constants that tables point to are printed before the tables, so they are collected in a text of
// their own.
typedef struct ModelEmitter {
    CEmitter *c;
    Writer constants;
    Writer tables;
    int constant_count;
    Arena *arena;
} ModelEmitter;

// C promises string literals of 4095 characters; longer texts become arrays of characters.
enum { LITERAL_MAX = 4000, NUMBERS_A_LINE = 8 };

// --- constants

static void write_items(Writer *w, const char *const *item, size_t count) {
    // Numbers stand side by side; rows of a table and texts below each other.
    bool is_short = item[0][0] != '{' && item[0][0] != '"';
    size_t step = is_short ? NUMBERS_A_LINE : 1;
    for (size_t i = 0; i < count; i += step) {
        Text line = text_new(w->out->arena);
        for (size_t k = i; k < count && k < i + step; k++)
            text_printf(&line, "%s%s,", k > i ? " " : "", item[k]);
        write_line(w, "%s", line.bytes);
    }
}

// A new array constant with these items; its name, or "NULL" if there are none.
static const char *constant_array(ModelEmitter *m, const char *type, const char *what,
                                  const char *const *item, size_t count) {
    if (count == 0) return "NULL";
    const char *name = arena_printf(m->arena, "%s_%d", what, ++m->constant_count);
    write_open(&m->constants, "static const %s%s[] =", type, name);
    write_items(&m->constants, item, count);
    write_close(&m->constants, ";");
    write_blank(&m->constants);
    return name;
}

static const char *numbers(ModelEmitter *m, const char *what, const double *value, size_t count) {
    const char **item = arena_new_array(m->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) item[i] = c_number(m->arena, value[i]);
    return constant_array(m, "double ", what, item, value ? count : 0);
}

static const char *long_string(ModelEmitter *m, const char *text) {
    size_t count = strlen(text) + 1;
    const char **item = arena_new_array(m->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        item[i] = arena_printf(m->arena, "'\\x%02x'", (unsigned)(unsigned char)text[i]);
    return constant_array(m, "char ", "text", item, count);
}

static const char *string(ModelEmitter *m, const char *text) {
    if (text && strlen(text) > LITERAL_MAX) return long_string(m, text);
    return string_literal(m->arena, text);
}

static const char *strings(ModelEmitter *m, const char *what, const char *const *text, int count) {
    const char **item = arena_new_array(m->arena, const char *, count + 1);
    for (int i = 0; i < count; i++) item[i] = string(m, text[i]);
    return constant_array(m, "char *const ", what, item, (size_t)count);
}

static const char *shape_text(ModelEmitter *m, const int64_t *shape, int rank) {
    Text text = text_new(m->arena);
    if (rank == 0) return "{0}";
    for (int i = 0; i < rank; i++) text_printf(&text, "%s%" PRId64, i ? ", " : "{", shape[i]);
    text_add(&text, "}");
    return text.bytes;
}

static const char *type_text(NetType type) {
    switch (type) {
    case NET_F32: return "NET_F32";
    case NET_F64: return "NET_F64";
    case NET_I32: return "NET_I32";
    }
    return "NET_F64";
}

// --- tables: one printed row an entry

static const char *init_kind_text(NetInitKind kind) {
    switch (kind) {
    case NET_INIT_CONSTANT: return "NET_INIT_CONSTANT";
    case NET_INIT_VALUES: return "NET_INIT_VALUES";
    case NET_INIT_UNIFORM: return "NET_INIT_UNIFORM";
    case NET_INIT_NORMAL: return "NET_INIT_NORMAL";
    case NET_INIT_FILE: return "NET_INIT_FILE";
    }
    return "NET_INIT_CONSTANT";
}

static const char *init_text(ModelEmitter *m, const NetTensor *t) {
    const NetInit *i = &t->init;
    Text text = text_new(m->arena);
    text_printf(&text, "{.kind = %s", init_kind_text(i->kind));
    if (i->kind == NET_INIT_VALUES)
        text_printf(&text, ", .values = %s", numbers(m, "values", i->values, t->count));
    else if (i->kind == NET_INIT_FILE)
        text_printf(&text, ", .file = %s, .entry = %s", string(m, i->file), string(m, i->entry));
    else
        text_printf(&text, ", .a = %s", c_number(m->arena, i->a));
    if (i->kind == NET_INIT_UNIFORM || i->kind == NET_INIT_NORMAL)
        text_printf(&text, ", .b = %s", c_number(m->arena, i->b));
    text_add(&text, "}");
    return text.bytes;
}

static const char *tensor_text(ModelEmitter *m, const NetTensor *t) {
    return arena_printf(
        m->arena, "{.name = %s, .rank = %d, .shape = %s, .offset = %zu, .count = %zu, .init = %s}",
        string(m, t->name), t->rank, shape_text(m, t->shape, t->rank), t->offset, t->count,
        init_text(m, t));
}

static const char *tensors(ModelEmitter *m, const char *what, const NetTensor *t, int count) {
    const char **item = arena_new_array(m->arena, const char *, count + 1);
    for (int i = 0; i < count; i++) item[i] = tensor_text(m, &t[i]);
    if (count == 0) return "NULL";
    write_open(&m->tables, "static const NetTensor %s[] =", what);
    for (int i = 0; i < count; i++) write_line(&m->tables, "%s,", item[i]);
    write_close(&m->tables, ";");
    write_blank(&m->tables);
    return what;
}

static const char *inputs(ModelEmitter *m, const NetModel *model) {
    if (model->input_count == 0) return "NULL";
    write_open(&m->tables, "static const NetInput inputs[] =");
    for (int i = 0; i < model->input_count; i++) {
        const NetInput *t = &model->input[i];
        write_line(&m->tables,
                   "{.name = %s, .type = %s, .rank = %d, .shape = %s, .count = %zu, .offset = %zu, "
                   ".classes = %" PRId64 ", .is_target = %d},",
                   string(m, t->name), type_text(t->type), t->rank,
                   shape_text(m, t->shape, t->rank), t->count, t->offset, t->classes,
                   t->is_target != 0);
    }
    write_close(&m->tables, ";");
    write_blank(&m->tables);
    return "inputs";
}

static const char *outputs(ModelEmitter *m, const NetModel *model) {
    if (model->output_count == 0) return "NULL";
    write_open(&m->tables, "static const NetOutput outputs[] =");
    for (int i = 0; i < model->output_count; i++) {
        const NetOutput *t = &model->output[i];
        write_line(&m->tables,
                   "{.name = %s, .type = %s, .rank = %d, .shape = %s, .count = %zu, .offset = %zu, "
                   ".per_sample = %d},",
                   string(m, t->name), type_text(t->type), t->rank,
                   shape_text(m, t->shape, t->rank), t->count, t->offset, t->per_sample != 0);
    }
    write_close(&m->tables, ";");
    write_blank(&m->tables);
    return "outputs";
}

static const char *settings(ModelEmitter *m, const char *what, const NetSetting *s, int count) {
    const char **item = arena_new_array(m->arena, const char *, count + 1);
    for (int i = 0; i < count; i++) {
        const char *value =
            s[i].text ? "NULL" : numbers(m, "value", s[i].value, (size_t)s[i].count);
        item[i] = arena_printf(m->arena, "{.name = %s, .count = %d, .value = %s, .text = %s}",
                               string(m, s[i].name), s[i].text ? 0 : s[i].count, value,
                               string(m, s[i].text));
    }
    return constant_array(m, "NetSetting ", what, item, (size_t)count);
}

static const char *choice(ModelEmitter *m, const char *what, const NetChoice *c) {
    const char *list = settings(m, what, c->argument, c->argument_count);
    return arena_printf(m->arena, "{.kind = %s, .argument = %s, .argument_count = %d}",
                        string(m, c->kind), list, c->argument_count);
}

static const char *columns(ModelEmitter *m, const NetData *d) {
    const char **item = arena_new_array(m->arena, const char *, d->columns_count + 1);
    for (int i = 0; i < d->columns_count; i++) {
        const NetColumns *c = &d->columns[i];
        const char *list = strings(m, "column", c->column, c->count);
        item[i] = arena_printf(m->arena, "{.input = %s, .column = %s, .count = %d}",
                               string(m, c->input), list, c->count);
    }
    return constant_array(m, "NetColumns ", "columns", item, (size_t)d->columns_count);
}

static size_t values_of_sample(const NetModel *model, const char *input) {
    for (int i = 0; i < model->input_count; i++)
        if (input && strcmp(model->input[i].name, input) == 0) return model->input[i].count;
    internal_error("emit", "data for an input that the model does not have");
}

static const char *inlined(ModelEmitter *m, const NetModel *model) {
    const NetData *d = &model->data;
    const char **item = arena_new_array(m->arena, const char *, d->inlined_count + 1);
    for (int i = 0; i < d->inlined_count; i++) {
        const NetInline *t = &d->inlined[i];
        size_t count = t->sample_count * values_of_sample(model, t->input);
        const char *list = numbers(m, "samples", t->value, count);
        item[i] = arena_printf(m->arena, "{.input = %s, .value = %s, .sample_count = %zu}",
                               string(m, t->input), list, t->sample_count);
    }
    return constant_array(m, "NetInline ", "inlined", item, (size_t)d->inlined_count);
}

// --- functions

static void add_argument(Text *text, const char *argument) {
    if (text->size) text_add(text, ", ");
    text_add(text, argument);
}

// The arguments in the order of c_signature.
static const char *arguments(ModelEmitter *m, const LoopUse *use) {
    Text text = text_new(m->arena);
    for (int s = 0; s < LOOP_LOCAL; s++) {
        if (!use->storage[s]) continue;
        const char *name = loop_storage_name((LoopStorage)s),
                   *type = c_block_type(m->c, (LoopStorage)s);
        // Results are plain doubles in a NetCall and a struct of doubles here.
        if (s == LOOP_RESULTS)
            add_argument(&text, arena_printf(m->arena, "(%s *)call->results", type));
        else
            add_argument(&text, arena_printf(m->arena, "call->%s", name));
    }
    if (use->N) add_argument(&text, "call->n");
    if (use->key) add_argument(&text, "call->seed, call->step");
    if (use->threads && m->c->options->openmp) add_argument(&text, "call->threads");
    return text.size ? text.bytes : "";
}

static const char *wrapper(ModelEmitter *m, const char *name) {
    const LoopModule *module = m->c->module;
    const LoopFunction *f = loop_function_find(module, name);
    if (!f) return "NULL";
    LoopUse use = loop_function_use(module, f);
    const char *list = arguments(m, &use);
    write_open(&m->tables, "static void %s(const NetCall *call)", name);
    if (!*list) write_line(&m->tables, "(void)call;");
    write_line(&m->tables, "%s_%s(%s);", module->model, name, list);
    write_close(&m->tables, "");
    write_blank(&m->tables);
    return name;
}

// --- the whole

static void write_train(ModelEmitter *m, Writer *w, const NetTrain *t) {
    const char *optimizer = choice(m, "optimizer", &t->optimizer);
    const char *scheduler = choice(m, "scheduler", &t->scheduler);
    write_open(w, ".train =");
    write_line(w, ".epochs = %" PRId64 ",", t->epochs);
    write_line(w, ".iterations = %" PRId64 ",", t->iterations);
    write_line(w, ".shuffle = %d,", t->shuffle != 0);
    write_line(w, ".seed = UINT64_C(%" PRIu64 "),", t->seed);
    write_line(w, ".clip_grad_norm = %s,", c_number(m->arena, t->clip_grad_norm));
    write_line(w, ".optimizer = %s,", optimizer);
    write_line(w, ".scheduler = %s,", scheduler);
    write_close(w, ",");
}

static const char *format_text(NetFormat format) {
    switch (format) {
    case NET_DATA_NONE: return "NET_DATA_NONE";
    case NET_DATA_IDX: return "NET_DATA_IDX";
    case NET_DATA_CSV: return "NET_DATA_CSV";
    case NET_DATA_INLINE: return "NET_DATA_INLINE";
    }
    return "NET_DATA_NONE";
}

static void write_data(ModelEmitter *m, Writer *w, const NetModel *model) {
    const NetData *d = &model->data;
    write_open(w, ".data =");
    write_line(w, ".format = %s,", format_text(d->format));
    write_line(w, ".train = %s,", strings(m, "train_files", d->train, d->train_count));
    write_line(w, ".train_count = %d,", d->train_count);
    write_line(w, ".test = %s,", strings(m, "test_files", d->test, d->test_count));
    write_line(w, ".test_count = %d,", d->test_count);
    write_line(w, ".scale = %s,", c_number(m->arena, d->scale));
    write_line(w, ".normalize = %d,", d->normalize != 0);
    write_line(w, ".mean = %s,", numbers(m, "mean", d->mean, (size_t)d->mean_count));
    write_line(w, ".mean_count = %d,", d->mean_count);
    write_line(w, ".std = %s,", numbers(m, "std", d->std, (size_t)d->std_count));
    write_line(w, ".std_count = %d,", d->std_count);
    write_line(w, ".columns = %s,", columns(m, d));
    write_line(w, ".columns_count = %d,", d->columns_count);
    write_line(w, ".inlined = %s,", inlined(m, model));
    write_line(w, ".inlined_count = %d,", d->inlined_count);
    write_close(w, ",");
}

static void write_members(ModelEmitter *m, Writer *w, const NetModel *model) {
    write_line(w, ".abi = %" PRIu32 ",", model->abi);
    write_line(w, ".name = %s,", string(m, model->name));
    write_line(w, ".spec = %s,", string(m, model->spec));
    write_line(w, ".fingerprint = %s,", string(m, model->fingerprint));
    write_line(w, ".schedule = %s,", string(m, model->schedule));
    write_line(w, ".type = %s,", type_text(model->type));
    write_line(w, ".batch_size = %d,", model->batch_size);
    write_line(w, ".param = %s,", tensors(m, "params", model->param, model->param_tensors));
    write_line(w, ".param_tensors = %d,", model->param_tensors);
    write_line(w, ".param_count = %zu,", model->param_count);
    write_line(w, ".state = %s,", tensors(m, "states", model->state, model->state_tensors));
    write_line(w, ".state_tensors = %d,", model->state_tensors);
    write_line(w, ".state_count = %zu,", model->state_count);
    write_line(w, ".input = %s,", inputs(m, model));
    write_line(w, ".input_count = %d,", model->input_count);
    write_line(w, ".batch_bytes = %zu,", model->batch_bytes);
    write_line(w, ".output = %s,", outputs(m, model));
    write_line(w, ".output_count = %d,", model->output_count);
    write_line(w, ".work_bytes = %zu,", model->work_bytes);
    write_line(w, ".result = %s,", strings(m, "result", model->result, model->result_count));
    write_line(w, ".result_count = %d,", model->result_count);
}

static void write_functions(ModelEmitter *m, Writer *w) {
    static const char *const name[] = {"forward", "backward", "update", "evaluate"};
    for (int i = 0; i < 4; i++) write_line(w, ".%s = %s,", name[i], wrapper(m, name[i]));
}

void emit_c_model(const LoopModule *module, const NetModel *model, const EmitOptions *o,
                  Text *out) {
    Text constants = text_new(out->arena), tables = text_new(out->arena),
         last = text_new(out->arena);
    ModelEmitter m = {.c = c_emitter_new(module, o, out), .arena = out->arena};
    m.constants = (Writer){&constants, 0};
    m.tables = (Writer){&tables, 0};
    Writer w = {&last, 0};
    write_open(&w, "const NetModel net_model =");
    write_members(&m, &w, model);
    write_train(&m, &w, &model->train);
    write_data(&m, &w, model);
    write_functions(&m, &w);
    write_close(&w, ";");

    c_head_comment(m.c, "_model.c: the model as a table for the runtime.");
    write_directive(&m.c->writer,
                    "#include \"%s.h\"\n#include \"net_model.h\"\n\n#include <math.h>\n",
                    module->model);
    if (c_has_block(module, LOOP_RESULTS))
        write_line(&m.c->writer,
                   "_Static_assert(sizeof(%s) == %d*sizeof(double), \"results are doubles\");",
                   c_block_type(m.c, LOOP_RESULTS), model->result_count);
    write_blank(&m.c->writer);
    if (constants.size) text_add(out, constants.bytes);
    if (tables.size) text_add(out, tables.bytes);
    text_add(out, last.bytes);
}
