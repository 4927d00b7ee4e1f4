// schedule.h: learning-rate schedules with the semantics of torch.optim.lr_scheduler, in their
// chained form.
//
// A schedule changes the optimizer's learning rate (OneCycleLR its momentum too) in place, one step
// at a time: per epoch, under `iterations` per iteration; OneCycleLR always per batch.
#ifndef NET_SCHEDULE_H
#define NET_SCHEDULE_H

#include "optimizer.h"
#include "settings.h"

typedef struct Schedule {
    ScheduleKind kind;
    const Choice *choice;
    double base_lr;     // the learning rate before the schedule
    double total_steps; // OneCycleLR: batches of the whole run
    int64_t step;       // steps done; PyTorch's last_epoch
    double best;        // ReduceLROnPlateau
    int64_t bad;        // its steps without improvement
    int64_t cooldown;   // its steps before it watches again
} Schedule;

// Does this schedule change the momentum as well?
bool net_schedule_cycles(const Choice *choice);

// Begins at step 0 and sets the optimizer's first learning rate. `choice` must outlive the
// schedule.
void net_schedule_begin(Schedule *s, const Choice *choice, Optimizer *o, int64_t total_steps);

// Goes on one step; `watched` is what ReduceLROnPlateau looks at (the training loss).
void net_schedule_step(Schedule *s, Optimizer *o, double watched);

#endif
