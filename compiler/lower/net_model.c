// net_model.c: the tables that the runtime reads: names, shapes and offsets of what lies in the
// blocks.
#include "lower/lowering.h"

typedef struct Tables {
    const Lowering *l;
    const LoopModule *m;
    const Program *train, *eval;
    Arena *arena;
} Tables;

static size_t element_bytes(const LoopModule *m, LoopType type) {
    return type == LOOP_INT                 ? sizeof(int32_t)
           : type == LOOP_REAL && m->is_f32 ? sizeof(float)
                                            : sizeof(double);
}

static NetType net_type(const LoopModule *m, LoopType type) {
    return type == LOOP_INT ? NET_I32 : type == LOOP_REAL && m->is_f32 ? NET_F32 : NET_F64;
}

// The shape without the sample axis; returns the number of elements.
static size_t sample_shape(const Tables *t, const Tensor *tensor, int *rank,
                           int64_t shape[NET_MAX_RANK]) {
    int samples = tensor->rank && tensor->axis[0]->is_sample;
    size_t count = 1;
    *rank = tensor->rank - samples;
    if (*rank > NET_MAX_RANK)
        internal_error("lower", "%s of %s has too many axes", tensor->name, t->m->model);
    for (int i = 0; i < *rank; i++) {
        shape[i] = tensor->axis[samples + i]->extent;
        count *= (size_t)shape[i];
    }
    return count;
}

static NetInit net_init(const Init *init) {
    NetInit to = {.a = init->a,
                  .b = init->b,
                  .values = init->value,
                  .file = init->file,
                  .entry = init->entry};
    switch (init->kind) {
    case INIT_NONE:
    case INIT_CONSTANT: to.kind = NET_INIT_CONSTANT; break;
    case INIT_VALUES: to.kind = NET_INIT_VALUES; break;
    case INIT_UNIFORM: to.kind = NET_INIT_UNIFORM; break;
    case INIT_NORMAL: to.kind = NET_INIT_NORMAL; break;
    case INIT_FILE: to.kind = NET_INIT_FILE; break;
    }
    return to;
}

static int count_role(const Program *p, TensorRole role) {
    int count = 0;
    for (int i = 0; i < p->tensor.count; i++) count += p->tensor.item[i]->role == role;
    return count;
}

static const NetTensor *tensor_table(const Tables *t, TensorRole role, int *count,
                                     size_t *elements) {
    *count = count_role(t->train, role);
    *elements = 0;
    NetTensor *table = arena_new_array(t->arena, NetTensor, *count + 1), *row = table;
    for (int i = 0; i < t->train->tensor.count; i++) {
        const Tensor *tensor = t->train->tensor.item[i];
        if (tensor->role != role) continue;
        const LoopBuffer *b = lower_buffer_of(t->m, tensor);
        row->name = tensor->name;
        row->count = sample_shape(t, tensor, &row->rank, row->shape);
        row->offset = loop_buffer_offset(t->m, b) / element_bytes(t->m, b->type);
        row->init = net_init(&tensor->init);
        *elements += row->count;
        row++;
    }
    return table;
}

static void input_rows(const Tables *t, TensorRole role, NetInput *table, int *at) {
    for (int i = 0; i < t->train->tensor.count; i++) {
        const Tensor *tensor = t->train->tensor.item[i];
        if (tensor->role != role) continue;
        const LoopBuffer *b = lower_buffer_of(t->m, tensor);
        NetInput *row = &table[(*at)++];
        row->name = tensor->name;
        row->type = net_type(t->m, b->type);
        row->count = sample_shape(t, tensor, &row->rank, row->shape);
        row->offset = loop_buffer_offset(t->m, b);
        row->classes = tensor->is_int ? tensor->classes : 0;
        row->is_target = role == TENSOR_TARGET;
    }
}

static const NetInput *input_table(const Tables *t, int *count) {
    int size = count_role(t->train, TENSOR_INPUT) + count_role(t->train, TENSOR_TARGET), at = 0;
    NetInput *table = arena_new_array(t->arena, NetInput, size + 1);
    input_rows(t, TENSOR_INPUT, table, &at);
    input_rows(t, TENSOR_TARGET, table, &at);
    *count = at;
    return table;
}

static NetOutput output_row(const Tables *t, const Tensor *tensor, const LoopBuffer *b) {
    NetOutput row = {.name = tensor->name, .type = net_type(t->m, b->type)};
    row.count = sample_shape(t, tensor, &row.rank, row.shape);
    row.offset = loop_buffer_offset(t->m, b);
    row.per_sample = tensor->per_sample;
    return row;
}

// What is kept of the values in training, then what predict prints; a buffer that both share is
// listed once, last.
static const NetOutput *output_table(const Tables *t, int *count) {
    LIST(NetOutput) table = {0};
    for (int i = 0; i < t->train->tensor.count && t->l->options.keep_values; i++) {
        const Tensor *tensor = t->train->tensor.item[i];
        const LoopBuffer *b = lower_buffer_of(t->m, tensor);
        bool later = false;
        for (int k = 0; k < t->eval->output.count; k++)
            later = later || lower_buffer_of(t->m, t->eval->output.item[k]) == b;
        if (b && b->storage == LOOP_WORK && !later)
            list_add(t->arena, table, output_row(t, tensor, b));
    }
    for (int i = 0; i < t->eval->output.count; i++) {
        const LoopBuffer *b = lower_buffer_of(t->m, t->eval->output.item[i]);
        if (b && b->storage == LOOP_WORK)
            list_add(t->arena, table, output_row(t, t->eval->output.item[i], b));
    }
    *count = table.count;
    return table.item;
}

static const char *const *result_table(const Tables *t, int *count) {
    const char **label = arena_new_array(t->arena, const char *, t->train->metric.count + 1);
    *count = 0;
    if (t->train->loss) label[(*count)++] = t->train->loss->label;
    for (int i = 0; i < t->train->metric.count; i++)
        label[(*count)++] = t->train->metric.item[i]->label;
    return label;
}

static const char *schedule_of(const Lowering *l) {
    if (!l->fast) return "plain";
    return l->options.exact ? "fast, exact" : "fast";
}

void lower_net_model(const Model *model, const LoopModule *m, NetModel *out) {
    Tables t = {m->lowering, m, model->train, model->eval, m->compile->arena};
    *out = (NetModel){.abi = NET_ABI, .name = m->model, .spec = model->spec, .schedule = schedule_of(m->lowering)};
    out->type = m->is_f32 ? NET_F32 : NET_F64;
    out->batch_size = (int)model->batch_size;
    out->param = tensor_table(&t, TENSOR_PARAM, &out->param_tensors, &out->param_count);
    out->state = tensor_table(&t, TENSOR_STATE, &out->state_tensors, &out->state_count);
    out->input = input_table(&t, &out->input_count);
    out->batch_bytes = loop_block_bytes(m, LOOP_BATCH);
    out->output = output_table(&t, &out->output_count);
    out->work_bytes = loop_block_bytes(m, LOOP_WORK);
    out->result = result_table(&t, &out->result_count);
    out->train = model->settings;
    out->data = model->data;
}
