"""The commands of docs/mistakes.md, run: what the page shows is what they print. With --bless the page is written anew."""
import os
import re
import shlex
import subprocess
import sys

# A central difference of a loss around 0.2 with steps of 1e-4 and less keeps about ten digits on any machine.
TOLERANCE = 1e-8

netc, specs = sys.argv[1:3]
root = os.path.dirname(os.path.abspath(specs))
page = os.path.join(root, "docs", "mistakes.md")
BLOCK = re.compile(r"```console\n\$ netc (.*)\n((?:.*\n)*?)```\n")
NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]\d+)?")


def output(command):
    done = subprocess.run([netc, *shlex.split(command)], cwd=root, capture_output=True, text=True)
    assert done.returncode in (0, 4) and not done.stderr, (command, done.returncode, done.stderr)
    assert ("REFUTED" in done.stdout) == (done.returncode == 4), done.stdout
    return done.stdout


def same(shown, printed):
    a, b = NUMBER.findall(shown), NUMBER.findall(printed)
    if NUMBER.sub("#", shown) != NUMBER.sub("#", printed) or len(a) != len(b):
        return False
    return all(abs(float(x) - float(y)) <= TOLERANCE * max(abs(float(x)), 1e-3) for x, y in zip(a, b))


def main():
    with open(page) as file:
        text = file.read()
    blocks = BLOCK.findall(text)
    assert len(blocks) >= 10, len(blocks)
    if "--bless" in sys.argv:
        made = BLOCK.sub(lambda m: "```console\n$ netc %s\n%s```\n" % (m.group(1), output(m.group(1))), text)
        with open(page, "w") as file:
            file.write(made)
        return
    for command, shown in blocks:
        printed = output(command)
        assert same(shown, printed), "%s\n%s\ninstead of\n%s" % (command, printed, shown)
    verdicts = ["REFUTED" in shown for _, shown in blocks]
    assert verdicts == [True, True, False, False, True, False, False, True, False, False, True], verdicts


main()
