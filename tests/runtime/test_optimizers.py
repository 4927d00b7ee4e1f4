#!/usr/bin/python3
"""Every optimizer, every schedule and gradient clipping against PyTorch, 50 steps, in f64 and f32.

The program `trajectory` prints the gradients it used; PyTorch is fed the same ones, so that only the updates differ.
Tolerances are relative to the largest parameter. f64: both sides do the same operations in the same order, 1e-12 leaves
room for PyTorch's fused multiply-adds. f32: the same, at 1e-6, some ten units in the last place after 50 steps.
"""
import os
import subprocess
import sys
import warnings

try:
    import torch
except ImportError:
    print("skipped: this python has no torch")
    sys.exit(77)

warnings.simplefilter("ignore")
STEPS, COUNT = 50, 7
TOLERANCE = {"f64": 1e-12, "f32": 1e-6}

OPTIMIZERS = [
    ("SGD", dict(lr=0.1)),
    ("SGD", dict(lr=0.05, momentum=0.9)),
    ("SGD", dict(lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.01)),
    ("SGD", dict(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.001)),
    ("Adam", dict()),
    ("Adam", dict(lr=0.02, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.05)),
    ("Adam", dict(lr=0.02, amsgrad=True)),
    ("AdamW", dict()),
    ("AdamW", dict(lr=0.03, betas=(0.7, 0.99), weight_decay=0.1, amsgrad=True)),
    ("RMSprop", dict()),
    ("RMSprop", dict(lr=0.02, alpha=0.9, eps=1e-5, weight_decay=0.01, momentum=0.5)),
    ("RMSprop", dict(lr=0.01, centered=True)),
    ("RMSprop", dict(lr=0.01, centered=True, momentum=0.9)),
    ("Adagrad", dict()),
    ("Adagrad", dict(lr=0.1, lr_decay=0.05, weight_decay=0.01, initial_accumulator_value=0.2, eps=1e-8)),
]

SCHEDULES = [
    ("StepLR", dict(step_size=7)),
    ("StepLR", dict(step_size=1, gamma=0.9)),
    ("MultiStepLR", dict(milestones=[5, 12, 12, 40], gamma=0.5)),
    ("ExponentialLR", dict(gamma=0.93)),
    ("CosineAnnealingLR", dict(T_max=50)),
    ("CosineAnnealingLR", dict(T_max=12, eta_min=0.001)),
    ("OneCycleLR", dict(max_lr=0.2)),
    ("OneCycleLR", dict(max_lr=0.2, pct_start=0.2, anneal_strategy="linear", three_phase=True,
                        div_factor=10.0, final_div_factor=100.0)),
    ("OneCycleLR", dict(max_lr=0.2, cycle_momentum=False)),
    ("OneCycleLR", dict(max_lr=0.2, base_momentum=0.5, max_momentum=0.8)),
    ("LinearLR", dict()),
    ("LinearLR", dict(start_factor=0.2, end_factor=0.7, total_iters=20)),
    ("ReduceLROnPlateau", dict(patience=3, factor=0.5)),
    ("ReduceLROnPlateau", dict(mode="max", patience=1, cooldown=4, min_lr=0.002, threshold_mode="abs", threshold=0.05)),
    ("ReduceLROnPlateau", dict(patience=0, cooldown=1, factor=0.9, threshold=0.3)),
]


def words(arguments):
    def text(value):
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, (list, tuple)):
            return ",".join(repr(float(v)) for v in value)
        return value if isinstance(value, str) else repr(value)
    return [f"{name}={text(value)}" for name, value in arguments.items()]


def ours(precision, clip, optimizer, schedule):
    command = [os.environ["TRAJECTORY"], precision, repr(clip), optimizer[0], *words(optimizer[1])]
    if schedule:
        command += ["--", schedule[0], *words(schedule[1])]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [[float(x) for x in line.split()] for line in out.splitlines()]


def momentum_of(group):
    return group["betas"][0] if "betas" in group else group.get("momentum", 0)


def compare(precision, clip, optimizer, schedule):
    """The largest relative difference over the 50 steps in the rate, the momentum and the parameters."""
    dtype = torch.float64 if precision == "f64" else torch.float32
    rows = ours(precision, clip, optimizer, schedule)
    assert len(rows) == STEPS
    start = torch.tensor([0.3*i - 0.7 for i in range(COUNT)], dtype=torch.float64).to(dtype)
    params = [torch.nn.Parameter(start[:4].clone()), torch.nn.Parameter(start[4:].clone())]
    torch_optimizer = getattr(torch.optim, optimizer[0])(
        params, **({"lr": optimizer[1]["lr"]} if "lr" in optimizer[1] else {}),
        **{k: v for k, v in optimizer[1].items() if k != "lr"})
    torch_schedule = None
    if schedule:
        extra = dict(total_steps=STEPS) if schedule[0] == "OneCycleLR" else {}
        torch_schedule = getattr(torch.optim.lr_scheduler, schedule[0])(torch_optimizer, **schedule[1], **extra)
    worst = 0.0
    for row in rows:
        rate, momentum, watched = row[:3]
        grads, after = row[3:3 + COUNT], row[3 + COUNT:]
        group = torch_optimizer.param_groups[0]
        worst = max(worst, abs(rate - group["lr"])/group["lr"], abs(momentum - momentum_of(group)))
        params[0].grad = torch.tensor(grads[:4], dtype=dtype)
        params[1].grad = torch.tensor(grads[4:], dtype=dtype)
        if clip:
            torch.nn.utils.clip_grad_norm_(params, clip)
        torch_optimizer.step()
        theirs = torch.cat([p.detach() for p in params]).double()
        difference = (theirs - torch.tensor(after, dtype=torch.float64)).abs().max()
        worst = max(worst, float(difference/theirs.abs().max()))
        if schedule and schedule[0] == "ReduceLROnPlateau":
            torch_schedule.step(watched)
        elif schedule:
            torch_schedule.step()
    return worst


def cases():
    for optimizer in OPTIMIZERS:
        yield 0.0, optimizer, None
        yield 0.7, optimizer, None
    for schedule in SCHEDULES:
        yield 0.0, ("SGD", dict(lr=0.1, momentum=0.9)), schedule
        if schedule[1].get("cycle_momentum", True):
            yield 0.0, ("Adam", dict(lr=0.01)), schedule
    # A momentum near 1 would sum up some twenty updates' rounding, ten times 1/sqrt(1 - alpha) at the start.
    yield 0.0, ("RMSprop", dict(lr=0.01)), ("OneCycleLR", dict(max_lr=0.05, base_momentum=0.4, max_momentum=0.7))
    yield 0.0, ("SGD", dict(lr=0.01)), ("OneCycleLR", dict(max_lr=0.05))
    yield 0.0, ("Adagrad", dict(lr=0.1)), ("OneCycleLR", dict(max_lr=0.05, cycle_momentum=False))


def main():
    failures = count = 0
    for precision, tolerance in TOLERANCE.items():
        for clip, optimizer, schedule in cases():
            worst = compare(precision, clip, optimizer, schedule)
            count += 1
            if not worst <= tolerance:
                failures += 1
                print(f"{precision} clip={clip} {optimizer} {schedule}: {worst:.3g} > {tolerance}")
    print(f"{count} trajectories against PyTorch, {failures} differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
