// command_convert.c: between .net text and YAML; the other form is chosen by the name of the file
// written.
#include "driver/files.h"
#include "driver/pipeline.h"
#include "syntax/syntax.h"

#include <string.h>

static const Option option[] = {
    {"output", 'o', "FILE",
     "the file to write: .net, .yaml or .yml (otherwise the other form, on stdout)", NULL},
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static bool is_yaml(const char *path) {
    return path_has_ending(path, ".yaml") || path_has_ending(path, ".yml");
}

static int run(const Arguments *arguments) {
    const char *from = arguments->positional.item[0], *to = option_value(arguments, "output");
    if (to && !is_yaml(to) && !path_has_ending(to, ".net"))
        return usage_error(&command_convert, "-o %s: the name must end in .net, .yaml or .yml", to);
    Pipeline p = pipeline_new(from);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments)) {
        bool fine = pipeline_compile(&p, "ast");
        code = pipeline_finish(&p);
        if (fine) {
            bool yaml = to ? is_yaml(to) : !is_yaml(from);
            const char *text =
                yaml ? ast_print_yaml(p.compile, p.ast) : ast_print(p.compile, p.ast);
            if (!to)
                fputs(text, stdout);
            else if (!file_write(to, text, strlen(text)))
                code = EXIT_FILES;
        }
    }
    pipeline_free(&p);
    return code;
}

const Command command_convert = {
    .name = "convert",
    .arguments = "SPEC [-o FILE]",
    .summary = "Write a spec as YAML, or a YAML spec as .net text",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
