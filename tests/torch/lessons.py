"""Ten training steps of the specs beside PyTorch, in f64.

    lessons.py NETC SPECS [OPTION of netc build ...]

Weights, the order of samples and dropout masks are handed over; PyTorch's optimizers step on both sides, on ours through
views of the parameter and gradient blocks. Every step compares the loss, all gradients, all parameters and the running
statistics. The last batch is smaller than the others.
"""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from netmodel import Model

# Relative to the largest element of a tensor. One step agrees to 1e-14; Adam divides by the root of squares of gradients,
# which near zero enlarges differences by up to 1e4 over ten steps.
RELATIVE = 1e-9
STEPS = 10


def compile_spec(netc, folder, specs, name, batch_size, options=tuple(sys.argv[3:])):
    """The spec as it stands, but in f64 and with small batches."""
    with open(os.path.join(specs, name + ".net")) as f:
        text = f.read()
    if "precision f64" not in text:
        text = re.sub(r"^(model \w+.*)$", r"\1\nprecision f64", text, 1, re.M)
    spec, out = os.path.join(folder, name + ".net"), os.path.join(folder, name + ".so")
    with open(spec, "w") as f:
        f.write(text)
    subprocess.run([netc, "build", "--shared", "--keep-values", "--batch-size", str(batch_size), "--cflags=-O1", *options, spec,
                    "-o", out], check=True)
    return Model(out)


class Comparison:
    def __init__(self, name):
        self.name, self.wrong = name, 0

    def check(self, what, got, wanted):
        got, wanted = np.asarray(got, float), np.asarray(wanted, float)
        error, scale = np.abs(got - wanted).max(), np.abs(wanted).max()
        if not error <= RELATIVE*max(scale, 1e-6):
            self.wrong += 1
            print(f"FAILED {self.name}: {what}: error {error:.2e} of {scale:.2e}")

    def check_all(self, what, got, wanted):
        if set(got) != set(wanted):
            self.wrong += 1
            print(f"FAILED {self.name}: {what}: only one side has {sorted(set(got) ^ set(wanted))}")
        for name in sorted(set(got) & set(wanted)):
            self.check(f"{what} {name}", got[name], wanted[name])


def views(model):
    """The model's parameters as PyTorch tensors over the same memory, gradients included."""
    parameters = []
    for name, values in model.params.items():
        p = nn.Parameter(torch.from_numpy(values))
        p.grad = torch.from_numpy(model.grads[name])
        parameters.append(p)
    return parameters


def train(name, model, oracle, loss_of, optimizer_of, scheduler_of, batches, masks=()):
    """loss_of(oracle, batch, masks) gives PyTorch's loss; batches are dictionaries of the model's inputs."""
    result = Comparison(name)
    named = dict(oracle.named_parameters())
    for key, values in model.params.items():
        values[...] = named[key].detach().numpy()
    buffers = {key: b for key, b in oracle.named_buffers() if b.is_floating_point()}
    for key, values in model.states.items():
        values[...] = buffers[key].numpy()
    optimizers = [optimizer_of(views(model)), optimizer_of(list(oracle.parameters()))]
    schedulers = [scheduler_of(o) for o in optimizers if scheduler_of]
    for step, batch in enumerate(batches):
        n = len(next(iter(batch.values())))
        for key, values in batch.items():
            model.inputs[key][:n] = values.numpy()
        key = dict(n=n, seed=11, step=step)
        value = model.call("forward", **key)[model.result_names[0]]
        drawn = [torch.from_numpy(model.outputs[path][:n].copy()) for path in masks]
        model.call("backward", **key)
        model.call("update", **key)
        oracle.train()
        optimizers[1].zero_grad()
        wanted = loss_of(oracle, batch, drawn)
        wanted.backward()
        result.check(f"step {step}: loss", value, wanted.item())
        result.check_all(f"step {step}: gradient of", model.grads, {k: p.grad for k, p in named.items()})
        for optimizer in optimizers:
            optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
        result.check_all(f"step {step}: parameter", model.params, {k: p.detach() for k, p in named.items()})
        result.check_all(f"step {step}: state", model.states, buffers)
        if result.wrong:
            break
    oracle.eval()
    with torch.no_grad():
        wanted = loss_of(oracle, batch, None).item()
    result.check("loss in evaluation", model.call("evaluate", n=n)[model.result_names[0]], wanted)
    print(f"{name}: {len(batches)} steps, {result.wrong} failures")
    return result.wrong


def images(seed, batch_size):
    """Ten batches of ten-class images, the last with three samples fewer."""
    generator = torch.Generator().manual_seed(seed)
    sizes = [batch_size]*(STEPS - 1) + [batch_size - 3]
    return [{"image": torch.randn(n, 1, 28, 28, generator=generator), "digit": torch.randint(0, 10, (n,), generator=generator)}
            for n in sizes]


# --- the worksheet

WEIGHTS = [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]


class Worksheet(nn.Module):
    def __init__(self):
        super().__init__()
        for i, weight in enumerate(WEIGHTS, 1):
            self.register_parameter(f"w{i}", nn.Parameter(torch.tensor(weight)))

    def forward(self, i1, i2):
        w1, w2, w3, w4, w5, w6, w7, w8 = self.parameters()
        h1, h2 = torch.sigmoid(w1*i1 + w2*i2), torch.sigmoid(w3*i1 + w4*i2)
        return torch.sigmoid(w5*h1 + w6*h2), torch.sigmoid(w7*h1 + w8*h2)


def worksheet_loss(oracle, batch, _):
    o1, o2 = oracle(batch["i1"], batch["i2"])
    return (0.5*(batch["t1"] - o1)**2 + 0.5*(batch["t2"] - o2)**2).mean()


def backprop(netc, folder, specs):
    model = compile_spec(netc, folder, specs, "backprop", 1)
    batch = {"i1": torch.tensor([0.05]), "i2": torch.tensor([0.10]), "t1": torch.tensor([0.01]), "t2": torch.tensor([0.99])}
    wrong = train("backprop", model, Worksheet(), worksheet_loss,
                  lambda p: torch.optim.SGD(p, lr=2.0), None, [batch]*STEPS)
    return wrong + worksheet_figures("backprop", model)


def layered(netc, folder, specs):
    """The same network in layers reaches the same figures."""
    model = compile_spec(netc, folder, specs, "sigmoid_2_2_2", 1)
    model.inputs["x"][...], model.inputs["t"][...] = [[0.05, 0.10]], [[0.01, 0.99]]
    return worksheet_figures("sigmoid_2_2_2", model)


def worksheet_figures(name, model):
    """E_total of the published worksheet before the first update and after 100 with rate 2."""
    weights = iter(WEIGHTS)
    for values in model.params.values():
        values[...] = np.array([next(weights) for _ in range(values.size)]).reshape(values.shape)
    result = Comparison(name)
    for step in range(101):
        value = model.call("forward", step=step)["E_total"]
        if step in (0, 100):
            wanted = {0: 0.242519857348, 100: 0.005160108602}[step]
            result.check(f"E_total after {step} updates", round(value, 12), wanted)
        model.call("backward", step=step)
        for key, values in model.params.items():
            values -= 2.0*model.grads[key]
    return result.wrong


# --- the MNIST lesson

class Stages(nn.Module):
    """Modules under the names that the spec gives its stages; those without parameters are functions of forward."""

    def __init__(self, **stages):
        super().__init__()
        for name, module in stages.items():
            self.add_module(name, module)


def conv_relu(inputs, outputs, size, padding):
    return Stages(conv2d=nn.Conv2d(inputs, outputs, size, padding=padding))


class Convblocks(nn.Module):
    def __init__(self):
        super().__init__()
        for k in 1, 2, 3:
            self.add_module(f"convblock_{k}", Stages(
                conv2d_1=conv_relu(1 if k == 1 else 16, 16, 3, 1), batchnorm2d_1=nn.BatchNorm2d(16),
                conv2d_2=conv_relu(16, 16, 3, 1), batchnorm2d_2=nn.BatchNorm2d(16)))
        self.conv2d = conv_relu(16, 10, 1, 0)
        self.dense = Stages(linear=nn.Linear(90, 10))

    def forward(self, x, masks):
        for k, p in enumerate((0.20, 0.25, 0.20)):
            block = getattr(self, f"convblock_{k + 1}")
            x = block.batchnorm2d_1(F.relu(block.conv2d_1.conv2d(x)))
            x = F.avg_pool2d(block.batchnorm2d_2(F.relu(block.conv2d_2.conv2d(x))), 2)
            x = x*masks[k]/(1 - p) if masks else x
        return F.log_softmax(self.dense.linear(F.relu(self.conv2d.conv2d(x)).flatten(1)), 1)


def mnist(netc, folder, specs):
    model = compile_spec(netc, folder, specs, "mnist_convblock", 8)
    return train("mnist_convblock", model, Convblocks(), lambda o, b, m: F.nll_loss(o(b["image"], m), b["digit"]),
                 lambda p: torch.optim.Adam(p, lr=0.001), None, images(1, 8),
                 [f"convblock_{k}.dropout.mask" for k in (1, 2, 3)])


# --- layers of the user's own

class Gate(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.down, self.up = nn.Parameter(torch.randn(inner, channels)), nn.Parameter(torch.randn(channels, inner))

    def forward(self, x):
        return x*torch.sigmoid(F.relu(x.mean((2, 3))@self.down.T)@self.up.T)[:, :, None, None]


class Soft(nn.Module):
    def __init__(self, beta):
        super().__init__()
        self.beta, self.shift = beta, nn.Parameter(torch.tensor(0.1))

    def forward(self, x):
        return F.softplus(self.beta*(x - self.shift), threshold=1e9)/self.beta


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv2d_1, self.batchnorm2d_1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        self.soft = Soft(2)
        self.conv2d_2, self.batchnorm2d_2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        self.squeezeexcite = Gate(channels, channels//4)

    def forward(self, x):
        inner = self.soft(self.batchnorm2d_1(self.conv2d_1(x)))
        return F.relu(self.squeezeexcite(self.batchnorm2d_2(self.conv2d_2(inner))) + x)


class Custom(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, stride=2, padding=1)
        self.residual_1, self.residual_2 = Residual(16), Residual(16)
        self.linear = nn.Linear(32, 10)

    def forward(self, x):
        x = self.residual_2(self.residual_1(self.stem(x)))
        x = torch.cat([F.max_pool2d(x, 2), F.avg_pool2d(x, 2)], 1)
        return self.linear(F.adaptive_avg_pool2d(x, 1).flatten(1))


def custom(netc, folder, specs):
    model = compile_spec(netc, folder, specs, "custom_layers", 6)
    sgd = lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.0005)
    one_cycle = lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=0.2, total_steps=STEPS + 1)
    return train("custom_layers", model, Custom(),
                 lambda o, b, _: F.cross_entropy(o(b["image"]), b["digit"], label_smoothing=0.05), sgd, one_cycle,
                 images(2, 6))


def main():
    netc, specs = sys.argv[1:3]
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.manual_seed(5)
    with tempfile.TemporaryDirectory() as folder:
        wrong = sum(lesson(netc, folder, specs) for lesson in (backprop, layered, mnist, custom))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
