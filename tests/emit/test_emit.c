// test_emit.c: golden texts of printed C, text that tries to escape from comments and strings, and
// the table of a model, which is compiled, loaded and compared with what was printed.
#include "../loop/golden.h"
#include "../loop/samples.h"
#include "emit/emit.h"
#include "emit/writer.h"

#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static Compile *c;

static int set_up(void **state) {
    (void)state;
    c = compile_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    compile_free(c);
    return 0;
}

static void printed(void **state) {
    (void)state;
    static const char *const name[] = {
        "scalars", "conv_f32",    "recurrence_f32",  "random_draws",     "argmax",
        "strides", "many_arrays", "vector_sums_f32", "vector_functions", "places_f32"};
    EmitOptions o = {.openmp = true, .head = "A sample."};
    for (int i = 0; i < 10; i++) {
        LoopModule *m = sample_make(c, sample_find(name[i]));
        Text header = text_new(c->arena), source = text_new(c->arena);
        emit_c_header(m, &o, &header);
        emit_c_source(m, &o, &source);
        golden_compare(GOLDEN, arena_printf(c->arena, "%s.h", name[i]), &header);
        golden_compare(GOLDEN, arena_printf(c->arena, "%s.c", name[i]), &source);
    }
}

static void without_openmp(void **state) {
    (void)state;
    EmitOptions o = {.openmp = false};
    Text text = text_new(c->arena);
    LoopModule *m = sample_make(c, sample_find("strides"));
    emit_c_header(m, &o, &text);
    emit_c_source(m, &o, &text);
    assert_null(strstr(text.bytes, "PARALLEL"));
    assert_null(strstr(text.bytes, "threads"));
    assert_non_null(strstr(text.bytes, "double tile[4][2];"));
}

// A module without lanes has scalar code only, though it was built by the same calls.
static void without_vectors(void **state) {
    (void)state;
    EmitOptions o = {.openmp = true};
    Text scalar = text_new(c->arena), vector = text_new(c->arena);
    emit_c_source(sample_make(c, sample_find("vector_none_f32")), &o, &scalar);
    emit_c_source(sample_make(c, sample_find("vector_conv_f32")), &o, &vector);
    assert_null(strstr(scalar.bytes, "vec_"));
    assert_null(strstr(scalar.bytes, "VEC_"));
    assert_non_null(strstr(vector.bytes, "sum_13 += x[n][h + r][w + s + 13][i]*weight_1;"));
    assert_non_null(strstr(vector.bytes, "for (int w = 0; w < 28; w += 14)"));
}

static void comments_cannot_be_left(void **state) {
    (void)state;
    static const char *const wicked[][2] = {
        {"*/ int x;", "* / int x;"},
        {"/* nested", "/ * nested"},
        {"a\\", "a\\."},
        {"a ?\?/", "a ? ?/"},
        {"a\x01"
         "b\x7f",
         "a\\x01b\\x7F"},
        {"\xff\xfe", "\\xFF\\xFE"},
        {"\xe2\x80\xae"
         "x",
         "\\xE2\\x80\\xAEx"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        {"**/", "** /"},
        {"*\\\n/", "*\\\\x0A/"},
        {"\xc0\xaf", "\\xC0\\xAF"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof wicked / sizeof *wicked; i++)
        assert_string_equal(comment_text(c->arena, wicked[i][0]), wicked[i][1]);
}

static void strings_cannot_be_left(void **state) {
    (void)state;
    assert_string_equal(string_literal(c->arena, "a\"b\\c?\n\xff"
                                                 "1"),
                        "\"a\\\"b\\\\c\\?\\012\\3771\"");
    assert_string_equal(string_literal(c->arena, NULL), "NULL");
}

static void lines_break_outside_of_strings(void **state) {
    (void)state;
    Text text = text_new(c->arena);
    Writer w = {&text, 1};
    write_line(&w, "%s",
               "f(\"a long text, with commas, and a \\\" quote, that goes on + on + on, beyond the "
               "end, of the line\", b);");
    assert_null(strstr(text.bytes, "on\n"));
    assert_non_null(strstr(text.bytes, "line\",\n"));
}

static void long_comments_go_on(void **state) {
    (void)state;
    Text text = text_new(c->arena), words = text_new(c->arena);
    for (int i = 0; i < 60; i++) text_add(&words, i % 7 ? "word " : "back\\ slash ");
    Writer w = {&text, 2};
    write_comment(&w, words.bytes);
    size_t longest = 0;
    for (const char *at = text.bytes; *at; at += strcspn(at, "\n") + 1) {
        assert_int_equal(strncmp(at, "        // ", 11), 0);
        size_t size = strcspn(at, "\n");
        assert_true(size <= 100 && at[size - 1] != '\\');
        if (size > longest) longest = size;
    }
    assert_true(longest > 90);
}

// --- the table

static char long_path[5000]; // longer than a portable string literal

static NetModel model_of(const LoopModule *m) {
    static const double values[] = {0.1, -INFINITY, NAN, 5e-324, 1.7976931348623157e308, 3},
                        lr[] = {0.1}, betas[] = {0.9, 0.999};
    static NetTensor params[] = {{.name = "weight",
                                  .rank = 4,
                                  .shape = {4, 2, 3, 3},
                                  .count = 72,
                                  .init = {NET_INIT_UNIFORM, -0.25, 0.25, NULL, NULL, NULL}},
                                 {.name = "bias",
                                  .rank = 1,
                                  .shape = {4},
                                  .offset = 72,
                                  .count = 4,
                                  .init = {.kind = NET_INIT_VALUES, .values = values}}};
    static NetInput inputs[] = {
        {.name = "image", .type = NET_F32, .rank = 3, .shape = {2, 7, 6}, .count = 84}};
    static NetOutput outputs[] = {{.name = "conv",
                                   .type = NET_F32,
                                   .rank = 3,
                                   .shape = {4, 7, 6},
                                   .count = 168,
                                   .per_sample = 1}};
    static NetSetting settings[] = {
        {"lr", 1, lr, NULL}, {"betas", 2, betas, NULL}, {"mode", 0, NULL, "a\"b?\?/"}};
    static const char *const files[] = {"a.csv", long_path}, *const columns_of[] = {"x1", "x2"};
    static NetColumns columns[] = {{"image", columns_of, 2}};
    static double sample[84];
    static NetInline inlined[] = {{"image", sample, 1}};
    memset(long_path, 'p', sizeof long_path - 1);
    for (int i = 0; i < 84; i++) sample[i] = i / 8.0;
    NetModel model = {.abi = NET_ABI,
                      .name = "conv_f32",
                      .spec = "sample.net",
                      .fingerprint = "00ff",
                      .schedule = "plain",
                      .type = NET_F32,
                      .batch_size = 3,
                      .param = params,
                      .param_tensors = 2,
                      .param_count = 76,
                      .input = inputs,
                      .input_count = 1,
                      .batch_bytes = loop_block_bytes(m, LOOP_BATCH),
                      .output = outputs,
                      .output_count = 1,
                      .work_bytes = loop_block_bytes(m, LOOP_WORK)};
    model.train = (NetTrain){.epochs = 3,
                             .shuffle = 1,
                             .seed = UINT64_MAX,
                             .clip_grad_norm = 0.5,
                             .optimizer = {"Adam", settings, 3}};
    model.data = (NetData){.format = NET_DATA_CSV,
                           .train = files,
                           .train_count = 2,
                           .scale = 1 / 255.0,
                           .normalize = 1,
                           .mean = values,
                           .mean_count = 1,
                           .std = lr,
                           .std_count = 1,
                           .columns = columns,
                           .columns_count = 1,
                           .inlined = inlined,
                           .inlined_count = 1};
    return model;
}

static void write_file(const char *folder, const char *name, const Text *text) {
    FILE *f = fopen(arena_printf(c->arena, "%s/%s", folder, name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text->bytes, 1, text->size, f), text->size);
    fclose(f);
}

static const NetModel *compile_and_load(const LoopModule *m, const NetModel *model,
                                        void **library) {
    char folder[] = "/tmp/netc-model-XXXXXX";
    assert_non_null(mkdtemp(folder));
    EmitOptions o = {.openmp = true, .head = "A table."};
    Text header = text_new(c->arena), source = text_new(c->arena), table = text_new(c->arena);
    emit_c_header(m, &o, &header);
    emit_c_source(m, &o, &source);
    emit_c_model(m, model, &o, &table);
    write_file(folder, "conv_f32.h", &header);
    write_file(folder, "conv_f32.c", &source);
    write_file(folder, "conv_f32_model.c", &table);
    assert_int_equal(
        system(arena_printf(c->arena,
                            "cd %s && for cc in clang gcc; do $cc -std=c11 -Wall -Wextra "
                            "-Wpedantic -Wshadow -Werror -ffp-contract=off -O1 "
                            "-fPIC -shared -I%s *.c -o model.so -lm || exit 1; done",
                            folder, RUNTIME_INCLUDE)),
        0);
    *library = dlopen(arena_printf(c->arena, "%s/model.so", folder), RTLD_NOW);
    assert_non_null(*library);
    assert_int_equal(system(arena_printf(c->arena, "rm -r %s", folder)), 0);
    return dlsym(*library, "net_model");
}

static void expect_same_table(const NetModel *a, const NetModel *b) {
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->work_bytes, b->work_bytes);
    assert_int_equal(a->param_tensors, b->param_tensors);
    assert_string_equal(a->param[1].name, b->param[1].name);
    assert_int_equal(a->param[1].offset, b->param[1].offset);
    assert_memory_equal(a->param[0].shape, b->param[0].shape, sizeof a->param[0].shape);
    assert_true(a->param[0].init.a == b->param[0].init.a &&
                a->param[0].init.b == b->param[0].init.b);
    for (int i = 0; i < 4; i++) {
        double x = a->param[1].init.values[i], y = b->param[1].init.values[i];
        assert_true(x == y || (isnan(x) && isnan(y)));
    }
    assert_true(a->train.seed == b->train.seed && a->train.epochs == b->train.epochs);
    assert_string_equal(a->train.optimizer.kind, b->train.optimizer.kind);
    assert_true(a->train.optimizer.argument[1].value[1] == b->train.optimizer.argument[1].value[1]);
    assert_string_equal(a->train.optimizer.argument[2].text, b->train.optimizer.argument[2].text);
    assert_null(a->train.scheduler.kind);
    assert_string_equal(a->data.train[1], b->data.train[1]);
    assert_true(a->data.scale == b->data.scale && a->data.mean[0] == b->data.mean[0]);
    assert_string_equal(a->data.columns[0].column[1], b->data.columns[0].column[1]);
    assert_memory_equal(a->data.inlined[0].value, b->data.inlined[0].value, 84 * sizeof(double));
    assert_null(a->state);
    assert_true(a->forward && !a->backward && !a->update && !a->evaluate);
}

static void table(void **state) {
    (void)state;
    LoopModule *m = sample_make(c, sample_find("conv_f32"));
    NetModel model = model_of(m);
    void *library;
    const NetModel *loaded = compile_and_load(m, &model, &library);
    expect_same_table(loaded, &model);

    // The wrapper hands over the blocks.
    _Alignas(NET_ALIGN) static float params[76], batch[252], work[504], wanted[504];
    for (int i = 0; i < 76; i++) params[i] = (float)(i % 7) - 3;
    for (int i = 0; i < 252; i++) batch[i] = (float)(i % 11) / 4;
    NetCall call = {.params = params, .batch = batch, .work = work, .n = 2, .threads = 1};
    loaded->forward(&call);
    LoopCall same = {.block = {[LOOP_PARAMS] = params, [LOOP_BATCH] = batch, [LOOP_WORK] = wanted},
                     .N = 2};
    const char *problem;
    assert_true(loop_eval(m, loop_function_find(m, "forward"), &same, &problem));
    assert_memory_equal(work, wanted, sizeof work);
    assert_true(work[335] != 0 && work[336] == 0); // two samples of three
    dlclose(library);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv) {
    golden_bless = argc > 1 && strcmp(argv[1], "--bless") == 0;
    const struct CMUnitTest tests[] = {TEST(printed),
                                       TEST(without_openmp),
                                       TEST(without_vectors),
                                       TEST(comments_cannot_be_left),
                                       TEST(strings_cannot_be_left),
                                       TEST(lines_break_outside_of_strings),
                                       TEST(long_comments_go_on),
                                       TEST(table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
