// strict.h: the functions that code of strict modules calls, under the names that the LLVM emitter
// gives them: strict_exp_f64 of loop/prelude/ as net_strict_exp_f64. The plug-in has them, and
// libnetstrict.a for C programs that link an object file of `netc emit --format obj --strict`.
#ifndef NETC_JIT_STRICT_H
#define NETC_JIT_STRICT_H

#define NET_STRICT_EACH(F)                                                                         \
    F(exp)                                                                                         \
    F(log)                                                                                         \
    F(log1p)                                                                                       \
    F(expm1)                                                                                       \
    F(sin)                                                                                         \
    F(cos)                                                                                         \
    F(tanh)                                                                                        \
    F(sigmoid)                                                                                     \
    F(softplus)                                                                                    \
    F(erf)

#define NET_STRICT_DECLARE(name)                                                                   \
    float net_strict_##name##_f32(float x);                                                        \
    double net_strict_##name##_f64(double x);
NET_STRICT_EACH(NET_STRICT_DECLARE)
float net_strict_power_f32(float x, float y);
double net_strict_power_f64(double x, double y);

#endif
