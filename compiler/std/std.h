// std.h: the texts of the library, embedded in the program (made by CMake from the .net files beside this header).
#ifndef NETC_STD_STD_H
#define NETC_STD_STD_H

#include <stddef.h>

typedef struct LibraryFile {
    const char *path; // "std/conv.net"
    const char *bytes;
    size_t size;
} LibraryFile;

extern const LibraryFile library_file[];
extern const int library_file_count;

#endif
