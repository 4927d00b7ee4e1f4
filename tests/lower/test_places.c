// test_places.c: buffers that share a place are never needed at the same time. Judged from the
// loops alone: a step is a statement at the top, or within a loop over chunks, or within its loop
// over samples; between its first and its last step a buffer is needed.
#include "../loop/golden.h"
#include "adjoint/adjoint.h"
#include "loop/walk.h"
#include "lower/lower.h"
#include "syntax/syntax.h"
#include "teach/memory.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 2000 };

typedef struct Need {
    int first, last, first_top, last_top;
    bool by_sample; // always at the sample, or the chunk, of the loops around
} Need;

typedef struct Survey {
    int step, top;
    const LoopVariable *chunk, *sample;
    Need need[MANY];
} Survey;

typedef struct Search {
    const LoopVariable *variable;
    bool found;
} Search;

static void find(void *context, const LoopExpr *e) {
    Search *search = context;
    search->found = search->found || (e->kind == LOOP_VARIABLE && e->variable == search->variable);
}

static bool mentions(const LoopExpr *e, const LoopVariable *v) {
    Search search = {v, false};
    if (v) loop_walk_expr(e, &(LoopVisitor){&search, NULL, find});
    return search.found;
}

// The chunk, its sample, or chunk_size*chunk + s.
static bool is_of_chunk(const Survey *s, const LoopExpr *e) {
    return s->chunk && (mentions(e, s->chunk) || mentions(e, s->sample));
}

static void touch(Survey *s, const LoopBuffer *b, const LoopExpr *const *subscript) {
    Need *need = &s->need[b->slot];
    if (s->step < need->first) need->first = s->step;
    if (s->step > need->last) need->last = s->step;
    if (s->top < need->first_top) need->first_top = s->top;
    if (s->top > need->last_top) need->last_top = s->top;
    need->by_sample = need->by_sample && b->rank && is_of_chunk(s, subscript[0]);
}

static void visit_expr(void *context, const LoopExpr *e) {
    if (e->kind == LOOP_LOAD) touch(context, e->buffer, e->arg);
}

static void visit_statement(void *context, const LoopStatement *s) {
    Survey *survey = context;
    if (s->kind == LOOP_FOR && survey->chunk && mentions(s->low, survey->chunk))
        survey->sample = s->variable;
    if (s->kind == LOOP_STORE) touch(context, s->buffer, s->subscript);
    if (s->kind == LOOP_VIEW) touch(context, s->view->buffer, s->view->subscript);
}

static void survey_whole(Survey *s, LoopStatement *statement) {
    const LoopBody one = {&statement, 1};
    s->step++;
    loop_walk(&one, &(LoopVisitor){s, visit_statement, visit_expr});
}

static bool begins_at(const LoopStatement *loop, const LoopVariable *v) {
    return loop->kind == LOOP_FOR && mentions(loop->low, v);
}

static void survey_top(Survey *s, LoopStatement *statement) {
    if (statement->kind == LOOP_BLOCK) {
        for (int i = 0; i < statement->body.count; i++) survey_top(s, statement->body.item[i]);
        return;
    }
    s->top++;
    if (statement->kind != LOOP_FOR || !statement->parallel) {
        survey_whole(s, statement);
        return;
    }
    s->chunk = statement->variable;
    for (int i = 0; i < statement->body.count; i++) {
        LoopStatement *part = statement->body.item[i];
        bool is_loop = begins_at(part, s->chunk);
        s->sample = is_loop ? part->variable : NULL;
        if (!is_loop) survey_whole(s, part);
        for (int k = 0; is_loop && k < part->body.count; k++) survey_whole(s, part->body.item[k]);
    }
    s->chunk = NULL;
}

// What is wrong with a pair that shares a place; NULL: nothing. *fine counts pairs within a phase.
static const char *wrong_with(const Survey *s, const LoopBuffer *a, const LoopBuffer *b,
                              int *fine) {
    const Need *x = &s->need[a->slot], *y = &s->need[b->slot];
    if (x->first > x->last || y->first > y->last) return NULL;
    if (!(x->last < y->first || y->last < x->first)) return "are needed at once";
    if (x->last_top < y->first_top || y->last_top < x->first_top) return NULL;
    ++*fine;
    bool alike = x->by_sample && y->by_sample && a->shape[0] == b->shape[0] &&
                 loop_buffer_count(a) == loop_buffer_count(b);
    return alike ? NULL : "meet in a phase, where their samples lie differently";
}

typedef struct Found {
    int shared, fine, wrong;
} Found;

static void survey_side(Survey *s, const LoopModule *m, const char *const *name, int count) {
    memset(s, 0, sizeof *s);
    for (int i = 0; i < MANY; i++) s->need[i] = (Need){INT_MAX, -1, INT_MAX, -1, true};
    for (int i = 0; i < count; i++) {
        const LoopFunction *f = loop_function_find(m, name[i]);
        for (int k = 0; f && k < f->body.count; k++) survey_top(s, f->body.item[k]);
    }
}

static Found check_side(const LoopModule *m, const char *const *name, int count) {
    static Survey s;
    Found found = {0};
    survey_side(&s, m, name, count);
    for (int i = 0; i < m->buffer.count; i++)
        for (int k = 0; k < i; k++) {
            const LoopBuffer *a = m->buffer.item[i], *b = m->buffer.item[k];
            if (!loop_buffers_meet(a, b)) continue;
            found.shared++;
            assert_int_equal(loop_buffer_offset(m, a), loop_buffer_offset(m, b));
            const char *wrong = wrong_with(&s, a, b, &found.fine);
            if (wrong) print_message("%s and %s %s\n", a->name, b->name, wrong);
            found.wrong += wrong != NULL;
        }
    return found;
}

static const char *const training[] = {"forward", "backward", "update"};
static const char *const evaluation[] = {"evaluate"};

static LoopModule *lower_spec(Compile *c, const char *path) {
    ElaborateOptions options = {.batch_size = 40};
    Ast *ast = parse_file(c, path);
    Model *model = ast ? elaborate(c, ast, &options) : NULL;
    if (!model) {
        diagnostics_print(c->diagnostics, stderr, DIAGNOSTIC_SHORT, false);
        fail_msg("%s does not compile", path);
    }
    differentiate(model->train, false);
    adjoint_simplify(model->train);
    LowerOptions lower = {.parallel = true};
    return lower_fast(model, &lower, 16);
}

static void places(void **state) {
    Compile *c = compile_new();
    LoopModule *m = lower_spec(c, *state);
    assert_int_equal(loop_check(m, stderr), 0);
    assert_true(m->buffer_count < MANY);
    Found found = check_side(m, training, 3), other = check_side(m, evaluation, 1);
    assert_int_equal(found.wrong, 0);
    assert_int_equal(other.wrong, 0);
    assert_true(found.shared > 0);
    if (strstr(*state, "convblock")) assert_true(found.fine > 0);
    compile_free(c);
}

// The plan as people see it.
static void printed(void **state) {
    (void)state;
    Compile *c = compile_new();
    MemoryPlan plan = lower_memory_plan(lower_spec(c, SPECS "/bench/lenet5.net"));
    Text text = text_new(c->arena);
    memory_print(c->arena, &plan, &text);
    golden_compare(GOLDEN, "lenet5.memory", &text);
    text = text_new(c->arena);
    memory_print_svg(c->arena, &plan, "lenet5", &text);
    golden_compare(GOLDEN, "lenet5.svg", &text);
    compile_free(c);
}

// The judge is awake: two values that backward reads, forced into one place, are noticed.
static void overlap_is_found(void **state) {
    (void)state;
    Compile *c = compile_new();
    LoopModule *m = lower_spec(c, SPECS "/mnist_convblock.net");
    static const char *const name[] = {"convblock_1_batchnorm2d_1_mean",
                                       "convblock_1_batchnorm2d_1_var"};
    for (int i = 0; i < m->buffer.count; i++) {
        LoopBuffer *b = m->buffer.item[i];
        if (!strcmp(b->name, name[0]) || !strcmp(b->name, name[1])) b->place = 9999;
    }
    assert_int_equal(check_side(m, training, 3).wrong, 1);
    compile_free(c);
}

int main(int argc, char **argv) {
    golden_bless = argc > 1 && strcmp(argv[1], "--bless") == 0;
    static char spec[][100] = {SPECS "/mnist_convblock.net",
                               SPECS "/bench/residual.net",
                               SPECS "/bench/transformer.net",
                               SPECS "/bench/lstm.net",
                               SPECS "/bench/mlp.net",
                               SPECS "/bench/lenet5.net",
                               SPECS "/bench/depthwise.net",
                               SPECS "/bench/conv_10_16_20.net",
                               SPECS "/bench/mnist_convblock_equations.net"};
    enum { COUNT = sizeof spec / sizeof *spec };
    struct CMUnitTest test[COUNT + 2];
    for (int i = 0; i < COUNT; i++)
        test[i] = (struct CMUnitTest){spec[i], places, NULL, NULL, spec[i]};
    test[COUNT] = (struct CMUnitTest)cmocka_unit_test(overlap_is_found);
    test[COUNT + 1] = (struct CMUnitTest)cmocka_unit_test(printed);
    return _cmocka_run_group_tests("lower_places", test, COUNT + 2, NULL, NULL);
}
