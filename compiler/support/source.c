// source.c: reading and registering texts, and turning byte offsets into lines and columns.
#include "support/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LARGEST_FILE = 4 << 20 };

uint32_t source_add(Sources *s, const char *path, const char *bytes, size_t size, bool is_library) {
    Source *source = arena_new_item(s->arena, Source);
    source->path = arena_copy(s->arena, path, strlen(path));
    source->bytes = arena_copy(s->arena, bytes, size);
    source->size = size;
    source->is_library = is_library;
    list_add(s->arena, s->source, source);
    return (uint32_t)s->source.count;
}

// How many bytes the UTF-8 character at `p` has, 0 if it is none (overlong forms, surrogates and
// NUL included).
static int utf8_size(const unsigned char *p, size_t left) {
    if (p[0] < 0x80) return p[0] != 0;
    int size = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || (size_t)size > left) return 0;
    for (int i = 1; i < size; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xED && p[1] >= 0xA0;
    bool too_large = p[0] == 0xF4 && p[1] >= 0x90;
    return overlong || surrogate || too_large ? 0 : size;
}

// The number of the first line with bytes that no text has, 0 if all is well.
static int bad_line(const char *bytes, size_t size) {
    int line = 1;
    for (size_t i = 0; i < size;) {
        int step = utf8_size((const unsigned char *)bytes + i, size - i);
        if (step == 0) return line;
        line += bytes[i] == '\n';
        i += (size_t)step;
    }
    return 0;
}

static uint32_t read_stream(Sources *s, const char *path, FILE *in, const char **problem) {
    Arena *scratch = arena_new(0);
    char *bytes = arena_alloc(scratch, LARGEST_FILE + 1);
    size_t size = fread(bytes, 1, LARGEST_FILE + 1, in);
    uint32_t file = 0;
    int line;
    if (ferror(in))
        *problem = arena_printf(s->arena, "cannot read '%s': %s", path, strerror(errno));
    else if (size > LARGEST_FILE)
        *problem = arena_printf(s->arena, "'%s' is larger than 4 MiB", path);
    else if ((line = bad_line(bytes, size)))
        *problem = arena_printf(s->arena, "'%s' is not UTF-8 text (line %d)", path, line);
    else
        file = source_add(s, path, bytes, size, false);
    arena_free(scratch);
    return file;
}

uint32_t source_read(Sources *s, const char *path, const char **problem) {
    FILE *in = fopen(path, "rb");
    if (!in) {
        *problem = arena_printf(s->arena, "cannot open '%s': %s", path, strerror(errno));
        return 0;
    }
    uint32_t file = read_stream(s, path, in, problem);
    fclose(in);
    return file;
}

const Source *source_get(const Sources *s, uint32_t file) {
    return file == 0 || file > (uint32_t)s->source.count ? NULL : s->source.item[file - 1];
}

static void find_lines(Sources *s, Source *source) {
    list_add(s->arena, source->line_begin, 0);
    for (size_t i = 0; i < source->size; i++)
        if (source->bytes[i] == '\n') list_add(s->arena, source->line_begin, (uint32_t)i + 1);
}

static int line_of(const Source *source, uint32_t offset) {
    int low = 0, high = source->line_begin.count;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (source->line_begin.item[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int count_code_points(const char *begin, const char *end) {
    int count = 0;
    for (const char *p = begin; p < end; p++) count += (*p & 0xC0) != 0x80;
    return count;
}

Place source_place(Sources *s, Span span) {
    if (!source_get(s, span.file)) return (Place){.path = "", .line_text = ""};
    Source *source = s->source.item[span.file - 1];
    if (source->line_begin.count == 0) find_lines(s, source);
    uint32_t offset = span.begin < source->size ? span.begin : (uint32_t)source->size;
    int line = line_of(source, offset);
    const char *begin = source->bytes + source->line_begin.item[line];
    const char *newline = memchr(begin, '\n', source->size - (size_t)(begin - source->bytes));
    const char *end = newline ? newline : source->bytes + source->size;
    if (end > begin && end[-1] == '\r') end--;
    const char *at = source->bytes + offset;
    return (Place){.path = source->path,
                   .line = line + 1,
                   .column = 1 + count_code_points(begin, at),
                   .line_text = begin,
                   .line_size = (int)(end - begin)};
}

Span span_join(Span a, Span b) {
    if (a.file == 0) return b;
    if (b.file == 0 || b.file != a.file) return a;
    return (Span){a.file, a.begin, b.end > a.begin ? b.end : a.begin};
}

const char *span_text(Sources *s, Arena *a, Span span) {
    const Source *source = source_get(s, span.file);
    if (!source) return "";
    size_t end = span.end < source->size ? span.end : source->size;
    size_t begin = span.begin < end ? span.begin : end;
    return arena_copy(a, source->bytes + begin, end - begin);
}
