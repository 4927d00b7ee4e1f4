// llvm_memory.c: blocks as structs, elements, loads and stores.
//
// C says `restrict` of each array. Here each buffer is a type of its own for alias analysis (TBAA):
// what is loaded of one buffer is not changed by a store to another. Buffers of one place share a
// type.
#include "emit/llvm.h"
#include "loop/express.h"
#include "net_model.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

static const char *const access_kind = "tbaa", *const loop_kind = "llvm.loop",
                         *const independent_kind = "llvm.mem.parallel_loop_access";

static unsigned kind_of(const LlvmEmitter *e, const char *name) {
    return LLVMGetMDKindIDInContext(e->context, name, (unsigned)strlen(name));
}

// --- types

static LLVMTypeRef array_type(const LlvmEmitter *e, const LoopBuffer *b) {
    LLVMTypeRef type = llvm_memory_type(e, b->type);
    for (int i = b->rank - 1; i >= 0; i--) type = LLVMArrayType2(type, (uint64_t)b->shape[i]);
    return type;
}

// The struct of a block; gradients have the parameters' members and need none. A place that buffers
// share has the type of its largest.
static void block_type(LlvmEmitter *e, LoopStorage storage) {
    const LoopModule *m = e->module;
    LLVMTypeRef *member = arena_new_array(e->arena, LLVMTypeRef, m->buffer.count + 1);
    const LoopBuffer *before = NULL, *largest = NULL;
    unsigned count = 0;
    for (int i = 0; i < m->buffer.count; i++) {
        const LoopBuffer *b = m->buffer.item[i];
        if (b->storage != storage) continue;
        bool shares = before && loop_buffers_meet(before, b);
        if (!shares) count++;
        if (!shares || loop_buffer_count(b) > loop_buffer_count(largest)) largest = b;
        e->member[b->slot] = count - 1;
        member[count - 1] = array_type(e, largest);
        before = b;
    }
    const char *name = arena_printf(e->arena, "%s_%s", m->model, loop_storage_name(storage));
    e->block_type[storage] = LLVMStructCreateNamed(e->context, name);
    LLVMStructSetBody(e->block_type[storage], member, count, false);
}

static LLVMMetadataRef string(const LlvmEmitter *e, const char *text) {
    return LLVMMDStringInContext2(e->context, text, strlen(text));
}

static LLVMMetadataRef node(const LlvmEmitter *e, LLVMMetadataRef *item, size_t count) {
    return LLVMMDNodeInContext2(e->context, item, count);
}

static void access_tag(LlvmEmitter *e, const LoopBuffer *b, LLVMMetadataRef root) {
    LLVMMetadataRef zero = LLVMValueAsMetadata(llvm_integer(e, 0));
    const char *storage = loop_storage_name(b->storage);
    const char *name = b->place ? arena_printf(e->arena, "%s.place.%d", storage, b->place)
                                : arena_printf(e->arena, "%s.%s.%d", storage, b->name, b->slot);
    LLVMMetadataRef type = node(e, (LLVMMetadataRef[]){string(e, name), root, zero}, 3);
    LLVMMetadataRef tag = node(e, (LLVMMetadataRef[]){type, type, zero}, 3);
    e->access[b->slot] = LLVMMetadataAsValue(e->context, tag);
}

void llvm_block_types(LlvmEmitter *e) {
    const LoopModule *m = e->module;
    e->member = arena_new_array(e->arena, unsigned, m->buffer_count + 1);
    e->access = arena_new_array(e->arena, LLVMValueRef, m->buffer_count + 1);
    LLVMMetadataRef name = string(e, m->model), root = node(e, &name, 1);
    for (int s = 0; s < LOOP_LOCAL; s++) block_type(e, (LoopStorage)s);
    for (int i = 0; i < m->buffer.count; i++) access_tag(e, m->buffer.item[i], root);
    for (int i = 0; i < m->function.count; i++)
        for (int k = 0; k < m->function.item[i]->local.count; k++)
            access_tag(e, m->function.item[i]->local.item[k], root);
}

// --- elements

LLVMValueRef llvm_local(LlvmEmitter *e, LLVMTypeRef type, const char *name) {
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->context);
    LLVMPositionBuilderAtEnd(b, e->frame.entry);
    LLVMValueRef memory = LLVMBuildAlloca(b, type, name);
    LLVMDisposeBuilder(b);
    return memory;
}

void llvm_local_array(LlvmEmitter *e, const LoopBuffer *b) {
    LLVMValueRef memory = llvm_local(e, array_type(e, b), b->name);
    LLVMSetAlignment(memory, NET_ALIGN);
    e->frame.array[b->slot] = memory;
}

// The buffer itself, where it has an address of its own or the member's type may be another's;
// else its block.
static LLVMValueRef base_of(LlvmEmitter *e, const LoopBuffer *b, bool *is_array) {
    bool is_local = b->storage == LOOP_LOCAL;
    LLVMValueRef base = is_local ? e->frame.array[b->slot] : e->frame.block[b->storage];
    if (!base) internal_error("emit", "%s is not in scope", b->name);
    *is_array = is_local || b->place;
    return is_local || !b->place ? base
                                 : LLVMBuildStructGEP2(e->builder, e->block_type[b->storage], base,
                                                       e->member[b->slot], "");
}

LLVMValueRef llvm_element(LlvmEmitter *e, const LoopBuffer *b, const LoopExpr *const *subscript) {
    LLVMValueRef *index = arena_new_array(e->arena, LLVMValueRef, b->rank + 2);
    bool is_array;
    LLVMValueRef base = base_of(e, b, &is_array);
    unsigned count = 0;
    index[count++] = llvm_integer(e, 0);
    if (!is_array) index[count++] = LLVMConstInt(e->i32, e->member[b->slot], false);
    for (int i = 0; i < b->rank; i++) index[count++] = llvm_expr(e, subscript[i]);
    LLVMTypeRef type = is_array ? array_type(e, b) : e->block_type[b->storage];
    return LLVMBuildInBoundsGEP2(e->builder, type, base, index, count, "");
}

static LLVMValueRef view_address(LlvmEmitter *e, const LoopView *view) {
    for (int i = e->frame.view.count - 1; i >= 0; i--)
        if (e->frame.view.item[i].view == view) return e->frame.view.item[i].address;
    internal_error("emit", "the view %s is not in scope", view->name);
}

static LLVMValueRef address_of(LlvmEmitter *e, const LoopExpr *x) {
    if (!x->view) return llvm_element(e, x->buffer, x->arg);
    LLVMValueRef base = view_address(e, x->view), index = llvm_integer(e, x->integer);
    LLVMTypeRef type = llvm_memory_type(e, x->buffer->type);
    return LLVMBuildInBoundsGEP2(e->builder, type, base, &index, 1, "");
}

// What is known of an access: its buffer, and that it depends on no other iteration.
static void mark_access(LlvmEmitter *e, LLVMValueRef access, const LoopBuffer *b, bool is_vector) {
    LLVMSetMetadata(access, kind_of(e, access_kind), e->access[b->slot]);
    if (e->frame.simd)
        LLVMSetMetadata(access, kind_of(e, independent_kind),
                        LLVMMetadataAsValue(e->context, e->frame.simd));
    if (is_vector) LLVMSetAlignment(access, e->module->is_f32 ? 4 : 8);
}

LLVMValueRef llvm_load_element(LlvmEmitter *e, const LoopBuffer *b, LLVMValueRef address,
                               bool is_vector) {
    LLVMTypeRef type = is_vector ? e->vector : llvm_memory_type(e, b->type);
    LLVMValueRef value = LLVMBuildLoad2(e->builder, type, address, b->rank ? "" : b->name);
    mark_access(e, value, b, is_vector);
    return b->type == LOOP_INT ? LLVMBuildSExt(e->builder, value, e->i64, "") : value;
}

LLVMValueRef llvm_load(LlvmEmitter *e, const LoopExpr *x) {
    return llvm_load_element(e, x->buffer, address_of(e, x), x->type == LOOP_VECTOR);
}

void llvm_store(LlvmEmitter *e, const LoopBuffer *b, LLVMValueRef address, LLVMValueRef value) {
    if (b->type == LOOP_INT) value = LLVMBuildTrunc(e->builder, value, e->i32, "");
    LLVMValueRef store = LLVMBuildStore(e->builder, value, address);
    mark_access(e, store, b, LLVMTypeOf(value) == e->vector);
}

// --- loops

LLVMMetadataRef llvm_simd_mark(LlvmEmitter *e) {
    LLVMMetadataRef self = LLVMTemporaryMDNode(e->context, NULL, 0), mark = node(e, &self, 1);
    LLVMMetadataReplaceAllUsesWith(self, mark);
    return mark;
}

void llvm_mark_branch(LlvmEmitter *e, LLVMValueRef branch, LLVMMetadataRef mark) {
    LLVMSetMetadata(branch, kind_of(e, loop_kind), LLVMMetadataAsValue(e->context, mark));
}
