// Vectors of VEC_LANES reals. Of two vectors compared, a lane has all bits set where the comparison
// holds, and none where it does not.

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

// The size of x with the sign of y.
VEC_INLINE vec vec_copysign(vec x, vec y) {
    const vec_int sign = (vec_int)vec_splat(-0.0f);
    return (vec)(((vec_int)x & ~sign) | ((vec_int)y & sign));
}

VEC_INLINE vec vec_sign(vec x) {
    const vec zero = {0};
    return vec_select(x < zero, vec_splat(-1), vec_select(x > zero, vec_splat(1), zero));
}
