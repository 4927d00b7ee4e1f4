// main.c: the command line of a compiled trainer: train, eval, predict. One table of options serves
// parser and help.
#include "net_runtime.h"
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef enum OptionKind {
    OPTION_DATA,
    OPTION_OUT,
    OPTION_RESUME,
    OPTION_EPOCHS,
    OPTION_ITERATIONS,
    OPTION_SEED,
    OPTION_THREADS,
    OPTION_SET,
    OPTION_CHECKPOINT_EVERY,
    OPTION_QUIET,
    OPTION_HELP
} OptionKind;

typedef struct Option {
    const char *name;
    const char *value; // what it takes; NULL: nothing
    const char *help;
} Option;

static const Option options[] = {
    [OPTION_DATA] = {"--data", "DIR", "look for data files here first"},
    [OPTION_OUT] = {"--out", "DIR", "write metrics.csv, run.json and checkpoint.safetensors here"},
    [OPTION_RESUME] = {"--resume", "FILE", "go on from this checkpoint"},
    [OPTION_EPOCHS] = {"--epochs", "N", "train for N epochs"},
    [OPTION_ITERATIONS] = {"--iterations", "N", "train for N iterations"},
    [OPTION_SEED] = {"--seed", "N", "seed of all random numbers"},
    [OPTION_THREADS] = {"--threads", "N", "threads; the results do not depend on them"},
    [OPTION_SET] = {"--set", "NAME=VALUE", "replace a train, optimizer or schedule setting"},
    [OPTION_CHECKPOINT_EVERY] = {"--checkpoint-every", "N", "write a checkpoint every N steps"},
    [OPTION_QUIET] = {"--quiet", NULL, "print errors only"},
    [OPTION_HELP] = {"--help", NULL, "print this"},
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

static const char *const commands[] = {"train", "eval", "predict"};

typedef struct CommandLine {
    NetRunOptions run;
    const char *command;
    const char *operand[2]; // eval CHECKPOINT, predict CHECKPOINT FILE
    int operand_count;
    NetSetting *set;
    bool help;
} CommandLine;

static void print_help(const NetModel *model, const char *program) {
    printf("usage: %s [train] [options]\n"
           "       %s eval RUN [options]\n"
           "       %s predict RUN FILE [options]\n\n"
           "Trains %s, tests what was trained (RUN is a folder given to --out, or a checkpoint),\n"
           "or prints its outputs for an IDX file, a PGM image or CSV rows.\n\n",
           program, program, program, model->name);
    for (int i = 0; i < OPTION_COUNT; i++) {
        char left[48];
        snprintf(left, sizeof left, "%s %s", options[i].name,
                 options[i].value ? options[i].value : "");
        printf("  %-24s %s\n", left, options[i].help);
    }
}

static int parse_whole(const char *name, const char *text, uint64_t most, uint64_t *value) {
    char *end = NULL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || *value > most)
        return net_report(NET_USAGE, "%s %s: a whole number from 0 to %llu is needed", name, text,
                          (unsigned long long)most);
    return NET_OK;
}

static int parse_count(const char *name, const char *text, int64_t *value) {
    uint64_t whole = 0;
    int code = parse_whole(name, text, INT64_MAX, &whole);
    *value = (int64_t)whole;
    return code;
}

// "0.1", "true", "[3, 6]", "(0.9, 0.999)": numbers into a new array; returns their count, 0 if it
// is a text.
static int parse_numbers(const char *text, double **numbers) {
    size_t length = strlen(text);
    bool list = length > 1 && strchr("[(", *text) && strchr("])", text[length - 1]);
    const char *at = text + list;
    double *value = malloc((length + 1) * sizeof *value);
    int count = 0;
    *numbers = value;
    while (value) {
        char *end = NULL;
        value[count] = strtod(at, &end);
        if (end == at) return 0;
        count++;
        at = end + strspn(end, " ");
        if (list && *at == ',')
            at++;
        else
            break;
    }
    return value && *at == (list ? text[length - 1] : 0) && (!list || !at[1]) ? count : 0;
}

static int parse_set(CommandLine *line, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return net_report(NET_USAGE, "--set %s: NAME=VALUE is needed", text);
    NetSetting *grown = realloc(line->set, (size_t)(line->run.set_count + 1) * sizeof *grown);
    char *name = malloc((size_t)(equals - text) + 1);
    double *numbers = NULL;
    if (grown) line->set = grown;
    if (!grown || !name) {
        free(name);
        return net_report_memory("--set");
    }
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = 0;
    const char *value = equals + 1;
    int truth = !strcmp(value, "true") ? 1 : !strcmp(value, "false") ? 0 : -1;
    int count = parse_numbers(truth < 0 ? value : truth ? "1" : "0", &numbers);
    line->set[line->run.set_count++] =
        (NetSetting){.name = name, .count = count, .value = numbers, .text = count ? NULL : value};
    line->run.set = line->set;
    return NET_OK;
}

static void free_line(CommandLine *line) {
    for (int i = 0; i < line->run.set_count; i++) {
        free((void *)(uintptr_t)line->set[i].name);
        free((void *)(uintptr_t)line->set[i].value);
    }
    free(line->set);
}

static int take_option(CommandLine *line, OptionKind kind, const char *value) {
    const char *name = options[kind].name;
    NetRunOptions *run = &line->run;
    uint64_t threads = 0;
    int code = NET_OK;
    switch (kind) {
    case OPTION_DATA: run->data_dir = value; break;
    case OPTION_OUT: run->out_dir = value; break;
    case OPTION_RESUME: run->resume = value; break;
    case OPTION_EPOCHS: return parse_count(name, value, &run->epochs);
    case OPTION_ITERATIONS: return parse_count(name, value, &run->iterations);
    case OPTION_SEED: run->has_seed = true; return parse_whole(name, value, UINT64_MAX, &run->seed);
    case OPTION_THREADS:
        code = parse_whole(name, value, 1024, &threads);
        run->threads = (int)threads;
        return code;
    case OPTION_SET: return parse_set(line, value);
    case OPTION_CHECKPOINT_EVERY: return parse_count(name, value, &run->checkpoint_every);
    case OPTION_QUIET: run->quiet = true; break;
    case OPTION_HELP: line->help = true; break;
    }
    return code;
}

static int report_option(const char *word) {
    const char *known[OPTION_COUNT];
    for (int i = 0; i < OPTION_COUNT; i++) known[i] = options[i].name;
    const char *meant = net_closest(word, known, OPTION_COUNT);
    return net_report(NET_USAGE, "there is no option %s%s%s%s; --help lists them", word,
                      meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
}

// Takes argv[*at] and, where it needs one, the value after it or after "=".
static int parse_option(CommandLine *line, int argc, char **argv, int *at) {
    char *word = argv[*at];
    char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (strlen(options[i].name) != length || strncmp(options[i].name, word, length)) continue;
        if (!options[i].value)
            return equals ? net_report(NET_USAGE, "%s takes no value", options[i].name)
                          : take_option(line, (OptionKind)i, NULL);
        if (!equals && ++*at >= argc)
            return net_report(NET_USAGE, "%s needs %s", word, options[i].value);
        return take_option(line, (OptionKind)i, equals ? equals + 1 : argv[*at]);
    }
    return report_option(word);
}

static int parse_line(CommandLine *line, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        int code = NET_OK;
        if (argv[i][0] == '-' && argv[i][1])
            code = parse_option(line, argc, argv, &i);
        else if (!line->command)
            line->command = argv[i];
        else if (line->operand_count < 2)
            line->operand[line->operand_count++] = argv[i];
        else
            code = net_report(NET_USAGE, "%s is one word too many; --help says how", argv[i]);
        if (code) return code;
    }
    return NET_OK;
}

static int count_operands(const char *command) {
    for (int i = 0; i < 3; i++)
        if (!strcmp(command, commands[i])) return i;
    const char *meant = net_closest(command, commands, 3);
    net_report(NET_USAGE, "there is no command %s%s%s%s; --help lists them", command,
               meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    return -1;
}

static int run_command(const NetModel *model, const CommandLine *line) {
    const char *command = line->command ? line->command : "train";
    int wanted = count_operands(command);
    if (wanted < 0) return NET_USAGE;
    if (line->operand_count != wanted)
        return net_report(NET_USAGE, "%s takes %d operands, not %d; --help says which", command,
                          wanted, line->operand_count);
    if (wanted == 0) return net_train(model, &line->run);
    if (wanted == 1) return net_evaluate(model, line->operand[0], &line->run);
    return net_predict(model, line->operand[0], line->operand[1], &line->run);
}

int net_main(const NetModel *model, int argc, char **argv) {
    CommandLine line = {.run = {.epochs = -1, .iterations = -1, .spec_dir = ""}};
    int code = parse_line(&line, argc, argv);
    if (!code && line.help)
        print_help(model, argc > 0 ? argv[0] : "trainer");
    else if (!code)
        code = run_command(model, &line);
    free_line(&line);
    return code;
}
