"""netc sheet: the workbook's formulas, computed by LibreOffice from wrong cached values, give the C program's numbers."""
import csv
import os
import re
import subprocess
import sys
import tempfile

import workbook

# LibreOffice writes 15 significant digits; 100 steps add their rounding.
TOLERANCE = 1e-12

netc, specs = sys.argv[1:3]


def run(*words, expect=0):
    done = subprocess.run([netc, *words], capture_output=True, text=True)
    assert done.returncode == expect, "netc %s: %d\n%s" % (" ".join(words), done.returncode, done.stderr)
    return done.stderr


def trace(spec, folder, *more):
    path = os.path.join(folder, "trace.csv")
    run("trace", spec, "-o", path, *more)
    with open(path) as file:
        names, *rows = list(csv.reader(file))
    keep = [i for i, name in enumerate(names) if name != "lr"]
    return [names[i] for i in keep], [[float(row[i]) for i in keep] for row in rows]


def close(a, b):
    return isinstance(a, float) and abs(a - b) <= TOLERANCE * max(1, abs(b))


def compare(path, sheet, spec, folder, *more):
    names, rows = workbook.table(path, sheet)
    want_names, want_rows = trace(spec, folder, *more)
    assert names == want_names, (names, want_names)
    assert len(rows) == len(want_rows), (len(rows), len(want_rows))
    for got, want in zip(rows, want_rows):
        for name, a, b in zip(names, got, want):
            assert close(a, b), "%s, step %d, %s: %r, the program has %r" % (sheet, want[0], name, a, b)


def check_layout(path):
    found = workbook.cells(path, "training")
    assert found["A1"][0] == "learning rate" and found["B1"] == (2.0, None), found["B1"]
    typed = [place for place, (value, formula) in found.items() if formula is None and isinstance(value, float)
             and re.sub("[0-9]", "", place) != "A" and place != "B1"]
    assert sorted(typed) == sorted(workbook.column(i) + "4" for i in list(range(1, 9)) + list(range(13, 17))), typed
    assert "$B$1" in found["F5"][1], found["F5"]


def check_spec(spec, folder, name):
    path, again = os.path.join(folder, name + ".xlsx"), os.path.join(folder, "again.xlsx")
    run("sheet", spec, "-o", path)
    run("sheet", spec, "-o", again)
    with open(path, "rb") as a, open(again, "rb") as b:
        assert a.read() == b.read(), "two runs wrote different workbooks"
    compare(path, "training", spec, folder)
    if not workbook.office():
        return None
    wrong = os.path.join(folder, name + "_wrong.xlsx")
    workbook.rewrite(path, wrong, lambda _, text: workbook.with_wrong_values(text))
    return path, workbook.recalculate(wrong, folder)


def check_change(path, folder, spec):
    """Another learning rate and another first weight, typed into their cells."""
    def change(name, text):
        if not name.endswith("sheet1.xml"):
            return workbook.with_wrong_values(text)
        text, rate = re.subn(r'(<c r="B1"[^>]*><v>)2(</v>)', r"\g<1>0.7\2", text)
        text, weight = re.subn(r'(<c r="F4"[^>]*><v>)0\.15[0-9]*(</v>)', r"\g<1>0.35\2", text)
        assert (rate, weight) == (1, 1), (rate, weight)
        return workbook.with_wrong_values(text)
    changed = os.path.join(folder, "changed.xlsx")
    workbook.rewrite(path, changed, change)
    other = os.path.join(folder, "other.net")
    with open(spec) as old, open(other, "w") as new:
        new.write(old.read().replace("w1 = 0.15", "w1 = 0.35"))
    compare(workbook.recalculate(changed, folder), "training", other, folder, "--set", "lr=0.7")


def check_refusals(folder):
    def spec(text):
        path = os.path.join(folder, "refused.net")
        with open(path, "w") as file:
            file.write(text)
        return path
    with open(os.path.join(specs, "backprop.net")) as file:
        text = file.read()
    out = os.path.join(folder, "no.xlsx")
    said = run("sheet", spec(text.replace("SGD(lr=2.0)", "SGD(lr=2.0, momentum=0.9)")), "-o", out, expect=2)
    assert "SGD(lr=...)" in said, said
    said = run("sheet", os.path.join(specs, "mnist_convblock.net"), "-o", out, expect=2)
    assert "has room for 1000 numbers" in said, said
    large = ("model large\nprecision f64\ninput x[40]\ntarget t[40]\nnetwork x -> y {\n  Linear(40)\n}\n"
             "loss E = sum(j: (t[j] - y[j])^2)\ndata {\n  format = inline\n  x = [%s]\n  t = [%s]\n}\n"
             "train {\n  iterations = 3\n  batch_size = 1\n  optimizer = SGD(lr=0.1)\n}\n")
    row = "[" + ", ".join(["0.5"] * 40) + "]"
    said = run("sheet", spec(large % (row, row)), "-o", out, expect=2)
    assert "1000 numbers" in said and "netc trace" in said, said
    lost = text.replace("a_h1 = sigmoid(h1)", "a_h1 = h1").replace("a_o1 = sigmoid(o1)", "a_o1 = o1").replace("1.0, 2.0]", "1.0, 1e60]")
    said = run("sheet", spec(lost), "-o", out, expect=4)
    assert "not finite" in said and "1e60" in said, said
    run("sheet", os.path.join(specs, "backprop.net"), "-o", os.path.join(folder, "no.csv"), expect=2)
    assert not os.path.exists(out)


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_refusals(folder)
        spec = os.path.join(specs, "backprop.net")
        found = check_spec(spec, folder, "backprop")
        check_layout(os.path.join(folder, "backprop.xlsx"))
        if not found:
            print("skipped: no LibreOffice (apt-get install libreoffice-calc-nogui)")
            sys.exit(77)
        path, computed = found
        compare(computed, "training", spec, folder)
        for rate in ("0.1", "0.2", "0.5", "0.8", "1.0", "2.0"):
            compare(computed, "rate " + rate, spec, folder, "--set", "lr=" + rate)
        names, rows = workbook.table(computed, "rates")
        assert names == ["step", 0.1, 0.2, 0.5, 0.8, 1.0, 2.0], names
        ends = (0.133510607335, 0.079166423122, 0.029166680236, 0.016386628477, 0.012395124175, 0.005160108602)
        assert all(abs(a - b) < 1e-12 for a, b in zip(rows[100][1:], ends)), rows[100]
        check_change(path, folder, spec)
        for name in ("sigmoid_2_2_2", "softmax_3_4_2", "layers"):
            place = os.path.join(specs, name + ".net")
            if not os.path.exists(place):
                place = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".net")
            _, computed = check_spec(place, folder, name)
            compare(computed, "training", place, folder)


main()
