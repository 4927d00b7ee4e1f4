// vector_functions.c: the functions of the model.
//
// A sample.
#include "vector_functions.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(vector_functions_batch) == 1680, "layout of vector_functions_batch");
_Static_assert(sizeof(vector_functions_work) == 53760, "layout of vector_functions_work");

// Each place that draws random numbers has a stream of its own.
static const uint64_t STREAM_1 = UINT64_C(0x123456789abcdef0);

// The iterations of a loop marked so are independent of each other.
#ifdef _OPENMP
#define PARALLEL_FOR _Pragma("omp parallel for num_threads(threads) schedule(static)")
#else
#define PARALLEL_FOR (void)threads;
#endif

// Vectors of gcc and clang: each operator works on all lanes at once.
#define VEC_INLINE static inline __attribute__((always_inline))
#pragma GCC diagnostic ignored "-Wpsabi"
#ifdef __AVX2__
#include <immintrin.h>
#endif
#define VEC_LANES 4
typedef double vec_lane;
typedef double vec __attribute__((vector_size(32)));
typedef int64_t vec_int __attribute__((vector_size(32)));
typedef double vec_unaligned __attribute__((vector_size(32), aligned(8), may_alias));
typedef uint32_t vec_word __attribute__((vector_size(16)));
typedef int32_t vec_sign_word __attribute__((vector_size(16)));
typedef uint64_t vec_wide __attribute__((vector_size(16)));

static inline double rsqrt_f64(double x) { return 1.0/sqrt(x); }

// 1/(1 + exp(-x)), with exp of negative numbers only, so that nothing overflows.
static inline double sigmoid_f64(double x) {
    const double e = exp(-fabs(x));
    return x < 0 ? e/(1.0 + e) : 1.0/(1.0 + e);
}

// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
static inline double softplus_f64(double x) {
    return (x < 0 ? 0.0 : x) + log1p(exp(-fabs(x)));
}

VEC_INLINE vec vec_load(const vec_lane *from) { return *(const vec_unaligned *)from; }

VEC_INLINE void vec_store(vec_lane *to, vec x) { *(vec_unaligned *)to = x; }

VEC_INLINE void vec_add_to(vec_lane *to, vec x) { *(vec_unaligned *)to += x; }

// x in all lanes; less zero, because adding zero would lose the sign of -0.
VEC_INLINE vec vec_splat(vec_lane x) { return x - (vec){0}; }

VEC_INLINE vec vec_select(vec_int mask, vec a, vec b) {
    return (vec)((mask & (vec_int)a) | (~mask & (vec_int)b));
}

VEC_INLINE vec vec_min(vec a, vec b) { return vec_select(b < a, b, a); }

VEC_INLINE vec vec_max(vec a, vec b) { return vec_select(a < b, b, a); }

VEC_INLINE vec vec_abs(vec x) { return (vec)((vec_int)x & ~(vec_int)vec_splat(-0.0f)); }

VEC_INLINE vec vec_sign(vec x) {
    const vec zero = {0};
    return vec_select(x < zero, vec_splat(-1), vec_select(x > zero, vec_splat(1), zero));
}

// The lower halves of the lanes times m, as whole products. gcc must be told of the instruction; elsewhere the mask tells.
VEC_INLINE vec_wide vec_product(vec_wide x, uint32_t m) {
#if VEC_LANES == 16 && defined(__AVX512F__)
    return (vec_wide)_mm512_mul_epu32((__m512i)x, _mm512_set1_epi64(m));
#elif VEC_LANES == 8 && defined(__AVX2__)
    return (vec_wide)_mm256_mul_epu32((__m256i)x, _mm256_set1_epi64x(m));
#else
    return (x & 0xFFFFFFFFu)*(uint64_t)m;
#endif
}

// Philox4x32-10 in all lanes; lane i draws for element + i*stride: the same words as the scalar function. A word is the
// lower half of a wide lane, and what stands above it is never read; so no product is taken apart. Even lanes are in x, odd
// ones in y.
VEC_INLINE vec_word vec_philox(uint64_t seed, uint64_t step, uint64_t stream, int sample,
                               int element, int stride) {
    vec_wide x0 = {0};
    for (int i = 0; i < VEC_LANES/2; i++) x0[i] = (uint32_t)(2*i);
    x0 = x0*(uint32_t)stride + (uint32_t)element;
    vec_wide y0 = x0 + (uint32_t)stride;
    vec_wide x1 = (uint32_t)sample + (vec_wide){0}, y1 = x1;
    vec_wide x2 = (uint32_t)step + (vec_wide){0}, y2 = x2;
    vec_wide x3 = ((uint32_t)(step >> 32) ^ (uint32_t)stream) + (vec_wide){0}, y3 = x3;
    uint32_t k0 = (uint32_t)seed ^ (uint32_t)(stream >> 32), k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        const vec_wide xa = vec_product(x0, 0xD2511F53u), xb = vec_product(x2, 0xCD9E8D57u);
        const vec_wide ya = vec_product(y0, 0xD2511F53u), yb = vec_product(y2, 0xCD9E8D57u);
        x0 = (xb >> 32) ^ x1 ^ k0;
        x1 = xb;
        x2 = (xa >> 32) ^ x3 ^ k1;
        x3 = xa;
        y0 = (yb >> 32) ^ y1 ^ k0;
        y1 = yb;
        y2 = (ya >> 32) ^ y3 ^ k1;
        y3 = ya;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return (vec_word)((x0 & 0xFFFFFFFFu) | (y0 << 32));
}

// Uniform draws in [0, 1): multiples of 2^-24.
VEC_INLINE vec vec_random(uint64_t seed, uint64_t step, uint64_t stream, int sample, int element,
                          int stride) {
    const vec_word word = vec_philox(seed, step, stream, sample, element, stride) >> 8;
    return __builtin_convertvector((vec_sign_word)word, vec)*(vec_lane)0x1p-24;
}

// 1 with probability p, else 0: k*2^-24 < p for the whole numbers k below p*2^24.
VEC_INLINE vec vec_bernoulli(uint64_t seed, uint64_t step, uint64_t stream, int sample, int element,
                             int stride, double p) {
    const int32_t whole = (int32_t)(p*0x1p24), limit = whole + (whole < p*0x1p24);
    const vec_word word = vec_philox(seed, step, stream, sample, element, stride) >> 8;
    // the sign of the difference
    return __builtin_convertvector((vec_sign_word)((word - (uint32_t)limit) >> 31), vec);
}

// The upper half is added to the lower until one lane is left.
VEC_INLINE vec_lane vec_sum(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < 2; i++)
        lane[i] += lane[i + 2];
    return lane[0] + lane[1];
}

VEC_INLINE vec vec_each_exp(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = exp(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_log(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = log(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_log1p(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = log1p(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_expm1(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = expm1(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_sqrt(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = sqrt(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_rsqrt_f64(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = rsqrt_f64(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_sin(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = sin(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_cos(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = cos(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_tanh(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = tanh(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_sigmoid_f64(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = sigmoid_f64(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_softplus_f64(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = softplus_f64(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_erf(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = erf(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_floor(vec x) {
    vec_lane lane[VEC_LANES];
    vec_store(lane, x);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = floor(lane[i]);
    return vec_load(lane);
}

VEC_INLINE vec vec_each_pow(vec x, vec y) {
    vec_lane lane[VEC_LANES], other[VEC_LANES];
    vec_store(lane, x);
    vec_store(other, y);
    for (int i = 0; i < VEC_LANES; i++)
        lane[i] = pow(lane[i], other[i]);
    return vec_load(lane);
}

// Functions of vectors.
void vector_functions_forward(const vector_functions_batch *batch, vector_functions_work *work,
                              int N, uint64_t seed, uint64_t step, int threads) {
    const double (*restrict x)[70] = batch->x;
    double (*restrict y)[32][70] = work->y;

    PARALLEL_FOR
    for (int n = 0; n < N; n++)
        for (int c = 0; c < 66; c += 4) {
            const vec v = vec_load(&x[n][c]);
            const vec w = vec_load(&x[n][c + 1]);
            vec_add_to(&y[n][0][c], vec_abs(v));
            vec_store(&y[n][1][c], vec_each_exp(v));
            vec_store(&y[n][2][c], vec_each_log(v));
            vec_store(&y[n][3][c], vec_each_log1p(v));
            vec_store(&y[n][4][c], vec_each_expm1(v));
            vec_add_to(&y[n][5][c], vec_each_sqrt(v));
            vec_store(&y[n][6][c], vec_each_rsqrt_f64(v));
            vec_store(&y[n][7][c], vec_each_sin(v));
            vec_store(&y[n][8][c], vec_each_cos(v));
            vec_store(&y[n][9][c], vec_each_tanh(v));
            vec_add_to(&y[n][10][c], vec_each_sigmoid_f64(v));
            vec_store(&y[n][11][c], vec_each_softplus_f64(v));
            vec_store(&y[n][12][c], vec_each_erf(v));
            vec_store(&y[n][13][c], vec_sign(v));
            vec_store(&y[n][14][c], vec_each_floor(v));
            vec_add_to(&y[n][15][c], vec_min(v, w));
            vec_store(&y[n][16][c], vec_max(v, w));
            vec_store(&y[n][17][c], vec_each_pow(v, vec_splat(1.5)));
            vec_store(&y[n][18][c], vec_select(v > vec_splat(0.0), v, vec_splat(0.0)));
            vec_store(&y[n][19][c],
                      vec_select(~(((v > vec_splat(0.0)) & (vec_abs(v) <= vec_splat(1.0))) | ((v ==
                      w) | ~(vec_abs(v) <= vec_splat(1.0)))), w, v*0.5));
            vec_add_to(&y[n][20][c], vec_select(v != w, v, vec_splat(-0.0)));
            vec_store(&y[n][21][c], x[n][c] > 0.5 ? v : vec_splat(x[n][c]));
            vec_store(&y[n][22][c], x[n][c] + v*x[n][c]);
            vec_store(&y[n][23][c], vec_splat(3.0)*vec_splat(0.1)*v);
            vec_store(&y[n][24][c], x[n][c] + 2.0 - v/(w + 0.3));
            vec_add_to(&y[n][25][c], -(-v + w));
            vec_store(&y[n][26][c], vec_splat(vec_sum(v*w)));
            vec_store(&y[n][27][c], vec_splat(INFINITY));
            vec_store(&y[n][28][c], vec_splat(-INFINITY)*vec_splat(-0.0));
            vec_store(&y[n][29][c], v - -x[n][c]);
            vec_add_to(&y[n][30][c], vec_bernoulli(seed, step, STREAM_1, 3, 5, 7, 0.3));
            vec_store(&y[n][31][c], vec_random(seed, step, STREAM_1, 3, 5, -1));
        }
}
