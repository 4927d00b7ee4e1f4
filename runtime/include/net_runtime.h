// net_runtime.h: what the runtime offers to programs that hold a NetModel: a trainer's main, and netc itself.
//
// Exit codes are netc's: 0 fine, 2 wrong usage, 3 a file or a tool is missing or broken, 4 a check failed
// (a loss that is not finite), 70 a bug of ours. Every message goes to standard error and names place and remedy.
#ifndef NET_RUNTIME_H
#define NET_RUNTIME_H

#include "net_model.h"

#include <stdbool.h>
#include <stdio.h>

// The options of a run. Zero and NULL mean: as the model says.
typedef struct NetRunOptions {
    const char *data_dir;  // first place to look for data files
    const char *spec_dir;  // second: the folder of the spec; the third is $XDG_DATA_HOME/netc
    const char *out_dir;   // run folder: metrics.csv, run.json, checkpoint.safetensors; NULL: none is written
    const char *resume;    // a checkpoint to go on from
    int64_t epochs;        // < 0: as the model says
    int64_t iterations;    // < 0: as the model says
    bool has_seed;
    uint64_t seed;
    int threads;           // 0: one per core
    int64_t checkpoint_every; // steps between checkpoints within an epoch; 0: at the end of each epoch only
    int64_t stop_after_steps; // > 0: write a checkpoint and stop after that many steps in all (tests of resume)
    bool quiet;
    const NetSetting *set; // optimizer, schedule or train settings that replace the model's: name "lr", value
    int set_count;
    FILE *log;             // where epoch lines go; NULL: stdout
    const char *compiler;  // what made the model's machine code, for run.json; NULL: it does not say
} NetRunOptions;

// Trains. Writes the run folder, prints one line an epoch. Returns an exit code.
int net_train(const NetModel *model, const NetRunOptions *options);

// Prints the loss and the metrics of the test data (the training data where there is none) under the weights of
// `checkpoint`: a run folder or a safetensors file. Returns an exit code.
int net_evaluate(const NetModel *model, const char *checkpoint, const NetRunOptions *options);

// Prints the model's output for every sample of `file` (an IDX file, a binary PGM image, or CSV rows); class
// probabilities where the target is a class. Returns an exit code.
int net_predict(const NetModel *model, const char *checkpoint, const char *file, const NetRunOptions *options);

// The data of net_evaluate sample by sample, for programs that look at each output.
typedef struct NetEvaluation NetEvaluation;
// Loads the weights of `checkpoint` (as above) and the data. Returns an exit code; on success the caller ends *evaluation.
int net_evaluation_begin(const NetModel *model, const char *checkpoint, const NetRunOptions *options,
                         NetEvaluation **evaluation);
int64_t net_evaluation_samples(const NetEvaluation *evaluation);
// Computes the samples first .. first + n - 1, at most a batch, in evaluation mode; results are means over these n. The
// blocks of the call belong to the evaluation. Whole batches in order give the numbers of net_evaluate bit for bit.
NetCall net_evaluation_run(NetEvaluation *evaluation, int64_t first, int n);
void net_evaluation_end(NetEvaluation *evaluation);

// The target whose classes an output of one axis scores, or NULL.
const NetInput *net_classes_of(const NetModel *model, const NetOutput *output);
// Makes probabilities of a sample's scores in place: a distribution stays, logits and log-probabilities go through softmax,
// which is right for both.
void net_probabilities(double *score, size_t count);
// One number of an array of `type`.
double net_value(NetType type, const void *values, size_t index);

// run.json of the folder `run` as pairs of texts in the order of the file: "settings.optimizer.lr" and "0.1"; a list is
// "0.9, 0.999", nothing is "none". Returns an exit code; a file that is missing or broken has been reported.
int net_run_json_read(const char *run, void (*visit)(void *data, const char *name, const char *value), void *data);

// Reads the parameters and states of `checkpoint` (as above) into blocks of doubles laid out as the model's tables say:
// param_count and state_count elements. The model's functions are not called and may be NULL. Returns an exit code.
int net_weights_read(const NetModel *model, const char *checkpoint, double *params, double *states);

// The same blocks as training begins with, drawn or read from the files that the model names. Returns an exit code.
int net_weights_begin(const NetModel *model, const NetRunOptions *options, double *params, double *states);

// Training one step at a time, for programs that look at every number on the way. A step is forward, backward, update;
// batches, draws, schedule and updates are those of net_train, bit for bit. Nothing is logged or written, and values that
// are not finite are the caller's to notice.
typedef struct NetSession NetSession;
// Loads the data, makes the memory, sets the first weights. Returns an exit code; on success the caller ends *session.
int net_session_begin(const NetModel *model, const NetRunOptions *options, NetSession **session);
// The steps that the settings ask for; the epochs times the batches of one where they count epochs.
int64_t net_session_total(const NetSession *session);
// The learning rate of the next update.
double net_session_lr(const NetSession *session);
// Fills the next batch and computes everything up to the loss. The blocks of the call belong to the session.
NetCall net_session_forward(NetSession *session);
// After forward: the gradients.
void net_session_backward(NetSession *session);
// After backward: states, clipping, the optimizer's step, the schedule; the session then stands before the next step.
void net_session_update(NetSession *session);
void net_session_end(NetSession *session);

// The command line of a compiled trainer: train (default), eval, predict, with the options above.
int net_main(const NetModel *model, int argc, char **argv);

#endif
