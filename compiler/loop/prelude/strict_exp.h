// exp and what follows from it. x = k*ln(2) + r with |r| <= ln(2)/2 (Cody and Waite: ln(2) in two
// parts, so that the difference is exact), then Taylor's series for exp(r) - 1, then 2^k. Errors
// stay below 1 ulp.

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

// exp(x.hi + x.lo) = 2^k*result.
static inline strict_pair strict_exp_mantissa(strict_pair x, int *k) {
    const strict_pair m = strict_exp_reduced(x, k);
    const strict_pair s = strict_sum(1.0, m.hi);
    return strict_sum(s.hi, s.lo + m.lo);
}

// exp(x) as a pair, for |x| <= 700.
static inline strict_pair strict_exp_pair(double x) {
    int k;
    const strict_pair m = strict_exp_mantissa((strict_pair){x, 0}, &k);
    return (strict_pair){strict_scale(m.hi, k), strict_scale(m.lo, k)};
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

static inline double strict_exp_f64(double x) {
    if (isnan(x)) return x;
    if (x > 709.79) return INFINITY;
    if (x < -745.14) return 0.0;
    int k;
    const strict_pair m = strict_exp_mantissa((strict_pair){x, 0}, &k);
    return strict_scale(m.hi + m.lo, k);
}

static inline double strict_expm1_f64(double x) {
    if (isnan(x) || fabs(x) < 0x1p-54) return x;
    if (x < -40.0) return -1.0;
    if (x > 40.0) return strict_exp_f64(x);
    const strict_pair m = strict_expm1_pair(x);
    return m.hi + m.lo;
}

// e/(e + 2) for e = exp(2*|x|) - 1.
static inline double strict_tanh_f64(double x) {
    if (isnan(x) || fabs(x) < 0x1p-28) return x;
    if (fabs(x) > 20.0) return x < 0 ? -1.0 : 1.0;
    const strict_pair e = strict_expm1_pair(2.0*fabs(x));
    const strict_pair t = strict_divide(e, strict_add(e, (strict_pair){2.0, 0}));
    return x < 0 ? -(t.hi + t.lo) : t.hi + t.lo;
}

// 1/(1 + e) or e/(1 + e) for e = exp(-|x|).
static inline double strict_sigmoid_f64(double x) {
    if (isnan(x)) return x;
    if (x < -40.0) return strict_exp_f64(x);
    if (x > 40.0) return 1.0;
    const strict_pair one = {1.0, 0}, e = strict_exp_pair(-fabs(x));
    const strict_pair y = strict_divide(x < 0 ? e : one, strict_add(one, e));
    return y.hi + y.lo;
}
