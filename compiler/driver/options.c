// options.c: one pass over argv; each word is an option of the command's table, its value, or
// positional.
#include "driver/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Every command has these.
static const Option common_option[] = {
    {"help", 'h', NULL, "print this text", NULL},
    {NULL, 0, NULL, NULL, NULL},
};

int usage_error(const Command *command, const char *format, ...) {
    va_list values;
    va_start(values, format);
    fprintf(stderr, "netc %s: ", command->name);
    vfprintf(stderr, format, values);
    va_end(values);
    fprintf(stderr, "\n  usage: netc %s %s\n  `netc %s --help` lists the options\n", command->name,
            command->arguments, command->name);
    return EXIT_USAGE;
}

static const Option *find_in(const Option *table, const char *name, size_t size, char letter) {
    for (const Option *o = table; o && o->name; o++) {
        if (letter ? o->letter == letter : strlen(o->name) == size && !memcmp(o->name, name, size))
            return o;
    }
    return NULL;
}

static const Option *find(const Command *c, const char *name, size_t size, char letter) {
    const Option *o = find_in(c->option, name, size, letter);
    return o ? o : find_in(common_option, name, size, letter);
}

static int unknown_option(Arena *a, const Command *c, const char *name) {
    LIST(const char *) known = {0};
    for (const Option *o = c->option; o && o->name; o++) list_add(a, known, o->name);
    list_add(a, known, common_option[0].name);
    const char *near = nearest_name(name, known.item, known.count);
    if (near) return usage_error(c, "there is no option --%s; did you mean --%s?", name, near);
    return usage_error(c, "there is no option --%s", name);
}

static bool is_choice(const Option *o, const char *value) {
    for (int i = 0; o->choice(i); i++)
        if (!strcmp(o->choice(i), value)) return true;
    return false;
}

static int wrong_choice(Arena *a, const Command *c, const Option *o, const char *value) {
    LIST(const char *) known = {0};
    Text all = text_new(a);
    for (int i = 0; o->choice(i); i++) {
        list_add(a, known, o->choice(i));
        text_printf(&all, "%s%s", i ? ", " : "", o->choice(i));
    }
    const char *near = nearest_name(value, known.item, known.count);
    if (near) return usage_error(c, "--%s=%s: did you mean '%s'?", o->name, value, near);
    return usage_error(c, "--%s=%s: it must be one of %s", o->name, value, all.bytes);
}

// Takes the option at argv[*i]; moves *i to its last word.
static bool take_option(Arena *a, const Command *c, int argc, char **argv, int *i, Arguments *out) {
    const char *word = argv[*i];
    bool is_long = word[1] == '-';
    const char *name = is_long ? word + 2 : word + 1;
    const char *equals = is_long ? strchr(name, '=') : NULL;
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const Option *o = is_long ? find(c, name, size, 0) : find(c, NULL, 0, name[0]);
    if (!o) return unknown_option(a, c, arena_copy(a, name, size)), false;
    const char *value = equals ? equals + 1 : !is_long && name[1] ? name + 1 : NULL;
    if (!o->value && value) return usage_error(c, "--%s takes no value", o->name), false;
    if (o->value && !value) {
        if (*i + 1 >= argc) return usage_error(c, "--%s wants %s", o->name, o->value), false;
        value = argv[++*i];
    }
    if (o->choice && !is_choice(o, value)) return wrong_choice(a, c, o, value), false;
    list_add(a, out->use, ((OptionUse){o, value}));
    return true;
}

OptionsOutcome options_parse(Arena *a, const Command *command, int argc, char **argv,
                             Arguments *out) {
    *out = (Arguments){.command = command};
    bool only_positional = false;
    for (int i = 0; i < argc; i++) {
        if (!only_positional && !strcmp(argv[i], "--")) {
            only_positional = true;
        } else if (only_positional || argv[i][0] != '-' || !argv[i][1]) {
            list_add(a, out->positional, argv[i]);
        } else if (!take_option(a, command, argc, argv, &i, out)) {
            return OPTIONS_WRONG;
        }
    }
    if (option_given(out, "help")) {
        command_print_help(command);
        return OPTIONS_HELP;
    }
    if (out->positional.count < command->least) {
        usage_error(command, "an argument is missing");
        return OPTIONS_WRONG;
    }
    if (out->positional.count > command->most) {
        usage_error(command, "'%s' is one argument too many", out->positional.item[command->most]);
        return OPTIONS_WRONG;
    }
    return OPTIONS_FINE;
}

bool option_given(const Arguments *a, const char *name) {
    for (int i = 0; i < a->use.count; i++)
        if (!strcmp(a->use.item[i].option->name, name)) return true;
    return false;
}

const char *option_value(const Arguments *a, const char *name) {
    const char *value = NULL;
    for (int i = 0; i < a->use.count; i++)
        if (!strcmp(a->use.item[i].option->name, name)) value = a->use.item[i].value;
    return value;
}

bool option_integer(const Arguments *a, const char *name, int64_t low, int64_t high, int64_t *out) {
    const char *text = option_value(a, name);
    if (!text) return true;
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end || value < low || value > high) {
        usage_error(a->command, "--%s=%s: it must be a whole number from %" PRId64 " to %" PRId64,
                    name, text, low, high);
        return false;
    }
    *out = value;
    return true;
}

static void print_option(const Option *o) {
    char left[64];
    int size = 0;
    if (o->letter) size = snprintf(left, sizeof left, "-%c, ", o->letter);
    snprintf(left + size, sizeof left - (size_t)size, "--%s%s%s", o->name, o->value ? "=" : "",
             o->value ? o->value : "");
    printf("  %-24s %s", left, o->help);
    for (int i = 0; o->choice && o->choice(i); i++) printf("%s%s", i ? "|" : ": ", o->choice(i));
    putchar('\n');
}

void command_print_help(const Command *command) {
    printf("netc %s %s\n\n%s.\n", command->name, command->arguments, command->summary);
    if (command->detail) printf("%s\n", command->detail);
    printf("\noptions:\n");
    for (const Option *o = command->option; o && o->name; o++) print_option(o);
    for (const Option *o = common_option; o->name; o++) print_option(o);
}
