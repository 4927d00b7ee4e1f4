"""netc graph: the neurons of small nets, the stages of large ones, read back from the pictures."""
import re

import figures
from harness import DATA, SOURCE, SPECS, contains, environment, equal, main, run, write

SOFTMAX = SOURCE / "tests" / "teach1" / "specs" / "softmax_3_4_2.net"


def draw(folder, spec, *options):
    run("graph", spec, "-o", folder / "g.svg", *options)
    root = figures.read(folder / "g.svg")
    figures.inside(root)
    return root


def edges(root):
    """The tips of the edges: "w1 = 0.15: i1 to h1"."""
    return sorted(p.find(figures.SVG + "title").text for p in root.iter(figures.SVG + "path")
                  if p.find(figures.SVG + "title") is not None)


def test_worksheet(folder):
    root = draw(folder, SPECS / "backprop.net")
    wanted = ["w1 = 0.15: i1 to h1", "w2 = 0.2: i2 to h1", "w3 = 0.25: i1 to h2", "w4 = 0.3: i2 to h2",
              "w5 = 0.4: a_h1 to o1", "w6 = 0.45: a_h2 to o1", "w7 = 0.5: a_h1 to o2", "w8 = 0.55: a_h2 to o2",
              "a_o1 to E1", "a_o2 to E2", "t1 to E1", "t2 to E2", "E1 to E_total", "E2 to E_total"]
    equal(edges(root), sorted(wanted), "edges")
    words = figures.texts(root)
    for word in ("backprop", "inputs", "hidden", "output", "errors", "loss", "sum | sigmoid", "w8 = 0.55"):
        assert word in words, (word, words)
    place = {"".join(t.itertext()): float(t.get("x")) for t in root.iter(figures.SVG + "text")}
    assert place["i1"] == place["i2"] < place["h1"] < place["a_h1"] < place["o1"] < place["a_o1"] < place["E1"] < place["E_total"]
    # each sum stands with its activation in one capsule: its halves are nearer than 60 pixels
    for a, b in (("h1", "a_h1"), ("h2", "a_h2"), ("o1", "a_o1"), ("o2", "a_o2")):
        assert 0 < place[b] - place[a] < 60, (a, b)


def test_the_names_do_not_matter(folder):
    """The picture is derived from equations: renamed, it is the same picture."""
    text = (SPECS / "backprop.net").read_text()
    renamed = re.sub(r"\b(h|a_h|o|a_o|E|w|i|t)(\d)\b", lambda m: f"q{'h a_h o a_o E w i t'.split().index(m[1])}x{m[2]}", text)
    a = draw(folder, SPECS / "backprop.net")
    b = draw(folder, write(folder, "r.net", renamed))
    shapes = [[(p.tag, p.get("class")) for p in root.iter() if p.tag != figures.SVG + "title"] for root in (a, b)]
    equal(shapes[1], shapes[0], "shapes")


def test_golden_picture(folder):
    """The whole file: any change of a picture's look shows here. --bless is: copy the new one over it."""
    run("graph", SPECS / "backprop.net", "-o", folder / "g.svg")
    equal((folder / "g.svg").read_text(), (DATA.parent / "teach1" / "golden" / "backprop.svg").read_text(), "the picture")


def test_layers(folder):
    root = draw(folder, SOFTMAX)
    found = edges(root)
    equal(sum(e.startswith("weight[") for e in found), 3 * 4 + 4 * 2, "weights")
    assert "weight[3,2]: x[2] to linear_1[3]" in found and "weight[1,0]: tanh[0] to y[1]" in found, found
    equal([e for e in found if not e.startswith("weight")], ["t to loss", "y[0] to loss", "y[1] to loss"],
          "what is inside a loss is no neuron")
    assert "+ bias[3]" in figures.texts(root)


def test_recurrence_and_short_cuts(folder):
    spec = write(folder, "rnn.net", "model rnn\nprecision f64\ninput x[3]\ntarget t\nparam u = 0.5, v = 0.3, b = 0.1\n"
                 "s[k] = u*x[k] + v*pad(h[k - 1], 0) + b\nh[k] = tanh(s[k])\nloss E = (h[2] - t)^2\n")
    found = edges(draw(folder, spec))
    equal(found, ["h[2] to E", "t to E", "u = 0.5: x[0] to s[0]", "u = 0.5: x[1] to s[1]", "u = 0.5: x[2] to s[2]",
                  "v = 0.3: h[0] to s[1]", "v = 0.3: h[1] to s[2]"], "edges of the unrolled net")


def test_large_nets_are_stages(folder):
    root = draw(folder, SPECS / "mnist_convblock.net")
    words = figures.texts(root)
    for word, count in {"Conv2d": 7, "BatchNorm2d": 6, "Dropout": 3, "NLLLoss": 1, "2,320 parameters": 5, "[16, 14, 14]": 8,
                        "convblock_2: ConvBlock": 1, "910 parameters": 1, "[1, 28, 28]": 1, "target": 1}.items():
        equal(words.count(word), count, f"count of {word!r}")
    stages = figures.texts(draw(folder, SPECS / "backprop.net", "--stages"))
    assert "h1 = w1*i1 + w2*i2" in stages, stages
    draw(folder, SPECS / "custom_layers.net")
    wide = write(folder, "wide.net", "model wide\ninput x[40]\ntarget t\nparam w[40] = 1\ny = sum(i: w[i]*x[i])\nloss E = (y - t)^2\n")
    assert "y[n] = sum(i < 40: w[i]*x[n, i])" in figures.texts(draw(folder, wide))


def test_dot(folder):
    run("graph", SPECS / "backprop.net", "-o", folder / "g.dot")
    text = (folder / "g.dot").read_text()
    contains(text, 'digraph "backprop" {', 'label="{h1|a_h1}"', 'label="w1 = 0.15"')
    equal(text.count(" -> "), 14, "edges")
    run("graph", SPECS / "mnist_convblock.net", "-o", folder / "m.dot")
    contains((folder / "m.dot").read_text(), 'label="dense.linear (Linear, 910 parameters)"', 'label="[90]"')
    refused = run("graph", SPECS / "backprop.net", "-o", folder / "g.png", env=environment(PATH=folder), code=3)
    contains(refused.stderr, "dot is not installed", "apt-get install graphviz")


def test_refusals(folder):
    contains(run("graph", SPECS / "backprop.net", code=2).stderr, "-o FILE.svg")
    contains(run("graph", SPECS / "backprop.net", "-o", folder / "g.pdf", code=2).stderr, "FILE.dot or FILE.png")
    contains(run("graph", SPECS / "backprop.net", "-o", folder / "no" / "g.svg", code=3).stderr, "cannot write")
    run("graph", folder / "none.net", "-o", folder / "g.svg", code=3)
    run("graph", write(folder, "bad.net", "model bad\nh = q\n"), "-o", folder / "g.svg", code=1)
    equal((folder / "g.svg").exists(), False, "nothing is written")
    empty = write(folder, "empty.net", "model empty\ninput x\n")
    run("graph", empty, "-o", folder / "g.svg", code=None)


main()
