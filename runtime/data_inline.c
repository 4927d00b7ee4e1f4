// data_inline.c: samples written in the spec itself.
#include "data.h"

#include "report.h"

#include <stdlib.h>
#include <string.h>

static const NetInline *find_inline(const NetModel *model, const char *input) {
    for (int i = 0; i < model->data.inlined_count; i++)
        if (!strcmp(model->data.inlined[i].input, input)) return &model->data.inlined[i];
    return NULL;
}

static int take(const NetInput *input, const NetInline *from, Column *column) {
    size_t count = from->sample_count * input->count;
    double *values = malloc((count ? count : 1) * sizeof *values);
    if (!values) return net_report_memory("inline data");
    memcpy(values, from->value, count * sizeof *values);
    *column = (Column){.element = ELEMENT_F64, .values = values};
    return net_column_check(input, column, (int64_t)from->sample_count, "the spec's data",
                            "sample");
}

int net_inline_read(const NetModel *model, Column *column, int64_t *samples) {
    for (int i = 0; i < model->input_count; i++) {
        const NetInput *input = &model->input[i];
        const NetInline *from = find_inline(model, input->name);
        if (!from)
            return net_report(NET_BROKEN, "the spec's data have no values for %s", input->name);
        if (i > 0 && (int64_t)from->sample_count != *samples)
            return net_report(NET_BROKEN, "the spec's data have %zu samples of %s, but %lld of %s",
                              from->sample_count, input->name, (long long)*samples,
                              model->input[0].name);
        *samples = (int64_t)from->sample_count;
        int code = take(input, from, &column[i]);
        if (code) return code;
    }
    return NET_OK;
}
