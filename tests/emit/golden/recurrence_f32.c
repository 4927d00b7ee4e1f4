// recurrence_f32.c: the functions of the model.
//
// A sample.
#include "recurrence_f32.h"

#include <math.h>

// Compile with -ffp-contract=off: then every compiler gives the same bits.
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(recurrence_f32_batch) == 60, "layout of recurrence_f32_batch");
_Static_assert(sizeof(recurrence_f32_work) == 120, "layout of recurrence_f32_work");

typedef struct strict_pair {
    double hi, lo;
} strict_pair;

typedef union strict_bits {
    double value;
    uint64_t bits;
} strict_bits;

// a + b without error (Knuth, The Art of Computer Programming 2, section 4.2.2).
static inline strict_pair strict_sum(double a, double b) {
    const double hi = a + b, part = hi - a;
    return (strict_pair){hi, (a - (hi - part)) + (b - part)};
}

// The upper 26 bits of a (Veltkamp's splitting).
static inline double strict_upper(double a) {
    const double t = 134217729.0*a;
    return t - (t - a);
}

// a*b without error (Dekker, A floating-point technique for extending the available precision,
// 1971).
static inline strict_pair strict_product(double a, double b) {
    const double hi = a*b, a1 = strict_upper(a), b1 = strict_upper(b);
    const double a2 = a - a1, b2 = b - b1;
    return (strict_pair){hi, ((a1*b1 - hi) + a1*b2 + a2*b1) + a2*b2};
}

static inline strict_pair strict_add(strict_pair a, strict_pair b) {
    const strict_pair s = strict_sum(a.hi, b.hi);
    return strict_sum(s.hi, s.lo + (a.lo + b.lo));
}

static inline strict_pair strict_divide(strict_pair a, strict_pair b) {
    const double q = a.hi/b.hi;
    const strict_pair p = strict_product(q, b.hi);
    const double rest = ((a.hi - p.hi) - p.lo) + (a.lo - q*b.lo);
    return strict_sum(q, rest/b.hi);
}

// 2^k for -1022 <= k <= 1023.
static inline double strict_power_of_two(int k) {
    strict_bits b;
    b.bits = (uint64_t)(k + 1023) << 52;
    return b.value;
}

// x*2^k, rounded once, for |k| <= 2000 and x that is neither huge nor tiny.
static inline double strict_scale(double x, int k) {
    const int half = k/2;
    return x*strict_power_of_two(half)*strict_power_of_two(k - half);
}

// c[0] + c[1]*x + ... + c[count-1]*x^(count-1) by Horner's rule.
static inline double strict_polynomial(const double *c, int count, double x) {
    double sum = c[count - 1];
    for (int i = count - 2; i >= 0; i--)
        sum = sum*x + c[i];
    return sum;
}

// 1/2!, 1/3!, ..., 1/15!
static const double strict_exp_series[14] = {
    0.5, 0.16666666666666666, 0.041666666666666664, 0.008333333333333333, 0.001388888888888889,
    0.0001984126984126984, 2.48015873015873e-05, 2.7557319223985893e-06, 2.755731922398589e-07,
    2.505210838544172e-08, 2.08767569878681e-09, 1.6059043836821613e-10, 1.1470745597729725e-11,
    7.647163731819816e-13,
};

// exp(x.hi + x.lo) = 2^k*(1 + result), for |x.hi| < 1000.
static inline strict_pair strict_exp_reduced(strict_pair x, int *k) {
    const double turns = floor(x.hi*1.4426950408889634 + 0.5);
    const strict_pair r = strict_sum(x.hi - turns*0.6931471804855391,
                                     x.lo - turns*7.440617110012397e-11);
    *k = (int)turns;
    const double tail = r.hi*r.hi*strict_polynomial(strict_exp_series, 14, r.hi);
    return strict_sum(r.hi, tail + (r.lo + r.lo*r.hi));
}

// exp(x) - 1 as a pair, for -40 <= x <= 700.
static inline strict_pair strict_expm1_pair(double x) {
    int k;
    const strict_pair m = strict_exp_reduced((strict_pair){x, 0}, &k);
    if (k == 0) return m;
    const strict_pair s = strict_sum(1.0, m.hi);
    const double hi = strict_scale(s.hi, k), lo = strict_scale(s.lo + m.lo, k);
    const strict_pair t = strict_sum(hi, -1.0);
    return strict_sum(t.hi, t.lo + lo);
}

// e/(e + 2) for e = exp(2*|x|) - 1.
static inline double strict_tanh_f64(double x) {
    if (isnan(x) || fabs(x) < 0x1p-28) return x;
    if (fabs(x) > 20.0) return x < 0 ? -1.0 : 1.0;
    const strict_pair e = strict_expm1_pair(2.0*fabs(x));
    const strict_pair t = strict_divide(e, strict_add(e, (strict_pair){2.0, 0}));
    return x < 0 ? -(t.hi + t.lo) : t.hi + t.lo;
}

static inline float strict_tanh_f32(float x) { return (float)strict_tanh_f64((double)x); }

// h[t] = tanh(x[t] + h[t - 1]), and d_h from behind.
void recurrence_f32_forward(const recurrence_f32_batch *batch, recurrence_f32_work *work, int N) {
    const float (*restrict x)[5] = batch->x;
    float (*restrict h)[5] = work->h;
    float (*restrict d_h)[5] = work->d_h;

    for (int n = 0; n < N; n++) {
        for (int t = 0; t < 5; t++)
            h[n][t] = strict_tanh_f32(x[n][t] + (t <= 0 ? 0.0f : h[n][t - 1]));
        for (int u = 4; u >= 0; u--) {
            d_h[n][u] = h[n][u];
            if (u < 4)
                d_h[n][u] += d_h[n][u + 1];
            else if (n == 0 && (u != 2 || (u >= 1 && u < 3)))
                d_h[n][u] += 0.125f;
        }
    }
}
