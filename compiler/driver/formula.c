// formula.c: see formula.h. The right side is parsed by the language's own parser and evaluated as
// it stands.
#include "driver/formula.h"

#include "adjoint/adjoint.h"
#include "driver/snapshot.h"
#include "syntax/syntax.h"
#include "teach/derivation.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { BINDERS = 8 };

typedef struct Formula {
    Snapshot *s;
    const char *text; // all of it
    AstExpr *right;
    const Tensor *of, *by;   // d of / d by; of: the loss, or a value
    int64_t element;         // of `by`
    Program *program;        // whose `of` is the loss: the snapshot's, or one made for it
    Numbers *numbers;        // of that program
    Pipeline other;          // the one made for it
    LIST(const char *) used; // "a_o1 = 0.6064..."
    Name binder[BINDERS];
    int64_t at[BINDERS];
    int binders;
} Formula;

// --- the right side

static bool wrong(Formula *f, const AstExpr *e, const char *what) {
    report(f->s->pipeline.compile->diagnostics, E_UNKNOWN_NAME, e->span, "%s", what);
    return false;
}

static bool evaluate(Formula *f, const AstExpr *e, double *out);

// Paths have points, names of the language have none: linear_1.weight is read as linear_1_weight.
static bool is_called(const char *path, const char *name) {
    while (*path && (*path == *name || (*path == '.' && *name == '_'))) path++, name++;
    return !*path && !*name;
}

static const Tensor *tensor_called(const Formula *f, const char *name) {
    const Program *p = f->s->pipeline.model->train;
    for (int i = 0; i < p->tensor.count; i++)
        if (is_called(p->tensor.item[i]->name, name)) return p->tensor.item[i];
    return NULL;
}

static bool is_letter(char c) {
    return isalpha((unsigned char)c) || c == '_';
}

// The text with the points of paths as underscores; as long as before, so that places stay.
static char *without_points(Arena *a, const char *text) {
    char *copy = arena_printf(a, "%s", text);
    bool in_name = false;
    for (char *c = copy; *c; c++) {
        if (*c == '.' && in_name && is_letter(c[1])) *c = '_';
        in_name = is_letter(*c) || (in_name && isdigit((unsigned char)*c));
    }
    return copy;
}

static void note_use(Formula *f, const Tensor *t, int64_t place, double value) {
    Arena *a = f->s->pipeline.compile->arena;
    const char *text = t->rank
                           ? arena_printf(a, "%s(%lld) = %.12g", t->name, (long long)place, value)
                           : arena_printf(a, "%s = %.12g", t->name, value);
    for (int i = 0; i < f->used.count; i++)
        if (!strcmp(f->used.item[i], text)) return;
    list_add(a, f->used, text);
}

static bool unknown(Formula *f, const AstExpr *e) {
    const Program *p = f->s->pipeline.model->train;
    LIST(const char *) known = {0};
    for (int i = 0; i < p->tensor.count; i++) list_add(p->arena, known, p->tensor.item[i]->name);
    const char *near = nearest_name(e->name, known.item, known.count);
    return wrong(f, e,
                 arena_printf(p->arena, "the network has no value called %s%s%s", e->name,
                              near ? "; did you mean " : "", near ? near : ""));
}

static bool read_value(Formula *f, const AstExpr *e, double *out) {
    for (int i = f->binders - 1; i >= 0; i--)
        if (e->kind == AST_NAME && f->binder[i] == e->name) return *out = (double)f->at[i], true;
    const Tensor *t = tensor_called(f, e->name);
    if (!t && e->kind == AST_NAME && !strcmp(e->name, "N"))
        return *out = (double)f->s->numbers->samples, true;
    if (!t) return unknown(f, e);
    int count = e->kind == AST_SUBSCRIPT ? e->argument_count : 0;
    if (count != t->rank)
        return wrong(f, e,
                     arena_printf(f->s->pipeline.compile->arena,
                                  "%s has %d axes, here it has %d subscripts", t->name, t->rank,
                                  count));
    int64_t place = 0;
    for (int i = 0; i < count; i++) {
        double at;
        if (!evaluate(f, e->argument[i].value, &at)) return false;
        if (!(at >= 0 && at < (double)t->axis[i]->extent))
            return wrong(f, e->argument[i].value, "this subscript lies outside of the axis");
        place = place * t->axis[i]->extent + (int64_t)at;
    }
    if (!numbers_known(f->s->numbers, t)) return wrong(f, e, "this has no number here");
    *out = f->s->numbers->of[t->id][place];
    note_use(f, t, place, *out);
    return true;
}

static bool binary(Formula *f, const AstExpr *e, double *out) {
    double a, b;
    if (!evaluate(f, e->left, &a) || !evaluate(f, e->right, &b)) return false;
    switch (e->op) {
    case AST_ADD: *out = a + b; return true;
    case AST_SUBTRACT: *out = a - b; return true;
    case AST_MULTIPLY: *out = a * b; return true;
    case AST_DIVIDE: *out = a / b; return true;
    case AST_FLOOR_DIVIDE: *out = floor(a / b); return true;
    case AST_REMAINDER: *out = a - b * floor(a / b); return true;
    case AST_POWER: *out = pow(a, b); return true;
    case AST_LESS: *out = a < b; return true;
    case AST_LESS_EQUAL: *out = a <= b; return true;
    case AST_GREATER: *out = a > b; return true;
    case AST_GREATER_EQUAL: *out = a >= b; return true;
    case AST_EQUAL: *out = a == b; return true;
    case AST_NOT_EQUAL: *out = a != b; return true;
    case AST_AND: *out = a != 0 && b != 0; return true;
    case AST_OR: *out = a != 0 || b != 0; return true;
    }
    return false;
}

static double apply(Formula *f, Function function, const double *arg) {
    Program *p = f->s->pipeline.model->train;
    const Expr *number[2] = {expr_number(p, arg[0]), expr_number(p, arg[1])};
    if (function == FN_POWER) return pow(arg[0], arg[1]);
    return numbers_expr(f->s->numbers, expr_call(p, function, number));
}

static bool call(Formula *f, const AstExpr *e, double *out) {
    Function function = function_find(e->name);
    if (function == FUNCTION_COUNT)
        return wrong(f, e, "this function is not one of the language's scalar functions");
    if (e->argument_count != function_arity(function))
        return wrong(f, e, "this function takes another number of arguments");
    double arg[2] = {0, 0};
    for (int i = 0; i < e->argument_count && i < 2; i++)
        if (!evaluate(f, e->argument[i].value, &arg[i])) return false;
    *out = apply(f, function, arg);
    return true;
}

static bool sum_over(Formula *f, const AstExpr *e, int level, double *sum) {
    double x;
    if (level == e->argument_count) {
        if (!evaluate(f, e->body, &x)) return false;
        *sum += x;
        return true;
    }
    const AstExpr *binder = e->argument[level].value;
    if (binder->kind != AST_BINARY || binder->op != AST_LESS || binder->left->kind != AST_NAME)
        return wrong(f, binder, "write the range of this index: sum(j < 2: ...)");
    if (f->binders == BINDERS || !evaluate(f, binder->right, &x)) return false;
    if (!(x >= 0 && x <= 1e6)) return wrong(f, binder, "this range is too long");
    int mine = f->binders++;
    f->binder[mine] = binder->left->name;
    bool fine = true;
    for (f->at[mine] = 0; fine && f->at[mine] < (int64_t)x; f->at[mine]++)
        fine = sum_over(f, e, level + 1, sum);
    f->binders--;
    return fine;
}

static bool evaluate(Formula *f, const AstExpr *e, double *out) {
    switch (e->kind) {
    case AST_NUMBER: return *out = e->number, true;
    case AST_NAME:
    case AST_SUBSCRIPT: return read_value(f, e, out);
    case AST_NEGATE:
        if (!evaluate(f, e->left, out)) return false;
        return *out = -*out, true;
    case AST_NOT:
        if (!evaluate(f, e->left, out)) return false;
        return *out = *out == 0, true;
    case AST_BINARY: return binary(f, e, out);
    case AST_IF:
        if (!evaluate(f, e->condition, out)) return false;
        return evaluate(f, *out != 0 ? e->left : e->right, out);
    case AST_CALL: return call(f, e, out);
    case AST_REDUCE:
        *out = 0;
        if (strcmp(e->name, "sum")) return wrong(f, e, "of the reductions a formula may have sum");
        return sum_over(f, e, 0, out);
    case AST_STRING:
    case AST_HOLE:
    case AST_REST:
    case AST_LIST:
    case AST_TUPLE:
    case AST_APPLY:
    case AST_PIPE: break;
    }
    return wrong(f, e,
                 "a formula is made of numbers, values of the network, operators and functions");
}

// --- the left side

// Steps over "d" or "d_" if a tensor's name follows.
static const Tensor *after_d(const Formula *f, const char *word, int64_t *element) {
    if (word[0] != 'd') return NULL;
    const Program *p = f->s->pipeline.model->train;
    const Tensor *t = word[1] == '_' ? derivation_find(p, word + 2, element) : NULL;
    return t ? t : derivation_find(p, word + 1, element);
}

static char *trimmed(Arena *a, const char *text, size_t size) {
    while (size && *text == ' ') text++, size--;
    while (size && text[size - 1] == ' ') size--;
    return arena_copy(a, text, size);
}

static int read_left(Formula *f, const Command *command) {
    Arena *a = f->s->pipeline.compile->arena;
    const char *equals = strchr(f->text, '=');
    if (!equals)
        return usage_error(command, "--formula \"%s\": it wants an equation, d_w = ...", f->text);
    char *left = trimmed(a, f->text, (size_t)(equals - f->text)), *bar = strchr(left, '/');
    int64_t ignored;
    f->of = math_loss(f->s->pipeline.model->train);
    if (bar) f->of = after_d(f, trimmed(a, left, (size_t)(bar - left)), &ignored);
    const char *by = bar ? trimmed(a, bar + 1, strlen(bar + 1)) : left;
    f->by = after_d(f, by, &f->element);
    if (!f->of || !f->by)
        return usage_error(
            command,
            "--formula \"%s\": the left side is d_w7, or d_E1/d_a_h1, of values of the network; an "
            "element is written d_weight[0,1]",
            f->text);
    if (f->of->rank)
        return usage_error(command, "--formula \"%s\": %s is no single number", f->text,
                           f->of->name);
    return EXIT_FINE;
}

static int read_formula(Formula *f, const Command *command) {
    int code = read_left(f, command);
    if (code != EXIT_FINE) return code;
    Compile *c = f->s->pipeline.compile;
    uint32_t size = (uint32_t)strlen(f->text),
             first = (uint32_t)(strchr(f->text, '=') - f->text) + 1;
    uint32_t file =
        source_add(c->sources, "--formula", without_points(c->arena, f->text), size, false);
    f->right = parse_expr(c, (Span){file, first, size});
    return f->right ? EXIT_FINE : pipeline_finish(&f->s->pipeline);
}

// --- the derivative itself

// For d E1/d x the same equations are differentiated once more, with E1 in the place of the loss.
static int derive_other(Formula *f, const Arguments *arguments) {
    f->other = pipeline_new(f->s->pipeline.path);
    f->other.elaborate.precision = 64;
    if (!pipeline_take_options(&f->other, arguments) || !pipeline_compile(&f->other, "equations"))
        return pipeline_finish(&f->other);
    Program *p = f->program = f->other.model->train;
    const Program *from = f->s->pipeline.model->train;
    Tensor *loss = tensor_find(p, name_of(p->compile->names, f->of->name));
    if (!loss) internal_error("formula", "%s is gone", f->of->name);
    p->loss = loss;
    differentiate(p, true);
    f->numbers = numbers_new(p, f->s->numbers->samples);
    for (int i = 0; i < from->tensor.count; i++) {
        const Tensor *t = from->tensor.item[i];
        Tensor *mine = tensor_find(p, name_of(p->compile->names, t->name));
        if (!mine || mine->role == TENSOR_GRADIENT || !numbers_known(f->s->numbers, t)) continue;
        memcpy(numbers_of(f->numbers, mine), f->s->numbers->of[t->id],
               sizeof(double) * (size_t)tensor_count(t));
        if (t == f->by) f->by = mine;
        if (t == f->of) f->of = mine;
    }
    numbers_run(f->numbers, p->forward.item, p->forward.count, true);
    numbers_run(f->numbers, p->backward.item, p->backward.count, false);
    return EXIT_FINE;
}

static const Tensor *gradient_of_by(const Formula *f) {
    for (int i = 0; i < f->program->tensor.count; i++)
        if (f->program->tensor.item[i]->of == f->by) return f->program->tensor.item[i];
    return NULL;
}

// The value `of` with `by` moved, everything after it computed anew.
static double moved(Formula *f, Equation *const *equation, int count, double value) {
    numbers_of(f->numbers, f->by)[f->element] = value;
    numbers_run(f->numbers, equation, count, false);
    return f->numbers->of[f->of->id][0];
}

static double central_difference(Formula *f, double derived) {
    Program *p = f->program;
    Equation **equation = arena_new_array(p->arena, Equation *, p->forward.count + 1);
    int count = 0;
    for (int i = 0; i < p->forward.count; i++)
        if (p->forward.item[i]->out != f->by) equation[count++] = p->forward.item[i];
    if (numbers_cost(f->numbers, equation, count) > 1e7)
        return f->program == f->s->pipeline.model->train
                   ? snapshot_difference(f->s, f->by, f->element, derived)
                   : NAN;
    double middle = numbers_of(f->numbers, f->by)[f->element], best = NAN;
    for (double h = 1e-4; h > 1e-7; h /= 10) {
        double slope =
            (moved(f, equation, count, middle + h) - moved(f, equation, count, middle - h)) /
            (2 * h);
        if (!(fabs(slope - derived) >= fabs(best - derived))) best = slope;
    }
    moved(f, equation, count, middle);
    return best;
}

// --- the verdict

static bool agrees(double formula, double derived) {
    return fabs(formula - derived) <= FORMULA_LIMIT * fmax(fabs(derived), FORMULA_TINY);
}

static void print_used(const Formula *f) {
    int column = 0;
    for (int i = 0; i < f->used.count; i++) {
        int size = (int)strlen(f->used.item[i]) + 2;
        if (column && column + size > 96) column = 0, printf("\n");
        printf("%s%s", column ? "  " : "    ", f->used.item[i]);
        column += size;
    }
    if (f->used.count) printf("\n");
}

static void print_right_one(const Formula *f, const Tensor *gradient) {
    const Expr *e = derivation_unfold(f->program, gradient);
    const Equation *q = gradient->definition;
    if (e)
        printf("  derived: %s = %s\n", gradient->name, expr_print(f->program, e));
    else if (q)
        printf("  derived: %s\n", equation_print(f->program, q));
}

static int compare(Formula *f, const Arguments *arguments, bool is_first) {
    bool is_loss = f->of == math_loss(f->s->pipeline.model->train) ||
                   f->of == f->s->pipeline.model->train->loss;
    f->program = f->s->pipeline.model->train;
    f->numbers = f->s->numbers;
    double value;
    if (!evaluate(f, f->right, &value)) return pipeline_finish(&f->s->pipeline);
    int code = is_loss ? EXIT_FINE : derive_other(f, arguments);
    if (code != EXIT_FINE) return code;
    const Tensor *gradient = gradient_of_by(f);
    double derived = gradient ? numbers_of(f->numbers, gradient)[f->element] : 0;
    bool fine = agrees(value, derived);
    if (is_first || !fine) {
        printf("%s\n", f->text);
        print_used(f);
        printf("  the formula           %.15g\n", value);
        printf("  automatic derivative  %.15g\n", derived);
        printf("  central difference    %.15g\n", central_difference(f, derived));
    }
    if (!fine && gradient) print_right_one(f, gradient);
    return fine ? EXIT_FINE : EXIT_CHECK;
}

static int check_at(const Arguments *arguments, const char *text, int64_t step) {
    Snapshot s;
    Formula f = {.s = &s, .text = text};
    int code = snapshot_open(&s, arguments, step);
    if (code == EXIT_FINE && !s.numbers) {
        fprintf(stderr,
                "netc: a formula is checked with numbers; the data of %s lie in files: add --data "
                "DIR\n",
                s.pipeline.path);
        code = EXIT_FILES;
    }
    if (code == EXIT_FINE) code = read_formula(&f, arguments->command);
    if (code == EXIT_FINE) code = compare(&f, arguments, step == 0);
    if (f.other.compile) pipeline_free(&f.other);
    snapshot_close(&s);
    return code;
}

int formula_check(const Arguments *arguments) {
    int worst = EXIT_FINE;
    for (int i = 0; i < arguments->use.count; i++) {
        const OptionUse *use = &arguments->use.item[i];
        if (strcmp(use->option->name, "formula")) continue;
        int code = check_at(arguments, use->value, 0);
        if (code == EXIT_FINE) code = check_at(arguments, use->value, FORMULA_LATER);
        if (code == EXIT_FINE) printf("confirmed, here and after %d updates\n", FORMULA_LATER);
        if (code == EXIT_CHECK) printf("REFUTED\n");
        if (code != EXIT_FINE) worst = code;
        if (code != EXIT_FINE && code != EXIT_CHECK) break;
    }
    return worst;
}
