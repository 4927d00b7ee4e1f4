"""netc derive: the formulas of the page, read back and evaluated, against automatic differentiation by PyTorch.

The printed forward equations are evaluated with PyTorch, which then gives the gradient of every value. Each printed
gradient formula, index notation and all, is evaluated with these numbers and must give the same array. For a small network the
parameters are those of the C program, and so must be the gradients.
"""
import csv

import formulas
import torch
from harness import SAMPLE, SOURCE, SPECS, equal, main, run, write

# Double precision; constants of the page are printed with 6 digits (1.33333 for 4/3).
CLOSE = 1e-5
# A number is printed with 6 digits: at most half of the last is lost, and again in what comes out.
ROUNDING = 6e-6

BLOCK = """model small_block
precision f64
input image[1, 5, 5]
target digit: class(3)
network image -> log_probs {
  Conv2d(2, 3, padding=1)
  ReLU
  BatchNorm2d
  MaxPool2d(2, stride=2)
  Conv2d(2, 1, stride=2, bias=false)
  Sigmoid
  Flatten
  Linear(3)
  LogSoftmax
}
loss NLLLoss
data {
  format = inline
  image = [IMAGES]
  digit = [2, 0]
}
train {
  iterations = 3
  batch_size = 2
  shuffle = false
  seed = 3
  optimizer = SGD(lr=0.1)
}
"""


def derive(folder, spec, *more):
    run("derive", spec, "-o", folder / "page.html", *more)
    return formulas.Page((folder / "page.html").read_text())


def drawn(page, name):
    """A random value for what no equation defines; class numbers where it chooses an element."""
    role, shape, _ = page.symbols[name]
    choices = [page.shapes[n[1]][k] for f in page.forward for n in formulas.walk(f) if n[0] == "read"
               for k, item in enumerate(n[2]) if item[:2] == ("read", name)]
    if choices:
        return torch.randint(min(choices), shape)
    value = torch.randn(shape, dtype=torch.float64)
    return value.requires_grad_() if role == "parameter" or role == "value" else value


def forward(page, values):
    """Evaluates the printed equations; what they read and do not define is drawn unless given."""
    defined = {f[0][1] for f in page.forward}
    for name in page.symbols:
        if name not in values and name not in defined:
            values[name] = drawn(page, name)
    for formula in page.forward:
        name, right = formula[0][1], formula[2]
        if right[0] == "words":
            values.setdefault(name, torch.randint(2, page.shapes[name]).double())
            continue
        values[name] = formulas.evaluate(page, formula, values, {}, values.get(name))
    return values


def gradients(page, values, loss):
    """The loss is differentiated by every value at once, the parts of a value that is defined in parts included."""
    wanted = [n for n, v in values.items() if v.requires_grad and n != loss]
    found = torch.autograd.grad(values[loss], [values[n] for n in wanted], allow_unused=True)
    return {n: torch.zeros_like(values[n]) if g is None else g for n, g in zip(wanted, found)}


def near(got, wanted, what):
    assert got.shape == wanted.shape, (what, got.shape, wanted.shape)
    error = (got - wanted).abs().max().item()
    assert error <= CLOSE*wanted.abs().max().item() + 1e-300, f"{what}: off by {error} of {wanted.abs().max().item()}"


def check_rows(page, step):
    """Numbers put in give the number that comes out."""
    count = 0
    for rows in step.rows:
        for given, result in zip(rows, rows[1:]):
            value, size = formulas.rounded(page, given[2])
            out = formulas.rounded(page, result[2])[0]
            assert abs(value - out) <= ROUNDING*(size + abs(out)), (step.text[:40], value, out)
            count += 1
    return count


def check(page, values, broken=None):
    """Every step's formula against PyTorch; the numbers of the steps that were evaluated, and of rows."""
    torch.manual_seed(5)
    forward(page, values)
    loss = next(n for n, (role, shape, _) in page.symbols.items() if not shape and (role == "result" or n == "E_total"))
    grads = gradients(page, values, loss)
    grads[loss] = torch.tensor(1.0, dtype=torch.float64)
    rows = 0
    for step in page.steps.values():
        assert step.results, f"no formula in {step.text[:80]}"
        for block in step.results:
            got = None
            for formula in block:
                if formula[0] is None:
                    break  # the rows of numbers
                got = formulas.evaluate(page, broken(formula) if broken else formula, values, grads, got)
            if step.is_gradient:
                near(got, grads[step.name], step.name)
            else:
                values[step.name] = got
        rows += check_rows(page, step)
    return grads, len(page.steps), rows


def trace(folder, spec, name, shape):
    """A tensor of the C program before the first update."""
    run("trace", spec, "--steps", "0..0", "--tensor", name, "-o", folder / "t.csv")
    names, row = list(csv.reader((folder / "t.csv").open()))
    found = [float(x) for n, x in zip(names, row) if n.partition("[")[0] == name]
    return torch.tensor(found, dtype=torch.float64).reshape(shape)


def of_the_program(folder, spec, page):
    values = {}
    for name, (role, shape, _) in page.symbols.items():
        if role in ("parameter", "input", "target", "state"):
            value = trace(folder, spec, name, shape)
            values[name] = value.long() if role == "target" and "digit" in name or name == "c" else value.requires_grad_()
    return values


def against_the_program(folder, spec):
    """Formulas and PyTorch on the C program's parameters: the C program's gradients."""
    page = derive(folder, spec)
    values = of_the_program(folder, spec, page)
    grads, steps, rows = check(page, values)
    loss = next(n for n in ("E_total", "E_mean", "loss_mean") if n in values)
    near(values[loss].detach(), trace(folder, spec, loss, ()), "the loss")
    for name, (role, shape, _) in page.symbols.items():
        if role == "parameter":
            near(grads[name], trace(folder, spec, f"d{loss.replace('_mean', '')}/d{name}", shape), f"the C program's d_{name}")
    return steps, rows


def test_scalars(folder):
    equal(against_the_program(folder, SPECS / "backprop.net"), (18, 16), "steps and rows of numbers")


def test_layers(folder):
    steps, rows = against_the_program(folder, SPECS / "sigmoid_2_2_2.net")
    assert steps >= 6 and rows >= 4, (steps, rows)


def test_softmax(folder):
    steps, rows = against_the_program(folder, SPECS / "softmax_3_4_2.net")
    assert steps >= 10 and rows >= 8, (steps, rows)


def test_a_block_of_layers(folder):
    """Convolution, batch statistics, maxima and strides, with the numbers of the C program."""
    torch.manual_seed(1)
    images = ", ".join(str([[[round(x, 2) for x in row] for row in torch.randn(5, 5).tolist()]]) for _ in range(2))
    steps, rows = against_the_program(folder, write(folder, "block.net", BLOCK.replace("IMAGES", images)))
    assert steps >= 20 and rows >= 10, (steps, rows)


def test_the_conv_block(folder):
    """The page of docs/: all steps from the loss to a convolution inside of a block, on random numbers."""
    page = derive(folder, SPECS / "mnist_convblock.net", "--of", "convblock_3.conv2d_1.conv2d.weight", "--data", SAMPLE)
    _, steps, rows = check(page, {})
    assert steps >= 18 and rows >= 8, (steps, rows)
    shown = (SOURCE / "docs" / "derivation-conv-block.md").read_text()
    equal(shown.count("### Step "), steps, "steps of the page in docs")


def test_a_wrong_formula_is_noticed(folder):
    """The check must be able to fail: a sum becomes a difference, an index is shifted."""
    page = derive(folder, SPECS / "softmax_3_4_2.net")

    def turned(formula):
        def turn(node):
            if isinstance(node, tuple) and node and node[0] == "-":
                return ("+", turn(node[1]), turn(node[2]))
            return type(node)(map(turn, node)) if isinstance(node, (tuple, list)) else node
        return formula[0], formula[1], turn(formula[2])
    try:
        check(page, {}, turned)
    except AssertionError as error:
        assert "off by" in str(error), error
        return
    raise AssertionError("1 + h^2 passed for 1 - h^2")


main()
