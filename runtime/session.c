// session.c: training one step at a time, for programs that look at every number on the way: the
// same batches, draws, schedule and updates as net_train, without logs, files and checks.
#include "init.h"
#include "random.h"
#include "report.h"
#include "run.h"

#include <stdlib.h>

struct NetSession {
    Run run;
    NetRunOptions options;
    int n; // samples in the batch block
};

static int begin(NetSession *s, const NetModel *model) {
    Run *run = &s->run;
    int code = net_run_begin(run, model, &s->options, true);
    if (!code) code = net_data_load(model, run->options, false, &run->train);
    if (code) return code;
    run->order = malloc((size_t)run->train.samples * sizeof *run->order);
    if (!run->order) return net_report_memory("the order of the samples");
    net_optimizer_reset(&run->optimizer);
    net_schedule_begin(&run->schedule, &run->settings.scheduler, &run->optimizer,
                       net_session_total(s));
    return net_init(model, run->options, run->settings.seed, run->blocks.params,
                    run->blocks.states);
}

int net_session_begin(const NetModel *model, const NetRunOptions *options, NetSession **session) {
    *session = calloc(1, sizeof **session);
    if (!*session) return net_report_memory("the model");
    (*session)->options = *options;
    int code = begin(*session, model);
    if (code) {
        net_session_end(*session);
        *session = NULL;
    }
    return code;
}

int64_t net_session_total(const NetSession *s) {
    const Settings *settings = &s->run.settings;
    int64_t total = 0;
    if (settings->by_iteration) return settings->iterations;
    if (__builtin_mul_overflow(settings->epochs, net_run_batches(&s->run), &total))
        return INT64_MAX;
    return total;
}

NetCall net_session_forward(NetSession *s) {
    Run *run = &s->run;
    int64_t first = run->batch * run->model->batch_size;
    int64_t left = run->train.samples - first;
    s->n = left < run->model->batch_size ? (int)left : run->model->batch_size;
    net_run_order_samples(run);
    net_data_fill(&run->train, run->order, first, s->n, run->blocks.batch);
    NetCall call = net_run_call(run, s->n);
    run->model->forward(&call);
    return call;
}

void net_session_backward(NetSession *s) {
    NetCall call = net_run_call(&s->run, s->n);
    s->run.model->backward(&call);
}

double net_session_lr(const NetSession *s) {
    return s->run.optimizer.lr;
}

static void finish_epoch(Run *run) {
    bool by_epoch = !run->settings.by_iteration && run->schedule.kind != SCHEDULE_OneCycleLR;
    if (by_epoch) net_schedule_step(&run->schedule, &run->optimizer, net_figure(&run->so_far, 0));
    net_figures_clear(&run->so_far, run->model->result_count);
    run->batch = 0;
    run->epoch++;
}

void net_session_update(NetSession *s) {
    Run *run = &s->run;
    const NetModel *m = run->model;
    NetCall call = net_run_call(run, s->n);
    if (m->update) m->update(&call);
    if (run->settings.clip_grad_norm > 0)
        net_clip_grad_norm(m, run->blocks.grads, run->settings.clip_grad_norm);
    net_optimizer_step(&run->optimizer, run->blocks.params, run->blocks.grads);
    net_figures_add(&run->so_far, run->blocks.results, m->result_count, s->n);
    if (run->settings.by_iteration || run->schedule.kind == SCHEDULE_OneCycleLR)
        net_schedule_step(&run->schedule, &run->optimizer, run->blocks.results[0]);
    run->step++;
    if (++run->batch == net_run_batches(run)) finish_epoch(run);
}

void net_session_end(NetSession *s) {
    if (!s) return;
    net_run_end(&s->run);
    free(s);
}
