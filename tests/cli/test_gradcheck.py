"""gradcheck: passes on right gradients, fails on wrong ones, and covers the library."""
from harness import *


def test_lessons(folder):
    for name in ("backprop.net", "backprop.yaml", "sigmoid_2_2_2.net"):
        contains(run("gradcheck", SPECS / name).stdout, ": ok")
    contains(run("gradcheck", SPECS / "backprop.net").stdout, "w1", "w8")


def test_stop_is_seen(folder):
    """stop() hides a part of the derivative: a wrong gradient as any other, and it must fail with exit 4."""
    path = write(folder, "wrong.net", "model wrong\nprecision f64\ninput x\nparam w = 0.7\nloss L = (stop(w)*x*w)^2\n")
    contains(run("gradcheck", path, code=4).stdout, "BAD", "FAILED")


def test_nan_fails(folder):
    path = write(folder, "nan.net", "model nan\nprecision f64\ninput x\nparam w = -1\nloss L = log(w)*x\n"
                                    "data { format = inline; x = [1] }\ntrain { optimizer = SGD(lr=0.1) }\n")
    run("gradcheck", path, code=4)


def test_no_loss(folder):
    path = write(folder, "none.net", "model none\ninput x[2]\nnetwork x -> y { Linear(2) }\n")
    contains(run("gradcheck", path, code=1).stderr, "loss")


main()
