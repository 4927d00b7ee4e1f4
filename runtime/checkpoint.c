// checkpoint.c: everything that a run needs to go on bit for bit, as one safetensors file.
//
// Tensors: parameters and states under their names, the optimizer's moments as
// "optimizer.exp_avg.NAME". Numbers are texts in __metadata__, reals as %.17g, which strtod reads
// back exactly. No time and no path: equal runs give equal files. The order of the samples is a
// function of seed and epoch, so these two stand for it.
#include "files.h"
#include "report.h"
#include "run.h"
#include "safetensors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char format_name[] = "netc checkpoint";
static const char format_version[] = "1";

// The metadata being made: texts under their names.
typedef struct Metadata {
    json_t *object;
    bool failed; // for want of memory
} Metadata;

static void set_text(Metadata *m, const char *key, const char *text) {
    m->failed |= !text || json_object_set_new(m->object, key, json_string(text));
}

static void set_real(Metadata *m, const char *key, double value) {
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    set_text(m, key, text);
}

static void set_whole(Metadata *m, const char *key, int64_t value) {
    char text[40];
    snprintf(text, sizeof text, "%lld", (long long)value);
    set_text(m, key, text);
}

// The sums of the epoch under way and of the last one done, which run.json shows when a run has
// ended.
static void set_figures(Metadata *m, const char *name, const Figures *figures, int count) {
    char key[32];
    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%s.%d", name, i);
        set_real(m, key, figures->sum[i]);
    }
    snprintf(key, sizeof key, "%s.samples", name);
    set_whole(m, key, figures->samples);
}

// The settings that a resumed run must share, as one text; the caller frees it.
static char *settings_text(const Run *run) {
    const Settings *s = &run->settings;
    char *optimizer = net_choice_text(&s->optimizer);
    char *scheduler = net_choice_text(&s->scheduler);
    char *text = NULL;
    size_t size = 0;
    FILE *out = optimizer && scheduler ? open_memstream(&text, &size) : NULL;
    if (out) {
        fprintf(out, "optimizer = %s; scheduler = %s; clip_grad_norm = %.17g; shuffle = %s",
                optimizer, scheduler, s->clip_grad_norm, s->shuffle ? "true" : "false");
        if (run->schedule.kind == SCHEDULE_OneCycleLR)
            fprintf(out, "; steps = %.0f", run->schedule.total_steps);
        fprintf(out, "; counted by %s", s->by_iteration ? "iterations" : "epochs");
        fclose(out);
    }
    free(optimizer);
    free(scheduler);
    return text;
}

static void set_progress(Metadata *m, const Run *run) {
    set_real(m, "lr", run->optimizer.lr);
    set_real(m, "last_lr", run->last_lr);
    set_real(m, "momentum", run->optimizer.momentum);
    set_whole(m, "optimizer.step", (int64_t)run->optimizer.step);
    set_whole(m, "optimizer.started", run->optimizer.started);
    set_real(m, "scheduler.base_lr", run->schedule.base_lr);
    set_whole(m, "scheduler.step", run->schedule.step);
    set_real(m, "scheduler.best", run->schedule.best);
    set_whole(m, "scheduler.bad", run->schedule.bad);
    set_whole(m, "scheduler.cooldown", run->schedule.cooldown);
    set_figures(m, "sum", &run->so_far, run->model->result_count);
    set_figures(m, "train", &run->last_train, run->model->result_count);
    set_figures(m, "test", &run->last_test, run->model->result_count);
}

// NULL without memory.
static json_t *make_metadata(const Run *run) {
    Metadata metadata = {.object = json_object()};
    Metadata *m = &metadata;
    char *settings = settings_text(run);
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->settings.seed);
    set_text(m, "format", format_name);
    set_text(m, "version", format_version);
    set_text(m, "model", run->model->name);
    set_text(m, "fingerprint", run->model->fingerprint);
    set_text(m, "style", run->model->schedule);
    set_text(m, "settings", settings);
    set_text(m, "seed", seed);
    set_whole(m, "batch_size", run->model->batch_size);
    set_whole(m, "samples", run->train.samples);
    set_whole(m, "step", (int64_t)run->step);
    set_whole(m, "epoch", run->epoch);
    set_whole(m, "batch", run->batch);
    set_progress(m, run);
    free(settings);
    if (!m->failed) return m->object;
    json_decref(m->object);
    return NULL;
}

// One tensor of a checkpoint, and the memory it is written from or read into.
typedef struct Part {
    char *name;
    const NetTensor *tensor;
    void *block;
} Part;

typedef struct Parts {
    Part *part;
    int count;
} Parts;

static char *moment_name(const Run *run, int moment, const NetTensor *t) {
    const char *kind = run->optimizer.moment_name[moment];
    size_t size = strlen(kind) + strlen(t->name) + sizeof "optimizer..";
    char *name = malloc(size);
    if (name) snprintf(name, size, "optimizer.%s.%s", kind, t->name);
    return name;
}

static void add_part(Parts *parts, char *name, const NetTensor *t, void *block) {
    parts->part[parts->count++] = (Part){.name = name, .tensor = t, .block = block};
}

static int list_parts(const Run *run, bool weights_only, Parts *parts) {
    const NetModel *m = run->model;
    int moments = weights_only ? 0 : run->optimizer.moment_count;
    size_t most = (size_t)m->param_tensors * (size_t)(1 + moments) + (size_t)m->state_tensors;
    *parts = (Parts){.part = calloc(most + 1, sizeof *parts->part)};
    if (!parts->part) return net_report_memory("a checkpoint");
    for (int i = 0; i < m->param_tensors; i++)
        add_part(parts, net_path_join("", m->param[i].name), &m->param[i], run->blocks.params);
    for (int i = 0; i < m->state_tensors; i++)
        add_part(parts, net_path_join("", m->state[i].name), &m->state[i], run->blocks.states);
    for (int k = 0; k < moments; k++)
        for (int i = 0; i < m->param_tensors; i++)
            add_part(parts, moment_name(run, k, &m->param[i]), &m->param[i],
                     run->optimizer.moment[k]);
    for (int i = 0; i < parts->count; i++)
        if (!parts->part[i].name) return net_report_memory("a checkpoint");
    return NET_OK;
}

static void free_parts(Parts *parts) {
    for (int i = 0; i < parts->count; i++) free(parts->part[i].name);
    free(parts->part);
}

static char *place_of(const Run *run, const Part *part) {
    return (char *)part->block + part->tensor->offset * net_type_size(run->model->type);
}

static Stored to_stored(const Run *run, const Part *part) {
    Stored s = {
        .name = part->name,
        .type = run->model->type,
        .rank = part->tensor->rank,
        .bytes = part->tensor->count * net_type_size(run->model->type),
        .data = place_of(run, part),
    };
    memcpy(s.shape, part->tensor->shape, sizeof s.shape);
    return s;
}

int net_checkpoint_write(Run *run) {
    Parts parts;
    int code = list_parts(run, false, &parts);
    Stored *stored = calloc((size_t)parts.count + 1, sizeof *stored);
    json_t *metadata = make_metadata(run);
    if (!code && (!stored || !metadata)) code = net_report_memory("a checkpoint");
    for (int i = 0; !code && i < parts.count; i++) stored[i] = to_stored(run, &parts.part[i]);
    if (!code) code = net_tensors_write(run->checkpoint_path, stored, parts.count, metadata);
    json_decref(metadata);
    free(stored);
    free_parts(&parts);
    run->saved = run->saved || !code;
    return code;
}

static int load_part(const Run *run, const TensorFile *file, const Part *part) {
    const NetTensor *t = part->tensor;
    const Stored *s = net_tensors_find(file, part->name);
    if (!s) return net_report(NET_BROKEN, "%s: tensor \"%s\" is missing", file->path, part->name);
    bool same = s->rank == t->rank;
    for (int i = 0; same && i < t->rank; i++) same = s->shape[i] == t->shape[i];
    if (!same)
        return net_report(NET_BROKEN, "%s: tensor \"%s\" has another shape than in the model",
                          file->path, part->name);
    if (!s->known || s->type != run->model->type)
        return net_report(NET_BROKEN, "%s: tensor \"%s\" is %s, but the model computes in %s",
                          file->path, part->name, s->dtype, net_type_name(run->model->type));
    return net_tensors_load(file, s, place_of(run, part));
}

static int load_parts(const Run *run, const TensorFile *file, bool weights_only) {
    Parts parts;
    int code = list_parts(run, weights_only, &parts);
    for (int i = 0; !code && i < parts.count; i++) code = load_part(run, file, &parts.part[i]);
    if (!code && !weights_only && file->count != parts.count)
        code = net_report(NET_BROKEN, "%s: has %d tensors, but the run has %d", file->path,
                          file->count, parts.count);
    free_parts(&parts);
    return code;
}

static int broken_number(const TensorFile *file, const char *key) {
    return net_report(NET_BROKEN, "%s: the metadata \"%s\" are missing or broken", file->path, key);
}

static int get_real(const TensorFile *file, const char *key, double *value) {
    const char *text = net_tensors_text(file, key);
    char *end = NULL;
    if (!text) return broken_number(file, key);
    *value = strtod(text, &end);
    return *text && !*end ? NET_OK : broken_number(file, key);
}

static int get_whole(const TensorFile *file, const char *key, int64_t *value) {
    const char *text = net_tensors_text(file, key);
    char *end = NULL;
    if (!text || *text < '0' || *text > '9') return broken_number(file, key);
    errno = 0;
    *value = strtoll(text, &end, 10);
    return !*end && !errno ? NET_OK : broken_number(file, key);
}

static int get_reals(Run *run, const TensorFile *file) {
    Optimizer *o = &run->optimizer;
    Schedule *s = &run->schedule;
    const struct {
        const char *key;
        double *to;
    } real[] = {{"lr", &o->lr},
                {"last_lr", &run->last_lr},
                {"momentum", &o->momentum},
                {"scheduler.base_lr", &s->base_lr},
                {"scheduler.best", &s->best}};
    int code = NET_OK;
    for (size_t i = 0; !code && i < sizeof real / sizeof *real; i++)
        code = get_real(file, real[i].key, real[i].to);
    return code;
}

static int get_wholes(Run *run, const TensorFile *file) {
    int64_t step = 0, updates = 0, started = 0;
    const struct {
        const char *key;
        int64_t *to;
    } whole[] = {{"step", &step},
                 {"epoch", &run->epoch},
                 {"batch", &run->batch},
                 {"optimizer.step", &updates},
                 {"optimizer.started", &started},
                 {"scheduler.step", &run->schedule.step},
                 {"scheduler.bad", &run->schedule.bad},
                 {"scheduler.cooldown", &run->schedule.cooldown}};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        int code = get_whole(file, whole[i].key, whole[i].to);
        if (code) return code;
    }
    if (run->batch > net_run_batches(run)) return broken_number(file, "batch");
    run->step = (uint64_t)step;
    run->optimizer.step = (uint64_t)updates;
    run->optimizer.started = started != 0;
    return NET_OK;
}

static int get_figures(const TensorFile *file, const char *name, Figures *figures, int count) {
    char key[32];
    int code = NET_OK;
    for (int i = 0; !code && i < count; i++) {
        snprintf(key, sizeof key, "%s.%d", name, i);
        code = get_real(file, key, &figures->sum[i]);
    }
    snprintf(key, sizeof key, "%s.samples", name);
    return code ? code : get_whole(file, key, &figures->samples);
}

static int get_all_figures(Run *run, const TensorFile *file) {
    int count = run->model->result_count;
    int code = get_figures(file, "sum", &run->so_far, count);
    if (!code) code = get_figures(file, "train", &run->last_train, count);
    return code ? code : get_figures(file, "test", &run->last_test, count);
}

static int check_same(const TensorFile *file, const char *key, int64_t now, const char *remedy) {
    int64_t then = 0;
    int code = get_whole(file, key, &then);
    if (!code && then != now)
        code = net_report(NET_BROKEN, "%s: was trained with %s %lld, but now it is %lld: %s",
                          file->path, key, (long long)then, (long long)now, remedy);
    return code;
}

static int check_settings(const Run *run, const TensorFile *file) {
    const char *then = net_tensors_text(file, "settings");
    char *now = settings_text(run);
    int code = NET_OK;
    if (!now)
        code = net_report_memory("the settings");
    else if (!then)
        code = broken_number(file, "settings");
    else if (strcmp(then, now))
        code = net_report(NET_USAGE,
                          "%s: was trained with other settings\n  then: %s\n  now:  "
                          "%s\n  resume with the settings it was trained with (--set), "
                          "or start anew without --resume",
                          file->path, then, now);
    free(now);
    return code;
}

// The seed of the checkpoint goes on, unless another one was asked for.
static int take_seed(Run *run, const TensorFile *file) {
    const char *text = net_tensors_text(file, "seed");
    char *end = NULL;
    errno = 0;
    unsigned long long seed = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    if (!end || *end || errno) return broken_number(file, "seed");
    if (run->options->has_seed && run->options->seed != seed)
        return net_report(NET_USAGE, "%s: was trained with seed %llu: resume with --seed %llu",
                          file->path, seed, seed);
    run->settings.seed = seed;
    return NET_OK;
}

static int check_origin(const Run *run, const TensorFile *file, bool weights_only) {
    const char *format = net_tensors_text(file, "format");
    const char *version = net_tensors_text(file, "version");
    const char *fingerprint = net_tensors_text(file, "fingerprint");
    if (!format && weights_only)
        return NET_OK; // weights from elsewhere: names and shapes will tell
    if (!format || strcmp(format, format_name))
        return net_report(NET_BROKEN, "%s: is not a checkpoint of netc", file->path);
    if (!version || strcmp(version, format_version))
        return net_report(NET_BROKEN,
                          "%s: is a checkpoint of version %s, but this netc reads "
                          "version %s: use the netc that wrote it",
                          file->path, version ? version : "?", format_version);
    if (!fingerprint || strcmp(fingerprint, run->model->fingerprint)) {
        const char *model = net_tensors_text(file, "model");
        return net_report(NET_BROKEN,
                          "%s: belongs to another model (%s, fingerprint %s; this is "
                          "%s, %s): use the spec it was trained with, or train anew",
                          file->path, model ? model : "?", fingerprint ? fingerprint : "?",
                          run->model->name, run->model->fingerprint);
    }
    return NET_OK;
}

static int check_style(const Run *run, const TensorFile *file) {
    const char *style = net_tensors_text(file, "style");
    if (!style || !strcmp(style, run->model->schedule)) return NET_OK;
    return net_report(NET_BROKEN,
                      "%s: was trained with style %s, but the model was compiled with "
                      "%s: compile it with --style %s",
                      file->path, style, run->model->schedule, style);
}

static int read_progress(Run *run, const TensorFile *file) {
    int code = check_style(run, file);
    if (!code) code = take_seed(run, file);
    if (!code) code = check_settings(run, file);
    if (!code)
        code = check_same(file, "batch_size", run->model->batch_size,
                          "compile the model with that batch_size");
    if (!code)
        code = check_same(file, "samples", run->train.samples, "give the same training data");
    if (!code) code = get_wholes(run, file);
    if (!code) code = get_reals(run, file);
    return code ? code : get_all_figures(run, file);
}

int net_checkpoint_read(Run *run, const char *path, bool weights_only) {
    TensorFile file;
    int code = net_tensors_open(path, &file);
    if (code) return code;
    code = check_origin(run, &file, weights_only);
    if (!code && !weights_only) code = read_progress(run, &file);
    if (!code) code = load_parts(run, &file, weights_only);
    net_tensors_close(&file);
    return code;
}
