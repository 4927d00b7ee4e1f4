// settings.c: one table of optimizers and schedules turned into checked values.
//
// A setting comes from the table's default, then the model, then --set. `--set NAME=VALUE` may say
// whose setting it means ("optimizer.eps", "scheduler.eps") and must where the name fits more than
// one.
#include "settings.h"

#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND(name) {.type = SETTING_KIND, #name},
#define NUMBER(name, value, least, most)                                                           \
    {.type = SETTING_NUMBER, #name, .first = value, .low = least, .high = most},
#define FLAG(name, value) {.type = SETTING_FLAG, #name, .first = value},
#define LIST(name, length) {.type = SETTING_LIST, #name, .first = NAN, .low = length},
#define PAIR(name, one, two) {.type = SETTING_PAIR, #name, .first = one, .second = two},
#define WORD(name, value, words) {.type = SETTING_WORD, #name, .word = value, .choices = words},
#define END(name) {.type = SETTING_END, #name},

static const SettingRow optimizers[] = {NET_OPTIMIZERS(KIND, NUMBER, FLAG, LIST, PAIR, WORD, END)};
static const SettingRow schedulers[] = {NET_SCHEDULERS(KIND, NUMBER, FLAG, LIST, PAIR, WORD, END)};

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static const char *const train_settings[] = {"epochs", "iterations",     "shuffle",
                                             "seed",   "clip_grad_norm", "batch_size"};

static const SettingRow *find_kind(const SettingRow *row, int count, const char *name, int *kind) {
    *kind = 0;
    for (int i = 0; i < count; i++) {
        if (row[i].type != SETTING_KIND) continue;
        if (!strcmp(row[i].name, name)) return &row[i];
        ++*kind;
    }
    return NULL;
}

static int find_setting(const Choice *choice, const char *name) {
    for (int i = 0; i < choice->count; i++)
        if (!strcmp(choice->table[i + 1].name, name)) return i;
    return -1;
}

static int wrong(const Choice *choice, const SettingRow *row, const char *wanted) {
    return net_report(NET_USAGE, "%s of %s must be %s", row->name, choice->table->name, wanted);
}

static int take_number(const Choice *c, const SettingRow *row, const NetSetting *s,
                       SettingValue *to) {
    if (s->count != 1 || !isfinite(s->value[0])) return wrong(c, row, "a number");
    if (s->value[0] < row->low || s->value[0] > row->high)
        return net_report(NET_USAGE, "%s of %s is %g: it must lie in [%g, %g]", row->name,
                          c->table->name, s->value[0], row->low, row->high);
    to->number[0] = s->value[0];
    return NET_OK;
}

static int take_flag(const Choice *c, const SettingRow *row, const NetSetting *s,
                     SettingValue *to) {
    if (s->count != 1 || (s->value[0] != 0 && s->value[0] != 1))
        return wrong(c, row, "true or false");
    to->number[0] = s->value[0];
    return NET_OK;
}

static int take_list(const Choice *c, const SettingRow *row, const NetSetting *s,
                     SettingValue *to) {
    bool right = s->count >= 1 && !s->text && (row->low == 0 || s->count == (int)row->low);
    for (int i = 0; right && i < s->count; i++)
        right = isfinite(s->value[i]) && (i == 0 || s->value[i] >= s->value[i - 1]);
    if (!right) return wrong(c, row, "a list of increasing numbers");
    to->list = s->value;
    to->list_count = s->count;
    return NET_OK;
}

static int take_pair(const Choice *c, const SettingRow *row, const NetSetting *s,
                     SettingValue *to) {
    bool right = s->count == 2;
    for (int i = 0; right && i < 2; i++) right = s->value[i] >= 0 && s->value[i] < 1;
    if (!right) return wrong(c, row, "two numbers in [0, 1)");
    to->number[0] = s->value[0];
    to->number[1] = s->value[1];
    return NET_OK;
}

static bool is_choice(const char *choices, const char *word) {
    size_t length = strlen(word);
    for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (!strncmp(at, word, length) && (at[length] == '|' || !at[length])) return length > 0;
    return false;
}

static int take_word(const Choice *c, const SettingRow *row, const NetSetting *s,
                     SettingValue *to) {
    if (!s->text || strlen(s->text) >= sizeof to->word || !is_choice(row->choices, s->text))
        return wrong(c, row, row->choices);
    strcpy(to->word, s->text);
    return NET_OK;
}

static int take(Choice *choice, int index, const NetSetting *given) {
    const SettingRow *row = &choice->table[index + 1];
    SettingValue *value = &choice->value[index];
    switch (row->type) {
    case SETTING_NUMBER: return take_number(choice, row, given, value);
    case SETTING_FLAG: return take_flag(choice, row, given, value);
    case SETTING_LIST: return take_list(choice, row, given, value);
    case SETTING_PAIR: return take_pair(choice, row, given, value);
    case SETTING_WORD: return take_word(choice, row, given, value);
    case SETTING_KIND:
    case SETTING_END: break;
    }
    return net_report(NET_BUG, "the table of %s is broken", choice->table->name);
}

static void fill_defaults(Choice *choice) {
    const SettingRow *row = choice->table + 1;
    for (; row->type != SETTING_END; row++) {
        SettingValue *value = &choice->value[choice->count++];
        *value = (SettingValue){.number = {row->first, row->second}};
        if (row->type == SETTING_WORD) strcpy(value->word, row->word);
    }
}

static int choose(const char *what, const SettingRow *table, int rows, const NetChoice *from,
                  Choice *choice) {
    choice->table = find_kind(table, rows, from->kind, &choice->kind);
    if (!choice->table) return net_report(NET_USAGE, "there is no %s called %s", what, from->kind);
    fill_defaults(choice);
    for (int i = 0; i < from->argument_count; i++) {
        int index = find_setting(choice, from->argument[i].name);
        if (index < 0)
            return net_report(NET_USAGE, "%s has no setting %s", from->kind,
                              from->argument[i].name);
        int code = take(choice, index, &from->argument[i]);
        if (code) return code;
    }
    return NET_OK;
}

static int check_required(const Choice *choice) {
    for (int i = 0; i < choice->count; i++) {
        const SettingRow *row = &choice->table[i + 1];
        const SettingValue *value = &choice->value[i];
        bool given = row->type == SETTING_LIST ? value->list != NULL : !isnan(value->number[0]);
        if (!given)
            return net_report(NET_USAGE, "%s needs %s: say %s(%s=...) or --set %s=...",
                              choice->table->name, row->name, choice->table->name, row->name,
                              row->name);
    }
    return NET_OK;
}

static int take_count(const NetSetting *s, double most, int64_t *to) {
    bool right = s->count == 1 && s->value[0] >= 0 && s->value[0] <= most &&
                 floor(s->value[0]) == s->value[0];
    if (!right) return net_report(NET_USAGE, "%s must be a whole number of 0 or more", s->name);
    *to = (int64_t)s->value[0];
    return NET_OK;
}

static int take_shuffle(const NetSetting *s, bool *to) {
    if (s->count != 1 || (s->value[0] != 0 && s->value[0] != 1))
        return net_report(NET_USAGE, "shuffle must be true or false");
    *to = s->value[0] != 0;
    return NET_OK;
}

// 2^53: above it a double no longer holds every whole number.
static const double most_exact = 9007199254740992.0;

static int take_train(Settings *settings, const NetSetting *s, const char *name) {
    int64_t number = 0;
    int code = NET_OK;
    if (!strcmp(name, "shuffle")) return take_shuffle(s, &settings->shuffle);
    if (!strcmp(name, "batch_size"))
        return net_report(NET_USAGE, "batch_size is fixed when a model is compiled: "
                                     "change it in the spec, or use netc train --set");
    if (!strcmp(name, "clip_grad_norm")) {
        if (s->count != 1 || !(s->value[0] >= 0) || !isfinite(s->value[0]))
            return net_report(NET_USAGE, "clip_grad_norm must be a number of 0 or more");
        settings->clip_grad_norm = s->value[0];
        return NET_OK;
    }
    code = take_count(s, most_exact, &number);
    if (code) return code;
    if (!strcmp(name, "seed")) {
        settings->seed = (uint64_t)number;
    } else {
        settings->by_iteration = !strcmp(name, "iterations");
        settings->iterations = settings->by_iteration ? number : 0;
        settings->epochs = settings->by_iteration ? 0 : number;
    }
    return NET_OK;
}

static bool is_train(const char *name) {
    for (int i = 0; i < COUNT(train_settings); i++)
        if (!strcmp(train_settings[i], name)) return true;
    return false;
}

static int report_unknown(const Settings *settings, const char *name) {
    const char *known[COUNT(train_settings) + 2 * MOST_SETTINGS];
    int count = 0;
    for (int i = 0; i < COUNT(train_settings); i++) known[count++] = train_settings[i];
    for (int i = 0; i < settings->optimizer.count; i++)
        known[count++] = settings->optimizer.table[i + 1].name;
    for (int i = 0; i < settings->scheduler.count; i++)
        known[count++] = settings->scheduler.table[i + 1].name;
    const char *meant = net_closest(name, known, count);
    return net_report(NET_USAGE, "--set %s: there is no such setting%s%s%s", name,
                      meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
}

// Does `name` begin with "OWNER." or with the kind's own name and a dot? Then *rest is what
// follows.
static bool is_qualified(const char *name, const char *owner, const Choice *choice,
                         const char **rest) {
    const char *prefix[] = {owner, choice && choice->table ? choice->table->name : owner};
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(prefix[i]);
        if (!strncmp(name, prefix[i], length) && name[length] == '.') {
            *rest = name + length + 1;
            return true;
        }
    }
    return false;
}

static int apply_one(Settings *settings, const NetSetting *s) {
    const char *name = s->name;
    bool train = true;
    bool optimizer = true;
    bool scheduler = true;
    if (is_qualified(s->name, "train", NULL, &name))
        optimizer = scheduler = false;
    else if (is_qualified(s->name, "optimizer", &settings->optimizer, &name))
        train = scheduler = false;
    else if (is_qualified(s->name, "scheduler", &settings->scheduler, &name))
        train = optimizer = false;
    train = train && is_train(name);
    int first = optimizer ? find_setting(&settings->optimizer, name) : -1;
    int second = scheduler ? find_setting(&settings->scheduler, name) : -1;
    int fits = train + (first >= 0) + (second >= 0);
    if (fits == 0) return report_unknown(settings, s->name);
    if (fits > 1)
        return net_report(NET_USAGE, "--set %s fits %s and %s: say optimizer.%s or scheduler.%s",
                          name, settings->optimizer.table->name, settings->scheduler.table->name,
                          name, name);
    if (train) return take_train(settings, s, name);
    return first >= 0 ? take(&settings->optimizer, first, s)
                      : take(&settings->scheduler, second, s);
}

static int check_together(const Settings *settings) {
    const Choice *optimizer = &settings->optimizer;
    const Choice *scheduler = &settings->scheduler;
    if (net_choice_number(optimizer, "nesterov") != 0 &&
        (net_choice_number(optimizer, "momentum") <= 0 ||
         net_choice_number(optimizer, "dampening") != 0))
        return net_report(NET_USAGE, "nesterov needs a momentum above 0 and no dampening");
    if (!scheduler->table) return NET_OK;
    if (scheduler->kind == SCHEDULE_ReduceLROnPlateau &&
        net_choice_number(scheduler, "factor") >= 1)
        return net_report(NET_USAGE, "factor of ReduceLROnPlateau must be below 1");
    if (scheduler->kind == SCHEDULE_OneCycleLR && optimizer->kind == OPTIMIZER_Adagrad &&
        net_choice_number(scheduler, "cycle_momentum") != 0)
        return net_report(NET_USAGE, "Adagrad has no momentum that OneCycleLR could cycle: "
                                     "say OneCycleLR(cycle_momentum=false)");
    return NET_OK;
}

// An all-zero NetRunOptions means "as the model says" too.
static int apply_lengths(const NetRunOptions *options, Settings *settings) {
    if (options->epochs > 0 && options->iterations > 0)
        return net_report(NET_USAGE, "--epochs and --iterations exclude each other");
    bool both_zero = options->epochs == 0 && options->iterations == 0;
    if (options->iterations > 0 || (options->iterations == 0 && options->epochs < 0)) {
        settings->by_iteration = true;
        settings->iterations = options->iterations;
        settings->epochs = 0;
    } else if (options->epochs >= 0 && !both_zero) {
        settings->by_iteration = false;
        settings->epochs = options->epochs;
        settings->iterations = 0;
    }
    return NET_OK;
}

static void take_model(const NetTrain *train, Settings *settings) {
    *settings = (Settings){
        .epochs = train->epochs,
        .iterations = train->iterations,
        .by_iteration = train->iterations > 0,
        .shuffle = train->shuffle != 0,
        .seed = train->seed,
        .clip_grad_norm = train->clip_grad_norm,
    };
}

static int choose_both(const NetTrain *train, Settings *settings) {
    if (!train->optimizer.kind)
        return net_report(NET_USAGE, "the model names no optimizer: "
                                     "add train { optimizer = SGD(lr=0.1) } to the spec");
    int code =
        choose("optimizer", optimizers, COUNT(optimizers), &train->optimizer, &settings->optimizer);
    if (!code && train->scheduler.kind)
        code = choose("schedule", schedulers, COUNT(schedulers), &train->scheduler,
                      &settings->scheduler);
    return code;
}

int net_settings_resolve(const NetModel *model, const NetRunOptions *options, Settings *settings) {
    take_model(&model->train, settings);
    int code = choose_both(&model->train, settings);
    for (int i = 0; !code && i < options->set_count; i++)
        code = apply_one(settings, &options->set[i]);
    if (!code) code = check_required(&settings->optimizer);
    if (!code && settings->scheduler.table) code = check_required(&settings->scheduler);
    if (!code) code = check_together(settings);
    if (!code) code = apply_lengths(options, settings);
    if (options->has_seed) settings->seed = options->seed;
    bool given = settings->by_iteration || settings->epochs > 0 || model->train.epochs > 0 ||
                 (options->epochs == 0 && options->iterations < 0);
    if (!code && !given)
        code = net_report(NET_USAGE, "the model says neither epochs nor iterations: give --epochs");
    return code;
}

const SettingValue *net_choice_value(const Choice *choice, const char *name) {
    int index = find_setting(choice, name);
    return index < 0 ? NULL : &choice->value[index];
}

double net_choice_number(const Choice *choice, const char *name) {
    const SettingValue *value = net_choice_value(choice, name);
    return value ? value->number[0] : 0;
}

// The shortest digits that read back as the same number.
static void print_number(FILE *out, double value) {
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    fputs(text, out);
}

static void print_numbers(FILE *out, const double *value, int count) {
    for (int i = 0; i < count; i++) {
        fputs(i ? ", " : "", out);
        print_number(out, value[i]);
    }
}

static void print_value(FILE *out, const SettingRow *row, const SettingValue *value) {
    switch (row->type) {
    case SETTING_NUMBER: print_number(out, value->number[0]); break;
    case SETTING_FLAG: fputs(value->number[0] != 0 ? "true" : "false", out); break;
    case SETTING_PAIR:
        fputc('(', out);
        print_numbers(out, value->number, 2);
        fputc(')', out);
        break;
    case SETTING_WORD: fprintf(out, "\"%s\"", value->word); break;
    case SETTING_LIST:
        fputc('[', out);
        print_numbers(out, value->list, value->list_count);
        fputc(']', out);
        break;
    case SETTING_KIND:
    case SETTING_END: break;
    }
}

char *net_choice_text(const Choice *choice) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    fprintf(out, "%s(", choice->table ? choice->table->name : "none");
    for (int i = 0; i < choice->count; i++) {
        fprintf(out, "%s%s=", i ? ", " : "", choice->table[i + 1].name);
        print_value(out, &choice->table[i + 1], &choice->value[i]);
    }
    fputc(')', out);
    if (fclose(out)) {
        free(text);
        return NULL;
    }
    return text;
}
