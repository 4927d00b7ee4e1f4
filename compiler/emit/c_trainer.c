// c_trainer.c: the freestanding trainer's text. Its parts are printed in the order in which one
// reads them: the struct, initial values, inputs, one training step. Formulas of the optimizers are
// those of torch.optim, in the order of the runtime's, so that a step gives the same bits.
#include "emit/freestanding.h"

#include <inttypes.h>
#include <string.h>

// --- settings

double choice_number(const NetChoice *choice, const char *name, int item) {
    for (int i = 0; i < choice->argument_count; i++)
        if (!strcmp(choice->argument[i].name, name) && item < choice->argument[i].count)
            return choice->argument[i].value[item];
#define KIND(optimizer) if (!strcmp(choice->kind, #optimizer)) {
#define NUMBER(argument, standard, low, high)                                                      \
    if (!strcmp(name, #argument)) return standard;
#define FLAG(argument, standard) NUMBER(argument, standard, 0, 1)
#define PAIR(argument, first, second)                                                              \
    if (!strcmp(name, #argument)) return item ? second : first;
#define LIST_OF(argument, length)
#define WORD(argument, standard, choices)
#define END(optimizer) }
    NET_OPTIMIZERS(KIND, NUMBER, FLAG, LIST_OF, PAIR, WORD, END)
#undef KIND
#undef NUMBER
#undef FLAG
#undef PAIR
#undef LIST_OF
#undef WORD
#undef END
    return 0;
}

// --- parts of the text

const char *flat_pointer(const Freestanding *f, const LoopBuffer *b, bool is_const) {
    const char *type = b->type == LOOP_INT ? "int32_t" : b->type == LOOP_F64 ? "double" : f->real;
    return arena_printf(f->arena, "(%s%s *)&t->%s.%s", is_const ? "const " : "", type,
                        loop_storage_name(b->storage), b->member);
}

const char *call_text(const Freestanding *f, const char *name) {
    const LoopFunction *function = loop_function_find(f->loops, name);
    if (!function) return NULL;
    LoopUse use = loop_function_use(f->loops, function);
    Text text = text_new(f->arena);
    for (int s = 0; s < LOOP_LOCAL; s++) {
        if (!use.storage[s]) continue;
        bool weights = f->is_predictor && (s == LOOP_PARAMS || s == LOOP_STATES);
        text_printf(&text, "%s&%s%s", text.size ? ", " : "", weights ? "" : "t->",
                    loop_storage_name((LoopStorage)s));
    }
    if (use.N) text_printf(&text, "%sn", text.size ? ", " : "");
    if (use.key) text_printf(&text, "%st->seed, t->step", text.size ? ", " : "");
    return arena_printf(f->arena, "%s_%s(%s);", f->name, name, text.size ? text.bytes : "");
}

bool has_block(const LoopModule *m, LoopStorage storage) {
    for (int i = 0; i < m->buffer.count; i++)
        if (m->buffer.item[i]->storage == storage) return true;
    return false;
}

// --- inputs

static const LoopBuffer *buffer_named(const LoopModule *m, LoopStorage storage, const char *path) {
    for (int i = 0; i < m->buffer.count; i++)
        if (m->buffer.item[i]->storage == storage && !strcmp(m->buffer.item[i]->path, path))
            return m->buffer.item[i];
    return NULL;
}

static bool is_scaled(const NetData *d) {
    return d->scale != 0 && d->scale != 1;
}

// The value in an input's unit, computed in double as the runtime does.
static const char *scaled(const Freestanding *f, const NetInput *input) {
    const NetData *d = &f->table->data;
    Arena *a = f->arena;
    const char *value = "values[i]";
    if (is_scaled(d)) value = arena_printf(a, "values[i]*%s", number_text(a, d->scale));
    if (!d->normalize) return value;
    if (d->mean_count > 1) {
        size_t channel = input->count / (size_t)d->mean_count;
        return arena_printf(a, "(%s - mean[i/%zu])/std[i/%zu]", value, channel, channel);
    }
    return arena_printf(a, "(%s - %s)/%s", value, number_text(a, d->mean[0]),
                        number_text(a, d->std[0]));
}

static void write_channels(const Freestanding *f, Writer *w, const char *name, const double *value,
                           int count) {
    Text text = text_new(f->arena);
    for (int i = 0; i < count; i++)
        text_printf(&text, "%s%s", i ? ", " : "", number_text(f->arena, value[i]));
    write_line(w, "static const double %s[] = {%s};", name, text.bytes);
}

static const char *values_text(Arena *a, size_t count) {
    return count == 1 ? "The value" : arena_printf(a, "The %zu values", count);
}

bool input_scales(const Freestanding *f, const NetInput *input) {
    const NetData *d = &f->table->data;
    return input->type != NET_I32 && !input->is_target && (is_scaled(d) || d->normalize);
}

void write_input_setters(Freestanding *f) {
    const NetData *d = &f->table->data;
    for (int i = 0; i < f->table->input_count; i++) {
        const NetInput *input = &f->table->input[i];
        const LoopBuffer *b = buffer_named(f->loops, LOOP_BATCH, input->name);
        if (!b) continue;
        bool is_int = b->type == LOOP_INT, scales = input_scales(f, input);
        const char *type = is_int ? "int32_t" : f->real;
        const char *head =
            arena_printf(f->arena, "void %s_set_%s(%s_%s *t, int sample, const %s *values)",
                         f->name, b->member, f->name, f->struct_name, scales ? "double" : type);
        write_comment(&f->header,
                      arena_printf(f->arena, "%s of `%s` of one sample%s.",
                                   values_text(f->arena, input->count), input->name,
                                   scales ? ", as in the data files: they are scaled here" : ""));
        write_line(&f->header, "%s;", head);
        write_blank(&f->source);
        write_open(&f->source, "%s", head);
        if (scales && d->normalize && d->mean_count > 1) {
            write_channels(f, &f->source, "mean", d->mean, d->mean_count);
            write_channels(f, &f->source, "std", d->std, d->std_count);
        }
        write_line(&f->source, "%s *to = %s + (int64_t)sample*%zu;", type,
                   flat_pointer(f, b, false), input->count);
        const char *value =
            scales ? arena_printf(f->arena, "(%s)(%s)", f->real, scaled(f, input)) : "values[i]";
        write_line(&f->source, "for (int64_t i = 0; i < %zu; i++) to[i] = %s;", input->count,
                   value);
        write_close(&f->source, "");
    }
}

static const LoopBuffer *buffer_at(const LoopModule *m, LoopStorage storage, size_t offset) {
    for (int i = 0; i < m->buffer.count; i++) {
        const LoopBuffer *b = m->buffer.item[i];
        if (b->storage == storage && loop_buffer_offset(m, b) == offset) return b;
    }
    return NULL;
}

void write_output_getter(Freestanding *f) {
    if (!f->table->output_count) return;
    const NetOutput *y = &f->table->output[f->table->output_count - 1];
    const LoopBuffer *b = buffer_at(f->loops, LOOP_WORK, y->offset);
    if (!b) return;
    const char *type = b->type == LOOP_INT ? "int32_t" : b->type == LOOP_F64 ? "double" : f->real;
    const char *head = arena_printf(f->arena, "const %s *%s_output(const %s_%s *t, int sample)",
                                    type, f->name, f->name, f->struct_name);
    write_comment(&f->header, arena_printf(f->arena, "%s of `%s` of one sample, after %s_predict.",
                                           values_text(f->arena, y->count), y->name, f->name));
    write_line(&f->header, "%s;", head);
    write_blank(&f->source);
    write_open(&f->source, "%s", head);
    write_line(&f->source, "return %s + (int64_t)sample*%zu;", flat_pointer(f, b, true), y->count);
    write_close(&f->source, "");
}

// --- initial values

static void write_values(Freestanding *f, const NetTensor *t, const char *name) {
    write_open(&f->source, "static const %s %s[] =", f->real, name);
    for (size_t i = 0; i < t->count; i += 6) {
        Text line = text_new(f->arena);
        for (size_t k = i; k < t->count && k < i + 6; k++)
            text_printf(&line, "%s%s,", k > i ? " " : "",
                        f->loops->is_f32 ? number_text_f32(f->arena, t->init.values[k])
                                         : number_text(f->arena, t->init.values[k]));
        write_line(&f->source, "%s", line.bytes);
    }
    write_close(&f->source, ";");
    f->flash += t->count * (f->loops->is_f32 ? 4 : 8);
}

static void open_scope(Freestanding *f) {
    write_line(&f->source, "{");
    f->source.depth++;
}

static void write_initial(Freestanding *f, const NetTensor *t, LoopStorage storage) {
    const LoopBuffer *b = buffer_named(f->loops, storage, t->name);
    if (!b) return;
    Arena *a = f->arena;
    const char *to = flat_pointer(f, b, false), *value = "0";
    open_scope(f);
    write_line(&f->source, "%s *to = %s;", f->real, to);
    switch (t->init.kind) {
    case NET_INIT_VALUES:
        write_values(f, t, "value");
        value = "value[i]";
        break;
    case NET_INIT_CONSTANT: value = number_text(a, t->init.a); break;
    case NET_INIT_UNIFORM:
        value = arena_printf(a, "(%s)(%s + (%s - %s)*uniform(&random))", f->real,
                             number_text(a, t->init.a), number_text(a, t->init.b),
                             number_text(a, t->init.a));
        break;
    case NET_INIT_NORMAL:
        value = arena_printf(a, "(%s)(%s + %s*normal(&random))", f->real, number_text(a, t->init.a),
                             number_text(a, t->init.b));
        break;
    case NET_INIT_FILE: break; // refused before
    }
    write_line(&f->source, "for (int64_t i = 0; i < %zu; i++) to[i] = %s;", t->count, value);
    write_close(&f->source, "");
}

static bool uses(const Freestanding *f, NetInitKind kind) {
    for (int i = 0; i < f->table->param_tensors; i++)
        if (f->table->param[i].init.kind == kind) return true;
    for (int i = 0; i < f->table->state_tensors; i++)
        if (f->table->state[i].init.kind == kind) return true;
    return false;
}

// splitmix64 of Steele, Lea and Flood (2014); the normal numbers by Box and Muller.
static void write_generator(Freestanding *f) {
    bool normal = uses(f, NET_INIT_NORMAL);
    if (!normal && !uses(f, NET_INIT_UNIFORM)) return;
    write_directive(&f->source, "\n// Uniform in [0, 1): splitmix64.\n"
                                "static double uniform(uint64_t *state) {\n"
                                "    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);\n"
                                "    z = (z ^ (z >> 30))*UINT64_C(0xbf58476d1ce4e5b9);\n"
                                "    z = (z ^ (z >> 27))*UINT64_C(0x94d049bb133111eb);\n"
                                "    return (double)((z ^ (z >> 31)) >> 11)/9007199254740992.0;\n"
                                "}");
    if (normal)
        write_directive(&f->source,
                        "\n// Normal with mean 0 and variance 1: Box and Muller's transformation.\n"
                        "static double normal(uint64_t *state) {\n"
                        "    double radius = sqrt(-2*log(1 - uniform(state)));\n"
                        "    return radius*cos(6.283185307179586*uniform(state));\n"
                        "}");
}

static void write_begin(Freestanding *f, const OptimizerText *o) {
    const NetModel *m = f->table;
    const char *head =
        arena_printf(f->arena, "void %s_begin(%s_trainer *t, uint64_t seed)", f->name, f->name);
    write_comment(&f->header,
                  "Sets everything to its first value; `seed` is that of all random numbers.");
    write_line(&f->header, "%s;", head);
    write_generator(f);
    write_blank(&f->source);
    write_open(&f->source, "%s", head);
    if (uses(f, NET_INIT_UNIFORM) || uses(f, NET_INIT_NORMAL))
        write_line(&f->source, "uint64_t random = seed;");
    write_line(&f->source, "t->seed = seed;");
    write_line(&f->source, "t->step = 0;");
    write_line(&f->source, "t->lr = %s;",
               number_text(f->arena, choice_number(&m->train.optimizer, "lr", 0)));
    for (int i = 0; i < m->param_tensors; i++) write_initial(f, &m->param[i], LOOP_PARAMS);
    for (int i = 0; i < m->state_tensors; i++) write_initial(f, &m->state[i], LOOP_STATES);
    for (int i = 0; i < o->moment_count; i++) {
        open_scope(f);
        write_line(&f->source, "%s *to = (%s *)&t->%s;", f->real, f->real, o->moment[i]);
        write_line(&f->source, "for (int64_t i = 0; i < %zu; i++) to[i] = %s;", m->param_count,
                   number_text(f->arena, o->first));
        write_close(&f->source, "");
    }
    write_close(&f->source, "");
}

// --- one step

static void write_clip(Freestanding *f) {
    double most = f->table->train.clip_grad_norm;
    if (most <= 0) return;
    write_comment(&f->source,
                  arena_printf(f->arena, "The gradient is scaled to a norm of at most %s.",
                               number_text(f->arena, most)));
    write_line(&f->source, "double squares = 0;");
    write_line(&f->source, "for (int64_t i = 0; i < %zu; i++) squares += (double)g[i]*g[i];",
               f->table->param_count);
    write_line(&f->source, "double factor = %s/(sqrt(squares) + 1e-6);",
               number_text(f->arena, most));
    write_line(&f->source, "if (factor < 1)");
    write_line(&f->source, "    for (int64_t i = 0; i < %zu; i++) g[i] *= (%s)factor;",
               f->table->param_count, f->real);
}

static void write_optimizer(Freestanding *f, const OptimizerText *o) {
    write_blank(&f->source);
    write_comment(&f->source, arena_printf(f->arena, "One update of the parameters: %s.",
                                           f->table->train.optimizer.kind));
    write_open(&f->source, "static void optimize(%s_trainer *t)", f->name);
    write_line(&f->source, "%s *w = (%s *)&t->params, *g = (%s *)&t->grads;", f->real, f->real,
               f->real);
    for (int i = 0; i < o->moment_count; i++)
        write_line(&f->source, "%s *%s = (%s *)&t->%s;", f->real, o->moment[i], f->real,
                   o->moment[i]);
    write_clip(f);
    for (int i = 0; i < o->before.count; i++) write_line(&f->source, "%s", o->before.item[i]);
    write_open(&f->source, "for (int64_t i = 0; i < %zu; i++)", f->table->param_count);
    for (int i = 0; i < o->element.count; i++) write_line(&f->source, "%s", o->element.item[i]);
    write_close(&f->source, "");
    write_close(&f->source, "");
}

static const char *loss_member(const Freestanding *f) {
    for (int i = 0; i < f->loops->buffer.count; i++)
        if (f->loops->buffer.item[i]->storage == LOOP_RESULTS)
            return f->loops->buffer.item[i]->member;
    return NULL;
}

// A function of the trainer: head into both files, the body's calls in order, then the loss.
static void write_entry(Freestanding *f, const char *name, const char *comment,
                        const char *const *call, int count) {
    const char *head =
        arena_printf(f->arena, "double %s_%s(%s_trainer *t, int n)", f->name, name, f->name);
    bool counts = false;
    write_comment(&f->header, comment);
    write_line(&f->header, "%s;", head);
    write_blank(&f->source);
    write_open(&f->source, "%s", head);
    for (int i = 0; i < count; i++) {
        if (call[i]) write_line(&f->source, "%s", call[i]);
        counts = counts || (call[i] && (strstr(call[i], ", n)") || strstr(call[i], ", n,")));
    }
    if (!counts) write_line(&f->source, "(void)n; // the batch holds one sample");
    write_line(&f->source, "return t->results.%s;", loss_member(f));
    write_close(&f->source, "");
}

static void write_step(Freestanding *f) {
    const char *const train[] = {call_text(f, "forward"), call_text(f, "backward"),
                                 call_text(f, "update"), "optimize(t);", "t->step++;"};
    const char *const predict[] = {call_text(f, "evaluate")};
    write_entry(f, "train",
                "One step of training on the first n samples of the batch. Returns their mean\n"
                "loss; all results are in t->results.",
                train, 5);
    write_entry(f, "predict",
                "The outputs and results of the first n samples, as in evaluation. Returns\n"
                "the loss.",
                predict, 1);
}

// --- the struct and the whole

static size_t round_up(size_t value, size_t unit) {
    return (value + unit - 1) / unit * unit;
}

// Blocks of doubles (results) and the 64-bit members align the struct to 8 bytes.
static size_t struct_bytes(const Freestanding *f, const OptimizerText *o) {
    size_t size = 0, real = f->loops->is_f32 ? 4 : 8;
    static const LoopStorage order[] = {LOOP_PARAMS, LOOP_GRADS, LOOP_STATES,
                                        LOOP_BATCH,  LOOP_WORK,  LOOP_RESULTS};
    for (int s = 0; s < 6; s++) {
        size_t bytes = loop_block_bytes(f->loops, order[s]);
        bool wide = order[s] == LOOP_RESULTS || order[s] == LOOP_WORK;
        if (bytes) size = round_up(size, wide ? 8 : real) + bytes;
        if (order[s] == LOOP_GRADS) size += (size_t)o->moment_count * bytes;
    }
    return round_up(size, 8) + 3 * 8;
}

void write_blocks(Freestanding *f) {
    write_line(&f->header, "%s_batch batch;", f->name);
    if (has_block(f->loops, LOOP_WORK)) write_line(&f->header, "%s_work work;", f->name);
}

static void write_struct(Freestanding *f, const OptimizerText *o) {
    write_open(&f->header, "typedef struct %s_trainer", f->name);
    write_line(&f->header, "%s_params params, grads;", f->name);
    for (int i = 0; i < o->moment_count; i++)
        write_line(&f->header, "%s_params %s;", f->name, o->moment[i]);
    if (has_block(f->loops, LOOP_STATES)) write_line(&f->header, "%s_states states;", f->name);
    write_blocks(f);
    write_line(&f->header, "%s_results results;", f->name);
    write_line(&f->header, "double lr;      /* may be changed between steps */");
    write_line(&f->header, "uint64_t seed;");
    write_line(&f->header, "uint64_t step;");
    write_close(&f->header, arena_printf(f->arena, " %s_trainer;", f->name));
    write_blank(&f->header);
}

Freestanding freestanding_new(const LoopModule *m, const NetModel *table, const char *struct_name,
                              Text *source, Text *header) {
    return (Freestanding){.arena = m->compile->arena,
                          .loops = m,
                          .table = table,
                          .name = m->model,
                          .struct_name = struct_name,
                          .real = m->is_f32 ? "float" : "double",
                          .header = {header, 0},
                          .source = {source, 0}};
}

void freestanding_header_open(Freestanding *f, const char *text) {
    const char *guard =
        upper_text(f->arena, arena_printf(f->arena, "%s_%s_H", f->name, f->struct_name));
    write_directive(&f->header,
                    "\n#ifndef %s\n#define %s\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n", guard,
                    guard);
    write_comment(&f->header, text);
}

void freestanding_header_close(Freestanding *f) {
    write_directive(&f->header, "\n#ifdef __cplusplus\n}\n#endif\n#endif");
}

const char *emit_c_trainer(const LoopModule *m, const NetModel *table, Text *source,
                           Text *header_text) {
    Freestanding f = freestanding_new(m, table, "trainer", source, header_text);
    if (uses(&f, NET_INIT_FILE))
        return "begins with weights of a file, which only the runtime reads; a freestanding "
               "trainer "
               "needs other initial values";
    OptimizerText o = optimizer_text(&f);
    size_t ram = struct_bytes(&f, &o);
    write_blank(&f.source);
    write_comment(&f.source, "--- training without a runtime");
    write_optimizer(&f, &o);
    Writer header = f.header;
    Text declarations = text_new(f.arena); // the flash that tables take is known only afterwards
    f.header.out = &declarations;
    write_begin(&f, &o);
    write_input_setters(&f);
    write_step(&f);
    write_output_getter(&f);
    f.header = header;
    freestanding_header_open(
        &f, arena_printf(f.arena,
                         "Training without a runtime: no allocation, no files. All storage is in "
                         "one struct,\n"
                         "which the caller places: static, on a heap, one for each of several "
                         "trainings at once.\n"
                         "RAM: %zu bytes. Flash: the code and %zu bytes of initial values.",
                         ram, f.flash));
    write_struct(&f, &o);
    text_add(f.header.out, declarations.bytes);
    freestanding_header_close(&f);
    write_blank(&f.source);
    write_line(&f.source,
               "_Static_assert(sizeof(%s_trainer) == %zu, \"the RAM that the header promises\");",
               f.name, ram);
    return NULL;
}
