// options.h: command lines against declarative tables.
//
// `--name VALUE`, `--name=VALUE`, `-n VALUE`, flags, and `--`, after which everything is
// positional. Unknown names get a suggestion. Help is printed from the same tables.
#ifndef NETC_DRIVER_OPTIONS_H
#define NETC_DRIVER_OPTIONS_H

#include "support/compile.h"

typedef struct Command Command;

typedef struct Option {
    const char *name;  // "epochs", without dashes
    char letter;       // 'o' for -o, or 0
    const char *value; // what stands for the value in help ("FILE"); NULL: a flag
    const char *help;
    const char *(*choice)(int i); // the i-th allowed value, NULL past the last; NULL: any value
} Option;

typedef struct OptionUse {
    const Option *option;
    const char *value; // NULL for a flag
} OptionUse;

typedef struct Arguments {
    const Command *command;
    LIST(const char *) positional;
    LIST(OptionUse) use; // in the order given
} Arguments;

typedef enum OptionsOutcome { OPTIONS_FINE, OPTIONS_HELP, OPTIONS_WRONG } OptionsOutcome;

// Reads argv[0 .. argc) (what follows the command's name). Wrong: said on stderr. Help: printed on
// stdout.
OptionsOutcome options_parse(Arena *a, const Command *command, int argc, char **argv,
                             Arguments *out);

bool option_given(const Arguments *a, const char *name);
// The last value given, or NULL.
const char *option_value(const Arguments *a, const char *name);
// Reads a whole number in [low, high] into *out if the option was given. False after saying on
// stderr what is wrong.
bool option_integer(const Arguments *a, const char *name, int64_t low, int64_t high, int64_t *out);

// One line on stderr: "netc COMMAND: ..." and where to find help. Returns the exit code of wrong
// usage.
int usage_error(const Command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void command_print_help(const Command *command);

#endif
