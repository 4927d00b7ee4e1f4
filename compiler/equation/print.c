// print.c: equations as text, in the notation of the language.
//
// Index names are hints; within one equation they are made unique by digits, first come first named: the indices of the
// left side, then bound ones from left to right.
#include "equation/equation.h"

#include <string.h>

typedef enum Strength { WEAKEST, CHOICE, LOGIC, COMPARISON, SUM, PRODUCT, FACTOR, POWER } Strength;

typedef struct Named {
    const Index *index;
    Name name;
} Named;

typedef struct Printer {
    const Program *p;
    Text text;
    LIST(Named) named;
} Printer;

static void print(Printer *o, const Expr *e, Strength outer);

static bool taken(const Printer *o, Name name) {
    for (int i = 0; i < o->named.count; i++)
        if (o->named.item[i].name == name) return true;
    return false;
}

static Name index_name(Printer *o, const Index *index) {
    for (int i = 0; i < o->named.count; i++)
        if (o->named.item[i].index == index) return o->named.item[i].name;
    Names *names = o->p->compile->names;
    Name base = index->name ? index->name : name_of(names, "i"), name = base;
    for (int k = 2; taken(o, name); k++) name = name_printf(names, "%s%d", base, k);
    list_add(o->p->arena, o->named, ((Named){index, name}));
    return name;
}

static void print_term(Printer *o, AffineTerm t, bool first) {
    int64_t c = t.coefficient;
    if (c < 0) text_add(&o->text, first ? "-" : " - ");
    else if (!first) text_add(&o->text, " + ");
    int64_t size = c < 0 ? -c : c;
    if (size != 1) text_printf(&o->text, "%lld*", (long long)size);
    text_add(&o->text, index_name(o, t.index));
}

// Positive terms first, so that 1 - p does not become -p + 1.
static void print_affine(Printer *o, Affine a) {
    bool first = true;
    for (int i = 0; i < a.count; i++)
        if (a.term[i].coefficient > 0) {
            print_term(o, a.term[i], first);
            first = false;
        }
    if (first && (a.constant > 0 || a.count == 0)) {
        text_printf(&o->text, "%lld", (long long)a.constant);
        first = false;
        a.constant = 0;
    }
    for (int i = 0; i < a.count; i++)
        if (a.term[i].coefficient < 0) {
            print_term(o, a.term[i], first);
            first = false;
        }
    if (a.constant) text_printf(&o->text, a.constant > 0 ? " + %lld" : " - %lld",
                                (long long)(a.constant > 0 ? a.constant : -a.constant));
}

// a >= 0 as a comparison of two forms with positive coefficients.
static void print_nonnegative(Printer *o, Affine a) {
    AffineTerm positive[64], negative[64];
    Affine right = {a.constant > 0 ? a.constant : 0, 0, positive};
    Affine left = {a.constant < 0 ? -a.constant : 0, 0, negative};
    for (int i = 0; i < a.count && i < 64; i++) {
        AffineTerm t = a.term[i];
        if (t.coefficient > 0) positive[right.count++] = t;
        else negative[left.count++] = (AffineTerm){t.index, -t.coefficient};
    }
    print_affine(o, left);
    text_add(&o->text, " <= ");
    print_affine(o, right);
}

static void open_if(Printer *o, bool needed) { text_add(&o->text, needed ? "(" : ""); }
static void close_if(Printer *o, bool needed) { text_add(&o->text, needed ? ")" : ""); }

static void print_arguments(Printer *o, const Expr *e) {
    for (int i = 0; i < e->arg_count; i++) {
        if (i) text_add(&o->text, ", ");
        print(o, e->arg[i], WEAKEST);
    }
}

static void print_product(Printer *o, const Expr *const *factor, int count);

// A negative term without its sign.
static void print_positive(Printer *o, const Expr *e) {
    if (e->kind == E_NUMBER) text_add(&o->text, number_text(o->p->arena, -e->number));
    else if (e->kind == E_DIV) {
        print_positive(o, e->arg[0]);
        text_add(&o->text, "/");
        print(o, e->arg[1], FACTOR);
    } else if (e->arg[0]->number == -1) print_product(o, e->arg + 1, e->arg_count - 1);
    else {
        text_printf(&o->text, "%s*", number_text(o->p->arena, -e->arg[0]->number));
        print_product(o, e->arg + 1, e->arg_count - 1);
    }
}

// A negative first term goes behind the first positive one: b - a for -a + b.
static void print_sum(Printer *o, const Expr *e) {
    int head = 0;
    while (head < e->arg_count && expr_is_negative(e->arg[head])) head++;
    if (head == e->arg_count) head = 0;
    if (expr_is_negative(e->arg[head])) {
        text_add(&o->text, "-");
        print_positive(o, e->arg[head]);
    } else print(o, e->arg[head], SUM);
    for (int i = 0; i < e->arg_count; i++) {
        if (i == head) continue;
        bool negative = expr_is_negative(e->arg[i]);
        text_add(&o->text, negative ? " - " : " + ");
        if (negative) print_positive(o, e->arg[i]);
        else print(o, e->arg[i], PRODUCT);
    }
}

// Equal factors become a power: s*s is s^2.
static void print_product(Printer *o, const Expr *const *factor, int count) {
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
        print(o, factor[i], times > 1 ? POWER : FACTOR);
        if (times > 1) text_printf(&o->text, "^%d", times);
    }
}

static const char *reduction_name(Reduction r) {
    switch (r) {
    case REDUCE_SUM: return "sum";
    case REDUCE_PROD: return "prod";
    case REDUCE_MAX: return "max";
    case REDUCE_MIN: return "min";
    case REDUCE_ARGMAX: return "argmax";
    case REDUCE_ARGMIN: return "argmin";
    }
    return "?";
}

static void print_reduction(Printer *o, const Expr *e) {
    text_printf(&o->text, "%s(", reduction_name(e->reduction));
    for (int i = 0; i < e->index_count; i++) {
        const Index *index = e->index[i];
        text_printf(&o->text, "%s%s < ", i ? ", " : "", index_name(o, index));
        if (index->size) text_add(&o->text, index->size);
        else text_printf(&o->text, "%lld", (long long)index->extent);
    }
    if (e->arg[0]->kind != E_TRUE) {
        text_add(&o->text, " | ");
        print(o, e->arg[0], WEAKEST);
    }
    text_add(&o->text, ": ");
    print(o, e->arg[1], WEAKEST);
    text_add(&o->text, ")");
}

static void print_random(Printer *o, const Expr *e) {
    if (e->number < 0) text_add(&o->text, "uniform01()");
    else text_printf(&o->text, "bernoulli(%s)", number_text(o->p->arena, e->number));
}

static void print_chain(Printer *o, const Expr *e, const char *between, Strength inner) {
    for (int i = 0; i < e->arg_count; i++) {
        if (i) text_add(&o->text, between);
        print(o, e->arg[i], inner);
    }
}

static Strength strength(const Expr *e) {
    switch (e->kind) {
    case E_SELECT: return CHOICE;
    case E_AND: case E_OR: case E_NOT: return LOGIC;
    case E_NONNEGATIVE: case E_LESS: case E_LESS_EQUAL: case E_EQUAL: return COMPARISON;
    case E_ADD: return SUM;
    case E_MUL: case E_DIV: return expr_is_negative(e) ? SUM : PRODUCT;
    case E_NUMBER: return e->number < 0 ? SUM : POWER;
    case E_INDEX: return e->affine.count + (e->affine.constant != 0) > 1 ? SUM : FACTOR;
    case E_BATCH: case E_READ: case E_CALL: case E_STOP: case E_REDUCE: case E_RANDOM:
    case E_TRUE: case E_FALSE: return POWER;
    }
    return WEAKEST;
}

static void print_inner(Printer *o, const Expr *e) {
    switch (e->kind) {
    case E_NUMBER: text_add(&o->text, number_text(o->p->arena, e->number)); break;
    case E_BATCH: text_add(&o->text, "N"); break;
    case E_INDEX: print_affine(o, e->affine); break;
    case E_READ:
        text_add(&o->text, e->tensor->name);
        if (e->arg_count == 0) break;
        text_add(&o->text, "[");
        print_arguments(o, e);
        text_add(&o->text, "]");
        break;
    case E_ADD: print_sum(o, e); break;
    case E_MUL:
        if (expr_is_negative(e)) text_add(&o->text, "-"), print_positive(o, e);
        else print_product(o, e->arg, e->arg_count);
        break;
    case E_DIV:
        if (expr_is_negative(e)) {
            text_add(&o->text, "-"), print_positive(o, e);
            break;
        }
        print(o, e->arg[0], PRODUCT);
        text_add(&o->text, "/");
        print(o, e->arg[1], FACTOR);
        break;
    case E_CALL: case E_STOP:
        text_printf(&o->text, "%s(", e->kind == E_STOP ? "stop" : function_name(e->function));
        print_arguments(o, e);
        text_add(&o->text, ")");
        break;
    case E_SELECT:
        text_add(&o->text, "if "), print(o, e->arg[0], LOGIC);
        text_add(&o->text, " then "), print(o, e->arg[1], LOGIC);
        text_add(&o->text, " else "), print(o, e->arg[2], CHOICE);
        break;
    case E_REDUCE: print_reduction(o, e); break;
    case E_RANDOM: print_random(o, e); break;
    case E_TRUE: text_add(&o->text, "true"); break;
    case E_FALSE: text_add(&o->text, "false"); break;
    case E_NONNEGATIVE: print_nonnegative(o, e->affine); break;
    case E_LESS: print_chain(o, e, " < ", SUM); break;
    case E_LESS_EQUAL: print_chain(o, e, " <= ", SUM); break;
    case E_EQUAL: print_chain(o, e, " == ", SUM); break;
    case E_AND: print_chain(o, e, " and ", COMPARISON); break;
    case E_OR: print_chain(o, e, " or ", COMPARISON); break;
    case E_NOT: text_add(&o->text, "not "), print(o, e->arg[0], COMPARISON); break;
    }
}

static void print(Printer *o, const Expr *e, Strength outer) {
    bool brackets = strength(e) < outer;
    open_if(o, brackets);
    print_inner(o, e);
    close_if(o, brackets);
}

static void print_equation(Printer *o, const Equation *q) {
    text_add(&o->text, q->out->name);
    for (int i = 0; i < q->out->rank; i++) {
        text_add(&o->text, i ? ", " : "[");
        print(o, q->subscript[i], WEAKEST);
    }
    text_printf(&o->text, "%s %s ", q->out->rank ? "]" : "", q->op == EQUATION_ADD ? "+=" : "=");
    print(o, q->value, WEAKEST);
    if (q->guard->kind == E_TRUE) return;
    text_add(&o->text, " where ");
    print(o, q->guard, WEAKEST);
}

const char *equation_print(const Program *p, const Equation *q) {
    Printer o = {.p = p, .text = text_new(p->arena)};
    print_equation(&o, q);
    return o.text.bytes;
}

const char *expr_print(const Program *p, const Expr *e) {
    Printer o = {.p = p, .text = text_new(p->arena)};
    print(&o, e, WEAKEST);
    return o.text.bytes;
}

static void print_list(const Program *p, const char *title, Equation *const *equation, int count,
                       Text *out) {
    if (count == 0) return;
    text_printf(out, "# %s\n", title);
    for (int i = 0; i < count; i++) text_printf(out, "%s\n", equation_print(p, equation[i]));
}

static void print_tensor(const Program *p, const char *role, const Tensor *t, Text *out) {
    text_printf(out, "%s %s", role, t->name);
    int samples = t->per_sample && p->sample ? 1 : 0;
    for (int i = samples; i < t->rank; i++)
        text_printf(out, "%s%lld", i == samples ? "[" : ", ", (long long)t->axis[i]->extent);
    text_add(out, t->rank > samples ? "]" : "");
    if (t->classes) text_printf(out, ": class(%lld)", (long long)t->classes);
    text_add(out, "\n");
}

void program_print(const Program *p, bool with_backward, Text *out) {
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (t->role == TENSOR_INPUT) print_tensor(p, "input", t, out);
        if (t->role == TENSOR_TARGET) print_tensor(p, "target", t, out);
        if (t->role == TENSOR_PARAM) print_tensor(p, "param", t, out);
        if (t->role == TENSOR_STATE) print_tensor(p, "state", t, out);
    }
    print_list(p, p->training ? "forward" : "evaluation", p->forward.item, p->forward.count, out);
    if (with_backward) print_list(p, "backward", p->backward.item, p->backward.count, out);
    print_list(p, "update", p->update.item, p->update.count, out);
}
