// figure.c: see figure.h.
#include "driver/figure.h"

#include "driver/files.h"
#include "driver/process.h"

#include <string.h>

bool figure_check(const Command *command, const char *path) {
    if (path && (path_has_ending(path, ".svg") || path_has_ending(path, ".png"))) return true;
    if (path)
        usage_error(command, "-o %s: the ending must be .svg or .png", path);
    else
        usage_error(command, "say where to: -o FILE.svg or -o FILE.png");
    return false;
}

int figure_tool_run(Arena *a, const FigureTool *tool, const char *folder, const char *script,
                    const char *path) {
    char *input = path_join(a, folder, "script"), *output = path_join(a, folder, tool->output);
    if (!file_write(input, script, strlen(script))) return EXIT_FILES;
    Words words = {0};
    words_add(a, &words, tool->program);
    for (int i = 0; tool->argument[i]; i++)
        words_add(a, &words, strcmp(tool->argument[i], "%") ? tool->argument[i] : output);
    words_add(a, &words, input);
    Text said = text_new(a);
    int status = process_run(a, &words, &said);
    if (status == 127) {
        fprintf(stderr,
                "netc: %s is not installed, and %s needs it: apt-get install %s, or write an .svg "
                "without it\n",
                tool->program, path, tool->package);
        return EXIT_FILES;
    }
    size_t size = 0;
    char *bytes = status ? NULL : file_load(a, output, &size, true);
    if (!bytes || !size) {
        fprintf(stderr, "netc: %s could not make %s (status %d)\n%s", tool->program, path, status,
                said.size ? said.bytes : "");
        return EXIT_FILES;
    }
    return file_write(path, bytes, size) ? EXIT_FINE : EXIT_FILES;
}

static int write_by_gnuplot(const Chart *c, const char *path) {
    static const FigureTool tool = {"gnuplot", "gnuplot-nox", {NULL}, "figure"};
    char *folder = folder_temporary(c->arena);
    if (!folder) return EXIT_FILES;
    Text script = text_new(c->arena);
    const char *terminal = path_has_ending(path, ".png") ? "pngcairo" : "svg";
    chart_print_gnuplot(c, terminal, path_join(c->arena, folder, tool.output), &script);
    int code = figure_tool_run(c->arena, &tool, folder, script.bytes, path);
    folder_delete(folder);
    return code;
}

int figure_write(const Chart *c, const char *path, bool with_gnuplot) {
    if (with_gnuplot || path_has_ending(path, ".png")) return write_by_gnuplot(c, path);
    Text text = text_new(c->arena);
    chart_print_svg(c, &text);
    return file_write(path, text.bytes, text.size) ? EXIT_FINE : EXIT_FILES;
}
