// c_alias.c: short names for arrays: "const float (*restrict image)[1][28][28] = batch->image;", so
// that a body can write image[n][0][h][w].
//
// A function of few arrays names them at its head. One of many would open with a wall of names;
// there each block of the function, that is each layer of the model, names what it uses.
#include "emit/c.h"

enum { FEW = 16 };

// Arrays that share a place are the same bytes: then `restrict` would be a lie.
static bool is_alone(const LoopUse *use, const LoopBuffer *b) {
    for (int i = 0; i < use->buffer.count; i++)
        if (loop_buffers_meet(use->buffer.item[i], b)) return false;
    return true;
}

// The alias is const iff its block is: C does not convert a pointer to an array into one to an
// array of const.
static void write_alias(CEmitter *e, const LoopBuffer *b, bool alone) {
    const char *type = c_memory_type(e->module, b->type), *block = loop_storage_name(b->storage);
    const char *before = e->use.writes[b->storage] ? "" : "const ";
    const char *restricted = alone ? "restrict " : "";
    if (b->rank == 1) {
        write_line(&e->writer, "%s%s *%s%s = %s->%s;", before, type, restricted, b->name, block,
                   b->member);
        return;
    }
    Text axes = text_new(e->arena);
    for (int i = 1; i < b->rank; i++) text_printf(&axes, "[%s]", c_axis(e, b, i));
    write_line(&e->writer, "%s%s (*%s%s)%s = %s->%s;", before, type, restricted, b->name,
               axes.bytes, block, b->member);
}

static bool is_listed(const LoopUse *use, const LoopBuffer *b) {
    for (int i = 0; i < use->buffer.count; i++)
        if (use->buffer.item[i] == b) return true;
    return false;
}

// The aliases of `use` that are not in `known`; returns how many. `around` is what else is touched
// while they are in force.
static int write_aliases(CEmitter *e, const LoopUse *use, const LoopUse *known,
                         const LoopUse *around) {
    int count = 0;
    for (int i = 0; i < use->buffer.count; i++) {
        const LoopBuffer *b = use->buffer.item[i];
        if (b->rank == 0 || is_listed(known, b)) continue;
        write_alias(e, b, is_alone(use, b) && is_alone(around, b));
        count++;
    }
    return count;
}

static int count_arrays(const LoopUse *use) {
    int count = 0;
    for (int i = 0; i < use->buffer.count; i++) count += use->buffer.item[i]->rank > 0;
    return count;
}

// What the function uses outside of its blocks.
static LoopUse use_outside(CEmitter *e, const LoopFunction *f) {
    LoopFunction rest = {.N = f->N};
    rest.body.item = arena_new_array(e->arena, LoopStatement *, f->body.count + 1);
    for (int i = 0; i < f->body.count; i++)
        if (f->body.item[i]->kind != LOOP_BLOCK)
            rest.body.item[rest.body.count++] = f->body.item[i];
    return loop_function_use(e->module, &rest);
}

int c_head_aliases(CEmitter *e, const LoopFunction *f) {
    const LoopUse none = {0};
    e->use = loop_function_use(e->module, f);
    e->head = count_arrays(&e->use) <= FEW ? e->use : use_outside(e, f);
    return write_aliases(e, &e->head, &none, &e->use);
}

void c_block_aliases(CEmitter *e, const LoopStatement *block) {
    LoopFunction part = {.body = block->body};
    LoopUse use = loop_function_use(e->module, &part);
    if (write_aliases(e, &use, &e->head, &e->head) > 0) write_blank(&e->writer);
}
