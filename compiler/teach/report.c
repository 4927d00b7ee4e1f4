// report.c: see report.h: the order of the page, what came of the training, the network, the
// settings. What comes of single samples is report_answers.c, weights are report_weights.c.
#include "teach/report.h"

#include "teach/graph.h"
#include "teach/report_parts.h"
#include "teach/summary.h"
#include "teach/table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 160, MOST_UNITS = 160, MOST_SPEC = 1 << 16, MOST_FACTS = 60, MOST_WORDS = 300 };

static const char style[] =
    "body{max-width:72rem}td:nth-child(2){min-width:0}\n"
    ".lead{color:var(--soft);margin:-.4em 0 1.2em}.note{color:var(--soft);font-size:.88em}\n"
    ".missing{border-left:4px solid #d55e00;background:var(--card);padding:.5em 1em;"
    "margin:.8em 0}\n"
    ".contents{font-size:.92em}.contents a{margin-right:1.1em;white-space:nowrap}\n"
    ".cards{display:flex;flex-wrap:wrap;gap:.8rem;margin:1.2rem 0}\n"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:10px;"
    "padding:.7rem 1.1rem;min-width:8.5rem}\n"
    ".card b{display:block;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums}\n"
    ".card span{color:var(--soft);font-size:.85em}\n"
    ".drawing{margin:1rem 0;overflow-x:auto}.drawing "
    "svg{max-width:100%;height:auto;display:block}\n"
    ".numbers td.number,.numbers th.number{text-align:right}.numbers td{white-space:nowrap}\n"
    ".numbers td code{white-space:normal}\n"
    ".matrix{border-collapse:separate;border-spacing:2px}\n"
    ".matrix td,.matrix th{text-align:center;padding:.35em .5em;border:0;min-width:3.4em}\n"
    ".matrix tbody th{text-align:right}\n"
    ".matrix tfoot td,.matrix .share{font-size:.8em}\n"
    ".matrix thead th,.matrix tbody th{color:var(--ink)}\n"
    ".matrix .hit{background:rgb(0 114 178/var(--a));border-radius:4px;font-weight:600}\n"
    ".matrix .miss{background:rgb(230 110 0/var(--a));border-radius:4px}\n"
    ".matrix .none{color:var(--line)}.matrix .sum{color:var(--soft)}\n"
    ".matrix .axis-name{color:var(--soft);font-weight:400;text-align:left}\n"
    "img.pixels{image-rendering:pixelated;border:1px solid var(--line);border-radius:3px;"
    "display:block}\n"
    ".gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.4rem,1fr));"
    "gap:.8rem;margin:1rem 0}\n"
    ".gallery figure{margin:0;background:var(--card);border:1px solid var(--line);"
    "border-radius:8px;padding:.55rem;break-inside:avoid}\n"
    ".gallery figcaption{font-size:.85em;line-height:1.4;margin-top:.35rem}\n"
    ".gallery figcaption span{color:var(--soft)}\n"
    ".filters{display:flex;flex-wrap:wrap;gap:.5rem;margin:1rem 0}\n"
    ".filters figure{margin:0;text-align:center;font-size:.75em;color:var(--soft)}\n"
    ".scale{display:inline-block;width:9rem;height:.8em;vertical-align:middle;border:1px solid "
    "var(--line);background:linear-gradient(90deg,rgb(0 90 160),#fff,rgb(200 80 0))}\n"
    ".facts td{overflow-wrap:anywhere}.facts td:first-child{min-width:9rem}\n"
    ".columns{columns:2;column-gap:2.5rem}.columns table{width:100%;margin-top:0}\n"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
    "@media(max-width:45rem){.columns{columns:1}}\n"
    "@media print{.contents{display:none}table{font-size:.82em;break-inside:auto}\n"
    "#confusion,#filters,#environment,.card,.drawing,tr{break-inside:avoid}\n"
    "details::details-content{content-visibility:visible;display:block}}\n";

const char *report_words(ReportPage *o, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *text = arena_vprintf(o->arena, format, list);
    va_end(list);
    return html_text(o->arena, text);
}

void report_say(ReportPage *o, const char *words) {
    page_paragraph(&o->page, words);
}

void report_small(ReportPage *o, const char *words) {
    text_printf(&o->page.text, "<p class=\"note\">%s</p>\n", words);
}

static const char *data_of(ReportPage *o, double value, const char *text) {
    return arena_printf(o->arena, "<data value=\"%.17g\">%s</data>", value, text);
}

static bool is_share(const char *name) {
    return !strcmp(name, "accuracy") || !strncmp(name, "top_", 4);
}

const char *report_figure(ReportPage *o, const char *name, double value) {
    if (!isfinite(value)) return data_of(o, value, isnan(value) ? "not a number" : "infinite");
    if (is_share(name)) return data_of(o, value, arena_printf(o->arena, "%.2f%%", 100 * value));
    bool plain = value == 0 || (fabs(value) >= 0.001 && fabs(value) < 1e9);
    return data_of(o, value, arena_printf(o->arena, plain ? "%.4f" : "%.3e", value));
}

const char *report_number(ReportPage *o, double value) {
    return data_of(o, value, math_digits(o->arena, value));
}

const char *report_count(ReportPage *o, int64_t value) {
    return arena_printf(o->arena, "<data value=\"%lld\">%s</data>", (long long)value,
                        summary_number(o->arena, value));
}

void report_section(ReportPage *o, const char *anchor, const char *words) {
    page_section(&o->page, 2, anchor, words);
}

const char *report_element_name(Arena *a, const char *name, int rank, const int64_t *shape,
                                int64_t element) {
    const char *subscript = "";
    for (int k = rank - 1; k >= 0; element /= shape[k], k--)
        subscript = arena_printf(a, "%lld%s%s", (long long)(element % shape[k]),
                                 *subscript ? "," : "", subscript);
    return rank ? arena_printf(a, "%s[%s]", name, subscript) : name;
}

static const char *find_fact(const Report *r, const char *name) {
    for (int i = 0; i < r->fact.count; i++)
        if (!strcmp(r->fact.item[i].name, name)) return r->fact.item[i].value;
    return NULL;
}

// --- what came of it

static void card(ReportPage *o, const char *id, const char *value, const char *words) {
    text_printf(&o->page.text, "<div class=\"card\" id=\"%s\"><b>%s</b><span>%s</span></div>\n", id,
                value, words);
}

// The cards of the results: of the test data where there are any, else of training.
static void result_cards(ReportPage *o) {
    const Report *r = o->report;
    const ReportAnswers *w = &r->answers;
    for (int i = 0; i < r->table->result_count; i++) {
        const char *name = r->table->result[i];
        double value = w->samples ? w->figure[i] : r->last ? r->last[i] : NAN;
        if (!w->samples && !r->last) continue;
        const char *of = !w->samples  ? "in training"
                         : w->is_test ? "on the test data"
                                      : "on the training data";
        card(o, arena_printf(o->arena, "result-%d", i), report_figure(o, name, value),
             report_words(o, "%s %s", name, of));
    }
}

static void print_cards(ReportPage *o) {
    const Report *r = o->report;
    text_add(&o->page.text, "<div class=\"cards\">\n");
    result_cards(o);
    card(o, "parameters", report_count(o, (int64_t)r->table->param_count), "parameters");
    if (r->answers.samples)
        card(o, "samples", report_count(o, r->answers.samples),
             arena_printf(o->arena, "%ssample%s", r->answers.is_test ? "test " : "",
                          r->answers.samples == 1 ? "" : "s"));
    if (r->last)
        card(o, "steps", report_count(o, (int64_t)r->steps),
             arena_printf(o->arena, "%s%s", r->by, r->steps == 1 ? "" : "s"));
    if (r->seconds > 0) {
        bool minutes = r->seconds >= 120;
        card(o, "time",
             arena_printf(o->arena, "%.1f %s", minutes ? r->seconds / 60 : r->seconds,
                          minutes ? "min" : "s"),
             "of training");
    }
    text_add(&o->page.text, "</div>\n");
}

static void print_missing(ReportPage *o) {
    for (int i = 0; i < o->report->missing.count; i++)
        text_printf(&o->page.text, "<p class=\"missing\">%s</p>\n",
                    html_text(o->arena, o->report->missing.item[i]));
}

// --- the network

// Weights after training in the place of those before, with few digits: they stand along the edges.
static void put_weights(const Report *r) {
    for (int i = 0; i < r->table->param_tensors && r->params; i++) {
        const NetTensor *from = &r->table->param[i];
        const Program *p = r->model->eval;
        for (int k = 0; k < p->tensor.count; k++) {
            Tensor *t = p->tensor.item[k];
            if (t->role != TENSOR_PARAM || strcmp(t->name, from->name) != 0) continue;
            double *value = arena_new_array(p->arena, double, from->count + 1);
            for (size_t j = 0; j < from->count; j++)
                value[j] =
                    strtod(arena_printf(p->arena, "%.4g", r->params[from->offset + j]), NULL);
            t->init = (Init){.kind = INIT_VALUES, .value = value};
        }
    }
}

static void draw_network(ReportPage *o) {
    const Program *p = o->report->model->eval;
    Neurons neurons;
    Text drawing = text_new(o->arena);
    if (o->report->table->param_count <= GRAPH_EDGES) put_weights(o->report);
    bool few = graph_neurons_of(p, &neurons);
    Units units = graph_units_of(p);
    if (few)
        graph_neurons_svg(&neurons, &drawing);
    else if (units.unit.count <= MOST_UNITS)
        graph_units_svg(&units, &drawing);
    if (drawing.size)
        text_printf(&o->page.text, "<div class=\"drawing\" id=\"drawing\">\n%s</div>\n",
                    drawing.bytes);
    else
        report_small(o, report_words(o,
                                     "The drawing of %d stages is left out here; netc graph "
                                     "draws it.",
                                     units.unit.count));
    if (few && o->report->params) report_small(o, "Weights after training, to four digits.");
}

// Cells of stages as `netc summary` has them; of an equation, the equation.
static const char *summary_cell(ReportPage *o, const SummaryRow *row, int column) {
    enum { KIND = 1, OUTPUT = 3, LONGEST = 200 };
    const char *text = row->cell[column];
    if (row->equation && column == KIND) {
        text = equation_print(o->report->model->train, row->equation);
        if (strlen(text) <= LONGEST) return page_code_words(&o->page, text);
        text = "a long equation";
    }
    if (row->equation && column == OUTPUT && !strcmp(text, "[]")) text = "a number";
    text = html_text(o->arena, text);
    if (column) return text;
    return arena_printf(o->arena, "<span style=\"padding-left:%.1fem\">%s</span>",
                        1.2 * fmin(row->depth, 12), text);
}

// A spec of bare equations has no stages.
static const char *summary_title(const SummaryRows *rows, int column) {
    bool bare = rows->row.count > 0;
    for (int i = 0; i < rows->row.count; i++) bare = bare && rows->row.item[i].equation;
    return bare && column < 2 ? (column ? "equation" : "value") : summary_head[column];
}

static void print_summary(ReportPage *o) {
    SummaryRows rows = summary_rows(o->report->model->train);
    int count = rows.row.count < MOST_ROWS ? rows.row.count : MOST_ROWS;
    Text *out = &o->page.text;
    text_add(out, "<div class=\"table\"><table class=\"numbers\" id=\"summary\">\n<tr>");
    for (int c = 0; c < SUMMARY_COLUMNS; c++)
        text_printf(out, "<th%s>%s</th>", c >= 4 ? " class=\"number\"" : "",
                    summary_title(&rows, c));
    text_add(out, "</tr>\n");
    for (int i = 0; i < count; i++) {
        text_add(out, "<tr>");
        for (int c = 0; c < SUMMARY_COLUMNS; c++)
            text_printf(out, "<td%s>%s</td>", c >= 4 ? " class=\"number\"" : "",
                        summary_cell(o, &rows.row.item[i], c));
        text_add(out, "</tr>\n");
    }
    text_printf(out,
                "<tr><th>all</th><td></td><td></td><td></td><td class=\"number\"><b>%s</b></td>"
                "<td class=\"number\"><b>%s</b></td></tr>\n</table></div>\n",
                report_count(o, rows.parameters), report_count(o, rows.multiply_adds));
    report_small(o,
                 "Shapes of one sample; multiply-adds of one sample forward. A block's row sums up "
                 "its parts.");
    if (count < rows.row.count)
        report_small(
            o, report_words(o, "%d of %d rows; netc summary prints all.", count, rows.row.count));
}

// --- curves

static void print_curves(ReportPage *o) {
    const Report *r = o->report;
    if (!r->curves) return;
    report_section(o, "curves", "Training");
    text_add(&o->page.text, "<div class=\"drawing\" id=\"curve\">\n");
    chart_print_svg(r->curves, &o->page.text);
    text_add(&o->page.text, "</div>\n");
    if (r->last) {
        Text words = text_new(o->arena);
        text_printf(&words, "In training, at %s <data value=\"%.17g\">%.0f</data>: ", r->by,
                    r->steps, r->steps);
        for (int i = 0; i < r->table->result_count; i++)
            text_printf(&words, "%s%s <span class=\"last\">%s</span>", i ? ", " : "",
                        html_text(o->arena, r->table->result[i]),
                        report_figure(o, r->table->result[i], r->last[i]));
        text_add(&words, ".");
        report_say(o, words.bytes);
    }
    page_section_end(&o->page);
}

// --- settings, environment, repetition

// A stranger's text, cut where nobody would read on.
static const char *short_words(ReportPage *o, const char *text) {
    size_t size = strlen(text);
    if (size <= MOST_WORDS) return html_text(o->arena, text);
    size = MOST_WORDS;
    while (size && ((unsigned char)text[size] & 0xc0) == 0x80) size--;
    return html_text(o->arena, arena_printf(o->arena, "%.*s ...", (int)size, text));
}

static void fact_row(ReportPage *o, const char *name, const char *value) {
    text_printf(&o->page.text, "<tr><td>%s</td><td data-name=\"%s\">%s</td></tr>\n",
                short_words(o, name), short_words(o, name), short_words(o, value));
}

// "settings.optimizer.kind" is called "optimizer", "settings.optimizer.lr" "optimizer: lr".
static const char *setting_name(ReportPage *o, const char *name) {
    const char *dot = strchr(name, '.');
    if (!dot) return name;
    if (!strcmp(dot, ".kind")) return arena_copy(o->arena, name, (size_t)(dot - name));
    return arena_printf(o->arena, "%.*s: %s", (int)(dot - name), name, dot + 1);
}

static void print_settings(ReportPage *o) {
    static const char prefix[] = "settings.";
    const Report *r = o->report;
    int count = 0;
    report_section(o, "settings", "Hyper-parameters");
    text_add(&o->page.text, "<div class=\"columns facts\"><table>\n");
    for (int i = 0; i < r->fact.count && count < MOST_FACTS; i++) {
        const ReportFact *f = &r->fact.item[i];
        if (strncmp(f->name, prefix, strlen(prefix)) != 0) continue;
        fact_row(o, setting_name(o, f->name + strlen(prefix)), f->value);
        count++;
    }
    if (find_fact(r, "seed")) fact_row(o, "seed", find_fact(r, "seed"));
    text_add(&o->page.text, "</table></div>\n");
    page_section_end(&o->page);
}

static void print_environment(ReportPage *o) {
    static const struct {
        const char *fact, *words;
    } row[] = {{"netc", "netc"},
               {"precision", "precision"},
               {"style", "style of the C"},
               {"schedule", "schedule"},
               {"backend", "compiled by"},
               {"compiler", "compiler"},
               {"processor", "processor"},
               {"threads", "threads"},
               {"train_data.samples", "training samples"},
               {"test_data.samples", "test samples"},
               {"fingerprint", "fingerprint of the equations"}};
    report_section(o, "environment", "Environment");
    text_add(&o->page.text, "<div class=\"facts\"><table>\n");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char *value = find_fact(o->report, row[i].fact);
        if (value && strcmp(value, "none") != 0) fact_row(o, row[i].words, value);
    }
    text_add(&o->page.text, "</table></div>\n");
    report_small(o, "The number of threads changes the time, not the numbers.");
    page_section_end(&o->page);
}

static void print_repetition(ReportPage *o) {
    const Report *r = o->report;
    report_section(o, "repeat", "How to reproduce it");
    report_say(o, report_words(o,
                               "Save the spec below as %s. The same netc and compiler on the "
                               "same processor give the same bits.",
                               r->spec_name));
    page_code(&o->page, r->commands);
    page_fold(&o->page, "The spec");
    if (strlen(r->spec) <= MOST_SPEC)
        page_code(&o->page, r->spec);
    else
        report_small(o,
                     report_words(o, "%zu bytes, left out here: it is spec.net of the run folder.",
                                  strlen(r->spec)));
    page_fold_end(&o->page);
    page_section_end(&o->page);
}

// --- the page

static void print_lead(ReportPage *o) {
    const Report *r = o->report;
    const char *finished = find_fact(r, "finished");
    bool open = finished && !strcmp(finished, "false");
    text_printf(&o->page.text, "<p class=\"lead\">%s</p>\n",
                report_words(o, "A report of the run %s: the model %s of %s%s.", r->name,
                             r->model->name, r->spec_name,
                             open ? "; the training had not finished when this was written" : ""));
}

// Links to the sections that follow: found in the text itself.
static const char *contents(ReportPage *o, const char *sections) {
    static const char begin[] = "<section id=\"";
    Text out = text_new(o->arena);
    text_add(&out, "<p class=\"contents\">");
    for (const char *at = strstr(sections, begin); at; at = strstr(at, begin)) {
        at += strlen(begin);
        const char *words = strstr(at, "<h2>") + 4;
        text_printf(&out, "<a href=\"#%.*s\">%.*s</a> ", (int)strcspn(at, "\""), at,
                    (int)strcspn(words, "<"), words);
    }
    text_add(&out, "</p>\n");
    return out.bytes;
}

static void print_sections(ReportPage *o) {
    report_section(o, "network", "The network");
    draw_network(o);
    print_summary(o);
    page_section_end(&o->page);
    print_curves(o);
    report_confusions(o);
    report_outputs(o);
    report_worst(o);
    report_filters(o);
    report_weights(o);
    if (o->report->fact.count) {
        print_settings(o);
        print_environment(o);
    }
    print_repetition(o);
}

Text report_print(const Report *r) {
    Program *p = r->model->eval;
    ReportPage o = {r, p->arena, page_new(PAGE_HTML, p)};
    o.page.more_style = style;
    ReportPage sections = o;
    print_sections(&sections);
    page_begin(&o.page, r->model->name);
    print_lead(&o);
    print_missing(&o);
    print_cards(&o);
    text_add(&o.page.text, contents(&o, sections.page.text.bytes));
    text_add_bytes(&o.page.text, sections.page.text.bytes, sections.page.text.size);
    page_end(&o.page);
    return o.page.text;
}
