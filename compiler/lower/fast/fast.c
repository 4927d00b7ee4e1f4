// fast.c: the fast style: a model's two programs as four functions, in phases of vector loops.
#include "lower/fast/fast.h"

enum { TINY = 256 }; // elements of the largest tensor

static bool is_tiny(const Model *model) {
    for (int i = 0; i < model->eval->tensor.count; i++)
        if (tensor_count(model->eval->tensor.item[i]) > TINY) return false;
    return true;
}

LoopModule *lower_fast(Model *model, const LowerOptions *options, int lanes) {
    // For a net of scalars, or with values that somebody wants to see, the plain style is as good.
    bool plain = !model->train->sample && is_tiny(model);
    if (plain || options->keep_values || lanes < 2) return lower_plain(model, options);
    Lowering *l = lowering_new(model, options);
    Fast *f = arena_new_item(l->arena, Fast);
    *f = (Fast){.l = l, .arena = l->arena, .lanes = lanes};
    f->layout.arena = f->aside.arena = f->copied.arena = f->packed.arena = f->lifetime.arena = l->arena;
    f->chunk_size = (model->batch_size + MAX_CHUNKS - 1) / MAX_CHUNKS;
    f->chunks = (model->batch_size + f->chunk_size - 1) / f->chunk_size;
    f->declared[0] = model->train->tensor.count;
    f->declared[1] = model->eval->tensor.count;
    l->m->lanes = lanes;
    l->fast = f;
    layout_choose(f);
    return lowering_finish(l);
}
