// hostile.c: specs that nobody means well with: they are refused quickly, with a message, and
// without harm.
#include "syntax/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static Ast *parse_bytes(Compile *c, const char *path, const char *bytes, size_t size) {
    uint32_t file = source_add(c->sources, path, bytes, size, false);
    return strstr(path, ".yaml") ? parse_yaml(c, file) : parse_net(c, file);
}

// Parses `count` times `unit` between two texts; wants an error of this code.
static void want_refused(const char *path, const char *begin, const char *unit, int count,
                         const char *end, Code code) {
    Compile *c = compile_new();
    Text text = text_new(c->arena);
    text_add(&text, begin);
    for (int i = 0; i < count; i++) text_add(&text, unit);
    text_add(&text, end);
    assert_null(parse_bytes(c, path, text.bytes, text.size));
    assert_true(compile_failed(c));
    assert_int_equal(c->diagnostics->diagnostic.item[0]->code, code);
    assert_true(c->diagnostics->diagnostic.count <= 201);
    compile_free(c);
}

static void test_deep_brackets(void **state) {
    (void)state;
    want_refused("a.net", "x = ", "(", 100000, "", E_DEPTH);
    want_refused("a.net", "x = ", "[", 100000, "", E_DEPTH);
    want_refused("a.net", "x = ", "f(", 100000, "1", E_DEPTH);
    want_refused("a.net", "block B() {", "repeat 2 {", 100000, "", E_DEPTH);
    want_refused("a.net", "x = ", "{", 100000, "", E_SYNTAX);
    want_refused("a.net", "x = ", ")", 100000, "", E_SYNTAX);
    want_refused("a.net", "x = ", "(]", 100000, "", E_SYNTAX);
}

static void test_deep_operators(void **state) {
    (void)state;
    want_refused("a.net", "x = ", "-", 100000, "1", E_DEPTH);
    want_refused("a.net", "x = ", "not ", 100000, "1", E_DEPTH);
    want_refused("a.net", "x = 1", "+1", 100000, "", E_DEPTH);
    want_refused("a.net", "x = 1", "^1", 100000, "", E_DEPTH);
    want_refused("a.net", "x = ", "if a then ", 100000, "", E_DEPTH);
    want_refused("a.net", "block B() {\n _", "|> A", 100000, "}", E_DEPTH);
}

static void test_deep_yaml(void **state) {
    (void)state;
    want_refused("a.yaml", "", "[", 100000, "", E_DEPTH);
    want_refused("a.yaml", "model: ", "{a: ", 100000, "", E_DEPTH);
    want_refused("a.yaml", "model: ", "[", 3000, "", E_DEPTH);
    want_refused("a.yaml", "", "- ", 400, "", E_DEPTH);
    want_refused("a.yaml", "loss: '", "(", 100000, "'", E_DEPTH);
}

static void test_many_errors(void **state) {
    (void)state;
    want_refused("a.net", "", "x = )\n", 100000, "", E_SYNTAX);
    want_refused("a.net", "", "$", 1000000, "", E_CHARACTER);
    want_refused("a.net", "", "\"\n", 100000, "", E_STRING);
}

// Brackets up to the limit are allowed.
static void test_depth_that_is_allowed(void **state) {
    (void)state;
    Compile *c = compile_new();
    Text text = text_new(c->arena);
    text_add(&text, "x = ");
    for (int i = 0; i < 64; i++) text_add(&text, "(");
    text_add(&text, "1");
    for (int i = 0; i < 64; i++) text_add(&text, ")");
    assert_non_null(parse_bytes(c, "a.net", text.bytes, text.size));
    compile_free(c);
}

static void test_control_characters(void **state) {
    (void)state;
    static const char *const text[] = {"x = 1\x01", "x = \"a\x1b[31m\"", "x = 1\r2", "# a\x1b[31m", "\xff\xfe",
                                       "\xc3"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        Compile *c = compile_new();
        assert_null(parse_bytes(c, "a.net", text[i], strlen(text[i])));
        assert_true(compile_failed(c));
        compile_free(c);
    }
    Compile *c = compile_new();
    assert_null(parse_bytes(c, "a.net", "x = 1\0 y = 2", 12));
    assert_int_equal(c->diagnostics->diagnostic.item[0]->code, E_CHARACTER);
    compile_free(c);
}

static void test_empty_files(void **state) {
    (void)state;
    static const char *const text[] = {"", "\n\n", "# only a comment", ";;;", "\xEF\xBB\xBF"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        Compile *c = compile_new();
        Ast *ast = parse_bytes(c, "a.net", text[i], strlen(text[i]));
        assert_non_null(ast);
        assert_int_equal(ast->body.count, 0);
        compile_free(c);
    }
}

static void test_byte_order_mark(void **state) {
    (void)state;
    Compile *c = compile_new();
    Ast *ast = parse_bytes(c, "a.net", "\xEF\xBB\xBFmodel m", 10);
    assert_non_null(ast);
    assert_int_equal(ast->body.item[0]->span.begin, 3);
    ast = parse_bytes(c, "a.yaml", "\xEF\xBB\xBFmodel: m", 11);
    assert_non_null(ast);
    assert_string_equal(ast->body.item[0]->name, "m");
    compile_free(c);
}

// A long list is data, not depth: it must parse, and soon.
static void test_long_list(void **state) {
    (void)state;
    Compile *c = compile_new();
    Text text = text_new(c->arena);
    text_add(&text, "data { x = [1");
    for (int i = 0; i < 200000; i++) text_add(&text, ", 2");
    text_add(&text, "] }");
    Ast *ast = parse_bytes(c, "a.net", text.bytes, text.size);
    assert_non_null(ast);
    assert_int_equal(ast->body.item[0]->body.item[0]->expr->argument_count, 200001);
    compile_free(c);
}

static void write_file(const char *path, const char *bytes, size_t size) {
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

static void want_file_refused(const char *bytes, size_t size, const char *problem) {
    char path[] = "/tmp/netc-hostile-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *opened = fdopen(descriptor, "wb");
    fclose(opened);
    write_file(path, bytes, size);
    Compile *c = compile_new();
    assert_null(parse_file(c, path));
    assert_int_equal(c->diagnostics->diagnostic.item[0]->code, E_FILE);
    assert_non_null(strstr(c->diagnostics->diagnostic.item[0]->text, problem));
    compile_free(c);
    remove(path);
}

static void test_files(void **state) {
    (void)state;
    size_t size = 5u << 20;
    char *large = malloc(size);
    assert_non_null(large);
    memset(large, ' ', size);
    want_file_refused(large, size, "larger than 4 MiB");
    free(large);
    want_file_refused("model m\n\0", 9, "not UTF-8 text (line 2)");
    want_file_refused("x\xc0\x80", 3, "not UTF-8");
    want_file_refused("\xed\xa0\x80", 3, "not UTF-8");
    want_file_refused("\xf4\x90\x80\x80", 4, "not UTF-8");
    Compile *c = compile_new();
    assert_null(parse_file(c, "/nowhere/at/all.net"));
    assert_null(parse_file(c, "/"));
    assert_int_equal(c->diagnostics->diagnostic.count, 2);
    compile_free(c);
}

static void test_part_of_a_source(void **state) {
    (void)state;
    Compile *c = compile_new();
    uint32_t file = source_add(c->sources, "a", "lr: 1 + x*2, y", 14, false);
    AstExpr *e = parse_expr(c, (Span){file, 4, 11});
    assert_non_null(e);
    assert_string_equal(ast_print_expr(c->arena, e), "1 + x*2");
    assert_int_equal(e->span.begin, 4);
    assert_int_equal(e->right->left->span.begin, 8);
    assert_null(parse_expr(c, (Span){file, 4, 14}));
    Place place = source_place(c->sources, c->diagnostics->diagnostic.item[0]->span);
    assert_int_equal(place.column, 12);
    assert_null(parse_expr(c, (Span){file, 4, 4}));
    compile_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deep_brackets),
        cmocka_unit_test(test_deep_operators),
        cmocka_unit_test(test_deep_yaml),
        cmocka_unit_test(test_many_errors),
        cmocka_unit_test(test_depth_that_is_allowed),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_empty_files),
        cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_long_list),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_part_of_a_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
