// nearest.c: which known name a misspelt one may have meant.
//
// The distance is Damerau's (optimal string alignment): insertions, deletions, replacements and
// swaps of neighbours, with upper and lower case alike.
#include "support/text.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 64 }; // longer names are never suggested

static char lower(char c) {
    return (char)tolower((unsigned char)c);
}

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static int edit_distance(const char *a, const char *b) {
    int a_size = (int)strlen(a), b_size = (int)strlen(b);
    int row[3][LONGEST +
               1]; // row[i % 3][j]: the distance of the first i bytes of a to the first j of b
    for (int j = 0; j <= b_size; j++) row[0][j] = j;
    for (int i = 1; i <= a_size; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *two_before = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= b_size; j++) {
            char x = lower(a[i - 1]), y = lower(b[j - 1]);
            int d = smaller(before[j] + 1, now[j - 1] + 1);
            d = smaller(d, before[j - 1] + (x != y));
            bool swapped = i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]);
            if (swapped) d = smaller(d, two_before[j - 2] + 1);
            now[j] = d;
        }
    }
    return row[a_size % 3][b_size];
}

const char *nearest_name(const char *wrong, const char *const *choice, int count) {
    size_t size = strlen(wrong);
    if (size == 0 || size > LONGEST) return NULL;
    int limit = smaller(2, (int)(size + 2) / 3);
    const char *nearest = NULL;
    int nearest_distance = limit + 1;
    for (int i = 0; i < count; i++) {
        if (strlen(choice[i]) > LONGEST) continue;
        int distance = edit_distance(wrong, choice[i]);
        if (distance >= nearest_distance) continue;
        nearest = choice[i];
        nearest_distance = distance;
    }
    return nearest;
}
