// cache.c: see cache.h.
#include "driver/cache.h"

#include "driver/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

typedef struct Trailer {
    char magic[16];
    uint64_t size, low, high;
} Trailer;

static const char magic[16] = "netc-cache-entry";

static Trailer trailer_of(const void *bytes, size_t size) {
    XXH128_hash_t hash = XXH3_128bits(bytes, size);
    Trailer t = {.size = size, .low = hash.low64, .high = hash.high64};
    memcpy(t.magic, magic, sizeof t.magic);
    return t;
}

static char *wanted_folder(Arena *a) {
    const char *own = getenv("NETC_CACHE"), *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (own && *own) return arena_copy(a, own, strlen(own));
    if (xdg && *xdg == '/') return path_join(a, xdg, "netc");
    if (home && *home) return path_join(a, home, ".cache/netc");
    return NULL;
}

// Makes what is missing without a word: there is a fallback.
static void make_quietly(const char *path) {
    char *copy = strdup(path);
    for (char *p = copy ? copy + 1 : NULL; p; p++) {
        char kept = *p;
        if (kept && kept != '/') continue;
        *p = 0;
        mkdir(copy, 0700);
        *p = kept;
        if (!kept) break;
    }
    free(copy);
}

static bool is_ours_alone(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == geteuid() &&
           !(s.st_mode & (S_IWGRP | S_IWOTH)) && access(path, W_OK | X_OK) == 0;
}

bool cache_open(Arena *a, Cache *out) {
    *out = (Cache){.folder = wanted_folder(a)};
    if (out->folder) {
        make_quietly(out->folder);
        if (is_ours_alone(out->folder)) return true;
    }
    *out = (Cache){.folder = folder_temporary(a), .is_temporary = true};
    return out->folder != NULL;
}

void cache_close(Cache *cache) {
    if (cache->is_temporary && cache->folder) folder_delete(cache->folder);
    cache->folder = NULL;
}

char *cache_key(Arena *a, const char *const *text, int count) {
    XXH3_state_t *state = XXH3_createState();
    XXH3_128bits_reset(state);
    for (int i = 0; i < count; i++) {
        uint64_t size = strlen(text[i]);
        XXH3_128bits_update(state, &size, sizeof size);
        XXH3_128bits_update(state, text[i], size);
    }
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    return arena_printf(a, "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
}

static char *entry_path(Arena *a, const Cache *cache, const char *key, const char *ending) {
    return path_join(a, cache->folder, arena_printf(a, "%s%s", key, ending));
}

// The entry without its trailer; NULL where there is none, or a damaged one, which goes.
static const char *read_entry(Arena *a, const char *path, size_t *size) {
    char *bytes = file_load(a, path, size, true);
    if (!bytes) return NULL;
    Trailer found, expected = {0};
    if (*size > sizeof found) {
        *size -= sizeof found;
        memcpy(&found, bytes + *size, sizeof found);
        expected = trailer_of(bytes, *size);
        if (!memcmp(&found, &expected, sizeof found)) return bytes;
    }
    unlink(path);
    return NULL;
}

static bool write_entry(Arena *a, const char *path, const void *bytes, size_t size) {
    Trailer trailer = trailer_of(bytes, size);
    Text whole = text_new(a);
    text_add_bytes(&whole, bytes, size);
    text_add_bytes(&whole, (const char *)&trailer, sizeof trailer);
    return file_write(path, whole.bytes, whole.size);
}

char *cache_find(Arena *a, const Cache *cache, const char *key) {
    char *path = entry_path(a, cache, key, ".so");
    size_t size = 0;
    return read_entry(a, path, &size) ? path : NULL;
}

char *cache_store(Arena *a, const Cache *cache, const char *key, const char *built) {
    size_t size = 0;
    char *bytes = file_load(a, built, &size, false);
    if (!bytes) return NULL;
    char *path = entry_path(a, cache, key, ".so");
    bool fine = write_entry(a, path, bytes, size);
    unlink(built);
    return fine ? path : NULL;
}

const void *cache_read_object(Arena *a, const Cache *cache, const char *key, size_t *size) {
    return read_entry(a, entry_path(a, cache, key, ".o"), size);
}

bool cache_write_object(Arena *a, const Cache *cache, const char *key, const Text *object) {
    return write_entry(a, entry_path(a, cache, key, ".o"), object->bytes, object->size);
}
