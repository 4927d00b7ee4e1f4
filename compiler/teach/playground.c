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

// Elements of all tensors of a role, of one sample.
static int64_t count_role(const Program *p, TensorRole role) {
    double sum = 0;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        double samples = p->sample && t->per_sample ? (double)p->sample->extent : 1;
        if (t->role == role) sum += (double)tensor_count(t) / samples;
    }
    return sum < 1e18 ? (int64_t)sum : (int64_t)1e18;
}

// Axes without that of the samples.
static int first_axis(const Program *p, const Tensor *t) {
    return p->sample && t->per_sample && t->rank ? 1 : 0;
}

// [height, width] or [1, height, width].
static bool is_picture(const Program *p, const Tensor *t) {
    int first = first_axis(p, t), rank = t->rank - first;
    if (t->is_int || rank < 2 || rank > 3) return false;
    if (rank == 3 && t->axis[first]->extent != 1) return false;
    for (int i = t->rank - 2; i < t->rank; i++)
        if (t->axis[i]->extent < 4 || t->axis[i]->extent > PLAYGROUND_SIDE) return false;
    return true;
}

static bool is_drawing(const Program *p) {
    int inputs = 0, pictures = 0;
    for (int i = 0; i < p->tensor.count; i++) {
        if (p->tensor.item[i]->role != TENSOR_INPUT) continue;
        inputs++;
        pictures += is_picture(p, p->tensor.item[i]);
    }
    if (inputs != 1 || pictures != 1 || !p->output.count) return false;
    const Tensor *out = p->output.item[p->output.count - 1];
    int first = first_axis(p, out);
    bool is_row = out->rank - first == 1 && !out->is_int;
    return is_row && out->axis[first]->extent >= 2 &&
           out->axis[first]->extent <= PLAYGROUND_CLASSES;
}

PlaygroundKind playground_kind(const Model *model, const char **problem) {
    const Program *p = model->train;
    Neurons neurons;
    int64_t numbers = count_numbers(p), parameters = count_role(p, TENSOR_PARAM);
    int64_t values = count_role(model->eval, TENSOR_VALUE);
    bool is_drawn = graph_neurons_of(model->eval, &neurons);
    if (p->loss && is_drawn && numbers <= PLAYGROUND_NUMBERS) return PLAYGROUND_LESSON;
    bool fits = is_drawing(model->eval);
    bool is_small = parameters <= PLAYGROUND_PARAMETERS && values <= PLAYGROUND_VALUES;
    if (fits && is_small) return PLAYGROUND_DRAWING;
    if (fits)
        *problem = arena_printf(p->arena,
                                "it has %" PRId64 " parameters and %" PRId64
                                " values, and a page in which one draws holds at most %d and %d; "
                                "take a smaller network",
                                parameters, values, PLAYGROUND_PARAMETERS, PLAYGROUND_VALUES);
    else if (!p->loss)
        *problem = "it has no loss, so there is nothing to train; give it one, or a network that "
                   "makes classes of a picture";
    else if (is_drawn)
        *problem = arena_printf(p->arena,
                                "a step has %" PRId64 " numbers, and a page shows at most %d; take "
                                "a smaller batch (--batch-size 1) or look at some of them with "
                                "netc trace --tensor",
                                numbers, PLAYGROUND_NUMBERS);
    else
        *problem = arena_printf(
            p->arena,
            "it has more than the %d neurons (%d in a column) that a page draws, and it is no "
            "network that makes at most %d classes of a picture of one channel, 4 to %d pixels a "
            "side; take a smaller one, or look at some of its numbers with netc trace --tensor",
            GRAPH_NODES, GRAPH_COLUMN, PLAYGROUND_CLASSES, PLAYGROUND_SIDE);
    return PLAYGROUND_TOO_LARGE;
}
