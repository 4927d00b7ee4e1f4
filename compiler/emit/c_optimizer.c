// c_optimizer.c: the optimizers as lines of C. Each function is the formula of
// torch.optim with the spec's numbers in it; terms that a zero setting removes are not printed.
#include "emit/freestanding.h"

#include <ctype.h>
#include <string.h>

typedef struct Printer {
    Arena *arena;
    const char *real;
    const NetChoice *choice;
    bool f32;
    OptimizerText out;
} Printer;

static double number(const Printer *p, const char *name) {
    return choice_number(p->choice, name, 0);
}

// A constant rounded to the model's type, as C.
static const char *constant(const Printer *p, double value) {
    return p->f32 ? arena_printf(p->arena, "(float)%s", number_text(p->arena, value))
                  : number_text(p->arena, value);
}

static void add(Printer *p, Lines *to, const char *format, ...) {
    va_list values;
    va_start(values, format);
    list_add(p->arena, *to, arena_vprintf(p->arena, format, values));
    va_end(values);
}

static void add_moment(Printer *p, const char *name) {
    p->out.moment[p->out.moment_count++] = name;
}

// `d`: the gradient, with the weights' decay in it where that is asked for.
static void add_gradient(Printer *p, bool decays) {
    double decay = decays ? number(p, "weight_decay") : 0;
    add(p, &p->out.element, decay != 0 ? "%s d = g[i] + %s*w[i];" : "%s d = g[i];", p->real,
        constant(p, decay));
}

static void print_sgd(Printer *p) {
    double momentum = number(p, "momentum"), damping = number(p, "dampening");
    add(p, &p->out.before, "const %s rate = (%s)-t->lr;", p->real, p->real);
    add_gradient(p, true);
    if (momentum != 0) {
        add_moment(p, "momentum");
        add(p, &p->out.element, "momentum[i] = t->step ? momentum[i]*%s + %s*d : d;",
            constant(p, momentum), constant(p, 1 - damping));
        if (number(p, "nesterov") != 0)
            add(p, &p->out.element, "d = d + %s*momentum[i];", constant(p, momentum));
        else
            add(p, &p->out.element, "d = momentum[i];");
    }
    add(p, &p->out.element, "w[i] = w[i] + rate*d;");
}

static void print_adam(Printer *p, bool decoupled) {
    double beta1 = choice_number(p->choice, "betas", 0),
           beta2 = choice_number(p->choice, "betas", 1);
    const char *root = p->f32 ? "sqrtf" : "sqrt", *real = p->real;
    bool largest = number(p, "amsgrad") != 0;
    add_moment(p, "mean");
    add_moment(p, "square");
    if (largest) add_moment(p, "largest");
    add(p, &p->out.before, "const double steps = (double)(t->step + 1);");
    add(p, &p->out.before, "const %s rate = (%s)-(t->lr/(1 - pow(%s, steps)));", real, real,
        number_text(p->arena, beta1));
    add(p, &p->out.before, "const %s root = (%s)sqrt(1 - pow(%s, steps));", real, real,
        number_text(p->arena, beta2));
    if (decoupled)
        add(p, &p->out.before, "const %s shrink = (%s)(1 - t->lr*%s);", real, real,
            number_text(p->arena, number(p, "weight_decay")));
    add_gradient(p, !decoupled);
    if (decoupled) add(p, &p->out.element, "w[i] = w[i]*shrink;");
    add(p, &p->out.element, "mean[i] = mean[i]*%s + %s*d;", constant(p, beta1),
        constant(p, 1 - beta1));
    add(p, &p->out.element, "square[i] = square[i]*%s + %s*d*d;", constant(p, beta2),
        constant(p, 1 - beta2));
    if (largest)
        add(p, &p->out.element, "largest[i] = largest[i] > square[i] ? largest[i] : square[i];");
    add(p, &p->out.element, "w[i] = w[i] + rate*mean[i]/(%s(%s[i])/root + %s);", root,
        largest ? "largest" : "square", constant(p, number(p, "eps")));
}

static void print_rmsprop(Printer *p) {
    double alpha = number(p, "alpha"), momentum = number(p, "momentum");
    const char *root = p->f32 ? "sqrtf" : "sqrt";
    bool centred = number(p, "centered") != 0;
    add_moment(p, "square");
    if (centred) add_moment(p, "mean");
    if (momentum > 0) add_moment(p, "momentum");
    add(p, &p->out.before, "const %s rate = (%s)-t->lr;", p->real, p->real);
    add_gradient(p, true);
    add(p, &p->out.element, "square[i] = square[i]*%s + %s*d*d;", constant(p, alpha),
        constant(p, 1 - alpha));
    if (centred)
        add(p, &p->out.element, "mean[i] = mean[i]*%s + %s*d;", constant(p, alpha),
            constant(p, 1 - alpha));
    add(p, &p->out.element, "%s scale = %s(square[i]%s) + %s;", p->real, root,
        centred ? " - mean[i]*mean[i]" : "", constant(p, number(p, "eps")));
    if (momentum > 0) {
        add(p, &p->out.element, "momentum[i] = momentum[i]*%s + d/scale;", constant(p, momentum));
        add(p, &p->out.element, "w[i] = w[i] + rate*momentum[i];");
    } else {
        add(p, &p->out.element, "w[i] = w[i] + rate*d/scale;");
    }
}

static void print_adagrad(Printer *p) {
    add_moment(p, "sum");
    p->out.first = number(p, "initial_accumulator_value");
    add(p, &p->out.before, "const %s rate = (%s)-(t->lr/(1 + (double)t->step*%s));", p->real,
        p->real, number_text(p->arena, number(p, "lr_decay")));
    add_gradient(p, true);
    add(p, &p->out.element, "sum[i] = sum[i] + d*d;");
    add(p, &p->out.element, "w[i] = w[i] + rate*d/(%s(sum[i]) + %s);", p->f32 ? "sqrtf" : "sqrt",
        constant(p, number(p, "eps")));
}

OptimizerText optimizer_text(const Freestanding *f) {
    const NetChoice *choice = &f->table->train.optimizer;
    Printer p = {.arena = f->arena, .real = f->real, .choice = choice, .f32 = f->loops->is_f32};
    if (!strcmp(choice->kind, "SGD"))
        print_sgd(&p);
    else if (!strcmp(choice->kind, "Adam"))
        print_adam(&p, false);
    else if (!strcmp(choice->kind, "AdamW"))
        print_adam(&p, true);
    else if (!strcmp(choice->kind, "RMSprop"))
        print_rmsprop(&p);
    else if (!strcmp(choice->kind, "Adagrad"))
        print_adagrad(&p);
    else
        internal_error("emit", "the optimizer %s has no text", choice->kind);
    return p.out;
}

const char *upper_text(Arena *a, const char *text) {
    char *upper = arena_copy(a, text, strlen(text));
    for (char *at = upper; *at; at++) *at = (char)toupper((unsigned char)*at);
    return upper;
}
