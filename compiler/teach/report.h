// report.h: a trained run as one page: the network, its curves, its mistakes, its weights, and how
// to repeat it. Whoever fills in a Report has read the run folder and run the model; what is
// missing is left out, and `missing` says why.
#ifndef NETC_TEACH_REPORT_H
#define NETC_TEACH_REPORT_H

#include "elaborate/elaborate.h"
#include "teach/chart.h"

enum {
    REPORT_WORST = 28,   // mistakes shown
    REPORT_CLASSES = 24, // of a confusion matrix as a table; else the most frequent confusions
    REPORT_MOST_CLASSES = 1000, // beyond that confusions are not counted
    REPORT_CELLS = 16,          // inputs of a sample shown as numbers
    REPORT_SERIES = 6,          // targets drawn against their outputs
    REPORT_POINTS = 400         // of each
};

typedef struct ReportFact {
    const char *name, *value; // as run.json has them: "settings.optimizer.lr", "0.1"
} ReportFact;

// A target and the output that the loss compares with it, element by element.
typedef struct ReportPair {
    const NetInput *target;
    const NetOutput *output;
} ReportPair;

typedef struct ReportSample {
    int64_t number;                    // in the data, from 0
    double loss;                       // of this sample alone
    int64_t target, answer;            // classes
    double answer_share, target_share; // their probabilities
    const double *given;               // all inputs, one after the other
    const double *wanted, *got;        // of all pairs, one after the other
} ReportSample;

// What the trained model says of the data.
typedef struct ReportAnswers {
    bool is_test;         // the test data; else those it was trained on
    int64_t samples;      // 0: the model was not run
    const double *figure; // the loss and the metrics, as `netc eval` prints them
    // Where a target is a class:
    const NetInput *classes; // NULL: there is none
    int64_t *confusion;      // [true class][answered class]; NULL: too many classes
    int64_t wrong;           // samples
    // Where numbers are compared:
    LIST(ReportPair) pair;
    int elements;                // of all pairs
    double *squares, *absolutes; // per element the sums over all samples of error^2, |error|
    double *wanted, *got;        // [point][element] of some samples, evenly chosen; points of them
    int points;
    // Wrong answers by the probability of the true class, least first; without classes samples by
    // their loss, largest first.
    LIST(ReportSample) worst;
    bool is_right;  // nothing was wrong: `worst` are the least certain answers
    int64_t judged; // samples whose own loss was computed, where that decides
} ReportAnswers;

typedef struct Report {
    const Model *model;
    const NetModel *table; // of the compiled model
    const char *name;      // of the run folder
    LIST(ReportFact) fact; // of run.json
    const Chart *curves;   // NULL: nothing was trained
    const char *by;        // "epoch" or "iteration", ...
    double steps, seconds; // of the last row; seconds 0 where nobody measured them
    const double *last;    // the loss and metrics of training in that row
    const double *params;  // NULL: no weights
    ReportAnswers answers;
    const char *spec, *spec_name; // its text, the name of its file
    const char *commands;         // that repeat the run
    LIST(const char *) missing;   // sentences
} Report;

// A whole HTML page.
Text report_print(const Report *r);

#endif
