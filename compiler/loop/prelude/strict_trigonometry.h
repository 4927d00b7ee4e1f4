// sin and cos. x = n*pi/2 + r with |r| <= pi/4, for every x: x is an integer times a power of two,
// and only those bits of 2/pi matter whose product with it is no multiple of four (Payne and Hanek,
// Radian reduction for trigonometric functions, 1983); then Taylor's series. Errors stay below 1
// ulp.

// The bits of 2/pi after the binary point.
static const uint32_t strict_two_over_pi[40] = {
    0xA2F9836Eu, 0x4E441529u, 0xFC2757D1u, 0xF534DDC0u, 0xDB629599u, 0x3C439041u,
    0xFE5163ABu, 0xDEBBC561u, 0xB7246E3Au, 0x424DD2E0u, 0x06492EEAu, 0x09D1921Cu,
    0xFE1DEB1Cu, 0xB129A73Eu, 0xE88235F5u, 0x2EBB4484u, 0xE99C7026u, 0xB45F7E41u,
    0x3991D639u, 0x835339F4u, 0x9C845F8Bu, 0xBDF9283Bu, 0x1FF897FFu, 0xDE05980Fu,
    0xEF2F118Bu, 0x5A0A6D1Fu, 0x6D367ECFu, 0x27CB09B7u, 0x4F463F66u, 0x9E5FEA2Du,
    0x7527BAC7u, 0xEBE5F17Bu, 0x3D0739F7u, 0x8A5292EAu, 0x6BFB5FB1u, 0x1F8D5D08u,
    0x56033046u, 0xFC7B6BABu, 0xF0CFBC20u, 0x9AF4361Du,
};

// -1/3!, 1/5!, ..., -1/19!
static const double strict_sin_series[9] = {
    -0.16666666666666666, 0.008333333333333333, -0.0001984126984126984, 2.7557319223985893e-06,
    -2.505210838544172e-08, 1.6059043836821613e-10, -7.647163731819816e-13,
    2.8114572543455206e-15, -8.22063524662433e-18,
};

// 1/4!, -1/6!, ..., 1/20!
static const double strict_cos_series[9] = {
    0.041666666666666664, -0.001388888888888889, 2.48015873015873e-05, -2.755731922398589e-07,
    2.08767569878681e-09, -1.1470745597729725e-11, 4.779477332387385e-14,
    -1.5619206968586225e-16, 4.110317623312165e-19,
};

// The 32 bits of a little-endian number of nine words that begin at bit `at`; bits below bit 0 are
// zero.
static inline uint32_t strict_word_at(const uint32_t *number, int at) {
    const int word = at >= 0 ? at/32 : -((31 - at)/32), shift = at - 32*word;
    const uint64_t low = word >= 0 && word < 9 ? number[word] : 0;
    const uint64_t high = word + 1 >= 0 && word + 1 < 9 ? number[word + 1] : 0;
    return (uint32_t)((high << 32 | low) >> shift);
}

// product[9] = mantissa * the seven words of 2/pi from the given one on.
static inline void strict_turn_product(uint64_t mantissa, int first, uint32_t *product) {
    const uint64_t part[2] = {mantissa & 0xFFFFFFFFu, mantissa >> 32};
    for (int i = 0; i < 9; i++)
        product[i] = 0;
    for (int k = 0; k < 2; k++) {
        uint64_t carry = 0;
        for (int i = 0; i < 7; i++) {
            const uint64_t sum = part[k]*strict_two_over_pi[first + 6 - i] + product[i + k] + carry;
            product[i + k] = (uint32_t)sum;
            carry = sum >> 32;
        }
        product[7 + k] = (uint32_t)carry;
    }
}

// The rest r of x > 0 that is finite, and *quarter = n modulo 4.
static inline strict_pair strict_reduce_angle(double x, int *quarter) {
    const strict_pair half_pi = {1.5707963267948966, 6.123233995736766e-17};
    *quarter = 0;
    if (x <= 0.7853981633974483) return (strict_pair){x, 0};
    strict_bits b = {x};
    const int exponent = (int)(b.bits >> 52) - 1075; // x = mantissa*2^exponent
    const uint64_t mantissa = (b.bits & 0xFFFFFFFFFFFFFu) | (uint64_t)1 << 52;
    const int first = exponent > 34 ? (exponent - 2)/32 : 0;
    uint32_t product[9], fraction[4];
    strict_turn_product(mantissa, first, product);
    const int point = 224 + 32*first - exponent; // the binary point of the product
    const uint32_t turns = strict_word_at(product, point);
    for (int i = 0; i < 4; i++)
        fraction[i] = strict_word_at(product, point - 32*(i + 1));
    // Past the middle of a quarter the next one is nearer: take 1 - fraction, and its opposite.
    const uint32_t flip = fraction[0] >> 31 ? 0xFFFFFFFFu : 0;
    *quarter = (int)((turns + (flip & 1)) & 3);
    strict_pair r = {0, 0};
    double unit = 0x1p-32;
    for (int i = 0; i < 4; i++) {
        r = strict_add(r, (strict_pair){(fraction[i] ^ flip)*unit, 0});
        unit *= 0x1p-32;
    }
    r = strict_multiply(r, half_pi);
    return flip ? (strict_pair){-r.hi, -r.lo} : r;
}

// sin(r) for |r| <= pi/4.
static inline double strict_sin_near(strict_pair r) {
    const double z = r.hi*r.hi, cube = r.hi*z;
    return r.hi + (cube*strict_polynomial(strict_sin_series, 9, z) + r.lo*(1.0 - 0.5*z));
}

// cos(r) for |r| <= pi/4.
static inline double strict_cos_near(strict_pair r) {
    const strict_pair z = strict_product(r.hi, r.hi);
    const strict_pair s = strict_sum(1.0, -0.5*z.hi);
    const double rest = z.hi*z.hi*strict_polynomial(strict_cos_series, 9, z.hi);
    return s.hi + (s.lo + (rest - 0.5*z.lo - r.hi*r.lo));
}

static inline double strict_sin_f64(double x) {
    if (isnan(x) || fabs(x) < 0x1p-28) return x;
    if (isinf(x)) return NAN;
    int quarter;
    const strict_pair r = strict_reduce_angle(fabs(x), &quarter);
    const double y = quarter & 1 ? strict_cos_near(r) : strict_sin_near(r);
    return (quarter > 1) != (x < 0) ? -y : y;
}

static inline double strict_cos_f64(double x) {
    if (isnan(x)) return x;
    if (isinf(x)) return NAN;
    int quarter;
    const strict_pair r = strict_reduce_angle(fabs(x), &quarter);
    const double y = quarter & 1 ? strict_sin_near(r) : strict_cos_near(r);
    return quarter == 1 || quarter == 2 ? -y : y;
}
