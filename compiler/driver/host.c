// host.c: asks the processor.
#include "driver/host.h"

int host_vector_bytes(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return 64;
    return __builtin_cpu_supports("avx2") ? 32 : 16;
#elif defined(__aarch64__)
    return 16;
#else
    return 0;
#endif
}
