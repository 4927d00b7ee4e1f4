// graph_columns.c: neurons from single values: a weighted sum and the value that alone reads it
// become one neuron, and each stands in the column of its longest way from the inputs.
#include "teach/graph.h"

// The only node that reads `node`, or -1.
static int only_reader(const Neurons *n, int node) {
    int reader = -1;
    for (int i = 0; i < n->edge.count; i++) {
        if (n->edge.item[i].from != node) continue;
        if (reader >= 0) return -1;
        reader = n->edge.item[i].to;
    }
    return reader;
}

static int count_inputs(const Neurons *n, int node, bool *has_weights) {
    int count = 0;
    *has_weights = n->node.item[node].bias != NULL;
    for (int i = 0; i < n->edge.count; i++) {
        if (n->edge.item[i].to != node) continue;
        count++;
        *has_weights = *has_weights || n->edge.item[i].label;
    }
    return count;
}

// Merges each weighted sum with the one value that reads it and nothing else. `into[i]`: where node
// i went.
static void merge_pairs(Neurons *n, int *into) {
    bool *is_second = arena_new_array(n->arena, bool, n->node.count);
    for (int i = 0; i < n->node.count; i++) into[i] = i;
    for (int i = 0; i < n->node.count; i++) {
        bool has_weights, others_have;
        int reader = only_reader(n, i);
        bool is_sum = n->node.item[i].kind == GRAPH_NEURON && !is_second[i];
        if (!is_sum || reader < 0 || n->node.item[reader].kind != GRAPH_NEURON) continue;
        count_inputs(n, i, &has_weights);
        if (!has_weights || count_inputs(n, reader, &others_have) != 1 || others_have) continue;
        is_second[reader] = true;
        into[reader] = i;
        n->node.item[i].activation = n->node.item[reader].name;
        n->node.item[i].function = n->node.item[reader].function;
        n->node.item[i].second = n->node.item[reader].value;
    }
    int edges = 0;
    for (int i = 0; i < n->edge.count; i++) {
        GraphEdge e = n->edge.item[i];
        GraphEdge moved = {into[e.from], into[e.to], e.label, e.weight};
        if (moved.from != moved.to) n->edge.item[edges++] = moved;
    }
    n->edge.count = edges;
}

static void drop_merged(Neurons *n, int *into) {
    int *place = arena_new_array(n->arena, int, n->node.count), nodes = 0;
    for (int i = 0; i < n->node.count; i++) {
        if (into[i] != i) continue;
        place[i] = nodes;
        n->node.item[nodes++] = n->node.item[i];
    }
    n->node.count = nodes;
    for (int i = 0; i < n->edge.count; i++) {
        n->edge.item[i].from = place[n->edge.item[i].from];
        n->edge.item[i].to = place[n->edge.item[i].to];
    }
}

// Columns by the longest way from the inputs; a loop of a recurrence ends the search.
static void place_columns(Neurons *n) {
    bool changed = true;
    for (int round = 0; round <= n->node.count && changed; round++) {
        changed = false;
        for (int i = 0; i < n->edge.count; i++) {
            const GraphNode *from = &n->node.item[n->edge.item[i].from];
            GraphNode *to = &n->node.item[n->edge.item[i].to];
            bool late = from->is_late || from->kind == GRAPH_TARGET;
            changed = changed || (late && !to->is_late);
            to->is_late = to->is_late || late;
            if (from->kind == GRAPH_TARGET || to->column > from->column) continue;
            to->column = from->column + 1;
            changed = true;
        }
    }
    for (int i = 0; i < n->node.count; i++) {
        GraphNode *node = &n->node.item[i];
        bool is_placed = node->kind == GRAPH_INPUT || node->column > 0;
        if (!is_placed) node->column = node->kind == GRAPH_TARGET ? 0 : 1;
        if (node->column >= n->column_count) n->column_count = node->column + 1;
    }
    for (int i = 0; i < n->edge.count; i++) { // a target stands by its first reader
        GraphNode *from = &n->node.item[n->edge.item[i].from];
        if (from->kind == GRAPH_TARGET && !from->column)
            from->column = n->node.item[n->edge.item[i].to].column;
    }
}

static bool fits(const Neurons *n) {
    for (int c = 0; c < n->column_count; c++) {
        int count = 0;
        for (int i = 0; i < n->node.count; i++) count += n->node.item[i].column == c;
        if (count > GRAPH_COLUMN) return false;
    }
    return true;
}

bool graph_arrange(Neurons *n) {
    int *into = arena_new_array(n->arena, int, n->node.count + 1);
    merge_pairs(n, into);
    drop_merged(n, into);
    place_columns(n);
    return fits(n);
}
