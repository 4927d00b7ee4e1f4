// train.c: the training loop: fill a batch, forward, backward, clip, update; figures, schedule and
// checkpoint an epoch.
//
// The run's place (step, epoch, batch) only moves forward when a step is complete, so a checkpoint
// between any two steps is enough to go on bit for bit.
#include "files.h"
#include "init.h"
#include "random.h"
#include "report.h"
#include "run.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>

static int open_data(Run *run) {
    const NetModel *m = run->model;
    int code = net_data_load(m, run->options, false, &run->train);
    run->has_test = m->data.test_count > 0;
    if (!code && run->has_test) code = net_data_load(m, run->options, true, &run->test);
    if (code) return code;
    run->order = malloc((size_t)run->train.samples * sizeof *run->order);
    return run->order ? NET_OK : net_report_memory("the order of the samples");
}

static int64_t total_steps(const Run *run) {
    int64_t total = 0;
    if (run->settings.by_iteration) return run->settings.iterations;
    if (__builtin_mul_overflow(run->settings.epochs, net_run_batches(run), &total))
        return INT64_MAX;
    return total;
}

static int name_files(Run *run) {
    const char *out = run->options->out_dir;
    if (!out) return NET_OK;
    int code = net_folder_make(out);
    if (code) return code;
    run->metrics_path = net_path_join(out, "metrics.csv");
    run->checkpoint_path = net_path_join(out, "checkpoint.safetensors");
    run->json_path = net_path_join(out, "run.json");
    bool named = run->metrics_path && run->checkpoint_path && run->json_path;
    return named ? NET_OK : net_report_memory("paths");
}

static int check_options(const NetRunOptions *o) {
    if (!o->out_dir && (o->checkpoint_every > 0 || o->stop_after_steps > 0))
        return net_report(NET_USAGE, "checkpoints need a folder: say --out DIR");
    return NET_OK;
}

static int begin_training(Run *run) {
    int code = check_options(run->options);
    if (!code) code = open_data(run);
    if (code) return code;
    net_optimizer_reset(&run->optimizer);
    net_schedule_begin(&run->schedule, &run->settings.scheduler, &run->optimizer, total_steps(run));
    if (run->options->resume)
        code = net_checkpoint_read(run, run->options->resume, false);
    else
        code = net_init(run->model, run->options, run->settings.seed, run->blocks.params,
                        run->blocks.states);
    if (!code) code = name_files(run);
    if (!code && run->metrics_path) code = net_metrics_open(run);
    return code ? code : net_run_json_write(run, false);
}

// Fills the batch block with the batch under way; returns its number of samples.
static int fill_batch(Run *run) {
    int64_t first = run->batch * run->model->batch_size;
    int64_t left = run->train.samples - first;
    int n = left < run->model->batch_size ? (int)left : run->model->batch_size;
    net_run_order_samples(run);
    net_data_fill(&run->train, run->order, first, n, run->blocks.batch);
    return n;
}

static const NetTensor *first_wrong(const Run *run, const NetTensor *tensor, int count,
                                    const void *block) {
    size_t width = run->model->type == NET_F64 ? 8 : 4;
    for (int i = 0; block && i < count; i++)
        if (net_first_nonfinite(run->model->type, (const char *)block + tensor[i].offset * width,
                                tensor[i].count) < tensor[i].count)
            return &tensor[i];
    return NULL;
}

// The first output that is not finite when the batch is run once more in evaluation mode.
static const char *first_wrong_output(const Run *run, const NetCall *call) {
    const NetModel *m = run->model;
    m->evaluate(call);
    for (int i = 0; i < m->output_count; i++) {
        const NetOutput *o = &m->output[i];
        size_t count = o->count * (o->per_sample ? (size_t)call->n : 1);
        const char *at = (const char *)run->blocks.work + o->offset;
        if (o->type != NET_I32 && net_first_nonfinite(o->type, at, count) < count) return o->name;
    }
    return NULL;
}

// Names the first tensor that is not finite (parameters, states, then outputs or gradients), and
// the way back.
static int report_nonfinite(const Run *run, const char *what, const NetCall *call) {
    const NetModel *m = run->model;
    const Blocks *b = &run->blocks;
    const NetTensor *wrong = first_wrong(run, m->param, m->param_tensors, b->params);
    const char *role = wrong ? "parameter " : "state ";
    if (!wrong) wrong = first_wrong(run, m->state, m->state_tensors, b->states);
    const char *name = wrong ? wrong->name : NULL;
    if (!name && call) {
        role = "gradient of ";
        wrong = first_wrong(run, m->param, m->param_tensors, b->grads);
        const char *output = first_wrong_output(run, call);
        role = output ? "" : role;
        name = output ? output : wrong ? wrong->name : NULL;
    }
    const char *last = run->saved ? run->checkpoint_path : run->options->resume;
    return net_report(
        NET_FAILED,
        "%s is not finite at step %llu (epoch %lld, batch %lld); first tensor that is not finite: "
        "%s%s; last good checkpoint: %s; a smaller lr or clip_grad_norm may help",
        what, (unsigned long long)run->step, (long long)run->epoch + 1, (long long)run->batch + 1,
        name ? role : "", name ? name : "the loss itself", last ? last : "none");
}

static int check_loss(const Run *run, const NetCall *call) {
    if (isfinite(run->blocks.results[0])) return NET_OK;
    run->model->backward(call);
    return report_nonfinite(run, "the loss", call);
}

static int check_gradients(const Run *run, const NetCall *call) {
    const NetModel *m = run->model;
    if (net_first_nonfinite(m->type, run->blocks.grads, m->param_count) == m->param_count)
        return NET_OK;
    return report_nonfinite(run, "a gradient", call);
}

// Forward, backward, clip, update of what stands in the batch block.
static int train_batch(Run *run, int n) {
    const NetModel *m = run->model;
    NetCall call = net_run_call(run, n);
    m->forward(&call);
    int code = check_loss(run, &call);
    if (code) return code;
    m->backward(&call);
    code = check_gradients(run, &call);
    if (code) return code;
    if (m->update) m->update(&call);
    if (run->settings.clip_grad_norm > 0)
        net_clip_grad_norm(m, run->blocks.grads, run->settings.clip_grad_norm);
    run->last_lr = run->optimizer.lr;
    net_optimizer_step(&run->optimizer, run->blocks.params, run->blocks.grads);
    return NET_OK;
}

// A checkpoint, unless the weights are already lost: then the last good one stays.
static int save(Run *run) {
    const NetModel *m = run->model;
    if (!run->checkpoint_path) return NET_OK;
    if (first_wrong(run, m->param, m->param_tensors, run->blocks.params) ||
        first_wrong(run, m->state, m->state_tensors, run->blocks.states))
        return report_nonfinite(run, "a parameter", NULL);
    return net_checkpoint_write(run);
}

static int stop_by_signal(Run *run, int number) {
    int code = save(run);
    if (code) return code;
    fprintf(stderr, "stopped by a signal after step %llu", (unsigned long long)run->step);
    if (run->checkpoint_path)
        fprintf(stderr, "; go on with the same command and --resume %s", run->checkpoint_path);
    fputc('\n', stderr);
    return 128 + number;
}

// After every step: stop or save where that is asked for. *stop says that the run ends here.
static int pause_or_go_on(Run *run, bool *stop) {
    const NetRunOptions *o = run->options;
    int number = net_signal_caught();
    *stop = false;
    if (number) {
        *stop = true;
        return stop_by_signal(run, number);
    }
    if (o->stop_after_steps > 0 && run->step >= (uint64_t)o->stop_after_steps) {
        *stop = true;
        return save(run);
    }
    if (o->checkpoint_every > 0 && run->step % (uint64_t)o->checkpoint_every == 0) return save(run);
    return NET_OK;
}

static void copy_figures(const Run *run, const Figures *from, Figures *to) {
    for (int i = 0; i < run->model->result_count; i++) to->sum[i] = from->sum[i];
    to->samples = from->samples;
}

static int finish_epoch(Run *run) {
    copy_figures(run, &run->so_far, &run->last_train);
    if (run->has_test) net_run_evaluate(run, &run->test, &run->last_test);
    double seconds = net_clock() - run->began;
    int code = net_metrics_row_epoch(run, run->last_lr, seconds);
    if (code) return code;
    net_log_epoch(run, seconds);
    if (run->schedule.kind != SCHEDULE_OneCycleLR)
        net_schedule_step(&run->schedule, &run->optimizer, net_figure(&run->last_train, 0));
    run->epoch++;
    run->batch = 0;
    net_figures_clear(&run->so_far, run->model->result_count);
    return save(run);
}

static int train_epoch(Run *run, bool *stop) {
    const int64_t batches = net_run_batches(run);
    run->began = net_clock();
    run->before = run->so_far.samples;
    while (run->batch < batches) {
        int n = fill_batch(run);
        int code = train_batch(run, n);
        if (code) return code;
        net_figures_add(&run->so_far, run->blocks.results, run->model->result_count, n);
        if (run->schedule.kind == SCHEDULE_OneCycleLR)
            net_schedule_step(&run->schedule, &run->optimizer, 0);
        run->step++;
        run->batch++;
        net_log_progress(run, batches);
        code = pause_or_go_on(run, stop);
        if (code || *stop) return code;
    }
    return finish_epoch(run);
}

static int train_epochs(Run *run) {
    bool stop = false;
    int code = NET_OK;
    while (!code && !stop && run->epoch < run->settings.epochs) code = train_epoch(run, &stop);
    if (!code && !stop && !run->saved)
        code = save(run); // no epoch was asked for: the first weights
    if (!code) code = net_run_json_write(run, !stop);
    return code;
}

// One iteration: its row holds what was measured before its update.
static int iterate(Run *run) {
    int n = fill_batch(run);
    int code = train_batch(run, n);
    if (code) return code;
    net_figures_clear(&run->last_train, run->model->result_count); // of a run that was shorter
    net_figures_clear(&run->last_test, run->model->result_count);
    const double *results = run->blocks.results;
    code = net_metrics_row_iteration(run, (int64_t)run->step, run->last_lr, results);
    net_log_iteration(run, (int64_t)run->step, results);
    net_schedule_step(&run->schedule, &run->optimizer, results[0]);
    run->step++;
    if (++run->batch == net_run_batches(run)) {
        run->batch = 0;
        run->epoch++;
    }
    return code;
}

// The row after the last update: one more forward pass.
static int finish_iterations(Run *run) {
    int n = fill_batch(run);
    NetCall call = net_run_call(run, n);
    run->model->forward(&call);
    int code = check_loss(run, &call);
    if (code) return code;
    net_figures_clear(&run->last_train, run->model->result_count);
    net_figures_add(&run->last_train, run->blocks.results, run->model->result_count, n);
    code = net_metrics_row_iteration(run, run->settings.iterations, run->optimizer.lr,
                                     run->blocks.results);
    net_log_iteration(run, run->settings.iterations, run->blocks.results);
    if (code || !run->has_test) return code;
    net_run_evaluate(run, &run->test, &run->last_test);
    if (!run->options->quiet) net_log_evaluation(run->log, run->model, &run->last_test, true);
    return NET_OK;
}

static int train_iterations(Run *run) {
    bool stop = false;
    int code = NET_OK;
    run->began = net_clock();
    while (!code && !stop && run->step < (uint64_t)run->settings.iterations) {
        code = iterate(run);
        if (!code) code = pause_or_go_on(run, &stop);
    }
    if (!code && !stop) code = finish_iterations(run);
    if (!code && !stop) code = save(run);
    if (!code) code = net_run_json_write(run, !stop);
    return code;
}

int net_train(const NetModel *model, const NetRunOptions *options) {
    Run run;
    int code = net_run_begin(&run, model, options, true);
    if (!code) code = begin_training(&run);
    if (!code) {
        net_signals_catch();
        code = run.settings.by_iteration ? train_iterations(&run) : train_epochs(&run);
        net_signals_release();
    }
    net_run_end(&run);
    return code;
}
