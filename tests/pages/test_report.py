"""The page of a run in a browser: what it shows, light and dark, wide and narrow, on paper."""
import json

import browser
from harness import SAMPLE, SPECS, contains, equal, main, run

# The luminance of a colour and the contrast of text on a background, as WCAG 2.1 defines them.
CONTRAST = """(selector => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const over = (top, below) => { const a = top.length > 3 ? top[3] : 1; return [0, 1, 2].map(i => a * top[i] + (1 - a) * below[i]) };
  const light = c => c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const paper = rgb(getComputedStyle(document.body).backgroundColor);
  return Array.from(document.querySelectorAll(selector), e => {
    const style = getComputedStyle(e), below = over(rgb(style.backgroundColor), paper);
    const [a, b] = [light(rgb(style.color)), light(below)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05) }) })"""


def pages(folder):
    run("train", SPECS / "mnist_convblock.net", "--data", SAMPLE, "--epochs", 2, "--set", "lr=0.004", "--out", folder / "digits", "-q")
    run("train", SPECS / "backprop.net", "--out", folder / "b", "-q")
    run("report", folder / "digits", "--data", SAMPLE, "-o", folder / "digits.html")
    run("report", folder / "b", "-o", folder / "b.html")


def check_digits(page, folder, dark):
    wanted = json.loads((folder / "digits" / "run.json").read_text())["test"]
    equal(page.evaluate("Number(document.querySelector('#result-1 data').value)"), wanted["accuracy"], "accuracy")
    contains(page.text("#result-0"), f"{wanted['loss']:.4f}")
    equal(page.evaluate("Array.from(document.querySelectorAll('#matrix tbody tr'), r => Array.from(r.querySelectorAll('data'),"
                        "d => Number(d.value))).map(r => r.slice(0, 10).reduce((a, b) => a + b) - r[10])"), [0] * 10, "rows sum to their classes")
    equal(set(map(tuple, page.evaluate("Array.from(document.querySelectorAll('.gallery img'), i => [i.complete, i.naturalWidth])"))),
          {(True, 28)}, "pictures of mistakes")
    equal(page.evaluate("document.querySelectorAll('.filters img').length"), 16, "filters")
    for selector in ("#matrix td.hit", "#matrix td.miss", "p", ".card b", ".card span", ".note", ".lead"):
        least = min(page.evaluate(f"{CONTRAST}('{selector}')"))
        assert least >= 4.5, (selector, least)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    equal(light, not dark, "the paper follows the colour scheme")


def test_digits_and_backprop(folder):
    pages(folder)
    for dark in (False, True):
        with browser.page(folder / "digits.html", dark=dark) as page:
            check_digits(page, folder, dark)
            page.screenshot(folder / "digits.png")
        with browser.page(folder / "b.html", dark=dark) as page:
            equal(page.text("#result-0 b"), "0.0052", "E_total")
            equal(page.texts("#trained td")[:3], ["w1", "0.15", "0.275098"], "the first weight")
            contains(page.text("#drawing"), "w5 = -2.333")
            equal(page.evaluate("document.querySelector('#matrix')"), None, "no confusions of numbers")


def test_narrow_and_paper(folder):
    pages(folder)
    for name in ("digits.html", "b.html"):
        with browser.page(folder / name, width=420, height=800) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= 420, "wide parts scroll in their own frame"
            page.print_media()
            equal(page.evaluate("getComputedStyle(document.querySelector('.contents')).display"), "none", "links on paper")
            page.click("summary")
            page.wait("document.querySelector('details').open")
            contains(page.text("details pre"), "model ")


main()
