"""`netc bench` runs and prints what it promises. No time is judged.

    test_bench.py NETC FOLDER_OF_SPECS
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

NETC, SPECS = sys.argv[1], pathlib.Path(sys.argv[2])
TINY = """
model tiny
input  x[2, 6, 6]
target kind: class(3)
network x -> y { Conv2d(4, kernel_size=3); BatchNorm2d; ReLU; Flatten; Linear(3) }
loss CrossEntropyLoss
metric accuracy
train { epochs = 1; batch_size = 8; optimizer = SGD(lr=0.01, momentum=0.9) }
""".replace("; ", "\n")
BY_HAND = """
model by_hand
input  x[3]
target t[2]
param w[2, 3] = uniform(-1, 1)
y[j] = sum(i: w[j, i]*x[i])
loss L = sum(j: (y[j] - t[j])^2)
train {
  epochs = 1
  batch_size = 4
  optimizer = SGD(lr=0.01)
}
"""
RATIO = r"ratio \d+\.\d\d \(%s \d+\.\d us, netc \d+\.\d us\)"


def bench(folder, text, *options):
    path = pathlib.Path(folder) / "spec.net"
    path.write_text(text)
    done = subprocess.run([NETC, "bench", str(path), "--runs", "1", *options], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def check(truth, what, *shown):
    if not truth:
        sys.exit(f"{what}: " + "\n".join(map(str, shown)))


def last_line(out):
    return out.strip().splitlines()[-1]


def has_torch():
    return subprocess.run(["/usr/bin/python3", "-c", "import torch"], stderr=subprocess.DEVNULL).returncode == 0


with tempfile.TemporaryDirectory() as folder:
    code, out, err = bench(folder, TINY)
    check(code == 0, "training", out, err)
    for wanted in ("tiny, style fast, training, batch 8", "us a sample", "of the direct-convolution FMA peak", "peak of the process", "parameters", "forward", "backward",
                   "optimizer"):
        check(wanted in out, f"'{wanted}' is missing", out)
    # Forward: 4*4*4 positions of 4 channels, 2*9 taps, and 64*3; backward at least the weights' gradients.
    forward, backward = map(int, re.search(r"(\d+) forward, (\d+) backward", out).groups())
    check(forward >= 16*4*18 + 64*3 and backward >= forward, "multiply-adds", out)

    code, out, err = bench(folder, TINY, "--vs", "plain", "--threads", "1", "--batch-size", "4")
    check(code == 0 and re.fullmatch(RATIO % "plain", last_line(out)), "--vs plain", out, err)
    check("batch 4, 1 threads" in out, "--batch-size, --threads", out)

    code, out, err = bench(folder, TINY, "--inference", "--style", "plain")
    check(code == 0 and "style plain, inference" in out, "--inference", out, err)

    code, out, err = bench(folder, BY_HAND, "--vs", "torch")
    check(code == 1 and "no equal" in err, "equations have no PyTorch", out, err)
    code, out, err = bench(folder, re.sub(r"^loss.*$", "", BY_HAND, flags=re.M))
    check(code == 1 and "no loss" in err, "a spec without loss", out, err)

    if os.environ.get("NETC_JIT") or (pathlib.Path(NETC).parent / "netc_jit.so").exists():
        code, out, err = bench(folder, TINY, "--jit", "--vs", "cc", "--rival-cc", "cc")
        check(code == 0 and re.fullmatch(RATIO.replace("netc", "jit") % "cc", last_line(out)), "--jit --vs cc", out, err)
        check(re.search(r"jit \d+ ms from the spec to running code, cc \d+ ms", out), "time to running code", out)
    else:
        print("LLVM was not found: --jit was not tried")

    if has_torch():
        code, out, err = bench(folder, TINY, "--vs", "torch")
        check(code == 0 and re.fullmatch(RATIO % "torch", last_line(out)), "--vs torch", out, err)
        check("channels_last" in out and "MALLOC_" in out, "PyTorch's settings", out)
        code, out, err = bench(folder, TINY.replace("Linear(3)", "SoftLinear").replace(
            "network", "layer SoftLinear() (v[I]) -> w[3] { param u[3, I] = 0.1\n for k < 3: w[k] = sum(i: u[k, i]*v[i]) }\nnetwork"),
            "--vs", "torch")
        check(code == 1 and "torch.nn has no SoftLinear" in err, "a layer of one's own", out, err)
    else:
        print("PyTorch was not found: --vs torch was not tried")

for path in sorted((SPECS / "bench").glob("*.net")):
    done = subprocess.run([NETC, "check", str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True)
    check(done.returncode == 0, path.name, done.stdout)
print("ok")
