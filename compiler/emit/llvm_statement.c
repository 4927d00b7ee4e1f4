// llvm_statement.c: loop statements as blocks of LLVM instructions.
#include "emit/llvm.h"

#include <string.h>

static void statement(LlvmEmitter *e, const LoopStatement *s);

static void set_place(LlvmEmitter *e, const LoopVariable *v, LLVMValueRef value, bool is_memory) {
    e->frame.variable[v->slot] = (LlvmPlace){value, is_memory};
}

// What a body declared is out of scope behind it.
static void forget(LlvmEmitter *e, const LoopBody *body) {
    for (int i = 0; i < body->count; i++)
        if (body->item[i]->kind == LOOP_DECLARE) set_place(e, body->item[i]->variable, NULL, false);
}

void llvm_body(LlvmEmitter *e, const LoopBody *body) {
    int views = e->frame.view.count;
    for (int i = 0; i < body->count; i++) statement(e, body->item[i]);
    forget(e, body);
    e->frame.view.count = views;
}

// --- loops
//
//     br head
//   head:  n = phi [first], [next];  br (n is within) body, done
//   body:  ...;  next = n + step;  br head
//   done:

typedef struct Loop {
    LLVMBasicBlockRef before, head, body, done;
    LLVMValueRef index;
} Loop;

static Loop loop_begin(LlvmEmitter *e, const LoopStatement *s, LLVMValueRef low,
                       LLVMValueRef high) {
    const char *name = s->variable->name;
    Loop l = {.before = LLVMGetInsertBlock(e->builder), .head = llvm_new_block(e, name)};
    LLVMValueRef first = s->down ? LLVMBuildNSWSub(e->builder, high, llvm_integer(e, 1), "") : low;
    LLVMBuildBr(e->builder, l.head);
    LLVMPositionBuilderAtEnd(e->builder, l.head);
    l.index = LLVMBuildPhi(e->builder, e->i64, name);
    LLVMAddIncoming(l.index, &first, &l.before, 1);
    LLVMValueRef within = s->down ? LLVMBuildICmp(e->builder, LLVMIntSGE, l.index, low, "")
                                  : LLVMBuildICmp(e->builder, LLVMIntSLT, l.index, high, "");
    l.body = llvm_new_block(e, "body");
    l.done = llvm_new_block(e, "done");
    LLVMBuildCondBr(e->builder, within, l.body, l.done);
    LLVMPositionBuilderAtEnd(e->builder, l.body);
    return l;
}

static void loop_end_at(LlvmEmitter *e, const LoopStatement *s, const Loop *l) {
    LLVMValueRef step = llvm_integer(e, s->down ? -1 : s->step > 1 ? s->step : 1);
    LLVMValueRef next = LLVMBuildNSWAdd(e->builder, l->index, step, "");
    LLVMBasicBlockRef last = LLVMGetInsertBlock(e->builder);
    LLVMAddIncoming(l->index, &next, &last, 1);
    LLVMValueRef back = LLVMBuildBr(e->builder, l->head);
    if (e->frame.simd) llvm_mark_branch(e, back, e->frame.simd);
    LLVMPositionBuilderAtEnd(e->builder, l->done);
}

void llvm_loop(LlvmEmitter *e, const LoopStatement *s, LLVMValueRef low, LLVMValueRef high) {
    LLVMMetadataRef outer = e->frame.simd;
    e->frame.simd = s->simd ? llvm_simd_mark(e) : NULL;
    Loop l = loop_begin(e, s, low, high);
    set_place(e, s->variable, l.index, false);
    llvm_body(e, &s->body);
    set_place(e, s->variable, NULL, false);
    loop_end_at(e, s, &l);
    e->frame.simd = outer;
}

static void for_statement(LlvmEmitter *e, const LoopStatement *s) {
    if (s->parallel && !e->frame.is_parallel && e->options->threads) {
        llvm_parallel_loop(e, s);
        return;
    }
    LLVMValueRef low = llvm_expr(e, s->low);
    llvm_loop(e, s, low, llvm_expr(e, s->high));
}

// --- the others

static void if_statement(LlvmEmitter *e, const LoopStatement *s) {
    bool has_else = s->otherwise.count > 0;
    LLVMValueRef condition = llvm_expr(e, s->value);
    LLVMBasicBlockRef then = llvm_new_block(e, "then");
    LLVMBasicBlockRef otherwise = has_else ? llvm_new_block(e, "else") : NULL;
    LLVMBasicBlockRef end = llvm_new_block(e, "end");
    LLVMBuildCondBr(e->builder, condition, then, has_else ? otherwise : end);
    LLVMPositionBuilderAtEnd(e->builder, then);
    llvm_body(e, &s->body);
    LLVMBuildBr(e->builder, end);
    if (has_else) {
        LLVMPositionBuilderAtEnd(e->builder, otherwise);
        llvm_body(e, &s->otherwise);
        LLVMBuildBr(e->builder, end);
    }
    LLVMPositionBuilderAtEnd(e->builder, end);
}

// A value that nothing else has named.
static void name_value(LLVMValueRef value, const char *name) {
    size_t size;
    LLVMGetValueName2(value, &size);
    if (size == 0 && LLVMIsAInstruction(value)) LLVMSetValueName2(value, name, strlen(name));
}

static void declare_statement(LlvmEmitter *e, const LoopStatement *s) {
    const LoopVariable *v = s->variable;
    LLVMValueRef value = llvm_expr(e, s->value);
    if (s->is_const) {
        name_value(value, v->name);
        set_place(e, v, value, false);
        return;
    }
    LLVMValueRef memory = llvm_local(e, llvm_type(e, v->type), v->name);
    LLVMBuildStore(e->builder, value, memory);
    set_place(e, v, memory, true);
}

static LLVMValueRef sum(LlvmEmitter *e, LoopType type, LLVMValueRef a, LLVMValueRef b) {
    if (type == LOOP_INT) return LLVMBuildNSWAdd(e->builder, a, b, "");
    return llvm_arithmetic(e, LLVMFAdd, a, b);
}

static void assign_statement(LlvmEmitter *e, const LoopStatement *s) {
    const LlvmPlace *place = &e->frame.variable[s->variable->slot];
    LLVMValueRef value = llvm_expr(e, s->value);
    if (!place->value || !place->is_memory)
        internal_error("emit", "%s cannot be assigned", s->variable->name);
    if (s->assign == LOOP_ADD_TO)
        value = sum(e, s->variable->type, llvm_read(e, s->variable), value);
    LLVMBuildStore(e->builder, value, place->value);
}

static void store_statement(LlvmEmitter *e, const LoopStatement *s) {
    LLVMValueRef value = llvm_expr(e, s->value);
    LLVMValueRef address = llvm_element(e, s->buffer, s->subscript);
    bool is_vector = s->value->type == LOOP_VECTOR;
    if (s->assign == LOOP_ADD_TO) {
        LLVMValueRef old = llvm_load_element(e, s->buffer, address, is_vector);
        value = sum(e, s->buffer->type, old, value);
    }
    llvm_store(e, s->buffer, address, value);
}

static void view_statement(LlvmEmitter *e, const LoopStatement *s) {
    LlvmView view = {s->view, llvm_element(e, s->view->buffer, s->view->subscript)};
    LLVMSetValueName2(view.address, s->view->name, strlen(s->view->name));
    list_add(e->arena, e->frame.view, view);
}

static void statement(LlvmEmitter *e, const LoopStatement *s) {
    switch (s->kind) {
    case LOOP_FOR: for_statement(e, s); break;
    case LOOP_IF: if_statement(e, s); break;
    case LOOP_DECLARE: declare_statement(e, s); break;
    case LOOP_ASSIGN: assign_statement(e, s); break;
    case LOOP_STORE: store_statement(e, s); break;
    case LOOP_BLOCK: llvm_body(e, &s->body); break;
    case LOOP_VIEW: view_statement(e, s); break;
    case LOOP_SIZES: // integers carry their values
    case LOOP_COMMENT:
    case LOOP_BLANK: break;
    }
}
