// page.h: one text in three formats: an HTML page with MathML that needs nothing else, Markdown
// with $..$, a LaTeX article.
//
// Markup is text of the page's format. page_words and page_math make it, the rest puts it on the
// page.
#ifndef NETC_TEACH_PAGE_H
#define NETC_TEACH_PAGE_H

#include "teach/math.h"

typedef enum PageFormat { PAGE_HTML, PAGE_MARKDOWN, PAGE_LATEX } PageFormat;

typedef struct Page {
    PageFormat format;
    const Program *program;
    Arena *arena;
    Text text;
    const char *more_style; // of an HTML page, after the common one; NULL: none
} Page;

typedef struct PageRow {
    const char *left, *right; // mathematics without delimiters; left may be ""
} PageRow;

Page page_new(PageFormat format, const Program *p);
MathStyle page_math_style(const Page *o);

const char *page_words(const Page *o, const char *text);       // escaped
const char *page_math(const Page *o, const char *mathematics); // within a line
const char *page_code_words(const Page *o, const char *text);  // a few words of code
const char *page_bold(const Page *o, const char *markup);
const char *page_link(const Page *o, const char *anchor, const char *markup);
const char *page_join(const Page *o, const char *const *markup, int count);

void page_begin(Page *o, const char *title);
void page_end(Page *o);
// A section: what belongs together and should not break over two printed pages. anchor: letters,
// digits and -.
void page_section(Page *o, int level, const char *anchor, const char *markup);
void page_section_end(Page *o);
void page_paragraph(Page *o, const char *markup);
void page_formulas(Page *o, const PageRow *row, int count); // aligned
void page_table(Page *o, const char *const *head, int columns, const char *const *cell, int rows);
void page_code(Page *o, const char *text);
void page_fold(Page *o,
               const char *markup); // what follows is shown on demand, where the format can
void page_fold_end(Page *o);

// The style sheet that the HTML pages of this folder share.
const char *page_style(void);

#endif
