"""What the tests of the command line share: running netc, specs as text, folders that vanish.

A test file defines functions test_*, each taking a fresh folder, and ends with main(). NETC and SOURCE come from CTest.
"""
import difflib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

NETC = os.environ["NETC"]
SOURCE = pathlib.Path(os.environ["SOURCE"])
SPECS = SOURCE / "specs"
DATA = SOURCE / "tests" / "data"
SAMPLE = DATA / "mnist-sample"


def run(*words, cwd=None, env=None, code=0, timeout=600, program=NETC):
    """Runs netc, wants this exit code (None: any), returns the result with text outputs."""
    done = subprocess.run([program, *map(str, words)], cwd=cwd, env=env, timeout=timeout, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    if code is not None and done.returncode != code:
        raise AssertionError(f"{' '.join(map(str, words))}: exit {done.returncode}, wanted {code}\n"
                             f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done


def environment(**changes):
    """Our environment with changes; None removes."""
    env = dict(os.environ)
    for name, value in changes.items():
        env.pop(name, None)
        if value is not None:
            env[name] = str(value)
    return env


def write(folder, name, text):
    path = pathlib.Path(folder) / name
    path.write_text(text)
    return path


def equal(got, wanted, what="value"):
    if got != wanted and isinstance(got, str) and "\n" in got:
        rows = difflib.unified_diff(str(wanted).splitlines(), got.splitlines(), "wanted", "got", lineterm="", n=1)
        raise AssertionError(f"{what}:\n" + "\n".join(list(rows)[:40]))
    if got != wanted:
        raise AssertionError(f"{what}: got {repr(got)[:500]}, wanted {repr(wanted)[:500]}")


def contains(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"{part!r} is not in:\n{text[-3000:]}")


def tensors(path):
    """A safetensors file as {name: list of numbers}."""
    import struct
    raw = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    out = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        letter = {"F64": "d", "F32": "f", "I64": "q", "I32": "i", "U8": "B", "U64": "Q", "U32": "I"}[entry["dtype"]]
        width = struct.calcsize("<" + letter)
        out[name] = struct.unpack(f"<{(end - begin) // width}{letter}", raw[8 + size + begin:8 + size + end])
    return out


def main():
    tests = [(name, f) for name, f in vars(sys.modules["__main__"]).items() if name.startswith("test_")]
    wanted = sys.argv[1:]
    bad = 0
    for name, function in tests:
        if wanted and name not in wanted:
            continue
        begin = time.time()
        with tempfile.TemporaryDirectory() as folder:
            try:
                function(pathlib.Path(folder))
                print(f"ok   {name} ({time.time() - begin:.1f} s)")
            except Exception:
                bad += 1
                print(f"BAD  {name}")
                traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
    if not tests or bad:
        sys.exit(1)
