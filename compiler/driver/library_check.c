// library_check.c: see library_check.h.
#include "driver/library_check.h"

#include "std/std.h"
#include "syntax/syntax.h"

#include <string.h>

enum { MOST_INPUTS = 4 };

typedef struct Example {
    const char *layer, *arguments, *function;
    const char *shape[MOST_INPUTS];
    int shape_count;
} Example;

// --- reading the table

// The text up to one of `ends`, without the spaces around it; moves *at behind the end.
static const char *take_until(Arena *a, const char **at, char end) {
    const char *begin = *at + strspn(*at, " ");
    const char stops[] = {end, '\n', 0};
    const char *stop = *at + strcspn(*at, stops);
    *at = *stop == end && end != '\n' ? stop + 1 : stop;
    while (stop > begin && stop[-1] == ' ') stop--;
    return stop > begin ? arena_copy(a, begin, (size_t)(stop - begin)) : "";
}

static Example parse_row(Arena *a, const char *row) {
    Example e = {0};
    e.layer = take_until(a, &row, '|');
    e.arguments = take_until(a, &row, '|');
    const char *shapes = take_until(a, &row, '|');
    e.function = take_until(a, &row, '\n');
    while (*shapes && e.shape_count < MOST_INPUTS)
        e.shape[e.shape_count++] = take_until(a, &shapes, ';');
    return e;
}

// --- an example from a header

// Small sizes that differ from axis to axis, so that exchanged axes show.
static const char *shape_for(Arena *a, const AstDeclarator *d) {
    static const int size[] = {4, 5, 6, 3};
    Text text = text_new(a);
    int axes = 0;
    for (int i = 0; i < d->dim_count; i++) {
        if (d->dim[i]->kind == AST_REST && d->dim_count > 1) continue;
        bool rest = d->dim[i]->kind == AST_REST;
        for (int k = 0; k < (rest ? 2 : 1); k++)
            text_printf(&text, "%s%d", axes ? ", " : "[", size[axes % 4]), axes++;
    }
    if (axes) text_add(&text, "]");
    if (d->has_class) text_add(&text, " class(4)");
    return text.bytes ? text.bytes : "";
}

static Example example_for(Arena *a, const AstStatement *layer) {
    Example e = {.layer = layer->name, .function = ""};
    Text arguments = text_new(a);
    for (int i = 0; i < layer->parameter_count; i++)
        if (!layer->parameter[i].value)
            text_printf(&arguments, "%s%s=2", arguments.size ? ", " : "", layer->parameter[i].name);
    e.arguments = arguments.bytes ? arguments.bytes : "";
    for (int i = 0; i < layer->input_count && i < MOST_INPUTS; i++)
        e.shape[e.shape_count++] = shape_for(a, &layer->input[i]);
    return e;
}

// --- the spec

static void add_inputs(Arena *a, Text *spec, const Example *e, Text *call) {
    for (int i = 0; i < e->shape_count; i++) {
        const char *class = strstr(e->shape[i], "class");
        int shape_size = (int)(class ? (size_t)(class - e->shape[i]) : strlen(e->shape[i]));
        while (shape_size && e->shape[i][shape_size - 1] == ' ') shape_size--;
        text_printf(spec, "input in%d%.*s%s%s\n", i + 1, shape_size, e->shape[i], class ? ": " : "",
                    class ? class : "");
        const char *name = arena_printf(a, "in%d", i + 1);
        if (*e->function && !class) {
            text_printf(spec, "arg%d = %s(in%d)\n", i + 1, e->function, i + 1);
            name = arena_printf(a, "arg%d", i + 1);
        }
        text_printf(call, "%s%s", i ? ", " : "", name);
    }
}

static bool is_loss(const AstStatement *layer) {
    return layer->declarator_count == 1 && !layer->declarator[0].dim_count;
}

static LibraryCase make_case(Arena *a, const AstStatement *layer, const Example *e) {
    Text spec = text_new(a), call = text_new(a);
    text_add(&spec, "model library_check\nprecision f64\n");
    add_inputs(a, &spec, e, &call);
    const char *first = arena_copy(a, call.bytes, strcspn(call.bytes, ","));
    const char *others = call.bytes + strlen(first);
    const char *use = arena_printf(a, "%s(%s)", e->layer, e->arguments);
    if (is_loss(layer))
        text_printf(&spec, "loss %s(%s%s%s)\n", e->layer, call.bytes, *e->arguments ? ", " : "",
                    e->arguments);
    else // a random linear function of all elements: nothing cancels
        text_printf(&spec,
                    "network %s -> z {\n  %s(_%s)\n  Flatten\n  Linear(1, bias=false)\n}\nloss E = "
                    "sum(i: z[i])\n",
                    first, use, others);
    return (LibraryCase){use, spec.bytes};
}

// --- the list

typedef struct Rows {
    LIST(Example) item;
} Rows;

static Rows read_rows(Arena *a, const char *text) {
    Rows rows = {0};
    for (const char *line = text; *line;) {
        size_t size = strcspn(line, "\n");
        if (size && *line != '#') list_add(a, rows.item, parse_row(a, line));
        line += size + (line[size] == '\n');
    }
    return rows;
}

static void add_layer(Compile *c, const AstStatement *layer, Rows *rows, LibraryCases *out) {
    Arena *a = c->arena;
    int found = 0;
    for (int i = 0; i < rows->item.count; i++) {
        Example *e = &rows->item.item[i];
        if (!e->layer || strcmp(e->layer, layer->name)) continue;
        list_add(a, out->item, make_case(a, layer, e));
        e->layer = NULL; // used
        found++;
    }
    Example own = example_for(a, layer);
    if (!found) list_add(a, out->item, make_case(a, layer, &own));
}

LibraryCases library_cases(Compile *c, const char *examples) {
    LibraryCases out = {0};
    Rows rows = read_rows(c->arena, examples);
    for (int f = 0; f < library_file_count; f++) {
        const LibraryFile *file = &library_file[f];
        Ast *ast = parse_net(c, source_add(c->sources, file->path, file->bytes, file->size, true));
        if (!ast) internal_error("the library", "%s cannot be parsed", file->path);
        for (int i = 0; i < ast->body.count; i++) {
            const AstStatement *s = ast->body.item[i];
            if (s->kind != AST_LAYER) continue;
            if (strstr(file->path, "metric"))
                out.metric_count++;
            else
                add_layer(c, s, &rows, &out);
        }
    }
    for (int i = 0; i < rows.item.count; i++)
        if (rows.item.item[i].layer)
            internal_error("gradcheck", "the library has no layer %s", rows.item.item[i].layer);
    return out;
}
