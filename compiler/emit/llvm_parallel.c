// llvm_parallel.c: a parallel loop as a call of
//
//   void net_parallel(void (*body)(void *context, int64_t low, int64_t high), void *context,
//                     int64_t low, int64_t high, int64_t step, int threads);
//
// which calls body(context, low', high') for parts of the range that together are all of it, each
// beginning a whole number of steps behind low. What the body needs of the function around it
// stands in the context: a struct of values.
#include "emit/llvm.h"
#include "loop/walk.h"

#include <string.h>

typedef struct Captures {
    LlvmEmitter *e;
    const LoopStatement *loop;
    LIST(LLVMValueRef *) place; // where the emitter finds the values
    LIST(LlvmPlace *) variable; // or NULL, beside each place
} Captures;

static void capture(Captures *c, LLVMValueRef *place, LlvmPlace *variable) {
    if (!*place || LLVMIsAConstant(*place)) return;
    for (int i = 0; i < c->place.count; i++)
        if (c->place.item[i] == place) return;
    list_add(c->e->arena, c->place, place);
    list_add(c->e->arena, c->variable, variable);
}

static bool is_own_array(const Captures *c, const LoopBuffer *b) {
    bool shared = false;
    return loop_local_home(c->e->function, b, &shared) == c->loop;
}

static void capture_buffer(Captures *c, const LoopBuffer *b) {
    LlvmFrame *f = &c->e->frame;
    if (b->storage != LOOP_LOCAL)
        capture(c, &f->block[b->storage], NULL);
    else if (!is_own_array(c, b))
        capture(c, &f->array[b->slot], NULL);
}

static void capture_view(Captures *c, const LoopView *view) {
    LlvmFrame *f = &c->e->frame;
    for (int i = 0; i < f->view.count; i++)
        if (f->view.item[i].view == view) capture(c, &f->view.item[i].address, NULL);
}

static void capture_expr(void *context, const LoopExpr *x) {
    Captures *c = context;
    LlvmFrame *f = &c->e->frame;
    if (x->kind == LOOP_VARIABLE) {
        LlvmPlace *place = &f->variable[x->variable->slot];
        capture(c, &place->value, place);
    }
    if (x->kind == LOOP_LOAD) capture_buffer(c, x->buffer);
    if (x->kind == LOOP_LOAD && x->view) capture_view(c, x->view);
    if (x->kind == LOOP_RANDOM || x->kind == LOOP_BERNOULLI) {
        capture(c, &f->seed, NULL);
        capture(c, &f->step, NULL);
    }
}

static void capture_statement(void *context, const LoopStatement *s) {
    Captures *c = context;
    if (s->kind == LOOP_STORE) capture_buffer(c, s->buffer);
    if (s->kind == LOOP_VIEW) { // its own subscripts are not visited
        capture_buffer(c, s->view->buffer);
        const LoopVisitor visit = {c, capture_statement, capture_expr};
        for (int i = 0; i < s->view->buffer->rank; i++)
            loop_walk_expr(s->view->subscript[i], &visit);
    }
}

static Captures captures_of(LlvmEmitter *e, const LoopStatement *s) {
    Captures c = {.e = e, .loop = s};
    loop_walk(&s->body, &(LoopVisitor){&c, capture_statement, capture_expr});
    return c;
}

// A local in memory is handed over as the value that it has: iterations only read it.
static LLVMValueRef captured_value(Captures *c, int i) {
    LLVMValueRef value = *c->place.item[i];
    const LlvmPlace *variable = c->variable.item[i];
    if (!variable || !variable->is_memory) return value;
    return LLVMBuildLoad2(c->e->builder, LLVMGetAllocatedType(value), value, "");
}

static LLVMValueRef member(LlvmEmitter *e, LLVMTypeRef type, LLVMValueRef context, int i) {
    return LLVMBuildStructGEP2(e->builder, type, context, (unsigned)i, "");
}

// Fills the context; returns it and its type.
static LLVMValueRef fill_context(LlvmEmitter *e, Captures *c, LLVMTypeRef *type) {
    int count = c->place.count;
    LLVMValueRef *value = arena_new_array(e->arena, LLVMValueRef, count + 1);
    LLVMTypeRef *of = arena_new_array(e->arena, LLVMTypeRef, count + 1);
    for (int i = 0; i < count; i++) {
        value[i] = captured_value(c, i);
        of[i] = LLVMTypeOf(value[i]);
    }
    *type = LLVMStructTypeInContext(e->context, of, (unsigned)count, false);
    LLVMValueRef context = llvm_local(e, *type, "context");
    for (int i = 0; i < count; i++)
        LLVMBuildStore(e->builder, value[i], member(e, *type, context, i));
    return context;
}

// A frame whose places may change while those of the outer one stay.
static LlvmFrame copy_frame(LlvmEmitter *e) {
    const LoopModule *m = e->module;
    const LlvmFrame *f = &e->frame;
    LlvmFrame copy = *f;
    size_t variables = (size_t)m->variable_count + 1, arrays = (size_t)m->buffer_count + 1;
    copy.variable = arena_new_array(e->arena, LlvmPlace, variables);
    copy.array = arena_new_array(e->arena, LLVMValueRef, arrays);
    copy.view.item = arena_new_array(e->arena, LlvmView, f->view.count + 1);
    copy.view.capacity = f->view.count + 1;
    memcpy(copy.variable, f->variable, sizeof *copy.variable * variables);
    memcpy(copy.array, f->array, sizeof *copy.array * arrays);
    for (int i = 0; i < f->view.count; i++) copy.view.item[i] = f->view.item[i];
    return copy;
}

static LLVMValueRef body_function(LlvmEmitter *e, const LoopStatement *s) {
    LLVMTypeRef parameter[] = {e->pointer, e->i64, e->i64};
    LLVMTypeRef type = LLVMFunctionType(e->nothing, parameter, 3, false);
    const char *name = arena_printf(e->arena, "%s_%s.%s.%d", e->module->model, e->function->name,
                                    s->variable->name, ++e->loops);
    LLVMValueRef f = LLVMAddFunction(e->out, name, type);
    LLVMSetLinkage(f, LLVMInternalLinkage);
    llvm_attribute(e, f, 0, "nounwind");
    llvm_attribute(e, f, 1, "noalias");
    return f;
}

// The values of the context take the places of those that they were made of.
static void unpack(LlvmEmitter *e, Captures *c, LLVMTypeRef type, LLVMValueRef context) {
    for (int i = 0; i < c->place.count; i++) {
        LLVMTypeRef of = LLVMStructGetTypeAtIndex(type, (unsigned)i);
        LLVMValueRef value = LLVMBuildLoad2(e->builder, of, member(e, type, context, i), "");
        *c->place.item[i] = value;
        if (c->variable.item[i]) c->variable.item[i]->is_memory = false;
    }
}

// Its arrays are those of the function's frame that belong to no one else.
static void own_arrays(LlvmEmitter *e, const LoopStatement *s) {
    for (int i = 0; i < e->function->local.count; i++) {
        const LoopBuffer *b = e->function->local.item[i];
        bool shared = false;
        if (loop_local_home(e->function, b, &shared) == s) llvm_local_array(e, b);
    }
}

static LLVMValueRef write_body(LlvmEmitter *e, const LoopStatement *s, Captures *c,
                               LLVMTypeRef type) {
    LlvmFrame outer = copy_frame(e);
    LLVMValueRef f = body_function(e, s);
    LlvmOuter before = llvm_enter(e, f);
    e->frame.is_parallel = true;
    unpack(e, c, type, LLVMGetParam(f, 0));
    own_arrays(e, s);
    llvm_loop(e, s, LLVMGetParam(f, 1), LLVMGetParam(f, 2));
    LLVMBuildRetVoid(e->builder);
    e->frame = outer;
    llvm_leave(e, before);
    return f;
}

void llvm_parallel_loop(LlvmEmitter *e, const LoopStatement *s) {
    LLVMTypeRef type, parameter[] = {e->pointer, e->pointer, e->i64, e->i64, e->i64, e->i32};
    LLVMTypeRef signature = LLVMFunctionType(e->nothing, parameter, 6, false);
    LLVMValueRef run = LLVMGetNamedFunction(e->out, LLVM_PARALLEL);
    if (!run) {
        run = LLVMAddFunction(e->out, LLVM_PARALLEL, signature);
        llvm_attribute(e, run, 0, "nounwind");
    }
    LLVMValueRef low = llvm_expr(e, s->low), high = llvm_expr(e, s->high);
    Captures c = captures_of(e, s);
    LLVMValueRef context = fill_context(e, &c, &type), body = write_body(e, s, &c, type);
    LLVMValueRef step = llvm_integer(e, s->step > 1 ? s->step : 1);
    LLVMValueRef argument[] = {body, context, low, high, step, e->frame.threads};
    LLVMBuildCall2(e->builder, signature, run, argument, 6, "");
}
