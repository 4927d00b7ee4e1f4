// reserved.c: the words that generated C already uses. Members and macros also pass through C++
// compilers.
#include "loop/loop.h"

#include <string.h>

static const char *const keyword[] = {
    // C11 and later
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
    "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict",
    "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union",
    "unsigned", "void", "volatile", "while", "alignas", "alignof", "bool", "constexpr", "false",
    "nullptr", "static_assert", "thread_local", "true", "typeof", "typeof_unqual",
    // C++
    "and", "and_eq", "asm", "bitand", "bitor", "catch", "char8_t", "char16_t", "char32_t", "class",
    "compl", "concept", "consteval", "constinit", "const_cast", "co_await", "co_return", "co_yield",
    "decltype", "delete", "dynamic_cast", "explicit", "export", "friend", "mutable", "namespace",
    "new", "noexcept", "not", "not_eq", "operator", "or", "or_eq", "private", "protected", "public",
    "reinterpret_cast", "requires", "static_cast", "template", "this", "throw", "try", "typeid",
    "typename", "using", "virtual", "wchar_t", "xor", "xor_eq"};

static const char *const library[] = {
    // math.h; each also with the suffixes f and l
    "acos",   "acosh",     "asin",      "asinh",      "atan",   "atan2",   "atanh",       "cbrt",
    "ceil",   "copysign",  "cos",       "cosh",       "drem",   "erf",     "erfc",        "exp",
    "exp10",  "exp2",      "expm1",     "fabs",       "fdim",   "finite",  "floor",       "fma",
    "fmax",   "fmin",      "fmod",      "frexp",      "gamma",  "hypot",   "ilogb",       "isinf",
    "isnan",  "j0",        "j1",        "jn",         "ldexp",  "lgamma",  "llrint",      "llround",
    "log",    "log10",     "log1p",     "log2",       "logb",   "lrint",   "lround",      "modf",
    "nan",    "nearbyint", "nextafter", "nexttoward", "pow",    "pow10",   "remainder",   "remquo",
    "rint",   "round",     "scalb",     "scalbln",    "scalbn", "signbit", "significand", "sin",
    "sincos", "sinh",      "sqrt",      "tan",        "tanh",   "tgamma",  "trunc",       "y0",
    "y1",     "yn"};

static const char *const word[] = {
    // further names of math.h, and built-in functions that compilers know
    "fpclassify", "isfinite", "isnormal", "isgreater", "isgreaterequal", "isless", "islessequal",
    "islessgreater", "isunordered", "signgam", "matherr", "HUGE", "HUGE_VAL", "HUGE_VALF",
    "HUGE_VALL", "INFINITY", "NAN", "NULL", "EOF", "abs", "labs", "llabs", "div", "index", "rindex",
    "main", "printf", "malloc", "free", "exit", "abort", "memcpy", "memset", "strlen", "linux",
    "unix", "i386", "errno", "float_t", "double_t", "size_t", "ptrdiff_t", "intptr_t", "uintptr_t",
    "intmax_t", "uintmax_t", "div_t", "alloca",
    // the parameters of generated functions
    "params", "grads", "states", "batch", "work", "results", "seed", "step", "threads", "call", "N",
    // the helpers of prelude/
    "int_min", "int_max", "int_of_real", "floor_divide", "ceil_divide", "philox",
    // what generated C defines besides
    "net_model", "PARALLEL_FOR", "SIMD_FOR", "vec"};

static const char *const prefix[] = {
    "int8",   "int16",   "int32",  "int64", "int_fast", "int_least", "uint8",   "uint16",
    "uint32", "uint64",  "uint_",  "INT8_", "INT16",    "INT32_",    "INT64_",  "INT_",
    "UINT",   "STREAM_", "FP_",    "M_",    "PTRDIFF_", "SIZE_MAX",  "strict_", "NET_",
    "__",     "_POSIX",  "WCHAR_", "SIG_",  "Net",      "vec_",      "VEC_"};

static const char *const helper[] = {"min",     "max",      "sign",   "rsqrt",
                                     "sigmoid", "softplus", "random", "bernoulli"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

// Nearly every word differs in its first letter.
static bool begins_alike(const char *a, const char *b) {
    return a[0] == b[0];
}

static bool is_one_of(const char *name, const char *const *choice, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (begins_alike(name, choice[i]) && strcmp(name, choice[i]) == 0) return true;
    return false;
}

// name = base + one of the suffixes
static bool has_suffix(const char *name, const char *base, const char *const *suffix, int count) {
    if (!begins_alike(name, base)) return false;
    size_t size = strlen(base);
    if (strncmp(name, base, size) != 0) return false;
    for (int i = 0; i < count; i++)
        if (strcmp(name + size, suffix[i]) == 0) return true;
    return false;
}

bool loop_name_is_reserved(const char *name) {
    static const char *const of_libm[] = {"", "f", "l", "_r", "f_r"};
    static const char *const of_helper[] = {"_f32", "_f64"};
    if (name[0] == '_') return true;
    if (is_one_of(name, keyword, COUNT(keyword)) || is_one_of(name, word, COUNT(word))) return true;
    for (size_t i = 0; i < COUNT(library); i++)
        if (has_suffix(name, library[i], of_libm, 5)) return true;
    for (size_t i = 0; i < COUNT(helper); i++)
        if (has_suffix(name, helper[i], of_helper, 2)) return true;
    for (size_t i = 0; i < COUNT(prefix); i++)
        if (begins_alike(name, prefix[i]) && strncmp(name, prefix[i], strlen(prefix[i])) == 0)
            return true;
    return false;
}
