// trainer.c: net_main for one of the hand-written models, changed as the tests need it by words
// before the options:
//   trainer linear|softmax [f:NAME=VALUE ...] [net_main's arguments]
// Fields: f:fingerprint=TEXT, f:huge=1 (10^12 parameters), f:stop=N (stop_after_steps), f:csv=FILE,
// f:normalize=N (N values of mean 0.25, 0.75 and std 0.5, 2), f:optimizer=KIND, f:scheduler=KIND
// (their settings come from --set).
#include "models.h"
#include "net_runtime.h"

#include <stdlib.h>
#include <string.h>

typedef struct Fields {
    int64_t stop;
    const char *csv[1];
} Fields;

static const char *const columns_x[] = {"a", "b"};
static const char *const columns_t[] = {"t"};
static const NetColumns columns[] = {{"x", columns_x, 2}, {"t", columns_t, 1}};

static void change(NetModel *model, Fields *fields, const char *name, const char *value) {
    if (!strncmp(name, "fingerprint=", 12)) model->fingerprint = value;
    if (!strncmp(name, "huge=", 5)) model->param_count = 1000000000000;
    if (!strncmp(name, "stop=", 5)) fields->stop = atoll(value);
    if (!strncmp(name, "clip=", 5)) model->train.clip_grad_norm = atof(value);
    if (!strncmp(name, "optimizer=", 10)) model->train.optimizer = (NetChoice){.kind = value};
    if (!strncmp(name, "scheduler=", 10)) model->train.scheduler = (NetChoice){.kind = value};
    if (!strncmp(name, "normalize=", 10)) {
        static const double mean[] = {0.25, 0.75};
        static const double std[] = {0.5, 2};
        model->data.normalize = 1;
        model->data.mean = mean;
        model->data.std = std;
        model->data.mean_count = model->data.std_count = atoi(value);
    }
    if (!strncmp(name, "csv=", 4)) {
        fields->csv[0] = value;
        model->data = (NetData){.format = NET_DATA_CSV,
                                .train = fields->csv,
                                .train_count = 1,
                                .columns = columns,
                                .columns_count = 2};
    }
}

enum { MOST_SETTINGS_GIVEN = 8 };

static void take_setting(char *text, NetSetting *setting, double *number) {
    char *value = strchr(text, '=');
    *value++ = 0;
    *number = !strcmp(value, "true") ? 1 : atof(value); // "false" gives 0
    *setting = (NetSetting){text, 1, number, NULL};
}

// The options that tests of stopping need, without net_main's parser: --out, --resume, --data,
// --quiet.
static int train_until(const NetModel *model, int64_t stop, int argc, char **argv) {
    NetSetting set[MOST_SETTINGS_GIVEN];
    double number[MOST_SETTINGS_GIVEN];
    NetRunOptions o = {
        .set = set, .epochs = -1, .iterations = -1, .stop_after_steps = stop, .threads = 1};
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--out"))
            o.out_dir = argv[++i];
        else if (!strcmp(argv[i], "--resume"))
            o.resume = argv[++i];
        else if (!strcmp(argv[i], "--data"))
            o.data_dir = argv[++i];
        else if (!strcmp(argv[i], "--iterations"))
            o.iterations = atoll(argv[++i]);
        else if (!strcmp(argv[i], "--quiet"))
            o.quiet = true;
        else if (!strcmp(argv[i], "--set") && o.set_count < MOST_SETTINGS_GIVEN)
            take_setting(argv[++i], &set[o.set_count], &number[o.set_count]), o.set_count++;
        else
            return 70;
    }
    return net_train(model, &o);
}

int main(int argc, char **argv) {
    if (argc < 2) return 70;
    NetModel model = strcmp(argv[1], "softmax") ? linear_model : softmax_model;
    Fields fields = {0};
    int first = 2;
    for (; first < argc && !strncmp(argv[first], "f:", 2); first++)
        change(&model, &fields, argv[first] + 2, strchr(argv[first], '=') + 1);
    argv[first - 1] = argv[0];
    argc -= first - 1;
    argv += first - 1;
    return fields.stop ? train_until(&model, fields.stop, argc, argv)
                       : net_main(&model, argc, argv);
}
