
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
