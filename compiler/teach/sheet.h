// sheet.h: a network's training as a live workbook: a row an iteration, inputs and first weights
// typed, all else formulas.
//
// The cells follow the equations: every element of every tensor is a column, and its formula is its
// equation at that element, so that a spreadsheet computes what the compiled program computes.
#ifndef NETC_TEACH_SHEET_H
#define NETC_TEACH_SHEET_H

#include "teach/numbers.h"

enum { SHEET_COLUMNS = 1000, SHEET_CELLS = 500000, SHEET_FORMULA = 8000 };

typedef struct SheetColumn {
    const Tensor *tensor;
    int64_t element;
    const char *name;
    const char *formula; // with marks for cells, see sheet_formula_at; NULL: typed
    const char *next;    // of parameters and states: what the row below has
    bool is_shared;      // not in the list of the worksheet, but gradients need it
} SheetColumn;

typedef struct Sheet {
    Arena *arena;
    LIST(SheetColumn) column;
    int *first;          // by tensor id: its first column, -1: none
    const char *problem; // why there can be no workbook, with the remedy; NULL: fine
    int loss;            // its column
} Sheet;

// The numbers a step that its table would have, by which a network is too large or not.
int64_t sheet_numbers(Program *p);
// The columns of a program after differentiate(), not simplified.
Sheet sheet_columns(Program *p, const Numbers *numbers);
// The formula for a row: cells of the same sheet, 1 the first row. `rate`: the cell of the learning
// rate.
const char *sheet_formula_at(Arena *a, const char *formula, int row, const char *rate);
// Where a column of the list stands on the worksheet: after the iteration, the shared ones after a
// gap.
int sheet_place(const Sheet *s, int column);
// "A", ..., "Z", "AA" for 0 ...
const char *sheet_letters(Arena *a, int column);

// One run: a sheet of the workbook.
typedef struct SheetRun {
    const char *name; // of the sheet
    double lr;
    const double *value; // rows * columns: what the compiled program computed
} SheetRun;

typedef struct SheetBook {
    const Sheet *sheet;
    const char *title;
    int rows;      // iterations + 1
    SheetRun *run; // the first is the spec's own rate, the rest the sweep's
    int run_count;
} SheetBook;

// Writes the workbook; equal calls write equal bytes. NULL, or what went wrong.
const char *sheet_write(const SheetBook *book, const char *path);

#endif
