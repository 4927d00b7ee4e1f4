// worksheet.c: see worksheet.h. Questions and key are made in one pass, so that their numbers
// cannot differ.
#include "teach/worksheet.h"

#include "teach/derivation.h"

#include <math.h>
#include <string.h>

static const char style[] =
    ".item{margin:.75em "
    "0;display:flex;align-items:center;gap:.6em;flex-wrap:wrap;break-inside:avoid}\n"
    ".item math{font-size:1.1em}\n"
    ".elements{display:grid;grid-template-columns:repeat(auto-fill,minmax(14.5em,1fr));gap:0 1em}\n"
    ".elements.wide{grid-template-columns:repeat(auto-fill,minmax(22em,1fr))}\n"
    ".elements .item{flex-wrap:nowrap}.elements .blank{flex:1;min-width:6em;max-width:10em}\n"
    ".item .n{color:var(--soft);min-width:2.4em;text-align:right;font-size:.85em}\n"
    ".blank{display:inline-block;min-width:7.5em;height:1.7em;border-bottom:1.5px solid "
    "var(--ink);background:var(--card)}\n"
    ".blank.long{min-width:15em}\n"
    ".given td,.given th{padding:.3em .9em}\n"
    "#show{margin:2.5rem .4em 0 0}#show~.key{display:none}#show:checked~.key{display:block}\n"
    ".key h2{margin-top:1em}\n"
    ".name{display:flex;gap:2em;color:var(--soft);margin:0 0 1.5em}.name "
    "span{flex:1;border-bottom:1px solid var(--line)}\n"
    "@media "
    "print{#show,label{display:none}#show~.key{display:block;break-before:page}.blank{background:"
    "none}}\n";

typedef struct Sheet {
    const Worksheet *w;
    Page page;
    Text key;
    int count;
    MathNames names;
} Sheet;

static Math new_math(Sheet *s) {
    return math_new(MATH_ML, s->w->program, &s->names);
}

static const char *element_of(Sheet *s, const Tensor *t, int64_t element) {
    Program *p = s->w->program;
    const Expr **at = arena_new_array(p->arena, const Expr *, t->rank + 1);
    for (int k = t->rank - 1; k >= 0; k--) {
        at[k] = expr_affine(p, affine_constant(element % t->axis[k]->extent));
        element /= t->axis[k]->extent;
    }
    Math m = new_math(s);
    if (t->role == TENSOR_GRADIENT && t->of)
        math_gradient(&m, t->of, at);
    else
        math_tensor(&m, t, at);
    return math_done(&m);
}

// What is asked for all elements of one tensor stands in columns.
static void open_elements(Sheet *s, const char *kind) {
    text_printf(&s->page.text, "<div class=\"elements%s\">\n", kind);
}

static void close_elements(Sheet *s) {
    text_add(&s->page.text, "</div>\n");
}

// One question: mathematics, then a blank for each answer. `name` says in the key, to programs,
// what was asked.
static void ask(Sheet *s, const char *name, const char *left, const char *middle,
                const char *formula, double value) {
    Arena *a = s->w->program->arena;
    int n = ++s->count;
    text_printf(
        &s->page.text,
        "<div class=\"item\"><span class=\"n\">(%d)</span><math displaystyle=\"true\">%s%s</math>",
        n, left, middle);
    if (formula)
        text_add(&s->page.text,
                 "<span>=</span><span class=\"blank long\" title=\"the formula\"></span>");
    text_add(&s->page.text,
             "<span>=</span><span class=\"blank\" title=\"the number\"></span></div>\n");
    text_printf(&s->key, "<tr><td>(%d)</td><td><math displaystyle=\"true\">%s</math></td><td>", n,
                left);
    if (formula) text_printf(&s->key, "<math displaystyle=\"true\">%s</math>", formula);
    text_printf(&s->key,
                "</td><td class=\"answer\" data-name=\"%s\" data-value=\"%s\">%s</td></tr>\n",
                html_text(a, name), number_text(a, value), math_digits(a, value));
}

// "w5", "x[1,0]"; of what comes after the update with `after` behind it.
static const char *name_of_element(Sheet *s, const Tensor *t, int64_t element, const char *after) {
    Arena *a = s->w->program->arena;
    const char *subscript = "";
    for (int k = t->rank - 1; k >= 0; k--) {
        subscript = arena_printf(a, "%lld%s%s", (long long)(element % t->axis[k]->extent),
                                 *subscript ? "," : "", subscript);
        element /= t->axis[k]->extent;
    }
    if (!t->rank) return arena_printf(a, "%s%s", t->name, after);
    return arena_printf(a, "%s[%s]%s", t->name, subscript, after);
}

// --- what is given

static bool is_given(const Tensor *t) {
    return t->role == TENSOR_INPUT || t->role == TENSOR_TARGET || t->role == TENSOR_PARAM ||
           t->role == TENSOR_STATE;
}

static void print_given(Sheet *s) {
    const Program *p = s->w->program;
    const char *head[] = {"Symbol", "Value"};
    LIST(const char *) cell = {0};
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (!is_given(t)) continue;
        int64_t count = tensor_count(t);
        for (int64_t k = 0; k < count; k++) {
            list_add(p->arena, cell, page_math(&s->page, element_of(s, t, k)));
            list_add(
                p->arena, cell,
                arena_printf(
                    p->arena,
                    "<span class=\"given-value\" data-name=\"%s\" data-element=\"%lld\">%s</span>",
                    html_text(p->arena, t->name), (long long)k,
                    math_digits(p->arena, s->w->numbers->of[t->id][k])));
        }
    }
    // Four pairs of columns, read downwards.
    int pairs = cell.count / 2,
        columns = pairs > 8   ? 4
                  : pairs > 4 ? 2
                              : 1,
        rows = (pairs + columns - 1) / columns;
    const char **wide = arena_new_array(p->arena, const char *, rows *columns * 2 + 1);
    const char **heads = arena_new_array(p->arena, const char *, columns * 2);
    for (int c = 0; c < columns * 2; c++) heads[c] = head[c % 2];
    for (int i = 0; i < rows * columns; i++) {
        int row = i % rows, column = i / rows;
        for (int k = 0; k < 2; k++)
            wide[row * columns * 2 + column * 2 + k] = i < pairs ? cell.item[2 * i + k] : "";
    }
    page_section(&s->page, 2, "given", "What is given");
    text_add(&s->page.text, "<div class=\"given\">");
    page_table(&s->page, heads, columns * 2, wide, rows);
    text_add(&s->page.text, "</div>");
    if (!isnan(s->w->lr))
        text_printf(&s->page.text,
                    "<p>The learning rate is <b>%s</b>. Work with at least six decimals.</p>\n",
                    math_digits(p->arena, s->w->lr));
    page_section_end(&s->page);
}

// --- forward

static const char *right_side(Sheet *s, const Expr *e) {
    Math m = new_math(s);
    math_expr(&m, e);
    return math_done(&m);
}

static bool is_asked(const Sheet *s, const Tensor *t) {
    if (t->role == TENSOR_RESULT && t != math_loss(s->w->program)) return false;
    return numbers_known(s->w->numbers, t) && t->definition;
}

static void ask_forward(Sheet *s) {
    const Program *p = s->w->program;
    page_section(&s->page, 2, "forward", "Forward");
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        if (!is_asked(s, q->out)) continue;
        s->names.name.count = 0;
        Math left = new_math(s), right = left;
        right.text = text_new(p->arena);
        math_left(&left, q);
        math_right(&right, q, q->value);
        if (q->out->rank == 0) {
            ask(s, q->out->name, element_of(s, q->out, 0), math_done(&right), NULL,
                s->w->numbers->of[q->out->id][0]);
            continue;
        }
        page_formulas(&s->page, &(PageRow){math_done(&left), math_done(&right)}, 1);
        open_elements(s, "");
        for (int64_t k = 0; k < tensor_count(q->out); k++)
            ask(s, name_of_element(s, q->out, k, ""), element_of(s, q->out, k), "", NULL,
                s->w->numbers->of[q->out->id][k]);
        close_elements(s);
    }
    page_section_end(&s->page);
}

// --- backward

static const Tensor *gradient_of(const Program *p, const Tensor *t) {
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->of == t) return p->tensor.item[i];
    return NULL;
}

// = dE/dy dy/dx + ..., one term for every equation that x stands in.
static const char *chain(Sheet *s, const Tensor *t) {
    const Program *p = s->w->program;
    Math m = new_math(s);
    int terms = 0, longer = 0;
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        const Tensor *out = q->out;
        if (!expr_reads(q->value, t) || !(out == math_loss(p) || gradient_of(p, out))) continue;
        math_operator(&m, terms++ ? "+" : "=");
        if (out != math_loss(p) && out != p->loss) {
            math_gradient(&m, out, NULL);
            math_operator(&m, "*");
            longer++;
        }
        math_partial(&m, out == math_loss(p) || out == p->loss ? NULL : out, NULL, t, NULL);
    }
    return longer ? math_done(&m) : ""; // else it would say what stands left of it
}

static bool is_start(const Program *p, const Tensor *g) {
    return g->of == math_loss(p) || g->of == p->loss;
}

static void ask_backward(Sheet *s) {
    const Program *p = s->w->program;
    page_section(&s->page, 2, "backward", "Backward");
    page_paragraph(&s->page, "For each derivative write first the formula, then the number.");
    for (int i = 0; i < p->backward.count; i++) {
        const Equation *q = p->backward.item[i];
        if (!q->out->of || is_start(p, q->out) || !is_asked(s, q->out)) continue;
        s->names.name.count = 0;
        const char *formula = right_side(s, derivation_shown(s->w->program, q->value)),
                   *middle = chain(s, q->out->of);
        if (q->out->rank == 0) {
            ask(s, q->out->name, element_of(s, q->out, 0), middle, formula,
                s->w->numbers->of[q->out->id][0]);
            continue;
        }
        for (int64_t k = 0; k < tensor_count(q->out); k++) {
            if (k == 1) open_elements(s, "");
            ask(s, name_of_element(s, q->out, k, ""), element_of(s, q->out, k), k ? "" : middle,
                k ? NULL : formula, s->w->numbers->of[q->out->id][k]);
        }
        if (tensor_count(q->out) > 1) close_elements(s);
    }
    page_section_end(&s->page);
}

// --- the update

static void ask_update(Sheet *s) {
    const Program *p = s->w->program;
    Arena *a = p->arena;
    if (isnan(s->w->lr)) return;
    page_section(&s->page, 2, "update", "One step of training");
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i], *g = gradient_of(p, t);
        if (t->role != TENSOR_PARAM || !g || !numbers_known(s->w->numbers, g)) continue;
        open_elements(s, " wide");
        for (int64_t k = 0; k < tensor_count(t); k++) {
            Math middle = new_math(s);
            math_operator(&middle, "=");
            text_add(&middle.text, element_of(s, t, k));
            math_operator(&middle, "-");
            math_number(&middle, s->w->lr);
            math_operator(&middle, "*");
            text_add(&middle.text, element_of(s, g, k));
            const char *left = arena_printf(a, "<msup><mrow>%s</mrow><mtext>new</mtext></msup>",
                                            element_of(s, t, k));
            ask(s, name_of_element(s, t, k, " new"), left, math_done(&middle), NULL,
                s->w->numbers->of[t->id][k] - s->w->lr * s->w->numbers->of[g->id][k]);
        }
        close_elements(s);
    }
    page_paragraph(&s->page, "With the new weights, forward once more:");
    Math m = new_math(s);
    math_tensor(&m, math_loss(p), NULL);
    ask(s, name_of_element(s, math_loss(p), 0, " new"),
        arena_printf(a, "<msup><mrow>%s</mrow><mtext>new</mtext></msup>", math_done(&m)), "", NULL,
        s->w->loss_after);
    page_section_end(&s->page);
}

int64_t worksheet_blanks(const Worksheet *w) {
    double count = 0;
    for (int i = 0; i < w->program->tensor.count; i++) {
        const Tensor *t = w->program->tensor.item[i];
        if (t->role != TENSOR_INPUT && t->role != TENSOR_TARGET) count += (double)tensor_count(t);
    }
    return count < 1e18 ? (int64_t)count : (int64_t)1e18;
}

const char *worksheet_print(const Worksheet *w) {
    Arena *a = w->program->arena;
    Sheet s = {.w = w, .page = page_new(PAGE_HTML, w->program), .key = text_new(a)};
    page_begin(&s.page, arena_printf(a, "Backpropagation by hand: %s", w->program->name));
    text_printf(&s.page.text, "<style>\n%s</style>\n", style);
    text_add(&s.page.text, "<div class=\"name\"><span>Name</span><span>Date</span></div>\n");
    text_printf(&s.page.text, "<p>The network of <code>%s</code>, with the numbers %s.</p>\n",
                html_text(a, w->spec), w->numbers_of);
    print_given(&s);
    ask_forward(&s);
    ask_backward(&s);
    ask_update(&s);
    text_printf(&s.page.text,
                "<input type=\"checkbox\" id=\"show\"/><label for=\"show\">Show the "
                "answers</label>\n<section class=\"key\" id=\"key\">"
                "<h2>Answers: numbers %s</h2>\n<div "
                "class=\"table\"><table>\n<tr><th></th><th>Asked</th><th>Formula</th>"
                "<th>Number</th></tr>\n%s</table></div>\n</section>\n",
                w->numbers_of, s.key.bytes);
    page_end(&s.page);
    return s.page.text.bytes;
}

// splitmix64 (Steele, Lea, Flood 2014)
static uint64_t draw(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double *worksheet_draw(Arena *a, const Tensor *t, uint64_t seed) {
    if (t->role != TENSOR_INPUT && t->role != TENSOR_TARGET && t->role != TENSOR_PARAM) return NULL;
    int64_t count = tensor_count(t);
    double *value = arena_new_array(a, double, count + 1);
    uint64_t state =
        seed * 0x2545f4914f6cdd1du + (uint64_t)t->id; // a tensor's numbers depend on nothing else
    for (int64_t i = 0; i < count; i++) {
        if (t->is_int)
            value[i] = (double)(draw(&state) % (uint64_t)(t->classes ? t->classes : 1));
        else if (t->role == TENSOR_PARAM) {
            int64_t size = 5 + (int64_t)(draw(&state) % 86);
            value[i] = (double)(draw(&state) % 3 ? size : -size) / 100; // two of three positive
        } else
            value[i] = (double)(5 + (int64_t)(draw(&state) % 91)) / 100;
    }
    return value;
}
