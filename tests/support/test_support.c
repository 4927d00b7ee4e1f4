// test_support.c: arenas, names, texts, numbers, sources and diagnostics.
#include "support/compile.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_arena(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    for (size_t size = 0; size < 200; size++) {
        unsigned char *block = arena_alloc(a, size);
        assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) assert_int_equal(block[i], 0);
        memset(block, 0xff, size);
    }
    char *large = arena_alloc(a, 5 << 20);
    large[(5 << 20) - 1] = 1;
    assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
    assert_string_equal(arena_copy(a, "ab\0cd", 5) + 3, "cd");
    arena_free(a);
}

static void test_arena_grow(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    char *newest = arena_alloc(a, 10);
    memcpy(newest, "123456789", 10);
    char *same = arena_grow(a, newest, 10, 40);
    assert_ptr_equal(newest, same);
    for (int i = 10; i < 40; i++) assert_int_equal(same[i], 0);
    arena_alloc(a, 1);
    char *moved = arena_grow(a, same, 40, 80);
    assert_ptr_not_equal(same, moved);
    assert_string_equal(moved, "123456789");
    assert_string_equal(same, "123456789");
    assert_non_null(arena_grow(a, NULL, 0, 8));
    LIST(int) list = {0};
    for (int i = 0; i < 10000; i++) list_add(a, list, i);
    for (int i = 0; i < 10000; i++) assert_int_equal(list.item[i], i);
    arena_free(a);
}

// The exit code of a child that takes `size` bytes from an arena of `limit`.
static int exit_code_of_taking(size_t limit, size_t size) {
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) _exit(99);
        arena_alloc(arena_new(limit), size);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_arena_limit(void **state) {
    (void)state;
    assert_int_equal(exit_code_of_taking(1 << 20, 1 << 19), 0);
    assert_int_equal(exit_code_of_taking(1 << 20, 1 << 21), 3);
    assert_int_equal(exit_code_of_taking(1 << 20, SIZE_MAX), 3);
    assert_int_equal(exit_code_of_taking(0, SIZE_MAX - 8), 3);
}

static void test_names(void **state) {
    (void)state;
    Compile *c = compile_new();
    Name first = name_of(c->names, "x0");
    for (int i = 0; i < 5000; i++) name_printf(c->names, "x%d", i);
    assert_ptr_equal(first, name_of(c->names, "x0"));
    assert_ptr_equal(first, name_of_bytes(c->names, "x01", 2));
    assert_ptr_not_equal(first, name_of(c->names, "x1"));
    assert_string_equal(name_of(c->names, ""), "");
    compile_free(c);
}

static void test_text(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    Text t = text_new(a);
    assert_string_equal(t.bytes, "");
    for (int i = 0; i < 1000; i++) text_printf(&t, "%d,", i % 10);
    assert_int_equal(t.size, 2000);
    text_add(&t, "end");
    text_add_bytes(&t, "!?", 1);
    assert_string_equal(t.bytes + 2000, "end!");
    arena_free(a);
}

static void test_number_text(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    assert_string_equal(number_text(a, 0.1), "0.1");
    assert_string_equal(number_text(a, 1e-5), "1e-05");
    assert_string_equal(number_text(a, -0.5), "-0.5");
    assert_string_equal(number_text(a, 3), "3");
    assert_string_equal(number_text(a, 100000), "100000");
    assert_string_equal(number_text(a, -0.0), "-0");
    assert_string_equal(number_text(a, (double)INFINITY), "inf");
    assert_string_equal(number_text(a, -(double)INFINITY), "-inf");
    assert_string_equal(number_text(a, 1.0 / 3), "0.3333333333333333");
    assert_string_equal(number_text_f32(a, 1.0 / 3), "0.33333334");
    assert_string_equal(number_text_f32(a, 0.1), "0.1");
    assert_string_equal(number_text_f32(a, 0.1f), "0.1");
    assert_string_equal(number_text_f32(a, 784), "784");
    assert_string_equal(number_text_f32(a, 1e300), "inf");
    arena_free(a);
}

// Random bit patterns: what is printed reads back as the same bits, and no shorter text of %g does.
static void test_number_text_round_trip(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isnan(value)) continue;
        assert_true(strtod(number_text(a, value), NULL) == value);
        float single = (float)fmod(value, FLT_MAX);
        assert_true(strtof(number_text_f32(a, (double)single), NULL) == single);
    }
    assert_true(strtod(number_text(a, DBL_TRUE_MIN), NULL) == DBL_TRUE_MIN);
    assert_true(strtof(number_text_f32(a, (double)FLT_MAX), NULL) == FLT_MAX);
    arena_free(a);
}

static void test_nearest_name(void **state) {
    (void)state;
    const char *const choice[] = {"Conv2d", "ConvTranspose2d", "Linear", "ReLU", "GELU", "lr"};
    const int count = sizeof choice / sizeof *choice;
    assert_string_equal(nearest_name("conv2d", choice, count), "Conv2d");
    assert_string_equal(nearest_name("Lienar", choice, count), "Linear");
    assert_string_equal(nearest_name("Liner", choice, count), "Linear");
    assert_string_equal(nearest_name("relu", choice, count), "ReLU");
    assert_string_equal(nearest_name("l", choice, count), "lr");
    assert_null(nearest_name("Softmax", choice, count));
    assert_null(nearest_name("abc", choice, count));
    assert_null(nearest_name("", choice, count));
    assert_null(nearest_name("Conv2d", choice, 0));
}

static void test_places(void **state) {
    (void)state;
    Compile *c = compile_new();
    const char text[] = "a\n\xC3\xA9\xE2\x82\xAC = x\r\n\nlast";
    uint32_t file = source_add(c->sources, "a.net", text, sizeof text - 1, false);
    Place place = source_place(c->sources, (Span){file, 0, 1});
    assert_int_equal(place.line, 1);
    assert_int_equal(place.column, 1);
    place = source_place(c->sources, (Span){file, 10, 11}); // the x, behind an é and a €
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 6);
    assert_int_equal(place.line_size, 9); // without \r\n
    place = source_place(c->sources, (Span){file, 13, 13});
    assert_int_equal(place.line, 3);
    assert_int_equal(place.line_size, 0);
    place = source_place(c->sources, (Span){file, 999, 999});
    assert_int_equal(place.line, 4);
    assert_int_equal(place.column, 5);
    place = source_place(c->sources, (Span){0, 3, 4});
    assert_string_equal(place.path, "");
    assert_int_equal(place.line, 0);
    assert_string_equal(span_text(c->sources, c->arena, (Span){file, 14, 99}), "last");
    Span joined = span_join((Span){file, 2, 4}, (Span){file, 8, 9});
    assert_int_equal(joined.begin, 2);
    assert_int_equal(joined.end, 9);
    compile_free(c);
}

static const char *printed(Compile *c, DiagnosticFormat format) {
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    diagnostics_print(c->diagnostics, out, format, false);
    fclose(out);
    const char *text = arena_copy(c->arena, bytes, size);
    free(bytes);
    return text;
}

static Compile *compile_with_lenet(void) {
    static const char text[] = "network x -> y {\n  MaxPool2d(2)\n\tL\xC3\xA9near(120)\n}\n";
    Compile *c = compile_new();
    uint32_t file = source_add(c->sources, "lenet.net", text, sizeof text - 1, false);
    Diagnostic *d = report(c->diagnostics, E_SHAPE, (Span){file, 33, 45}, "wants %d axes", 1);
    report_note(c->diagnostics, d, (Span){file, 19, 31}, "it comes \"from\" here");
    report_note(c->diagnostics, d, (Span){0}, "no place");
    report_help(c->diagnostics, d, "put Flatten before it");
    report(c->diagnostics, E_MODEL, (Span){file, 0, 7}, "first\x1b[31m");
    report(c->diagnostics, E_SHAPE, (Span){file, 33, 45}, "wants 1 axes"); // once is enough
    return c;
}

static void test_diagnostics_long(void **state) {
    (void)state;
    Compile *c = compile_with_lenet();
    assert_string_equal(printed(c, DIAGNOSTIC_LONG), "lenet.net:1:1: error[E0208]: first?[31m\n"
                                                     "    1 | network x -> y {\n"
                                                     "      | ^~~~~~~\n"
                                                     "lenet.net:3:2: error[E0204]: wants 1 axes\n"
                                                     "    3 | \tL\xC3\xA9near(120)\n"
                                                     "      | \t^~~~~~~~~~~\n"
                                                     "lenet.net:2:3: note: it comes \"from\" here\n"
                                                     "    2 |   MaxPool2d(2)\n"
                                                     "      |   ^~~~~~~~~~~~\n"
                                                     "   note: no place\n"
                                                     "   help: put Flatten before it\n");
    compile_free(c);
}

static void test_diagnostics_short_and_json(void **state) {
    (void)state;
    Compile *c = compile_with_lenet();
    assert_string_equal(printed(c, DIAGNOSTIC_SHORT),
                        "lenet.net:1:1: error[E0208]: first?[31m\n"
                        "lenet.net:3:2: error[E0204]: wants 1 axes\n");
    assert_string_equal(
        printed(c, DIAGNOSTIC_JSON),
        "{\"severity\":\"error\",\"code\":\"E0208\",\"path\":\"lenet.net\",\"line\":1,\"column\":1,"
        "\"end_line\":1,\"end_column\":8,\"message\":\"first\\u001b[31m\",\"notes\":[],"
        "\"help\":null}\n"
        "{\"severity\":\"error\",\"code\":\"E0204\",\"path\":\"lenet.net\",\"line\":3,\"column\":2,"
        "\"end_line\":3,\"end_column\":13,\"message\":\"wants 1 axes\",\"notes\":["
        "{\"path\":\"lenet.net\",\"line\":2,\"column\":3,\"end_line\":2,\"end_column\":15,"
        "\"message\":\"it comes \\\"from\\\" here\"},{\"path\":\"\",\"line\":0,\"column\":0,"
        "\"end_line\":0,\"end_column\":0,\"message\":\"no place\"}],"
        "\"help\":\"put Flatten before it\"}\n");
    compile_free(c);
}

static void test_diagnostics_at_most_twenty(void **state) {
    (void)state;
    Compile *c = compile_new();
    assert_string_equal(printed(c, DIAGNOSTIC_LONG), "");
    for (int i = 0; i < 25; i++) report(c->diagnostics, E_FILE, (Span){0}, "number %02d", i);
    const char *text = printed(c, DIAGNOSTIC_SHORT);
    assert_non_null(strstr(text, "error[E0106]: number 19\nand 5 more\n"));
    assert_null(strstr(text, "number 20"));
    assert_non_null(strstr(printed(c, DIAGNOSTIC_JSON), "{\"severity\":\"more\",\"count\":5}\n"));
    compile_free(c);
}

// Of a line of a megabyte only the neighbourhood of the error is shown.
static void test_diagnostics_long_line(void **state) {
    (void)state;
    Compile *c = compile_new();
    Text line = text_new(c->arena);
    for (int i = 0; i < 500000; i++) text_add(&line, "\xC3\xA9");
    uint32_t file = source_add(c->sources, "long.net", line.bytes, line.size, false);
    report(c->diagnostics, E_SYNTAX, (Span){file, 500000, 900000}, "here");
    const char *text = printed(c, DIAGNOSTIC_LONG);
    assert_true(strlen(text) < 600);
    assert_non_null(strstr(text, "long.net:1:250001: error[E0101]: here\n    1 | ..."));
    compile_free(c);
}

static void test_codes(void **state) {
    (void)state;
    assert_int_equal(code_parse("E0204"), E_SHAPE);
    assert_int_equal(code_parse("204"), E_SHAPE);
    assert_int_equal(code_parse("E0999"), CODE_NONE);
    assert_int_equal(code_parse("E0204x"), CODE_NONE);
    assert_int_equal(code_parse(""), CODE_NONE);
    assert_string_equal(code_title(E_SYNTAX), "syntax error");
    assert_non_null(code_explanation(E_DATA));
    assert_null(code_explanation(CODE_NONE));
}

static void test_report_nearest(void **state) {
    (void)state;
    Compile *c = compile_new();
    const char *const choice[] = {"stride", "padding"};
    Diagnostic *d = report(c->diagnostics, E_ARGUMENT, (Span){0}, "unknown");
    report_nearest(c->diagnostics, d, "paddin", choice, 2);
    assert_string_equal(d->help, "did you mean 'padding'?");
    Diagnostic *other = report(c->diagnostics, E_ARGUMENT, (Span){0}, "unknown");
    report_nearest(c->diagnostics, other, "banana", choice, 2);
    assert_null(other->help);
    assert_true(compile_failed(c));
    compile_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_arena_grow),
        cmocka_unit_test(test_arena_limit),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_number_text),
        cmocka_unit_test(test_number_text_round_trip),
        cmocka_unit_test(test_nearest_name),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_diagnostics_long),
        cmocka_unit_test(test_diagnostics_short_and_json),
        cmocka_unit_test(test_diagnostics_at_most_twenty),
        cmocka_unit_test(test_diagnostics_long_line),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_report_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
