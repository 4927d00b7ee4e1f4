// run_json.c: run.json, what a reader of the run folder needs to know to repeat the run: written by
// training, read again for reports.
#include "files.h"
#include "report.h"
#include "run.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *real(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *describe_value(const SettingRow *row, const SettingValue *v) {
    switch (row->type) {
    case SETTING_NUMBER: return real(v->number[0]);
    case SETTING_FLAG: return json_boolean(v->number[0] != 0);
    case SETTING_PAIR: return json_pack("[f, f]", v->number[0], v->number[1]);
    case SETTING_WORD: return json_string(v->word);
    case SETTING_LIST: {
        json_t *list = json_array();
        for (int i = 0; i < v->list_count; i++) json_array_append_new(list, real(v->list[i]));
        return list;
    }
    case SETTING_KIND:
    case SETTING_END: break;
    }
    return json_null();
}

static json_t *describe_choice(const Choice *c) {
    if (!c->table) return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(c->table->name));
    for (int i = 0; i < c->count; i++)
        json_object_set_new(object, c->table[i + 1].name,
                            describe_value(&c->table[i + 1], &c->value[i]));
    return object;
}

static json_t *describe_settings(const Run *run) {
    const Settings *s = &run->settings;
    json_t *object = json_object();
    if (s->by_iteration)
        json_object_set_new(object, "iterations", json_integer(s->iterations));
    else
        json_object_set_new(object, "epochs", json_integer(s->epochs));
    json_object_set_new(object, "batch_size", json_integer(run->model->batch_size));
    json_object_set_new(object, "shuffle", json_boolean(s->shuffle));
    json_object_set_new(object, "clip_grad_norm",
                        s->clip_grad_norm > 0 ? real(s->clip_grad_norm) : json_null());
    json_object_set_new(object, "optimizer", describe_choice(&s->optimizer));
    json_object_set_new(object, "scheduler", describe_choice(&s->scheduler));
    return object;
}

static json_t *describe_data(const Dataset *data) {
    json_t *list = json_array();
    for (int i = 0; i < data->path_count; i++)
        json_array_append_new(list, json_string(data->path[i]));
    return json_pack("{s:I, s:o}", "samples", (json_int_t)data->samples, "files", list);
}

static json_t *describe_figures(const Run *run, const Figures *figures) {
    json_t *object = json_object();
    for (int i = 0; figures->samples && i < run->model->result_count; i++)
        json_object_set_new(object, run->model->result[i], real(net_figure(figures, i)));
    return object;
}

// The processor's name as Linux knows it.
static json_t *describe_processor(void) {
    char line[256], name[256] = "";
    FILE *in = fopen("/proc/cpuinfo", "r");
    while (in && !*name && fgets(line, sizeof line, in)) {
        const char *value = strchr(line, ':');
        if (!strncmp(line, "model name", 10) && value)
            snprintf(name, sizeof name, "%s", value + 1 + strspn(value + 1, " "));
    }
    if (in) fclose(in);
    name[strcspn(name, "\n")] = 0;
    return *name ? json_string(name) : json_null();
}

static json_t *describe(const Run *run, bool finished) {
    const NetModel *m = run->model;
    json_t *object = json_object();
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->settings.seed);
    json_object_set_new(object, "model", json_string(m->name));
    json_object_set_new(object, "spec", json_string(m->spec));
    json_object_set_new(object, "netc", json_string(NETC_VERSION));
    json_object_set_new(object, "fingerprint", json_string(m->fingerprint));
    json_object_set_new(object, "precision", json_string(m->type == NET_F64 ? "f64" : "f32"));
    json_object_set_new(object, "style", json_string(m->schedule));
    if (run->options->compiler)
        json_object_set_new(object, "compiler", json_string(run->options->compiler));
    json_object_set_new(object, "parameters", json_integer((json_int_t)m->param_count));
    json_object_set_new(object, "seed",
                        run->settings.seed <= INT64_MAX
                            ? json_integer((json_int_t)run->settings.seed)
                            : json_string(seed));
    json_object_set_new(object, "threads", json_integer(run->threads));
    json_object_set_new(object, "processor", describe_processor());
    json_object_set_new(object, "settings", describe_settings(run));
    json_object_set_new(object, "train_data", describe_data(&run->train));
    json_object_set_new(object, "test_data",
                        run->has_test ? describe_data(&run->test) : json_null());
    json_object_set_new(object, "finished", json_boolean(finished));
    json_object_set_new(object, "steps", json_integer((json_int_t)run->step));
    json_object_set_new(object, "epochs_done", json_integer(run->epoch));
    json_object_set_new(object, "train", describe_figures(run, &run->last_train));
    json_object_set_new(object, "test", describe_figures(run, &run->last_test));
    return object;
}

int net_run_json_write(const Run *run, bool finished) {
    if (!run->json_path) return NET_OK;
    json_t *object = describe(run, finished);
    char *text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
    json_decref(object);
    if (!text) return net_report_memory("run.json");
    Replacement r;
    int code = net_replace_begin(&r, run->json_path);
    if (!code) {
        fprintf(r.file, "%s\n", text);
        code = net_replace_end(&r);
    }
    free(text);
    return code;
}

// --- reading

typedef struct Facts {
    void (*visit)(void *data, const char *name, const char *value);
    void *data;
} Facts;

static const char *scalar_text(const json_t *value, char *room, size_t size) {
    double number = json_number_value(value);
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_null(value)) return "none";
    if (json_is_boolean(value)) return json_is_true(value) ? "true" : "false";
    if (json_is_integer(value)) {
        snprintf(room, size, "%lld", (long long)json_integer_value(value));
        return room;
    }
    snprintf(room, size, "%.15g", number);
    if (strtod(room, NULL) != number) snprintf(room, size, "%.17g", number);
    return room;
}

static int visit_list(const Facts *f, const char *name, const json_t *list) {
    char *text = NULL, room[40];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return net_report_memory("run.json");
    for (size_t i = 0; i < json_array_size(list); i++)
        fprintf(out, "%s%s", i ? ", " : "",
                scalar_text(json_array_get(list, i), room, sizeof room));
    fclose(out);
    if (!text) return net_report_memory("run.json");
    f->visit(f->data, name, text);
    free(text);
    return NET_OK;
}

// `path`: the names above, each with a dot behind it. jansson reads 2048 levels at most.
static int visit_all(const Facts *f, const char *path, json_t *object) {
    const char *key;
    json_t *value;
    char room[40];
    int code = NET_OK;
    json_object_foreach(object, key, value) {
        size_t size = strlen(path) + strlen(key) + 2;
        char *name = malloc(size);
        if (!name) return net_report_memory("run.json");
        snprintf(name, size, "%s%s%s", path, key, json_is_object(value) ? "." : "");
        if (json_is_object(value))
            code = visit_all(f, name, value);
        else if (json_is_array(value))
            code = visit_list(f, name, value);
        else
            f->visit(f->data, name, scalar_text(value, room, sizeof room));
        free(name);
        if (code) return code;
    }
    return code;
}

int net_run_json_read(const char *run,
                      void (*visit)(void *data, const char *name, const char *value), void *data) {
    Facts facts = {visit, data};
    json_error_t error;
    char *path = net_path_join(run, "run.json");
    if (!path) return net_report_memory("a path");
    json_t *object = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    int code = NET_OK;
    if (!json_is_object(object))
        code = net_report(NET_BROKEN, "%s: %s", path, object ? "it is no JSON object" : error.text);
    if (!code) code = visit_all(&facts, "", object);
    json_decref(object);
    free(path);
    return code;
}
