// remake.c: what is cheaper to compute again than to keep until a later phase.
//
// A tensor that a later phase reads must be stored for the whole batch and loaded again. Where it
// is a short formula of tensors that this later phase needs anyway, or of much smaller ones, the
// phase computes it again for itself: the tensor and its copies then live inside of one phase each,
// one sample at a time (lifetime.c). So the output of a normalisation is made again from what it
// normalises, and the gradient of a pooled tensor from that of the pool. What no equation of its
// own phase reads is not computed there at all, but in the first phase that reads it.
//
// A level of a unit is its phase (batch.c). Forward leaves behind which of its tensors can be made
// again, for backward.
#include "lower/fast/fast.h"

enum {
    MOST_NODES = 40,   // of the formula
    MUCH_SMALLER = 4,  // times fewer elements
    WORTH_WHILE = 512 // elements of a sample
};

typedef struct Remake {
    Fast *f;
    Units *units;
} Remake;

// --- who reads a tensor

static bool unit_reads(const Unit *u, const Tensor *t) {
    for (int i = 0; i < u->group.count; i++) {
        const Equation *q = u->group.equation[i];
        if (expr_reads(q->value, t) || expr_reads(q->guard, t)) return true;
        for (int d = 0; d < q->out->rank; d++)
            if (expr_reads(q->subscript[d], t)) return true;
    }
    return false;
}

static bool unit_writes(const Unit *u, const Tensor *t) {
    for (int i = 0; i < u->group.count; i++)
        if (u->group.equation[i]->out == t) return true;
    return false;
}

// The phase that must be done before the unit, or is its own.
static int phase_of(const Unit *u) {
    bool before = u->kind == UNIT_GLOBAL || u->kind == UNIT_WIDE;
    return before ? u->level - 1 : u->level;
}

// The first phase that reads t; -1 if none does.
static int first_reader(const Remake *r, const Tensor *t) {
    int first = -1;
    for (int i = 0; i < r->units->count; i++) {
        const Unit *u = &r->units->item[i];
        if (unit_reads(u, t) && (first < 0 || phase_of(u) < first)) first = phase_of(u);
    }
    return first;
}

static int writers(const Remake *r, const Tensor *t) {
    int count = 0;
    for (int i = 0; i < r->units->count; i++) count += unit_writes(&r->units->item[i], t);
    return count;
}

// --- which formulas can be computed elsewhere

static int64_t elements(const Tensor *t) {
    int64_t count = 1;
    for (int i = 0; i < t->rank; i++)
        if (!t->axis[i]->is_sample) count *= t->axis[i]->extent;
    return count;
}

// What a formula reads of the samples, in a phase: `of` is what it computes.
typedef struct Reads {
    const Remake *r;
    const Tensor *of;
    int level;
    bool all_small, at_hand;
} Reads;

static bool is_touched(const Reads *s, const Tensor *t) {
    for (int i = 0; i < s->r->units->count; i++) {
        const Unit *u = &s->r->units->item[i];
        if (u->kind == UNIT_SAMPLE && u->level == s->level && !unit_writes(u, s->of) &&
            (unit_reads(u, t) || unit_writes(u, t)))
            return true;
    }
    return false;
}

static void check_source(const Expr *read, void *data) {
    Reads *s = data;
    const Tensor *t = read->tensor;
    if (!t->per_sample || t->role == TENSOR_INPUT || t->role == TENSOR_TARGET) return;
    if (elements(t) * MUCH_SMALLER <= elements(s->of)) return;
    s->all_small = false;
    s->at_hand = s->at_hand && is_touched(s, t);
}

static bool is_at_hand(const Remake *r, const Equation *q, int level) {
    Reads s = {r, q->out, level, true, true};
    expr_each_read(q->value, check_source, &s);
    return s.at_hand;
}

// Counts nodes; false where a node costs too much.
static bool is_short(const Remake *r, const Tensor *of, const Expr *e, int *nodes) {
    if (e->kind == E_REDUCE || e->kind == E_RANDOM || ++*nodes > MOST_NODES) return false;
    if (e->kind == E_READ) return true;
    if (e->kind == E_CALL && e->function != FN_MAX && e->function != FN_MIN) {
        Reads s = {r, of, -1, true, true};
        expr_each_read(e, check_source, &s);
        if (!s.all_small) return false;
    }
    for (int i = 0; i < e->arg_count; i++)
        if (!is_short(r, of, e->arg[i], nodes)) return false;
    return true;
}

static bool is_movable(const Remake *r, const Unit *u) {
    const Equation *q = u->group.equation[0];
    const Tensor *t = q->out;
    bool plain = u->kind == UNIT_SAMPLE && !u->group.is_recurrence && u->group.count == 1 &&
                 !u->chunk && q->op == EQUATION_SET && q->guard->kind == E_TRUE;
    return plain && t->per_sample && !t->is_int && !lifetime_is_kept(r->f, t) &&
           elements(t) >= WORTH_WHILE && writers(r, t) == 1;
}

// --- computing it again

static const Expr *replace(const Fast *f, const Expr *e, const Tensor *t, const Tensor *by) {
    if (!expr_reads(e, t)) return e;
    const Expr **arg = arena_new_array(f->arena, const Expr *, e->arg_count + 1);
    for (int i = 0; i < e->arg_count; i++) arg[i] = replace(f, e->arg[i], t, by);
    if (e->kind == E_READ && e->tensor == t) return expr_read(f->l->program, by, arg);
    return expr_rebuild(f->l->program, e, arg);
}

static Unit made_again(const Remake *r, const Equation *q, int level) {
    Fast *f = r->f;
    Program *p = f->l->program;
    const Tensor *t = q->out;
    int samples = p->sample ? 1 : 0;
    Name name = name_printf(p->compile->names, "%s_again", t->name);
    Name label = name_printf(p->compile->names, "%s_again", t->label ? t->label : t->name);
    Tensor *copy = tensor_new(p, name, label, t->role, true, t->axis + samples, t->rank - samples);
    copy->of = t->of;
    copy->stage = t->stage;
    copy->span = t->span;
    if (layout_of(f, t)) layout_make(f, copy, layout_lane_axis(f, t));
    Equation *again = arena_new_item(f->arena, Equation);
    *again = *q;
    again->out = copy;
    Unit u = {.kind = UNIT_SAMPLE, .level = level};
    u.group.equation = arena_new_array(f->arena, Equation *, 1);
    u.group.equation[0] = again;
    u.group.count = 1;
    return u;
}

static void read_instead(const Remake *r, Unit *u, const Tensor *t, const Tensor *by) {
    Equation *q = arena_new_item(r->f->arena, Equation);
    *q = *u->group.equation[0];
    q->value = replace(r->f, q->value, t, by);
    u->group.equation = arena_new_array(r->f->arena, Equation *, 1);
    u->group.equation[0] = q;
}

// All readers in a phase read a copy that is made before the first of them.
static void remake_in(Remake *r, const Equation *q, int level) {
    Units all = {0};
    const Tensor *copy = NULL;
    for (int i = 0; i < r->units->count; i++) {
        Unit u = r->units->item[i];
        bool reads = u.kind == UNIT_SAMPLE && u.level == level && unit_reads(&u, q->out);
        if (reads && !copy) {
            Unit again = made_again(r, q, level);
            copy = again.group.equation[0]->out;
            list_add(r->f->arena, all, again);
        }
        if (reads) read_instead(r, &u, q->out, copy);
        list_add(r->f->arena, all, u);
    }
    *r->units = all;
}

// A unit whose reads of t can be replaced.
static bool can_read_instead(const Unit *u, const Tensor *t) {
    const Equation *q = u->group.equation[0];
    if (u->kind != UNIT_SAMPLE || u->group.is_recurrence || u->group.count != 1) return false;
    for (int d = 0; d < q->out->rank; d++)
        if (expr_reads(q->subscript[d], t)) return false;
    return !expr_reads(q->guard, t);
}

// Makes what q computes again in every phase behind `home` that reads it, or nowhere.
static void remake(Remake *r, const Equation *q, int home) {
    int nodes = 0, last = home;
    if (!is_short(r, q->out, q->value, &nodes)) return;
    for (int i = 0; i < r->units->count; i++) {
        const Unit *u = &r->units->item[i];
        if (!unit_reads(u, q->out) || phase_of(u) == home) continue;
        if (!can_read_instead(u, q->out) || !is_at_hand(r, q, u->level)) return;
        if (u->level > last) last = u->level;
    }
    for (int level = home + 1; level <= last; level++) remake_in(r, q, level);
}

// --- all units of a function

// To the first phase that reads it, if its own does not.
static void delay(Remake *r, int i) {
    Unit *u = &r->units->item[i];
    const Equation *q = u->group.equation[0];
    int first = first_reader(r, q->out);
    if (first > u->level && is_at_hand(r, q, first)) u->level = first;
}

static void note_for_backward(Remake *r, const Unit *u) {
    const Equation *q = u->group.equation[0];
    for (int i = 0; i < r->units->count; i++)
        if (unit_reads(&r->units->item[i], q->out) && phase_of(&r->units->item[i]) != u->level)
            return;
    list_add(r->f->arena, r->f->remakable, (Equation *)q);
}

void units_remake(Fast *f, Units *units) {
    Remake r = {f, units};
    int before = f->remakable.count;
    Equations own = {0};
    for (int i = units->count - 1; i >= 0; i--) {
        if (!is_movable(&r, &units->item[i])) continue;
        delay(&r, i);
        list_add(f->arena, own, units->item[i].group.equation[0]);
    }
    for (int i = 0; i < own.count; i++) {
        int home = -1;
        for (int k = 0; k < units->count; k++)
            if (unit_writes(&units->item[k], own.item[i]->out)) home = units->item[k].level;
        if (first_reader(&r, own.item[i]->out) == home) remake(&r, own.item[i], home);
    }
    for (int i = 0; i < before; i++)
        if (first_reader(&r, f->remakable.item[i]->out) >= 0 &&
            writers(&r, f->remakable.item[i]->out) == 0)
            remake(&r, f->remakable.item[i], -1);
    for (int i = 0; i < units->count; i++)
        if (is_movable(&r, &units->item[i])) note_for_backward(&r, &units->item[i]);
}
