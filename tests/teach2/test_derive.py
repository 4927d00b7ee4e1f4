"""netc derive: every formula of the page parsed back and evaluated against automatic differentiation, every printed number
against the others, pages well-formed."""
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

netc, specs = sys.argv[1:3]
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "mnist-sample")
# Central differences with steps of 1e-5 agree to about that; the page prints the distance with 2 digits.
DIFFERENCE = 1e-9


def run(*words, code=0):
    done = subprocess.run([netc, *words], capture_output=True, text=True)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def derive(folder, spec, ending, *more):
    path = os.path.join(folder, "page" + ending)
    run("derive", spec, "-o", path, *more)
    with open(path) as file:
        return file.read()


def check_formulas(spec, text):
    formulas = re.findall(r'--formula "(d_[^"]*)"', text)
    assert len(formulas) == 8, formulas
    for formula in formulas:
        assert "confirmed" in run("gradcheck", spec, "--formula", formula)
    # A sign turned around in any of them must not pass.
    run("gradcheck", spec, "--formula", formulas[0].replace("a_o1 - t1", "a_o1 + t1"), code=4)


def check_differences(text, count):
    rows = re.findall(r"\| (-?\d[\d.e-]*) \| (-?\d[\d.e-]*) \| (\d[\d.e+-]*) \|", text)
    assert len(rows) == count, rows
    for derived, difference, distance in rows:
        assert abs(float(derived) - float(difference)) <= DIFFERENCE, (derived, difference)
        assert float(distance) <= DIFFERENCE, distance


def check_html(text):
    page = tree.fromstring(text.replace("<!DOCTYPE html>\n", ""))
    assert not re.search(r"<script|https?://|src=", text), "a page stands alone"
    names = {node.get("id") for node in page.iter() if node.get("id")}
    links = {node.get("href")[1:] for node in page.iter("a")}
    assert links <= names, links - names
    return page


def main():
    scalars, layers = os.path.join(specs, "backprop.net"), os.path.join(specs, "sigmoid_2_2_2.net")
    convolution = os.path.join(specs, "mnist_convblock.net")
    with tempfile.TemporaryDirectory() as folder:
        text = derive(folder, scalars, ".md")
        check_formulas(scalars, text)
        check_differences(text, 8)
        for part in ("sigmoid rule", "power rule", "product rule", "const double d_w5 = d_o1*a_h1;", "0.0721571", "-0.359519"):
            assert part in text, part
        assert text == derive(folder, scalars, ".md"), "two runs wrote different pages"
        later = derive(folder, scalars, ".md", "--step", "100")
        assert "after 100 updates" in later and "0.00516011" in later, "the loss after 100 updates"
        check_differences(later, 8)
        one = derive(folder, scalars, ".md", "--of", "w5")
        assert "w_{5}" in one and "\\partial w_{1}}" not in one
        check_differences(one, 1)

        page = check_html(derive(folder, scalars, ".html"))
        assert len([s for s in page.iter("section") if s.get("class") == "step"]) == 18
        check_html(derive(folder, layers, ".html"))
        check_differences(derive(folder, layers, ".md"), 2)
        element = derive(folder, layers, ".md", "--of", "linear_1.weight[1,0]")
        assert "0.000224813" in element, "dE_total/dw3"
        letters = derive(folder, convolution, ".html")
        check_html(letters)
        assert "--data" in letters
        numbers = derive(folder, convolution, ".md", "--of", "conv2d.conv2d.weight[2,3,0,0]", "--data", DATA, "--batch-size", "4")
        check_differences(numbers, 1)

        # A spec comes from a stranger, and so does its name.
        strange = os.path.join(folder, "a <b> & `c` $d$ \\end{verbatim}|\"f\".net")
        with open(scalars) as old, open(strange, "w") as new:
            new.write(old.read())
        check_html(derive(folder, strange, ".html"))
        text = derive(folder, strange, ".tex")
        assert text.count("\\end{document}") == 1
        assert text.count("\\begin{verbatim}") == text.count("\\end{verbatim}")

        said = run("derive", scalars, "-o", os.path.join(folder, "x.html"), "--of", "w55", code=2)
        assert "did you mean w5" in said, said
        run("derive", scalars, "-o", os.path.join(folder, "x.pdf"), code=2)
        said = run("derive", scalars, "-o", os.path.join(folder, "x.html"), "--of", "i1", code=2)
        assert "no gradient" in said, said


main()
