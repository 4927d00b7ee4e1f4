// sweep.c: sweeps: lists of numbers for one setting, argument or constant.
#include "elaborate/context.h"

#include <string.h>

static bool is_sweepable(const char *setting) {
    return strcmp(setting, "optimizer") != 0 && strcmp(setting, "scheduler") != 0 &&
           strcmp(setting, "shuffle") != 0;
}

static const char *unqualified(const char *name, const char *prefix) {
    size_t size = strlen(prefix);
    return strncmp(name, prefix, size) == 0 && name[size] == '.' ? name + size + 1 : NULL;
}

static int rows_named(const NetChoice *choice, const SettingRow *table, const char *name) {
    const SettingRow *row = choice->kind ? rows_of_kind(table, choice->kind) : NULL;
    for (; row && row->kind != ROW_END; row++)
        if (strcmp(row->name, name) == 0) return 1;
    return 0;
}

int settings_named(Elab *e, const char *name) {
    const NetTrain *t = &e->model->settings;
    const char *inner = unqualified(name, "optimizer");
    if (inner) return rows_named(&t->optimizer, optimizer_row, inner);
    inner = unqualified(name, "scheduler");
    if (inner) return rows_named(&t->scheduler, scheduler_row, inner);
    int count = rows_named(&t->optimizer, optimizer_row, name) +
                rows_named(&t->scheduler, scheduler_row, name);
    for (int i = 0; i < train_setting_count; i++)
        count += strcmp(train_setting[i], name) == 0 && is_sweepable(name);
    for (int i = 0; i < e->main->constant.count; i++)
        count += strcmp(e->main->constant.item[i].name, name) == 0;
    return count;
}

static void add_rows(Elab *e, const NetChoice *choice, const SettingRow *table, const char **out,
                     int *count) {
    const SettingRow *row = choice->kind ? rows_of_kind(table, choice->kind) : NULL;
    (void)e;
    for (; row && row->kind != ROW_END && *count < 64; row++) out[(*count)++] = row->name;
}

static void unknown_sweep(Elab *e, Scope *s, const AstStatement *st) {
    const char *choice[128];
    int count = 0;
    for (int i = 0; i < train_setting_count; i++)
        if (is_sweepable(train_setting[i])) choice[count++] = train_setting[i];
    add_rows(e, &e->model->settings.optimizer, optimizer_row, choice, &count);
    add_rows(e, &e->model->settings.scheduler, scheduler_row, choice, &count);
    for (int i = 0; i < e->main->constant.count && count < 128; i++)
        choice[count++] = e->main->constant.item[i].name;
    Diagnostic *d =
        fault(s, E_SWEEP, st->name_span,
              "sweep of '%s': no setting, argument or constant has that name", st->name);
    suggest(e->c, d, st->name, choice, count);
}

static void add_sweep(Elab *e, Scope *s, const AstStatement *st) {
    int fits = settings_named(e, st->name);
    if (fits == 0) {
        unknown_sweep(e, s, st);
        return;
    }
    if (fits > 1) {
        fault(s, E_SWEEP, st->name_span,
              "'%s' fits several things: an argument of the optimizer, of the schedule, "
              "a setting or a constant",
              st->name);
        return;
    }
    for (int i = 0; i < e->model->sweep.count; i++)
        if (e->model->sweep.item[i].name == st->name) {
            fault(s, E_SWEEP, st->name_span, "'%s' is swept twice", st->name);
            return;
        }
    Value list = value_of(s, st->expr);
    if (list.kind == VALUE_POISON) return;
    if (list.kind != VALUE_LIST || list.count == 0) {
        fault(s, E_SWEEP, st->expr->span, "a sweep takes a list of numbers: sweep %s in [0.1, 0.2]",
              st->name);
        return;
    }
    double *value = arena_new_array(e->arena, double, list.count);
    const char **text = arena_new_array(e->arena, const char *, list.count);
    for (int i = 0; i < list.count; i++) {
        if (list.item[i].kind != VALUE_NUMBER) {
            fault(s, E_SWEEP, list.item[i].span, "a sweep takes numbers, this is %s",
                  value_text(e, list.item[i]));
            return;
        }
        value[i] = list.item[i].number;
        text[i] = span_text(e->c->sources, e->arena, list.item[i].span);
    }
    Sweep sweep = {st->name, value, text, list.count};
    list_add(e->arena, e->model->sweep, sweep);
}

void sweep_elaborate(Elab *e, Scope *s) {
    for (int i = 0; i < e->ast->body.count; i++)
        if (e->ast->body.item[i]->kind == AST_SWEEP) add_sweep(e, s, e->ast->body.item[i]);
}
