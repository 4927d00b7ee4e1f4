// show.c: elaborates a spec and prints what came of it, for the golden tests of this folder.
//
//   show [--eval] [--tensors] [--set NAME=VALUE] [--need-loss] [--batch N] FILE
//
// Equations go to standard output, diagnostics to standard error; exit code 1 if there are any.
#include "elaborate/elaborate.h"
#include "syntax/syntax.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *role_text(TensorRole role) {
    static const char *const text[] = {"input", "target",   "param", "state",
                                       "value", "gradient", "result"};
    return text[role];
}

static void print_init(const Tensor *t) {
    const Init *i = &t->init;
    switch (i->kind) {
    case INIT_NONE: break;
    case INIT_CONSTANT: printf(" = %.9g", i->a); break;
    case INIT_UNIFORM: printf(" = uniform(%.9g, %.9g)", i->a, i->b); break;
    case INIT_NORMAL: printf(" = normal(%.9g, %.9g)", i->a, i->b); break;
    case INIT_FILE: printf(" = file(\"%s\", \"%s\")", i->file, i->entry); break;
    case INIT_VALUES:
        printf(" = [");
        for (int64_t k = 0; k < tensor_count(t); k++) printf("%s%.9g", k ? ", " : "", i->value[k]);
        printf("]");
        break;
    }
}

static void print_tensors(const Program *p) {
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        int first = t->per_sample && p->sample ? 1 : 0;
        printf("%s %s[", role_text(t->role), t->name);
        for (int k = first; k < t->rank; k++)
            printf("%s%s%s%s:%lld", k > first ? ", " : "", t->axis[k]->name,
                   t->axis[k]->size ? "<" : "", t->axis[k]->size ? t->axis[k]->size : "",
                   (long long)t->axis[k]->extent);
        printf("]%s", t->per_sample ? " per sample" : "");
        if (t->is_int) printf(" class(%lld)", (long long)t->classes);
        print_init(t);
        printf("\n");
    }
}

static void print_stage(const Stage *s, int depth) {
    if (depth >= 0) printf("%*s%s %s\n", 2 * depth, "", s->path, s->kind ? s->kind : "-");
    for (int i = 0; i < s->child.count; i++) print_stage(s->child.item[i], depth + 1);
}

static void print_choice(const char *what, const NetChoice *choice) {
    if (!choice->kind) return;
    printf("%s %s", what, choice->kind);
    for (int i = 0; i < choice->argument_count; i++) {
        const NetSetting *s = &choice->argument[i];
        printf(" %s=", s->name);
        if (s->text) printf("\"%s\"", s->text);
        for (int k = 0; k < s->count; k++) printf("%s%.9g", k ? "," : "", s->value[k]);
    }
    printf("\n");
}

static void print_settings(const Model *m) {
    const NetTrain *t = &m->settings;
    const NetData *d = &m->data;
    printf("epochs %lld iterations %lld batch %lld shuffle %d seed %llu clip %.9g\n",
           (long long)t->epochs, (long long)t->iterations, (long long)m->batch_size, t->shuffle,
           (unsigned long long)t->seed, t->clip_grad_norm);
    print_choice("optimizer", &t->optimizer);
    print_choice("scheduler", &t->scheduler);
    for (int i = 0; i < d->train_count; i++) printf("train %s\n", d->train[i]);
    for (int i = 0; i < d->test_count; i++) printf("test %s\n", d->test[i]);
    if (d->scale != 1) printf("scale %.9g\n", d->scale);
    for (int i = 0; i < d->mean_count; i++) printf("normalize %.9g %.9g\n", d->mean[i], d->std[i]);
    for (int i = 0; i < d->columns_count; i++) {
        printf("columns %s", d->columns[i].input);
        for (int k = 0; k < d->columns[i].count; k++) printf(" %s", d->columns[i].column[k]);
        printf("\n");
    }
    for (int i = 0; i < d->inlined_count; i++)
        printf("inline %s %zu samples, first %.9g\n", d->inlined[i].input,
               d->inlined[i].sample_count, d->inlined[i].value[0]);
    for (int i = 0; i < m->sweep.count; i++) {
        printf("sweep %s", m->sweep.item[i].name);
        for (int k = 0; k < m->sweep.item[i].count; k++)
            printf(" %s=%.9g", m->sweep.item[i].text[k], m->sweep.item[i].value[k]);
        printf("\n");
    }
}

// NAME=VALUE as a source of its own.
static bool add_override(Compile *c, const char *text, Override *out) {
    const char *equals = strchr(text, '=');
    if (!equals) return false;
    uint32_t file = source_add(c->sources, "--set", text, strlen(text), false);
    uint32_t at = (uint32_t)(equals - text) + 1;
    Span value = {file, at, (uint32_t)strlen(text)};
    *out = (Override){
        name_of_bytes(c->names, text, at - 1), parse_expr(c, value), {file, 0, at - 1}, false};
    return out->value != NULL;
}

int main(int argc, char **argv) {
    Compile *c = compile_new();
    Override set[16];
    ElaborateOptions options = {.override = set};
    bool eval = false, tensors = false;
    const char *path = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--eval") == 0)
            eval = true;
        else if (strcmp(argv[i], "--tensors") == 0)
            tensors = true;
        else if (strcmp(argv[i], "--need-loss") == 0)
            options.need_loss = true;
        else if (strcmp(argv[i], "--batch") == 0 && i + 1 < argc)
            options.batch_size = atoi(argv[++i]);
        else if (strcmp(argv[i], "--set") == 0 && i + 1 < argc && options.override_count < 16) {
            if (!add_override(c, argv[++i], &set[options.override_count++])) return 2;
        } else
            path = argv[i];
    }
    if (!path) return 2;
    Ast *ast = parse_file(c, path);
    const Model *m = ast ? elaborate(c, ast, &options) : NULL;
    if (!m) {
        diagnostics_print(c->diagnostics, stderr, DIAGNOSTIC_LONG, false);
        compile_free(c);
        return 1;
    }
    const Program *p = eval ? m->eval : m->train;
    Text text = text_new(c->arena);
    program_print(p, false, &text);
    fputs(text.bytes, stdout);
    if (tensors) {
        print_tensors(p);
        print_stage(p->root, -1);
        for (int i = 0; i < p->output.count; i++) printf("output %s\n", p->output.item[i]->name);
        print_settings(m);
    }
    compile_free(c);
    return 0;
}
