// graph_live.h: what a picture has in place of numbers where a script writes them.
#ifndef NETC_TEACH_GRAPH_LIVE_H
#define NETC_TEACH_GRAPH_LIVE_H

#include "teach/graph.h"

enum { GRAPH_HALF_HEIGHT = 24, GRAPH_TARGET_HALF = 17 }; // of a neuron, of a target

// The attributes by which the script finds the number: data-t the tensor's, data-s the element
// within a sample. Nothing where the page has none.
void graph_live_mark(const Neurons *n, GraphValue v, Text *out);
// Names, numbers and gradients of a node, and fields over them that can be chosen.
void graph_live_node(const Neurons *n, const GraphNode *node, Text *out);
// The name before the first " = " of the label, and its number.
void graph_live_label(const Neurons *n, double x, double y, const char *anchor, const char *label,
                      GraphValue v, Text *out);
// What a label takes up: with a live number the name and seven characters.
const char *graph_live_room(const Neurons *n, const GraphEdge *e);

#endif
