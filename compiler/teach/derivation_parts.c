// derivation_parts.c: the tables before and after the steps, and the helpers that find things.
#include "teach/derivation_parts.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 6, MANY = 60, UNFOLDED_SIZE = 120 };

Parts parts_new(const Derivation *d, const Tensor *const *gradient, int count) {
    return (Parts){d, gradient, count};
}

const char *parts_anchor(const Parts *o, const Tensor *gradient) {
    for (int i = 0; i < o->count; i++)
        if (o->gradient[i] == gradient) return arena_printf(o->d->program->arena, "step-%d", i + 1);
    return "backward";
}

const Tensor *parts_gradient_of(const Parts *o, const Tensor *t) {
    for (int i = 0; i < o->count; i++)
        if (o->gradient[i]->of == t) return o->gradient[i];
    return NULL;
}

bool parts_is_start(const Program *p, const Tensor *gradient) {
    const Equation *q = gradient->definition;
    return gradient->rank == 0 && gradient->of &&
           (gradient->of == math_loss(p) || gradient->of == p->loss) && q &&
           expr_is_number(q->value, 1);
}

const char *parts_element(const Parts *o, MathStyle style, MathNames *names, const Tensor *t,
                          int64_t element) {
    Program *p = o->d->program;
    const Expr **at = arena_new_array(p->arena, const Expr *, t->rank + 1);
    for (int k = t->rank - 1; k >= 0; k--) {
        at[k] = expr_affine(p, affine_constant(element % t->axis[k]->extent));
        element /= t->axis[k]->extent;
    }
    Math m = math_new(style, p, names);
    if (t->role == TENSOR_GRADIENT && t->of)
        math_gradient(&m, t->of, at);
    else
        math_tensor(&m, t, at);
    return math_done(&m);
}

const Expr *derivation_shown(Program *p, const Expr *e) {
    if (e->kind == E_READ) return parts_is_start(p, e->tensor) ? expr_number(p, 1) : e;
    if (!e->arg_count) return e;
    const Expr **arg = arena_new_array(p->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = derivation_shown(p, e->arg[i]);
    return expr_rebuild(p, e, arg);
}

// --- introduction

void parts_introduction(const Parts *o, Page *page) {
    const Derivation *d = o->d;
    Arena *a = d->program->arena;
    const char *when =
        "The spec's data lie in files; with --data DIR the page has numbers as well.";
    if (d->numbers) {
        const char *point = d->step ? arena_printf(a, "after %lld updates", (long long)d->step)
                                    : "before the first update";
        long long samples = (long long)d->numbers->samples;
        when = samples > 1
                   ? arena_printf(a,
                                  "The numbers are those of the compiled program %s, with a "
                                  "batch of %lld samples.",
                                  point, samples)
                   : arena_printf(a, "The numbers are those of the compiled program %s.", point);
    }
    const char *text[] = {page_words(page, "Every gradient of "), page_code_words(page, d->spec),
                          page_words(page, ", from the loss back to the parameters, by the chain "
                                           "rule: the derivative of the loss by a value "
                                           "is the sum, over all equations in which the value "
                                           "stands, of the derivative by that equation's "
                                           "result times the local derivative. A part that several "
                                           "gradients share is derived once. "),
                          page_words(page, when)};
    page_paragraph(page, page_join(page, text, 4));
}

static const char *role_name(const Tensor *t) {
    switch (t->role) {
    case TENSOR_INPUT: return "input";
    case TENSOR_TARGET: return "target";
    case TENSOR_PARAM: return "parameter";
    case TENSOR_STATE: return "state";
    case TENSOR_VALUE: return "value";
    case TENSOR_GRADIENT: return "gradient";
    case TENSOR_RESULT: return "result";
    }
    return "";
}

static const char *shape_text(Arena *a, const Tensor *t) {
    if (!t->rank) return "number";
    Text text = text_new(a);
    for (int k = 0; k < t->rank; k++)
        text_printf(&text, k ? ", %lld" : "[%lld", (long long)t->axis[k]->extent);
    text_add(&text, "]");
    return text.bytes;
}

static const char *value_text(const Parts *o, const Tensor *t) {
    Numbers *v = o->d->numbers;
    Arena *a = o->d->program->arena;
    if (!v || !numbers_known(v, t)) return "";
    int64_t count = tensor_count(t);
    Text text = text_new(a);
    for (int64_t i = 0; i < count && i < FEW; i++)
        text_printf(&text, i ? ", %s" : "%s", math_digits(a, v->of[t->id][i]));
    if (count > FEW) text_add(&text, ", ...");
    return text.bytes;
}

// With a gradient chosen, only what its derivation mentions.
static bool is_mentioned(const Parts *o, const Tensor *t) {
    const Program *p = o->d->program;
    if (!o->d->of || t == math_loss(p) || parts_gradient_of(o, t)) return true;
    for (int i = 0; i < p->backward.count; i++) {
        const Equation *q = p->backward.item[i];
        for (int k = 0; k < o->count; k++)
            if (q->out == o->gradient[k] && expr_reads(q->value, t)) return true;
    }
    return false;
}

static bool is_shown(const Parts *o, const Equation *q) {
    if (q->out->role == TENSOR_RESULT && q->out != math_loss(o->d->program)) return false;
    return is_mentioned(o, q->out);
}

// Whatever stands in a formula of the page.
static bool is_symbol(const Parts *o, const Tensor *t) {
    const Program *p = o->d->program;
    if (t->role == TENSOR_GRADIENT) return false;
    if (t->role == TENSOR_RESULT && t != math_loss(p)) return false;
    if (is_mentioned(o, t)) return true;
    for (int i = 0; i < p->forward.count; i++)
        if (is_shown(o, p->forward.item[i]) && expr_reads(p->forward.item[i]->value, t))
            return true;
    return false;
}

void parts_symbols(const Parts *o, Page *page) {
    Program *p = o->d->program;
    const char *head[] = {page_words(page, "Symbol"), page_words(page, "Name in the spec"),
                          page_words(page, "What it is"), page_words(page, "Shape"),
                          page_words(page, "Value")};
    int columns = o->d->numbers ? 5 : 4, rows = 0;
    const char **cell =
        arena_new_array(p->arena, const char *, columns * p->tensor.count + columns);
    MathNames names = {0};
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (!is_symbol(o, t)) continue;
        Math m = math_new(page_math_style(page), p, &names);
        math_tensor(&m, t, NULL);
        const char **row = cell + (ptrdiff_t)columns * rows++;
        row[0] = page_math(page, math_done(&m));
        row[1] = page_code_words(page, t->name);
        row[2] = page_words(page, role_name(t));
        row[3] = page_words(page, shape_text(p->arena, t));
        if (columns == 5) row[4] = page_words(page, value_text(o, t));
    }
    page_section(page, 2, "symbols", page_words(page, "Symbols"));
    if (rows > MANY)
        page_fold(page, page_words(page, arena_printf(p->arena, "The %d symbols", rows)));
    page_table(page, head, columns, cell, rows);
    if (rows > MANY) page_fold_end(page);
    page_section_end(page);
}

// --- forward

static bool is_plain_scalar(const Equation *q) {
    return q->out->rank == 0 && q->op == EQUATION_SET;
}

typedef LIST(PageRow) Rows;

static void forward_rows(const Parts *o, const Page *page, const Equation *q, Rows *rows) {
    Program *p = o->d->program;
    MathNames names = {0};
    Math left = math_new(page_math_style(page), p, &names), right = left, numbers = left;
    right.text = text_new(p->arena);
    numbers.text = text_new(p->arena);
    math_left(&left, q);
    right.in_rows = true;
    math_right(&right, q, q->value);
    list_add(p->arena, *rows, ((PageRow){math_done(&left), math_done(&right)}));
    if (o->d->numbers && is_plain_scalar(q) && numbers_known(o->d->numbers, q->out)) {
        numbers.numbers = o->d->numbers;
        if (q->value->kind != E_READ && q->value->kind != E_NUMBER) {
            math_operator(&numbers, "=");
            math_expr(&numbers, q->value);
        }
        math_operator(&numbers, "=");
        math_number(&numbers, o->d->numbers->of[q->out->id][0]);
        list_add(p->arena, *rows, ((PageRow){"", math_done(&numbers)}));
    }
}

void parts_forward(const Parts *o, Page *page) {
    Program *p = o->d->program;
    page_section(page, 2, "forward", page_words(page, "Forward: from the inputs to the loss"));
    Rows rows = {0};
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        if (!is_shown(o, q)) continue;
        forward_rows(o, page, q, &rows);
        // In blocks of one stage, so that tall formulas do not widen all the others.
        bool ends = i + 1 == p->forward.count || p->forward.item[i + 1]->stage != q->stage;
        if (!ends) continue;
        page_formulas(page, rows.item, rows.count);
        rows.count = 0;
    }
    page_formulas(page, rows.item, rows.count);
    page_section_end(page);
}

// --- the step of the weights

void parts_update(const Parts *o, Page *page) {
    const Derivation *d = o->d;
    Program *p = d->program;
    if (!d->numbers || isnan(d->lr)) return;
    page_section(page, 2, "update", page_words(page, "The update"));
    const char *text[] = {
        page_words(page, "Every parameter moves against its gradient, by the learning rate "),
        page_math(page, math_digits(p->arena, d->lr)), page_words(page, " times it:")};
    page_paragraph(page, page_join(page, text, 3));
    MathNames names = {0};
    for (int i = 0; i < o->count; i++) {
        const Tensor *g = o->gradient[i], *t = g->of;
        if (!t || t->role != TENSOR_PARAM) continue;
        int64_t at = d->of == t ? d->element : 0;
        double value = d->numbers->of[t->id][at], slope = d->numbers->of[g->id][at];
        Math right = math_new(page_math_style(page), p, &names);
        text_add(&right.text, parts_element(o, right.style, &names, t, at));
        math_operator(&right, "-");
        math_number(&right, d->lr);
        math_operator(&right, "*");
        text_add(&right.text, parts_element(o, right.style, &names, g, at));
        math_operator(&right, "=");
        math_number(&right, value);
        math_operator(&right, "-");
        math_number(&right, d->lr);
        math_operator(&right, "*");
        if (slope < 0) math_operator(&right, "(");
        math_number(&right, slope);
        if (slope < 0) math_operator(&right, ")");
        math_operator(&right, "=");
        math_number(&right, value - d->lr * slope);
        Math left = math_new(page_math_style(page), p, &names);
        text_add(&left.text, parts_element(o, left.style, &names, t, at));
        math_operator(&left, "->");
        page_formulas(page, &(PageRow){math_done(&left), math_done(&right)}, 1);
    }
    page_section_end(page);
}

// --- helpers

static const Expr *unfold(Program *p, const Expr *e) {
    if (e->kind == E_READ) {
        if (e->tensor->role != TENSOR_GRADIENT) return e;
        const Equation *q = e->tensor->definition;
        return q && e->tensor->rank == 0 && q->op == EQUATION_SET ? unfold(p, q->value) : NULL;
    }
    if (!e->arg_count) return e;
    const Expr **arg = arena_new_array(p->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++)
        if (!(arg[i] = unfold(p, e->arg[i]))) return NULL;
    const Expr *made = expr_rebuild(p, e, arg);
    return made->size <= UNFOLDED_SIZE ? made : NULL;
}

const Expr *derivation_unfold(Program *p, const Tensor *gradient) {
    if (gradient->rank || !gradient->definition) return NULL;
    return unfold(p, gradient->definition->value);
}

// Whether the line gives the variable `name` a value: "const double d_w5 = ...", "d_w[o][i] +=
// ...".
static bool assigns(const char *line, const char *name) {
    while (*line == ' ') line++;
    if (!strncmp(line, "const double ", 13))
        line += 13;
    else if (!strncmp(line, "const float ", 12))
        line += 12;
    size_t size = strlen(name);
    if (strncmp(line, name, size)) return false;
    line += size;
    while (*line == '[') line += strcspn(line, "]") + 1;
    return !strncmp(line, " = ", 3) || !strncmp(line, " += ", 4);
}

static bool is_comment(const char *line) {
    line += strspn(line, " ");
    return line[0] == '/' && line[1] == '/';
}

typedef LIST(const char *) Lines;

static Lines split_lines(Arena *a, const char *text) {
    Lines lines = {0};
    while (*text) {
        size_t size = strcspn(text, "\n");
        list_add(a, lines, arena_copy(a, text, size));
        text += size + (text[size] == '\n');
    }
    return lines;
}

static const char *join_lines(Arena *a, const Lines *lines, int first, int last) {
    size_t margin = 1000;
    for (int i = first; i <= last; i++) {
        size_t space = strspn(lines->item[i], " ");
        if (lines->item[i][space] && space < margin) margin = space;
    }
    Text text = text_new(a);
    for (int i = first; i <= last; i++) {
        const char *line = lines->item[i];
        text_printf(&text, "%s%s", i > first ? "\n" : "",
                    strlen(line) > margin ? line + margin : "");
    }
    return text.bytes;
}

const char *derivation_c_lines(Arena *a, const char *c_text, const char *function,
                               const char *tensor_name) {
    char *name = arena_printf(a, "%s", tensor_name);
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("->", *c)) *c = '_';
    const char *head = strstr(c_text, arena_printf(a, "_%s(", function));
    if (!head) return NULL;
    Lines lines = split_lines(a, head);
    for (int i = 0; i < lines.count && strcmp(lines.item[i], "}"); i++) {
        if (!assigns(lines.item[i], name)) continue;
        int first = i, last = i;
        while (first > 0 && !is_comment(lines.item[first])) first--;
        while (first > 0 && is_comment(lines.item[first - 1]) &&
               !strstr(lines.item[first - 1], "---"))
            first--;
        // To the end of the nest: the line before the next comment, blank line, or bracket of an
        // outer block.
        size_t margin = strspn(lines.item[first], " ");
        while (last + 1 < lines.count && !is_comment(lines.item[last + 1])) {
            const char *next = lines.item[last + 1];
            size_t space = strspn(next, " ");
            if (!next[space] || space < margin || (space == margin && next[space] != '}')) break;
            last++;
        }
        return join_lines(a, &lines, first, last);
    }
    return NULL;
}

const Tensor *derivation_find(const Program *p, const char *name, int64_t *element) {
    size_t size = strcspn(name, "[");
    *element = 0;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (t->role == TENSOR_GRADIENT || strlen(t->name) != size || memcmp(t->name, name, size))
            continue;
        const char *at = name + size;
        if (!*at) return t;
        for (int k = 0; k < t->rank; k++) {
            char *end;
            if (*at != (k ? ',' : '[')) return NULL;
            long value = strtol(at + 1, &end, 10);
            if (end == at + 1 || value < 0 || value >= t->axis[k]->extent) return NULL;
            *element = *element * t->axis[k]->extent + value;
            at = end;
        }
        return !strcmp(at, "]") ? t : NULL;
    }
    return NULL;
}
