"""The examples and the documents that quote them: the C in examples/generated is what the compiler writes now; every quoted
line stands in its file where the document says, and every quoted output is what the command prints.
"""
import math
import re

from harness import SOURCE, SPECS, contains, equal, main, run

DOCUMENTS = ("reading-the-c.md", "ir.md")
CAPTION = re.compile(r"`([\w./-]+)`(?:, lines? (\d+)(?: to (\d+))?)?:")


def test_generated_is_what_the_compiler_writes(folder):
    for name in ("backprop", "mnist_convblock"):
        run("emit", SPECS / f"{name}.net", "-o", folder)
        for ending in ("c", "h"):
            kept = SOURCE / "examples/generated" / f"{name}.{ending}"
            equal((folder / f"{name}.{ending}").read_text(), kept.read_text(),
                  f"{kept.name} (examples/make_generated.sh writes it anew)")


def blocks(document):
    """The fenced blocks of a document: (line above, word behind the fence, lines inside)."""
    lines, found = (SOURCE / "docs" / document).read_text().splitlines(), []
    at = 0
    while at < len(lines):
        if lines[at].startswith("```"):
            end = lines.index("```", at + 1)
            found.append((lines[at - 1], lines[at][3:], lines[at + 1:end]))
            at = end
        at += 1
    return found


def place(wanted, lines, begin=0):
    """Where the lines stand in a row among others, or -1."""
    for at in range(begin, len(lines) - len(wanted) + 1):
        if lines[at:at + len(wanted)] == wanted:
            return at
    return -1


def check_quotation(where, path, first, last, quoted):
    at = place(quoted, (SOURCE / path).read_text().splitlines())
    assert at >= 0, f"{where}: {path} does not have these lines:\n" + "\n".join(quoted)
    if first:
        equal((int(first), int(last or first)), (at + 1, at + len(quoted)), f"{where}: lines of {quoted[0].strip()!r}")


def check_output(where, command, quoted):
    words = command.split()
    equal(words[:2], ["$", "netc"], f"{where}: a command")
    lines, at, loose, part = run(*words[2:], cwd=SOURCE).stdout.splitlines(), 0, False, []
    for line in quoted + ["..."]:
        if line != "...":
            part.append(line)
            continue
        found = place(part, lines, at)
        assert found >= 0 and (loose or found == at), f"{where}: {command} does not print\n" + "\n".join(part)
        at, loose, part = found + len(part), True, []
    assert quoted[-1] == "..." or at == len(lines), f"{where}: {command} prints more behind {quoted[-1]!r}"


def test_quotations(folder):
    for document in DOCUMENTS:
        quotations = 0
        for above, kind, quoted in blocks(document):
            caption = CAPTION.fullmatch(above)
            if kind == "console":
                check_output(document, quoted[0], quoted[1:])
            elif caption:
                check_quotation(document, caption[1], caption[2], caption[3], quoted)
            else:
                equal(kind, "text", f"{document}: a block that nothing verifies, below {above!r}")
                continue
            quotations += 1
        assert quotations > 5, (document, quotations)


def test_links(folder):
    for document in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#]+)", (SOURCE / "docs" / document).read_text()):
            assert (SOURCE / "docs" / link).exists(), f"{document}: {link}"


def test_numbers_of_the_walk(folder):
    """The table of values in the walk, worked out here."""
    def sigmoid(x):
        return 1/(1 + math.exp(-x))
    a_h1, a_h2 = sigmoid(0.15*0.05 + 0.20*0.10), sigmoid(0.25*0.05 + 0.30*0.10)
    o2 = 0.50*a_h1 + 0.55*a_h2
    a_o2 = sigmoid(o2)
    d_o2 = (a_o2 - 0.99)*a_o2*(1 - a_o2)
    text = (SOURCE / "docs/reading-the-c.md").read_text()
    for row, value in (("| `a_h1`", a_h1), ("| `o2`", o2), ("| `a_o2`", a_o2), ("| `d_o2`", d_o2), ("| `d_w7`", d_o2*a_h1),
                       ("| `w7` after", 0.5 - 2*d_o2*a_h1)):
        line = next(line for line in text.splitlines() if line.startswith(row))
        contains(line, f"| {value:.6f} |")


def test_edge_is_a_spec(folder):
    contains(run("gradcheck", SOURCE / "examples/edge.net").stdout, "0 kinks: ok")
    run("fmt", "--check", SOURCE / "examples/edge.net")


main()
