// files.c: whole files in, whole files out. Written data reach the disk before they get their name.
#include "files.h"

#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

double net_memory_available(void) {
    double kib = 0;
    char line[128];
    FILE *in = fopen("/proc/meminfo", "r");
    while (in && fgets(line, sizeof line, in))
        if (sscanf(line, "MemAvailable: %lf", &kib) == 1) break;
    if (in) fclose(in);
#ifdef _SC_AVPHYS_PAGES
    if (kib <= 0) return (double)sysconf(_SC_AVPHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
#endif
    return kib * 1024;
}

size_t net_memory_for_file(void) {
    double available = net_memory_available();
    return available > 0 ? (size_t)(available / 2) : SIZE_MAX / 4;
}

static int grow(Bytes *bytes, size_t *room, size_t most) {
    size_t wanted = *room ? *room * 2 : 1 << 16;
    wanted = wanted < most ? wanted : most;
    unsigned char *data = realloc(bytes->data, wanted + 1);
    if (!data) return net_report_memory("a data file");
    bytes->data = data;
    *room = wanted;
    return NET_OK;
}

static int read_all(gzFile file, const char *path, size_t most, Bytes *bytes) {
    size_t room = 0;
    for (;;) {
        if (bytes->size == room) {
            int code = grow(bytes, &room, most);
            if (code) return code;
        }
        if (bytes->size == most) break;
        size_t wanted = room - bytes->size < 1 << 24 ? room - bytes->size : 1 << 24;
        int got = gzread(file, bytes->data + bytes->size, (unsigned)wanted);
        if (got < 0)
            return net_report(NET_BROKEN, "%s: cannot be read: %s", path,
                              errno ? strerror(errno) : "the gzip data are damaged");
        bytes->size += (size_t)got;
        if (got == 0) break;
    }
    bytes->data[bytes->size] = 0;
    return NET_OK;
}

int net_file_read(const char *path, size_t most, Bytes *bytes) {
    struct stat status;
    *bytes = (Bytes){NULL, 0};
    if (stat(path, &status)) return net_report(NET_BROKEN, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode)) return net_report(NET_BROKEN, "%s: is not a regular file", path);
    errno = 0;
    gzFile file = gzopen(path, "rb");
    if (!file) return net_report(NET_BROKEN, "%s: cannot be opened: %s", path, strerror(errno));
    errno = 0;
    int code = read_all(file, path, most, bytes);
    int closed = gzclose_r(file);
    if (!code && closed != Z_OK && bytes->size < most)
        code = net_report(NET_BROKEN, "%s: the gzip data end too early", path);
    if (code) {
        free(bytes->data);
        *bytes = (Bytes){NULL, 0};
    }
    return code;
}

char *net_path_join(const char *folder, const char *name) {
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path) snprintf(path, size, "%s%s%s", folder, *folder ? "/" : "", name);
    return path;
}

int net_folder_make(const char *path) {
    char *part = net_path_join("", path);
    if (!part) return net_report_memory("a path");
    int failed = 0;
    for (char *at = part + (*part == '/'); !failed; at++) {
        bool last = !*at;
        if (!last && *at != '/') continue;
        *at = 0;
        failed = mkdir(part, 0777) && errno != EEXIST && errno != EISDIR ? errno : 0;
        if (last) break;
        *at = '/';
    }
    struct stat status;
    if (!failed && (stat(path, &status) || !S_ISDIR(status.st_mode))) failed = ENOTDIR;
    free(part);
    if (failed)
        return net_report(NET_BROKEN, "%s: the folder cannot be made: %s", path, strerror(failed));
    return NET_OK;
}

int net_replace_begin(Replacement *r, const char *path) {
    *r = (Replacement){.path = path};
    size_t size = strlen(path) + 5;
    r->temporary = malloc(size);
    if (!r->temporary) return net_report_memory("a path");
    snprintf(r->temporary, size, "%s.tmp", path);
    r->file = fopen(r->temporary, "wb");
    if (r->file) return NET_OK;
    int code = net_report(NET_BROKEN, "%s: cannot be written: %s", r->temporary, strerror(errno));
    free(r->temporary);
    r->temporary = NULL;
    return code;
}

// A rename is on the disk only when its folder is. Some file systems cannot: then it is up to them.
static void sync_folder(const char *path) {
    char *folder = net_path_join("", path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    if (slash) slash[slash == folder] = 0;
    int handle = folder ? open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (handle >= 0) {
        fsync(handle);
        close(handle);
    }
    free(folder);
}

int net_replace_end(Replacement *r) {
    int failed = 0;
    errno = 0;
    if (ferror(r->file) || fflush(r->file) || fsync(fileno(r->file))) failed = errno ? errno : EIO;
    if (fclose(r->file) && !failed) failed = errno;
    r->file = NULL;
    if (!failed && rename(r->temporary, r->path)) failed = errno;
    if (!failed) {
        sync_folder(r->path);
        free(r->temporary);
        r->temporary = NULL;
        return NET_OK;
    }
    int code = net_report(NET_BROKEN, "%s: cannot be written: %s; what was there before is kept",
                          r->path, strerror(failed));
    net_replace_cancel(r);
    return code;
}

void net_replace_cancel(Replacement *r) {
    if (r->file) fclose(r->file);
    if (r->temporary) unlink(r->temporary);
    free(r->temporary);
    *r = (Replacement){.path = r->path};
}
