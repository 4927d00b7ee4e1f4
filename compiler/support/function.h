// function.h: the scalar functions of the language as an enum; the table is functions.def.
#ifndef NETC_SUPPORT_FUNCTION_H
#define NETC_SUPPORT_FUNCTION_H

typedef enum Function {
#define FUNCTION(ENUM, name, arity) FN_##ENUM,
#include "functions.def"
#undef FUNCTION
    FUNCTION_COUNT
} Function;

const char *function_name(Function f);
int function_arity(Function f);
// The function called `name`, or FUNCTION_COUNT.
Function function_find(const char *name);

#endif
