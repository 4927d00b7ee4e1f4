// data.c: the data block: where the samples come from, checked against the inputs and targets.
#include "elaborate/context.h"

#include <math.h>
#include <string.h>

typedef LIST(const char *) Texts;

static bool add_file(Scope *s, const AstExpr *e, Texts *out) {
    Value v = value_of(s, e);
    if (v.kind == VALUE_POISON) return false;
    if (v.kind != VALUE_TEXT) {
        fault(s, E_DATA, e->span, "a file name in double quotes is wanted, got %s",
              value_text(s->elab, v));
        return false;
    }
    if (!path_is_safe(v.text)) {
        Diagnostic *d = fault(s, E_DATA, e->span, "files are named by relative paths without '..'");
        report_help(s->elab->c->diagnostics, d, "say where they lie with --data DIR");
        return false;
    }
    list_add(s->elab->arena, *out, v.text);
    return true;
}

// A file name or a list of them; returns how many, 0 after reporting.
static int read_files(Scope *s, const AstExpr *e, const char *const **out) {
    Texts files = {0};
    bool several = e->kind == AST_LIST || e->kind == AST_TUPLE;
    bool good = true;
    for (int i = 0; several && i < e->argument_count; i++)
        good = add_file(s, e->argument[i].value, &files) && good;
    if (!several) good = add_file(s, e, &files);
    *out = files.item;
    return good ? files.count : 0;
}

static int count_inputs(const Program *p) {
    int count = 0;
    for (int i = 0; i < p->tensor.count; i++)
        count +=
            p->tensor.item[i]->role == TENSOR_INPUT || p->tensor.item[i]->role == TENSOR_TARGET;
    return count;
}

static void check_file_count(Scope *s, const AstExpr *e, const char *name, int count, int wanted) {
    if (count == 0 || count == wanted) return;
    Diagnostic *d = fault(s, E_DATA, e->span, "'%s' names %d file%s, but %d %s wanted", name, count,
                          count == 1 ? "" : "s", wanted, wanted == 1 ? "is" : "are");
    if (wanted > 1)
        report_help(s->elab->c->diagnostics, d, "one for each input and target, in their order");
}

static void files(Elab *e, Scope *s, const AstStatement *block, NetData *data, int wanted) {
    const AstExpr *train = find_setting(e, block, "train"), *test = find_setting(e, block, "test");
    if (train) {
        data->train_count = read_files(s, train, &data->train);
        check_file_count(s, train, "train", data->train_count, wanted);
    } else {
        fault(s, E_DATA, block->span, "data names no training files");
    }
    if (!test) return;
    data->test_count = read_files(s, test, &data->test);
    check_file_count(s, test, "test", data->test_count, wanted);
}

// --- scale and normalize

static bool read_numbers(Scope *s, const AstExpr *e, const char *name, const double **out,
                         int *count) {
    Value v = value_of(s, e);
    if (v.kind == VALUE_POISON) return false;
    int n = v.kind == VALUE_LIST ? v.count : 1;
    double *value = arena_new_array(s->elab->arena, double, n + 1);
    for (int i = 0; i < n; i++) {
        Value item = v.kind == VALUE_LIST ? v.item[i] : v;
        if (item.kind != VALUE_NUMBER || !isfinite(item.number) ||
            (*name == 's' && item.number <= 0)) {
            fault(s, E_SETTING, item.span, "'%s' is a number or a list of numbers%s, this is %s",
                  name, *name == 's' ? " above 0" : "", value_text(s->elab, item));
            return false;
        }
        value[i] = item.number;
    }
    *out = value;
    *count = n;
    return n > 0;
}

static bool channels_fit(Scope *s, const AstExpr *e, const NetData *data) {
    Program *p = s->elab->p;
    if (data->mean_count != data->std_count) {
        fault(s, E_DATA, e->span, "mean has %d numbers, std has %d", data->mean_count,
              data->std_count);
        return false;
    }
    for (int i = 0; data->mean_count > 1 && i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (t->role != TENSOR_INPUT || t->is_int) continue;
        if (tensor_rank(p, t) > 0 && tensor_axis(p, t, 0)->extent == data->mean_count) continue;
        fault(s, E_DATA, e->span, "normalize has %d channels, '%s' has shape %s", data->mean_count,
              t->label, shape_text(s->elab, t));
        return false;
    }
    return true;
}

static void normalize(Elab *e, Scope *s, const AstStatement *block, NetData *data) {
    const AstExpr *given = find_setting(e, block, "normalize");
    if (!given) return;
    const AstExpr *mean = NULL, *std = NULL;
    bool good = given->kind == AST_TUPLE && given->argument_count == 2;
    for (int i = 0; good && i < 2; i++) {
        const AstArgument *a = &given->argument[i];
        if (a->name ? strcmp(a->name, "mean") == 0 : i == 0)
            mean = a->value;
        else if (a->name ? strcmp(a->name, "std") == 0 : i == 1)
            std = a->value;
    }
    if (!mean || !std) {
        fault(s, E_SETTING, given->span, "normalize is written (mean=0.1307, std=0.3081)");
        return;
    }
    if (!read_numbers(s, mean, "mean", &data->mean, &data->mean_count)) return;
    if (!read_numbers(s, std, "std", &data->std, &data->std_count)) return;
    data->normalize = channels_fit(s, given, data);
}

static void scale(Elab *e, Scope *s, const AstStatement *block, NetData *data) {
    const AstExpr *given = find_setting(e, block, "scale");
    if (!given) return;
    Value v = value_of(s, given);
    if (v.kind == VALUE_NUMBER && isfinite(v.number))
        data->scale = v.number;
    else if (v.kind != VALUE_POISON)
        fault(s, E_SETTING, given->span, "'scale' is a number, this is %s", value_text(e, v));
}

// --- formats

static void idx(Elab *e, Scope *s, const AstStatement *block, NetData *data) {
    static const char *const allowed[] = {"format", "train", "test", "scale", "normalize"};
    data->format = NET_DATA_IDX;
    check_settings(s, block, allowed, 5);
    files(e, s, block, data, count_inputs(e->p));
    scale(e, s, block, data);
    normalize(e, s, block, data);
}

static void csv(Elab *e, Scope *s, const AstStatement *block, NetData *data) {
    static const char *const allowed[] = {"format",  "train", "test",
                                          "columns", "scale", "normalize"};
    data->format = NET_DATA_CSV;
    check_settings(s, block, allowed, 6);
    files(e, s, block, data, 1);
    data_columns(e, s, block, data);
    scale(e, s, block, data);
    normalize(e, s, block, data);
}

static void unknown_format(Elab *e, Scope *s, const AstExpr *format) {
    static const char *const choice[] = {"idx", "csv", "inline"};
    const char *name = format->kind == AST_NAME     ? format->name
                       : format->kind == AST_STRING ? format->text
                                                    : "?";
    Diagnostic *d = fault(s, E_SETTING, format->span, "unknown data format '%s'", name);
    report_note(e->c->diagnostics, d, (Span){0, 0, 0}, "the formats are idx, csv and inline");
    suggest(e->c, d, name, choice, 3);
}

void data_elaborate(Elab *e, Scope *s) {
    const AstStatement *block = find_statement(e->ast, AST_DATA);
    NetData *data = &e->model->data;
    data->scale = 1;
    if (!block) {
        if (!e->options || !e->options->need_loss) return;
        const AstStatement *model = find_statement(e->ast, AST_MODEL);
        Diagnostic *d = fault(s, E_MODEL, model ? model->span : (Span){e->ast->file, 0, 0},
                              "the model names no data");
        report_help(e->c->diagnostics, d,
                    "write: data { format = inline; x = [...] }, or format = idx or csv");
        return;
    }
    const AstExpr *format = find_setting(e, block, "format");
    if (!format) {
        Diagnostic *d = fault(s, E_SETTING, block->span, "data does not name its format");
        report_help(e->c->diagnostics, d, "write format = idx, csv or inline");
        return;
    }
    Names *names = e->c->names;
    Name word = format->kind == AST_NAME     ? format->name
                : format->kind == AST_STRING ? name_of(names, format->text)
                                             : name_of(names, "");
    if (word == name_of(names, "idx"))
        idx(e, s, block, data);
    else if (word == name_of(names, "csv"))
        csv(e, s, block, data);
    else if (word == name_of(names, "inline"))
        data_inlined(e, s, block, data);
    else
        unknown_format(e, s, format);
}
