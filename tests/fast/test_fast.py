"""The fast style computes what the plain style computes, and the same bits on every number of threads.

    test_fast.py NETC FOLDER_OF_SPECS ... [--precision f32|f64] [--only TEXT] [--keep FOLDER]

Each spec and each snippet is built in both styles; forward, backward, update and evaluate run on the same random
parameters and inputs, over full and partial batches, the fast style on blocks that hold what the calls before left there.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "torch"))
from netmodel import INIT_CONSTANT, INIT_NORMAL, INIT_UNIFORM, INIT_VALUES, Model  # noqa: E402
from snippets import snippets  # noqa: E402

# Relative to the largest element of a tensor. Both sides round alike up to the order of sums; f32 rounds to 6e-8, and
# the sums of a batch statistic cancel by a factor of up to a thousand.
RELATIVE = {"f64": 1e-9, "f32": 1e-4}
# A gradient that vanishes in exact arithmetic (a bias before a normalisation) is rounding alone; its scale is this part
# of the largest gradient of the net.
VANISHING = 2e-2
# In f32 a rounding can carry a value over the kink of a ReLU or a maximum, which moves gradients by far more. That is rare:
# of so many draws of parameters and inputs one must agree. In f64 it does not happen.
DRAWS = {"f64": 1, "f32": 3}
BATCH = 21  # not a multiple of the 16 chunks
# Snippets with windows of 3x3 for which Winograd's transforms pay.
TRANSFORMED = "window_even", "window_wide_padding"
# Scatters with a stride that become gathers; and how one that stays looks among the loops, as in `y[n, 2*p + r] +=`.
GATHERED = ("conv_stride_3", "conv_stride_odd", "conv_stride_even", "conv_stride_beyond", "conv_stride_small", "conv_stride_groups",
            "conv_stride_1d", "conv_stride_shortcut", "conv_depthwise_odd", "conv_transposed", "conv_transposed_3")
SCATTER = re.compile(r"^ *\w+\[[^]]*[0-9]\*\w+ \+ [a-z][^]]*\] \+=", re.M)
FUNCTIONS = "forward", "backward", "update", "evaluate"


def with_precision(text, name, precision):
    text = re.sub(r"^precision .*$", "", text, flags=re.M)
    if re.search(r"^model ", text, re.M):
        return re.sub(r"^(model .*)$", rf"\1\nprecision {precision}", text, count=1, flags=re.M)
    return f"model {name}\nprecision {precision}\n{text}"


def cases(folders, precision):
    for folder in folders:
        for path in sorted(pathlib.Path(folder).glob("*.net")):
            yield path.stem, with_precision(path.read_text(), path.stem, precision)
    for name, text in snippets():
        yield name, with_precision(text, name, precision)


def build(netc, folder, name, text, style, batch):
    path, out = os.path.join(folder, name + ".net"), os.path.join(folder, f"{name}_{style}.so")
    with open(path, "w") as f:
        f.write(text)
    command = [netc, "build", "--shared", "--style", style, "--batch-size", str(batch), "--cflags=-O1", path, "-o", out]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if done.returncode:
        raise RuntimeError(f"{style}: exit {done.returncode}: {done.stdout[:2000]}")
    return Model(out)


def initial(init, shape, rng, is_state):
    if init.kind == INIT_VALUES:
        return np.array([init.values[i] for i in range(int(np.prod(shape)))]).reshape(shape)
    if init.kind == INIT_UNIFORM:
        return rng.uniform(init.a, init.b, shape)
    if init.kind == INIT_NORMAL:
        return rng.normal(init.a, init.b, shape)
    return init.a + (0.1*rng.random(shape) if is_state else 0.2*(rng.random(shape) - 0.5))


def prepare(models, rng):
    """The same parameters, states and inputs for all."""
    first, m = models[0], models[0].model
    for i in range(m.param_tensors):
        name = m.param[i].name.decode()
        values = initial(m.param[i].init, first.params[name].shape, rng, False)
        for model in models:
            model.params[name][...] = values
    for i in range(m.state_tensors):
        name = m.state[i].name.decode()
        values = initial(m.state[i].init, first.states[name].shape, rng, True)
        for model in models:
            model.states[name][...] = values
    return {name: rng.integers(0, max(1, m.input[i].classes), values.shape) if m.input[i].type == 2
            else rng.normal(size=values.shape) for i, (name, values) in enumerate(first.inputs.items())}


def run(model, data, states, n, threads, step):
    """All four functions on the first n samples; returns copies of all that came out."""
    for name, values in data.items():
        model.inputs[name][:n] = values[:n]
        model.inputs[name][n:] = 0 if values.dtype.kind == "i" else np.nan
    for name, values in states.items():
        model.states[name][...] = values
    model.blocks["grads"][...] = 0xFF
    key = dict(n=n, seed=3, step=step, threads=threads)
    found = {}
    for function in FUNCTIONS:
        results = model.call(function, **key)
        if function in ("forward", "evaluate"):
            found.update({f"{function} {name}": np.array(value) for name, value in results.items()})
        if function == "backward":
            found.update({f"gradient {name}": g.copy() for name, g in model.grads.items()})
        if function == "update":
            found.update({f"state {name}": s.copy() for name, s in model.states.items()})
        if function == "evaluate":
            for name, y in model.outputs.items():
                found[f"output {name}"] = (y[:n] if len(y) == model.batch_size else y).copy()
    return found


def compare(got, wanted, precision, where):
    """Messages of what differs."""
    largest = max((np.abs(v).max() for k, v in wanted.items() if k.startswith("gradient") and v.size), default=0)
    wrong = []
    for name, value in wanted.items():
        if name not in got or got[name].shape != value.shape:
            wrong.append(f"{where}: {name} is missing or has another shape")
            continue
        # One sample alone has no variance: both sides divide by zero.
        nowhere = np.isnan(value)
        if not np.array_equal(nowhere, np.isnan(got[name])):
            wrong.append(f"{where}: {name} is not a number in other places")
            continue
        value, found = np.where(nowhere, 0, value), np.where(nowhere, 0, got[name])
        scale = np.abs(value).max() if value.size else 0
        if name.startswith("gradient"):
            scale = max(scale, VANISHING*largest)
        error = np.abs(found.astype(float) - value.astype(float)).max() if value.size else 0
        if not error <= RELATIVE[precision]*max(scale, 1e-30):
            wrong.append(f"{where}: {name}: error {error:.2e} of {scale:.2e}")
    return wrong


def same_bits(a, b, where):
    return [f"{where}: {name} has other bits on another number of threads" for name in a
            if a[name].tobytes() != b[name].tobytes()]


def loops(netc, path, *more):
    done = subprocess.run([netc, "check", "--dump=loops", "--batch-size", "21", *more, path],
                          stdout=subprocess.PIPE, check=True, universal_newlines=True)
    return done.stdout


def uses_transforms(netc, path, *more):
    text = loops(netc, path, "--style", "fast", *more)
    return "winograd_product" in text, "winograd_sum" in text


def check_transforms(netc, folder, name):
    """What is wrong with the choice of transformed tiles, in networks that are made for them."""
    if name not in TRANSFORMED:
        return []
    path = os.path.join(folder, name + ".net")
    if not all(uses_transforms(netc, path)):
        return ["no contraction is done in transformed tiles"]
    return ["--exact leaves transforms"] if any(uses_transforms(netc, path, "--exact")) else []


def check_scatters(netc, folder, name):
    if name not in GATHERED:
        return []
    text = loops(netc, os.path.join(folder, name + ".net"), "--style", "fast")
    return ["a scatter with a stride is left"] if SCATTER.search(text) else []


def check(netc, folder, name, text, precision, batch):
    try:
        plain = build(netc, folder, name, text, "plain", batch)
        fast = build(netc, folder, name, text, "fast", batch)
    except RuntimeError as e:
        return [str(e)]
    if plain.model.forward is None or not plain.model.backward:
        return []
    wrong = check_transforms(netc, folder, name) + check_scatters(netc, folder, name)
    for step, n in enumerate((batch, (batch + 1)//2, 1, batch)):
        for draw in range(DRAWS[precision]):
            differs, bits = check_batch(plain, fast, precision, n, step, draw)
            wrong += bits
            if not differs:
                break
        wrong += differs
    return wrong


def check_batch(plain, fast, precision, n, step, draw):
    """What differs between the styles, and what between numbers of threads."""
    data = prepare([plain, fast], np.random.default_rng(1 + draw))
    states = {k: v.copy() for k, v in plain.states.items()}
    where = f"{n} of {plain.batch_size} samples"
    wanted = run(plain, data, states, n, 1, step)
    got = run(fast, data, states, n, 1, step)
    return compare(got, wanted, precision, where), same_bits(got, run(fast, data, states, n, 2, step), where)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("netc")
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--only", default="")
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--keep")
    a = parser.parse_args()
    failed = count = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = a.keep or temporary
        os.makedirs(folder, exist_ok=True)
        wanted = [case for case in cases(a.folders, a.precision) if a.only in case[0]]

        def one(case):
            return case[0], check(a.netc, folder, *case, a.precision, a.batch)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for name, wrong in pool.map(one, wanted):
                count += 1
                failed += bool(wrong)
                print(f"{'BAD ' if wrong else 'ok  '} {name}", flush=True)
                for message in wrong[:6]:
                    print("       " + message, flush=True)
    print(f"{count} networks in {a.precision}, {failed} differ")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
