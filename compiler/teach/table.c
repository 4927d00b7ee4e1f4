// table.c: see table.h.
#include "teach/table.h"

#include <stdio.h>
#include <string.h>

static void add_csv(Text *out, const char *text) {
    if (!strpbrk(text, ",\"\r\n")) {
        text_add(out, text);
        return;
    }
    text_add(out, "\"");
    for (; *text; text++) {
        if (*text == '"') text_add(out, "\"");
        text_add_bytes(out, text, 1);
    }
    text_add(out, "\"");
}

static bool is_missing(const TableRow *row, int column) {
    return row->is_missing && row->is_missing[column];
}

void table_print_csv(const Table *t, Text *out) {
    int cells = 0;
    for (int i = 0; i < t->key.count; i++) {
        text_add(out, cells++ ? "," : "");
        add_csv(out, t->key.item[i]);
    }
    for (int i = 0; i < t->column.count; i++) {
        text_add(out, cells++ ? "," : "");
        add_csv(out, t->column.item[i].name);
    }
    text_add(out, "\n");
    for (int r = 0; r < t->row.count; r++) {
        const TableRow *row = &t->row.item[r];
        for (int i = 0; i < t->key.count; i++) {
            text_add(out, i ? "," : "");
            add_csv(out, row->key[i]);
        }
        for (int i = 0; i < t->column.count; i++) {
            text_add(out, i || t->key.count ? "," : "");
            if (!is_missing(row, i)) text_printf(out, "%.17g", row->value[i]);
        }
        text_add(out, "\n");
    }
}

static void add_markdown(Text *out, const char *text) {
    for (; *text; text++) {
        if (strchr("|\\`*_[]<>", *text)) text_add(out, "\\");
        text_add_bytes(out, *text == '\n' ? " " : text, 1);
    }
}

void table_print_markdown(const Table *t, Text *out) {
    if (t->title) {
        text_add(out, "# ");
        add_markdown(out, t->title);
        text_add(out, "\n\n");
    }
    for (int i = 0; i < t->key.count; i++) {
        text_add(out, "| ");
        add_markdown(out, t->key.item[i]);
        text_add(out, " ");
    }
    for (int i = 0; i < t->column.count; i++) {
        text_add(out, "| ");
        add_markdown(out, t->column.item[i].name);
        text_add(out, " ");
    }
    text_add(out, "|\n");
    for (int i = 0; i < t->key.count + t->column.count; i++) text_add(out, "|--:");
    text_add(out, "|\n");
    for (int r = 0; r < t->row.count; r++) {
        const TableRow *row = &t->row.item[r];
        for (int i = 0; i < t->key.count; i++) {
            text_add(out, "| ");
            add_markdown(out, row->key[i]);
            text_add(out, " ");
        }
        for (int i = 0; i < t->column.count; i++) {
            text_add(out, "| ");
            if (!is_missing(row, i)) text_printf(out, "%.10g ", row->value[i]);
        }
        text_add(out, "|\n");
    }
}

void xml_add(Text *out, const char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '<')
            text_add(out, "&lt;");
        else if (c == '>')
            text_add(out, "&gt;");
        else if (c == '&')
            text_add(out, "&amp;");
        else if (c == '"')
            text_add(out, "&quot;");
        else if (c < 0x20 || c == 0x7f)
            text_add(out, "\xef\xbf\xbd");
        else
            text_add_bytes(out, text, 1);
    }
}

// The colours of groups are tints that keep black (white, in the dark) text readable; a line on top
// of each heading says the same without colour.
static const char page_style[] =
    ":root{color-scheme:light dark}\n"
    "body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem;color:CanvasText;background:Canvas}\n"
    "h1{font-size:1.3rem;margin:0 0 .3rem}\n"
    "p{margin:.2rem 0 .8rem;max-width:60rem}\n"
    ".scroll{overflow:auto;max-height:85vh;border:1px solid GrayText}\n"
    "table{border-collapse:separate;border-spacing:0;font:13px/1.35 ui-monospace,monospace;"
    "font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.15rem .6rem;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid rgba(128,128,128,.25)}\n"
    "thead th{position:sticky;top:0;background:Canvas;border-bottom:2px solid currentColor}\n"
    "thead small{display:block;font-weight:400;opacity:.75}\n"
    "thead th.key{z-index:2}\n"
    "tbody th{position:sticky;background:Canvas;font-weight:600}\n"
    "td.input,td.target{background:rgba(128,128,128,.12)}\n"
    "td.weight,td.state{background:rgba(0,114,178,.13)}\n"
    "td.gradient{background:rgba(230,159,0,.16)}\n"
    "td.histogram{padding:.15rem .3rem;font-size:11px;min-width:2.2rem;border-left:1px solid "
    "Canvas;background:linear-gradient(rgba(0,114,178,.35),rgba(0,114,178,.35)) bottom/100% "
    "var(--share,0) no-repeat}\n"
    "th.word{text-align:left}\n"
    "tbody tr:hover td,tbody tr:hover th{outline:1px solid rgba(128,128,128,.6)}\n"
    "@media print{body{margin:0}.scroll{overflow:visible;max-height:none;border:0}"
    "thead th,tbody th{position:static}th.key{min-width:0}th,td{padding:.1em .5ch}}\n";

static size_t widest_number(const Table *t, int column) {
    size_t widest = strlen(t->column.item[column].name);
    for (int r = 0; r < t->row.count; r++) {
        if (is_missing(&t->row.item[r], column)) continue;
        int size = snprintf(NULL, 0, "%.10g", t->row.item[r].value[column]);
        if ((size_t)size > widest) widest = (size_t)size;
    }
    return widest;
}

// The key columns stay where the others scroll, so each must know how wide those before it are. On
// paper nothing scrolls: the letters become so small that all columns have room.
static void add_places(const Table *t, Text *out) {
    size_t letters = 0;
    for (int i = 0; i < t->key.count; i++) {
        size_t widest = strlen(t->key.item[i]);
        for (int r = 0; r < t->row.count; r++) {
            size_t size = strlen(t->row.item[r].key[i]);
            if (size > widest) widest = size;
        }
        text_printf(out, "th.key:nth-child(%d){left:calc(%zuch + %.1frem);min-width:%zuch}\n",
                    i + 1, letters, 1.2 * i, widest);
        letters += widest;
    }
    for (int i = 0; i < t->column.count; i++) letters += widest_number(t, i);
    letters += (size_t)(t->key.count + t->column.count); // a letter between columns
    text_printf(out,
                "@media print{@page{size:landscape;margin:10mm}table{font-size:min(8pt,calc("
                "99vw/%.0f))}}\n",
                (double)letters * 0.61);
}

static bool is_words(const Table *t, int key) {
    return t->row.count && !strchr("+-.0123456789", t->row.item[0].key[key][0]);
}

static void open_key(const Table *t, int key, const char *scope, Text *out) {
    text_printf(out, "<th scope=\"%s\" class=\"key%s\">", scope, is_words(t, key) ? " word" : "");
}

static double largest_bar(const Table *t, const TableRow *row) {
    double most = 0;
    for (int i = 0; i < t->column.count; i++)
        if (!strcmp(t->column.item[i].group, TABLE_BARS) && !is_missing(row, i) &&
            row->value[i] > most)
            most = row->value[i];
    return most;
}

static void add_cell(const Table *t, const TableRow *row, int column, double most, Text *out) {
    const char *group = t->column.item[column].group;
    double value = row->value[column];
    text_printf(out, "<td class=\"%s\"", group);
    if (is_missing(row, column)) {
        text_add(out, "></td>");
        return;
    }
    if (!strcmp(group, TABLE_BARS) && most > 0)
        text_printf(out, " style=\"--share:%.0f%%\"", 100 * value / most);
    text_printf(out, " title=\"%.17g\">%.10g</td>", value, value);
}

static void add_page_head(const Table *t, Text *out) {
    text_add(out,
             "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    xml_add(out, t->title ? t->title : "");
    text_printf(out, "</title>\n<style>\n%s", page_style);
    add_places(t, out);
    text_add(out, "</style>\n<h1>");
    xml_add(out, t->title ? t->title : "");
    text_add(out, "</h1>\n<p>");
    xml_add(out, t->about ? t->about : "");
    text_add(out, "</p>\n<div class=\"scroll\">\n<table>\n<thead><tr>");
    for (int i = 0; i < t->key.count; i++) {
        open_key(t, i, "col", out);
        xml_add(out, t->key.item[i]);
        text_add(out, "</th>");
    }
    for (int i = 0; i < t->column.count; i++) {
        const char *group = t->column.item[i].group;
        bool again = !strcmp(group, TABLE_BARS) && i && !strcmp(group, t->column.item[i - 1].group);
        text_add(out, "<th scope=\"col\"><small>");
        xml_add(out, again ? "\xc2\xa0" : group); // a bar is narrower than the word
        text_add(out, "</small>");
        xml_add(out, t->column.item[i].name);
        text_add(out, "</th>");
    }
    text_add(out, "</tr></thead>\n<tbody>\n");
}

void table_print_html(const Table *t, Text *out) {
    add_page_head(t, out);
    for (int r = 0; r < t->row.count; r++) {
        const TableRow *row = &t->row.item[r];
        text_add(out, "<tr>");
        for (int i = 0; i < t->key.count; i++) {
            open_key(t, i, "row", out);
            xml_add(out, row->key[i]);
            text_add(out, "</th>");
        }
        double most = largest_bar(t, row);
        for (int i = 0; i < t->column.count; i++) add_cell(t, row, i, most, out);
        text_add(out, "</tr>\n");
    }
    text_add(out, "</tbody>\n</table>\n</div>\n</html>\n");
}
