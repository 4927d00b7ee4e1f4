// page.c: see page.h.
#include "teach/page.h"

#include <string.h>

static const char style[] =
    ":root{color-scheme:light "
    "dark;--ink:#1b1f24;--soft:#59636e;--paper:#fff;--card:#f6f8fa;--line:#d1d9e0;"
    "--accent:#0b57a4;--mark:#fff4cc}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa5b1;--paper:#14181d;--card:#"
    "1c2229;"
    "--line:#39424d;--accent:#7ab7ff;--mark:#40381a}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:2rem 1.25rem "
    "5rem;max-width:68rem;background:var(--paper);color:var(--ink);"
    "font:17px/1.55 \"Source Serif 4\",Charter,Georgia,\"DejaVu Serif\",serif}\n"
    "h1{font-size:2rem;line-height:1.2;margin:.2em 0 .6em}\n"
    "h2{font-size:1.4rem;margin:2.4em 0 .7em;border-bottom:2px solid "
    "var(--line);padding-bottom:.25em}\n"
    "h3{font-size:1.12rem;margin:0 0 .7em;font-weight:600}h3 math{font-size:1.1em}\n"
    "section.step{background:var(--card);border:1px solid "
    "var(--line);border-radius:10px;padding:1.1rem 1.3rem;"
    "margin:1.3rem 0;break-inside:avoid}\n"
    "p{margin:.6em 0;max-width:54rem}a{color:var(--accent)}\n"
    "math{font-family:\"Latin Modern Math\",\"STIX Two Math\",\"Cambria Math\",math}\n"
    "td math,p math{font-size:1.08em}mfrac{padding:0 "
    ".12em}msup>mtext,msubsup>mtext{font-size:.56em}\n"
    "td:nth-child(2){min-width:9em}munder mtd{padding:0}\n"
    ".formulas{overflow-x:auto;margin:.5em 0 .5em 1.4em;padding:.2em 0}.formulas "
    "math{font-size:1.08em}\n"
    ".cases mtd{text-align:left}\n"
    ".formulas mtd{padding:.32em .2em}.formulas munder mtd{padding:.08em 0}\n"
    ".table{overflow-x:auto}table{border-collapse:collapse;margin:.7em 0;font-size:.94em}\n"
    "th,td{text-align:left;padding:.35em .8em;border-bottom:1px solid "
    "var(--line);vertical-align:middle}\n"
    "th{color:var(--soft);font-weight:600;font-size:.86em}\n"
    "td{font-variant-numeric:tabular-nums}\n"
    "code,pre{font:.86em/1.5 \"JetBrains Mono\",\"DejaVu Sans Mono\",Consolas,monospace}\n"
    "pre{background:var(--paper);border:1px solid var(--line);border-left:4px solid "
    "var(--accent);border-radius:6px;"
    "padding:.7em .9em;overflow-x:auto;margin:.7em 0}\n"
    "details{margin:1rem 0}summary{cursor:pointer;color:var(--accent)}\n"
    ".paths .formulas math{font-size:1em}.paths td math{font-size:.94em}\n"
    "@media print{.paths .formulas math{font-size:.82em}.paths td "
    "math{font-size:.8em}:root{--ink:#000;--soft:#444;--paper:#fff;--card:#fff;--line:#999;--"
    "accent:#000}"
    "body{max-width:none;padding:0;font-size:10pt;line-height:1.4}pre{white-space:pre-wrap}"
    "a{text-decoration:none}h1{font-size:1.7rem}h2{margin-top:1.4em}h2,h3{break-after:avoid}"
    "section.step{padding:.7rem 1rem;margin:.8rem 0;break-inside:auto;border-width:1px 0 "
    "0;border-radius:0}.formulas,table,pre{break-inside:avoid}td,th{padding:.2em "
    ".7em}tr{break-inside:avoid}details::details-content{display:block;content-visibility:visible}"
    "}\n";

const char *page_style(void) {
    return style;
}

Page page_new(PageFormat format, const Program *p) {
    return (Page){.format = format, .program = p, .arena = p->arena, .text = text_new(p->arena)};
}

MathStyle page_math_style(const Page *o) {
    return o->format == PAGE_HTML ? MATH_ML : MATH_LATEX;
}

// --- markup

static const char *markdown_text(Arena *a, const char *text) {
    Text t = text_new(a);
    for (; *text; text++) {
        if (*text == '<')
            text_add(&t, "&lt;");
        else if (strchr("\\`*_[]#|$", *text))
            text_printf(&t, "\\%c", *text);
        else
            text_add_bytes(&t, text, 1);
    }
    return t.bytes;
}

const char *page_words(const Page *o, const char *text) {
    switch (o->format) {
    case PAGE_HTML: return html_text(o->arena, text);
    case PAGE_MARKDOWN: return markdown_text(o->arena, text);
    case PAGE_LATEX: return latex_text(o->arena, text);
    }
    return "";
}

const char *page_math(const Page *o, const char *mathematics) {
    if (o->format == PAGE_HTML)
        return arena_printf(o->arena, "<math displaystyle=\"true\">%s</math>", mathematics);
    if (o->format == PAGE_LATEX) return arena_printf(o->arena, "$\\displaystyle %s$", mathematics);
    return arena_printf(o->arena, "$%s$", mathematics);
}

const char *page_code_words(const Page *o, const char *text) {
    switch (o->format) {
    case PAGE_HTML: return arena_printf(o->arena, "<code>%s</code>", html_text(o->arena, text));
    case PAGE_MARKDOWN:
        if (strchr(text, '`')) return arena_printf(o->arena, "`` %s ``", text);
        return arena_printf(o->arena, "`%s`", text);
    case PAGE_LATEX: return arena_printf(o->arena, "\\texttt{%s}", latex_text(o->arena, text));
    }
    return "";
}

const char *page_bold(const Page *o, const char *markup) {
    static const char *const form[] = {"<b>%s</b>", "**%s**", "\\textbf{%s}"};
    Text t = text_new(o->arena);
    const char *mark = strstr(form[o->format], "%s");
    text_add_bytes(&t, form[o->format], (size_t)(mark - form[o->format]));
    text_add(&t, markup);
    text_add(&t, mark + 2);
    return t.bytes;
}

const char *page_link(const Page *o, const char *anchor, const char *markup) {
    switch (o->format) {
    case PAGE_HTML: return arena_printf(o->arena, "<a href=\"#%s\">%s</a>", anchor, markup);
    case PAGE_MARKDOWN: return arena_printf(o->arena, "[%s](#%s)", markup, anchor);
    case PAGE_LATEX: return markup;
    }
    return "";
}

const char *page_join(const Page *o, const char *const *markup, int count) {
    Text t = text_new(o->arena);
    for (int i = 0; i < count; i++) text_add(&t, markup[i]);
    return t.bytes;
}

// --- parts of a page

// Names of stages make formulas wide.
static bool has_paths(const Program *p) {
    for (int i = 0; i < p->tensor.count; i++)
        if (strchr(p->tensor.item[i]->name, '.')) return true;
    return false;
}

static void begin_html(Page *o, const char *title) {
    text_printf(&o->text,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                "<title>%s</title>\n<style>\n%s%s</style>\n</head>\n<body%s>\n<h1>%s</h1>\n",
                html_text(o->arena, title), style, o->more_style ? o->more_style : "",
                has_paths(o->program) ? " class=\"paths\"" : "", html_text(o->arena, title));
}

static void begin_latex(Page *o, const char *title) {
    text_printf(
        &o->text,
        "\\documentclass[11pt,fleqn]{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage[T1]{"
        "fontenc}\n"
        "\\usepackage[margin=2.2cm]{geometry}\n\\usepackage{amsmath}\n\\setlength{\\parindent}{0pt}"
        "\n"
        "\\setlength{\\parskip}{5pt}\n\\allowdisplaybreaks\n\\raggedbottom\n\\sloppy\n\\begin{"
        "document}"
        "\n\\section*{%s}\n",
        latex_text(o->arena, title));
}

void page_begin(Page *o, const char *title) {
    switch (o->format) {
    case PAGE_HTML: begin_html(o, title); return;
    case PAGE_MARKDOWN: text_printf(&o->text, "# %s\n\n", markdown_text(o->arena, title)); return;
    case PAGE_LATEX: begin_latex(o, title); return;
    }
}

void page_end(Page *o) {
    if (o->format == PAGE_HTML) text_add(&o->text, "</body>\n</html>\n");
    if (o->format == PAGE_LATEX) text_add(&o->text, "\\end{document}\n");
}

void page_section(Page *o, int level, const char *anchor, const char *markup) {
    switch (o->format) {
    case PAGE_HTML:
        text_printf(&o->text,
                    level > 2 ? "<section class=\"step\" id=\"%s\">\n" : "<section id=\"%s\">\n",
                    anchor);
        text_printf(&o->text, "<h%d>%s</h%d>\n", level, markup, level);
        return;
    case PAGE_MARKDOWN:
        text_printf(&o->text, "<a id=\"%s\"></a>\n\n%s %s\n\n", anchor, level > 2 ? "###" : "##",
                    markup);
        return;
    case PAGE_LATEX:
        text_printf(&o->text, "\n\\%ssection*{%s}\n", level > 2 ? "subsub" : "sub", markup);
        return;
    }
}

void page_section_end(Page *o) {
    if (o->format == PAGE_HTML) text_add(&o->text, "</section>\n");
}

void page_paragraph(Page *o, const char *markup) {
    if (o->format == PAGE_HTML)
        text_printf(&o->text, "<p>%s</p>\n", markup);
    else
        text_printf(&o->text, "%s\n\n", markup);
}

// A right side that goes over several rows, as rows.
static const PageRow *split_rows(Page *o, const PageRow *row, int *count) {
    LIST(PageRow) rows = {0};
    for (int i = 0; i < *count; i++) {
        const char *left = row[i].left, *rest = row[i].right, *end;
        while ((end = strchr(rest, MATH_BREAK))) {
            const char *part = arena_copy(o->arena, rest, (size_t)(end - rest));
            list_add(o->arena, rows, ((PageRow){left, part}));
            left = "";
            rest = arena_printf(
                o->arena, o->format == PAGE_HTML ? "<mspace width=\"1em\"/>%s" : "\\quad {}%s",
                end + 1);
        }
        list_add(o->arena, rows, ((PageRow){left, rest}));
    }
    *count = rows.count;
    return rows.item;
}

void page_formulas(Page *o, const PageRow *row, int count) {
    if (!count) return;
    row = split_rows(o, row, &count);
    if (o->format == PAGE_HTML) {
        text_add(
            &o->text,
            "<div class=\"formulas\"><math displaystyle=\"true\"><mtable displaystyle=\"true\" "
            "columnalign=\"right left\">\n");
        for (int i = 0; i < count; i++)
            text_printf(&o->text,
                        "<mtr><mtd style=\"text-align:right\">%s</mtd><mtd "
                        "style=\"text-align:left\">%s</mtd></mtr>\n",
                        row[i].left, row[i].right);
        text_add(&o->text, "</mtable></math></div>\n");
        return;
    }
    bool markdown = o->format == PAGE_MARKDOWN;
    if (!markdown && o->text.size > 1 && !strcmp(o->text.bytes + o->text.size - 2, "\n\n"))
        o->text.bytes[--o->text.size] = 0; // a display stands in its paragraph
    text_add(&o->text, markdown ? "```math\n\\begin{aligned}\n" : "\\begin{align*}\n");
    for (int i = 0; i < count; i++)
        text_printf(&o->text, "%s &%s%s\n", row[i].left, row[i].right,
                    i + 1 < count ? " \\\\" : "");
    text_add(&o->text, markdown ? "\\end{aligned}\n```\n\n" : "\\end{align*}\n");
}

// Room for the fractions of a row.
static const char *strut(const char *const *cell, int columns) {
    for (int i = 0; i < columns; i++)
        if (strstr(cell[i], "\\frac")) return "\\rule[-3.2ex]{0pt}{7.6ex}";
    return "";
}

static void table_row(Page *o, const char *const *cell, int columns, bool head) {
    static const char *const between[] = {"", " | ", " & "};
    if (o->format == PAGE_HTML) text_add(&o->text, "<tr>");
    if (o->format == PAGE_MARKDOWN) text_add(&o->text, "| ");
    if (o->format == PAGE_LATEX) text_add(&o->text, strut(cell, columns));
    for (int i = 0; i < columns; i++) {
        if (i) text_add(&o->text, between[o->format]);
        if (o->format == PAGE_HTML)
            text_printf(&o->text, head ? "<th>%s</th>" : "<td>%s</td>", cell[i]);
        else
            text_add(&o->text, cell[i]);
    }
    static const char *const end[] = {"</tr>\n", " |\n", " \\\\\n"};
    text_add(&o->text, end[o->format]);
}

void page_table(Page *o, const char *const *head, int columns, const char *const *cell, int rows) {
    if (o->format == PAGE_HTML) text_add(&o->text, "<div class=\"table\"><table>\n");
    if (o->format == PAGE_LATEX) {
        text_add(&o->text, "\\begin{center}\\begin{tabular}{");
        for (int i = 0; i < columns; i++) text_add(&o->text, "l");
        text_add(&o->text, "}\n");
    }
    table_row(o, head, columns, true);
    if (o->format == PAGE_MARKDOWN) {
        text_add(&o->text, "|");
        for (int i = 0; i < columns; i++) text_add(&o->text, " --- |");
        text_add(&o->text, "\n");
    }
    if (o->format == PAGE_LATEX) text_add(&o->text, "\\hline\n");
    for (int i = 0; i < rows; i++) table_row(o, cell + (ptrdiff_t)i * columns, columns, false);
    if (o->format == PAGE_HTML) text_add(&o->text, "</table></div>\n");
    if (o->format == PAGE_MARKDOWN) text_add(&o->text, "\n");
    if (o->format == PAGE_LATEX) text_add(&o->text, "\\end{tabular}\\end{center}\n");
}

// The one thing that verbatim text must not hold is its end.
static const char *verbatim_text(Arena *a, const char *text) {
    static const char end[] = "\\end{verbatim";
    Text t = text_new(a);
    for (; *text; text++) {
        text_add_bytes(&t, text, 1);
        if (!strncmp(text, end, strlen(end))) text_add(&t, " ");
    }
    return t.bytes;
}

void page_code(Page *o, const char *text) {
    switch (o->format) {
    case PAGE_HTML: text_printf(&o->text, "<pre>%s</pre>\n", html_text(o->arena, text)); return;
    case PAGE_MARKDOWN: text_printf(&o->text, "```c\n%s\n```\n\n", text); return;
    case PAGE_LATEX:
        text_printf(&o->text, "{\\footnotesize\\begin{verbatim}\n%s\n\\end{verbatim}}\n",
                    verbatim_text(o->arena, text));
        return;
    }
}

void page_fold(Page *o, const char *markup) {
    if (o->format == PAGE_HTML)
        text_printf(&o->text, "<details><summary>%s</summary>\n", markup);
    else
        page_paragraph(o, markup);
}

void page_fold_end(Page *o) {
    if (o->format == PAGE_HTML) text_add(&o->text, "</details>\n");
}
