// x^y = exp(y*log(x)) with the logarithm and the product as pairs. Errors stay below 1 ulp.

// Whether y is an odd integer.
static inline int strict_is_odd(double y) {
    return fabs(y) < 0x1p53 && floor(y) == y && floor(0.5*y) != 0.5*y;
}

// |x|^y for x and y that are neither zero, infinite nor NaN.
static inline double strict_power_of(double x, double y) {
    const strict_pair log_x = strict_log_of(fabs(x));
    const double estimate = log_x.hi*y;
    if (estimate > 710.0) return INFINITY;
    if (estimate < -746.0) return 0.0;
    int k;
    const strict_pair product = strict_multiply(log_x, (strict_pair){y, 0});
    const strict_pair m = strict_exp_mantissa(product, &k);
    return strict_scale(m.hi + m.lo, k);
}

// As C defines pow.
static inline double strict_power_f64(double x, double y) {
    if (x == 1.0 || y == 0) return 1.0;
    if (isnan(x)) return x;
    if (isnan(y)) return y;
    const int negative = strict_is_odd(y) && copysign(1.0, x) < 0;
    double size;
    if (isinf(y)) size = fabs(x) == 1.0 ? 1.0 : (fabs(x) > 1.0) == (y > 0) ? INFINITY : 0.0;
    else if (x == 0 || isinf(x)) size = (x == 0) == (y > 0) ? 0.0 : INFINITY;
    else if (x < 0 && floor(y) != y) return NAN;
    else size = strict_power_of(x, y);
    return negative ? -size : size;
}
