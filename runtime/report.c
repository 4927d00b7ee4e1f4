// report.c: printing errors, and finding the word that was meant.
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int net_report(int code, const char *format, ...) {
    va_list list;
    va_start(list, format);
    fputs("error: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    return code;
}

int net_report_memory(const char *what) {
    return net_report(NET_BROKEN, "there is not enough memory for %s", what);
}

enum { LONGEST_WORD = 64 };

// Levenshtein's distance over one row of the table; words over LONGEST_WORD are as far as can be.
static int distance(const char *a, const char *b) {
    size_t columns = strlen(b);
    if (strlen(a) > LONGEST_WORD || columns > LONGEST_WORD) return LONGEST_WORD;
    int row[LONGEST_WORD + 1];
    for (size_t j = 0; j <= columns; j++) row[j] = (int)j;
    for (size_t i = 0; a[i]; i++) {
        int diagonal = row[0];
        row[0] = (int)i + 1;
        for (size_t j = 0; j < columns; j++) {
            int change = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            int other = (row[j] < diagonal ? row[j] : diagonal) + 1;
            row[j + 1] = change < other ? change : other;
        }
    }
    return row[columns];
}

const char *net_closest(const char *word, const char *const *candidate, int count) {
    const char *best = NULL;
    int least = (int)strlen(word) / 3 + 2;
    for (int i = 0; i < count; i++) {
        int d = distance(word, candidate[i]);
        if (d < least) {
            least = d;
            best = candidate[i];
        }
    }
    return best;
}
