"""What the tests of figures share: SVG files as trees, and the rules every figure of ours keeps."""
import re
import xml.etree.ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def read(path):
    """The root of a well-formed SVG that has a title and a description, follows the colour scheme and loads nothing."""
    text = path.read_text()
    root = xml.etree.ElementTree.fromstring(text)
    assert root.tag == SVG + "svg", root.tag
    assert root.find(SVG + "title").text and root.find(SVG + "desc").text
    assert "@media (prefers-color-scheme:dark)" in text
    assert not re.search(r"<script|href|<image|<!DOCTYPE|<foreignObject", text)
    numbers = re.findall(r"nan|inf\b", re.sub(r">[^<]*<", "><", text.split("</style>", 1)[1]))
    assert not numbers, numbers
    return root


def texts(root):
    return ["".join(t.itertext()) for t in root.iter(SVG + "text")]


def curves(root):
    """The polylines as lists of (x, y) in pixels."""
    return [[tuple(map(float, p.split(","))) for p in line.get("points").split()] for line in root.iter(SVG + "polyline")]


def inside(root):
    """Every text stands within the picture."""
    width, height = float(root.get("width")), float(root.get("height"))
    for t in root.iter(SVG + "text"):
        x, y = float(t.get("x")), float(t.get("y"))
        assert -0.5 <= x <= width + 0.5 and y <= height + 0.5, "".join(t.itertext())
