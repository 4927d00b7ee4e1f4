// schedule.c: torch.optim.lr_scheduler, schedule by schedule, each in the form that depends on the
// rate before.
#include "schedule.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

bool net_schedule_cycles(const Choice *choice) {
    return choice->table && choice->kind == SCHEDULE_OneCycleLR &&
           net_choice_number(choice, "cycle_momentum") != 0;
}

static double number(const Schedule *s, const char *name) {
    return net_choice_number(s->choice, name);
}

static double step_lr(const Schedule *s, double lr) {
    bool due = s->step > 0 && fmod((double)s->step, number(s, "step_size")) == 0;
    return due ? lr * number(s, "gamma") : lr;
}

static double multi_step(const Schedule *s, double lr) {
    const SettingValue *milestones = net_choice_value(s->choice, "milestones");
    int times = 0;
    for (int i = 0; i < milestones->list_count; i++)
        times += milestones->list[i] == (double)s->step;
    return times ? lr * pow(number(s, "gamma"), times) : lr;
}

static double cosine(const Schedule *s, double lr) {
    double most = number(s, "T_max");
    double least = number(s, "eta_min");
    double t = (double)s->step;
    if (s->step == 0) return lr;
    if (fmod(t - 1 - most, 2 * most) == 0)
        return lr + (s->base_lr - least) * (1 - cos(pi / most)) / 2;
    return (1 + cos(pi * t / most)) / (1 + cos(pi * (t - 1) / most)) * (lr - least) + least;
}

static double linear(const Schedule *s, double lr) {
    double first = number(s, "start_factor");
    double last = number(s, "end_factor");
    double total = number(s, "total_iters");
    double t = (double)s->step;
    if (s->step == 0) return lr * first;
    if (t > total) return lr;
    return lr * (1. + (last - first) / (total * first + (t - 1) * (last - first)));
}

static double anneal(const Schedule *s, double from, double to, double part) {
    if (!strcmp(net_choice_value(s->choice, "anneal_strategy")->word, "linear"))
        return (to - from) * part + from;
    return to + (from - to) / 2.0 * (cos(pi * part) + 1);
}

// A phase of the one-cycle policy: up to step `end`, the rate and the momentum run between two
// values.
typedef struct Phase {
    double end, lr[2], momentum[2];
} Phase;

static int list_phases(const Schedule *s, Phase phase[3]) {
    double top = number(s, "max_lr");
    double low = top / number(s, "div_factor");
    double least = low / number(s, "final_div_factor");
    double slow = number(s, "base_momentum");
    double fast = number(s, "max_momentum");
    double rise = number(s, "pct_start");
    bool three = number(s, "three_phase") != 0;
    int count = 0;
    phase[count++] = (Phase){rise * s->total_steps - 1, {low, top}, {fast, slow}};
    if (three) phase[count++] = (Phase){2 * rise * s->total_steps - 2, {top, low}, {slow, fast}};
    phase[count++] =
        (Phase){s->total_steps - 1, {three ? low : top, least}, {three ? fast : slow, fast}};
    return count;
}

static double one_cycle(const Schedule *s, Optimizer *o) {
    Phase phase[3];
    int last = list_phases(s, phase) - 1;
    double start = 0;
    int i = 0;
    for (; i < last && (double)s->step > phase[i].end; i++) start = phase[i].end;
    double length = phase[i].end - start;
    double part = length != 0 ? ((double)s->step - start) / length : 1; // a run of one step
    if (number(s, "cycle_momentum") != 0)
        o->momentum = anneal(s, phase[i].momentum[0], phase[i].momentum[1], part);
    return anneal(s, phase[i].lr[0], phase[i].lr[1], part);
}

static bool is_better(const Schedule *s, double value) {
    double threshold = number(s, "threshold");
    bool least = !strcmp(net_choice_value(s->choice, "mode")->word, "min");
    bool relative = !strcmp(net_choice_value(s->choice, "threshold_mode")->word, "rel");
    if (least) return value < (relative ? s->best * (1. - threshold) : s->best - threshold);
    return value > (relative ? s->best * (threshold + 1.) : s->best + threshold);
}

static double plateau(Schedule *s, double lr, double watched) {
    if (is_better(s, watched)) {
        s->best = watched;
        s->bad = 0;
    } else {
        s->bad++;
    }
    if (s->cooldown > 0) {
        s->cooldown--;
        s->bad = 0;
    }
    if ((double)s->bad <= number(s, "patience")) return lr;
    s->cooldown = (int64_t)number(s, "cooldown");
    s->bad = 0;
    double lower = fmax(lr * number(s, "factor"), number(s, "min_lr"));
    return lr - lower > number(s, "eps") ? lower : lr;
}

static double rate(Schedule *s, Optimizer *o, double watched) {
    switch (s->kind) {
    case SCHEDULE_StepLR: return step_lr(s, o->lr);
    case SCHEDULE_MultiStepLR: return multi_step(s, o->lr);
    case SCHEDULE_ExponentialLR: return s->step ? o->lr * number(s, "gamma") : o->lr;
    case SCHEDULE_CosineAnnealingLR: return cosine(s, o->lr);
    case SCHEDULE_OneCycleLR: return one_cycle(s, o);
    case SCHEDULE_LinearLR: return linear(s, o->lr);
    case SCHEDULE_ReduceLROnPlateau: return s->step ? plateau(s, o->lr, watched) : o->lr;
    case SCHEDULE_NONE: break;
    }
    return o->lr;
}

void net_schedule_begin(Schedule *s, const Choice *choice, Optimizer *o, int64_t total_steps) {
    *s = (Schedule){
        .kind = choice->table ? (ScheduleKind)choice->kind : SCHEDULE_NONE,
        .choice = choice,
        .base_lr = o->lr,
        .total_steps = (double)total_steps,
    };
    if (s->kind == SCHEDULE_ReduceLROnPlateau)
        s->best = strcmp(net_choice_value(choice, "mode")->word, "min") ? -INFINITY : INFINITY;
    o->lr = rate(s, o, 0);
}

void net_schedule_step(Schedule *s, Optimizer *o, double watched) {
    s->step++;
    o->lr = rate(s, o, watched);
}
