// override.c: --set: which of them something used, and what the others could have meant.
#include "elaborate/context.h"

#include <string.h>

static void add_settable(Elab *e, const char *name) {
    Name known = name_of(e->c->names, name);
    for (int i = 0; i < e->settable.count; i++)
        if (e->settable.item[i] == known) return;
    list_add(e->arena, e->settable, known);
}

const AstExpr *override_find(Elab *e, const char *name) {
    if (!e->options || e->options->override_count == 0) return NULL;
    add_settable(e, name);
    for (int i = e->options->override_count; i-- > 0;) { // the last one counts
        Override *o = &e->options->override[i];
        if (strcmp(o->name, name) != 0) continue;
        for (int k = 0; k <= i; k++)
            if (e->options->override[k].name == o->name) e->options->override[k].used = true;
        return o->value;
    }
    return NULL;
}

void override_check(Elab *e) {
    for (int i = 0; e->options && i < e->options->override_count; i++) {
        const Override *o = &e->options->override[i];
        if (!o->used) {
            Diagnostic *d = report(e->c->diagnostics, E_UNKNOWN_NAME, o->span,
                                   "--set %s: nothing has that name", o->name);
            suggest(e->c, d, o->name, e->settable.item, e->settable.count);
            if (!d->help)
                report_help(
                    e->c->diagnostics, d,
                    "it names a const, a setting, an argument of the optimizer or schedule, or "
                    "STAGE.ARGUMENT");
        } else if (settings_named(e, o->name) > 1) {
            Diagnostic *d = report(e->c->diagnostics, E_SWEEP, o->span,
                                   "--set %s fits several things", o->name);
            report_help(e->c->diagnostics, d, "write optimizer.%s or scheduler.%s", o->name,
                        o->name);
        }
    }
}
