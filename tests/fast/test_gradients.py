"""Gradients of the fast style, in f32, against PyTorch's in f64: one batch of every benchmark spec.

    test_gradients.py NETC FOLDER_OF_SPECS

PyTorch's net is the one that `netc check --dump=torch` writes, built by the code of `netc bench --vs torch`. Both start
from the same random parameters and inputs. Dropout is taken out of both: they draw other numbers.
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "torch"))
from test_fast import build, prepare, run  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
NETC, SPECS = sys.argv[1], pathlib.Path(sys.argv[2])
BATCH = 16
DRAWS = 3  # in f32 a rounding can carry a value over a kink: of so many draws one must agree, see test_fast.py
RELATIVE = 1e-4  # to the largest of a tensor
# A gradient that vanishes in exact arithmetic (a bias before a normalisation) is below this part of the largest of the net in
# f64, and rounding alone in f32: its tolerance is relative to another part of that largest.
VANISHES = 1e-12
VANISHING = 2e-2
# Specs of equations alone have no counterpart; this one computes what its twin does, from parameters in the same order.
TWINS = {"mnist_convblock_equations": "mnist_convblock"}


def without_dropout(text):
    text = re.sub(r"\bdropout=0\.\d+", "dropout=0", text)
    return re.sub(r"[\d./()]+\*(?=keep\w*\[)", "", re.sub(r"bernoulli\([\d.]+\)", "bernoulli(1)", text))


def torch_net(folder, name, text):
    """The module of a spec, in f64, in the mode of training."""
    path = pathlib.Path(folder) / f"{name}_twin.net"
    path.write_text(text)
    made = subprocess.run([NETC, "check", "--dump=torch", "--batch-size", str(BATCH), str(path)], check=True,
                          stdout=subprocess.PIPE, universal_newlines=True).stdout
    code = (HERE.parent.parent / "compiler" / "driver" / "bench_torch.py").read_text()
    definitions = code[:code.index("torch.set_default_dtype(")]
    space = {}
    exec(made, space)
    arguments, sys.argv = sys.argv, ["twin", "contiguous", "1", "train", str(folder)]
    exec(definitions, space)
    sys.argv = arguments
    net = space["Net"]()
    net.train()
    named = net.named(lambda part: part.named_parameters())
    return net, [named[path] for path, _ in space["PARAMETERS"]]


def torch_gradients(net, parameters, model, data):
    """By the names of the compiled model, whose parameters stand in the same order."""
    with torch.no_grad():
        for p, values in zip(parameters, model.params.values()):
            p.copy_(torch.from_numpy(values.astype(np.float64)).reshape(p.shape))
    net.zero_grad()
    # The numbers that the compiled model sees: rounded to f32.
    inputs = [torch.from_numpy(v).long() if v.dtype.kind == "i" else torch.from_numpy(v.astype(np.float32).astype(float))
              for v in data.values()]
    net(*inputs).backward()
    return {f"gradient {name}": p.grad.numpy().reshape(values.shape)
            for p, (name, values) in zip(parameters, model.params.items())}


def compare(got, wanted, where):
    """Messages of what differs, and the largest relative error of a tensor that does not vanish."""
    largest = max(np.abs(v).max() for v in wanted.values())
    wrong, worst = [], 0
    for name, value in wanted.items():
        error, scale = np.abs(got[name].astype(float) - value).max(), np.abs(value).max()
        vanishes = scale < VANISHES*largest
        if not vanishes:
            worst = max(worst, error/scale)
        if not error <= RELATIVE*(VANISHING*largest if vanishes else scale):
            wrong.append(f"{where}: {name}: error {error:.2e} of {scale:.2e}, largest of all {largest:.2e}")
    return wrong, worst


def check(folder, path, twin):
    model = build(NETC, folder, path.stem, without_dropout(path.read_text()), "fast", BATCH)
    net, parameters = twin
    if len(parameters) != len(model.params) or not parameters:
        return ["other parameters than PyTorch's"], 0
    for draw in range(DRAWS):
        data = prepare([model], np.random.default_rng(1 + draw))
        wanted = torch_gradients(net, parameters, model, data)
        states = {name: values.copy() for name, values in model.states.items()}
        wrong, worst = compare(run(model, data, states, BATCH, 2, 0), wanted, f"draw {draw}")
        if not wrong:
            break
    return wrong, worst


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    paths = [SPECS / "mnist_convblock.net"] + sorted((SPECS / "bench").glob("*.net"))
    texts = {path.stem: without_dropout(path.read_text()) for path in paths}
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        twins = {name: torch_net(folder, name, texts[TWINS.get(name, name)]) for name in texts}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for path, (wrong, worst) in zip(paths, pool.map(lambda p: check(folder, p, twins[p.stem]), paths)):
                failed += bool(wrong)
                print(f"{'BAD ' if wrong else 'ok  '} {path.stem}: {worst:.1e}", *wrong[:6], sep="\n       ", flush=True)
    print(f"{len(paths)} networks, {failed} differ from PyTorch")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
