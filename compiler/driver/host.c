// host.c: asks the processor.
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
