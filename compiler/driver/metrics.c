// metrics.c: see metrics.h.
#include "driver/metrics.h"

#include "driver/files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Reader {
    Arena *arena;
    const char *path, *at;
    int line;
    Metrics *out;
} Reader;

static bool wrong(const Reader *r, const char *what) {
    fprintf(stderr, "netc: %s:%d: %s; netc train --out DIR writes such a file anew\n", r->path,
            r->line, what);
    return false;
}

// One cell; quoted ones with "" for a quote. *is_last: the line ends after it.
static bool take_cell(Reader *r, Text *cell, bool *is_last) {
    bool quoted = *r->at == '"';
    r->at += quoted;
    for (; *r->at && (quoted || !strchr(",\r\n", *r->at)); r->at++) {
        if (quoted && *r->at == '"' && *++r->at != '"') break;
        if (quoted && *r->at == '\n') return wrong(r, "a quote is not closed");
        text_add_bytes(cell, r->at, 1);
    }
    if (*r->at == '\r') r->at++;
    *is_last = *r->at != ',';
    if (*is_last && *r->at && *r->at != '\n') return wrong(r, "a comma is missing");
    if (*r->at) r->at++;
    return true;
}

static bool take_header(Reader *r) {
    for (bool is_last = false; !is_last;) {
        Text cell = text_new(r->arena);
        if (!take_cell(r, &cell, &is_last)) return false;
        list_add(r->arena, r->out->column,
                 arena_copy(r->arena, cell.size ? cell.bytes : "", cell.size));
    }
    const char *first = r->out->column.item[0];
    r->out->by_epoch = !strcmp(first, "epoch");
    if (!r->out->by_epoch && strcmp(first, "iteration") != 0)
        return wrong(r, "the first column must be epoch or iteration");
    if (r->out->column.count < 3) return wrong(r, "there is no column of the loss");
    return true;
}

static bool take_row(Reader *r, double *row) {
    int count = 0;
    for (bool is_last = false; !is_last; count++) {
        Text cell = text_new(r->arena);
        if (!take_cell(r, &cell, &is_last)) return false;
        if (count >= r->out->column.count) return wrong(r, "there are more cells than columns");
        char *end = NULL;
        const char *text = cell.size ? cell.bytes : "";
        row[count] = strtod(text, &end);
        bool is_number = end != text && !*end;
        bool is_count = is_number && row[count] >= 0 && row[count] < 1e15;
        if (!is_number || (count == 0 && !is_count))
            return wrong(r, arena_printf(r->arena, "'%s' is no %s", text,
                                         count ? "number" : "count of steps"));
    }
    if (count < r->out->column.count) return wrong(r, "there are fewer cells than columns");
    return true;
}

static bool take_rows(Reader *r) {
    LIST(double *) row = {0};
    int columns = r->out->column.count;
    for (; *r->at; r->line++) {
        double *values = arena_new_array(r->arena, double, columns);
        if (!take_row(r, values)) return false;
        list_add(r->arena, row, values);
    }
    r->out->rows = row.count;
    r->out->value = arena_new_array(r->arena, double *, columns);
    for (int k = 0; k < columns; k++) {
        r->out->value[k] = arena_new_array(r->arena, double, row.count + 1);
        for (int i = 0; i < row.count; i++) r->out->value[k][i] = row.item[i][k];
    }
    return true;
}

bool metrics_read(Arena *a, const char *folder, Metrics *out) {
    struct stat status;
    size_t size = 0;
    *out = (Metrics){.name = path_base(folder)};
    if (stat(folder, &status) || !S_ISDIR(status.st_mode)) {
        fprintf(stderr, "netc: there is no run folder %s (netc train --out DIR makes one)\n",
                folder);
        return false;
    }
    Reader r = {.arena = a, .path = path_join(a, folder, "metrics.csv"), .line = 1, .out = out};
    r.at = file_load(a, r.path, &size, true);
    if (!r.at) {
        fprintf(
            stderr,
            "netc: %s is no run folder: it has no metrics.csv (netc train --out DIR makes one)\n",
            folder);
        return false;
    }
    if (strlen(r.at) != size) return wrong(&r, "it is no text");
    if (!take_header(&r)) return false;
    r.line = 2;
    return take_rows(&r);
}

int metrics_find(const Metrics *m, const char *name) {
    for (int i = 0; i < m->column.count; i++)
        if (!strcmp(m->column.item[i], name)) return i;
    return -1;
}

static bool is_curve(const Metrics *m, int column) {
    const char *name = m->column.item[column];
    return column >= 2 && strncmp(name, "test_", 5) != 0 && strcmp(name, "seconds") != 0;
}

static bool has_test(const Metrics *run, int count, const char *name, Arena *a) {
    for (int i = 0; i < count; i++)
        if (metrics_find(&run[i], arena_printf(a, "test_%s", name)) >= 0) return true;
    return false;
}

static void add_series(Chart *c, ChartPanel *panel, const Metrics *m, int style, int column,
                       bool has_test_curve, const char *name) {
    ChartSeries s = {.name = name,
                     .is_full = has_test_curve,
                     .style = style,
                     .is_lost = m->is_lost,
                     .count = m->rows};
    s.is_second = !strncmp(m->column.item[column], "test_", 5);
    s.x = m->value[0];
    s.y = m->value[column];
    list_add(c->arena, panel->series, s);
}

static void add_panel(Chart *c, const Metrics *run, int count, const char *name) {
    Arena *a = c->arena;
    ChartPanel panel = {.y_label = name};
    panel.is_share = !strcmp(name, "accuracy") || !strncmp(name, "top_", 4);
    bool test = has_test(run, count, name, a);
    for (int i = 0; i < count; i++) {
        int train = metrics_find(&run[i], name);
        int other = metrics_find(&run[i], arena_printf(a, "test_%s", name));
        const char *before = count > 1 ? arena_printf(a, "%s, ", run[i].name) : "";
        if (train >= 2)
            add_series(c, &panel, &run[i], i, train, test,
                       test ? arena_printf(a, "%straining", before) : run[i].name);
        if (other >= 2)
            add_series(c, &panel, &run[i], count > 1 ? i : 1, other, test,
                       arena_printf(a, "%stest", before));
    }
    list_add(a, c->panel, panel);
}

Chart metrics_chart(Arena *a, const Metrics *run, int count) {
    Chart c = {.arena = a, .x_label = run[0].by_epoch ? "epoch" : "iteration"};
    for (int k = 0; k < run[0].column.count && c.panel.count < 4; k++)
        if (is_curve(&run[0], k)) add_panel(&c, run, count, run[0].column.item[k]);
    return c;
}
