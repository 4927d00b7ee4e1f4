// derivation.c: the order of the steps, and what one step says. Tables and introduction:
// derivation_parts.c.
#include "teach/derivation.h"
#include "teach/derivation_parts.h"
#include "teach/local.h"

#include <math.h>
#include <string.h>

// --- which gradients, in which order

typedef struct Needed {
    const Program *p;
    bool *by_id;
    bool grew;
} Needed;

static void need(const Expr *read, void *data) {
    Needed *n = data;
    if (read->tensor->role != TENSOR_GRADIENT || n->by_id[read->tensor->id]) return;
    n->by_id[read->tensor->id] = n->grew = true;
}

static bool *needed_tensors(const Derivation *d) {
    const Program *p = d->program;
    Needed n = {p, arena_new_array(p->arena, bool, p->tensor.count + 1), true};
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        n.by_id[t->id] = t->role == TENSOR_GRADIENT && (!d->of || t->of == d->of);
    }
    while (n.grew) {
        n.grew = false;
        for (int i = 0; i < p->backward.count; i++)
            if (n.by_id[p->backward.item[i]->out->id])
                expr_each_read(p->backward.item[i]->value, need, &n);
    }
    return n.by_id;
}

typedef struct Steps {
    LIST(const Tensor *) gradient;
} Steps;

static Steps list_steps(const Derivation *d) {
    const Program *p = d->program;
    bool *wanted = needed_tensors(d),
         *listed = arena_new_array(p->arena, bool, p->tensor.count + 1);
    Steps s = {0};
    for (int i = 0; i < p->backward.count; i++) {
        const Tensor *t = p->backward.item[i]->out;
        if (!wanted[t->id] || listed[t->id]) continue;
        listed[t->id] = true;
        if (parts_is_start(p, t)) continue;
        list_add(p->arena, s.gradient, t);
    }
    return s;
}

int derivation_steps(const Derivation *d) {
    return list_steps(d).gradient.count;
}

// --- one step

typedef struct Step {
    const Derivation *d;
    Page *page;
    Parts *parts;
    const Tensor *gradient, *of;
    MathNames names;
} Step;

static Math new_math(Step *s) {
    return math_new(page_math_style(s->page), s->d->program, &s->names);
}

static const char *inline_expr(Step *s, const Expr *e) {
    Math m = new_math(s);
    math_expr(&m, e);
    return page_math(s->page, math_done(&m));
}

static const char *inline_derivative(Step *s, const Expr *of, const Expr *by) {
    Math m = new_math(s);
    math_derivative(&m, of, by);
    return page_math(s->page, math_done(&m));
}

static PageRow equation_row(Step *s, const Equation *q) {
    Math left = new_math(s), right = new_math(s);
    math_left(&left, q);
    right.in_rows = true;
    math_right(&right, q, derivation_shown(s->d->program, q->value));
    return (PageRow){math_done(&left), math_done(&right)};
}

static bool is_loss(const Step *s, const Tensor *t) {
    return t == s->d->program->loss || t == math_loss(s->d->program);
}

// The derivative of the loss itself that the step ends with.
static bool is_result(const Step *s, const Equation *q, const Expr *product) {
    IndexPair pair[64];
    int pairs = 0;
    const Equation *result = s->gradient->definition;
    return is_loss(s, q->out) && result &&
           expr_same(product, derivation_shown(s->d->program, result->value), true, pair, &pairs,
                     64);
}

static void print_path(Step *s, const Equation *q, const LocalPath *path) {
    static const char *const plain_head[] = {"Derivative", "Rule", "Result"};
    const char *head[3];
    for (int i = 0; i < 3; i++) head[i] = page_words(s->page, plain_head[i]);
    const char **cell =
        arena_new_array(s->d->program->arena, const char *, 3 * path->link.count + 3);
    for (int i = 0; i < path->link.count; i++) {
        const LocalLink *l = &path->link.item[i];
        cell[3 * i] = inline_derivative(
            s, i ? l->from : expr_read(s->d->program, q->out, q->subscript), l->to);
        cell[3 * i + 1] = page_words(s->page, l->rule);
        cell[3 * i + 2] = inline_expr(s, l->factor);
    }
    if (path->link.count) page_table(s->page, head, 3, cell, path->link.count);
    if (path->link.count == 1) return; // the table says it all
    if (is_result(s, q, path->product)) return;
    Math left = new_math(s), right = new_math(s);
    math_partial(&left, q->out, q->subscript, s->of, path->read->arg);
    math_operator(&right, "=");
    math_expr(&right, path->product);
    page_formulas(s->page, &(PageRow){math_done(&left), math_done(&right)}, 1);
}

// "Through E1 = ..., whose gradient is step 3:" and the rules.
static void print_use(Step *s, const Equation *q, const LocalPaths *paths) {
    PageRow row = equation_row(s, q);
    page_formulas(s->page, &row, 1);
    for (int i = 0; i < paths->path.count; i++) print_path(s, q, &paths->path.item[i]);
}

static bool is_live(const Step *s, const Tensor *t) {
    return is_loss(s, t) || parts_gradient_of(s->parts, t);
}

static int print_uses(Step *s) {
    const Program *p = s->d->program;
    int uses = 0;
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        if (!is_live(s, q->out) || !expr_reads(q->value, s->of)) continue;
        LocalPaths paths = local_paths(s->d->program, q, s->of);
        if (!paths.path.count) continue;
        if (!uses++) {
            Math m = new_math(s);
            math_tensor(&m, s->of, NULL);
            const char *text[] = {page_math(s->page, math_done(&m)),
                                  page_words(s->page, " stands in:")};
            page_paragraph(s->page, page_join(s->page, text, 2));
        }
        print_use(s, q, &paths);
    }
    return uses;
}

bool derivation_stand_at(Numbers *v, const Equation *q, int64_t element) {
    numbers_of(v, q->out);
    for (int k = q->out->rank - 1; k >= 0; k--) {
        int64_t extent = q->out->axis[k]->extent, at = element % extent;
        element /= extent;
        const Expr *e = q->subscript[k];
        const Index *bare = e->kind == E_INDEX ? affine_bare(e->affine) : NULL;
        if (bare)
            v->index[bare->id] = at;
        else if (!expr_is_constant(e) || (int64_t)expr_constant(e) != at)
            return false;
    }
    return numbers_holds(v, q->guard);
}

static void number_row(Step *s, const Expr *e, PageRow *row) {
    Math m = new_math(s);
    m.numbers = s->d->numbers;
    m.in_rows = true;
    math_equals(&m, e);
    *row = (PageRow){"", math_done(&m)};
}

static void result_row(Step *s, double value, PageRow *row) {
    Math m = new_math(s);
    math_operator(&m, "=");
    math_number(&m, value);
    *row = (PageRow){"", math_done(&m)};
}

// The gradient's equation, the numbers put in, the result.
static void print_product(Step *s, int64_t element) {
    const Program *p = s->d->program;
    PageRow row[24];
    int rows = 0, equations = 0;
    const Equation *only = NULL;
    for (int i = 0; i < p->backward.count && rows < 16; i++) {
        const Equation *q = p->backward.item[i];
        if (q->out != s->gradient) continue;
        row[rows++] = equation_row(s, q);
        equations++;
        only = q;
    }
    bool has_numbers = s->d->numbers && numbers_known(s->d->numbers, s->gradient);
    bool is_scalar =
        s->gradient->rank == 0; // else letters and the numbers of one element stand apart
    if (!is_scalar || !has_numbers) page_formulas(s->page, row, rows);
    if (!has_numbers) return;
    if (!is_scalar) rows = 0;
    int first = rows;
    double value = s->d->numbers->of[s->gradient->id][element];
    const Expr *product = derivation_shown(s->d->program, only->value);
    bool is_number = product->kind == E_NUMBER, is_copy = product->kind == E_READ;
    if (equations == 1 && !is_number && !is_copy && derivation_stand_at(s->d->numbers, only, element))
        number_row(s, product, &row[rows++]);
    if (!is_scalar || !is_number) result_row(s, value, &row[rows++]);
    if (rows - first > 1 && !strcmp(row[rows - 1].right, row[rows - 2].right))
        rows--; // nothing was left to compute
    if (!is_scalar)
        row[first].left =
            parts_element(s->parts, page_math_style(s->page), &s->names, s->gradient, element);
    page_formulas(s->page, row, rows);
}

static void print_unfolded(Step *s) {
    const Expr *e = derivation_unfold(s->d->program, s->gradient);
    const Equation *q = s->gradient->definition;
    if (!e || !q || s->gradient->of->role != TENSOR_PARAM) return;
    page_paragraph(s->page, page_words(s->page, "With everything before it put in:"));
    Math left = new_math(s), right = new_math(s);
    math_gradient(&left, s->of, NULL);
    math_operator(&right, "=");
    math_expr(&right, e);
    page_formulas(s->page, &(PageRow){math_done(&left), math_done(&right)}, 1);
    const char *code = arena_printf(s->d->program->arena, "%s = %s", s->gradient->name,
                                    expr_print(s->d->program, e));
    const char *text[] = {
        page_words(s->page, "To be checked with "),
        page_code_words(s->page,
                        arena_printf(s->d->program->arena, "netc gradcheck %s --formula \"%s\"",
                                     s->d->spec, code))};
    page_paragraph(s->page, page_join(s->page, text, 2));
}

// The step that has shown these lines already; -1: none has.
static int earlier_step(const Step *s, const char *lines) {
    for (int i = 0; i < s->parts->count && s->parts->gradient[i] != s->gradient; i++) {
        const Tensor *g = s->parts->gradient[i];
        const char *shown = derivation_c_lines(s->d->program->arena, s->d->c_text, "backward", g->name);
        if (g->of && shown && !strcmp(shown, lines)) return i;
    }
    return -1;
}

static void print_c(Step *s) {
    Arena *a = s->d->program->arena;
    const char *lines = derivation_c_lines(a, s->d->c_text, "backward", s->gradient->name);
    int before = lines ? earlier_step(s, lines) : -1;
    if (before >= 0) {
        const char *text[] = {
            page_words(s->page, "The generated C computes it in the lines of "),
            page_link(s->page, parts_anchor(s->parts, s->parts->gradient[before]),
                      page_words(s->page, arena_printf(a, "step %d", before + 1))),
            page_words(s->page, ".")};
        page_paragraph(s->page, page_join(s->page, text, 3));
    } else if (lines)
        page_code(s->page, lines);
    else
        page_paragraph(
            s->page,
            page_words(s->page,
                       "The generated C has no line of its own for this: it is folded into "
                       "the gradients that use it."));
}

static void print_check(Step *s, int64_t element) {
    const Derivation *d = s->d;
    if (!d->numbers || s->of->role != TENSOR_PARAM) return;
    double derived = d->numbers->of[s->gradient->id][element];
    double difference = d->difference(d->data, s->of, element, derived);
    if (isnan(difference)) return;
    Arena *a = d->program->arena;
    const char *head[] = {page_words(s->page, "Compiled program"),
                          page_words(s->page, "Central difference of the loss"),
                          page_words(s->page, "Their distance")};
    const char *cell[] = {page_words(s->page, arena_printf(a, "%.12g", derived)),
                          page_words(s->page, arena_printf(a, "%.12g", difference)),
                          page_words(s->page, arena_printf(a, "%.1e", fabs(derived - difference)))};
    page_table(s->page, head, 3, cell, 1);
}

static void print_sources(Step *s) {
    const char *text[34];
    int count = 0;
    const Program *p = s->d->program;
    for (int i = 0; i < s->parts->count && count < 30; i++) {
        const Tensor *t = s->parts->gradient[i];
        bool used = false;
        for (int k = 0; k < p->backward.count; k++)
            used = used || (p->backward.item[k]->out == s->gradient &&
                            expr_reads(p->backward.item[k]->value, t));
        if (!used || t == s->gradient) continue;
        text[count] = count
                          ? page_words(s->page, ", ")
                          : page_words(s->page, "The chain rule multiplies by what is known from ");
        count++;
        text[count++] = page_link(s->page, parts_anchor(s->parts, t),
                                  page_words(s->page, arena_printf(p->arena, "step %d", i + 1)));
    }
    if (!count) return;
    text[count++] = page_words(s->page, ":");
    page_paragraph(s->page, page_join(s->page, text, count));
}

static bool adds_up(const Step *s) {
    const Program *p = s->d->program;
    for (int i = 0; i < p->backward.count; i++) {
        const Equation *q = p->backward.item[i];
        if (q->out == s->gradient && (q->op == EQUATION_ADD || expr_has_reduction(q->value)))
            return true;
    }
    return false;
}

static void print_step(const Derivation *d, Page *page, Parts *parts, int number) {
    const Tensor *gradient = parts->gradient[number];
    Step s = {.d = d, .page = page, .parts = parts, .gradient = gradient, .of = gradient->of};
    int64_t element = d->of && gradient->of == d->of ? d->element : 0;
    Math m = new_math(&s);
    const Equation *q = gradient->definition;
    if (gradient->of)
        math_gradient(&m, gradient->of, q ? q->subscript : NULL);
    else
        math_tensor(&m, gradient, q ? q->subscript : NULL);
    const char *title[] = {
        page_words(page, arena_printf(d->program->arena, "Step %d: ", number + 1)),
        page_math(page, math_done(&m))};
    page_section(page, 3, parts_anchor(parts, gradient), page_join(page, title, 2));
    if (!gradient->of)
        page_paragraph(page, page_words(page, "A name for a part that several sums share:"));
    else
        print_uses(&s);
    if (gradient->of && gradient->rank && adds_up(&s))
        page_paragraph(
            page,
            page_words(page,
                       "One element takes part in several results; its shares of their derivatives "
                       "are added up."));
    print_sources(&s);
    print_product(&s, element);
    if (gradient->of) {
        print_unfolded(&s);
        print_c(&s);
        print_check(&s, element);
    }
    page_section_end(page);
}

void derivation_print(const Derivation *d, Page *page) {
    Steps steps = list_steps(d);
    Parts parts = parts_new(d, steps.gradient.item, steps.gradient.count);
    page_begin(page,
               arena_printf(d->program->arena, "The gradients of %s, derived", d->program->name));
    parts_introduction(&parts, page);
    parts_symbols(&parts, page);
    parts_forward(&parts, page);
    page_section(page, 2, "backward", page_words(page, "Backward: from the loss to the weights"));
    page_section_end(page);
    for (int i = 0; i < steps.gradient.count; i++) print_step(d, page, &parts, i);
    parts_update(&parts, page);
    page_end(page);
}
