// check.c: proves that a loop module is sound: types agree, names are unique where they are
// visible, and every access lies within its array whatever N, the data and the random numbers are.
// A module that fails was lowered wrongly.
#include "loop/check.h"

#include "loop/walk.h"

#include <inttypes.h>
#include <string.h>

void check_problem(Check *c, const char *format, ...) {
    c->problems++;
    if (!c->out) return;
    va_list values;
    va_start(values, format);
    fprintf(c->out, "%s: ", c->function ? c->function->name : c->module->model);
    vfprintf(c->out, format, values);
    fputc('\n', c->out);
    va_end(values);
}

static const char *text_of(const Check *c, const LoopExpr *e) {
    return loop_expr_text(c->module, e);
}

// --- names in scope

static void show(Check *c, Name name, const void *what) {
    for (int i = 0; i < c->visible.count; i++)
        if (strcmp(c->visible.item[i].name, name) == 0)
            check_problem(c, "the name %s is used twice where both are visible", name);
    list_add(c->prover->scratch, c->visible, ((Visible){name, what}));
}

static int visible_index(const Check *c, const void *what) {
    for (int i = c->visible.count - 1; i >= 0; i--)
        if (c->visible.item[i].what == what) return i;
    return -1;
}

// --- expressions

// A vector takes `lanes` elements of the last axis, from the subscripted one on.
static void check_element(Check *c, const LoopBuffer *b, const LoopExpr *const *subscript,
                          int count, LoopType type) {
    if (visible_index(c, b) < 0) check_problem(c, "%s does not belong to this function", b->name);
    if (count != b->rank) {
        check_problem(c, "%s has %d axes and %d subscripts", b->name, b->rank, count);
        return;
    }
    for (int i = 0; i < count; i++) {
        int64_t behind = type == LOOP_VECTOR && i == count - 1 ? c->module->lanes - 1 : 0;
        if (subscript[i]->type != LOOP_INT)
            check_problem(c, "subscript %d of %s is no integer", i, b->name);
        else if (!prover_is_within(c->prover, subscript[i], b->shape[i] - behind))
            check_problem(c, "subscript %d of %s, %s, may leave 0 .. %" PRId64, i, b->name,
                          text_of(c, subscript[i]), b->shape[i] - 1 - behind);
    }
}

static void check_expr(Check *c, const LoopExpr *e);

// e under the assumption that the condition holds, or does not.
static void check_under(Check *c, const LoopExpr *e, const LoopExpr *condition, bool holds) {
    ProverMark mark = prover_mark(c->prover);
    prover_assume(c->prover, condition, holds);
    check_expr(c, e);
    prover_release(c->prover, mark);
}

static void check_overflow(Check *c, const LoopExpr *e) {
    Range r = prover_range(c->prover, e);
    if (r.low < INT32_MIN || r.high > INT32_MAX)
        check_problem(c, "%s may leave the range of int", text_of(c, e));
}

// The element of a load by view is where its subscripts say.
static void check_view(Check *c, const LoopExpr *e) {
    LoopModule *m = (LoopModule *)c->module;
    const LoopExpr *gap = loop_integer(m, -e->integer, NULL);
    int64_t stride = 1;
    for (int i = e->arg_count - 1; i >= 0; i--) {
        const LoopExpr *steps = loop_binary(m, LOOP_SUBTRACT, e->arg[i], e->view->subscript[i]);
        gap = loop_binary(m, LOOP_ADD, gap,
                          loop_binary(m, LOOP_MULTIPLY, loop_integer(m, stride, NULL), steps));
        stride *= e->buffer->shape[i];
    }
    if (e->view->buffer != e->buffer || !prover_is_within(c->prover, gap, 1))
        check_problem(c, "%s is not %" PRId64 " elements behind %s", text_of(c, e), e->integer,
                      e->view->name);
}

static void check_expr(Check *c, const LoopExpr *e) {
    int before = c->problems;
    check_expr_types(c, e);
    if (c->problems > before) return;
    bool lazy = e->kind == LOOP_SELECT || e->kind == LOOP_AND || e->kind == LOOP_OR;
    for (int i = 0; i < e->arg_count; i++) {
        if (lazy && i > 0)
            check_under(c, e->arg[i], e->arg[0],
                        e->kind == LOOP_SELECT ? i == 1 : e->kind == LOOP_AND);
        else
            check_expr(c, e->arg[i]);
    }
    if (e->kind == LOOP_VARIABLE && visible_index(c, e->variable) < 0)
        check_problem(c, "%s is read where it is not declared", e->variable->name);
    if (e->kind == LOOP_LOAD) check_element(c, e->buffer, e->arg, e->arg_count, e->type);
    if (e->kind == LOOP_LOAD && e->view) check_view(c, e);
    if (e->type == LOOP_INT) check_overflow(c, e);
}

static void check_expr_of(Check *c, const LoopExpr *e, LoopType type) {
    check_expr(c, e);
    if (e->type != type)
        check_problem(c, "%s is %s where %s is wanted", text_of(c, e), loop_type_name(e->type),
                      loop_type_name(type));
}

// --- statements

static void check_body(Check *c, const LoopBody *body);

static void check_scope(Check *c, const LoopBody *body) {
    int visible = c->visible.count;
    check_body(c, body);
    c->visible.count = visible;
}

static bool has_loop(const LoopBody *body) {
    for (int i = 0; i < body->count; i++) {
        const LoopStatement *s = body->item[i];
        if (s->kind == LOOP_FOR || has_loop(&s->body) || has_loop(&s->otherwise)) return true;
    }
    return false;
}

static void check_step(Check *c, const LoopStatement *s) {
    Name index = s->variable->name;
    if (s->step < 0 || (s->down && s->step > 1))
        check_problem(c, "the loop over %s has the step %" PRId64, index, s->step);
    // C adds the step once more after the last turn.
    else if (prover_range(c->prover, s->high).high + s->step > (int64_t)INT32_MAX + 1)
        check_problem(c, "the index %s may leave the range of int", index);
    if (s->simd && has_loop(&s->body))
        check_problem(c, "the loop over %s is marked simd and is not innermost", index);
}

static void check_for(Check *c, const LoopStatement *s) {
    check_expr_of(c, s->low, LOOP_INT);
    check_expr_of(c, s->high, LOOP_INT);
    if (s->variable->type != LOOP_INT)
        check_problem(c, "the loop index %s is no int", s->variable->name);
    check_name(c, s->variable->name);
    const LoopExpr *limit = s->down ? s->low : s->high; // C computes it anew before every turn
    if (!prover_is_stable(c->prover, limit))
        check_problem(c, "the bound %s of a loop may change while it runs", text_of(c, limit));
    const int64_t step = s->step > 1 ? s->step : 1;
    check_step(c, s);
    ProverMark mark = prover_mark(c->prover);
    int visible = c->visible.count, parallel_from = c->parallel_from;
    double executions = c->executions;
    if (s->simd || (s->parallel && parallel_from < 0)) c->parallel_from = visible;
    show(c, s->variable->name, s->variable);
    prover_bind_loop(c->prover, s->variable, s->low, s->high, step);
    Range r = c->prover->range[s->variable->slot];
    c->executions *= (double)((r.high - r.low) / step + 1);
    check_body(c, &s->body);
    prover_release(c->prover, mark);
    c->visible.count = visible;
    c->parallel_from = parallel_from;
    c->executions = executions;
}

static void check_if(Check *c, const LoopStatement *s) {
    check_expr_of(c, s->value, LOOP_BOOL);
    ProverMark mark = prover_mark(c->prover);
    prover_assume(c->prover, s->value, true);
    check_scope(c, &s->body);
    prover_release(c->prover, mark);
    prover_assume(c->prover, s->value, false);
    check_scope(c, &s->otherwise);
    prover_release(c->prover, mark);
}

// Widens what an assigned variable may be by one more value.
static void take_value(Check *c, const LoopVariable *v, LoopAssign assign, const LoopExpr *value) {
    if (c->out || v->type != LOOP_INT || value->type != LOOP_INT) return;
    Range r = assign == LOOP_SET ? prover_range(c->prover, value) : (Range){INT32_MIN, INT32_MAX};
    Range *all = &c->assigned[v->slot];
    if (r.low < all->low) all->low = r.low;
    if (r.high > all->high) all->high = r.high;
}

static void check_declare(Check *c, const LoopStatement *s) {
    check_expr_of(c, s->value, s->variable->type);
    check_name(c, s->variable->name);
    if (s->variable->type == LOOP_INT && s->is_const)
        prover_bind_value(c->prover, s->variable, s->value);
    else
        take_value(c, s->variable, LOOP_SET, s->value);
    show(c, s->variable->name, s->variable);
}

// Sums of integers grow with each turn of the loops around them.
static void check_growth(Check *c, LoopType type, const LoopExpr *value) {
    if (type != LOOP_INT) return;
    Range r = prover_range(c->prover, value);
    double most = (double)(r.high > -r.low ? r.high : -r.low);
    if (most * c->executions > 1073741824.0)
        check_problem(c, "the sum of %s may leave the range of int", text_of(c, value));
}

static void check_assign(Check *c, const LoopStatement *s) {
    int at = visible_index(c, s->variable);
    check_expr_of(c, s->value, s->variable->type);
    if (at < 0)
        check_problem(c, "%s is assigned where it is not declared", s->variable->name);
    else if (!c->prover->is_assigned[s->variable->slot])
        check_problem(c, "%s is constant and cannot be assigned", s->variable->name);
    else if (at < c->parallel_from)
        check_problem(c, "a parallel loop assigns %s, which its iterations share",
                      s->variable->name);
    if (s->assign == LOOP_ADD_TO) check_growth(c, s->variable->type, s->value);
    take_value(c, s->variable, s->assign, s->value);
}

static bool is_writable(const Check *c, const LoopBuffer *b) {
    if (b->storage == LOOP_STATES) return strcmp(c->function->name, "update") == 0;
    return b->storage != LOOP_PARAMS && b->storage != LOOP_BATCH;
}

static void check_store(Check *c, const LoopStatement *s) {
    for (int i = 0; i < s->subscript_count; i++) check_expr(c, s->subscript[i]);
    bool vector = s->value->type == LOOP_VECTOR && s->buffer->type == LOOP_REAL;
    check_element(c, s->buffer, s->subscript, s->subscript_count, s->value->type);
    check_expr_of(c, s->value, vector && s->buffer->rank > 0 ? LOOP_VECTOR : s->buffer->type);
    if (!is_writable(c, s->buffer)) check_problem(c, "%s is read-only here", s->buffer->name);
    if (s->assign == LOOP_ADD_TO) check_growth(c, s->buffer->type, s->value);
    if (s->buffer->type == LOOP_INT && s->buffer->value_limit > 0 && s->assign == LOOP_SET &&
        !prover_is_within(c->prover, s->value, s->buffer->value_limit))
        check_problem(c, "%s, stored in %s, may leave 0 .. %" PRId64, text_of(c, s->value),
                      s->buffer->name, s->buffer->value_limit - 1);
}

static void check_sizes(Check *c, const LoopStatement *s) {
    for (int i = 0; i < s->size_count; i++) {
        check_name(c, s->size[i].name);
        show(c, s->size[i].name, &s->size[i]);
        if (s->size[i].value < INT32_MIN || s->size[i].value > INT32_MAX)
            check_problem(c, "the size %s does not fit an int", s->size[i].name);
    }
}

static void check_statement(Check *c, const LoopStatement *s) {
    switch (s->kind) {
    case LOOP_FOR: check_for(c, s); break;
    case LOOP_IF: check_if(c, s); break;
    case LOOP_DECLARE: check_declare(c, s); break;
    case LOOP_ASSIGN: check_assign(c, s); break;
    case LOOP_STORE: check_store(c, s); break;
    case LOOP_BLOCK: check_scope(c, &s->body); break;
    case LOOP_SIZES: check_sizes(c, s); break;
    case LOOP_VIEW:
        check_name(c, s->view->name);
        check_element(c, s->view->buffer, s->view->subscript, s->view->buffer->rank, s->view->buffer->type);
        break;
    case LOOP_COMMENT:
    case LOOP_BLANK: break;
    }
}

static void check_body(Check *c, const LoopBody *body) {
    for (int i = 0; i < body->count; i++) check_statement(c, body->item[i]);
}

// --- functions

static void note_assigned(void *context, const LoopStatement *s) {
    Check *c = context;
    if (s->kind == LOOP_DECLARE && !s->is_const) c->prover->is_assigned[s->variable->slot] = true;
}

// A local array that several iterations of a parallel loop could see at once.
static void check_local_homes(Check *c, const LoopFunction *f) {
    for (int i = 0; i < f->local.count; i++) {
        bool shared = false;
        loop_local_home(f, f->local.item[i], &shared);
        if (shared)
            check_problem(c, "the local array %s is shared by the iterations of a parallel loop",
                          f->local.item[i]->name);
    }
}

static void check_pass(Check *c, const LoopFunction *f) {
    c->visible.count = 0;
    c->parallel_from = -1;
    c->executions = 1;
    LoopUse use = loop_function_use(c->module, f);
    show(c, f->N->name, f->N);
    c->prover->range[f->N->slot] = (Range){1, c->module->batch_size};
    for (int i = 0; i < use.buffer.count; i++)
        show(c, use.buffer.item[i]->name, use.buffer.item[i]);
    for (int i = 0; i < f->local.count; i++) show(c, f->local.item[i]->name, f->local.item[i]);
    ProverMark mark = prover_mark(c->prover);
    check_body(c, &f->body);
    prover_release(c->prover, mark);
}

// What an assigned variable may be is the union of all that is assigned to it anywhere. The first
// pass collects that while it takes every such variable for any int; the second proves with it.
static void check_function(Check *c, const LoopFunction *f) {
    FILE *out = c->out;
    c->function = f;
    loop_walk(&f->body, &(LoopVisitor){c, note_assigned, NULL});
    for (int i = 0; i < c->module->variable_count; i++)
        c->assigned[i] = (Range){INT32_MAX, INT32_MIN};
    c->out = NULL;
    check_pass(c, f);
    c->out = out;
    c->problems = 0;
    for (int i = 0; i < c->module->variable_count; i++)
        if (c->prover->is_assigned[i] && c->assigned[i].low <= c->assigned[i].high)
            c->prover->range[i] = c->assigned[i];
    check_local_homes(c, f);
    check_pass(c, f);
}

int loop_check(const LoopModule *m, FILE *out) {
    Arena *scratch = arena_new(0);
    Check c = {.module = m, .out = out, .prover = prover_new(m, scratch), .parallel_from = -1};
    c.assigned = arena_new_array(scratch, Range, m->variable_count + 1);
    check_module(&c);
    int problems = c.problems; // without sound buffers there is nothing to prove
    bool sound = problems == 0;
    for (int i = 0; i < m->function.count && sound; i++) {
        check_function(&c, m->function.item[i]);
        problems += c.problems;
        c.problems = 0;
    }
    arena_free(scratch);
    return problems;
}
