// table.h: a table of numbers as a file for people and programs: CSV, Markdown, or one page of
// HTML.
#ifndef NETC_TEACH_TABLE_H
#define NETC_TEACH_TABLE_H

#include "support/text.h"

// The group of counts that lie side by side, of which a page makes the bars of a histogram.
#define TABLE_BARS "histogram"

typedef struct TableColumn {
    const char *name;
    const char *group; // "input", "weight", ...: what a page colours alike
} TableColumn;

typedef struct TableRow {
    const char *const *key; // as many as the table has keys
    const double *value;    // as many as it has columns
    const bool *is_missing; // per column; NULL: none is
} TableRow;

typedef struct Table {
    Arena *arena;
    const char *title, *about; // of the page
    LIST(const char *) key;    // names of the first columns, whose cells are text: "lr", "step"
    LIST(TableColumn) column;
    LIST(TableRow) row;
} Table;

// RFC 4180; numbers with 17 digits, which read back as the same double.
void table_print_csv(const Table *t, Text *out);
// A table of GitHub's Markdown; numbers with 10 digits.
void table_print_markdown(const Table *t, Text *out);
// One page, no script; numbers with 10 digits, all 17 in the tip of a cell.
void table_print_html(const Table *t, Text *out);

// `text` with <, >, & and quotes as HTML and XML want them; control characters, which neither may
// hold, become U+FFFD.
void xml_add(Text *out, const char *text);

#endif
