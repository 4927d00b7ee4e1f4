// train.c: the train block: how long, in which batches, with which optimizer and schedule.
#include "elaborate/context.h"

#include <string.h>

const char *const train_setting[] = {"epochs", "iterations", "batch_size", "shuffle",
                                     "seed",   "optimizer",  "scheduler",  "clip_grad_norm"};
const int train_setting_count = sizeof train_setting / sizeof *train_setting;

// A number of a setting in [low, high]; whole unless `real`.
static double number_setting(Elab *e, Scope *s, const AstStatement *block, const char *name,
                             double standard, double low, double high, bool real) {
    const AstExpr *given = find_setting(e, block, name);
    if (!given) return standard;
    Value v = value_of(s, given);
    if (v.kind == VALUE_POISON) return standard;
    if (v.kind == VALUE_NUMBER && v.number >= low && v.number <= high &&
        (real || value_is_integer(v)))
        return v.number;
    fault(s, E_SETTING, given->span, "'%s' is a %snumber from %s to %s, this is %s", name,
          real ? "" : "whole ", number_text(e->arena, low), number_text(e->arena, high),
          value_text(e, v));
    return standard;
}

static bool flag_setting(Elab *e, Scope *s, const AstStatement *block, const char *name,
                         bool standard) {
    const AstExpr *given = find_setting(e, block, name);
    if (!given) return standard;
    Value v = value_of(s, given);
    if (v.kind == VALUE_BOOLEAN) return v.number != 0;
    if (v.kind != VALUE_POISON)
        fault(s, E_SETTING, given->span, "'%s' is true or false, this is %s", name,
              value_text(e, v));
    return standard;
}

static void check_length(Elab *e, Scope *s, const AstStatement *block) {
    const NetTrain *t = &e->model->settings;
    const AstExpr *epochs = find_setting(e, block, "epochs"),
                  *iterations = find_setting(e, block, "iterations");
    if (epochs && iterations) {
        Diagnostic *d =
            fault(s, E_SETTING, iterations->span, "train says both epochs and iterations");
        report_note(e->c->diagnostics, d, epochs->span, "epochs stands here");
    }
    if (!e->options || !e->options->need_loss || epochs || iterations || t->epochs || t->iterations)
        return;
    Diagnostic *d = fault(s, E_SETTING, block->span, "train does not say how long");
    report_help(e->c->diagnostics, d, "write epochs = 10, or iterations = 1000");
}

static void need_train(Elab *e, Scope *s) {
    if (!e->options || !e->options->need_loss) return;
    const AstStatement *model = find_statement(e->ast, AST_MODEL);
    Diagnostic *d = fault(s, E_MODEL, model ? model->span : (Span){e->ast->file, 0, 0},
                          "the model says nothing of its training");
    report_help(e->c->diagnostics, d, "write: train { epochs = 10; optimizer = Adam(lr=0.001) }");
}

void train_elaborate(Elab *e, Scope *s) {
    const AstStatement *block = find_statement(e->ast, AST_TRAIN);
    NetTrain *t = &e->model->settings;
    if (block) check_settings(s, block, train_setting, train_setting_count);
    t->epochs = (int64_t)number_setting(e, s, block, "epochs", 0, 1, 1e9, false);
    t->iterations = (int64_t)number_setting(e, s, block, "iterations", 0, 1, 1e15, false);
    t->shuffle = flag_setting(e, s, block, "shuffle", true);
    t->seed = (uint64_t)number_setting(e, s, block, "seed", 0, 0, 0x1p53 - 1, false);
    t->clip_grad_norm = number_setting(e, s, block, "clip_grad_norm", 0, 0, 1e300, true);
    e->model->batch_size =
        (int64_t)number_setting(e, s, block, "batch_size", 32, 1, 1 << 20, false);
    if (e->options && e->options->batch_size > 0) e->model->batch_size = e->options->batch_size;
    if (!block) {
        need_train(e, s);
        return;
    }
    check_length(e, s, block);
    const AstExpr *optimizer = find_setting(e, block, "optimizer");
    const AstExpr *scheduler = find_setting(e, block, "scheduler");
    if (optimizer) t->optimizer = choice_elaborate(s, optimizer, optimizer_row, "optimizer");
    if (scheduler) t->scheduler = choice_elaborate(s, scheduler, scheduler_row, "scheduler");
    if (optimizer || !e->options || !e->options->need_loss) return;
    Diagnostic *d = fault(s, E_SETTING, block->span, "train names no optimizer");
    report_help(e->c->diagnostics, d, "write optimizer = Adam(lr=0.001)");
}
