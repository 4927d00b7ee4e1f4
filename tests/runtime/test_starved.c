// test_starved.c: the n-th call that can fail fails, for every n: allocations, opening, flushing,
// syncing, renaming.
//
// The linker's --wrap sends the runtime's calls here. However a run is starved, it returns with a
// message and code 3 (or gets by without what failed), frees everything (under AddressSanitizer),
// and leaves a checkpoint that loads.
#include "models.h"
#include "net_runtime.h"

#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static long countdown; // calls until one fails; negative: none does
static bool failed;

static bool fails(int error) {
    bool now = countdown-- == 0;
    failed = failed || now;
    if (now) errno = error;
    return now;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size) {
    return fails(ENOMEM) ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size) {
    return fails(ENOMEM) ? NULL : __real_calloc(count, size);
}

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size) {
    return fails(ENOMEM) ? NULL : __real_realloc(block, size);
}

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return fails(ENOMEM) ? NULL : __real_aligned_alloc(alignment, size);
}

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode) {
    return fails(EACCES) ? NULL : __real_fopen(path, mode);
}

int __real_fflush(FILE *file);
int __wrap_fflush(FILE *file);
int __wrap_fflush(FILE *file) {
    return fails(ENOSPC) ? EOF : __real_fflush(file);
}

int __real_fsync(int file);
int __wrap_fsync(int file);
int __wrap_fsync(int file) {
    return fails(EIO) ? -1 : __real_fsync(file);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
    return fails(EXDEV) ? -1 : __real_rename(from, to);
}

static char folder[] = "/tmp/netc-starved-XXXXXX";
static char file[64];

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(file, sizeof file, "%s/checkpoint.safetensors", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    static const char *const name[] = {
        "checkpoint.safetensors",     "metrics.csv",     "run.json",
        "checkpoint.safetensors.tmp", "metrics.csv.tmp", "run.json.tmp"};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        char path[96];
        snprintf(path, sizeof path, "%s/%s", folder, name[i]);
        unlink(path);
    }
    return rmdir(folder);
}

// Runs `use` with its 1st, 2nd, ... failing call until nothing fails any more.
static void starve(int (*use)(const NetRunOptions *), const NetRunOptions *options) {
    FILE *errors = stderr;
    stderr = __real_fopen("/dev/null", "w"); // hundreds of messages that are expected
    int wrong = 0;
    long last = 0;
    for (long n = 0;; n++) {
        countdown = n;
        failed = false;
        int code = use(options);
        last = n;
        bool any = failed;
        countdown = -1;
        wrong += code != 0 && code != 3;
        wrong += !any && code != 0;
        wrong += access(file, R_OK) == 0 && net_evaluate(&linear_model, file, options) != 0;
        if (!any || n == 100000) break;
    }
    fclose(stderr);
    stderr = errors;
    assert_int_equal(wrong, 0);
    assert_in_range(last, 20, 99999);
}

static int train(const NetRunOptions *options) {
    return net_train(&linear_model, options);
}

static int evaluate(const NetRunOptions *options) {
    return net_evaluate(&linear_model, file, options);
}

static void training_survives(void **state) {
    (void)state;
    FILE *log = __real_fopen("/dev/null", "w");
    NetRunOptions options = {
        .epochs = 2, .iterations = -1, .out_dir = folder, .threads = 1, .log = log};
    starve(train, &options);
    options.epochs = 3;
    options.resume = file;
    starve(train, &options);
    starve(evaluate, &options);
    fclose(log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(training_survives, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
