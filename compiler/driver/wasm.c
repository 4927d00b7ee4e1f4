// wasm.c: see wasm.h. No contraction and no reassociation is allowed, and WebAssembly has one
// meaning of every operation: so the numbers do not depend on the browser.
#include "driver/wasm.h"

#include "driver/embedded.h"
#include "driver/files.h"
#include "driver/process.h"
#include "emit/prelude.h"
#include "support/function.h"

#include <string.h>

static const char flags[] =
    "--target=wasm32 -std=c11 -O2 -ffp-contract=off -ffreestanding -fno-builtin "
    "-mbulk-memory -nostdlib -Wl,--no-entry -Wl,-z,stack-size=1048576";

// What libm calls a function of ours; NULL for what is an instruction or no function of libm.
static const char *libm_name(Function f) {
    switch (f) {
    case FN_EXP:
    case FN_EXPM1:
    case FN_LOG:
    case FN_LOG1P:
    case FN_SIN:
    case FN_COS:
    case FN_TANH:
    case FN_ERF: return function_name(f);
    case FN_POWER: return "pow";
    case FN_ABS:
    case FN_SQRT:
    case FN_RSQRT:
    case FN_SIGMOID:
    case FN_SOFTPLUS:
    case FN_SIGN:
    case FN_FLOOR:
    case FN_MIN:
    case FN_MAX:
    case FUNCTION_COUNT: return NULL;
    }
    return NULL;
}

// math.c: libm from the pieces of the prelude that --strict uses.
static Text math_source(Arena *a) {
    Text text = text_new(a), functions = text_new(a);
    NameList needed = {0};
    for (int f = 0; f < FUNCTION_COUNT; f++) {
        const char *libm = libm_name((Function)f), *name = function_name((Function)f);
        if (!libm) continue;
        for (int is_f32 = 0; is_f32 < 2; is_f32++) {
            const char *type = is_f32 ? "float" : "double", *end = is_f32 ? "f" : "";
            const char *own = arena_printf(a, "strict_%s_%s", name, is_f32 ? "f32" : "f64");
            list_add(a, needed, own);
            if (f == FN_POWER)
                text_printf(&functions, "%s %s%s(%s x, %s y) { return %s(x, y); }\n", type, libm,
                            end, type, type, own);
            else
                text_printf(&functions, "%s %s%s(%s x) { return %s(x); }\n", type, libm, end, type,
                            own);
        }
    }
    Writer w = {&text, 0};
    write_directive(&w, "#include <math.h>\n#include <stdint.h>\n");
    prelude_print(&w, &needed);
    text_add(&text, functions.bytes);
    return text;
}

static bool write_files(Arena *a, const Generated *g, const char *folder) {
    Text math = math_source(a);
    const char *source = path_join(a, folder, arena_printf(a, "%s.c", g->name));
    const char *header = path_join(a, folder, arena_printf(a, "%s.h", g->name));
    return folder_make(folder, 0777) && file_write(source, g->source.bytes, g->source.size) &&
           file_write(header, g->header.bytes, g->header.size) &&
           file_write(path_join(a, folder, "math.h"), embedded_wasm_math,
                      strlen(embedded_wasm_math)) &&
           file_write(path_join(a, folder, "wasm_math.c"), math.bytes, math.size);
}

static int missing(void) {
    fprintf(stderr, "netc: WebAssembly is made by clang and lld, version 19; install the packages "
                    "clang-19 and lld-19\n");
    return EXIT_FILES;
}

static int run_clang(Arena *a, const char *folder, const char *name, const char *out) {
    static const char *const compiler[] = {"clang-19", "clang"};
    Text said = text_new(a);
    for (int i = 0; i < 2; i++) {
        Words words = {0};
        words_add(a, &words, compiler[i]);
        words_add_text(a, &words, flags);
        words_add(a, &words, arena_printf(a, "-I%s", folder));
        words_add(a, &words, path_join(a, folder, arena_printf(a, "%s.c", name)));
        words_add(a, &words, path_join(a, folder, "wasm_math.c"));
        words_add(a, &words, "-o");
        words_add(a, &words, out);
        said = text_new(a);
        int status = process_run(a, &words, &said);
        if (status == 0) return EXIT_FINE;
        if (status == 127) continue;
        bool no_linker = said.size && strstr(said.bytes, "wasm-ld");
        bool no_target = said.size && strstr(said.bytes, "No available targets");
        if (no_linker || no_target) return missing();
        fprintf(stderr, "netc: %s could not make WebAssembly (status %d):\n%s", compiler[i], status,
                said.size ? said.bytes : "");
        return EXIT_FILES;
    }
    return missing();
}

int wasm_compile(Arena *a, const Generated *g, const char *keep, char **bytes, size_t *size) {
    char *temporary = keep ? NULL : folder_temporary(a);
    const char *folder = keep ? keep : temporary;
    if (!folder) return EXIT_FILES;
    int code = EXIT_FILES;
    const char *out = path_join(a, folder, arena_printf(a, "%s.wasm", g->name));
    if (write_files(a, g, folder)) code = run_clang(a, folder, g->name, out);
    if (code == EXIT_FINE) *bytes = file_load(a, out, size, false);
    if (code == EXIT_FINE && !*bytes) code = EXIT_FILES;
    if (temporary) folder_delete(temporary);
    return code;
}
