// c_statement.c: loop statements as C statements. Braces stand only around what is more than one
// simple statement, and around whatever follows an `if` unless it is simple, so that no `else` can
// go astray.
#include "emit/c.h"

#include <inttypes.h>

static void statement(CEmitter *e, const LoopStatement *s);

static bool is_parallel(const CEmitter *e, const LoopStatement *s) {
    return s->kind == LOOP_FOR && s->parallel && !e->is_parallel && e->options->openmp;
}

static bool is_simd(const CEmitter *e, const LoopStatement *s) {
    return s->kind == LOOP_FOR && s->simd && !is_parallel(e, s);
}

static bool is_simple(const LoopStatement *s) {
    return s->kind == LOOP_ASSIGN || s->kind == LOOP_STORE;
}

// Whether the body of a loop may stand without braces.
static bool is_single(const CEmitter *e, const LoopBody *body) {
    if (body->count != 1) return false;
    const LoopStatement *s = body->item[0];
    return is_simple(s) || s->kind == LOOP_IF ||
           (s->kind == LOOP_FOR && !is_parallel(e, s) && !is_simd(e, s));
}

void c_body(CEmitter *e, const LoopBody *body) {
    int sizes = e->size.count;
    for (int i = 0; i < body->count; i++) statement(e, body->item[i]);
    e->size.count = sizes;
}

// "double tile[4][8];"
void c_local_array(CEmitter *e, const LoopBuffer *b) {
    Text axes = text_new(e->arena);
    for (int i = 0; i < b->rank; i++) text_printf(&axes, "[%s]", c_axis(e, b, i));
    write_line(&e->writer, "%s %s%s;", c_memory_type(e->module, b->type), b->name,
               b->rank ? axes.bytes : "");
}

// The local arrays that each iteration of a parallel loop has for itself.
static int declare_own_arrays(CEmitter *e, const LoopStatement *loop, bool print) {
    int count = 0;
    for (int i = 0; i < e->function->local.count; i++) {
        const LoopBuffer *b = e->function->local.item[i];
        bool shared = false;
        if (loop_local_home(e->function, b, &shared) != loop) continue;
        if (print) c_local_array(e, b);
        count++;
    }
    return count;
}

// The expression x - 1.
static const char *one_less(CEmitter *e, const LoopExpr *x) {
    if (x->kind == LOOP_INTEGER && x->name == NULL)
        return arena_printf(e->arena, "%" PRId64, x->integer - 1);
    const LoopExpr one = {.kind = LOOP_INTEGER, .type = LOOP_INT, .integer = 1};
    const LoopExpr *arg[] = {x, &one};
    return c_expr(e,
                  &(LoopExpr){.kind = LOOP_SUBTRACT, .type = LOOP_INT, .arg = arg, .arg_count = 2});
}

static const char *for_head(CEmitter *e, const LoopStatement *s) {
    const char *v = s->variable->name;
    if (s->down)
        return arena_printf(e->arena, "for (int %s = %s; %s >= %s; %s--)", v, one_less(e, s->high),
                            v, c_expr(e, s->low), v);
    const char *next = s->step > 1 ? arena_printf(e->arena, "%s += %" PRId64, v, s->step)
                                   : arena_printf(e->arena, "%s++", v);
    return arena_printf(e->arena, "for (int %s = %s; %s < %s; %s)", v, c_expr(e, s->low), v,
                        c_expr(e, s->high), next);
}

// A head such as "for (...)" or "if (...)" and what it governs.
static void governed(CEmitter *e, const char *head, const LoopBody *body, bool single) {
    if (single) {
        write_line(&e->writer, "%s", head);
        e->writer.depth++;
        c_body(e, body);
        e->writer.depth--;
        return;
    }
    write_open(&e->writer, "%s", head);
    c_body(e, body);
    write_close(&e->writer, "");
}

static void for_statement(CEmitter *e, const LoopStatement *s) {
    const char *head = for_head(e, s);
    bool parallel = is_parallel(e, s), outer = e->is_parallel;
    if (parallel) {
        write_line(&e->writer, "PARALLEL_FOR");
        e->used_parallel = true;
    }
    if (is_simd(e, s)) {
        write_line(&e->writer, "SIMD_FOR");
        e->used_simd = true;
    }
    e->is_parallel |= parallel;
    if (s->parallel && declare_own_arrays(e, s, false)) {
        write_open(&e->writer, "%s", head);
        declare_own_arrays(e, s, true);
        c_body(e, &s->body);
        write_close(&e->writer, "");
    } else {
        governed(e, head, &s->body, is_single(e, &s->body));
    }
    e->is_parallel = outer;
}

static bool is_one_simple(const LoopBody *body) {
    return body->count == 1 && is_simple(body->item[0]);
}

// if (a) { ... } else if (b) { ... } else { ... }: either all of the chain has braces, or none.
static bool chain_is_simple(const LoopStatement *s) {
    if (!is_one_simple(&s->body)) return false;
    if (s->otherwise.count == 0) return true;
    const LoopStatement *next = s->otherwise.item[0];
    bool chained = s->otherwise.count == 1 && next->kind == LOOP_IF;
    return chained ? chain_is_simple(next) : is_one_simple(&s->otherwise);
}

static void if_statement(CEmitter *e, const LoopStatement *s) {
    Writer *w = &e->writer;
    const bool single = chain_is_simple(s);
    const char *head = "";
    for (;;) {
        head = arena_printf(e->arena, "%sif (%s)", head, c_expr(e, s->value));
        if (single) {
            governed(e, head, &s->body, true);
        } else {
            write_open(w, "%s", head);
            c_body(e, &s->body);
            w->depth--;
        }
        bool chained = s->otherwise.count == 1 && s->otherwise.item[0]->kind == LOOP_IF;
        if (!chained) break;
        head = single ? "else " : "} else ";
        s = s->otherwise.item[0];
    }
    if (s->otherwise.count > 0 && single) {
        governed(e, "else", &s->otherwise, true);
    } else if (s->otherwise.count > 0) {
        write_open(w, "} else");
        c_body(e, &s->otherwise);
        write_close(w, "");
    } else if (!single) {
        w->depth++;
        write_close(w, "");
    }
}

static void declare_statement(CEmitter *e, const LoopStatement *s) {
    write_line(&e->writer, "%s%s %s = %s;", s->is_const ? "const " : "",
               c_value_type(e->module, s->variable->type), s->variable->name, c_expr(e, s->value));
}

static void sizes_statement(CEmitter *e, const LoopStatement *s) {
    Text text = text_new(e->arena);
    if (s->size_count == 0) return;
    for (int i = 0; i < s->size_count; i++) {
        text_printf(&text, "%s%s = %" PRId64, i ? ", " : "", s->size[i].name, s->size[i].value);
        list_add(e->arena, e->size, s->size[i]);
    }
    write_line(&e->writer, "enum { %s };", text.bytes);
}

static const char *assignment(LoopAssign assign) {
    return assign == LOOP_SET ? "=" : "+=";
}

static void store_statement(CEmitter *e, const LoopStatement *s) {
    const char *element = c_element(e, s->buffer, s->subscript), *value = c_expr(e, s->value);
    if (s->value->type == LOOP_VECTOR) {
        const char *name = c_helper(e, s->assign == LOOP_SET ? "vec_store" : "vec_add_to");
        write_line(&e->writer, "%s(&%s, %s);", name, element, value);
        return;
    }
    write_line(&e->writer, "%s %s %s;", element, assignment(s->assign), value);
}

static void statement(CEmitter *e, const LoopStatement *s) {
    Writer *w = &e->writer;
    switch (s->kind) {
    case LOOP_FOR: for_statement(e, s); break;
    case LOOP_IF: if_statement(e, s); break;
    case LOOP_DECLARE: declare_statement(e, s); break;
    case LOOP_ASSIGN:
        write_line(w, "%s %s %s;", s->variable->name, assignment(s->assign), c_expr(e, s->value));
        break;
    case LOOP_STORE: store_statement(e, s); break;
    case LOOP_BLOCK:
        write_open(w, "%s", "");
        if (w->depth == 2) c_block_aliases(e, s);
        c_body(e, &s->body);
        write_close(w, "");
        break;
    case LOOP_SIZES: sizes_statement(e, s); break;
    case LOOP_COMMENT: write_comment(w, s->text); break;
    case LOOP_BLANK: write_blank(w); break;
    case LOOP_VIEW:
        write_line(w, "const %s *restrict %s = &%s;", c_memory_type(e->module, s->view->buffer->type),
                   s->view->name, c_element(e, s->view->buffer, s->view->subscript));
        break;
    }
}
