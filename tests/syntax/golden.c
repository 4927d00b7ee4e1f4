// golden.c: parses a spec and compares with the file beside it: NAME.ast (canonical text) if it is
// right, NAME.err (what the user sees) if it is wrong. --bless writes that file instead.
#include "syntax/syntax.h"

#include <stdlib.h>
#include <string.h>

static const char *result_of(Compile *c, const Ast *ast) {
    if (ast) return ast_print(c, ast);
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    diagnostics_print(c->diagnostics, out, DIAGNOSTIC_LONG, false);
    fclose(out);
    const char *text = arena_copy(c->arena, bytes, size);
    free(bytes);
    return text;
}

static const char *sibling(Compile *c, const char *path, const char *extension) {
    int stem = (int)(strrchr(path, '.') - path);
    return arena_printf(c->arena, "%.*s%s", stem, path, extension);
}

static int bless(const char *path, const char *text) {
    FILE *out = fopen(path, "wb");
    if (!out) return 1;
    fputs(text, out);
    return fclose(out) != 0;
}

static int compare(Compile *c, const char *path, const char *text) {
    const char *problem = NULL;
    uint32_t file = source_read(c->sources, path, &problem);
    if (file && strcmp(source_get(c->sources, file)->bytes, text) == 0) return 0;
    printf("%s is not what came out:\n%s", file ? path : problem, text);
    return 1;
}

int main(int count, char **argument) {
    bool is_blessing = count == 3 && strcmp(argument[1], "--bless") == 0;
    if (count < 2) return 2;
    const char *path = argument[count - 1];
    Compile *c = compile_new();
    const Ast *ast = parse_file(c, path);
    const char *text = result_of(c, ast);
    const char *expected = sibling(c, path, ast ? ".ast" : ".err");
    int failed = is_blessing ? bless(expected, text) : compare(c, expected, text);
    if (!ast != compile_failed(c)) failed = printf("tree and diagnostics disagree\n") > 0;
    compile_free(c);
    return failed;
}
