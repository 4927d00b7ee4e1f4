// net_model.h: the one interface between a generated model and whatever runs it.
//
// The C back end, the JIT and hand-written tests all provide a `NetModel`; the runtime sees nothing else of a model.
// Everything here is plain data plus four functions. A model owns no memory: the caller provides the blocks below,
// each aligned to NET_ALIGN bytes, and the model's functions neither allocate nor keep pointers between calls.
//
//   params    all trained tensors, one after the other        param_count elements of `type`
//   grads     the gradient of the loss, laid out like params   param_count elements of `type`
//   states    tensors kept between steps, not trained          state_count elements of `type`
//   batch     the inputs and targets of up to batch_size samples, batch_bytes bytes, laid out by `input`
//   work      everything between the input and the gradients, work_bytes bytes; zero before the first call, then left alone
//             between calls: the room around padded tensors stays zero
//   results   the loss, then the metrics, each a mean over the n samples of the batch
#ifndef NET_MODEL_H
#define NET_MODEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { NET_ABI = 1, NET_ALIGN = 64, NET_MAX_RANK = 8 };

typedef enum NetType { NET_F32, NET_F64, NET_I32 } NetType;

// How a parameter or a state begins. Formulas such as kaiming_uniform are already resolved to their bounds.
typedef enum NetInitKind {
    NET_INIT_CONSTANT, // a
    NET_INIT_VALUES,   // values[0 .. count), row-major
    NET_INIT_UNIFORM,  // uniform in [a, b)
    NET_INIT_NORMAL,   // mean a, standard deviation b
    NET_INIT_FILE      // tensor `entry` of the safetensors file `file`
} NetInitKind;

typedef struct NetInit {
    NetInitKind kind;
    double a, b;
    const double *values;
    const char *file;
    const char *entry;
} NetInit;

// A tensor inside the params or the states block, stored row-major.
typedef struct NetTensor {
    const char *name; // its path in the spec: "convblock_1.conv2d_1.conv2d.weight"
    int rank;
    int64_t shape[NET_MAX_RANK];
    size_t offset; // in elements, from the start of its block
    size_t count;  // the product of the shape
    NetInit init;
} NetTensor;

// An input or a target inside the batch block: an array [batch_size][shape...].
typedef struct NetInput {
    const char *name;
    NetType type; // NET_I32 for classes and ids, else the model's type
    int rank;     // without the sample axis
    int64_t shape[NET_MAX_RANK];
    size_t count;    // elements of one sample
    size_t offset;   // in bytes, from the start of the batch block
    int64_t classes; // values are 0 .. classes-1; 0 for real tensors
    int is_target;
} NetInput;

// A tensor inside the work block that a person may want to see: [batch_size][shape...] or, if !per_sample, [shape...].
typedef struct NetOutput {
    const char *name;
    NetType type;
    int rank;
    int64_t shape[NET_MAX_RANK];
    size_t count;  // elements of one sample
    size_t offset; // in bytes, from the start of the work block
    int per_sample;
} NetOutput;

// One named setting: a number, a list of numbers, or a text. Booleans are 0 and 1.
typedef struct NetSetting {
    const char *name;
    int count;            // of values; 0 for a text
    const double *value;
    const char *text;     // NULL unless a text
} NetSetting;

// `SGD(lr=0.1, momentum=0.9)`: kind "SGD" and its arguments as given; the runtime fills in the defaults of net_settings.h.
typedef struct NetChoice {
    const char *kind; // NULL: none
    const NetSetting *argument;
    int argument_count;
} NetChoice;

typedef struct NetTrain {
    int64_t epochs;     // 0 where `iterations` is given
    int64_t iterations; // 0 where `epochs` is given
    int shuffle;
    uint64_t seed;
    double clip_grad_norm; // 0: none
    NetChoice optimizer;
    NetChoice scheduler;
} NetTrain;

typedef enum NetFormat { NET_DATA_NONE, NET_DATA_IDX, NET_DATA_CSV, NET_DATA_INLINE } NetFormat;

// The columns of a csv file that fill one input, in order.
typedef struct NetColumns {
    const char *input;
    const char *const *column;
    int count;
} NetColumns;

// The samples of one input written in the spec itself: sample_count * count values.
typedef struct NetInline {
    const char *input;
    const double *value;
    size_t sample_count;
} NetInline;

typedef struct NetData {
    NetFormat format;
    const char *const *train; // file names in the order of the inputs and targets (one file for csv)
    int train_count;
    const char *const *test; // test_count 0: none
    int test_count;
    double scale;     // real inputs (not targets) of idx files are multiplied by this ...
    int normalize;    // ... and then, if set, (x - mean)/std is taken, per channel where mean_count > 1
    const double *mean;
    int mean_count;
    const double *std;
    int std_count;
    const NetColumns *columns;
    int columns_count;
    const NetInline *inlined;
    int inlined_count;
} NetData;

// One call. `seed` and `step` key the counter-based random numbers: equal keys give equal draws.
typedef struct NetCall {
    const void *params;
    void *grads;
    void *states;
    const void *batch;
    void *work;
    double *results; // loss, then metrics
    int n;           // samples in this batch, 1 .. batch_size
    uint64_t seed;
    uint64_t step;
    int threads;     // 1 or more; the results do not depend on it
} NetCall;

typedef struct NetModel {
    uint32_t abi; // NET_ABI
    const char *name;
    const char *spec;        // the spec's file name, without its folder
    const char *fingerprint; // hash of the equations, initialisers and sizes, for checkpoints, as hexadecimal text
    const char *schedule;    // how the equations were lowered: "plain", ...
    NetType type;
    int batch_size;

    const NetTensor *param;
    int param_tensors;
    size_t param_count;
    const NetTensor *state;
    int state_tensors;
    size_t state_count;
    const NetInput *input; // inputs, then targets
    int input_count;
    size_t batch_bytes;
    const NetOutput *output; // what `predict` prints, in evaluation mode; the last is the network's output
    int output_count;
    size_t work_bytes;
    const char *const *result; // "E_total", "accuracy", ...: the loss and the metrics
    int result_count;

    NetTrain train;
    NetData data;

    void (*forward)(const NetCall *);  // training mode: work, results
    void (*backward)(const NetCall *); // after forward, same call: grads (overwritten, not accumulated)
    void (*update)(const NetCall *);   // after backward: states (running statistics); may be NULL
    void (*evaluate)(const NetCall *); // evaluation mode: work, results
} NetModel;

// Every program that holds one model exports this symbol.
extern const NetModel net_model;

#ifdef __cplusplus
}
#endif
#endif
