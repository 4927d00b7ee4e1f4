// optimizer.h: SGD, Adam, AdamW, RMSprop, Adagrad over one flat block of parameters, with PyTorch's
// semantics.
//
// Each works element by element, so the result does not depend on how the block is walked. Formulas
// and the order of operations are those of torch.optim's single-tensor functions; scalars are
// computed in double and rounded to the model's type where they meet its elements.
#ifndef NET_OPTIMIZER_H
#define NET_OPTIMIZER_H

#include "net_model.h"
#include "settings.h"

enum { MOST_MOMENTS = 3 };

typedef struct Optimizer {
    OptimizerKind kind;
    NetType type;
    size_t count;    // elements of the parameter block
    double lr;       // in force: a schedule changes it
    double momentum; // in force: SGD's, RMSprop's, or the first of Adam's betas
    double beta2, dampening, weight_decay, eps, alpha, lr_decay, initial_sum;
    bool nesterov, amsgrad, centered;
    uint64_t step; // updates done
    bool started;  // SGD: the momentum buffer holds something
    int moment_count;
    const char *moment_name[MOST_MOMENTS]; // PyTorch's names: "exp_avg", ...
    void *moment[MOST_MOMENTS];            // blocks laid out like the parameters
} Optimizer;

// Fills in everything but the moment blocks; `cycles` says that a schedule will change the
// momentum.
void net_optimizer_begin(Optimizer *o, const Choice *choice, NetType type, size_t count,
                         bool cycles);

// Sets the moment blocks, which the caller has allocated, to their first values.
void net_optimizer_reset(Optimizer *o);

// One update of `params` by `grads`.
void net_optimizer_step(Optimizer *o, void *params, const void *grads);

// Scales `grads` so that their norm is at most `most`: torch.nn.utils.clip_grad_norm_. Returns the
// norm before.
double net_clip_grad_norm(const NetModel *model, void *grads, double most);

// The first of the `count` elements at `values` that is NaN or infinite, or `count`.
size_t net_first_nonfinite(NetType type, const void *values, size_t count);

#endif
