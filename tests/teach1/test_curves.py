"""netc sweep and netc plot: end points, tables, figures as trees of XML, and what is refused."""
import csv
import io

import figures
from harness import DATA, SPECS, contains, environment, equal, main, run, write

# The six rates of the worksheet after 100 updates, to the 12 digits that the lesson gives.
ENDS = {"0.1": 0.133510607335, "0.2": 0.079166423122, "0.5": 0.029166680236,
        "0.8": 0.016386628477, "1.0": 0.012395124175, "2.0": 0.005160108602}

FAR = """model far
precision f64
input x
target t
param w = 1
y = w*x
loss E = (y - t)^2
data {
  format = inline
  x = [1]
  t = [0]
}
train {
  iterations = 30
  batch_size = 1
  optimizer = SGD(lr=1, momentum=0)
}
"""


def rows(path):
    return list(csv.reader(io.StringIO(path.read_text())))


def fake_run(folder, name, text):
    (folder / name).mkdir()
    (folder / name / "metrics.csv").write_text(text)
    return folder / name


def test_worksheet(folder):
    out = run("sweep", SPECS / "backprop.net", "-o", folder / "s").stdout
    t = rows(folder / "s" / "sweep.csv")
    equal(t[0], ["lr", "iteration", "E_total"], "columns")
    equal(len(t), 1 + 6 * 101, "rows")
    wanted = rows(DATA / "backprop_e_total.csv")
    for a, b in zip(t[1:], wanted[1:]):
        equal(a[:2], b[:2], "lr and iteration")
        assert abs(float(a[2]) - float(b[2])) <= 1e-12 * float(b[2]), (a, b)
    ends = {r[0]: float(r[2]) for r in t[1:] if r[1] == "100"}
    for rate, loss in ENDS.items():
        assert abs(ends[rate] - loss) <= 1e-12, (rate, ends[rate])
        contains(out, f"lr={rate}: E_total {loss:.12f} after iteration 100")
    root = figures.read(folder / "s" / "sweep.svg")
    figures.inside(root)
    words = figures.texts(root)
    for word in ["backprop.net: sweep of lr", "iteration", "E_total", "0.25", "100"] + [f"lr={r}" for r in ENDS]:
        assert word in words, (word, words)
    lines = figures.curves(root)
    equal(len(lines), 6, "curves")
    ends = [line[-1][1] for line in lines]
    equal(ends, sorted(ends), "a larger rate ends lower in the figure (larger y)")
    equal(len({line[-1][0] for line in lines}), 1, "all end at the same iteration")


def test_same_bytes(folder):
    for name in "ab":
        run("sweep", SPECS / "backprop.net", "-o", folder / name, "--iterations", 5)
    for file in ("sweep.csv", "sweep.svg"):
        equal((folder / "a" / file).read_bytes(), (folder / "b" / file).read_bytes(), file)


def test_several_sweeps_multiply(folder):
    spec = write(folder, "far.net", FAR + "sweep lr in [0.1, 0.2]\nsweep momentum in [0, 0.5, 0.9]\n")
    run("sweep", spec, "-o", folder / "s", "--iterations", 3)
    t = rows(folder / "s" / "sweep.csv")
    equal(t[0], ["lr", "momentum", "iteration", "E"], "columns")
    equal(len(t), 1 + 6 * 4, "rows")
    w, v = 1.0, 0.0  # the last run by hand: PyTorch's momentum
    for r in t[-4:]:
        equal(r[:2], ["0.2", "0.9"], "the last sweep runs fastest")
        assert abs(float(r[3]) - w * w) <= 1e-12, (r, w * w)
        v = 0.9 * v + 2 * w
        w -= 0.2 * v
    equal(len(figures.curves(figures.read(folder / "s" / "sweep.svg"))), 6, "curves")
    again = folder / "again.svg"
    run("plot", *sorted(p for p in (folder / "s").iterdir() if p.is_dir()), "-o", again)
    equal(len(figures.curves(figures.read(again))), 6, "curves from the run folders")


def test_divergence_is_marked(folder):
    spec = write(folder, "far.net", FAR + "sweep lr in [0.1, 0.3, 1e30, 1e300]\n")
    done = run("sweep", spec, "-o", folder / "s")
    contains(done.stdout, "lr=1e30:", "then it diverged", "lr=0.3: E 0.0", "lr=1e300: E 1.000000000000 at iteration 0")
    root = figures.read(folder / "s" / "sweep.svg")
    assert "lr=1e30 (diverged)" in figures.texts(root)
    assert "1" in figures.texts(root) or "1.0" in figures.texts(root), "the lost curves do not widen the axis"
    equal(sum(1 for p in root.iter(figures.SVG + "path") if p.get("stroke-width") == "3"), 2, "crosses")


def test_refused_sweeps(folder):
    contains(run("sweep", SPECS / "backprop.net", code=2).stderr, "-o DIR")
    contains(run("sweep", SPECS / "custom_layers.net", "-o", folder / "s", code=2).stderr, "has no sweep")
    many = ", ".join(str(i) for i in range(1, 102))
    spec = write(folder, "many.net", FAR + f"sweep lr in [{many}]\nsweep momentum in [{many}]\n")
    contains(run("sweep", spec, "-o", folder / "s", code=2).stderr, "more than 10000 runs")
    write(folder, "file", "")
    run("sweep", SPECS / "backprop.net", "-o", folder / "file", code=3)
    equal((folder / "s").exists(), False, "nothing is written")


def test_epochs_training_and_test(folder):
    one = fake_run(folder, "one", "epoch,lr,loss,accuracy,test_loss,test_accuracy,seconds\n"
                   "1,0.001,2,0.25,2.5,0.2,1.0\n2,0.001,1,0.5,1.5,0.45,1.0\n3,0.001,0.5,0.75,1.25,0.5,1.0\n")
    two = fake_run(folder, "two", "epoch,lr,loss,accuracy,seconds\n1,0.1,3,0.125,1\n2,0.1,2,0.25,1\n")
    run("plot", one, "-o", folder / "one.svg")
    root = figures.read(folder / "one.svg")
    figures.inside(root)
    words = figures.texts(root)
    for word in ("one", "loss", "accuracy", "epoch", "training", "test", "80%", "1", "2", "3"):
        assert word in words, (word, words)
    lines = figures.curves(root)
    equal([len(line) for line in lines], [3, 3, 3, 3], "points")
    (train, test) = lines[:2]
    assert train[0][1] > test[0][1] and train[2][1] > test[2][1], "the loss of training is drawn lower"
    # y is linear in the value: 2, 1, 0.5 against 2.5, 1.5, 1.25
    unit = (train[1][1] - train[0][1]) / 1
    assert abs((test[2][1] - test[0][1]) - 1.25 * unit) < 0.05
    run("plot", str(one) + "/", two, "-o", folder / "both.svg", "--title", "<both> & \"more\"", "--log")
    words = figures.texts(figures.read(folder / "both.svg"))
    for word in ('<both> & "more"', "one, training", "one, test", "two, training", "10"):
        assert word in words, (word, words)


def test_golden_figure(folder):
    """The whole file: any change of a figure's look shows here. --bless is: copy the new one over it."""
    wanted = DATA.parent / "teach1" / "golden" / "three_epochs.svg"
    text = "epoch,lr,loss,test_loss,seconds\n1,0.1,2,2.5,1\n2,0.1,1,1.75,1\n3,0.1,0.5,1.5,1\n"
    run("plot", fake_run(folder, "three_epochs", text), "-o", folder / "g.svg")
    equal((folder / "g.svg").read_text(), wanted.read_text(), "the figure")


def test_refused_plots(folder):
    good = "iteration,lr,E\n0,1,1\n1,1,0.5\n"
    by_step = fake_run(folder, "by_step", good)
    by_epoch = fake_run(folder, "by_epoch", "epoch,lr,E,seconds\n1,1,1,1\n")
    other = fake_run(folder, "other", "iteration,lr,loss\n0,1,1\n")
    out = ("-o", folder / "x.svg")
    contains(run("plot", by_step, code=2).stderr, "-o FILE.svg")
    contains(run("plot", by_step, "-o", folder / "x.pdf", code=2).stderr, ".svg or .png")
    contains(run("plot", folder / "none", *out, code=3).stderr, "there is no run folder")
    contains(run("plot", folder, *out, code=3).stderr, "it has no metrics.csv")
    contains(run("plot", by_step, by_epoch, *out, code=2).stderr, "counted by iteration", "two figures")
    contains(run("plot", by_step, other, *out, code=2).stderr, "the loss of", "is E", "is loss")
    contains(run("plot", by_step, "-o", folder / "no" / "x.svg", code=3).stderr, "cannot write")
    bad = {"a": ("", "the first column must be"), "b": ("iteration,lr,E\n", "no rows"),
           "c": (good + "2,1\n", "metrics.csv:4: there are fewer cells"), "d": (good + "2,1,x\n", "'x' is no number"),
           "e": (good + "2,1,1,1\n", "metrics.csv:4: there are more cells"), "f": ("iteration,lr\n", "no column of the loss"),
           "g": (good + '2,1,"1\n', "a quote is not closed"), "h": (good + "2,1,1\0\n", "it is no text"),
           "i": (good + "inf,1,1\n", "metrics.csv:4: 'inf' is no count of steps")}
    for name, (text, message) in bad.items():
        contains(run("plot", fake_run(folder, name, text), *out, code=3).stderr, message)
    equal((folder / "x.svg").exists(), False, "nothing is written")
    not_finite = fake_run(folder, "inf", "iteration,lr,E\n0,1,1\n1,1,inf\n2,1,nan\n")
    run("plot", not_finite, *out)
    figures.read(folder / "x.svg")


def test_any_numbers(folder):
    """Whatever the numbers, the figure is whole."""
    most, least = "1.7e308", "5e-324"
    series = [["0", "0"], [most, f"-{most}"], [least, f"{least}"], [least, "1"], ["1e-300", "1e300"], ["nan", "nan"], ["-1", "-1e-9"],
              ["1", "1.0000000000000002"], ["inf", "1"]]
    for number, values in enumerate(series):
        text = "iteration,lr,E\n" + "".join(f"{i},1,{v}\n" for i, v in enumerate(values))
        one = fake_run(folder, str(number), text)
        for options in ((), ("--log",)):
            run("plot", one, "-o", folder / "x.svg", *options)
            figures.inside(figures.read(folder / "x.svg"))
    long = fake_run(folder, "long", "iteration,lr,E\n" + "".join(f"{i},1,{(i * 7919) % 1000}\n" for i in range(200000)))
    run("plot", long, "-o", folder / "long.svg")
    equal((folder / "long.svg").stat().st_size < 100000, True, "many points make no large file")
    figures.read(folder / "long.svg")


def test_png_needs_gnuplot(folder):
    one = fake_run(folder, "one", "iteration,lr,E\n0,1,1\n1,1,0.5\n2,1,0.25\n")
    nothing = environment(PATH=folder)
    refused = run("plot", one, "-o", folder / "x.png", env=nothing, code=3).stderr
    contains(refused, "gnuplot is not installed", "apt-get install gnuplot-nox", ".svg")


main()
