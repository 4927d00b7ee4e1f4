// summary.c: walks the stages of a program. Multiply-adds are counted in the equations (products
// inside of sums), so that they are right for layers nobody has thought of yet.
#include "teach/summary.h"

#include <inttypes.h>
#include <string.h>

int summary_first_axis(const Program *p, const Tensor *t) {
    return t->per_sample && p->sample ? 1 : 0;
}

int64_t summary_stage_parameters(const Program *p, const Stage *s) {
    int64_t sum = 0;
    for (int i = 0; i < p->tensor.count; i++) {
        const Tensor *t = p->tensor.item[i];
        if (t->role == TENSOR_PARAM && t->stage == s) sum += tensor_count(t);
    }
    return sum;
}

const char *summary_number(Arena *a, int64_t value) {
    char digits[32], text[48];
    int size = snprintf(digits, sizeof digits, "%" PRId64, value), used = 0;
    for (int i = 0; i < size; i++) {
        text[used++] = digits[i];
        int left = size - 1 - i;
        if (left && left % 3 == 0 && digits[i] != '-') text[used++] = ',';
    }
    return arena_copy(a, text, (size_t)used);
}

static bool is_inside(const Stage *s, const Stage *of) {
    for (; s; s = s->parent)
        if (s == of) return true;
    return false;
}

static bool is_result_only(const Program *p, const Stage *s) {
    for (int i = 0; i < s->output.count; i++)
        for (int k = 0; k < p->output.count; k++)
            if (p->output.item[k] == s->output.item[i]) return false;
    for (int i = 0; i < s->output.count; i++)
        if (s->output.item[i]->rank > summary_first_axis(p, s->output.item[i])) return false;
    return s->output.count > 0;
}

bool summary_is_aside(const Program *p, const Stage *s) {
    for (int i = 0; i < s->input.count; i++)
        if (s->input.item[i]->role == TENSOR_TARGET) return true;
    return s->parent == p->root && is_result_only(p, s);
}

// --- multiply-adds

static bool is_factor(const Expr *e) {
    return !expr_is_constant(e) && e->kind != E_BATCH;
}

static int64_t volume(const Index *const *index, int count) {
    int64_t product = 1;
    for (int i = 0; i < count; i++)
        if (!index[i]->is_sample) product *= index[i]->extent;
    return product;
}

// Multiply-adds of one evaluation of e; `summed`: its value goes into a sum.
static int64_t count_products(const Expr *e, bool summed) {
    int64_t own = 0, inner = 0;
    if (e->kind == E_MUL && summed) {
        for (int i = 0; i < e->arg_count; i++) own += is_factor(e->arg[i]);
        own = own > 1 ? own - 1 : 0;
    }
    bool adds = e->kind == E_ADD || (e->kind == E_REDUCE && e->reduction == REDUCE_SUM);
    bool passes = e->kind == E_SELECT && summed;
    if (e->kind != E_READ)
        for (int i = 0; i < e->arg_count; i++) inner += count_products(e->arg[i], adds || passes);
    if (e->kind == E_REDUCE) inner *= volume(e->index, e->index_count);
    return own + inner;
}

int64_t summary_multiply_adds(const Equation *q) {
    return volume(q->index, q->index_count) * count_products(q->value, q->op == EQUATION_ADD);
}

static int64_t multiply_adds(const Program *p, const Stage *s) {
    int64_t sum = 0;
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        if (is_inside(q->stage, s) && q->out->role != TENSOR_RESULT)
            sum += summary_multiply_adds(q);
    }
    return sum;
}

static int64_t parameters_inside(const Program *p, const Stage *s) {
    int64_t sum = summary_stage_parameters(p, s);
    for (int i = 0; i < s->child.count; i++) sum += parameters_inside(p, s->child.item[i]);
    return sum;
}

// --- the table

static const char *shape_text(const Program *p, const Tensor *t) {
    Text text = text_new(p->arena);
    text_add(&text, "[");
    int first = summary_first_axis(p, t);
    for (int i = first; i < t->rank; i++)
        text_printf(&text, "%s%" PRId64, i > first ? ", " : "", t->axis[i]->extent);
    text_add(&text, "]");
    return text.bytes;
}

static const char *shapes_text(const Program *p, const Tensor *const *t, int count) {
    Text text = text_new(p->arena);
    for (int i = 0; i < count; i++) text_printf(&text, "%s%s", i ? " " : "", shape_text(p, t[i]));
    return text.bytes ? text.bytes : "";
}

const char *const summary_head[SUMMARY_COLUMNS] = {"stage",  "kind",       "input",
                                                   "output", "parameters", "multiply-adds"};

static void add_stage_rows(const Program *p, SummaryRows *rows, const Stage *s, int depth) {
    Arena *a = p->arena;
    const char *name = strrchr(s->path, '.') ? strrchr(s->path, '.') + 1 : s->path;
    SummaryRow row = {depth,
                      NULL,
                      {name, s->kind ? s->kind : "", shapes_text(p, s->input.item, s->input.count),
                       shapes_text(p, s->output.item, s->output.count),
                       summary_number(a, parameters_inside(p, s)),
                       summary_number(a, multiply_adds(p, s))}};
    list_add(a, rows->row, row);
    for (int i = 0; i < s->child.count; i++) add_stage_rows(p, rows, s->child.item[i], depth + 1);
}

// Equations that stand in the spec itself, outside of networks.
static void add_equation_rows(const Program *p, SummaryRows *rows) {
    Arena *a = p->arena;
    for (int i = 0; i < p->forward.count; i++) {
        const Equation *q = p->forward.item[i];
        if (q->stage != p->root || q->out->role != TENSOR_VALUE) continue;
        int64_t count =
            volume(q->index, q->index_count) * count_products(q->value, q->op == EQUATION_ADD);
        SummaryRow row = {
            0,
            q,
            {q->out->name, "equation", "", shape_text(p, q->out), "0", summary_number(a, count)}};
        list_add(a, rows->row, row);
    }
}

SummaryRows summary_rows(const Program *p) {
    SummaryRows rows = {.parameters = parameters_inside(p, p->root),
                        .multiply_adds = multiply_adds(p, p->root)};
    add_equation_rows(p, &rows);
    for (int i = 0; i < p->root->child.count; i++)
        if (!summary_is_aside(p, p->root->child.item[i]))
            add_stage_rows(p, &rows, p->root->child.item[i], 0);
    return rows;
}

static void print_rule(const int *width, Text *out) {
    int size = 2 * (SUMMARY_COLUMNS - 1);
    for (int c = 0; c < SUMMARY_COLUMNS; c++) size += width[c];
    for (int i = 0; i < size; i++) text_add(out, "-");
    text_add(out, "\n");
}

static void print_row(const char *const *cell, int depth, const int *width, Text *out) {
    for (int c = 0; c < SUMMARY_COLUMNS; c++) {
        int indent = c ? 0 : 2 * depth;
        text_printf(out, "%*s", indent, "");
        text_printf(out, c >= 4 ? "%*s" : "%-*s", width[c] - indent, cell[c]);
        text_add(out, c + 1 < SUMMARY_COLUMNS ? "  " : "\n");
    }
}

static const char *bytes_text(Arena *a, size_t bytes) {
    static const char *const unit[] = {"bytes", "KB", "MB", "GB", "TB"};
    double value = (double)bytes;
    int u = 0;
    for (; value >= 1000 && u < 4; u++) value /= 1000;
    return u ? arena_printf(a, "%s bytes (%.1f %s)", summary_number(a, (int64_t)bytes), value,
                            unit[u])
             : arena_printf(a, "%zu bytes", bytes);
}

void summary_print(const Program *p, SummaryBytes bytes, Text *out) {
    Arena *a = p->arena;
    SummaryRows rows = summary_rows(p);
    int width[SUMMARY_COLUMNS];
    for (int c = 0; c < SUMMARY_COLUMNS; c++) {
        width[c] = (int)strlen(summary_head[c]);
        for (int i = 0; i < rows.row.count; i++) {
            const SummaryRow *row = &rows.row.item[i];
            int size = (int)strlen(row->cell[c]) + (c ? 0 : 2 * row->depth);
            if (size > width[c]) width[c] = size;
        }
    }
    print_row(summary_head, 0, width, out);
    print_rule(width, out);
    for (int i = 0; i < rows.row.count; i++)
        print_row(rows.row.item[i].cell, rows.row.item[i].depth, width, out);
    print_rule(width, out);
    text_printf(out, "parameters     %s\n", summary_number(a, rows.parameters));
    text_printf(out, "multiply-adds  %s a sample\n", summary_number(a, rows.multiply_adds));
    text_printf(out, "training       %s at batch size %" PRId64 "\n", bytes_text(a, bytes.training),
                p->batch_size);
    text_printf(out, "inference      %s at batch size 1\n", bytes_text(a, bytes.inference));
}
