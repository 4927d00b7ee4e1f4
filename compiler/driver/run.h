// run.h: what train, eval and predict share: the run folder's copy of the spec, and the options of
// the runtime.
#ifndef NETC_DRIVER_RUN_H
#define NETC_DRIVER_RUN_H

#include "driver/pipeline.h"
#include "net_runtime.h"

// Writes RUN/spec.net: the canonical text, with imports put in, after lines that say where the spec
// lay and which
// --set were given. So a run folder needs nothing but itself. False after a message.
bool run_write_spec(Pipeline *p, const Arguments *arguments, const char *folder);

// A pipeline for a run folder, with what it was trained with, or for a spec. *spec_folder: where the
// spec lay. False after a message; pipeline_free in any case.
bool run_open(const char *path, Pipeline *p, char **spec_folder, bool *is_run);

// What `eval` and `predict` do with a model and its weights. Returns an exit code.
typedef int RunUse(const NetModel *model, const char *weights, const Arguments *arguments,
                   const NetRunOptions *options);

// Loads the model of a run folder (its spec.net with the --set it was trained with) or of a spec,
// and hands it to `use` with the weights: --weights, otherwise the run folder's. Returns an exit
// code.
int run_trained(const Arguments *arguments, RunUse *use);

// --data, --threads, --quiet. False after a message.
bool run_take_options(const Arguments *arguments, NetRunOptions *options);

#endif
