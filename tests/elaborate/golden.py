"""Golden texts of elaboration.

    golden.py SHOW FOLDER SPECS [--bless]

golden/NAME.net: its equations, tensors, stages and settings are NAME.eq. errors/NAME.net: its diagnostics are NAME.err, with
exact places and help. The first line of a spec may hold options of the program: `# --eval --set lr=0.5`.
Specs in SPECS that have a YAML form must come to the same in both. A golden that is missing, a spec in golden/ that fails and a spec in errors/ that does not are failures.
"""
import difflib
import pathlib
import shlex
import subprocess
import sys


def options(spec):
    first = spec.read_text(encoding="utf-8").split("\n", 1)[0]
    return shlex.split(first[2:]) if first.startswith("# --") else []


def show(program, spec, words):
    done = subprocess.run([program, *words, spec.name], cwd=spec.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8", timeout=60)
    return done.returncode, done.stdout, done.stderr


def compare(golden, text, bless):
    if bless:
        golden.write_text(text, encoding="utf-8")
        return True
    wanted = golden.read_text(encoding="utf-8") if golden.exists() else ""
    if wanted == text:
        return True
    sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), text.splitlines(True), str(golden), "now"))
    return False


def check(program, spec, bless):
    is_error = spec.parent.name == "errors"
    words = options(spec)
    code, out, err = show(program, spec, words if is_error else ["--tensors", *words])
    if code != (1 if is_error else 0):
        print(f"{spec}: exit {code}\n{err[-3000:]}")
        return False
    return compare(spec.with_suffix(".err" if is_error else ".eq"), err if is_error else out, bless)


def same_in_yaml(program, spec):
    """A spec and its YAML form come to the same equations, tensors and settings."""
    net, yaml = show(program, spec, ["--tensors"]), show(program, spec.with_suffix(".yaml"), ["--tensors"])
    if net[0] == 0 and net == yaml:
        return True
    print(f"{spec}: .net and .yaml differ\n{net[2][-2000:]}{yaml[2][-2000:]}")
    return False


def main():
    program, folder, shared = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    bless = "--bless" in sys.argv
    specs = sorted((folder / "golden").glob("*.net")) + sorted((folder / "errors").glob("*.net"))
    failures = [spec.name for spec in specs if not check(program, spec, bless)]
    pairs = [spec for spec in sorted(shared.glob("*.net")) if spec.with_suffix(".yaml").exists()]
    failures += [spec.name for spec in pairs if not same_in_yaml(program, spec)]
    print(f"{len(specs)} specs, {len(failures)} failures: {' '.join(failures)}")
    return 1 if failures or not specs or not pairs else 0


sys.exit(main())
