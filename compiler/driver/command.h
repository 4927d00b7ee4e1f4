// command.h: what a command of netc is: a row of text and options, and a function. The table of
// commands is commands.def.
#ifndef NETC_DRIVER_COMMAND_H
#define NETC_DRIVER_COMMAND_H

#include "driver/options.h"

// The exit codes of netc, the same for every command and for compiled trainers.
enum {
    EXIT_FINE = 0,
    EXIT_SPEC = 1,     // the spec is wrong
    EXIT_USAGE = 2,    // the command line is wrong
    EXIT_FILES = 3,    // a file or a tool is missing or broken
    EXIT_CHECK = 4,    // a check failed
    EXIT_INTERNAL = 70 // our own mistake
};

struct Command {
    const char *name;
    const char *arguments;                  // "SPEC -o DIR"
    const char *summary;                    // one line of `netc --help`
    const char *detail;                     // more lines of `netc NAME --help`, or NULL
    const Option *option;                   // ends with a row whose name is NULL; NULL: no options
    int least, most;                        // positional arguments
    int (*run)(const Arguments *arguments); // returns an exit code
};

#define COMMAND(name) extern const Command command_##name;
#include "driver/commands.def"
#undef COMMAND

#endif
