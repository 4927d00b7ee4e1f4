// jit.c: see jit.h.
#include "driver/jit.h"

#include "driver/files.h"
#include "driver/host.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char plugin_name[] = "netc_jit.so";

static const char remedy[] =
    "install the package llvm-19-dev and build netc again, with cmake anew";

static char *find_plugin(Arena *a) {
    const char *named = getenv("NETC_JIT");
    if (named && *named) return arena_copy(a, named, strlen(named));
    char *folder = program_folder(a);
    if (!folder) return NULL;
    char *beside = path_join(a, folder, plugin_name);
    if (file_exists(beside)) return beside;
    char *installed =
        path_join(a, folder, arena_printf(a, "../%s/netc/%s", NETC_LIBDIR, plugin_name));
    if (file_exists(installed)) return installed;
    fprintf(stderr,
            "netc: this needs LLVM, and this netc was built without it (%s is not there)\n  %s\n",
            beside, remedy);
    return NULL;
}

static const JitPlugin *open_plugin(const char *path) {
    // A shared library of another build may lack a symbol: said now rather than in the middle.
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const JitPlugin *plugin = handle ? dlsym(handle, JIT_PLUGIN_SYMBOL) : NULL;
    if (!handle)
        fprintf(stderr, "netc: cannot load %s: %s\n  %s\n", path, dlerror(), remedy);
    else if (!plugin || plugin->version != JIT_PLUGIN_VERSION)
        fprintf(stderr, "netc: %s belongs to another netc\n  %s\n", path, remedy);
    else
        return plugin;
    if (handle) dlclose(handle);
    return NULL;
}

const JitPlugin *jit_load(void) {
    Arena *a = arena_new(0);
    char *path = find_plugin(a);
    const JitPlugin *plugin = path ? open_plugin(path) : NULL;
    arena_free(a);
    return plugin;
}

// --- from loops to machine code

// The build of the plug-in decides what it makes of the loops.
static const char *plugin_build(Arena *a) {
    struct stat s = {0};
    const char *path = find_plugin(a);
    if (path) stat(path, &s);
    return arena_printf(a, "%lld %lld.%09ld", (long long)s.st_size, (long long)s.st_mtim.tv_sec,
                        (long)s.st_mtim.tv_nsec);
}

static char *key_of(Pipeline *p, const JitPlugin *plugin) {
    Arena *a = p->compile->arena;
    Text loops = text_new(a);
    loop_print(p->loops, &loops);
    const char *const made_of[] = {NETC_VERSION,      "jit",      plugin->llvm, plugin_build(a),
                                   host_processor(a), loops.bytes};
    return cache_key(a, made_of, sizeof made_of / sizeof *made_of);
}

static void say_problem(const Pipeline *p, const char *problem) {
    fprintf(stderr, "netc: LLVM cannot compile %s: %s\n", p->path,
            problem ? problem : "it does not say why");
}

Jit *jit_compile(Pipeline *p, const JitPlugin *plugin, const Cache *cache) {
    Arena *a = p->compile->arena;
    char *key = key_of(p, plugin);
    JitOptions options = {0};
    Text object = text_new(a);
    const char *problem = NULL;
    if (!p->fresh) options.object = cache_read_object(a, cache, key, &options.object_size);
    Jit *jit = plugin->compile(p->loops, &options, &object, &problem);
    if (!jit && options.object)
        jit = plugin->compile(p->loops, &(JitOptions){0}, &object, &problem);
    if (!jit) say_problem(p, problem);
    // A cache that cannot be written costs time alone.
    if (jit && object.size) cache_write_object(a, cache, key, &object);
    return jit;
}

int jit_write(Pipeline *p, JitFormat format, const char *cpu, Text *out) {
    const JitPlugin *plugin = jit_load();
    if (!plugin) return EXIT_FILES;
    JitOptions options = {.cpu = cpu};
    const char *problem = NULL;
    if (plugin->write(p->loops, format, &options, out, &problem)) return EXIT_FINE;
    say_problem(p, problem);
    return EXIT_FILES;
}
