// command_graph.c: a picture of a network: its neurons, or its stages.
#include "driver/figure.h"
#include "driver/files.h"
#include "driver/pipeline.h"
#include "teach/graph.h"

#include <string.h>

static const Option option[] = {
    {"out", 'o', "FILE", "the picture: FILE.svg, FILE.dot, or FILE.png (by graphviz)", NULL},
    {"stages", 0, NULL, "stages and shapes, even where neurons could be drawn", NULL},
    {"graphviz", 0, NULL, "an SVG laid out by graphviz instead of our own", NULL},
    OPTION_SET,
    OPTION_DIAGNOSTICS,
    {NULL, 0, NULL, NULL, NULL},
};

static int draw_by_graphviz(Arena *a, const char *script, const char *path) {
    const char *format = path_has_ending(path, ".png") ? "-Tpng" : "-Tsvg";
    const char *paper = path_has_ending(path, ".png") ? "-Gbgcolor=white" : "-Gbgcolor=transparent";
    FigureTool tool = {"dot", "graphviz", {format, paper, "-o", "%", NULL}, "picture"};
    char *folder = folder_temporary(a);
    if (!folder) return EXIT_FILES;
    int code = figure_tool_run(a, &tool, folder, script, path);
    folder_delete(folder);
    return code;
}

static int draw(const Arguments *arguments, const Pipeline *p, const char *path) {
    Arena *a = p->compile->arena;
    Neurons neurons;
    bool few = !option_given(arguments, "stages") && graph_neurons_of(p->model->eval, &neurons);
    bool dot = path_has_ending(path, ".dot"), png = path_has_ending(path, ".png");
    bool with_graphviz = png || option_given(arguments, "graphviz");
    Units units = graph_units_of(p->model->eval);
    Text text = text_new(a);
    if (few && (dot || with_graphviz))
        graph_neurons_dot(&neurons, &text);
    else if (few)
        graph_neurons_svg(&neurons, &text);
    else if (dot || with_graphviz)
        graph_units_dot(&units, &text);
    else
        graph_units_svg(&units, &text);
    if (with_graphviz && !dot) return draw_by_graphviz(a, text.bytes, path);
    return file_write(path, text.bytes, text.size) ? EXIT_FINE : EXIT_FILES;
}

static int run(const Arguments *arguments) {
    const char *path = option_value(arguments, "out");
    if (!path || (!path_has_ending(path, ".svg") && !path_has_ending(path, ".dot") &&
                  !path_has_ending(path, ".png")))
        return usage_error(arguments->command, "say where to: -o FILE.svg, FILE.dot or FILE.png");
    Pipeline p = pipeline_new(arguments->positional.item[0]);
    int code = EXIT_USAGE;
    if (pipeline_take_options(&p, arguments)) {
        bool fine = pipeline_compile(&p, "equations");
        code = pipeline_finish(&p);
        if (fine) code = draw(arguments, &p, path);
    }
    pipeline_free(&p);
    return code;
}

const Command command_graph = {
    .name = "graph",
    .arguments = "SPEC -o FILE",
    .summary = "Draw the network: its neurons, or its stages",
    .detail = "Networks of up to 48 neurons are drawn in columns, as in a textbook; larger ones as "
              "stages "
              "with the shapes that pass between.",
    .option = option,
    .least = 1,
    .most = 1,
    .run = run,
};
