// erf(x) = 2/sqrt(pi)*(x - x^3/3 + x^5/10 - ...) below 1. From 1 to 6 it is 1 - exp(-x^2)*q(t)/(x +
// 4), where t = 2.5*(x - 4)/(x + 4) + 0.5 goes from -1 to 1 and q interpolates (x +
// 4)*exp(x^2)*erfc(x) in Chebyshev's nodes, to 2^-60. Errors stay below 1 ulp.

// (-1)^n/(n!*(2*n + 1)) for n = 2, ..., 20
static const double strict_erf_series[19] = {
    0.1, -0.023809523809523808, 0.004629629629629629,
    -0.0007575757575757576, 0.00010683760683760684, -1.3227513227513228e-05,
    1.4589169000933706e-06, -1.4503852223150468e-07, 1.3122532963802806e-08,
    -1.0892221037148573e-09, 8.35070279514724e-11, -5.9477940136376354e-12,
    3.9554295164585257e-13, -2.466827010264457e-14, 1.4483264643598138e-15,
    -8.032735012415773e-17, 4.221407288807088e-18, -2.107855191442136e-19,
    1.0025164934907719e-20,
};

// The coefficients of q.
static const double strict_erfc_series[18] = {
    1.3271508732924375, -0.5451492416664095, 0.19089082321840012, -0.056892640440613595,
    0.014304360127018747, -0.002975462894781741, 0.0004921552472035948, -5.902343131828546e-05,
    3.6509718945214193e-06, 2.622805065486431e-07, -8.438262012478359e-08,
    4.915939295288936e-09, 9.25002630919561e-10, -1.5328761365445574e-10,
    -7.151502257222304e-12, 3.1983648061801956e-12, 2.370402315449434e-14,
    -5.920442449264717e-14,
};

// 1 - erf(x) for 1 <= x <= 6.
static inline strict_pair strict_erfc_far(double x) {
    int k;
    const strict_pair square = strict_product(x, x);
    const strict_pair e = strict_exp_mantissa((strict_pair){-square.hi, -square.lo}, &k);
    const double q = strict_polynomial(strict_erfc_series, 18, 2.5*((x - 4.0)/(x + 4.0)) + 0.5);
    const strict_pair y = strict_multiply(e, strict_divide((strict_pair){q, 0}, strict_sum(x, 4.0)));
    return (strict_pair){strict_scale(y.hi, k), strict_scale(y.lo, k)};
}

// erf(x) for |x| < 1.
static inline double strict_erf_near(double x) {
    const strict_pair factor = {1.1283791670955126, 1.533545961316588e-17};
    const strict_pair z = strict_product(x, x);
    const double rest = z.hi*strict_polynomial(strict_erf_series, 19, z.hi);
    const strict_pair tail = strict_sum(-0.3333333333333333, rest - 1.850371707708594e-17);
    const strict_pair sum = strict_add((strict_pair){1.0, 0}, strict_multiply(z, tail));
    const strict_pair y = strict_multiply(strict_multiply(sum, (strict_pair){x, 0}), factor);
    return y.hi + y.lo;
}

static inline double strict_erf_f64(double x) {
    if (isnan(x)) return x;
    if (fabs(x) < 0x1p-28) return x*1.1283791670955126 + x*1.533545961316588e-17;
    if (fabs(x) < 1.0) return strict_erf_near(x);
    if (fabs(x) >= 6.0) return x < 0 ? -1.0 : 1.0;
    const strict_pair c = strict_erfc_far(fabs(x));
    const strict_pair s = strict_sum(1.0, -c.hi);
    const double y = s.hi + (s.lo - c.lo);
    return x < 0 ? -y : y;
}
