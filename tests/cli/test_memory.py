"""netc summary --memory: the plan adds up, what a step touches is what was planned, and the picture is one."""
import re
import xml.dom.minidom

from harness import SPECS, contains, main, run


def figures(text):
    got = {}
    for name, number in re.findall(r"^(stored|planned|measured) +([0-9,]+) bytes", text, re.M):
        got[name] = int(number.replace(",", ""))
    return got


def test_convblock(folder):
    picture = folder / "plan.svg"
    text = run("summary", "--memory", SPECS / "mnist_convblock.net", picture).stdout
    contains(text, "needed by the nests", "convblock_1.conv2d_1.relu", "[128, 16, 28, 28]", "tensors that stay in registers")
    got = figures(text)
    # A row a tensor: sizes, and places that several of them share.
    rows = re.findall(r"^(\S+) +\[.*\] +(\S+) +([0-9,]+) +(\d+)  (\w+ \d+.*)$", text, re.M)
    assert len(rows) > 20 and len({row[3] for row in rows}) < len(rows)
    assert got["planned"] <= 0.5*got["stored"], got
    # Pages are whole; halos and padding of the last page may stay untouched, nothing larger.
    assert 0.97*got["planned"] <= got["measured"] <= got["planned"] + 4096*16, got
    drawn = xml.dom.minidom.parse(str(picture))
    assert len(drawn.getElementsByTagName("rect")) > 30
    titles = [t.firstChild.data for t in drawn.getElementsByTagName("title")]
    assert any("d_convblock_1.batchnorm2d_1 [128, 16, 28, 28]" in t for t in titles), titles[:5]


def test_batch_and_layers(folder):
    small = figures(run("summary", "--memory", "--batch-size=32", SPECS / "bench" / "lenet5.net").stdout)
    large = figures(run("summary", "--memory", "--batch-size=64", SPECS / "bench" / "lenet5.net").stdout)
    assert small["stored"]*2 == large["stored"] and small["planned"] < large["planned"], (small, large)


def test_tiny_and_wrong_use(folder):
    contains(run("summary", "--memory", SPECS / "backprop.net").stdout, "plain style, which plans nothing")
    contains(run("summary", SPECS / "backprop.net", folder / "x.svg", code=2).stderr, "--memory")
    run("summary", "--memory", SPECS / "bench" / "lenet5.net", folder / "no" / "x.svg", code=3)


if __name__ == "__main__":
    main()
