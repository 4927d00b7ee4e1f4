// Integers: extremes, and division by a positive number that rounds down or up.

static inline int int_min(int a, int b) { return a < b ? a : b; }

static inline int int_max(int a, int b) { return a > b ? a : b; }

static inline int floor_divide(int a, int b) { return a / b - (a % b < 0); }

static inline int ceil_divide(int a, int b) { return a / b + (a % b > 0); }

// The integer part of x; 0 for NaN, the nearest int where x is too large.
static inline int int_of_real(double x) {
    if (!(x > -2147483649.0)) return x < 0 ? -2147483647 - 1 : 0;
    return x < 2147483648.0 ? (int)x : 2147483647;
}
