// picture.c: see picture.h. The format is that of the PNG specification (W3C, 2003): a signature,
// then chunks of length, kind, bytes and checksum.
#include "teach/picture.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

Picture picture_new(Arena *a, int width, int height, bool is_colour) {
    size_t count = (size_t)width * (size_t)height * (is_colour ? 3 : 1);
    return (Picture){width, height, is_colour, arena_new_array(a, uint8_t, count + 1)};
}

static void put_word(Text *out, uint32_t value) {
    char byte[4];
    for (int i = 0; i < 4; i++) byte[i] = (char)(value >> (24 - 8 * i));
    text_add_bytes(out, byte, 4);
}

static void put_chunk(Text *out, const char *kind, const char *bytes, size_t size) {
    put_word(out, (uint32_t)size);
    size_t begin = out->size;
    text_add_bytes(out, kind, 4);
    text_add_bytes(out, bytes, size);
    uLong sum = crc32(0, (const Bytef *)out->bytes + begin, (uInt)(out->size - begin));
    put_word(out, (uint32_t)sum);
}

// Each row behind a zero: no filter.
static Text rows_of(Arena *a, const Picture *p) {
    Text rows = text_new(a);
    size_t width = (size_t)p->width * (p->is_colour ? 3 : 1);
    for (int y = 0; y < p->height; y++) {
        text_add_bytes(&rows, "\0", 1);
        text_add_bytes(&rows, (const char *)p->pixel + (size_t)y * width, width);
    }
    return rows;
}

static Text png_of(Arena *a, const Picture *p) {
    Text png = text_new(a), head = text_new(a), rows = rows_of(a, p);
    text_add_bytes(&png, "\x89PNG\r\n\x1a\n", 8);
    put_word(&head, (uint32_t)p->width);
    put_word(&head, (uint32_t)p->height);
    text_add_bytes(&head, p->is_colour ? "\x08\x02\0\0\0" : "\x08\0\0\0\0", 5);
    put_chunk(&png, "IHDR", head.bytes, head.size);
    uLongf size = compressBound(rows.size);
    Bytef *packed = arena_new_array(a, Bytef, size);
    if (compress2(packed, &size, (const Bytef *)rows.bytes, rows.size, 9) != Z_OK) size = 0;
    put_chunk(&png, "IDAT", (const char *)packed, size);
    put_chunk(&png, "IEND", "", 0);
    return png;
}

void base64_add(Text *out, const char *bytes, size_t size) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = (const unsigned char *)bytes;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)at[i] << 16;
        if (left > 1) group |= (uint32_t)at[i + 1] << 8;
        if (left > 2) group |= at[i + 2];
        char text[4] = {digit[group >> 18], digit[group >> 12 & 63],
                        left > 1 ? digit[group >> 6 & 63] : '=',
                        left > 2 ? digit[group & 63] : '='};
        text_add_bytes(out, text, 4);
    }
}

void picture_add_uri(Arena *a, const Picture *p, Text *out) {
    Text png = png_of(a, p);
    text_add(out, "data:image/png;base64,");
    base64_add(out, png.bytes, png.size);
}

uint8_t picture_grey(double value, double low, double high) {
    double share = high > low ? (value - low) / (high - low) : 0.5;
    return (uint8_t)lrint(255 * fmax(0, fmin(1, share)));
}

void picture_signed(double value, uint8_t *rgb) {
    static const double low[] = {0, 90, 160}, high[] = {200, 80, 0};
    double share = fmin(1, fabs(value));
    for (int i = 0; i < 3; i++)
        rgb[i] = (uint8_t)lrint(255 + share * ((value < 0 ? low : high)[i] - 255));
}
