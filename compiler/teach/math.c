// math.c: the marks of the two notations, and names: of indices, tensors and derivatives.
#include "teach/math_marks.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// --- marks

const char *html_text(Arena *a, const char *text) {
    Text t = text_new(a);
    for (; *text; text++) {
        if (*text == '&')
            text_add(&t, "&amp;");
        else if (*text == '<')
            text_add(&t, "&lt;");
        else if (*text == '>')
            text_add(&t, "&gt;");
        else if (*text == '"')
            text_add(&t, "&quot;");
        else if ((unsigned char)*text < 0x20 && !strchr("\n\t", *text))
            text_add(&t, "\xef\xbf\xbd"); // what a page may not hold
        else
            text_add_bytes(&t, text, 1);
    }
    return t.bytes;
}

const char *latex_text(Arena *a, const char *text) {
    Text t = text_new(a);
    for (; *text; text++) {
        if (strchr("_#%&{}$", *text))
            text_printf(&t, "\\%c", *text);
        else if (*text == '\\')
            text_add(&t, "\\textbackslash{}");
        else if (*text == '^')
            text_add(&t, "\\textasciicircum{}");
        else if (*text == '~')
            text_add(&t, "\\textasciitilde{}");
        else
            text_add_bytes(&t, text, 1);
    }
    return t.bytes;
}

Math math_new(MathStyle style, const Program *p, MathNames *names) {
    return (Math){.style = style, .program = p, .text = text_new(p->arena), .names = names};
}

const char *math_done(Math *m) {
    return m->text.bytes;
}

bool math_is_ml(const Math *m) {
    return m->style == MATH_ML;
}
void math_add(Math *m, const char *ml, const char *latex) {
    text_add(&m->text, math_is_ml(m) ? ml : latex);
}

// A letter or a word.
void math_identifier(Math *m, const char *word, size_t size) {
    Arena *a = m->program->arena;
    char *copy = arena_copy(a, word, size);
    bool is_letter = size == 1;
    if (math_is_ml(m))
        text_printf(&m->text, is_letter ? "<mi>%s</mi>" : "<mi mathvariant=\"normal\">%s</mi>",
                    html_text(a, copy));
    else
        text_printf(&m->text, is_letter ? "%s" : "\\mathrm{%s}", latex_text(a, copy));
}

void math_words(Math *m, const char *words) {
    Arena *a = m->program->arena;
    size_t size = strlen(words);
    const char *before = words[0] == ' ' ? "&#xA0;" : "", // MathML drops plain ones
        *after = size > 1 && words[size - 1] == ' ' ? "&#xA0;" : "";
    if (math_is_ml(m))
        text_printf(&m->text, "<mtext>%s%s%s</mtext>", before, html_text(a, words), after);
    else
        text_printf(&m->text, "\\text{%s}", latex_text(a, words));
}

void math_plain_number(Math *m, const char *digits) {
    const char *e = strchr(digits, 'e');
    const char *minus = digits[0] == '-' ? "&#x2212;" : "";
    if (digits[0] == '-') digits++;
    size_t size = e ? (size_t)(e - digits) : strlen(digits);
    int power = e ? (int)strtol(e + 1, NULL, 10) : 0;
    bool is_power = e && size == 1 && *digits == '1';
    if (math_is_ml(m)) {
        if (*minus) text_printf(&m->text, "<mo form=\"prefix\">%s</mo>", minus);
        if (!is_power) text_printf(&m->text, "<mn>%.*s</mn>", (int)size, digits);
        if (e && !is_power) text_add(&m->text, "<mo>&#xB7;</mo>");
        if (e)
            text_printf(&m->text, "<msup><mn>10</mn><mn>%s%d</mn></msup>",
                        power < 0 ? "&#x2212;" : "", abs(power));
    } else {
        text_add(&m->text, *minus ? "-" : "");
        if (!is_power) text_printf(&m->text, "%.*s", (int)size, digits);
        if (e) text_printf(&m->text, is_power ? "10^{%d}" : " \\cdot 10^{%d}", power);
    }
}

const char *math_digits(Arena *a, double value) {
    char *text = arena_printf(a, "%.6g", value);
    return strcmp(text, "-0") ? text : "0";
}

void math_number(Math *m, double value) {
    if (isfinite(value))
        math_plain_number(m, math_digits(m->program->arena, value));
    else
        math_words(m, isnan(value) ? "not a number" : value > 0 ? "infinity" : "minus infinity");
}

void math_operator(Math *m, const char *sign) {
    static const struct {
        const char *sign, *ml, *latex;
    } known[] = {
        {"=", "<mo>=</mo>", " = "},
        {"+=", "<mo>+=</mo>", " \\mathrel{+}= "},
        {"+", "<mo>+</mo>", " + "},
        {"-", "<mo>&#x2212;</mo>", " - "},
        {"neg", "<mo form=\"prefix\">&#x2212;</mo>", "-"},
        {"*", "<mo>&#xB7;</mo>", " \\cdot "},
        {"thin", "<mspace width=\"0.17em\"/>", "\\thinspace "},
        {"/", "<mo>/</mo>", "/"},
        {"<", "<mo>&lt;</mo>", " < "},
        {"<=", "<mo>&#x2264;</mo>", " \\le "},
        {"~", "<mo>&#x2248;</mo>", " \\approx "},
        {"->", "<mo>&#x2192;</mo>", " \\to "},
        {"(",
         "<mrow><mo form=\"prefix\" fence=\"true\" stretchy=\"true\" lspace=\"0em\" "
         "rspace=\"0em\">(</mo>",
         "\\left("},
        {")",
         "<mo form=\"postfix\" fence=\"true\" stretchy=\"true\" lspace=\"0em\" "
         "rspace=\"0em\">)</mo></mrow>",
         "\\right)"},
        {"[", "<mo>[</mo>", "["},
        {"]", "<mo>]</mo>", "]"},
        {",", "<mo separator=\"true\">,</mo>", ","},
        {";", "<mo separator=\"true\">;</mo>", ";"},
        {"...", "<mo>&#x22EF;</mo>", " \\cdots "},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i].sign, sign)) math_add(m, known[i].ml, known[i].latex);
}

void math_open_row(Math *m) {
    math_add(m, "<mrow>", "{");
}
void math_close_row(Math *m) {
    math_add(m, "</mrow>", "}");
}
void math_fraction(Math *m) {
    math_add(m, "<mfrac><mrow>", "\\frac{");
}
void math_over(Math *m) {
    math_add(m, "</mrow><mrow>", "}{");
}
void math_fraction_end(Math *m) {
    math_add(m, "</mrow></mfrac>", "}");
}

// --- names

static const char *index_name(Math *m, const Index *index) {
    for (int i = 0; i < m->names->name.count; i++)
        if (m->names->name.item[i].index == index) return m->names->name.item[i].name;
    Arena *a = m->program->arena;
    const char *base = index->name ? index->name : "i", *name = base;
    for (bool taken = true; taken;) {
        taken = false;
        for (int i = 0; i < m->names->name.count; i++)
            taken = taken || !strcmp(m->names->name.item[i].name, name);
        if (taken) name = arena_printf(a, "%s'", name);
    }
    list_add(a, m->names->name, ((MathName){index, name}));
    return name;
}

void math_index(Math *m, const Index *index) {
    const char *name = index_name(m, index);
    size_t letters = strcspn(name, "'"), primes = strlen(name) - letters;
    if (!math_is_ml(m)) {
        math_identifier(m, name, letters);
        text_add(&m->text, name + letters);
        return;
    }
    if (primes) text_add(&m->text, "<msup>");
    math_identifier(m, name, letters);
    if (primes) text_add(&m->text, "<mo>");
    for (size_t i = 0; i < primes; i++) text_add(&m->text, "&#x2032;");
    if (primes) text_add(&m->text, "</mo></msup>");
}

static void print_term(Math *m, AffineTerm t, bool first) {
    int64_t size = t.coefficient < 0 ? -t.coefficient : t.coefficient;
    if (t.coefficient < 0)
        math_operator(m, first ? "neg" : "-");
    else if (!first)
        math_operator(m, "+");
    if (size != 1) math_plain_number(m, arena_printf(m->program->arena, "%lld", (long long)size));
    math_index(m, t.index);
}

void math_affine(Math *m, Affine a) {
    Arena *arena = m->program->arena;
    if (m->numbers) {
        math_plain_number(m, arena_printf(arena, "%lld", (long long)numbers_affine(m->numbers, a)));
        return;
    }
    bool first = true;
    for (int sign = 1; sign >= -1; sign -= 2)
        for (int i = 0; i < a.count; i++)
            if ((a.term[i].coefficient > 0) == (sign > 0)) {
                print_term(m, a.term[i], first);
                first = false;
            }
    if (!a.constant && a.count) return;
    if (!first) math_operator(m, a.constant < 0 ? "-" : "+");
    int64_t shown = first || a.constant > 0 ? a.constant : -a.constant;
    math_plain_number(m, arena_printf(arena, "%lld", (long long)shown));
}

// How a name divides: "a_h1" into a and h1, "w5" into w and 5, "weight" not at all.
static size_t base_size(const char *name) {
    const char *mark = strchr(name, '_');
    size_t base = mark ? (size_t)(mark - name) : strlen(name);
    if (mark && base >= 1 && base <= 2 && mark[1]) return base;
    size_t letters = strlen(name);
    while (letters && isdigit((unsigned char)name[letters - 1])) letters--;
    return letters >= 1 && letters <= 2 ? letters : strlen(name);
}

static void print_subscripts(Math *m, const Expr *const *subscript, int count, bool any) {
    for (int i = 0; i < count; i++) {
        if (i || any) math_operator(m, ",");
        math_walk(m, subscript[i], WEAKEST);
    }
}

void math_tensor(Math *m, const Tensor *t, const Expr *const *subscript) {
    const char *dot = strrchr(t->name, '.'), *name = dot ? dot + 1 : t->name;
    size_t base = base_size(name), size = strlen(name);
    const char *rest = name[base] == '_' ? name + base + 1 : name + base;
    bool has_rest = base < size, has_below = has_rest || (subscript && t->rank);
    if (math_is_ml(m))
        text_add(&m->text, dot ? has_below ? "<msubsup>" : "<msup>" : has_below ? "<msub>" : "");
    math_identifier(m, name, base);
    if (has_below) {
        math_add(m, "<mrow>", "_{");
        if (has_rest) math_identifier(m, rest, strlen(rest));
        if (subscript) print_subscripts(m, subscript, t->rank, has_rest);
        math_close_row(m);
    }
    if (dot) {
        const char *path = arena_copy(m->program->arena, t->name, (size_t)(dot - t->name));
        math_add(m, "", "^{");
        math_words(m, path);
        math_add(m, "", "}");
    }
    if (math_is_ml(m))
        text_add(&m->text, dot ? has_below ? "</msubsup>" : "</msup>" : has_below ? "</msub>" : "");
}

const Tensor *math_loss(const Program *p) {
    const Equation *q = p->loss->definition;
    bool renamed = q && q->value->kind == E_READ && q->value->arg_count == 0;
    return renamed ? q->value->tensor : p->loss;
}

static void print_loss(Math *m) {
    const Tensor *loss = math_loss(m->program);
    if (loss->rank == 0 || loss == m->program->loss)
        math_tensor(m, loss, NULL);
    else
        math_tensor(m, m->program->loss, NULL);
}

void math_partial(Math *m, const Tensor *of, const Expr *const *of_subscript, const Tensor *by,
                  const Expr *const *by_subscript) {
    math_fraction(m);
    math_add(m, "<mi mathvariant=\"normal\">&#x2202;</mi>", "\\partial ");
    if (of)
        math_tensor(m, of, of_subscript);
    else
        print_loss(m);
    math_over(m);
    math_add(m, "<mi mathvariant=\"normal\">&#x2202;</mi>", "\\partial ");
    math_tensor(m, by, by_subscript);
    math_fraction_end(m);
}

void math_derivative(Math *m, const Expr *of, const Expr *by) {
    const char *ml = "<mi mathvariant=\"normal\">&#x2202;</mi>";
    math_fraction(m);
    math_add(m, ml, "\\partial ");
    math_walk(m, of, POWER);
    math_over(m);
    math_add(m, ml, "\\partial ");
    math_walk(m, by, POWER);
    math_fraction_end(m);
}

void math_gradient(Math *m, const Tensor *t, const Expr *const *subscript) {
    math_partial(m, NULL, NULL, t, subscript);
}

typedef struct Told {
    const Index *index;
    bool found;
} Told;

static bool is_axis(const Tensor *t, const Expr *const *subscript, const Index *index) {
    for (int k = 0; k < t->rank; k++)
        if (subscript[k]->kind == E_INDEX && affine_bare(subscript[k]->affine) == index &&
            (index->is_sample || t->axis[k]->extent == index->extent))
            return true;
    return false;
}

static void tell(const Expr *read, void *data) {
    Told *t = data;
    t->found = t->found || is_axis(read->tensor, read->arg, t->index);
}

bool math_range_shows(const Expr *e, const Index *index) {
    Told told = {index, false};
    expr_each_read(e, tell, &told);
    return told.found;
}

void math_limit(Math *m, const Index *index) {
    math_operator(m, "<");
    math_plain_number(m, arena_printf(m->program->arena, "%lld", (long long)index->extent));
}

// Where the equation holds, as far as its letters do not say it.
static void print_domain(Math *m, const Equation *q) {
    int conditions = 0;
    for (int i = 0; i < q->index_count; i++) {
        const Index *index = q->index[i];
        if (is_axis(q->out, q->subscript, index) || math_range_shows(q->value, index)) continue;
        if (conditions++)
            math_operator(m, ",");
        else
            math_words(m, " for ");
        math_index(m, index);
        math_limit(m, index);
    }
    if (q->guard->kind == E_TRUE) return;
    if (conditions)
        math_operator(m, ",");
    else
        math_words(m, " for ");
    math_walk(m, q->guard, WEAKEST);
}

// The letters that a reader sees.
static int letters_of(const char *ml) {
    int count = 0;
    for (bool in_tag = false, in_entity = false; *ml; ml++) {
        if (*ml == '<') in_tag = true;
        if (*ml == '&') in_entity = true;
        if (!in_tag && (!in_entity || *ml == ';')) count++;
        if (*ml == '>') in_tag = false;
        if (*ml == ';') in_entity = false;
    }
    return count;
}

static bool is_long(const Math *m, const Expr *e) {
    enum { LONG = 100 };
    Math trial = *m;
    trial.style = MATH_ML;
    trial.text = text_new(m->program->arena);
    math_expr(&trial, e);
    return letters_of(math_done(&trial)) > LONG;
}

void math_equals(Math *m, const Expr *e) {
    math_operator(m, "=");
    m->broken = m->in_rows && e->kind == E_ADD && is_long(m, e) ? e : NULL;
    math_expr(m, e);
    m->broken = NULL;
}

void math_right(Math *m, const Equation *q, const Expr *value) {
    if (q->op == EQUATION_ADD) {
        math_operator(m, "+=");
        math_expr(m, value);
    } else
        math_equals(m, value);
    print_domain(m, q);
}

void math_left(Math *m, const Equation *q) {
    if (q->out->role == TENSOR_GRADIENT && q->out->of)
        math_gradient(m, q->out->of, q->subscript);
    else
        math_tensor(m, q->out, q->subscript);
}
