// command_worksheet.c: a worksheet with blanks and a key, as a page or through headless Chromium as
// a PDF.
#include "driver/files.h"
#include "driver/process.h"
#include "driver/snapshot.h"
#include "teach/worksheet.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const Option option[] = {
    {"output", 'o', "FILE", "what to write: .html or .pdf", NULL},
    {"seed", 0, "N", "other numbers, drawn with two decimals (otherwise the spec's)", NULL},
    {"threads", 0, "N", "threads (one per core)", NULL},
    OPTION_SET,
    OPTIONS_TOOLCHAIN,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static void draw_numbers(Snapshot *s, uint64_t seed) {
    Program *p = s->pipeline.model->train;
    for (int i = 0; i < p->tensor.count; i++) {
        double *value = worksheet_draw(p->arena, p->tensor.item[i], seed);
        if (value) snapshot_set(s, p->tensor.item[i], value);
    }
    snapshot_compute(s);
}

// The loss after w - lr*gradient, by the compiled program; the numbers of the page stay those
// before.
static double loss_after_step(Snapshot *s, double lr) {
    Program *p = s->pipeline.model->train;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *g = p->tensor.item[i];
        if (g->role != TENSOR_GRADIENT || !g->of || g->of->role != TENSOR_PARAM) continue;
        int64_t count = tensor_count(g);
        double *value = arena_new_array(p->arena, double, count + 1);
        for (int64_t k = 0; k < count; k++)
            value[k] = s->numbers->of[g->of->id][k] - lr * s->numbers->of[g->id][k];
        snapshot_set(s, g->of, value);
    }
    double results[64];
    NetCall call = s->call;
    if (s->loaded.model->result_count > 64) return NAN;
    call.results = results;
    s->loaded.model->forward(&call);
    return results[0];
}

static bool is_plain_descent(const NetChoice *optimizer) {
    return optimizer->kind && !strcmp(optimizer->kind, "SGD") && optimizer->argument_count <= 1;
}

// Chromium prints the page; a sandbox of its own is not to be had for root.
static int print_pdf(Arena *a, const char *html, const char *path) {
    static const char *const name[] = {"chromium", "chromium-browser", "google-chrome"};
    char *folder = folder_temporary(a);
    if (!folder) return EXIT_FILES;
    char *page = path_join(a, folder, "worksheet.html");
    int status = 127;
    Text said = text_new(a);
    if (file_write(page, html, strlen(html))) {
        for (int i = 0; i < 3 && status == 127; i++) {
            Words words = {0};
            words_add(a, &words, name[i]);
            words_add(a, &words, "--headless");
            words_add(a, &words, "--disable-gpu");
            if (geteuid() == 0) words_add(a, &words, "--no-sandbox");
            words_add(a, &words, arena_printf(a, "--user-data-dir=%s/profile", folder));
            words_add(a, &words, "--no-pdf-header-footer");
            words_add(a, &words, arena_printf(a, "--print-to-pdf=%s", path));
            words_add(a, &words, arena_printf(a, "file://%s", page));
            status = process_run(a, &words, &said);
        }
    }
    Words clean = {0};
    words_add(a, &clean, "rm");
    words_add(a, &clean, "-rf");
    words_add(a, &clean, folder);
    process_run(a, &clean, NULL);
    if (status == 0 && file_exists(path)) return EXIT_FINE;
    if (status == 127)
        fprintf(stderr, "netc: a PDF is printed by Chromium, which is not here: install chromium, "
                        "or write .html and print that\n");
    else
        fprintf(stderr, "%snetc: Chromium printed no %s; write .html and print that\n", said.bytes,
                path);
    return EXIT_FILES;
}

static int make_sheet(Snapshot *s, const Arguments *arguments) {
    const Model *model = s->pipeline.model;
    const char *path = option_value(arguments, "output");
    Arena *a = s->pipeline.compile->arena;
    Worksheet w = {.program = model->train,
                   .numbers = s->numbers,
                   .spec = model->spec,
                   .lr = NAN,
                   .numbers_of = "of the spec"};
    int64_t blanks = worksheet_blanks(&w);
    if (blanks > WORKSHEET_BLANKS)
        return usage_error(arguments->command,
                           "%s: a worksheet asks for at most %d numbers, this network has %lld; a "
                           "smaller network, "
                           "or `netc derive` with --of",
                           s->pipeline.path, WORKSHEET_BLANKS, (long long)blanks);
    if (!s->numbers)
        return usage_error(arguments->command,
                           "%s: a worksheet wants the data written in the spec (format = inline)",
                           s->pipeline.path);
    int64_t seed = -1;
    if (!option_integer(arguments, "seed", 0, INT64_MAX, &seed)) return EXIT_USAGE;
    if (seed >= 0) {
        draw_numbers(s, (uint64_t)seed);
        w.numbers_of = arena_printf(a, "of seed %" PRId64, seed);
    }
    if (is_plain_descent(&model->settings.optimizer)) {
        w.lr = s->lr;
        w.loss_after = loss_after_step(s, s->lr);
    }
    const char *html = worksheet_print(&w);
    if (path_has_ending(path, ".pdf")) return print_pdf(a, html, path);
    return file_write(path, html, strlen(html)) ? EXIT_FINE : EXIT_FILES;
}

static int run(const Arguments *arguments) {
    const char *path = option_value(arguments, "output");
    if (!path || !(path_has_ending(path, ".html") || path_has_ending(path, ".pdf")))
        return usage_error(&command_worksheet,
                           "-o FILE is needed, with a name that ends in .html or .pdf");
    Snapshot s;
    int code = snapshot_open(&s, arguments, 0);
    if (code == EXIT_FINE) code = make_sheet(&s, arguments);
    snapshot_close(&s);
    return code;
}

const Command command_worksheet = {
    .name = "worksheet",
    .arguments = "SPEC -o SHEET.html|.pdf",
    .summary = "Write a worksheet with blanks and an answer key",
    .detail = "Forward, backward and one step of training to be filled in; the key is shown on "
              "demand and printed on a page of its\n"
              "own. Another --seed gives other numbers.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
