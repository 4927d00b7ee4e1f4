// init.c: how params and states begin: PyTorch's initialisers, resolved to bounds from the shape of
// the tensor.
#include "elaborate/context.h"

#include <math.h>
#include <string.h>

typedef struct FormRow {
    const char *name;
    InitForm form;
    int arguments; // numbers it takes
    const char *argument[2];
    double standard[2]; // defaults; NAN: must be given
} FormRow;

static const FormRow form_table[] = {
    {"zeros", FORM_ZEROS, 0, {NULL, NULL}, {0, 0}},
    {"ones", FORM_ONES, 0, {NULL, NULL}, {0, 0}},
    {"uniform", FORM_UNIFORM, 2, {"a", "b"}, {0, 1}},
    {"normal", FORM_NORMAL, 2, {"mean", "std"}, {0, 1}},
    {"xavier_uniform", FORM_XAVIER_UNIFORM, 1, {"gain", NULL}, {1, 0}},
    {"xavier_normal", FORM_XAVIER_NORMAL, 1, {"gain", NULL}, {1, 0}},
    {"kaiming_uniform", FORM_KAIMING_UNIFORM, 1, {"a", NULL}, {0, 0}},
    {"kaiming_normal", FORM_KAIMING_NORMAL, 1, {"a", NULL}, {0, 0}},
    {"file", FORM_FILE, 2, {"file", "name"}, {NAN, NAN}},
};
enum { FORM_ROWS = sizeof form_table / sizeof *form_table };

static const FormRow *find_form(const char *name) {
    for (int i = 0; i < FORM_ROWS; i++)
        if (strcmp(form_table[i].name, name) == 0) return &form_table[i];
    return NULL;
}

bool init_form(const char *name, InitForm *form) {
    const FormRow *row = find_form(name);
    if (row) *form = row->form;
    return row != NULL;
}

// A file name of a spec may not leave the folder it is looked for in.
bool path_is_safe(const char *path) {
    if (*path == '/' || *path == '\0' || strchr(path, '\\') || strchr(path, ':')) return false;
    for (const char *part = path; part; part = strchr(part, '/')) {
        if (*part == '/') part++;
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) return false;
    }
    return true;
}

static int argument_place(const FormRow *row, const AstArgument *argument, int position) {
    if (!argument->name) return position < row->arguments ? position : -1;
    for (int i = 0; i < row->arguments; i++)
        if (strcmp(row->argument[i], argument->name) == 0) return i;
    return -1;
}

static Value init_mistake(Scope *s, bool quiet, bool *failed, Span span, const char *text,
                          const FormRow *row) {
    *failed = true;
    if (quiet) return value_poison(span);
    Diagnostic *d = fault(s, E_ARGUMENT, span, "%s", text);
    Text list = text_new(s->elab->arena);
    for (int i = 0; i < row->arguments; i++)
        text_printf(&list, "%s%s", i ? ", " : "", row->argument[i]);
    report_help(s->elab->c->diagnostics, d, "it is written %s(%s)", row->name,
                list.bytes ? list.bytes : "");
    return value_poison(span);
}

static Value file_value(Scope *s, const AstExpr *e, const FormRow *row, const Value *given,
                        bool quiet, bool *failed) {
    if (given[0].kind != VALUE_TEXT || given[1].kind != VALUE_TEXT)
        return init_mistake(s, quiet, failed, e->span,
                            "file wants the name of a file and the name of a tensor in it", row);
    if (!path_is_safe(given[0].text))
        return init_mistake(s, quiet, failed, given[0].span,
                            "the file must be named by a relative path without '..'", row);
    return (Value){.kind = VALUE_INIT,
                   .form = FORM_FILE,
                   .span = e->span,
                   .text = given[0].text,
                   .entry = given[1].text};
}

Value init_call(Scope *s, const AstExpr *e, bool quiet, bool *failed) {
    const FormRow *row = find_form(e->name);
    Arena *a = s->elab->arena;
    Value given[2];
    for (int i = 0; i < 2; i++) given[i] = value_number(row->standard[i], e->span);
    bool seen[2] = {false, false};
    for (int i = 0; i < e->argument_count; i++) {
        const AstArgument *argument = &e->argument[i];
        Span span = argument->name ? argument->name_span : argument->value->span;
        int place = argument_place(row, argument, i);
        if (place < 0)
            return init_mistake(
                s, quiet, failed, span,
                argument->name
                    ? arena_printf(a, "%s has no argument '%s'", row->name, argument->name)
                    : arena_printf(a, "%s takes at most %d argument%s", row->name, row->arguments,
                                   row->arguments == 1 ? "" : "s"),
                row);
        if (seen[place])
            return init_mistake(s, quiet, failed, span,
                                arena_printf(a, "'%s' is given twice", row->argument[place]), row);
        seen[place] = true;
        Value value;
        if (quiet && !value_try(s, NULL, argument->value, &value)) value.kind = VALUE_POISON;
        if (!quiet) value = value_of(s, argument->value);
        if (value.kind == VALUE_POISON) {
            *failed = true;
            return value;
        }
        given[place] = value;
    }
    if (row->form == FORM_FILE) return file_value(s, e, row, given, quiet, failed);
    for (int i = 0; i < row->arguments; i++)
        if (given[i].kind != VALUE_NUMBER || !isfinite(given[i].number))
            return init_mistake(
                s, quiet, failed, given[i].span,
                arena_printf(a, "'%s' of %s must be a number", row->argument[i], row->name), row);
    if (row->form == FORM_UNIFORM && given[0].number > given[1].number)
        return init_mistake(s, quiet, failed, e->span, "the bounds of uniform are a <= b", row);
    if (row->form == FORM_NORMAL && given[1].number < 0)
        return init_mistake(s, quiet, failed, given[1].span, "a standard deviation is not negative",
                            row);
    return (Value){.kind = VALUE_INIT,
                   .form = row->form,
                   .span = e->span,
                   .a = given[0].number,
                   .b = given[1].number};
}

static bool add_values(Scope *s, Value v, const int64_t *extent, int rank, Code code,
                       const char *what, double *out, int64_t *at) {
    if (rank == 0 && v.kind == VALUE_NUMBER) {
        out[(*at)++] = v.number;
        return true;
    }
    if (rank == 0 || v.kind != VALUE_LIST) {
        fault(s, code, v.span, "%s: %s wanted here, got %s", what,
              rank == 0 ? "a number is" : "a list is", value_text(s->elab, v));
        return false;
    }
    if (v.count != extent[0]) {
        fault(s, code, v.span, "%s: this list has %d value%s, the axis has %lld", what, v.count,
              v.count == 1 ? "" : "s", (long long)extent[0]);
        return false;
    }
    for (int i = 0; i < v.count; i++)
        if (!add_values(s, v.item[i], extent + 1, rank - 1, code, what, out, at)) return false;
    return true;
}

static int64_t count_numbers(Value v) {
    if (v.kind != VALUE_LIST) return 1;
    int64_t total = 0;
    for (int i = 0; i < v.count; i++) total += count_numbers(v.item[i]);
    return total;
}

double *list_values(Scope *s, Value v, const int64_t *extent, int rank, Code code,
                    const char *what) {
    double *out = arena_new_array(s->elab->arena, double, count_numbers(v) + 1);
    int64_t at = 0;
    return add_values(s, v, extent, rank, code, what, out, &at) ? out : NULL;
}

// fan_in and fan_out as torch.nn.init computes them; false for a tensor of fewer than two axes.
static bool fans(const Index *const *axis, int rank, double *fan_in, double *fan_out) {
    if (rank < 2) return false;
    double field = 1;
    for (int i = 2; i < rank; i++) field *= (double)axis[i]->extent;
    *fan_in = (double)axis[1]->extent * field;
    *fan_out = (double)axis[0]->extent * field;
    return true;
}

static Init constant_init(double a) {
    return (Init){.kind = INIT_CONSTANT, .a = a};
}

static Init form_init(Scope *s, Value v, const Index *const *axis, int rank, Span span) {
    double in = 1, out = 1, bound, std;
    bool scaled = v.form >= FORM_XAVIER_UNIFORM && v.form <= FORM_KAIMING_NORMAL;
    if (scaled && !fans(axis, rank, &in, &out)) {
        Diagnostic *d = fault(s, E_ARGUMENT, span,
                              "xavier and kaiming initialisers need a tensor of two or more axes, "
                              "this one has shape %s",
                              axes_text(s->elab, axis, rank));
        report_help(s->elab->c->diagnostics, d, "take uniform(a, b) or normal(mean, std)");
        return constant_init(0);
    }
    switch (v.form) {
    case FORM_ZEROS: return constant_init(0);
    case FORM_ONES: return constant_init(1);
    case FORM_UNIFORM: return (Init){.kind = INIT_UNIFORM, .a = v.a, .b = v.b};
    case FORM_NORMAL: return (Init){.kind = INIT_NORMAL, .a = v.a, .b = v.b};
    case FORM_XAVIER_UNIFORM: // Glorot and Bengio 2010, equation 16
        bound = v.a * sqrt(6 / (in + out));
        return (Init){.kind = INIT_UNIFORM, .a = -bound, .b = bound};
    case FORM_XAVIER_NORMAL:
        std = v.a * sqrt(2 / (in + out));
        return (Init){.kind = INIT_NORMAL, .a = 0, .b = std};
    case FORM_KAIMING_UNIFORM: // He et al. 2015, equation 15, with fan_in and the gain of a leaky
                               // ReLU of slope a
        bound = sqrt(6 / ((1 + v.a * v.a) * in));
        return (Init){.kind = INIT_UNIFORM, .a = -bound, .b = bound};
    case FORM_KAIMING_NORMAL:
        std = sqrt(2 / ((1 + v.a * v.a) * in));
        return (Init){.kind = INIT_NORMAL, .a = 0, .b = std};
    case FORM_FILE: return (Init){.kind = INIT_FILE, .file = v.text, .entry = v.entry};
    }
    return constant_init(0);
}

Init init_resolve(Scope *s, Value v, const Index *const *axis, int rank, Span span) {
    int64_t extent[LIMIT_RANK + 1] = {0};
    for (int i = 0; i < rank && i < LIMIT_RANK; i++) extent[i] = axis[i]->extent;
    switch (v.kind) {
    case VALUE_NUMBER: return constant_init(v.number);
    case VALUE_LIST: {
        const double *value = list_values(s, v, extent, rank, E_SHAPE, "the values of a tensor");
        if (!value) return constant_init(0);
        return (Init){.kind = INIT_VALUES, .value = value};
    }
    case VALUE_INIT: return form_init(s, v, axis, rank, span);
    case VALUE_BOOLEAN:
    case VALUE_TEXT:
        fault(s, E_ARGUMENT, span, "%s is no initialiser", value_text(s->elab, v));
        return constant_init(0);
    case VALUE_POISON: return constant_init(0);
    }
    return constant_init(0);
}
