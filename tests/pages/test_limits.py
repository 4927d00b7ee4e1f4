"""What is too large for a page or a workbook is refused with the limit, the size it has, and what to do instead; nothing is written."""
from harness import SPECS, contains, equal, main, run, write

CHAIN = 450  # steps of a derivation; a page shows 400


def wide(folder, hidden):
    """The 3-4-2 network with more hidden neurons."""
    text = (SPECS / "softmax_3_4_2.net").read_text()
    for line in text.splitlines():
        if line.startswith("param"):
            name, shape = line.split()[1], line[line.index("["):line.index("]") + 1].replace("4", str(hidden))
            text = text.replace(line, f"param {name.split('[')[0]}{shape} = uniform(-1, 1)")
    return write(folder, "wide.net", text)


def chain(folder):
    stages = "".join(f"a{i} = tanh(0.9*a{i - 1})\n" for i in range(1, CHAIN))
    return write(folder, "chain.net", f"model chain\nprecision f64\ninput x\ntarget t\nparam w = 1\na0 = w*x\n{stages}"
                 f"loss E = (a{CHAIN - 1} - t)^2\ndata {{\n  format = inline\n  x = [1]\n  t = [0]\n}}\n"
                 "train {\n  iterations = 3\n  batch_size = 1\n  optimizer = SGD(lr=0.1)\n}\n")


def refused(folder, words, *parts):
    before = sorted(p.name for p in folder.iterdir())
    done = run(*words, code=2)
    contains(done.stderr, *parts)
    equal(sorted(p.name for p in folder.iterdir()), before, "files")


def test_sheets(folder):
    book = ("-o", folder / "x.xlsx")
    done = run("sheet", SPECS / "backprop.net", *book, code=None)
    if done.returncode == 3 and "libxlsxwriter" in done.stderr:
        return  # built without it
    (folder / "x.xlsx").unlink()
    refused(folder, ("sheet", wide(folder, 200), *book), "room for 1000 numbers a step, this network has", "a smaller network",
            "netc trace")
    refused(folder, ("sheet", SPECS / "mnist_convblock.net", *book), "room for 1000 numbers a step, this network has 474674")
    refused(folder, ("sheet", SPECS / "backprop.net", *book, "--set", "iterations=100000"), "500000 cells", "--set iterations=50")


def test_worksheets(folder):
    page = ("-o", folder / "x.html")
    refused(folder, ("worksheet", wide(folder, 40), *page), "at most 200 numbers, this network has 834", "a smaller network",
            "netc derive")
    refused(folder, ("worksheet", SPECS / "mnist_convblock.net", *page), "at most 200 numbers, this network has 900542")


def test_derivations(folder):
    spec = chain(folder)
    for ending in ("html", "md", "tex"):
        refused(folder, ("derive", spec, "-o", folder / f"x.{ending}"), "has 451 steps, a page shows at most 400", "--of NAME")
    run("derive", spec, "-o", folder / "x.html", "--of", f"a{CHAIN - 10}")
    contains((folder / "x.html").read_text(), "Step 9")


def test_traces(folder):
    refused(folder, ("trace", wide(folder, 200), "-o", folder / "x.html"), "numbers a step, a table shows at most 200",
            "--tensor NAME", "--sample I", "--summary")


main()
