"""Trace, derivation and worksheet as a reader has them: opened in a browser, numbers read from what it shows and compared with
the C program's. Layout too: nothing runs out of the page, what scrolls keeps its head, the key of a worksheet is hidden until asked for.
"""
import csv
import re

import browser
import formulas
from harness import SPECS, equal, main, run

NETS = ("backprop", "sigmoid_2_2_2", "softmax_3_4_2")
DIGITS = {"trace": 10, "derive": 6}  # that the pages print


def trace(folder, spec, *more):
    run("trace", SPECS / f"{spec}.net", "--all", "-o", folder / "t.csv", *more)
    with (folder / "t.csv").open() as file:
        names, *rows = list(csv.reader(file))
    return names, rows


def shown(number, digits):
    return f"{float(number):.{digits}g}"


def fits(page):
    """Nothing is wider than the window, except what scrolls in a box of its own."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"


def source(page):
    """What the browser made of the page, as a tree for formulas.Page."""
    text = page.evaluate("new XMLSerializer().serializeToString(document.documentElement)")
    return re.sub(r' xmlns="[^"]*"', "", text)


def check_trace(folder, spec):
    names, rows = trace(folder, spec)
    run("trace", SPECS / f"{spec}.net", "--all", "-o", folder / "t.html")
    with browser.page(folder / "t.html") as page:
        equal(page.evaluate("Array.from(document.querySelectorAll('thead th'), e => e.lastChild.textContent)"), names, "heads")
        table = page.evaluate("Array.from(document.querySelectorAll('tbody tr'), r => Array.from(r.cells, "
                              "c => [c.textContent, c.title || c.textContent]))")
        equal(len(table), len(rows), "rows")
        for got, wanted in zip(table, rows):
            equal([full for _, full in got], wanted, f"row {wanted[1]}, all digits")
            equal([text for text, _ in got[2:]], [shown(x, DIGITS["trace"]) for x in wanted[2:]], f"row {wanted[1]} as shown")
        fits(page)
        page.evaluate("(s => { s.scrollTop = 500; s.scrollLeft = 300 })(document.querySelector('.scroll'))")
        box = "document.querySelector('%s').getBoundingClientRect()"
        kept = page.evaluate(f"[{box % 'thead th:nth-child(2)'}, {box % 'tbody th:nth-child(2)'}, {box % '.scroll'}]"
                             ".map(b => [Math.round(b.left), Math.round(b.top), Math.round(b.right)])")
        head, first, scroll = kept
        assert abs(head[1] - scroll[1]) <= 2, f"the heads scrolled away: {kept}"
        assert head[0] >= scroll[0] and first[0] >= scroll[0], f"the steps scrolled away: {kept}"
        keys = page.evaluate("Array.from(document.querySelectorAll('tbody tr:first-child th'), "
                             "e => { const b = e.getBoundingClientRect(); return [b.left, b.right] })")
        assert all(a[1] <= b[0] + 1 for a, b in zip(keys, keys[1:])), f"one key column over the other: {keys}"


def number_of(step):
    """The result at the end of a step, and the element that it is for: (0, 0) of "∂E/∂W[0, 0]"."""
    blocks = [b for b in step.rows if b and (b[-1][0] is None or b[-1][0][0] == "gradient")]
    assert blocks, step.text
    return blocks[-1][-1][2]


def check_derivation(folder, spec):
    names, rows = trace(folder, spec, "--steps", "0..0")
    value = dict(zip(names, rows[0]))
    run("derive", SPECS / f"{spec}.net", "-o", folder / "d.html")
    with browser.page(folder / "d.html") as page:
        derived = formulas.Page(source(page))
        fits(page)
        compared = 0
        for name, (_, shape, cell) in derived.symbols.items():
            columns = [n for n in names if n == name or n.startswith(name + "[")] if name not in ("E", "accuracy") else []
            if columns and cell:
                wanted = [shown(value[n], DIGITS["derive"]) for n in columns]
                equal(cell.removesuffix(", ...").split(", "), wanted[:6], f"the value of {name}")
                compared += 1
        assert compared >= len(derived.symbols) - 5, (compared, list(derived.symbols))
        loss = "E_total" if "E_total" in derived.symbols else "E"
        compared = 0
        for step in derived.steps.values():
            shape = derived.shapes.get(step.name, [])
            column = f"d{loss}/d{step.name}" + (f"[{','.join('0'*len(shape))}]" if shape else "")
            if column not in value:
                continue
            got = formulas.rounded(derived, number_of(step))[0]
            assert abs(got - float(value[column])) <= 6e-6*abs(float(value[column])), (column, got, value[column])
            compared += 1
        assert compared >= len(derived.steps) - 2, (compared, len(derived.steps))
        cut = page.evaluate("Array.from(document.querySelectorAll('.formulas, .table')).filter(e => e.scrollWidth > e.clientWidth + 1).length")
        equal(cut, 0, "formulas wider than the page")
        small = page.evaluate("Array.from(document.querySelectorAll('math'), e => parseFloat(getComputedStyle(e).fontSize))")
        assert min(small) >= 14, f"mathematics of {min(small)} pixels"


def check_worksheet(folder, spec):
    names, rows = trace(folder, spec, "--steps", "0..1")
    before, after = (dict(zip(names, row)) for row in rows)
    run("worksheet", SPECS / f"{spec}.net", "-o", folder / "w.html")
    with browser.page(folder / "w.html") as page:
        fits(page)
        visible = "document.getElementById('key').checkVisibility()"
        equal(page.evaluate(visible), False, "the key before it is asked for")
        page.click("#show")
        equal(page.evaluate(visible), True, "the key")
        blanks = page.evaluate("document.querySelectorAll('.item').length")
        answers = page.evaluate("Array.from(document.querySelectorAll('td.answer'), e => [e.dataset.name, e.dataset.value, e.textContent])")
        equal(len(answers), blanks, "an answer for each question")
        loss = "E_total" if "E_total" in names else "E"
        compared = 0
        for name, full, text in answers:
            row, column = (after, name[:-4]) if name.endswith(" new") else (before, name)
            column = re.sub(r"^d_", f"d{loss}/d", column)
            equal(text, shown(full, 6), f"{name} as shown")
            if column in row:
                assert abs(float(full) - float(row[column])) <= 1e-12*max(1, abs(float(full))), (name, full, row[column])
                compared += 1
        assert compared >= len(answers)*0.9, (compared, len(answers))
        page.click("#show")
        equal(page.evaluate(visible), False, "the key, hidden again")
        page.print_media()
        equal(page.evaluate(visible), True, "the key in print")


def test_traces(folder):
    for spec in NETS:
        check_trace(folder, spec)


def test_derivations(folder):
    for spec in NETS:
        check_derivation(folder, spec)


def test_worksheets(folder):
    for spec in NETS:
        check_worksheet(folder, spec)


def test_narrow_and_dark(folder):
    """On a telephone and at night: nothing too wide, letters and ground apart."""
    for command in ("trace", "derive", "worksheet"):
        run(command, SPECS / "backprop.net", "-o", folder / "p.html")
        for dark in (False, True):
            with browser.page(folder / "p.html", width=400, dark=dark) as page:
                fits(page)
                ink, ground = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
                light = [sum(map(float, re.findall(r"[\d.]+", c)[:3]))/765 for c in (ink, ground)]
                assert (light[0] - light[1] > 0.5) == dark and abs(light[0] - light[1]) > 0.5, (command, dark, ink, ground)


main()
