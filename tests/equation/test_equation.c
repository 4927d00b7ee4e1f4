// test_equation.c: the constructors' rules, the in-range proof, the cover of definitions, the order of computation and the
// rules of differentiation, on programs built by hand. Expectations are the printed text.
#include "adjoint/adjoint.h"
#include "equation/equation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

typedef struct Scene {
    Compile *c;
    Program *p;
    const Index *i, *j, *k; // extents 4, 5, 3
    Tensor *x, *y;          // inputs [4], [4]
    Tensor *w;              // param [5, 4]
    Tensor *t;              // target: class(4)
} Scene;

static Name name(Scene *s, const char *text) { return name_of(s->c->names, text); }

static const Index *make_index(Scene *s, const char *text, int64_t extent) {
    return index_new(s->p, name(s, text), NULL, extent);
}

static Tensor *make(Scene *s, const char *text, TensorRole role, bool per_sample,
                    const Index *const *axis, int count) {
    return tensor_new(s->p, name(s, text), name(s, text), role, per_sample, axis, count);
}

static Scene scene(int64_t batch) {
    Scene s = {.c = compile_new()};
    s.p = program_new(s.c, name(&s, "test"), batch, false, true);
    s.i = make_index(&s, "i", 4);
    s.j = make_index(&s, "j", 5);
    s.k = make_index(&s, "k", 3);
    const Index *ax[] = {make_index(&s, "i", 4)}, *ay[] = {make_index(&s, "i", 4)};
    const Index *aw[] = {make_index(&s, "j", 5), make_index(&s, "i", 4)};
    s.x = make(&s, "x", TENSOR_INPUT, true, ax, 1);
    s.y = make(&s, "y", TENSOR_INPUT, true, ay, 1);
    s.w = make(&s, "w", TENSOR_PARAM, false, aw, 2);
    s.t = make(&s, "t", TENSOR_TARGET, true, NULL, 0);
    s.t->is_int = true;
    s.t->classes = 4;
    return s;
}

static void end(Scene *s) { compile_free(s->c); }

static const Expr *at(Scene *s, const Tensor *t, const Expr *e) {
    const Expr *subscript[2];
    int n = 0;
    if (t->per_sample && s->p->sample) subscript[n++] = expr_index(s->p, s->p->sample);
    if (e) subscript[n++] = e;
    return expr_read(s->p, t, subscript);
}

static const Expr *xi(Scene *s) { return at(s, s->x, expr_index(s->p, s->i)); }
static const Expr *yi(Scene *s) { return at(s, s->y, expr_index(s->p, s->i)); }
static const Expr *num(Scene *s, double v) { return expr_number(s->p, v); }

static void expect(Scene *s, const Expr *e, const char *text) {
    assert_string_equal(expr_print(s->p, e), text);
}

static void sums_and_products(void **state) {
    (void)state;
    Scene s = scene(1);
    Program *p = s.p;
    const Expr *x = xi(&s), *y = yi(&s);
    expect(&s, expr_add(p, x, expr_add(p, x, y)), "2*x[i] + y[i]");
    expect(&s, expr_subtract(p, x, x), "0");
    expect(&s, expr_subtract(p, num(&s, 1), x), "1 - x[i]");
    expect(&s, expr_negate(p, expr_subtract(p, x, y)), "y[i] - x[i]");
    expect(&s, expr_negate(p, expr_subtract(p, num(&s, 1), x)), "-(1 - x[i])");
    expect(&s, expr_multiply(p, x, expr_multiply(p, num(&s, 2), y)), "2*x[i]*y[i]");
    expect(&s, expr_divide(p, expr_multiply(p, x, y), y), "x[i]");
    expect(&s, expr_divide(p, expr_divide(p, x, num(&s, 3)), expr_divide(p, num(&s, 6), y)), "x[i]*y[i]/18");
    expect(&s, expr_divide(p, x, num(&s, 4)), "0.25*x[i]");
    expect(&s, expr_divide(p, x, num(&s, 784)), "x[i]/784");
    const Expr *root = expr_call1(p, FN_SQRT, y);
    expect(&s, expr_divide(p, x, expr_multiply(p, root, root)), "x[i]/y[i]");
    expect(&s, expr_power(p, expr_subtract(p, x, y), 2), "(x[i] - y[i])^2");
    expect(&s, expr_power(p, x, -1), "1/x[i]");
    expect(&s, expr_power(p, x, 0.5), "sqrt(x[i])");
    expect(&s, expr_power(p, x, 2.5), "power(x[i], 2.5)");
    expect(&s, expr_divide(p, num(&s, 1), num(&s, 255)), "0.00392156862745098");
    assert_ptr_equal(expr_multiply(p, x, y), expr_multiply(p, x, y));
    end(&s);
}

// A product goes into the other branch of a select: 0*inf must not come about.
static void selects(void **state) {
    (void)state;
    Scene s = scene(1);
    Program *p = s.p;
    const Expr *x = xi(&s), *y = yi(&s), *zero = num(&s, 0), *c = expr_less(p, zero, x);
    const Expr *big = expr_call1(p, FN_EXP, x);
    expect(&s, expr_multiply(p, big, expr_select(p, c, zero, y)),
           "if 0 < x[i] then 0 else exp(x[i])*y[i]");
    expect(&s, expr_multiply(p, expr_select(p, c, y, zero), big),
           "if 0 < x[i] then y[i]*exp(x[i]) else 0");
    expect(&s, expr_add(p, expr_select(p, c, x, zero), expr_select(p, c, zero, y)),
           "if 0 < x[i] then x[i] else y[i]");
    expect(&s, expr_select(p, expr_true(p), x, y), "x[i]");
    end(&s);
}

static void conditions(void **state) {
    (void)state;
    Scene s = scene(1);
    Program *p = s.p;
    Affine i = affine_index(p, s.i);
    assert_int_equal(expr_nonnegative(p, i)->kind, E_TRUE);
    assert_int_equal(expr_nonnegative(p, affine_add(p, i, affine_constant(4), -1))->kind, E_FALSE);
    const Expr *inside = expr_inside(p, affine_add(p, i, affine_constant(-1), 1), 4);
    expect(&s, inside, "1 <= i");
    expect(&s, expr_not(p, inside), "i <= 0");
    const Expr *read = at(&s, s.x, expr_affine(p, affine_add(p, i, affine_constant(1), 1)));
    expect(&s, expr_pad(p, read, num(&s, 0)), "if i <= 2 then x[i + 1] else 0");
    end(&s);
}

static void reductions(void **state) {
    (void)state;
    Scene s = scene(1);
    Program *p = s.p;
    const Index *i[] = {s.i}, *one[] = {make_index(&s, "u", 1)};
    expect(&s, expr_reduce(p, REDUCE_SUM, one, 1, expr_true(p), num(&s, 3)), "3");
    Affine shifted = affine_add(p, affine_index(p, s.i), affine_constant(-1), 1);
    const Expr *padded = expr_pad(p, at(&s, s.x, expr_affine(p, shifted)), num(&s, 0));
    expect(&s, expr_reduce(p, REDUCE_SUM, i, 1, expr_true(p), padded),
           "sum(i < 4 | 1 <= i: x[i - 1])");
    const Expr *outer = expr_nonnegative(p, affine_add(p, affine_index(p, s.j), affine_constant(2), -1));
    expect(&s, expr_reduce(p, REDUCE_SUM, i, 1, outer, xi(&s)),
           "if 2 <= j then sum(i < 4: x[i]) else 0");
    const Expr *lowest = expr_pad(p, at(&s, s.x, expr_affine(p, shifted)), num(&s, -INFINITY));
    expect(&s, expr_reduce(p, REDUCE_MAX, i, 1, expr_true(p), lowest), "max(i < 4 | 1 <= i: x[i - 1])");
    end(&s);
}

static void equal_up_to_names(void **state) {
    (void)state;
    Scene s = scene(1);
    Program *p = s.p;
    const Index *i[] = {s.i}, *other[] = {make_index(&s, "q", 4)};
    const Expr *yq = at(&s, s.y, expr_index(p, other[0])), *xq = at(&s, s.x, expr_index(p, other[0]));
    const Expr *a = expr_reduce(p, REDUCE_SUM, i, 1, expr_true(p), expr_multiply(p, xi(&s), yi(&s)));
    const Expr *b = expr_reduce(p, REDUCE_SUM, other, 1, expr_true(p), expr_multiply(p, yq, xq));
    assert_ptr_not_equal(a, b);
    assert_true(expr_same(a, b, false, NULL, NULL, 0));
    const Expr *c = expr_reduce(p, REDUCE_SUM, other, 1, expr_true(p), expr_multiply(p, yq, yq));
    assert_false(expr_same(a, c, false, NULL, NULL, 0));
    assert_false(expr_same(xi(&s), xq, false, NULL, NULL, 0));
    IndexPair pair[4];
    int pairs;
    assert_true(expr_same(xi(&s), xq, true, pair, &pairs, 4));
    assert_int_equal(pairs, 1);
    assert_ptr_equal(pair[0].b, other[0]);
    end(&s);
}

static void define(Scene *s, Tensor *t, const Expr *value) {
    list_add(s->p->arena, s->p->forward, equation_whole(s->p, t, value));
}

static Code first_code(Scene *s) {
    return s->c->diagnostics->diagnostic.count ? s->c->diagnostics->diagnostic.item[0]->code : CODE_NONE;
}

static Tensor *value_of_extent(Scene *s, const char *text, int64_t extent) {
    const Index *axis[] = {make_index(s, text[0] == 'h' ? "t" : "i", extent)};
    return make(s, text, TENSOR_VALUE, true, axis, 1);
}

static void range_proof(void **state) {
    (void)state;
    Scene s = scene(1);
    Tensor *v = value_of_extent(&s, "v", 4);
    Affine next = affine_add(s.p, affine_index(s.p, v->axis[0]), affine_constant(1), 1);
    define(&s, v, at(&s, s.x, expr_affine(s.p, next)));
    program_find_definitions(s.p);
    assert_false(program_check(s.p));
    assert_int_equal(first_code(&s), E_RANGE);
    end(&s);
    s = scene(1);
    v = value_of_extent(&s, "v", 4);
    next = affine_add(s.p, affine_index(s.p, v->axis[0]), affine_constant(1), 1);
    define(&s, v, expr_pad(s.p, at(&s, s.x, expr_affine(s.p, next)), expr_number(s.p, 0)));
    program_find_definitions(s.p);
    assert_true(program_check(s.p));
    end(&s);
}

static Code code_of_parts(int64_t from, int64_t extent, bool twice) {
    Scene s = scene(1);
    Tensor *v = value_of_extent(&s, "v", 8);
    for (int part = 0; part <= twice; part++) {
        const Index *u[] = {make_index(&s, "u", extent)};
        Affine left = affine_add(s.p, affine_index(s.p, u[0]), affine_constant(part ? from : 0), 1);
        const Expr *subscript[] = {expr_affine(s.p, left)};
        list_add(s.p->arena, s.p->forward,
                 equation_new(s.p, v, subscript, u, 1, EQUATION_SET, expr_number(s.p, 1)));
    }
    program_find_definitions(s.p);
    program_check(s.p);
    Code code = first_code(&s);
    end(&s);
    return code;
}

static void cover_of_definitions(void **state) {
    (void)state;
    assert_int_equal(code_of_parts(4, 4, true), CODE_NONE);
    assert_int_equal(code_of_parts(3, 4, true), E_DEFINED_TWICE);
    assert_int_equal(code_of_parts(5, 3, true), E_DEFINED_PARTLY);
    assert_int_equal(code_of_parts(0, 4, false), E_DEFINED_PARTLY);
}

// h[t] = x[t] + factor*pad(h[t + step], 0), and perhaps h at a second step.
static Code code_of_recurrence(int64_t step, int64_t second, bool *down) {
    Scene s = scene(1);
    Tensor *h = value_of_extent(&s, "h", 4);
    Affine t = affine_index(s.p, h->axis[0]);
    const Expr *sum = at(&s, s.x, expr_affine(s.p, t));
    int64_t steps[] = {step, second};
    for (int i = 0; i < 2; i++) {
        const Expr *read = at(&s, h, expr_affine(s.p, affine_add(s.p, t, affine_constant(steps[i]), 1)));
        sum = expr_add(s.p, sum, expr_multiply(s.p, expr_number(s.p, 0.3 + i), expr_pad(s.p, read, expr_number(s.p, 0))));
    }
    define(&s, h, sum);
    program_find_definitions(s.p);
    program_check(s.p);
    Code code = first_code(&s);
    Groups groups = {0};
    if (code == CODE_NONE) {
        assert_true(equations_order(s.p, NULL, s.p->forward.item, 1, &groups));
        assert_true(groups.group.item[0].is_recurrence);
        *down = groups.group.item[0].down;
    }
    end(&s);
    return code;
}

static void recurrences(void **state) {
    (void)state;
    bool down = true;
    assert_int_equal(code_of_recurrence(-1, -2, &down), CODE_NONE);
    assert_false(down);
    assert_int_equal(code_of_recurrence(1, 2, &down), CODE_NONE);
    assert_true(down);
    assert_int_equal(code_of_recurrence(-1, 1, &down), E_RECURRENCE);
    assert_int_equal(code_of_recurrence(0, -1, &down), E_RECURRENCE);
}

// --- differentiation: the loss is sum(i: value_i*y_i) for a value that depends on params.

static const char *gradient_text(Scene *s, const char *tensor) {
    for (int i = 0; i < s->p->backward.count; i++)
        if (strcmp(s->p->backward.item[i]->out->name, tensor) == 0)
            return equation_print(s->p, s->p->backward.item[i]);
    return "none";
}

static void derive(Scene *s, const Expr *per_sample_loss) {
    Tensor *e = make(s, "E", TENSOR_VALUE, true, NULL, 0);
    define(s, e, per_sample_loss);
    Tensor *mean = make(s, "E_mean", TENSOR_RESULT, false, NULL, 0);
    const Expr *all = at(s, e, NULL);
    if (s->p->sample) {
        const Index *n[] = {s->p->sample};
        all = expr_divide(s->p, expr_reduce(s->p, REDUCE_SUM, n, 1, expr_true(s->p), all), expr_batch(s->p));
    }
    define(s, mean, all);
    s->p->loss = mean;
    program_find_definitions(s->p);
    assert_true(program_check(s->p));
    differentiate(s->p, false);
    adjoint_simplify(s->p);
    assert_true(program_check(s->p));
}

static void linear_layer(void **state) {
    (void)state;
    Scene s = scene(8);
    Program *p = s.p;
    const Index *axis[] = {make_index(&s, "o", 5)}, *i[] = {s.i};
    Tensor *z = make(&s, "z", TENSOR_VALUE, true, axis, 1);
    const Expr *weight[] = {expr_index(p, axis[0]), expr_index(p, s.i)};
    define(&s, z, expr_call1(p, FN_TANH,
                             expr_reduce(p, REDUCE_SUM, i, 1, expr_true(p),
                                         expr_multiply(p, expr_read(p, s.w, weight), xi(&s)))));
    const Index *o[] = {make_index(&s, "o", 5)};
    const Expr *zo = at(&s, z, expr_index(p, o[0]));
    derive(&s, expr_reduce(p, REDUCE_SUM, o, 1, expr_true(p), expr_multiply(p, zo, zo)));
    assert_string_equal(gradient_text(&s, "d_z_pre"), "d_z_pre[n, o] = 2*z[n, o]*(1 - z[n, o]^2)/N");
    assert_string_equal(gradient_text(&s, "d_w"), "d_w[j, i] = sum(n < N: d_z_pre[n, j]*x[n, i])");
    end(&s);
}

// The gradient of a picked element goes to that element, without a sum over the others.
static void picked_element(void **state) {
    (void)state;
    Scene s = scene(8);
    Program *p = s.p;
    const Index *i[] = {s.i}, *axis[] = {make_index(&s, "o", 4)};
    Tensor *z = make(&s, "z", TENSOR_VALUE, true, axis, 1);
    const Expr *weight[] = {expr_index(p, axis[0]), expr_index(p, s.i)};
    Tensor *w = make(&s, "v", TENSOR_PARAM, false, (const Index *[]){make_index(&s, "o", 4), make_index(&s, "i", 4)}, 2);
    define(&s, z, expr_reduce(p, REDUCE_SUM, i, 1, expr_true(p), expr_multiply(p, expr_read(p, w, weight), xi(&s))));
    derive(&s, expr_negate(p, at(&s, z, at(&s, s.t, NULL))));
    assert_string_equal(gradient_text(&s, "d_z"), "d_z[n, o] = if o == t[n] then -1/N else 0");
    end(&s);
}

static void every_rule_has_a_name(void **state) {
    (void)state;
    assert_true(adjoint_rule_count() >= 25);
    for (int r = 1; r <= adjoint_rule_count(); r++) assert_true(strlen(adjoint_rule_name(r)) > 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_products), cmocka_unit_test(selects),
        cmocka_unit_test(conditions),        cmocka_unit_test(reductions),
        cmocka_unit_test(equal_up_to_names), cmocka_unit_test(range_proof),
        cmocka_unit_test(cover_of_definitions), cmocka_unit_test(recurrences),
        cmocka_unit_test(linear_layer),      cmocka_unit_test(picked_element),
        cmocka_unit_test(every_rule_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
