// c_header.c: the header of a generated model: its batch size, the structs of its blocks, its
// functions.
#include "emit/c.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

bool c_has_block(const LoopModule *m, LoopStorage storage) {
    for (int i = 0; i < m->buffer.count; i++)
        if (m->buffer.item[i]->storage == storage) return true;
    return false;
}

const char *c_block_type(CEmitter *e, LoopStorage storage) {
    LoopStorage own = storage == LOOP_GRADS ? LOOP_PARAMS : storage;
    return arena_printf(e->arena, "%s_%s", e->module->model, loop_storage_name(own));
}

const char *c_upper(CEmitter *e, const char *name) {
    char *upper = arena_copy(e->arena, name, strlen(name));
    for (char *at = upper; *at; at++) *at = (char)toupper((unsigned char)*at);
    return upper;
}

// Whether an axis has one entry a sample, rather than a size that happens to be as large as the
// batch.
static bool counts_samples(const LoopModule *m, const LoopBuffer *b, int axis) {
    if (b->shape[axis] != m->batch_size) return false;
    Name name = b->size_name[axis];
    return (name && strcmp(name, "N") == 0) || (axis == 0 && b->storage == LOOP_BATCH);
}

const char *c_axis(CEmitter *e, const LoopBuffer *b, int axis) {
    if (counts_samples(e->module, b, axis))
        return arena_printf(e->arena, "%s_BATCH", c_upper(e, e->module->model));
    return arena_printf(e->arena, "%" PRId64, b->shape[axis]);
}

void c_head_comment(CEmitter *e, const char *what) {
    const char *name = e->module->model;
    write_comment(&e->writer, arena_printf(e->arena, "%s%s", name, what));
    if (!e->options->head || !*e->options->head) return;
    write_comment(&e->writer, "\n");
    write_comment(&e->writer, e->options->head);
}

// --- structs

// "[O, I, K, K]" from the names of sizes; NULL if no axis has one.
static const char *axis_names(CEmitter *e, const LoopBuffer *b) {
    bool named = false;
    Text text = text_new(e->arena);
    for (int i = 0; i < b->rank; i++) {
        text_add(&text, i ? ", " : "[");
        if (b->size_name[i])
            text_add(&text, b->size_name[i]);
        else
            text_printf(&text, "%" PRId64, b->shape[i]);
        named |= b->size_name[i] != NULL;
    }
    return named ? arena_printf(e->arena, "%s]", text.bytes) : NULL;
}

// Whether a member's name already says its path: "conv_1_weight" for "conv_1.weight".
static bool says_path(const char *member, const char *path) {
    for (; *member && *path; member++, path++)
        if (*member != *path && !(*member == '_' && *path == '.')) return false;
    return *member == *path;
}

// The place in the spec where the name does not show it, and what the axes are.
static const char *member_comment(CEmitter *e, const LoopBuffer *b) {
    const char *axes = b->comment ? b->comment : axis_names(e, b);
    const char *path = b->path && !says_path(b->member, b->path) ? b->path : NULL;
    if (!axes && !path) return "";
    const char *text = axes && path ? arena_printf(e->arena, "%s %s", path, axes)
                       : axes       ? axes
                                    : path;
    return arena_printf(e->arena, " /* %s */", comment_text(e->arena, text));
}

// The comment stands behind the member, or above where the line would be too long.
static void write_member(CEmitter *e, const LoopBuffer *b, const char *axes) {
    const char *member =
        arena_printf(e->arena, "%s %s%s;", c_memory_type(e->module, b->type), b->member, axes);
    const char *comment = member_comment(e, b);
    if (*comment && strlen(member) + strlen(comment) > 96) {
        write_long_line(&e->writer, "%s", comment + 1);
        comment = "";
    }
    write_long_line(&e->writer, "%s%s", member, comment);
}

static bool has_places(const LoopModule *m, LoopStorage storage) {
    for (int i = 0; i < m->buffer.count; i++)
        if (m->buffer.item[i]->storage == storage && m->buffer.item[i]->place) return true;
    return false;
}

// The members of one place are a union.
static void write_members(CEmitter *e, LoopStorage storage) {
    int place = 0;
    for (int i = 0; i < e->module->buffer.count; i++) {
        const LoopBuffer *b = e->module->buffer.item[i];
        if (b->storage != storage) continue;
        if (place && place != b->place) write_close(&e->writer, ";");
        if (b->place && place != b->place) write_open(&e->writer, "union");
        place = b->place;
        Text axes = text_new(e->arena);
        for (int k = 0; k < b->rank; k++) text_printf(&axes, "[%s]", c_axis(e, b, k));
        write_member(e, b, b->rank ? axes.bytes : "");
    }
    if (place) write_close(&e->writer, ";");
}

static void write_struct(CEmitter *e, LoopStorage storage, const char *meaning) {
    const char *type = c_block_type(e, storage);
    if (!c_has_block(e->module, storage)) return;
    write_comment(&e->writer, meaning);
    if (has_places(e->module, storage))
        write_comment(&e->writer, "Members of a union share a place: no two of them are needed at "
                                  "the same time.");
    write_open(&e->writer, "typedef struct %s", type);
    write_members(e, storage);
    write_close(&e->writer, arena_printf(e->arena, " %s;", type));
    write_blank(&e->writer);
}

static void write_structs(CEmitter *e) {
    const LoopModule *m = e->module;
    write_struct(e, LOOP_PARAMS,
                 c_has_block(m, LOOP_GRADS) ? "What is trained. Gradients have the same struct."
                                            : "What is trained.");
    write_struct(e, LOOP_STATES, "What is kept between steps but not trained.");
    write_struct(e, LOOP_BATCH, "Inputs and targets, one row a sample.");
    write_struct(e, LOOP_WORK, "Everything between the input and the gradients.");
    write_struct(e, LOOP_RESULTS, "The loss, then the metrics.");
}

// --- functions

static void add_parameter(Text *text, const char *parameter) {
    if (text->size) text_add(text, ", ");
    text_add(text, parameter);
}

const char *c_signature(CEmitter *e, const LoopFunction *f) {
    LoopUse use = loop_function_use(e->module, f);
    Text text = text_new(e->arena);
    for (int s = 0; s < LOOP_LOCAL; s++) {
        const char *type = c_block_type(e, (LoopStorage)s),
                   *name = loop_storage_name((LoopStorage)s);
        if (use.storage[s])
            add_parameter(&text, arena_printf(e->arena, "%s%s *%s", use.writes[s] ? "" : "const ",
                                              type, name));
    }
    if (use.N) add_parameter(&text, arena_printf(e->arena, "int %s", f->N->name));
    if (use.key) add_parameter(&text, "uint64_t seed, uint64_t step");
    if (use.threads && e->options->openmp) add_parameter(&text, "int threads");
    return arena_printf(e->arena, "void %s_%s(%s)", e->module->model, f->name,
                        text.size ? text.bytes : "void");
}

static void write_prototype(CEmitter *e, const LoopFunction *f) {
    if (f->comment) write_comment(&e->writer, f->comment);
    write_line(&e->writer, "%s;", c_signature(e, f));
    write_blank(&e->writer);
}

void emit_c_header(const LoopModule *m, const EmitOptions *o, Text *out) {
    CEmitter *e = c_emitter_new(m, o, out);
    Writer *w = &e->writer;
    const char *upper = c_upper(e, m->model);
    c_head_comment(e, ".h: the data of the model and the functions that compute on it.");
    write_directive(w, "#ifndef %s_H\n#define %s_H\n\n#include <stdint.h>\n", upper, upper);
    write_directive(w, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    write_comment(w, "The most samples that one batch holds.");
    write_directive(w, "#define %s_BATCH %" PRId64 "\n", upper, m->batch_size);
    write_structs(e);
    for (int i = 0; i < m->function.count; i++) write_prototype(e, m->function.item[i]);
    write_directive(w, "#ifdef __cplusplus\n}\n#endif\n#endif");
}
