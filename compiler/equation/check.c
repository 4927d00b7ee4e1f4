// check.c: the in-range proof. Every subscript lies inside of its axis: by the interval of its affine form over the ranges
// of its indices, or because a condition in scope (the guard of the equation or of a reduction, the branch of a select)
// differs from it by something that is never negative.
#include "equation/check.h"

typedef LIST(Affine) Facts; // forms known to be >= 0

typedef struct Proof {
    Program *p;
    const Equation *q;
    Facts facts;
    int failures;
} Proof;

static bool follows(Proof *f, Affine a) {
    if (affine_low(a) >= 0) return true;
    for (int i = 0; i < f->facts.count; i++) {
        Affine rest = affine_add(f->p, a, f->facts.item[i], -1);
        if (affine_low(rest) >= 0) return true;
        for (int k = 0; k < i; k++)
            if (affine_low(affine_add(f->p, rest, f->facts.item[k], -1)) >= 0) return true;
    }
    return false;
}

static void add_facts(Proof *f, const Expr *condition) {
    if (condition->kind == E_NONNEGATIVE)
        list_add(f->p->arena, f->facts, condition->affine);
    if (condition->kind == E_AND)
        for (int i = 0; i < condition->arg_count; i++) add_facts(f, condition->arg[i]);
}

static void complain(Proof *f, const Expr *subscript, const Tensor *t, int axis, const char *verb) {
    f->failures++;
    if (f->q->adjoint_of)
        internal_error("adjoint", "a subscript is not provably in range: %s",
                       equation_print(f->p, f->q));
    Diagnostics *to = f->p->compile->diagnostics;
    int64_t extent = t->axis[axis]->extent;
    Diagnostic *d = report(to, E_RANGE, f->q->span, "%s may fall outside of %s", verb, t->name);
    if (subscript->kind == E_INDEX)
        report_note(to, d, (Span){0}, "the subscript %s takes values from %lld to %lld, the axis has %lld elements",
                    expr_print(f->p, subscript), (long long)affine_low(subscript->affine),
                    (long long)affine_high(subscript->affine), (long long)extent);
    else
        report_note(to, d, (Span){0}, "the values of %s run to %lld, the axis has %lld elements",
                    subscript->tensor->name, (long long)subscript->tensor->classes - 1,
                    (long long)extent);
    report_help(to, d, "say what stands outside, as in pad(%s[...], 0), or restrict the index",
                t->label ? t->label : t->name);
}

static void prove_subscript(Proof *f, const Expr *s, const Tensor *t, int axis, const char *verb) {
    int64_t extent = t->axis[axis]->extent;
    bool fine;
    if (s->kind == E_INDEX)
        fine = follows(f, s->affine) &&
               follows(f, affine_add(f->p, affine_constant(extent - 1), s->affine, -1));
    else fine = s->kind == E_READ && s->tensor->classes > 0 && s->tensor->classes <= extent;
    if (!fine) complain(f, s, t, axis, verb);
}

static void prove(Proof *f, const Expr *e);

static void prove_under(Proof *f, const Expr *condition, const Expr *e) {
    int mark = f->facts.count;
    add_facts(f, condition);
    prove(f, e);
    f->facts.count = mark;
}

static void prove(Proof *f, const Expr *e) {
    int mark = f->facts.count;
    switch (e->kind) {
    case E_READ:
        for (int i = 0; i < e->arg_count; i++)
            prove_subscript(f, e->arg[i], e->tensor, i, "a read");
        break;
    case E_REDUCE:
        prove(f, e->arg[0]);
        prove_under(f, e->arg[0], e->arg[1]);
        return;
    case E_SELECT:
        prove(f, e->arg[0]);
        prove_under(f, e->arg[0], e->arg[1]);
        prove_under(f, e->arg[0]->kind == E_NONNEGATIVE ? expr_not(f->p, e->arg[0]) : expr_true(f->p),
                    e->arg[2]);
        return;
    case E_AND: // evaluated from left to right
        for (int i = 0; i < e->arg_count; i++) {
            prove(f, e->arg[i]);
            add_facts(f, e->arg[i]);
        }
        f->facts.count = mark;
        return;
    case E_NUMBER: case E_BATCH: case E_INDEX: case E_ADD: case E_MUL: case E_DIV: case E_CALL:
    case E_STOP: case E_RANDOM: case E_TRUE: case E_FALSE: case E_NONNEGATIVE: case E_LESS:
    case E_LESS_EQUAL: case E_EQUAL: case E_OR: case E_NOT: break;
    }
    for (int i = 0; i < e->arg_count; i++) prove(f, e->arg[i]);
}

static bool prove_equation(Program *p, const Equation *q) {
    Proof f = {.p = p, .q = q};
    add_facts(&f, q->guard);
    for (int i = 0; i < q->out->rank; i++) {
        prove_subscript(&f, q->subscript[i], q->out, i, "the left side");
        if (q->subscript[i]->kind == E_READ) prove(&f, q->subscript[i]);
    }
    prove(&f, q->value);
    return f.failures == 0;
}

bool program_check(Program *p) {
    int before = p->compile->diagnostics->diagnostic.count;
    for (int i = 0; i < p->forward.count; i++) prove_equation(p, p->forward.item[i]);
    for (int i = 0; i < p->update.count; i++) prove_equation(p, p->update.item[i]);
    for (int i = 0; i < p->backward.count; i++) prove_equation(p, p->backward.item[i]);
    check_cover(p);
    Groups groups = {0};
    equations_order(p, p->compile, p->forward.item, p->forward.count, &groups);
    if (p->backward.count && !equations_order(p, NULL, p->backward.item, p->backward.count, &groups))
        internal_error("adjoint", "no axis orders a recurrence of gradients");
    return p->compile->diagnostics->diagnostic.count == before;
}
