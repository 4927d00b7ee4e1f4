// The strict functions for float: those for double, rounded. Errors stay below 0.51 ulp.

static inline float strict_exp_f32(float x) { return (float)strict_exp_f64((double)x); }

static inline float strict_expm1_f32(float x) { return (float)strict_expm1_f64((double)x); }

static inline float strict_tanh_f32(float x) { return (float)strict_tanh_f64((double)x); }

static inline float strict_sigmoid_f32(float x) { return (float)strict_sigmoid_f64((double)x); }

static inline float strict_log_f32(float x) { return (float)strict_log_f64((double)x); }

static inline float strict_log1p_f32(float x) { return (float)strict_log1p_f64((double)x); }

static inline float strict_softplus_f32(float x) { return (float)strict_softplus_f64((double)x); }

static inline float strict_sin_f32(float x) { return (float)strict_sin_f64((double)x); }

static inline float strict_cos_f32(float x) { return (float)strict_cos_f64((double)x); }

static inline float strict_erf_f32(float x) { return (float)strict_erf_f64((double)x); }

static inline float strict_power_f32(float x, float y) {
    return (float)strict_power_f64((double)x, (double)y);
}
