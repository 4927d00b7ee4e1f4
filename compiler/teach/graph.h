// graph.h: a network as a picture, read off its equations: neurons and weights where there are few,
// else its stages in order with the shapes that pass between them.
#ifndef NETC_TEACH_GRAPH_H
#define NETC_TEACH_GRAPH_H

#include "equation/equation.h"

typedef enum GraphKind { GRAPH_INPUT, GRAPH_TARGET, GRAPH_NEURON, GRAPH_LOSS } GraphKind;

// Where the number behind a name stands: an element of a tensor, counted within a sample.
typedef struct GraphValue {
    const Tensor *tensor; // of the program that was drawn; NULL: none
    int64_t at;
} GraphValue;

// One element of a tensor; or two: a weighted sum and the activation that alone reads it.
typedef struct GraphNode {
    GraphKind kind;
    const char *name;       // "h1", "y[0]"
    const char *activation; // of a pair the second name: "a_h1"; else NULL
    const char *function;   // of a pair what leads from one to the other: "sigmoid"; NULL if nobody knows
    const char *bias;       // parameters that are added: "b1"; else NULL
    GraphValue value, second, bias_value; // of the first, of the activation, of the first parameter added
    bool is_late;           // a target takes part in it
    int column;             // from the inputs, 0
    double x, y, left, right; // of the picture: its middle, and how far it reaches to both sides
} GraphNode;

typedef struct GraphEdge {
    int from, to;      // nodes
    const char *label; // "w1 = 0.15"; NULL without a weight
    GraphValue weight;
} GraphEdge;

typedef struct Neurons {
    Arena *arena;
    const char *title;
    int column_count;
    LIST(GraphNode) node;
    LIST(GraphEdge) edge;
    // Of a picture whose numbers a script writes: a tensor's number on the page, -1 where it has none.
    // Then values, weights and gradients are marked with data-t and data-e. NULL: a picture for print.
    int (*number)(void *data, const Tensor *t);
    void *data;
} Neurons;

enum { GRAPH_NODES = 48, GRAPH_COLUMN = 12, GRAPH_EDGES = 240 };

// The neurons of a network of at most GRAPH_NODES elements, GRAPH_COLUMN in a column, and GRAPH_EDGES
// edges; false if it has more. Values inside a layer of the library (the maximum inside a softmax) are
// no neurons: what they read reaches through them. p: the program for evaluation, which has no dropout.
bool graph_neurons_of(const Program *p, Neurons *out);
// Merges pairs and places columns, its last step; false if a column is too full.
bool graph_arrange(Neurons *n);
void graph_neurons_svg(Neurons *n, Text *out);
void graph_neurons_dot(const Neurons *n, Text *out);

// A stage, or an equation that stands outside of stages.
typedef struct Unit {
    const char *name; // "convblock_1.conv2d_1.conv2d", "h1"
    const char *kind; // "Conv2d"; of an equation its text
    int64_t parameters;
    const Stage *stage; // NULL for inputs and targets
    bool is_given;      // an input or a target
    double x, y;
} Unit;

typedef struct UnitEdge {
    int from, to;
    const char *shape; // "[16, 28, 28]"
} UnitEdge;

typedef struct Units {
    Arena *arena;
    const char *title;
    LIST(Unit) unit;
    LIST(UnitEdge) edge;
} Units;

// What the loss (without one, the output) is made of, in the order of computation.
Units graph_units_of(const Program *p);
void graph_units_svg(Units *u, Text *out);
void graph_units_dot(const Units *u, Text *out);

// Whether it is a helper inside of a layer: no output of its stage.
bool graph_is_inside(const Tensor *t);
// "[16, 28, 28]" without the sample axis; "a number" without axes.
const char *graph_shape(const Program *p, const Tensor *t);
// Quoted for DOT.
void graph_add_quoted(Text *out, const char *text);

#endif
