// safetensors.c: the file format of weights and checkpoints. Numbers are little-endian, as on every
// machine netc knows.
#include "safetensors.h"

#include "files.h"
#include "report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_HEADER = 100000000 }; // the format's own limit

size_t net_type_size(NetType type) {
    return type == NET_F64 ? 8 : 4;
}

const char *net_type_name(NetType type) {
    static const char *const name[] = {[NET_F32] = "F32", [NET_F64] = "F64", [NET_I32] = "I32"};
    return name[type];
}

// Bytes of an element of every type the format has; 0: there is no such type.
static size_t dtype_size(const char *name) {
    static const struct {
        const char *name;
        size_t size;
    } dtype[] = {{"F32", 4},     {"F64", 8},     {"I32", 4}, {"BOOL", 1}, {"U8", 1},
                 {"I8", 1},      {"F8_E4M3", 1}, {"U16", 2}, {"I16", 2},  {"F16", 2},
                 {"F8_E5M2", 1}, {"BF16", 2},    {"U32", 4}, {"U64", 8},  {"I64", 8}};
    for (size_t i = 0; name && i < sizeof dtype / sizeof *dtype; i++)
        if (!strcmp(dtype[i].name, name)) return dtype[i].size;
    return 0;
}

static bool find_type(const char *name, NetType *type) {
    for (int i = NET_F32; i <= NET_I32; i++)
        if (!strcmp(net_type_name((NetType)i), name)) {
            *type = (NetType)i;
            return true;
        }
    return false;
}

static int broken(const TensorFile *f, const char *name, const char *what) {
    return net_report(NET_BROKEN, "%s: tensor \"%.100s\": %s", f->path, name, what);
}

static int read_shape(const TensorFile *f, const json_t *shape, Stored *t) {
    size_t bytes = dtype_size(t->dtype);
    if (!json_is_array(shape) || json_array_size(shape) > NET_MAX_RANK)
        return broken(f, t->name, "its shape is missing or has too many axes");
    t->rank = (int)json_array_size(shape);
    for (int i = 0; i < t->rank; i++) {
        const json_t *size = json_array_get(shape, (size_t)i);
        t->shape[i] = json_integer_value(size);
        if (!json_is_integer(size) || t->shape[i] < 0 ||
            __builtin_mul_overflow(bytes, (size_t)t->shape[i], &bytes))
            return broken(f, t->name, "its shape is not possible");
    }
    t->bytes = bytes;
    return NET_OK;
}

static int read_offsets(const TensorFile *f, const json_t *offsets, size_t available, Stored *t) {
    const json_t *first = json_array_get(offsets, 0);
    const json_t *last = json_array_get(offsets, 1);
    if (!json_is_integer(first) || !json_is_integer(last) || json_array_size(offsets) != 2)
        return broken(f, t->name, "its data_offsets are missing");
    json_int_t from = json_integer_value(first);
    json_int_t to = json_integer_value(last);
    if (from < 0 || to < from || (size_t)to > available)
        return broken(f, t->name, "its data_offsets lie outside the file");
    if ((size_t)(to - from) != t->bytes)
        return broken(f, t->name, "its data_offsets do not fit its type and shape");
    t->offset = (size_t)from;
    return NET_OK;
}

static int read_tensor(const TensorFile *f, const char *name, json_t *entry, size_t available,
                       Stored *t) {
    *t = (Stored){.name = name, .dtype = json_string_value(json_object_get(entry, "dtype"))};
    if (!dtype_size(t->dtype)) return broken(f, name, "its dtype is none of the format's");
    t->known = find_type(t->dtype, &t->type);
    int code = read_shape(f, json_object_get(entry, "shape"), t);
    return code ? code : read_offsets(f, json_object_get(entry, "data_offsets"), available, t);
}

static int by_offset(const void *a, const void *b) {
    const Stored *x = a;
    const Stored *y = b;
    if (x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static int check_layout(TensorFile *f, size_t available) {
    size_t end = 0;
    qsort(f->tensor, (size_t)f->count, sizeof *f->tensor, by_offset);
    for (int i = 0; i < f->count; i++) {
        if (f->tensor[i].offset < end)
            return broken(f, f->tensor[i].name, "its data overlap those of another tensor");
        if (f->tensor[i].offset > end)
            return broken(f, f->tensor[i].name, "there is a gap before its data");
        end += f->tensor[i].bytes;
    }
    if (end != available)
        return net_report(NET_BROKEN, "%s: has %zu bytes of data, but its tensors take %zu",
                          f->path, available, end);
    return NET_OK;
}

static int check_metadata(const TensorFile *f) {
    json_t *metadata = json_object_get(f->header, "__metadata__");
    const char *key;
    json_t *value;
    if (metadata && !json_is_object(metadata))
        return net_report(NET_BROKEN, "%s: its __metadata__ are not an object", f->path);
    json_object_foreach(metadata, key, value) if (!json_is_string(value)) return net_report(
        NET_BROKEN, "%s: metadata \"%.100s\" are not a text", f->path, key);
    return NET_OK;
}

static int read_entries(TensorFile *f, size_t available) {
    const char *key;
    json_t *entry;
    int code = check_metadata(f);
    f->tensor = calloc(json_object_size(f->header) + 1, sizeof *f->tensor);
    if (!f->tensor) return net_report_memory("the header of a safetensors file");
    json_object_foreach(f->header, key, entry) {
        if (code || !strcmp(key, "__metadata__")) continue;
        code = read_tensor(f, key, entry, available, &f->tensor[f->count]);
        f->count++;
    }
    return code ? code : check_layout(f, available);
}

static int parse_header(TensorFile *f, const char *text, size_t size) {
    json_error_t error;
    f->header = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!f->header || !json_is_object(f->header))
        return net_report(NET_BROKEN, "%s: the header is broken: %s", f->path,
                          f->header ? "it is not a JSON object" : error.text);
    return NET_OK;
}

static int read_file(TensorFile *f, FILE *in, size_t file_size) {
    unsigned char length[8];
    uint64_t size = 0;
    if (file_size < 8 || fread(length, 1, 8, in) != 8)
        return net_report(NET_BROKEN, "%s: is not a safetensors file: it is too short", f->path);
    for (int i = 7; i >= 0; i--) size = size << 8 | length[i];
    if (size > MOST_HEADER)
        return net_report(NET_BROKEN,
                          "%s: is not a safetensors file: its header would have %llu "
                          "bytes",
                          f->path, (unsigned long long)size);
    if (size > file_size - 8)
        return net_report(NET_BROKEN,
                          "%s: is truncated: its header has %llu bytes, but the file "
                          "only %zu",
                          f->path, (unsigned long long)size, file_size);
    char *text = malloc((size_t)size + 1);
    if (!text) return net_report_memory("the header of a safetensors file");
    int code = NET_OK;
    if (fread(text, 1, (size_t)size, in) != size)
        code = net_report(NET_BROKEN, "%s: cannot be read: %s", f->path, strerror(errno));
    if (!code) code = parse_header(f, text, (size_t)size);
    free(text);
    f->data_start = 8 + (size_t)size;
    return code ? code : read_entries(f, file_size - f->data_start);
}

int net_tensors_open(const char *path, TensorFile *f) {
    struct stat status;
    *f = (TensorFile){.path = net_path_join("", path)};
    if (!f->path) return net_report_memory("a path");
    FILE *in = fopen(path, "rb");
    int code;
    if (!in || fstat(fileno(in), &status))
        code = net_report(NET_BROKEN, "%s: cannot be opened: %s", path, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        code = net_report(NET_BROKEN, "%s: is not a regular file", path);
    else
        code = read_file(f, in, (size_t)status.st_size);
    if (in) fclose(in);
    if (code) net_tensors_close(f);
    return code;
}

const Stored *net_tensors_find(const TensorFile *f, const char *name) {
    for (int i = 0; i < f->count; i++)
        if (!strcmp(f->tensor[i].name, name)) return &f->tensor[i];
    return NULL;
}

const char *net_tensors_text(const TensorFile *f, const char *name) {
    return json_string_value(json_object_get(json_object_get(f->header, "__metadata__"), name));
}

int net_tensors_load(const TensorFile *f, const Stored *t, void *to) {
    FILE *in = fopen(f->path, "rb");
    bool read = in && !fseeko(in, (off_t)(f->data_start + t->offset), SEEK_SET) &&
                fread(to, 1, t->bytes, in) == t->bytes;
    if (in) fclose(in);
    return read ? NET_OK : broken(f, t->name, "its data cannot be read");
}

void net_tensors_close(TensorFile *f) {
    json_decref(f->header);
    free(f->tensor);
    free(f->path);
    *f = (TensorFile){.path = NULL};
}

static json_t *describe(const Stored *t, size_t offset) {
    json_t *shape = json_array();
    for (int i = 0; i < t->rank; i++) json_array_append_new(shape, json_integer(t->shape[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", net_type_name(t->type), "shape", shape,
                     "data_offsets", (json_int_t)offset, (json_int_t)(offset + t->bytes));
}

static int add_all(json_t *header, const char *path, const Stored *tensor, int count) {
    size_t offset = 0;
    for (int i = 0; i < count; i++) {
        if (json_object_get(header, tensor[i].name))
            return net_report(NET_BUG, "%s: two tensors are called \"%s\"", path, tensor[i].name);
        if (json_object_set_new(header, tensor[i].name, describe(&tensor[i], offset)))
            return net_report_memory("the header of a safetensors file");
        offset += tensor[i].bytes;
    }
    return NET_OK;
}

// The header's text, padded with blanks so that the data begin at a multiple of 8.
static char *pad(char *text, size_t *size) {
    char *padded = text ? realloc(text, strlen(text) + 8) : NULL;
    if (!padded) {
        free(text);
        return NULL;
    }
    *size = strlen(padded);
    while (*size % 8) padded[(*size)++] = ' ';
    return padded;
}

static int make_header(const char *path, const Stored *tensor, int count, json_t *metadata,
                       char **text, size_t *size) {
    json_t *header = json_object();
    int code = NET_OK;
    *text = NULL;
    if (!header || json_object_set(header, "__metadata__", metadata))
        code = net_report_memory("the header of a safetensors file");
    if (!code) code = add_all(header, path, tensor, count);
    if (!code) *text = pad(json_dumps(header, JSON_COMPACT), size);
    if (!code && !*text) code = net_report_memory("the header of a safetensors file");
    json_decref(header);
    return code;
}

static void write_all(FILE *out, const char *header, size_t size, const Stored *tensor, int count) {
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)((uint64_t)size >> 8 * i);
    fwrite(length, 1, 8, out);
    fwrite(header, 1, size, out);
    for (int i = 0; i < count && !ferror(out); i++) fwrite(tensor[i].data, 1, tensor[i].bytes, out);
}

int net_tensors_write(const char *path, const Stored *tensor, int count, json_t *metadata) {
    Replacement r;
    size_t size = 0;
    char *header = NULL;
    int code = make_header(path, tensor, count, metadata, &header, &size);
    if (code) return code;
    code = net_replace_begin(&r, path);
    if (!code) {
        write_all(r.file, header, size, tensor, count);
        code = net_replace_end(&r);
    }
    free(header);
    return code;
}
