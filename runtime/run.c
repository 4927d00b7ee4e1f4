// run.c: the memory of a run, and what training and evaluation have in common.
#include "run.h"

#include "files.h"
#include "random.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

double net_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void net_figures_add(Figures *f, const double *results, int count, int n) {
    for (int i = 0; i < count; i++) f->sum[i] += results[i] * n;
    f->samples += n;
}

void net_figures_clear(Figures *f, int count) {
    for (int i = 0; i < count; i++) f->sum[i] = 0;
    f->samples = 0;
}

double net_figure(const Figures *f, int index) {
    return f->samples ? f->sum[index] / (double)f->samples : 0;
}

int64_t net_run_batches(const Run *run) {
    return (run->train.samples - 1) / run->model->batch_size + 1;
}

NetCall net_run_call(const Run *run, int n) {
    const Blocks *b = &run->blocks;
    return (NetCall){
        .params = b->params,
        .grads = b->grads,
        .states = b->states,
        .batch = b->batch,
        .work = b->work,
        .results = b->results,
        .n = n,
        .seed = run->settings.seed,
        .step = run->step,
        .threads = run->threads,
    };
}

void net_run_evaluate(const Run *run, const Dataset *data, Figures *figures) {
    const NetModel *model = run->model;
    net_figures_clear(figures, model->result_count);
    for (int64_t at = 0; at < data->samples; at += model->batch_size) {
        int64_t left = data->samples - at;
        int n = left < model->batch_size ? (int)left : model->batch_size;
        net_data_fill(data, NULL, at, n, run->blocks.batch);
        NetCall call = net_run_call(run, n);
        model->evaluate(&call);
        net_figures_add(figures, run->blocks.results, model->result_count, n);
    }
}

static int check_memory(const NetModel *model, int moments, bool training) {
    double width = model->type == NET_F64 ? 8 : 4;
    double blocks = training ? 2 + moments : 1; // doubles cannot overflow here
    double needed = width * ((double)model->param_count * blocks + (double)model->state_count) +
                    (double)model->batch_bytes + (double)model->work_bytes;
    double available = net_memory_available();
    if (available <= 0 || needed <= available) return NET_OK;
    return net_report(NET_BROKEN,
                      "%s needs %.0f bytes of memory (%.1f GiB), but %.0f (%.1f GiB) "
                      "are available: make the model or its batch_size smaller",
                      model->name, needed, needed / 0x1p30, available, available / 0x1p30);
}

// A block of zeros, aligned, never empty.
static void *make_block(size_t count, size_t width) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, width, &bytes) ||
        __builtin_add_overflow(bytes, (size_t)NET_ALIGN, &bytes))
        return NULL;
    bytes = bytes / NET_ALIGN * NET_ALIGN;
    bytes = bytes ? bytes : NET_ALIGN;
    void *block = aligned_alloc(NET_ALIGN, bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

// On large pages where the system has them: fewer misses of the address cache.
static void *make_large_block(size_t bytes) {
    size_t page = (size_t)1 << 21;
    if (bytes < 2 * page) return make_block(bytes, 1);
    bytes = (bytes + page - 1) / page * page;
    void *block = aligned_alloc(page, bytes);
    if (!block) return NULL;
#ifdef MADV_HUGEPAGE
    madvise(block, bytes, MADV_HUGEPAGE); // a wish: nothing depends on it
#endif
    return memset(block, 0, bytes);
}

static int make_blocks(Run *run, bool training) {
    const NetModel *m = run->model;
    Blocks *b = &run->blocks;
    size_t width = m->type == NET_F64 ? 8 : 4;
    b->params = make_block(m->param_count, width);
    b->states = make_block(m->state_count, width);
    b->batch = make_block(m->batch_bytes, 1);
    b->work = make_large_block(m->work_bytes);
    b->results = make_block((size_t)m->result_count, sizeof *b->results);
    bool made = b->params && b->states && b->batch && b->work && b->results;
    if (training) {
        b->grads = make_block(m->param_count, width);
        made = made && b->grads;
        for (int i = 0; i < run->optimizer.moment_count; i++) {
            run->optimizer.moment[i] = make_block(m->param_count, width);
            made = made && run->optimizer.moment[i];
        }
    }
    Figures *figures[] = {&run->so_far, &run->last_train, &run->last_test};
    for (int i = 0; i < 3; i++) {
        figures[i]->sum = calloc((size_t)m->result_count + 1, sizeof(double));
        made = made && figures[i]->sum;
    }
    return made ? NET_OK : net_report_memory("the model");
}

static int check_model(const NetModel *model) {
    if (model->abi != NET_ABI)
        return net_report(NET_BUG,
                          "the model was compiled for interface %u, this runtime has %d: "
                          "compile it again",
                          model->abi, NET_ABI);
    bool whole = model->forward && model->backward && model->evaluate && model->batch_size > 0 &&
                 model->result_count > 0 && model->type != NET_I32 && model->name &&
                 model->fingerprint && model->schedule;
    return whole ? NET_OK : net_report(NET_BUG, "the model is incomplete");
}

static int count_threads(int asked) {
    long cores = asked > 0 ? asked : sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > 1024 ? 1024 : (int)cores;
}

int net_run_begin(Run *run, const NetModel *model, const NetRunOptions *options, bool training) {
    *run = (Run){
        .model = model,
        .options = options,
        .threads = count_threads(options->threads),
        .log = options->log ? options->log : stdout,
        .order_epoch = -1,
    };
    int code = check_model(model);
    if (!code && training)
        code = net_settings_resolve(model, options, &run->settings);
    else
        run->settings.seed = options->has_seed ? options->seed : model->train.seed;
    if (!code && training)
        net_optimizer_begin(&run->optimizer, &run->settings.optimizer, model->type,
                            model->param_count, net_schedule_cycles(&run->settings.scheduler));
    if (!code) code = check_memory(model, run->optimizer.moment_count, training);
    if (!code) code = make_blocks(run, training);
    return code;
}

void net_run_end(Run *run) {
    void *block[] = {run->blocks.params, run->blocks.grads,   run->blocks.states,
                     run->blocks.batch,  run->blocks.work,    run->blocks.results,
                     run->so_far.sum,    run->last_train.sum, run->last_test.sum,
                     run->order,         run->metrics_path,   run->checkpoint_path,
                     run->json_path};
    for (size_t i = 0; i < sizeof block / sizeof *block; i++) free(block[i]);
    for (int i = 0; i < run->optimizer.moment_count; i++) free(run->optimizer.moment[i]);
    net_data_free(&run->train);
    net_data_free(&run->test);
    if (run->metrics) fclose(run->metrics);
    *run = (Run){.model = run->model};
}

void net_run_order_samples(Run *run) {
    if (run->order_epoch == run->epoch) return;
    run->order_epoch = run->epoch;
    if (run->settings.shuffle) {
        net_random_permutation(run->settings.seed, (uint64_t)run->epoch, run->order,
                               run->train.samples);
        return;
    }
    for (int64_t i = 0; i < run->train.samples; i++) run->order[i] = i;
}
