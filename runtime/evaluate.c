// evaluate.c: the figures of a trained model on its test data, sample by sample for those who look
// closer, and its outputs for new samples.
#include "files.h"
#include "report.h"
#include "run.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

// A run folder stands for the checkpoint in it.
static int read_weights(Run *run, const char *path) {
    struct stat status;
    if (stat(path, &status) || !S_ISDIR(status.st_mode))
        return net_checkpoint_read(run, path, true);
    char *inside = net_path_join(path, "checkpoint.safetensors");
    int code = inside ? net_checkpoint_read(run, inside, true) : net_report_memory("a path");
    free(inside);
    return code;
}

static int begin(Run *run, const NetModel *model, const char *checkpoint,
                 const NetRunOptions *options) {
    int code = net_run_begin(run, model, options, false);
    return code ? code : read_weights(run, checkpoint);
}

int net_evaluate(const NetModel *model, const char *checkpoint, const NetRunOptions *options) {
    Run run;
    int code = begin(&run, model, checkpoint, options);
    run.has_test = model->data.test_count > 0;
    if (!code) code = net_data_load(model, options, run.has_test, &run.test);
    if (!code) {
        net_run_evaluate(&run, &run.test, &run.last_test);
        net_log_evaluation(run.log, model, &run.last_test, run.has_test);
    }
    net_run_end(&run);
    return code;
}

struct NetEvaluation {
    Run run;
    NetRunOptions options;
};

int net_evaluation_begin(const NetModel *model, const char *checkpoint,
                         const NetRunOptions *options, NetEvaluation **evaluation) {
    NetEvaluation *e = *evaluation = calloc(1, sizeof *e);
    if (!e) return net_report_memory("the model");
    e->options = *options;
    int code = begin(&e->run, model, checkpoint, &e->options);
    e->run.has_test = model->data.test_count > 0;
    if (!code) code = net_data_load(model, &e->options, e->run.has_test, &e->run.test);
    if (!code) return NET_OK;
    net_evaluation_end(e);
    *evaluation = NULL;
    return code;
}

int64_t net_evaluation_samples(const NetEvaluation *e) {
    return e->run.test.samples;
}

NetCall net_evaluation_run(NetEvaluation *e, int64_t first, int n) {
    net_data_fill(&e->run.test, NULL, first, n, e->run.blocks.batch);
    NetCall call = net_run_call(&e->run, n);
    e->run.model->evaluate(&call);
    return call;
}

void net_evaluation_end(NetEvaluation *e) {
    if (!e) return;
    net_run_end(&e->run);
    free(e);
}

const NetInput *net_classes_of(const NetModel *model, const NetOutput *output) {
    for (int i = 0; i < model->input_count; i++) {
        const NetInput *t = &model->input[i];
        if (t->is_target && t->classes > 0 && (size_t)t->classes == output->count &&
            output->rank == 1)
            return t;
    }
    return NULL;
}

double net_value(NetType type, const void *values, size_t index) {
    if (type == NET_F64) return ((const double *)values)[index];
    if (type == NET_F32) return (double)((const float *)values)[index];
    return ((const int32_t *)values)[index];
}

static double output_value(const NetOutput *o, const void *work, size_t index) {
    return net_value(o->type, (const char *)work + o->offset, index);
}

void net_probabilities(double *p, size_t count) {
    double sum = 0;
    double most = -INFINITY;
    bool is_distribution = true;
    for (size_t i = 0; i < count; i++) {
        sum += p[i];
        most = fmax(most, p[i]);
        is_distribution = is_distribution && p[i] >= 0 && p[i] <= 1;
    }
    if (is_distribution && fabs(sum - 1) <= 1e-3) return;
    sum = 0;
    for (size_t i = 0; i < count; i++) sum += p[i] = exp(p[i] - most);
    for (size_t i = 0; i < count; i++) p[i] /= sum;
}

static void put_classes(FILE *out, double *p, size_t count) {
    size_t best = 0;
    net_probabilities(p, count);
    for (size_t i = 1; i < count; i++)
        if (p[i] > p[best]) best = i;
    fprintf(out, ",%zu", best);
    for (size_t i = 0; i < count; i++) fprintf(out, ",%.6f", p[i]);
}

static void put_header(const NetOutput *o, bool classes, FILE *out) {
    fputs(classes ? "sample,class" : "sample", out);
    for (size_t i = 0; i < o->count; i++) {
        if (classes)
            fprintf(out, ",p%zu", i);
        else if (o->rank == 0)
            fprintf(out, ",%s", o->name);
        else
            fprintf(out, ",%s[%zu]", o->name, i);
    }
    fputc('\n', out);
}

static void put_sample(const NetOutput *o, bool classes, const void *work, int place, double *value,
                       FILE *out) {
    for (size_t i = 0; i < o->count; i++)
        value[i] = output_value(o, work, (size_t)place * o->count + i);
    if (classes) {
        put_classes(out, value, o->count);
        return;
    }
    for (size_t i = 0; i < o->count; i++)
        fprintf(out, o->type == NET_F64 ? ",%.17g" : ",%.9g", value[i]);
}

static int predict(Run *run, const NetOutput *o) {
    const NetModel *m = run->model;
    bool classes = net_classes_of(m, o) != NULL;
    double *value = malloc((o->count + 1) * sizeof *value);
    if (!value) return net_report_memory("the outputs");
    put_header(o, classes, run->log);
    for (int64_t at = 0; at < run->test.samples; at += m->batch_size) {
        int64_t left = run->test.samples - at;
        int n = left < m->batch_size ? (int)left : m->batch_size;
        net_data_fill(&run->test, NULL, at, n, run->blocks.batch);
        NetCall call = net_run_call(run, n);
        m->evaluate(&call);
        for (int i = 0; i < n; i++) {
            fprintf(run->log, "%lld", (long long)(at + i + 1));
            put_sample(o, classes, run->blocks.work, i, value, run->log);
            fputc('\n', run->log);
        }
    }
    free(value);
    return fflush(run->log) ? net_report(NET_BROKEN, "the outputs cannot be written") : NET_OK;
}

int net_predict(const NetModel *model, const char *checkpoint, const char *file,
                const NetRunOptions *options) {
    Run run;
    const NetOutput *output =
        model->output_count > 0 ? &model->output[model->output_count - 1] : NULL;
    int code = begin(&run, model, checkpoint, options);
    if (!code && (!output || !output->per_sample))
        code = net_report(NET_USAGE, "the model has no output that could be predicted");
    if (!code) code = net_data_load_inputs(model, file, &run.test);
    if (!code) code = predict(&run, output);
    net_run_end(&run);
    return code;
}
