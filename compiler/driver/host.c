// host.c: asks the processor. The levels of x86-64 are those of its System V ABI.
#include "driver/host.h"

#include "driver/files.h"

#include <string.h>

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

typedef struct Target {
    const char *name;
    int vector_bytes;
} Target;

static const Target target[] = {
    {"native", 0}, {"x86-64-v4", 64}, {"x86-64-v3", 32}, {"x86-64-v2", 16}};
enum { TARGETS = sizeof target / sizeof *target };

const char *target_name(int i) {
    return i < TARGETS ? target[i].name : NULL;
}

static const Target *target_of(const char *name) {
    for (int i = 1; i < TARGETS && name; i++)
        if (!strcmp(target[i].name, name)) return &target[i];
    return NULL;
}

const char *target_known(const char *name) {
    const Target *t = target_of(name);
    return t ? t->name : NULL;
}

int target_vector_bytes(const char *name) {
    const Target *t = target_of(name);
    return t ? t->vector_bytes : host_vector_bytes();
}

bool target_runs_here(const char *name) {
    const Target *t = target_of(name);
    if (!t) return true;
#if defined(__x86_64__)
    __builtin_cpu_init();
    bool fine = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    if (t->vector_bytes >= 32)
        fine = fine && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
               __builtin_cpu_supports("bmi2");
    if (t->vector_bytes >= 64)
        fine = fine && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512cd");
    return fine;
#else
    return false;
#endif
}

// The lines of the first processor up to the end of its features, without those that change from
// second to second ("cpu MHz").
const char *host_processor(Arena *a) {
    static const char *const wanted[] = {"vendor_id", "cpu family",      "model",   "flags",
                                         "Features",  "CPU implementer", "CPU part"};
    size_t size = 0;
    const char *line = file_load(a, "/proc/cpuinfo", &size, true);
    Text out = text_new(a);
    while (line && *line && *line != '\n') {
        size_t length = strcspn(line, "\n");
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            if (!strncmp(line, wanted[i], strlen(wanted[i]))) {
                text_add_bytes(&out, line, length + (line[length] == '\n'));
                break;
            }
        line += length + (line[length] == '\n');
    }
    return out.size ? out.bytes : "unknown";
}
