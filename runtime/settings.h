// settings.h: the settings of a run: what the model says, what --set replaced, what the tables of
// net_settings.h fill in.
//
// An optimizer or a schedule is a Choice: its kind and one value for each row of its table, so that
// checking, printing and storing settings are written once for all of them.
#ifndef NET_SETTINGS_RESOLVED_H
#define NET_SETTINGS_RESOLVED_H

#include "net_model.h"
#include "net_runtime.h"
#include "net_settings.h"

#include <stdbool.h>
#include <stdint.h>

#define NOTHING(...)
#define KIND(name) OPTIMIZER_##name,
typedef enum OptimizerKind {
    NET_OPTIMIZERS(KIND, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
} OptimizerKind;
#undef KIND
#define KIND(name) SCHEDULE_##name,
typedef enum ScheduleKind {
    NET_SCHEDULERS(KIND, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING) SCHEDULE_NONE
} ScheduleKind;
#undef KIND
#undef NOTHING

typedef enum SettingType {
    SETTING_KIND, // opens a kind
    SETTING_NUMBER,
    SETTING_FLAG,
    SETTING_LIST,
    SETTING_PAIR,
    SETTING_WORD,
    SETTING_END // closes it
} SettingType;

// One row of a table of net_settings.h.
typedef struct SettingRow {
    SettingType type;
    const char *name;
    double first, second; // the defaults; NAN: must be given
    double low, high;
    const char *word, *choices;
} SettingRow;

enum { MOST_SETTINGS = 12 };

typedef struct SettingValue {
    double number[2];   // numbers and flags use the first
    const double *list; // borrowed from the model or from the options
    int list_count;
    char word[16];
} SettingValue;

// An optimizer or a schedule with all its settings.
typedef struct Choice {
    const SettingRow *table; // the KIND row; its settings follow; NULL: none was chosen
    int kind;                // OptimizerKind or ScheduleKind
    int count;
    SettingValue value[MOST_SETTINGS];
} Choice;

typedef struct Settings {
    int64_t epochs;
    int64_t iterations;
    bool by_iteration; // counted by `iterations`, else by `epochs`
    bool shuffle;
    uint64_t seed;
    double clip_grad_norm; // 0: none
    Choice optimizer;
    Choice scheduler;
} Settings;

// The settings of a run of `model` under `options`; reports unknown names, wrong values, and names
// that fit twice.
int net_settings_resolve(const NetModel *model, const NetRunOptions *options, Settings *settings);

// The value of the setting called `name`, which the kind has; NULL where it has none.
const SettingValue *net_choice_value(const Choice *choice, const char *name);

// The number (or flag) called `name`; 0 where the kind has none.
double net_choice_number(const Choice *choice, const char *name);

// Writes "SGD(lr=0.1, momentum=0.9, ...)", numbers as short as exactness allows; a new string, or
// NULL without memory.
char *net_choice_text(const Choice *choice);

#endif
