// run.c: see run.h. The lines that a run folder's spec.net begins with:
//
//   #! from /home/ada/specs/net.net
//   #! set lr=0.5
//   #! style fast
//   #! target x86-64-v3
//   #! strict
//   #! jit
#include "driver/host.h"
#include "driver/run.h"

#include "driver/files.h"
#include "driver/load.h"
#include "syntax/syntax.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// Puts the statements of imported files in the place of their import, each file once, so that the
// text stands alone.
typedef struct Splice {
    Compile *compile;
    LIST(AstStatement *) out;
    LIST(const char *) done;
    bool imported;
} Splice;

static void splice(Splice *s, const Ast *ast, const char *folder);

static void splice_file(Splice *s, const char *path) {
    Arena *a = s->compile->arena;
    for (int i = 0; i < s->done.count; i++)
        if (!strcmp(s->done.item[i], path)) return;
    list_add(a, s->done, path);
    s->imported = true;
    Ast *ast = parse_file(s->compile, path);
    if (ast) splice(s, ast, path_folder(a, path));
}

static void splice(Splice *s, const Ast *ast, const char *folder) {
    Arena *a = s->compile->arena;
    for (int i = 0; i < ast->body.count; i++) {
        AstStatement *item = ast->body.item[i];
        if (item->kind == AST_IMPORT)
            splice_file(s, path_join(a, folder, item->text));
        else
            list_add(a, s->out, item);
    }
}

static const char *whole_text(Pipeline *p) {
    Arena *a = p->compile->arena;
    Splice s = {.compile = p->compile};
    splice(&s, p->ast, path_folder(a, p->path));
    if (!s.imported) return ast_print(p->compile, p->ast);
    Ast whole = {.file = p->ast->file, .body = {s.out.item, s.out.count}};
    return ast_print(p->compile, &whole);
}

bool run_write_spec(Pipeline *p, const Arguments *arguments, const char *folder) {
    Arena *a = p->compile->arena;
    Text text = text_new(a);
    char *path = realpath(p->path, NULL);
    if (path && !strchr(path, '\n')) text_printf(&text, "#! from %s\n", path);
    free(path);
    for (int i = 0; i < arguments->use.count; i++) {
        const OptionUse *use = &arguments->use.item[i];
        if (!strcmp(use->option->name, "set") && !strchr(use->value, '\n'))
            text_printf(&text, "#! set %s\n", use->value);
    }
    if (p->vector_bytes) text_add(&text, "#! style fast\n");
    if (p->target) text_printf(&text, "#! target %s\n", p->target);
    if (p->lower.strict) text_add(&text, "#! strict\n");
    if (p->lower.exact) text_add(&text, "#! exact\n");
    if (p->jit) text_add(&text, "#! jit\n");
    text_add(&text, whole_text(p));
    return file_write(path_join(a, folder, "spec.net"), text.bytes, text.size);
}

// A run folder may come from a stranger: what is no target of ours is this machine.
static void take_target(Pipeline *p, const char *name) {
    p->target = target_known(name);
    if (p->vector_bytes) p->vector_bytes = target_vector_bytes(p->target);
}

// Takes one line of the head; false at the first other line.
static bool take_head_line(Pipeline *p, const char *line, size_t size, char **spec_folder) {
    static const char from[] = "#! from ", set[] = "#! set ", fast[] = "#! style fast",
                      strict[] = "#! strict", target[] = "#! target ", exact[] = "#! exact",
                      jit[] = "#! jit";
    Arena *a = p->compile->arena;
    if (size > strlen(from) && !memcmp(line, from, strlen(from)))
        *spec_folder = path_folder(a, arena_copy(a, line + strlen(from), size - strlen(from)));
    else if (size == strlen(fast) && !memcmp(line, fast, size))
        p->vector_bytes = target_vector_bytes(p->target);
    else if (size > strlen(target) && !memcmp(line, target, strlen(target)))
        take_target(p, arena_copy(a, line + strlen(target), size - strlen(target)));
    else if (size == strlen(strict) && !memcmp(line, strict, size))
        p->lower.strict = true;
    else if (size == strlen(exact) && !memcmp(line, exact, size))
        p->lower.exact = true;
    else if (size == strlen(jit) && !memcmp(line, jit, size))
        p->jit = true;
    else if (size > strlen(set) && !memcmp(line, set, strlen(set)))
        pipeline_add_override(p, arena_copy(a, line + strlen(set), size - strlen(set)));
    else
        return false;
    return true;
}

bool run_open(const char *path, Pipeline *p, char **spec_folder, bool *is_run) {
    struct stat status;
    *is_run = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    *p = pipeline_new(path);
    Arena *a = p->compile->arena;
    *spec_folder = path_folder(a, path);
    if (!*is_run) return true;
    p->path = path_join(a, path, "spec.net");
    size_t size = 0;
    char *text = file_load(a, p->path, &size, true);
    if (!text) {
        fprintf(stderr,
                "netc: %s is no run folder: it has no spec.net (netc train --out DIR makes one)\n",
                path);
        return false;
    }
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        if (!take_head_line(p, line, length, spec_folder)) break;
        line += length + (line[length] == '\n');
    }
    return true;
}

bool run_take_options(const Arguments *arguments, NetRunOptions *options) {
    options->data_dir = option_value(arguments, "data");
    options->quiet = option_given(arguments, "quiet");
    int64_t threads = 0;
    if (!option_integer(arguments, "threads", 1, 1024, &threads)) return false;
    options->threads = (int)threads;
    return true;
}

static int load_and_use(Pipeline *p, const Arguments *arguments, const char *weights,
                        const NetRunOptions *options, RunUse *use) {
    Toolchain toolchain = toolchain_from(arguments);
    Loaded loaded;
    int code = model_load(p, &toolchain, &loaded);
    if (code == EXIT_FINE) code = use(loaded.model, weights, arguments, options);
    model_unload(&loaded);
    return code;
}

int run_trained(const Arguments *arguments, RunUse *use) {
    const char *path = arguments->positional.item[0], *weights = option_value(arguments, "weights");
    Pipeline p;
    NetRunOptions options = {.epochs = -1, .iterations = -1};
    char *spec_folder;
    bool is_run;
    int code = EXIT_FILES;
    if (run_open(path, &p, &spec_folder, &is_run)) {
        options.spec_dir = spec_folder;
        code = EXIT_USAGE;
        if (!is_run && !weights)
            usage_error(arguments->command,
                        "%s is a spec: name the weights with --weights FILE, or give a run folder",
                        path);
        else if (pipeline_take_options(&p, arguments) && run_take_options(arguments, &options))
            code = load_and_use(&p, arguments, weights ? weights : path, &options, use);
    }
    pipeline_free(&p);
    return code;
}
