"""No derivative rule can be wrong unnoticed: each one in turn gets the wrong sign, and the gradient check of a spec that uses
all of them must fail every time.
"""
import pathlib
import re
from concurrent.futures import ThreadPoolExecutor

from harness import SOURCE, contains, equal, main, run

RULES = re.findall(r"^RULE\((\w+)\)", (SOURCE / "compiler/adjoint/rules.def").read_text(), re.M)
SPEC = pathlib.Path(__file__).resolve().parent / "rules.net"


def gradcheck(*options, code):
    return run("gradcheck", SPEC, "--cflags=-O0", *options, code=code)


def test_right_rules_pass(folder):
    contains(gradcheck(code=0).stdout, "0 kinks: ok")


def test_each_wrong_rule_fails(folder):
    assert len(RULES) > 20, RULES
    with ThreadPoolExecutor(2) as pool:
        for rule, done in zip(RULES, pool.map(lambda rule: gradcheck("--flip-rule", rule, code=None), RULES)):
            equal(done.returncode, 4, f"exit code under a wrong {rule}")
            contains(done.stdout, f"flipped {rule}\n", "BAD", "FAILED")


def test_only_the_rule_is_wrong(folder):
    """A wrong rule of one function spoils that function's parameter and no other."""
    for rule, parameter in (("TANH", "l"), ("ERF", "o"), ("PROD", "y"), ("MAX_REDUCTION", "z"), ("MIN_REDUCTION", "low")):
        rows = gradcheck("--flip-rule", rule, code=4).stdout
        equal(re.findall(r"^BAD +(\w+) ", rows, re.M), [parameter], f"parameters spoilt by {rule}")


def test_rules_by_number(folder):
    contains(gradcheck("--flip-rule", len(RULES), code=4).stdout, f"flipped {RULES[-1]}\n")
    for wrong in ("0", str(len(RULES) + 1), "none", "-1"):
        contains(gradcheck("--flip-rule", wrong, code=2).stderr, "the rules are 1")
    contains(run("gradcheck", "--library", "--flip-rule", "1", code=2).stderr, "--flip-rule wants a spec")


main()
