// summary.h: the sizes of a model as tables for people.
#ifndef NETC_TEACH_SUMMARY_H
#define NETC_TEACH_SUMMARY_H

#include "equation/equation.h"

// What the model needs at run time, in bytes. The equations do not tell; the caller's lowering
// does.
typedef struct SummaryBytes {
    size_t training;  // a whole step at the spec's batch size, without the optimizer's moments
    size_t inference; // one sample at a time
} SummaryBytes;

// One row a stage, in the order of execution, parts indented under their block: path, kind, input
// and output shapes of one sample, parameters, multiply-adds of one sample forward. A block's row
// sums up its parts. Then totals.
void summary_print(const Program *p, SummaryBytes bytes, Text *out);

// The rows of that table.
enum { SUMMARY_COLUMNS = 6 };
extern const char *const summary_head[SUMMARY_COLUMNS];
typedef struct SummaryRow {
    int depth;                // inside of how many blocks
    const Equation *equation; // of an equation that stands in the spec itself; else NULL
    const char *cell[SUMMARY_COLUMNS];
} SummaryRow;
typedef struct SummaryRows {
    LIST(SummaryRow) row;
    int64_t parameters, multiply_adds;
} SummaryRows;
SummaryRows summary_rows(const Program *p);

// The table of PyTorch's torchsummary: rows of layers and blocks after their parts, numbered; a row
// counts only the parameters that are its own. Sizes at 4 bytes a number; forward and backward as
// twice the sum of all rows' outputs; 1 MB = 2^20 bytes.
void summary_print_torch(const Program *p, Text *out);

// --- shared by both tables
// Elements of parameters declared in the stage itself.
int64_t summary_stage_parameters(const Program *p, const Stage *s);
// Whether the stage serves the loss or a metric: those have no rows.
bool summary_is_aside(const Program *p, const Stage *s);
int summary_first_axis(const Program *p, const Tensor *t); // 1 where axis 0 is the sample's, else 0
// Multiply-adds of one sample in one equation: products inside of sums.
int64_t summary_multiply_adds(const Equation *q);
// 1234567 as "1,234,567".
const char *summary_number(Arena *a, int64_t value);

#endif
