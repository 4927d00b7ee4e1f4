// main.c: finds the command and runs it.
#include "driver/command.h"

#include <string.h>

static const Command *const command[] = {
#define COMMAND(name) &command_##name,
#include "driver/commands.def"
#undef COMMAND
};
enum { COMMAND_COUNT = sizeof command / sizeof *command };

static void print_help(FILE *out) {
    fprintf(out, "netc compiles a model, written as equations or layers, to C, and trains it.\n\n"
                 "usage: netc COMMAND ARGUMENTS\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", command[i]->name, command[i]->summary);
    fprintf(out, "\n`netc COMMAND --help` tells more. Exit codes: 0 fine, 1 the spec is wrong, 2 "
                 "wrong usage,\n"
                 "3 a file or tool is missing, 4 a check failed, 70 a bug of netc.\n");
}

static int unknown_command(const char *name) {
    const char *known[COMMAND_COUNT];
    for (int i = 0; i < COMMAND_COUNT; i++) known[i] = command[i]->name;
    const char *near = nearest_name(name, known, COMMAND_COUNT);
    fprintf(stderr, "netc: there is no command '%s'", name);
    if (near) fprintf(stderr, "; did you mean '%s'?", near);
    fprintf(stderr, "\n  `netc --help` lists the commands\n");
    return EXIT_USAGE;
}

static int run(const Command *c, int argc, char **argv) {
    Arena *arena = arena_new(0);
    Arguments arguments;
    int code = EXIT_USAGE;
    switch (options_parse(arena, c, argc, argv, &arguments)) {
    case OPTIONS_FINE: code = c->run(&arguments); break;
    case OPTIONS_HELP: code = EXIT_FINE; break;
    case OPTIONS_WRONG: break;
    }
    arena_free(arena);
    return code;
}

// What was printed is only fine if it arrived: a full disk must not look like success.
static int after_output(int code) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fprintf(stderr,
            "netc: the output could not be written: is the disk full or the pipe closed?\n");
    return code ? code : EXIT_FILES;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_help(stdout);
        return after_output(EXIT_FINE);
    }
    if (!strcmp(argv[1], "--version")) {
        printf("netc %s\n", NETC_VERSION);
        return after_output(EXIT_FINE);
    }
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(argv[1], command[i]->name))
            return after_output(run(command[i], argc - 2, argv + 2));
    return unknown_command(argv[1]);
}
