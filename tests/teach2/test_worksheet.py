"""netc worksheet: the answers of the key are the C program's numbers for the numbers that are given."""
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

# The key holds 17 digits; the update and the loss after it are computed outside of the program's optimizer.
TOLERANCE = 1e-14

netc, specs = sys.argv[1:3]


def run(*words, code=0, env=None):
    done = subprocess.run([netc, *words], capture_output=True, text=True, env=env)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stderr


def sheet(folder, spec, *more):
    path = os.path.join(folder, "sheet.html")
    run("worksheet", spec, "-o", path, *more)
    with open(path) as file:
        text = file.read()
    assert not re.search(r"<script|https?://|src=", text), "a page stands alone"
    page = tree.fromstring(text.replace("<!DOCTYPE html>\n", ""))
    given = {(s.get("data-name"), int(s.get("data-element"))): float(s.text)
             for s in page.iter("span") if s.get("class") == "given-value"}
    answers = {c.get("data-name"): float(c.get("data-value")) for c in page.iter("td") if c.get("class") == "answer"}
    return text, given, answers


def trace(folder, spec):
    path = os.path.join(folder, "trace.csv")
    run("trace", spec, "--all", "-o", path)
    with open(path) as file:
        names, *rows = list(csv.reader(file))
    return [dict(zip(names, map(float, row))) for row in rows]


def check(answers, rows):
    asked = 0
    for name, value in answers.items():
        row, column = (rows[1], name[:-4]) if name.endswith(" new") else (rows[0], name)
        if column.startswith("d_"):
            column = "dE_total/d" + column[2:]
        assert abs(value - row[column]) <= TOLERANCE * max(1, abs(value)), (name, value, row[column])
        asked += 1
    return asked


def check_scalars(folder, seed):
    spec = os.path.join(specs, "backprop.net")
    text, given, answers = sheet(folder, spec, *(["--seed", str(seed)] if seed is not None else []))
    assert len(given) == 12 and len(answers) == 38, (given, answers)
    with open(spec) as file:
        changed = file.read()
    for (name, _), value in given.items():
        if name.startswith("w"):
            changed, count = re.subn(r"\b%s = [0-9.]+" % name, "%s = %r" % (name, value), changed)
        else:
            changed, count = re.subn(r"\b%s = \[[0-9.]+\]" % name, "%s = [%r]" % (name, value), changed)
        assert count == 1, name
    path = os.path.join(folder, "changed.net")
    with open(path, "w") as file:
        file.write(changed)
    assert check(answers, trace(folder, path)) == 38
    assert all(value == round(value, 2) for value in given.values()), "two decimals"
    assert text == sheet(folder, spec, *(["--seed", str(seed)] if seed is not None else []))[0]
    return given


def main():
    with tempfile.TemporaryDirectory() as folder:
        spec = check_scalars(folder, None)
        assert spec[("w5", 0)] == 0.4
        drawn = [check_scalars(folder, seed) for seed in (1, 2)]
        assert drawn[0] != drawn[1] and drawn[0] != spec, "another seed, other numbers"
        layers = os.path.join(specs, "sigmoid_2_2_2.net")
        _, _, answers = sheet(folder, layers)
        assert check(answers, trace(folder, layers)) == len(answers) > 30

        files = os.path.join(folder, "files.net")
        with open(layers) as old, open(files, "w") as new:
            new.write(re.sub(r"(?s)data {.*?\n}", 'data {\n  format = csv\n  train = "a.csv"\n'
                             '  columns = (x=["a", "b"], t=["c", "d"])\n}', old.read()))
        said = run("worksheet", files, "-o", os.path.join(folder, "x.html"), code=2)
        assert "inline" in said, said
        run("worksheet", layers, "-o", os.path.join(folder, "x.txt"), code=2)
        empty = os.path.join(folder, "empty")
        os.mkdir(empty)
        for tool in ("cc", "gcc", "rm", "as", "ld"):
            if shutil.which(tool):
                os.symlink(shutil.which(tool), os.path.join(empty, tool))
        pdf = os.path.join(folder, "x.pdf")
        said = run("worksheet", layers, "-o", pdf, code=3, env={**os.environ, "PATH": empty})
        assert "install chromium" in said, said
        if shutil.which("chromium"):
            run("worksheet", layers, "-o", pdf)
            with open(pdf, "rb") as file:
                assert file.read(5) == b"%PDF-"


main()
