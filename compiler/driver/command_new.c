// command_new.c: a first spec to change: commented, with its data inside, so that it trains at
// once.
#include "driver/files.h"
#include "driver/command.h"

#include <ctype.h>
#include <string.h>

static const char template_text[] =
    "# %s: learns the exclusive or of two inputs.\n"
    "#\n"
    "#   netc train %s.net             trains it\n"
    "#   netc summary %s.net           its layers and sizes\n"
    "#   netc check --dump=adjoint %s.net    the gradients that netc derived\n"
    "model %s\n"
    "\n"
    "input  x[2]  # two numbers a sample\n"
    "target t[1]  # what the network should answer\n"
    "\n"
    "# Each line takes the value of the line before it.\n"
    "network x -> y {\n"
    "  Linear(8)\n"
    "  Tanh\n"
    "  Linear(1)\n"
    "  Sigmoid\n"
    "}\n"
    "\n"
    "# Layers are equations too; this is one. The gradients come with it.\n"
    "loss E = sum(i: (y[i] - t[i])^2)\n"
    "\n"
    "# The samples stand here; `format = csv` and `format = idx` read files.\n"
    "data {\n"
    "  format = inline\n"
    "  x = [[0, 0], [0, 1], [1, 0], [1, 1]]\n"
    "  t = [[0], [1], [1], [0]]\n"
    "}\n"
    "\n"
    "train {\n"
    "  epochs = 500\n"
    "  batch_size = 4\n"
    "  seed = 1\n"
    "  optimizer = Adam(lr=0.05)\n"
    "}\n";

static bool is_identifier(const char *name) {
    if (!isalpha((unsigned char)name[0]) && name[0] != '_') return false;
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_') return false;
    return strlen(name) <= 64;
}

static int run(const Arguments *arguments) {
    const char *name = arguments->positional.item[0];
    if (!is_identifier(name))
        return usage_error(
            &command_new,
            "'%s' cannot name a model: use at most 64 letters, digits and _, no digit first", name);
    Arena *a = arena_new(0);
    const char *path = arena_printf(a, "%s.net", name);
    int code = EXIT_FILES;
    if (file_exists(path)) {
        fprintf(stderr,
                "netc new: %s exists and stays as it is; choose another name or remove it\n", path);
    } else {
        const char *text = arena_printf(a, template_text, name, name, name, name, name);
        if (file_write(path, text, strlen(text))) code = EXIT_FINE;
    }
    if (code == EXIT_FINE) printf("%s is written; `netc train %s` trains it\n", path, path);
    arena_free(a);
    return code;
}

const Command command_new = {
    .name = "new",
    .arguments = "NAME",
    .summary = "Write NAME.net, a small commented spec that trains",
    .least = 1,
    .most = 1,
    .run = run,
};
