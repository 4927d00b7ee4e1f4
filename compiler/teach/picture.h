// picture.h: small pictures of numbers inside of pages: a PNG in a data URI, so that a page stays
// one file. zlib packs them.
#ifndef NETC_TEACH_PICTURE_H
#define NETC_TEACH_PICTURE_H

#include "support/text.h"

#include <stdint.h>

typedef struct Picture {
    int width, height;
    bool is_colour;
    uint8_t *pixel; // row by row: a grey value, or red, green, blue
} Picture;

Picture picture_new(Arena *a, int width, int height, bool is_colour);

// "data:image/png;base64,...". The bytes are a function of the pixels and of zlib.
void picture_add_uri(Arena *a, const Picture *p, Text *out);

// Any bytes as the text that pages hold them in (RFC 4648).
void base64_add(Text *out, const char *bytes, size_t size);

// The place of `value` between low and high as 0 .. 255; the middle where they are equal.
uint8_t picture_grey(double value, double low, double high);

// A colour for a number in -1 .. 1 that the colour-blind tell apart: blue below, white at 0, orange
// above. Writes red, green, blue.
void picture_signed(double value, uint8_t *rgb);

#endif
