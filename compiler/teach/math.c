// math.c: see math.h. Marks of the two notations stand in the first part, the walk in the second.
#include "teach/math.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum Strength { WEAKEST, CHOICE, LOGIC, COMPARISON, SUM, PRODUCT, FACTOR, POWER } Strength;
enum { WRITTEN_OUT = 4 }; // terms of a sum that are written out with numbers

static void walk(Math *m, const Expr *e, Strength outer);

// --- marks

const char *html_text(Arena *a, const char *text) {
    Text t = text_new(a);
    for (; *text; text++) {
        if (*text == '&') text_add(&t, "&amp;");
        else if (*text == '<') text_add(&t, "&lt;");
        else if (*text == '>') text_add(&t, "&gt;");
        else if (*text == '"') text_add(&t, "&quot;");
        else text_add_bytes(&t, text, 1);
    }
    return t.bytes;
}

const char *latex_text(Arena *a, const char *text) {
    Text t = text_new(a);
    for (; *text; text++) {
        if (strchr("_#%&{}$", *text)) text_printf(&t, "\\%c", *text);
        else if (*text == '\\') text_add(&t, "\\textbackslash{}");
        else if (*text == '^') text_add(&t, "\\textasciicircum{}");
        else if (*text == '~') text_add(&t, "\\textasciitilde{}");
        else text_add_bytes(&t, text, 1);
    }
    return t.bytes;
}

Math math_new(MathStyle style, const Program *p, MathNames *names) {
    return (Math){.style = style, .program = p, .text = text_new(p->arena), .names = names};
}

const char *math_done(Math *m) { return m->text.bytes; }

static bool is_ml(const Math *m) { return m->style == MATH_ML; }
static void add(Math *m, const char *ml, const char *latex) {
    text_add(&m->text, is_ml(m) ? ml : latex);
}

// A letter or a word.
static void identifier(Math *m, const char *word, size_t size) {
    Arena *a = m->program->arena;
    char *copy = arena_copy(a, word, size);
    bool is_letter = size == 1;
    if (is_ml(m)) text_printf(&m->text, is_letter ? "<mi>%s</mi>" : "<mi mathvariant=\"normal\">%s</mi>", html_text(a, copy));
    else text_printf(&m->text, is_letter ? "%s" : "\\mathrm{%s}", latex_text(a, copy));
}

void math_words(Math *m, const char *words) {
    Arena *a = m->program->arena;
    const char *space = words[0] == ' ' && is_ml(m) ? "&#xA0;" : ""; // MathML drops plain ones
    if (is_ml(m)) text_printf(&m->text, "<mtext>%s%s</mtext>", space, html_text(a, words));
    else text_printf(&m->text, "\\text{%s}", latex_text(a, words));
}

static void plain_number(Math *m, const char *digits) {
    const char *e = strchr(digits, 'e');
    const char *minus = digits[0] == '-' ? "&#x2212;" : "";
    if (digits[0] == '-') digits++;
    size_t size = e ? (size_t)(e - digits) : strlen(digits);
    int power = e ? (int)strtol(e + 1, NULL, 10) : 0;
    if (is_ml(m)) {
        if (*minus) text_printf(&m->text, "<mo form=\"prefix\">%s</mo>", minus);
        text_printf(&m->text, "<mn>%.*s</mn>", (int)size, digits);
        if (e) text_printf(&m->text, "<mo>&#xB7;</mo><msup><mn>10</mn><mn>%d</mn></msup>", power);
    } else {
        text_printf(&m->text, "%s%.*s", *minus ? "-" : "", (int)size, digits);
        if (e) text_printf(&m->text, " \\cdot 10^{%d}", power);
    }
}

const char *math_digits(Arena *a, double value) {
    char *text = arena_printf(a, "%.6g", value);
    return strcmp(text, "-0") ? text : "0";
}

void math_number(Math *m, double value) {
    if (isfinite(value)) plain_number(m, math_digits(m->program->arena, value));
    else math_words(m, isnan(value) ? "not a number" : value > 0 ? "infinity" : "minus infinity");
}

void math_operator(Math *m, const char *sign) {
    static const struct {
        const char *sign, *ml, *latex;
    } known[] = {
        {"=", "<mo>=</mo>", " = "},
        {"+", "<mo>+</mo>", " + "},
        {"-", "<mo>&#x2212;</mo>", " - "},
        {"neg", "<mo form=\"prefix\">&#x2212;</mo>", "-"},
        {"*", "<mo>&#xB7;</mo>", " \\cdot "},
        {"thin", "<mspace width=\"0.17em\"/>", "\\, "},
        {"/", "<mo>/</mo>", "/"},
        {"<", "<mo>&lt;</mo>", " < "},
        {"<=", "<mo>&#x2264;</mo>", " \\le "},
        {"~", "<mo>&#x2248;</mo>", " \\approx "},
        {"->", "<mo>&#x2192;</mo>", " \\to "},
        {"(", "<mrow><mo form=\"prefix\" fence=\"true\" stretchy=\"true\" lspace=\"0em\" rspace=\"0em\">(</mo>", "\\left("},
        {")", "<mo form=\"postfix\" fence=\"true\" stretchy=\"true\" lspace=\"0em\" rspace=\"0em\">)</mo></mrow>", "\\right)"},
        {"[", "<mo>[</mo>", "["},
        {"]", "<mo>]</mo>", "]"},
        {",", "<mo separator=\"true\">,</mo>", ","},
        {";", "<mo separator=\"true\">;</mo>", ";"},
        {"...", "<mo>&#x22EF;</mo>", " \\cdots "},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i].sign, sign)) add(m, known[i].ml, known[i].latex);
}

static void open_row(Math *m) { add(m, "<mrow>", "{"); }
static void close_row(Math *m) { add(m, "</mrow>", "}"); }
static void fraction(Math *m) { add(m, "<mfrac><mrow>", "\\frac{"); }
static void over(Math *m) { add(m, "</mrow><mrow>", "}{"); }
static void fraction_end(Math *m) { add(m, "</mrow></mfrac>", "}"); }

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

static void print_index(Math *m, const Index *index) {
    const char *name = index_name(m, index);
    size_t letters = strcspn(name, "'"), primes = strlen(name) - letters;
    if (!is_ml(m)) {
        identifier(m, name, letters);
        text_add(&m->text, name + letters);
        return;
    }
    if (primes) text_add(&m->text, "<msup>");
    identifier(m, name, letters);
    if (primes) text_add(&m->text, "<mo>");
    for (size_t i = 0; i < primes; i++) text_add(&m->text, "&#x2032;");
    if (primes) text_add(&m->text, "</mo></msup>");
}

static void print_term(Math *m, AffineTerm t, bool first) {
    int64_t size = t.coefficient < 0 ? -t.coefficient : t.coefficient;
    if (t.coefficient < 0) math_operator(m, first ? "neg" : "-");
    else if (!first) math_operator(m, "+");
    if (size != 1) plain_number(m, arena_printf(m->program->arena, "%lld", (long long)size));
    print_index(m, t.index);
}

static void print_affine(Math *m, Affine a) {
    Arena *arena = m->program->arena;
    if (m->numbers) {
        plain_number(m, arena_printf(arena, "%lld", (long long)numbers_affine(m->numbers, a)));
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
    plain_number(m, arena_printf(arena, "%lld", (long long)shown));
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
        walk(m, subscript[i], WEAKEST);
    }
}

void math_tensor(Math *m, const Tensor *t, const Expr *const *subscript) {
    const char *dot = strrchr(t->name, '.'), *name = dot ? dot + 1 : t->name;
    size_t base = base_size(name), size = strlen(name);
    const char *rest = name[base] == '_' ? name + base + 1 : name + base;
    bool has_rest = base < size, has_below = has_rest || (subscript && t->rank);
    if (is_ml(m)) text_add(&m->text, dot ? has_below ? "<msubsup>" : "<msup>" : has_below ? "<msub>" : "");
    identifier(m, name, base);
    if (has_below) {
        add(m, "<mrow>", "_{");
        if (has_rest) identifier(m, rest, strlen(rest));
        if (subscript) print_subscripts(m, subscript, t->rank, has_rest);
        close_row(m);
    }
    if (dot) {
        const char *path = arena_copy(m->program->arena, t->name, (size_t)(dot - t->name));
        add(m, "", "^{");
        math_words(m, path);
        add(m, "", "}");
    }
    if (is_ml(m)) text_add(&m->text, dot ? has_below ? "</msubsup>" : "</msup>" : has_below ? "</msub>" : "");
}

const Tensor *math_loss(const Program *p) {
    const Equation *q = p->loss->definition;
    bool renamed = q && q->value->kind == E_READ && q->value->arg_count == 0;
    return renamed ? q->value->tensor : p->loss;
}

static void print_loss(Math *m) {
    const Tensor *loss = math_loss(m->program);
    if (loss->rank == 0 || loss == m->program->loss) math_tensor(m, loss, NULL);
    else math_tensor(m, m->program->loss, NULL);
}

void math_partial(Math *m, const Tensor *of, const Expr *const *of_subscript, const Tensor *by,
                  const Expr *const *by_subscript) {
    fraction(m);
    add(m, "<mi mathvariant=\"normal\">&#x2202;</mi>", "\\partial ");
    if (of) math_tensor(m, of, of_subscript);
    else print_loss(m);
    over(m);
    add(m, "<mi mathvariant=\"normal\">&#x2202;</mi>", "\\partial ");
    math_tensor(m, by, by_subscript);
    fraction_end(m);
}

void math_derivative(Math *m, const Expr *of, const Expr *by) {
    const char *ml = "<mi mathvariant=\"normal\">&#x2202;</mi>";
    fraction(m);
    add(m, ml, "\\partial ");
    walk(m, of, POWER);
    over(m);
    add(m, ml, "\\partial ");
    walk(m, by, POWER);
    fraction_end(m);
}

void math_gradient(Math *m, const Tensor *t, const Expr *const *subscript) {
    math_partial(m, NULL, NULL, t, subscript);
}

void math_left(Math *m, const Equation *q) {
    if (q->out->role == TENSOR_GRADIENT && q->out->of) math_gradient(m, q->out->of, q->subscript);
    else math_tensor(m, q->out, q->subscript);
}

// --- expressions

static bool is_negative(const Expr *e) {
    if (e->kind == E_NUMBER) return e->number < 0;
    return (e->kind == E_MUL || e->kind == E_DIV) && is_negative(e->arg[0]);
}

static bool is_fraction(double x) {
    return fabs(x) < 1 && x != 0 && fabs(1 / x) <= 1024 && 1 / x == floor(1 / x);
}

static void print_constant(Math *m, double x) {
    if (is_fraction(x) && x > 0) {
        fraction(m);
        math_number(m, 1);
        over(m);
        math_number(m, 1 / x);
        fraction_end(m);
    } else math_number(m, x);
}

static void print_product(Math *m, const Expr *const *factor, int count) {
    bool first = true;
    for (int i = 0; i < count; i++) {
        int times = 0, before = 0;
        for (int k = 0; k < count; k++) {
            before += k < i && factor[k] == factor[i];
            times += factor[k] == factor[i];
        }
        if (before) continue;
        if (!first) math_operator(m, m->numbers ? "*" : "thin");
        first = false;
        if (times > 1 && is_ml(m)) text_add(&m->text, "<msup><mrow>");
        if (times > 1 && !is_ml(m)) text_add(&m->text, "{");
        walk(m, factor[i], times > 1 ? POWER : FACTOR);
        if (times > 1) text_printf(&m->text, is_ml(m) ? "</mrow><mn>%d</mn></msup>" : "}^{%d}", times);
    }
}

// The absolute value of a negative product or number.
static void print_positive(Math *m, const Expr *e) {
    if (e->kind == E_NUMBER) print_constant(m, -e->number);
    else if (e->kind == E_DIV) {
        fraction(m);
        print_positive(m, e->arg[0]);
        over(m);
        walk(m, e->arg[1], WEAKEST);
        fraction_end(m);
    } else {
        if (e->arg[0]->number != -1) {
            print_constant(m, -e->arg[0]->number);
            math_operator(m, m->numbers ? "*" : "thin");
        }
        if (e->arg_count == 2 && e->arg[0]->number == -1) walk(m, e->arg[1], PRODUCT);
        else print_product(m, e->arg + 1, e->arg_count - 1);
    }
}

static void print_sum(Math *m, const Expr *e) {
    int head = 0;
    while (head < e->arg_count && is_negative(e->arg[head])) head++;
    if (head == e->arg_count) head = 0;
    for (int k = 0; k < e->arg_count; k++) {
        int i = k == 0 ? head : k <= head ? k - 1 : k;
        bool negative = is_negative(e->arg[i]);
        if (negative) math_operator(m, k ? "-" : "neg");
        else if (k) math_operator(m, "+");
        if (negative) print_positive(m, e->arg[i]);
        else walk(m, e->arg[i], PRODUCT);
    }
}

typedef struct WriteOut {
    Math *m;
    const Expr *body;
    Reduction reduction;
    int64_t done, total;
} WriteOut;

static void count_term(void *data) { ((WriteOut *)data)->total++; }

static void write_term(void *data) {
    WriteOut *w = data;
    int64_t at = w->done++;
    bool sum = w->reduction == REDUCE_SUM, all = w->total <= WRITTEN_OUT;
    if (!all && at > 2 && at < w->total - 1) return;
    if (at) math_operator(w->m, sum ? "+" : "*");
    if (!all && at == 2) math_operator(w->m, "...");
    else walk(w->m, w->body, sum ? PRODUCT : FACTOR);
}

static void write_out(Math *m, const Expr *e) {
    WriteOut w = {m, e->arg[1], e->reduction, 0, 0};
    numbers_each(m->numbers, e->index, e->index_count, e->arg[0], count_term, &w);
    if (!w.total) math_number(m, e->reduction == REDUCE_SUM ? 0 : 1);
    numbers_each(m->numbers, e->index, e->index_count, e->arg[0], write_term, &w);
}

static void print_bounds(Math *m, const Expr *e) {
    bool rows = e->arg[0]->kind != E_TRUE;
    if (rows) add(m, "<mtable><mtr><mtd>", "\\substack{");
    for (int i = 0; i < e->index_count; i++) {
        if (i) math_operator(m, ",");
        print_index(m, e->index[i]);
    }
    if (!rows) return;
    add(m, "</mtd></mtr><mtr><mtd>", " \\\\ ");
    walk(m, e->arg[0], WEAKEST);
    add(m, "</mtd></mtr></mtable>", "}");
}

static void print_reduction(Math *m, const Expr *e) {
    bool plain = e->reduction == REDUCE_SUM || e->reduction == REDUCE_PROD;
    if (m->numbers && plain) {
        write_out(m, e);
        return;
    }
    static const char *const word[] = {"", "", "max", "min", "argmax", "argmin"};
    if (is_ml(m)) text_add(&m->text, "<munder>");
    if (plain)
        add(m, e->reduction == REDUCE_SUM ? "<mo movablelimits=\"false\">&#x2211;</mo>" : "<mo movablelimits=\"false\">&#x220F;</mo>",
            e->reduction == REDUCE_SUM ? "\\sum" : "\\prod");
    else if (is_ml(m)) text_printf(&m->text, "<mo movablelimits=\"false\">%s</mo>", word[e->reduction]);
    else text_printf(&m->text, "\\operatorname*{%s}", word[e->reduction]);
    add(m, "<mrow>", "_{");
    Numbers *kept = m->numbers;
    m->numbers = NULL;
    print_bounds(m, e);
    close_row(m);
    if (is_ml(m)) text_add(&m->text, "</munder>");
    walk(m, e->arg[1], PRODUCT);
    m->numbers = kept;
}

static void print_arguments(Math *m, const Expr *e) {
    math_operator(m, "(");
    for (int i = 0; i < e->arg_count; i++) {
        if (i) math_operator(m, ",");
        walk(m, e->arg[i], WEAKEST);
    }
    math_operator(m, ")");
}

static void print_power(Math *m, const Expr *e) {
    add(m, "<msup><mrow>", "{");
    walk(m, e->arg[0], POWER);
    add(m, "</mrow><mrow>", "}^{");
    walk(m, e->arg[1], WEAKEST);
    add(m, "</mrow></msup>", "}");
}

static void print_call(Math *m, const Expr *e) {
    if (e->function == FN_SQRT) {
        add(m, "<msqrt>", "\\sqrt{");
        walk(m, e->arg[0], WEAKEST);
        add(m, "</msqrt>", "}");
    } else if (e->function == FN_EXP) {
        add(m, "<msup><mi>e</mi><mrow>", "e^{");
        walk(m, e->arg[0], WEAKEST);
        add(m, "</mrow></msup>", "}");
    } else if (e->function == FN_ABS) {
        add(m, "<mrow><mo form=\"prefix\" fence=\"true\">|</mo>", "\\left\\lvert ");
        walk(m, e->arg[0], WEAKEST);
        add(m, "<mo form=\"postfix\" fence=\"true\">|</mo></mrow>", "\\right\\rvert ");
    } else if (e->function == FN_POWER) print_power(m, e);
    else {
        if (e->function == FN_SIGMOID) add(m, "<mi>&#x3C3;</mi>", "\\sigma");
        else if (e->function == FN_LOG) add(m, "<mi>ln</mi>", "\\ln");
        else identifier(m, function_name(e->function), strlen(function_name(e->function)));
        print_arguments(m, e);
    }
}

static void print_select(Math *m, const Expr *e) {
    if (m->numbers) {
        walk(m, e->arg[numbers_holds(m->numbers, e->arg[0]) ? 1 : 2], WEAKEST);
        return;
    }
    add(m, "<mrow><mo stretchy=\"true\">{</mo><mtable class=\"cases\"><mtr><mtd>", "\\begin{cases} ");
    walk(m, e->arg[1], WEAKEST);
    add(m, "</mtd><mtd><mtext>if&#xA0;</mtext>", " & \\text{if } ");
    walk(m, e->arg[0], WEAKEST);
    add(m, "</mtd></mtr><mtr><mtd>", " \\\\ ");
    walk(m, e->arg[2], WEAKEST);
    add(m, "</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>", " & \\text{otherwise} \\end{cases}");
}

static void print_nonnegative(Math *m, Affine a) {
    AffineTerm positive[64], negative[64];
    Affine right = {a.constant > 0 ? a.constant : 0, 0, positive};
    Affine left = {a.constant < 0 ? -a.constant : 0, 0, negative};
    for (int i = 0; i < a.count && i < 64; i++) {
        AffineTerm t = a.term[i];
        if (t.coefficient > 0) positive[right.count++] = t;
        else negative[left.count++] = (AffineTerm){t.index, -t.coefficient};
    }
    print_affine(m, left);
    math_operator(m, "<=");
    print_affine(m, right);
}

static void print_chain(Math *m, const Expr *e, const char *sign, Strength inner) {
    for (int i = 0; i < e->arg_count; i++) {
        if (i) math_operator(m, sign);
        walk(m, e->arg[i], inner);
    }
}

static void print_words_chain(Math *m, const Expr *e) {
    for (int i = 0; i < e->arg_count; i++) {
        if (i && e->kind == E_AND) math_operator(m, ",");
        if (i && e->kind == E_OR) math_words(m, " or ");
        walk(m, e->arg[i], COMPARISON);
    }
}

static Strength strength(const Math *m, const Expr *e) {
    switch (e->kind) {
    case E_SELECT: return m->numbers ? WEAKEST : POWER;
    case E_AND: case E_OR: case E_NOT: return LOGIC;
    case E_NONNEGATIVE: case E_LESS: case E_LESS_EQUAL: case E_EQUAL: return COMPARISON;
    case E_ADD: return SUM;
    case E_MUL: return is_negative(e) ? SUM : PRODUCT;
    case E_DIV: return is_negative(e) ? SUM : FACTOR;
    case E_NUMBER: return e->number < 0 ? SUM : is_fraction(e->number) ? FACTOR : POWER;
    case E_INDEX: return m->numbers || e->affine.count + (e->affine.constant != 0) <= 1 ? FACTOR : SUM;
    case E_REDUCE: return m->numbers ? SUM : PRODUCT;
    case E_CALL: return e->function == FN_EXP || e->function == FN_POWER ? FACTOR : POWER;
    case E_READ: return m->numbers || (e->tensor->role == TENSOR_GRADIENT && e->tensor->of) ? FACTOR : POWER;
    case E_BATCH: case E_STOP: case E_RANDOM: case E_TRUE: case E_FALSE: return POWER;
    }
    return WEAKEST;
}

static void print_read(Math *m, const Expr *e) {
    if (m->numbers) {
        double x = numbers_expr(m->numbers, e);
        if (x < 0) math_operator(m, "(");
        math_number(m, x);
        if (x < 0) math_operator(m, ")");
    } else if (e->tensor->role == TENSOR_GRADIENT && e->tensor->of)
        math_gradient(m, e->tensor->of, e->arg);
    else math_tensor(m, e->tensor, e->arg);
}

static void print_inner(Math *m, const Expr *e) {
    switch (e->kind) {
    case E_NUMBER:
        if (e->number < 0) math_operator(m, "neg");
        print_constant(m, fabs(e->number));
        break;
    case E_BATCH:
        if (m->numbers) math_number(m, (double)m->numbers->samples);
        else identifier(m, "N", 1);
        break;
    case E_INDEX: print_affine(m, e->affine); break;
    case E_READ: print_read(m, e); break;
    case E_ADD: print_sum(m, e); break;
    case E_MUL:
        if (is_negative(e)) math_operator(m, "neg"), print_positive(m, e);
        else print_product(m, e->arg, e->arg_count);
        break;
    case E_DIV:
        if (is_negative(e)) {
            math_operator(m, "neg"), print_positive(m, e);
            break;
        }
        fraction(m);
        walk(m, e->arg[0], WEAKEST);
        over(m);
        walk(m, e->arg[1], WEAKEST);
        fraction_end(m);
        break;
    case E_CALL: print_call(m, e); break;
    case E_STOP:
        math_words(m, "stop");
        print_arguments(m, e);
        break;
    case E_SELECT: print_select(m, e); break;
    case E_REDUCE: print_reduction(m, e); break;
    case E_RANDOM: math_words(m, e->number < 0 ? " a draw from [0, 1)" : " a draw of 0 or 1"); break;
    case E_TRUE: math_words(m, "true"); break;
    case E_FALSE: math_words(m, "false"); break;
    case E_NONNEGATIVE: print_nonnegative(m, e->affine); break;
    case E_LESS: print_chain(m, e, "<", SUM); break;
    case E_LESS_EQUAL: print_chain(m, e, "<=", SUM); break;
    case E_EQUAL: print_chain(m, e, "=", SUM); break;
    case E_AND: case E_OR: print_words_chain(m, e); break;
    case E_NOT: math_words(m, "not "), walk(m, e->arg[0], COMPARISON); break;
    }
}

static void walk(Math *m, const Expr *e, Strength outer) {
    bool brackets = strength(m, e) < outer;
    if (brackets) math_operator(m, "(");
    print_inner(m, e);
    if (brackets) math_operator(m, ")");
}

void math_expr(Math *m, const Expr *e) {
    if (is_ml(m)) open_row(m);
    walk(m, e, WEAKEST);
    if (is_ml(m)) close_row(m);
}
