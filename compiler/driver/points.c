// points.c: see points.h.
#include "driver/points.h"

#include <string.h>

static const char *copy(Arena *a, const char *text) {
    return arena_printf(a, "%s", text);
}

static bool count_points(const Model *m, int64_t *count) {
    *count = 1;
    for (int i = 0; i < m->sweep.count; i++) {
        *count *= m->sweep.item[i].count;
        if (*count > POINTS_MOST) return false;
    }
    return true;
}

static void list_points(Arena *a, const Model *m, int64_t count, Points *out) {
    out->sweep_count = m->sweep.count;
    out->name = arena_new_array(a, const char *, m->sweep.count);
    for (int i = 0; i < m->sweep.count; i++) out->name[i] = copy(a, m->sweep.item[i].name);
    for (int64_t k = 0; k < count; k++) {
        Point point = {arena_new_array(a, const char *, m->sweep.count),
                       arena_new_array(a, const char *, m->sweep.count)};
        int64_t rest = k;
        for (int i = m->sweep.count; i-- > 0;) {
            const Sweep *s = &m->sweep.item[i];
            int at = (int)(rest % s->count);
            rest /= s->count;
            point.text[i] = copy(a, s->text[at]);
            point.set[i] = arena_printf(a, "%s=%.17g", s->name, s->value[at]);
        }
        list_add(a, out->point, point);
    }
}

int points_of_spec(Arena *a, const Arguments *arguments, Points *out) {
    *out = (Points){0};
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments)) {
        bool fine = pipeline_compile(&p, "equations");
        code = pipeline_finish(&p);
        int64_t count = 0;
        if (fine && !p.model->sweep.count)
            code =
                usage_error(arguments->command,
                            "%s has no sweep; write one into it: sweep lr in [0.1, 0.2]", p.path);
        else if (fine && !count_points(p.model, &count))
            code = usage_error(arguments->command,
                               "the sweeps of %s multiply to more than %d runs; sweep fewer values",
                               p.path, POINTS_MOST);
        else if (fine)
            list_points(a, p.model, count, out);
    }
    pipeline_free(&p);
    return code;
}

Arguments point_arguments(Arena *a, const Arguments *arguments, const Points *points, int point) {
    Arguments out = {.command = arguments->command, .positional = arguments->positional};
    const Option *set = arguments->command->option;
    while (strcmp(set->name, "set") != 0) set++;
    for (int i = 0; i < arguments->use.count; i++) list_add(a, out.use, arguments->use.item[i]);
    for (int i = 0; i < points->sweep_count; i++)
        list_add(a, out.use, ((OptionUse){set, points->point.item[point].set[i]}));
    return out;
}

const char *point_text(Arena *a, const Points *points, int point) {
    Text text = text_new(a);
    for (int i = 0; i < points->sweep_count; i++)
        text_printf(&text, "%s%s=%s", i ? ", " : "", points->name[i],
                    points->point.item[point].text[i]);
    return text.bytes;
}
