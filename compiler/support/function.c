// function.c: names and arities of the scalar functions, read off functions.def.
#include "support/function.h"

#include <string.h>

static const struct {
    const char *name;
    int arity;
} table[] = {
#define FUNCTION(ENUM, name, arity) {#name, arity},
#include "functions.def"
#undef FUNCTION
};

const char *function_name(Function f) {
    return table[f].name;
}

int function_arity(Function f) {
    return table[f].arity;
}

Function function_find(const char *name) {
    for (int f = 0; f < FUNCTION_COUNT; f++)
        if (strcmp(table[f].name, name) == 0) return (Function)f;
    return FUNCTION_COUNT;
}
