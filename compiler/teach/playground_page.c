// playground_page.c: see playground_page.h. The page asks for nothing: its policy forbids every
// request, so that it works from disk and on a plane.
#include "teach/playground_page.h"

#include "teach/derivation.h"
#include "teach/picture.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void json_add_text(Text *out, const char *text) {
    text_add(out, "\"");
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            text_printf(out, "\\%c", c);
        else if (c == '\n')
            text_add(out, "\\n");
        else if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7f)
            text_printf(out, "\\u%04x", c);
        else
            text_add_bytes(out, text, 1);
    }
    text_add(out, "\"");
}

void json_add_key(Text *out, const char *name) {
    bool is_first = out->size && out->bytes[out->size - 1] == '{';
    text_printf(out, "%s\"%s\": ", is_first ? "" : ", ", name);
}

void json_add_numbers(Text *out, const double *value, int64_t count) {
    text_add(out, "[");
    for (int64_t i = 0; i < count; i++)
        text_printf(out, "%s%s", i ? ", " : "",
                    isfinite(value[i]) ? number_text(out->arena, value[i]) : "null");
    text_add(out, "]");
}

void json_add_shape(Text *out, const Tensor *t, int first) {
    json_add_key(out, "shape");
    text_add(out, "[");
    for (int i = first; i < t->rank; i++)
        text_printf(out, "%s%" PRId64, i > first ? ", " : "", t->axis[i]->extent);
    text_add(out, "]");
}

void json_add_place(Text *out, const LoopModule *m, const LoopBuffer *b) {
    bool is_f32 = b->type == LOOP_REAL && m->is_f32;
    json_add_key(out, "block");
    text_printf(out, "%d", (int)b->storage);
    json_add_key(out, "offset");
    text_printf(out, "%zu", loop_buffer_offset(m, b));
    json_add_key(out, "type");
    json_add_text(out, b->type == LOOP_INT ? "i32" : is_f32 ? "f32" : "f64");
}

const char *playground_math(Arena *a, const char *mathematics) {
    return arena_printf(a, "<math displaystyle=\"true\">%s</math>", mathematics);
}

const char *playground_equation(Program *p, const Equation *q) {
    MathNames names = {0};
    Math m = math_new(MATH_ML, p, &names);
    math_left(&m, q);
    if (q->op == EQUATION_ADD) math_operator(&m, "+");
    math_operator(&m, "=");
    math_expr(&m, p->loss ? derivation_shown(p, q->value) : q->value);
    return playground_math(p->arena, math_done(&m));
}

void playground_page(const Playground *p, const char *json, Text *out) {
    const char *title = html_text(out->arena, p->model->name);
    text_printf(out,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; "
                "img-src data:\"/>\n"
                "<link rel=\"icon\" href=\"data:,\"/>\n"
                "<title>%s, a playground</title>\n<style>\n",
                title);
    text_printf(out, "%s</style>\n</head>\n<body>\n%s", p->style, p->body);
    text_printf(out, "<script type=\"application/json\" id=\"model\">\n%s\n</script>\n", json);
    text_add(out, "<script type=\"application/wasm-base64\" id=\"module\">");
    base64_add(out, p->wasm, p->wasm_size);
    text_printf(out, "</script>\n<script>\n%s</script>\n<script>\n%s</script>\n</body>\n</html>\n",
                p->engine, p->script);
}
