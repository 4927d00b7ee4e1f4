// text.c: interned names (a hash table with open addressing) and the text builder.
#include "support/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct Slot {
    const char *text; // NULL: empty
    size_t size;
    uint64_t hash;
} Slot;

struct Names {
    Arena *arena;
    Slot *slot;
    size_t capacity, count; // capacity is a power of two
};

Names *names_new(Arena *a) {
    Names *names = arena_new_item(a, Names);
    names->arena = a;
    names->capacity = 256;
    names->slot = arena_new_array(a, Slot, names->capacity);
    return names;
}

// FNV-1a.
static uint64_t hash_bytes(const char *text, size_t size) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return hash ^ hash >> 32;
}

static Slot *find_slot(Slot *slot, size_t capacity, const char *text, size_t size, uint64_t hash) {
    for (size_t i = hash & (capacity - 1);; i = (i + 1) & (capacity - 1)) {
        Slot *s = &slot[i];
        if (!s->text) return s;
        if (s->hash == hash && s->size == size && memcmp(s->text, text, size) == 0) return s;
    }
}

static void enlarge(Names *names) {
    size_t capacity = 2 * names->capacity;
    Slot *slot = arena_new_array(names->arena, Slot, capacity);
    for (size_t i = 0; i < names->capacity; i++) {
        Slot s = names->slot[i];
        if (s.text) *find_slot(slot, capacity, s.text, s.size, s.hash) = s;
    }
    names->slot = slot;
    names->capacity = capacity;
}

Name name_of_bytes(Names *names, const char *text, size_t size) {
    uint64_t hash = hash_bytes(text, size);
    Slot *s = find_slot(names->slot, names->capacity, text, size, hash);
    if (s->text) return s->text;
    *s = (Slot){arena_copy(names->arena, text, size), size, hash};
    Name name = s->text;
    if (++names->count > names->capacity / 2) enlarge(names);
    return name;
}

Name name_of(Names *names, const char *text) {
    return name_of_bytes(names, text, strlen(text));
}

Name name_printf(Names *names, const char *format, ...) {
    va_list values;
    va_start(values, format);
    const char *text = arena_vprintf(names->arena, format, values);
    va_end(values);
    return name_of(names, text);
}

Text text_new(Arena *a) {
    return (Text){a, arena_alloc(a, 64), 0, 64};
}

static void reserve(Text *t, size_t more) {
    if (more < t->capacity - t->size) return;
    size_t capacity = 2 * t->capacity;
    while (capacity - t->size <= more) capacity *= 2;
    t->bytes = arena_grow(t->arena, t->bytes, t->capacity, capacity);
    t->capacity = capacity;
}

void text_add_bytes(Text *t, const char *bytes, size_t size) {
    reserve(t, size);
    if (size) memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
    t->bytes[t->size] = '\0';
}

void text_add(Text *t, const char *bytes) {
    text_add_bytes(t, bytes, strlen(bytes));
}

void text_printf(Text *t, const char *format, ...) {
    va_list values, again;
    va_start(values, format);
    va_copy(again, values);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size > 0) {
        reserve(t, (size_t)size);
        vsnprintf(t->bytes + t->size, (size_t)size + 1, format, values);
        t->size += (size_t)size;
    }
    va_end(values);
}
