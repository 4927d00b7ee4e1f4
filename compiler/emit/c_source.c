// c_source.c: the functions of a generated model, and the helpers that they use.
#include "emit/c.h"

#include <inttypes.h>
#include <string.h>

// Local arrays that belong to no iteration of a parallel loop.
static int write_locals(CEmitter *e, const LoopFunction *f) {
    int count = 0;
    for (int i = 0; i < f->local.count; i++) {
        bool shared = false;
        const LoopStatement *home = loop_local_home(f, f->local.item[i], &shared);
        if (home) continue;
        c_local_array(e, f->local.item[i]);
        count++;
    }
    return count;
}

static void write_function(CEmitter *e, const LoopFunction *f) {
    e->function = f;
    write_blank(&e->writer);
    if (f->comment) write_comment(&e->writer, f->comment);
    write_open(&e->writer, "%s", c_signature(e, f));
    int declared = c_head_aliases(e, f) + write_locals(e, f);
    if (declared && f->body.count) write_blank(&e->writer);
    c_body(e, &f->body);
    write_close(&e->writer, "");
}

// A struct is its block: the compiler must lay it out as the tables of the model say.
static void write_assertions(CEmitter *e) {
    const LoopModule *m = e->module;
    write_comment(
        &e->writer,
        "Each struct is one block of memory, and whoever fills it counts on this layout.");
    for (int s = 0; s < LOOP_LOCAL; s++) {
        if (s == LOOP_GRADS || !c_has_block(m, (LoopStorage)s)) continue;
        const char *type = c_block_type(e, (LoopStorage)s);
        write_line(&e->writer, "_Static_assert(sizeof(%s) == %zu, \"layout of %s\");", type,
                   loop_block_bytes(m, (LoopStorage)s), type);
    }
    write_blank(&e->writer);
}

static void write_streams(CEmitter *e) {
    if (e->stream.count == 0) return;
    write_comment(&e->writer, "Each place that draws random numbers has a stream of its own.");
    for (int i = 0; i < e->stream.count; i++)
        write_line(&e->writer, "static const uint64_t STREAM_%d = UINT64_C(0x%016" PRIx64 ");",
                   i + 1, e->stream.item[i]);
    write_blank(&e->writer);
}

// Loops marked so are cut among threads. Without OpenMP there is one thread and the argument is not
// needed.
static void write_parallel_macro(CEmitter *e) {
    if (!e->used_parallel) return;
    write_comment(&e->writer, "The iterations of a loop marked so are independent of each other.");
    write_directive(
        &e->writer,
        "#ifdef _OPENMP\n"
        "#define PARALLEL_FOR _Pragma(\"omp parallel for num_threads(threads) schedule(static)\")\n"
        "#else\n"
        "#define PARALLEL_FOR (void)threads;\n"
        "#endif\n");
}

static void write_simd_macro(CEmitter *e) {
    if (!e->used_simd) return;
    write_comment(&e->writer,
                  "The iterations of a loop marked so may run in the lanes of vectors.");
    write_directive(&e->writer, "#ifdef _OPENMP\n"
                                "#define SIMD_FOR _Pragma(\"omp simd\")\n"
                                "#else\n"
                                "#define SIMD_FOR\n"
                                "#endif\n");
}

static void write_strict_note(CEmitter *e) {
    if (!e->module->strict) return;
    write_comment(&e->writer,
                  "Compile with -ffp-contract=off: then every compiler gives the same bits.");
    write_directive(&e->writer, "#ifdef __clang__\n#pragma STDC FP_CONTRACT OFF\n#endif\n");
}

void emit_c_source(const LoopModule *m, const EmitOptions *o, Text *out) {
    // The functions are printed first: only then is it known which helpers they need.
    Text functions = text_new(out->arena);
    CEmitter *e = c_emitter_new(m, o, &functions);
    for (int i = 0; i < m->function.count; i++) write_function(e, m->function.item[i]);

    e->writer = (Writer){out, 0};
    c_head_comment(e, ".c: the functions of the model.");
    write_directive(&e->writer, "#include \"%s.h\"\n\n#include <math.h>\n", m->model);
    write_strict_note(e);
    write_assertions(e);
    write_streams(e);
    write_parallel_macro(e);
    write_simd_macro(e);
    c_vector_types(e);
    prelude_print(&e->writer, &e->helper);
    c_vector_loops(e);
    if (functions.size) text_add(out, functions.bytes + 1);
}
