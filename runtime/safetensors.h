// safetensors.h: reading and writing files of named tensors: 8 bytes of length, a JSON header, the
// data.
//
// The format is Hugging Face's: {"name": {"dtype": "F32", "shape": [..], "data_offsets": [from,
// to]}, ...,
// "__metadata__": {"key": "text"}}. A file is checked completely before anything of it is believed:
// header size, offsets in range, in order, without gap or overlap, sizes equal to type times shape.
#ifndef NET_SAFETENSORS_H
#define NET_SAFETENSORS_H

#include "net_model.h"

#include <jansson.h>
#include <stdbool.h>

typedef struct Stored {
    const char *name;
    const char *dtype; // while reading: as the file names it
    bool known;        // while reading: `type` is right; others are only measured
    NetType type;
    int rank;
    int64_t shape[NET_MAX_RANK];
    size_t bytes;
    const void *data; // NULL while reading: use net_tensors_load
    size_t offset;    // from the start of the data
} Stored;

typedef struct TensorFile {
    char *path;
    json_t *header; // owns the names
    Stored *tensor;
    int count;
    size_t data_start; // in the file
} TensorFile;

// Reads and checks the header of `path`; reports what is wrong.
int net_tensors_open(const char *path, TensorFile *file);

// The tensor called `name`, or NULL.
const Stored *net_tensors_find(const TensorFile *file, const char *name);

// The metadata text called `name`, or NULL.
const char *net_tensors_text(const TensorFile *file, const char *name);

// Reads a tensor's bytes to `to`, which has room for them; reports what fails.
int net_tensors_load(const TensorFile *file, const Stored *stored, void *to);

void net_tensors_close(TensorFile *file);

// Writes the tensors in their order and the metadata (an object of texts), and takes the place of
// `path` in one step.
int net_tensors_write(const char *path, const Stored *tensor, int count, json_t *metadata);

// Bytes of an element: 4, 8, 4.
size_t net_type_size(NetType type);

// "F32", "F64", "I32".
const char *net_type_name(NetType type);

#endif
