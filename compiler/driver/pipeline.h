// pipeline.h: from a spec to loops, stage by stage. The one table of stages gives the order, the
// names of --dump and their help.
#ifndef NETC_DRIVER_PIPELINE_H
#define NETC_DRIVER_PIPELINE_H

#include "driver/command.h"
#include "driver/host.h"
#include "elaborate/elaborate.h"
#include "lower/lower.h"

typedef struct Pipeline {
    // What the command wants.
    Compile *compile;
    const char *path; // of the spec
    ElaborateOptions elaborate;
    LowerOptions lower;
    bool input_gradients;
    int flip_rule;      // the derivative rule whose sign is turned around, for tests; 0: none
    bool raw_gradients; // every gradient stays an equation of its own: nothing is inlined
    int vector_bytes;   // of the fast style; 0: the plain style
    const char *target; // the processor to compile for; NULL: this machine
    bool jit;           // machine code by LLVM in this process, not by the C compiler
    bool fresh;         // the cache is not asked for machine code made before
    DiagnosticFormat format;
    // What the stages made, each NULL until its stage has run.
    Ast *ast;
    Model *model;
    LoopModule *loops;
} Pipeline;

Pipeline pipeline_new(const char *path);
void pipeline_free(Pipeline *p);

// Runs the stages up to and including `until` (NULL: all). Reports to p->compile; false if
// something was reported.
bool pipeline_compile(Pipeline *p, const char *until);
// Prints what the stage `name` made. Returns an exit code: LLVM IR wants the plug-in.
int pipeline_dump(Pipeline *p, const char *name, FILE *out);
// The i-th name that --dump takes, NULL past the last.
const char *pipeline_dump_name(int i);

// Prints what was reported to stderr and returns the exit code: 1, or 3 when a file could not be
// read, or 0.
int pipeline_finish(const Pipeline *p);

// Reads --set NAME=VALUE, --batch-size, --jit and --diagnostics into the pipeline. False after saying
// which use is wrong; a value of --set that cannot be parsed is reported, and pipeline_compile returns
// at once.
bool pipeline_take_options(Pipeline *p, const Arguments *arguments);
// False after saying that --jit and an option of the C compiler were given together.
bool back_end_is_clear(const Arguments *arguments);
// For commands that run a model rather than show it: the fast style, unless --style or --strict says otherwise.
void pipeline_prefer_fast(Pipeline *p, const Arguments *arguments);
// Reads one NAME=VALUE; the value is parsed as an expression of the language, with a place in a
// source of its own. False if it has another form.
bool pipeline_add_override(Pipeline *p, const char *text);

const char *diagnostic_format_name(int i); // "long", "short", "json"
// --style plain|fast, --exact
const char *lowering_style_name(int i);
#define OPTIONS_STYLE                                                                              \
    {"style", 0, "STYLE", "plain: to be read; fast: to be run", lowering_style_name}, {            \
        "exact", 0, NULL, "fast style: sums as they stand, no Winograd transforms", NULL           \
    }, {                                                                                           \
        "target", 0, "CPU", "the processor to compile for", target_name                            \
    }
#define OPTION_SET                                                                                 \
    { "set", 0, "NAME=VALUE", "replace a const, a setting or an argument (repeatable)", NULL }
#define OPTION_DIAGNOSTICS                                                                         \
    { "diagnostics", 0, "FORM", "how errors are printed", diagnostic_format_name }

#endif
