// Arithmetic that every compiler does alike, for strict functions: IEEE double with +, -, *, / and
// comparisons only. A number that needs more than 53 bits is a pair of doubles, the sum of both.

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

static inline strict_pair strict_multiply(strict_pair a, strict_pair b) {
    const strict_pair p = strict_product(a.hi, b.hi);
    return strict_sum(p.hi, p.lo + (a.hi*b.lo + a.lo*b.hi));
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
