// filters.c: see filters.h. Follows the image through equations that only move its elements
// (flattening, scaling), as a linear map from the image's axes to those of the tensor.
#include "teach/filters.h"

#include "teach/summary.h"

enum { IMAGE_SIDE = 4, IMAGE_CHANNELS = 4 }; // at least, at most

// A tensor that is the image, elements moved: its place along `axis` is the sum of
// coefficient[axis][k] times the image's place along k.
typedef struct Moved {
    const Tensor *tensor, *image;
    int64_t coefficient[FILTER_AXES][3];
    int64_t extent[3]; // of the image
} Moved;

typedef struct Search {
    const Program *program;
    LIST(Moved) moved;
    // Of the expression looked at.
    LIST(const Expr *) read;
} Search;

bool image_shape(int rank, const int64_t *shape, int64_t *extent) {
    if (rank != 2 && rank != 3) return false;
    extent[0] = rank == 3 ? shape[0] : 1;
    extent[1] = shape[rank - 2];
    extent[2] = shape[rank - 1];
    return extent[0] <= IMAGE_CHANNELS && extent[1] >= IMAGE_SIDE && extent[2] >= IMAGE_SIDE;
}

static void add_images(Search *s) {
    const Program *p = s->program;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        int first = summary_first_axis(p, t), rank = t->rank - first;
        Moved m = {.tensor = t, .image = t};
        int64_t shape[FILTER_AXES];
        if (t->role != TENSOR_INPUT || t->is_int || rank > FILTER_AXES) continue;
        for (int k = 0; k < rank; k++) shape[k] = t->axis[first + k]->extent;
        if (!image_shape(rank, shape, m.extent)) continue;
        for (int k = 0; k < rank; k++) m.coefficient[k][3 - rank + k] = 1;
        list_add(p->arena, s->moved, m);
    }
}

static const Moved *find_moved(const Search *s, const Tensor *t) {
    for (int i = 0; i < s->moved.count; i++)
        if (s->moved.item[i].tensor == t) return &s->moved.item[i];
    return NULL;
}

static void collect(const Expr *read, void *data) {
    Search *s = data;
    list_add(s->program->arena, s->read, read);
}

static void collect_reads(Search *s, const Expr *e) {
    s->read.count = 0;
    expr_each_read(e, collect, s);
}

static bool is_fixed(const Expr *subscript) {
    return subscript->kind == E_INDEX && subscript->affine.count == 0;
}

// Whether the equation only moves elements: one read, at bare indices, nothing summed.
static bool moves(Search *s, const Equation *q, const Moved **from) {
    if (q->op != EQUATION_SET || expr_has_reduction(q->value)) return false;
    collect_reads(s, q->value);
    if (s->read.count != 1) return false;
    const Expr *read = s->read.item[0];
    *from = find_moved(s, read->tensor);
    if (!*from || q->out->rank - summary_first_axis(s->program, q->out) > FILTER_AXES) return false;
    for (int k = 0; k < read->tensor->rank; k++)
        if (!expr_bare_index(read->arg[k]) && !is_fixed(read->arg[k])) return false;
    return true;
}

static void add_moved(Search *s, const Equation *q, const Moved *from) {
    const Expr *read = s->read.item[0];
    int first = summary_first_axis(s->program, q->out);
    int first_read = summary_first_axis(s->program, read->tensor);
    Moved m = *from;
    m.tensor = q->out;
    for (int axis = 0; axis < FILTER_AXES; axis++)
        for (int k = 0; k < 3; k++) m.coefficient[axis][k] = 0;
    for (int axis = 0; axis + first < q->out->rank; axis++) {
        const Expr *left = q->subscript[first + axis];
        if (left->kind != E_INDEX) return;
        for (int r = 0; r + first_read < read->tensor->rank; r++) {
            const Index *i = expr_bare_index(read->arg[first_read + r]);
            for (int k = 0; i && k < 3; k++)
                m.coefficient[axis][k] +=
                    affine_coefficient(left->affine, i) * from->coefficient[r][k];
        }
    }
    list_add(s->program->arena, s->moved, m);
}

// --- sums of products

static bool is_among(const Index *i, const Index *const *index, int count) {
    for (int k = 0; k < count; k++)
        if (index[k] == i) return true;
    return false;
}

// The axis of `w` with stride `stride` runs along axis `r` of the moved image: which of the image's
// axes does it follow?
static void follow(Filters *f, const Moved *m, int r, int64_t extent, int64_t stride) {
    int count = 0;
    for (int k = 0; k < 3; k++) count += m->coefficient[r][k] != 0;
    for (int k = 0; k < 3; k++) {
        if (!m->coefficient[r][k]) continue;
        f->extent[k] = count == 1 ? extent : m->extent[k];
        f->stride[k] = count == 1 ? stride : stride * m->coefficient[r][k];
    }
}

static bool match_axis(const Program *p, Filters *f, const Moved *m, const Expr *read,
                       const Index *i, int64_t stride) {
    int first = summary_first_axis(p, m->tensor);
    for (int r = 0; r + first < m->tensor->rank; r++) {
        const Expr *subscript = read->arg[first + r];
        if (subscript->kind != E_INDEX || !affine_coefficient(subscript->affine, i)) continue;
        follow(f, m, r, i->extent, stride);
        return true;
    }
    return false;
}

// `index`: those that are summed over.
static bool match(const Program *p, const Expr *weight, const Moved *m, const Expr *read,
                  const Index *const *index, int count, Filters *f) {
    const Tensor *w = weight->tensor;
    *f = (Filters){.param = w, .extent = {1, 1, 1}, .count = 1};
    int64_t stride = tensor_count(w);
    for (int a = 0; a < w->rank; a++) {
        const Index *i = expr_bare_index(weight->arg[a]);
        stride /= w->axis[a]->extent;
        if (!i && !is_fixed(weight->arg[a])) return false;
        if (i && is_among(i, index, count) && match_axis(p, f, m, read, i, stride)) continue;
        if (f->axes == FILTER_AXES) return false;
        f->outer_extent[f->axes] = w->axis[a]->extent;
        f->outer_stride[f->axes++] = stride;
        f->count *= w->axis[a]->extent;
    }
    return f->extent[1] > 1 && f->extent[2] > 1;
}

static bool match_sum(Search *s, const Expr *body, const Index *const *index, int count,
                      Filters *out) {
    collect_reads(s, body);
    for (int i = 0; i < s->read.count; i++) {
        const Tensor *w = s->read.item[i]->tensor;
        if (w->role != TENSOR_PARAM || w->rank < 2) continue;
        for (int k = 0; k < s->read.count; k++) {
            const Moved *m = find_moved(s, s->read.item[k]->tensor);
            if (m && match(s->program, s->read.item[i], m, s->read.item[k], index, count, out))
                return true;
        }
    }
    return false;
}

static bool find_sum(Search *s, const Expr *e, Filters *out) {
    bool sums = e->kind == E_REDUCE && e->reduction == REDUCE_SUM;
    if (sums && match_sum(s, e->arg[1], e->index, e->index_count, out)) return true;
    for (int i = 0; i < e->arg_count; i++)
        if (find_sum(s, e->arg[i], out)) return true;
    return false;
}

// An equation that adds up sums over the indices that its left side has not.
static bool find_added(Search *s, const Equation *q, Filters *out) {
    const Index **index = arena_new_array(s->program->arena, const Index *, q->index_count + 1);
    int count = 0;
    for (int i = 0; i < q->index_count; i++) {
        bool is_left = false;
        for (int k = 0; k < q->out->rank; k++)
            is_left = is_left || expr_uses_index(q->subscript[k], q->index[i]);
        if (!is_left) index[count++] = q->index[i];
    }
    return match_sum(s, q->value, index, count, out);
}

bool filters_of(const Program *p, Filters *out) {
    Search s = {.program = p};
    const Moved *from = NULL;
    add_images(&s);
    for (int i = 0; i < p->forward.count && s.moved.count; i++) {
        const Equation *q = p->forward.item[i];
        if (moves(&s, q, &from))
            add_moved(&s, q, from);
        else if (q->op == EQUATION_ADD && find_added(&s, q, out))
            return true;
        else if (find_sum(&s, q->value, out))
            return true;
    }
    return false;
}

int64_t filters_place(const Filters *f, int64_t number, int64_t channel, int64_t row,
                      int64_t column) {
    int64_t at = channel * f->stride[0] + row * f->stride[1] + column * f->stride[2];
    for (int a = f->axes; a-- > 0; number /= f->outer_extent[a])
        at += number % f->outer_extent[a] * f->outer_stride[a];
    return at;
}
