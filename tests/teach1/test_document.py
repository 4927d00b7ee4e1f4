"""docs/teaching.md: each command with its output is run again, each picture made again."""
import re
import shlex

from harness import SOURCE, SPECS, equal, main, run

DOCUMENT = (SOURCE / "docs" / "teaching.md").read_text()
OURS = ("trace", "sweep")


def test_quotations(folder):
    count = 0
    for block in re.findall(r"```\n(\$ netc .*?)```", DOCUMENT, re.S):
        command, _, wanted = block.partition("\n")
        words = shlex.split(command)[2:]
        if words[0] not in OURS:
            continue
        (folder / "specs").exists() or (folder / "specs").symlink_to(SPECS)
        done = run(*words, cwd=folder, code=None)
        said = done.stdout or done.stderr.splitlines()[0] + "\n"
        equal(said, wanted, command)
        count += 1
    equal(count, 3, "quotations")


def test_pictures(folder):
    for name in ("backprop", "mnist_convblock"):
        run("graph", SPECS / f"{name}.net", "-o", folder / "net.svg")
        equal((folder / "net.svg").read_text(), (SOURCE / "docs" / "images" / f"{name}.svg").read_text(), name)
    run("sweep", SPECS / "backprop.net", "-o", folder / "rates")
    equal((folder / "rates" / "sweep.svg").read_text(), (SOURCE / "docs" / "images" / "rates.svg").read_text(), "images/rates.svg")


main()
