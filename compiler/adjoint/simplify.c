// simplify.c: the passes over the gradients, in order: inline, share, inline again, drop what nobody reads, sort.
#include "adjoint/internal.h"

static bool is_read(const Program *p, const Tensor *t) {
    for (int i = 0; i < p->backward.count; i++) {
        const Equation *q = p->backward.item[i];
        if (q->out == t) continue;
        if (expr_reads(q->value, t) || expr_reads(q->guard, t)) return true;
        for (int d = 0; d < q->out->rank; d++)
            if (expr_reads(q->subscript[d], t)) return true;
    }
    return false;
}

static void drop_unread(Program *p) {
    for (int i = p->backward.count - 1; i >= 0; i--) {
        const Equation *q = p->backward.item[i];
        if (gradient_is_wanted(q->out) || is_read(p, q->out)) continue;
        p->backward.count--;
        for (int k = i; k < p->backward.count; k++) p->backward.item[k] = p->backward.item[k + 1];
        i = p->backward.count; // what it read may be unread now
    }
}

static void sort(Program *p) {
    Groups groups = {0};
    if (!equations_order(p, NULL, p->backward.item, p->backward.count, &groups))
        internal_error("adjoint", "no axis orders a recurrence of gradients");
    int at = 0;
    for (int i = 0; i < groups.group.count; i++)
        for (int k = 0; k < groups.group.item[i].count; k++)
            p->backward.item[at++] = groups.group.item[i].equation[k];
}

void adjoint_simplify(Program *p) {
    program_find_definitions(p);
    for (int i = 0; i < p->backward.count; i++) {
        Equation *q = p->backward.item[i];
        q->value = simplify_reductions(p, q->value);
    }
    inline_gradients(p);
    program_find_definitions(p);
    share_sums(p);
    inline_gradients(p);
    drop_unread(p);
    program_find_definitions(p);
    sort(p);
}
