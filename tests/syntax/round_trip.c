// round_trip.c: what is printed parses back to an equal tree: as .net text, as YAML, and formatted
// twice as once.
//
// The specs on the command line are tried, and random trees; with `--pair A B` two files must hold
// equal trees.
#include "syntax/syntax.h"

#include <string.h>

static Ast *parse_text(Compile *c, const char *text, bool is_yaml) {
    uint32_t file =
        source_add(c->sources, is_yaml ? "printed.yaml" : "printed.net", text, strlen(text), false);
    return is_yaml ? parse_yaml(c, file) : parse_net(c, file);
}

static int complain(Compile *c, const char *what, const char *text) {
    printf("%s\n%s", what, text);
    diagnostics_print(c->diagnostics, stdout, DIAGNOSTIC_LONG, false);
    return 1;
}

static int check(Compile *c, const Ast *ast) {
    const char *net = ast_print(c, ast), *yaml = ast_print_yaml(c, ast);
    const Ast *from_net = parse_text(c, net, false), *from_yaml = parse_text(c, yaml, true);
    if (!from_net || !ast_equal(ast, from_net)) return complain(c, "lost in .net text:", net);
    if (!from_yaml || !ast_equal(ast, from_yaml)) return complain(c, "lost in YAML:", yaml);
    const char *again = ast_print(c, from_net);
    if (strcmp(net, again) != 0) return complain(c, "formatting twice differs:", again);
    const char *yaml_again = ast_print_yaml(c, from_yaml);
    if (strcmp(yaml, yaml_again) != 0) return complain(c, "YAML of YAML differs:", yaml_again);
    return 0;
}

static int check_file(const char *path) {
    Compile *c = compile_new();
    const Ast *ast = parse_file(c, path);
    int failed = ast ? check(c, ast) : complain(c, "does not parse:", path);
    if (failed) printf("in %s\n", path);
    compile_free(c);
    return failed;
}

// Binding: positional arguments get the names that the file's own blocks, or this table, give them.
// Later stages do it for all of the library; here it is for the pair of files that differ in
// nothing else.
static const struct {
    const char *layer;
    const char *parameter[2];
} library[] = {{"Conv2d", {"out_channels", "kernel_size"}},
               {"Linear", {"out_features", NULL}},
               {"AvgPool2d", {"kernel_size", NULL}},
               {"Dropout", {"p", NULL}}};

static const char *parameter_name(const Ast *ast, const char *callee, int position) {
    for (int i = 0; i < ast->body.count; i++) {
        const AstStatement *s = ast->body.item[i];
        if (s->kind == AST_BLOCK && strcmp(s->name, callee) == 0)
            return position < s->parameter_count ? s->parameter[position].name : NULL;
    }
    for (size_t i = 0; i < sizeof library / sizeof *library; i++)
        if (strcmp(library[i].layer, callee) == 0 && position < 2)
            return library[i].parameter[position];
    return NULL;
}

static void bind_arguments(Compile *c, const Ast *ast, const AstStatements *body) {
    for (int i = 0; i < body->count; i++) {
        const AstStatement *s = body->item[i];
        bind_arguments(c, ast, &s->body);
        if (s->kind != AST_STAGE || s->expr->kind != AST_CALL) continue;
        for (int k = 0; k < s->expr->argument_count; k++) {
            const char *name = parameter_name(ast, s->expr->name, k);
            if (name && !s->expr->argument[k].name)
                s->expr->argument[k].name = name_of(c->names, name);
        }
    }
}

static int check_pair(const char *a, const char *b) {
    Compile *c = compile_new();
    const Ast *left = parse_file(c, a), *right = parse_file(c, b);
    if (left) bind_arguments(c, left, &left->body);
    if (right) bind_arguments(c, right, &right->body);
    int failed = !left || !right || !ast_equal(left, right);
    if (failed) complain(c, "these should be equal:", arena_printf(c->arena, "%s %s\n", a, b));
    compile_free(c);
    return failed;
}

// Random specs, as text: every choice of the grammar within a few levels.

typedef struct Random {
    uint64_t state;
    Text out;
} Random;

static uint32_t below(Random *r, uint32_t n) {
    r->state = r->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(r->state >> 33) % n;
}

static const char *pick(Random *r, const char *const *choice, uint32_t count) {
    return choice[below(r, count)];
}
#define PICK(r, ...)                                                                               \
    pick((r), (const char *const[]){__VA_ARGS__},                                                  \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void add(Random *r, const char *text) {
    text_add(&r->out, text);
}

static void add_name(Random *r) {
    add(r,
        PICK(r, "x", "y", "H", "int", "a_1", "mean", "Conv2d", "class", "_u", "inf", "training"));
}

static void add_expr(Random *r, int depth);

static void add_list(Random *r, int depth, const char *open, const char *close, uint32_t least,
                     bool named) {
    add(r, open);
    uint32_t count = least + below(r, 3);
    bool all_named = named && below(r, 2);
    for (uint32_t i = 0; i < count; i++) {
        if (i) add(r, PICK(r, ", ", ",\n   ", ","));
        if (all_named) text_printf(&r->out, "n%u=", i);
        add_expr(r, depth - 1);
    }
    add(r, close);
}

static void add_operand(Random *r, int depth) {
    add(r, "(");
    add_expr(r, depth - 1);
    add(r, ")");
}

static void add_reduce(Random *r, int depth) {
    add(r, PICK(r, "sum(", "max(", "batch_mean("));
    add(r, PICK(r, "i: ", "i < 3, j: ", "..: ", ": ", "r < K - 1: "));
    add_expr(r, depth - 1);
    add(r, ")");
}

static void add_leaf(Random *r) {
    if (below(r, 3) == 0)
        add(r,
            PICK(r, "0.20", "3", "1e-3", "_", "\"a # b: \\\"c\\\\\\n\"", "\"it's\"", "0", "1E5"));
    else
        add_name(r);
}

static void add_call(Random *r, int depth) {
    add_name(r);
    add_list(r, depth, "(", ")", 0, true);
    if (below(r, 4) == 0) add_list(r, depth, "(", ")", 0, true);
}

static void add_if(Random *r, int depth) {
    add(r, "if ");
    add_operand(r, depth);
    add(r, " then ");
    add_operand(r, depth);
    add(r, " else ");
    add_operand(r, depth);
}

static void add_binary(Random *r, int depth) {
    add_operand(r, depth);
    add(r, PICK(r, " + ", "-", "*", "/", "//", "%", "^", " <\n", "<=", ">",
                ">=", "==", "!=", " and ", " or ", " |> "));
    add_operand(r, depth);
}

static void add_expr(Random *r, int depth) {
    if (depth <= 0) {
        add_leaf(r);
        return;
    }
    switch (below(r, 11)) {
    case 0:
        add(r, "-");
        add_operand(r, depth);
        break;
    case 1:
        add(r, "not ");
        add_operand(r, depth);
        break;
    case 2:
    case 3:
    case 4: add_binary(r, depth); break;
    case 5:
        add(r, "(");
        add_if(r, depth);
        add(r, ")");
        break;
    case 6:
        add_name(r);
        add_list(r, depth, "[", "]", 0, false);
        break;
    case 7: add_call(r, depth); break;
    case 8: add_reduce(r, depth); break;
    case 9: add_list(r, depth, "[", "]", 0, false); break;
    case 10: add_list(r, depth, "(", ")", 2, true); break;
    }
}

static void add_comment(Random *r) {
    add(r, PICK(r, "\n", "\n", "\n\n", "  # why: 'x'\n", "\n# own line\n", "\n\n\n  # far off\n\n",
                "; "));
}

static void add_equation(Random *r) {
    add(r, PICK(r, "", "", "update ", "for i < 3, j: ", "for ..: update "));
    add_name(r);
    if (below(r, 2)) add_list(r, 1, "[", "]", 0, false);
    add(r, PICK(r, " = ", "=", "   = ", " += "));
    add_expr(r, 3);
}

static void add_stage(Random *r, int depth);

static void add_stages(Random *r, int depth) {
    add(r, " {");
    add(r, PICK(r, "\n", " ", "  # begins\n"));
    for (uint32_t i = below(r, 3); i > 0; i--) {
        add_stage(r, depth - 1);
        add_comment(r);
    }
    add(r, "}");
}

static void add_stage(Random *r, int depth) {
    if (depth > 0 && below(r, 5) == 0) {
        add(r, "repeat ");
        add_expr(r, 0);
        add_stages(r, depth);
        return;
    }
    add(r, PICK(r, "", "", "stem: ", "Stem: ", "keep = "));
    add_expr(r, 2);
}

static void add_layer(Random *r) {
    add(r, "layer F(a, b=[1, 2]) (x[.., C]: class(K), z: class) -> y[.., 2*C], w {\n");
    add(r, "  param v[C] = 1 if b else 0\n  let M = C//2\n");
    add(r, "  require M > 0, \"M: 'positive' \\\"\"\n");
    add_equation(r);
    add(r, "\n  when training {\n");
    add_equation(r);
    add(r, PICK(r, "\n  }\n", "\n } else { y = x }\n", "\n} else {\n  # nothing\n}\n"));
    add(r, "}");
}

static void add_setting(Random *r) {
    add(r,
        PICK(r, "data { train = (\"a-b\", \"(c\"); test = \"4\"; columns = (x=[\"a\"], t=\"b\") }",
             "data {\n  format  = inline  # as is\n  loss    = [[1, 2], []]\n\n  validation = "
             "0.1\n}",
             "train { epochs = 3 ; optimizer=SGD(lr=2.0) }", "train { }",
             "data { train = [\"x\"]; test = name; scale = 1/255; validation = (1, \"b\") }"));
}

static void add_statement(Random *r) {
    switch (below(r, 12)) {
    case 0:
        add(r, PICK(r, "input x[2, 3], y[]", "input a, b", "target t: class(3)", "target q[H]"));
        break;
    case 1:
        add(r, "param w[3] = ");
        add_expr(r, 2);
        break;
    case 2:
        add(r, "state s = ");
        add_expr(r, 1);
        add(r, " if 1 < 2 else ");
        add_expr(r, 1);
        break;
    case 3:
        add(r, "const K = ");
        add_expr(r, 2);
        break;
    case 4:
        add(r, PICK(r, "loss ", "metric ", "loss E = ", "metric mae = "));
        add_expr(r, 2);
        break;
    case 5: add_layer(r); break;
    case 6:
        add(r, "block B(c, d=2)");
        add_stages(r, 3);
        break;
    case 7:
        add(r, "network x, z -> y");
        add_stages(r, 3);
        break;
    case 8: add_setting(r); break;
    case 9:
        add(r, "sweep lr in ");
        add_expr(r, 1);
        break;
    case 10: add(r, PICK(r, "import \"a b.net\"", "model m", "precision f64")); break;
    case 11: add_equation(r); break;
    }
}

static int check_random(uint64_t seed) {
    Compile *c = compile_new();
    Random r = {seed * 7919 + 1, text_new(c->arena)};
    for (uint32_t i = 1 + below(&r, 8); i > 0; i--) {
        add_statement(&r);
        add_comment(&r);
    }
    const Ast *ast = parse_text(c, r.out.bytes, false);
    int failed = ast ? check(c, ast) : complain(c, "does not parse:", r.out.bytes);
    if (failed) printf("random spec %u:\n%s\n", (unsigned)seed, r.out.bytes);
    compile_free(c);
    return failed;
}

int main(int count, char **argument) {
    if (count == 4 && strcmp(argument[1], "--pair") == 0)
        return check_pair(argument[2], argument[3]);
    int failed = 0;
    for (int i = 1; i < count; i++) failed += check_file(argument[i]);
    for (uint64_t seed = 0; seed < 2000 && failed < 3; seed++) failed += check_random(seed);
    return failed != 0;
}
