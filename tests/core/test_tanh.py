"""The activation is the author's choice: the worksheet's network with tanh goes through the same commands, its gradients are
those of tanh, and it trains as the same network worked by hand does.
"""
import csv
import math

from harness import SPECS, contains, equal, main, run, tensors

SPEC = SPECS / "backprop_tanh.net"
RATES = (0.1, 0.2, 0.5, 0.8, 1.0, 2.0)


def by_hand(lr, steps=100):
    """E_total before every step and after the last one, and the weights at the end."""
    w = [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]
    i, t, errors = (0.05, 0.10), (0.01, 0.99), []
    for step in range(steps + 1):
        h = [math.tanh(w[2*k]*i[0] + w[2*k + 1]*i[1]) for k in range(2)]
        o = [math.tanh(w[4 + 2*k]*h[0] + w[5 + 2*k]*h[1]) for k in range(2)]
        errors.append(sum(0.5*(t[k] - o[k])**2 for k in range(2)))
        if step == steps:
            return errors, w
        d_o = [(o[k] - t[k])*(1 - o[k]**2) for k in range(2)]
        d_h = [(d_o[0]*w[4 + k] + d_o[1]*w[6 + k])*(1 - h[k]**2) for k in range(2)]
        gradient = [d_h[0]*i[0], d_h[0]*i[1], d_h[1]*i[0], d_h[1]*i[1],
                    d_o[0]*h[0], d_o[0]*h[1], d_o[1]*h[0], d_o[1]*h[1]]
        w = [value - lr*d for value, d in zip(w, gradient)]


def test_check(folder):
    contains(run("check", SPEC).stdout, "8 parameters", ": ok")
    text = run("check", "--dump=adjoint", SPEC).stdout
    contains(text, "d_o2 = (a_o2 - t2)*(1 - a_o2^2)\n", "d_w7 = d_o2*a_h1\n")
    assert "sigmoid" not in text


def test_gradcheck(folder):
    contains(run("gradcheck", SPEC).stdout, "ok   w1", "ok   w8", "0 kinks: ok")


def test_train(folder):
    for lr in RATES:
        out = folder / str(lr)
        run("train", SPEC, "--set", f"lr={lr}", "--out", out, "--quiet", "--strict")
        errors, weights = by_hand(lr)
        rows = list(csv.DictReader((out / "metrics.csv").open()))
        got = [float(row["E_total"]) for row in rows]
        equal(len(got), 101, f"rows at lr {lr}")
        for step, (value, wanted) in enumerate(zip(got, errors)):  # a step rounds a few dozen times
            assert abs(value - wanted) <= 1e-12, (lr, step, value, wanted)
        stored = tensors(out / "checkpoint.safetensors")
        for k, wanted in enumerate(weights):
            assert abs(stored[f"w{k + 1}"][0] - wanted) <= 1e-12, (lr, k, stored, wanted)


main()
