// weights.c: the parameters and states of a checkpoint as plain numbers, for programs that do
// something else with them than run them.
#include "files.h"
#include "init.h"
#include "report.h"
#include "safetensors.h"

#include "net_runtime.h"

#include <stdlib.h>
#include <sys/stat.h>

static bool fits(const NetTensor *t, const Stored *s) {
    bool same = s->type != NET_I32 && t->rank == s->rank;
    for (int i = 0; same && i < t->rank; i++) same = t->shape[i] == s->shape[i];
    return same;
}

static int read_tensor(const TensorFile *file, const NetTensor *t, double *block) {
    const Stored *s = net_tensors_find(file, t->name);
    if (!s) return net_report(NET_BROKEN, "%s: there is no tensor \"%s\"", file->path, t->name);
    if (!fits(t, s))
        return net_report(NET_BROKEN, "%s: tensor \"%s\" does not have the shape of the spec's",
                          file->path, s->name);
    void *values = malloc(s->bytes ? s->bytes : 1);
    if (!values) return net_report_memory(t->name);
    int code = net_tensors_load(file, s, values);
    for (size_t i = 0; !code && i < t->count; i++)
        block[t->offset + i] =
            s->type == NET_F64 ? ((double *)values)[i] : (double)((float *)values)[i];
    free(values);
    return code;
}

int net_weights_read(const NetModel *model, const char *checkpoint, double *params,
                     double *states) {
    struct stat status;
    bool is_run = !stat(checkpoint, &status) && S_ISDIR(status.st_mode);
    char *path = is_run ? net_path_join(checkpoint, "checkpoint.safetensors")
                        : net_path_join("", checkpoint);
    TensorFile file;
    int code = path ? net_tensors_open(path, &file) : net_report_memory("a path");
    if (!code) {
        for (int i = 0; !code && i < model->param_tensors; i++)
            code = read_tensor(&file, &model->param[i], params);
        for (int i = 0; !code && i < model->state_tensors; i++)
            code = read_tensor(&file, &model->state[i], states);
        net_tensors_close(&file);
    }
    free(path);
    return code;
}

static void widen(NetType type, const void *from, size_t count, double *to) {
    for (size_t i = 0; i < count; i++)
        to[i] = type == NET_F64 ? ((const double *)from)[i] : (double)((const float *)from)[i];
}

int net_weights_begin(const NetModel *model, const NetRunOptions *options, double *params,
                      double *states) {
    uint64_t seed = options->has_seed ? options->seed : model->train.seed;
    double *param = calloc(model->param_count + 1, sizeof *param);
    double *state = calloc(model->state_count + 1, sizeof *state);
    int code = param && state ? net_init(model, options, seed, param, state)
                              : net_report_memory("the weights");
    if (!code) {
        widen(model->type, param, model->param_count, params);
        widen(model->type, state, model->state_count, states);
    }
    free(param);
    free(state);
    return code;
}
