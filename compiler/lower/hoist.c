// hoist.c: names for what a loop would compute again and again. A call, or the product of all
// factors that a loop does not change, is declared at the outermost place where it is known: all
// its indices are bound there, and all it reads is written. A call that stands twice in one place
// is named there, and so is a difference that is squared. Elements that only one branch of a choice
// reads are loaded before the choice.
//
// Nothing leaves a loop or a branch whose reads are not in range for all values of its indices: the
// condition that made them so might stay behind.
#include "lower/lowering.h"

typedef struct Level {
    Node *body;
    int at;       // the child on the way to the place at hand
    int inserted; // children that were put before it
    Map last;  // Tensor to one more than the number of the last child that writes it, inserted ones
               // not counted
    Map named; // Expr to Local
} Level;

typedef struct Hoist {
    Lowering *l;
    Program *p;
    LIST(Level *) level;
} Hoist;

typedef LIST(const Expr *) Exprs;

static const Expr *hoist(Hoist *h, const Expr *e);

// --- where a value is known

static const Tensor *written_by(const Node *node) {
    return node->out ? node->out : node->local ? node->local->tensor : NULL;
}

static void note_write(Level *level, const Tensor *t, int child) {
    if (t) map_set(&level->last, t, (void *)(uintptr_t)(child + 1));
}

static void note_writes(Level *level, const Node *node, int child) {
    if (node->kind == NODE_BETTER) {
        note_write(level, node->best->tensor, child);
        if (node->first) note_write(level, node->first->tensor, child);
    }
    note_write(level, written_by(node), child);
    for (int i = 0; i < node->cluster_item.count; i++)
        note_write(level, node->cluster_item.item[i]->out, child);
    for (int i = 0; i < node->child.count; i++) note_writes(level, node->child.item[i], child);
}

static int innermost(const Hoist *h) {
    return h->level.count - 1;
}

// Whether the body writes t at all; *behind: whether the last write lies behind us.
static bool is_written(const Level *level, const Tensor *t, bool *behind) {
    int last = (int)(uintptr_t)map_get(&level->last, t) - 1;
    *behind = last < level->at - level->inserted;
    return last >= 0;
}

// A tensor is known in the innermost body that writes it, once the last write lies behind us.
static int level_of_tensor(const Hoist *h, const Tensor *t) {
    for (int k = innermost(h); k >= 0; k--) {
        bool behind;
        if (is_written(h->level.item[k], t, &behind)) return behind ? k : innermost(h);
    }
    return 0;
}

static int level_of_index(const Hoist *h, const Index *i) {
    for (int k = innermost(h); k > 0; k--)
        if (h->level.item[k]->body->index == i) return k;
    return 0;
}

static int level_of(const Hoist *h, const Expr *e) {
    int level = e->kind == E_READ ? level_of_tensor(h, e->tensor) : 0;
    for (int i = 0; i < e->affine.count; i++) {
        int of_index = level_of_index(h, e->affine.term[i].index);
        if (of_index > level) level = of_index;
    }
    for (int i = 0; i < e->arg_count; i++) {
        int of_arg = level_of(h, e->arg[i]);
        if (of_arg > level) level = of_arg;
    }
    return level;
}

static void check_range(const Expr *read, void *data) {
    bool *in_range = data;
    for (int k = 0; k < read->arg_count; k++) {
        const Expr *s = read->arg[k];
        if (s->kind != E_INDEX) continue;
        bool inside =
            affine_low(s->affine) >= 0 && affine_high(s->affine) < read->tensor->axis[k]->extent;
        *in_range = *in_range && inside;
    }
}

static bool is_safe(const Expr *e) {
    bool in_range = true;
    expr_each_read(e, check_range, &in_range);
    return in_range;
}

static void count_read(const Expr *read, void *data) {
    (void)read;
    ++*(int *)data;
}

static bool has_reads(const Expr *e) {
    int count = 0;
    expr_each_read(e, count_read, &count);
    return count > 0;
}

// Whether a loop lies between the level and the place at hand.
static bool crosses_loop(const Hoist *h, int level) {
    for (int k = level + 1; k <= innermost(h); k++)
        if (h->level.item[k]->body->kind == NODE_LOOP) return true;
    return false;
}

// --- names

static const Tensor *last_read(const Expr *e) {
    const Tensor *t = e->kind == E_READ ? e->tensor : NULL;
    for (int i = 0; i < e->arg_count && e->kind != E_READ; i++) {
        const Tensor *of_arg = last_read(e->arg[i]);
        if (of_arg) t = of_arg;
    }
    return t;
}

static const char *name_for(const Hoist *h, const Expr *e, const char *role) {
    const Tensor *t = last_read(e);
    if (e->kind == E_RANDOM) return "mask";
    if (e->kind != E_CALL) return role;
    const char *f = e->function == FN_SQRT ? "root" : function_name(e->function);
    return t ? name_printf(h->l->names, "%s_%s", f, t->label) : f;
}

static const Expr *find_named(const Hoist *h, const Expr *e) {
    for (int k = innermost(h); k >= 0; k--) {
        const Local *local = map_get(&h->level.item[k]->named, e);
        if (local) return local_read(h->l, local);
    }
    return NULL;
}

static void insert(Hoist *h, Level *level, Node *node) {
    node_add(h->l, level->body, node);
    Node **child = level->body->child.item;
    for (int i = level->body->child.count - 1; i > level->at; i--) child[i] = child[i - 1];
    child[level->at++] = node;
    level->inserted++;
}

// Declares e at the level, where its own parts are hoisted in turn.
static const Expr *name_at(Hoist *h, const Expr *e, int level, const char *role) {
    const Expr *known = find_named(h, e);
    if (known) return known;
    int depth = h->level.count;
    h->level.count = level + 1;
    const Expr **arg = arena_new_array(h->l->arena, const Expr *, e->arg_count + 1);
    for (int i = 0; i < e->arg_count; i++) arg[i] = hoist(h, e->arg[i]);
    Node *node = node_new(h->l, NODE_DECLARE);
    node->local = local_new(h->l, name_for(h, e, role), LOOP_REAL);
    node->value = expr_rebuild(h->p, e, arg);
    node->is_const = true;
    insert(h, h->level.item[level], node);
    map_set(&h->level.item[level]->named, e, node->local);
    h->level.count = depth;
    return local_read(h->l, node->local);
}

// --- products

static void split_factors(const Hoist *h, const Expr *e, Exprs *factors) {
    int count = e->kind == E_MUL ? e->arg_count : 1;
    for (int i = 0; i < count; i++)
        list_add(h->l->arena, *factors, e->kind == E_MUL ? e->arg[i] : e);
}

static const Expr *product(Hoist *h, const Exprs *factors) {
    const Expr *e = expr_number(h->p, 1);
    for (int i = 0; i < factors->count; i++) e = expr_multiply(h->p, e, factors->item[i]);
    return e;
}

// Moves what is known outside of a loop from `all` to `fixed`.
static void split_fixed(const Hoist *h, Exprs *all, Exprs *fixed) {
    Exprs changing = {0};
    for (int i = 0; i < all->count; i++) {
        const Expr *e = all->item[i];
        bool is_sign = expr_is_number(e, -1);
        bool is_fixed = !is_sign && is_safe(e) && crosses_loop(h, level_of(h, e));
        if (is_fixed)
            list_add(h->l->arena, *fixed, e);
        else
            list_add(h->l->arena, changing, e);
    }
    *all = changing;
}

static void hoist_each(Hoist *h, Exprs *l) {
    for (int i = 0; i < l->count; i++) l->item[i] = hoist(h, l->item[i]);
}

// NULL if nothing is to be gained.
static const Expr *hoist_product(Hoist *h, const Expr *e) {
    Exprs num = {0}, den = {0}, fixed_num = {0}, fixed_den = {0};
    split_factors(h, e->kind == E_DIV ? e->arg[0] : e, &num);
    if (e->kind == E_DIV) split_factors(h, e->arg[1], &den);
    split_fixed(h, &num, &fixed_num);
    split_fixed(h, &den, &fixed_den);
    bool divides =
        fixed_den.count == 1 && fixed_num.count == 0 && fixed_den.item[0]->kind == E_READ;
    bool several = fixed_num.count > 1 || (fixed_den.count > 0 && !divides);
    const Expr *fixed = expr_divide(h->p, product(h, &fixed_num), product(h, &fixed_den));
    if (!several || !has_reads(fixed)) return NULL;
    bool all = num.count + den.count == 0;
    const Expr *named = name_at(h, fixed, level_of(h, fixed), all ? "offset" : "scale");
    if (all) return named;
    hoist_each(h, &num);
    hoist_each(h, &den);
    return expr_divide(h->p, expr_multiply(h->p, named, product(h, &num)), product(h, &den));
}

// --- calls that stand twice

static int count_in(const Expr *e, const Expr *what) {
    if (e == what) return 1;
    int count = 0;
    for (int i = 0; i < e->arg_count && e->kind != E_SELECT; i++)
        count += count_in(e->arg[i], what);
    return count;
}

static bool is_repeated(const Hoist *h, const Expr *call) {
    const Level *level = h->level.item[innermost(h)];
    int count = 0;
    for (int i = level->at; i < level->body->child.count; i++)
        if (level->body->child.item[i]->value)
            count += count_in(level->body->child.item[i]->value, call);
    return count > 1 && level_of(h, call) <= innermost(h);
}

// (a - b)*(a - b): the factor that stands twice and is more than a name.
static const Expr *repeated_factor(const Expr *e) {
    for (int i = 1; i < e->arg_count; i++) {
        const Expr *a = e->arg[i - 1];
        if (a == e->arg[i] && a->arg_count > 1 && a->kind != E_READ) return a;
    }
    return NULL;
}

static const Expr *name_factor(Hoist *h, const Expr *e, const Expr *factor) {
    if (!is_safe(factor)) return NULL;
    bool differs = factor->kind == E_ADD;
    const Expr *named = name_at(h, factor, innermost(h), differs ? "difference" : "factor");
    const Expr *all = expr_number(h->p, 1);
    for (int i = 0; i < e->arg_count; i++)
        all = expr_multiply(h->p, all, e->arg[i] == factor ? named : hoist(h, e->arg[i]));
    return all;
}

// --- choices
//
// gcc 12 at -O3 with AVX2 groups the loads of `d[i] = c[i] ? x[i] : 0` in short loops and takes
// them in the wrong order. They may as well be unconditional, where they are in range anyway:
//
//   const float value = x[i];
//   d[i] = c[i] ? value : 0;

// An element of an array of numbers, in range by its subscripts alone, that is not about to be
// written in this body.
static bool is_free_load(const Hoist *h, const Expr *read) {
    bool behind;
    if (read->arg_count == 0 || read->tensor->is_int || map_get(&h->l->local, read->tensor))
        return false;
    for (int k = 0; k < read->arg_count; k++)
        if (read->arg[k]->kind != E_INDEX) return false;
    return is_safe(read) &&
           (!is_written(h->level.item[innermost(h)], read->tensor, &behind) || behind);
}

// e with names for its elements, but for those that the condition loads in any case.
static const Expr *load_first(Hoist *h, const Expr *e, const Expr *condition) {
    if (e->kind == E_READ) {
        if (!is_free_load(h, e) || count_in(condition, e)) return e;
        int level = level_of(h, e);
        return name_at(h, e, level, crosses_loop(h, level) ? e->tensor->label : "value");
    }
    const Expr **arg = arena_new_array(h->l->arena, const Expr *, e->arg_count + 1);
    bool same = true;
    for (int i = 0; i < e->arg_count; i++) {
        arg[i] = load_first(h, e->arg[i], condition);
        same = same && arg[i] == e->arg[i];
    }
    return same ? e : expr_rebuild(h->p, e, arg);
}

static const Expr *loads_before_choice(Hoist *h, const Expr *e) {
    if (e->kind != E_SELECT || h->l->fast) return e;
    const Expr *condition = e->arg[0];
    const Expr *then = load_first(h, e->arg[1], condition);
    const Expr *otherwise = load_first(h, e->arg[2], condition);
    return expr_select(h->p, condition, then, otherwise);
}

// --- walking

static const Expr *hoist_parts(Hoist *h, const Expr *e) {
    const Expr **arg = arena_new_array(h->l->arena, const Expr *, e->arg_count + 1);
    bool same = true;
    for (int i = 0; i < e->arg_count; i++) {
        arg[i] = hoist(h, e->arg[i]);
        same = same && arg[i] == e->arg[i];
    }
    return same ? e : expr_rebuild(h->p, e, arg);
}

static const Expr *hoist(Hoist *h, const Expr *e) {
    if (e->arg_count == 0 || e->kind == E_READ || expr_is_condition(e)) return e;
    const Expr *known = find_named(h, e);
    if (known) return known;
    const Expr *factor = e->kind == E_MUL ? repeated_factor(e) : NULL;
    if (factor && level_of(h, factor) == innermost(h)) {
        const Expr *better = name_factor(h, e, factor);
        if (better) return better;
    }
    if (e->kind == E_MUL || e->kind == E_DIV) {
        const Expr *better = hoist_product(h, e);
        if (better) return better;
    }
    if ((e->kind == E_CALL || e->kind == E_RANDOM) && is_safe(e)) {
        int level = level_of(h, e);
        if (crosses_loop(h, level)) return name_at(h, e, level, NULL);
        if (is_repeated(h, e)) return name_at(h, e, innermost(h), NULL);
    }
    return loads_before_choice(h, hoist_parts(h, e));
}

static void hoist_body(Hoist *h, Node *body) {
    Level *level = arena_new_item(h->l->arena, Level);
    level->body = body;
    level->last.arena = level->named.arena = h->l->arena;
    for (int i = 0; i < body->child.count; i++) note_writes(level, body->child.item[i], i);
    list_add(h->l->arena, h->level, level);
    for (level->at = 0; level->at < body->child.count; level->at++) {
        Node *node = body->child.item[level->at];
        if (node->value && !expr_is_int(node->value)) node->value = hoist(h, node->value);
        if (node->child.count) hoist_body(h, node);
    }
    h->level.count--;
}

void nest_hoist(Lowering *l, Node *body) {
    Hoist h = {.l = l, .p = l->program};
    hoist_body(&h, body);
}
