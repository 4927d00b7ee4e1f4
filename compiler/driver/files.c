// files.c: whole files, atomically written; folders; paths.
#include "driver/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(const char *what, const char *path) {
    fprintf(stderr, "netc: cannot %s %s: %s\n", what, path, strerror(errno));
    return false;
}

char *file_load(Arena *a, const char *path, size_t *size, bool quiet) {
    FILE *f = fopen(path, "rb");
    if (!f) {
        if (!quiet) complain("open", path);
        return NULL;
    }
    Text text = text_new(a);
    char piece[1 << 14];
    size_t got;
    while ((got = fread(piece, 1, sizeof piece, f)) > 0) text_add_bytes(&text, piece, got);
    bool broken = ferror(f);
    if (broken && !quiet) complain("read", path);
    fclose(f);
    if (broken) return NULL;
    *size = text.size;
    return text.bytes ? text.bytes : arena_copy(a, "", 0);
}

static bool write_all(int file, const char *bytes, size_t size) {
    while (size) {
        ssize_t done = write(file, bytes, size);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

// mkstemp makes files private; these are as public as any file that the user creates.
static void make_public(int file) {
    mode_t mask = umask(0);
    umask(mask);
    fchmod(file, 0666 & ~mask);
}

bool file_write(const char *path, const void *bytes, size_t size) {
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        int file = open(path, O_WRONLY); // a device or a pipe: nothing to rename
        if (file < 0) return complain("write", path);
        bool done = write_all(file, bytes, size);
        if (!done) complain("write", path);
        return close(file) == 0 && done;
    }
    size_t room = strlen(path) + 16;
    char *beside = malloc(room);
    if (!beside) return complain("write", path);
    snprintf(beside, room, "%s.XXXXXX", path);
    int file = mkstemp(beside);
    bool done = file >= 0;
    if (done) {
        make_public(file);
        done = write_all(file, bytes, size) && fsync(file) == 0;
        done = close(file) == 0 && done;
        done = done && rename(beside, path) == 0;
    }
    if (!done) {
        complain("write", path);
        if (file >= 0) unlink(beside);
    }
    free(beside);
    return done;
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool folder_make(const char *path, unsigned mode) {
    char *copy = strdup(path);
    if (!copy) return complain("make the folder", path);
    bool fine = true;
    for (char *p = copy + 1; fine; p++) {
        if (*p != '/' && *p) continue;
        char kept = *p;
        *p = 0;
        fine = mkdir(copy, (mode_t)mode) == 0 || errno == EEXIST;
        *p = kept;
        if (!kept) break;
    }
    struct stat status;
    if (fine && (stat(copy, &status) != 0 || !S_ISDIR(status.st_mode))) {
        errno = ENOTDIR;
        fine = false;
    }
    if (!fine) complain("make the folder", path);
    free(copy);
    return fine;
}

void folder_delete(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            unlinkat(dirfd(folder), entry->d_name, 0);
    }
    closedir(folder);
    rmdir(path);
}

char *folder_temporary(Arena *a) {
    const char *base = getenv("TMPDIR");
    char *path = path_join(a, base && *base ? base : "/tmp", "netc.XXXXXX");
    if (mkdtemp(path)) return path;
    complain("make a temporary folder", path);
    return NULL;
}

char *path_join(Arena *a, const char *folder, const char *name) {
    size_t size = strlen(folder);
    return arena_printf(a, "%s%s%s", folder, size && folder[size - 1] == '/' ? "" : "/", name);
}

char *path_folder(Arena *a, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return arena_copy(a, ".", 1);
    return arena_copy(a, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *path_without_slash(Arena *a, const char *path) {
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/') size--;
    return arena_copy(a, path, size);
}

bool path_has_ending(const char *path, const char *ending) {
    size_t size = strlen(path), wanted = strlen(ending);
    return size > wanted && !strcmp(path + size - wanted, ending);
}

char *program_folder(Arena *a) {
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path);
    if (size <= 0 || (size_t)size >= sizeof path) {
        complain("find the program's own folder by", "/proc/self/exe");
        return NULL;
    }
    path[size] = 0;
    return path_folder(a, path);
}
