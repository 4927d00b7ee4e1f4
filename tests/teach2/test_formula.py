"""netc gradcheck --formula: what people get wrong by hand is refuted, what is right is confirmed, numbers and all."""
import os
import subprocess
import sys

netc, specs = sys.argv[1:3]
SCALARS = os.path.join(specs, "backprop.net")
LAYERS = os.path.join(specs, "sigmoid_2_2_2.net")

RIGHT = [
    "d_w7 = (a_o2 - t2)*a_o2*(1 - a_o2)*a_h1",
    "dE_total/dw8 = (a_o2 - t2)*a_o2*(1 - a_o2)*a_h2",
    "d_E1/d_a_h1 = (a_o1 - t1)*a_o1*(1 - a_o1)*w5",
    "dE_total/da_h1 = (a_o1 - t1)*a_o1*(1 - a_o1)*w5 + (a_o2 - t2)*a_o2*(1 - a_o2)*w7",
    "d_w1 = (d_o1*w5 + d_o2*w7)*a_h1*(1 - a_h1)*i1",
    "d_E2/d_w5 = 0",
]
WRONG = [
    ("d_w7 = (a_o1 - t1)*a_o1*(1 - a_o2)*a_h1", "0.0677558132817715", "-0.0424552500926047"),
    ("d_w8 = (a_o1 - t1)*a_o1*(1 - a_o2)*a_h2", "0.0682569339326659", "-0.0427692482800638"),
    ("d_E1/d_a_h1 = d_o1*w5 + d_o2*w7", "0.0150633009016194", "0.0569427449262069"),
    ("dE_total/dw1 = (a_o1 - t1)*a_o1*(1 - a_o1)*w5*a_h1*(1 - a_h1)*i1", "0.000711649756816006", "0.000188255666940112"),
    ("d_w7 = -0.0424552500926047", "-0.0424552500926047", "after"),  # right at one point only
]
BROKEN = [
    (1, "d_w1 = w5 +", "expected an expression"),
    (1, "d_w1 = d_q", "no value called d_q"),
    (1, "d_w1 = i1(2)", "function"),
    (2, "w1 = 3", "the left side is"),
    (2, "d_nothing = 3", "the left side is"),
    (2, "no equation", "wants an equation"),
    (2, "d_h1/d_nothing = 1", "the left side is"),
]


def check(spec, formula, code):
    done = subprocess.run([netc, "gradcheck", spec, "--formula", formula], capture_output=True, text=True)
    assert done.returncode == code, (formula, done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


def main():
    for formula in RIGHT:
        out, _ = check(SCALARS, formula, 0)
        assert "confirmed" in out and "REFUTED" not in out, out
    for formula, mine, derived in WRONG[:-1]:
        out, _ = check(SCALARS, formula, 4)
        assert "REFUTED" in out and mine in out and derived in out, out
    out, _ = check(SCALARS, WRONG[-1][0], 4)
    assert "REFUTED" in out, out
    for code, formula, part in BROKEN:
        out, err = check(SCALARS, formula, code)
        assert part in err, (formula, err)
    check(LAYERS, "d_linear_2.weight[0,1] = (y[0] - t[0])*y[0]*(1 - y[0])*sigmoid_1[1]", 0)
    check(LAYERS, "d_linear_1.weight[0,1] = "
                  "sum(j < 2: d_linear_2[j]*linear_2.weight[j, 0])*sigmoid_1[0]*(1 - sigmoid_1[0])*x[1]", 0)
    check(LAYERS, "d_linear_1.weight[0,1] = d_linear_2[0]*linear_2.weight[0, 0]*sigmoid_1[0]*(1 - sigmoid_1[0])*x[1]", 4)
    _, err = check(LAYERS, "d_linear_1.weight[0,1] = y[2]", 1)
    assert "outside" in err, err
    _, err = check(LAYERS, "d_linear_1.weight[0,1] = y", 1)
    assert "1 axes, here it has 0" in err, err


main()
