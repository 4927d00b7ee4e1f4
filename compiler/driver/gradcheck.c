// gradcheck.c: central differences in double precision.
//
// A central difference with step h errs by h^2 f'''/6 from the truncation and by about 1e-16 |f|/h
// from the rounding, so no single step serves all entries: an entry is right when one of a few
// steps agrees. An entry that agrees with none is looked at for a kink: there the two one-sided
// differences disagree by an amount that does not shrink with the step.
#include "driver/gradcheck.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double relative_step[] = {1e-5, 1e-6, 1e-4, 1e-7, 1e-3};
enum { STEP_COUNT = sizeof relative_step / sizeof *relative_step };

typedef struct Check {
    const NetModel *model;
    NetCall call;
    double *params, *grads, *states, *results;
    char *batch, *work;
    uint64_t random; // state of the generator for data and draws
    double loss;     // at the point itself
} Check;

// --- random numbers: splitmix64 (Steele, Lea, Flood 2014)

static uint64_t draw(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double draw_unit(uint64_t *state) {
    return (double)(draw(state) >> 11) * 0x1p-53;
}

static double draw_normal(uint64_t *state) {
    double radius = sqrt(-2 * log(1 - draw_unit(state)));
    return radius * cos(6.283185307179586 * draw_unit(state));
}

// --- the point at which the gradient is checked

static double initial_value(Check *c, const NetInit *init, size_t i, bool is_state) {
    switch (init->kind) {
    // Arrays of zeros or ones would leave products of them untested.
    case NET_INIT_CONSTANT: return init->a + (is_state ? 0 : 0.2 * (draw_unit(&c->random) - 0.5));
    case NET_INIT_VALUES: return init->values[i];
    case NET_INIT_UNIFORM: return init->a + (init->b - init->a) * draw_unit(&c->random);
    case NET_INIT_NORMAL: return init->a + init->b * draw_normal(&c->random);
    case NET_INIT_FILE: return 0.5 * draw_normal(&c->random);
    }
    return 0;
}

static void fill_tensors(Check *c, const NetTensor *tensor, int count, double *block,
                         bool is_state) {
    for (int t = 0; t < count; t++)
        for (size_t i = 0; i < tensor[t].count; i++)
            block[tensor[t].offset + i] = initial_value(c, &tensor[t].init, i, is_state);
}

static const NetInline *inline_data(const NetModel *m, const char *input) {
    for (int i = 0; i < m->data.inlined_count; i++)
        if (!strcmp(m->data.inlined[i].input, input)) return &m->data.inlined[i];
    return NULL;
}

static void fill_input(Check *c, const NetInput *input) {
    const NetInline *given = inline_data(c->model, input->name);
    size_t count = input->count * (size_t)c->call.n;
    for (size_t i = 0; i < count; i++) {
        double value;
        if (given)
            value = given->value[i % (given->sample_count * input->count)];
        else if (input->type == NET_I32)
            value =
                (double)(draw(&c->random) % (uint64_t)(input->classes > 0 ? input->classes : 1));
        else
            value = draw_normal(&c->random);
        if (input->type == NET_I32)
            ((int32_t *)(void *)(c->batch + input->offset))[i] = (int32_t)value;
        else
            ((double *)(void *)(c->batch + input->offset))[i] = value;
    }
}

static void *block_new(size_t bytes) {
    void *block = NULL;
    size_t size = (bytes + NET_ALIGN) / NET_ALIGN * NET_ALIGN;
    if (posix_memalign(&block, NET_ALIGN, size)) return NULL;
    return memset(block, 0, size);
}

static bool check_new(Check *c, const NetModel *m, uint64_t seed, int threads) {
    *c = (Check){.model = m, .random = seed};
    c->params = block_new(m->param_count * sizeof(double));
    c->grads = block_new(m->param_count * sizeof(double));
    c->states = block_new(m->state_count * sizeof(double));
    c->batch = block_new(m->batch_bytes);
    c->work = block_new(m->work_bytes);
    c->results = block_new((size_t)m->result_count * sizeof(double));
    if (!c->params || !c->grads || !c->states || !c->batch || !c->work || !c->results) return false;
    c->call = (NetCall){c->params,  c->grads,      c->states, c->batch, c->work,
                        c->results, m->batch_size, seed,      1,        threads};
    fill_tensors(c, m->param, m->param_tensors, c->params, false);
    fill_tensors(c, m->state, m->state_tensors, c->states, true);
    for (int i = 0; i < m->input_count; i++) fill_input(c, &m->input[i]);
    return true;
}

static void check_free(Check *c) {
    free(c->params);
    free(c->grads);
    free(c->states);
    free(c->batch);
    free(c->work);
    free(c->results);
}

// --- one entry

static double loss_at(Check *c, double *entry, double value) {
    double kept = *entry;
    *entry = value;
    c->model->forward(&c->call);
    *entry = kept;
    return c->results[0];
}

typedef struct Differences {
    double central, forward, backward;
} Differences;

static Differences differences(Check *c, double *entry, double step) {
    volatile double above = *entry + step,
                    below = *entry - step; // the steps that were really taken
    double high = loss_at(c, entry, above), low = loss_at(c, entry, below);
    return (Differences){(high - low) / (above - below), (high - c->loss) / (above - *entry),
                         (c->loss - low) / (*entry - below)};
}

// The one-sided differences differ by h f'' where the loss is smooth: a tenth of the step, a tenth
// of the gap. At a kink the gap stays.
static bool is_kink(Differences wide, Differences narrow, double tolerance) {
    double wide_gap = fabs(wide.forward - wide.backward),
           narrow_gap = fabs(narrow.forward - narrow.backward);
    return (wide_gap > tolerance && narrow_gap > 0.5 * wide_gap) ||
           (narrow_gap > tolerance && wide_gap > tolerance && narrow_gap > 0.3 * wide_gap);
}

typedef enum Verdict { ENTRY_RIGHT, ENTRY_WRONG, ENTRY_KINK } Verdict;

// *error: the smallest distance from the derived value over all steps tried, over `scale`.
static Verdict check_entry(Check *c, double *entry, double derived, double scale, double *error) {
    Differences d[STEP_COUNT];
    *error = INFINITY;
    for (int i = 0; i < STEP_COUNT; i++) {
        d[i] = differences(c, entry, relative_step[i] * fmax(1, fabs(*entry)));
        double distance = fabs(d[i].central - derived) / scale;
        if (distance < *error) *error = distance;
        if (*error <= GRADCHECK_LIMIT) return ENTRY_RIGHT;
    }
    double tolerance = 10 * GRADCHECK_LIMIT * scale;
    return is_kink(d[0], d[1], tolerance) || is_kink(d[2], d[0], tolerance) ? ENTRY_KINK
                                                                            : ENTRY_WRONG;
}

// --- one tensor

typedef struct TensorReport {
    double largest, error;
    size_t checked, kinks;
    bool is_nan, failed;
} TensorReport;

static TensorReport check_block(Check *c, const GradcheckBlock *b) {
    TensorReport r = {0};
    for (size_t i = 0; i < b->count; i++) {
        if (!isfinite(b->gradient[i])) r.is_nan = true;
        r.largest = fmax(r.largest, fabs(b->gradient[i]));
    }
    double scale = r.largest < GRADCHECK_TINY ? 1 : r.largest;
    bool all = b->count <= GRADCHECK_ENTRIES;
    r.checked = all ? b->count : GRADCHECK_ENTRIES;
    for (size_t k = 0; k < r.checked && !r.is_nan; k++) {
        size_t i = all ? k : (size_t)(draw(&c->random) % b->count);
        double error;
        Verdict verdict = check_entry(c, &b->value[i], b->gradient[i], scale, &error);
        if (verdict == ENTRY_KINK)
            r.kinks++;
        else
            r.error = fmax(r.error, error);
    }
    r.failed = r.is_nan || !(r.error <= GRADCHECK_LIMIT) ||
               (double)r.kinks > GRADCHECK_KINK_SHARE * (double)r.checked;
    return r;
}

static void print_report(const GradcheckBlock *b, const TensorReport *r, FILE *out) {
    if (!out && !r->failed) return;
    fprintf(out ? out : stderr, "%-4s %-40s %6zu entries  error %.1e  largest gradient %.1e",
            r->failed ? "BAD" : "ok", b->name, r->checked, r->error, r->largest);
    if (r->kinks) fprintf(out ? out : stderr, "  %zu kinks", r->kinks);
    if (r->is_nan) fprintf(out ? out : stderr, "  not a finite number");
    fputc('\n', out ? out : stderr);
    fflush(out ? out : stderr); // a large model takes minutes
}

static void check_and_report(Check *c, const GradcheckBlock *b, FILE *out,
                             GradcheckResult *result) {
    TensorReport r = check_block(c, b);
    print_report(b, &r, out);
    result->checked += r.checked;
    result->kinks += r.kinks;
    result->failed += r.failed;
    if (!result->where || r.error > result->worst) {
        result->worst = r.error;
        result->where = b->name;
    }
}

bool gradcheck_model(const NetModel *model, const size_t *input_gradient, uint64_t seed,
                     int threads, FILE *out, GradcheckResult *result) {
    Check c;
    *result = (GradcheckResult){0};
    bool fine = check_new(&c, model, seed, threads);
    if (fine) {
        model->forward(&c.call);
        c.loss = c.results[0];
        model->backward(&c.call);
        if (!isfinite(c.loss)) {
            fprintf(stderr, "netc: the loss is %g at the point of the check\n", c.loss);
            result->failed++;
        }
    }
    for (int i = 0; fine && i < model->param_tensors; i++) {
        const NetTensor *t = &model->param[i];
        check_and_report(
            &c, &(GradcheckBlock){t->name, c.params + t->offset, c.grads + t->offset, t->count},
            out, result);
    }
    for (int i = 0; fine && input_gradient && i < model->input_count; i++) {
        const NetInput *t = &model->input[i];
        if (input_gradient[i] == SIZE_MAX) continue;
        size_t count = t->count * (size_t)c.call.n;
        double *copy = block_new(count * sizeof(double)); // forward reuses the work block
        if (!copy) {
            fine = false;
            break;
        }
        model->forward(&c.call);
        model->backward(&c.call);
        memcpy(copy, c.work + input_gradient[i], count * sizeof(double));
        check_and_report(
            &c, &(GradcheckBlock){t->name, (double *)(void *)(c.batch + t->offset), copy, count},
            out, result);
        free(copy);
    }
    check_free(&c);
    return fine;
}
