// stage.c: the tree of stages: which layer, block or expression made which tensors.
#include "elaborate/context.h"

Stage *stage_new(Elab *e, Stage *parent, Name path, Name kind, bool is_layer, bool is_block,
                 Span span) {
    Stage *made = arena_new_item(e->arena, Stage);
    made->path = path;
    made->kind = kind;
    made->is_layer = is_layer;
    made->is_block = is_block;
    made->span = span;
    made->parent = parent;
    if (parent) list_add(e->arena, parent->child, made);
    return made;
}
