// net_settings.h: the optimizers and learning-rate schedules, their arguments and defaults, as one table.
//
// The compiler checks a spec against it and the runtime fills in defaults from it; names, order and defaults are
// PyTorch's (torch.optim, torch.optim.lr_scheduler).
//
//   KIND(name)                                 opens an optimizer or a schedule
//   NUMBER(name, default, low, high)           a number in [low, high]; NET_REQUIRED as default: must be given
//   FLAG(name, default)                        true or false
//   LIST(name, length)                         a list of numbers; length 0: any, increasing
//   PAIR(name, first, second)                  two numbers in [0, 1), e.g. betas=(0.9, 0.999)
//   WORD(name, default, choices)               one of the words in `choices`, separated by '|'
//   END(name)                                  closes it
#ifndef NET_SETTINGS_H
#define NET_SETTINGS_H

#include <math.h>

#define NET_REQUIRED NAN

// clang-format off
#define NET_OPTIMIZERS(KIND, NUMBER, FLAG, LIST, PAIR, WORD, END)                     \
    KIND(SGD)                                                                         \
        NUMBER(lr, NET_REQUIRED, 0, INFINITY) NUMBER(momentum, 0, 0, INFINITY)        \
        NUMBER(dampening, 0, 0, INFINITY) NUMBER(weight_decay, 0, 0, INFINITY)        \
        FLAG(nesterov, 0) END(SGD)                                                    \
    KIND(Adam)                                                                        \
        NUMBER(lr, 0.001, 0, INFINITY) PAIR(betas, 0.9, 0.999)                        \
        NUMBER(eps, 1e-8, 0, INFINITY) NUMBER(weight_decay, 0, 0, INFINITY)           \
        FLAG(amsgrad, 0) END(Adam)                                                    \
    KIND(AdamW)                                                                       \
        NUMBER(lr, 0.001, 0, INFINITY) PAIR(betas, 0.9, 0.999)                        \
        NUMBER(eps, 1e-8, 0, INFINITY) NUMBER(weight_decay, 0.01, 0, INFINITY)        \
        FLAG(amsgrad, 0) END(AdamW)                                                   \
    KIND(RMSprop)                                                                     \
        NUMBER(lr, 0.01, 0, INFINITY) NUMBER(alpha, 0.99, 0, INFINITY)                \
        NUMBER(eps, 1e-8, 0, INFINITY) NUMBER(weight_decay, 0, 0, INFINITY)           \
        NUMBER(momentum, 0, 0, INFINITY) FLAG(centered, 0) END(RMSprop)               \
    KIND(Adagrad)                                                                     \
        NUMBER(lr, 0.01, 0, INFINITY) NUMBER(lr_decay, 0, 0, INFINITY)                \
        NUMBER(weight_decay, 0, 0, INFINITY)                                          \
        NUMBER(initial_accumulator_value, 0, 0, INFINITY)                             \
        NUMBER(eps, 1e-10, 0, INFINITY) END(Adagrad)

#define NET_SCHEDULERS(KIND, NUMBER, FLAG, LIST, PAIR, WORD, END)                     \
    KIND(StepLR)                                                                      \
        NUMBER(step_size, NET_REQUIRED, 1, INFINITY) NUMBER(gamma, 0.1, 0, INFINITY)  \
        END(StepLR)                                                                   \
    KIND(MultiStepLR)                                                                 \
        LIST(milestones, 0) NUMBER(gamma, 0.1, 0, INFINITY) END(MultiStepLR)          \
    KIND(ExponentialLR)                                                               \
        NUMBER(gamma, NET_REQUIRED, 0, INFINITY) END(ExponentialLR)                   \
    KIND(CosineAnnealingLR)                                                           \
        NUMBER(T_max, NET_REQUIRED, 1, INFINITY) NUMBER(eta_min, 0, 0, INFINITY)      \
        END(CosineAnnealingLR)                                                        \
    KIND(OneCycleLR)                                                                  \
        NUMBER(max_lr, NET_REQUIRED, 0, INFINITY) NUMBER(pct_start, 0.3, 0, 1)        \
        WORD(anneal_strategy, "cos", "cos|linear") FLAG(cycle_momentum, 1)            \
        NUMBER(base_momentum, 0.85, 0, 1) NUMBER(max_momentum, 0.95, 0, 1)            \
        NUMBER(div_factor, 25, 1e-300, INFINITY)                                      \
        NUMBER(final_div_factor, 1e4, 1e-300, INFINITY) FLAG(three_phase, 0)          \
        END(OneCycleLR)                                                               \
    KIND(LinearLR)                                                                    \
        NUMBER(start_factor, 1.0/3, 1e-300, 1) NUMBER(end_factor, 1, 0, 1)            \
        NUMBER(total_iters, 5, 1, INFINITY) END(LinearLR)                             \
    KIND(ReduceLROnPlateau)                                                           \
        WORD(mode, "min", "min|max") NUMBER(factor, 0.1, 0, 1)                        \
        NUMBER(patience, 10, 0, INFINITY) NUMBER(threshold, 1e-4, 0, INFINITY)        \
        WORD(threshold_mode, "rel", "rel|abs") NUMBER(cooldown, 0, 0, INFINITY)       \
        NUMBER(min_lr, 0, 0, INFINITY) NUMBER(eps, 1e-8, 0, INFINITY)                 \
        END(ReduceLROnPlateau)
// clang-format on

#endif
