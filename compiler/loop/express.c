// express.c: operators, and the parentheses between them.
#include "loop/express.h"

#include <math.h>

enum Precedence { SELECTION = 1, OR, AND, EQUALITY, RELATION, SUM, PRODUCT, PREFIX, ATOM };

// How an expression is written: its operator and how tightly that binds.
typedef struct Form {
    const char *sign;
    int precedence;
    bool swapped; // the second operand is written first
} Form;

static bool is_constant(const LoopExpr *e) {
    if (e->kind == LOOP_SPLAT) e = e->arg[0];
    return e->kind == LOOP_NUMBER || e->kind == LOOP_INTEGER;
}

// 0 < x reads better as x > 0.
static Form comparison_form(const LoopExpr *e) {
    bool swapped = is_constant(e->arg[0]) && !is_constant(e->arg[1]);
    if (e->kind == LOOP_LESS) return (Form){swapped ? " > " : " < ", RELATION, swapped};
    if (e->kind == LOOP_LESS_EQUAL) return (Form){swapped ? " >= " : " <= ", RELATION, swapped};
    return (Form){" == ", EQUALITY, swapped};
}

// not (a < b) is a >= b for integers only: neither holds of NaN.
static Form negated_form(const LoopExpr *e) {
    const LoopExpr *inner = e->arg[0];
    bool integers = inner->arg_count == 2 && inner->arg[0]->type == LOOP_INT;
    if (inner->kind == LOOP_EQUAL) return (Form){" != ", EQUALITY, comparison_form(inner).swapped};
    if (inner->kind == LOOP_LESS && integers) {
        bool swapped = comparison_form(inner).swapped;
        return (Form){swapped ? " <= " : " >= ", RELATION, swapped};
    }
    if (inner->kind == LOOP_LESS_EQUAL && integers) {
        bool swapped = comparison_form(inner).swapped;
        return (Form){swapped ? " < " : " > ", RELATION, swapped};
    }
    return (Form){e->type == LOOP_MASK ? "~" : "!", PREFIX, false};
}

// C binds & and | more loosely than comparisons; the parentheses stand for the reader.
static Form logic_form(const LoopExpr *e) {
    if (e->kind == LOOP_AND) return (Form){e->type == LOOP_MASK ? " & " : " && ", AND, false};
    return (Form){e->type == LOOP_MASK ? " | " : " || ", OR, false};
}

static Form constant_form(bool negative) {
    return (Form){NULL, negative ? PREFIX : ATOM, false};
}

static Form form_of(const LoopExpr *e) {
    switch (e->kind) {
    case LOOP_ADD: return (Form){" + ", SUM, false};
    case LOOP_SUBTRACT: return (Form){" - ", SUM, false};
    case LOOP_MULTIPLY: return (Form){"*", PRODUCT, false};
    case LOOP_DIVIDE: return (Form){"/", PRODUCT, false};
    case LOOP_NEGATE: return (Form){"-", PREFIX, false};
    case LOOP_SELECT: return (Form){NULL, e->arg[0]->type == LOOP_MASK ? ATOM : SELECTION, false};
    case LOOP_LESS:
    case LOOP_LESS_EQUAL:
    case LOOP_EQUAL: return comparison_form(e);
    case LOOP_AND:
    case LOOP_OR: return logic_form(e);
    case LOOP_NOT: return negated_form(e);
    case LOOP_NUMBER: return constant_form(signbit(e->number));
    case LOOP_INTEGER: return constant_form(e->integer < 0);
    case LOOP_VARIABLE:
    case LOOP_LOAD:
    case LOOP_SPLAT:
    case LOOP_LANE_SUM:
    case LOOP_INT_MIN:
    case LOOP_INT_MAX:
    case LOOP_FLOOR_DIVIDE:
    case LOOP_CEIL_DIVIDE:
    case LOOP_CALL:
    case LOOP_CONVERT:
    case LOOP_RANDOM:
    case LOOP_BERNOULLI: break;
    }
    return constant_form(false);
}

static void write_within(LoopWriter *w, const LoopExpr *e, int least);

// The precedence that an operand needs to stand without parentheses. Comparisons do not chain;
// `and` within `or` keeps its parentheses for the reader.
static int needed_precedence(int precedence, bool is_left, const LoopExpr *operand) {
    if (precedence == EQUALITY || precedence == RELATION) return SUM;
    if (precedence == OR) return is_left && operand->kind == LOOP_OR ? OR : EQUALITY;
    return is_left ? precedence : precedence + 1;
}

// The operand as it is written: C takes a REAL next to a VECTOR for the same in all lanes.
static const LoopExpr *operand_of(const LoopWriter *w, const LoopExpr *e, int which) {
    const LoopExpr *operand = e->arg[which];
    bool hidden = w->hides_splats && e->type == LOOP_VECTOR && operand->kind == LOOP_SPLAT &&
                  e->arg[!which]->kind != LOOP_SPLAT;
    return hidden ? operand->arg[0] : operand;
}

static void write_binary(LoopWriter *w, const LoopExpr *e, Form form) {
    const LoopExpr *left = operand_of(w, e, form.swapped), *right = operand_of(w, e, !form.swapped);
    int of_left = needed_precedence(form.precedence, true, left);
    int of_right = needed_precedence(form.precedence, false, right);
    if (e->type == LOOP_MASK && (e->kind == LOOP_AND || e->kind == LOOP_OR)) {
        of_left = left->kind == e->kind ? form.precedence : PREFIX;
        of_right = PREFIX;
    }
    write_within(w, left, of_left);
    text_add(w->out, form.sign);
    write_within(w, right, of_right);
}

static void write_prefix(LoopWriter *w, const LoopExpr *e, Form form) {
    text_add(w->out, form.sign);
    write_within(w, e->arg[0], ATOM);
}

static void write_selection(LoopWriter *w, const LoopExpr *e) {
    write_within(w, e->arg[0], OR);
    text_add(w->out, " ? ");
    write_within(w, e->arg[1], OR);
    text_add(w->out, " : ");
    write_within(w, e->arg[2], SELECTION);
}

static void write_form(LoopWriter *w, const LoopExpr *e, Form form) {
    if (form.precedence == SELECTION)
        write_selection(w, e);
    else if (!form.sign)
        w->atom(w, e);
    else if (form.precedence == PREFIX)
        write_prefix(w, e, form);
    else if (e->kind == LOOP_NOT)
        write_binary(w, e->arg[0], form);
    else
        write_binary(w, e, form);
}

static bool is_real(LoopType type) {
    return type == LOOP_REAL || type == LOOP_F64;
}

static void write_within(LoopWriter *w, const LoopExpr *e, int least) {
    while (w->hides_f64 && e->kind == LOOP_CONVERT && is_real(e->type) && is_real(e->arg[0]->type))
        e = e->arg[0];
    Form form = form_of(e);
    bool parentheses = form.precedence < least;
    if (parentheses) text_add(w->out, "(");
    write_form(w, e, form);
    if (parentheses) text_add(w->out, ")");
}

void loop_write_expr(LoopWriter *w, const LoopExpr *e) {
    write_within(w, e, SELECTION);
}

void loop_write_operand(LoopWriter *w, const LoopExpr *e) {
    write_within(w, e, PREFIX);
}
