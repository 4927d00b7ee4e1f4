// call.c: functions in equations: the scalar functions, pad, stop, and the counter-based random
// numbers.
#include "elaborate/context.h"

#include <string.h>

static bool has_arguments(Frame *f, const AstExpr *e, int wanted) {
    for (int i = 0; i < e->argument_count; i++)
        if (e->argument[i].name) {
            frame_fault(f, E_ARGUMENT, e->argument[i].name_span, "%s has no named arguments",
                        e->name);
            return false;
        }
    if (e->argument_count == wanted) return true;
    Diagnostic *d = frame_fault(f, E_ARGUMENT, e->span, "%s takes %d argument%s, got %d", e->name,
                                wanted, wanted == 1 ? "" : "s", e->argument_count);
    if (is_reduction(e->name))
        report_help(f->p->compile->diagnostics, d, "a reduction names its indices: %s(i: x[i])",
                    e->name);
    return false;
}

static const Expr *pad(Frame *f, const AstExpr *e) {
    if (!has_arguments(f, e, 2)) return expr_number(f->p, 0);
    const AstExpr *inner = e->argument[0].value;
    if (inner->kind != AST_SUBSCRIPT) {
        Diagnostic *d = frame_fault(f, E_ARGUMENT, inner->span, "pad wants a read with subscripts");
        report_help(f->p->compile->diagnostics, d, "write pad(x[i - 1], 0)");
        return expr_number(f->p, 0);
    }
    const Expr *read = expression_real(f, inner);
    const Expr *otherwise = expression_real(f, e->argument[1].value);
    if (f->failed || read->kind != E_READ) return read;
    return expr_pad(f->p, read, otherwise);
}

// FNV-1a, 64 bits, of "PATH#ORDINAL": the stream of the draws that one call in one stage makes.
static uint64_t stream_of(const char *path, int ordinal, Arena *a) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *p = arena_printf(a, "%s#%d", path, ordinal); *p; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
    return hash;
}

static const Expr *draw(Frame *f, const AstExpr *e, bool bernoulli) {
    double probability = -1;
    if (!has_arguments(f, e, bernoulli ? 1 : 0)) return expr_number(f->p, 0);
    if (bernoulli) {
        Value v;
        if (!value_try(f->scope, f, e->argument[0].value, &v) || v.kind != VALUE_NUMBER ||
            v.number < 0 || v.number > 1) {
            frame_fault(f, E_CONSTANT, e->argument[0].value->span,
                        "the probability of bernoulli is a compile-time number from 0 to 1");
            return expr_number(f->p, 0);
        }
        probability = v.number;
    }
    if (!f->per_sample) {
        frame_fault(f, E_TYPE, e->span,
                    "'%s' has one value for all samples, a draw has one for each", f->owner);
        return expr_number(f->p, 0);
    }
    if (f->quiet) return expr_number(f->p, 0);
    uint64_t stream = stream_of(f->scope->path, f->scope->draw_count++, f->scope->elab->arena);
    const Expr *sample =
        f->sample ? expr_index(f->p, f->sample) : expr_affine(f->p, affine_constant(0));
    return expr_random(f->p, probability, stream, sample, expr_affine(f->p, f->element));
}

static void unknown_function(Frame *f, const AstExpr *e) {
    static const char *const other[] = {
        "pad",    "stop",      "bernoulli", "uniform01", "sum",       "prod",       "mean",
        "max",    "min",       "argmax",    "argmin",    "batch_sum", "batch_mean", "reshape",
        "concat", "transpose", "slice",     "stack",     "split"};
    enum { OTHERS = sizeof other / sizeof *other };
    const char *choice[OTHERS + FUNCTION_COUNT];
    int count = 0;
    for (int i = 0; i < OTHERS; i++) choice[count++] = other[i];
    for (int i = 0; i < FUNCTION_COUNT; i++)
        if (i != FN_POWER) choice[count++] = function_name((Function)i);
    Diagnostic *d = frame_fault(f, E_UNKNOWN_NAME, e->name_span, "unknown function '%s'", e->name);
    if (strcmp(e->name, "pow") == 0 || strcmp(e->name, "power") == 0)
        report_help(f->p->compile->diagnostics, d, "write a^2");
    else
        suggest(f->p->compile, d, e->name, choice, count);
}

const Expr *expression_call(Frame *f, const AstExpr *e) {
    const char *name = e->name;
    if (strcmp(name, "pad") == 0) return pad(f, e);
    if (strcmp(name, "bernoulli") == 0) return draw(f, e, true);
    if (strcmp(name, "uniform01") == 0) return draw(f, e, false);
    if (strcmp(name, "stop") == 0) {
        if (!has_arguments(f, e, 1)) return expr_number(f->p, 0);
        return expr_stop(f->p, expression_real(f, e->argument[0].value));
    }
    Function function = function_find(name);
    if (is_reduction(name) && (function == FUNCTION_COUNT || e->argument_count < 2)) {
        Diagnostic *d = frame_fault(f, E_ARGUMENT, e->span, "%s names no indices", name);
        report_help(f->p->compile->diagnostics, d, "say over what it runs: %s(i: x[i])", name);
        return expr_number(f->p, 0);
    }
    if (definition_find(f->scope->elab, f->scope->file, e->name).statement) {
        Diagnostic *d =
            frame_fault(f, E_ARGUMENT, e->span, "%s is a layer and has no input here", name);
        report_help(f->p->compile->diagnostics, d, "call it on a tensor: %s(...)(x)", name);
        return expr_number(f->p, 0);
    }
    if (function == FUNCTION_COUNT || function == FN_POWER) {
        unknown_function(f, e);
        return expr_number(f->p, 0);
    }
    if (!has_arguments(f, e, function_arity(function))) return expr_number(f->p, 0);
    const Expr *argument[2] = {NULL, NULL};
    for (int i = 0; i < e->argument_count; i++)
        argument[i] = expression_real(f, e->argument[i].value);
    return f->failed ? expr_number(f->p, 0) : expr_call(f->p, function, argument);
}
