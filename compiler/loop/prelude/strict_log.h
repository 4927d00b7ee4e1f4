// log and what follows from it. x = 2^k*(1 + f) with 1 + f between sqrt(1/2) and sqrt(2); then,
// with s = f/(2 + f), log(1 + f) = 2*artanh(s) = 2*s + 2/3*s^3 + 2/5*s^5 + ..., its leading terms
// as pairs. Errors stay below 1 ulp.

// 2/7, 2/9, ..., 2/29
static const double strict_log_series[12] = {
    0.2857142857142857, 0.2222222222222222, 0.18181818181818182, 0.15384615384615385,
    0.13333333333333333, 0.11764705882352941, 0.10526315789473684, 0.09523809523809523,
    0.08695652173913043, 0.08, 0.07407407407407407, 0.06896551724137931,
};

// log(1 + f.hi + f.lo) for f between -0.3 and 0.42, to about 100*2^-70 of its value.
static inline strict_pair strict_log_reduced(strict_pair f) {
    const strict_pair two_thirds = {0.6666666666666666, 3.700743415417188e-17};
    const strict_pair two_fifths = {0.4, -2.2204460492503132e-17};
    const strict_pair s = strict_divide(f, strict_add((strict_pair){2.0, 0}, f));
    const strict_pair s2 = strict_multiply(s, s), s3 = strict_multiply(s2, s);
    const double rest = s3.hi*s2.hi*s2.hi*strict_polynomial(strict_log_series, 12, s2.hi);
    const strict_pair fifth = strict_multiply(strict_multiply(s3, s2), two_fifths);
    const strict_pair third = strict_multiply(s3, two_thirds);
    const strict_pair tail = strict_add(third, strict_sum(fifth.hi, fifth.lo + rest));
    return strict_add((strict_pair){2.0*s.hi, 2.0*s.lo}, tail);
}

// log(x.hi + x.lo) for a positive, finite, normal x.hi.
static inline strict_pair strict_log_pair(strict_pair x) {
    strict_bits m = {x.hi};
    int k = (int)(m.bits >> 52) - 1023;
    m.bits = (m.bits & 0xFFFFFFFFFFFFFu) | (uint64_t)1023 << 52;
    if (m.value > 1.4142135623730951) {
        m.value *= 0.5;
        k++;
    }
    const strict_pair log_m =
        strict_log_reduced(strict_sum(m.value - 1.0, strict_scale(x.lo, -k)));
    return strict_add((strict_pair){k*0.6931471804855391, k*7.440617110012397e-11}, log_m);
}

// log(x) for positive, finite x.
static inline strict_pair strict_log_of(double x) {
    const strict_pair shift = {37.42994775023705, -1.1902053746983427e-15};
    if (x >= 0x1p-1022) return strict_log_pair((strict_pair){x, 0});
    const strict_pair y = strict_log_pair((strict_pair){0x1p54*x, 0});
    return strict_add(y, (strict_pair){-shift.hi, -shift.lo});
}

static inline double strict_log_f64(double x) {
    if (isnan(x)) return x;
    if (x < 0) return NAN;
    if (x == 0) return -INFINITY;
    if (isinf(x)) return x;
    const strict_pair y = strict_log_of(x);
    return y.hi + y.lo;
}

// log(1 + x.hi + x.lo) for finite x > -1.
static inline strict_pair strict_log1p_pair(strict_pair x) {
    if (x.hi > -0.29 && x.hi < 0.41) return strict_log_reduced(x);
    const strict_pair u = strict_sum(1.0, x.hi);
    return strict_log_pair((strict_pair){u.hi, u.lo + x.lo});
}

static inline double strict_log1p_f64(double x) {
    if (isnan(x) || fabs(x) < 0x1p-54) return x;
    if (x < -1.0) return NAN;
    if (x == -1.0) return -INFINITY;
    if (isinf(x)) return x;
    const strict_pair y = strict_log1p_pair((strict_pair){x, 0});
    return y.hi + y.lo;
}

// max(x, 0) + log1p(exp(-|x|)).
static inline double strict_softplus_f64(double x) {
    if (isnan(x) || x > 40.0) return x;
    if (x < -40.0) return strict_exp_f64(x);
    const strict_pair y = strict_log1p_pair(strict_exp_pair(-fabs(x)));
    const strict_pair sum = strict_sum(x < 0 ? 0.0 : x, y.hi);
    return sum.hi + (sum.lo + y.lo);
}
