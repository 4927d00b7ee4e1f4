// elaborate.h: from the tree of a spec to its equations: scopes, constants, shapes, layers, blocks, settings.
#ifndef NETC_ELABORATE_ELABORATE_H
#define NETC_ELABORATE_ELABORATE_H

#include "ast/ast.h"
#include "equation/equation.h"
#include "net_model.h"

// `--set NAME=VALUE`: a const, a setting, an optimizer or schedule argument, or PATH.ARGUMENT of a stage. `value` is an
// expression; its span lies in a source registered for the command line.
typedef struct Override {
    Name name; // dotted
    AstExpr *value;
    Span span;
    bool used; // set by elaborate; an override that nothing used is an error
} Override;

typedef struct ElaborateOptions {
    int64_t batch_size;  // 0: as the spec says
    int precision;       // 0: as the spec says; 32 or 64
    Override *override;
    int override_count;
    bool need_loss;      // the command trains: report a missing loss, optimizer or data
    bool predicts;       // the command only predicts: model->train is built in evaluation mode as well
} ElaborateOptions;

// One `sweep NAME in [values]`.
typedef struct Sweep {
    Name name;
    const double *value;
    const char **text; // the values as written
    int count;
} Sweep;

// An argument of one use of a layer or block that the spec gave: "kernel_size", 3.
typedef enum ArgumentKind {
    ARGUMENT_NUMBER,
    ARGUMENT_BOOLEAN, // number: 0 or 1
    ARGUMENT_TEXT,
    ARGUMENT_LIST,
    ARGUMENT_INIT     // how a parameter begins
} ArgumentKind;
typedef struct StageArgument {
    const Stage *stage;
    Name name;
    ArgumentKind kind;
    double number;
    const char *text;             // of ARGUMENT_TEXT
    struct StageArgument *item;   // of ARGUMENT_LIST
    int count;
} StageArgument;

// A spec, elaborated twice: for training and for evaluation. Both programs have the same inputs, params and states, in
// the same order and under the same names.
typedef struct Model {
    Name name;
    const char *spec; // file name without folder
    Program *train;
    Program *eval;
    NetTrain settings;
    NetData data;
    int64_t batch_size;
    LIST(Sweep) sweep;
    LIST(StageArgument) argument; // of the uses in both programs; defaults are left out
} Model;

// Returns NULL after reporting what is wrong.
Model *elaborate(Compile *c, const Ast *ast, const ElaborateOptions *options);

// The library of layers and losses (compiler/std/*.net), parsed. Every layer of it by name.
const AstStatement *library_layer(Compile *c, Name name);

// Binds positional arguments of all uses of layers and blocks to names, in place, so that trees from .net text and from YAML
// can be compared.
void ast_bind_arguments(Compile *c, Ast *ast);

#endif
