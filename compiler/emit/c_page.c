// c_page.c: the functions that a page calls: the steps of a freestanding trainer one by one, on one
// struct of their own. Addresses let the page read and write every number where it lies; all
// arithmetic stays in C.
#include "emit/freestanding.h"

#include <inttypes.h>

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

void emit_c_page(const LoopModule *m, const NetModel *model, Text *source) {
    Text unused = text_new(source->arena);
    Freestanding f = freestanding_new(m, model, "trainer", source, &unused);
    write_blank(&f.source);
    write_comment(&f.source, "--- what the page calls");
    write_line(&f.source, "static %s_trainer %s_page;", f.name, f.name);
    write_addresses(&f);
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
