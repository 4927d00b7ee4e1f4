// solve.c: from "d_X[A(i)] += value for all i" to "d_X[j] = sum of value over the i with A(i) = j".
//
// Axis by axis (equations.md section 3): a lone index is renamed; a constant, a shifted index or a mixed radix stays on the
// left; an affine form with a coefficient of 1 is solved for that index, whose range becomes a guard; a read of an
// integer tensor becomes an indicator if nothing is left to sum. Whatever else there is makes it a scatter.
#include "adjoint/solve.h"

typedef struct Solver {
    Program *p;
    const Tensor *t;
    const Expr **subscript; // with indices of its own
    const Index **index;
    int index_count;
    const Expr *guard, *value;
    // Per index: solved for, or kept on the left, or else left to sum over.
    bool *bound, *kept;
    Affine *solution;
    bool *done; // per axis
    bool *on_left;
    bool has_piece, has_delta;
    int time_axis;
} Solver;

static const Expr *replaced(Solver *s, const Expr *e, const IndexMap *map, int count) {
    return expr_substitute(s->p, e, map, count);
}

// Renames the contribution's indices apart from the axes of t, which are the indices of the equation to be.
static void rename_apart(Solver *s, const Contribution *c) {
    Program *p = s->p;
    IndexMap *map = arena_new_array(p->arena, IndexMap, c->index_count + 1);
    int renamed = 0;
    s->index_count = c->index_count;
    s->index = arena_new_array(p->arena, const Index *, c->index_count + 1);
    for (int i = 0; i < c->index_count; i++) {
        const Index *old = c->index[i];
        s->index[i] = old;
        for (int d = 0; d < s->t->rank; d++) {
            if (s->t->axis[d] != old || s->index[i] != old) continue;
            Index *new = (Index *)index_new(p, old->name, old->size, old->extent);
            new->is_sample = old->is_sample;
            map[renamed++] = (IndexMap){old, affine_index(p, new)};
            s->index[i] = new;
        }
    }
    s->subscript = arena_new_array(p->arena, const Expr *, s->t->rank + 1);
    for (int d = 0; d < s->t->rank; d++) s->subscript[d] = replaced(s, c->subscript[d], map, renamed);
    s->guard = replaced(s, c->guard, map, renamed);
    s->value = expr_freshen(p, replaced(s, c->value, map, renamed));
}

static int place_of(const Solver *s, const Index *index) {
    for (int i = 0; i < s->index_count; i++)
        if (s->index[i] == index) return i;
    internal_error("adjoint", "an index of a read of %s is in no domain", s->t->name);
}

static bool is_free(const Solver *s, const Index *index) {
    int i = place_of(s, index);
    return !s->bound[i] && !s->kept[i];
}

static int axes_using(const Solver *s, const Index *index) {
    int axes = 0;
    for (int d = 0; d < s->t->rank; d++) axes += expr_uses_index(s->subscript[d], index);
    return axes;
}

static void bind(Solver *s, const Index *index, Affine solution, int axis) {
    int i = place_of(s, index);
    s->bound[i] = true;
    s->solution[i] = solution;
    s->done[axis] = true;
}

// Case 1: a lone index over the whole axis.
static void rename_axis(Solver *s, int d) {
    const Expr *e = s->subscript[d];
    if (s->t->axis[d]->extent == 1 && e->kind == E_INDEX && e->affine.count == 0) {
        s->done[d] = true;
        return;
    }
    const Index *v = e->kind == E_INDEX ? affine_bare(e->affine) : NULL;
    if (v && is_free(s, v) && axes_using(s, v) == 1 && v->extent == s->t->axis[d]->extent)
        bind(s, v, affine_index(s->p, s->t->axis[d]), d);
}

// Case 2: what can stand on the left: every element is met at most once, and none outside.
static bool keep_axis(Solver *s, int d) {
    Affine a = s->subscript[d]->affine;
    if (d == s->time_axis) return false;
    for (int i = 0; i < a.count; i++)
        if (!is_free(s, a.term[i].index) || axes_using(s, a.term[i].index) != 1) return false;
    if (!affine_is_radix(a) || affine_low(a) < 0 || affine_high(a) >= s->t->axis[d]->extent)
        return false;
    for (int i = 0; i < a.count; i++) s->kept[place_of(s, a.term[i].index)] = true;
    s->done[d] = s->on_left[d] = s->has_piece = true;
    return true;
}

// Case 3: j = rest + v gives v = j - rest. Of several the one that stands on this axis only, then the longest.
static bool solve_axis(Solver *s, int d) {
    Affine a = s->subscript[d]->affine;
    if (a.count == 0) { // one step of a recurrence
        const Expr *here = expr_equal(s->p, expr_index(s->p, s->t->axis[d]), s->subscript[d]);
        s->guard = expr_and(s->p, s->guard, here);
        return s->done[d] = true;
    }
    const Index *best = NULL;
    bool best_alone = false;
    for (int i = 0; i < a.count; i++) {
        const AffineTerm *t = &a.term[i];
        if (t->coefficient > 1 || t->coefficient < -1) return false; // strided: a scatter is shorter
        if (!is_free(s, t->index)) continue;
        bool alone = axes_using(s, t->index) == 1;
        if (best && (best_alone > alone || (best_alone == alone && best->extent >= t->index->extent)))
            continue;
        best = t->index;
        best_alone = alone;
    }
    if (!best) return false;
    int64_t sign = affine_coefficient(a, best);
    Affine rest = affine_add(s->p, a, affine_index(s->p, best), -sign);
    Affine solution = affine_add(s->p, affine_index(s->p, s->t->axis[d]), rest, -1);
    solution = affine_scale(s->p, solution, sign);
    s->guard = expr_and(s->p, s->guard, expr_inside(s->p, solution, best->extent));
    bind(s, best, solution, d);
    return true;
}

static bool solve_axes(Solver *s) {
    for (int d = 0; d < s->t->rank; d++) rename_axis(s, d);
    for (int d = 0; d < s->t->rank; d++) {
        if (s->done[d]) continue;
        if (s->subscript[d]->kind != E_INDEX) s->has_delta = true;
        else if (!keep_axis(s, d) && !solve_axis(s, d)) return false;
    }
    if (!s->has_delta) return true;
    if (s->has_piece) return false;
    for (int i = 0; i < s->index_count; i++) // case 4 needs every index
        if (!s->bound[i]) return false;
    return true;
}

// A solution may speak of indices that were solved for later: replaces until only axes and left-over indices remain.
static IndexMap *resolve(Solver *s, int *count) {
    IndexMap *map = arena_new_array(s->p->arena, IndexMap, s->index_count + 1);
    *count = 0;
    for (int i = 0; i < s->index_count; i++)
        if (s->bound[i]) map[(*count)++] = (IndexMap){s->index[i], s->solution[i]};
    for (int pass = 0; pass < *count; pass++)
        for (int i = 0; i < *count; i++)
            map[i].to = expr_substitute(s->p, expr_affine(s->p, map[i].to), map, *count)->affine;
    return map;
}

// The digits of a mixed radix, greatest weight first.
static void add_digits(Solved *out, Affine a) {
    for (int64_t below = INT64_MAX; below > 0;) {
        int64_t weight = 0;
        for (int i = 0; i < a.count; i++)
            if (a.term[i].coefficient < below && a.term[i].coefficient > weight)
                weight = a.term[i].coefficient;
        for (int i = 0; i < a.count; i++)
            if (weight && a.term[i].coefficient == weight)
                out->index[out->index_count++] = a.term[i].index;
        below = weight;
    }
}

static void fill_domain(Solver *s, Solved *out) {
    out->index = arena_new_array(s->p->arena, const Index *, s->t->rank + s->index_count + 1);
    for (int d = 0; d < s->t->rank; d++)
        if (s->on_left[d]) add_digits(out, s->subscript[d]->affine);
        else out->index[out->index_count++] = s->t->axis[d];
}

static Solved scatter(Program *p, const Tensor *t, const Contribution *c) {
    Solver s = {.p = p, .t = t};
    rename_apart(&s, c);
    return (Solved){.form = FORM_SCATTER, .subscript = s.subscript, .index = s.index,
                    .index_count = s.index_count, .guard = s.guard, .value = s.value, .from = c->from};
}

// The value with its guards and deltas, summed over what is left.
static const Expr *summed(Solver *s, const IndexMap *map, int count) {
    Program *p = s->p;
    const Expr *value = replaced(s, s->value, map, count), *guard = replaced(s, s->guard, map, count);
    for (int d = 0; d < s->t->rank; d++)
        if (!s->done[d]) {
            const Expr *target = replaced(s, s->subscript[d], map, count);
            value = expr_select(p, expr_equal(p, expr_index(p, s->t->axis[d]), target), value,
                                expr_number(p, 0));
        }
    const Index **left = arena_new_array(p->arena, const Index *, s->index_count + 1);
    int left_count = 0;
    for (int i = 0; i < s->index_count; i++)
        if (!s->bound[i] && !s->kept[i]) left[left_count++] = s->index[i];
    return simplify_reductions(p, expr_reduce(p, REDUCE_SUM, left, left_count, guard, value));
}

Solved solve(Program *p, const Tensor *t, const Contribution *c, int time_axis) {
    Solver s = {.p = p, .t = t, .time_axis = time_axis};
    rename_apart(&s, c);
    s.bound = arena_new_array(p->arena, bool, s.index_count + 1);
    s.kept = arena_new_array(p->arena, bool, s.index_count + 1);
    s.solution = arena_new_array(p->arena, Affine, s.index_count + 1);
    s.done = arena_new_array(p->arena, bool, t->rank + 1);
    s.on_left = arena_new_array(p->arena, bool, t->rank + 1);
    if (!solve_axes(&s)) return scatter(p, t, c);
    int count;
    IndexMap *map = resolve(&s, &count);
    Solved out = {.form = s.has_piece ? FORM_PIECE : FORM_GATHER, .guard = expr_true(p), .from = c->from};
    out.subscript = arena_new_array(p->arena, const Expr *, t->rank + 1);
    for (int d = 0; d < t->rank; d++)
        out.subscript[d] = s.on_left[d] ? replaced(&s, s.subscript[d], map, count)
                                        : expr_index(p, t->axis[d]);
    fill_domain(&s, &out);
    out.value = summed(&s, map, count);
    return out;
}
