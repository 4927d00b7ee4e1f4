// reduce.c: from equations at one element to statements. Reductions become loops with accumulators;
// statements beside each other that reduce over the same ranges share the loops.
#include "lower/lowering.h"

#include <math.h>

enum { LONG_SUM = 4096 }; // terms; longer sums of floats accumulate in double

// A sum among whose terms are reductions: one accumulator for all of them, which starts with the
// other terms.
typedef struct Chain {
    const Node *statement;
    const Expr *sum;
    const Expr *rest;
    Local *local; // once it is declared
    LoopType type;
} Chain;

// One reduction of one statement.
typedef struct Use {
    Node *statement;
    const Expr *reduce;
    const Expr *condition;    // of the branches around it, as far as they are affine
    const Expr *guard, *body; // in the indices of the loops it shares
    const Expr *result;       // a read of its accumulator
    Chain *chain;             // or the sum it is a term of
} Use;
typedef LIST(Use) Uses;
typedef LIST(Chain *) Chains;

typedef struct Family { // reductions that share loops
    const Index **index;
    int index_count;
    const Expr *guard, *condition;
    Uses use;
} Family;
typedef LIST(Family *) Families;

static void place(Lowering *l, Node *body, Node **statement, int count);

// --- finding them

static void find_reductions(Lowering *l, Node *statement, const Expr *e, const Expr *condition,
                            Uses *uses) {
    Program *p = l->program;
    if (e->kind == E_REDUCE) {
        for (int i = 0; i < uses->count; i++)
            if (uses->item[i].statement == statement && uses->item[i].reduce == e &&
                uses->item[i].condition == condition)
                return;
        Use use = {statement, e, condition, e->arg[0], e->arg[1], NULL, NULL};
        list_add(l->arena, *uses, use);
        return;
    }
    if (e->kind == E_SELECT && expr_is_affine_condition(e->arg[0])) {
        const Expr *otherwise = expr_not(p, e->arg[0]);
        find_reductions(l, statement, e->arg[1], expr_and(p, condition, e->arg[0]), uses);
        find_reductions(l, statement, e->arg[2], expr_and(p, condition, otherwise), uses);
        return;
    }
    for (int i = 0; i < e->arg_count; i++)
        find_reductions(l, statement, e->arg[i], condition, uses);
}

// Whether the use fits the loops of the family; if so its guard and body now speak of their
// indices.
static bool fits(const Lowering *l, const Family *f, Use *use) {
    Program *p = l->program;
    const Expr *e = use->reduce;
    if (e->index_count != f->index_count || use->condition != f->condition) return false;
    IndexMap *map = arena_new_array(l->arena, IndexMap, f->index_count);
    for (int i = 0; i < f->index_count; i++) {
        // The samples of a batch and four channels are not the same four.
        if (e->index[i]->is_sample != f->index[i]->is_sample) return false;
        if (e->index[i]->extent != f->index[i]->extent) return false;
        map[i] = (IndexMap){e->index[i], affine_index(p, f->index[i])};
    }
    const Expr *guard = expr_substitute(p, e->arg[0], map, f->index_count);
    if (guard != f->guard) return false;
    use->guard = guard;
    use->body = expr_substitute(p, e->arg[1], map, f->index_count);
    return true;
}

static void add_to_family(const Lowering *l, Families *families, Use use) {
    for (int i = 0; i < families->count; i++)
        if (fits(l, families->item[i], &use)) {
            list_add(l->arena, families->item[i]->use, use);
            return;
        }
    Family *f = arena_new_item(l->arena, Family);
    f->index = use.reduce->index;
    f->index_count = use.reduce->index_count;
    f->guard = use.guard;
    f->condition = use.condition;
    list_add(l->arena, f->use, use);
    list_add(l->arena, *families, f);
}

// --- accumulators

static LoopType accumulator_type(const Lowering *l, const Family *f) {
    double terms = 1;
    bool long_sum = false;
    for (int i = 0; i < f->index_count; i++) {
        terms *= (double)f->index[i]->extent;
        long_sum = long_sum || f->index[i]->is_sample;
    }
    return l->m->is_f32 && (long_sum || terms > LONG_SUM) ? LOOP_F64 : LOOP_REAL;
}

static Node *declare(const Lowering *l, Node *body, Local *local, const Expr *value,
                     bool is_const) {
    Node *node = node_new(l, NODE_DECLARE);
    node->local = local;
    node->value = value;
    node->is_const = is_const;
    node_add(l, body, node);
    return node;
}

// The place of an element in the window, counted row by row.
static const Expr *flat_place(const Lowering *l, const Family *f) {
    Program *p = l->program;
    Affine flat = affine_constant(0);
    for (int i = 0; i < f->index_count; i++)
        flat = affine_add(p, affine_index(p, f->index[i]), flat, f->index[i]->extent);
    return expr_affine(p, flat);
}

static bool is_least(Reduction r) {
    return r == REDUCE_MIN || r == REDUCE_ARGMIN;
}
static bool is_place(Reduction r) {
    return r == REDUCE_ARGMAX || r == REDUCE_ARGMIN;
}

static const Use *same_use(const Family *f, const Use *use, int before) {
    for (int i = 0; i < before; i++)
        if (f->use.item[i].reduce->reduction == use->reduce->reduction &&
            f->use.item[i].body == use->body)
            return &f->use.item[i];
    return NULL;
}

// Where a local is nothing but a reduction, it is the accumulator itself; its declaration has no
// statement of its own.
static Local *accumulator(Lowering *l, Node *statement, const Expr *all_of, const char *name,
                          LoopType type) {
    bool itself = statement->kind == NODE_DECLARE && statement->value == all_of &&
                  statement->local->type == type;
    if (!itself) return local_new(l, name, type);
    statement->is_done = true;
    return statement->local;
}

static Node *step_new(const Lowering *l, Local *local, const Expr *value, bool is_sum) {
    Node *step = node_new(l, NODE_ASSIGN);
    step->local = local;
    step->is_sum = is_sum;
    step->value = value;
    return step;
}

static void chain_use(Lowering *l, Node *body, const Use *use, Node **inner, int *inner_count) {
    Chain *chain = use->chain;
    if (!chain->local) {
        chain->local = accumulator(l, use->statement, chain->sum, "sum", chain->type);
        declare(l, body, chain->local, chain->rest, false);
    }
    inner[(*inner_count)++] = step_new(l, chain->local, use->body, true);
}

static void sum_use(Lowering *l, Node *body, Family *f, int i, Node **inner, int *inner_count) {
    Program *p = l->program;
    Use *use = &f->use.item[i];
    const Use *same = same_use(f, use, i);
    if (same) {
        use->result = same->result;
        return;
    }
    bool is_sum = use->reduce->reduction == REDUCE_SUM;
    const char *name = is_sum ? "sum" : "product";
    Local *local = accumulator(l, use->statement, use->reduce, name, accumulator_type(l, f));
    declare(l, body, local, expr_number(p, is_sum ? 0 : 1), false);
    use->result = local_read(l, local);
    const Expr *value = is_sum ? use->body : expr_multiply(p, use->result, use->body);
    inner[(*inner_count)++] = step_new(l, local, value, is_sum);
}

// The greatest (or least) value and its place share one comparison.
static void best_use(Lowering *l, Node *body, Family *f, int i, Node **inner, int *inner_count) {
    Program *p = l->program;
    Use *use = &f->use.item[i];
    bool least = is_least(use->reduce->reduction);
    Node *better = NULL;
    for (int k = 0; k < *inner_count; k++)
        if (inner[k]->kind == NODE_BETTER && inner[k]->value == use->body &&
            inner[k]->least == least)
            better = inner[k];
    if (!better) {
        better = node_new(l, NODE_BETTER);
        better->least = least;
        better->value = use->body;
        const Expr *all = is_place(use->reduce->reduction) ? NULL : use->reduce;
        better->best = accumulator(l, use->statement, all, least ? "least" : "best", LOOP_REAL);
        declare(l, body, better->best, expr_number(p, least ? INFINITY : -INFINITY), false);
        inner[(*inner_count)++] = better;
    }
    if (is_place(use->reduce->reduction) && !better->first) {
        better->first = accumulator(l, use->statement, use->reduce, "first", LOOP_INT);
        better->place = flat_place(l, f);
        declare(l, body, better->first, expr_affine(p, affine_constant(0)), false);
    }
    use->result = local_read(l, is_place(use->reduce->reduction) ? better->first : better->best);
}

// --- the loops of a family

static bool uses_later(const Expr *part, const Family *f, int from) {
    for (int k = from; k < f->index_count; k++)
        if (expr_uses_index(part, f->index[k])) return true;
    return false;
}

static Node *open_if(const Lowering *l, Node *body, const Expr *condition) {
    if (condition->kind == E_TRUE) return body;
    Node *node = node_new(l, NODE_IF);
    node->condition = condition;
    node_add(l, body, node);
    return node;
}

// The loops, each with the conditions that are decided there; returns the innermost body.
static Node *open_loops(const Lowering *l, Node *body, const Family *f) {
    Program *p = l->program;
    const Expr *guard = f->guard;
    int parts = guard->kind == E_AND ? guard->arg_count : 1;
    bool *done = arena_new_array(l->arena, bool, parts);
    body = open_if(l, body, f->condition);
    for (int level = 0; level <= f->index_count; level++) {
        Node *loop = NULL;
        const Expr *rest = expr_true(p);
        if (level) {
            loop = node_new(l, NODE_LOOP);
            loop->index = f->index[level - 1];
            node_add(l, body, loop);
            body = loop;
        }
        for (int i = 0; i < parts; i++) {
            const Expr *part = guard->kind == E_AND ? guard->arg[i] : guard;
            if (done[i] || uses_later(part, f, level)) continue;
            done[i] = true;
            if (loop && part->kind == E_NONNEGATIVE &&
                affine_coefficient(part->affine, loop->index))
                list_add(l->arena, loop->constraint, part);
            else
                rest = expr_and(p, rest, part);
        }
        body = open_if(l, body, rest);
    }
    return body;
}

static void place_family(Lowering *l, Node *body, Family *f) {
    Node **inner = arena_new_array(l->arena, Node *, f->use.count);
    int inner_count = 0;
    for (int i = 0; i < f->use.count; i++) {
        Reduction r = f->use.item[i].reduce->reduction;
        if (f->use.item[i].chain)
            chain_use(l, body, &f->use.item[i], inner, &inner_count);
        else if (r == REDUCE_SUM || r == REDUCE_PROD)
            sum_use(l, body, f, i, inner, &inner_count);
        else
            best_use(l, body, f, i, inner, &inner_count);
    }
    place(l, open_loops(l, body, f), inner, inner_count);
}

// --- chains

static Use *find_use(const Families *families, const Node *statement, const Expr *reduce,
                     const Expr *condition) {
    for (int i = 0; i < families->count; i++)
        for (int k = 0; k < families->item[i]->use.count; k++) {
            Use *use = &families->item[i]->use.item[k];
            if (use->statement == statement && use->reduce == reduce && use->condition == condition)
                return use;
        }
    return NULL;
}

// sum(...), or `if affine then sum(...) else 0`: a term of a chain. Its condition too.
static const Expr *sum_term(Program *p, const Expr *e, const Expr **condition) {
    *condition = expr_true(p);
    if (e->kind == E_SELECT && expr_is_affine_condition(e->arg[0]) &&
        expr_is_number(e->arg[2], 0)) {
        *condition = e->arg[0];
        e = e->arg[1];
    }
    return e->kind == E_REDUCE && e->reduction == REDUCE_SUM ? e : NULL;
}

// The term's use, unless another statement or term wants the same sum.
static Use *own_use(const Lowering *l, const Families *families, const Node *statement,
                    const Expr *term, LoopType *type) {
    const Expr *condition, *reduce = sum_term(l->program, term, &condition);
    Use *use = reduce ? find_use(families, statement, reduce, condition) : NULL;
    if (!use || use->chain) return NULL;
    for (int i = 0; i < families->count; i++)
        for (int k = 0; k < families->item[i]->use.count; k++) {
            const Use *other = &families->item[i]->use.item[k];
            if (other == use && accumulator_type(l, families->item[i]) == LOOP_F64)
                *type = LOOP_F64;
            if (other != use && other->body == use->body && other->guard == use->guard) return NULL;
        }
    return use;
}

static bool chain_terms(const Lowering *l, const Families *families, Chain *chain, bool commit) {
    const Expr *e = chain->sum;
    int count = e->kind == E_ADD ? e->arg_count : 1, sums = 0;
    for (int i = 0; i < count; i++) {
        const Expr *term = e->kind == E_ADD ? e->arg[i] : e;
        Use *use = own_use(l, families, chain->statement, term, &chain->type);
        if (!use && expr_has_reduction(term)) return false;
        if (commit && use) use->chain = chain;
        if (commit && !use) chain->rest = expr_add(l->program, chain->rest, term);
        sums += use != NULL;
    }
    return sums > 0;
}

static void find_chains(const Lowering *l, const Families *families, const Node *statement,
                        const Expr *e, Chains *chains) {
    if (!expr_has_reduction(e) || e->kind == E_REDUCE) return;
    const Expr *condition;
    if (e->kind == E_ADD || (e->kind == E_SELECT && sum_term(l->program, e, &condition))) {
        Chain *chain = arena_new_item(l->arena, Chain);
        *chain = (Chain){statement, e, expr_number(l->program, 0), NULL, LOOP_REAL};
        if (chain_terms(l, families, chain, false)) {
            chain_terms(l, families, chain, true);
            list_add(l->arena, *chains, chain);
            return;
        }
    }
    if (e->kind == E_SELECT && expr_is_affine_condition(e->arg[0])) return;
    for (int i = 0; i < e->arg_count; i++) find_chains(l, families, statement, e->arg[i], chains);
}

// --- statements

typedef struct Replacement {
    Lowering *l;
    const Families *families;
    const Chains *chains;
    const Node *statement;
} Replacement;

static const Expr *replace(const Replacement *r, const Expr *e, const Expr *condition) {
    Program *p = r->l->program;
    if (!expr_has_reduction(e)) return e;
    for (int i = 0; i < r->chains->count; i++) {
        const Chain *chain = r->chains->item[i];
        if (chain->statement == r->statement && chain->sum == e)
            return local_read(r->l, chain->local);
    }
    if (e->kind == E_REDUCE) return find_use(r->families, r->statement, e, condition)->result;
    const Expr **arg = arena_new_array(r->l->arena, const Expr *, e->arg_count);
    bool selects = e->kind == E_SELECT && expr_is_affine_condition(e->arg[0]);
    for (int i = 0; i < e->arg_count; i++) {
        const Expr *inner = condition;
        if (selects && i == 1) inner = expr_and(p, condition, e->arg[0]);
        if (selects && i == 2) inner = expr_and(p, condition, expr_not(p, e->arg[0]));
        arg[i] = replace(r, e->arg[i], inner);
    }
    return expr_rebuild(p, e, arg);
}

// What is added only under a condition is not added as 0 otherwise.
static void add_statement(Lowering *l, Node *body, Node *statement) {
    bool adds = statement->kind == NODE_STORE ? statement->op == EQUATION_ADD : statement->is_sum;
    const Expr *e = statement->value;
    if (adds && e->kind == E_SELECT && expr_is_number(e->arg[2], 0)) {
        statement->value = e->arg[1];
        body = open_if(l, body, e->arg[0]);
    }
    node_add(l, body, statement);
}

// Appends the statements to the body, which do not depend on each other, after the loops of their
// reductions.
static void place(Lowering *l, Node *body, Node **statement, int count) {
    Uses uses = {0};
    Families families = {0};
    Chains chains = {0};
    for (int i = 0; i < count; i++)
        find_reductions(l, statement[i], statement[i]->value, expr_true(l->program), &uses);
    for (int i = 0; i < uses.count; i++) add_to_family(l, &families, uses.item[i]);
    for (int i = 0; i < count; i++)
        find_chains(l, &families, statement[i], statement[i]->value, &chains);
    for (int i = 0; i < families.count; i++) place_family(l, body, families.item[i]);
    for (int i = 0; i < count; i++) {
        Replacement r = {l, &families, &chains, statement[i]};
        if (statement[i]->is_done) continue;
        statement[i]->value = replace(&r, statement[i]->value, expr_true(l->program));
        add_statement(l, body, statement[i]);
    }
}

static Node *statement_of(const Lowering *l, const Item *item) {
    Local *local = map_get(&l->local, item->out);
    Node *node = node_new(l, local ? NODE_DECLARE : NODE_STORE);
    node->local = local;
    node->is_const = true;
    node->out = item->out;
    node->subscript = item->subscript;
    node->op = item->op;
    node->value = item->value;
    return node;
}

static bool depends(const Item *later, const Item *earlier) {
    bool parts = later->op == EQUATION_SET && earlier->op == EQUATION_SET;
    bool reads = (later->out == earlier->out && !parts) || expr_reads(later->value, earlier->out) ||
                 expr_reads(earlier->value, later->out);
    for (int i = 0; i < later->out->rank; i++)
        reads = reads || expr_reads(later->subscript[i], earlier->out);
    return reads || later->guard != earlier->guard;
}

void nest_expand(Lowering *l, Node *body) {
    Node **old = body->child.item;
    int count = body->child.count;
    body->child.item = NULL;
    body->child.count = body->child.capacity = 0;
    for (int i = 0, j; i < count; i = j) {
        j = i + 1;
        if (old[i]->kind != NODE_ITEM) {
            nest_expand(l, old[i]);
            node_add(l, body, old[i]);
            continue;
        }
        for (bool apart = true; apart && j < count && old[j]->kind == NODE_ITEM; j += apart)
            for (int k = i; k < j; k++) apart = apart && !depends(old[j]->item, old[k]->item);
        Node **statement = arena_new_array(l->arena, Node *, j - i);
        for (int k = i; k < j; k++) statement[k - i] = statement_of(l, old[k]->item);
        place(l, open_if(l, body, old[i]->item->guard), statement, j - i);
    }
}
