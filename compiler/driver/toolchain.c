// toolchain.c: writes the generated files into a folder of their own and runs the C compiler on
// them.
//
// -ffp-contract is always given, because its default depends on -std: contraction is allowed (one
// rounding fewer, and twice the speed on machines with fused multiply-add) but not under --strict.
// -fno-math-errno and -fno-trapping-math change no result: square roots and comparisons need not
// keep errno and floating-point traps up to date.
//
// Not -O3: gcc 12 then unrolls short inner loops, groups the loads of `c ? x[i] : 0` and takes them
// in the wrong order (wrong results, with AVX2 and later). Without if-conversion there are no such
// loads at any level; what is left costs no time on the networks that were measured.
#include "driver/toolchain.h"

#include "driver/cache.h"
#include "driver/host.h"
#include "driver/embedded.h"
#include "driver/files.h"
#include "driver/process.h"
#include "emit/emit.h"

#include <stdlib.h>
#include <string.h>

static const char common_flags[] = "-std=c11 -O2 -fno-math-errno -fno-trapping-math -fopenmp";
static const char gcc_flags[] = "-ftree-vectorize -fno-tree-loop-if-convert"; // clang has others
static const char wide_flags[] =
    "-mprefer-vector-width=512"; // else both use halves of vectors of 64 bytes

Toolchain toolchain_from(const Arguments *arguments) {
    const char *cc = option_value(arguments, "cc"), *environment = getenv("CC");
    if (!cc || !*cc) cc = environment && *environment ? environment : "cc";
    return (Toolchain){cc, option_value(arguments, "cflags"), option_value(arguments, "keep")};
}

// Two specs of one fingerprint have the same tensors under the same equations, so that one's
// weights fit the other.
static const char *fingerprint(const Pipeline *p) {
    Arena *a = p->compile->arena;
    Text train = text_new(a), eval = text_new(a);
    program_print(p->model->train, false, &train);
    program_print(p->model->eval, false, &eval);
    const char *const text[] = {train.bytes, eval.bytes};
    return cache_key(a, text, 2);
}

void model_table(Pipeline *p, NetModel *out) {
    lower_net_model(p->model, p->loops, out);
    out->fingerprint = fingerprint(p);
}

Generated generate(Pipeline *p, const char *head) {
    Arena *a = p->compile->arena;
    EmitOptions options = {.openmp = p->lower.parallel, .head = head};
    Generated g = {p->loops->model, text_new(a), text_new(a), text_new(a)};
    NetModel table;
    model_table(p, &table);
    emit_c_source(p->loops, &options, &g.source);
    emit_c_header(p->loops, &options, &g.header);
    emit_c_model(p->loops, &table, &options, &g.table);
    return g;
}

static bool write_one(Arena *a, const char *folder, const char *name, const char *ending,
                      const char *bytes, size_t size) {
    return file_write(path_join(a, folder, arena_printf(a, "%s%s", name, ending)), bytes, size);
}

static const char main_text[] =
    "// The whole program: the model beside this file, run by the runtime.\n"
    "#include \"net_runtime.h\"\n\n"
    "int main(int argc, char **argv) {\n"
    "    return net_main(&net_model, argc, argv);\n"
    "}\n";

bool generated_write(Arena *a, const Generated *g, const char *folder) {
    return folder_make(folder, 0777) &&
           write_one(a, folder, g->name, ".c", g->source.bytes, g->source.size) &&
           write_one(a, folder, g->name, ".h", g->header.bytes, g->header.size) &&
           write_one(a, folder, g->name, "_model.c", g->table.bytes, g->table.size) &&
           write_one(a, folder, g->name, "_main.c", main_text, strlen(main_text)) &&
           write_one(a, folder, "net_model", ".h", embedded_net_model,
                     strlen(embedded_net_model)) &&
           write_one(a, folder, "net_runtime", ".h", embedded_net_runtime,
                     strlen(embedded_net_runtime));
}

static const char *contraction(const Pipeline *p) {
    return p->lower.strict ? "-ffp-contract=off" : "-ffp-contract=fast";
}

static const char *processor(Arena *a, const Pipeline *p) {
    return arena_printf(a, "-march=%s", p->target ? p->target : "native");
}

static bool is_gcc(const char *version) {
    return strstr(version, "Free Software Foundation") != NULL;
}

const char *toolchain_version(Arena *a, const Toolchain *t) {
    Words words = {0};
    words_add_text(a, &words, t->cc);
    words_add(a, &words, "--version");
    Text version = text_new(a);
    int status = process_run(a, &words, &version);
    return status == 0 && version.size ? version.bytes : "";
}

static void add_flags(Arena *a, const Pipeline *p, const Toolchain *t, Words *words) {
    words_add_text(a, words, t->cc);
    words_add_text(a, words, common_flags);
    words_add(a, words, processor(a, p));
    if (is_gcc(toolchain_version(a, t))) words_add_text(a, words, gcc_flags);
    if (target_vector_bytes(p->target) == 64) words_add_text(a, words, wide_flags);
    words_add(a, words, contraction(p));
}

static void add_source(Arena *a, Words *words, const char *folder, const char *name,
                       const char *ending) {
    words_add(a, words, path_join(a, folder, arena_printf(a, "%s%s", name, ending)));
}

static int run_compiler(Arena *a, const Toolchain *t, const Words *words) {
    Text said = text_new(a);
    int status = process_run(a, words, &said);
    if (status == 0) return EXIT_FINE;
    if (status == 127) {
        fprintf(stderr,
                "netc: the C compiler '%s' cannot be run; install gcc or clang, or name one with "
                "--cc\n",
                t->cc);
        return EXIT_FILES;
    }
    fprintf(stderr, "netc: the C compiler failed (status %d):\n", status);
    for (int i = 0; i < words->word.count; i++)
        fprintf(stderr, "%s%s", i ? " " : "  ", words->word.item[i]);
    fprintf(stderr, "\n%s", said.size ? said.bytes : "");
    return EXIT_FILES;
}

// The runtime's archive: beside the program in a build tree, in ../lib/netc in an installed one.
static char *runtime_archive(Arena *a) {
    char *folder = program_folder(a);
    if (!folder) return NULL;
    const char *const place[] = {"runtime/libnetruntime.a",
                                 "../" NETC_LIBDIR "/netc/libnetruntime.a"};
    for (int i = 0; i < 2; i++) {
        char *path = path_join(a, folder, place[i]);
        if (file_exists(path)) return path;
    }
    fprintf(stderr,
            "netc: libnetruntime.a is neither in %s/runtime nor in %s/../%s/netc: netc is not "
            "installed whole\n",
            folder, folder, NETC_LIBDIR);
    return NULL;
}

typedef enum Product { PRODUCT_SHARED, PRODUCT_TRAINER } Product;

static int compile(Pipeline *p, const Toolchain *t, const Generated *g, Product product,
                   const char *out) {
    Arena *a = p->compile->arena;
    char *archive = product == PRODUCT_TRAINER ? runtime_archive(a) : NULL;
    char *temporary = t->keep ? NULL : folder_temporary(a);
    const char *folder = t->keep ? t->keep : temporary;
    if (!folder || (product == PRODUCT_TRAINER && !archive)) return EXIT_FILES;
    int code = EXIT_FILES;
    if (generated_write(a, g, folder)) {
        Words words = {0};
        add_flags(a, p, t, &words);
        if (product == PRODUCT_SHARED) words_add_text(a, &words, "-fPIC -shared");
        words_add_text(a, &words, "-iquote"); // a model may be called like a header of C
        words_add(a, &words, folder);
        if (t->cflags) words_add_text(a, &words, t->cflags);
        words_add_text(a, &words, "-o");
        words_add(a, &words, out);
        add_source(a, &words, folder, g->name, ".c");
        add_source(a, &words, folder, g->name, "_model.c");
        if (product == PRODUCT_TRAINER) {
            add_source(a, &words, folder, g->name, "_main.c");
            words_add(a, &words, archive);
            words_add_text(a, &words, NETC_TRAINER_LIBRARIES);
        }
        words_add(a, &words, "-lm");
        code = run_compiler(a, t, &words);
    }
    if (temporary) folder_delete(temporary);
    return code;
}

int toolchain_shared(Pipeline *p, const Toolchain *t, const Generated *g, const char *out) {
    return compile(p, t, g, PRODUCT_SHARED, out);
}

int toolchain_trainer(Pipeline *p, const Toolchain *t, const Generated *g, const char *out) {
    return compile(p, t, g, PRODUCT_TRAINER, out);
}

char *toolchain_identity(Pipeline *p, const Toolchain *t, const char *version) {
    Arena *a = p->compile->arena;
    return arena_printf(a, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s", t->cc, common_flags, gcc_flags,
                        wide_flags, processor(a, p), contraction(p), t->cflags ? t->cflags : "",
                        version, host_processor(a));
}
