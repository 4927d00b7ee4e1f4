// context.h: what the files of this folder share: compile-time values, scopes, and the frame of one
// equation.
//
// A spec is elaborated twice, once for training and once for evaluation, by the same code. A scope
// is one use of a layer or block, a network, or the model. Compile-time names and tensors live in
// separate tables, since `bias` may be a switch and a tensor at once. Nothing here is seen outside
// of the folder; elaborate.h is the way in.
#ifndef NETC_ELABORATE_CONTEXT_H
#define NETC_ELABORATE_CONTEXT_H

#include "elaborate/elaborate.h"

enum {
    LIMIT_STAGES = 20000,
    LIMIT_EQUATIONS = 20000,
    LIMIT_REPEAT = 10000,
    LIMIT_NESTING = 64,
    LIMIT_RANK = NET_MAX_RANK - 1, // one axis is for the samples
};

typedef enum ValueKind {
    VALUE_NUMBER,
    VALUE_BOOLEAN,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_INIT,
    VALUE_POISON // a mistake that was reported already
} ValueKind;

typedef enum InitForm {
    FORM_ZEROS,
    FORM_ONES,
    FORM_UNIFORM,
    FORM_NORMAL,
    FORM_XAVIER_UNIFORM,
    FORM_XAVIER_NORMAL,
    FORM_KAIMING_UNIFORM,
    FORM_KAIMING_NORMAL,
    FORM_FILE
} InitForm;

typedef struct Value Value;
struct Value {
    ValueKind kind;
    Span span;
    double number;    // of booleans: 0 or 1
    const char *text; // of FORM_FILE: the file's name
    const char *entry;
    Value *item;
    int count;
    InitForm form;
    double a, b; // the arguments of the initialiser
};

typedef struct NamedValue {
    Name name;
    Value value;
    Span span;
    const AstExpr *expr; // what it was computed from, or NULL
} NamedValue;

// One file of statements: the spec, an import or a part of the library.
typedef struct SpecFile SpecFile;
struct SpecFile {
    const char *path;
    bool is_library;
    const Ast *ast;
    LIST(NamedValue) constant;
    LIST(const AstStatement *) definition; // layers and blocks
    LIST(SpecFile *) import;
};

typedef struct Definition {
    const AstStatement *statement; // NULL: none of that name
    SpecFile *file;
} Definition;

typedef struct Elab {
    Compile *c;
    Arena *arena;
    const ElaborateOptions *options;
    const Ast *ast;
    SpecFile *main, *library;
    LIST(SpecFile *) file; // every file read, against cycles
    Model *model;
    LIST(Name) settable; // what --set could have named
    Program *p;          // the program being made
    int stage_count, depth;
    bool exhausted;      // a limit was passed and reported
    Tensor *last_output; // of the last network
} Elab;

// A tensor by the name a scope knows it by.
typedef struct Entry {
    Name name;
    Span span;
    Tensor *tensor;   // NULL: reported already, or a constant
    bool is_constant; // a param or state that is switched off: every read of it is `constant`
    double constant;
    const Index *
        *axis; // of a constant; of a layer's input: with the names of the header's sizes. Else NULL
    int rank;
    bool is_alias;   // a second name for a tensor that something else defines
    bool is_defined; // an equation defines it
} Entry;

// Numbers the stages of one body: conv2d_1, conv2d_2.
typedef struct StageCount {
    Name name;
    Span span;
    bool is_label;
    int total, used;
} StageCount;
typedef struct Namer {
    LIST(StageCount) count;
} Namer;

typedef struct Scope Scope;
struct Scope {
    Elab *elab;
    SpecFile *file;
    Scope *outer; // whose names can be seen too: the model, from a network
    Scope *caller;
    const AstStatement *definition; // the layer or block being used, or NULL
    Span use;
    Name path; // "" for the model
    Stage *stage;
    AstStatements body;
    LIST(NamedValue) value;
    LIST(Entry *) entry;
    bool has_rest;
    const Index **rest; // the axes of `..`
    int rest_count;
    Name output_name;     // the name of the tensor of a single or first output, or NULL
    Name call_prefix;     // of paths of layer calls in an equation, or NULL
    Name part_prefix;     // of what the call that is the right side of an equation is given, or NULL
    LIST(Name) declaring; // temporaries whose shape is being looked for
    int draw_count;       // bernoulli() and uniform01() so far
    // of pipelines
    Namer *namer;
    Tensor *hole; // _
    bool has_hole;
};

// The names that one equation gives to indices, innermost last.
typedef struct Binding {
    Name name;
    const Index *index;
    Span span;
    bool is_down; // the name means extent - 1 - index: on the left it stood with a minus
} Binding;

typedef struct Operand {
    const AstExpr *expr;
    Tensor *tensor;
} Operand;

typedef struct Frame {
    Scope *scope;
    Program *p;
    const AstStatement *statement;
    LIST(Binding) binding;
    LIST(Operand) operand; // values of layer calls, tensor functions and bare names in the equation
    const Index *const *rest;  // indices of `..`, NULL where it has none
    const Index *const *whole; // of an equation without indices: the axes of its left side
    int whole_count;
    bool is_whole;
    bool per_sample;     // reads may be of the sample's own values
    const Index *sample; // by this index (NULL when the batch size is 1)
    int reduction_depth;
    Affine element;    // the number of the element on the left
    const char *owner; // the name on the left, for messages
    bool quiet, failed;
} Frame;

// --- scope.c
// N, REST, true, false, inf and pi have a meaning of their own: reports a definition of such a
// name.
bool check_reserved(const Scope *s, Name name, Span span);
// A new, empty scope in a file; `caller` is the scope that uses the layer or block.
Scope *scope_new(Elab *e, SpecFile *file, Scope *caller);
NamedValue *scope_value(const Scope *s,
                        Name name); // outer scopes and the file's constants included
// Gives a compile-time name its value; `expr` is what it was computed from, or NULL.
void scope_set_value(Scope *s, Name name, Value value, Span span, const AstExpr *expr);
// The tensor that this scope itself knows by that name, the newest first, or NULL.
Entry *scope_own_entry(const Scope *s, Name name);
Entry *scope_entry(const Scope *s, Name name); // outer scopes included; makes nothing
// Makes a tensor known; NULL for one whose mistake was reported.
Entry *scope_add_entry(Scope *s, Name name, Span span, Tensor *t);
Name scope_path(const Scope *s, const char *name); // path.name
// Reports; inside of a layer or block a note tells which use of it was being elaborated.
Diagnostic *fault(const Scope *s, Code code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// "did you mean ...?", unless the name is so short that it is near to everything.
void suggest(Compile *c, Diagnostic *d, const char *wrong, const char *const *choice, int count);
// The same from the values, tensors and definitions that the scope sees.
void suggest_name(const Scope *s, Diagnostic *d, Name wrong, bool values, bool tensors,
                  bool definitions);
// The name in lower case, as stage paths have it.
Name name_lower(Elab *e, const char *name);

// --- shape.c
int axis_offset(const Program *p, const Tensor *t);   // 1 if axis[0] is the sample index
int entry_rank(const Program *p, const Entry *entry); // axes without the sample's
const Index *entry_axis(const Program *p, const Entry *entry, int i);
// Axes without the sample's.
int tensor_rank(const Program *p, const Tensor *t);
// Axis i, the sample's not counted.
const Index *tensor_axis(const Program *p, const Tensor *t, int i);
const char *shape_text(Elab *e, const Tensor *t); // "[16, 28, 28]"
const char *axes_text(Elab *e, const Index *const *axis, int count);
bool same_shape(const Program *p, const Tensor *a, const Tensor *b);
// The name of an axis as the equations of `body` write it, or a letter.
Name axis_name(const Scope *s, Name tensor, int axis, int rank, Name size);
// Evaluates dims, `..` included, to canonical axes. Reports unless quiet. The size of the tensor is
// limited.
bool axes_of_dims(Scope *s, Name tensor, AstExpr *const *dim, int count, bool quiet,
                  const Index ***axis, int *rank);
bool check_elements(Scope *s, Span span, const Index *const *axis, int count);
// A note that tells where the tensor was made.
void note_origin(const Scope *s, Diagnostic *d, const Tensor *t);

// --- value.c
// The value of a compile-time expression; VALUE_POISON after reporting.
Value value_of(Scope *s, const AstExpr *e);
// Without reporting. With a frame, its indices and the scope's tensors hide compile-time names.
bool value_try(Scope *s, Frame *f, const AstExpr *e, Value *out);
// A whole number that a double holds exactly.
bool value_is_integer(Value v);
const char *value_text(Elab *e, Value v);
// A whole number from 1 to 2^31 - 1; `what` begins the message.
bool size_of(Scope *s, const AstExpr *e, const char *what, bool quiet, int64_t *out);
// True or false into *out; returns false after reporting.
bool condition_of(Scope *s, const AstExpr *e, bool *out);
// A scalar function of numbers; false if the result is no number.
bool evaluate_function(Function f, double a, double b, double *out);
Value value_number(double number, Span span);
Value value_poison(Span span);

// --- init.c
// The initialiser of that name.
bool init_form(const char *name, InitForm *form);
// The value of NAME or NAME(...) for an initialiser; *failed is set on a mistake.
Value init_call(Scope *s, const AstExpr *e, bool quiet, bool *failed);
// The initialiser for a tensor of these axes: PyTorch's formulas resolved to bounds.
Init init_resolve(Scope *s, Value v, const Index *const *axis, int rank, Span span);
// Numbers of nested lists in order; checks the shape. Returns NULL after reporting.
double *list_values(Scope *s, Value v, const int64_t *extent, int rank, Code code,
                    const char *what);

// --- definition.c
// Definitions and constants of a file and of what it imports.
SpecFile *file_read(Elab *e, const Ast *ast, const char *path, bool is_library);
SpecFile *library_read(Elab *e);
// The layer or block that a file means by a name.
Definition definition_find(const Elab *e, SpecFile *file, Name name);
// Is the definition being used already, here or further out?
bool definition_is_inside(const Scope *s, const AstStatement *definition);

// --- ranges.c
// The range of an index, from the axes on which it stands alone in left (may be NULL entry) and
// right.
typedef struct Range {
    int64_t extent;
    Name size;
    Span span;
} Range;
bool range_find(Frame *f, Name index, const Entry *left, const AstStatement *statement,
                const AstExpr *right, Range *out);
const AstExpr *
live_branch(Frame *f,
            const AstExpr *e); // `if` with a compile-time condition: the branch that counts

// --- frame.c
// An empty frame for one equation, with the indices of `..` if they stand on its left side.
void frame_begin(Frame *f, Scope *s, const AstStatement *st);
Diagnostic *frame_fault(Frame *f, Code code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
Entry *frame_entry(Frame *f, Name name); // makes outputs and forward temporaries known
const Binding *frame_binding(const Frame *f, Name name);
// Binds a name to an index.
void frame_bind(Frame *f, Name name, const Index *index, Span span);
Affine binding_form(Program *p, const Binding *binding); // what the name stands for
// --- expression.c
const Expr *expression_real(Frame *f, const AstExpr *e);  // a real number
const Expr *expression_value(Frame *f, const AstExpr *e); // a real number or an integer
const Expr *expression_condition(Frame *f, const AstExpr *e);
const Expr *expression_any(Frame *f, const AstExpr *e);
const Expr *expression_subscript(Frame *f, const AstExpr *e);
Tensor *frame_operand(const Frame *f, const AstExpr *e);
// --- read.c
const Expr *expression_read(Frame *f, const AstExpr *e); // x[i, j]
const Expr *expression_name(Frame *f, const AstExpr *e); // an index, a scalar, or a whole tensor
const Expr *expression_whole(Frame *f, Tensor *t, Name name, Span span);
// The subscripts of a read or of a left side, sample and `..` included. NULL after reporting.
const Expr **expression_subscripts(Frame *f, const Entry *entry, AstExpr *const *subscript,
                                   int count, Span span);
const Expr **expression_arguments(Frame *f, const Entry *entry, const AstExpr *e);
bool binder_is_rest(const AstExpr *binder);
// NAME or NAME < SIZE; false after reporting. *size is NULL where none is given.
bool binder_parts(Frame *f, const AstExpr *binder, Name *name, Span *span, const AstExpr **size);
// --- call.c
const Expr *expression_call(Frame *f, const AstExpr *e);
// --- reduction.c
bool is_reduction(const char *name);
const Expr *expression_reduce(Frame *f, const AstExpr *e);

// --- statement.c
// Where the tensor of an equation without declared left side goes.
typedef struct Placement {
    Name tensor_name; // NULL: by the scope's path
    Name label;
    Stage *stage; // NULL: the scope's
    bool is_loss; // must be a scalar
} Placement;
// Defines the left side; returns its tensor, NULL after reporting.
Tensor *equation_define(Scope *s, const AstStatement *st, const Placement *place);
// --- temporary.c
Entry *temporary_declare(Scope *s, Name name);
Entry *output_declare(Scope *s, Name name, bool quiet); // NULL: no output, or sizes not known yet
bool depends_on_sample(Frame *f, const AstExpr *e);
bool definitions_depend_on_sample(Scope *s,
                                  Name name); // do the equations of the scope that define it?
Entry *temporary_make(Frame *f, const AstStatement *st, Name tensor_name,
                      Name label);                         // NULL after reporting
bool whole_axes(Frame *f, const Index ***axis, int *rank); // the shape of the operands
void each_equation(const Scope *s, AstStatements body, void (*visit)(const AstStatement *, void *),
                   void *data);
// --- left.c
// Gives the names of the left side and of `for` their indices; of += also those of the right side.
bool frame_bind_left(Frame *f, const AstStatement *st, const Entry *left);

// --- layer.c
typedef struct Use {
    Definition definition;
    const AstExpr *call; // AST_CALL or AST_NAME
    const AstArgument *argument;
    int argument_count;
    Tensor *const *input;
    int input_count;
    Name path;
    Name output_name;
    Name label; // of the output, or NULL
    Span span;
} Use;
// Elaborates one use; returns its (first) output, NULL after reporting.
Tensor *use_elaborate(Scope *s, const Use *use);
// The statements of a layer's body, in order.
void layer_statements(Scope *s, AstStatements body);
void declare_stored(Scope *s, const AstStatement *st); // param and state
void define_let(Scope *s, const AstStatement *st);
void check_require(Scope *s, const AstStatement *st);
// --- header.c
bool bind_inputs(Scope *caller, Scope *in, const Use *use);
// --- argument.c
bool bind_arguments(Scope *caller, Scope *callee, const Use *use);

// --- pipeline.c
// Runs the stages on s->hole; the last one's tensor is named output_name if that is not NULL.
Tensor *pipeline_run(Scope *s, AstStatements body, Name output_name);
void pipeline_count(Scope *s, AstStatements body, int times);
void namer_add(Scope *s, Name name, Span span, bool is_label, int times);
Name namer_next(Scope *s, Name name);
// --- operand.c
// A whole tensor: _, a name, a layer call, a tensor function, `|>`, or an elementwise expression.
typedef struct Wanted {
    Name label;       // replaces the kind in the path
    Name output_name; // of the tensor
} Wanted;
// NULL after reporting.
Tensor *operand_evaluate(Scope *s, const AstExpr *e, const Wanted *wanted);
void operand_count(Scope *s, const AstExpr *e, Name label, Span span, int times);
// Evaluates what an equation uses of whole tensors into f->operand; false if one is poisoned.
bool operand_collect(Frame *f, const AstExpr *e, const Wanted *wanted);
bool is_whole_call(const Scope *s, const AstExpr *e); // a layer call or tensor function
// --- stage.c
// A stage, added to its parent's children unless parent is NULL.
Stage *stage_new(Elab *e, Stage *parent, Name path, Name kind, bool is_layer, bool is_block,
                 Span span);

// --- tensor_function.c
bool is_tensor_function(const char *name);
// The tensor that reshape, concat, ... make, under that name; NULL after reporting.
Tensor *tensor_function(Scope *s, const AstExpr *e, Name tensor_name, Name label, Stage *stage);
// A copy of a tensor under another name.
Tensor *tensor_copy(Scope *s, const Tensor *from, Name name, Span span);

// --- loss.c
void loss_elaborate(Scope *s, const AstStatement *st);
void metric_elaborate(Scope *s, const AstStatement *st);
// --- output.c
// Fills program.output unless networks did.
void find_outputs(Elab *e);

// --- setting.c
// The arguments of the optimizers and schedules, as rows of net_settings.h.
typedef enum RowKind {
    ROW_KIND,
    ROW_NUMBER,
    ROW_FLAG,
    ROW_LIST,
    ROW_PAIR,
    ROW_WORD,
    ROW_END
} RowKind;
typedef struct SettingRow {
    RowKind kind;
    const char *name;
    double standard, low, high;
    const char *choices;
} SettingRow;
extern const SettingRow optimizer_row[], scheduler_row[];
// The rows of that kind, or NULL; they end with ROW_END.
const SettingRow *rows_of_kind(const SettingRow *table, const char *kind);
// KIND(arguments) checked against the table; `what` is "optimizer" or "scheduler".
NetChoice choice_elaborate(Scope *s, const AstExpr *e, const SettingRow *table, const char *what);
const AstStatement *find_statement(const Ast *ast, AstStatementKind kind);
const AstExpr *find_setting(Elab *e, const AstStatement *block, const char *name); // --set included
bool check_settings(Scope *s, const AstStatement *block, const char *const *allowed, int count);
// --- train.c
void train_elaborate(Elab *e, Scope *s);
extern const char *const train_setting[];
extern const int train_setting_count;
// --- data.c, data_inline.c
void data_elaborate(Elab *e, Scope *s);
void data_inlined(Elab *e, Scope *s, const AstStatement *block, NetData *data);
void data_columns(Elab *e, Scope *s, const AstStatement *block, NetData *data);
// --- sweep.c
void sweep_elaborate(Elab *e, Scope *s);
// How many things a bare name means: constants, settings, arguments of the optimizer and of the
// schedule.
int settings_named(Elab *e, const char *name);
// --- override.c
// The override of that dotted name, marked as used, or NULL. The name becomes known as settable.
const AstExpr *override_find(Elab *e, const char *name);
void override_check(Elab *e);
bool path_is_safe(const char *path);

#endif
