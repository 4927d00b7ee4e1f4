// command_emit.c: writes the generated C for use in other programs.
#include "driver/files.h"
#include "driver/toolchain.h"

static const Option option[] = {
    {"output", 'o', "DIR", "the folder to write into", NULL},
    {"strict", 0, NULL, "the same bits everywhere: own exp, log and tanh, no contraction", NULL},
    {"batch-size", 0, "N", "samples in a batch, in place of the spec's", NULL},
    OPTION_SET,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static bool write_pair(Pipeline *p, const char *folder) {
    Arena *a = p->compile->arena;
    Generated g = generate(p, NULL);
    char *source = path_join(a, folder, arena_printf(a, "%s.c", g.name));
    char *header = path_join(a, folder, arena_printf(a, "%s.h", g.name));
    if (!folder_make(folder, 0777) || !file_write(source, g.source.bytes, g.source.size) ||
        !file_write(header, g.header.bytes, g.header.size))
        return false;
    printf("%s\n%s\n", source, header);
    return true;
}

static int run(const Arguments *arguments) {
    const char *folder = option_value(arguments, "output");
    if (!folder) return usage_error(&command_emit, "say with -o DIR where to write");
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments)) {
        p.lower.strict = option_given(arguments, "strict");
        bool fine = pipeline_run(&p, NULL);
        code = pipeline_finish(&p);
        if (fine && !write_pair(&p, folder)) code = EXIT_FILES;
    }
    pipeline_free(&p);
    return code;
}

const Command command_emit = {
    .name = "emit",
    .arguments = "SPEC -o DIR",
    .summary = "Write a model's C: MODEL.c and MODEL.h",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
