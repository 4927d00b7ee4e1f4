// golden.c: see golden.h.
#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

bool golden_bless;

static void rewrite(const char *path, const Text *text) {
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(text->bytes, 1, text->size, f) != text->size)
        fail_msg("%s cannot be written", path);
    fclose(f);
}

void golden_compare(const char *folder, const char *file, const Text *text) {
    char *path = arena_printf(text->arena, "%s/%s", folder, file);
    if (golden_bless) {
        rewrite(path, text);
        return;
    }
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("there is no %s: write it with --bless", path);
    char *want = arena_alloc(text->arena, text->size + 2);
    size_t size = fread(want, 1, text->size + 1, f);
    fclose(f);
    if (size == text->size && memcmp(want, text->bytes, size) == 0) return;
    fputs(text->bytes, stderr);
    fail_msg("%s differs; if the new text above is right, run with --bless", path);
}
