// sheet_columns.c: which element has which column, and the formulas: equations at one element, in
// the notation of spreadsheets. A cell stands in a formula as \1COLUMN\2, the learning rate as \3;
// sheet_formula_at puts rows in.
#include "teach/sheet.h"

#include "teach/math.h"
#include "teach/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum Strength { WEAKEST, SUM, PRODUCT, POWER, ATOM } Strength;

typedef struct Printer {
    Program *p;
    Numbers *v; // for the indices
    Sheet *sheet;
    Text text;
    bool failed;
} Printer;

static void print(Printer *o, const Expr *e, Strength outer);

const char *sheet_letters(Arena *a, int column) {
    char text[8];
    int at = 8;
    text[--at] = 0;
    for (int n = column + 1; n > 0 && at > 0; n = (n - 1) / 26)
        text[--at] = (char)('A' + (n - 1) % 26);
    return arena_printf(a, "%s", text + at);
}

const char *sheet_formula_at(Arena *a, const char *formula, int row, const char *rate) {
    Text t = text_new(a);
    for (; *formula; formula++) {
        if (*formula == 1) continue;
        if (*formula == 2)
            text_printf(&t, "%d", row);
        else if (*formula == 3)
            text_add(&t, rate);
        else
            text_add_bytes(&t, formula, 1);
    }
    return t.bytes;
}

int sheet_place(const Sheet *s, int column) {
    return column + 1 + s->column.item[column].is_shared;
}

static void fail(Printer *o, const char *why) {
    o->failed = true;
    if (!o->sheet->problem) o->sheet->problem = why;
}

static void add_cell(Printer *o, const Tensor *t, int64_t element) {
    if (o->sheet->first[t->id] < 0) {
        fail(o, arena_printf(o->p->arena, "%s has no column", t->name));
        return;
    }
    text_printf(
        &o->text, "\1%s\2",
        sheet_letters(o->p->arena, sheet_place(o->sheet, o->sheet->first[t->id] + (int)element)));
}

static void print_number(Printer *o, double x) {
    if (!isfinite(x)) fail(o, "an infinite number has no notation in a spreadsheet");
    text_printf(&o->text, x < 0 ? "(%s)" : "%s", number_text(o->p->arena, x));
}

// x[k[n]] with one subscript that is itself a value: CHOOSE among the elements.
static void print_read(Printer *o, const Expr *e) {
    int moving = -1;
    for (int k = 0; k < e->arg_count; k++) {
        if (e->arg[k]->kind == E_INDEX) continue;
        if (moving >= 0) fail(o, "an element chosen by two values has no formula in a workbook");
        moving = k;
    }
    int64_t stride = 1, place = 0, moving_stride = 0;
    for (int k = e->arg_count - 1; k >= 0; k--) {
        if (k == moving)
            moving_stride = stride;
        else
            place += stride * numbers_affine(o->v, e->arg[k]->affine);
        stride *= e->tensor->axis[k]->extent;
    }
    if (moving < 0) {
        add_cell(o, e->tensor, place);
        return;
    }
    text_add(&o->text, "CHOOSE(");
    print(o, e->arg[moving], SUM);
    text_add(&o->text, "+1");
    for (int64_t i = 0; i < e->tensor->axis[moving]->extent; i++) {
        text_add(&o->text, ",");
        add_cell(o, e->tensor, place + i * moving_stride);
    }
    text_add(&o->text, ")");
}

static bool is_negative(const Expr *e) {
    return (e->kind == E_NUMBER && e->number < 0) || (e->kind == E_MUL && is_negative(e->arg[0]));
}

static void print_factors(Printer *o, const Expr *const *factor, int count) {
    bool first = true;
    for (int i = 0; i < count; i++) {
        int times = 0, before = 0;
        for (int k = 0; k < count; k++) {
            before += k < i && factor[k] == factor[i];
            times += factor[k] == factor[i];
        }
        if (before) continue;
        if (!first) text_add(&o->text, "*");
        first = false;
        print(o, factor[i], times > 1 ? ATOM : POWER);
        if (times > 1) text_printf(&o->text, "^%d", times);
    }
}

static void print_positive(Printer *o, const Expr *e) {
    if (e->kind == E_NUMBER)
        print_number(o, -e->number);
    else if (e->arg[0]->number == -1)
        print_factors(o, e->arg + 1, e->arg_count - 1);
    else {
        print_number(o, -e->arg[0]->number);
        text_add(&o->text, "*");
        print_factors(o, e->arg + 1, e->arg_count - 1);
    }
}

static void print_sum(Printer *o, const Expr *e) {
    int head = 0;
    while (head < e->arg_count && is_negative(e->arg[head])) head++;
    if (head == e->arg_count) head = 0;
    for (int k = 0; k < e->arg_count; k++) {
        int i = k == 0 ? head : k <= head ? k - 1 : k;
        bool minus = k && is_negative(e->arg[i]);
        if (k) text_add(&o->text, minus ? "-" : "+");
        if (minus)
            print_positive(o, e->arg[i]);
        else
            print(o, e->arg[i], PRODUCT);
    }
}

typedef struct Terms {
    Printer *o;
    const Expr *e;
    const char *between;
    int count;
    LIST(const char *) term;
} Terms;

static void add_term(void *data) {
    Terms *t = data;
    Printer *o = t->o;
    if (o->text.size > SHEET_FORMULA * 4)
        fail(o,
             "a formula would be longer than spreadsheets allow; a smaller network has a workbook");
    if (o->failed) return;
    Text kept = o->text;
    o->text = text_new(o->p->arena);
    print(o, t->e->arg[1], t->between[0] == '*' ? POWER : t->between[0] == '+' ? PRODUCT : WEAKEST);
    list_add(o->p->arena, t->term, o->text.bytes);
    o->text = kept;
}

static void join_terms(Printer *o, const Terms *t) {
    for (int i = 0; i < t->term.count; i++)
        text_printf(&o->text, "%s%s", i ? t->between : "", t->term.item[i]);
}

// The place of the first extreme: IF(a=m,0,IF(b=m,1,...)).
static void print_place(Printer *o, const Terms *t, const char *function) {
    if (t->term.count > 60) fail(o, "a maximum over more than 60 values has no place in a formula");
    Text extreme = text_new(o->p->arena);
    text_printf(&extreme, "%s(", function);
    for (int i = 0; i < t->term.count; i++)
        text_printf(&extreme, "%s%s", i ? "," : "", t->term.item[i]);
    for (int i = 0; i + 1 < t->term.count; i++)
        text_printf(&o->text, "IF(%s=%s),%d,", t->term.item[i], extreme.bytes, i);
    text_printf(&o->text, "%d", t->term.count ? t->term.count - 1 : 0);
    for (int i = 0; i + 1 < t->term.count; i++) text_add(&o->text, ")");
}

static void print_reduction(Printer *o, const Expr *e) {
    bool sum = e->reduction == REDUCE_SUM, product = e->reduction == REDUCE_PROD;
    Terms t = {.o = o, .e = e, .between = sum ? "+" : product ? "*" : ","};
    numbers_each(o->v, e->index, e->index_count, e->arg[0], add_term, &t);
    switch (e->reduction) {
    case REDUCE_SUM:
    case REDUCE_PROD:
        text_add(&o->text, "(");
        if (!t.term.count) text_add(&o->text, sum ? "0" : "1");
        join_terms(o, &t);
        text_add(&o->text, ")");
        return;
    case REDUCE_MAX:
    case REDUCE_MIN:
        text_add(&o->text, e->reduction == REDUCE_MAX ? "MAX(" : "MIN(");
        join_terms(o, &t);
        text_add(&o->text, ")");
        return;
    case REDUCE_ARGMAX: print_place(o, &t, "MAX"); return;
    case REDUCE_ARGMIN: print_place(o, &t, "MIN"); return;
    }
}

// The function with A and B for its arguments.
static const char *function_form(Function f) {
    switch (f) {
    case FN_ABS: return "ABS(A)";
    case FN_EXP: return "EXP(A)";
    case FN_LOG: return "LN(A)";
    case FN_LOG1P: return "LN(1+A)";
    case FN_EXPM1: return "(EXP(A)-1)";
    case FN_SQRT: return "SQRT(A)";
    case FN_RSQRT: return "(1/SQRT(A))";
    case FN_SIN: return "SIN(A)";
    case FN_COS: return "COS(A)";
    case FN_TANH: return "TANH(A)";
    case FN_SIGMOID: return "(1/(1+EXP(-1*A)))";
    case FN_SOFTPLUS: return "(MAX(A,0)+LN(1+EXP(-1*ABS(A))))";
    case FN_ERF: return "(SIGN(A)*ERF(ABS(A)))";
    case FN_SIGN: return "SIGN(A)";
    case FN_FLOOR: return "INT(A)";
    case FN_MIN: return "MIN(A,B)";
    case FN_MAX: return "MAX(A,B)";
    case FN_POWER: return "POWER(A,B)";
    case FUNCTION_COUNT: break;
    }
    return "";
}

static void print_call(Printer *o, const Expr *e) {
    const char *form = function_form(e->function);
    for (size_t i = 0; form[i]; i++) {
        bool is_letter = (i && form[i - 1] >= 'A' && form[i - 1] <= 'Z') ||
                         (form[i + 1] >= 'A' && form[i + 1] <= 'Z');
        bool alone = i && form[i - 1] == '(' && (form[i + 1] == ')' || form[i + 1] == ',');
        if (form[i] == 'A' && !is_letter)
            print(o, e->arg[0], alone ? WEAKEST : ATOM);
        else if (form[i] == 'B' && !is_letter)
            print(o, e->arg[1], WEAKEST);
        else
            text_add_bytes(&o->text, form + i, 1);
    }
}

static bool is_settled(const Expr *e) { // a condition on indices alone
    if (e->kind == E_NONNEGATIVE || e->kind == E_TRUE || e->kind == E_FALSE) return true;
    if (e->kind != E_AND && e->kind != E_OR && e->kind != E_NOT) {
        for (int i = 0; i < e->arg_count; i++)
            if (e->arg[i]->kind != E_INDEX && e->arg[i]->kind != E_NUMBER) return false;
        return true;
    }
    for (int i = 0; i < e->arg_count; i++)
        if (!is_settled(e->arg[i])) return false;
    return true;
}

static void print_condition(Printer *o, const Expr *e) {
    const char *sign = e->kind == E_LESS ? "<" : e->kind == E_LESS_EQUAL ? "<=" : "=";
    if (is_settled(e))
        text_add(&o->text, numbers_holds(o->v, e) ? "TRUE" : "FALSE");
    else if (e->kind == E_AND || e->kind == E_OR || e->kind == E_NOT) {
        text_add(&o->text, e->kind == E_AND ? "AND(" : e->kind == E_OR ? "OR(" : "NOT(");
        for (int i = 0; i < e->arg_count; i++) {
            if (i) text_add(&o->text, ",");
            print_condition(o, e->arg[i]);
        }
        text_add(&o->text, ")");
    } else {
        print(o, e->arg[0], SUM);
        text_add(&o->text, sign);
        print(o, e->arg[1], SUM);
    }
}

static void print_select(Printer *o, const Expr *e) {
    if (is_settled(e->arg[0])) {
        text_add(&o->text, "(");
        print(o, e->arg[numbers_holds(o->v, e->arg[0]) ? 1 : 2], WEAKEST);
        text_add(&o->text, ")");
        return;
    }
    text_add(&o->text, "IF(");
    print_condition(o, e->arg[0]);
    text_add(&o->text, ",");
    print(o, e->arg[1], WEAKEST);
    text_add(&o->text, ",");
    print(o, e->arg[2], WEAKEST);
    text_add(&o->text, ")");
}

static Strength strength(const Expr *e) {
    switch (e->kind) {
    case E_ADD: return SUM;
    case E_MUL:
    case E_DIV: return PRODUCT;
    case E_NUMBER:
    case E_BATCH:
    case E_INDEX:
    case E_READ:
    case E_CALL:
    case E_STOP:
    case E_SELECT:
    case E_REDUCE:
    case E_RANDOM:
    case E_TRUE:
    case E_FALSE:
    case E_NONNEGATIVE:
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL:
    case E_AND:
    case E_OR:
    case E_NOT: return ATOM;
    }
    return ATOM;
}

static void print_inner(Printer *o, const Expr *e) {
    switch (e->kind) {
    case E_NUMBER: print_number(o, e->number); break;
    case E_BATCH: print_number(o, (double)o->v->samples); break;
    case E_INDEX: print_number(o, (double)numbers_affine(o->v, e->affine)); break;
    case E_READ: print_read(o, e); break;
    case E_ADD: print_sum(o, e); break;
    case E_MUL: print_factors(o, e->arg, e->arg_count); break;
    case E_DIV:
        print(o, e->arg[0], PRODUCT);
        text_add(&o->text, "/");
        print(o, e->arg[1], POWER);
        break;
    case E_CALL: print_call(o, e); break;
    case E_STOP: print(o, e->arg[0], ATOM); break;
    case E_SELECT: print_select(o, e); break;
    case E_REDUCE: print_reduction(o, e); break;
    case E_RANDOM:
        fail(o, "the network draws random numbers, which a spreadsheet would draw anew at every "
                "change; take the dropout out");
        break;
    case E_TRUE:
    case E_FALSE:
    case E_NONNEGATIVE:
    case E_LESS:
    case E_LESS_EQUAL:
    case E_EQUAL:
    case E_AND:
    case E_OR:
    case E_NOT:
        text_add(&o->text, "IF(");
        print_condition(o, e);
        text_add(&o->text, ",1,0)");
        break;
    }
}

static void print(Printer *o, const Expr *e, Strength outer) {
    if (o->failed) return;
    bool brackets = strength(e) < outer;
    if (brackets) text_add(&o->text, "(");
    print_inner(o, e);
    if (brackets) text_add(&o->text, ")");
}

// --- columns

static void add_columns(Sheet *s, const Tensor *t, const TraceTensor *named, bool is_shared) {
    if (s->first[t->id] >= 0 || s->problem) return;
    int64_t count = tensor_count(t);
    if (count > SHEET_COLUMNS - s->column.count) { // with the parts that gradients share
        s->problem = arena_printf(
            s->arena,
            "a workbook has room for %d numbers a step, this network has more; a smaller "
            "network, or `netc trace` with chosen tensors",
            SHEET_COLUMNS);
        return;
    }
    s->first[t->id] = s->column.count;
    for (int64_t i = 0; i < count; i++)
        list_add(s->arena, s->column,
                 ((SheetColumn){.tensor = t,
                                .element = i,
                                .name = trace_element_name(s->arena, named, 0, i),
                                .is_shared = is_shared}));
}

static void add_shared(Sheet *s, Equation *const *equation, int count, const bool *needed) {
    for (int i = 0; i < count; i++) {
        const Tensor *t = equation[i]->out;
        TraceTensor named = {t, TRACE_VALUE, t->name};
        if (needed[t->id]) add_columns(s, t, &named, true);
    }
}

typedef struct Needed {
    bool *by_id;
    bool grew;
} Needed;

static void need(const Expr *read, void *data) {
    Needed *n = data;
    if (!n->by_id[read->tensor->id]) n->by_id[read->tensor->id] = n->grew = true;
}

static bool *needed_tensors(const Program *p, const Sheet *s) {
    Needed n = {arena_new_array(p->arena, bool, p->tensor.count + 1), true};
    for (int i = 0; i < s->column.count; i++) n.by_id[s->column.item[i].tensor->id] = true;
    while (n.grew) {
        n.grew = false;
        for (int i = 0; i < p->forward.count; i++)
            if (n.by_id[p->forward.item[i]->out->id])
                expr_each_read(p->forward.item[i]->value, need, &n);
        for (int i = 0; i < p->backward.count; i++)
            if (n.by_id[p->backward.item[i]->out->id])
                expr_each_read(p->backward.item[i]->value, need, &n);
    }
    return n.by_id;
}

// --- formulas

typedef struct Write {
    Printer *o;
    const Equation *q;
    bool is_update;
} Write;

static void write_formula(void *data) {
    Write *w = data;
    Printer *o = w->o;
    int64_t place = numbers_place(o->v, w->q->out, w->q->subscript);
    if (o->failed || place < 0 || o->sheet->first[w->q->out->id] < 0) return;
    SheetColumn *c = &o->sheet->column.item[o->sheet->first[w->q->out->id] + place];
    const char **to = w->is_update ? &c->next : &c->formula;
    o->text = text_new(o->p->arena);
    bool adds = w->q->op == EQUATION_ADD && *to && strcmp(*to, "0");
    if (adds) text_printf(&o->text, "%s+", *to);
    print(o, w->q->value, adds ? PRODUCT : WEAKEST);
    if (o->text.size > SHEET_FORMULA)
        fail(o,
             "a formula would be longer than spreadsheets allow; a smaller network has a workbook");
    *to = o->text.bytes;
}

static void write_formulas(Printer *o, Equation *const *equation, int count, bool is_update) {
    for (int i = 0; i < count && !o->failed; i++) {
        if (o->sheet->first[equation[i]->out->id] < 0) continue;
        Write w = {o, equation[i], is_update};
        numbers_each(o->v, equation[i]->index, equation[i]->index_count, equation[i]->guard,
                     write_formula, &w);
    }
}

// w - lr*gradient; what has no gradient stays.
static void write_steps(Sheet *s, const Program *p) {
    for (int i = 0; i < s->column.count; i++) {
        SheetColumn *c = &s->column.item[i];
        if (c->formula || c->next) continue;
        const char *mine = sheet_letters(s->arena, sheet_place(s, i)), *slope = NULL;
        for (int k = 0; k < p->tensor.count && c->tensor->role == TENSOR_PARAM; k++)
            if (p->tensor.item[k]->of == c->tensor && s->first[p->tensor.item[k]->id] >= 0)
                slope = sheet_letters(
                    s->arena, sheet_place(s, s->first[p->tensor.item[k]->id] + (int)c->element));
        c->next = slope ? arena_printf(s->arena, "\1%s\2-\3*\1%s\2", mine, slope)
                        : arena_printf(s->arena, "\1%s\2", mine);
    }
}

int64_t sheet_numbers(Program *p) {
    Trace trace = trace_of(p, false);
    int64_t count = 0;
    for (int i = 0; i < trace.item.count && count < INT64_MAX / 2; i++)
        count += tensor_count(trace.item.item[i].tensor);
    return count;
}

Sheet sheet_columns(Program *p, const Numbers *numbers) {
    Sheet s = {.arena = p->arena, .loss = -1};
    s.first = arena_new_array(p->arena, int, p->tensor.count + 1);
    for (int i = 0; i <= p->tensor.count; i++) s.first[i] = -1;
    if (numbers_cost(numbers, p->forward.item, p->forward.count) > 1e6)
        s.problem = arena_printf(
            p->arena,
            "the network is too large for a workbook of at most %d numbers a step; a smaller "
            "network, or `netc trace` with chosen tensors",
            SHEET_COLUMNS);
    Trace trace = trace_of(p, false);
    for (int i = 0; i < trace.item.count && !s.problem; i++)
        add_columns(&s, trace.item.item[i].tensor, &trace.item.item[i], false);
    if (s.problem) return s;
    bool *needed = needed_tensors(p, &s);
    add_shared(&s, p->forward.item, p->forward.count, needed);
    add_shared(&s, p->backward.item, p->backward.count, needed);
    Printer o = {.p = p, .v = numbers_new(p, numbers->samples), .sheet = &s};
    write_formulas(&o, p->forward.item, p->forward.count, false);
    write_formulas(&o, p->backward.item, p->backward.count, false);
    write_formulas(&o, p->update.item, p->update.count, true);
    write_steps(&s, p);
    s.loss = s.first[math_loss(p)->id] >= 0 ? s.first[math_loss(p)->id] : s.first[p->loss->id];
    return s;
}
