"""docs/layers.md against the headers of the library: every layer has one row, with its arguments, defaults, inputs and outputs.

    document.py docs/layers.md compiler/std
"""
import os
import re
import sys


def closing(text, start):
    """The place behind the parenthesis that closes the one at start."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i + 1
    raise ValueError(f"no end of the list in {text[start:start + 60]!r}")


def library_headers(folder):
    """name: ("Conv1d(out_channels, ...)", "x[C, L] -> y[out_channels, P]", file)"""
    headers = {}
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".net"):
            continue
        with open(os.path.join(folder, file)) as f:
            text = f.read()
        for match in re.finditer(r"^layer\s+(\w+)\s*", text, re.M):
            end = closing(text, match.end())
            after = closing(text, text.index("(", end))
            inputs = text[text.index("(", end) + 1:after - 1]
            output = text[after:text.index("{", after)].replace("->", "").strip()
            words = lambda s: " ".join(s.split())
            headers[match.group(1)] = (words(match.group(1) + text[match.end():end]), words(f"{inputs} -> {output}"), file)
    return headers


def document_rows(path):
    rows, file, mistakes = {}, None, []
    with open(path) as f:
        for number, line in enumerate(f, 1):
            section = re.match(r"`compiler/std/(\w+\.net)`", line)
            if section:
                file = section.group(1)
            row = re.match(r"\| `((\w+)\(.*?\))` \| `(.*?)` \| (.+?) \| (.+?) \|$", line.rstrip())
            if row and row.group(2) in rows:
                mistakes.append(f"{path}:{number}: {row.group(2)} has a second row")
            elif row:
                rows[row.group(2)] = (row.group(1), row.group(3), file)
            elif line.startswith("| `"):
                mistakes.append(f"{path}:{number}: not a row of four cells")
    return rows, mistakes


def main():
    path, folder = sys.argv[1:]
    headers = library_headers(folder)
    rows, mistakes = document_rows(path)
    for name in sorted(set(headers) | set(rows)):
        if name not in rows:
            mistakes.append(f"{path}: no row for {name}")
        elif name not in headers:
            mistakes.append(f"{path}: the library has no {name}")
        elif rows[name] != headers[name]:
            mistakes.append(f"{path}: {name}: the row says {rows[name]}, the library {headers[name]}")
    for mistake in mistakes:
        print(mistake)
    print(f"{len(headers)} layers, {len(mistakes)} mistakes")
    return 1 if mistakes or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
