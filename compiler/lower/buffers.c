// buffers.c: where tensors live. A tensor that is read only where it was computed, at the same
// element, is a local; every other is a buffer. Both programs share the buffers of params, states,
// inputs and results, and of values of one name and shape.
#include "loop/express.h"
#include "lower/fast/fast.h"
#include "lower/lowering.h"

// What is known of a tensor that equations define.
typedef struct Usage {
    const Item *writer;
    int writers;
    const Node *home; // the body it is computed in
    const Plan *plan;
    bool is_scalar; // computed outside of all loops, without reductions
    bool elsewhere; // read where a local would not be seen
} Usage;

typedef struct Survey {
    Lowering *l;
    Map usage; // Tensor to Usage
    const Plan *plan;
    LIST(const Node *) around; // bodies around the place at hand
} Survey;

static Usage *usage_of(Survey *s, const Tensor *t) {
    Usage *u = map_get(&s->usage, t);
    if (u) return u;
    u = arena_new_item(s->l->arena, Usage);
    map_set(&s->usage, t, u);
    return u;
}

static void survey_write(Survey *s, const Node *body, const Item *item) {
    Usage *u = usage_of(s, item->out);
    u->writers++;
    u->writer = item;
    u->home = body;
    u->plan = s->plan;
    u->is_scalar = body->kind == NODE_BODY && !expr_has_reduction(item->value);
}

static void survey_writes(Survey *s, const Node *body) {
    for (int i = 0; i < body->cluster_item.count; i++) survey_write(s, body, body->cluster_item.item[i]);
    for (int i = 0; i < body->child.count; i++) {
        const Node *node = body->child.item[i];
        if (node->kind == NODE_ITEM) survey_write(s, body, node->item);
        else survey_writes(s, node);
    }
}

static void survey_read(const Expr *read, void *data) {
    Survey *s = data;
    Usage *u = map_get(&s->usage, read->tensor);
    if (!u) return;
    bool seen = u->plan == s->plan && u->is_scalar;
    for (int i = 0; i < s->around.count; i++) seen = seen || s->around.item[i] == u->home;
    for (int k = 0; k < read->arg_count; k++) seen = seen && read->arg[k] == u->writer->subscript[k];
    u->elsewhere = u->elsewhere || !seen;
}

static void survey_item(Survey *s, const Item *item) {
    expr_each_read(item->value, survey_read, s);
    for (int k = 0; k < item->out->rank; k++) expr_each_read(item->subscript[k], survey_read, s);
}

// A contraction reads its operands as they lie in memory.
static void survey_kernel(Survey *s, const Node *node) {
    const Expr *operand[] = {node->cluster->kernel.scalar, node->cluster->kernel.vector};
    for (int i = 0; node->cluster->has_kernel && i < 2; i++) {
        survey_read(operand[i], s);
        Usage *u = map_get(&s->usage, operand[i]->tensor);
        if (u) u->elsewhere = true;
    }
}

static void survey_reads(Survey *s, const Node *body) {
    list_add(s->l->arena, s->around, body);
    for (int i = 0; i < body->cluster_item.count; i++) survey_item(s, body->cluster_item.item[i]);
    if (body->cluster) survey_kernel(s, body);
    for (int i = 0; i < body->child.count; i++) {
        const Node *node = body->child.item[i];
        if (node->kind == NODE_ITEM) survey_item(s, node->item);
        else survey_reads(s, node);
    }
    s->around.count--;
}

static bool is_output(const Program *p, const Tensor *t) {
    for (int i = 0; i < p->output.count; i++)
        if (p->output.item[i] == t) return true;
    return false;
}

// Whether somebody outside of the functions wants to see it.
static bool is_kept(const Lowering *l, const Program *p, const Tensor *t) {
    if (t->role == TENSOR_STATE || t->role == TENSOR_RESULT) return true;
    if (t->role == TENSOR_GRADIENT && t->of && t->of->role == TENSOR_PARAM) return true;
    return l->options.keep_values || (!p->training && is_output(p, t));
}

static LoopType type_of(const Tensor *t) {
    return t->role == TENSOR_RESULT ? LOOP_F64 : t->is_int ? LOOP_INT : LOOP_REAL;
}

Local *local_new(Lowering *l, const char *name, LoopType type) {
    Tensor *t = arena_new_item(l->arena, Tensor);
    t->id = l->next_id++;
    t->name = t->label = name_of(l->names, name);
    t->role = TENSOR_VALUE;
    t->is_int = type == LOOP_INT;
    Local *local = arena_new_item(l->arena, Local);
    *local = (Local){t, arena_new_array(l->arena, const Expr *, 1), type, NULL, true};
    map_set(&l->local, t, local);
    return local;
}

const Expr *local_read(Lowering *l, const Local *local) {
    return expr_read(l->program, local->tensor, local->subscript);
}

static void settle(Survey *s, Program *p, Tensor *t) {
    Lowering *l = s->l;
    const Usage *u = map_get(&s->usage, t);
    if (!u || t->role == TENSOR_RESULT) return;
    bool once =
        u->writers == 1 && u->writer->op == EQUATION_SET && u->writer->guard->kind == E_TRUE;
    bool kept = is_kept(l, p, t) || u->elsewhere || !once;
    if (kept && (!u->is_scalar || !once || t->rank)) return;
    Local *local = arena_new_item(l->arena, Local);
    *local = (Local){t, u->writer->subscript, type_of(t), NULL, false};
    map_set(&l->local, t, local);
    for (int i = 0; i < l->plan.count && kept; i++)
        if (l->plan.item[i] == u->plan) list_add(l->arena, l->plan.item[i]->at_end, t);
}

// --- making them

static bool is_one_sample(const Lowering *l, const Tensor *t) {
    return l->fast && lifetime_chunk(l->fast, t);
}

static const char *shape_text(const Lowering *l, const Tensor *t) {
    if (t->rank == 0) return NULL;
    Text text = text_new(l->arena);
    for (int i = 0; i < t->rank; i++) {
        text_add(&text, i ? ", " : "[");
        if (i == 0 && is_one_sample(l, t))
            text_add(&text, "one sample a chunk");
        else if (t->axis[i]->size)
            text_add(&text, t->axis[i]->size);
        else
            text_printf(&text, "%lld", (long long)t->axis[i]->extent);
    }
    text_add(&text, "]");
    return text.bytes;
}

static LoopBuffer *make(Lowering *l, const Tensor *t, LoopStorage storage, const char *name,
                        const char *path) {
    int64_t *shape = arena_new_array(l->arena, int64_t, t->rank + 1);
    const Layout *y = l->fast ? layout_of(l->fast, t) : NULL;
    for (int i = 0; i < t->rank; i++) shape[i] = y ? y->extent[y->axis[i]] : t->axis[i]->extent;
    if (is_one_sample(l, t)) shape[0] = l->fast->chunks;
    Name member = name_take(l, name), own = member;
    // A function reads a scalar once, into a local that has its name.
    if (t->rank == 0)
        own = name_take(l, name_printf(l->names, "%s_%s", loop_storage_name(storage), member));
    LoopBuffer *b = loop_buffer_new(l->m, storage, type_of(t), own, t->rank, shape);
    b->member = member;
    for (int i = 0; i < t->rank; i++) b->size_name[i] = t->axis[y ? y->axis[i] : i]->size;
    if (is_one_sample(l, t)) b->size_name[0] = NULL;
    b->path = path;
    b->comment = shape_text(l, t);
    b->value_limit = t->is_int ? t->classes : 0;
    map_set(&l->buffer, t, b);
    map_set(&l->scalar, b, (void *)member);
    return b;
}

static void make_role(Lowering *l, TensorRole role, LoopStorage storage) {
    const Program *p = l->model->train;
    for (int i = 0; i < p->tensor.count; i++)
        if (p->tensor.item[i]->role == role)
            make(l, p->tensor.item[i], storage, p->tensor.item[i]->name, p->tensor.item[i]->name);
}

static void make_grads(Lowering *l) {
    const Program *p = l->model->train;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *gradient = map_get(&l->gradient, p->tensor.item[i]);
        if (!gradient) continue;
        const LoopBuffer *of = map_get(&l->buffer, p->tensor.item[i]);
        make(l, gradient, LOOP_GRADS, gradient->name, gradient->name)->member = of->member;
    }
}

// Tensors that equations of this program define and that have no place yet.
static void make_work(Survey *s, Program *p, TensorRole role) {
    Lowering *l = s->l;
    for (int i = 0; i < p->tensor.count; i++) {
        Tensor *t = p->tensor.item[i];
        if (t->role != role || !map_get(&s->usage, t) || map_get(&l->buffer, t)) continue;
        bool local = map_get(&l->local, t) != NULL;
        const Usage *u = map_get(&s->usage, t);
        if (!local || is_kept(l, p, t) || u->elsewhere) make(l, t, LOOP_WORK, t->name, t->name);
    }
}

// Copies that updates need.
static void make_copies(Survey *s) {
    const Plan *update = NULL;
    for (int i = 0; i < s->l->plan.count; i++) {
        update = s->l->plan.item[i];
        for (int k = 0; k < update->nest.count; k++)
            for (int j = 0; j < update->nest.item[k]->item.count; j++) {
                const Tensor *t = update->nest.item[k]->item.item[j]->out;
                bool has_place = map_get(&s->l->buffer, t) || map_get(&s->l->local, t);
                if (!has_place) make(s->l, t, LOOP_WORK, t->name, t->name);
            }
    }
}

static bool same_shape(const Tensor *a, const Tensor *b) {
    if (a->rank != b->rank || a->is_int != b->is_int) return false;
    for (int i = 0; i < a->rank; i++)
        if (a->axis[i]->extent != b->axis[i]->extent) return false;
    return true;
}

static const Tensor *twin_of(const Lowering *l, const Tensor *t) {
    const Tensor *twin = tensor_find(l->model->train, t->name);
    return twin && same_shape(t, twin) && is_one_sample(l, t) == is_one_sample(l, twin) &&
                   map_get(&l->buffer, twin)
               ? twin
               : NULL;
}

// The evaluation program's tensors.
static void make_evaluation(Survey *s) {
    Lowering *l = s->l;
    Program *p = l->model->eval;
    for (int i = 0; i < p->tensor.count; i++) {
        Tensor *t = p->tensor.item[i];
        const Usage *u = map_get(&s->usage, t);
        const Tensor *twin = twin_of(l, t);
        bool given =
            t->role != TENSOR_VALUE && t->role != TENSOR_RESULT && t->role != TENSOR_GRADIENT;
        if (given && twin) map_set(&l->buffer, t, map_get(&l->buffer, twin));
        if (t->role != TENSOR_VALUE || !u) continue;
        if (map_get(&l->local, t) && !is_kept(l, p, t) && !u->elsewhere) continue;
        const Tensor *other = tensor_find(l->model->train, t->name);
        bool taken = other && map_get(&l->buffer, other);
        if (twin && twin->role == TENSOR_VALUE)
            map_set(&l->buffer, t, map_get(&l->buffer, twin));
        else
            make(l, t, LOOP_WORK, taken ? name_printf(l->names, "%s_eval", t->name) : t->name,
                 t->name);
    }
}

// A result is called what the spec calls it: "E_total", although its tensor is the mean of that
// over the batch.
static Name result_member(const Lowering *l, const Tensor *t) {
    Name member = identifier_of(l->names, l->arena, t->label);
    bool free = !loop_name_is_reserved(member);
    for (int i = 0; i < l->m->buffer.count; i++) {
        const LoopBuffer *b = l->m->buffer.item[i];
        free = free && (b->storage != LOOP_RESULTS || b->member != member);
    }
    return free ? member : NULL;
}

static void make_result(Lowering *l, const Tensor *train, const Tensor *eval) {
    Name member = result_member(l, train);
    LoopBuffer *b = make(l, train, LOOP_RESULTS, train->name, train->label);
    if (member) b->member = member;
    if (eval) map_set(&l->buffer, eval, b);
}

static void make_results(Lowering *l) {
    const Program *train = l->model->train, *eval = l->model->eval;
    if (train->loss) make_result(l, train->loss, eval->loss);
    for (int i = 0; i < train->metric.count; i++)
        make_result(l, train->metric.item[i], i < eval->metric.count ? eval->metric.item[i] : NULL);
}

void buffers_make(Lowering *l) {
    Survey s = {.l = l, .usage.arena = l->arena};
    for (int i = 0; i < l->plan.count; i++) {
        s.plan = l->plan.item[i];
        for (int k = 0; k < s.plan->nest.count; k++) survey_writes(&s, s.plan->nest.item[k]->body);
    }
    for (int i = 0; i < l->plan.count; i++) {
        s.plan = l->plan.item[i];
        for (int k = 0; k < s.plan->nest.count; k++) survey_reads(&s, s.plan->nest.item[k]->body);
    }
    Program *both[] = {l->model->train, l->model->eval};
    for (int b = 0; b < 2; b++)
        for (int i = 0; i < both[b]->tensor.count; i++)
            settle(&s, both[b], both[b]->tensor.item[i]);
    make_role(l, TENSOR_PARAM, LOOP_PARAMS);
    make_role(l, TENSOR_STATE, LOOP_STATES);
    make_role(l, TENSOR_INPUT, LOOP_BATCH);
    make_role(l, TENSOR_TARGET, LOOP_BATCH);
    make_work(&s, l->model->train, TENSOR_VALUE);
    make_results(l);
    make_grads(l);
    make_work(&s, l->model->train, TENSOR_GRADIENT);
    make_evaluation(&s);
    make_copies(&s);
}
