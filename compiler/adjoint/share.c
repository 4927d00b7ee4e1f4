// share.c: rule R7: equal sums are computed once, preferably in an equation that exists.
//
// The two sums of batch normalisation are also the gradients of its bias and weight; here they are found to be.
#include "adjoint/internal.h"

enum { MAX_FREE = 16 };

typedef struct Owner {
    const Expr *sum;
    const Equation *q; // q is: out[its plain left side] = sum
} Owner;

typedef LIST(Owner) Owners;

static bool covers(const Equation *q, const Expr *sum) {
    for (int i = 0; i < q->index_count; i++)
        if (!expr_uses_index(sum, q->index[i])) return false;
    return true;
}

static void add_owners(Program *p, Equation *const *equation, int count, Owners *owners) {
    for (int i = 0; i < count; i++) {
        const Equation *q = equation[i];
        if (q->value->kind != E_REDUCE || q->value->reduction != REDUCE_SUM) continue;
        if (q->out->definition == q && covers(q, q->value))
            list_add(p->arena, *owners, ((Owner){q->value, q}));
    }
}

// The owner's element that equals `sum`, or NULL.
static const Expr *read_of(Program *p, const Owner *o, const Expr *sum) {
    IndexPair pair[MAX_FREE];
    int pairs;
    if (!expr_same(o->sum, sum, true, pair, &pairs, MAX_FREE)) return NULL;
    const Equation *q = o->q;
    const Expr **subscript = arena_new_array(p->arena, const Expr *, q->out->rank + 1);
    for (int d = 0; d < q->out->rank; d++) {
        const Index *v = affine_bare(q->subscript[d]->affine);
        subscript[d] = q->subscript[d];
        for (int i = 0; i < pairs && v; i++)
            if (pair[i].a == v) subscript[d] = expr_index(p, pair[i].b);
    }
    return expr_read(p, q->out, subscript);
}

typedef struct Found {
    const Expr *sum;
    Equation *in;
} Found;

typedef LIST(Found) FoundList;

static void find_sums(Program *p, Equation *q, const Expr *e, FoundList *found) {
    if (e->kind == E_REDUCE && e->reduction == REDUCE_SUM)
        list_add(p->arena, *found, ((Found){e, q}));
    for (int i = 0; i < e->arg_count; i++) find_sums(p, q, e->arg[i], found);
}

static bool has_owner(Program *p, const Owners *owners, const Expr *sum) {
    for (int i = 0; i < owners->count; i++)
        if (read_of(p, &owners->item[i], sum)) return true;
    return false;
}

static bool in_list(const FoundList *found, int from, const Expr *sum) {
    IndexPair pair[MAX_FREE];
    int pairs;
    for (int i = from; i < found->count; i++)
        if (expr_same(found->item[i].sum, sum, true, pair, &pairs, MAX_FREE)) return true;
    return false;
}

static const Expr *first_read(const Expr *e) {
    if (e->kind == E_READ) return e;
    for (int i = 0; i < e->arg_count; i++) {
        const Expr *r = first_read(e->arg[i]);
        if (r) return r;
    }
    return NULL;
}

// A new equation for a sum that stands in several: sum_X[free indices] = sum(...).
static void name_sum(Program *p, const Found *f, Owners *owners) {
    const Index *axis[MAX_FREE];
    IndexMap map[MAX_FREE];
    int count = 0, mapped = 0;
    bool per_sample = false;
    for (int i = 0; i < f->in->index_count; i++) {
        const Index *v = f->in->index[i];
        if (!expr_uses_index(f->sum, v)) continue;
        if (count == MAX_FREE) return;
        per_sample = per_sample || v->is_sample;
        const Index *to = v->is_sample ? p->sample : index_new(p, v->name, v->size, v->extent);
        map[mapped++] = (IndexMap){v, affine_index(p, to)};
        if (!v->is_sample) axis[count++] = to;
    }
    const Expr *read = first_read(f->sum->arg[1]);
    const Tensor *of = read ? read->tensor : f->in->out;
    Name name = name_printf(p->compile->names, "sum_%s", of->name);
    Tensor *t = tensor_new(p, name, name_printf(p->compile->names, "sum_%s", of->label ? of->label : of->name),
                           TENSOR_GRADIENT, per_sample, axis, count);
    t->stage = f->in->stage;
    t->span = f->in->span;
    Equation *q = equation_whole(p, t, expr_substitute(p, expr_freshen(p, f->sum), map, mapped));
    q->span = f->in->span;
    q->stage = f->in->stage;
    q->adjoint_of = f->in->adjoint_of;
    t->definition = q;
    list_add(p->arena, p->backward, q);
    list_add(p->arena, *owners, ((Owner){q->value, q}));
}

static const Expr *replace(Program *p, const Expr *e, const Owners *owners, const Equation *in) {
    if (!expr_has_reduction(e)) return e;
    if (e->kind == E_REDUCE && e->reduction == REDUCE_SUM)
        for (int i = 0; i < owners->count; i++) {
            if (owners->item[i].q == in) continue;
            const Expr *read = read_of(p, &owners->item[i], e);
            // An owner that was itself replaced by an equal one stands for nothing any more.
            if (read && owners->item[i].q->value->kind == E_REDUCE) return read;
        }
    const Expr **arg = arena_new_array(p->arena, const Expr *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) arg[i] = replace(p, e->arg[i], owners, in);
    return expr_rebuild(p, e, arg);
}

void share_sums(Program *p) {
    Owners owners = {0};
    FoundList found = {0};
    add_owners(p, p->backward.item, p->backward.count, &owners);
    add_owners(p, p->forward.item, p->forward.count, &owners);
    for (int i = 0; i < p->backward.count; i++)
        find_sums(p, p->backward.item[i], p->backward.item[i]->value, &found);
    for (int i = 0; i < found.count; i++)
        if (!has_owner(p, &owners, found.item[i].sum) && in_list(&found, i + 1, found.item[i].sum))
            name_sum(p, &found.item[i], &owners);
    for (int i = 0; i < p->backward.count; i++) {
        Equation *q = p->backward.item[i];
        q->value = simplify_reductions(p, replace(p, q->value, &owners, q));
    }
}
