// init.c: constants, lists, uniform and normal draws, and tensors of safetensors files.
#include "init.h"

#include "data.h"
#include "random.h"
#include "report.h"
#include "safetensors.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void put(NetType type, void *block, size_t index, double value) {
    if (type == NET_F64)
        ((double *)block)[index] = value;
    else
        ((float *)block)[index] = (float)value;
}

static bool shape_fits(const NetTensor *t, const Stored *s) {
    bool same = t->rank == s->rank;
    for (int i = 0; same && i < t->rank; i++) same = t->shape[i] == s->shape[i];
    return same;
}

static int copy_stored(const NetTensor *t, NetType type, const TensorFile *file, void *block) {
    const Stored *s = net_tensors_find(file, t->init.entry);
    if (!s)
        return net_report(NET_BROKEN, "%s: there is no tensor \"%s\", which %s begins with",
                          file->path, t->init.entry, t->name);
    if (!s->known || s->type == NET_I32)
        return net_report(NET_BROKEN, "%s: tensor \"%s\" is %s; F32 or F64 is needed", file->path,
                          s->name, s->dtype);
    if (!shape_fits(t, s))
        return net_report(NET_BROKEN, "%s: tensor \"%s\" does not have the shape of %s", file->path,
                          s->name, t->name);
    void *values = malloc(s->bytes ? s->bytes : 1);
    if (!values) return net_report_memory(t->name);
    int code = net_tensors_load(file, s, values);
    for (size_t i = 0; !code && i < t->count; i++)
        put(type, block, t->offset + i,
            s->type == NET_F64 ? ((double *)values)[i] : (double)((float *)values)[i]);
    free(values);
    return code;
}

static int from_file(const NetTensor *t, NetType type, const NetRunOptions *options, void *block) {
    TensorFile file;
    char *path = NULL;
    int code = net_data_find(options, t->init.file, &path);
    if (code) return code;
    code = net_tensors_open(path, &file);
    if (!code) {
        code = copy_stored(t, type, &file, block);
        net_tensors_close(&file);
    }
    free(path);
    return code;
}

static int fill(const NetTensor *t, NetType type, const NetRunOptions *options, RandomStream stream,
                void *block) {
    const NetInit *init = &t->init;
    if (init->kind == NET_INIT_FILE) return from_file(t, type, options, block);
    for (size_t i = 0; i < t->count; i++) {
        double value = init->a;
        if (init->kind == NET_INIT_VALUES)
            value = init->values[i];
        else if (init->kind == NET_INIT_UNIFORM)
            value = init->a + (init->b - init->a) * net_random_unit(&stream);
        else if (init->kind == NET_INIT_NORMAL)
            value = init->a + init->b * net_random_normal(&stream);
        put(type, block, t->offset + i, value);
    }
    return NET_OK;
}

int net_init(const NetModel *model, const NetRunOptions *options, uint64_t seed, void *params,
             void *states) {
    for (int i = 0; i < model->param_tensors + model->state_tensors; i++) {
        bool is_param = i < model->param_tensors;
        const NetTensor *t = is_param ? &model->param[i] : &model->state[i - model->param_tensors];
        RandomStream stream = net_random_stream(seed, RANDOM_INIT, (uint64_t)i);
        int code = fill(t, model->type, options, stream, is_param ? params : states);
        if (code) return code;
    }
    return NET_OK;
}
