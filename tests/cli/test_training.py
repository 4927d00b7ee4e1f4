"""train, eval, predict, build: the lesson of the worksheet to 1e-12, run folders, compiled trainers, the cache."""
import csv
import platform
import shutil

from harness import *

# The worksheet's sums are short; 1e-12 relative leaves room for another order of a handful of additions.
WORKSHEET = 1e-12


def rows(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f))


def near(got, wanted, what):
    if not abs(got - wanted) <= WORKSHEET * abs(wanted):
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def test_worksheet(folder):
    """E_total of every iteration and the final weights, for all six learning rates."""
    errors = {(r["lr"], int(r["step"])): float(r["E_total"]) for r in rows(DATA / "backprop_e_total.csv")}
    weights = {r["lr"]: r for r in rows(DATA / "backprop_weights.csv")}
    equal(len(weights), 6)
    for lr, final in weights.items():
        out = folder / f"run{lr}"
        run("train", SPECS / "backprop.net", "--out", out, "--set", f"lr={lr}", "--quiet")
        got = rows(out / "metrics.csv")
        first = int(got[0]["iteration"])
        for row in got:
            step = int(row["iteration"]) - first
            near(float(row["E_total"]), errors[lr, step], f"E_total at lr {lr}, step {step}")
        assert len(got) >= 100, len(got)
        found = tensors(out / "checkpoint.safetensors")
        for i in range(1, 9):
            name = next(n for n in found if n.split("/")[-1] == f"w{i}" or n == f"param.w{i}" or n == f"w{i}")
            near(found[name][0], float(final[f"w{i}"]), f"w{i} at lr {lr}")


def test_yaml_trains_alike(folder):
    run("train", SPECS / "backprop.net", "--out", folder / "a", "--quiet")
    run("train", SPECS / "backprop.yaml", "--out", folder / "b", "--quiet")
    equal((folder / "a/checkpoint.safetensors").read_bytes(), (folder / "b/checkpoint.safetensors").read_bytes(),
          "checkpoint")


def test_new_spec_trains(folder):
    run("new", "mine", cwd=folder)
    text = run("train", "mine.net", cwd=folder).stdout
    contains(text, "run folder: runs/mine")
    contains(run("train", "mine.net", "--epochs", "2", cwd=folder).stdout, "run folder: runs/mine-2")
    last = rows(folder / "runs/mine/metrics.csv")[-1]
    assert float(last["E"]) < 0.02, last


def test_run_folder_is_enough(folder):
    """eval and predict from a run folder alone: overrides and imports travel with it."""
    write(folder, "parts.net", "layer Twice(factor=2) (x[..]) -> y[..] { y = factor*x }\n")
    spec = write(folder, "net.net", """model imported
import "parts.net"
const WIDTH = 3
input x[2]
target t[1]
network x -> y { Linear(WIDTH); Twice; Tanh; Linear(1) }
loss MSELoss
data { format = inline; x = [[0, 1], [1, 0], [1, 1]]; t = [[1], [1], [0]] }
train { epochs = 3; batch_size = 2; optimizer = SGD(lr=0.1) }
""")
    out = folder / "run"
    run("train", spec, "--out", out, "--set", "WIDTH=5", "--quiet")
    (folder / "parts.net").unlink()
    spec.unlink()
    contains(run("eval", out).stdout, "loss")
    rows_file = write(folder, "rows.csv", "x_1,x_2\n0,1\n1,1\n")
    done = run("predict", out, rows_file, code=None)
    if done.returncode:  # the header may have to name the columns otherwise; the message says how
        contains(done.stderr, "column")


def test_eval_needs_weights(folder):
    contains(run("eval", SPECS / "backprop.net", code=2).stderr, "--weights")
    (folder / "empty").mkdir()
    contains(run("eval", folder / "empty", code=3).stderr, "spec.net")


def test_mnist_sample(folder):
    out = folder / "run"
    run("train", SPECS / "mnist_convblock.net", "--data", SAMPLE, "--epochs", 1, "--out", out, "--quiet")
    logged = rows(out / "metrics.csv")[-1]
    text = run("eval", out, "--data", SAMPLE).stdout
    contains(text, f"test accuracy: {100*float(logged['test_accuracy']):.2f}%")
    pixels = bytes(range(256)) * 3 + bytes(16)
    (folder / "digit.pgm").write_bytes(b"P5\n28 28\n255\n" + pixels)
    numbers = [float(w) for w in run("predict", out, folder / "digit.pgm").stdout.replace(",", " ").split()
               if w.replace(".", "").replace("e-", "").isdigit()]
    assert len(numbers) >= 10, numbers


def test_threads_do_not_matter(folder):
    for threads in (1, 2):
        run("train", SPECS / "mnist_convblock.net", "--data", SAMPLE, "--stop-after", 3, "--threads", threads,
            "--out", folder / str(threads), "--quiet")
    equal((folder / "1/checkpoint.safetensors").read_bytes(), (folder / "2/checkpoint.safetensors").read_bytes())


def test_built_trainer(folder):
    trainer = folder / "trainer"
    run("build", SPECS / "mnist_convblock.net", "-o", trainer)
    empty = folder / "empty"
    empty.mkdir()
    done = subprocess.run(["env", "-i", str(trainer), "--data", str(SAMPLE), "--epochs", "1"], cwd=empty,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, timeout=600)
    equal(done.returncode, 0, done.stdout)
    contains(done.stdout, "Epoch: 01 | loss: ", "accuracy: ")


def test_trainer_equals_train(folder):
    run("build", SPECS / "backprop.net", "-o", folder / "trainer")
    run("--out", folder / "a", "--quiet", program=str(folder / "trainer"))
    run("train", SPECS / "backprop.net", "--out", folder / "b", "--quiet")
    equal((folder / "a/metrics.csv").read_text(), (folder / "b/metrics.csv").read_text(), "metrics.csv")


def test_shared_object(folder):
    run("build", SPECS / "backprop.net", "--shared", "--keep-values", "--input-gradients", "-o", folder / "m.so")
    names = subprocess.run(["nm", "-D", "--defined-only", str(folder / "m.so")], stdout=subprocess.PIPE,
                           universal_newlines=True).stdout
    contains(names, " net_model\n")
    assert "net_train" not in names, names


def test_keep(folder):
    run("build", SPECS / "backprop.net", "-o", folder / "t", "--keep", folder / "c")
    equal(sorted(p.name for p in (folder / "c").iterdir()),
          ["backprop.c", "backprop.h", "backprop_main.c", "backprop_model.c", "net_model.h", "net_runtime.h"])


def test_missing_compiler(folder):
    text = run("build", SPECS / "backprop.net", "-o", folder / "t", "--cc", "no-such-compiler", code=3).stderr
    contains(text, "no-such-compiler", "--cc")
    assert not (folder / "t").exists()


def test_no_memory(folder):
    big = write(folder, "big.net", "model big\ninput x[100000]\nnetwork x -> y { Linear(10000000, bias=false) }\n"
                                   "loss L = sum(i: y[i]^2)\ndata { format = csv; train = \"none.csv\" }\n"
                                   "train { optimizer = SGD(lr=0.1) }\n")
    done = run("train", big, "--out", folder / "run", code=None)
    assert done.returncode in (1, 3), done.returncode
    assert not (folder / "run/checkpoint.safetensors").exists()


def cache_entries(folder):
    return sorted(p for p in folder.rglob("*.so"))


def test_cache(folder):
    cache = folder / "cache"
    env = environment(NETC_CACHE=cache)
    words = ["train", SPECS / "backprop.net", "--iterations", 2, "--quiet", "--out"]
    run(*words, folder / "1", env=env)
    entries = cache_entries(cache)
    equal(len(entries), 1, "entries")
    stamp = entries[0].stat().st_mtime_ns
    run(*words, folder / "2", env=env)
    equal(entries[0].stat().st_mtime_ns, stamp, "the entry was made again")
    whole = entries[0].read_bytes()
    for damage in (whole[:len(whole) // 2], b"", whole[:2000] + b"\0" + whole[2001:], whole + b"x"):
        entries[0].write_bytes(damage)
        run(*words, folder / "3", env=env)
        equal(entries[0].read_bytes(), whole, "the entry after damage")
    run(*words, folder / "4", "--cflags=-O1", env=env)
    equal(len(cache_entries(cache)), 2, "entries with other flags")


def test_cache_places(folder):
    words = ["train", SPECS / "backprop.net", "--iterations", 2, "--quiet", "--out"]
    run(*words, folder / "1", env=environment(NETC_CACHE=None, XDG_CACHE_HOME=folder / "xdg"))
    equal(len(cache_entries(folder / "xdg/netc")), 1)
    (folder / "file").write_text("")
    temporary = folder / "tmp"
    temporary.mkdir()
    run(*words, folder / "2", env=environment(NETC_CACHE=folder / "file/below", TMPDIR=temporary))
    equal(list(temporary.iterdir()), [], "what a temporary cache leaves")
    foreign = folder / "foreign"
    foreign.mkdir()
    foreign.chmod(0o777)  # others could put a library there, and it would be run
    run(*words, folder / "3", env=environment(NETC_CACHE=foreign, TMPDIR=temporary))
    equal(cache_entries(foreign), [])


def test_unwritable_output(folder):
    (folder / "file").write_text("kept")
    run("train", SPECS / "backprop.net", "--out", folder / "file", code=3)
    run("emit", SPECS / "backprop.net", "-o", folder / "file", code=3)
    equal((folder / "file").read_text(), "kept")


def test_target(folder):
    if platform.machine() != "x86_64":
        return
    out = folder / "run"
    run("train", SPECS / "backprop.net", "--target", "x86-64-v2", "--iterations", "3", "--out", out, "--quiet")
    contains((out / "spec.net").read_text(), "#! target x86-64-v2\n")
    both = run("train", SPECS / "backprop.net", "--target", "x86-64-v2", "--jit", code=2)
    contains(both.stderr, "--target is for the C compiler")


main()
