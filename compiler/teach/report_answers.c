// report_answers.c: what the trained model says of the data: which classes it takes for which, the
// samples it is most wrong about, targets beside outputs.
#include "teach/filters.h"
#include "teach/picture.h"
#include "teach/report_parts.h"
#include "teach/summary.h"

#include <math.h>

enum { MOST_PAIRS = 30, PICTURE_SIDE = 128, PICTURE_WIDTH = 112, MOST_OUTPUTS = 40 };

static const char *data_name(const Report *r) {
    return r->answers.is_test ? "test data" : "training data";
}

// --- confusions

static int64_t count_row(const ReportAnswers *w, int64_t row) {
    int64_t sum = 0;
    for (int64_t k = 0; k < w->classes->classes; k++)
        sum += w->confusion[row * w->classes->classes + k];
    return sum;
}

static int64_t count_column(const ReportAnswers *w, int64_t column) {
    int64_t sum = 0;
    for (int64_t k = 0; k < w->classes->classes; k++)
        sum += w->confusion[k * w->classes->classes + column];
    return sum;
}

// The largest share of a class that went to one other class.
static double most_missed(const ReportAnswers *w) {
    double most = 0;
    int64_t n = w->classes->classes;
    for (int64_t i = 0; i < n; i++) {
        double row = (double)count_row(w, i);
        for (int64_t k = 0; k < n && row > 0; k++)
            if (k != i) most = fmax(most, (double)w->confusion[i * n + k] / row);
    }
    return most;
}

// Right answers blue, wrong ones orange, stronger where they are more of their row.
static void matrix_cell(ReportPage *o, int64_t row, int64_t column, int64_t in_row, double most) {
    const ReportAnswers *w = &o->report->answers;
    int64_t count = w->confusion[row * w->classes->classes + column];
    double share = in_row ? (double)count / (double)in_row : 0;
    bool hit = row == column;
    Text *out = &o->page.text;
    if (!count) {
        text_add(out, "<td class=\"none\"><data value=\"0\">&#183;</data></td>");
        return;
    }
    text_printf(out,
                "<td class=\"%s\" style=\"--a:%.2f\" title=\"%lld taken for %lld: %.1f%% of class "
                "%lld\">%s</td>",
                hit ? "hit" : "miss", hit ? 0.12 + 0.48 * share : 0.12 + 0.5 * share / most,
                (long long)row, (long long)column, 100 * share, (long long)row,
                report_count(o, count));
}

static const char *percent(ReportPage *o, int64_t part, int64_t whole) {
    return whole ? arena_printf(o->arena, "%.1f%%", 100 * (double)part / (double)whole) : "-";
}

static void print_matrix(ReportPage *o) {
    const ReportAnswers *w = &o->report->answers;
    int64_t n = w->classes->classes;
    double most = most_missed(w);
    Text *out = &o->page.text;
    text_printf(out,
                "<div class=\"table\"><table class=\"matrix\" id=\"matrix\">\n<thead><tr><th></th>"
                "<th class=\"axis-name\" colspan=\"%lld\">the network's answer</th></tr>\n<tr>"
                "<th class=\"axis-name\">%s</th>",
                (long long)n + 2, html_text(o->arena, w->classes->name));
    for (int64_t k = 0; k < n; k++) text_printf(out, "<th scope=\"col\">%lld</th>", (long long)k);
    text_add(out, "<th class=\"axis-name\">samples</th><th class=\"axis-name\">found</th></tr>"
                  "</thead>\n<tbody>\n");
    for (int64_t i = 0; i < n; i++) {
        int64_t in_row = count_row(w, i);
        text_printf(out, "<tr><th scope=\"row\">%lld</th>", (long long)i);
        for (int64_t k = 0; k < n; k++) matrix_cell(o, i, k, in_row, most);
        text_printf(out, "<td class=\"sum\">%s</td><td class=\"sum share\">%s</td></tr>\n",
                    report_count(o, in_row), percent(o, w->confusion[i * n + i], in_row));
    }
    text_add(out, "</tbody>\n<tfoot><tr><th class=\"axis-name\">right when answered</th>");
    for (int64_t k = 0; k < n; k++)
        text_printf(out, "<td class=\"sum\">%s</td>",
                    percent(o, w->confusion[k * n + k], count_column(w, k)));
    text_add(out, "</tr></tfoot>\n</table></div>\n");
}

// The confusions of many classes, most frequent first: found by going down from the largest.
static void print_frequent(ReportPage *o) {
    const ReportAnswers *w = &o->report->answers;
    int64_t n = w->classes->classes, limit = INT64_MAX, shown = 0;
    const char *head[] = {"is", "answered", "samples", "of its class"};
    LIST(const char *) cell = {0};
    while (shown < MOST_PAIRS && limit > 1) {
        int64_t next = 0;
        for (int64_t i = 0; i < n * n; i++)
            if (i / n != i % n && w->confusion[i] < limit && w->confusion[i] > next)
                next = w->confusion[i];
        if (!next) break;
        for (int64_t i = 0; i < n * n && shown < MOST_PAIRS; i++) {
            if (i / n == i % n || w->confusion[i] != next) continue;
            list_add(o->arena, cell, report_count(o, i / n));
            list_add(o->arena, cell, report_count(o, i % n));
            list_add(o->arena, cell, report_count(o, next));
            list_add(o->arena, cell, percent(o, next, count_row(w, i / n)));
            shown++;
        }
        limit = next;
    }
    if (shown) page_table(&o->page, head, 4, cell.item, (int)shown);
    report_small(o, report_words(o,
                                 "%lld classes: the most frequent confusions in place of the "
                                 "whole table.",
                                 (long long)n));
}

void report_confusions(ReportPage *o) {
    const ReportAnswers *w = &o->report->answers;
    if (!w->samples || !w->classes) return;
    report_section(o, "confusion", "Confusion matrix");
    report_say(
        o, arena_printf(o->arena,
                        "Of %s samples of the %s, <span id=\"wrong\">%s</span> got the wrong "
                        "class (%.2f%%). Rows are the true class, columns the answer: blue on "
                        "the diagonal is right, orange beside it is wrong; the stronger, the "
                        "larger its share of the row.",
                        report_count(o, w->samples), data_name(o->report),
                        report_count(o, w->wrong), 100 * (double)w->wrong / (double)w->samples));
    if (!w->confusion)
        report_small(o, report_words(o, "%lld classes are too many to count confusions.",
                                     (long long)w->classes->classes));
    else if (w->classes->classes <= REPORT_CLASSES)
        print_matrix(o);
    else
        print_frequent(o);
    page_section_end(&o->page);
}

// --- samples as pictures

typedef struct Image {
    const NetInput *input;
    size_t offset; // in ReportSample.given
    int64_t extent[3];
    double low[3], high[3]; // of a channel, over all samples shown
} Image;

static bool find_image(const ReportPage *o, Image *image) {
    const NetModel *m = o->report->table;
    *image = (Image){0};
    for (int i = 0; i < m->input_count; i++) {
        const NetInput *input = &m->input[i];
        if (input->is_target) continue;
        image->input = input;
        if (input->type != NET_I32 && image_shape(input->rank, input->shape, image->extent))
            return true;
        image->offset += input->count;
    }
    return false;
}

// What normalisation did to each channel is undone, so that colours are the picture's own.
static double shown_value(const NetModel *m, const Image *image, const ReportSample *s, int64_t c,
                          int64_t pixel) {
    const NetData *d = &m->data;
    double x = s->given[image->offset + (size_t)(c * image->extent[1] * image->extent[2] + pixel)];
    if (!d->normalize || !d->mean_count || !d->std_count) return x;
    return x * d->std[d->std_count > 1 ? c : 0] + d->mean[d->mean_count > 1 ? c : 0];
}

static void find_range(ReportPage *o, Image *image) {
    const ReportAnswers *w = &o->report->answers;
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < w->worst.count; i++)
        for (int64_t c = 0; c < image->extent[0]; c++)
            for (int64_t k = 0; k < image->extent[1] * image->extent[2]; k++) {
                double x = shown_value(o->report->table, image, &w->worst.item[i], c, k);
                low = fmin(low, x);
                high = fmax(high, x);
            }
    for (int c = 0; c < 3; c++) image->low[c] = low, image->high[c] = high;
}

// The mean of a square of `step` pixels of a channel.
static double mean_at(const ReportPage *o, const Image *image, const ReportSample *s, int64_t c,
                      int64_t row, int64_t column, int64_t step) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t y = row * step; y < (row + 1) * step && y < image->extent[1]; y++)
        for (int64_t x = column * step; x < (column + 1) * step && x < image->extent[2]; x++) {
            sum += shown_value(o->report->table, image, s, c, y * image->extent[2] + x);
            count++;
        }
    return sum / (double)count;
}

// Three channels are colours; of two or four, each is a grey picture of its own, side by side.
// Large ones are made smaller.
static Picture picture_of(ReportPage *o, const Image *image, const ReportSample *s) {
    int64_t h = image->extent[1], w = image->extent[2], longer = h > w ? h : w;
    int64_t step = (longer + PICTURE_SIDE - 1) / PICTURE_SIDE;
    int64_t rows = (h + step - 1) / step, columns = (w + step - 1) / step;
    bool colour = image->extent[0] == 3;
    int64_t beside = colour ? 1 : image->extent[0];
    Picture p = picture_new(o->arena, (int)(columns * beside), (int)rows, colour);
    for (int64_t c = 0; c < image->extent[0]; c++)
        for (int64_t y = 0; y < rows; y++)
            for (int64_t x = 0; x < columns; x++) {
                int64_t at = colour ? (y * columns + x) * 3 + c : (y * beside + c) * columns + x;
                p.pixel[at] = picture_grey(mean_at(o, image, s, c, y, x, step), image->low[c],
                                           image->high[c]);
            }
    return p;
}

static void add_picture(ReportPage *o, const Picture *p, const char *words) {
    int scale = PICTURE_WIDTH / (p->width > p->height ? p->width : p->height);
    if (scale < 1) scale = 1;
    text_add(&o->page.text, "<img class=\"pixels\" src=\"");
    picture_add_uri(o->arena, p, &o->page.text);
    text_printf(&o->page.text, "\" width=\"%d\" height=\"%d\" alt=\"%s\"/>\n", scale * p->width,
                scale * p->height, words);
}

static void print_caption(ReportPage *o, const ReportSample *s) {
    Text *out = &o->page.text;
    text_add(out, "<figcaption>");
    if (o->report->answers.classes)
        text_printf(out,
                    "is <b class=\"true\">%lld</b>, answered <b class=\"answer\">%lld</b><br/>\n"
                    "<span>%.1f%% sure</span><br/>\n",
                    (long long)s->target, (long long)s->answer, 100 * s->answer_share);
    text_printf(out, "<span>loss %s</span><br/>\n<span>sample %lld</span></figcaption>",
                report_figure(o, "loss", s->loss), (long long)s->number);
}

static void print_gallery(ReportPage *o, Image *image) {
    const ReportAnswers *w = &o->report->answers;
    find_range(o, image);
    text_add(&o->page.text, "<div class=\"gallery\">\n");
    for (int i = 0; i < w->worst.count; i++) {
        const ReportSample *s = &w->worst.item[i];
        Picture p = picture_of(o, image, s);
        text_printf(&o->page.text, "<figure data-sample=\"%lld\">", (long long)s->number);
        add_picture(o, &p, report_words(o, "sample %lld", (long long)s->number));
        print_caption(o, s);
        text_add(&o->page.text, "</figure>\n");
    }
    text_add(&o->page.text, "</div>\n");
}

// --- samples as rows of a table

static int given_cells(const NetModel *m) {
    size_t sum = 0;
    for (int i = 0; i < m->input_count; i++)
        if (!m->input[i].is_target) sum += m->input[i].count;
    return sum <= REPORT_CELLS ? (int)sum : 0;
}

typedef struct Cells {
    LIST(const char *) head, cell;
} Cells;

static void add_given_heads(ReportPage *o, Cells *t) {
    const NetModel *m = o->report->table;
    for (int i = 0; i < m->input_count && given_cells(m); i++) {
        const NetInput *input = &m->input[i];
        for (size_t k = 0; k < input->count && !input->is_target; k++)
            list_add(o->arena, t->head,
                     html_text(o->arena, report_element_name(o->arena, input->name, input->rank,
                                                             input->shape, (int64_t)k)));
    }
}

static void add_pair_heads(ReportPage *o, Cells *t) {
    const ReportAnswers *w = &o->report->answers;
    for (int i = 0; i < w->pair.count && w->elements <= REPORT_SERIES; i++) {
        const NetInput *target = w->pair.item[i].target;
        const NetOutput *output = w->pair.item[i].output;
        for (size_t k = 0; k < target->count; k++) {
            const char *left = report_element_name(o->arena, target->name, target->rank,
                                                   target->shape, (int64_t)k);
            const char *right = report_element_name(o->arena, output->name, output->rank,
                                                    output->shape, (int64_t)k);
            list_add(o->arena, t->head, report_words(o, "target %s", left));
            list_add(o->arena, t->head, report_words(o, "output %s", right));
            list_add(o->arena, t->head, "error");
        }
    }
}

static void add_row(ReportPage *o, Cells *t, const ReportSample *s) {
    const ReportAnswers *w = &o->report->answers;
    list_add(o->arena, t->cell, arena_printf(o->arena, "%lld", (long long)s->number));
    for (int k = 0; k < given_cells(o->report->table); k++)
        list_add(o->arena, t->cell, report_number(o, s->given[k]));
    for (int k = 0; k < w->elements && w->elements <= REPORT_SERIES; k++) {
        list_add(o->arena, t->cell, report_number(o, s->wanted[k]));
        list_add(o->arena, t->cell, report_number(o, s->got[k]));
        list_add(o->arena, t->cell, report_number(o, s->got[k] - s->wanted[k]));
    }
    if (w->classes) {
        list_add(o->arena, t->cell, arena_printf(o->arena, "%lld", (long long)s->target));
        list_add(
            o->arena, t->cell,
            arena_printf(o->arena, "%lld (%.1f%%)", (long long)s->answer, 100 * s->answer_share));
    }
    list_add(o->arena, t->cell, report_number(o, s->loss));
}

static void print_rows(ReportPage *o) {
    const ReportAnswers *w = &o->report->answers;
    Cells t = {0};
    list_add(o->arena, t.head, "sample");
    add_given_heads(o, &t);
    add_pair_heads(o, &t);
    if (w->classes) {
        list_add(o->arena, t.head, "is");
        list_add(o->arena, t.head, "answered");
    }
    list_add(o->arena, t.head, "loss");
    for (int i = 0; i < w->worst.count; i++) add_row(o, &t, &w->worst.item[i]);
    text_add(&o->page.text, "<div id=\"rows\">");
    page_table(&o->page, t.head.item, t.head.count, t.cell.item, w->worst.count);
    text_add(&o->page.text, "</div>\n");
}

static const char *worst_words(ReportPage *o) {
    const ReportAnswers *w = &o->report->answers;
    if (w->is_right) return "No answer is wrong. These are the least certain ones.";
    if (w->classes)
        return report_words(o,
                            "Of %lld wrong answers the %d worst, the least probability for the "
                            "true class first; and how sure the network was of its own.",
                            (long long)w->wrong, w->worst.count);
    const char *of = w->judged < w->samples
                         ? arena_printf(o->arena, " among the first %lld", (long long)w->judged)
                         : "";
    return report_words(o, "The %d samples of the %s with the largest loss%s.", w->worst.count,
                        data_name(o->report), of);
}

// A few samples all stand in the table of outputs.
static bool shows_all(const ReportAnswers *w) {
    return !w->classes && w->worst.count == w->samples;
}

void report_worst(ReportPage *o) {
    const ReportAnswers *w = &o->report->answers;
    Image image;
    bool pictures = find_image(o, &image);
    if (!w->worst.count || (shows_all(w) && !pictures)) return;
    report_section(o, "mistakes", w->is_right ? "The least certain answers" : "The worst mistakes");
    report_say(o, worst_words(o));
    if (pictures)
        print_gallery(o, &image);
    else
        print_rows(o);
    if (!pictures && !given_cells(o->report->table))
        report_small(o, report_words(o,
                                     "The inputs are left out: they are more than %d numbers a "
                                     "sample.",
                                     REPORT_CELLS));
    page_section_end(&o->page);
}

// --- targets and outputs

// One row: elements first .. first + count - 1 of all pairs, which are `target` and `output`.
static void error_row(ReportPage *o, Cells *t, const char *target, const char *output, int first,
                      size_t count) {
    const ReportAnswers *w = &o->report->answers;
    double squares = 0, absolutes = 0, n = (double)w->samples * (double)count;
    for (size_t k = 0; k < count; k++) {
        squares += w->squares[(size_t)first + k];
        absolutes += w->absolutes[(size_t)first + k];
    }
    list_add(o->arena, t->cell, html_text(o->arena, target));
    list_add(o->arena, t->cell, html_text(o->arena, output));
    list_add(o->arena, t->cell, report_number(o, sqrt(squares / n)));
    list_add(o->arena, t->cell, report_number(o, absolutes / n));
}

// A row an element; where they are many, a row a target.
static void print_errors(ReportPage *o) {
    const ReportAnswers *w = &o->report->answers;
    const char *head[] = {"target", "output", "root mean square error", "mean absolute error"};
    bool is_many = w->elements > MOST_OUTPUTS;
    Cells t = {0};
    int first = 0;
    for (int i = 0; i < w->pair.count; i++) {
        const NetInput *p = w->pair.item[i].target;
        const NetOutput *q = w->pair.item[i].output;
        if (is_many) error_row(o, &t, p->name, q->name, first, p->count);
        for (size_t k = 0; k < p->count; k++, first++) {
            if (is_many) continue;
            int64_t at = (int64_t)k;
            error_row(o, &t, report_element_name(o->arena, p->name, p->rank, p->shape, at),
                      report_element_name(o->arena, q->name, q->rank, q->shape, at), first, 1);
        }
    }
    text_add(&o->page.text, "<div id=\"errors\">");
    page_table(&o->page, head, 4, t.cell.item, t.cell.count / 4);
    text_add(&o->page.text, "</div>\n");
}

void report_outputs(ReportPage *o) {
    const ReportAnswers *w = &o->report->answers;
    if (!w->samples || w->classes || !w->pair.count) return;
    report_section(o, "outputs", "Targets and outputs");
    report_say(o, report_words(o, "What the trained network says of %lld sample%s of the %s.",
                               (long long)w->samples, w->samples == 1 ? "" : "s",
                               data_name(o->report)));
    if (shows_all(w))
        print_rows(o);
    else {
        if (w->elements <= REPORT_SERIES) report_scatter(o);
        print_errors(o);
    }
    page_section_end(&o->page);
}
