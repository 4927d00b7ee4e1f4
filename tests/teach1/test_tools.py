"""What gnuplot and graphviz make of our figures. Skipped (77) where one of them is missing."""
import re
import shutil
import sys

from harness import SPECS, contains, equal, main, run

PNG = b"\x89PNG\r\n\x1a\n"


def test_gnuplot(folder):
    (folder / "one").mkdir()
    (folder / "one" / "metrics.csv").write_text("epoch,lr,E,accuracy,test_E,test_accuracy,seconds\n"
                                                "1,1,1,0.5,1.5,0.5,1\n2,1,0.5,0.75,1,0.5,1\n")
    title = "it's `date` @x \\ \"q\""  # gnuplot would run the command in backquotes
    run("plot", folder / "one", "-o", folder / "x.png", "--title", title)
    equal((folder / "x.png").read_bytes()[:8], PNG, "a PNG")
    run("plot", folder / "one", "-o", folder / "g.svg", "--gnuplot", "--log", "--title", title)
    text = re.sub(r"<[^>]*>", "", (folder / "g.svg").read_text()).replace("&#39;", "'")
    contains(text, "it's", "training", "test", "accuracy (%)", "epoch")
    equal(re.search(r"20\d\d", text), None, "no command was run")
    run("plot", folder / "one", "-o", folder / "h.svg", "--gnuplot", "--log", "--title", title)
    equal((folder / "h.svg").read_bytes(), (folder / "g.svg").read_bytes(), "the bytes")


def test_gnuplot_of_a_sweep(folder):
    run("sweep", SPECS / "backprop.net", "-o", folder / "s", "--iterations", 3, "--gnuplot")
    equal((folder / "s" / "sweep.png").read_bytes()[:8], PNG, "a PNG")
    contains((folder / "s" / "sweep-gnuplot.svg").read_text(), "lr=0.8")


def test_graphviz(folder):
    for spec, words in (("backprop", ("a_h1", "w1 = 0.15")), ("mnist_convblock", ("dense.linear", "[90]"))):
        run("graph", SPECS / f"{spec}.net", "-o", folder / "g.png")
        equal((folder / "g.png").read_bytes()[:8], PNG, "a PNG")
        run("graph", SPECS / f"{spec}.net", "--graphviz", "-o", folder / "v.svg")
        contains((folder / "v.svg").read_text(), "<svg", *words)


if not (shutil.which("gnuplot") and shutil.which("dot")):
    print("gnuplot or graphviz is missing")
    sys.exit(77)
main()
