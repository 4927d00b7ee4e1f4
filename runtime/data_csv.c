// data_csv.c: comma-separated values with a header, quotes as in RFC 4180; every error names row
// and column.
//
// Without a header (every field of the first row a number) the columns are taken in the order of
// the inputs: that is allowed for predictions only.
#include "data.h"

#include "files.h"
#include "report.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FIELDS = 1 << 20, LONGEST_SHOWN = 40 };

// Walks through the bytes; a row's fields are unquoted in place and end with 0.
typedef struct Reader {
    const char *path;
    char *at, *end;
    long line; // where the row began, from 1
    long next; // where the next one begins
    char **field;
    int count;
    size_t room;
} Reader;

static int add_field(Reader *r, char *field) {
    if ((size_t)r->count == r->room) {
        size_t room = r->room ? r->room * 2 : 64;
        char **grown = room <= MOST_FIELDS ? realloc(r->field, room * sizeof *grown) : NULL;
        if (!grown) return net_report(NET_BROKEN, "%s:%ld: has too many columns", r->path, r->line);
        r->field = grown;
        r->room = room;
    }
    r->field[r->count++] = field;
    return NET_OK;
}

static int read_quoted(Reader *r, char **to) {
    for (r->at++;; r->at++) {
        if (r->at >= r->end)
            return net_report(NET_BROKEN, "%s:%ld: a quoted field does not end", r->path, r->line);
        if (*r->at == '"') {
            if (r->at + 1 >= r->end || r->at[1] != '"') break;
            r->at++;
        }
        r->next += *r->at == '\n';
        *(*to)++ = *r->at;
    }
    r->at++;
    return NET_OK;
}

// Reads one field; *more says that another follows in this row.
static int read_field(Reader *r, bool *more) {
    char *start = r->at;
    char *to = start;
    int code = NET_OK;
    if (r->at < r->end && *r->at == '"') {
        code = read_quoted(r, &to);
        if (!code && r->at < r->end && !strchr(",\r\n", *r->at))
            code = net_report(NET_BROKEN, "%s:%ld: column %d: text after the closing quote",
                              r->path, r->line, r->count + 1);
    }
    if (code) return code;
    while (r->at < r->end && *r->at != ',' && *r->at != '\n') *to++ = *r->at++;
    *more = r->at < r->end && *r->at == ',';
    if (r->at < r->end && *r->at == '\n') r->next++;
    if (r->at < r->end) r->at++;
    if (!*more && to > start && to[-1] == '\r') to--;
    *to = 0;
    return add_field(r, start);
}

// Reads the next row that is not empty; count is 0 at the end.
static int read_row(Reader *r) {
    while (r->at < r->end) {
        bool more = true;
        r->line = r->next;
        r->count = 0;
        while (more) {
            int code = read_field(r, &more);
            if (code) return code;
        }
        if (r->count > 1 || *r->field[0]) return NET_OK;
    }
    r->count = 0;
    return NET_OK;
}

static bool parse_number(const char *text, double *value) {
    char *end = NULL;
    *value = strtod(text, &end);
    if (end == text) return false;
    while (isspace((unsigned char)*end)) end++;
    return !*end;
}

static bool is_numbers(const Reader *r) {
    double value;
    for (int i = 0; i < r->count; i++)
        if (!parse_number(r->field[i], &value)) return false;
    return r->count > 0;
}

// Where the values of the model's inputs stand in a row: input after input.
typedef struct Layout {
    const NetModel *model;
    bool targets;
    int *place; // the column, for every value
    size_t count;
    char **name; // the header's names
    int name_count;
} Layout;

static const NetColumns *find_columns(const NetModel *model, const char *input) {
    for (int i = 0; i < model->data.columns_count; i++)
        if (!strcmp(model->data.columns[i].input, input)) return &model->data.columns[i];
    return NULL;
}

static int find_place(const Layout *l, const Reader *r, const char *name, int *place) {
    int found = 0;
    for (int i = 0; i < l->name_count; i++)
        if (!strcmp(l->name[i], name)) {
            *place = i;
            found++;
        }
    if (found == 1) return NET_OK;
    if (found > 1)
        return net_report(NET_BROKEN, "%s:%ld: the column \"%.40s\" stands there %d times", r->path,
                          r->line, name, found);
    const char *meant = net_closest(name, (const char *const *)l->name, l->name_count);
    return net_report(NET_BROKEN, "%s:%ld: there is no column \"%.40s\"%s%.40s%s", r->path, r->line,
                      name, meant ? "; did you mean \"" : "", meant ? meant : "",
                      meant ? "\"?" : "");
}

static int place_input(Layout *l, const Reader *r, const NetInput *input) {
    const NetColumns *columns = find_columns(l->model, input->name);
    if (!columns && input->count != 1)
        return net_report(NET_BROKEN, "%s: no columns are given for %s: say columns = (%s=[...])",
                          r->path, input->name, input->name);
    if (columns && (size_t)columns->count != input->count)
        return net_report(NET_BROKEN, "%s: %d columns are given for %s, which takes %zu values",
                          r->path, columns->count, input->name, input->count);
    for (size_t i = 0; i < input->count; i++) {
        const char *name = columns ? columns->column[i] : input->name;
        int code = find_place(l, r, name, &l->place[l->count++]);
        if (code) return code;
    }
    return NET_OK;
}

static bool is_wanted(const Layout *l, int input) {
    return l->targets || !l->model->input[input].is_target;
}

static size_t count_values(const Layout *l) {
    size_t count = 0;
    for (int i = 0; i < l->model->input_count; i++)
        if (is_wanted(l, i)) count += l->model->input[i].count;
    return count;
}

// Columns by number, for a file without a header.
static int place_by_number(Layout *l, const Reader *r, size_t wanted) {
    if ((size_t)r->count != wanted)
        return net_report(NET_BROKEN, "%s:%ld: has %d numbers, but the model's inputs take %zu",
                          r->path, r->line, r->count, wanted);
    for (size_t i = 0; i < wanted; i++) l->place[l->count++] = (int)i;
    return NET_OK;
}

static int keep_names(Layout *l, const Reader *r) {
    l->name = calloc((size_t)r->room, sizeof *l->name);
    if (!l->name) return net_report_memory("the header of a csv file");
    for (l->name_count = 0; l->name_count < r->count; l->name_count++)
        l->name[l->name_count] = r->field[l->name_count]; // they stay in the file's bytes
    return NET_OK;
}

// Takes the first row as the header; *first says that it holds values already.
static int read_layout(Layout *l, Reader *r, bool *first) {
    size_t wanted = count_values(l);
    *first = false;
    l->place = calloc(wanted ? wanted : 1, sizeof *l->place);
    if (!l->place) return net_report_memory("the columns of a csv file");
    if (r->count == 0)
        return net_report(NET_BROKEN, "%s: is empty: a header was expected", r->path);
    if (is_numbers(r)) {
        if (l->targets)
            return net_report(NET_BROKEN,
                              "%s:%ld: a header with the names of the columns is "
                              "needed",
                              r->path, r->line);
        *first = true;
        return place_by_number(l, r, wanted);
    }
    int code = keep_names(l, r);
    for (int i = 0; !code && i < l->model->input_count; i++)
        if (is_wanted(l, i)) code = place_input(l, r, &l->model->input[i]);
    return code;
}

static int report_field(const Layout *l, const Reader *r, int place, const char *wanted) {
    char number[24];
    snprintf(number, sizeof number, "%d", place + 1);
    const char *name = l->name ? l->name[place] : number;
    return net_report(NET_BROKEN, "%s:%ld: column %.*s: \"%.*s\" is not %s", r->path, r->line,
                      LONGEST_SHOWN, name, LONGEST_SHOWN, r->field[place], wanted);
}

static int check_value(const Layout *l, const Reader *r, const NetInput *input, int place,
                       double value) {
    if (!isfinite(input->type == NET_F32 ? (double)(float)value : value))
        return report_field(l, r, place, "a finite number");
    if (input->classes && (floor(value) != value || value < 0 || value >= (double)input->classes)) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "a class from 0 to %lld", (long long)input->classes - 1);
        return report_field(l, r, place, wanted);
    }
    if (input->type == NET_I32 && (floor(value) != value || fabs(value) > INT32_MAX))
        return report_field(l, r, place, "a whole number");
    return NET_OK;
}

static void store(Column *column, size_t index, double value) {
    if (column->element == ELEMENT_I32)
        ((int32_t *)column->values)[index] = (int32_t)value;
    else if (column->element == ELEMENT_F32)
        ((float *)column->values)[index] = (float)value;
    else
        ((double *)column->values)[index] = value;
}

static int take_row(const Layout *l, const Reader *r, Column *column, int64_t sample) {
    size_t at = 0;
    for (int i = 0; i < l->model->input_count; i++) {
        const NetInput *input = &l->model->input[i];
        for (size_t j = 0; is_wanted(l, i) && j < input->count; j++) {
            int place = l->place[at++];
            double value = 0;
            if (!parse_number(r->field[place], &value))
                return report_field(l, r, place, "a number");
            int code = check_value(l, r, input, place, value);
            if (code) return code;
            store(&column[i], (size_t)sample * input->count + j, value);
        }
    }
    return NET_OK;
}

static int make_room(const Layout *l, Column *column, int64_t samples) {
    for (int i = 0; i < l->model->input_count; i++) {
        const NetInput *input = &l->model->input[i];
        size_t bytes = 0;
        if (!is_wanted(l, i)) continue;
        bool fits = !__builtin_mul_overflow((size_t)samples, input->count, &bytes) &&
                    !__builtin_mul_overflow(bytes, net_element_size(column[i].element), &bytes);
        void *grown = fits ? realloc(column[i].values, bytes ? bytes : 1) : NULL;
        if (!grown) return net_report_memory("the rows of a csv file");
        column[i].values = grown;
    }
    return NET_OK;
}

static int read_rows(const Layout *l, Reader *r, bool have_first, Column *column,
                     int64_t *samples) {
    int64_t room = 0;
    int width = r->count;
    int code = NET_OK;
    *samples = 0;
    for (;;) {
        if (!have_first) code = read_row(r);
        have_first = false;
        if (code || r->count == 0) break;
        if (r->count != width)
            return net_report(NET_BROKEN, "%s:%ld: has %d columns, but the first row has %d",
                              r->path, r->line, r->count, width);
        if (*samples == room) {
            room = room ? room * 2 : 64;
            code = make_room(l, column, room);
        }
        if (!code) code = take_row(l, r, column, (*samples)++);
        if (code) return code;
    }
    if (!code && *samples == 0) code = net_report(NET_BROKEN, "%s: holds no samples", r->path);
    return code;
}

static void choose_elements(const Layout *l, Column *column) {
    for (int i = 0; i < l->model->input_count; i++) {
        NetType type = l->model->input[i].type;
        column[i].element = type == NET_I32   ? ELEMENT_I32
                            : type == NET_F32 ? ELEMENT_F32
                                              : ELEMENT_F64;
    }
}

int net_csv_read(const NetModel *model, const char *path, bool targets, Column *column,
                 int64_t *samples) {
    Bytes bytes;
    size_t most = net_memory_for_file();
    int code = net_file_read(path, most, &bytes);
    if (code) return code;
    if (bytes.size == most)
        code =
            net_report(NET_BROKEN, "%s: is larger than half of the memory that is available", path);
    char *text = (char *)bytes.data;
    Reader r = {.path = path, .at = text, .end = text + bytes.size, .line = 1, .next = 1};
    Layout l = {.model = model, .targets = targets};
    bool first = false;
    if (bytes.size >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) r.at += 3; // a byte order mark
    if (!code && memchr(text, 0, bytes.size))
        code = net_report(NET_BROKEN, "%s: is not a text file", path);
    if (!code) code = read_row(&r);
    if (!code) code = read_layout(&l, &r, &first);
    choose_elements(&l, column);
    if (!code) code = read_rows(&l, &r, first, column, samples);
    free(r.field);
    free(l.place);
    free(l.name);
    free(bytes.data);
    return code;
}
