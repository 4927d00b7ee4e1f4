// sheet.c: the workbook itself, with libxlsxwriter: one sheet a learning rate, one that draws them
// all. sheet_none.c takes its place where the library is missing.
#include "teach/sheet.h"

#include <string.h>
#include <xlsxwriter.h>

enum { HEAD = 2, FIRST = 3 }; // rows, from 0: of the names, of iteration 0

typedef struct Book {
    const SheetBook *book;
    Arena *arena;
    lxw_workbook *file;
    lxw_format *typed, *computed, *head, *label, *note, *whole, *rate;
    lxw_worksheet **sheet; // of the runs
} Book;

static lxw_format *format_new(Book *b, uint32_t fill, uint32_t ink, bool bold, const char *number) {
    lxw_format *f = workbook_add_format(b->file);
    if (fill) format_set_bg_color(f, fill);
    if (ink) format_set_font_color(f, ink);
    if (bold) format_set_bold(f);
    if (number) format_set_num_format(f, number);
    return f;
}

static void make_formats(Book *b) {
    b->typed = format_new(b, 0xFFF2CC, 0x1F4E9E, false, "0.000000");
    b->computed = format_new(b, 0xDDEBF7, 0, false, "0.000000");
    b->whole = format_new(b, 0, 0, false, "0");
    b->rate = format_new(b, 0xFFF2CC, 0x1F4E9E, true, "General");
    b->head = format_new(b, 0x1F3864, 0xFFFFFF, true, NULL);
    b->label = format_new(b, 0, 0, true, NULL);
    b->note = format_new(b, 0, 0x595959, false, NULL);
    format_set_border(b->rate, LXW_BORDER_THIN);
    format_set_align(b->head, LXW_ALIGN_CENTER);
}

static const char *range(Book *b, const char *sheet, int column, int first, int last) {
    const char *letters = sheet_letters(b->arena, column);
    return arena_printf(b->arena, "='%s'!$%s$%d:$%s$%d", sheet, letters, first + 1, letters,
                        last + 1);
}

// --- one run

static void write_head(Book *b, int run) {
    const Sheet *s = b->book->sheet;
    lxw_worksheet *w = b->sheet[run];
    worksheet_write_string(w, 0, 0, "learning rate", b->label);
    if (run == 0)
        worksheet_write_number(w, 0, 1, b->book->run[0].lr, b->rate);
    else
        worksheet_write_formula_num(
            w, 0, 1, arena_printf(b->arena, "=rates!%s3", sheet_letters(b->arena, run)),
            b->computed, b->book->run[run].lr);
    worksheet_write_string(w, 0, 3, "typed", run ? b->computed : b->typed);
    worksheet_write_string(w, 0, 4, "formula", b->computed);
    worksheet_write_string(
        w, 0, 6,
        run ? "The inputs and first weights are those of the sheet 'training'."
            : "Change the learning rate, an input or a first weight: everything is computed again.",
        b->note);
    worksheet_write_string(w, HEAD, 0, "step", b->head);
    bool any_shared = false;
    for (int i = 0; i < s->column.count; i++) {
        int at = sheet_place(s, i);
        worksheet_write_string(w, HEAD, (lxw_col_t)at, s->column.item[i].name, b->head);
        if (s->column.item[i].is_shared && !any_shared)
            worksheet_write_string(w, HEAD - 1, (lxw_col_t)at, "parts that the gradients share",
                                   b->label);
        any_shared = any_shared || s->column.item[i].is_shared;
    }
    worksheet_set_column(w, 0, 0, 13, NULL);
    worksheet_set_column(w, 1, (lxw_col_t)(s->column.count + 2), 11, NULL);
    worksheet_freeze_panes(w, FIRST, 1);
    worksheet_set_landscape(w);
    worksheet_fit_to_pages(w, 1, 0); // one wide, as many as it takes high
    worksheet_repeat_rows(w, HEAD, HEAD);
}

// What the formulas of a row after the first are made from.
static const char *cell_formula(Book *b, const SheetColumn *c, int row, int place) {
    if (c->formula) return sheet_formula_at(b->arena, c->formula, FIRST + row + 1, "$B$1");
    if (row > 0) return sheet_formula_at(b->arena, c->next, FIRST + row, "$B$1");
    return arena_printf(b->arena, "training!%s%d", sheet_letters(b->arena, place), FIRST + 1);
}

static void write_rows(Book *b, int run) {
    const Sheet *s = b->book->sheet;
    lxw_worksheet *w = b->sheet[run];
    for (int row = 0; row < b->book->rows; row++) {
        lxw_row_t at = (lxw_row_t)(FIRST + row);
        worksheet_write_number(w, at, 0, row, b->whole);
        for (int i = 0; i < s->column.count; i++) {
            const SheetColumn *c = &s->column.item[i];
            int place = sheet_place(s, i);
            double value =
                b->book->run[run].value[(size_t)row * (size_t)s->column.count + (size_t)i];
            if (!c->formula && row == 0 && run == 0) {
                worksheet_write_number(w, at, (lxw_col_t)place, value, b->typed);
                continue;
            }
            const char *formula = arena_printf(b->arena, "=%s", cell_formula(b, c, row, place));
            worksheet_write_formula_num(w, at, (lxw_col_t)place, formula, b->computed, value);
        }
    }
}

// --- the charts

static void dress_chart(const Book *b, lxw_chart *chart, const char *title, const char *loss) {
    chart_title_set_name(chart, title);
    chart_axis_set_name(chart->x_axis, "iteration");
    chart_axis_set_name(chart->y_axis, loss);
    chart_axis_set_max(chart->x_axis, b->book->rows - 1);
    chart_axis_set_min(chart->y_axis, 0);
}

static void draw_line(lxw_chart_series *series, int i) {
    static const uint32_t colour[] = {0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7,
                                      0xE69F00, 0x56B4E9, 0x000000}; // Okabe and Ito
    static const uint8_t dash[] = {LXW_CHART_LINE_DASH_SOLID, LXW_CHART_LINE_DASH_LONG_DASH,
                                   LXW_CHART_LINE_DASH_ROUND_DOT, LXW_CHART_LINE_DASH_DASH_DOT,
                                   LXW_CHART_LINE_DASH_DASH};
    lxw_chart_line line = {.color = colour[i % 7], .width = 2, .dash_type = dash[i % 5]};
    chart_series_set_line(series, &line);
}

static void draw_curve(Book *b) {
    const Sheet *s = b->book->sheet;
    const char *loss = s->column.item[s->loss].name;
    int last = FIRST + b->book->rows - 1;
    lxw_chartsheet *page = workbook_add_chartsheet(b->file, "curve");
    lxw_chart *chart = workbook_add_chart(b->file, LXW_CHART_SCATTER_STRAIGHT);
    lxw_chart_series *series =
        chart_add_series(chart, range(b, "training", 0, FIRST, last),
                         range(b, "training", sheet_place(s, s->loss), FIRST, last));
    chart_series_set_name(series, loss);
    draw_line(series, 0);
    dress_chart(b, chart, arena_printf(b->arena, "%s: %s against iteration", b->book->title, loss),
                loss);
    chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    chartsheet_set_chart(page, chart);
}

static void fill_rates(Book *b, lxw_worksheet *w) {
    const Sheet *s = b->book->sheet;
    const char *loss = sheet_letters(b->arena, sheet_place(s, s->loss));
    worksheet_write_string(
        w, 0, 0,
        arena_printf(b->arena, "%s for several learning rates", s->column.item[s->loss].name),
        b->label);
    worksheet_write_string(w, HEAD - 1, 1, "learning rates: change them", b->note);
    worksheet_write_string(w, HEAD, 0, "step", b->head);
    for (int r = 1; r < b->book->run_count; r++)
        worksheet_write_number(w, HEAD, (lxw_col_t)r, b->book->run[r].lr, b->rate);
    for (int row = 0; row < b->book->rows; row++) {
        worksheet_write_number(w, (lxw_row_t)(FIRST + row), 0, row, b->whole);
        for (int r = 1; r < b->book->run_count; r++)
            worksheet_write_formula_num(
                w, (lxw_row_t)(FIRST + row), (lxw_col_t)r,
                arena_printf(b->arena, "='%s'!%s%d", b->book->run[r].name, loss, FIRST + row + 1),
                b->computed,
                b->book->run[r].value[(size_t)row * (size_t)s->column.count + (size_t)s->loss]);
    }
    worksheet_set_column(w, 0, (lxw_col_t)b->book->run_count, 11, NULL);
    worksheet_freeze_panes(w, FIRST, 1);
}

static void draw_rates(Book *b, lxw_worksheet *w) {
    int last = FIRST + b->book->rows - 1;
    lxw_chart *chart = workbook_add_chart(b->file, LXW_CHART_SCATTER_STRAIGHT);
    for (int r = 1; r < b->book->run_count; r++) {
        lxw_chart_series *series = chart_add_series(chart, range(b, "rates", 0, FIRST, last),
                                                    range(b, "rates", r, FIRST, last));
        chart_series_set_name_range(series, "rates", HEAD, (lxw_col_t)r);
        draw_line(series, r - 1);
    }
    const char *loss = b->book->sheet->column.item[b->book->sheet->loss].name;
    dress_chart(b, chart, arena_printf(b->arena, "%s for each learning rate", loss), loss);
    lxw_chart_options size = {.x_scale = 1.9, .y_scale = 1.9};
    worksheet_insert_chart_opt(w, FIRST, (lxw_col_t)(b->book->run_count + 1), chart, &size);
}

const char *sheet_write(const SheetBook *book, const char *path) {
    Book b = {.book = book, .arena = book->sheet->arena};
    b.file = workbook_new(path);
    if (!b.file) return "the workbook cannot be begun";
    lxw_doc_properties about = {.comments = (char[]){"made by netc sheet"},
                                .created = 946684800}; // always the same
    about.title = arena_printf(b.arena, "%s", book->title);
    workbook_set_properties(b.file, &about);
    make_formats(&b);
    b.sheet = arena_new_array(b.arena, lxw_worksheet *, book->run_count);
    b.sheet[0] = workbook_add_worksheet(b.file, "training");
    workbook_define_name(b.file, "learning_rate", "=training!$B$1");
    draw_curve(&b);
    lxw_worksheet *rates = book->run_count > 1 ? workbook_add_worksheet(b.file, "rates") : NULL;
    for (int r = 1; r < book->run_count; r++)
        b.sheet[r] = workbook_add_worksheet(b.file, book->run[r].name);
    for (int r = 0; r < book->run_count; r++) {
        write_head(&b, r);
        write_rows(&b, r);
    }
    if (rates) {
        fill_rates(&b, rates);
        draw_rates(&b, rates);
    }
    lxw_error error = workbook_close(b.file);
    return error ? lxw_strerror(error) : NULL;
}
