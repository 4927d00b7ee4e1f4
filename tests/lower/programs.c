// programs.c: each model is a function that builds its equations; it is called for training and for
// evaluation, and for training it adds the gradients as a person would derive them.
#include "programs.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

typedef struct Build {
    Program *p;
    Stage *stage;
} Build;

static Name word(const Build *b, const char *text) {
    return name_of(b->p->compile->names, text);
}

static const Index *ix(const Build *b, const char *name, const char *size, int64_t extent) {
    return index_new(b->p, word(b, name), size ? word(b, size) : NULL, extent);
}

static void stage(Build *b, const char *path) {
    Stage *s = arena_new_item(b->p->arena, Stage);
    s->path = word(b, path);
    s->parent = b->p->root;
    list_add(b->p->arena, b->p->root->child, s);
    b->stage = s;
}

enum { MAX_AXES = 6 };

// A tensor with the axes given, ended by NULL; per sample unless it is a param, a state or a
// result.
static Tensor *tensor(const Build *b, TensorRole role, bool per_sample, const char *name, ...) {
    const Index *axis[MAX_AXES];
    int count = 0;
    va_list list;
    va_start(list, name);
    for (const Index *i; (i = va_arg(list, const Index *));) axis[count++] = i;
    va_end(list);
    Tensor *t = tensor_new(b->p, word(b, name), word(b, name), role, per_sample, axis, count);
    t->stage = b->stage;
    return t;
}

static const Expr *read_list(const Build *b, const Tensor *t, va_list list) {
    const Expr *subscript[MAX_AXES + 1];
    int first = t->rank && t->axis[0] == b->p->sample;
    if (first) subscript[0] = expr_index(b->p, b->p->sample);
    for (int i = first; i < t->rank; i++) subscript[i] = va_arg(list, const Expr *);
    return expr_read(b->p, t, subscript);
}

// t[n, ...]: the subscripts after the sample's.
static const Expr *rd(const Build *b, const Tensor *t, ...) {
    va_list list;
    va_start(list, t);
    const Expr *e = read_list(b, t, list);
    va_end(list);
    return e;
}

typedef enum Part { FORWARD, BACKWARD, UPDATE } Part;

static void add_to(const Build *b, Part part, Equation *q) {
    q->stage = b->stage;
    if (part == FORWARD) list_add(b->p->arena, b->p->forward, q);
    if (part == BACKWARD) list_add(b->p->arena, b->p->backward, q);
    if (part == UPDATE) list_add(b->p->arena, b->p->update, q);
}

// t[axes of t] = value
static void whole(const Build *b, Part part, Tensor *t, const Expr *value) {
    add_to(b, part, equation_whole(b->p, t, value));
}

#define E(i) expr_index(b->p, i)
#define NUM(x) expr_number(b->p, x)
#define ADD(x, y) expr_add(b->p, x, y)
#define SUB(x, y) expr_subtract(b->p, x, y)
#define MUL(x, y) expr_multiply(b->p, x, y)
#define DIV(x, y) expr_divide(b->p, x, y)
#define NO expr_true(b->p)

static const Expr *sum(const Build *b, const Expr *guard, const Expr *body, ...) {
    const Index *index[MAX_AXES];
    int count = 0;
    va_list list;
    va_start(list, body);
    for (const Index *i; (i = va_arg(list, const Index *));) index[count++] = i;
    va_end(list);
    return expr_reduce(b->p, REDUCE_SUM, index, count, guard, body);
}

// loss = 1/N*sum(n: value), the loss of the batch.
static void loss(Build *b, const Expr *value) {
    Tensor *t = tensor(b, TENSOR_RESULT, false, "loss", NULL);
    if (b->p->sample) value = DIV(sum(b, NO, value, b->p->sample, NULL), expr_batch(b->p));
    whole(b, FORWARD, t, value);
    b->p->loss = t;
}

static Tensor *gradient(const Build *b, const Tensor *of) {
    const Name name = name_printf(b->p->compile->names, "d_%s", of->name);
    bool first = of->rank && of->axis[0] == b->p->sample;
    Tensor *t =
        tensor_new(b->p, name, name, TENSOR_GRADIENT, first, of->axis + first, of->rank - first);
    t->of = of;
    t->stage = b->stage;
    return t;
}

typedef void Make(Build *b);

static Model *model_of(Compile *c, const char *name, int batch, bool is_f32, Make *make) {
    Model *m = arena_new_item(c->arena, Model);
    m->name = name_of(c->names, name);
    m->spec = "test.net";
    m->batch_size = batch;
    for (int training = 0; training < 2; training++) {
        Build b = {program_new(c, m->name, batch, is_f32, training), NULL};
        b.stage = b.p->root;
        make(&b);
        program_find_definitions(b.p);
        *(training ? &m->train : &m->eval) = b.p;
    }
    return m;
}

// --- the 2-2-2 network, in scalars

static void make_net222(Build *b) {
    Program *p = b->p;
    Tensor *i1 = tensor(b, TENSOR_INPUT, true, "i1", NULL),
           *t1 = tensor(b, TENSOR_TARGET, true, "t1", NULL);
    Tensor *w1 = tensor(b, TENSOR_PARAM, false, "w1", NULL),
           *w2 = tensor(b, TENSOR_PARAM, false, "w2", NULL);
    Tensor *h1 = tensor(b, TENSOR_VALUE, true, "h1", NULL),
           *a_h1 = tensor(b, TENSOR_VALUE, true, "a_h1", NULL);
    Tensor *o1 = tensor(b, TENSOR_VALUE, true, "o1", NULL),
           *a_o1 = tensor(b, TENSOR_VALUE, true, "a_o1", NULL);
    whole(b, FORWARD, h1, MUL(rd(b, w1), rd(b, i1)));
    whole(b, FORWARD, a_h1, expr_call1(p, FN_SIGMOID, rd(b, h1)));
    whole(b, FORWARD, o1, MUL(rd(b, w2), rd(b, a_h1)));
    whole(b, FORWARD, a_o1, expr_call1(p, FN_SIGMOID, rd(b, o1)));
    list_add(p->arena, p->output, a_o1);
    const Expr *miss = SUB(rd(b, t1), rd(b, a_o1));
    loss(b, MUL(NUM(0.5), MUL(miss, miss)));
    Tensor *d_o1 = gradient(b, o1), *d_w2 = gradient(b, w2), *d_h1 = gradient(b, h1),
           *d_w1 = gradient(b, w1);
    const Expr *slope = MUL(rd(b, a_o1), SUB(NUM(1), rd(b, a_o1)));
    const Expr *to_loss = p->sample ? DIV(NUM(1), expr_batch(p)) : NUM(1);
    whole(b, BACKWARD, d_o1, MUL(to_loss, MUL(expr_negate(p, miss), slope)));
    const Expr *hidden = MUL(rd(b, a_h1), SUB(NUM(1), rd(b, a_h1)));
    whole(b, BACKWARD, d_h1, MUL(MUL(rd(b, d_o1), rd(b, w2)), hidden));
    const Expr *by_w2 = MUL(rd(b, d_o1), rd(b, a_h1)), *by_w1 = MUL(rd(b, d_h1), rd(b, i1));
    whole(b, BACKWARD, d_w2, p->sample ? sum(b, NO, by_w2, p->sample, NULL) : by_w2);
    whole(b, BACKWARD, d_w1, p->sample ? sum(b, NO, by_w1, p->sample, NULL) : by_w1);
}

static Model *net222(Compile *c) {
    return model_of(c, "net222", 1, false, make_net222);
}
static Model *net222_batch(Compile *c) {
    return model_of(c, "net222_batch", 4, false, make_net222);
}

// --- a convolution with padding, and its three gradients

static void make_conv(Build *b) {
    Program *p = b->p;
    const Index *c = ix(b, "c", "C", 3), *h = ix(b, "h", "H", 6), *w = ix(b, "w", "W", 5);
    const Index *o = ix(b, "o", "O", 4), *r = ix(b, "r", "K", 3), *s = ix(b, "s", "K", 3);
    const Index *hp = ix(b, "p", "H", 6), *wp = ix(b, "q", "W", 5);
    Tensor *image = tensor(b, TENSOR_INPUT, true, "image", c, h, w, NULL);
    Tensor *shift = tensor(b, TENSOR_PARAM, false, "shift", c, NULL);
    Tensor *x = tensor(b, TENSOR_VALUE, true, "x", c, h, w, NULL);
    whole(b, FORWARD, x, ADD(rd(b, image, E(c), E(h), E(w)), rd(b, shift, E(c))));
    stage(b, "conv2d_1");
    Tensor *weight = tensor(b, TENSOR_PARAM, false, "conv2d_1.weight", o, c, r, s, NULL);
    Tensor *bias = tensor(b, TENSOR_PARAM, false, "conv2d_1.bias", o, NULL);
    Tensor *y = tensor(b, TENSOR_VALUE, true, "conv2d_1", o, hp, wp, NULL);
    const Expr *row = SUB(ADD(E(hp), E(r)), NUM(1)), *column = SUB(ADD(E(wp), E(s)), NUM(1));
    row = expr_affine(p, affine_add(p, affine_add(p, affine_index(p, hp), affine_index(p, r), 1),
                                    affine_constant(1), -1));
    column = expr_affine(p, affine_add(p, affine_add(p, affine_index(p, wp), affine_index(p, s), 1),
                                       affine_constant(1), -1));
    const Expr *padded = expr_pad(p, rd(b, x, E(c), row, column), NUM(0));
    whole(b, FORWARD, y,
          ADD(sum(b, NO, MUL(rd(b, weight, E(o), E(c), E(r), E(s)), padded), c, r, s, NULL),
              rd(b, bias, E(o))));
    list_add(p->arena, p->output, y);
    stage(b, "loss");
    loss(b, sum(b, NO, MUL(rd(b, y, E(o), E(hp), E(wp)), rd(b, y, E(o), E(hp), E(wp))), o, hp, wp,
                NULL));
    Tensor *d_y = gradient(b, y);
    whole(b, BACKWARD, d_y, MUL(DIV(NUM(2), expr_batch(p)), rd(b, y, E(o), E(hp), E(wp))));
    b->stage = p->root->child.item[0];
    Tensor *d_weight = gradient(b, weight), *d_bias = gradient(b, bias);
    const Expr *seed = rd(b, d_y, E(o), E(hp), E(wp));
    whole(b, BACKWARD, d_weight, sum(b, NO, MUL(seed, padded), p->sample, hp, wp, NULL));
    whole(b, BACKWARD, d_bias, sum(b, NO, seed, p->sample, hp, wp, NULL));
    Tensor *d_x = gradient(b, x);
    Affine up = affine_add(p, affine_add(p, affine_index(p, h), affine_index(p, r), -1),
                           affine_constant(1), 1);
    Affine left = affine_add(p, affine_add(p, affine_index(p, w), affine_index(p, s), -1),
                             affine_constant(1), 1);
    const Expr *from =
        expr_pad(p, rd(b, d_y, E(o), expr_affine(p, up), expr_affine(p, left)), NUM(0));
    whole(b, BACKWARD, d_x,
          sum(b, NO, MUL(from, rd(b, weight, E(o), E(c), E(r), E(s))), o, r, s, NULL));
    b->stage = p->root;
    whole(b, BACKWARD, gradient(b, shift),
          sum(b, NO, rd(b, d_x, E(c), E(h), E(w)), p->sample, h, w, NULL));
}

static Model *conv(Compile *c) {
    return model_of(c, "conv", 3, true, make_conv);
}

// --- batch normalisation, the textbook gradient

static void make_batchnorm(Build *b) {
    Program *p = b->p;
    const Index *n = p->sample, *c = ix(b, "c", "C", 4), *h = ix(b, "h", "H", 5),
                *w = ix(b, "w", "W", 3);
    Tensor *image = tensor(b, TENSOR_INPUT, true, "image", c, h, w, NULL);
    Tensor *shift = tensor(b, TENSOR_PARAM, false, "shift", c, h, w, NULL);
    Tensor *x = tensor(b, TENSOR_VALUE, true, "x", c, h, w, NULL);
    whole(b, FORWARD, x, ADD(rd(b, image, E(c), E(h), E(w)), rd(b, shift, E(c), E(h), E(w))));
    Tensor *t = tensor(b, TENSOR_TARGET, true, "t", c, h, w, NULL);
    stage(b, "norm");
    Tensor *weight = tensor(b, TENSOR_PARAM, false, "norm.weight", c, NULL);
    Tensor *bias = tensor(b, TENSOR_PARAM, false, "norm.bias", c, NULL);
    Tensor *running_mean = tensor(b, TENSOR_STATE, false, "norm.running_mean", c, NULL);
    Tensor *running_var = tensor(b, TENSOR_STATE, false, "norm.running_var", c, NULL);
    Tensor *mean = tensor(b, TENSOR_VALUE, false, "norm.mean", c, NULL);
    Tensor *var = tensor(b, TENSOR_VALUE, false, "norm.var", c, NULL);
    Tensor *y = tensor(b, TENSOR_VALUE, true, "norm", c, h, w, NULL);
    const Expr *at = rd(b, x, E(c), E(h), E(w)), *centred = SUB(at, rd(b, mean, E(c)));
    const Expr *count = MUL(NUM(15), expr_batch(p));
    if (p->training) {
        whole(b, FORWARD, mean, DIV(sum(b, NO, at, n, h, w, NULL), count));
        whole(b, FORWARD, var, DIV(sum(b, NO, MUL(centred, centred), n, h, w, NULL), count));
        whole(b, UPDATE, running_mean,
              ADD(MUL(NUM(0.9), rd(b, running_mean, E(c))), MUL(NUM(0.1), rd(b, mean, E(c)))));
        whole(b, UPDATE, running_var,
              ADD(MUL(NUM(0.9), rd(b, running_var, E(c))),
                  DIV(MUL(MUL(NUM(0.1), rd(b, var, E(c))), count), SUB(count, NUM(1)))));
    } else {
        whole(b, FORWARD, mean, rd(b, running_mean, E(c)));
        whole(b, FORWARD, var, rd(b, running_var, E(c)));
    }
    const Expr *root = expr_call1(p, FN_SQRT, ADD(rd(b, var, E(c)), NUM(1e-5)));
    whole(b, FORWARD, y, ADD(MUL(DIV(centred, root), rd(b, weight, E(c))), rd(b, bias, E(c))));
    list_add(p->arena, p->output, y);
    stage(b, "loss");
    const Expr *miss = MUL(rd(b, y, E(c), E(h), E(w)), rd(b, t, E(c), E(h), E(w)));
    loss(b, sum(b, NO, miss, c, h, w, NULL));
    Tensor *d_y = gradient(b, y);
    whole(b, BACKWARD, d_y, DIV(rd(b, t, E(c), E(h), E(w)), expr_batch(p)));
    b->stage = p->root->child.item[0];
    Tensor *d_weight = gradient(b, weight), *d_bias = gradient(b, bias), *d_x = gradient(b, x);
    Tensor *d_var = gradient(b, var), *d_mean = gradient(b, mean);
    const Expr *seed = rd(b, d_y, E(c), E(h), E(w));
    whole(b, BACKWARD, d_weight, sum(b, NO, DIV(MUL(seed, centred), root), n, h, w, NULL));
    whole(b, BACKWARD, d_bias, sum(b, NO, seed, n, h, w, NULL));
    whole(b, BACKWARD, d_var,
          DIV(MUL(MUL(NUM(-0.5), rd(b, d_weight, E(c))), rd(b, weight, E(c))),
              ADD(rd(b, var, E(c)), NUM(1e-5))));
    whole(b, BACKWARD, d_mean,
          DIV(MUL(expr_negate(p, rd(b, d_bias, E(c))), rd(b, weight, E(c))), root));
    const Expr *direct = DIV(MUL(seed, rd(b, weight, E(c))), root);
    const Expr *by_var = DIV(MUL(MUL(NUM(2), rd(b, d_var, E(c))), centred), count);
    whole(b, BACKWARD, d_x, ADD(ADD(direct, by_var), DIV(rd(b, d_mean, E(c)), count)));
    b->stage = p->root;
    whole(b, BACKWARD, gradient(b, shift), sum(b, NO, rd(b, d_x, E(c), E(h), E(w)), n, NULL));
}

static Model *batchnorm(Compile *c) {
    return model_of(c, "batchnorm", 6, false, make_batchnorm);
}
static Model *batchnorm_f32(Compile *c) {
    return model_of(c, "batchnorm_f32", 6, true, make_batchnorm);
}

// --- max pooling with its places, and the scatter of the gradient; windows overlap

static Affine strided(Program *p, const Index *i, const Index *r) {
    return affine_add(p, affine_add(p, affine_index(p, r), affine_index(p, i), 2),
                      affine_constant(1), -1);
}

static void make_maxpool(Build *b) {
    Program *p = b->p;
    const Index *n = p->sample, *c = ix(b, "c", "C", 2), *h = ix(b, "h", "H", 7),
                *w = ix(b, "w", "W", 7);
    const Index *i = ix(b, "i", "P", 4), *j = ix(b, "j", "Q", 4), *r = ix(b, "r", "K", 3),
                *s = ix(b, "s", "K", 3);
    Tensor *image = tensor(b, TENSOR_INPUT, true, "image", c, h, w, NULL);
    Tensor *shift = tensor(b, TENSOR_PARAM, false, "shift", c, NULL);
    Tensor *x = tensor(b, TENSOR_VALUE, true, "x", c, h, w, NULL);
    whole(b, FORWARD, x, ADD(rd(b, image, E(c), E(h), E(w)), rd(b, shift, E(c))));
    stage(b, "pool");
    Tensor *y = tensor(b, TENSOR_VALUE, true, "pool", c, i, j, NULL);
    Tensor *first = tensor(b, TENSOR_VALUE, true, "pool_arg", c, i, j, NULL);
    first->is_int = true;
    Affine row = strided(p, i, r), column = strided(p, j, s);
    const Expr *at = rd(b, x, E(c), expr_affine(p, row), expr_affine(p, column));
    const Expr *inside = expr_and(p, expr_inside(p, row, 7), expr_inside(p, column, 7));
    const Index *window[] = {r, s};
    whole(b, FORWARD, y, expr_reduce(p, REDUCE_MAX, window, 2, inside, at));
    whole(b, FORWARD, first, expr_reduce(p, REDUCE_ARGMAX, window, 2, inside, at));
    list_add(p->arena, p->output, y);
    stage(b, "loss");
    const Expr *value = rd(b, y, E(c), E(i), E(j));
    loss(b, sum(b, NO, MUL(value, value), c, i, j, NULL));
    Tensor *d_y = gradient(b, y), *d_x = gradient(b, x);
    whole(b, BACKWARD, d_y, MUL(DIV(NUM(2), expr_batch(p)), value));
    b->stage = p->root->child.item[0];
    whole(b, BACKWARD, d_x, NUM(0));
    const Expr *to[] = {E(n), E(c), expr_affine(p, row), expr_affine(p, column)};
    const Index *domain[] = {n, c, i, j, r, s};
    const Expr *flat = expr_affine(p, affine_add(p, affine_index(p, s), affine_index(p, r), 3));
    const Expr *chosen = expr_equal(p, rd(b, first, E(c), E(i), E(j)), flat);
    const Expr *share = expr_select(p, chosen, rd(b, d_y, E(c), E(i), E(j)), NUM(0));
    Equation *q = equation_new(p, d_x, to, domain, 6, EQUATION_ADD, share);
    q->guard = inside;
    add_to(b, BACKWARD, q);
    b->stage = p->root;
    whole(b, BACKWARD, gradient(b, shift), sum(b, NO, rd(b, d_x, E(c), E(h), E(w)), n, h, w, NULL));
}

static Model *maxpool(Compile *c) {
    return model_of(c, "maxpool", 2, true, make_maxpool);
}

// --- softmax

static void make_softmax(Build *b) {
    Program *p = b->p;
    const Index *i = ix(b, "i", "I", 7), *j = ix(b, "j", "I", 7);
    Tensor *x = tensor(b, TENSOR_INPUT, true, "x", i, NULL),
           *t = tensor(b, TENSOR_TARGET, true, "t", i, NULL);
    Tensor *scale = tensor(b, TENSOR_PARAM, false, "scale", i, NULL);
    Tensor *unused = tensor(b, TENSOR_PARAM, false, "unused", i, NULL);
    (void)unused;
    stage(b, "softmax");
    Tensor *m = tensor(b, TENSOR_VALUE, true, "softmax.m", NULL),
           *s = tensor(b, TENSOR_VALUE, true, "softmax.s", NULL);
    Tensor *e = tensor(b, TENSOR_VALUE, true, "softmax.e", i, NULL),
           *y = tensor(b, TENSOR_VALUE, true, "softmax", i, NULL);
    Tensor *z = tensor(b, TENSOR_VALUE, true, "softmax.z", i, NULL);
    whole(b, FORWARD, z, MUL(rd(b, x, E(i)), rd(b, scale, E(i))));
    const Index *over[] = {i};
    whole(b, FORWARD, m, expr_stop(p, expr_reduce(p, REDUCE_MAX, over, 1, NO, rd(b, z, E(i)))));
    whole(b, FORWARD, e, expr_call1(p, FN_EXP, SUB(rd(b, z, E(i)), rd(b, m))));
    whole(b, FORWARD, s, sum(b, NO, rd(b, e, E(j)), j, NULL));
    whole(b, FORWARD, y, DIV(rd(b, e, E(i)), rd(b, s)));
    list_add(p->arena, p->output, y);
    stage(b, "loss");
    loss(b, sum(b, NO, MUL(rd(b, y, E(i)), rd(b, t, E(i))), i, NULL));
    b->stage = p->root->child.item[0];
    Tensor *d_y = gradient(b, y), *d_s = gradient(b, s), *d_z = gradient(b, z),
           *d_scale = gradient(b, scale);
    whole(b, BACKWARD, d_y, DIV(rd(b, t, E(i)), expr_batch(p)));
    whole(
        b, BACKWARD, d_s,
        DIV(expr_negate(p, sum(b, NO, MUL(rd(b, d_y, E(i)), rd(b, y, E(i))), i, NULL)), rd(b, s)));
    whole(b, BACKWARD, d_z, MUL(rd(b, e, E(i)), ADD(DIV(rd(b, d_y, E(i)), rd(b, s)), rd(b, d_s))));
    whole(b, BACKWARD, d_scale, sum(b, NO, MUL(rd(b, d_z, E(i)), rd(b, x, E(i))), p->sample, NULL));
}

static Model *softmax(Compile *c) {
    return model_of(c, "softmax", 3, false, make_softmax);
}

// --- a recurrence and its gradient back through time

static void make_rnn_of(Build *b, int64_t steps) {
    Program *p = b->p;
    const Index *t = ix(b, "t", "T", steps), *i = ix(b, "i", "I", 3), *j = ix(b, "j", "H", 4),
                *k = ix(b, "k", "H", 4);
    Tensor *x = tensor(b, TENSOR_INPUT, true, "x", t, i, NULL);
    stage(b, "rnn");
    Tensor *W = tensor(b, TENSOR_PARAM, false, "rnn.W", j, i, NULL),
           *U = tensor(b, TENSOR_PARAM, false, "rnn.U", j, k, NULL);
    Tensor *h = tensor(b, TENSOR_VALUE, true, "rnn.h", t, j, NULL);
    const Expr *before = expr_affine(p, affine_add(p, affine_index(p, t), affine_constant(1), -1));
    const Expr *last = expr_pad(p, rd(b, h, before, E(k)), NUM(0));
    const Expr *inner = ADD(sum(b, NO, MUL(rd(b, W, E(j), E(i)), rd(b, x, E(t), E(i))), i, NULL),
                            sum(b, NO, MUL(rd(b, U, E(j), E(k)), last), k, NULL));
    whole(b, FORWARD, h, expr_call1(p, FN_TANH, inner));
    list_add(p->arena, p->output, h);
    stage(b, "loss");
    loss(b, sum(b, NO, rd(b, h, E(t), E(j)), t, j, NULL));
    b->stage = p->root->child.item[0];
    Tensor *d_h = gradient(b, h), *d_a = tensor(b, TENSOR_GRADIENT, true, "d_rnn.a", t, j, NULL);
    Tensor *d_W = gradient(b, W), *d_U = gradient(b, U);
    const Expr *after = expr_affine(p, affine_add(p, affine_index(p, t), affine_constant(1), 1));
    const Expr *next = expr_pad(p, rd(b, d_a, after, E(k)), NUM(0));
    whole(b, BACKWARD, d_h,
          ADD(sum(b, NO, MUL(next, rd(b, U, E(k), E(j))), k, NULL), DIV(NUM(1), expr_batch(p))));
    const Expr *value = rd(b, h, E(t), E(j));
    whole(b, BACKWARD, d_a, MUL(rd(b, d_h, E(t), E(j)), SUB(NUM(1), MUL(value, value))));
    whole(b, BACKWARD, d_W,
          sum(b, NO, MUL(rd(b, d_a, E(t), E(j)), rd(b, x, E(t), E(i))), p->sample, t, NULL));
    whole(b, BACKWARD, d_U, sum(b, NO, MUL(rd(b, d_a, E(t), E(j)), last), p->sample, t, NULL));
}

static void make_rnn(Build *b) {
    make_rnn_of(b, 5);
}
static void make_long_rnn(Build *b) {
    make_rnn_of(b, 500);
}
static Model *rnn(Compile *c) {
    return model_of(c, "rnn", 2, false, make_rnn);
}
static Model *long_rnn(Compile *c) {
    return model_of(c, "long_rnn", 2, false, make_long_rnn);
}

// --- an embedding: a read and a scatter by data

static void make_embedding_of(Build *b, int64_t length, int64_t width) {
    Program *p = b->p;
    const Index *t = ix(b, "t", "T", length), *d = ix(b, "d", "D", width), *v = ix(b, "v", "V", 6);
    Tensor *ids = tensor(b, TENSOR_INPUT, true, "ids", t, NULL);
    ids->is_int = true;
    ids->classes = 6;
    stage(b, "embedding");
    Tensor *weight = tensor(b, TENSOR_PARAM, false, "embedding.weight", v, d, NULL);
    Tensor *y = tensor(b, TENSOR_VALUE, true, "embedding", t, d, NULL);
    const Expr *id = rd(b, ids, E(t));
    whole(b, FORWARD, y, rd(b, weight, id, E(d)));
    list_add(p->arena, p->output, y);
    stage(b, "loss");
    const Expr *value = rd(b, y, E(t), E(d));
    loss(b, sum(b, NO, MUL(value, value), t, d, NULL));
    b->stage = p->root->child.item[0];
    Tensor *d_weight = gradient(b, weight), *d_y = gradient(b, y);
    whole(b, BACKWARD, d_y, MUL(DIV(NUM(2), expr_batch(p)), value));
    whole(b, BACKWARD, d_weight, NUM(0));
    const Expr *to[] = {id, E(d)};
    const Index *domain[] = {p->sample, t, d};
    add_to(b, BACKWARD,
           equation_new(p, d_weight, to, domain, 3, EQUATION_ADD, rd(b, d_y, E(t), E(d))));
}

static void make_embedding(Build *b) {
    make_embedding_of(b, 4, 3);
}
static void make_wide_embedding(Build *b) {
    make_embedding_of(b, 40, 60);
}
static Model *wide_embedding(Compile *c) {
    return model_of(c, "wide_embedding", 4, true, make_wide_embedding);
}
static Model *embedding(Compile *c) {
    return model_of(c, "embedding", 3, true, make_embedding);
}

// --- states that read each other, whose update needs copies; random numbers; hostile names

static void make_states(Build *b) {
    Program *p = b->p;
    const Index *i = ix(b, "int", "double", 4);
    Tensor *x = tensor(b, TENSOR_INPUT, true, "for", i, NULL);
    Tensor *while_ = tensor(b, TENSOR_STATE, false, "while", i, NULL),
           *two = tensor(b, TENSOR_STATE, false, "params", i, NULL);
    Tensor *w = tensor(b, TENSOR_PARAM, false, "sin", NULL),
           *n = tensor(b, TENSOR_VALUE, true, "N", i, NULL);
    const Expr *mask = expr_random(p, 0.75, 99, E(p->sample), E(i));
    whole(b, FORWARD, n, MUL(MUL(rd(b, x, E(i)), rd(b, w)), MUL(mask, rd(b, while_, E(i)))));
    list_add(p->arena, p->output, n);
    loss(b, sum(b, NO, rd(b, n, E(i)), i, NULL));
    Tensor *d_w = gradient(b, w);
    const Expr *share = MUL(MUL(rd(b, x, E(i)), mask), rd(b, while_, E(i)));
    whole(b, BACKWARD, d_w, DIV(sum(b, NO, share, p->sample, i, NULL), expr_batch(p)));
    if (!p->training) return;
    whole(b, UPDATE, while_, rd(b, two, E(i)));
    const Expr *mirrored =
        expr_affine(p, affine_add(p, affine_constant(3), affine_index(p, i), -1));
    whole(b, UPDATE, two, ADD(rd(b, while_, E(i)), rd(b, two, mirrored)));
}

static Model *states(Compile *c) {
    return model_of(c, "states", 3, false, make_states);
}

// --- a product of matrices that is worth threads, and a state that is not

static void make_wide(Build *b) {
    Program *p = b->p;
    const Index *i = ix(b, "i", "I", 40), *o = ix(b, "o", "O", 30);
    Tensor *x = tensor(b, TENSOR_INPUT, true, "x", i, NULL);
    Tensor *weight = tensor(b, TENSOR_PARAM, false, "weight", o, i, NULL);
    Tensor *seen = tensor(b, TENSOR_STATE, false, "seen", o, NULL);
    Tensor *y = tensor(b, TENSOR_VALUE, true, "y", o, NULL);
    const Expr *value = rd(b, y, E(o));
    whole(b, FORWARD, y,
          expr_call1(p, FN_TANH,
                     sum(b, NO, MUL(rd(b, weight, E(o), E(i)), rd(b, x, E(i))), i, NULL)));
    list_add(p->arena, p->output, y);
    loss(b, sum(b, NO, expr_call1(p, FN_EXP, value), o, NULL));
    Tensor *d_y = gradient(b, y), *d_weight = gradient(b, weight);
    const Expr *slope = SUB(NUM(1), MUL(value, value));
    const Expr *seed = DIV(expr_call1(p, FN_EXP, value), expr_batch(p));
    for (int k = 0; k < 8; k++)
        seed = expr_call1(p, FN_TANH, seed); // as much work as a person could want
    whole(b, BACKWARD, d_y, MUL(seed, slope));
    whole(b, BACKWARD, d_weight,
          sum(b, NO, MUL(rd(b, d_y, E(o)), rd(b, x, E(i))), p->sample, NULL));
    if (p->training) whole(b, UPDATE, seen, ADD(rd(b, seen, E(o)), NUM(1)));
}

static Model *wide(Compile *c) {
    return model_of(c, "wide", 32, true, make_wide);
}

// --- as many channels as samples: two sums that are equally long only in a full batch

static void make_square(Build *b) {
    Program *p = b->p;
    const Index *c = ix(b, "c", "C", 4), *k = ix(b, "k", "C", 4);
    Tensor *x = tensor(b, TENSOR_INPUT, true, "x", c, NULL);
    Tensor *w = tensor(b, TENSOR_PARAM, false, "w", c, k, NULL);
    Tensor *over_samples = tensor(b, TENSOR_VALUE, false, "over_samples", c, NULL);
    Tensor *over_channels = tensor(b, TENSOR_VALUE, false, "over_channels", c, NULL);
    Tensor *y = tensor(b, TENSOR_VALUE, true, "y", c, NULL);
    whole(b, FORWARD, over_samples, sum(b, NO, rd(b, x, E(c)), p->sample, NULL));
    whole(b, FORWARD, over_channels, sum(b, NO, rd(b, w, E(c), E(k)), k, NULL));
    whole(b, FORWARD, y,
          MUL(rd(b, over_samples, E(c)), MUL(rd(b, over_channels, E(c)), rd(b, x, E(c)))));
    list_add(p->arena, p->output, y);
    loss(b, sum(b, NO, rd(b, y, E(c)), c, NULL));
    const Expr *share = MUL(rd(b, over_samples, E(c)), rd(b, x, E(c)));
    whole(b, BACKWARD, gradient(b, w), DIV(sum(b, NO, share, p->sample, NULL), expr_batch(p)));
}

static Model *square(Compile *c) {
    return model_of(c, "square", 4, false, make_square);
}

// --- an index and a tensor of one name

static void make_clash(Build *b) {
    const Index *g = ix(b, "g", "G", 3);
    Tensor *x = tensor(b, TENSOR_INPUT, true, "x", g, NULL),
           *t = tensor(b, TENSOR_PARAM, false, "g", g, NULL);
    Tensor *y = tensor(b, TENSOR_VALUE, true, "y", g, NULL);
    whole(b, FORWARD, y, MUL(rd(b, x, E(g)), rd(b, t, E(g))));
    list_add(b->p->arena, b->p->output, y);
    loss(b, sum(b, NO, rd(b, y, E(g)), g, NULL));
    whole(b, BACKWARD, gradient(b, t),
          DIV(sum(b, NO, rd(b, x, E(g)), b->p->sample, NULL), expr_batch(b->p)));
}

static Model *clash(Compile *c) {
    return model_of(c, "clash", 2, false, make_clash);
}

const Sample samples[] = {{"net222", net222},
                          {"net222_batch", net222_batch},
                          {"conv", conv},
                          {"batchnorm", batchnorm},
                          {"batchnorm_f32", batchnorm_f32},
                          {"maxpool", maxpool},
                          {"softmax", softmax},
                          {"rnn", rnn},
                          {"embedding", embedding},
                          {"states", states},
                          {"clash", clash},
                          {"wide", wide},
                          {"square", square},
                          {"long_rnn", long_rnn},
                          {"wide_embedding", wide_embedding}};
const int sample_count = (int)(sizeof samples / sizeof *samples);
