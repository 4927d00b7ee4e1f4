// data.c: finding data files, loading a data set in whichever format, and filling batches from it.
#include "data.h"

#include "files.h"
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t net_element_size(Element element) {
    switch (element) {
    case ELEMENT_U8:
    case ELEMENT_I8: return 1;
    case ELEMENT_I16: return 2;
    case ELEMENT_I32:
    case ELEMENT_F32: return 4;
    case ELEMENT_F64: return 8;
    }
    return 0;
}

double net_element_value(Element element, const void *values, size_t i) {
    switch (element) {
    case ELEMENT_U8: return ((const uint8_t *)values)[i];
    case ELEMENT_I8: return ((const int8_t *)values)[i];
    case ELEMENT_I16: return ((const int16_t *)values)[i];
    case ELEMENT_I32: return ((const int32_t *)values)[i];
    case ELEMENT_F32: return (double)((const float *)values)[i];
    case ELEMENT_F64: return ((const double *)values)[i];
    }
    return 0;
}

// Where the user's data sets live: $XDG_DATA_HOME/netc or ~/.local/share/netc; NULL without a home.
static char *user_folder(void) {
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (data && *data == '/') return net_path_join(data, "netc");
    return home && *home ? net_path_join(home, ".local/share/netc") : NULL;
}

static bool is_inside(const char *name) {
    if (!*name || *name == '/') return false;
    for (const char *at = name; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
        if (!strncmp(at, "..", 2) && (at[2] == '/' || !at[2])) return false;
    return true;
}

// The path of `name` or `name`.gz in `folder` if it can be read, else NULL.
static char *try_folder(const char *folder, const char *name) {
    static const char *const ending[] = {"", ".gz"};
    for (int i = 0; i < 2; i++) {
        char *plain = net_path_join(folder, name);
        char *path = plain ? malloc(strlen(plain) + 4) : NULL;
        if (path) sprintf(path, "%s%s", plain, ending[i]);
        free(plain);
        if (path && !access(path, R_OK)) return path;
        free(path);
    }
    return NULL;
}

int net_data_find(const NetRunOptions *options, const char *name, char **path) {
    if (!is_inside(name))
        return net_report(NET_BROKEN,
                          "\"%s\": a data file is named without a leading / and "
                          "without ..; say where it is with --data DIR",
                          name);
    char *user = user_folder();
    const char *folder[] = {options->data_dir, options->spec_dir, user};
    *path = NULL;
    for (int i = 0; i < 3 && !*path; i++)
        if (folder[i]) *path = try_folder(folder[i], name);
    int code = NET_OK;
    if (!*path)
        code = net_report(NET_BROKEN,
                          "the data file %s was not found; searched: %s%s%s%s%s%s: say where it "
                          "is with --data DIR",
                          name, folder[0] ? folder[0] : "(no --data)", ", ",
                          folder[1] ? (*folder[1] ? folder[1] : ".") : "(no folder of the spec)",
                          ", ", user ? user : "(no HOME)", "");
    free(user);
    return code;
}

static int report_value(const NetInput *input, const char *path, const char *what, size_t index,
                        double value) {
    size_t record = index / input->count + 1;
    if (input->classes)
        return net_report(NET_BROKEN, "%s: %s %zu: %s is %.9g, but its classes are 0 to %lld", path,
                          what, record, input->name, value, (long long)input->classes - 1);
    if (input->type == NET_I32)
        return net_report(NET_BROKEN, "%s: %s %zu: %s is %.9g, which is not a whole number", path,
                          what, record, input->name, value);
    return net_report(NET_BROKEN, "%s: %s %zu: %s is %.9g: it must be finite%s", path, what, record,
                      input->name, value, input->type == NET_F32 ? " as a 32-bit number" : "");
}

static bool is_right(const NetInput *input, double value) {
    if (input->classes)
        return value >= 0 && value < (double)input->classes && floor(value) == value;
    if (input->type == NET_I32) return fabs(value) <= INT32_MAX && floor(value) == value;
    return isfinite(input->type == NET_F32 ? (double)(float)value : value);
}

int net_column_check(const NetInput *input, const Column *column, int64_t samples, const char *path,
                     const char *what) {
    bool whole = column->element <= ELEMENT_I32;
    if (whole && !input->classes) return NET_OK;
    size_t count = (size_t)samples * input->count;
    for (size_t i = 0; i < count; i++) {
        double value = net_element_value(column->element, column->values, i);
        if (!is_right(input, value)) return report_value(input, path, what, i, value);
    }
    return NET_OK;
}

static int check_statistics(const char *what, const NetInput *input, int count) {
    if (count <= 1 || (input->rank > 0 && count == input->shape[0])) return NET_OK;
    return net_report(NET_USAGE, "normalize gives %d values of %s, but %s has %lld channels", count,
                      what, input->name, (long long)(input->rank > 0 ? input->shape[0] : 1));
}

// Marks the columns that are scaled and normalised, and checks that this can be done.
static int mark_transformed(const NetModel *model, Column *column) {
    const NetData *d = &model->data;
    int code = NET_OK;
    for (int i = 0; !code && i < model->input_count; i++) {
        const NetInput *input = &model->input[i];
        bool scaled = d->scale != 0 && d->scale != 1;
        column[i].transformed =
            !input->is_target && input->type != NET_I32 && (scaled || d->normalize);
        if (!column[i].transformed || !d->normalize) continue;
        code = check_statistics("mean", input, d->mean_count);
        if (!code) code = check_statistics("std", input, d->std_count);
    }
    for (int i = 0; !code && d->normalize && i < d->std_count; i++)
        if (!(d->std[i] > 0) || !isfinite(d->std[i]))
            code = net_report(NET_USAGE, "std in normalize is %g: it must be above 0", d->std[i]);
    return code;
}

static int add_path(Dataset *data, char *path) {
    char **grown = realloc(data->path, (size_t)(data->path_count + 1) * sizeof *grown);
    if (!grown) {
        free(path);
        return net_report_memory("a path");
    }
    data->path = grown;
    data->path[data->path_count++] = path;
    return NET_OK;
}

static int find_one(const NetRunOptions *options, const char *name, Dataset *data) {
    char *path = NULL;
    int code = net_data_find(options, name, &path);
    return code ? code : add_path(data, path);
}

static int load_idx(const NetModel *model, const NetRunOptions *options, const char *const *name,
                    int count, Dataset *data) {
    if (count != model->input_count)
        return net_report(NET_USAGE,
                          "the data name %d files, but the model has %d inputs and "
                          "targets: each needs one",
                          count, model->input_count);
    for (int i = 0; i < count; i++) {
        int64_t samples = 0;
        int code = find_one(options, name[i], data);
        if (!code) code = net_idx_read(&model->input[i], data->path[i], &data->column[i], &samples);
        if (!code && i > 0 && samples != data->samples)
            code = net_report(NET_BROKEN, "%s: has %lld samples, but %s has %lld", data->path[i],
                              (long long)samples, data->path[0], (long long)data->samples);
        if (code) return code;
        data->samples = samples;
    }
    return NET_OK;
}

static int load_csv(const NetModel *model, const NetRunOptions *options, const char *const *name,
                    int count, Dataset *data) {
    if (count != 1) return net_report(NET_USAGE, "csv data are one file, but %d are named", count);
    int code = find_one(options, name[0], data);
    return code ? code : net_csv_read(model, data->path[0], true, data->column, &data->samples);
}

static int load(const NetModel *model, const NetRunOptions *options, bool test, Dataset *data) {
    const NetData *d = &model->data;
    const char *const *name = test ? d->test : d->train;
    int count = test ? d->test_count : d->train_count;
    switch (d->format) {
    case NET_DATA_IDX: return load_idx(model, options, name, count, data);
    case NET_DATA_CSV: return load_csv(model, options, name, count, data);
    case NET_DATA_INLINE: return net_inline_read(model, data->column, &data->samples);
    case NET_DATA_NONE: break;
    }
    return net_report(NET_USAGE, "the spec has no data: add data { format = ...; train = ... }");
}

static int begin(const NetModel *model, Dataset *data) {
    *data = (Dataset){.model = model};
    data->column = calloc((size_t)model->input_count + 1, sizeof *data->column);
    return data->column ? NET_OK : net_report_memory("the data");
}

int net_data_load(const NetModel *model, const NetRunOptions *options, bool test, Dataset *data) {
    int code = begin(model, data);
    if (!code) code = load(model, options, test, data);
    if (!code && data->samples < 1) code = net_report(NET_BROKEN, "the data hold no samples");
    if (!code) code = mark_transformed(model, data->column);
    if (code) net_data_free(data);
    return code;
}

// The only input that is no target, or NULL where there are several.
static int only_input(const NetModel *model) {
    int found = -1;
    for (int i = 0; i < model->input_count; i++)
        if (!model->input[i].is_target) found = found < 0 ? i : model->input_count;
    return found < model->input_count ? found : -1;
}

// Tells by the first bytes: 'P' '5' is PGM, 0 0 is IDX, all else is text.
static int load_file(const NetModel *model, const char *path, Dataset *data) {
    unsigned char magic[2] = {'?', '?'};
    Bytes head;
    int code = net_file_read(path, 2, &head);
    if (code) return code;
    if (head.size >= 2) memcpy(magic, head.data, 2);
    free(head.data);
    bool pgm = magic[0] == 'P' && magic[1] == '5';
    if (!pgm && (magic[0] || magic[1]))
        return net_csv_read(model, path, false, data->column, &data->samples);
    int at = only_input(model);
    if (at < 0)
        return net_report(NET_USAGE, "%s: the model has several inputs: give csv rows instead",
                          path);
    return (pgm ? net_pgm_read : net_idx_read)(&model->input[at], path, &data->column[at],
                                               &data->samples);
}

int net_data_load_inputs(const NetModel *model, const char *path, Dataset *data) {
    int code = begin(model, data);
    if (!code) code = load_file(model, path, data);
    if (!code) code = mark_transformed(model, data->column);
    if (code) net_data_free(data);
    return code;
}

void net_data_free(Dataset *data) {
    for (int i = 0; data->column && i < data->model->input_count; i++) free(data->column[i].values);
    for (int i = 0; i < data->path_count; i++) free(data->path[i]);
    free(data->column);
    free(data->path);
    *data = (Dataset){.model = data->model};
}

enum { CHUNK = 256 };

static void widen(const Column *c, size_t from, size_t n, double *to) {
#define WIDEN(type)                                                                                \
    for (size_t i = 0; i < n; i++) to[i] = (double)((const type *)c->values)[from + i]
    switch (c->element) {
    case ELEMENT_U8: WIDEN(uint8_t); break;
    case ELEMENT_I8: WIDEN(int8_t); break;
    case ELEMENT_I16: WIDEN(int16_t); break;
    case ELEMENT_I32: WIDEN(int32_t); break;
    case ELEMENT_F32: WIDEN(float); break;
    case ELEMENT_F64: WIDEN(double); break;
    }
#undef WIDEN
}

// `at` is the place of the first value within its sample: it tells the channel.
static void transform(const NetData *d, const NetInput *input, size_t at, size_t n, double *x) {
    double scale = d->scale != 0 ? d->scale : 1;
    for (size_t i = 0; i < n; i++) x[i] = x[i] * scale;
    if (!d->normalize) return;
    size_t plane = input->rank > 0 ? input->count / (size_t)input->shape[0] : 1;
    for (size_t i = 0; i < n;) {
        size_t channel = (at + i) / plane;
        size_t end = (channel + 1) * plane - at;
        double mean = d->mean_count ? d->mean[d->mean_count > 1 ? channel : 0] : 0;
        double std = d->std_count ? d->std[d->std_count > 1 ? channel : 0] : 1;
        for (; i < n && i < end; i++) x[i] = (x[i] - mean) / std;
    }
}

static void narrow(NetType type, const double *from, size_t n, void *to, size_t at) {
    for (size_t i = 0; type == NET_F32 && i < n; i++) ((float *)to)[at + i] = (float)from[i];
    for (size_t i = 0; type == NET_F64 && i < n; i++) ((double *)to)[at + i] = from[i];
    for (size_t i = 0; type == NET_I32 && i < n; i++) ((int32_t *)to)[at + i] = (int32_t)from[i];
}

static void fill_sample(const NetData *d, const NetInput *input, const Column *c, int64_t sample,
                        void *block, size_t place) {
    double x[CHUNK];
    for (size_t at = 0; at < input->count; at += CHUNK) {
        size_t n = input->count - at < CHUNK ? input->count - at : CHUNK;
        widen(c, (size_t)sample * input->count + at, n, x);
        if (c->transformed) transform(d, input, at, n, x);
        narrow(input->type, x, n, block, place * input->count + at);
    }
}

void net_data_fill(const Dataset *data, const int64_t *order, int64_t first, int n, void *batch) {
    const NetModel *model = data->model;
    for (int i = 0; i < model->input_count; i++) {
        const NetInput *input = &model->input[i];
        const Column *c = &data->column[i];
        for (int j = 0; c->values && j < n; j++) {
            int64_t sample = order ? order[first + j] : first + j;
            fill_sample(&model->data, input, c, sample, (char *)batch + input->offset, (size_t)j);
        }
    }
}
