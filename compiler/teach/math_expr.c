// math_expr.c: one walk over an expression, with brackets where the notation needs them.
#include "teach/math_marks.h"

#include <math.h>
#include <string.h>

enum { WRITTEN_OUT = 4 }; // terms of a sum that are written out with numbers

static bool is_fraction(double x) {
    return fabs(x) < 1 && x != 0 && fabs(1 / x) <= 1024 && 1 / x == floor(1 / x);
}

static void print_constant(Math *m, double x) {
    if (is_fraction(x) && x > 0) {
        math_fraction(m);
        math_number(m, 1);
        math_over(m);
        math_number(m, 1 / x);
        math_fraction_end(m);
    } else
        math_number(m, x);
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
        if (times > 1 && math_is_ml(m)) text_add(&m->text, "<msup><mrow>");
        if (times > 1 && !math_is_ml(m)) text_add(&m->text, "{");
        math_walk(m, factor[i], times > 1 ? POWER : FACTOR);
        if (times > 1)
            text_printf(&m->text, math_is_ml(m) ? "</mrow><mn>%d</mn></msup>" : "}^{%d}", times);
    }
}

// The absolute value of a negative product or number.
static void print_positive(Math *m, const Expr *e) {
    if (e->kind == E_NUMBER)
        print_constant(m, -e->number);
    else if (e->kind == E_DIV) {
        math_fraction(m);
        print_positive(m, e->arg[0]);
        math_over(m);
        math_walk(m, e->arg[1], WEAKEST);
        math_fraction_end(m);
    } else {
        if (e->arg[0]->number != -1) {
            print_constant(m, -e->arg[0]->number);
            math_operator(m, m->numbers ? "*" : "thin");
        }
        if (e->arg_count == 2 && e->arg[0]->number == -1)
            math_walk(m, e->arg[1], PRODUCT);
        else
            print_product(m, e->arg + 1, e->arg_count - 1);
    }
}

static void print_sum(Math *m, const Expr *e) {
    int head = 0;
    while (head < e->arg_count && expr_is_negative(e->arg[head])) head++;
    if (head == e->arg_count) head = 0;
    for (int k = 0; k < e->arg_count; k++) {
        int i = k == 0 ? head : k <= head ? k - 1 : k;
        bool negative = expr_is_negative(e->arg[i]);
        if (k && m->broken == e) text_printf(&m->text, "%c", MATH_BREAK);
        if (negative)
            math_operator(m, k ? "-" : "neg");
        else if (k)
            math_operator(m, "+");
        if (negative)
            print_positive(m, e->arg[i]);
        else
            math_walk(m, e->arg[i], PRODUCT);
    }
}

typedef struct WriteOut {
    Math *m;
    const Expr *body;
    Reduction reduction;
    int64_t done, total;
} WriteOut;

static void count_term(void *data) {
    ((WriteOut *)data)->total++;
}

static void write_term(void *data) {
    WriteOut *w = data;
    int64_t at = w->done++;
    bool sum = w->reduction == REDUCE_SUM, all = w->total <= WRITTEN_OUT;
    if (!all && at > 2 && at < w->total - 1) return;
    if (at) math_operator(w->m, sum ? "+" : "*");
    if (!all && at == 2)
        math_operator(w->m, "...");
    else
        math_walk(w->m, w->body, sum ? PRODUCT : FACTOR);
}

static void write_out(Math *m, const Expr *e) {
    WriteOut w = {m, e->arg[1], e->reduction, 0, 0};
    numbers_each(m->numbers, e->index, e->index_count, e->arg[0], count_term, &w);
    if (!w.total) math_number(m, e->reduction == REDUCE_SUM ? 0 : 1);
    numbers_each(m->numbers, e->index, e->index_count, e->arg[0], write_term, &w);
}

static void note_read(const Expr *read, void *data) {
    (void)read;
    *(bool *)data = true;
}

// Whether the condition is known while the page is made.
static bool is_decided(const Math *m, const Expr *condition) {
    bool reads = false;
    if (m->live) expr_each_read(condition, note_read, &reads);
    return m->numbers && !reads;
}

static bool is_negated(Affine a, Affine b) {
    if (a.count != b.count) return false;
    for (int i = 0; i < a.count; i++)
        if (a.term[i].index != b.term[i].index || a.term[i].coefficient != -b.term[i].coefficient)
            return false;
    return a.count > 0;
}

// 0 <= t + c and 0 <= d - t: -c <= t <= d, with the sign that has fewer minuses.
static void print_range(Math *m, Affine low, Affine high) {
    int minuses = 0;
    for (int i = 0; i < low.count; i++) minuses += low.term[i].coefficient < 0 ? 1 : -1;
    bool turned = minuses > 0 || (minuses == 0 && low.term[0].coefficient < 0);
    Affine middle = turned ? high : low;
    int64_t least = turned ? high.constant : low.constant,
            most = turned ? low.constant : high.constant;
    middle.constant = 0;
    math_affine(m, affine_constant(-least));
    math_operator(m, "<=");
    math_affine(m, middle);
    math_operator(m, "<=");
    math_affine(m, affine_constant(most));
}

// A conjunction of bounds, each in a row of its own, two of one sum as one range.
static void print_guard(Math *m, const Expr *guard) {
    const Expr *const *part = guard->kind == E_AND ? guard->arg : &guard;
    int count = guard->kind == E_AND ? guard->arg_count : 1;
    bool *shown = arena_new_array(m->program->arena, bool, count);
    for (int i = 0; i < count; i++) {
        if (shown[i]) continue;
        int pair = i + 1;
        while (pair < count && !(part[i]->kind == E_NONNEGATIVE && !shown[pair] &&
                                 part[pair]->kind == E_NONNEGATIVE &&
                                 is_negated(part[i]->affine, part[pair]->affine)))
            pair++;
        math_add(m, "</mtd></mtr><mtr><mtd>", " \\cr ");
        if (pair < count) {
            shown[pair] = true;
            print_range(m, part[i]->affine, part[pair]->affine);
        } else
            math_walk(m, part[i], WEAKEST);
    }
}

static void print_bounds(Math *m, const Expr *e) {
    bool rows = e->arg[0]->kind != E_TRUE;
    if (rows) math_add(m, "<mtable><mtr><mtd>", "\\substack{");
    for (int i = 0; i < e->index_count; i++) {
        if (i) math_operator(m, ",");
        math_index(m, e->index[i]);
        if (!math_range_shows(e->arg[1], e->index[i])) math_limit(m, e->index[i]);
    }
    if (!rows) return;
    print_guard(m, e->arg[0]);
    math_add(m, "</mtd></mtr></mtable>", "}");
}

static void print_reduction(Math *m, const Expr *e) {
    bool plain = e->reduction == REDUCE_SUM || e->reduction == REDUCE_PROD;
    if (m->numbers && plain && is_decided(m, e->arg[0])) {
        write_out(m, e);
        return;
    }
    static const char *const word[] = {"", "", "max", "min", "argmax", "argmin"};
    if (math_is_ml(m)) text_add(&m->text, "<munder>");
    if (plain)
        math_add(m,
                 e->reduction == REDUCE_SUM ? "<mo movablelimits=\"false\">&#x2211;</mo>"
                                            : "<mo movablelimits=\"false\">&#x220F;</mo>",
                 e->reduction == REDUCE_SUM ? "\\sum" : "\\prod");
    else if (math_is_ml(m))
        text_printf(&m->text, "<mo movablelimits=\"false\">%s</mo>", word[e->reduction]);
    else
        text_printf(&m->text, "\\operatorname*{%s}", word[e->reduction]);
    math_add(m, "<mrow>", "_{");
    Numbers *kept = m->numbers;
    m->numbers = NULL;
    print_bounds(m, e);
    math_close_row(m);
    if (math_is_ml(m)) text_add(&m->text, "</munder>");
    math_walk(m, e->arg[1], PRODUCT);
    m->numbers = kept;
}

static void print_arguments(Math *m, const Expr *e) {
    math_operator(m, "(");
    for (int i = 0; i < e->arg_count; i++) {
        if (i) math_operator(m, ",");
        math_walk(m, e->arg[i], WEAKEST);
    }
    math_operator(m, ")");
}

static void print_power(Math *m, const Expr *e) {
    math_add(m, "<msup><mrow>", "{");
    math_walk(m, e->arg[0], POWER);
    math_add(m, "</mrow><mrow>", "}^{");
    math_walk(m, e->arg[1], WEAKEST);
    math_add(m, "</mrow></msup>", "}");
}

static void print_call(Math *m, const Expr *e) {
    if (e->function == FN_SQRT) {
        math_add(m, "<msqrt>", "\\sqrt{");
        math_walk(m, e->arg[0], WEAKEST);
        math_add(m, "</msqrt>", "}");
    } else if (e->function == FN_EXP) {
        math_add(m, "<msup><mi>e</mi><mrow>", "e^{");
        math_walk(m, e->arg[0], WEAKEST);
        math_add(m, "</mrow></msup>", "}");
    } else if (e->function == FN_ABS) {
        math_add(m, "<mrow><mo form=\"prefix\" fence=\"true\">|</mo>", "\\left\\lvert ");
        math_walk(m, e->arg[0], WEAKEST);
        math_add(m, "<mo form=\"postfix\" fence=\"true\">|</mo></mrow>", "\\right\\rvert ");
    } else if (e->function == FN_POWER)
        print_power(m, e);
    else {
        if (e->function == FN_SIGMOID)
            math_add(m, "<mi>&#x3C3;</mi>", "\\sigma");
        else if (e->function == FN_LOG)
            math_add(m, "<mi>ln</mi>", "\\ln");
        else
            math_identifier(m, function_name(e->function), strlen(function_name(e->function)));
        print_arguments(m, e);
    }
}

static void print_select(Math *m, const Expr *e) {
    if (is_decided(m, e->arg[0])) {
        math_walk(m, e->arg[numbers_holds(m->numbers, e->arg[0]) ? 1 : 2], WEAKEST);
        return;
    }
    math_add(m, "<mrow><mo stretchy=\"true\">{</mo><mtable class=\"cases\"><mtr><mtd>",
             "\\begin{cases} ");
    math_walk(m, e->arg[1], WEAKEST);
    math_add(m, "</mtd><mtd><mtext>if&#xA0;</mtext>", " & \\text{if } ");
    math_walk(m, e->arg[0], WEAKEST);
    math_add(m, "</mtd></mtr><mtr><mtd>", " \\cr ");
    math_walk(m, e->arg[2], WEAKEST);
    math_add(m, "</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>",
             " & \\text{otherwise} \\end{cases}");
}

static void print_nonnegative(Math *m, Affine a) {
    AffineTerm positive[64], negative[64];
    Affine right = {a.constant > 0 ? a.constant : 0, 0, positive};
    Affine left = {a.constant < 0 ? -a.constant : 0, 0, negative};
    for (int i = 0; i < a.count && i < 64; i++) {
        AffineTerm t = a.term[i];
        if (t.coefficient > 0)
            positive[right.count++] = t;
        else
            negative[left.count++] = (AffineTerm){t.index, -t.coefficient};
    }
    math_affine(m, left);
    math_operator(m, "<=");
    math_affine(m, right);
}

static void print_chain(Math *m, const Expr *e, const char *sign, Strength inner) {
    for (int i = 0; i < e->arg_count; i++) {
        if (i) math_operator(m, sign);
        math_walk(m, e->arg[i], inner);
    }
}

static void print_words_chain(Math *m, const Expr *e) {
    for (int i = 0; i < e->arg_count; i++) {
        if (i && e->kind == E_AND) math_operator(m, ",");
        if (i && e->kind == E_OR) math_words(m, " or ");
        math_walk(m, e->arg[i], COMPARISON);
    }
}

static Strength strength(const Math *m, const Expr *e) {
    switch (e->kind) {
    case E_SELECT: return is_decided(m, e->arg[0]) ? WEAKEST : POWER;
    case E_AND:
    case E_OR:
    case E_NOT: return LOGIC;
    case E_NONNEGATIVE:
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL: return COMPARISON;
    case E_ADD: return SUM;
    case E_MUL: return expr_is_negative(e) ? SUM : PRODUCT;
    case E_DIV: return expr_is_negative(e) ? SUM : FACTOR;
    case E_NUMBER: return e->number < 0 ? SUM : is_fraction(e->number) ? FACTOR : POWER;
    case E_INDEX:
        return m->numbers || e->affine.count + (e->affine.constant != 0) <= 1 ? FACTOR : SUM;
    case E_REDUCE: return m->numbers && is_decided(m, e->arg[0]) ? SUM : PRODUCT;
    case E_CALL: return e->function == FN_EXP || e->function == FN_POWER ? FACTOR : POWER;
    case E_READ:
        return m->numbers || (e->tensor->role == TENSOR_GRADIENT && e->tensor->of) ? FACTOR : POWER;
    case E_BATCH:
    case E_STOP:
    case E_RANDOM:
    case E_TRUE:
    case E_FALSE: return POWER;
    }
    return WEAKEST;
}

static void print_letters(Math *m, const Expr *e) {
    if (e->tensor->role == TENSOR_GRADIENT && e->tensor->of)
        math_gradient(m, e->tensor->of, e->arg);
    else
        math_tensor(m, e->tensor, e->arg);
}

// An empty number for a script to fill. Which element a value chooses is known only then.
static void print_live(Math *m, const Expr *e) {
    bool is_open = m->live[e->tensor->id] < 0 || !math_is_ml(m);
    for (int i = 0; i < e->arg_count; i++) is_open = is_open || !is_decided(m, e->arg[i]);
    int64_t place = is_open ? -1 : numbers_place(m->numbers, e->tensor, e->arg);
    if (place < 0)
        print_letters(m, e);
    else
        text_printf(&m->text, "<mn data-t=\"%d\" data-e=\"%lld\"></mn>",
                    m->live[e->tensor->id], (long long)place);
}

static void print_read(Math *m, const Expr *e) {
    if (m->numbers && m->live) {
        print_live(m, e);
    } else if (m->numbers) {
        double x = numbers_expr(m->numbers, e);
        if (x < 0) math_operator(m, "(");
        math_number(m, x);
        if (x < 0) math_operator(m, ")");
    } else {
        print_letters(m, e);
    }
}

static void print_inner(Math *m, const Expr *e) {
    switch (e->kind) {
    case E_NUMBER:
        if (e->number < 0) math_operator(m, "neg");
        print_constant(m, fabs(e->number));
        break;
    case E_BATCH:
        if (m->numbers)
            math_number(m, (double)m->numbers->samples);
        else
            math_identifier(m, "N", 1);
        break;
    case E_INDEX: math_affine(m, e->affine); break;
    case E_READ: print_read(m, e); break;
    case E_ADD: print_sum(m, e); break;
    case E_MUL:
        if (expr_is_negative(e))
            math_operator(m, "neg"), print_positive(m, e);
        else
            print_product(m, e->arg, e->arg_count);
        break;
    case E_DIV:
        if (expr_is_negative(e)) {
            math_operator(m, "neg"), print_positive(m, e);
            break;
        }
        math_fraction(m);
        math_walk(m, e->arg[0], WEAKEST);
        math_over(m);
        math_walk(m, e->arg[1], WEAKEST);
        math_fraction_end(m);
        break;
    case E_CALL: print_call(m, e); break;
    case E_STOP:
        math_words(m, "stop");
        print_arguments(m, e);
        break;
    case E_SELECT: print_select(m, e); break;
    case E_REDUCE: print_reduction(m, e); break;
    case E_RANDOM:
        math_words(m, e->number < 0 ? " a draw from [0, 1)" : " a draw of 0 or 1");
        break;
    case E_TRUE: math_words(m, "true"); break;
    case E_FALSE: math_words(m, "false"); break;
    case E_NONNEGATIVE: print_nonnegative(m, e->affine); break;
    case E_LESS: print_chain(m, e, "<", SUM); break;
    case E_LESS_EQUAL: print_chain(m, e, "<=", SUM); break;
    case E_EQUAL: print_chain(m, e, "=", SUM); break;
    case E_AND:
    case E_OR: print_words_chain(m, e); break;
    case E_NOT: math_words(m, "not "), math_walk(m, e->arg[0], COMPARISON); break;
    }
}

void math_walk(Math *m, const Expr *e, Strength outer) {
    bool brackets = strength(m, e) < outer;
    if (brackets) math_operator(m, "(");
    print_inner(m, e);
    if (brackets) math_operator(m, ")");
}

void math_expr(Math *m, const Expr *e) {
    bool is_row = math_is_ml(m) && m->broken != e;
    if (is_row) math_open_row(m);
    math_walk(m, e, WEAKEST);
    if (is_row) math_close_row(m);
}
