// compare.c: see compare.h. The sums of lowered loops run in another order than those of the
// oracle, and products are formed from other factors: 1e-11 in double and 1e-4 in float leave room
// for sums of some thousand terms.
#include "compare.h"

#include "equation_eval.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double tolerance_f64 = 1e-11, tolerance_f32 = 1e-4;

typedef struct Run {
    Model *model;
    LoopModule *m;
    LoopCall call;
    Values *train, *eval;
} Run;

static double draw(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 40) / 16777216.0;
}

static void put(const Run *r, const LoopBuffer *b, size_t i, double x) {
    char *at = (char *)r->call.block[b->storage] + loop_buffer_offset(r->m, b);
    if (b->type == LOOP_INT)
        ((int32_t *)(void *)at)[i] = (int32_t)x;
    else if (b->type == LOOP_REAL && r->m->is_f32)
        ((float *)(void *)at)[i] = (float)x;
    else
        ((double *)(void *)at)[i] = x;
}

static double get(const Run *r, const LoopBuffer *b, size_t i) {
    const char *at = (const char *)r->call.block[b->storage] + loop_buffer_offset(r->m, b);
    if (b->type == LOOP_INT) return ((const int32_t *)(const void *)at)[i];
    if (b->type == LOOP_REAL && r->m->is_f32) return ((const float *)(const void *)at)[i];
    return ((const double *)(const void *)at)[i];
}

static void fill(Run *r) {
    uint64_t state = 1;
    for (int i = 0; i < r->model->train->tensor.count; i++) {
        const Tensor *t = r->model->train->tensor.item[i];
        const LoopBuffer *b = lower_buffer_of(r->m, t);
        if (t->role == TENSOR_VALUE || t->role == TENSOR_GRADIENT || t->role == TENSOR_RESULT)
            continue;
        const Tensor *twin = tensor_find(r->model->eval, t->name);
        for (int64_t k = 0; k < tensor_count(t); k++) {
            double x = draw(&state);
            x = t->is_int                 ? floor(x * (double)t->classes)
                : t->role == TENSOR_STATE ? 0.5 + x
                                          : 2 * x - 1;
            if (r->m->is_f32) x = (float)x;
            put(r, b, (size_t)k, x);
            values_of(r->train, t)[k] = x;
            values_of(r->eval, twin)[k] = x;
        }
    }
}

static void run(Run *r, const char *name) {
    const char *problem = NULL;
    const LoopFunction *f = loop_function_find(r->m, name);
    if (!f) return;
    if (!loop_eval(r->m, f, &r->call, &problem)) fail_msg("%s: %s", name, problem);
}

// Elements of samples that are in the batch.
static size_t filled(const Tensor *t, int N) {
    size_t count = (size_t)tensor_count(t);
    bool samples = t->rank && t->axis[0]->is_sample;
    return samples ? count / (size_t)t->axis[0]->extent * (size_t)N : count;
}

static void compare_tensor(const Run *r, Values *v, const Tensor *t, const char *where) {
    const LoopBuffer *b = lower_buffer_of(r->m, t);
    if (!b || !v->of[t->id]) return;
    const double *want = v->of[t->id];
    double largest = 1e-30, tolerance = r->m->is_f32 ? tolerance_f32 : tolerance_f64;
    for (size_t k = 0; k < filled(t, r->call.N); k++)
        if (fabs(want[k]) > largest && isfinite(want[k])) largest = fabs(want[k]);
    for (size_t k = 0; k < filled(t, r->call.N); k++) {
        double got = get(r, b, k);
        if (got == want[k] || (isnan(got) && isnan(want[k]))) continue;
        if (!(fabs(got - want[k]) <= tolerance * largest))
            fail_msg("%s: %s[%zu] is %.17g, its equation says %.17g", where, t->name, k, got,
                     want[k]);
    }
}

static void compare_all(const Run *r, Values *v, const char *where) {
    for (int i = 0; i < v->p->tensor.count; i++) compare_tensor(r, v, v->p->tensor.item[i], where);
}

static void run_training(Run *r) {
    Program *p = r->model->train;
    run(r, "forward");
    values_run(r->train, p->forward.item, p->forward.count);
    compare_all(r, r->train, "forward");
    run(r, "backward");
    values_run(r->train, p->backward.item, p->backward.count);
    compare_all(r, r->train, "backward");
}

void compare_model(Model *model, int N, bool keep) {
    LowerOptions options = {.parallel = true, .keep_values = keep};
    Run r = {.model = model, .m = lower_plain(model, &options)};
    assert_int_equal(loop_check(r.m, stderr), 0);
    r.call.N = N;
    r.call.seed = 7;
    r.call.step = 3;
    for (int s = 0; s < LOOP_LOCAL; s++) {
        size_t bytes = loop_block_bytes(r.m, (LoopStorage)s);
        r.call.block[s] = malloc(bytes + 1);
        memset(r.call.block[s], 0xEE, bytes);
    }
    r.train = values_new(model->train, N, 7, 3);
    r.eval = values_new(model->eval, N, 7, 3);
    fill(&r);
    run(&r, "evaluate");
    values_run(r.eval, model->eval->forward.item, model->eval->forward.count);
    compare_all(&r, r.eval, "evaluate");
    run_training(&r);
    run(&r, "update");
    values_update(r.train, model->train->update.item, model->train->update.count);
    compare_all(&r, r.train, "update");
    for (int s = 0; s < LOOP_LOCAL; s++) free(r.call.block[s]);
}
