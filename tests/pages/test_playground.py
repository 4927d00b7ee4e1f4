"""netc playground: the page's WebAssembly gives native C's bits; what a user clicks shows the C program's numbers."""
import csv
import gzip
import io
import json
import math
import pathlib
import shutil
import subprocess
import sys

import browser
from harness import SAMPLE, SOURCE, SPECS, contains, environment, equal, main, run, write

for tool, package in (("clang-19", "clang-19"), ("wasm-ld-19", "lld-19"), ("node", "nodejs")):
    if not shutil.which(tool):
        print(f"skipped: no {tool} (apt-get install {package})")
        sys.exit(77)

SOFTMAX = SPECS / "softmax_3_4_2.net"
# A batch of two of four samples, an optimizer with moments, random weights, functions of libm, single precision.
MIXED = """model mixed
precision f32
input x[2]
target y
network x -> out { Linear(3)
  Tanh
  Linear(3)
  GELU
  Linear(1)
  Softplus
  reshape(_, []) }
loss E = 0.5*(y - out)^2
data { format = inline
  x = [[0, 0], [0, 1], [1, 0], [1, 1]]
  y = [0, 1, 1, 0] }
train { iterations = 300
  batch_size = 2
  shuffle = false
  seed = 7
  optimizer = Adam(lr=0.05) }
"""


READER = """model reader
input image[1, 28, 28]
target digit: class(10)
network image -> log_probs { Conv2d(4, kernel_size=5, stride=2)
  BatchNorm2d
  Tanh
  MaxPool2d(2)
  Flatten
  Linear(10)
  LogSoftmax }
loss NLLLoss
data { format = idx
  train = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
  scale = 1/255
  normalize = (mean=0.1307, std=0.3081) }
train { epochs = 1
  batch_size = 32
  optimizer = Adam(lr=0.01) }
"""
# Prints each output of the predictor that netc emits for the pixels on standard input.
NATIVE = """#include "reader.h"
#include <stdio.h>
static reader_predictor predictor;
int main(void) {
    static double pixel[784];
    for (int i = 0; i < 784; i++)
        if (scanf("%lf", &pixel[i]) != 1) return 1;
    reader_set_image(&predictor, 0, pixel);
    reader_predict(&predictor, 1);
    for (int i = 0; i < 10; i++) printf("%.9g\\n", (double)reader_output(&predictor, 0)[i]);
    return 0;
}
"""
LINE = """model line
precision f64
input x
target y
param w = 0.5
loss E = (y - w*x)^2
data { format = inline
  x = [2]
  y = [2.5] }
train { iterations = 5
  optimizer = SGD(lr=0.1) }
"""


def rows_of(spec, *more, every=True):
    """The native program's numbers: the rows of a trace."""
    return list(csv.DictReader(io.StringIO(run("trace", spec, "--strict", *["--all"][:every], *more).stdout)))


def page_of(folder, spec, *more):
    path = pathlib.Path(folder) / "play.html"
    run("playground", spec, "-o", path, *more)
    return path


def same_bits(folder, spec, *more, every=True):
    wanted = rows_of(spec, *more, every=every)
    page = page_of(folder, spec, "--strict", *more)
    script = pathlib.Path(__file__).with_name("engine.js")
    got = json.loads(subprocess.run(["node", script, page, str(len(wanted) - 1)], check=True, stdout=subprocess.PIPE).stdout)
    compared = 0
    for step, (a, b) in enumerate(zip(wanted, got["rows"])):
        for name, value in zip(got["names"], b):
            if name in a:
                compared += 1
                equal(value, float(a[name]), f"{name} at step {step}")
    assert compared > 20 * len(wanted), f"only {compared} numbers were compared"
    return got["names"]


def test_bits_of_backprop(folder):
    names = same_bits(folder, SPECS / "backprop.net", "--set", "iterations=100")
    for name in ("w8", "h1", "E_total", "dE_total/dw1", "dE_total/da_h1", "dE_total/do2", "t2", "i1", "lr"):
        contains(names, name)


def test_bits_of_softmax(folder):
    names = same_bits(folder, SOFTMAX, "--set", "iterations=100")
    for name in ("p[1,1]", "W[3,2]", "dE/ds[1,0]", "c[1]", "accuracy_mean"):
        contains(names, name)


def test_bits_of_layers(folder):
    same_bits(folder, SPECS / "sigmoid_2_2_2.net")
    same_bits(folder, SOURCE / "tests" / "teach2" / "layers.net", every=False)


def test_bits_of_a_mixed_network(folder):
    same_bits(folder, write(folder, "mixed.net", MIXED))


def test_bits_of_draws(folder):
    """Dropout, clipping, momentum; and a model that is called like a header of C."""
    text = MIXED.replace("model mixed", "model math").replace("GELU", "Dropout(0.5)").replace("f32", "f64")
    text = text.replace("Adam(lr=0.05)", "SGD(lr=0.05, momentum=0.9, nesterov=true, weight_decay=0.01)\n  clip_grad_norm = 0.5")
    same_bits(folder, write(folder, "math.net", text))


def number(page, name):
    """What a cell or a field of the page holds, all digits."""
    return float(page.evaluate(f"document.querySelector('[data-name=\"{name}\"] span, [data-field=\"{name}\"]').title"))


def check_row(page, row):
    for name in ("h1", "a_h2", "o1", "a_o2", "E1", "E_total", "dE_total/dw1", "dE_total/dw8", "dE_total/da_h1", "w1", "w7", "w8"):
        equal(number(page, name), float(row[name]), name)


def test_clicks(folder):
    rows = rows_of(SPECS / "backprop.net")
    slow = rows_of(SPECS / "backprop.net", "--set", "lr=0.5")
    with browser.page(page_of(folder, SPECS / "backprop.net", "--strict"), width=1400) as page:
        page.wait("document.body.dataset.ready === 'true'")
        equal(page.evaluate("['backward', 'update'].map(id => document.getElementById(id).disabled)"), [True, True], "nothing to go back from")
        equal(page.text('[data-name="h1"]'), "·", "a number nobody has computed")
        page.click("#forward")
        equal(page.text("#loss"), "0.24252", "the loss")
        equal(number(page, "E_total"), float(rows[0]["E_total"]), "E_total")
        equal(page.text('[data-name="dE_total/dw1"]'), "·", "a gradient before backward")
        page.click("#backward")
        check_row(page, rows[0])
        contains(page.text("#network svg"), "0.24252", "0.5965")
        page.click("#update")
        equal(number(page, "w1"), float(rows[1]["w1"]), "w1 after the update")
        equal(page.text("#step-count"), "1", "steps")
        equal(page.evaluate("document.body.className"), "stale-values stale-gradients", "what belongs to the old weights")
        page.click("#forward")
        page.click("#backward")
        check_row(page, rows[1])
        page.click("#step")
        check_row(page, rows[2])
        page.type("#count", "48")
        page.click("#run-many")
        check_row(page, rows[50])
        equal(page.evaluate("document.querySelector('#plot .line').getAttribute('d').split('L').length"), 51, "points of the curve")
        page.click("#reset")
        page.type("#lr", "0.5")
        page.type("#count", "100")
        page.click("#run-many")
        check_row(page, slow[100])
        equal(page.evaluate("document.querySelectorAll('#plot .before').length"), 1, "the run before")


def test_changes(folder):
    """A weight and an input typed: the numbers of a spec with them."""
    spec = (SPECS / "backprop.net").read_text()
    other = write(folder, "other.net", spec.replace("w5 = 0.40", "w5 = -1.25").replace("i2 = [0.10]", "i2 = [0.7]"))
    rows = rows_of(other)
    with browser.page(page_of(folder, SPECS / "backprop.net", "--strict"), width=1400) as page:
        page.wait("document.body.dataset.ready === 'true'")
        page.click("#forward")
        page.click("#backward")
        page.type('#all [data-field="w5"]', "-1.25")
        page.type('#all [data-field="i2"]', "0.7")
        check_row(page, rows[0])
        page.click('#network .pick[aria-label="a_o1"]')
        equal(float(page.text("#chosen-exact").replace("exactly ", "")), float(rows[0]["a_o1"]), "the chosen number")
        contains(page.text("#chosen"), "const double a_o1 = strict_sigmoid_f64(o1);", "a_o1")
        page.type("#count", "100")
        page.click("#run-many")
        check_row(page, rows[100])


def test_running_on(folder):
    with browser.page(page_of(folder, SPECS / "backprop.net")) as page:
        page.wait("document.body.dataset.ready === 'true'")
        page.choose("#speed", 1000)
        page.click("#run")
        page.wait("Number(document.getElementById('step-count').textContent) >= 20")
        page.click("#run")
        stands = page.text("#step-count")
        page.evaluate("new Promise(done => setTimeout(done, 100))")
        equal(page.text("#step-count"), stands, "steps after the pause")


def test_divergence(folder):
    spec = write(folder, "line.net", LINE)
    with browser.page(page_of(folder, spec)) as page:
        page.wait("document.body.dataset.ready === 'true'")
        page.type("#lr", "1e200")
        page.type("#count", "50")
        page.click("#run-many")
        contains(page.text("#status"), "no finite number", "smaller learning rate")
        page.click("#reset")
        page.type("#lr", "0.1")
        page.click("#step")
        equal(page.text("#status"), "", "after a reset")
        equal(number(page, "w"), 0.5 + 0.1 * 2 * 1.5 * 2, "w after a step")


def test_a_batch(folder):
    rows = rows_of(SOFTMAX)
    with browser.page(page_of(folder, SOFTMAX, "--strict"), width=390, height=800, dark=True) as page:
        page.wait("document.body.dataset.ready === 'true'")
        page.click("#step")
        page.choose("#sample", 1)
        for name in ("p[1,1]", "dE/ds[1,3]", "W[2,1]", "E_mean", "accuracy_mean"):
            equal(number(page, name), float(rows[1][name]), name)
        shown = page.text('#network [data-s="1"].live[data-t]').replace("−", "-")
        equal(page.evaluate("document.documentElement.scrollWidth <= 390"), True, "no wider than a phone")
        assert shown, "the picture has no numbers"


def test_a_drawing(folder):
    """The page's prediction for a picture has the bits of the C that netc emits; drawn by hand, something comes out."""
    spec = write(folder, "reader.net", READER)
    run("train", spec, "--data", SAMPLE, "--out", folder / "run", "--threads", 1)
    page = page_of(folder, spec, "--strict", "--weights", folder / "run")
    raw = gzip.decompress((SAMPLE / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    run("emit", spec, "--inference", "--strict", "--weights", folder / "run", "-o", folder)
    write(folder, "native.c", NATIVE)
    subprocess.run(["cc", "-std=c11", "-O2", "-ffp-contract=off", "native.c", "reader.c", "-o", "native", "-lm"], cwd=folder, check=True)
    script = pathlib.Path(__file__).with_name("engine.js")
    for sample in range(4):
        pixels = list(raw[784 * sample:784 * (sample + 1)])
        wanted = subprocess.run([folder / "native"], input=" ".join(map(str, pixels)), stdout=subprocess.PIPE, check=True, universal_newlines=True)
        text = write(folder, "pixels.json", json.dumps(pixels))
        got = json.loads(subprocess.run(["node", script, page, text], check=True, stdout=subprocess.PIPE).stdout)
        equal([f"{x:.9g}" for x in got["stages"]["log_probs"]], wanted.stdout.split(), f"outputs for sample {sample}")
        equal(sorted(got["stages"]), ["batchnorm2d", "conv2d", "flatten", "linear", "log_probs", "maxpool2d", "tanh"], "stages")
        for share, log in zip(got["shares"], got["stages"]["log_probs"]):
            assert abs(share - math.exp(log)) < 1e-6, (share, log)  # eight digits of float
    with browser.page(page) as shown:
        shown.wait("document.body.dataset.ready === 'true'")
        equal(shown.text("#answer"), "nothing drawn yet", "the answer")
        shown.drag("#pad", [(0.5, 0.2 + 0.03 * i) for i in range(20)])
        shown.wait("document.querySelector('#answer').textContent.startsWith('class')")
        total = shown.evaluate("Array.from(document.querySelectorAll('.bar-row'), row => Number(row.title)).reduce((a, b) => a + b)")
        assert abs(total - 1) < 1e-9, total
        ink = "Array.from(document.getElementById('seen').getContext('2d').getImageData(0, 0, 28, 28).data).filter(x => x < 128).length"
        assert shown.evaluate(ink) > 20, "nothing was drawn"
        equal(len(shown.texts(".stage")), 7, "stages")
        shown.click("#clear")
        shown.wait("document.querySelector('#answer').textContent === 'nothing drawn yet'")
        shown.evaluate("document.getElementById('pad').focus()")
        for key in ("ArrowDown", "ArrowRight") * 4:
            shown.send("Input.dispatchKeyEvent", type="keyDown", key=key, modifiers=8)
        shown.wait("document.querySelector('#answer').textContent.startsWith('class')")


def test_weights_of_a_drawing(folder):
    spec = write(folder, "reader.net", READER)
    contains(run("playground", spec, "-o", folder / "p.html", code=2).stderr, "trained weights", "--weights RUN")
    contains(run("playground", spec, "-o", folder / "p.html", "--weights", folder / "none", code=3).stderr, "none")
    wide = write(folder, "wide.net", READER.replace("Flatten", "Flatten\n  Linear(9000)"))
    contains(run("playground", wide, "-o", folder / "p.html", "--weights", folder, code=2).stderr, "parameters", "at most 1000000")


def test_a_stranger(folder):
    spec = (SPECS / "backprop.net").read_text().replace("h1 = w1", "# </script><script>alert(1)</script> ]]> <!--\nh1 = w1")
    path = write(folder, "a </script><script>alert(1)</script>.net".replace("/", "_"), spec)
    with browser.page(page_of(folder, path)) as page:
        page.wait("document.body.dataset.ready === 'true'")
        page.click("#step")
    text = (folder / "play.html").read_text()
    equal(text.count("</script>"), 4, "scripts of ours")
    contains(text, "default-src 'none'")
    assert "alert(1)</script>" not in text


def test_too_large(folder):
    wide = write(folder, "wide.net", MIXED.replace("Linear(3)", "Linear(60)", 1))
    done = run("playground", wide, "-o", folder / "p.html", code=2)
    contains(done.stderr, "wide.net does not fit into a page", "48 neurons", "netc trace --tensor")
    done = run("playground", SOFTMAX, "-o", folder / "p.html", "--batch-size", "99", code=2)
    contains(done.stderr, "a page shows at most 800", "--batch-size")
    assert not (folder / "p.html").exists()
    contains(run("playground", SOFTMAX, code=2).stderr, "-o FILE.html")


def test_no_compiler(folder):
    bare = environment(PATH=str(folder))
    contains(run("playground", SPECS / "backprop.net", "-o", folder / "p.html", env=bare, code=3).stderr, "clang-19 and lld-19")


main()
