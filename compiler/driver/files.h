// files.h: files and folders as the commands need them: whole files, written so that a reader never
// sees half of one.
#ifndef NETC_DRIVER_FILES_H
#define NETC_DRIVER_FILES_H

#include "support/text.h"

// All functions say on stderr what went wrong, naming the path, and return false or NULL.

// The whole file, NUL-terminated. NULL without a word if it cannot be opened and `quiet`.
char *file_load(Arena *a, const char *path, size_t *size, bool quiet);
// Writes beside `path` and renames, so that the old content stays until the new one is complete.
bool file_write(const char *path, const void *bytes, size_t size);
bool file_exists(const char *path);
// Makes the folder and those above it.
bool folder_make(const char *path, unsigned mode);
// Deletes a folder made by folder_temporary and the files in it.
void folder_delete(const char *path);
// A new private folder under $TMPDIR or /tmp.
char *folder_temporary(Arena *a);

char *path_join(Arena *a, const char *folder, const char *name);
char *path_folder(Arena *a, const char *path); // "." where there is none
const char *path_base(const char *path);
// "runs/one/" as "runs/one", so that its base name is not empty.
char *path_without_slash(Arena *a, const char *path);
bool path_has_ending(const char *path, const char *ending);
// The folder of the running program.
char *program_folder(Arena *a);

#endif
