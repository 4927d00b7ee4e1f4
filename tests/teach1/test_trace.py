"""netc trace: the reference table of the worksheet, other nets against training itself, refusals."""
import csv
import io
import re

from harness import DATA, SAMPLE, SOURCE, SPECS, contains, equal, main, run, write

REFERENCE = DATA / "backprop_steps.csv"  # made by an independent program, 17 digits
SOFTMAX = SOURCE / "tests" / "teach1" / "specs" / "softmax_3_4_2.net"
# 100 steps in double precision: other orders of the same sums differ by some 1e-16 a step.
CLOSE = 1e-12


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def near(got, wanted, what):
    a, b = float(got), float(wanted)
    if abs(a - b) > CLOSE * abs(b):
        raise AssertionError(f"{what}: got {got}, wanted {wanted}")


def column(table, name):
    return [float(r[table[0].index(name)]) for r in table[1:]]


def test_reference(folder):
    out = folder / "steps.csv"
    run("trace", SPECS / "backprop.net", "--sweep", "-o", out)
    equal(out.read_text().splitlines()[0], REFERENCE.read_text().splitlines()[0], "header")
    got, wanted = rows(out.read_text()), rows(REFERENCE.read_text())
    equal(len(got), len(wanted), "rows")
    for number, (a, b) in enumerate(zip(got[1:], wanted[1:]), 1):
        equal(a[:2], b[:2], f"lr and step of row {number}")
        for name, x, y in zip(wanted[0][2:], a[2:], b[2:]):
            near(x, y, f"row {number}, {name}")


def test_one_rate(folder):
    got = rows(run("trace", SPECS / "backprop.net").stdout)
    wanted = rows(REFERENCE.read_text())
    equal(got[0], wanted[0], "header")
    for a, b in zip(got[1:], [r for r in wanted if r[0] == "2.0"]):
        for name, x, y in zip(wanted[0], a, b):
            near(x, y, name)
    equal(len(got), 102, "rows")
    other = rows(run("trace", SPECS / "backprop.net", "--set", "lr=0.5").stdout)
    last = [r for r in wanted if r[:2] == ["0.5", "100"]][0]
    near(other[-1][24], last[24], "E_total after 100 updates at 0.5")


def test_all_gradients(folder):
    """The gradients of values obey the chain rule of this net, written by hand."""
    t = rows(run("trace", SPECS / "backprop.net", "--all", "--iterations", 3).stdout)
    equal(len(t), 5, "rows")
    d = {name: column(t, name) for name in t[0]}
    for i in range(4):
        a = {name: d[name][i] for name in d}
        near(a["dE_total/da_o1"], a["a_o1"] - a["t1"], "a_o1")
        near(a["dE_total/do2"], (a["a_o2"] - a["t2"]) * a["a_o2"] * (1 - a["a_o2"]), "o2")
        near(a["dE_total/da_h1"], a["dE_total/do1"] * a["w5"] + a["dE_total/do2"] * a["w7"], "a_h1")
        near(a["dE_total/di1"], a["dE_total/dh1"] * a["w1"] + a["dE_total/dh2"] * a["w3"], "i1")
        equal(a["dE_total/dE1"], 1.0, "E1")


def test_layers_are_the_same_net(folder):
    t = rows(run("trace", SPECS / "sigmoid_2_2_2.net").stdout)
    equal(t[0][:11], ["lr", "step", "t[0]", "t[1]", "x[0]", "x[1]", "linear_1.weight[0,0]", "linear_1.weight[0,1]",
                      "linear_1.weight[1,0]", "linear_1.weight[1,1]", "linear_1[0]"], "columns")
    wanted = [r for r in rows(REFERENCE.read_text()) if r[0] == "2.0"]
    header = rows(REFERENCE.read_text())[0]
    for ours, theirs in [("linear_1.weight[1,0]", "w3"), ("y[1]", "a_o2"), ("E_total", "E_total"),
                         ("dE_total/dlinear_2.weight[1,1]", "dE_total/dw8")]:
        for x, r in zip(column(t, ours), wanted):
            near(x, r[header.index(theirs)], ours)


def test_steps_are_those_of_training(folder):
    """Batches, shuffling, schedule and optimizer: the loss of each row is the one that netc train logs."""
    text = SOFTMAX.read_text().replace("batch_size = 4", "batch_size = 3\n  shuffle = true\n"
                                       "  scheduler = StepLR(step_size=4, gamma=0.5)")
    spec = write(folder, "s.net", text)
    run("train", spec, "--out", folder / "run", "--quiet", "--style", "plain")
    log = rows((folder / "run" / "metrics.csv").read_text())
    t = rows(run("trace", spec).stdout)
    equal(column(t, "loss_mean"), column(log, "loss"), "losses")
    equal(column(t, "lr"), column(log, "lr"), "learning rates")
    equal([t[0].count(name) for name in ("x[2,1]", "x[3,1]", "accuracy_mean")], [1, 0, 1], "columns")


def test_short_batches_and_samples(folder):
    spec = write(folder, "s.net", SOFTMAX.read_text().replace("batch_size = 4", "batch_size = 3\n  shuffle = false"))
    t = rows(run("trace", spec, "--steps", "0..2").stdout)
    equal([r[t[0].index("x[2,0]")] for r in t[1:]], ["0.5", "", "0.5"], "a batch of one sample has empty cells")
    one = rows(run("trace", spec, "--steps", "..2", "--sample", 2, "--tensor", "x").stdout)
    equal(one[0], ["lr", "step", "x[0]", "x[1]", "x[2]"], "columns")
    equal([r[2] for r in one[1:]], ["0.5", "", "0.5"], "the sample")


def test_summary(folder):
    t = rows(run("trace", SOFTMAX, "--summary", "--steps", 3).stdout)
    full = rows(run("trace", SOFTMAX, "--steps", 3).stdout)
    equal(t[0][:8], ["lr", "step", "tensor", "count", "min", "max", "mean", "norm"], "columns")
    for r in t[1:]:
        values = [float(x) for name, x in zip(full[0][2:], full[1][2:]) if re.sub(r"\[.*", "", name) == r[2]]
        equal(int(r[3]), len(values), f"count of {r[2]}")
        equal((float(r[4]), float(r[5])), (min(values), max(values)), f"range of {r[2]}")
        if abs(float(r[6]) - sum(values) / len(values)) > 1e-15:
            raise AssertionError(f"mean of {r[2]}")
        near(r[7], sum(v * v for v in values) ** 0.5, f"norm of {r[2]}")
        equal(sum(int(c) for c in r[8:]), len(values), f"bins of {r[2]}")


def test_pages(folder):
    for ending in ("md", "html"):
        run("trace", SPECS / "backprop.net", "--iterations", 2, "-o", folder / f"steps.{ending}")
    text = (folder / "steps.md").read_text()
    contains(text, "| lr | step | t1 |", "| 0.2425198573 |", "| dE\\_total/dw8 |")
    equal(text.count("\n|"), 5, "rows")
    page = (folder / "steps.html").read_text()
    contains(page, '<small>weight</small>w1</th>', 'title="0.24251985734837728">0.2425198573<', "color-scheme:light dark")
    equal(page.count("<tr>"), 4, "rows")
    for word in ("<script", "http:", "https:"):
        equal(word in page, False, word)


def test_large_nets(folder):
    spec = SPECS / "mnist_convblock.net"
    refused = run("trace", spec, "--data", SAMPLE, code=2).stderr
    contains(refused, "numbers a step, a table shows at most 200", "--tensor NAME", "--sample I", "--summary")
    contains(run("trace", spec, "--tensor", "dense.linear", code=2).stderr, "at most 200")
    contains(run("trace", spec, "--tensor", "log_prob", code=2).stderr, "did you mean log_probs")
    contains(run("trace", spec, "--sample", 128, "--tensor", "log_probs", code=2).stderr, "a batch has 128 samples")
    small = ("trace", spec, "--data", SAMPLE, "--batch-size", 4, "--steps", "0..1")
    t = rows(run(*small, "--tensor", "log_probs", "--tensor", "dense.linear.bias", "--sample", 1).stdout)
    equal((t[0][2], t[0][12], len(t), len(t[1])), ("dense.linear.bias[0]", "log_probs[0]", 3, 22), "chosen columns")
    s = rows(run(*small, "--summary").stdout)
    equal([r[3] for r in s if r[2] == "image"], ["3136", "3136"], "numbers of four images")


def test_divergence(folder):
    """A loss that leaves the numbers ends its rows and says so with exit code 4; the table is kept."""
    spec = write(folder, "far.net", "model far\nprecision f64\ninput x\ntarget t\nparam w = 1\ny = w*x\nloss E = (y - t)^2\n"
                 "data {\n  format = inline\n  x = [1]\n  t = [0]\n}\n"
                 "train {\n  iterations = 50\n  batch_size = 1\n  optimizer = SGD(lr=1e30)\n}\nsweep lr in [0.1, 1e30]\n")
    done = run("trace", spec, "--sweep", "-o", folder / "far.csv", code=4)
    contains(done.stderr, "with lr=1e30 the loss is not finite")
    t = rows((folder / "far.csv").read_text())
    equal(sum(r[0] == "0.1" for r in t), 51, "rows of the run that converges")
    equal(2 < sum(r[0] == "1e30" for r in t) < 50, True, "rows of the run that does not")


def test_sweeps_of_constants(folder):
    text = SOFTMAX.read_text().split("sweep")[0].replace("Linear(4)", "Linear(H)").replace("input  x[3]", "const H = 4\nconst k = 1\ninput  x[3]")
    same = write(folder, "same.net", text.replace("  Tanh\n", "  k*tanh(_)\n") + "sweep k in [1, 1/2]\n")
    t = rows(run("trace", same, "--sweep", "--iterations", 1, "--sample", 0).stdout)
    equal(t[0][:3], ["k", "lr", "step"], "keys")
    equal([r[:1] + r[2:3] for r in t[1:]], [["1", "0"], ["1", "1"], ["1/2", "0"], ["1/2", "1"]], "values as written")
    hidden = [i for i, name in enumerate(t[0]) if name == "dloss/dlinear_1.bias[0]"][0]
    equal(t[1][hidden] != t[3][hidden], True, "the constant has an effect")
    other = write(folder, "other.net", text + "sweep H in [3, 4]\n")
    contains(run("trace", other, "--sweep", code=2).stderr, "changes the shapes", "--set")
    run("sweep", other, "-o", folder / "s", "--iterations", 2)
    contains(run("sweep", same, "-o", folder / "k", "--iterations", 2).stdout, "k=1/2: loss")
    equal(sorted(p.name for p in (folder / "k").iterdir()), ["1-k=1", "2-k=1_2", "sweep.csv", "sweep.svg"], "files")


def test_wrong_use(folder):
    spec = SPECS / "backprop.net"
    contains(run("trace", spec, "-o", folder / "x.txt", code=2).stderr, ".csv, .md or .html")
    contains(run("trace", spec, "-o", folder / "no" / "x.csv", code=3).stderr, "cannot write")
    contains(run("trace", spec, "--steps", "7..3", code=2).stderr, "A not above B")
    contains(run("trace", spec, "--steps", "x", code=2).stderr, "A..B")
    contains(run("trace", spec, "--steps", "101..", code=2).stderr, "steps 0 to 100")
    contains(run("trace", spec, "--tensor", "w9", code=2).stderr, "did you mean w")
    contains(run("trace", SPECS / "custom_layers.net", "--sweep", code=2).stderr, "has no sweep")
    contains(run("trace", spec, "--set", "lr=0.1x", code=1).stderr, "error")
    contains(run("trace", spec, "--set", "iterations=2000000", code=2).stderr, "--steps A..B")


main()
