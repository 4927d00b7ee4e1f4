// c_page.c: the functions that a page calls: the steps of a freestanding trainer one by one, on one
// struct of their own. Addresses let the page read and write every number where it lies; all
// arithmetic stays in C.
#include "emit/freestanding.h"

#include <inttypes.h>
#include <string.h>

// "__attribute__((export_name("forward"))) void net_page_forward(int n) {"
static void open_export(Freestanding *f, const char *type, const char *name,
                        const char *arguments) {
    write_blank(&f->source);
    write_line(&f->source, "__attribute__((export_name(\"%s\")))", name);
    write_open(&f->source, "%s%s_page_%s(%s)", type, f->name, name, arguments);
}

static void open_struct(Freestanding *f) {
    write_line(&f->source, "%s_%s *t = &%s_page;", f->name, f->struct_name, f->name);
}

static void write_call(Freestanding *f, const char *function) {
    const char *call = call_text(f, function);
    if (call) write_line(&f->source, "%s", call);
}

// Where a block begins, by the number of its storage class; 0 where there is none.
static void write_addresses(Freestanding *f) {
    open_export(f, "const void *", "address", "int block");
    for (int s = 0; s < LOOP_LOCAL; s++) {
        bool is_const = f->is_predictor && (s == LOOP_PARAMS || s == LOOP_STATES);
        bool is_there = has_block(f->loops, (LoopStorage)s);
        if (f->is_predictor && (s == LOOP_GRADS || s == LOOP_RESULTS)) is_there = false;
        if (!is_there) continue;
        const char *name = loop_storage_name((LoopStorage)s);
        if (is_const)
            write_line(&f->source, "if (block == %d) return &%s;", s, name);
        else
            write_line(&f->source, "if (block == %d) return &%s_page.%s;", s, f->name, name);
    }
    write_line(&f->source, "return 0;");
    write_close(&f->source, "");
}

static void write_step(Freestanding *f, const char *name, const char *function) {
    open_export(f, "void ", name, "int n");
    open_struct(f);
    write_line(&f->source, "(void)n;");
    write_call(f, function);
    write_close(&f->source, "");
}

static Freestanding page_new(const LoopModule *m, const NetModel *model, const char *struct_name,
                             Text *source) {
    Text *unused = arena_new_item(source->arena, Text);
    *unused = text_new(source->arena);
    Freestanding f = freestanding_new(m, model, struct_name, source, unused);
    f.is_predictor = !strcmp(struct_name, "predictor");
    write_blank(&f.source);
    write_comment(&f.source, "--- what the page calls");
    write_line(&f.source, "static %s_%s %s_page;", f.name, struct_name, f.name);
    write_addresses(&f);
    return f;
}

void emit_c_page_trainer(const LoopModule *m, const NetModel *model, Text *source) {
    Freestanding f = page_new(m, model, "trainer", source);
    open_export(&f, "void ", "begin", "void");
    write_line(&f.source, "%s_begin(&%s_page, UINT64_C(%" PRIu64 "));", f.name, f.name,
               model->train.seed);
    write_close(&f.source, "");
    open_export(&f, "double *", "lr", "void");
    write_line(&f.source, "return &%s_page.lr;", f.name);
    write_close(&f.source, "");
    write_step(&f, "forward", "forward");
    write_step(&f, "backward", "backward");
    open_export(&f, "void ", "update", "int n");
    open_struct(&f);
    write_line(&f.source, "(void)n;");
    write_call(&f, "update");
    write_line(&f.source, "optimize(t);");
    write_line(&f.source, "t->step++;");
    write_close(&f.source, "");
}

// --- prediction

static const NetInput *only_input(const NetModel *model) {
    for (int i = 0; i < model->input_count; i++)
        if (!model->input[i].is_target) return &model->input[i];
    return NULL;
}

static const char *member_of(const LoopModule *m, const char *path) {
    for (int i = 0; i < m->buffer.count; i++)
        if (m->buffer.item[i]->storage == LOOP_BATCH && !strcmp(m->buffer.item[i]->path, path))
            return m->buffer.item[i]->member;
    return "";
}

// Outputs that are shares of 1 are probabilities; of others, logarithms of probabilities among
// them, the softmax is taken.
static void write_shares(Freestanding *f, size_t classes) {
    write_line(&f->source, "double most = out[0], least = out[0], sum = 0, total = 0;");
    write_open(&f->source, "for (int i = 0; i < %zu; i++)", classes);
    write_line(&f->source, "most = out[i] > most ? out[i] : most;");
    write_line(&f->source, "least = out[i] < least ? out[i] : least;");
    write_line(&f->source, "sum += out[i];");
    write_close(&f->source, "");
    write_line(&f->source, "const int is_share = least >= 0 && fabs(sum - 1) < 1e-3;");
    write_line(&f->source, "for (int i = 0; i < %zu; i++)", classes);
    write_line(&f->source, "    total += %s_shares[i] = is_share ? out[i] : exp(out[i] - most);",
               f->name);
    write_line(&f->source, "for (int i = 0; i < %zu; i++) %s_shares[i] /= total;", classes,
               f->name);
}

void emit_c_page_predictor(const LoopModule *m, const NetModel *model, size_t classes,
                           Text *source) {
    Freestanding f = page_new(m, model, "predictor", source);
    const NetInput *input = only_input(model);
    const char *type = input_scales(&f, input) ? "double" : f.real;
    write_line(&f.source, "static %s %s_ink[%zu];", type, f.name, input->count);
    write_line(&f.source, "static double %s_shares[%zu];", f.name, classes);
    open_export(&f, arena_printf(f.arena, "%s *", type), "ink", "void");
    write_line(&f.source, "return %s_ink;", f.name);
    write_close(&f.source, "");
    open_export(&f, "const double *", "shares", "void");
    write_line(&f.source, "return %s_shares;", f.name);
    write_close(&f.source, "");
    open_export(&f, "void ", "predict", "void");
    open_struct(&f);
    write_line(&f.source, "%s_set_%s(t, 0, %s_ink);", f.name, member_of(m, input->name), f.name);
    write_line(&f.source, "%s_predict(t, 1);", f.name);
    write_line(&f.source, "const %s *out = %s_output(t, 0);", f.real, f.name);
    write_shares(&f, classes);
    write_close(&f.source, "");
}
