// report_parts.h: what the files of the report share.
#ifndef NETC_TEACH_REPORT_PARTS_H
#define NETC_TEACH_REPORT_PARTS_H

#include "teach/page.h"
#include "teach/report.h"

typedef struct ReportPage {
    const Report *report;
    Arena *arena;
    Page page;
} ReportPage;

// Escaped text of the arena; printf's format first.
const char *report_words(ReportPage *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// A paragraph of words, and one in small print.
void report_say(ReportPage *o, const char *words);
void report_small(ReportPage *o, const char *words);
// A number as the log prints it ("97.85%" where it is a share), with all its digits for programs.
const char *report_figure(ReportPage *o, const char *name, double value);
// Six digits to be read, all of them for programs.
const char *report_number(ReportPage *o, double value);
const char *report_count(ReportPage *o, int64_t value);
void report_section(ReportPage *o, const char *anchor, const char *words);

// report_answers.c: confusions, mistakes, targets against outputs.
void report_confusions(ReportPage *o);
void report_outputs(ReportPage *o);
void report_worst(ReportPage *o);
// report_scatter.c: a figure of targets and outputs.
void report_scatter(ReportPage *o);
// report_weights.c: filters, then all parameters.
void report_filters(ReportPage *o);
void report_weights(ReportPage *o);

// "x[3]", "x[1,2]", "x"
const char *report_element_name(Arena *a, const char *name, int rank, const int64_t *shape,
                                int64_t element);

#endif
