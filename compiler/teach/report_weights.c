// report_weights.c: the weights of a trained network: those laid over the image as pictures, few as
// numbers before and after, many by their range.
#include "teach/filters.h"
#include "teach/picture.h"
#include "teach/report_parts.h"
#include "teach/summary.h"

#include <math.h>
#include <string.h>

enum { MOST_FILTERS = 64, MOST_NUMBERS = 64, MOST_ROWS = 120, FILTER_WIDTH = 64 };

static const NetTensor *find_row(const Report *r, const char *name) {
    for (int i = 0; i < r->table->param_tensors; i++)
        if (!strcmp(r->table->param[i].name, name)) return &r->table->param[i];
    return NULL;
}

// --- filters

static double largest(const double *w, const NetTensor *t) {
    double most = 0;
    for (size_t i = 0; i < t->count; i++) most = fmax(most, fabs(w[i]));
    return most;
}

// Channels of one filter stand beside each other.
static void draw_filter(ReportPage *o, const Filters *f, const double *w, int64_t number,
                        double most) {
    int channels = (int)f->extent[0], rows = (int)f->extent[1], columns = (int)f->extent[2];
    Picture p = picture_new(o->arena, channels * columns, rows, true);
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++) {
                double value = w[filters_place(f, number, c, y, x)];
                picture_signed(most > 0 ? value / most : 0,
                               p.pixel + 3 * ((y * channels + c) * columns + x));
            }
    int scale = FILTER_WIDTH / (rows > columns ? rows : columns);
    scale = scale < 1 ? 1 : scale > 20 ? 20 : scale;
    text_add(&o->page.text, "<figure><img class=\"pixels\" src=\"");
    picture_add_uri(o->arena, &p, &o->page.text);
    text_printf(&o->page.text, "\" width=\"%d\" height=\"%d\" alt=\"filter %lld\"/>%lld</figure>\n",
                scale * p.width, scale * p.height, (long long)number, (long long)number);
}

static bool is_drawable(const Filters *f) {
    return f->extent[0] * f->extent[1] * f->extent[2] <= 1 << 16;
}

void report_filters(ReportPage *o) {
    const Report *r = o->report;
    Filters f;
    if (!r->params || !filters_of(r->model->eval, &f) || !is_drawable(&f)) return;
    const NetTensor *row = find_row(r, f.param->name);
    if (!row) return;
    const double *w = r->params + row->offset;
    double most = largest(w, row);
    int64_t count = f.count < MOST_FILTERS ? f.count : MOST_FILTERS;
    report_section(o, "filters", "First-layer filters");
    report_say(o,
               arena_printf(o->arena,
                            "The weights that lie over the image, %s: blue is negative, white 0, "
                            "orange positive.<br/><span class=\"note\">%s <span "
                            "class=\"scale\"></span> %s</span>",
                            page_code_words(&o->page, f.param->name), report_number(o, -most),
                            report_number(o, most)));
    text_add(&o->page.text, "<div class=\"filters\">\n");
    for (int64_t i = 0; i < count; i++) draw_filter(o, &f, w, i, most);
    text_add(&o->page.text, "</div>\n");
    if (f.extent[0] > 1) report_small(o, "The channels of a filter stand beside each other.");
    if (count < f.count)
        report_small(o, report_words(o, "The first %lld of %s filters.", (long long)count,
                                     summary_number(o->arena, f.count)));
    page_section_end(&o->page);
}

// --- all weights

// The first value of an element, where the spec gives it.
static const char *first_value(ReportPage *o, const NetTensor *t, size_t element) {
    if (t->init.kind == NET_INIT_CONSTANT) return report_number(o, t->init.a);
    if (t->init.kind == NET_INIT_VALUES) return report_number(o, t->init.values[element]);
    return "drawn";
}

static void print_numbers(ReportPage *o) {
    const Report *r = o->report;
    const char *head[] = {"weight", "first", "trained"};
    LIST(const char *) cell = {0};
    for (int i = 0; i < r->table->param_tensors; i++) {
        const NetTensor *t = &r->table->param[i];
        for (size_t k = 0; k < t->count; k++) {
            list_add(o->arena, cell,
                     html_text(o->arena, report_element_name(o->arena, t->name, t->rank, t->shape,
                                                             (int64_t)k)));
            list_add(o->arena, cell, first_value(o, t, k));
            list_add(o->arena, cell, report_number(o, r->params[t->offset + k]));
        }
    }
    bool is_long = cell.count / 3 > 12;
    text_printf(&o->page.text, "<div id=\"trained\"%s>", is_long ? " class=\"columns\"" : "");
    page_table(&o->page, head, 3, cell.item, cell.count / 3);
    text_add(&o->page.text, "</div>\n");
}

static void add_range(ReportPage *o, const NetTensor *t, const char **cell) {
    const double *w = o->report->params + t->offset;
    double low = INFINITY, high = -INFINITY, sum = 0, squares = 0, n = (double)t->count;
    for (size_t i = 0; i < t->count; i++) {
        low = fmin(low, w[i]);
        high = fmax(high, w[i]);
        sum += w[i];
    }
    for (size_t i = 0; i < t->count; i++) squares += (w[i] - sum / n) * (w[i] - sum / n);
    cell[0] = report_number(o, low);
    cell[1] = report_number(o, high);
    cell[2] = report_number(o, sum / n);
    cell[3] = report_number(o, sqrt(squares / n));
}

static const char *shape_of(Arena *a, const NetTensor *t) {
    Text text = text_new(a);
    text_add(&text, "[");
    for (int i = 0; i < t->rank; i++)
        text_printf(&text, "%s%lld", i ? ", " : "", (long long)t->shape[i]);
    text_add(&text, "]");
    return text.bytes;
}

static void print_ranges(ReportPage *o) {
    const Report *r = o->report;
    const char *head[] = {"parameter", "shape", "least", "greatest", "mean", "standard deviation"};
    LIST(const char *) cell = {0};
    int rows = r->table->param_tensors < MOST_ROWS ? r->table->param_tensors : MOST_ROWS;
    for (int i = 0; i < rows; i++) {
        const NetTensor *t = &r->table->param[i];
        const char *range[4];
        add_range(o, t, range);
        list_add(o->arena, cell, html_text(o->arena, t->name));
        list_add(o->arena, cell, shape_of(o->arena, t));
        for (int k = 0; k < 4; k++) list_add(o->arena, cell, range[k]);
    }
    text_add(&o->page.text, "<div class=\"numbers\" id=\"ranges\">");
    page_table(&o->page, head, 6, cell.item, rows);
    text_add(&o->page.text, "</div>\n");
    if (rows < r->table->param_tensors)
        report_small(
            o, report_words(o, "The first %d of %d parameters.", rows, r->table->param_tensors));
}

void report_weights(ReportPage *o) {
    const Report *r = o->report;
    if (!r->params || !r->table->param_tensors) return;
    report_section(o, "weights", "Weights");
    if (r->table->param_count <= MOST_NUMBERS)
        print_numbers(o);
    else
        print_ranges(o);
    page_section_end(&o->page);
}
