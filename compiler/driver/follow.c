// follow.c: a run of a compiled model, step by step, with chosen elements of its memory read into a
// table.
#include "driver/follow.h"

#include "driver/files.h"
#include "driver/load.h"
#include "driver/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Where a tensor lies while the model runs.
typedef struct Slot {
    const TraceTensor *what;
    LoopStorage storage;
    bool is_int, is_f32;
    size_t offset; // in bytes, in its block
    bool has_sample_axis;
    int64_t samples; // of its first axis, else 1
    int64_t count;   // elements of one sample
} Slot;

typedef struct Follow {
    const FollowOptions *options;
    const Points *points;
    int point;
    Pipeline *pipeline;
    Table *table;
    Arena *arena; // of this run
    LIST(Slot) slot;
    int64_t columns;
    const char *lr; // the learning rate in force, as text
} Follow;

static bool is_chosen(const Follow *f, const TraceTensor *t) {
    const Arguments *command = f->options->command;
    bool any = false;
    for (int i = 0; i < command->use.count; i++) {
        const OptionUse *use = &command->use.item[i];
        if (strcmp(use->option->name, "tensor")) continue;
        any = true;
        if (trace_matches(t, use->value)) return true;
    }
    return !any;
}

static int check_names(const Follow *f, const Trace *trace) {
    const Arguments *command = f->options->command;
    const char **known = arena_new_array(f->arena, const char *, trace->item.count + 1);
    for (int i = 0; i < trace->item.count; i++) known[i] = trace->item.item[i].name;
    for (int i = 0; i < command->use.count; i++) {
        const OptionUse *use = &command->use.item[i];
        bool found = strcmp(use->option->name, "tensor") != 0;
        for (int k = 0; k < trace->item.count && !found; k++)
            found = trace_matches(&trace->item.item[k], use->value);
        if (found) continue;
        const char *near = nearest_name(use->value, known, trace->item.count);
        return usage_error(command->command, "--tensor %s: %s has no such tensor or stage%s%s%s",
                           use->value, f->pipeline->path, near ? "; did you mean " : "",
                           near ? near : "",
                           f->options->all ? "" : " (gradients of values need --all)");
    }
    return EXIT_FINE;
}

static void add_slot(Follow *f, const TraceTensor *t) {
    const LoopModule *m = f->pipeline->loops;
    const LoopBuffer *b = lower_buffer_of(m, t->tensor);
    if (!b || b->storage == LOOP_LOCAL) return; // a name for something else
    Slot slot = {.what = t, .storage = b->storage, .samples = 1, .count = 1};
    slot.is_int = b->type == LOOP_INT;
    slot.is_f32 = b->type == LOOP_REAL && m->is_f32;
    slot.offset = loop_buffer_offset(m, b);
    bool batched = b->storage == LOOP_BATCH || t->tensor->per_sample;
    slot.has_sample_axis = batched && f->pipeline->model->train->sample;
    for (int i = 0; i < t->tensor->rank; i++) {
        bool is_sample = slot.has_sample_axis && i == 0;
        *(is_sample ? &slot.samples : &slot.count) *= t->tensor->axis[i]->extent;
    }
    if (f->options->sample >= 0) slot.samples = 1;
    f->columns += slot.samples * slot.count;
    list_add(f->arena, f->slot, slot);
}

static void find_slots(Follow *f) {
    Trace trace = trace_of(f->pipeline->model->train, f->options->all);
    for (int i = 0; i < trace.item.count; i++)
        if (is_chosen(f, &trace.item.item[i])) add_slot(f, &trace.item.item[i]);
}

// Numbers a step, of the chosen tensors; saturates.
static int64_t count_numbers(const Follow *f, const Trace *trace) {
    double sum = 0;
    for (int i = 0; i < trace->item.count; i++) {
        const Tensor *t = trace->item.item[i].tensor;
        bool one_sample =
            t->per_sample && f->pipeline->model->train->sample && f->options->sample >= 0;
        double count = (double)tensor_count(t);
        if (one_sample) count /= (double)t->axis[0]->extent;
        if (is_chosen(f, &trace->item.item[i])) sum += count;
    }
    return sum < 1e18 ? (int64_t)sum : (int64_t)1e18;
}

// What can be refused is refused before anything large is compiled.
static int check_choice(Follow *f) {
    if (!pipeline_compile(f->pipeline, "adjoint")) return pipeline_finish(f->pipeline);
    const Command *command = f->options->command->command;
    const char *path = f->pipeline->path;
    long long samples = f->pipeline->model->batch_size;
    Trace trace = trace_of(f->pipeline->model->train, f->options->all);
    int code = check_names(f, &trace);
    if (code != EXIT_FINE) return code;
    if (f->options->sample >= samples)
        return usage_error(command, "--sample %lld: a batch has %lld samples, counted from 0",
                           (long long)f->options->sample, samples);
    int64_t numbers = count_numbers(f, &trace);
    if (f->options->summary || numbers <= FOLLOW_COLUMNS) return EXIT_FINE;
    return usage_error(
        command,
        "%s has %lld such numbers a step, a table shows at most %d; choose some with "
        "--tensor NAME and --sample I, or take --summary",
        path, (long long)numbers, FOLLOW_COLUMNS);
}

// --- the columns

static const char *keep(const Follow *f, const char *text) {
    return arena_printf(f->table->arena, "%s", text);
}

static void add_column(Follow *f, const char *name, const char *group) {
    list_add(f->table->arena, f->table->column, ((TableColumn){keep(f, name), group}));
}

static void add_summary_columns(Follow *f) {
    static const char *const name[] = {"min", "max", "mean", "norm"};
    add_column(f, "count", "summary");
    for (int i = 0; i < 4; i++) add_column(f, name[i], "summary");
    for (int i = 1; i <= FOLLOW_BINS; i++)
        add_column(f, arena_printf(f->arena, "bin_%d", i), TABLE_BARS);
}

static bool sweeps_lr(const Points *points) {
    for (int i = 0; points && i < points->sweep_count; i++)
        if (!strcmp(points->name[i], "lr") || !strcmp(points->name[i], "optimizer.lr")) return true;
    return false;
}

static void add_keys(Follow *f) {
    Table *t = f->table;
    for (int i = 0; f->points && i < f->points->sweep_count; i++)
        list_add(t->arena, t->key, f->points->name[i]);
    if (!sweeps_lr(f->points)) list_add(t->arena, t->key, "lr");
    list_add(t->arena, t->key, "step");
    if (f->options->summary) list_add(t->arena, t->key, "tensor");
}

static void add_columns(Follow *f) {
    for (int i = 0; i < f->slot.count; i++) {
        const Slot *p = &f->slot.item[i];
        bool one_sample = p->has_sample_axis && f->options->sample >= 0;
        for (int64_t k = 0; k < p->samples * p->count; k++)
            add_column(f, trace_element_name(f->arena, p->what, one_sample, k),
                       trace_role_name(p->what->role));
    }
}

// The first run makes the columns; a sweep of a constant may give a later one others.
static int settle_columns(Follow *f) {
    int wanted = f->options->summary ? 5 + FOLLOW_BINS : (int)f->columns;
    if (!f->table->key.count) {
        add_keys(f);
        if (f->options->summary)
            add_summary_columns(f);
        else
            add_columns(f);
    }
    if (f->table->column.count == wanted) return EXIT_FINE;
    return usage_error(f->options->command->command,
                       "the sweep changes the shapes of %s, so its runs have no table in common; "
                       "trace one value at a time with --set",
                       f->pipeline->path);
}

// --- the rows

static double value_at(const Slot *p, const NetCall *c, int64_t element) {
    const char *at = (const char *)call_block(c, p->storage) + p->offset;
    if (p->is_int) return ((const int32_t *)(const void *)at)[element];
    if (p->is_f32) return (double)((const float *)(const void *)at)[element];
    return ((const double *)(const void *)at)[element];
}

static const char **new_keys(Follow *f, int64_t step) {
    Table *t = f->table;
    const char **key = arena_new_array(t->arena, const char *, t->key.count);
    int at = 0;
    for (int i = 0; f->points && i < f->points->sweep_count; i++)
        key[at++] = f->points->point.item[f->point].text[i];
    if (!sweeps_lr(f->points)) key[at++] = f->lr;
    key[at] = arena_printf(t->arena, "%lld", (long long)step);
    return key;
}

static void add_row(Follow *f, const NetCall *c, int64_t step) {
    Table *t = f->table;
    double *value = arena_new_array(t->arena, double, t->column.count + 1);
    bool *is_missing = NULL;
    int at = 0;
    for (int i = 0; i < f->slot.count; i++) {
        const Slot *p = &f->slot.item[i];
        bool one_sample = p->has_sample_axis && f->options->sample >= 0;
        int64_t first = one_sample ? f->options->sample * p->count : 0;
        for (int64_t k = 0; k < p->samples * p->count; k++, at++) {
            bool there = !p->has_sample_axis || (first + k) / p->count < c->n;
            if (!there && !is_missing)
                is_missing = arena_new_array(t->arena, bool, t->column.count);
            if (!there) is_missing[at] = true;
            value[at] = there ? value_at(p, c, first + k) : NAN;
        }
    }
    list_add(t->arena, t->row, ((TableRow){new_keys(f, step), value, is_missing}));
}

static int bin_of(double x, double low, double high) {
    if (!(high > low)) return 0;
    int bin = (int)((x - low) / (high - low) * FOLLOW_BINS);
    return bin < 0 ? 0 : bin < FOLLOW_BINS ? bin : FOLLOW_BINS - 1;
}

// count, min, max, mean, Euclidean norm, and how many lie in each of 16 equal bins from min to max.
// What is not finite makes them so; it is in no bin.
static void summarise(const Slot *p, const NetCall *c, int64_t first, int64_t count, double *out) {
    double low = INFINITY, high = -INFINITY, sum = 0, squares = 0;
    for (int64_t i = 0; i < count; i++) {
        double x = value_at(p, c, first + i);
        if (!(x >= low)) low = x;
        if (!(x <= high)) high = x;
        sum += x;
        squares += x * x;
    }
    out[0] = (double)count;
    out[1] = low;
    out[2] = high;
    out[3] = sum / (double)count;
    out[4] = sqrt(squares);
    for (int64_t i = 0; i < count && isfinite(low) && isfinite(high); i++)
        out[5 + bin_of(value_at(p, c, first + i), low, high)]++;
}

static void add_summary(Follow *f, const NetCall *c, int64_t step) {
    Table *t = f->table;
    for (int i = 0; i < f->slot.count; i++) {
        const Slot *p = &f->slot.item[i];
        bool one_sample = p->has_sample_axis && f->options->sample >= 0;
        int64_t first = one_sample ? f->options->sample * p->count : 0;
        int64_t there = p->has_sample_axis && !one_sample ? c->n : 1;
        if (one_sample && f->options->sample >= c->n) continue; // the last batch is shorter
        double *value = arena_new_array(t->arena, double, t->column.count);
        summarise(p, c, first, there * p->count, value);
        const char **key = new_keys(f, step);
        key[t->key.count - 1] = keep(f, p->what->name);
        list_add(t->arena, t->row, ((TableRow){key, value, NULL}));
    }
}

static int check_cells(const Follow *f, int64_t rows) {
    int64_t width = f->options->summary ? (int64_t)f->slot.count * (5 + FOLLOW_BINS) : f->columns;
    int64_t runs = f->points ? f->points->point.count : 1;
    if (rows <= FOLLOW_CELLS && width * rows * runs <= FOLLOW_CELLS) return EXIT_FINE;
    return usage_error(f->options->command->command,
                       "the table would have %lld steps of %lld numbers in %lld runs, more than "
                       "%d in all; take --steps A..B, --iterations N or fewer tensors (--tensor)",
                       (long long)rows, (long long)width, (long long)runs, FOLLOW_CELLS);
}

static int follow_steps(Follow *f, NetSession *s) {
    const FollowOptions *o = f->options;
    int64_t total = net_session_total(s);
    if (o->iterations >= 0 && o->iterations < total) total = o->iterations;
    int64_t last = o->last >= 0 && o->last < total ? o->last : total;
    int code = check_cells(f, last >= o->first ? last - o->first + 1 : 0);
    if (code == EXIT_FINE && o->first > total)
        code = usage_error(o->command->command, "--steps: training has steps 0 to %lld",
                           (long long)total);
    for (int64_t step = 0; step <= last && code == EXIT_FINE; step++) {
        f->lr = arena_printf(f->table->arena, "%.17g", net_session_lr(s));
        NetCall call = net_session_forward(s);
        net_session_backward(s);
        bool is_lost = !isfinite(call.results[0]);
        if ((step >= o->first || is_lost) && o->summary)
            add_summary(f, &call, step);
        else if (step >= o->first || is_lost)
            add_row(f, &call, step);
        if (is_lost) code = EXIT_CHECK;
        if (step < last) net_session_update(s);
    }
    return code;
}

static int follow_model(Follow *f, const NetModel *model) {
    NetRunOptions options = {.epochs = -1, .iterations = -1};
    if (!run_take_options(f->options->command, &options)) return EXIT_USAGE;
    options.spec_dir = path_folder(f->arena, f->pipeline->path);
    if (model->train.iterations > 0) options.iterations = f->options->iterations;
    NetSession *session = NULL;
    int code = net_session_begin(model, &options, &session);
    if (code == EXIT_FINE) code = follow_steps(f, session);
    net_session_end(session);
    return code;
}

int follow_run(const FollowOptions *options, const Points *points, int point, Table *table) {
    Pipeline p = pipeline_new(options->command->positional.item[0]);
    p.elaborate.need_loss = true;
    p.lower.keep_values = true;
    p.lower.strict = option_given(options->command, "strict");
    p.input_gradients = p.raw_gradients = options->all;
    Follow f = {options, points, point, &p, table, p.compile->arena, .columns = 0};
    Toolchain toolchain = toolchain_from(options->command);
    Loaded loaded = {0};
    Arguments arguments = *options->command;
    if (points) arguments = point_arguments(f.arena, options->command, points, point);
    int code = pipeline_take_options(&p, &arguments) ? EXIT_FINE : EXIT_USAGE;
    if (code == EXIT_FINE) code = check_choice(&f);
    if (code == EXIT_FINE) code = model_load(&p, &toolchain, &loaded);
    if (code == EXIT_FINE) find_slots(&f);
    if (code == EXIT_FINE) code = settle_columns(&f);
    if (code == EXIT_FINE) code = follow_model(&f, loaded.model);
    if (code == EXIT_CHECK && points)
        fprintf(stderr, "netc: with %s the loss is not finite; its rows end there\n",
                point_text(p.compile->arena, points, point));
    else if (code == EXIT_CHECK)
        fprintf(stderr, "netc: the loss is not finite; the rows end there\n");
    if (loaded.model) model_unload(&loaded);
    pipeline_free(&p);
    return code;
}
