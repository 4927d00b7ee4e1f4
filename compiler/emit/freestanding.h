// freestanding.h: shared by the parts that print freestanding trainers and predictors.
#ifndef NETC_EMIT_FREESTANDING_H
#define NETC_EMIT_FREESTANDING_H

#include "emit/emit.h"
#include "emit/writer.h"
#include "loop/express.h"
#include "net_settings.h"

typedef struct Freestanding {
    Arena *arena;
    const LoopModule *loops;
    const NetModel *table;
    const char *name;        // of the model, as C
    const char *struct_name; // "trainer" or "predictor"
    const char *real;        // "float" or "double"
    bool is_predictor;       // params and states are constants of the file
    Writer header, source;
    size_t flash; // bytes of constant tables so far
} Freestanding;

typedef LIST(const char *) Lines;

// An optimizer as lines of C: the moments it keeps, what is computed once a step, and once an
// element.
typedef struct OptimizerText {
    const char *moment[3];
    int moment_count;
    double first; // first value of the moments
    Lines before, element;
} OptimizerText;

Freestanding freestanding_new(const LoopModule *m, const NetModel *table, const char *struct_name,
                              Text *source, Text *header);
void freestanding_header_open(Freestanding *f, const char *comment);
void freestanding_header_close(Freestanding *f);

OptimizerText optimizer_text(const Freestanding *f);

// The number given for an optimizer's argument, else its default; item: 0, or 1 for the second of a
// pair.
double choice_number(const NetChoice *choice, const char *name, int item);
// "(float *)&t->params.weight": the buffer as a flat array.
const char *flat_pointer(const Freestanding *f, const LoopBuffer *b, bool is_const);
// "net_forward(&t->params, &t->batch, &t->work, n);", or NULL if the module has no such function.
const char *call_text(const Freestanding *f, const char *name);
bool has_block(const LoopModule *m, LoopStorage storage);
const char *upper_text(Arena *a, const char *text);

// The batch and the work block as members of the struct.
void write_blocks(Freestanding *f);
void write_input_setters(Freestanding *f);
// Whether the setter of this input takes doubles as in the data files, and scales them.
bool input_scales(const Freestanding *f, const NetInput *input);
void write_output_getter(Freestanding *f);

#endif
