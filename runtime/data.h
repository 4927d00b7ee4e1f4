// data.h: samples in memory, as compact as their file had them, and the batches filled from them.
//
// A Dataset has one Column for each input and target of the model, in the model's order. Everything
// is checked while loading: shapes, counts, class ranges, numbers that are not finite. Filling a
// batch converts, scales and normalises (x*scale, then (x - mean)/std, in double) and cannot fail.
#ifndef NET_DATA_LOADED_H
#define NET_DATA_LOADED_H

#include "net_model.h"
#include "net_runtime.h"

#include <stdbool.h>

typedef enum Element {
    ELEMENT_U8,
    ELEMENT_I8,
    ELEMENT_I16,
    ELEMENT_I32,
    ELEMENT_F32,
    ELEMENT_F64
} Element;

// The values of one input: [samples][input->count] elements.
typedef struct Column {
    Element element;
    void *values;
    bool transformed; // a real input: scaled and normalised on its way into a batch
} Column;

typedef struct Dataset {
    const NetModel *model;
    int64_t samples;
    Column *column; // model->input_count of them
    char **path;    // the files read, for run.json
    int path_count;
} Dataset;

// Loads the model's training (or, if `test`, its test) data; reports what is wrong and where.
int net_data_load(const NetModel *model, const NetRunOptions *options, bool test, Dataset *data);

// Loads the model's inputs, without targets, from one IDX, PGM or CSV file, for predictions.
int net_data_load_inputs(const NetModel *model, const char *path, Dataset *data);

// Frees what a Dataset holds; an empty one is fine.
void net_data_free(Dataset *data);

// Fills the first n places of a batch block with the samples first, first + 1, ... of `order`
// (NULL: as stored).
void net_data_fill(const Dataset *data, const int64_t *order, int64_t first, int n, void *batch);

// Bytes of one element.
size_t net_element_size(Element element);

// One element as a double.
double net_element_value(Element element, const void *values, size_t index);

// Looks for a data file: --data, beside the spec, the user's data folder; each also with ".gz".
// Reports all places searched where there is none. The path is freed by the caller.
int net_data_find(const NetRunOptions *options, const char *name, char **path);

// Checks that every value of a column fits its input: whole and in range for classes, finite else.
// `path` and `what`
// ("record") name the place of the first that does not.
int net_column_check(const NetInput *input, const Column *column, int64_t samples, const char *path,
                     const char *what);

// The readers of one file each: they check it, fill a column (csv and inline: all columns) and
// count the samples. The csv reader leaves out targets unless `targets`; a csv file of numbers
// alone, without a header, is for predictions only.
int net_idx_read(const NetInput *input, const char *path, Column *column, int64_t *samples);
int net_pgm_read(const NetInput *input, const char *path, Column *column, int64_t *samples);
int net_csv_read(const NetModel *model, const char *path, bool targets, Column *column,
                 int64_t *samples);
int net_inline_read(const NetModel *model, Column *column, int64_t *samples);

#endif
