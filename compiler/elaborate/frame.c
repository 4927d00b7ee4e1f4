// frame.c: what one equation sees: its indices, the tensors of its scope, and whether it has
// failed.
#include "elaborate/context.h"

void frame_begin(Frame *f, Scope *s, const AstStatement *st) {
    *f = (Frame){.scope = s, .p = s->elab->p, .statement = st, .owner = st ? st->name : ""};
    if (!f->owner) f->owner = "";
    f->is_whole = st && !st->has_subscript;
    bool rest_on_left = false;
    for (int i = 0; st && i < st->subscript_count; i++)
        if (st->subscript[i]->kind == AST_REST) rest_on_left = true;
    if (!rest_on_left || !s->has_rest) return;
    const Index **rest = arena_new_array(s->elab->arena, const Index *, s->rest_count + 1);
    for (int i = 0; i < s->rest_count; i++)
        rest[i] = index_new(f->p, s->rest[i]->name, s->rest[i]->size, s->rest[i]->extent);
    f->rest = rest;
}

Diagnostic *frame_fault(Frame *f, Code code, Span span, const char *format, ...) {
    Arena *a = f->scope->elab->arena;
    bool silent = f->quiet || f->failed;
    f->failed = true;
    if (silent) return arena_new_item(a, Diagnostic); // takes notes that nobody reads
    va_list values;
    va_start(values, format);
    const char *text = arena_vprintf(a, format, values);
    va_end(values);
    return fault(f->scope, code, span, "%s", text);
}

const Binding *frame_binding(const Frame *f, Name name) {
    for (int i = f->binding.count; i-- > 0;)
        if (f->binding.item[i].name == name) return &f->binding.item[i];
    return NULL;
}

void frame_bind(Frame *f, Name name, const Index *index, Span span) {
    Binding new = {name, index, span, false};
    list_add(f->scope->elab->arena, f->binding, new);
}

Affine binding_form(Program *p, const Binding *binding) {
    Affine index = affine_index(p, binding->index);
    if (!binding->is_down) return index;
    return affine_add(p, affine_constant(binding->index->extent - 1), index, -1);
}

Entry *frame_entry(Frame *f, Name name) {
    Scope *s = f->scope;
    Entry *found = scope_own_entry(s, name);
    if (!found) found = output_declare(s, name, true);
    if (!found) found = temporary_declare(s, name);
    return found ? found : scope_entry(s, name);
}

Tensor *frame_operand(const Frame *f, const AstExpr *e) {
    for (int i = 0; i < f->operand.count; i++)
        if (f->operand.item[i].expr == e) return f->operand.item[i].tensor;
    return NULL;
}
