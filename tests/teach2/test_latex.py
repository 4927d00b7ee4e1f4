"""netc derive -o page.tex: the article compiles, and nothing in it is too wide for the page by more than a letter."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

netc, specs = sys.argv[1:3]
# Long names and long C lines of large networks may stick out; the lesson's own network may not.
TOO_WIDE = 15  # pt


def compiled(folder, spec, *more):
    path = os.path.join(folder, "page.tex")
    subprocess.run([netc, "derive", spec, "-o", path, *more], check=True)
    done = subprocess.run(["pdflatex", "-halt-on-error", "-interaction=nonstopmode", path], cwd=folder, capture_output=True)
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-3000:]
    return [float(points) for points in re.findall(r"Overfull \\hbox \(([0-9.]+)pt", log)]


def main():
    if not shutil.which("pdflatex"):
        print("skipped: no pdflatex (apt-get install texlive-latex-base)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        wide = compiled(folder, os.path.join(specs, "backprop.net"))
        assert all(points <= TOO_WIDE for points in wide), wide
        compiled(folder, os.path.join(specs, "sigmoid_2_2_2.net"), "--step", "2")
        compiled(folder, os.path.join(specs, "mnist_convblock.net"))


main()
