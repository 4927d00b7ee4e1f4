// mutate.c: specs with a few random edits. Whatever comes of it, there is either a tree or a
// message, and a tree survives being printed as .net text (twice, the same) and as YAML.
#include "syntax/syntax.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 1500 };

typedef struct Random {
    uint64_t state;
} Random;

static uint32_t below(Random *r, uint32_t n) {
    r->state = r->state * 6364136223846793005u + 1442695040888963407u;
    return n ? (uint32_t)(r->state >> 33) % n : 0;
}

static const char *const fragment[] = {
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\n",
    ":",
    "= ",
    "|>",
    "..",
    "#",
    "\"",
    "'",
    "- ",
    "_",
    ",",
    ";",
    "*a",
    "&a",
    "!t",
    "? ",
    "@",
    "\t",
    "\r\n",
    "-",
    "^",
    "not ",
    "update ",
    "sum(i: ",
    "x",
    "in",
    "0.5",
    "+=",
    "\xC3\xA9",
    "  ",
    "if ",
    "then ",
    "for i < 3: ",
    "else ",
    "when training {",
    "} else {",
    "repeat 2 {",
};
enum { FRAGMENT_COUNT = sizeof fragment / sizeof *fragment };

// Replaces bytes [begin, end) by `size` others.
static Text spliced(const Text *t, size_t begin, size_t end, const char *bytes, size_t size) {
    Text out = text_new(t->arena);
    text_add_bytes(&out, t->bytes, begin);
    text_add_bytes(&out, bytes, size);
    text_add_bytes(&out, t->bytes + end, t->size - end);
    return out;
}

static Text mutated(Random *r, const Text *t) {
    size_t begin = below(r, (uint32_t)t->size), size = 1 + below(r, 20);
    if (size > t->size - begin) size = t->size - begin;
    if (below(r, 3) == 0) return spliced(t, begin, begin + size / 3, "", 0);
    size_t to = below(r, (uint32_t)t->size);
    if (below(r, 2)) return spliced(t, to, to, t->bytes + begin, size);
    const char *added = fragment[below(r, FRAGMENT_COUNT)];
    return spliced(t, begin, begin, added, strlen(added));
}

static Ast *parse_text(Compile *c, const char *path, const Text *t) {
    uint32_t file = source_add(c->sources, path, t->bytes, t->size, false);
    return strstr(path, ".yaml") ? parse_yaml(c, file) : parse_net(c, file);
}

static Text text_of(Arena *a, const char *bytes) {
    Text t = text_new(a);
    text_add(&t, bytes);
    return t;
}

static const char *fault_of(Compile *c, const char *path, const Text *t) {
    const Ast *ast = parse_text(c, path, t);
    if (!ast != compile_failed(c)) return "tree and diagnostics disagree";
    if (!ast) return NULL;
    Text net = text_of(c->arena, ast_print(c, ast));
    Text yaml = text_of(c->arena, ast_print_yaml(c, ast));
    const Ast *from_net = parse_text(c, "printed.net", &net);
    const Ast *from_yaml = parse_text(c, "printed.yaml", &yaml);
    if (!from_net || !ast_equal(ast, from_net)) return "lost in .net text";
    if (!from_yaml || !ast_equal(ast, from_yaml)) return "lost in YAML";
    return strcmp(net.bytes, ast_print(c, from_net)) == 0 ? NULL : "formatting twice differs";
}

static int try_one(Random *r, const char *path) {
    Compile *c = compile_new();
    const char *problem = NULL;
    uint32_t file = source_read(c->sources, path, &problem);
    Text t = text_of(c->arena, file ? source_get(c->sources, file)->bytes : "");
    for (uint32_t i = 1 + below(r, 3); i > 0; i--) t = mutated(r, &t);
    const char *fault = file ? fault_of(c, path, &t) : problem;
    if (fault) printf("%s: %s\n%s\n", path, fault, t.bytes);
    diagnostics_print(c->diagnostics, fault ? stdout : stderr, DIAGNOSTIC_LONG, false);
    compile_free(c);
    return fault != NULL;
}

int main(int count, char **argument) {
    Random r = {20};
    int failed = 0;
    if (count < 2 || !freopen("/dev/null", "w", stderr)) return 2;
    for (int i = 0; i < TRIES && failed < 3; i++)
        failed += try_one(&r, argument[1 + below(&r, (uint32_t)count - 1)]);
    return failed != 0;
}
