# The rest of the script: the same network in PyTorch, timed in turns that netc asks for.
#
#   python3 SCRIPT LAYOUT THREADS MODE FOLDER     LAYOUT: contiguous, channels_last; MODE: train, eager, frozen
#
# Says "ready VERSION THREADS LOSS SECONDS BLAS", then for each line N on standard input the seconds of a step, of N steps.
import inspect
import os
import re
import sys
import time
import warnings

import numpy
import torch

warnings.filterwarnings("ignore")
LAYOUT, THREADS, MODE, FOLDER = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
torch.set_num_threads(THREADS)
torch.manual_seed(1)
FORMAT = torch.channels_last if LAYOUT == "channels_last" else torch.contiguous_format


def blas():
    """The library of PyTorch's matrix products, as far as it is one of its own: of layers of matrices it decides the speed."""
    found = re.findall(r"/\S*(?:libblas|libopenblas|libmkl_rt|libblis)\S*", open("/proc/self/maps").read())
    return os.path.realpath(found[0]).replace(" ", "_") if found else "inside"


def stop(message):
    print("problem", message, flush=True)
    sys.exit(0)


def parameters_of(kind):
    """The parameters of a class; where it hands all it is given to its base, after the name of its kind, the base's."""
    for base in getattr(torch.nn, kind).__mro__:
        found = list(inspect.signature(base.__init__).parameters.values())[1:]
        if found and found[0].kind != inspect.Parameter.VAR_POSITIONAL:
            return {p.name: p for p in (found if base is getattr(torch.nn, kind) else found[1:])}
    return {}


def input_size(name, shape):
    """What PyTorch wants to be told of a layer's input: its channels, which stand first, or its last axis."""
    return shape[0] if "channels" in name or name == "num_features" else shape[-1]


def make(path, kind, shapes, arguments):
    """torch.nn.KIND with the spec's arguments and the sizes of its input."""
    if not hasattr(torch.nn, kind):
        stop(f"torch.nn has no {kind} ({path})")
    parameters = parameters_of(kind)
    for name in arguments:
        if name not in parameters:
            stop(f"torch.nn.{kind} has no argument {name} ({path})")
    given = dict(arguments)
    for name, p in parameters.items():
        if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD and name not in given:
            given[name] = input_size(name, shapes[0])
    if "batch_first" in parameters:
        given["batch_first"] = True
    return getattr(torch.nn, kind)(**given)


def call(m, path, *inputs):
    """The layer's first output; a layer that wants more inputs than the spec has gets the last one again."""
    part = m[path]
    wanted = [p for p in list(inspect.signature(part.forward).parameters.values())
              if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD]
    inputs = list(inputs) + [inputs[-1]]*(len(wanted) - len(inputs))
    out = part(*inputs)
    return out[0] if isinstance(out, tuple) else out


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.paths = [path for path, *_ in PARTS]
        self.parts = torch.nn.ModuleList([make(*part) for part in PARTS])

    def named(self, what):
        return {f"{path}.{name}": t for path, part in zip(self.paths, self.parts) for name, t in what(part)
                if t.is_floating_point()}

    def forward(self, *values):
        return forward(dict(zip(self.paths, self.parts)), *values)


def load_tensors(mine, table, file):
    values, at = numpy.fromfile(FOLDER + "/" + file, PRECISION), 0
    for name, count in table:
        if name not in mine or mine[name].numel() != count:
            stop(f"PyTorch's net has no tensor {name} of {count} numbers")
        with torch.no_grad():
            mine[name].copy_(torch.from_numpy(values[at:at + count]).reshape(mine[name].shape))
        at += count
    if len(mine) != len(table):
        stop(f"PyTorch's net has {len(mine)} tensors in place of the {len(table)} {file} of the spec")


def load_batch():
    raw, batch = open(FOLDER + "/batch", "rb").read(), []
    for name, is_integer, shape, offset, is_target in INPUTS:
        count = BATCH*int(numpy.prod(shape, dtype=int))
        values = numpy.frombuffer(raw, "int32" if is_integer else PRECISION, count, offset).reshape((BATCH,) + shape)
        tensor = torch.from_numpy(values.copy())
        tensor = tensor.long() if is_integer else tensor
        batch.append(tensor.contiguous(memory_format=FORMAT) if tensor.dim() == 4 else tensor)
    return batch


torch.set_default_dtype(getattr(torch, PRECISION))
net = Net()
load_tensors(net.named(lambda part: part.named_parameters()), PARAMETERS, "params")
load_tensors(net.named(lambda part: part.named_buffers()), STATES, "states")
batch = load_batch()
net = net.to(memory_format=FORMAT)
net.eval()
with torch.no_grad():
    loss_there = float(net(*batch))

if MODE == "train":
    net.train()
    kind, settings, clip = OPTIMIZER
    optimizer = getattr(torch.optim, kind)(net.parameters(), **settings)

    def step():
        optimizer.zero_grad(set_to_none=True)
        net(*batch).backward()
        if clip > 0:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
        optimizer.step()
else:
    run = net
    if MODE == "frozen":
        with torch.no_grad():
            run = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, tuple(batch))))

    def step():
        with torch.inference_mode():
            run(*batch)

for _ in range(5):
    step()
began = time.perf_counter()
for _ in range(3):
    step()
print("ready", torch.__version__, torch.get_num_threads(), loss_there, (time.perf_counter() - began)/3, blas(), flush=True)
for line in sys.stdin:
    step()
    steps, began = int(line), time.perf_counter()
    for _ in range(steps):
        step()
    print((time.perf_counter() - began)/steps, flush=True)
