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

// What libm calls a function of ours that has one argument; NULL for what is an instruction or no
// function of libm.
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
    case FN_POWER:
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

// Optimizers take whole powers of numbers below 1, which libm rounds rightly but for one in
// thousands: pairs of doubles do as well.
static const char power_text[] =
    "double pow(double x, double y) {\n"
    "    const int is_whole = x > 0 && x < 1 && y >= 1 && y < 2147483648.0 && y == floor(y);\n"
    "    if (!is_whole) return strict_power_f64(x, y);\n"
    "    strict_pair product = {1, 0}, square = {x, 0};\n"
    "    for (uint32_t n = (uint32_t)y; n; n >>= 1) {\n"
    "        if (n & 1) product = strict_multiply(product, square);\n"
    "        square = strict_multiply(square, square);\n"
    "    }\n"
    "    return product.hi + product.lo;\n"
    "}\n"
    "float powf(float x, float y) { return strict_power_f32(x, y); }\n";

// libm from the pieces of the prelude that --strict uses.
static Text math_source(Arena *a) {
    static const char *const of_power[] = {"strict_multiply", "strict_power_f64",
                                           "strict_power_f32"};
    Text text = text_new(a), functions = text_new(a);
    NameList needed = {0};
    for (int i = 0; i < 3; i++) list_add(a, needed, of_power[i]);
    for (int f = 0; f < FUNCTION_COUNT; f++) {
        const char *name = libm_name((Function)f);
        for (int is_f32 = 0; name && is_f32 < 2; is_f32++) {
            const char *type = is_f32 ? "float" : "double";
            const char *own = arena_printf(a, "strict_%s_%s", name, is_f32 ? "f32" : "f64");
            list_add(a, needed, own);
            text_printf(&functions, "%s %s%s(%s x) { return %s(x); }\n", type, name,
                        is_f32 ? "f" : "", type, own);
        }
    }
    Writer w = {&text, 0};
    write_directive(&w, "#include <math.h>\n#include <stdint.h>\n");
    prelude_print(&w, &needed);
    text_add(&text, functions.bytes);
    text_add(&text, power_text);
    return text;
}

static bool write_text(Arena *a, const char *folder, const char *name, const char *text) {
    return file_write(path_join(a, folder, name), text, strlen(text));
}

// Names with a minus sign are no names of models. A model called math has its own header under that
// name; all files get ours by -include.
static bool write_files(Arena *a, const Generated *g, const char *folder) {
    const char *source = arena_printf(a, "%s.c", g->name);
    const char *header = arena_printf(a, "%s.h", g->name);
    return folder_make(folder, 0777) && write_text(a, folder, "wasm-math.h", embedded_wasm_math) &&
           write_text(a, folder, "wasm-math.c", math_source(a).bytes) &&
           write_text(a, folder, "math.h", "#include \"wasm-math.h\"\n") &&
           write_text(a, folder, header, g->header.bytes) &&
           write_text(a, folder, source, g->source.bytes);
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
        words_add_text(a, &words, "-include");
        words_add(a, &words, path_join(a, folder, "wasm-math.h"));
        words_add(a, &words, path_join(a, folder, arena_printf(a, "%s.c", name)));
        words_add(a, &words, path_join(a, folder, "wasm-math.c"));
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
