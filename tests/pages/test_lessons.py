"""Every teaching command on each small network of specs/: it works, and what it writes opens without an error in a browser."""
import shutil

import browser
from harness import SPECS, contains, equal, main, run

NETS = ("backprop", "sigmoid_2_2_2", "softmax_3_4_2")
PAGES = {"trace": (), "derive": (), "worksheet": ("--seed", 4)}


def opened(path):
    with browser.page(path) as page:
        assert page.evaluate("document.body ? document.body.innerText.length : document.querySelectorAll('text').length"), path


def test_pages(folder):
    for spec in NETS:
        for command, options in PAGES.items():
            run(command, SPECS / f"{spec}.net", *options, "-o", folder / f"{command}.html")
            opened(folder / f"{command}.html")
        run("trace", SPECS / f"{spec}.net", "-o", folder / "t.md")
        for ending in ("md", "tex"):
            run("derive", SPECS / f"{spec}.net", "-o", folder / f"d.{ending}")


def test_figures(folder):
    for spec in NETS:
        run("graph", SPECS / f"{spec}.net", "-o", folder / "g.svg")
        opened(folder / "g.svg")
        run("sweep", SPECS / f"{spec}.net", "-o", folder / spec)
        opened(folder / spec / "sweep.svg")
        runs = sorted(p for p in (folder / spec).iterdir() if p.is_dir())
        assert len(runs) >= 4, runs
        run("plot", *runs[:3], "-o", folder / "p.svg", "--log")
        opened(folder / "p.svg")


def test_runs(folder):
    for spec in NETS:
        run("train", SPECS / f"{spec}.net", "--out", folder / spec, "--quiet")
        run("report", folder / spec, "-o", folder / "r.html")
        opened(folder / "r.html")


def test_gradients(folder):
    for spec in NETS:
        contains(run("gradcheck", SPECS / f"{spec}.net").stdout, ": ok")


def test_workbooks(folder):
    for spec in NETS:
        done = run("sheet", SPECS / f"{spec}.net", "-o", folder / "s.xlsx", code=None)
        if done.returncode == 3 and "libxlsxwriter" in done.stderr:
            return  # built without it
        equal(done.returncode, 0, done.stderr)
        equal((folder / "s.xlsx").read_bytes()[:2], b"PK", "an archive")


def test_playgrounds(folder):
    if not (shutil.which("clang-19") and shutil.which("wasm-ld-19")):
        return  # test_playground says that it is skipped
    for spec in NETS:
        run("playground", SPECS / f"{spec}.net", "-o", folder / "p.html")
        with browser.page(folder / "p.html") as page:
            page.wait("!document.querySelector('#step').disabled")
            page.click("#step")


main()
