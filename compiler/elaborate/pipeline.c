// pipeline.c: the bodies of blocks and networks: stage after stage, each taking the value before
// it.
//
// Stages are counted before they run, since a path has a number only if its name stands more than
// once in its body.
#include "elaborate/context.h"

#include <string.h>

static StageCount *find_count(Scope *s, Name name) {
    for (int i = 0; s->namer && i < s->namer->count.count; i++)
        if (s->namer->count.item[i].name == name) return &s->namer->count.item[i];
    return NULL;
}

void namer_add(Scope *s, Name name, Span span, bool is_label, int times) {
    StageCount *count = find_count(s, name);
    if (!count) {
        StageCount new = {name, span, is_label, times, 0};
        list_add(s->elab->arena, s->namer->count, new);
        return;
    }
    if (is_label || count->is_label) {
        Diagnostic *d = fault(s, E_DUPLICATE, span, "two stages are called '%s'", name);
        report_note(s->elab->c->diagnostics, d, count->span, "the other is here");
    }
    if (count->total < LIMIT_STAGES) count->total += times;
}

Name namer_next(Scope *s, Name name) {
    StageCount *count = find_count(s, name);
    if (!count || count->total <= 1) return name;
    return name_printf(s->elab->c->names, "%s_%d", name, ++count->used);
}

static int repeat_count(Scope *s, const AstExpr *e, bool quiet) {
    Value v;
    if (quiet ? !value_try(s, NULL, e, &v) : (v = value_of(s, e)).kind == VALUE_POISON) return -1;
    if (value_is_integer(v) && v.number >= 0 && v.number <= LIMIT_REPEAT) return (int)v.number;
    if (!quiet)
        fault(s, value_is_integer(v) && v.number > 0 ? E_LIMIT : E_SIZE, e->span,
              "repeat takes a whole number from 0 to %d, this is %s", LIMIT_REPEAT,
              value_text(s->elab, v));
    return -1;
}

void pipeline_count(Scope *s, AstStatements body, int times) {
    // A kept name hides a layer of the same name only from its statement on; lower and upper case
    // keep them apart.
    for (int i = 0; i < body.count; i++) {
        const AstStatement *st = body.item[i];
        if (st->kind == AST_STAGE)
            operand_count(s, st->expr, st->name, st->name ? st->name_span : st->expr->span, times);
        if (st->kind == AST_EQUATION && !st->has_subscript && is_whole_call(s, st->expr))
            operand_count(s, st->expr, NULL, st->expr->span, times);
        if (st->kind != AST_REPEAT) continue;
        int64_t inner = (int64_t)times * repeat_count(s, st->expr, true);
        if (inner > LIMIT_STAGES) inner = LIMIT_STAGES;
        if (inner > 0) pipeline_count(s, st->body, (int)inner);
    }
}

// The last statement that passes a value on: its tensor has the name of the network's output.
static int last_stage(AstStatements body) {
    int last = -1;
    for (int i = 0; i < body.count; i++)
        if (body.item[i]->kind == AST_STAGE || body.item[i]->kind == AST_REPEAT) last = i;
    return last;
}

static void keep_value(Scope *s, const AstStatement *st) {
    static const Placement here = {0};
    const Entry *taken = scope_own_entry(s, st->name);
    const AstExpr *e = st->expr;
    bool plain = !st->has_subscript && !st->binder_count && !st->is_accumulation && !st->is_update;
    if (plain && taken) {
        Diagnostic *d = fault(s, E_DUPLICATE, st->name_span, "'%s' is kept twice", st->name);
        report_note(s->elab->c->diagnostics, d, taken->span, "it is kept here too");
        return;
    }
    bool is_value = e->kind == AST_HOLE || (e->kind == AST_NAME && !scope_value(s, e->name));
    if (!plain || !is_value) {
        equation_define(s, st, &here);
        return;
    }
    static const Wanted nothing = {0};
    Entry *entry = scope_add_entry(s, st->name, st->name_span, operand_evaluate(s, e, &nothing));
    entry->is_alias = entry->is_defined = true;
}

static void run_repeat(Scope *s, const AstStatement *st, Name output_name) {
    int times = repeat_count(s, st->expr, false);
    for (int k = 0; k < times && s->hole && !s->elab->exhausted; k++) {
        int entries = s->entry.count, values = s->value.count;
        s->hole = pipeline_run(s, st->body, k == times - 1 ? output_name : NULL);
        s->entry.count = entries; // what an iteration keeps is its own
        s->value.count = values;
    }
    if (times < 0) s->hole = NULL;
}

static void run_statement(Scope *s, const AstStatement *st, Name output_name) {
    Wanted wanted = {st->name, output_name};
    switch (st->kind) {
    case AST_STAGE: s->hole = operand_evaluate(s, st->expr, &wanted); break;
    case AST_EQUATION: keep_value(s, st); break;
    case AST_REPEAT: run_repeat(s, st, output_name); break;
    case AST_REQUIRE: check_require(s, st); break;
    case AST_LET: define_let(s, st); break;
    case AST_MODEL:
    case AST_PRECISION:
    case AST_CONST:
    case AST_INPUT:
    case AST_TARGET:
    case AST_PARAM:
    case AST_STATE:
    case AST_IMPORT:
    case AST_LAYER:
    case AST_BLOCK:
    case AST_NETWORK:
    case AST_LOSS:
    case AST_METRIC:
    case AST_DATA:
    case AST_TRAIN:
    case AST_SETTING:
    case AST_SWEEP:
    case AST_WHEN:
        fault(s, E_STATEMENT, st->span,
              "a block or network holds stages, kept values, repeat, let and require only");
        break;
    }
}

Tensor *pipeline_run(Scope *s, AstStatements body, Name output_name) {
    int last = last_stage(body);
    for (int i = 0; i < body.count && s->hole && !s->elab->exhausted; i++)
        run_statement(s, body.item[i], i == last ? output_name : NULL);
    return s->hole;
}
