
// Philox4x32-10 in all lanes; lane i draws for element + i*stride. Written as loops over lanes, which compilers turn
// into vectors; the same words as the scalar function.
VEC_INLINE void vec_philox(uint64_t seed, uint64_t step, uint64_t stream, int sample, int element,
                           int stride, uint32_t out[VEC_LANES]) {
    uint32_t x1[VEC_LANES], x2[VEC_LANES], x3[VEC_LANES];
    uint32_t k0 = (uint32_t)seed ^ (uint32_t)(stream >> 32), k1 = (uint32_t)(seed >> 32);
    for (int i = 0; i < VEC_LANES; i++) {
        out[i] = (uint32_t)element + (uint32_t)(i*stride);
        x1[i] = (uint32_t)sample;
        x2[i] = (uint32_t)step;
        x3[i] = (uint32_t)(step >> 32) ^ (uint32_t)stream;
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < VEC_LANES; i++) {
            const uint32_t a = 0xD2511F53u*out[i], b = 0xCD9E8D57u*x2[i];
            const uint32_t a_high = (uint32_t)((uint64_t)0xD2511F53u*out[i] >> 32);
            const uint32_t b_high = (uint32_t)((uint64_t)0xCD9E8D57u*x2[i] >> 32);
            out[i] = b_high ^ x1[i] ^ k0;
            x1[i] = b;
            x2[i] = a_high ^ x3[i] ^ k1;
            x3[i] = a;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

// Uniform draws in [0, 1): multiples of 2^-24.
VEC_INLINE vec vec_random(uint64_t seed, uint64_t step, uint64_t stream, int sample, int element,
                          int stride) {
    uint32_t word[VEC_LANES];
    vec_lane lane[VEC_LANES];
    vec_philox(seed, step, stream, sample, element, stride, word);
    for (int i = 0; i < VEC_LANES; i++) lane[i] = (vec_lane)(int32_t)(word[i] >> 8)*0x1p-24f;
    return vec_load(lane);
}

// 1 with probability p, else 0: k*2^-24 < p for the whole numbers k below p*2^24.
VEC_INLINE vec vec_bernoulli(uint64_t seed, uint64_t step, uint64_t stream, int sample, int element,
                             int stride, double p) {
    uint32_t word[VEC_LANES];
    vec_lane lane[VEC_LANES];
    const int32_t whole = (int32_t)(p*0x1p24), limit = whole + (whole < p*0x1p24);
    vec_philox(seed, step, stream, sample, element, stride, word);
    for (int i = 0; i < VEC_LANES; i++) // the sign of the difference
        lane[i] = (vec_lane)((uint32_t)((int32_t)(word[i] >> 8) - limit) >> 31);
    return vec_load(lane);
}
