// c_predictor.c: prediction alone, with the weights as constants.
#include "emit/freestanding.h"

#include <string.h>

// --- the weights

static const double *element_text(const Freestanding *f, Text *text, const double *value) {
    text_add(text,
             f->loops->is_f32 ? number_text_f32(f->arena, *value) : number_text(f->arena, *value));
    return value + 1;
}

// {{1, 2}, {3, 4}}: nested as the shape is.
static const double *nested_text(const Freestanding *f, Text *text, const LoopBuffer *b, int axis,
                                 const double *value) {
    if (axis == b->rank) return element_text(f, text, value);
    text_add(text, "{");
    for (int64_t i = 0; i < b->shape[axis]; i++) {
        if (i) text_add(text, axis + 1 < b->rank ? ",\n     " : i % 8 ? ", " : ",\n     ");
        value = nested_text(f, text, b, axis + 1, value);
    }
    text_add(text, "}");
    return value;
}

static void write_block(Freestanding *f, LoopStorage storage, const double *value) {
    const char *block = loop_storage_name(storage);
    if (!has_block(f->loops, storage)) return;
    write_blank(&f->source);
    Text text = text_new(f->arena);
    text_printf(&text, "static const %s_%s %s = {\n", f->name, block, block);
    for (int i = 0; i < f->loops->buffer.count; i++) {
        const LoopBuffer *b = f->loops->buffer.item[i];
        if (b->storage != storage) continue;
        text_printf(&text, "    .%s = ", b->member);
        value = nested_text(f, &text, b, 0, value);
        text_add(&text, ",\n");
    }
    text_add(&text, "};\n");
    text_add_bytes(f->source.out, text.bytes, text.size);
    f->flash += loop_block_bytes(f->loops, storage);
}

void emit_c_predictor(const LoopModule *m, const NetModel *table, const double *params,
                      const double *states, Text *source, Text *header) {
    Freestanding f = freestanding_new(m, table, "predictor", source, header);
    f.is_predictor = true;
    write_blank(&f.source);
    write_comment(&f.source, "--- prediction with these weights");
    write_block(&f, LOOP_PARAMS, params);
    write_block(&f, LOOP_STATES, states);
    size_t ram = loop_block_bytes(f.loops, LOOP_BATCH) + loop_block_bytes(f.loops, LOOP_WORK);
    freestanding_header_open(
        &f, arena_printf(f.arena,
                         "Prediction with constant weights: no allocation, no files. The caller "
                         "places the struct.\n"
                         "RAM: %zu bytes. Flash: the code and %zu bytes of weights.",
                         ram, f.flash));
    write_open(&f.header, "typedef struct %s_predictor", f.name);
    write_blocks(&f);
    write_close(&f.header, arena_printf(f.arena, " %s_predictor;", f.name));
    write_blank(&f.header);
    write_input_setters(&f);
    const char *head =
        arena_printf(f.arena, "void %s_predict(%s_predictor *t, int n)", f.name, f.name);
    write_comment(&f.header, "The outputs of the first n samples.");
    write_line(&f.header, "%s;", head);
    write_blank(&f.source);
    write_open(&f.source, "%s", head);
    const char *call = call_text(&f, "evaluate");
    if (!strstr(call, ", n")) write_line(&f.source, "(void)n;");
    write_line(&f.source, "%s", call);
    write_close(&f.source, "");
    write_output_getter(&f);
    freestanding_header_close(&f);
}
