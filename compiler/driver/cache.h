// cache.h: compiled models, kept under the hash of all that went into them.
//
// An entry is a shared object, or an object file of the JIT, with a trailer: magic, size and hash
// of what stands before it. A loader ignores the trailer; the cache recognises damaged entries by
// it. Entries are written beside and renamed, so that two processes cannot disturb each other. The
// folder is $NETC_CACHE, $XDG_CACHE_HOME/netc or ~/.cache/netc; it must belong to the user and be
// writable by nobody else, because what lies in it is run. Where that cannot be had, a private
// temporary folder serves.
#ifndef NETC_DRIVER_CACHE_H
#define NETC_DRIVER_CACHE_H

#include "support/text.h"

typedef struct Cache {
    char *folder;
    bool is_temporary; // deleted by cache_close
} Cache;

// False after saying that not even a temporary folder can be made.
bool cache_open(Arena *a, Cache *out);
void cache_close(Cache *cache);

// The name of an entry: 128 bits of XXH3 over all texts, each with its length, as 32 hexadecimal
// digits.
char *cache_key(Arena *a, const char *const *text, int count);

// The path of the entry's whole and unharmed file, or NULL. A damaged file is deleted.
char *cache_find(Arena *a, const Cache *cache, const char *key);
// Adds the trailer to the file `built` (in the cache's folder) and moves it to its place; NULL
// after a message.
char *cache_store(Arena *a, const Cache *cache, const char *key, const char *built);

// The bytes of an object file that was kept, or NULL; a damaged one is deleted. And keeps one;
// false after a message.
const void *cache_read_object(Arena *a, const Cache *cache, const char *key, size_t *size);
bool cache_write_object(Arena *a, const Cache *cache, const char *key, const Text *object);

#endif
