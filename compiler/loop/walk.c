// walk.c: the visitor, and what a function uses.
#include "loop/walk.h"

#include <string.h>

void loop_walk_expr(const LoopExpr *e, const LoopVisitor *visit) {
    if (visit->expr) visit->expr(visit->context, e);
    for (int i = 0; i < e->arg_count; i++) loop_walk_expr(e->arg[i], visit);
}

bool loop_expr_same(const LoopExpr *a, const LoopExpr *b) {
    if (a == b) return true;
    if (a->kind != b->kind || a->type != b->type || a->arg_count != b->arg_count) return false;
    if (a->integer != b->integer || a->variable != b->variable || a->buffer != b->buffer)
        return false;
    if (a->function != b->function || a->stream != b->stream) return false;
    if (memcmp(&a->number, &b->number, sizeof a->number) != 0) return false;
    for (int i = 0; i < a->arg_count; i++)
        if (!loop_expr_same(a->arg[i], b->arg[i])) return false;
    return true;
}

static void walk_statement(const LoopStatement *s, const LoopVisitor *visit) {
    if (visit->statement) visit->statement(visit->context, s);
    if (s->low) loop_walk_expr(s->low, visit);
    if (s->high) loop_walk_expr(s->high, visit);
    for (int i = 0; i < s->subscript_count; i++) loop_walk_expr(s->subscript[i], visit);
    if (s->value) loop_walk_expr(s->value, visit);
    loop_walk(&s->body, visit);
    loop_walk(&s->otherwise, visit);
}

void loop_walk(const LoopBody *body, const LoopVisitor *visit) {
    for (int i = 0; i < body->count; i++) walk_statement(body->item[i], visit);
}

typedef struct UseContext {
    LoopUse use;
    bool *seen; // by slot
} UseContext;

static void use_buffer(UseContext *c, const LoopBuffer *b) {
    c->seen[b->slot] = true;
    if (b->storage != LOOP_LOCAL) c->use.storage[b->storage] = true;
}

static void use_statement(void *context, const LoopStatement *s) {
    UseContext *c = context;
    if (s->kind == LOOP_FOR && s->parallel) c->use.threads = true;
    if (s->kind != LOOP_STORE) return;
    use_buffer(c, s->buffer);
    if (s->buffer->storage != LOOP_LOCAL) c->use.writes[s->buffer->storage] = true;
}

static void use_expr(void *context, const LoopExpr *e) {
    UseContext *c = context;
    if (e->kind == LOOP_LOAD) use_buffer(c, e->buffer);
    if (e->kind == LOOP_RANDOM || e->kind == LOOP_BERNOULLI) c->use.key = true;
    if (e->kind == LOOP_VARIABLE && e->variable->is_batch_count) c->use.N = true;
}

LoopUse loop_function_use(const LoopModule *m, const LoopFunction *f) {
    Arena *a = m->compile->arena;
    UseContext c = {.seen = arena_new_array(a, bool, m->buffer_count + 1)};
    loop_walk(&f->body, &(LoopVisitor){&c, use_statement, use_expr});
    for (int i = 0; i < m->buffer.count; i++)
        if (c.seen[m->buffer.item[i]->slot]) list_add(a, c.use.buffer, m->buffer.item[i]);
    return c.use;
}

// --- local arrays

typedef struct ArrayUses {
    const LoopBuffer *buffer;
    int stores, loads;
} ArrayUses;

static void count_store(void *context, const LoopStatement *s) {
    ArrayUses *u = context;
    u->stores += s->kind == LOOP_STORE && s->buffer == u->buffer;
}

static void count_load(void *context, const LoopExpr *e) {
    ArrayUses *u = context;
    u->loads += e->kind == LOOP_LOAD && e->buffer == u->buffer;
}

static ArrayUses uses_within(const LoopBody *body, const LoopBuffer *b) {
    ArrayUses u = {b, 0, 0};
    loop_walk(body, &(LoopVisitor){&u, count_store, count_load});
    return u;
}

// Visits the outermost parallel loops below `body`.
static void find_home(const LoopBody *body, const LoopBuffer *b, ArrayUses all,
                      const LoopStatement **home, bool *shared) {
    for (int i = 0; i < body->count; i++) {
        const LoopStatement *s = body->item[i];
        if (s->kind != LOOP_FOR || !s->parallel) {
            find_home(&s->body, b, all, home, shared);
            find_home(&s->otherwise, b, all, home, shared);
            continue;
        }
        ArrayUses here = uses_within(&s->body, b);
        if (here.stores > 0 && here.stores == all.stores && here.loads == all.loads)
            *home = s;
        else if (here.stores > 0)
            *shared = true;
    }
}

const LoopStatement *loop_local_home(const LoopFunction *f, const LoopBuffer *b, bool *shared) {
    const LoopStatement *home = NULL;
    find_home(&f->body, b, uses_within(&f->body, b), &home, shared);
    return home;
}
