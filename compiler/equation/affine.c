// affine.c: integer affine forms of indices, with saturating arithmetic: a form that leaves the range of int64 has bounds
// that no axis can hold, so the in-range proof refuses it.
#include "equation/equation.h"

#include <string.h>

enum { LIMIT_BITS = 62 };
static const int64_t limit = (int64_t)1 << LIMIT_BITS;

__extension__ typedef __int128 Wide;

static int64_t clamp(Wide v) {
    return v > limit ? limit : v < -limit ? -limit : (int64_t)v;
}

static int64_t add(int64_t a, int64_t b) { return clamp((Wide)a + b); }
static int64_t multiply(int64_t a, int64_t b) { return clamp((Wide)a * b); }

Affine affine_constant(int64_t k) { return (Affine){.constant = k}; }

Affine affine_index(Program *p, const Index *i) {
    if (i->extent == 1) return affine_constant(0);
    AffineTerm *t = arena_new_item(p->arena, AffineTerm);
    *t = (AffineTerm){i, 1};
    return (Affine){0, 1, t};
}

Affine affine_add(Program *p, Affine a, Affine b, int64_t factor) {
    Affine sum = {add(a.constant, multiply(factor, b.constant)), 0, NULL};
    if (a.count + b.count == 0) return sum;
    AffineTerm *term = arena_new_array(p->arena, AffineTerm, a.count + b.count);
    int i = 0, j = 0;
    while (i < a.count || j < b.count) {
        bool take_a = j == b.count || (i < a.count && a.term[i].index->id <= b.term[j].index->id);
        bool take_b = i == a.count || (j < b.count && b.term[j].index->id <= a.term[i].index->id);
        AffineTerm t = {take_a ? a.term[i].index : b.term[j].index, 0};
        if (take_a) t.coefficient = a.term[i++].coefficient;
        if (take_b) t.coefficient = add(t.coefficient, multiply(factor, b.term[j++].coefficient));
        if (t.coefficient) term[sum.count++] = t;
    }
    sum.term = term;
    return sum;
}

Affine affine_scale(Program *p, Affine a, int64_t factor) {
    return affine_add(p, affine_constant(0), a, factor);
}

bool affine_equal(Affine a, Affine b) {
    if (a.constant != b.constant || a.count != b.count) return false;
    for (int i = 0; i < a.count; i++)
        if (a.term[i].index != b.term[i].index || a.term[i].coefficient != b.term[i].coefficient)
            return false;
    return true;
}

static int64_t bound(Affine a, bool high) {
    int64_t v = a.constant;
    for (int i = 0; i < a.count; i++)
        if ((a.term[i].coefficient > 0) == high)
            v = add(v, multiply(a.term[i].coefficient, a.term[i].index->extent - 1));
    return v;
}

int64_t affine_low(Affine a) { return bound(a, false); }
int64_t affine_high(Affine a) { return bound(a, true); }

int64_t affine_coefficient(Affine a, const Index *i) {
    for (int k = 0; k < a.count; k++)
        if (a.term[k].index == i) return a.term[k].coefficient;
    return 0;
}

const Index *affine_bare(Affine a) {
    return a.count == 1 && a.term[0].coefficient == 1 && a.constant == 0 ? a.term[0].index : NULL;
}

bool affine_is_radix(Affine a) {
    // Digits from the smallest weight up: each weight must be at least the number of values below it.
    int64_t below = 1;
    bool done[64] = {false};
    if (a.count > 64) return false;
    for (int k = 0; k < a.count; k++) {
        int least = -1;
        for (int i = 0; i < a.count; i++)
            if (!done[i] && (least < 0 || a.term[i].coefficient < a.term[least].coefficient))
                least = i;
        if (a.term[least].coefficient < below) return false;
        below = multiply(a.term[least].coefficient, a.term[least].index->extent);
        done[least] = true;
    }
    return true;
}
