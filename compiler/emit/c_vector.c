// c_vector.c: vectors in C: the types that gcc and clang make vector registers of, and functions
// that a vector has only lane by lane.
#include "emit/c.h"

#include "loop/scalar.h"

#include <string.h>

// The prelude's name of a function that it has for vectors of both precisions; NULL for others.
static const char *vector_helper(Function f) {
    static const char *const name[FUNCTION_COUNT] = {
        [FN_ABS] = "vec_abs", [FN_SIGN] = "vec_sign", [FN_MIN] = "vec_min", [FN_MAX] = "vec_max"};
    return name[f];
}

// A function of scalars, called on each lane; the loop is written by c_vector_loops.
static const char *each_of(CEmitter *e, const char *scalar) {
    const char *name = arena_printf(e->arena, "vec_each_%s", scalar);
    c_helper(e, "vec_load");
    c_helper(e, "vec_store");
    for (int i = 0; i < e->each.count; i++)
        if (strcmp(e->each.item[i], scalar) == 0) return name;
    list_add(e->arena, e->each, scalar);
    return name;
}

const char *c_vector_function(CEmitter *e, const LoopExpr *x) {
    Function f = x->function;
    if (loop_lane_is_polynomial(f, e->module->is_f32, e->module->strict))
        return c_helper(e, arena_printf(e->arena, "vec_%s", function_name(f)));
    const char *name = vector_helper(f);
    if (name) return c_helper(e, name);
    return each_of(e, c_scalar_function(e, x->function, LOOP_REAL));
}

const char *c_lane_sum(CEmitter *e) {
    e->used_lane_sum = true;
    c_helper(e, "vec_store");
    return "vec_sum";
}

static bool uses_vectors(const CEmitter *e) {
    for (int i = 0; i < e->helper.count; i++)
        if (strncmp(e->helper.item[i], "vec_", 4) == 0) return true;
    return false;
}

// What random numbers in vectors are made of: words of 32 bits, and their products.
static void write_word_types(CEmitter *e) {
    const int bytes = 4 * e->module->lanes;
    static const char form[] = "typedef %s %s __attribute__((vector_size(%d)));";
    write_line(&e->writer, form, "uint32_t", "vec_word", bytes);
    write_line(&e->writer, form, "int32_t", "vec_sign_word", bytes);
    write_line(&e->writer, form, "uint64_t", "vec_wide", bytes);
}

static bool draws_vectors(const CEmitter *e) {
    for (int i = 0; i < e->helper.count; i++)
        if (strcmp(e->helper.item[i], "vec_random") == 0 ||
            strcmp(e->helper.item[i], "vec_bernoulli") == 0)
            return true;
    return false;
}

void c_vector_types(CEmitter *e) {
    const LoopModule *m = e->module;
    const char *lane = c_memory_type(m, LOOP_REAL);
    int bytes = m->is_f32 ? 4 : 8;
    if (!uses_vectors(e)) return;
    write_comment(&e->writer,
                  "Vectors of gcc and clang: each operator works on all lanes at once.");
    write_directive(&e->writer, "#define VEC_INLINE static inline __attribute__((always_inline))\n"
                                "#pragma GCC diagnostic ignored \"-Wpsabi\"");
    if (draws_vectors(e))
        write_directive(&e->writer, "#ifdef __AVX2__\n#include <immintrin.h>\n#endif");
    write_directive(&e->writer, "#define VEC_LANES %d", m->lanes);
    write_line(&e->writer, "typedef %s vec_lane;", lane);
    write_line(&e->writer, "typedef %s vec __attribute__((vector_size(%d)));", lane,
               m->lanes * bytes);
    write_line(&e->writer, "typedef int%d_t vec_int __attribute__((vector_size(%d)));", 8 * bytes,
               m->lanes * bytes);
    write_long_line(&e->writer,
                    "typedef %s vec_unaligned __attribute__((vector_size(%d), aligned(%d), "
                    "may_alias));",
                    lane, m->lanes * bytes, bytes);
    if (draws_vectors(e)) write_word_types(e);
    write_blank(&e->writer);
}

static bool has_two_arguments(const char *scalar) {
    return strstr(scalar, "pow") != NULL;
}

// One loop a level of the tree: with known bounds each becomes one addition of vectors.
static void write_lane_sum(CEmitter *e) {
    Writer *w = &e->writer;
    write_comment(w, "The upper half is added to the lower until one lane is left.");
    write_open(w, "VEC_INLINE vec_lane vec_sum(vec x)");
    write_line(w, "vec_lane lane[VEC_LANES];");
    write_line(w, "vec_store(lane, x);");
    for (int half = e->module->lanes / 2; half > 1; half /= 2) {
        write_line(w, "for (int i = 0; i < %d; i++)", half);
        write_line(w, "    lane[i] += lane[i + %d];", half);
    }
    write_line(w, "return lane[0] + lane[1];");
    write_close(w, "");
    write_blank(w);
}

void c_vector_loops(CEmitter *e) {
    Writer *w = &e->writer;
    if (e->used_lane_sum) write_lane_sum(e);
    for (int i = 0; i < e->each.count; i++) {
        const char *f = e->each.item[i];
        bool two = has_two_arguments(f);
        write_open(w, "VEC_INLINE vec vec_each_%s(vec x%s)", f, two ? ", vec y" : "");
        write_line(w, "vec_lane lane[VEC_LANES]%s;", two ? ", other[VEC_LANES]" : "");
        write_line(w, "vec_store(lane, x);");
        if (two) write_line(w, "vec_store(other, y);");
        write_line(w, "for (int i = 0; i < VEC_LANES; i++)");
        write_line(w, "    lane[i] = %s(lane[i]%s);", f, two ? ", other[i]" : "");
        write_line(w, "return vec_load(lane);");
        write_close(w, "");
        write_blank(w);
    }
}
