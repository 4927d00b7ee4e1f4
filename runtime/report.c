// report.c: printing errors, and finding the word that was meant.
#include "report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// The bytes of the UTF-8 character at `text`; 0: it is none.
static int character_length(const unsigned char *text) {
    int length = text[0] < 0x80   ? 1
                 : text[0] < 0xC2 ? 0
                 : text[0] < 0xE0 ? 2
                 : text[0] < 0xF0 ? 3
                 : text[0] < 0xF5 ? 4
                                  : 0;
    for (int i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80) return 0;
    return length;
}

// Messages quote files of strangers: what could steer a terminal becomes '?'.
static void put_clean(const char *message, FILE *out) {
    const unsigned char *at = (const unsigned char *)message;
    while (*at) {
        int length = character_length(at);
        bool control = (*at < 0x20 && *at != '\n') || *at == 0x7F || (*at == 0xC2 && at[1] < 0xA0);
        if (!length || control)
            fputc('?', out);
        else
            fwrite(at, 1, (size_t)length, out);
        at += length ? length : 1;
    }
}

int net_report(int code, const char *format, ...) {
    char message[4096];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    fputs("error: ", stderr);
    put_clean(message, stderr);
    fputc('\n', stderr);
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
