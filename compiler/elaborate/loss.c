// loss.c: the loss and the metrics: one number per sample, then its mean over the batch as a result
// of the program.
#include "elaborate/context.h"

#include <ctype.h>
#include <string.h>

// The mean over the samples; a value made of batch sums is the result as it is.
static void add_result(Scope *s, Tensor *t, Name label, Span span, bool is_loss) {
    Program *p = s->elab->p;
    Tensor *result = t;
    if (t->per_sample) {
        result = tensor_new(p, name_printf(p->compile->names, "%s_mean", label), label,
                            TENSOR_RESULT, false, NULL, 0);
        result->span = span;
        result->stage = p->root;
        const Expr *n = p->sample ? expr_index(p, p->sample) : NULL;
        const Expr *value = expr_read(p, t, &n);
        if (p->sample)
            value = expr_divide(p, expr_reduce(p, REDUCE_SUM, &p->sample, 1, expr_true(p), value),
                                expr_batch(p));
        Equation *q = equation_whole(p, result, value);
        q->span = span;
        q->stage = p->root;
        list_add(s->elab->arena, p->forward, q);
    } else {
        t->role = TENSOR_RESULT;
        t->label = label;
    }
    if (is_loss)
        p->loss = result;
    else
        list_add(s->elab->arena, p->metric, result);
}

static bool same_word(const char *a, const char *b) {
    for (;; a++, b++) {
        while (*a == '_') a++;
        while (*b == '_') b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b)) return false;
        if (!*a) return true;
    }
}

// The layer a loss or metric names: exactly, or, for `accuracy` and `top_k`, but for case and
// underscores.
static Definition find_layer(Scope *s, Name name, bool is_loss) {
    Definition found = definition_find(s->elab, s->file, name);
    if (found.statement || is_loss) return found;
    const SpecFile *library = s->elab->library;
    for (int i = 0; i < library->definition.count; i++)
        if (same_word(library->definition.item[i]->name, name))
            return (Definition){library->definition.item[i], s->elab->library};
    return found;
}

static Tensor *only_target(Scope *s, const AstExpr *e) {
    Program *p = s->elab->p;
    Tensor *target = NULL;
    int count = 0;
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->role == TENSOR_TARGET && ++count) target = p->tensor.item[i];
    if (count == 1 && s->elab->last_output) return target;
    Diagnostic *d = fault(s, E_ARGUMENT, e->span, "%s needs its inputs: the model has %s", e->name,
                          !s->elab->last_output ? "no network"
                          : count               ? "several targets"
                                                : "no target");
    report_help(s->elab->c->diagnostics, d, "name them: %s(y, t)", e->name);
    return NULL;
}

// The tensor that a positional value names, if it names one.
static bool is_tensor_value(const Scope *s, const AstExpr *e) {
    return e->kind == AST_SUBSCRIPT || e->kind == AST_APPLY || e->kind == AST_BINARY ||
           (e->kind == AST_NAME && scope_entry(s, e->name));
}

static Tensor *call_layer(Scope *s, const AstExpr *e, Definition definition, Name output_name,
                          Span span) {
    Elab *elab = s->elab;
    LIST(Tensor *) input = {0};
    LIST(AstArgument) argument = {0};
    static const Wanted nothing = {0};
    for (int i = 0; e->kind == AST_CALL && i < e->argument_count; i++) {
        const AstArgument *a = &e->argument[i];
        if (a->name || !is_tensor_value(s, a->value)) {
            list_add(elab->arena, argument, *a);
            continue;
        }
        Tensor *t = operand_evaluate(s, a->value, &nothing);
        if (!t) return NULL;
        list_add(elab->arena, input, t);
    }
    if (input.count == 0 && definition.statement->input_count == 2) {
        Tensor *target = only_target(s, e);
        if (!target) return NULL;
        list_add(elab->arena, input, elab->last_output);
        list_add(elab->arena, input, target);
    } else if (input.count == 0 && elab->last_output) {
        list_add(elab->arena, input, elab->last_output);
    }
    Use use = {.definition = definition,
               .call = e,
               .argument = argument.item,
               .argument_count = argument.count,
               .input = input.item,
               .input_count = input.count,
               .output_name = output_name,
               .span = span};
    use.path = scope_path(s, name_lower(elab, definition.statement->name));
    return use_elaborate(s, &use);
}

static Tensor *by_equation(Scope *s, const AstStatement *st, Name name) {
    AstStatement *equation = arena_new_item(s->elab->arena, AstStatement);
    *equation = *st;
    equation->kind = AST_EQUATION;
    equation->name = name;
    equation->has_subscript = false;
    Placement place = {.tensor_name = name, .label = name, .is_loss = true};
    return equation_define(s, equation, &place);
}

static bool is_layer_call(const Scope *s, const AstExpr *e) {
    if (e->kind != AST_NAME && e->kind != AST_CALL) return false;
    return !scope_entry(s, e->name) && function_find(e->name) == FUNCTION_COUNT &&
           !is_reduction(e->name) && !is_tensor_function(e->name);
}

// The loss is no part of the network: its stage is no child of the root.
static Tensor *call_outside(Scope *s, const AstExpr *e, Definition layer, Name name, Span use) {
    Stage *root = s->stage;
    Stage outside = *root;
    outside.child.item = NULL;
    outside.child.count = outside.child.capacity = 0;
    s->stage = &outside;
    Tensor *t = call_layer(s, e, layer, name, use);
    s->stage = root;
    for (int i = 0; i < outside.child.count; i++) outside.child.item[i]->parent = root;
    return t;
}

// The layer that a loss or metric calls; *known is false after reporting that there is none.
static Definition called_layer(Scope *s, const AstStatement *st, bool is_loss, bool *known) {
    const AstExpr *e = st->expr;
    const char *word = is_loss ? "loss" : "metric";
    Definition layer = {NULL, NULL};
    *known = true;
    if (is_layer_call(s, e)) {
        layer = find_layer(s, e->name, is_loss);
        if (layer.statement || (e->kind == AST_NAME && st->name)) return layer;
        Diagnostic *d = fault(s, E_UNKNOWN_NAME, e->kind == AST_CALL ? e->name_span : e->span,
                              "unknown %s '%s'", word, e->name);
        suggest_name(s, d, e->name, false, false, true);
        *known = false;
    } else if (!st->name) {
        Diagnostic *d = fault(s, E_LOSS, e->span, "a %s written as an equation needs a name", word);
        report_help(s->elab->c->diagnostics, d, "write: %s NAME = ...", word);
        *known = false;
    }
    return layer;
}

static void elaborate_result(Scope *s, const AstStatement *st, bool is_loss) {
    const AstExpr *e = st->expr;
    Elab *elab = s->elab;
    bool known;
    Definition layer = called_layer(s, st, is_loss, &known);
    if (!known) return;
    Name name = st->name ? st->name : is_loss ? name_of(elab->c->names, "loss") : e->name;
    const Entry *taken = scope_own_entry(s, name);
    if (taken) {
        Diagnostic *d = fault(s, E_DUPLICATE, st->name ? st->name_span : e->span,
                              "'%s' is defined twice", name);
        report_note(elab->c->diagnostics, d, taken->span, "it is defined here too");
        return;
    }
    Span use = e->kind == AST_CALL ? e->name_span : e->span;
    Tensor *t = layer.statement ? call_outside(s, e, layer, name, use) : by_equation(s, st, name);
    if (!t) return;
    if (tensor_rank(elab->p, t) > 0 || t->is_int) {
        fault(s, E_LOSS, use, "'%s' must be one real number per sample, it has shape %s%s", name,
              shape_text(elab, t), t->is_int ? " and holds integers" : "");
        return;
    }
    if (!scope_own_entry(s, name)) scope_add_entry(s, name, st->name ? st->name_span : e->span, t);
    add_result(s, t, name, st->span, is_loss);
}

void loss_elaborate(Scope *s, const AstStatement *st) {
    if (s->elab->p->loss) {
        fault(s, E_MODEL, st->span, "a model has one loss, this is the second");
        return;
    }
    elaborate_result(s, st, true);
}

void metric_elaborate(Scope *s, const AstStatement *st) {
    elaborate_result(s, st, false);
}
