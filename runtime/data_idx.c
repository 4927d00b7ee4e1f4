// data_idx.c: IDX files, the format of MNIST: 0, 0, type, rank, then big-endian sizes and values;
// and PGM images.
//
// The header is not believed: the sizes must multiply without overflow to exactly the bytes that
// are there.
#include "data.h"

#include "files.h"
#include "report.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool find_element(int code, Element *element) {
    static const struct {
        int code;
        Element element;
    } known[] = {{0x08, ELEMENT_U8},  {0x09, ELEMENT_I8},  {0x0B, ELEMENT_I16},
                 {0x0C, ELEMENT_I32}, {0x0D, ELEMENT_F32}, {0x0E, ELEMENT_F64}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code) {
            *element = known[i].element;
            return true;
        }
    return false;
}

typedef struct Header {
    Element element;
    int rank;
    uint32_t size[255];
    size_t offset; // where the values begin
    size_t elements;
} Header;

static uint32_t big_endian(const unsigned char *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int report_too_large(const char *path) {
    return net_report(NET_BROKEN,
                      "%s: the sizes in the IDX header multiply to more than a file "
                      "can hold",
                      path);
}

// Reads the header alone; *bytes is what the whole file must have.
static int parse_header(const char *path, const Bytes *head, Header *header, size_t *bytes) {
    const unsigned char *at = head->data;
    if (head->size < 4 || at[0] || at[1] || !find_element(at[2], &header->element) || !at[3])
        return net_report(NET_BROKEN,
                          "%s: is not an IDX file: its first bytes should be 0, 0, "
                          "a type and a rank",
                          path);
    header->rank = at[3];
    header->offset = 4 + 4 * (size_t)header->rank;
    if (head->size < header->offset)
        return net_report(NET_BROKEN,
                          "%s: the IDX header is cut off: %zu bytes where %zu are "
                          "needed",
                          path, head->size, header->offset);
    header->elements = 1;
    for (int i = 0; i < header->rank; i++) {
        header->size[i] = big_endian(at + 4 + 4 * i);
        if (__builtin_mul_overflow(header->elements, (size_t)header->size[i], &header->elements))
            return report_too_large(path);
    }
    if (__builtin_mul_overflow(header->elements, net_element_size(header->element), bytes) ||
        __builtin_add_overflow(*bytes, header->offset, bytes) || *bytes > SIZE_MAX / 4)
        return report_too_large(path);
    return NET_OK;
}

// Reads what the header says and one byte more, to see whether the file ends there.
static int read_whole(const char *path, size_t wanted, Bytes *bytes) {
    if (wanted > net_memory_for_file())
        return net_report(NET_BROKEN,
                          "%s: its IDX header says %zu bytes, more than half of the "
                          "memory that is available",
                          path, wanted);
    int code = net_file_read(path, wanted + 1, bytes);
    if (!code && bytes->size < wanted)
        code = net_report(NET_BROKEN,
                          "%s: has %zu bytes, but its IDX header says %zu: it is "
                          "truncated",
                          path, bytes->size, wanted);
    if (!code && bytes->size > wanted)
        code = net_report(NET_BROKEN,
                          "%s: has more than the %zu bytes that its IDX header says: "
                          "it is too long",
                          path, wanted);
    return code;
}

static int read_header(const char *path, Header *header, size_t *wanted) {
    enum { LONGEST_HEADER = 4 + 4 * 255 };
    Bytes head;
    int code = net_file_read(path, LONGEST_HEADER, &head);
    if (!code) code = parse_header(path, &head, header, wanted);
    free(head.data);
    return code;
}

// Multi-byte values are big-endian in the file; this machine's order is found out, not assumed.
static void to_native(unsigned char *values, size_t count, size_t width) {
    const uint16_t probe = 1;
    if (width == 1 || *(const unsigned char *)&probe != 1) return;
    for (size_t i = 0; i < count; i++, values += width)
        for (size_t j = 0; j < width / 2; j++) {
            unsigned char swapped = values[j];
            values[j] = values[width - 1 - j];
            values[width - 1 - j] = swapped;
        }
}

static int take(const NetInput *input, const char *path, const Header *header, Bytes *bytes,
                Column *column, int64_t *samples) {
    bool single = header->rank == input->rank && header->elements == input->count;
    size_t records = single ? 1 : header->size[0];
    if (records == 0) return net_report(NET_BROKEN, "%s: holds no samples", path);
    size_t each = header->elements / records;
    if (each != input->count)
        return net_report(NET_BROKEN, "%s: a record has %zu values, but %s takes %zu", path, each,
                          input->name, input->count);
    size_t width = net_element_size(header->element);
    memmove(bytes->data, bytes->data + header->offset, header->elements * width);
    to_native(bytes->data, header->elements, width);
    *column = (Column){.element = header->element, .values = bytes->data};
    bytes->data = NULL;
    *samples = (int64_t)records;
    return net_column_check(input, column, *samples, path, "record");
}

int net_idx_read(const NetInput *input, const char *path, Column *column, int64_t *samples) {
    Bytes bytes = {NULL, 0};
    Header header = {0};
    size_t wanted = 0;
    int code = read_header(path, &header, &wanted);
    if (!code) code = read_whole(path, wanted, &bytes);
    if (!code) code = take(input, path, &header, &bytes, column, samples);
    free(bytes.data);
    return code;
}

// The next number of a PGM header; comments run from '#' to the end of the line. -1: there is none.
static long pgm_number(const Bytes *bytes, size_t *at) {
    while (*at < bytes->size && (isspace(bytes->data[*at]) || bytes->data[*at] == '#')) {
        if (bytes->data[*at] == '#')
            while (*at < bytes->size && bytes->data[*at] != '\n') ++*at;
        else
            ++*at;
    }
    long value = -1;
    for (; *at < bytes->size && isdigit(bytes->data[*at]); ++*at) {
        value = (value < 0 ? 0 : value) * 10 + (bytes->data[*at] - '0');
        if (value > 1 << 24) return -1;
    }
    return value;
}

static int take_pgm(const NetInput *input, const char *path, Bytes *bytes, Column *column) {
    size_t at = 2;
    long width = pgm_number(bytes, &at);
    long height = pgm_number(bytes, &at);
    long most = pgm_number(bytes, &at);
    if (width < 1 || height < 1 || most < 1 || most > 65535 || at >= bytes->size)
        return net_report(NET_BROKEN, "%s: the PGM header is broken", path);
    at++; // one blank ends the header
    size_t each = most > 255 ? 2 : 1;
    size_t count = (size_t)width * (size_t)height;
    if (count != input->count)
        return net_report(NET_BROKEN,
                          "%s: the image has %ld x %ld pixels, but %s takes %zu "
                          "values",
                          path, width, height, input->name, input->count);
    if (bytes->size - at != count * each)
        return net_report(NET_BROKEN, "%s: has %zu bytes of pixels where %zu are needed", path,
                          bytes->size - at, count * each);
    double *value = malloc(count * sizeof *value);
    if (!value) return net_report_memory("an image");
    // Like an IDX image the pixels run to 255, whatever the file's white is.
    for (size_t i = 0; i < count; i++) {
        const unsigned char *p = bytes->data + at + i * each;
        double grey = each == 1 ? p[0] : p[0] * 256.0 + p[1];
        value[i] = most == 255 ? grey : grey * 255 / (double)most;
    }
    *column = (Column){.element = ELEMENT_F64, .values = value};
    return NET_OK;
}

int net_pgm_read(const NetInput *input, const char *path, Column *column, int64_t *samples) {
    Bytes bytes;
    int code = net_file_read(path, net_memory_for_file(), &bytes);
    if (code) return code;
    code = take_pgm(input, path, &bytes, column);
    *samples = 1;
    free(bytes.data);
    return code;
}
