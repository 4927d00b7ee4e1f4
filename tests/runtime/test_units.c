// test_units.c: random numbers, permutations, settings and suggestions of the runtime, against
// published or exact values.
#include "data.h"
#include "init.h"
#include "models.h"
#include "net_runtime.h"
#include "optimizer.h"
#include "random.h"
#include "report.h"
#include "settings.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// The three vectors of philox4x32 with 10 rounds in Random123's kat_vectors.
static void philox_known_answers(void **state) {
    (void)state;
    static const uint32_t vector[3][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
         0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    for (int i = 0; i < 3; i++) {
        uint32_t out[4];
        net_philox(vector[i], vector[i] + 4, out);
        assert_memory_equal(out, vector[i] + 6, sizeof out);
    }
}

static void units_lie_in_range(void **state) {
    (void)state;
    enum { DRAWS = 100000 };
    RandomStream stream = net_random_stream(1, RANDOM_INIT, 0);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        double u = net_random_unit(&stream);
        assert_true(u >= 0 && u < 1);
        sum += u;
    }
    assert_true(fabs(sum / DRAWS - 0.5) < 5 * sqrt(1.0 / 12 / DRAWS)); // five standard errors
    sum = 0;
    for (int i = 0; i < DRAWS; i++) {
        double z = net_random_normal(&stream);
        sum += z;
        squares += z * z;
    }
    assert_true(fabs(sum / DRAWS) < 5 / sqrt(DRAWS));
    assert_true(fabs(squares / DRAWS - 1) < 5 * sqrt(2.0 / DRAWS));
}

static void permutations_are_permutations(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    int64_t a[COUNT], b[COUNT], again[COUNT];
    bool seen[COUNT] = {false};
    net_random_permutation(42, 0, a, COUNT);
    net_random_permutation(42, 1, b, COUNT);
    net_random_permutation(42, 0, again, COUNT);
    assert_memory_equal(a, again, sizeof a);
    assert_memory_not_equal(a, b, sizeof a);
    for (int i = 0; i < COUNT; i++) {
        assert_in_range(a[i], 0, COUNT - 1);
        assert_false(seen[a[i]]);
        seen[a[i]] = true;
    }
}

// Every permutation of four comes up about equally often: chi-square with 23 degrees of freedom
// below its 99.99 % point.
static void permutations_are_fair(void **state) {
    (void)state;
    enum { DRAWS = 24000 };
    int count[256] = {0};
    double chi = 0;
    for (uint64_t epoch = 0; epoch < DRAWS; epoch++) {
        int64_t p[4];
        net_random_permutation(9, epoch, p, 4);
        count[p[0] | p[1] << 2 | p[2] << 4 | p[3] << 6]++;
    }
    int kinds = 0;
    for (int i = 0; i < 256; i++) {
        kinds += count[i] > 0;
        if (count[i]) chi += (count[i] - 1000.0) * (count[i] - 1000.0) / 1000;
    }
    assert_int_equal(kinds, 24);
    assert_true(chi < 56);
}

static void draws_agree_in_both_precisions(void **state) {
    (void)state;
    double wide[3], mean;
    float narrow[3], narrow_mean;
    NetModel model = linear_model;
    assert_int_equal(net_init(&model, &(NetRunOptions){.seed = 0}, 5, wide, &mean), 0);
    model.type = NET_F32;
    assert_int_equal(net_init(&model, &(NetRunOptions){.seed = 0}, 5, narrow, &narrow_mean), 0);
    for (int i = 0; i < 3; i++) assert_true(narrow[i] == (float)wide[i]);
    assert_true(wide[0] >= -1 && wide[0] < 1 && wide[0] != wide[1]);
    assert_true(mean == 0.25 && narrow_mean == 0.25f);
}

// Two channels of three pixels: each has its own mean and deviation; a target is left as it is.
static void channels_are_normalised(void **state) {
    (void)state;
    static const NetInput input[] = {
        {"x", NET_F64, 2, {2, 3}, 6, 0, 0, 0},
        {"t", NET_F64, 0, {0}, 1, 12 * sizeof(double), 0, 1},
    };
    static const double mean[] = {1, 2};
    static const double std[] = {0.5, 4};
    NetModel model = {.input = input,
                      .input_count = 2,
                      .data = {.scale = 0.1,
                               .normalize = 1,
                               .mean = mean,
                               .mean_count = 2,
                               .std = std,
                               .std_count = 2}};
    uint8_t x[] = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110};
    double t[] = {7, 8};
    Column column[] = {{ELEMENT_U8, x, true}, {ELEMENT_F64, t, false}};
    Dataset data = {.model = &model, .samples = 2, .column = column};
    const int64_t order[] = {1, 0};
    double batch[14];
    net_data_fill(&data, order, 0, 2, batch);
    for (int i = 0; i < 12; i++) {
        int channel = i / 3 % 2;
        double from = x[i < 6 ? i + 6 : i - 6];
        assert_true(batch[i] == (from * 0.1 - mean[channel]) / std[channel]);
    }
    assert_true(batch[12] == 8 && batch[13] == 7);
}

static int resolve(const char *name, double value, Settings *settings) {
    NetSetting set = {name, 1, &value, NULL};
    NetRunOptions options = {.epochs = -1, .iterations = -1, .set = &set, .set_count = 1};
    return net_settings_resolve(&linear_model, &options, settings);
}

static void settings_are_found_and_checked(void **state) {
    (void)state;
    Settings s;
    assert_int_equal(resolve("lr", 0.5, &s), 0);
    assert_true(net_choice_number(&s.optimizer, "lr") == 0.5);
    assert_true(net_choice_number(&s.optimizer, "momentum") == 0.9);
    assert_true(net_choice_number(&s.scheduler, "gamma") == 0.1);
    assert_int_equal(resolve("SGD.momentum", 0.25, &s), 0);
    assert_true(net_choice_number(&s.optimizer, "momentum") == 0.25);
    assert_int_equal(resolve("scheduler.gamma", 0.5, &s), 0);
    assert_true(net_choice_number(&s.scheduler, "gamma") == 0.5);
    assert_int_equal(resolve("iterations", 12, &s), 0);
    assert_true(s.by_iteration && s.iterations == 12);
    assert_int_equal(resolve("lr", -1, &s), NET_USAGE);
    assert_int_equal(resolve("lr", NAN, &s), NET_USAGE);
    assert_int_equal(resolve("momentun", 0.5, &s), NET_USAGE);
    assert_int_equal(resolve("epochs", 1.5, &s), NET_USAGE);
    assert_int_equal(resolve("batch_size", 4, &s), NET_USAGE);
}

static void plain_sgd_is_plain(void **state) {
    (void)state;
    Settings s;
    Optimizer o;
    double w[2] = {0.15, 1.0 / 3};
    const double g[2] = {0.1, 7e-3};
    assert_int_equal(resolve("momentum", 0, &s), 0);
    net_optimizer_begin(&o, &s.optimizer, NET_F64, 2, false);
    assert_int_equal(o.moment_count, 0);
    net_optimizer_reset(&o);
    net_optimizer_step(&o, w, g);
    volatile double first = 0.05 * 0.1;
    volatile double second = 0.05 * 7e-3;
    assert_true(w[0] == 0.15 - first && w[1] == 1.0 / 3 - second);
}

static void nonfinite_values_are_found(void **state) {
    (void)state;
    enum { COUNT = 1500 };
    static float f[COUNT];
    static double d[COUNT];
    assert_int_equal(net_first_nonfinite(NET_F32, f, COUNT), COUNT);
    assert_int_equal(net_first_nonfinite(NET_F64, d, COUNT), COUNT);
    f[1499] = NAN;
    d[600] = -INFINITY;
    d[1000] = NAN;
    assert_int_equal(net_first_nonfinite(NET_F32, f, COUNT), 1499);
    assert_int_equal(net_first_nonfinite(NET_F64, d, COUNT), 600);
}

static void meant_words_are_found(void **state) {
    (void)state;
    static const char *const known[] = {"momentum", "dampening", "lr"};
    assert_string_equal(net_closest("momentun", known, 3), "momentum");
    assert_string_equal(net_closest("l", known, 3), "lr");
    assert_null(net_closest("weight", known, 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_known_answers),           cmocka_unit_test(units_lie_in_range),
        cmocka_unit_test(permutations_are_permutations),  cmocka_unit_test(permutations_are_fair),
        cmocka_unit_test(draws_agree_in_both_precisions), cmocka_unit_test(channels_are_normalised),
        cmocka_unit_test(settings_are_found_and_checked), cmocka_unit_test(plain_sgd_is_plain),
        cmocka_unit_test(nonfinite_values_are_found),     cmocka_unit_test(meant_words_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
