// judge.c: see judge.h. One pass over all data in whole batches, whose means are those of netc
// eval; where no class decides what is worst, a second one sample by sample for the loss of each;
// then the chosen samples once more, to look at all they have.
#include "driver/judge.h"

#include "driver/command.h"

#include <math.h>
#include <string.h>

enum { MOST_JUDGED = 20000 };

// A sample that may be among the worst.
typedef struct Candidate {
    int64_t number;
    double key; // the larger the worse; not a number counts as worst
} Candidate;

typedef struct Ranking {
    Candidate item[REPORT_WORST];
    int count;
} Ranking;

typedef struct Judge {
    Arena *arena;
    const NetModel *model;
    const NetOutput *output; // the network's; NULL: none of each sample
    NetEvaluation *evaluation;
    ReportAnswers *out;
    double *score; // of one sample
    double *sum;   // of the results, weighted by samples
    Ranking wrong, right;
} Judge;

static bool is_worse(double a, double b) {
    return isnan(b) ? false : isnan(a) || a > b;
}

static void rank(Ranking *r, int64_t number, double key) {
    int at = r->count;
    while (at > 0 && is_worse(key, r->item[at - 1].key)) at--;
    if (at == REPORT_WORST) return;
    if (r->count < REPORT_WORST) r->count++;
    memmove(&r->item[at + 1], &r->item[at], sizeof *r->item * (size_t)(r->count - 1 - at));
    r->item[at] = (Candidate){number, key};
}

static double input_value(const NetInput *t, const NetCall *call, size_t index) {
    return net_value(t->type, (const char *)call->batch + t->offset, index);
}

static double output_value(const NetOutput *o, const NetCall *call, size_t index) {
    return net_value(o->type, (const char *)call->work + o->offset, index);
}

// --- classes

typedef struct Answer {
    int64_t target, answer;
    double target_share, answer_share;
} Answer;

static Answer answer_at(Judge *j, const NetCall *call, int place) {
    size_t count = j->output->count;
    for (size_t k = 0; k < count; k++)
        j->score[k] = output_value(j->output, call, (size_t)place * count + k);
    size_t best = 0;
    for (size_t k = 1; k < count; k++)
        if (j->score[k] > j->score[best]) best = k;
    net_probabilities(j->score, count);
    int64_t target = (int64_t)input_value(j->out->classes, call, (size_t)place);
    return (Answer){target, (int64_t)best, j->score[target], j->score[best]};
}

static void take_answer(Judge *j, const NetCall *call, int place, int64_t number) {
    ReportAnswers *out = j->out;
    Answer a = answer_at(j, call, place);
    if (out->confusion) out->confusion[a.target * out->classes->classes + a.answer]++;
    out->wrong += a.answer != a.target;
    rank(a.answer == a.target ? &j->right : &j->wrong, number, -a.target_share);
}

// --- numbers

// Of the `points` samples evenly chosen for the figure the one that this is, or -1.
static int64_t point_of(const ReportAnswers *out, int64_t number) {
    int64_t point = number * out->points / out->samples;
    bool is_first = number == 0 || (number - 1) * out->points / out->samples != point;
    return out->points && is_first ? point : -1;
}

static void take_numbers(Judge *j, const NetCall *call, int place, int64_t number) {
    ReportAnswers *out = j->out;
    int64_t point = point_of(out, number);
    int element = 0;
    for (int i = 0; i < out->pair.count; i++) {
        const ReportPair *pair = &out->pair.item[i];
        size_t count = pair->target->count;
        for (size_t k = 0; k < count; k++, element++) {
            double wanted = input_value(pair->target, call, (size_t)place * count + k);
            double got = output_value(pair->output, call, (size_t)place * count + k);
            out->squares[element] += (got - wanted) * (got - wanted);
            out->absolutes[element] += fabs(got - wanted);
            if (point < 0) continue;
            out->wanted[point * out->elements + element] = wanted;
            out->got[point * out->elements + element] = got;
        }
    }
}

// --- the passes

static int look_at_all(Judge *j) {
    ReportAnswers *out = j->out;
    for (int64_t at = 0; at < out->samples; at += j->model->batch_size) {
        int64_t left = out->samples - at;
        int n = left < j->model->batch_size ? (int)left : j->model->batch_size;
        NetCall call = net_evaluation_run(j->evaluation, at, n);
        for (int i = 0; i < j->model->result_count; i++) j->sum[i] += call.results[i] * n;
        for (int i = 0; i < n; i++) {
            if (out->classes) take_answer(j, &call, i, at + i);
            if (out->pair.count) take_numbers(j, &call, i, at + i);
        }
    }
    for (int i = 0; i < j->model->result_count; i++) j->sum[i] /= (double)out->samples;
    out->figure = j->sum;
    return EXIT_FINE;
}

static void rank_by_loss(Judge *j) {
    ReportAnswers *out = j->out;
    out->judged = out->samples < MOST_JUDGED ? out->samples : MOST_JUDGED;
    for (int64_t i = 0; i < out->judged; i++)
        rank(&j->wrong, i, net_evaluation_run(j->evaluation, i, 1).results[0]);
}

static const double *given_of(Judge *j, const NetCall *call) {
    LIST(double) value = {0};
    for (int i = 0; i < j->model->input_count; i++) {
        const NetInput *t = &j->model->input[i];
        for (size_t k = 0; k < t->count && !t->is_target; k++)
            list_add(j->arena, value, input_value(t, call, k));
    }
    return value.item;
}

static void look_at_pairs(Judge *j, const NetCall *call, ReportSample *s) {
    ReportAnswers *out = j->out;
    double *wanted = arena_new_array(j->arena, double, out->elements + 1);
    double *got = arena_new_array(j->arena, double, out->elements + 1);
    int element = 0;
    for (int i = 0; i < out->pair.count; i++)
        for (size_t k = 0; k < out->pair.item[i].target->count; k++, element++) {
            wanted[element] = input_value(out->pair.item[i].target, call, k);
            got[element] = output_value(out->pair.item[i].output, call, k);
        }
    s->wanted = wanted;
    s->got = got;
}

static void look_at_worst(Judge *j, const Ranking *r) {
    for (int i = 0; i < r->count; i++) {
        NetCall call = net_evaluation_run(j->evaluation, r->item[i].number, 1);
        ReportSample s = {.number = r->item[i].number, .loss = call.results[0]};
        s.given = given_of(j, &call);
        if (j->out->classes) {
            Answer a = answer_at(j, &call, 0);
            s.target = a.target;
            s.answer = a.answer;
            s.target_share = a.target_share;
            s.answer_share = a.answer_share;
        }
        look_at_pairs(j, &call, &s);
        list_add(j->arena, j->out->worst, s);
    }
}

// --- which output is compared with which target

static const NetOutput *find_output(const NetModel *m, const Tensor *t) {
    for (int i = 0; i < m->output_count; i++)
        if (!strcmp(m->output[i].name, t->name) && m->output[i].per_sample) return &m->output[i];
    return NULL;
}

// The output of as many elements that an equation reads together with the target.
static const NetOutput *partner_of(const Program *p, const NetModel *m, const NetInput *target) {
    const Tensor *wanted = NULL;
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->role == TENSOR_TARGET &&
            !strcmp(p->tensor.item[i]->name, target->name))
            wanted = p->tensor.item[i];
    for (int i = 0; wanted && i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        for (int k = 0; k < p->output.count && expr_reads(q->value, wanted); k++) {
            const NetOutput *o = find_output(m, p->output.item[k]);
            if (o && o->count == target->count && expr_reads(q->value, p->output.item[k])) return o;
        }
    }
    return NULL;
}

static void find_pairs(Judge *j, const Program *p) {
    ReportAnswers *out = j->out;
    for (int i = 0; i < j->model->input_count; i++) {
        const NetInput *target = &j->model->input[i];
        if (!target->is_target || target->type == NET_I32) continue;
        ReportPair pair = {target, partner_of(p, j->model, target)};
        if (!pair.output || target->count > INT32_MAX / 64 - (size_t)out->elements) continue;
        list_add(j->arena, out->pair, pair);
        out->elements += (int)target->count;
    }
    out->squares = arena_new_array(j->arena, double, out->elements + 1);
    out->absolutes = arena_new_array(j->arena, double, out->elements + 1);
    if (!out->elements || out->elements > REPORT_SERIES) return;
    out->points = out->samples < REPORT_POINTS ? (int)out->samples : REPORT_POINTS;
    out->wanted = arena_new_array(j->arena, double, out->points * out->elements);
    out->got = arena_new_array(j->arena, double, out->points * out->elements);
}

static void prepare(Judge *j, const Program *p) {
    ReportAnswers *out = j->out;
    const NetModel *m = j->model;
    out->is_test = m->data.test_count > 0;
    out->samples = net_evaluation_samples(j->evaluation);
    j->sum = arena_new_array(j->arena, double, m->result_count + 1);
    if (j->output) out->classes = net_classes_of(m, j->output);
    if (!out->classes) {
        find_pairs(j, p);
        return;
    }
    size_t n = (size_t)out->classes->classes;
    j->score = arena_new_array(j->arena, double, n);
    if (n <= REPORT_MOST_CLASSES) out->confusion = arena_new_array(j->arena, int64_t, n * n);
}

int judge(Arena *a, const Program *p, const NetModel *model, const char *weights,
          const NetRunOptions *options, ReportAnswers *out) {
    Judge j = {.arena = a, .model = model, .out = out};
    *out = (ReportAnswers){0};
    int code = net_evaluation_begin(model, weights, options, &j.evaluation);
    if (code) return code;
    if (model->output_count && model->output[model->output_count - 1].per_sample)
        j.output = &model->output[model->output_count - 1];
    prepare(&j, p);
    look_at_all(&j);
    if (!out->classes) rank_by_loss(&j);
    out->is_right = out->classes && !j.wrong.count;
    look_at_worst(&j, out->is_right ? &j.right : &j.wrong);
    net_evaluation_end(j.evaluation);
    return EXIT_FINE;
}
