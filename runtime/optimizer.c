// optimizer.c: which moments an optimizer keeps, and its step for either element type.
#include "optimizer.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define REAL float
#define ROOT sqrtf
#define FABS fabsf
#define LARGEST FLT_MAX
#define ELEMENTS(name) name##_f32
#include "optimizer_elements.h"
#undef REAL
#undef ROOT
#undef FABS
#undef LARGEST
#undef ELEMENTS

#define REAL double
#define ROOT sqrt
#define FABS fabs
#define LARGEST DBL_MAX
#define ELEMENTS(name) name##_f64
#include "optimizer_elements.h"

static void add_moment(Optimizer *o, const char *name) {
    o->moment_name[o->moment_count++] = name;
}

static void name_moments(Optimizer *o, bool cycles) {
    switch (o->kind) {
    case OPTIMIZER_SGD:
        if (o->momentum != 0 || cycles) add_moment(o, "momentum_buffer");
        break;
    case OPTIMIZER_Adam:
    case OPTIMIZER_AdamW:
        add_moment(o, "exp_avg");
        add_moment(o, "exp_avg_sq");
        if (o->amsgrad) add_moment(o, "max_exp_avg_sq");
        break;
    case OPTIMIZER_RMSprop:
        add_moment(o, "square_avg");
        if (o->centered) add_moment(o, "grad_avg");
        if (o->momentum != 0 || cycles) add_moment(o, "momentum_buffer");
        break;
    case OPTIMIZER_Adagrad: add_moment(o, "sum"); break;
    }
}

void net_optimizer_begin(Optimizer *o, const Choice *choice, NetType type, size_t count,
                         bool cycles) {
    const SettingValue *betas = net_choice_value(choice, "betas");
    *o = (Optimizer){
        .kind = (OptimizerKind)choice->kind,
        .type = type,
        .count = count,
        .lr = net_choice_number(choice, "lr"),
        .momentum = betas ? betas->number[0] : net_choice_number(choice, "momentum"),
        .beta2 = betas ? betas->number[1] : 0,
        .dampening = net_choice_number(choice, "dampening"),
        .weight_decay = net_choice_number(choice, "weight_decay"),
        .eps = net_choice_number(choice, "eps"),
        .alpha = net_choice_number(choice, "alpha"),
        .lr_decay = net_choice_number(choice, "lr_decay"),
        .initial_sum = net_choice_number(choice, "initial_accumulator_value"),
        .nesterov = net_choice_number(choice, "nesterov") != 0,
        .amsgrad = net_choice_number(choice, "amsgrad") != 0,
        .centered = net_choice_number(choice, "centered") != 0,
    };
    name_moments(o, cycles);
}

void net_optimizer_reset(Optimizer *o) {
    for (int i = 0; i < o->moment_count; i++) {
        if (o->type == NET_F64)
            fill_f64(o->moment[i], o->count, o->initial_sum);
        else
            fill_f32(o->moment[i], o->count, o->initial_sum);
    }
    o->step = 0;
    o->started = false;
}

void net_optimizer_step(Optimizer *o, void *params, const void *grads) {
    o->step++;
    if (o->type == NET_F64)
        step_f64(o, params, grads);
    else
        step_f32(o, params, grads);
    if (o->momentum != 0) o->started = true;
}

double net_clip_grad_norm(const NetModel *model, void *grads, double most) {
    bool wide = model->type == NET_F64;
    double sum = 0;
    for (int i = 0; i < model->param_tensors; i++) {
        const NetTensor *t = &model->param[i];
        double norm = wide ? norm_f64((const double *)grads + t->offset, t->count)
                           : norm_f32((const float *)grads + t->offset, t->count);
        sum += norm * norm;
    }
    double norm = wide ? sqrt(sum) : (double)(float)sqrt(sum);
    double factor = most / (norm + 1e-6);
    if (factor < 1) {
        if (wide)
            scale_f64(grads, model->param_count, factor);
        else
            scale_f32(grads, model->param_count, factor);
    }
    return norm;
}

size_t net_first_nonfinite(NetType type, const void *values, size_t count) {
    return type == NET_F64 ? nonfinite_f64(values, count) : nonfinite_f32(values, count);
}
