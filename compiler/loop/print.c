// print.c: a loop module as text, for --dump=loops and golden tests. One line a statement; bodies
// are indented.
#include "loop/express.h"

#include <inttypes.h>

const char *loop_type_name(LoopType type) {
    static const char *const name[] = {"real", "f64", "int", "bool", "vector", "mask"};
    return name[type];
}

const char *loop_storage_name(LoopStorage storage) {
    static const char *const name[] = {"params", "grads",   "states", "batch",
                                       "work",   "results", "local"};
    return name[storage];
}

static void write_list(LoopWriter *w, const LoopExpr *const *item, int count) {
    for (int i = 0; i < count; i++) {
        if (i) text_add(w->out, ", ");
        loop_write_expr(w, item[i]);
    }
}

static void write_call(LoopWriter *w, const char *name, const LoopExpr *e) {
    text_printf(w->out, "%s(", name);
    write_list(w, e->arg, e->arg_count);
    text_add(w->out, ")");
}

// A vector begins at its last subscript: "x[n, c ..]".
static void write_element(LoopWriter *w, const LoopBuffer *b, const LoopExpr *const *subscript,
                          LoopType type) {
    text_add(w->out, b->name);
    if (b->rank == 0) return;
    text_add(w->out, "[");
    write_list(w, subscript, b->rank);
    text_add(w->out, type == LOOP_VECTOR ? " ..]" : "]");
}

static void write_draw(LoopWriter *w, const LoopExpr *e) {
    text_printf(w->out, "%s(", e->kind == LOOP_RANDOM ? "random" : "bernoulli");
    if (e->kind == LOOP_BERNOULLI)
        text_printf(w->out, "%s, ", number_text(w->out->arena, e->number));
    text_printf(w->out, "stream 0x%016" PRIx64 ", ", e->stream);
    write_list(w, e->arg, 2);
    if (e->type == LOOP_VECTOR) text_printf(w->out, " + %lld ..", (long long)e->integer);
    text_add(w->out, ")");
}

static void write_number(LoopWriter *w, const LoopExpr *e) {
    bool is_float = e->type == LOOP_REAL && w->is_f32;
    Arena *a = w->out->arena;
    text_add(w->out, is_float ? number_text_f32(a, e->number) : number_text(a, e->number));
}

static void write_atom(LoopWriter *w, const LoopExpr *e) {
    if (e->kind == LOOP_NUMBER)
        write_number(w, e);
    else if (e->kind == LOOP_INTEGER && e->name)
        text_add(w->out, e->name);
    else if (e->kind == LOOP_INTEGER)
        text_printf(w->out, "%" PRId64, e->integer);
    else if (e->kind == LOOP_VARIABLE)
        text_add(w->out, e->variable->name);
    else if (e->kind == LOOP_LOAD)
        write_element(w, e->buffer, e->arg, e->type);
    else if (e->kind == LOOP_INT_MIN)
        write_call(w, "min", e);
    else if (e->kind == LOOP_INT_MAX)
        write_call(w, "max", e);
    else if (e->kind == LOOP_FLOOR_DIVIDE)
        write_call(w, "floor_divide", e);
    else if (e->kind == LOOP_CEIL_DIVIDE)
        write_call(w, "ceil_divide", e);
    else if (e->kind == LOOP_CALL)
        write_call(w, function_name(e->function), e);
    else if (e->kind == LOOP_CONVERT)
        write_call(w, loop_type_name(e->type), e);
    else if (e->kind == LOOP_SPLAT)
        write_call(w, "splat", e);
    else if (e->kind == LOOP_LANE_SUM)
        write_call(w, "lane_sum", e);
    else if (e->kind == LOOP_SELECT)
        write_call(w, "select", e);
    else
        write_draw(w, e);
}

const char *loop_expr_text(const LoopModule *m, const LoopExpr *e) {
    Text text = text_new(m->compile->arena);
    LoopWriter w = {.out = &text, .is_f32 = m->is_f32, .atom = write_atom};
    loop_write_expr(&w, e);
    return text.bytes;
}

// --- statements

static void indent(Text *out, int depth) {
    for (int i = 0; i < depth; i++) text_add(out, "  ");
}

static void print_body(LoopWriter *w, const LoopBody *body, int depth);

static void print_for(LoopWriter *w, const LoopStatement *s, int depth) {
    text_printf(w->out, "for %s = ", s->variable->name);
    loop_write_expr(w, s->low);
    text_add(w->out, " .. ");
    loop_write_expr(w, s->high);
    if (s->step > 1) text_printf(w->out, " step %" PRId64, s->step);
    text_printf(w->out, "%s%s%s\n", s->down ? " down" : "", s->parallel ? " parallel" : "",
                s->simd ? " simd" : "");
    print_body(w, &s->body, depth + 1);
}

static void print_if(LoopWriter *w, const LoopStatement *s, int depth) {
    text_add(w->out, "if ");
    loop_write_expr(w, s->value);
    text_add(w->out, "\n");
    print_body(w, &s->body, depth + 1);
    if (s->otherwise.count == 0) return;
    indent(w->out, depth);
    text_add(w->out, "else\n");
    print_body(w, &s->otherwise, depth + 1);
}

static void print_value(LoopWriter *w, LoopAssign assign, const LoopExpr *value) {
    text_add(w->out, assign == LOOP_SET ? " = " : " += ");
    loop_write_expr(w, value);
    text_add(w->out, "\n");
}

static void print_sizes(LoopWriter *w, const LoopStatement *s) {
    text_add(w->out, "sizes");
    for (int i = 0; i < s->size_count; i++)
        text_printf(w->out, "%s %s = %" PRId64, i ? "," : "", s->size[i].name, s->size[i].value);
    text_add(w->out, "\n");
}

// A comment of several lines keeps its depth. Control characters would play tricks on a terminal.
static void print_comment(Text *out, const char *text, int depth) {
    text_add(out, "# ");
    for (const char *at = text; *at; at++) {
        bool control = (unsigned char)*at < 0x20 && *at != '\n';
        text_add_bytes(out, control ? "?" : at, 1);
        if (*at != '\n') continue;
        indent(out, depth);
        text_add(out, "# ");
    }
    text_add(out, "\n");
}

static void print_view(LoopWriter *w, const LoopView *v) {
    text_printf(w->out, "view %s = ", v->name);
    const LoopExpr at = {.kind = LOOP_LOAD, .type = v->buffer->type, .buffer = v->buffer,
                         .arg = v->subscript, .arg_count = v->buffer->rank};
    loop_write_expr(w, &at);
    text_add(w->out, "\n");
}

static void print_statement(LoopWriter *w, const LoopStatement *s, int depth) {
    if (s->kind != LOOP_BLANK) indent(w->out, depth);
    switch (s->kind) {
    case LOOP_FOR: print_for(w, s, depth); break;
    case LOOP_IF: print_if(w, s, depth); break;
    case LOOP_DECLARE:
        text_printf(w->out, "%s %s: %s", s->is_const ? "let" : "var", s->variable->name,
                    loop_type_name(s->variable->type));
        print_value(w, LOOP_SET, s->value);
        break;
    case LOOP_ASSIGN:
        text_add(w->out, s->variable->name);
        print_value(w, s->assign, s->value);
        break;
    case LOOP_STORE:
        write_element(w, s->buffer, s->subscript, s->value->type);
        print_value(w, s->assign, s->value);
        break;
    case LOOP_BLOCK:
        text_add(w->out, "block\n");
        print_body(w, &s->body, depth + 1);
        break;
    case LOOP_SIZES: print_sizes(w, s); break;
    case LOOP_COMMENT: print_comment(w->out, s->text, depth); break;
    case LOOP_BLANK: text_add(w->out, "\n"); break;
    case LOOP_VIEW: print_view(w, s->view); break;
    }
}

static void print_body(LoopWriter *w, const LoopBody *body, int depth) {
    for (int i = 0; i < body->count; i++) print_statement(w, body->item[i], depth);
}

static void print_buffer(Text *out, const LoopBuffer *b) {
    text_printf(out, "  %s %s: %s", loop_storage_name(b->storage), b->name,
                loop_type_name(b->type));
    for (int i = 0; i < b->rank; i++) text_printf(out, "%s%" PRId64, i ? ", " : "[", b->shape[i]);
    if (b->rank) text_add(out, "]");
    if (b->value_limit) text_printf(out, " below %" PRId64, b->value_limit);
    if (b->place) text_printf(out, " at place %d", b->place);
    if (b->path && b->path != b->name) text_printf(out, "  # %s", b->path);
    text_add(out, "\n");
}

static void print_function(LoopWriter *w, const LoopFunction *f) {
    text_printf(w->out, "\nfunction %s(%s)\n", f->name, f->N->name);
    if (f->comment) {
        indent(w->out, 1);
        print_comment(w->out, f->comment, 1);
    }
    for (int i = 0; i < f->local.count; i++) print_buffer(w->out, f->local.item[i]);
    print_body(w, &f->body, 1);
}

void loop_print(const LoopModule *m, Text *out) {
    text_printf(out, "module %s: %s%s, batch %" PRId64, m->model, m->is_f32 ? "f32" : "f64",
                m->strict ? ", strict" : "", m->batch_size);
    if (m->lanes > 1) text_printf(out, ", lanes %d", m->lanes);
    text_add(out, "\n");
    for (int i = 0; i < m->buffer.count; i++) print_buffer(out, m->buffer.item[i]);
    LoopWriter w = {.out = out, .is_f32 = m->is_f32, .atom = write_atom};
    for (int i = 0; i < m->function.count; i++) print_function(&w, m->function.item[i]);
}
