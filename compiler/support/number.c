// number.c: the shortest decimal that reads back as the same number.
//
// The fewest digits that survive the way to text and back are found by trying; 17 (9 for float)
// always suffice. Whole numbers below 10^15 are written without an exponent.
#include "support/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *special_text(double value) {
    if (isnan(value)) return "nan";
    if (isinf(value)) return value < 0 ? "-inf" : "inf";
    return NULL;
}

static bool is_short_integer(double value) {
    return value > -1e15 && value < 1e15 && (double)(long long)value == value;
}

const char *number_text(Arena *a, double value) {
    const char *special = special_text(value);
    if (special) return special;
    if (is_short_integer(value)) return arena_printf(a, "%.0f", value);
    char text[32];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return arena_printf(a, "%s", text);
}

const char *number_text_f32(Arena *a, double value) {
    float single = (float)value;
    const char *special = special_text((double)single);
    if (special) return special;
    // Beyond 2^24 the nearest decimal of few digits need not be the whole number itself.
    if (fabsf(single) <= 16777216.0f && is_short_integer((double)single))
        return arena_printf(a, "%.0f", (double)single);
    char text[32];
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)single);
        if (strtof(text, NULL) == single) break;
    }
    return arena_printf(a, "%s", text);
}
