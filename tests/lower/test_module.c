// test_module.c: what a lowered module promises beside its values: names, threads, tables.
#include "emit/emit.h"
#include "lower/lower.h"
#include "programs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct Lowered {
    Compile *c;
    Model *model;
    LoopModule *m;
} Lowered;

static Lowered lower(const char *name, LowerOptions options) {
    Lowered l = {compile_new(), NULL, NULL};
    for (int i = 0; i < sample_count; i++)
        if (strcmp(samples[i].name, name) == 0) l.model = samples[i].make(l.c);
    assert_non_null(l.model);
    l.m = lower_plain(l.model, &options);
    assert_int_equal(loop_check(l.m, stderr), 0);
    return l;
}

static const char *text_of(const LoopModule *m) {
    Text text = text_new(m->compile->arena);
    loop_print(m, &text);
    return text.bytes;
}

// --- names

static void test_hostile_names_are_mangled(void **state) {
    (void)state;
    Lowered l = lower("states", (LowerOptions){0});
    for (int i = 0; i < l.m->buffer.count; i++) {
        const LoopBuffer *b = l.m->buffer.item[i];
        assert_false(loop_name_is_reserved(b->name));
        assert_false(loop_name_is_reserved(b->member));
        for (int k = 0; k < i; k++) assert_true(b->name != l.m->buffer.item[k]->name);
    }
    const LoopBuffer *b =
        lower_buffer_of(l.m, tensor_find(l.model->train, name_of(l.c->names, "while")));
    assert_string_equal(b->path, "while");
    assert_string_not_equal(b->name, "while");
    compile_free(l.c);
}

static void test_an_index_never_has_the_name_of_a_tensor(void **state) {
    (void)state;
    Lowered l = lower("clash", (LowerOptions){0});
    assert_non_null(strstr(text_of(l.m), "for g2 = 0 .. G"));
    assert_null(strstr(text_of(l.m), "for g = "));
    compile_free(l.c);
}

// --- threads

static int count_parallel(const LoopBody *body, int depth) {
    int count = 0;
    for (int i = 0; i < body->count; i++) {
        const LoopStatement *s = body->item[i];
        if (s->kind == LOOP_FOR && s->parallel) assert_int_equal(depth, 0);
        count += s->kind == LOOP_FOR && s->parallel;
        count += count_parallel(&s->body, depth + (s->kind == LOOP_FOR));
    }
    return count;
}

static int parallel_loops(const char *name, const char *function) {
    Lowered l = lower(name, (LowerOptions){.parallel = true});
    int count = count_parallel(&loop_function_find(l.m, function)->body, 0);
    compile_free(l.c);
    return count;
}

static void test_samples_run_on_threads(void **state) {
    (void)state;
    assert_int_equal(parallel_loops("wide", "forward"),
                     1); // the matrix product; the loss is one sum
    assert_int_equal(parallel_loops("wide", "backward"), 2); // d_y over n, d_weight over its rows
}

static void test_small_nests_stay_on_one_thread(void **state) {
    (void)state;
    assert_int_equal(parallel_loops("softmax", "forward"), 0);
    assert_int_equal(parallel_loops("wide", "update"), 0);
}

static void test_sums_and_recurrences_stay_on_one_thread(void **state) {
    (void)state;
    assert_int_equal(parallel_loops("long_rnn", "forward"), 0);
    assert_int_equal(parallel_loops("wide_embedding", "backward"),
                     1); // d_y, and not the scatter into d_weight
}

static void test_threads_only_when_asked_for(void **state) {
    (void)state;
    Lowered l = lower("wide", (LowerOptions){0});
    assert_int_equal(count_parallel(&loop_function_find(l.m, "forward")->body, 0), 0);
    compile_free(l.c);
}

// --- tables

static const NetOutput *output_named(const NetModel *m, const char *name) {
    for (int i = 0; i < m->output_count; i++)
        if (strcmp(m->output[i].name, name) == 0) return &m->output[i];
    return NULL;
}

static void test_tables_name_what_lies_in_the_blocks(void **state) {
    (void)state;
    NetModel table;
    Lowered l = lower("conv", (LowerOptions){0});
    lower_net_model(l.model, l.m, &table);
    assert_int_equal(table.type, NET_F32);
    assert_int_equal(table.batch_size, 3);
    assert_int_equal(table.param_tensors, 3);
    assert_string_equal(table.param[1].name, "conv2d_1.weight");
    assert_int_equal(table.param[1].rank, 4);
    assert_int_equal(table.param[1].offset, 3); // after shift[3]
    assert_int_equal(table.param_count, 3 + 4 * 3 * 3 * 3 + 4);
    assert_int_equal(table.input_count, 1);
    assert_int_equal(table.input[0].count, 3 * 6 * 5);
    assert_int_equal(table.batch_bytes, 3 * 3 * 6 * 5 * sizeof(float));
    assert_int_equal(table.output_count, 1);
    assert_string_equal(table.output[0].name, "conv2d_1");
    assert_int_equal(table.output[0].count, 4 * 6 * 5);
    assert_true(table.output[0].per_sample);
    assert_int_equal(table.result_count, 1);
    assert_string_equal(table.result[0], "loss");
    compile_free(l.c);
}

static void test_kept_values_are_listed_and_the_output_is_last(void **state) {
    (void)state;
    NetModel table;
    Lowered l = lower("softmax", (LowerOptions){.keep_values = true});
    lower_net_model(l.model, l.m, &table);
    assert_non_null(output_named(&table, "softmax.m"));
    assert_non_null(output_named(&table, "d_softmax.s"));
    assert_string_equal(table.output[table.output_count - 1].name, "softmax");
    for (int i = 0; i < table.output_count; i++)
        assert_true(table.output[i].offset < table.work_bytes);
    compile_free(l.c);
}

static void test_inputs_before_targets_with_their_classes(void **state) {
    (void)state;
    NetModel table;
    Lowered l = lower("embedding", (LowerOptions){0});
    lower_net_model(l.model, l.m, &table);
    assert_int_equal(table.input[0].type, NET_I32);
    assert_int_equal(table.input[0].classes, 6);
    assert_false(table.input[0].is_target);
    compile_free(l.c);
}

static void test_states_of_both_programs_share_a_buffer(void **state) {
    (void)state;
    Lowered l = lower("batchnorm", (LowerOptions){0});
    Name name = name_of(l.c->names, "norm.running_var");
    const LoopBuffer *train = lower_buffer_of(l.m, tensor_find(l.model->train, name));
    assert_non_null(train);
    assert_ptr_equal(train, lower_buffer_of(l.m, tensor_find(l.model->eval, name)));
    compile_free(l.c);
}

static void test_a_predictor_has_one_program(void **state) {
    (void)state;
    Lowered l = {compile_new(), NULL, NULL};
    for (int i = 0; i < sample_count; i++)
        if (strcmp(samples[i].name, "softmax") == 0) l.model = samples[i].make(l.c);
    l.model->train = l.model->eval;
    LowerOptions options = {0};
    l.m = lower_plain(l.model, &options);
    assert_int_equal(loop_check(l.m, stderr), 0);
    assert_int_equal(l.m->function.count, 1);
    assert_string_equal(l.m->function.item[0]->name, "evaluate");
    compile_free(l.c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_names_are_mangled),
        cmocka_unit_test(test_an_index_never_has_the_name_of_a_tensor),
        cmocka_unit_test(test_samples_run_on_threads),
        cmocka_unit_test(test_small_nests_stay_on_one_thread),
        cmocka_unit_test(test_sums_and_recurrences_stay_on_one_thread),
        cmocka_unit_test(test_threads_only_when_asked_for),
        cmocka_unit_test(test_tables_name_what_lies_in_the_blocks),
        cmocka_unit_test(test_kept_values_are_listed_and_the_output_is_last),
        cmocka_unit_test(test_inputs_before_targets_with_their_classes),
        cmocka_unit_test(test_states_of_both_programs_share_a_buffer),
        cmocka_unit_test(test_a_predictor_has_one_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
