// cover.c: each tensor is defined once and completely.
//
// Either one equation defines the whole tensor, or several define disjoint parts that cover it: boxes that do not meet on
// some axis, or residues that differ; then equal volumes prove the cover. `+=` adds to what is defined already.
#include "equation/check.h"

typedef LIST(const Equation *) Equations;

static int64_t common_divisor(int64_t a, int64_t b) {
    if (a < 0) a = -a;
    while (b) {
        int64_t r = a % b;
        a = b;
        b = r < 0 ? -r : r;
    }
    return a;
}

// The forms a and b never meet: intervals apart, or different residues modulo a common divisor of all coefficients.
static bool apart(Affine a, Affine b) {
    if (affine_high(a) < affine_low(b) || affine_high(b) < affine_low(a)) return true;
    int64_t g = 0;
    for (int i = 0; i < a.count; i++) g = common_divisor(g, a.term[i].coefficient);
    for (int i = 0; i < b.count; i++) g = common_divisor(g, b.term[i].coefficient);
    return g > 1 && (a.constant - b.constant) % g != 0;
}

static bool disjoint(const Equation *a, const Equation *b) {
    for (int i = 0; i < a->out->rank; i++)
        if (a->subscript[i]->kind == E_INDEX && b->subscript[i]->kind == E_INDEX &&
            apart(a->subscript[i]->affine, b->subscript[i]->affine))
            return true;
    return false;
}

// Different values of the indices write different elements.
static bool injective(const Equation *q) {
    for (int i = 0; i < q->out->rank; i++)
        if (q->subscript[i]->kind != E_INDEX || !affine_is_radix(q->subscript[i]->affine)) return false;
    for (int k = 0; k < q->index_count; k++) {
        int axes = 0;
        for (int i = 0; i < q->out->rank; i++)
            axes += affine_coefficient(q->subscript[i]->affine, q->index[k]) != 0;
        if (axes != 1) return false;
    }
    return true;
}

static void check_tensor(Program *p, const Tensor *t, const Equations *set, const Equation *added) {
    Diagnostics *d = p->compile->diagnostics;
    int64_t total = 0, count = tensor_count(t);
    for (int i = 0; i < set->count; i++) {
        const Equation *q = set->item[i];
        if (!injective(q)) {
            Diagnostic *e = report(d, E_LEFT_SIDE, q->span,
                                   "the left side of %s does not tell every element apart", t->name);
            report_help(d, e, "each axis is a constant, a shifted index or a mixed radix such as g*O + o, "
                              "and each index stands on one axis");
            return;
        }
        for (int k = 0; k < i; k++)
            if (!disjoint(q, set->item[k])) {
                Diagnostic *e = report(d, E_DEFINED_TWICE, q->span,
                                       "elements of %s are defined twice", t->name);
                report_note(d, e, set->item[k]->span, "they were defined here");
                return;
            }
        int64_t v = equation_volume(q);
        if (__builtin_add_overflow(total, v, &total)) total = INT64_MAX;
    }
    if (total == count) return;
    const Equation *first = set->count ? set->item[0] : added;
    Diagnostic *e = report(d, E_DEFINED_PARTLY, first->span,
                           "%lld of %lld elements of %s are defined", (long long)total, (long long)count,
                           t->name);
    report_help(d, e, set->count ? "add equations for the remaining part, or restrict the tensor's axes"
                                 : "`+=` adds to what is there: define the tensor first, with `=`");
}

void check_cover(Program *p) {
    Equations *set = arena_new_array(p->arena, Equations, p->tensor.count + 1);
    const Equation **added = arena_new_array(p->arena, const Equation *, p->tensor.count + 1);
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        if (q->op == EQUATION_SET) list_add(p->arena, set[q->out->id], q);
        else added[q->out->id] = q;
    }
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (t->definition && t->definition->op == EQUATION_SET) continue;
        if (set[t->id].count || added[t->id]) check_tensor(p, t, &set[t->id], added[t->id]);
    }
}
