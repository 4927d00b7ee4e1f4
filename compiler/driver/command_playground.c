// command_playground.c: the network in a page: trained there step by step, or shown a drawing.
#include "driver/embedded.h"
#include "driver/files.h"
#include "driver/wasm.h"
#include "emit/emit.h"
#include "emit/freestanding.h"
#include "net_runtime.h"
#include "teach/playground.h"

#include <string.h>

static const Option option[] = {
    {"output", 'o', "FILE", "the page: FILE.html", NULL},
    {"weights", 'w', "FILE", "the weights to begin with: a checkpoint or a run folder", NULL},
    {"strict", 0, NULL, "the bits of native C under --strict: own exp, log and tanh", NULL},
    {"data", 'd', "DIR", "where files of initial weights are", NULL},
    {"batch-size", 0, "N", "samples in a batch, in place of the spec's", NULL},
    {"keep", 0, "DIR", "keep the C that was compiled in this folder", NULL},
    OPTION_SET,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

typedef struct Making {
    const Arguments *arguments;
    Pipeline *pipeline;
    NetModel table;
    double *params, *states;
    Playground page;
} Making;

// --weights, else what training begins with.
static int read_weights(Making *m) {
    Arena *a = m->pipeline->compile->arena;
    const char *path = option_value(m->arguments, "weights");
    model_table(m->pipeline, &m->table);
    m->params = arena_new_array(a, double, m->table.param_count + 1);
    m->states = arena_new_array(a, double, m->table.state_count + 1);
    if (path) return net_weights_read(&m->table, path, m->params, m->states);
    NetRunOptions options = {.spec_dir = path_folder(a, m->pipeline->path),
                             .data_dir = option_value(m->arguments, "data")};
    return net_weights_begin(&m->table, &options, m->params, m->states);
}

static bool is_plain_descent(const NetTrain *t) {
    return t->optimizer.kind && !strcmp(t->optimizer.kind, "SGD") &&
           t->optimizer.argument_count <= 1 && t->clip_grad_norm <= 0;
}

static int compile_page(Making *m, const Generated *g) {
    Arena *a = m->pipeline->compile->arena;
    char *bytes = NULL;
    size_t size = 0;
    int code = wasm_compile(a, g, option_value(m->arguments, "keep"), &bytes, &size);
    m->page = (Playground){.model = m->pipeline->model,
                           .loops = m->pipeline->loops,
                           .table = &m->table,
                           .c_text = g->source.bytes,
                           .wasm = bytes,
                           .wasm_size = size,
                           .params = m->params,
                           .states = m->states,
                           .style = embedded_playground_style,
                           .engine = embedded_playground_engine};
    return code;
}

static int make_lesson(Making *m, Text *out) {
    Pipeline *p = m->pipeline;
    p->elaborate.need_loss = true;
    p->lower.keep_values = true;
    p->raw_gradients = true;
    if (!pipeline_compile(p, NULL)) return pipeline_finish(p);
    int code = read_weights(m);
    if (code != EXIT_FINE) return code;
    Generated g = generate(p, NULL);
    const char *problem = emit_c_trainer(p->loops, &m->table, &g.source, &g.header);
    if (problem) {
        fprintf(stderr, "netc: %s %s\n", p->path, problem);
        return EXIT_SPEC;
    }
    emit_c_page_trainer(p->loops, &m->table, &g.source);
    code = compile_page(m, &g);
    if (code != EXIT_FINE) return code;
    m->page.is_descent = is_plain_descent(&m->table.train);
    m->page.lr = choice_number(&m->table.train.optimizer, "lr", 0);
    m->page.body = embedded_lesson_body;
    m->page.script = embedded_lesson_page;
    playground_lesson(&m->page, out);
    return EXIT_FINE;
}

static int make_drawing(Making *m, Text *out) {
    Pipeline *p = m->pipeline;
    p->elaborate.predicts = true;
    p->elaborate.batch_size = 1;
    p->lower.keep_values = true;
    if (!pipeline_compile(p, "equations")) return pipeline_finish(p);
    inference_reduce(p->model);
    p->loops = lower_plain(p->model, &p->lower);
    inference_trim(p->loops);
    int code = read_weights(m);
    if (code != EXIT_FINE) return code;
    Generated g = generate(p, NULL);
    emit_c_predictor(p->loops, &m->table, m->params, m->states, &g.source, &g.header);
    const Program *eval = p->model->eval;
    int64_t classes = tensor_count(eval->output.item[eval->output.count - 1]);
    emit_c_page_predictor(p->loops, &m->table, (size_t)classes, &g.source);
    code = compile_page(m, &g);
    if (code != EXIT_FINE) return code;
    m->page.weights = path_base(option_value(m->arguments, "weights"));
    m->page.body = embedded_drawing_body;
    m->page.script = embedded_drawing_page;
    playground_drawing(&m->page, out);
    return EXIT_FINE;
}

// What kind of page it is shows in the equations; then all is compiled afresh, as that kind wants
// it.
static int choose(const Arguments *arguments, PlaygroundKind *kind) {
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments)) {
        bool fine = pipeline_compile(&p, "equations");
        code = pipeline_finish(&p);
        const char *problem = "";
        if (fine) *kind = playground_kind(p.model, &problem);
        if (fine && *kind == PLAYGROUND_TOO_LARGE)
            code =
                usage_error(arguments->command, "%s does not fit into a page: %s", p.path, problem);
    }
    if (code == EXIT_FINE && *kind == PLAYGROUND_DRAWING && !option_given(arguments, "weights"))
        code = usage_error(
            arguments->command,
            "%s reads pictures, which takes trained weights: say --weights RUN, a folder "
            "that netc train --out made, or a checkpoint",
            p.path);
    pipeline_free(&p);
    return code;
}

static int make(const Arguments *arguments, PlaygroundKind kind, const char *path) {
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    p.lower.parallel = false;
    p.lower.strict = option_given(arguments, "strict");
    Making m = {.arguments = arguments, .pipeline = &p};
    Text page = text_new(p.compile->arena);
    int code = pipeline_take_options(&p, arguments) ? EXIT_FINE : EXIT_USAGE;
    if (code == EXIT_FINE && kind == PLAYGROUND_LESSON) code = make_lesson(&m, &page);
    if (code == EXIT_FINE && kind == PLAYGROUND_DRAWING) code = make_drawing(&m, &page);
    if (code == EXIT_FINE && !file_write(path, page.bytes, page.size)) code = EXIT_FILES;
    pipeline_free(&p);
    return code;
}

static int run(const Arguments *arguments) {
    const char *path = option_value(arguments, "output");
    if (!path || !path_has_ending(path, ".html"))
        return usage_error(arguments->command, "say with -o FILE.html where to write");
    PlaygroundKind kind = PLAYGROUND_TOO_LARGE;
    int code = choose(arguments, &kind);
    return code == EXIT_FINE ? make(arguments, kind, path) : code;
}

const Command command_playground = {
    .name = "playground",
    .arguments = "SPEC -o PAGE.html",
    .summary =
        "Write a page in which the network runs: train it there number by number, or draw for it",
    .detail =
        "The generated C, compiled to WebAssembly by clang-19 and lld-19, inside of one page that "
        "needs nothing else.\n"
        "Small networks show every number beside its equation and its lines of C; a network that "
        "makes classes of a\n"
        "picture reads what is drawn in the page, with the weights of --weights.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
