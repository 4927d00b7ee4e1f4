// snapshot.c: see snapshot.h.
#include "driver/snapshot.h"

#include "driver/files.h"
#include "driver/load.h"
#include "driver/run.h"
#include "emit/emit.h"

#include <math.h>
#include <string.h>

static const void *place_of(const Snapshot *s, const Tensor *t, bool *is_int) {
    const LoopModule *m = s->pipeline.loops;
    const LoopBuffer *b = lower_buffer_of(m, t);
    if (!b || b->storage == LOOP_LOCAL) return NULL;
    *is_int = b->type == LOOP_INT;
    return (const char *)call_block(&s->call, b->storage) + loop_buffer_offset(m, b);
}

// Equations whose result the compiled model has not in memory.
static void compute_rest(Snapshot *s, Equation *const *equation, int count) {
    LIST(Equation *) rest = {0};
    bool is_int;
    for (int i = 0; i < count; i++)
        if (!place_of(s, equation[i]->out, &is_int))
            list_add(s->pipeline.compile->arena, rest, equation[i]);
    if (numbers_cost(s->numbers, rest.item, rest.count) < 1e8)
        numbers_run(s->numbers, rest.item, rest.count, false);
}

// What the compiled model has in memory; the rest, names for something else, is computed here.
static void read_numbers(Snapshot *s) {
    Program *p = s->pipeline.model->train;
    if (!s->numbers) s->numbers = numbers_new(p, s->call.n);
    Numbers *v = s->numbers;
    v->seed = s->call.seed;
    v->step = s->call.step;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        bool is_int = false;
        const void *at = place_of(s, t, &is_int);
        if (!at) continue;
        double *to = numbers_of(v, t);
        int64_t count = tensor_count(t);
        for (int64_t k = 0; k < count; k++)
            to[k] = is_int ? ((const int32_t *)at)[k] : ((const double *)at)[k];
    }
    compute_rest(s, p->forward.item, p->forward.count);
    compute_rest(s, p->backward.item, p->backward.count);
}

// One batch forward and backward; its numbers are read where `read`.
static int compute(Snapshot *s, bool read) {
    s->lr = net_session_lr(s->session);
    s->call = net_session_forward(s->session);
    net_session_backward(s->session);
    if (!isfinite(s->call.results[0])) {
        fprintf(stderr, "netc: the loss is not finite after some steps; take fewer of them or a "
                        "smaller learning rate\n");
        return EXIT_CHECK;
    }
    if (read) read_numbers(s);
    return EXIT_FINE;
}

static int begin(Snapshot *s, const Arguments *arguments, double lr) {
    NetRunOptions options = {.epochs = -1, .iterations = -1};
    NetSetting set = {"lr", 1, &lr, NULL};
    if (!run_take_options(arguments, &options)) return EXIT_USAGE;
    options.spec_dir = path_folder(s->pipeline.compile->arena, s->pipeline.path);
    if (!isnan(lr)) options.set = &set, options.set_count = 1;
    return net_session_begin(s->loaded.model, &options, &s->session);
}

static int train_to(Snapshot *s, const Arguments *arguments, int64_t step) {
    int code = begin(s, arguments, NAN);
    for (int64_t k = 0; code == EXIT_FINE && k <= step; k++) {
        code = compute(s, k == step);
        if (k < step && code == EXIT_FINE) net_session_update(s->session);
    }
    return code;
}

int snapshot_restart(Snapshot *s, const Arguments *arguments, double lr) {
    net_session_end(s->session);
    s->session = NULL;
    int code = begin(s, arguments, lr);
    return code == EXIT_FINE ? compute(s, true) : code;
}

int snapshot_advance(Snapshot *s) {
    net_session_update(s->session);
    return compute(s, true);
}

static int open_model(Snapshot *s, const Arguments *arguments, int64_t step) {
    Pipeline *p = &s->pipeline;
    if (!pipeline_take_options(p, arguments)) return EXIT_USAGE;
    if (!pipeline_compile(p, "equations")) return pipeline_finish(p);
    if (!p->model->train->loss) {
        fprintf(stderr, "netc: %s has no loss, so there are no gradients\n", p->path);
        return EXIT_SPEC;
    }
    if (p->model->data.format != NET_DATA_INLINE && !option_given(arguments, "batch-size"))
        p->elaborate.batch_size = SNAPSHOT_SAMPLES;
    bool has_data = p->model->data.format == NET_DATA_INLINE || option_given(arguments, "data");
    if (!has_data) return pipeline_compile(p, "adjoint") ? EXIT_FINE : pipeline_finish(p);
    Toolchain toolchain = toolchain_from(arguments);
    int code = model_load(p, &toolchain, &s->loaded);
    return code == EXIT_FINE ? train_to(s, arguments, step) : code;
}

int snapshot_open(Snapshot *s, const Arguments *arguments, int64_t step) {
    *s = (Snapshot){.pipeline = pipeline_new(arguments->positional.item[0])};
    s->pipeline.lower.keep_values = true;
    s->pipeline.raw_gradients = true;
    s->pipeline.elaborate.precision = 64;
    return open_model(s, arguments, step);
}

void snapshot_set(Snapshot *s, const Tensor *t, const double *value) {
    bool is_int = false;
    void *at = (void *)place_of(s, t, &is_int);
    int64_t count = tensor_count(t);
    for (int64_t i = 0; at && i < count; i++) {
        if (is_int)
            ((int32_t *)at)[i] = (int32_t)value[i];
        else
            ((double *)at)[i] = value[i];
    }
}

void snapshot_compute(Snapshot *s) {
    s->loaded.model->forward(&s->call);
    s->loaded.model->backward(&s->call);
    read_numbers(s);
}

void snapshot_close(Snapshot *s) {
    net_session_end(s->session);
    if (s->loaded.model) model_unload(&s->loaded);
    pipeline_free(&s->pipeline);
}

double snapshot_loss_with(const Snapshot *s, const Tensor *t, int64_t element, double delta) {
    bool is_int = false;
    if (t->role != TENSOR_PARAM || !s->session) return NAN;
    double *at = (double *)place_of(s, t, &is_int);
    if (!at) return NAN;
    double kept = at[element], results[64];
    NetCall call = s->call;
    if (s->loaded.model->result_count > 64) return NAN;
    call.results = results;
    at[element] = kept + delta;
    s->loaded.model->forward(&call);
    at[element] = kept;
    return results[0];
}

double snapshot_difference(const Snapshot *s, const Tensor *t, int64_t element, double derived) {
    static const double step[] = {1e-5, 1e-4, 1e-6, 1e-3};
    double best = NAN;
    for (int i = 0; i < 4; i++) {
        double above = snapshot_loss_with(s, t, element, step[i]);
        double below = snapshot_loss_with(s, t, element, -step[i]);
        double slope = (above - below) / (2 * step[i]);
        if (!(fabs(slope - derived) >= fabs(best - derived))) best = slope;
    }
    return best;
}

const char *snapshot_c_text(const Snapshot *s, const Arguments *arguments) {
    Pipeline p = pipeline_new(s->pipeline.path);
    Text text = text_new(s->pipeline.compile->arena);
    if (pipeline_take_options(&p, arguments) && pipeline_compile(&p, NULL)) {
        EmitOptions options = {.openmp = false};
        Text source = text_new(p.compile->arena);
        emit_c_source(p.loops, &options, &source);
        text_add(&text, source.bytes);
    } else
        pipeline_finish(&p);
    pipeline_free(&p);
    return text.bytes;
}
