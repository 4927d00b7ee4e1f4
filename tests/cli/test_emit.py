"""emit: C that two compilers accept without a word, that needs libm alone, and that is safe to include from C++."""
import shutil

from harness import *

WARNINGS = "-std=c11 -Wall -Wextra -Wpedantic -Werror".split()
LESSONS = ["backprop", "sigmoid_2_2_2", "mnist_convblock", "custom_layers"]
LIBM = set("exp expf log logf tanh tanhf sqrt sqrtf pow powf sin sinf cos cosf erf erff log1p log1pf expm1 expm1f floor "
           "floorf fabs fabsf fmax fmin fmaxf fminf".split())


def compile_with(*words):
    done = subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    equal(done.returncode, 0, done.stdout)


def undefined(path):
    text = subprocess.run(["nm", "-u", str(path)], stdout=subprocess.PIPE, universal_newlines=True).stdout
    return {line.split()[-1].split("@")[0] for line in text.splitlines() if line.strip()}


def test_no_warnings(folder):
    for name in LESSONS:
        for strict in ([], ["--strict"]):
            out = folder / (name + "".join(strict))
            run("emit", SPECS / f"{name}.net", "-o", out, *strict)
            for compiler in ("gcc", "clang"):
                if not shutil.which(compiler):
                    continue
                compile_with(compiler, *WARNINGS, "-c", out / f"{name}.c", "-o", out / "o.o")
                extra = undefined(out / "o.o") - LIBM - {"_GLOBAL_OFFSET_TABLE_"}
                equal(extra, set(), f"{name}{strict} with {compiler}: symbols beyond libm")


def test_header_in_cpp(folder):
    if not shutil.which("g++"):
        return
    run("emit", SPECS / "mnist_convblock.net", "-o", folder)
    write(folder, "use.cpp", '#include "mnist_convblock.h"\n#include "mnist_convblock.h"\nint main() { return 0; }\n')
    compile_with("g++", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-c", folder / "use.cpp", "-o", folder / "use.o")


def test_two_models_in_one_program(folder):
    for name in ("backprop", "sigmoid_2_2_2"):
        run("emit", SPECS / f"{name}.net", "-o", folder)
    write(folder, "main.c", '#include "backprop.h"\n#include "sigmoid_2_2_2.h"\nint main(void) { return 0; }\n')
    compile_with("gcc", *WARNINGS, folder / "main.c", folder / "backprop.c", folder / "sigmoid_2_2_2.c", "-lm", "-o",
                 folder / "both")


def test_pure_function_of_the_spec(folder):
    copy = folder / "elsewhere"
    copy.mkdir()
    shutil.copy(SPECS / "mnist_convblock.net", copy)
    run("emit", SPECS / "mnist_convblock.net", "-o", folder / "a")
    run("emit", copy / "mnist_convblock.net", "-o", folder / "b")
    for ending in ("c", "h"):
        text = (folder / f"a/mnist_convblock.{ending}").read_text()
        equal((folder / f"b/mnist_convblock.{ending}").read_text(), text)
        assert str(folder) not in text


def test_compile_time(folder):
    """Shows the processor time of all that `build` compiles; only a compiler gone astray fails."""
    import resource
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    run("build", "--shared", SPECS / "mnist_convblock.net", "-o", folder / "m.so")
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    print(f"     build of mnist_convblock: {seconds:.1f} s of processor time")
    assert seconds < 60, f"{seconds:.1f} s"


FREESTANDING = "-O2 -fno-tree-loop-distribute-patterns".split()  # gcc would make memset of a loop that stores zeros


def test_freestanding_needs_libm_alone(folder):
    for name in LESSONS:
        if name == "custom_layers":
            continue
        run("emit", "--freestanding", SPECS / f"{name}.net", "-o", folder)
        for compiler in ("gcc", "clang"):
            if not shutil.which(compiler):
                continue
            flags = FREESTANDING if compiler == "gcc" else ["-O2", "-fno-builtin"]
            compile_with(compiler, *WARNINGS, *flags, "-fno-pic", "-c", folder / f"{name}.c", "-o", folder / "o.o")
            equal(undefined(folder / "o.o") - LIBM, set(), f"{name} with {compiler}: symbols beyond libm")
        contains((folder / f"{name}.h").read_text(), "RAM: ", "Flash: ")


def test_freestanding_trains(folder):
    """The worksheet again: 100 steps at lr 2.0, in a program of its own, in static storage."""
    run("emit", "--freestanding", SPECS / "backprop.net", "-o", folder)
    write(folder, "main.c", """#include "backprop.h"
#include <stdio.h>
static backprop_trainer t;
int main(void) {
    const double i1 = 0.05, i2 = 0.10, t1 = 0.01, t2 = 0.99;
    backprop_begin(&t, 1);
    backprop_set_i1(&t, 0, &i1);
    backprop_set_i2(&t, 0, &i2);
    backprop_set_t1(&t, 0, &t1);
    backprop_set_t2(&t, 0, &t2);
    for (int i = 0; i < 100; i++) backprop_train(&t, 1);
    printf("%.17g %.17g\\n", t.params.w1, backprop_predict(&t, 1));
}
""")
    compile_with("gcc", *WARNINGS, "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", folder / "main.c",
                 folder / "backprop.c", "-lm", "-o", folder / "main")
    got = run(program=str(folder / "main")).stdout.split()
    for value, wanted in zip(got, (0.27509783892545991, 0.005160108602)):
        assert abs(float(value) - wanted) <= 1e-10 * wanted, (value, wanted)


OPTIMIZERS = ["SGD(lr=0.1)", "SGD(lr=0.1, momentum=0.9, nesterov=true, weight_decay=0.01)",
              "SGD(lr=0.1, momentum=0.9, dampening=0.1)", "Adam(lr=0.01)", "Adam(lr=0.01, weight_decay=0.1, amsgrad=true)",
              "AdamW(lr=0.01)", "RMSprop(lr=0.01)", "RMSprop(lr=0.01, momentum=0.9, centered=true, weight_decay=0.01)",
              "Adagrad(lr=0.1, lr_decay=0.01, initial_accumulator_value=0.1)"]


def test_freestanding_optimizers(folder):
    """Every optimizer takes the runtime's steps: twenty of them, to a few roundings of the last one."""
    for i, optimizer in enumerate(OPTIMIZERS):
        spec = write(folder, f"m{i}.net", f"""model m{i}
precision f64
input x
target t
param a = 0.5, b = -0.25
loss L = (tanh(a*x) + b - t)^2
data {{ format = inline; x = [0.7]; t = [0.9] }}
train {{ iterations = 20; batch_size = 1; optimizer = {optimizer}; clip_grad_norm = 0.8 }}
""")
        run("train", spec, "--strict", "--out", folder / f"run{i}", "--quiet")
        wanted = tensors(folder / f"run{i}/checkpoint.safetensors")
        run("emit", "--freestanding", spec, "-o", folder)
        write(folder, "main.c", f"""#include "m{i}.h"
#include <stdio.h>
static m{i}_trainer t;
int main(void) {{
    const double x = 0.7, target = 0.9;
    m{i}_begin(&t, 0);
    m{i}_set_x(&t, 0, &x);
    m{i}_set_t(&t, 0, &target);
    for (int i = 0; i < 20; i++) m{i}_train(&t, 1);
    printf("%.17g %.17g\\n", t.params.a, t.params.b);
}}
""")
        compile_with("gcc", *WARNINGS, "-O1", folder / "main.c", folder / f"m{i}.c", "-lm", "-o", folder / "main")
        got = run(program=str(folder / "main")).stdout.split()
        for value, name in zip(got, "ab"):
            assert abs(float(value) - wanted[name][0]) <= 1e-12, (optimizer, name, value, wanted[name])


def test_inference(folder):
    """Constant weights predict what the run folder predicts."""
    spec = write(folder, "net.net", """model net
precision f64
input x[2]
target t[1]
network x -> y { Linear(4); BatchNorm1d; Tanh; Dropout(0.3); Linear(1) }
loss MSELoss
data { format = inline; x = [[0, 1], [1, 0], [1, 1], [0, 0]]; t = [[1], [1], [0], [0]] }
train { epochs = 3; batch_size = 2; optimizer = SGD(lr=0.1) }
""")
    run("train", spec, "--out", folder / "run", "--quiet")
    run("emit", "--inference", "--weights", folder / "run", spec, "-o", folder)
    text = (folder / "net.h").read_text() + (folder / "net.c").read_text()
    for word in ("backward", "grads", "net_results"):
        assert word not in text, word
    write(folder, "main.c", """#include "net.h"
#include <stdio.h>
static net_predictor p;
int main(void) {
    const double x[][2] = {{0, 1}, {1, 1}};
    for (int i = 0; i < 2; i++) {
        net_set_x(&p, 0, x[i]);
        net_predict(&p, 1);
        printf("%.17g\\n", net_output(&p, 0)[0]);
    }
}
""")
    compile_with("gcc", *WARNINGS, "-O1", folder / "main.c", folder / "net.c", "-lm", "-o", folder / "main")
    got = [float(line) for line in run(program=str(folder / "main")).stdout.split()]
    weights = tensors(folder / "run/checkpoint.safetensors")
    import math

    def layer(name, values):
        w, b = weights[f"{name}.weight"], weights[f"{name}.bias"]
        n = len(values)
        return [sum(w[o*n + i]*values[i] for i in range(n)) + b[o] for o in range(len(b))]

    for value, x in zip(got, ([0, 1], [1, 1])):
        h = layer("linear_1", x)
        n = "batchnorm1d."
        h = [(h[c] - weights[n + "running_mean"][c])/math.sqrt(weights[n + "running_var"][c] + 1e-5)*weights[n + "weight"][c]
             + weights[n + "bias"][c] for c in range(4)]
        wanted = layer("linear_2", [math.tanh(v) for v in h])[0]
        assert abs(value - wanted) < 1e-12, (value, wanted)
    run("emit", "--inference", spec, "-o", folder, code=2)
    run("emit", "--inference", "--weights", folder / "none", spec, "-o", folder, code=3)


def test_old_files_survive_a_wrong_spec(folder):
    run("emit", SPECS / "backprop.net", "-o", folder)
    kept = (folder / "backprop.c").read_text()
    bad = write(folder, "backprop.net", "model backprop\ninput x\nloss L = y\n")
    run("emit", bad, "-o", folder, code=1)
    equal((folder / "backprop.c").read_text(), kept)


main()
