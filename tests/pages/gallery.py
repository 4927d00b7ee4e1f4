"""Makes the pictures of docs/gallery.md: runs the commands that stand there, in their order, in a folder of their own, and
takes each picture from what they wrote. A comment above a picture says from which file, where its name is another, and of a page
how much: "page.html, WIDTH x HEIGHT, at SELECTOR, dark, click SELECTOR ..., drag SELECTOR X Y X Y ..." (0 to 1 of the element).
Used by examples/make_gallery.sh and test_gallery.py.

    gallery.py NETC FOLDER       # where the pictures go
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import browser
import png

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MOST = 60_000  # bytes of a picture: the page of the gallery stays light
PART = re.compile(r"```\n(?P<commands>netc .*?)```|<!-- (?P<place>.*?) -->|!\[[^\]]*\]\(images/(?P<image>[^)]*)\)", re.S)


def parts():
    """("commands", [words]), ("place", text) and ("image", name) as they follow each other."""
    for found in PART.finditer((ROOT / "docs" / "gallery.md").read_text()):
        kind, text = found.lastgroup, found[found.lastgroup]
        yield kind, [shlex.split(line) for line in text.splitlines()] if kind == "commands" else text


def photograph(page_file, settings, out):
    size, top, clicks, drags, dark = (1000, 600), 0, [], [], False
    for setting in settings:
        word, _, rest = setting.partition(" ")
        if word == "at":
            top = rest
        elif word == "click":
            clicks = rest.split()
        elif word == "drag":
            selector, *numbers = rest.split()
            drags.append((selector, list(zip(map(float, numbers[::2]), map(float, numbers[1::2])))))
        elif word == "dark":
            dark = True
        else:
            size = tuple(map(int, re.fullmatch(r"(\d+) x (\d+)", setting).groups()))
    with browser.page(page_file, width=size[0], height=size[1], dark=dark) as page:
        for selector in clicks:
            page.click(selector)
        for selector, points in drags:
            page.drag(selector, points)
        page.screenshot(out, size[1], top or None)
    out.write_bytes(png.with_palette(out.read_bytes()))


def make(netc, folder):
    made = []
    with tempfile.TemporaryDirectory() as work:
        work, place = pathlib.Path(work), None
        for name in ("specs", "tests"):
            (work / name).symlink_to(ROOT / name)
        for kind, value in parts():
            if kind == "commands":
                for words in value:
                    subprocess.run([netc, *words[1:]], cwd=work, check=True, stdout=subprocess.DEVNULL)
            elif kind == "place":
                place = value.split(", ")
            else:
                source, out = place[0] if place else value, folder / value
                if source.endswith(".html"):
                    photograph(work / source, place[1:], out)
                else:
                    out.write_bytes((work / source).read_bytes())
                assert out.stat().st_size <= MOST, f"{value} has {out.stat().st_size} bytes, more than {MOST}"
                made.append(value)
                place = None
    return made


if __name__ == "__main__":
    print(" ".join(make(str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]))))
