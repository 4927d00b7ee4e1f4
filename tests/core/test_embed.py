"""examples/embed: the C of `netc emit --freestanding`, in a program of its own, trains as the reference does, compiles without
a word, and calls libm alone.
"""
import csv
import re
import shutil
import subprocess

from harness import DATA, NETC, SOURCE, SPECS, contains, environment, equal, main, run

EMBED = SOURCE / "examples" / "embed"
WARNINGS = "-std=c11 -Wall -Wextra -Wpedantic -Werror".split()
LIBM = {"exp", "fabs"}
FLAGS = {"gcc": ["-O2", "-fno-tree-loop-distribute-patterns"], "clang": ["-O2"]}


def words(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True)
    equal(done.returncode, 0, done.stdout)
    return done.stdout


def reference():
    """E_total after 100 iterations at lr 2.0."""
    with (DATA / "backprop_e_total.csv").open() as file:
        return next(float(row["E_total"]) for row in csv.DictReader(file) if (row["lr"], row["step"]) == ("2.0", "100"))


def check_output(text):
    got = float(re.search(r"after 100 steps: ([\d.]+)", text)[1])
    assert abs(got - reference()) <= 1e-12, (got, reference())  # printed with twelve places
    contains(text, "0.005160108602")


def test_both_compilers(folder):
    run("emit", "--freestanding", SPECS / "backprop.net", "-o", folder)
    tried = 0
    for compiler, flags in FLAGS.items():
        if not shutil.which(compiler):
            continue
        tried += 1
        for source in (EMBED / "main.c", folder / "backprop.c"):
            equal(words(compiler, *WARNINGS, *flags, "-I", folder, "-c", source, "-o", folder / f"{source.stem}.o"), "")
        needed = {line.split()[-1] for line in words("nm", "-u", folder / "backprop.o").splitlines()}
        equal(needed - LIBM - {"_GLOBAL_OFFSET_TABLE_"}, set(), f"{compiler}: symbols beyond libm")
        words(compiler, folder / "main.o", folder / "backprop.o", "-lm", "-o", folder / compiler)
        check_output(words(folder / compiler))
    assert tried, "neither gcc nor clang"


def test_script_and_its_description(folder):
    done = subprocess.run([str(EMBED / "build.sh"), str(folder / "made")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, env=environment(NETC=NETC))
    equal(done.returncode, 0, done.stderr)
    check_output(done.stdout)
    shown = re.search(r"build\.sh\n(E_total.*?)\n```", (EMBED / "README.md").read_text(), re.S)[1]
    equal(done.stdout.splitlines()[-4:], shown.splitlines(), "what README.md shows")


def test_size_in_the_comment(folder):
    run("emit", "--freestanding", SPECS / "backprop.net", "-o", folder)
    ram = re.search(r"RAM: (\d+) bytes", (folder / "backprop.h").read_text())[1]
    contains((EMBED / "README.md").read_text(), f"bytes of RAM: {ram}\n")


main()
