"""Compares every layer and loss of the library with PyTorch: values, all gradients, running statistics.

    oracle.py NETC LIBRARY [--precision f64|f32] [--only TEXT] [--build OPTION ...]

Each case becomes a spec of one layer under the loss sum(y*g), g a random input; the model is built as a shared object and
its forward, backward, update and evaluate are set beside PyTorch's, which computes in f64 from the same numbers.
LIBRARY is the folder of the .net files: a layer without a case fails.
"""
import argparse
import concurrent.futures
import copy
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import torch

from cases import all_cases
from netmodel import INIT_CONSTANT, INIT_NORMAL, INIT_UNIFORM, Model

# Relative to the largest element of a tensor (a sum: to the sum of its terms' magnitudes). Both sides round each operation to
# 1e-16, or the model to 6e-8; a few hundred of them in another order stay a hundred times below these.
RELATIVE = {"f64": 1e-11, "f32": 1e-4}
# Where a gradient vanishes in exact arithmetic, what rounding leaves of terms of order 1.
ABSOLUTE = {"f64": 1e-12, "f32": 1e-6}
LETTERS = "abcdef"


def dims(tensor):
    shape = list(tensor.shape[1:])
    return f"[{', '.join(map(str, shape))}]" if shape else ""


def index(name, tensor):
    letters = LETTERS[:tensor.dim() - 1]
    return f"{name}[{', '.join(letters)}]" if letters else name


def declare(kind, name, tensor, classes):
    if tensor.is_floating_point():
        return f"{kind} {name}{dims(tensor)}"
    return f"{kind} {name}{dims(tensor)}: class({classes})"


def spec_of(case, precision, y):
    """The case as .net text; y is an example of the output."""
    lines = ["model oracle", f"precision {precision}", case.head]
    names = [f"x{i}" for i in range(len(case.inputs))]
    for i, (name, x) in enumerate(zip(names, case.inputs)):
        is_target = case.kind not in ("layer", "network") and not x.is_floating_point()
        lines.append(declare("target" if is_target else "input", name, x, case.classes))
    arguments = f"({case.arguments})" if case.arguments else ""
    if case.kind in ("layer", "network"):
        more = f"({', '.join(['_'] + names[1:])})" if len(names) > 1 else ""
        lines.append(f"input g{dims(y)}")
        stage = f"m: {case.layer}{arguments or '()'*bool(more)}{more}"
        lines.append(f"network x0 -> y {{ {stage if case.kind == 'layer' else case.arguments} }}")
        letters = LETTERS[:y.dim() - 1]
        product = f"{index('y', y)}*{index('g', y)}"
        lines.append(f"loss L = sum({', '.join(letters)}: {product})" if letters else f"loss L = {product}")
    elif case.kind == "loss":
        more = f", {case.arguments}" if case.arguments else ""
        lines.append(f"loss {case.layer}({', '.join(names)}{more})")
    else:
        lines += ["network x0 -> y { LogSoftmax }", "loss NLLLoss"]
        lines.append("metric " + {"Accuracy": "accuracy", "TopK": "top_k"}[case.layer] + arguments)
    return "\n".join(lines) + "\n"


def example_output(case):
    """What the shape of the output is read from."""
    if case.kind not in ("layer", "network"):
        return None
    if case.module is not None:
        case.module.eval()
    with torch.no_grad():
        return case.inputs[0] if case.masks else case.reference(*case.inputs)


def build(netc, options, folder, number, spec, samples):
    """Returns the path of the shared object, or a message."""
    path, out = os.path.join(folder, f"case_{number}.net"), os.path.join(folder, f"case_{number}.so")
    with open(path, "w") as f:
        f.write(spec)
    command = [netc, "build", "--shared", "--keep-values", "--input-gradients", "--batch-size", str(samples),
               "--cflags=-O1", *options, path, "-o", out]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    return out if done.returncode == 0 else f"exit {done.returncode}\n{done.stdout}"


class Comparison:
    def __init__(self, precision):
        self.precision, self.wrong, self.worst, self.where = precision, [], 0.0, ""

    def check(self, what, got, wanted, tolerance=1.0, scale=None):
        """scale: what the error is relative to, otherwise the largest element."""
        what = self.where + what
        wanted = wanted.detach().numpy() if isinstance(wanted, torch.Tensor) else wanted
        got, wanted = np.asarray(got, np.float64), np.asarray(wanted, np.float64)
        if got.size != wanted.size:
            self.wrong.append(f"{what}: shape {got.shape}, wanted {wanted.shape}")
            return
        got = got.reshape(wanted.shape)
        if not np.all(np.isfinite(got)):
            self.wrong.append(f"{what}: not finite")
            return
        if scale is None:
            scale = np.abs(wanted).max() if wanted.size else 0
        error = np.abs(got - wanted).max() if wanted.size else 0
        allowed = max(RELATIVE[self.precision]*scale, ABSOLUTE[self.precision])*tolerance
        self.worst = max(self.worst, error/allowed)
        if not error <= allowed:
            self.wrong.append(f"{what}: error {error:.2e} of {scale:.2e}")


def part_name(name):
    """The name without the path of its stage, which the sides number differently: "weight", "norm1.weight"."""
    stage, _, leaf = name.rpartition(".")
    part = stage.rpartition(".")[2]
    return f"{part}.{leaf}" if part in ("self_attn", "out_proj", "norm1", "norm2", "linear1", "linear2") else leaf


def named_parameters(case, model):
    """PyTorch's parameters by our names: of a layer by their names, of a network by what both sides call alike, in order."""
    if case.kind == "network":
        found = {}
        for name, p in case.module.named_parameters():
            found.setdefault(part_name(name), []).append(p)
        if sum(map(len, found.values())) != len(model.params):
            raise ValueError(f"{len(model.params)} parameters, PyTorch has {sum(map(len, found.values()))}")
        return [(name, found[part_name(name)].pop(0)) for name in model.params]
    return [("m." + name.replace("inner.", ""), p) for name, p in case.module.named_parameters()]


def named_buffers(case, model):
    found = [(name, b) for name, b in case.module.named_buffers() if b.is_floating_point()]
    if case.kind == "network" and len(found) == len(model.states):
        return list(zip(model.states, [b for _, b in found]))
    return [("m." + name, b) for name, b in found]


def randomise(case, model):
    """Random parameters on both sides, equal in f32 too. Returns PyTorch's parameters by our names."""
    generator = torch.Generator().manual_seed(3)
    parameters = {}
    if case.module is not None:
        for name, p in named_parameters(case, model):
            p.data = (torch.randn(p.shape, generator=generator)*0.4 + (0.3 if p.dim() == 1 else 0)).float().double()
            p.grad = None
            parameters[name] = p
        for name, state in named_buffers(case, model):
            if name in model.states:
                state.data = state.data.float().double()
                model.states[name][...] = state.numpy()
    for name, p in parameters.items():
        model.params[name][...] = p.detach().numpy().reshape(model.params[name].shape)
    return parameters


def fill(model, name, values, n):
    """The first n samples; what lies behind them must not be looked at."""
    model.inputs[name][...] = np.nan if values.is_floating_point() else 0
    model.inputs[name][:n] = values.detach().numpy()[:n]


def leaves(case, n):
    """The inputs of n samples as PyTorch's leaves, rounded as the model sees them."""
    return [x[:n].clone() if not x.is_floating_point() else x[:n].detach().float().double().requires_grad_()
            for x in case.inputs]


def check_masks(case, model, result, n):
    """The masks that the model drew: zeros and ones, about as many ones as promised, other ones under another seed."""
    masks = []
    for path, keep in case.masks:
        mask = model.outputs[path][:n].astype(np.float64).copy()
        if not np.all((mask == 0) | (mask == 1)):
            result.wrong.append(f"{path}: neither 0 nor 1")
        if abs(mask.mean() - keep) > 4*np.sqrt(max(keep*(1 - keep), 1e-9)/mask.size):
            result.wrong.append(f"{path}: {mask.mean():.3f} are kept, wanted {keep}")
        masks.append(torch.from_numpy(mask))
    if any(0 < keep < 1 for _, keep in case.masks):
        for key in dict(seed=6, step=2), dict(seed=5, step=3):
            model.call("forward", n=n, **key)
            if all(np.array_equal(model.outputs[path][:n], mask) for (path, _), mask in zip(case.masks, masks)):
                result.wrong.append(f"the draws of seed and step {key} are those of another")
        model.call("forward", n=n, seed=5, step=2)
    return masks


def check_training(case, model, result, n):
    key = dict(n=n, seed=5, step=2)
    x, parameters = leaves(case, n), randomise(case, model)
    for i, values in enumerate(x):
        fill(model, f"x{i}", values, n)
    if case.module is not None:
        case.module.train()
    values = model.call("forward", **key)
    masks = check_masks(case, model, result, n)
    y, scale = case.reference(*x, *masks), None
    if case.kind in ("layer", "network"):
        g = torch.randn(y.shape, generator=torch.Generator().manual_seed(4)).float().double()
        fill(model, "g", g, n)
        values = model.call("forward", **key)
        result.check("y", model.outputs["y"][:n], y, case.tolerance)
        scale, y = float((y*g).abs().sum())/n, (y*g).sum()/n
    name = model.result_names[0 if case.kind != "metric" else 1]
    result.check("loss" if case.kind != "metric" else name, values[name], y, case.tolerance, scale)
    if case.kind == "metric":
        return
    model.call("backward", **key)
    leaf = [t for t in x if t.requires_grad] + list(parameters.values())
    gradient = dict(zip(map(id, leaf), torch.autograd.grad(y, leaf, allow_unused=True)))
    for i, t in enumerate(x):
        if id(t) in gradient and case.exact_gradient in (True, f"x{i}"):
            wanted = torch.zeros_like(t) if gradient[id(t)] is None else gradient[id(t)]
            result.check(f"d_x{i}", model.outputs[f"d_x{i}"][:n], wanted, case.tolerance)
    for name, p in parameters.items():
        result.check(f"d_{name}", model.grads[name], gradient[id(p)], case.tolerance)
    extra = set(model.params) - set(parameters)
    if extra:
        result.wrong.append(f"parameters that PyTorch does not have: {sorted(extra)}")
    model.call("update", **key)
    check_states(case, model, result)


def check_states(case, model, result):
    if case.module is None:
        return
    buffers = dict(named_buffers(case, model))
    for name in sorted(set(buffers) | set(model.states)):
        if name not in buffers or name not in model.states:
            result.wrong.append(f"state {name}: only one side has it")
        else:
            result.check(name, model.states[name], buffers[name])


def check_evaluation(case, model, result):
    x = leaves(case, model.batch_size)
    for i, values in enumerate(x):
        fill(model, f"x{i}", values, model.batch_size)
    if case.module is not None:
        case.module.eval()
    values = model.call("evaluate")
    with torch.no_grad():
        y = x[0] if case.masks and case.module is None else case.reference(*x)
    if case.kind in ("layer", "network"):
        result.check("y in evaluation", model.outputs["y"], y, case.tolerance)
    elif case.kind == "loss":
        result.check("loss in evaluation", values[model.result_names[0]], y, case.tolerance)


def reset(module):
    """PyTorch's initial values anew; modules that have no such method are at theirs already."""
    for name in "reset_parameters", "_reset_parameters":
        if hasattr(module, name):
            getattr(module, name)()


def check_initialisers(case, model, result):
    """PyTorch's own initial values lie in the interval, or are the constant, that the model's table names."""
    if case.module is None or case.kind == "network":
        return
    module, samples = copy.deepcopy(case.module), {}
    for _ in range(40):
        for name, p in module.apply(reset).named_parameters():
            samples.setdefault("m." + name.replace("inner.", ""), []).append(p.detach().numpy().ravel().copy())
    for t in model.param_table:
        name, drawn = t.name.decode(), np.concatenate(samples[t.name.decode()])
        low, high = drawn.min(), drawn.max()
        fine = {INIT_CONSTANT: low == high and abs(low - t.init.a) < 1e-6,
                INIT_UNIFORM: t.init.a <= low*(1 - 1e-9) + 1e-12 and high <= t.init.b
                and high - low > 0.8*(t.init.b - t.init.a),
                INIT_NORMAL: abs(drawn.mean() - t.init.a) < 0.2 and abs(drawn.std() - t.init.b) < 0.2}.get(t.init.kind)
        if not fine:
            result.wrong.append(f"initialiser of {name}: kind {t.init.kind} ({t.init.a:g}, {t.init.b:g}), "
                                f"PyTorch draws from {low:g} to {high:g}")


def run_case(case, path, precision):
    result = Comparison(precision)
    if not path.endswith(".so"):
        result.wrong.append(path)
        return result
    try:
        model = Model(path)
        check_initialisers(case, model, result)
        check_training(case, model, result, model.batch_size)
        if not result.wrong and case.kind != "metric":
            check_evaluation(case, model, result)
        if not result.wrong and model.batch_size > 2:
            result.where = f"of the first {model.batch_size - 1} samples: "
            check_training(case, model, result, model.batch_size - 1)
    except (KeyError, ValueError, RuntimeError, AttributeError) as problem:
        result.wrong.append(f"{type(problem).__name__}: {problem}")
    return result


def library_layers(folder):
    names = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".net"):
            with open(os.path.join(folder, name)) as f:
                names += re.findall(r"^layer\s+(\w+)", f.read(), re.M)
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("netc")
    parser.add_argument("library")
    parser.add_argument("--precision", choices=["f64", "f32"], default="f64")
    parser.add_argument("--only", default="", help="the cases whose names contain this")
    parser.add_argument("--build", action="append", default=[], help="an option for netc build, such as --build=--style=fast")
    parser.add_argument("--keep", help="leave the specs and objects in this folder")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cases = all_cases()
    layers = library_layers(options.library)
    uncovered = [layer for layer in layers if layer not in {case.layer for case in cases}]
    unknown = sorted({case.layer for case in cases if case.kind != "network"} - set(layers))
    failures = [f"no case for the layer {layer}" for layer in uncovered] + [f"the library has no {n}" for n in unknown]
    cases = [case for case in cases if options.only in case.name]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            specs = [spec_of(case, options.precision, example_output(case)) for case in cases]
            paths = list(pool.map(lambda k: build(options.netc, options.build, folder, k, specs[k], len(cases[k].inputs[0])),
                                  range(len(cases))))
        for number, (case, path) in enumerate(zip(cases, paths)):
            result = run_case(case, path, options.precision)
            if result.wrong:
                failures.append(f"{case.name}  [case_{number}]\n    " + "\n    ".join(result.wrong))
            elif options.v:
                print(f"{case.name}: {result.worst:.1e} of what is allowed")
    for failure in failures:
        print("FAILED", failure)
    print(f"{options.precision}: {len(cases)} cases of {len(layers)} layers, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
