// same.c: equality up to the order of sums and products and a renaming of indices.
//
// A match of indices grows while two trees are walked side by side; where arguments may stand in any order each
// assignment is tried and undone. A budget bounds the search: running out means "not found to be equal", which costs a
// shared sum at worst.
#include "equation/equation.h"

enum { MAX_PAIRS = 64, MAX_SCOPES = 64, BUDGET = 20000 };

typedef struct Bound {
    const Index *const *index;
    int count;
} Bound;

typedef struct Match {
    bool free_too;
    int pair_count, scope_count, budget;
    const Index *a[MAX_PAIRS], *b[MAX_PAIRS];
    Bound bound_a[MAX_SCOPES], bound_b[MAX_SCOPES];
} Match;

static bool same(Match *m, const Expr *a, const Expr *b);

static int scope_of(const Bound *bound, int count, const Index *i) {
    for (int s = count - 1; s >= 0; s--)
        for (int k = 0; k < bound[s].count; k++)
            if (bound[s].index[k] == i) return s;
    return -1;
}

static bool same_index(Match *m, const Index *a, const Index *b) {
    for (int k = 0; k < m->pair_count; k++)
        if (m->a[k] == a || m->b[k] == b) return m->a[k] == a && m->b[k] == b;
    int scope = scope_of(m->bound_a, m->scope_count, a);
    if (scope != scope_of(m->bound_b, m->scope_count, b)) return false;
    if (scope < 0 && !m->free_too) return a == b;
    if (a->extent != b->extent || a->is_sample != b->is_sample || m->pair_count == MAX_PAIRS)
        return false;
    m->a[m->pair_count] = a;
    m->b[m->pair_count++] = b;
    return true;
}

static bool same_terms(Match *m, Affine a, Affine b, int i, uint64_t taken) {
    if (i == a.count) return true;
    for (int j = 0; j < b.count; j++) {
        if (taken >> j & 1 || a.term[i].coefficient != b.term[j].coefficient) continue;
        int mark = m->pair_count;
        if (m->budget-- > 0 && same_index(m, a.term[i].index, b.term[j].index) &&
            same_terms(m, a, b, i + 1, taken | (uint64_t)1 << j))
            return true;
        m->pair_count = mark;
    }
    return false;
}

static bool same_affine(Match *m, Affine a, Affine b) {
    return a.constant == b.constant && a.count == b.count && a.count <= 64 &&
           same_terms(m, a, b, 0, 0);
}

static bool same_in_any_order(Match *m, const Expr *a, const Expr *b, int i, uint64_t taken) {
    if (i == a->arg_count) return true;
    for (int j = 0; j < b->arg_count; j++) {
        if (taken >> j & 1 || a->arg[i]->shape != b->arg[j]->shape) continue;
        int mark = m->pair_count;
        if (m->budget-- > 0 && same(m, a->arg[i], b->arg[j]) &&
            same_in_any_order(m, a, b, i + 1, taken | (uint64_t)1 << j))
            return true;
        m->pair_count = mark;
    }
    return false;
}

static bool same_arguments(Match *m, const Expr *a, const Expr *b) {
    bool commutes = a->kind == E_ADD || a->kind == E_MUL || a->kind == E_AND || a->kind == E_OR;
    if (commutes && a->arg_count <= 64) return same_in_any_order(m, a, b, 0, 0);
    for (int i = 0; i < a->arg_count; i++)
        if (!same(m, a->arg[i], b->arg[i])) return false;
    return true;
}

// Leaving a scope forgets its indices: a shared reduction may stand twice in one tree and match differently.
static void drop_bound_pairs(Match *m) {
    int kept = 0;
    for (int k = 0; k < m->pair_count; k++)
        if (scope_of(m->bound_a + m->scope_count - 1, 1, m->a[k]) < 0) {
            m->a[kept] = m->a[k];
            m->b[kept++] = m->b[k];
        }
    m->pair_count = kept;
}

// argmax numbers the elements of its window, so the order of its indices matters.
static bool same_reduction(Match *m, const Expr *a, const Expr *b) {
    if (m->scope_count == MAX_SCOPES) return false;
    m->bound_a[m->scope_count] = (Bound){a->index, a->index_count};
    m->bound_b[m->scope_count++] = (Bound){b->index, b->index_count};
    bool equal = true;
    if (a->reduction == REDUCE_ARGMAX || a->reduction == REDUCE_ARGMIN)
        for (int i = 0; i < a->index_count; i++)
            equal = equal && same_index(m, a->index[i], b->index[i]);
    // The body first: it settles which index is which, and guards have less to tell them apart.
    equal = equal && same(m, a->arg[1], b->arg[1]) && same(m, a->arg[0], b->arg[0]);
    drop_bound_pairs(m);
    m->scope_count--;
    return equal;
}

static bool same(Match *m, const Expr *a, const Expr *b) {
    if (a == b && !m->free_too && m->pair_count == 0) return true;
    if (a->shape != b->shape || a->kind != b->kind || a->arg_count != b->arg_count ||
        a->index_count != b->index_count || a->tensor != b->tensor || a->function != b->function ||
        a->reduction != b->reduction || a->number != b->number || a->stream != b->stream)
        return false;
    if (m->budget-- <= 0) return false;
    if (a->kind == E_INDEX || a->kind == E_NONNEGATIVE) return same_affine(m, a->affine, b->affine);
    return a->kind == E_REDUCE ? same_reduction(m, a, b) : same_arguments(m, a, b);
}

bool expr_same(const Expr *a, const Expr *b, bool free_too, IndexPair *pair, int *pair_count,
               int capacity) {
    if (a->shape != b->shape) return false;
    Match m;
    m.free_too = free_too;
    m.pair_count = m.scope_count = 0;
    m.budget = BUDGET;
    if (!same(&m, a, b)) return false;
    if (!pair) return true;
    if (m.pair_count > capacity) return false;
    for (int k = 0; k < m.pair_count; k++) pair[k] = (IndexPair){m.a[k], m.b[k]};
    *pair_count = m.pair_count;
    return true;
}
