"""--jit where LLVM is there: on a PATH without any compiler the same runs, files and numbers as by the C compiler."""
import csv
import math
import shutil
import signal

from harness import *

if not (os.environ.get("NETC_JIT") or (pathlib.Path(NETC).parent / "netc_jit.so").exists()):
    print("no netc_jit.so beside netc: built without LLVM")
    sys.exit(77)

BACKPROP = SPECS / "backprop.net"
MNIST = SPECS / "mnist_convblock.net"
# Without --strict the back ends contract and order sums differently: gradients of equal states differ by up to 1e-5 of a
# tensor's largest, and a weight moves by a tenth of its gradient. Later steps begin from different states, and where two
# elements of a max pool are nearly equal the gradient goes another way, which one step shows in some weights: hence the room.
LOOSE = 1e-3


def bare(folder, **changes):
    """An environment in which no program can be found, with a cache of its own."""
    (folder / "nothing").mkdir(exist_ok=True)
    return environment(PATH=folder / "nothing", CC=None, NETC_CACHE=folder / "cache", **changes)


def jit(folder, *words, **options):
    return run(words[0], *words[1:], "--jit", env=bare(folder), **options)


def same_run(a, b, what):
    equal((a / "checkpoint.safetensors").read_bytes(), (b / "checkpoint.safetensors").read_bytes(), f"{what}: checkpoint")
    tables = []
    for place in (a, b):
        with open(place / "metrics.csv", newline="") as f:
            tables.append([{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(f)])
    equal(*tables, f"{what}: metrics")


def near_run(a, b, what):
    left, right = tensors(a / "checkpoint.safetensors"), tensors(b / "checkpoint.safetensors")
    equal(sorted(left), sorted(right), f"{what}: names")
    for name, values in left.items():
        scale = max(map(abs, values)) or 1
        worst = max(abs(x - y) for x, y in zip(values, right[name])) / scale
        assert math.isfinite(worst) and worst <= LOOSE, f"{what}: {name} differs by {worst:g} of its largest"


RUNS = {
    "backprop": (BACKPROP,),
    "sigmoid_2_2_2": (SPECS / "sigmoid_2_2_2.net",),
    "mnist_convblock": (MNIST, "--data", SAMPLE, "--stop-after", 3),
}


def test_strict_runs_are_equal(folder):
    """Every bit of the checkpoint and the metrics, in both styles."""
    for name, words in RUNS.items():
        for style in ("plain", "fast"):
            a, b = folder / f"{name}-{style}-jit", folder / f"{name}-{style}-cc"
            jit(folder, "train", *words, "--strict", "--style", style, "--out", a, "--quiet")
            run("train", *words, "--strict", "--style", style, "--out", b, "--quiet")
            same_run(a, b, f"{name}, {style}")


def test_runs_are_near(folder):
    for name, words in RUNS.items():
        for style in ("plain", "fast"):
            a, b = folder / f"{name}-{style}-jit", folder / f"{name}-{style}-cc"
            # Adam would turn a gradient that is all rounding into a whole step.
            words = [*words, "--set", "optimizer=SGD(lr=0.1)", "--style", style, "--stop-after", 1, "--quiet"]
            jit(folder, "train", *words, "--out", a)
            run("train", *words, "--out", b)
            near_run(a, b, f"{name}, {style}")


def test_threads_do_not_matter(folder):
    for threads in (1, 2):
        jit(folder, "train", MNIST, "--data", SAMPLE, "--stop-after", 3, "--threads", threads, "--out",
            folder / str(threads), "--quiet")
    same_run(folder / "1", folder / "2", "threads")


def test_run_folder_knows(folder):
    """eval and predict of a run take the back end that it was trained with, unless the C compiler is named."""
    out = folder / "run"
    jit(folder, "train", MNIST, "--data", SAMPLE, "--stop-after", 3, "--strict", "--out", out, "--quiet")
    contains(json.loads((out / "run.json").read_text())["compiler"], "LLVM", "JIT")
    contains((out / "spec.net").read_text(), "#! jit\n", "#! strict\n")
    digit = folder / "digit.pgm"
    digit.write_bytes(b"P5\n28 28\n255\n" + bytes(range(256)) * 3 + bytes(16))
    for words in (["eval", out, "--data", SAMPLE], ["predict", out, digit]):
        said = run(*words, env=bare(folder)).stdout
        equal(jit(folder, *words).stdout, said, f"{words[0]} --jit")
        equal(run(*words, "--cc", "cc").stdout, said, f"{words[0]} by the C compiler")
    contains(run("eval", out, "--data", SAMPLE, "--cc", "no-such-compiler", env=bare(folder), code=3).stderr,
             "no-such-compiler")


def test_resume(folder):
    """A run that was killed goes on to the same bits; so does one that the C compiler began."""
    words = ["train", MNIST, "--data", SAMPLE, "--strict", "--style", "fast", "--checkpoint-every", 1]
    whole, killed = folder / "whole", folder / "killed"
    jit(folder, *words, "--stop-after", 5, "--out", whole, "--quiet")
    with subprocess.Popen(list(map(str, [NETC, *words, "--jit", "--epochs", 1000, "--out", killed, "--quiet"])),
                          env=bare(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        while child.poll() is None and not (killed / "checkpoint.safetensors").exists():
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
    begun = folder / "begun"
    begun.mkdir()
    run(*words, "--stop-after", 2, "--out", begun, "--quiet")
    for name, back_end in (("killed", ["--jit"]), ("begun", ["--jit"]), ("begun", ["--cc", "cc"])):
        checkpoint = folder / name / "checkpoint.safetensors"
        out = folder / f"{name}{back_end[0]}"
        shutil.copytree(folder / name, out)
        done = run(*words, *back_end, "--resume", checkpoint, "--stop-after", 5, "--out", out, "--quiet", code=None,
                   env=bare(folder) if back_end == ["--jit"] else None)
        if name == "killed" and "--stop-after" in done.stderr:
            continue  # the signal came after the fifth step
        equal(done.returncode, 0, done.stderr)
        equal((out / "checkpoint.safetensors").read_bytes(), (whole / "checkpoint.safetensors").read_bytes(),
              f"{name} resumed with {back_end[0]}")


def test_other_commands(folder):
    """gradcheck, trace, sweep, derive and sheet."""
    contains(jit(folder, "gradcheck", BACKPROP).stdout, ": ok")
    contains(jit(folder, "gradcheck", "--library", "--only", "LayerNorm").stdout, " 0 failed")
    traces = [jit(folder, "trace", BACKPROP, "--strict", "--all").stdout, run("trace", BACKPROP, "--strict", "--all").stdout]
    equal(*traces, "trace")
    assert len(traces[0].splitlines()) > 100, traces[0][:500]
    jit(folder, "sweep", BACKPROP, "--strict", "-o", folder / "a")
    run("sweep", BACKPROP, "--strict", "-o", folder / "b")
    equal((folder / "a/sweep.csv").read_text(), (folder / "b/sweep.csv").read_text(), "sweep.csv")
    jit(folder, "derive", BACKPROP, "--of", "w5", "-o", folder / "w5.md")
    contains((folder / "w5.md").read_text(), "w5")
    jit(folder, "worksheet", BACKPROP, "-o", folder / "sheet.html")


def entries(folder):
    return sorted((folder / "cache").iterdir())


def test_cache(folder):
    """Made once; another style or --strict is another entry; damage is noticed and mended."""
    words = ["train", BACKPROP, "--iterations", 2, "--quiet", "--out"]
    jit(folder, *words, folder / "1")
    equal([p.suffix for p in entries(folder)], [".o"], "entries")
    entry = entries(folder)[0]
    stamp, whole = entry.stat().st_mtime_ns, entry.read_bytes()
    jit(folder, *words, folder / "2")
    equal(entry.stat().st_mtime_ns, stamp, "the entry was made again")
    same_run(folder / "1", folder / "2", "from the cache")
    for damage in (whole[:len(whole) // 2], b"", whole[:100] + b"\0" + whole[101:], whole + b"x", whole[:-1]):
        entry.write_bytes(damage)
        jit(folder, *words, folder / "3")
        equal(len(entry.read_bytes()), len(whole), "the entry after damage")
        same_run(folder / "1", folder / "3", "after damage")
    for other, count in ((["--set", "lr=2.0"], 1), (["--strict"], 2), (["--set", "seed=5"], 2)):
        jit(folder, *words, folder / "other", *other)
        equal(len(entries(folder)), count, f"entries with {other}")  # settings and data are not code
    jit(folder, *words, folder / "4")
    same_run(folder / "1", folder / "4", "after others")
    foreign = folder / "foreign"
    foreign.mkdir()
    foreign.chmod(0o777)  # others could put code there, and it would be run
    run(*words, folder / "5", "--jit", env=bare(folder) | {"NETC_CACHE": str(foreign)})
    equal(list(foreign.iterdir()), [])


def test_nothing_without_asking(folder):
    """LLVM comes into the process with --jit alone."""
    for words, wanted in ((["--help"], False), (["check", BACKPROP], False), (["gradcheck", BACKPROP, "--jit"], True)):
        done = run(*words, env=bare(folder, LD_DEBUG="files", LD_DEBUG_OUTPUT=folder / "ld"))
        loaded = "".join(p.read_text() for p in folder.glob("ld.*"))
        for p in folder.glob("ld.*"):
            p.unlink()
        assert "libc.so" in loaded, loaded[:300]
        equal("netc_jit.so" in loaded, wanted, f"{words}: the plug-in is loaded")
        assert wanted or "LLVM" not in loaded, words


# --- emit

MAIN = """#include "{model}.h"
#include <stdio.h>
#include <string.h>
static {model}_params params, grads;
static {model}_batch batch;
static {model}_work work;
static {model}_results results;
{states}
int main(void) {{
    {real} *p = ({real} *)&params, *g = ({real} *)&grads;
    {fill}
    for (unsigned i = 0; i < sizeof params/sizeof *p; i++) p[i] = ({real})((int)(i*2654435761u % 1000u) - 500)/2000;
    for (int step = 0; step < 5; step++) {{
        {forward}
        {backward}
        for (unsigned i = 0; i < sizeof params/sizeof *p; i++) p[i] -= ({real})0.125*g[i];
        printf("%a\\n", *(double *)&results);
    }}
    for (unsigned i = 0; i < sizeof params/sizeof *p; i++) printf("%a\\n", (double)p[i]);
    return 0;
}}
"""
PROGRAMS = {
    "backprop": dict(real="double", states="", fill="batch.i1 = 0.05; batch.i2 = 0.1; batch.t1 = 0.01; batch.t2 = 0.99;",
                     forward="backprop_forward(&params, &batch, &work, &results);",
                     backward="backprop_backward(&params, &grads, &batch, &work);"),
    "mnist_convblock": dict(
        real="float", states="",
        fill="float *x = (float *)&batch.image; for (unsigned i = 0; i < sizeof batch.image/sizeof *x; i++) "
             "x[i] = (float)(i*40503u % 256u)/256; int *t = (int *)&batch.digit; "
             "for (unsigned i = 0; i < sizeof batch.digit/sizeof *t; i++) t[i] = (int)(i*7 % 10);",
        forward="mnist_convblock_forward(&params, &batch, &work, &results, 2, 1, (unsigned)step, 1);",
        backward="mnist_convblock_backward(&params, &grads, &batch, &work, 2, 1);"),
}
LIBM = set("exp expf log logf tanh tanhf sqrt sqrtf pow powf sin sinf cos cosf erf erff log1p log1pf expm1 expm1f floor "
           "floorf fabs fabsf fmax fmin fmaxf fminf memset memcpy memmove _GLOBAL_OFFSET_TABLE_".split())


# Beside netc in a build tree: what objects of strict models call.
STRICT = str(pathlib.Path(NETC).parent / "compiler/jit/libnetstrict.a")


def linked(folder, name, code, flags):
    """What a C program prints that includes the header and links this code."""
    (folder / "main.c").write_text(MAIN.format(model=name, **PROGRAMS[name]))
    done = subprocess.run(["gcc", "-std=c11", *flags, "-o", "main", "main.c", code, STRICT, "-lm"], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    equal(done.returncode, 0, done.stdout)
    return [float.fromhex(w) for w in run(program=str(folder / "main")).stdout.split()]


def test_object_in_a_c_program(folder):
    if not shutil.which("gcc"):
        return
    for name in PROGRAMS:
        for strict in ([], ["--strict"]):
            for style in ("plain", "fast"):
                words = ["emit", SPECS / f"{name}.net", "--batch-size", 2, "--style", style, *strict, "-o"]
                if name == "backprop":
                    words[2:4] = []
                c, obj = folder / f"{name}-{style}{''.join(strict)}-c", folder / f"{name}-{style}{''.join(strict)}-obj"
                run(*words, c)
                run(*words, obj, "--format", "obj", env=bare(folder))
                equal(sorted(p.name for p in obj.iterdir()), [f"{name}.h", f"{name}.o"], "files")
                equal((obj / f"{name}.h").read_text(), (c / f"{name}.h").read_text(), "the header")
                names = subprocess.run(["nm", "-u", str(obj / f"{name}.o")], stdout=subprocess.PIPE,
                                       universal_newlines=True).stdout.split()
                beyond = {n for n in names if len(n) > 1} - LIBM
                assert all(strict and n.startswith("net_strict_") for n in beyond), f"{name} {style}{strict}: needs {beyond}"
                flags = ["-O2", "-march=native", "-ffp-contract=off"]
                wanted = linked(c, name, f"{name}.c", flags)
                got = linked(obj, name, f"{name}.o", flags)
                equal(len(got), len(wanted))
                scale = max(map(abs, wanted))
                worst = max(abs(x - y) for x, y in zip(got, wanted)) / scale
                assert worst <= (0 if strict else LOOSE), f"{name} {style}{strict}: differs by {worst:g}"


def test_formats(folder):
    """Text for people, bitcode for tools; nothing of the machine's paths; the whole file or none."""
    run("emit", MNIST, "-o", folder / "out", "--format", "llvm", "--style", "fast", env=bare(folder))
    run("emit", MNIST, "-o", folder / "out", "--format", "bc", env=bare(folder))
    equal(sorted(p.name for p in (folder / "out").iterdir()),
          ["mnist_convblock.bc", "mnist_convblock.h", "mnist_convblock.ll"], "files")
    text = (folder / "out/mnist_convblock.ll").read_text()
    contains(text, "define ", "mnist_convblock_forward", "mnist_convblock_backward")
    for place in (str(folder), str(SOURCE), str(pathlib.Path(NETC).parent)):
        assert place not in text, place
    equal((folder / "out/mnist_convblock.bc").read_bytes()[:4], b"BC\xc0\xde", "bitcode begins")
    contains(run("check", BACKPROP, "--dump=llvm", env=bare(folder)).stdout, "define ", "backprop_forward")
    contains(run("emit", BACKPROP, "-o", folder, "--format", "obj", "--cpu", "no-such-cpu", code=3).stderr, "no-such-cpu")
    for option in ("--freestanding", "--inference"):
        contains(run("emit", BACKPROP, "-o", folder, "--format", "obj", option, code=2).stderr, option)
    contains(run("emit", BACKPROP, "-o", folder, "--cpu", "x86-64", code=2).stderr, "--cpu")
    (folder / "file").write_text("kept")
    run("emit", BACKPROP, "--format", "obj", "-o", folder / "file", code=3)
    equal((folder / "file").read_text(), "kept")


main()
