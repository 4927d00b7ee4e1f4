"""Commands that need no C compiler: options, exit codes, check, dumps, fmt, convert, new, explain, summary."""
import re
import subprocess

from harness import *

LESSONS = ["backprop", "sigmoid_2_2_2", "mnist_convblock", "custom_layers"]
COMMANDS = "new check summary emit build train eval predict gradcheck convert fmt explain".split()


def test_help(folder):
    text = run("--help").stdout
    for command in COMMANDS:
        contains(text, command)
        own = run(command, "--help").stdout
        contains(own, f"netc {command} ", "--help")
    contains(run("--version").stdout, "netc ")


def test_wrong_usage(folder):
    run(code=2)
    contains(run("chekc", "x.net", code=2).stderr, "did you mean 'check'?")
    contains(run("check", code=2).stderr, "an argument is missing")
    contains(run("check", "a", "b", code=2).stderr, "'b' is one argument too many")
    contains(run("train", "a.net", "--epocs", "3", code=2).stderr, "did you mean --epochs?")
    contains(run("train", SPECS / "backprop.net", "--epochs", "three", code=2).stderr, "--epochs=three", "whole number")
    contains(run("train", SPECS / "backprop.net", "--epochs", code=2).stderr, "--epochs wants N")
    contains(run("train", SPECS / "backprop.net", "--quiet=yes", code=2).stderr, "--quiet takes no value")
    contains(run("check", SPECS / "backprop.net", "--dump=adjiont", code=2).stderr, "did you mean 'adjoint'?")
    contains(run("check", SPECS / "backprop.net", "--set", "lr", code=2).stderr, "NAME=VALUE")


def test_double_dash(folder):
    write(folder, "-odd.net", (SPECS / "backprop.net").read_text())
    run("check", "--", "-odd.net", cwd=folder)


def test_check(folder):
    for name in LESSONS:
        text = run("check", SPECS / f"{name}.net").stdout
        equal(text.count("\n"), 1, "lines")
        contains(text, name, "parameters", "bytes", ": ok")
    contains(run("check", SPECS / "mnist_convblock.net").stdout, "13032 parameters in 52128 bytes")


def test_check_is_fast(folder):
    """30 ms are promised, which `netc bench` shows; here only a compiler gone astray fails."""
    import resource

    def spent():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    times = []
    for _ in range(10):
        begin = spent()
        run("check", SPECS / "mnist_convblock.net")
        times.append(spent() - begin)
    limit = 0.3 if os.environ.get("NETC_OPTIMISED") == "1" else 0.6
    assert min(times) < limit, f"check takes {min(times)*1000:.0f} ms"


def test_missing_file(folder):
    contains(run("check", folder / "none.net", code=3).stderr, "none.net")
    contains(run("train", folder / "none.net", code=3).stderr, "none.net")


def test_diagnostics(folder):
    path = write(folder, "bad.net", "model bad\ninput x[4]\nnetwork x -> y {\n  Linaer(3)\n}\nloss L = sum(i: y[i])\n")
    long = run("check", path, code=1).stderr
    contains(long, "bad.net:4:3: error[E0201]", "Linear", "^~~~")
    short = run("check", path, "--diagnostics=short", code=1).stderr
    assert "^~~~" not in short, short
    contains(short, "bad.net:4:3:")
    rows = run("check", path, "--diagnostics=json", code=1).stderr
    found = json.loads(rows)
    contains(json.dumps(found), "E0201", '"line": 4')


def test_no_colour_when_not_a_terminal(folder):
    path = write(folder, "bad.net", "model\n")
    assert "\033" not in run("check", path, code=1).stderr


def test_colour_on_a_terminal(folder):
    import pty
    path = write(folder, "bad.net", "model\n")
    for changes, coloured in (({"NO_COLOR": None, "TERM": "xterm"}, True), ({"NO_COLOR": "1", "TERM": "xterm"}, False)):
        ours, theirs = pty.openpty()
        child = subprocess.Popen([NETC, "check", str(path)], stderr=theirs, env=environment(**changes))
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:
                break
            if not piece:
                break
            text += piece
        os.close(ours)
        equal(child.wait(), 1, "exit")
        equal(b"\033[" in text, coloured, f"colour under {changes}")


def test_dumps(folder):
    for name in LESSONS:
        for stage in "ast equations adjoint-raw adjoint loops c".split():
            assert run("check", f"--dump={stage}", SPECS / f"{name}.net").stdout.strip(), (name, stage)
    contains(run("check", "--dump=torch", SPECS / "mnist_convblock.net").stdout, "PARTS = [", "'Conv2d'", "return t")
    contains(run("check", "--dump=torch", SPECS / "backprop.net", code=1).stderr, "no equal", "E_total")
    again = write(folder, "again.net", run("check", "--dump=ast", SPECS / "custom_layers.net").stdout)
    equal(run("check", "--dump=ast", again).stdout, again.read_text(), "the canonical text of the canonical text")


def test_target(folder):
    for target, lanes in ("x86-64-v4", 16), ("x86-64-v3", 8), ("x86-64-v2", 4):
        run("emit", SPECS / "mnist_convblock.net", "--style", "fast", "--target", target, "-o", folder)
        c = (folder / "mnist_convblock.c").read_text()
        equal(set(re.findall(r"vector_size\((\d+)\)", c)), {str(4*lanes)}, f"bytes of vectors for {target}")
    contains(run("emit", SPECS / "backprop.net", "--target", "x86-64-v9", "-o", folder, code=2).stderr, "did you mean 'x86-64-v4'")


def test_textbook_gradient(folder):
    text = run("check", "--dump=adjoint", SPECS / "backprop.net").stdout
    line = [l for l in text.splitlines() if re.match(r"\s*d_(w7|o2)\b", l)]
    contains(" ".join(line), "(a_o2 - t2)", "(1 - a_o2)", "a_h1")


def test_explain(folder):
    contains(run("explain", "E0204").stdout, "E0204", "shape")
    contains(run("explain", "204").stdout, "E0204")
    contains(run("explain").stdout, "E0101", "E0204")
    contains(run("explain", "E9999", code=2).stderr, "E9999")


def test_fmt(folder):
    path = write(folder, "a.net", "model a   # name\ninput x ;  param w=2\nloss L=(w*x)^2\n")
    equal(run("fmt", "--check", path, code=4).stdout.strip(), str(path))
    printed = run("fmt", path).stdout
    contains(printed, "# name")
    run("fmt", "-w", path)
    equal(path.read_text(), printed)
    equal(run("fmt", "--check", path).stdout, "")
    for name in LESSONS:
        run("fmt", SPECS / f"{name}.net")


def test_convert(folder):
    for name in LESSONS:
        there = folder / f"{name}.yaml"
        back = folder / f"{name}.net"
        run("convert", SPECS / f"{name}.net", "-o", there)
        run("convert", there, "-o", back)
        equal(run("check", "--dump=adjoint", there).stdout, run("check", "--dump=adjoint", SPECS / f"{name}.net").stdout,
              f"{name}: gradients from YAML")
        c = [re.sub(r"[^()\s]*:\d+", "", run("check", "--dump=c", p).stdout) for p in (back, SPECS / f"{name}.net")]
        equal(c[0], c[1], f"{name}: C, but for places in the spec")
    run("convert", SPECS / "backprop.net", "-o", folder / "x.txt", code=2)


def test_summary_torch(folder):
    got = run("summary", "--style", "torchsummary", SPECS / "mnist_convblock.net").stdout
    equal(got, (DATA / "mnist_convblock_summary.txt").read_text())
    for name in LESSONS:
        run("summary", "--style=torchsummary", SPECS / f"{name}.net")


def test_summary(folder):
    text = run("summary", SPECS / "mnist_convblock.net").stdout
    contains(text, "stage", "multiply-adds", "[16, 28, 28]", "13,032", "training", "inference")
    # A 3x3 convolution of 16 channels to 16 on 28x28: 16*16*9*784.
    contains(text, "1,806,336")
    contains(run("summary", SPECS / "backprop.net").stdout, "parameters     8", "a_h1")


def test_new(folder):
    run("new", "mine", cwd=folder)
    text = (folder / "mine.net").read_text()
    contains(text, "model mine", "#")
    contains(run("new", "mine", cwd=folder, code=3).stderr, "exists")
    equal((folder / "mine.net").read_text(), text, "the file that was there")
    for name in ("../up", "a/b", "1st", "", "x" * 65, "a b", '";rm'):
        run("new", "--", name, cwd=folder, code=2)
    equal([p.name for p in folder.iterdir()], ["mine.net"])
    equal(run("fmt", "--check", "mine.net", cwd=folder).stdout, "")
    run("check", "mine.net", cwd=folder)


def test_output_to_a_full_disk(folder):
    with open("/dev/full", "w") as full:
        done = subprocess.run([NETC, "explain"], stdout=full, stderr=subprocess.PIPE, universal_newlines=True)
    equal(done.returncode, 3)
    contains(done.stderr, "could not be written")


def test_hostile_specs(folder):
    run("check", write(folder, "deep.net", "model d\ninput x\nloss L = " + "(" * 100000 + "x" + ")" * 100000 + "\n"), code=1)
    big = write(folder, "big.net", "model big\ninput x[1000]\nnetwork x -> y { Linear(1000000, bias=false) }\n"
                                   "loss L = sum(i: y[i]^2)\ntrain { optimizer = SGD(lr=0.1) }\n")
    contains(run("check", big).stdout, "1000000000 parameters in 4000000000 bytes")
    for name in ("system", "int", "main", "double", "printf", "exp", "N", "restrict", "_Bool"):
        path = write(folder, "name.net", f"model {name}\ninput x\nparam {name}_w = 1, int = 2, main = 3\n"
                                         f"loss L = (x*{name}_w*int*main)^2\n")
        run("check", path)
    run("check", write(folder, "quote.net", 'model m\ninput x\nparam "; rm" = 1\nloss L = x\n'), code=1)
    run("check", write(folder, "binary.net", "model m\x00\x01\n"), code=None)
    (folder / "latin.net").write_bytes(b"model m\ninput \xff\xfe\n")
    run("check", folder / "latin.net", code=3)
    run("check", folder, code=3)


main()
