"""Users compile emitted C with flags of their own. gcc 12 at -O3 with AVX2 takes grouped loads of `c ? x[i] : 0` in the wrong
order; the C that we write must not have that form where it can be avoided. Without -ffast-math every level of optimisation
gives the same bits, so those of -O0 are the reference.
"""
import re
import shutil
import subprocess
import sys

from harness import SPECS, equal, main, run, write

BATCH = 4
MAIN = """// Forward and backward on numbers that are a function of their place; prints a hash of every gradient.
#include "mnist_convblock.h"
#include <stdio.h>

static mnist_convblock_params params, grads;
static mnist_convblock_batch batch;
static mnist_convblock_work work;
static mnist_convblock_results results;

static float number(unsigned *state) {
    *state = *state*1664525u + 1013904223u;
    return (float)(*state >> 8)/16777216.0f - 0.5f;
}

static void fill(float *to, size_t bytes, unsigned state) {
    for (size_t i = 0; i < bytes/sizeof *to; i++) to[i] = number(&state);
}

static void show(const char *name, const float *value, size_t bytes) {
    unsigned long hash = 5381;
    float most = 0;
    for (size_t i = 0; i < bytes/sizeof *value; i++) {
        unsigned bits;
        __builtin_memcpy(&bits, &value[i], sizeof bits);
        hash = (hash*33 ^ bits) & 0xffffffffu;
        most = value[i] > most ? value[i] : most;
    }
    printf("%s %08lx %a\\n", name, hash, (double)most);
}

int main(void) {
    fill((float *)&params, sizeof params, 1);
    fill((float *)batch.image, sizeof batch.image, 2);
    for (int n = 0; n < MNIST_CONVBLOCK_BATCH; n++) batch.digit[n] = n%10;
    mnist_convblock_forward(&params, &batch, &work, &results, MNIST_CONVBLOCK_BATCH, 7, 3, 1);
    mnist_convblock_backward(&params, &grads, &batch, &work, MNIST_CONVBLOCK_BATCH, 1);
    printf("loss %a\\n", results.LOSS);
SHOW    return 0;
}
"""


def compiled(folder, compiler, *flags):
    out = folder / "program"
    done = subprocess.run([compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", *flags, folder / "main.c", folder / "mnist_convblock.c",
                           "-lm", "-o", out], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    equal(done.returncode, 0, done.stdout)
    return run(program=str(out)).stdout


def test_every_level_gives_the_same_bits(folder):
    if not shutil.which("gcc"):
        sys.exit(77)
    run("emit", SPECS / "mnist_convblock.net", "--batch-size", BATCH, "-o", folder)
    header = (folder / "mnist_convblock.h").read_text()
    members = re.findall(r"^    float (\w+)", re.search(r"mnist_convblock_params \{(.*?)\}", header, re.S)[1], re.M)
    loss = re.search(r"mnist_convblock_results \{\s+double (\w+)", header)[1]
    show = "".join(f'    show("{name}", (const float *)&grads.{name}, sizeof grads.{name});\n' for name in members)
    write(folder, "main.c", MAIN.replace("LOSS", loss).replace("SHOW", show))
    wanted = compiled(folder, "gcc", "-O0")
    assert len(members) > 20 and wanted.count(" 0x0p+0") < 3, wanted  # gradients are there
    for flags in (["-O3"], ["-O3", "-march=native"]):
        # contraction, which -std=c11 forbids, would round otherwise
        equal(compiled(folder, "gcc", "-ffp-contract=off", *flags), wanted, f"gradients under {' '.join(flags)}")


def test_no_choice_loads_a_gradient(folder):
    """The form itself: no branch of a choice reads an array that its condition does not read."""
    run("emit", SPECS / "mnist_convblock.net", "-o", folder)
    text = (folder / "mnist_convblock.c").read_text()
    statements = [statement.rpartition("= ")[2] if "?" in statement else "" for statement in re.split(r";", text)]
    choices = [statement.split("?", 1) for statement in statements if " > 0.0f" in statement]
    assert len(choices) > 5, choices
    for condition, branches in choices:
        known = re.findall(r"(\w+)\[", condition)
        equal([name for name in re.findall(r"(\w+)\[", branches) if name not in known], [], f"reads behind {condition}")


main()
