// lowering.h: what the files of lower/ share, inside of lower/ only.
//
// A function is lowered in four steps, each a walk over one tree of nodes: the equations become a
// tree of loops with equations as leaves (nest.c); it is settled which tensors are buffers and
// which are locals (buffers.c); the leaves become declarations, accumulations and stores
// (reduce.c), and what need not be computed in a loop leaves it (hoist.c); the tree is written as
// loop IR, with names and comments (write.c).
//
// Within the tree everything is still an equation's expression. A local is referred to by a read of
// a tensor of rank 0 that stands for it, so equal expressions stay equal pointers until they are
// written.
#ifndef NETC_LOWER_LOWERING_H
#define NETC_LOWER_LOWERING_H

#include "lower/lower.h"

typedef struct Lowering Lowering;
typedef LIST(Equation *) Equations;
struct Writer;
struct Winograd;

// --- map.c: a table of pointers by pointers.
typedef struct Map {
    Arena *arena;
    const void **key;
    void **value;
    int capacity, count;
} Map;
void *map_get(const Map *map, const void *key); // NULL if absent
void map_set(Map *map, const void *key, void *value);

// A scalar local: a tensor that needs no array, an accumulator, or a value that was given a name.
typedef struct Local {
    const Tensor *tensor;   // reads of it mean the local
    const Expr **subscript; // of those reads: the element of the tensor that it holds
    LoopType type;
    LoopVariable *variable; // once it is declared
    bool is_made;           // the tensor exists for this local only
} Local;

// An equation on its way into a nest. Its indices are its own, so nothing can be captured.
typedef struct Item {
    const Equation *equation; // as the program has it
    Tensor *out;
    const Expr **subscript;
    EquationOp op;
    const Expr *guard, *value;
    const Index **index; // of the domain, not yet bound by loops around it
    int index_count;
    const Index *time; // of a recurrence
} Item;

typedef enum NodeKind {
    NODE_BODY,    // children one after the other: a function, or one nest of it
    NODE_LOOP,    // over index, where constraint[] hold
    NODE_IF,      // where condition holds
    NODE_ITEM,    // an equation at one element; expanded into the following
    NODE_DECLARE, // local = value
    NODE_ASSIGN,  // local op value
    NODE_STORE,   // out[subscript] op value
    NODE_BETTER,  // if value beats best: best = value, first = place; NaN beats all
    NODE_CLUSTER, // of the fast style: equations written together as loops over vectors
    NODE_WRITTEN  // of the fast style: what `write` writes
} NodeKind;

typedef struct Node Node;
struct Node {
    NodeKind kind;
    const Index *index;
    LIST(const Expr *)
    constraint; // of a loop: E_NONNEGATIVEs that use its index and indices of loops around it
    bool down, parallel;
    bool is_time; // of a recurrence
    const Expr *condition;
    Item *item;
    Local *local;  // of DECLARE, ASSIGN
    bool is_const; // of DECLARE
    bool is_done;  // of DECLARE: the local is an accumulator, declared where its sum begins
    bool is_sum;   // of ASSIGN: += instead of =
    const Tensor *out;
    const Expr **subscript;
    EquationOp op;
    const Expr *value;
    Local *best, *first; // of BETTER; first may be NULL
    const Expr *place;
    bool least; // of BETTER: the least value wins
    void (*write)(struct Writer *, struct Winograd *); // of WRITTEN
    struct Winograd *winograd;
    struct Cluster *cluster; // of CLUSTER, and its items
    LIST(Item *) cluster_item;
    LIST(Node *) child;
};

// What is written together under one heading: a nest, or scalars.
typedef struct Nest {
    Node *body;
    LIST(Item *) item;
    const Stage *stage;
    bool is_phase; // of the fast style: its loop is over chunks of samples
} Nest;

typedef struct Plan {
    Name name;
    const char *comment;
    Program *program;
    LIST(Nest *) nest;
    LIST(const Tensor *) at_end; // locals that are stored when all is computed
} Plan;

struct Lowering {
    Model *model;
    LowerOptions options;
    LoopModule *m;
    Arena *arena;
    Names *names;
    Program *program; // of the function at hand
    Map taken;        // identifiers of the module, each to the name it was made from
    Map buffer;       // Tensor to LoopBuffer
    Map scalar;       // of a LoopBuffer without axes: the name of the local that stands for it
    Map local;        // Tensor to Local, of all functions
    Map gradient;     // of a param: its gradient
    int next_id;      // of the tensors that stand for locals
    LIST(Plan *) plan;
    struct Fast *fast; // the schedule of the fast style; NULL: plain
};

// --- names.c
// The identifier for `text` that nothing in the module has yet; taken from now on.
Name name_take(Lowering *l, const char *text);
// An identifier for `text` that is not among scope[0 .. count), nor among the module's names,
// unless it was made from `owner` (NULL: nobody): a local may have the name of its own tensor.
Name name_local(const Lowering *l, const char *text, Name owner, const Name *scope, int count);
void names_reserve(Lowering *l, Name model);
// Letters, digits and underscores; never empty, never a digit first.
Name identifier_of(Names *names, Arena *a, const char *text);

// --- nest.c
Node *node_new(const Lowering *l, NodeKind kind);
void node_add(const Lowering *l, Node *to, Node *child);
// The equations as a list of nests in the order of computation.
void nest_equations(Lowering *l, Plan *plan, Equation *const *equation, int count);
// As they stand; for updates, which all read what was before.
void nest_updates(Lowering *l, Plan *plan, Equation *const *equation, int count);
// The parts of it that the fast style uses: items of a group, loops for items around which nothing is bound yet, and
// binding an item's index number k to the index of a loop around it.
Item **nest_group_items(const Lowering *l, const Group *group);
void nest_build(const Lowering *l, Node *body, Item **item, int count);
void nest_build_recurrence(const Lowering *l, Node *body, const Group *group, Item **item);
// The loop over the steps of a recurrence, to which its items are bound, added to the body and still empty.
Node *nest_recurrence_loop(const Lowering *l, Node *body, const Group *group, Item **item);
void item_bind(const Lowering *l, Item *item, int k, const Index *to);
// Whether two indices run over the same named extent.
bool index_matches(const Index *a, const Index *b);

// --- parallel.c
// Marks the outermost loops of a nest whose iterations are independent and worth a thread.
void nest_mark_parallel(const Lowering *l, Nest *nest);

// --- buffers.c
// Settles for each tensor of the plans whether it is a buffer or a local, and makes the buffers.
void buffers_make(Lowering *l);
// A new local; expressions mean it by reading the tensor.
Local *local_new(Lowering *l, const char *name, LoopType type);
const Expr *local_read(Lowering *l, const Local *local);

// --- reduce.c
// Replaces equations by statements, and reductions by loops with accumulators.
void nest_expand(Lowering *l, Node *body);

// --- hoist.c
// Names what is computed again and again, where its value is first known.
void nest_hoist(Lowering *l, Node *body);

// --- write.c, expr.c, guards.c
typedef struct Writer {
    Lowering *l;
    LoopModule *m;
    LoopFunction *f;
    LoopBuilder *b;
    Map variable;     // Index to LoopVariable
    LIST(Name) scope; // names of locals and indices in force
    LIST(Local *) declared;
    LIST(LoopSize) size;
    LIST(Name) size_of; // as the author wrote it, beside size
    const Stage *stage;
    LoopVariable *candidate;  // a value that is compared with the best ones,
    const Expr *candidate_of; // in this body
    const Expr *chosen;       // what the condition at hand chooses,
    const Node *inside;       // or guards
} Writer;
void write_function(Lowering *l, Plan *plan);
// An identifier for a local or an index, in force until the scope's count is set back.
Name write_name(Writer *w, const char *hint, Name owner);
// The subscripts of an element of t in its buffer: in the order of its layout, past its halo.
const LoopExpr **write_place(Writer *w, const Tensor *t, const Expr *const *subscript);
const LoopExpr *write_value(Writer *w, const Expr *e, LoopType type);
const LoopExpr *write_affine(Writer *w, Affine a);
const LoopExpr *write_condition(Writer *w, const Expr *e);
const LoopExpr *write_load(Writer *w, const Expr *read);
// The extent of an index as an integer, by its name where that is in force.
const LoopExpr *write_extent(Writer *w, const Index *index);
const LoopExpr *write_size(Writer *w, Name size, int64_t extent);
// Both bounds of a loop from its extent and its constraints.
void write_bounds(Writer *w, const Node *loop, const LoopExpr **low, const LoopExpr **high);

// The axis of which a loop's condition says `subscript < extent` somewhere in the loop; NULL if
// there is none.
const Index *guarded_axis(const Lowering *l, const Node *loop, const Expr *constraint);

// The same of the condition that is being written.
const Index *chosen_axis(const Writer *w, Affine condition);

// --- plain.c: the steps around the order of computation, the same for both styles
Lowering *lowering_new(Model *model, const LowerOptions *options);
LoopModule *lowering_finish(Lowering *l);

// --- comment.c
// The heading of a stage and the equations of a nest with their places, for comments.
const char *comment_of_stage(const Lowering *l, const Stage *stage);
const char *comment_of_nest(const Lowering *l, const Nest *nest);

#endif
