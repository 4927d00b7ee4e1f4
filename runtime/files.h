// files.h: reading whole files (plain or gzip) and replacing files so that a reader never sees half of one.
#ifndef NET_FILES_H
#define NET_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// A file's bytes after decompression; `data` is freed by the caller and is followed by a 0 that `size` does not count.
typedef struct Bytes {
    unsigned char *data;
    size_t size;
} Bytes;

// Reads `path`, gzip or plain; reports what fails. Refuses more than `most` bytes.
int net_file_read(const char *path, size_t most, Bytes *bytes);

// folder + "/" + name in a new string; NULL without memory.
char *net_path_join(const char *folder, const char *name);

// Makes the folder and those above it; reports what fails.
int net_folder_make(const char *path);

// A file being written beside the one it will replace.
typedef struct Replacement {
    const char *path; // borrowed
    char *temporary;
    FILE *file;
} Replacement;

// Opens "PATH.tmp"; reports what fails.
int net_replace_begin(Replacement *r, const char *path);

// Flushes to the disk and takes the old file's place in one step; on failure the old file stays. Reports what fails.
int net_replace_end(Replacement *r);

// Gives up: removes the temporary file.
void net_replace_cancel(Replacement *r);

#endif
