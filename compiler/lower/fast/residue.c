// residue.c: strided scatters as gathers, one a residue class of the elements they reach.
//
//     out[s*p + d*r + k] += e[p, r]    reaches    out[s*j + a] for    r = (s/g)*r' + rho,
//     p = j - (d/g)*r' - (d*rho + k - a)/s,    g = gcd(s, d),    s divides d*rho + k - a,
//
// for each a < s, if there is such a rho < s/g (equations.md, case 3s). With a alone on the left
// each class is a sum of products at unit steps, which the kernels take. A scatter that no rule of
// vectors would take stays as it is.
#include "lower/fast/fast.h"

enum { MAX_CLASSES = 64 };

// One axis of the scatter's left side: stride*element + step*tap + constant.
typedef struct Axis {
    const Index *element, *tap; // NULL: none
    int64_t stride, step, constant;
    int64_t of_tap, classes; // s/g; s
} Axis;

typedef struct Scatter {
    Fast *f;
    Program *p;
    const Equation *q;
    Axis *axis;
    int64_t classes; // of all axes together
} Scatter;

static int64_t common_divisor(int64_t a, int64_t b) {
    return b == 0 ? a : common_divisor(b, a % b);
}

static int64_t modulo(int64_t a, int64_t b) {
    return (a % b + b) % b;
}

// --- reading the left side

typedef struct WeightUse {
    const Index *index;
    bool found;
} WeightUse;

static void find_weight(const Expr *read, void *data) {
    WeightUse *u = data;
    if (!read->tensor->per_sample && expr_uses_index(read, u->index)) u->found = true;
}

// Taps are what weights are read at; of two indices that could be one, the shorter is.
static bool is_tap(const Equation *q, const Index *i, const Index *other) {
    WeightUse own = {i, false}, its = {other, false};
    expr_each_read(q->value, find_weight, &own);
    expr_each_read(q->value, find_weight, &its);
    return own.found != its.found ? own.found : i->extent < other->extent;
}

static bool stands_elsewhere(const Equation *q, int axis, const Index *i) {
    for (int d = 0; d < q->out->rank; d++)
        if (d != axis && expr_uses_index(q->subscript[d], i)) return true;
    return false;
}

static bool read_axis(const Equation *q, int d, Axis *axis) {
    if (q->subscript[d]->kind != E_INDEX) return false;
    Affine a = q->subscript[d]->affine;
    *axis = (Axis){.constant = a.constant, .stride = 1, .of_tap = 1, .classes = 1};
    if (a.count == 0) return q->out->axis[d]->extent == 1;
    if (a.count > 2) return false;
    for (int i = 0; i < a.count; i++)
        if (stands_elsewhere(q, d, a.term[i].index)) return false;
    int element = a.count == 2 && is_tap(q, a.term[0].index, a.term[1].index);
    axis->element = a.term[element].index;
    axis->stride = axis->classes = a.term[element].coefficient;
    if (a.count == 2) {
        axis->tap = a.term[1 - element].index;
        axis->step = a.term[1 - element].coefficient;
    }
    if (axis->stride < 1) return false;
    int64_t step = axis->step < 0 ? -axis->step : axis->step;
    axis->of_tap = axis->stride / common_divisor(axis->stride, step);
    return true;
}

static void find_int(const Expr *read, void *data) {
    if (read->tensor->is_int) *(bool *)data = true;
}

// Whether what is added is one sum, or none, of numbers.
static bool value_fits(const Equation *q) {
    bool reads_int = false;
    expr_each_read(q->value, find_int, &reads_int);
    bool is_sum = q->value->kind == E_REDUCE && q->value->reduction == REDUCE_SUM &&
                  !expr_has_reduction(q->value->arg[1]);
    return !reads_int && (is_sum || !expr_has_reduction(q->value));
}

static bool is_on_left(const Scatter *s, const Index *i) {
    for (int d = 0; d < s->q->out->rank; d++)
        if (s->axis[d].element == i) return true;
    return false;
}

static bool read_scatter(Fast *f, const Equation *q, Scatter *s) {
    *s = (Scatter){.f = f, .p = f->l->program, .q = q, .classes = 1};
    if (q->op != EQUATION_ADD || !q->out->per_sample || !value_fits(q)) return false;
    s->axis = arena_new_array(f->arena, Axis, q->out->rank + 1);
    for (int d = 0; d < q->out->rank; d++) {
        if (!read_axis(q, d, &s->axis[d]) || s->axis[d].classes > MAX_CLASSES) return false;
        s->classes *= s->axis[d].classes;
        if (s->classes > MAX_CLASSES) return false;
    }
    for (int i = 0; i < q->index_count; i++)
        if (q->index[i]->is_sample && !is_on_left(s, q->index[i])) return false;
    return s->classes > 1;
}

// --- one class

typedef struct Class {
    const Scatter *s;
    const Expr **subscript;
    const Index **index;  // of the left side
    const Index **reduce; // what is summed
    int index_count, reduce_count;
    IndexMap *map; // of the scatter's indices
    int map_count;
    const Expr *guard;
    bool is_reached, is_empty; // some tap reaches it; it has no elements
} Class;

static Affine new_index(const Scatter *s, const Index *like, int64_t extent, const Index **list,
                        int *count) {
    Name size = extent == like->extent ? like->size : NULL;
    Index *i = (Index *)index_new(s->p, like->name, size, extent);
    i->is_sample = like->is_sample;
    if (extent > 1) list[(*count)++] = i;
    return affine_index(s->p, i);
}

static void map_index(Class *c, const Index *from, Affine to) {
    c->map[c->map_count++] = (IndexMap){from, to};
}

// The tap that reaches residue a; -1 if none does.
static int64_t first_tap(const Axis *axis, int64_t a) {
    for (int64_t rho = 0; rho < axis->of_tap; rho++)
        if (modulo(axis->step * rho + axis->constant - a, axis->stride) == 0) return rho;
    return -1;
}

static void class_axis(Class *c, int d, int64_t a) {
    const Scatter *s = c->s;
    Program *p = s->p;
    const Axis *axis = &s->axis[d];
    const Index *whole = s->q->out->axis[d];
    int64_t elements = (whole->extent - a + axis->stride - 1) / axis->stride;
    if (elements < 1) {
        c->is_empty = true;
        return;
    }
    Affine j = new_index(s, whole, elements, c->index, &c->index_count);
    Affine left = affine_add(p, affine_constant(a), j, axis->stride);
    c->subscript[d] = expr_affine(p, left);
    if (!axis->element) return;
    int64_t rho = first_tap(axis, a);
    int64_t taps = axis->tap ? (axis->tap->extent - rho + axis->of_tap - 1) / axis->of_tap : 1;
    if (rho < 0 || taps < 1) {
        c->is_reached = false;
        return;
    }
    Affine tap = affine_constant(rho);
    if (axis->tap) {
        Affine step = new_index(s, axis->tap, taps, c->reduce, &c->reduce_count);
        tap = affine_add(p, tap, step, axis->of_tap);
        map_index(c, axis->tap, tap);
    }
    // (s*j + a - d*r - k)/s, of which every coefficient is a multiple of s
    Affine rest =
        affine_add(p, affine_add(p, left, tap, -axis->step), affine_constant(axis->constant), -1);
    AffineTerm *term = arena_new_array(s->f->arena, AffineTerm, rest.count + 1);
    for (int i = 0; i < rest.count; i++)
        term[i] = (AffineTerm){rest.term[i].index, rest.term[i].coefficient / axis->stride};
    Affine element = {rest.constant / axis->stride, rest.count, term};
    map_index(c, axis->element, element);
    c->guard = expr_and(p, c->guard, expr_inside(p, element, axis->element->extent));
}

static bool is_mapped(const Class *c, const Index *i) {
    for (int k = 0; k < c->map_count; k++)
        if (c->map[k].from == i) return true;
    return false;
}

static Class class_of(const Scatter *s, int64_t number) {
    const Equation *q = s->q;
    Arena *arena = s->f->arena;
    int most = q->out->rank + q->index_count + q->value->index_count + 1;
    Class c = {.s = s, .guard = expr_true(s->p), .is_reached = true};
    c.subscript = arena_new_array(arena, const Expr *, q->out->rank + 1);
    c.index = arena_new_array(arena, const Index *, most);
    c.reduce = arena_new_array(arena, const Index *, most);
    c.map = arena_new_array(arena, IndexMap, most);
    for (int d = q->out->rank - 1; d >= 0; d--) {
        class_axis(&c, d, number % s->axis[d].classes);
        number /= s->axis[d].classes;
    }
    for (int i = 0; i < q->index_count; i++)
        if (!is_mapped(&c, q->index[i]))
            map_index(&c, q->index[i],
                      new_index(s, q->index[i], q->index[i]->extent, c.reduce, &c.reduce_count));
    return c;
}

// What the scatter adds to an element of the class.
static const Expr *class_value(Class *c) {
    Program *p = c->s->p;
    const Equation *q = c->s->q;
    const Expr *value = expr_freshen(p, q->value), *guard = q->guard;
    if (value->kind == E_REDUCE) {
        for (int i = 0; i < value->index_count; i++) c->reduce[c->reduce_count++] = value->index[i];
        guard = expr_and(p, guard, value->arg[0]);
        value = value->arg[1];
    }
    guard = expr_and(p, expr_substitute(p, guard, c->map, c->map_count), c->guard);
    value = expr_substitute(p, value, c->map, c->map_count);
    return expr_reduce(p, REDUCE_SUM, c->reduce, c->reduce_count, guard, value);
}

static Equation *class_equation(Class *c, EquationOp op, const Expr *value) {
    const Equation *q = c->s->q;
    Equation *new =
        equation_new(c->s->p, q->out, c->subscript, c->index, c->index_count, op, value);
    new->span = q->span;
    new->stage = q->stage;
    new->adjoint_of = q->adjoint_of;
    return new;
}

// --- the definition that the scatter adds to

// The value of the only `=` of a tensor, if it can be given class by class; its element is the
// class's.
static const Expr *start_of(Class *c, const Equation *set) {
    Program *p = c->s->p;
    IndexMap *map = arena_new_array(c->s->f->arena, IndexMap, set->index_count + 1);
    int count = 0;
    for (int d = 0; d < set->out->rank; d++) {
        const Index *i = expr_bare_index(set->subscript[d]);
        if (i) map[count++] = (IndexMap){i, c->subscript[d]->affine};
    }
    return expr_substitute(p, set->value, map, count);
}

static bool is_whole(const Equation *set) {
    for (int d = 0; d < set->out->rank; d++) {
        const Index *i = expr_bare_index(set->subscript[d]);
        int64_t extent = set->out->axis[d]->extent;
        if (i ? i->extent != extent || stands_elsewhere(set, d, i) : extent != 1) return false;
    }
    return set->guard->kind == E_TRUE;
}

// The definition that can be folded into the classes of a scatter, or NULL.
static Equation *foldable(const Tensor *t, Equation *const *equation, int count) {
    Equation *found = NULL;
    for (int i = 0; i < count; i++) {
        if (equation[i]->out != t || equation[i]->op != EQUATION_SET) continue;
        if (found || !is_whole(equation[i]) || expr_has_reduction(equation[i]->value)) return NULL;
        found = equation[i];
    }
    return found;
}

// --- all equations of a function

typedef struct Split {
    Fast *f;
    Equations out;
    Map folded; // definitions that are in the classes of a scatter
} Split;

static void split(Split *x, const Scatter *s, const Equation *set) {
    for (int64_t i = 0; i < s->classes; i++) {
        Class c = class_of(s, i);
        if (c.is_empty || (!c.is_reached && !set)) continue;
        const Expr *value = set ? start_of(&c, set) : expr_number(s->p, 0);
        if (c.is_reached) value = expr_add(s->p, value, class_value(&c));
        list_add(x->f->arena, x->out, class_equation(&c, set ? EQUATION_SET : EQUATION_ADD, value));
    }
}

static int64_t reached(const Scatter *s) {
    int64_t count = 0;
    for (int64_t i = 0; i < s->classes; i++) {
        Class c = class_of(s, i);
        count += !c.is_empty && c.is_reached;
    }
    return count;
}

// Of the scatters of a tensor the one that reaches most classes takes the definition along.
static bool takes_definition(const Scatter *s, Equation *const *equation, int count) {
    int64_t own = reached(s);
    bool is_later = false;
    for (int i = 0; i < count; i++) {
        Scatter other;
        if (equation[i] == s->q) is_later = true;
        if (equation[i] == s->q || equation[i]->out != s->q->out) continue;
        if (!read_scatter(s->f, equation[i], &other)) continue;
        int64_t its = reached(&other);
        if (its > own || (its == own && !is_later)) return false;
    }
    return true;
}

Equations residue_split(Fast *f, Equation *const *equation, int count) {
    Split x = {.f = f, .folded.arena = f->arena};
    for (int pass = 0; pass < 2; pass++) // definitions come before what is added to them
        for (int i = 0; i < count; i++) {
            Scatter s;
            bool is_scatter = read_scatter(f, equation[i], &s);
            Equation *set = is_scatter ? foldable(equation[i]->out, equation, count) : NULL;
            if (set && !takes_definition(&s, equation, count)) set = NULL;
            if ((pass == 0) != (set != NULL)) continue;
            if (set) map_set(&x.folded, set, set);
            if (is_scatter)
                split(&x, &s, set);
            else if (!map_get(&x.folded, equation[i]))
                list_add(f->arena, x.out, equation[i]);
        }
    return x.out;
}
