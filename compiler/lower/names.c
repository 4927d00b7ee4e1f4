// names.c: identifiers of C from the names of a spec. Names that C, C++, their libraries or the
// generated code itself use are reserved; whoever comes second gets a digit.
#include "lower/lowering.h"

#include <ctype.h>
#include <string.h>

static void take(Lowering *l, Name name) {
    map_set(&l->taken, name, (void *)name);
}

static bool is_taken(const Lowering *l, Name name) {
    return loop_name_is_reserved(name) || map_get(&l->taken, name);
}

void names_reserve(Lowering *l, Name model) {
    static const char *const suffix[] = {"forward", "backward", "update", "evaluate", "params",
                                         "grads",   "states",   "batch",  "work",     "results",
                                         "model",   "init",     "train",  "predict",  "BATCH_SIZE"};
    take(l, model);
    for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++)
        take(l, name_printf(l->names, "%s_%s", model, suffix[i]));
}

Name identifier_of(Names *names, Arena *a, const char *text) {
    Text t = text_new(a);
    // An underscore in front belongs to the implementation; a digit cannot begin a name.
    if (!isalpha((unsigned char)text[0])) text_add(&t, "v");
    for (const char *c = text; *c; c++) {
        char plain = isalnum((unsigned char)*c) ? *c : '_';
        text_add_bytes(&t, &plain, 1);
    }
    return name_of(names, t.bytes);
}

static bool is_in(Name name, const Name *scope, int count) {
    for (int i = 0; i < count; i++)
        if (scope[i] == name) return true;
    return false;
}

Name name_local(const Lowering *l, const char *text, Name owner, const Name *scope, int count) {
    Name base = identifier_of(l->names, l->arena, text), name = base;
    bool ends_in_digit = isdigit((unsigned char)base[strlen(base) - 1]);
    if (owner && map_get(&l->taken, base) == owner && !is_in(base, scope, count)) return base;
    for (int k = 2; is_taken(l, name) || is_in(name, scope, count); k++)
        name = name_printf(l->names, ends_in_digit ? "%s_%d" : "%s%d", base, k);
    return name;
}

Name name_take(Lowering *l, const char *text) {
    Name base = identifier_of(l->names, l->arena, text), name = base;
    for (int k = 2; is_taken(l, name); k++) name = name_printf(l->names, "%s_%d", base, k);
    map_set(&l->taken, name, (void *)name_of(l->names, text));
    return name;
}
