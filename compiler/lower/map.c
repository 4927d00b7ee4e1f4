// map.c: a hash table of pointers by pointers, open addressing.
#include "lower/lowering.h"

static int find(const Map *map, const void *key) {
    unsigned at = (unsigned)((uintptr_t)key >> 4) * 2654435761u;
    for (at &= (unsigned)map->capacity - 1; map->key[at] && map->key[at] != key;)
        at = (at + 1) & ((unsigned)map->capacity - 1);
    return (int)at;
}

void *map_get(const Map *map, const void *key) {
    return map->capacity ? map->value[find(map, key)] : NULL;
}

static void grow(Map *map) {
    Map old = *map;
    map->capacity = old.capacity ? 2 * old.capacity : 64;
    map->key = arena_new_array(map->arena, const void *, map->capacity);
    map->value = arena_new_array(map->arena, void *, map->capacity);
    for (int i = 0; i < old.capacity; i++) {
        if (!old.key[i]) continue;
        int at = find(map, old.key[i]);
        map->key[at] = old.key[i];
        map->value[at] = old.value[i];
    }
}

void map_set(Map *map, const void *key, void *value) {
    if (2 * map->count >= map->capacity) grow(map);
    int at = find(map, key);
    if (!map->key[at]) map->count++;
    map->key[at] = key;
    map->value[at] = value;
}
