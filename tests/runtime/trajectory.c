// trajectory.c: 50 steps of an optimizer under a schedule, printed for comparison with PyTorch.
//   trajectory f32|f64 CLIP OPTIMIZER NAME=VALUE ... [-- SCHEDULE NAME=VALUE ...]
// A line a step: lr, momentum, watched loss, the gradients before clipping, the parameters after
// the update. The gradients are a function of step and parameters that keeps Adam's denominators
// away from 0.
#include "optimizer.h"
#include "schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 50, COUNT = 7, MOST = 16 };

static double numbers[MOST][8];
static NetSetting arguments[2][MOST];

static void parse(char *text, int place, int which, int index) {
    char *value = strchr(text, '=') + 1;
    value[-1] = 0;
    char *end = value;
    int count = 0;
    for (char *at = value; *at && count < 8; at = *end == ',' ? end + 1 : end) {
        numbers[place][count] = strtod(at, &end);
        if (end == at) break;
        count++;
    }
    arguments[which][index] = (NetSetting){text, count, numbers[place], count ? NULL : value};
}

static int parse_choice(char **argv, int argc, int at, int which, NetChoice *choice) {
    choice->kind = argv[at++];
    choice->argument = arguments[which];
    for (; at < argc && strcmp(argv[at], "--"); at++)
        parse(argv[at], at, which, choice->argument_count++);
    return at;
}

static double get(NetType type, const void *block, int i) {
    return type == NET_F64 ? ((const double *)block)[i] : (double)((const float *)block)[i];
}

static void set(NetType type, void *block, int i, double value) {
    if (type == NET_F64)
        ((double *)block)[i] = value;
    else
        ((float *)block)[i] = (float)value;
}

static void print(NetType type, const void *block) {
    for (int i = 0; i < COUNT; i++) printf(" %.17g", get(type, block, i));
}

int main(int argc, char **argv) {
    static double params[COUNT], grads[COUNT], moments[3][COUNT];
    static const NetTensor tensor[] = {{"a", 1, {4}, 0, 4, {.a = 0}},
                                       {"b", 1, {3}, 4, 3, {.a = 0}}};
    if (argc < 4) return 70;
    NetModel model = {.type = strcmp(argv[1], "f32") ? NET_F64 : NET_F32,
                      .param = tensor,
                      .param_tensors = 2,
                      .param_count = COUNT,
                      .train = {.epochs = STEPS}};
    int at = parse_choice(argv, argc, 3, 0, &model.train.optimizer);
    if (at < argc) parse_choice(argv, argc, at + 1, 1, &model.train.scheduler);
    NetRunOptions options = {.epochs = -1, .iterations = -1};
    Settings settings;
    if (net_settings_resolve(&model, &options, &settings)) return 2;
    double clip = atof(argv[2]);
    Optimizer o;
    Schedule s;
    net_optimizer_begin(&o, &settings.optimizer, model.type, COUNT,
                        net_schedule_cycles(&settings.scheduler));
    for (int i = 0; i < o.moment_count; i++) o.moment[i] = moments[i];
    net_optimizer_reset(&o);
    net_schedule_begin(&s, &settings.scheduler, &o, STEPS);
    for (int i = 0; i < COUNT; i++) set(model.type, params, i, 0.3 * i - 0.7);
    for (int step = 0; step < STEPS; step++) {
        double watched = 1 / (1.0 + 0.2 * fmin(step, 9)) + 0.01 * (step % 3);
        printf("%.17g %.17g %.17g", o.lr, o.momentum, watched);
        for (int i = 0; i < COUNT; i++)
            set(model.type, grads, i,
                0.5 * get(model.type, params, i) + sin(1.0 + 0.37 * step * (i + 1)) + 0.1 * i);
        print(model.type, grads);
        if (clip > 0) net_clip_grad_norm(&model, grads, clip);
        net_optimizer_step(&o, params, grads);
        print(model.type, params);
        putchar('\n');
        net_schedule_step(&s, &o, watched);
    }
    return 0;
}
