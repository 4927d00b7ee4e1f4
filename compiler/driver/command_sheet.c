// command_sheet.c: the training of a small network as a live workbook.
#include "driver/files.h"
#include "driver/snapshot.h"
#include "teach/sheet.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const Option option[] = {
    {"output", 'o', "FILE", "the workbook, .xlsx", NULL},
    {"threads", 0, "N", "threads (one per core)", NULL},
    OPTION_SET,
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

// What the formulas of a row do not say, NULL if they say all.
static const char *beyond_formulas(const Model *m, const Numbers *numbers) {
    if (m->data.format != NET_DATA_INLINE)
        return "a workbook wants the data written in the spec (format = inline)";
    const NetChoice *o = &m->settings.optimizer;
    bool is_plain = o->kind && !strcmp(o->kind, "SGD");
    for (int i = 0; is_plain && i < o->argument_count; i++)
        is_plain = !strcmp(o->argument[i].name, "lr") ||
                   (o->argument[i].count == 1 && o->argument[i].value[0] == 0);
    if (!is_plain)
        return "a workbook steps by w - lr*gradient; take optimizer = SGD(lr=...) without further "
               "arguments";
    if (m->settings.scheduler.kind)
        return "a workbook has one learning rate for all rows; take the scheduler out";
    if (m->settings.clip_grad_norm > 0)
        return "a workbook does not clip gradients; take clip_grad_norm out";
    if (m->settings.shuffle && numbers->samples > 1)
        return "a workbook keeps the samples in their rows; set shuffle = false";
    for (int i = 0; i < m->data.inlined_count; i++)
        if ((int64_t)m->data.inlined[i].sample_count != numbers->samples)
            return "a workbook shows the same batch in every row; set batch_size to the number of "
                   "samples";
    return NULL;
}

static int fill_run(Snapshot *s, const Arguments *arguments, const Sheet *sheet, int rows,
                    double lr, SheetRun *run) {
    int count = sheet->column.count;
    double *value = arena_new_array(sheet->arena, double, (size_t)rows *(size_t)count + 1);
    int code = snapshot_restart(s, arguments, lr);
    for (int row = 0; code == EXIT_FINE && row < rows; row++) {
        if (row) code = snapshot_advance(s);
        for (int i = 0; i < count && code == EXIT_FINE; i++) {
            const SheetColumn *c = &sheet->column.item[i];
            value[(size_t)row * (size_t)count + (size_t)i] =
                s->numbers->of[c->tensor->id][c->element];
        }
    }
    run->lr = s->lr;
    run->value = value;
    return code;
}

static const Sweep *rates_of(const Model *m) {
    for (int i = 0; i < m->sweep.count; i++)
        if (!strcmp(m->sweep.item[i].name, "lr") || !strcmp(m->sweep.item[i].name, "optimizer.lr"))
            return &m->sweep.item[i];
    return NULL;
}

// A sheet's name has at most 31 characters, not all of them allowed, and no two sheets have one
// name.
static const char *sheet_name(Arena *a, const char *rate, int number) {
    bool fine = strlen(rate) <= 20;
    for (const char *c = rate; *c; c++)
        fine = fine && (isalnum((unsigned char)*c) || strchr(".-+", *c));
    return fine ? arena_printf(a, "rate %s", rate) : arena_printf(a, "rate no %d", number);
}

// libxlsxwriter wants a path of its own; the finished file moves to its place.
static int write_book(const SheetBook *book, const char *path) {
    char *begun = arena_printf(book->sheet->arena, "%s.%ld.tmp", path, (long)getpid());
    const char *wrong = sheet_write(book, begun);
    if (!wrong && rename(begun, path) == 0) return EXIT_FINE;
    fprintf(stderr, "netc: %s cannot be written: %s\n", path,
            wrong ? wrong : "the folder does not allow it");
    unlink(begun);
    return EXIT_FILES;
}

static int make_book(Snapshot *s, const Arguments *arguments) {
    const Model *m = s->pipeline.model;
    const Command *command = arguments->command;
    int64_t numbers = sheet_numbers(m->train);
    if (numbers > SHEET_COLUMNS)
        return usage_error(command,
                           "%s: a workbook has room for %d numbers a step, this network has %lld; "
                           "a smaller network, or `netc trace` with chosen tensors",
                           s->pipeline.path, SHEET_COLUMNS, (long long)numbers);
    if (!s->numbers)
        return usage_error(command, "%s: %s", s->pipeline.path, beyond_formulas(m, NULL));
    const char *why = beyond_formulas(m, s->numbers);
    Sheet sheet = sheet_columns(m->train, s->numbers);
    if (!why) why = sheet.problem;
    if (why) return usage_error(command, "%s: %s", s->pipeline.path, why);
    int64_t rows = net_session_total(s->session) + 1;
    const Sweep *sweep = rates_of(m);
    int runs = 1 + (sweep ? sweep->count : 0);
    if (rows > SHEET_CELLS || rows * sheet.column.count * runs > SHEET_CELLS)
        return usage_error(command,
                           "%s: %lld rows of %d numbers for %d learning rates are more than the %d "
                           "cells of a workbook; "
                           "take fewer iterations (--set iterations=50) or fewer rates",
                           s->pipeline.path, (long long)rows, sheet.column.count, runs,
                           SHEET_CELLS);
    Arena *a = sheet.arena;
    SheetRun *run = arena_new_array(a, SheetRun, runs);
    int code = EXIT_FINE;
    for (int r = 0; r < runs && code == EXIT_FINE; r++) {
        run[r].name = r ? sheet_name(a, sweep->text[r - 1], r) : "training";
        for (int k = 1; k < r; k++)
            if (!strcmp(run[k].name, run[r].name)) run[r].name = arena_printf(a, "rate no %d", r);
        code = fill_run(s, arguments, &sheet, (int)rows, r ? sweep->value[r - 1] : NAN, &run[r]);
        if (code == EXIT_CHECK && r)
            fprintf(stderr, "netc: this is at the learning rate %s of the sweep\n",
                    sweep->text[r - 1]);
    }
    SheetBook book = {&sheet, m->name, (int)rows, run, runs};
    return code == EXIT_FINE ? write_book(&book, option_value(arguments, "output")) : code;
}

static int run(const Arguments *arguments) {
    const char *path = option_value(arguments, "output");
    if (!path || !path_has_ending(path, ".xlsx"))
        return usage_error(&command_sheet, "-o FILE is needed, with a name that ends in .xlsx");
    Snapshot s;
    int code = snapshot_open(&s, arguments, 0);
    if (code == EXIT_FINE) code = make_book(&s, arguments);
    snapshot_close(&s);
    return code;
}

const Command command_sheet = {
    .name = "sheet",
    .arguments = "SPEC -o LESSON.xlsx",
    .summary = "Write the training of a small network as a live workbook",
    .detail =
        "A row an iteration: the inputs and first weights typed, everything else a formula; the "
        "learning rate in a named\n"
        "cell, a chart of the loss, and where the spec sweeps lr a sheet that draws every rate.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
