"""The gradients of every layer and loss of the library as text, one file a layer, so that a change of the rules or of a layer
shows as a change of formulas. `test_library_gradients.py --bless` writes the texts anew; read the difference.
"""
import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor

from harness import SOURCE, contains, equal, main, run

GOLDEN = SOURCE / "tests" / "golden" / "library"
BLESS = "--bless" in sys.argv


def derived(path):
    """A case: the use of the layer, then its equations and their gradients, those of its inputs too."""
    use = path.read_text().splitlines()[0]
    return f"{use}\n{run('check', '--dump=adjoint', '--input-gradients', path).stdout}"


def texts(folder):
    """Of every layer the text of all its cases, in their order."""
    paths = [pathlib.Path(line) for line in run("gradcheck", "--library", "--list", folder / "specs").stdout.splitlines()]
    out = {}
    with ThreadPoolExecutor(2) as pool:
        for path, text in zip(paths, pool.map(derived, paths)):
            out.setdefault(path.stem.rpartition("_")[0], []).append(text)
    return {layer: "\n".join(cases) for layer, cases in out.items()}


def test_gradients(folder):
    got = texts(folder)
    assert len(got) > 40, sorted(got)
    if BLESS:
        GOLDEN.mkdir(parents=True, exist_ok=True)
        for old in GOLDEN.glob("*.adj"):
            old.unlink()
        for layer, text in got.items():
            (GOLDEN / f"{layer}.adj").write_text(text)
    equal(sorted(got), sorted(path.stem for path in GOLDEN.glob("*.adj")), "layers with a golden text")
    wrong = []
    for layer, text in got.items():
        try:
            equal(text, (GOLDEN / f"{layer}.adj").read_text(), f"gradients of {layer} (--bless writes them anew)")
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)


def test_every_layer_has_a_text(folder):
    """By the library's own headers, not by the compiler's list; metrics have no gradient."""
    for path in (SOURCE / "compiler" / "std").glob("*.net"):
        for line in path.read_text().splitlines():
            if line.startswith("layer ") and path.stem != "metric":
                name = line.split()[1].split("(")[0]
                assert (GOLDEN / f"{name}.adj").exists(), name


def test_list_wants_the_library(folder):
    contains(run("gradcheck", SOURCE / "specs/backprop.net", "--list", folder, code=2).stderr, "--list wants --library")
    run("gradcheck", "--library", "--only", "None", "--list", folder / "none", code=2)
    run("gradcheck", "--library", "--list", "/dev/null/none", code=3)
    equal(len(run("gradcheck", "--library", "--only", "GELU", "--list", folder / "one").stdout.splitlines()), 2)


sys.argv = [word for word in sys.argv if word != "--bless"]
main()
