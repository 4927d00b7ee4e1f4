"""netc report: every number of the page beside its source, every picture beside the data, what strangers write, what is missing."""
import base64
import csv
import gzip
import io
import json
import math
import random
import re
import shlex
import shutil
import struct
import xml.etree.ElementTree
import zlib

from harness import SAMPLE, SPECS, contains, equal, main, run, tensors, write

SVG = "{http://www.w3.org/2000/svg}"
TAGS = set("html head meta title style body h1 h2 p b a br span div section table thead tbody tfoot tr th td data code pre img figure "
           "figcaption details summary svg desc g path rect circle line polyline text tspan clipPath defs marker ellipse polygon".split())


def check_element(e):
    """Nothing that runs, nothing that is asked for from elsewhere."""
    assert e.tag.replace(SVG, "") in TAGS, e.tag
    for name, value in e.attrib.items():
        assert not name.startswith("on") and name not in ("action", "srcset", "{http://www.w3.org/1999/xlink}href"), name
        wanted = {"href": "#", "src": "data:image/png;base64,", "style": ""}.get(name, "")
        assert value.startswith(wanted), (name, value)
        assert "url(" not in value or re.fullmatch(r"url\(#\w+\)", value) or name.startswith("data-"), (name, value)
    if e.tag.replace(SVG, "") == "style":
        assert not re.search(r"url|@import|@font-face|<", e.text), e.text


def parse(text):
    """A page is well-formed XML, so what strangers wrote has not broken out of its place, and asks for nothing from elsewhere."""
    page = xml.etree.ElementTree.fromstring(text.replace("<!DOCTYPE html>\n", ""))
    for element in page.iter():
        check_element(element)
    return page


def report(folder, *words, code=0, **more):
    out = folder.parent / (re.sub(r"\W", "_", folder.name) + ".html")
    done = run("report", folder, "-o", out, *words, code=code, **more)
    return parse(out.read_text()), out.read_text(), done


def find(page, name):
    found = [e for e in page.iter() if e.get("id") == name]
    return found[0] if found else None


def text(element):
    return "".join(element.itertext())


def value(element):
    """The number behind an element: all its digits."""
    return float(next(element.iter("data")).get("value"))


def table(element):
    """The cells of the rows of a table."""
    return [[c for c in row if c.tag in ("td", "th")] for row in element.iter("tr")]


def picture(element):
    """Width, height, and the bytes of a pixel in rows, of an img."""
    raw = base64.b64decode(element.get("src").split(",", 1)[1])
    equal(raw[:8], b"\x89PNG\r\n\x1a\n", "signature")
    at, chunk = 8, {}
    while at < len(raw):
        size, kind = struct.unpack(">I4s", raw[at:at + 8])
        chunk[kind] = raw[at + 8:at + 8 + size]
        equal(struct.unpack(">I", raw[at + 8 + size:at + 12 + size])[0], zlib.crc32(raw[at + 4:at + 8 + size]), "checksum")
        at += 12 + size
    width, height, depth, colour = struct.unpack(">IIBB", chunk[b"IHDR"][:10])
    bytes_of_row = width * {0: 1, 2: 3}[colour]
    rows = zlib.decompress(chunk[b"IDAT"])
    equal((depth, len(rows)), (8, height * (bytes_of_row + 1)), "size")
    lines = [rows[y * (bytes_of_row + 1):][:bytes_of_row + 1] for y in range(height)]
    assert all(line[0] == 0 for line in lines)
    return width, height, [line[1:] for line in lines]


def idx(name):
    raw = gzip.decompress((SAMPLE / name).read_bytes())
    head = 4 + 4 * raw[3]
    return raw[head:]


def rows_of(text_of_csv):
    return list(csv.DictReader(io.StringIO(text_of_csv)))


def figure_text(name, number):
    """As the log of training prints it."""
    return f"{100 * number:.2f}%" if name == "accuracy" else f"{number:.4f}"


def facts(page, section):
    return {cells[0].text: text(cells[1]) for cells in table(find(page, section)) if len(cells) == 2}


def train_digits(folder):
    spec = folder / "mnist_convblock.net"
    shutil.copy(SPECS / "mnist_convblock.net", spec)
    run("train", spec, "--data", SAMPLE, "--epochs", 3, "--seed", 5, "--batch-size", 100, "--set", "lr=0.004", "--out", folder / "digits", "-q")
    return folder / "digits"


def check_results(page, folder, info):
    printed = run("eval", folder, "--data", SAMPLE).stdout
    for i, name in enumerate(("loss", "accuracy")):
        card = find(page, f"result-{i}")
        # sums over batches of 24 bits: training took 100 samples at a time, eval takes those of the spec
        assert abs(value(card) - info["test"][name]) <= 1e-6 * info["test"][name], name
        contains(printed, f"test {name}: {card.find('b').find('data').text}")
        contains(text(card), f"{name} on the test data", figure_text(name, info["test"][name]))
    last = rows_of((folder / "metrics.csv").read_text())[-1]
    shown = [e for e in page.iter("span") if e.get("class") == "last"]
    equal([value(e) for e in shown], [float(last["loss"]), float(last["accuracy"])], "the last epoch of training")
    equal(value(find(page, "parameters")), 13032, "parameters")
    equal([c for c in (text(c) for c in table(find(page, "summary"))[-1]) if c], ["all", "13,032", "3,083,460"], "totals")


def check_confusion(page, labels, answers, info):
    body = [row for row in table(find(page, "matrix")) if len(row) == 13][1:]
    equal([text(row[0]) for row in body], [str(k) for k in range(10)], "classes")
    counted = [[0] * 10 for _ in range(10)]
    for label, answer in zip(labels, answers):
        counted[label][answer] += 1
    matrix = [[int(value(c)) for c in row[1:11]] for row in body]
    equal(matrix, counted, "the confusions that predict makes")
    equal([int(value(row[11])) for row in body], [labels.count(k) for k in range(10)], "samples of a class")
    equal([sum(row) for row in matrix], [labels.count(k) for k in range(10)], "rows")
    right = sum(matrix[k][k] for k in range(10))
    equal(right / len(labels), info["test"]["accuracy"], "the diagonal")
    equal(value(find(page, "wrong")), len(labels) - right, "wrong answers")
    for k, row in enumerate(body):
        part = 100 * matrix[k][k] / max(1, labels.count(k))
        equal(text(row[12]), f"{part:.1f}%", "found")


def check_mistakes(page, labels, answers, shares):
    shots = [f for f in page.iter("figure") if f.get("data-sample")]
    wrong = sorted((shares[i][labels[i]], i) for i in range(len(labels)) if labels[i] != answers[i])
    equal(len(shots), min(28, len(wrong)), "mistakes shown")
    pixels = idx("t10k-images-idx3-ubyte.gz")
    before = math.inf
    for shot, (share, _) in zip(shots, wrong):
        i = int(shot.get("data-sample"))
        said = {b.get("class"): int(b.text) for b in shot.iter("b")}
        equal(said, {"true": labels[i], "answer": answers[i]}, f"sample {i}")
        contains(text(shot), f"{100 * shares[i][answers[i]]:.1f}% sure", f"sample {i}")
        loss = value(shot)
        assert abs(shares[i][labels[i]] - share) <= 2e-6, "the order is that of predict, whose probabilities have 6 decimals"
        assert abs(math.exp(-loss) - share) <= 2e-6, (loss, share)
        assert loss <= before
        before = loss
        width, height, lines = picture(next(shot.iter("img")))
        equal((width, height), (28, 28), "size")
        equal(b"".join(lines), pixels[784 * i:784 * (i + 1)], f"picture of sample {i}")


def signed(x):
    side = (0, 90, 160) if x < 0 else (200, 80, 0)
    return [255 + abs(x) * (c - 255) for c in side]


def check_filter(element, weights, most, width, height):
    got_width, got_height, lines = picture(element)
    equal((got_width, got_height), (width, height), "size of a filter")
    flat = b"".join(lines)
    for k, w in enumerate(weights):
        for c, wanted in enumerate(signed(w / most)):
            assert abs(flat[3 * k + c] - wanted) <= 0.5 + 1e-4, (k, c, flat[3 * k + c], wanted)


def check_filters(page, folder):
    w = tensors(folder / "checkpoint.safetensors")["convblock_1.conv2d_1.conv2d.weight"]
    images = list(find(page, "filters").iter("img"))
    equal(len(images), 16, "filters")
    most = max(map(abs, w))
    for k, image in enumerate(images):
        check_filter(image, w[9 * k:9 * k + 9], most, 3, 3)
    contains(text(find(page, "filters")), "convblock_1.conv2d_1.conv2d.weight")


def check_settings(page, info):
    got = facts(page, "settings")
    for name, wanted in {"epochs": "3", "batch_size": "100", "optimizer": "Adam", "optimizer: lr": "0.004", "optimizer: betas": "0.9, 0.999",
                         "optimizer: amsgrad": "false", "scheduler: step_size": "10", "seed": "5", "clip_grad_norm": "none"}.items():
        equal(got[name], wanted, name)
    got = facts(page, "environment")
    equal(got["compiler"], info["compiler"], "compiler")
    equal(got["fingerprint of the equations"], info["fingerprint"], "fingerprint")
    equal(got["threads"], str(info["threads"]), "threads")
    equal((got["training samples"], got["test samples"]), ("600", "200"), "samples")
    if info["processor"]:
        equal(got["processor"], info["processor"], "processor")


def repeat(folder, page):
    """Does what the page says, and finds the same bits."""
    commands, spec = [text(e) for e in find(page, "repeat").iter("pre")]
    place = folder / "elsewhere"
    place.mkdir()
    lines = [line for line in commands.splitlines() if not line.startswith("#")]
    words = [[str(SAMPLE) if w == "DATA" else w for w in shlex.split(line)] for line in lines]
    write(place, words[0][2], spec)
    for command in words:
        equal(command[0], "netc", "the program")
        run(*command[1:], cwd=place)
    made = place / words[1][2]
    equal((made / "checkpoint.safetensors").read_bytes(), (folder / "digits" / "checkpoint.safetensors").read_bytes(), "weights")
    parse((place / words[2][-1]).read_text())


def test_digits(folder):
    made = train_digits(folder)
    info = json.loads((made / "run.json").read_text())
    page, whole, done = report(made, "--data", SAMPLE)
    equal((done.stdout, done.stderr), ("", ""), "nothing is missing")
    assert len(whole) < 300000, len(whole)
    check_results(page, made, info)
    predicted = rows_of(run("predict", made, SAMPLE / "t10k-images-idx3-ubyte.gz").stdout)
    labels = list(idx("t10k-labels-idx1-ubyte.gz"))
    answers = [int(r["class"]) for r in predicted]
    check_confusion(page, labels, answers, info)
    check_mistakes(page, labels, answers, [[float(r[f"p{k}"]) for k in range(10)] for r in predicted])
    check_filters(page, made)
    check_settings(page, info)
    equal(len(list(find(page, "curve").iter(SVG + "polyline"))), 4, "curves: loss and accuracy, training and test")
    contains(text(find(page, "drawing")), "convblock_2: ConvBlock", "[16, 14, 14]", "2,320 parameters")
    contents = [a.get("href") for a in page.iter("a")]
    for link in contents:
        assert find(page, link[1:]) is not None, link
    equal(contents, ["#" + s for s in ("network", "curves", "confusion", "mistakes", "filters", "weights", "settings", "environment", "repeat")])
    equal(report(made, "--data", SAMPLE, "--threads", 1)[1], whole, "the same bytes again")
    repeat(folder, page)


def test_backprop(folder):
    run("train", SPECS / "backprop.net", "--out", folder / "b", "-q")
    page, _, done = report(folder / "b/")
    equal(done.stderr, "", "nothing is missing")
    assert find(page, "confusion") is None and find(page, "filters") is None
    trained = {name: w[0] for name, w in tensors(folder / "b" / "checkpoint.safetensors").items()}
    rows = table(find(page, "trained"))[1:]
    equal({text(r[0]): value(r[2]) for r in rows}, trained, "weights")
    equal([value(r[1]) for r in rows], [0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55], "first weights")
    contains(text(find(page, "drawing")), f"w5 = {trained['w5']:.4g}", f"w8 = {trained['w8']:.4g}")
    contains(text(find(page, "summary")), "h1 = w1*i1 + w2*i2", "E1 = 0.5*(t1 - a_o1)^2")
    last = rows_of((folder / "b" / "metrics.csv").read_text())[-1]
    equal(value(find(page, "result-0")), float(last["E_total"]), "E_total")
    head, row = table(find(page, "rows"))
    got = {text(h): c for h, c in zip(head, row)}
    w, sigmoid = trained, lambda x: 1 / (1 + math.exp(-x))
    h1, h2 = sigmoid(0.05 * w["w1"] + 0.1 * w["w2"]), sigmoid(0.05 * w["w3"] + 0.1 * w["w4"])
    for name, wanted in {"i1": 0.05, "i2": 0.1, "target t1": 0.01, "target t2": 0.99, "output a_o1": sigmoid(w["w5"] * h1 + w["w6"] * h2),
                         "output a_o2": sigmoid(w["w7"] * h1 + w["w8"] * h2), "loss": float(last["E_total"])}.items():
        assert abs(value(got[name]) - wanted) <= 1e-14, name
    contains(text(find(page, "repeat")), "netc train backprop.net --iterations 100 --batch-size 1 --seed 0")


CURVE = """model curve
input x[2]
target t[2]
network x -> y {
  Linear(8)
  Tanh
  Linear(2)
}
loss MSELoss
data {
  format = csv
  train = "train.csv"
  test = "test.csv"
  columns = (x=["a", "b"], t=["y", "z"])
}
train {
  epochs = 8
  batch_size = 32
  optimizer = Adam(lr=0.02)
}
"""


def curve_rows(count, seed):
    draw = random.Random(seed)
    rows = [(draw.uniform(-2, 2), draw.uniform(-2, 2)) for _ in range(count)]
    return "a,b,y,z\n" + "".join(f"{a!r},{b!r},{math.sin(a) * b!r},{a - b!r}\n" for a, b in rows)


def test_numbers_as_targets(folder):
    spec = write(folder, "curve.net", CURVE)
    write(folder, "train.csv", curve_rows(300, 1))
    test = write(folder, "test.csv", curve_rows(900, 2))
    run("train", spec, "--out", folder / "c", "-q")
    page, _, _ = report(folder / "c")
    got = [[float(r["y[0]"]), float(r["y[1]"])] for r in rows_of(run("predict", folder / "c", test).stdout)]
    wanted = [[float(r["y"]), float(r["z"])] for r in rows_of(test.read_text())]
    errors = [[g - w for g, w in zip(*pair)] for pair in zip(got, wanted)]
    shown = table(find(page, "errors"))[1:]
    equal([[text(c) for c in r[:2]] for r in shown], [["t[0]", "y[0]"], ["t[1]", "y[1]"]], "pairs")
    for k, r in enumerate(shown):  # targets and outputs have 24 bits
        assert abs(value(r[2]) - math.sqrt(sum(e[k] ** 2 for e in errors) / 900)) <= 1e-6
        assert abs(value(r[3]) - sum(abs(e[k]) for e in errors) / 900) <= 1e-6
    losses = sorted(((e[0] ** 2 + e[1] ** 2) / 2 for e in errors), reverse=True)
    head, *rows = table(find(page, "rows"))
    equal([text(h) for h in head], ["sample", "x[0]", "x[1]", "target t[0]", "output y[0]", "error", "target t[1]", "output y[1]", "error", "loss"])
    equal(len(rows), 28, "rows")
    for r, loss in zip(rows, losses):
        i = int(text(r[0]))
        assert abs(value(r[9]) - loss) <= 1e-5 * loss, "the largest losses"
        assert abs(value(r[3]) - wanted[i][0]) <= 1e-6 and abs(value(r[7]) - got[i][1]) <= 1e-6
    marks = [p for p in find(page, "scatter").iter(SVG + "path") if "mark" in p.get("class", "")]
    equal(len(marks), 2 * 400 + 2, "points, and the legend")
    contains(text(find(page, "outputs")), "400 samples, evenly chosen among 900")
    equal(value(find(page, "result-0")), json.loads((folder / "c" / "run.json").read_text())["test"]["loss"], "loss")


COLOUR = """model colour
input image[3, 6, 5]
target kind: class(30)
network image -> scores {
  Flatten
  Linear(30)
}
loss CrossEntropyLoss
metric accuracy
data {
  format = idx
  train = ("images", "kinds")
  scale = 1/255
  normalize = (mean=[0.5, 0.4, 0.3], std=[0.25, 0.5, 0.2])
}
train {
  epochs = 1
  batch_size = 10
  optimizer = SGD(lr=0.01)
}
"""


def test_colours_and_many_classes(folder):
    draw = random.Random(4)
    images = bytes([0, 255] + [draw.randrange(256) for _ in range(200 * 90 - 2)])
    kinds = bytes(draw.choice((1, 1, 7, 29)) for _ in range(200))
    (folder / "images").write_bytes(b"\0\0\x08\x04" + struct.pack(">4I", 200, 3, 6, 5) + images)
    (folder / "kinds").write_bytes(b"\0\0\x08\x01" + struct.pack(">I", 200) + kinds)
    run("train", write(folder, "colour.net", COLOUR), "--out", folder / "k", "-q")
    page, _, _ = report(folder / "k")
    shots = [f for f in page.iter("figure") if f.get("data-sample")]
    shown = b"".join(images[90 * int(f.get("data-sample")):][:90] for f in shots)
    low, high = min(shown), max(shown)
    for shot in shots:
        width, height, lines = picture(next(shot.iter("img")))
        equal((width, height), (5, 6), "size")
        flat, own = b"".join(lines), images[90 * int(shot.get("data-sample")):][:90]
        for c in range(3):
            for k in range(30):
                assert abs(flat[3 * k + c] - 255 * (own[30 * c + k] - low) / (high - low)) <= 0.51, "normalisation is undone"
    w = tensors(folder / "k" / "checkpoint.safetensors")["linear.weight"]
    filters = list(find(page, "filters").iter("img"))
    equal(len(filters), 30, "a filter for each output")
    most = max(map(abs, w))
    for o, image in enumerate(filters):  # rows of the picture: three channels beside each other
        beside = [w[90 * o + 30 * c + 5 * y + x] for y in range(6) for c in range(3) for x in range(5)]
        check_filter(image, beside, most, 15, 6)
    assert find(page, "matrix") is None, "30 classes are no table"
    rows = table(find(page, "confusion"))[1:]
    counts = [int(value(r[2])) for r in rows]
    equal(counts, sorted(counts, reverse=True), "the most frequent first")
    if len(rows) < 30:
        equal(sum(counts), int(value(find(page, "wrong"))), "all confusions")
    assert {int(value(r[0])) for r in rows} <= {1, 7, 29}, "true classes"
    contains(text(find(page, "result-1")), "on the training data")


STRUCTURE = """model structure
precision f64
%s
input extra[2]
target t
param Bias_3[4] = 0.5
param linear_weight[3, 3] = [[-1, 0, 1], [-2, 0.5, 2], [-1, 0, 1]]
param Deep[4, 3, 3] = uniform(-1, 1)
param W[4, 5, 36] = uniform(-1, 1)
%s
loss E = (y - t)^2
data {
  format = csv
  train = "t.csv"
  columns = (image=[%s], extra=["p", "q"], t="t")
}
train {
  iterations = 2
  batch_size = %d
  optimizer = SGD(lr=0.0001)
}
"""
PLAIN = "input image[6, 6]"
EDGES = "for i < 6, j < 6: seen[i, j] = sum(r < 3, s < 3: linear_weight[r, s]*pad(image[i + r - 1, j + s - 1], 0))\ny = sum(i < 6, j < 6: seen[i, j]) + "
REST = "Bias_3[0]*extra[0] + sum(a < 4, i < 3, j < 3: Deep[a, i, j]) + sum(a < 4, b < 5, i < 36: W[a, b, i])"


def check_structure(folder, name, image, equations, batch, wanted, count, shape):
    """`wanted`: the parameter laid over the image, whatever it is called; its filters, their size as pictures."""
    place = folder / name
    place.mkdir()
    columns = ", ".join(f'"x{i}"' for i in range(36))
    draw = random.Random(name)
    head = ",".join([f"x{i}" for i in range(36)] + ["p", "q", "t"])
    write(place, "t.csv", head + "\n" + "".join(",".join(f"{draw.random():.4f}" for _ in range(39)) + "\n" for _ in range(5)))
    run("train", write(place, "s.net", STRUCTURE % (image, equations, columns, batch)), "--out", place / "r", "-q")
    page, _, _ = report(place / "r")
    section = find(page, "filters")
    if wanted is None:
        assert section is None, "nothing is laid over the image"
        return page
    contains(text(section), f"image, {wanted}:")
    images = list(section.iter("img"))
    equal(len(images), count, "filters")
    w = tensors(place / "r" / "checkpoint.safetensors")[wanted]
    most, size = max(map(abs, w)), shape[0] * shape[1]
    for k, one in enumerate(images):
        check_filter(one, w[size * k:size * (k + 1)], most, *shape)
    shots = [f for f in page.iter("figure") if f.get("data-sample")]
    equal([picture(next(f.iter("img")))[:2] for f in shots], [(6, 6)] * 5, "pictures of samples")
    return page


def test_filters_by_structure(folder):
    """Not by a layer's name: a kernel of one's own, one for each channel, a matrix over the image as a row; with and without a sample axis."""
    for batch in (1, 3):
        number = str(batch)
        check_structure(folder, "kernel" + number, PLAIN, EDGES + REST, batch, "linear_weight", 1, (3, 3))
        check_structure(folder, "row" + number, PLAIN,
                        "bright[i, j] = 3*image[i, j] + 1\nrow = reshape(bright, [36])\n"
                        "h[a, b] = sum(i < 36: W[a, b, i]*row[i])\ny = sum(a < 4, b < 5: h[a, b])/20 + Bias_3[0]*extra[0] +"
                        " sum(r < 3, s < 3: linear_weight[r, s]) + sum(a < 4, i < 3, j < 3: Deep[a, i, j])", batch, "W", 20, (6, 6))
    check_structure(folder, "channel", "input image[1, 6, 6]",
                    "for i < 4, j < 4: far[a, i, j] = sum(r < 3, s < 3: Deep[a, r, s]*(2*image[0, i + r, j + s] - 1))\n"
                    "y = sum(a < 4, i < 4, j < 4: far[a, i, j])/64 + sum(r < 3, s < 3: linear_weight[r, s]) + Bias_3[0]*extra[0] +"
                    " sum(a < 4, b < 5, i < 36: W[a, b, i])", 3, "Deep", 4, (3, 3))
    check_structure(folder, "none", PLAIN, "y = sum(i < 6, j < 6: image[i, j]^2) + sum(r < 3, s < 3: linear_weight[r, s]) + " + REST,
                    3, None, 0, None)


SMALL = """# </pre><script>alert(1)</script> ]]> <!-- 'x' "y" & z
model small
precision f64
input x[2]
target t
network x -> y {
  Linear(1)
}
loss E = (y[0] - t)^2
data {
  format = inline
  x = [[1, 2], [3, 4]]
  t = [1, 2]
}
train {
  iterations = 4
  batch_size = 2
  optimizer = SGD(lr=0.01)
}
"""


def train_small(folder, name="s"):
    run("train", write(folder, "small.net", SMALL), "--out", folder / name, "-q")
    return folder / name


def test_hostile_names(folder):
    evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>\'&amp;'
    made = train_small(folder, "<b>&\"'x' onload=1")
    info = json.loads((made / "run.json").read_text())
    info["settings"] = {evil: evil, "optimizer": {"kind": evil, "lr": [evil, 0.5, None, True]}, "deep": {"a": {"b": {evil: 1e300}}}}
    info.update(seed="$(touch evil)`touch evil`; touch evil\n'", compiler=evil, processor="\u0001\u001f\u2028</td>", netc=evil * 200,
                spec="../../" + "a b'; touch evil #.net")
    (made / "run.json").write_text(json.dumps(info))
    rows = (made / "metrics.csv").read_text().split("\n", 1)
    (made / "metrics.csv").write_text('iteration,lr,E,"</title><script>""&"\n' + "".join(line + ",0.5\n" for line in rows[1].split()))
    page, whole, _ = report(made)
    settings = facts(page, "settings")
    equal(settings[evil], evil, "a name and a value")
    equal(settings["optimizer"], evil, "a kind")
    equal(settings["optimizer: lr"], f"{evil}, 0.5, none, true", "a list")
    equal(settings[f"deep: a.b.{evil}"], "1e+300", "a number")
    environment = facts(page, "environment")
    equal(environment["compiler"], evil, "compiler")
    assert len(environment["netc"]) < 400, "long texts are cut"
    contains(text(find(page, "curve")), '</title><script>"&')
    contains(text(page), "</pre><script>alert(1)</script>", "<b>&\"'x' onload=1")
    commands = text(next(find(page, "repeat").iter("pre")))
    words = shlex.split(commands.split(" --out")[0])
    equal(words[:3], ["netc", "train", "a b'; touch evil #.net"], "the spec is one word")
    contains("\n".join(words), "$(touch evil)`touch evil`; touch evil\n'")


def test_deep_json(folder):
    made = train_small(folder)
    for body in ('{"a":' * 1500 + "1" + "}" * 1500, '{"settings": [[[1]], {"a": 2}], "seed": 1' + "0" * 400 + "}", "[1, 2]", "{", "", "{\"a\": 1, \"a\": 2}"):
        (made / "run.json").write_text(body)
        report(made)


def test_what_is_missing(folder):
    made = train_digits(folder)
    nowhere = {"env": {"HOME": str(folder), "PATH": "/usr/bin:/bin"}}
    page, _, done = report(made, **nowhere)
    contains(done.stderr, "t10k-images-idx3-ubyte was not found", "--data DIR")
    missing = [text(p) for p in page.iter("p") if p.get("class") == "missing"]
    equal(len(missing), 1, "said on the page")
    contains(missing[0], "The data could not be read", "--data DIR")
    assert find(page, "confusion") is None and find(page, "mistakes") is None
    assert find(page, "filters") is not None and find(page, "curves") is not None
    contains(text(find(page, "result-1")), "accuracy in training")
    whole = (made / "checkpoint.safetensors").read_bytes()
    (made / "checkpoint.safetensors").write_bytes(whole[:1000])
    contains(report(made, "--data", SAMPLE)[2].stderr, "cannot be read")
    (made / "checkpoint.safetensors").unlink()
    page, _, done = report(made, "--data", SAMPLE)
    contains(done.stderr, "has no checkpoint.safetensors", "netc train --out")
    assert find(page, "filters") is None and find(page, "weights") is None and find(page, "curves") is not None
    (made / "run.json").unlink()
    page, _, done = report(made, "--data", SAMPLE)
    contains(done.stderr, "no readable run.json")
    assert find(page, "settings") is None and find(page, "repeat") is not None
    head = (made / "metrics.csv").read_text().split("\n")[0]
    (made / "metrics.csv").write_text(head + "\n")
    page, _, done = report(made, "--data", SAMPLE)
    contains(done.stderr, "nothing was trained")
    assert find(page, "curves") is None and find(page, "summary") is not None


def test_a_lost_run(folder):
    spec = write(folder, "small.net", SMALL.replace("lr=0.01", "lr=1e200"))
    run("train", spec, "--out", folder / "lost", "-q", code=4)
    page, _, _ = report(folder / "lost")
    assert find(page, "repeat") is not None


def test_long_networks(folder):
    lines = "".join(f"  {'Linear(3)' if i % 4 == 0 else 'Tanh'}\n" for i in range(170))
    spec = write(folder, "long.net", SMALL.replace("  Linear(1)\n", lines + "  Linear(1)\n"))
    run("train", spec, "--out", folder / "long", "--style", "plain", "-q")
    page, whole, _ = report(folder / "long")
    assert find(page, "drawing") is None
    contains(text(find(page, "network")), "stages is left out here; netc graph draws it", "160 of 172 rows; netc summary")
    assert len(whole) < 200000


def test_refused(folder):
    made = train_small(folder)
    contains(run("report", made, code=2).stderr, "-o FILE.html")
    contains(run("report", made, "-o", folder / "x.pdf", code=2).stderr, "-o FILE.html")
    contains(run("report", folder / "small.net", "-o", folder / "x.html", code=2).stderr, "is no run folder", "netc train")
    contains(run("report", folder / "none", "-o", folder / "x.html", code=2).stderr, "is no run folder")
    contains(run("report", folder, "-o", folder / "x.html", code=3).stderr, "is no run folder", "spec.net")
    contains(run("report", made, "-o", folder / "no" / "x.html", code=3).stderr, "cannot write")
    (made / "metrics.csv").unlink()
    contains(run("report", made, "-o", folder / "x.html", code=3).stderr, "it has no metrics.csv")
    equal((folder / "x.html").exists(), False, "nothing is written")


main()
