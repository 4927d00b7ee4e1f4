// load.c: see load.h.
#include "driver/load.h"

#include "driver/files.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t model_training_bytes(const LoopModule *m) {
    size_t sum = 0;
    for (int s = LOOP_PARAMS; s <= LOOP_WORK; s++) sum += loop_block_bytes(m, (LoopStorage)s);
    return sum;
}

static bool fits_memory(const Pipeline *p) {
    double wanted = (double)model_training_bytes(p->loops);
    double there = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (wanted <= there) return true;
    fprintf(stderr,
            "netc: %s needs %.1f GB at batch size %lld, this machine has %.1f GB; a smaller model "
            "or --batch-size "
            "would fit\n",
            p->path, wanted / 1e9, (long long)p->loops->batch_size, there / 1e9);
    return false;
}

// Compiles into the cache's folder under a name of this process, then moves it to its place.
static char *compile_entry(Pipeline *p, const Toolchain *t, const Generated *g, const Cache *cache,
                           const char *key, int *code) {
    Arena *a = p->compile->arena;
    char *built = path_join(a, cache->folder, arena_printf(a, "%s.%ld.tmp", key, (long)getpid()));
    *code = toolchain_shared(p, t, g, built);
    char *entry = *code == EXIT_FINE ? cache_store(a, cache, key, built) : NULL;
    unlink(built);
    if (!entry && *code == EXIT_FINE) *code = EXIT_FILES;
    return entry;
}

static int open_entry(const char *path, Loaded *out) {
    out->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    out->model = out->handle ? dlsym(out->handle, "net_model") : NULL;
    if (out->model && out->model->abi == NET_ABI) return EXIT_FINE;
    const char *why = out->handle ? "it does not export a net_model of this version" : dlerror();
    fprintf(stderr, "netc: cannot load the compiled model: %s\n", why);
    return EXIT_FILES;
}

static const char *first_line(Arena *a, const char *text) {
    return arena_copy(a, text, strcspn(text, "\n"));
}

static int load_shared(Pipeline *p, const Toolchain *t, Loaded *out) {
    Arena *a = p->compile->arena;
    Generated g = generate(p, NULL);
    const char *version = toolchain_version(a, t);
    const char *const made_of[] = {NETC_VERSION, g.source.bytes, g.header.bytes, g.table.bytes,
                                   toolchain_identity(p, t, version)};
    char *key = cache_key(a, made_of, 5);
    char *entry = t->keep || p->fresh ? NULL : cache_find(a, &out->cache, key);
    int code = EXIT_FINE;
    if (!entry) entry = compile_entry(p, t, &g, &out->cache, key, &code);
    out->compiler = first_line(a, version);
    return entry ? open_entry(entry, out) : code;
}

static int load_jit(Pipeline *p, Loaded *out) {
    Arena *a = p->compile->arena;
    out->plugin = jit_load();
    if (!out->plugin) fprintf(stderr, "  or take the C compiler: --cc cc in place of --jit\n");
    if (out->plugin) out->jit = jit_compile(p, out->plugin, &out->cache);
    if (!out->jit) return EXIT_FILES;
    NetModel *model = arena_new_array(a, NetModel, 1);
    model_table(p, model);
    out->plugin->functions(out->jit, model);
    out->compiler = arena_printf(a, "LLVM %s, JIT", out->plugin->llvm);
    out->model = model;
    return EXIT_FINE;
}

static bool runs_here(const Pipeline *p) {
    if (target_runs_here(p->target)) return true;
    fprintf(stderr,
            "netc: %s: this processor cannot run code for %s; leave --target out, or take "
            "--target native\n",
            p->path, p->target);
    return false;
}

int model_load(Pipeline *p, const Toolchain *t, Loaded *out) {
    *out = (Loaded){0};
    if (!runs_here(p)) return EXIT_FILES;
    if (!pipeline_compile(p, NULL)) return pipeline_finish(p);
    if (!fits_memory(p) || !cache_open(p->compile->arena, &out->cache)) return EXIT_FILES;
    int code = p->jit ? load_jit(p, out) : load_shared(p, t, out);
    if (code != EXIT_FINE) model_unload(out);
    return code;
}

void model_unload(Loaded *loaded) {
    // The handle stays open: OpenMP's threads may still stand in the library's code, and the
    // process ends soon.
    if (loaded->jit) loaded->plugin->free(loaded->jit);
    if (loaded->cache.folder) cache_close(&loaded->cache);
    loaded->jit = NULL;
    loaded->model = NULL;
}

const void *call_block(const NetCall *c, LoopStorage storage) {
    switch (storage) {
    case LOOP_PARAMS: return c->params;
    case LOOP_GRADS: return c->grads;
    case LOOP_STATES: return c->states;
    case LOOP_BATCH: return c->batch;
    case LOOP_WORK: return c->work;
    case LOOP_RESULTS: return c->results;
    case LOOP_LOCAL: break;
    }
    return NULL;
}
