// files.h: reading whole files (plain or gzip) and replacing files so that a reader never sees half
// of one.
#ifndef NET_FILES_H
#define NET_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// A file's bytes after decompression; `data` is freed by the caller and is followed by a 0 that
// `size` does not count.
typedef struct Bytes {
    unsigned char *data;
    size_t size;
} Bytes;

// Reads `path`, gzip or plain, but not more than `most` bytes; reports what fails.
int net_file_read(const char *path, size_t most, Bytes *bytes);

// Bytes of memory that a program may still take, or 0 where the system does not say.
double net_memory_available(void);

// The most bytes of one file that may be read into memory: half of what is available.
size_t net_memory_for_file(void);

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

// Flushes to the disk and takes the old file's place in one step; on failure the old file stays.
// Reports what fails.
int net_replace_end(Replacement *r);

// Gives up: removes the temporary file.
void net_replace_cancel(Replacement *r);

#endif
