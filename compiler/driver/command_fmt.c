// command_fmt.c: the canonical form of .net text, comments kept.
#include "driver/files.h"
#include "driver/pipeline.h"

#include <string.h>

static const Option option[] = {
    {"check", 0, NULL, "print the names of files that are not canonical; exit 4 if there is one",
     NULL},
    {"write", 'w', NULL, "write files in place; otherwise the text goes to stdout", NULL},
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static int format_text(Pipeline *p, const Arguments *arguments) {
    const char *text = ast_print(p->compile, p->ast);
    const Source *source = source_get(p->compile->sources, p->ast->file);
    bool same = strlen(text) == source->size && !memcmp(text, source->bytes, source->size);
    if (option_given(arguments, "check")) {
        if (!same) printf("%s\n", p->path);
        return same ? EXIT_FINE : EXIT_CHECK;
    }
    if (!option_given(arguments, "write")) {
        fputs(text, stdout);
        return EXIT_FINE;
    }
    return same || file_write(p->path, text, strlen(text)) ? EXIT_FINE : EXIT_FILES;
}

static int format_file(const char *path, const Arguments *arguments) {
    Pipeline p = pipeline_new(path);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments)) {
        bool fine = pipeline_compile(&p, "ast");
        code = pipeline_finish(&p);
        if (fine) code = format_text(&p, arguments);
    }
    pipeline_free(&p);
    return code;
}

static int run(const Arguments *arguments) {
    int worst = EXIT_FINE;
    for (int i = 0; i < arguments->positional.count; i++) {
        const char *path = arguments->positional.item[i];
        if (path_has_ending(path, ".yaml") || path_has_ending(path, ".yml"))
            return usage_error(&command_fmt,
                               "%s: fmt knows .net text; `netc convert` makes it from YAML", path);
        int code = format_file(path, arguments);
        if (code > worst) worst = code;
    }
    return worst;
}

const Command command_fmt = {
    .name = "fmt",
    .arguments = "[--check | -w] FILE...",
    .summary = "Print specs in canonical form",
    .option = option,
    .least = 1,
    .most = 4096,
    .run = run,
};
