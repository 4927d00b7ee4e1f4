// Functions of vectors of floats: polynomials in arithmetic on all lanes, without branches. Each
// states its error in units in the last place (ulp); infinities, NaN and signed zeros are as C has
// them. Polynomials of minimax error were fitted for the stated ranges.

// x = k*ln(2) + r with |r| <= ln(2)/2; returns k. ln(2) is in two parts, of which the first has few
// bits, so that k times it is exact. Adding 1.5*2^23 rounds to an integer, the last bits of the sum.
VEC_INLINE vec_int vec_reduce_exp(vec x, vec *r) {
    const vec shifted = x*1.44269504f + 12582912.0f, turns = shifted - 12582912.0f;
    *r = x - turns*0.693359375f + turns*0.000212194442f;
    return (vec_int)shifted - 0x4B400000;
}

// exp(r) - 1 for |r| <= ln(2)/2.
VEC_INLINE vec vec_expm1_near(vec r) {
    const vec p = ((r*0.00139362027f + 0.00836669654f)*r + 0.0416664518f)*r + 0.16666542f;
    return r + r*r*(p*r + 0.5f);
}

// 2^k for -126 <= k <= 127.
VEC_INLINE vec vec_power_of_two(vec_int k) { return (vec)((k + 127) << 23); }

// 2 ulp. 2^k in two steps: it may lie beyond the largest float or below the smallest.
VEC_INLINE vec vec_exp(vec x) {
    vec r;
    const vec bounded = vec_max(vec_min(x, vec_splat(89.0f)), vec_splat(-104.0f));
    const vec_int k = vec_reduce_exp(bounded, &r), half = k >> 1;
    return (1.0f + vec_expm1_near(r))*vec_power_of_two(half)*vec_power_of_two(k - half);
}

// 3 ulp. exp(x) - 1 = 2^k*(exp(r) - 1) + (2^k - 1), halved as 2^k may be too large.
VEC_INLINE vec vec_expm1(vec x) {
    vec r;
    const vec bounded = vec_max(vec_min(x, vec_splat(89.0f)), vec_splat(-20.0f));
    const vec_int k = vec_reduce_exp(bounded, &r);
    const vec near = vec_expm1_near(r), half = vec_power_of_two(k - 1);
    const vec far = 2.0f*(half*near + (half - 0.5f));
    return vec_copysign(vec_select(k == 0, near, far), x);
}

// log(x*(1 + c)) for 0 < x < infinity and tiny c. x = 2^k*(1 + f) with 1 + f from sqrt(1/2) to
// sqrt(2).
VEC_INLINE vec vec_log_near(vec x, vec c) {
    const vec_int tiny = x < 0x1p-126f;
    const vec scaled = vec_abs(vec_select(tiny, x*0x1p23f, x)); // what is negative has no logarithm
    const vec_int bits = (vec_int)scaled - 0x3F3504F3;
    const vec turns = __builtin_convertvector((bits >> 23) + (tiny & -23), vec);
    const vec f = (vec)((bits & 0x7FFFFF) + 0x3F3504F3) - 1.0f, z = f*f;
    vec p = (f*0.0673286989f - 0.116635315f)*f + 0.118877068f;
    p = ((p*f - 0.124079056f)*f + 0.14220041f)*f - 0.166678607f;
    p = ((p*f + 0.20002079f)*f - 0.250000119f)*f + 0.333333135f;
    const vec tail = f*z*p + (c - turns*0.000212194442f) - 0.5f*z;
    return turns*0.693359375f + (f + tail);
}

// The logarithm of what is not positive and finite; else y.
VEC_INLINE vec vec_log_special(vec x, vec y) {
    y = vec_select(x < INFINITY, y, x);
    y = vec_select(x == 0.0f, vec_splat(-INFINITY), y);
    return vec_select(x < 0.0f, vec_splat(NAN), y);
}

// 2 ulp.
VEC_INLINE vec vec_log(vec x) { return vec_log_special(x, vec_log_near(x, (vec){0})); }

// 3 ulp. c is what 1 + x lost by rounding.
VEC_INLINE vec vec_log1p(vec x) {
    const vec u = 1.0f + x, c = (x - (u - 1.0f))/u;
    return vec_copysign(vec_log_special(u, vec_log_near(u, c)), x);
}

// 4 ulp. e/(e + 2) for e = exp(2*|x|) - 1; from 10 on it is 1.
VEC_INLINE vec vec_tanh(vec x) {
    const vec e = vec_expm1(2.0f*vec_min(vec_abs(x), vec_splat(10.0f)));
    return vec_copysign(e/(e + 2.0f), x);
}

// 4 ulp. 1/(1 + e) or e/(1 + e) for e = exp(-|x|).
VEC_INLINE vec vec_sigmoid(vec x) {
    const vec e = vec_exp(-vec_abs(x));
    return vec_select(x < 0.0f, e, vec_splat(1.0f))/(1.0f + e);
}

// 4 ulp. max(x, 0) + log(1 + exp(-|x|)).
VEC_INLINE vec vec_softplus(vec x) {
    const vec tail = vec_log1p(vec_exp(-vec_abs(x)));
    return vec_select(x < 0.0f, (vec){0}, x) + tail;
}

// 3 ulp. A polynomial up to 1; beyond, 1 - exp of a polynomial; from 4 on it is 1.
VEC_INLINE vec vec_erf(vec x) {
    const vec z = x*x, t = vec_min(vec_abs(x), vec_splat(4.0f));
    vec p = (z*-0.000565206574f + 0.00492258929f)*z - 0.0267155413f;
    p = ((p*z + 0.112803191f)*z - 0.376123399f)*z + 0.128379121f;
    vec q = (t*0.000186786929f - 0.00295195892f)*t + 0.0218565948f;
    q = (((q*t - 0.103148483f)*t - 0.638093054f)*t - 1.12712276f)*t - 0.000332636584f;
    return vec_select(t < 1.0f, x + x*p, vec_copysign(1.0f - vec_exp(q), x));
}

// sin(x + quarter*pi/2) for |x| <= 8192: x = n*pi/2 + r with |r| <= pi/4, and pi/2 in four parts.
VEC_INLINE vec vec_sin_near(vec x, int quarter) {
    const vec shifted = x*0.636619772f + 12582912.0f, n = shifted - 12582912.0f;
    const vec high = x - n*1.5703125f - n*0.000483751297f;
    const vec r = high - n*7.54953362e-08f - n*2.56334407e-12f, z = r*r;
    const vec s = r + r*z*((z*-0.000195184082f + 0.0083321901f)*z - 0.166666552f);
    const vec p = (z*2.44323237e-05f - 0.00138873095f)*z + 0.0416666456f;
    const vec c = 1.0f - 0.5f*z + z*z*p;
    const vec_int q = (vec_int)shifted + quarter;
    return (vec)((vec_int)vec_select((q & 1) == 0, s, c) ^ ((q & 2) << 30));
}

VEC_INLINE int vec_any(vec_int mask) {
    int any = 0;
    for (int i = 0; i < VEC_LANES; i++)
        any |= mask[i];
    return any;
}

// 3 ulp; angles beyond 8192 lane by lane.
VEC_INLINE vec vec_sin(vec x) {
    vec y = vec_select(x == 0.0f, x, vec_sin_near(x, 0));
    const vec_int large = ~(vec_abs(x) <= 8192.0f);
    if (vec_any(large))
        for (int i = 0; i < VEC_LANES; i++)
            y[i] = large[i] ? strict_sin_f32(x[i]) : y[i];
    return y;
}

// 3 ulp; angles beyond 8192 lane by lane.
VEC_INLINE vec vec_cos(vec x) {
    vec y = vec_sin_near(x, 1);
    const vec_int large = ~(vec_abs(x) <= 8192.0f);
    if (vec_any(large))
        for (int i = 0; i < VEC_LANES; i++)
            y[i] = large[i] ? strict_cos_f32(x[i]) : y[i];
    return y;
}
