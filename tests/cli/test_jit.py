"""--jit: what it says where LLVM is missing; with it, the same runs as by the C compiler, on a PATH that has none."""
import shutil

from harness import *

BACKPROP = SPECS / "backprop.net"


def test_missing_plug_in(folder):
    """A netc without LLVM says which package and which step bring it, and does everything else."""
    alone = folder / "netc"
    shutil.copy(NETC, alone)
    env = environment(NETC_JIT=None)
    for words in (["train", BACKPROP, "--jit", "--out", folder / "run"], ["gradcheck", BACKPROP, "--jit"]):
        text = run(*words, program=str(alone), env=env, code=3).stderr
        contains(text, "needs LLVM", "llvm-19-dev", "build netc again", "--cc cc in place of --jit")
        equal(len(text.splitlines()), 3, "lines")
    assert not (folder / "run").exists()
    run("check", BACKPROP, program=str(alone), env=env)
    broken = write(folder, "netc_jit.so", "not a library")
    for variable in (None, broken):
        text = run("train", BACKPROP, "--jit", program=str(alone), env=environment(NETC_JIT=variable), code=3).stderr
        contains(text, "cannot load", "llvm-19-dev")


def test_one_back_end(folder):
    for option in ("--cc=gcc", "--cflags=-O1", f"--keep={folder}"):
        text = run("train", BACKPROP, "--jit", option, code=2).stderr
        contains(text, option.split("=")[0], "leave one of them out")
    contains(run("gradcheck", "--library", "--jit", "--cc=gcc", code=2).stderr, "leave one of them out")


main()
