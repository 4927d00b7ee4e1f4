// blocks.c: see blocks.h.
#include "blocks.h"

#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t SEED = 0x0123456789ABCDEFu;

const JitPlugin *plugin_open(const char *path) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) fprintf(stderr, "%s\n", dlerror());
    return handle ? dlsym(handle, JIT_PLUGIN_SYMBOL) : NULL;
}

// --- blocks

static size_t block_size(const LoopModule *m, int storage) {
    for (int i = 0; i < m->buffer.count; i++)
        if ((int)m->buffer.item[i]->storage == storage)
            return loop_block_bytes(m, (LoopStorage)storage);
    return 0;
}

static double random_value(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 40) * 0x1p-23 - 1.0; // in [-1, 1)
}

static void fill(const LoopModule *m, const LoopBuffer *b, char *block, uint64_t *state) {
    char *at = block + loop_buffer_offset(m, b);
    int limit = b->value_limit ? (int)b->value_limit : 3;
    for (size_t i = 0; i < loop_buffer_count(b); i++) {
        double value = random_value(state), real = value;
        if (b->storage == LOOP_STATES) real = 1 + value / 2;
        if (b->storage == LOOP_PARAMS) real = value / 4;
        if (b->type == LOOP_INT)
            ((int32_t *)(void *)at)[i] = (int32_t)((value + 1) / 2 * limit);
        else if (b->type == LOOP_REAL && m->is_f32)
            ((float *)(void *)at)[i] = (float)real;
        else
            ((double *)(void *)at)[i] = real;
    }
}

static Blocks zeroed(const LoopModule *m) {
    Blocks b = {{0}};
    for (int s = 0; s < LOOP_LOCAL; s++) {
        size_t size = block_size(m, s);
        if (size && posix_memalign(&b.of[s], NET_ALIGN, size)) fail_msg("no memory");
        if (size) memset(b.of[s], 0, size);
    }
    return b;
}

Blocks blocks_new(const LoopModule *m, uint64_t seed, bool fill_work) {
    Blocks b = zeroed(m);
    for (int i = 0; i < m->buffer.count; i++) {
        const LoopBuffer *buffer = m->buffer.item[i];
        LoopStorage s = buffer->storage;
        bool is_input = s == LOOP_PARAMS || s == LOOP_STATES || s == LOOP_BATCH;
        if (is_input || fill_work) fill(m, buffer, b.of[s], &seed);
    }
    return b;
}

Blocks blocks_copy(const LoopModule *m, const Blocks *from) {
    Blocks b = zeroed(m);
    for (int s = 0; s < LOOP_LOCAL; s++)
        if (b.of[s]) memcpy(b.of[s], from->of[s], block_size(m, s));
    return b;
}

void blocks_free(Blocks *b) {
    for (int s = 0; s < LOOP_LOCAL; s++) free(b->of[s]);
}

// --- running

void interpret_function(const LoopModule *m, const char *name, const Blocks *b, int n,
                        uint64_t step) {
    const LoopFunction *f = loop_function_find(m, name);
    LoopCall call = {.N = n, .seed = SEED, .step = step};
    const char *problem = "";
    memcpy(call.block, b->of, sizeof call.block);
    if (f && !loop_eval(m, f, &call, &problem)) fail_msg("%s: %s", m->model, problem);
}

void machine_function(const LoopModule *m, const char *name, const JitPlugin *plugin, Jit *jit,
                      const Blocks *b, int n, uint64_t step, int threads) {
    if (!loop_function_find(m, name)) return;
    void *address = plugin->address(jit, name);
    void (*function)(const NetCall *);
    if (!address) fail_msg("%s has no %s", m->model, name);
    memcpy(&function, &address, sizeof function);
    function(&(NetCall){b->of[LOOP_PARAMS], b->of[LOOP_GRADS], b->of[LOOP_STATES],
                        b->of[LOOP_BATCH], b->of[LOOP_WORK], b->of[LOOP_RESULTS], n, SEED, step,
                        threads});
}

// --- comparison

static double element(const LoopModule *m, const LoopBuffer *b, const Blocks *blocks, size_t i) {
    const char *at = (const char *)blocks->of[b->storage] + loop_buffer_offset(m, b);
    if (b->type == LOOP_INT) return ((const int32_t *)(const void *)at)[i];
    if (b->type == LOOP_REAL && m->is_f32) return (double)((const float *)(const void *)at)[i];
    return ((const double *)(const void *)at)[i];
}

// Equal bits; the sign and payload of a NaN are left to the processor.
static bool same(double a, double b) {
    return isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof a) == 0;
}

static double largest_of(const LoopModule *m, const LoopBuffer *b, const Blocks *blocks) {
    double largest = 0;
    for (size_t i = 0; i < loop_buffer_count(b); i++) {
        double x = fabs(element(m, b, blocks, i));
        if (isfinite(x)) largest = fmax(largest, x);
    }
    return largest;
}

static size_t compare_buffer(const LoopModule *m, const LoopBuffer *b, const Blocks *want,
                             const Blocks *have, double room, const char *where) {
    size_t compared = 0;
    for (size_t i = 0; i < loop_buffer_count(b); i++) {
        double w = element(m, b, want, i), h = element(m, b, have, i);
        if (!same(w, h) && !(room > 0 && fabs(w - h) <= room))
            fail_msg("%s: %s.%s[%zu] is %a, wanted %a (off by %.1e where %.1e is allowed)", where,
                     m->model, b->name, i, h, w, fabs(w - h), room);
        compared += isfinite(w) && w != 0;
    }
    return compared;
}

size_t compare_blocks(const LoopModule *m, const Blocks *want, const Blocks *have, double relative,
                      const char *where) {
    size_t compared = 0;
    for (int i = 0; i < m->buffer.count; i++) {
        const LoopBuffer *b = m->buffer.item[i];
        compared += compare_buffer(m, b, want, have, relative * largest_of(m, b, want), where);
    }
    return compared;
}

// A gradient that vanishes in exact arithmetic (a bias before a normalisation) is rounding alone;
// its scale is this part of the largest gradient of the net.
static const double VANISHING = 2e-2;

size_t compare_gradients(const LoopModule *m, const Blocks *want, const Blocks *have,
                         double relative, const char *where) {
    double largest = 0;
    size_t compared = 0;
    for (int i = 0; i < m->buffer.count; i++)
        if (m->buffer.item[i]->storage == LOOP_GRADS)
            largest = fmax(largest, largest_of(m, m->buffer.item[i], want));
    for (int i = 0; i < m->buffer.count; i++) {
        const LoopBuffer *b = m->buffer.item[i];
        if (b->storage != LOOP_GRADS) continue;
        double scale = fmax(largest_of(m, b, want), VANISHING * largest);
        compared += compare_buffer(m, b, want, have, relative * scale, where);
    }
    return compared;
}
