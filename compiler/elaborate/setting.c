// setting.c: settings of data and train, and the optimizers and schedules with their arguments
// (net_settings.h).
#include "elaborate/context.h"

#include "net_settings.h"

#include <string.h>

#define KIND_ROW(name) {ROW_KIND, #name, 0, 0, 0, NULL},
#define NUMBER_ROW(name, standard, low, high) {ROW_NUMBER, #name, standard, low, high, NULL},
#define FLAG_ROW(name, standard) {ROW_FLAG, #name, standard, 0, 1, NULL},
#define LIST_ROW(name, length) {ROW_LIST, #name, NET_REQUIRED, length, 0, NULL},
#define PAIR_ROW(name, first, second) {ROW_PAIR, #name, first, second, 0, NULL},
#define WORD_ROW(name, standard, choices) {ROW_WORD, #name, 0, 0, 0, choices},
#define END_ROW(name) {ROW_END, #name, 0, 0, 0, NULL},
const SettingRow optimizer_row[] = {NET_OPTIMIZERS(KIND_ROW, NUMBER_ROW, FLAG_ROW, LIST_ROW,
                                                   PAIR_ROW, WORD_ROW,
                                                   END_ROW){ROW_KIND, NULL, 0, 0, 0, NULL}};
const SettingRow scheduler_row[] = {NET_SCHEDULERS(KIND_ROW, NUMBER_ROW, FLAG_ROW, LIST_ROW,
                                                   PAIR_ROW, WORD_ROW,
                                                   END_ROW){ROW_KIND, NULL, 0, 0, 0, NULL}};

const SettingRow *rows_of_kind(const SettingRow *table, const char *kind) {
    for (; table->name; table++)
        if (table->kind == ROW_KIND && strcmp(table->name, kind) == 0) return table + 1;
    return NULL;
}

const AstStatement *find_statement(const Ast *ast, AstStatementKind kind) {
    for (int i = 0; i < ast->body.count; i++)
        if (ast->body.item[i]->kind == kind) return ast->body.item[i];
    return NULL;
}

const AstExpr *find_setting(Elab *e, const AstStatement *block, const char *name) {
    const AstExpr *set = override_find(e, name);
    if (set) return set;
    const char *word = block && block->kind == AST_DATA ? "data" : "train";
    set = override_find(e, arena_printf(e->arena, "%s.%s", word, name));
    for (int i = 0; !set && block && i < block->body.count; i++)
        if (strcmp(block->body.item[i]->name, name) == 0) return block->body.item[i]->expr;
    return set;
}

static const char *list_text(Arena *a, const char *const *item, int count) {
    Text t = text_new(a);
    text_add(&t, "");
    for (int i = 0; i < count; i++) text_printf(&t, "%s%s", i ? ", " : "", item[i]);
    return t.bytes;
}

bool check_settings(Scope *s, const AstStatement *block, const char *const *allowed, int count) {
    Elab *e = s->elab;
    const char *word = block->kind == AST_DATA ? "data" : "train";
    bool good = true;
    for (int i = 0; i < block->body.count; i++) {
        const AstStatement *st = block->body.item[i];
        bool known = false;
        for (int k = 0; k < count; k++) known |= strcmp(allowed[k], st->name) == 0;
        for (int k = 0; k < i; k++) {
            if (block->body.item[k]->name != st->name) continue;
            Diagnostic *d = fault(s, E_SETTING, st->name_span, "'%s' is set twice", st->name);
            report_note(e->c->diagnostics, d, block->body.item[k]->name_span, "it is set here too");
            good = false;
        }
        if (known) continue;
        Diagnostic *d =
            fault(s, E_SETTING, st->name_span, "%s has no setting '%s'", word, st->name);
        report_note(e->c->diagnostics, d, (Span){0, 0, 0}, "its settings: %s",
                    list_text(e->arena, allowed, count));
        suggest(e->c, d, st->name, allowed, count);
        good = false;
    }
    return good;
}

// --- optimizers and schedules

static const char *argument_list(Elab *e, const SettingRow *row) {
    const char *name[32];
    int count = 0;
    for (; row->kind != ROW_END && count < 32; row++) name[count++] = row->name;
    return list_text(e->arena, name, count);
}

static NetSetting numbers(Elab *e, const char *name, const double *value, int count) {
    double *copy = arena_new_array(e->arena, double, count + 1);
    for (int i = 0; i < count; i++) copy[i] = value[i];
    return (NetSetting){.name = name, .count = count, .value = copy};
}

static bool word_is_choice(const char *choices, const char *word) {
    size_t size = strlen(word);
    for (const char *at = choices; at; at = strchr(at, '|')) {
        if (*at == '|') at++;
        if (strncmp(at, word, size) == 0 && (at[size] == '|' || at[size] == '\0')) return true;
    }
    return false;
}

static bool bad_value(Scope *s, const SettingRow *row, Value v, const char *wanted) {
    fault(s, E_SETTING, v.span, "'%s' is %s, this is %s", row->name, wanted,
          value_text(s->elab, v));
    return false;
}

static bool list_setting(Scope *s, const SettingRow *row, Value v, NetSetting *out) {
    double last = 0;
    double *value = arena_new_array(s->elab->arena, double, v.count + 1);
    if (v.kind != VALUE_LIST || v.count == 0)
        return bad_value(s, row, v, "a list of increasing whole numbers");
    for (int i = 0; i < v.count; i++) {
        if (!value_is_integer(v.item[i]) || v.item[i].number <= last)
            return bad_value(s, row, v.item[i], "a list of increasing whole numbers");
        value[i] = last = v.item[i].number;
    }
    *out = numbers(s->elab, row->name, value, v.count);
    return true;
}

static bool check_setting(Scope *s, const SettingRow *row, Value v, NetSetting *out) {
    Elab *e = s->elab;
    switch (row->kind) {
    case ROW_NUMBER:
        if (v.kind != VALUE_NUMBER || v.number < row->low || v.number > row->high)
            return bad_value(s, row, v,
                             row->high < 1e300 ? arena_printf(e->arena, "a number from %s to %s",
                                                              number_text(e->arena, row->low),
                                                              number_text(e->arena, row->high))
                                               : arena_printf(e->arena, "a number of at least %s",
                                                              number_text(e->arena, row->low)));
        *out = numbers(e, row->name, &v.number, 1);
        return true;
    case ROW_FLAG:
        if (v.kind != VALUE_BOOLEAN) return bad_value(s, row, v, "true or false");
        *out = numbers(e, row->name, &v.number, 1);
        return true;
    case ROW_PAIR: {
        bool good = v.kind == VALUE_LIST && v.count == 2;
        double pair[2] = {0, 0};
        for (int i = 0; good && i < 2; i++) {
            good = v.item[i].kind == VALUE_NUMBER && v.item[i].number >= 0 && v.item[i].number < 1;
            pair[i] = v.item[i].number;
        }
        if (!good) return bad_value(s, row, v, "a pair of numbers from 0 to below 1");
        *out = numbers(e, row->name, pair, 2);
        return true;
    }
    case ROW_WORD:
        if (v.kind != VALUE_TEXT || !word_is_choice(row->choices, v.text))
            return bad_value(s, row, v,
                             arena_printf(e->arena, "one of %s, in double quotes", row->choices));
        *out = (NetSetting){.name = row->name, .text = v.text};
        return true;
    case ROW_LIST: return list_setting(s, row, v, out);
    case ROW_KIND:
    case ROW_END: break;
    }
    return false;
}

static void unknown_kind(Scope *s, const AstExpr *e, const SettingRow *table, const char *what) {
    const char *kind[32];
    int count = 0;
    for (; table->name && count < 32; table++)
        if (table->kind == ROW_KIND) kind[count++] = table->name;
    Diagnostic *d = fault(s, E_SETTING, e->name ? e->name_span : e->span, "unknown %s '%s'", what,
                          e->name ? e->name : "?");
    report_note(s->elab->c->diagnostics, d, (Span){0, 0, 0}, "there are: %s",
                list_text(s->elab->arena, kind, count));
    if (e->name) suggest(s->elab->c, d, e->name, kind, count);
}

static bool match_setting(Scope *s, const AstExpr *e, const SettingRow *row,
                          const AstExpr **given) {
    Elab *elab = s->elab;
    int count = 0;
    while (row[count].kind != ROW_END) count++;
    for (int i = 0; i < e->argument_count; i++) {
        const AstArgument *a = &e->argument[i];
        int place = i;
        if (a->name)
            for (place = 0; place < count && strcmp(row[place].name, a->name) != 0;) place++;
        Span span = a->name ? a->name_span : a->value->span;
        if (place >= count) {
            Diagnostic *d =
                a->name
                    ? fault(s, E_SETTING, span, "%s has no argument '%s'", e->name, a->name)
                    : fault(s, E_SETTING, span, "%s takes at most %d arguments", e->name, count);
            report_note(elab->c->diagnostics, d, (Span){0, 0, 0}, "its arguments: %s",
                        argument_list(elab, row));
            const char *name[32];
            for (int k = 0; k < count && k < 32; k++) name[k] = row[k].name;
            if (a->name) suggest(elab->c, d, a->name, name, count);
            return false;
        }
        if (given[place]) {
            fault(s, E_SETTING, span, "'%s' of %s is given twice", row[place].name, e->name);
            return false;
        }
        given[place] = a->value;
    }
    return true;
}

NetChoice choice_elaborate(Scope *s, const AstExpr *e, const SettingRow *table, const char *what) {
    Elab *elab = s->elab;
    NetChoice none = {NULL, NULL, 0};
    const SettingRow *row =
        e->kind == AST_CALL || e->kind == AST_NAME ? rows_of_kind(table, e->name) : NULL;
    const AstExpr *given[32] = {NULL};
    if (!row) {
        unknown_kind(s, e, table, what);
        return none;
    }
    if (e->kind == AST_CALL && !match_setting(s, e, row, given)) return none;
    LIST(NetSetting) made = {0};
    for (int i = 0; row[i].kind != ROW_END; i++) {
        const AstExpr *set = override_find(elab, row[i].name);
        const AstExpr *own =
            override_find(elab, arena_printf(elab->arena, "%s.%s", what, row[i].name));
        const AstExpr *from = own ? own : set ? set : given[i];
        bool required =
            row[i].kind == ROW_LIST || (row[i].kind == ROW_NUMBER && isnan(row[i].standard));
        NetSetting setting;
        if (!from && required)
            fault(s, E_SETTING, e->name_span.file ? e->name_span : e->span, "%s needs '%s'",
                  e->name, row[i].name);
        if (!from) continue;
        Value v = value_of(s, from);
        if (v.kind != VALUE_POISON && check_setting(s, &row[i], v, &setting))
            list_add(elab->arena, made, setting);
    }
    return (NetChoice){e->name, made.item, made.count};
}
