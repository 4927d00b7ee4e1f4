// Functions of real numbers that libm lacks or leaves open. min and max return NaN if their first
// argument is NaN.

static inline float min_f32(float a, float b) { return b < a ? b : a; }

static inline double min_f64(double a, double b) { return b < a ? b : a; }

static inline float max_f32(float a, float b) { return a < b ? b : a; }

static inline double max_f64(double a, double b) { return a < b ? b : a; }

static inline float sign_f32(float x) { return (float)((x > 0) - (x < 0)); }

static inline double sign_f64(double x) { return (double)((x > 0) - (x < 0)); }

static inline float rsqrt_f32(float x) { return 1.0f/sqrtf(x); }

static inline double rsqrt_f64(double x) { return 1.0/sqrt(x); }

// 1/(1 + exp(-x)), with exp of negative numbers only, so that nothing overflows.
static inline float sigmoid_f32(float x) {
    const float e = expf(-fabsf(x));
    return x < 0 ? e/(1.0f + e) : 1.0f/(1.0f + e);
}

// 1/(1 + exp(-x)), with exp of negative numbers only, so that nothing overflows.
static inline double sigmoid_f64(double x) {
    const double e = exp(-fabs(x));
    return x < 0 ? e/(1.0 + e) : 1.0/(1.0 + e);
}

// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
static inline float softplus_f32(float x) {
    return (x < 0 ? 0.0f : x) + log1pf(expf(-fabsf(x)));
}

// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
static inline double softplus_f64(double x) {
    return (x < 0 ? 0.0 : x) + log1p(exp(-fabs(x)));
}
