// playground.c: which page a network gets: a matter of sizes and shapes.
#include "teach/playground.h"

#include "teach/graph.h"

#include <inttypes.h>

// Values, parameters and their gradients; saturates.
static int64_t count_numbers(const Program *p) {
    double sum = 0;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        bool has_gradient = t->role == TENSOR_PARAM || t->role == TENSOR_VALUE;
        if (t->role != TENSOR_GRADIENT) sum += (has_gradient ? 2.0 : 1.0) * (double)tensor_count(t);
    }
    return sum < 1e18 ? (int64_t)sum : (int64_t)1e18;
}

PlaygroundKind playground_kind(const Model *model, const char **problem) {
    const Program *p = model->train;
    Neurons neurons;
    int64_t numbers = count_numbers(p);
    bool is_drawn = graph_neurons_of(model->eval, &neurons);
    if (p->loss && is_drawn && numbers <= PLAYGROUND_NUMBERS) return PLAYGROUND_LESSON;
    if (!p->loss)
        *problem = "it has no loss, so there is nothing to train; give it one";
    else if (is_drawn)
        *problem = arena_printf(p->arena,
                                "a step has %" PRId64 " numbers, and a page shows at most %d; take "
                                "a smaller batch (--batch-size 1) or look at some of them with "
                                "netc trace --tensor",
                                numbers, PLAYGROUND_NUMBERS);
    else
        *problem =
            arena_printf(p->arena,
                         "it has more than the %d neurons (%d in a column) that a page draws; "
                         "take a smaller one, or look at some of its numbers with netc trace "
                         "--tensor",
                         GRAPH_NODES, GRAPH_COLUMN);
    return PLAYGROUND_TOO_LARGE;
}
