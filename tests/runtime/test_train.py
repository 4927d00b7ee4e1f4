#!/usr/bin/python3
"""Training with hand-written models: against PyTorch, resumed at every step, killed, with any number of threads."""
import csv
import json
import math
import os
import pty
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import numpy
except ImportError:
    print("skipped: this python has no numpy")
    sys.exit(77)

TRAINER = os.environ["TRAINER"]


def run(*words, code=0, **kwargs):
    result = subprocess.run([TRAINER, *map(str, words)], capture_output=True, text=True, **kwargs)
    assert result.returncode == code, (words, result.returncode, result.stdout, result.stderr)
    return result


def read(path):
    with open(path, "rb") as file:
        return file.read()


def rows(folder):
    with open(os.path.join(folder, "metrics.csv"), newline="") as file:
        return list(csv.DictReader(file))


def tensors(path):
    """The tensors and the metadata of a safetensors file, by name."""
    data = read(path)
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    types = {"F32": "<f4", "F64": "<f8"}
    metadata = header.pop("__metadata__")
    out = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        values = numpy.frombuffer(data[8 + size + first:8 + size + last], types[entry["dtype"]])
        out[name] = values.reshape(entry["shape"])
    return out, metadata


def write_idx(path, array):
    codes = {"uint8": 8, "float32": 13, "int32": 12}
    with open(path, "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, codes[array.dtype.name], array.ndim))
        file.write(struct.pack(f">{array.ndim}I", *array.shape))
        file.write(array.astype(array.dtype.newbyteorder(">")).tobytes())


def make_images(folder, train=22, test=10):
    """Three kinds of 4 x 4 images: bright above, below, left."""
    source = numpy.random.RandomState(1)
    for name, count in (("train", train), ("test", test)):
        digit = source.randint(0, 3, count).astype(numpy.uint8)
        image = source.randint(0, 120, (count, 4, 4)).astype(numpy.uint8)
        for i, k in enumerate(digit):
            part = [image[i, :2], image[i, 2:], image[i, :, :2]][k]
            part += 90
        write_idx(os.path.join(folder, name + "-images"), image)
        write_idx(os.path.join(folder, name + "-labels"), digit)


def without_seconds(folder):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows(folder)]


class Case(unittest.TestCase):
    def setUp(self):
        self.keeper = tempfile.TemporaryDirectory()
        self.folder = self.keeper.name

    def tearDown(self):
        self.keeper.cleanup()

    def path(self, *names):
        return os.path.join(self.folder, *names)


class Rows(Case):
    def test_iterations_against_the_formulas(self):
        """Row k holds the loss before update k; the last row one more forward pass. 1e-12: the same sums in f64."""
        run("linear", "--iterations", 30, "--set", "shuffle=false", "--set", "momentum=0",
            "--set", "step_size=100", "--out", self.path("r"), "--seed", 7)
        table = rows(self.path("r"))
        self.assertEqual([int(r["iteration"]) for r in table], list(range(31)))
        x = [(1, 2), (0.5, -1), (-2, 0.25), (3, 1), (0, 0), (-1, -1), (2, -0.5)]
        t = [3, -0.5, -1.25, 4, 0.125, -2, 1.5]
        run("linear", "--epochs", 0, "--seed", 7, "--out", self.path("zero"))
        first, _ = tensors(self.path("zero", "checkpoint.safetensors"))
        w = [*first["fit.weight"], float(first["fit.bias"])]
        mean = 0.25
        for step, row in enumerate(table):
            batch = [(0, 3), (3, 6), (6, 7)][step % 3]
            y = [w[0]*a + w[1]*b + w[2] for a, b in x[slice(*batch)]]
            d = [p - q for p, q in zip(y, t[slice(*batch)])]
            n = len(d)
            self.assertTrue(math.isclose(float(row["E_total"]), sum(0.5*e*e for e in d)/n, rel_tol=1e-12))
            g = [1e-3*math.sin(7*31 + step*7 + k) for k in range(3)]
            for e, (a, b) in zip(d, x[slice(*batch)]):
                g = [g[0] + e/n*a, g[1] + e/n*b, g[2] + e/n]
            self.assertEqual(float(row["lr"]), 0.05)
            if step == 30:
                break  # measured, not trained on
            w = [p - 0.05*q for p, q in zip(w, g)]
            for value in y:
                mean = 0.9*mean + 0.1*value
        last, _ = tensors(self.path("r", "checkpoint.safetensors"))
        self.assertTrue(numpy.allclose([*last["fit.weight"], float(last["fit.bias"])], w, rtol=1e-12, atol=0))
        self.assertTrue(math.isclose(float(last["mean"]), mean, rel_tol=1e-12))

    def test_epoch_rows_and_lines(self):
        make_images(self.folder)
        out = run("softmax", "--data", self.folder, "--out", self.path("r"), "--epochs", 12).stdout
        lines = out.splitlines()
        self.assertEqual(len(lines), 12)
        for number, line in enumerate(lines, 1):
            self.assertRegex(line, rf"^Epoch: {number:02} \| loss: \d\.\d{{4}} \| accuracy: \d+\.\d\d% \| "
                                   r"test loss: \d\.\d{4} \| test accuracy: \d+\.\d\d% \| \d+\.\d s$")
        table = rows(self.path("r"))
        self.assertEqual(list(table[0]), ["epoch", "lr", "loss", "accuracy", "test_loss", "test_accuracy", "seconds"])
        self.assertLess(float(table[-1]["loss"]), float(table[0]["loss"]))
        info = json.loads(read(self.path("r", "run.json")))
        self.assertTrue(info["finished"])
        self.assertEqual(info["steps"], 12*6)
        self.assertEqual(info["test"]["accuracy"], float(table[-1]["test_accuracy"]))
        evaluated = run("softmax", "eval", self.path("r"), "--data", self.folder).stdout
        logged = lines[-1].split(" | ")
        self.assertEqual(evaluated.strip(), " | ".join(logged[3:5]))

    def test_rates(self):
        """The column lr against PyTorch: per epoch (OneCycleLR per batch: the epoch's last), per iteration otherwise."""
        try:
            import torch
        except ImportError:
            self.skipTest("no torch")
        cases = [("StepLR", dict(step_size=2, gamma=0.5)), ("ExponentialLR", dict(gamma=0.9)),
                 ("OneCycleLR", dict(max_lr=0.1)), ("LinearLR", dict(total_iters=3))]
        for kind, values in cases:
            for epochs in (True, False):
                words = ["--epochs", 4] if epochs else ["--iterations", 12]
                run("linear", f"f:scheduler={kind}", *setting(**values), *words, "--out", self.path("r"))
                optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.05, momentum=0.9)
                extra = dict(total_steps=12) if kind == "OneCycleLR" else {}
                schedule = getattr(torch.optim.lr_scheduler, kind)(optimizer, **values, **extra)
                expected = []
                for step in range(12):
                    rate = optimizer.param_groups[0]["lr"]
                    optimizer.step()
                    last = step % 3 == 2
                    if not epochs or kind == "OneCycleLR" or last:
                        schedule.step()
                    if not epochs or last:
                        expected.append(rate)
                if not epochs:
                    expected.append(optimizer.param_groups[0]["lr"])
                got = [float(row["lr"]) for row in rows(self.path("r"))]
                self.assertEqual(len(got), len(expected))
                for a, b in zip(got, expected):
                    self.assertTrue(math.isclose(a, b, rel_tol=1e-12), (kind, epochs, got, expected))

    def test_iteration_lines_are_few(self):
        for count in (1, 10, 25, 100, 1001):
            lines = run("linear", "--iterations", count).stdout.splitlines()
            self.assertLessEqual(len(lines), 12)
            self.assertIn(f"Iteration: {count:02} ", lines[-1])


def philox(counter, key):
    """Philox4x32-10, from the paper's pseudocode."""
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53*c[0], 0xCD9E8D57*c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xffffffff, (a >> 32) ^ c[3] ^ k[1], a & 0xffffffff]
        k = [(k[0] + 0x9E3779B9) & 0xffffffff, (k[1] + 0xBB67AE85) & 0xffffffff]
    return c


def stream(seed, domain, index):
    """64-bit numbers of a stream, as random.h describes them."""
    for block in range(1 << 32):
        w = philox([block, index & 0xffffffff, index >> 32, domain], [seed & 0xffffffff, seed >> 32])
        yield w[0] | w[1] << 32
        yield w[2] | w[3] << 32


class Randomness(Case):
    """First values and the order of the samples are those of random.h: a resumed run depends on them for ever."""

    def test_initial_values(self):
        for seed in (0, 7, 2**63 + 12345):
            run("linear", "--epochs", 0, "--seed", seed, "--out", self.path("r"))
            first, _ = tensors(self.path("r", "checkpoint.safetensors"))
            draws = stream(seed, 0x494e4954, 0)
            self.assertEqual([*first["fit.weight"]], [-1 + 2*((next(draws) >> 11)*2.0**-53) for _ in range(2)])
            draws = stream(seed, 0x494e4954, 1)
            u, v = [(next(draws) >> 11)*2.0**-53 for _ in range(2)]
            z = 0.5*(math.sqrt(-2*math.log(1 - u))*math.cos(6.283185307179586*v))
            self.assertTrue(math.isclose(float(first["fit.bias"]), z, rel_tol=1e-14))  # two libraries' log and cos

    def test_order_of_the_samples(self):
        """The first loss of each epoch under lr=0 tells which three samples came first."""
        x = [(1, 2), (0.5, -1), (-2, 0.25), (3, 1), (0, 0), (-1, -1), (2, -0.5)]
        t = [3, -0.5, -1.25, 4, 0.125, -2, 1.5]
        run("linear", "--iterations", 12, "--set", "lr=0", "--out", self.path("r"))
        first, _ = tensors(self.path("r", "checkpoint.safetensors"))
        (a, b), c = first["fit.weight"], float(first["fit.bias"])
        losses = [0.5*(a*p + b*q + c - value)**2 for (p, q), value in zip(x, t)]
        table = rows(self.path("r"))
        for epoch in range(4):
            order, draws = list(range(7)), stream(7, 0x53485546, epoch)
            for i in range(6, 0, -1):
                bits = next(draws)
                while bits < 2**64 % (i + 1):
                    bits = next(draws)
                j = bits % (i + 1)
                order[i], order[j] = order[j], order[i]
            for k, part in enumerate((order[:3], order[3:6], order[6:])):
                expected = sum(losses[i] for i in part)/len(part)
                self.assertTrue(math.isclose(float(table[3*epoch + k]["E_total"]), expected, rel_tol=1e-12))


class Terminal(Case):
    def test_progress_bar(self):
        """On a terminal a bar with rate and time left is drawn and wiped; what remains is the line of the epoch."""
        make_images(self.folder, train=400000)
        main, side = pty.openpty()
        child = subprocess.Popen([TRAINER, "softmax", "--data", self.folder, "--epochs", "2"], stdout=side)
        os.close(side)
        shown = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(main)
        self.assertEqual(child.wait(), 0)
        text = shown.decode()
        self.assertRegex(text, r"\r\x1b\[KEpoch: 01 \[=*>? *\] \d+/100000 \| loss: \d\.\d{4} \| accuracy: \d+\.\d\d% "
                               r"\| \d+ samples/s \| \d+ s left")
        left = [line.split("\x1b[K")[-1] for line in text.replace("\r\n", "\n").strip().split("\n")]
        self.assertEqual(len(left), 2)
        for line in left:
            self.assertRegex(line, r"^Epoch: 0[12] \| loss: .* s$")
            self.assertNotIn("samples/s", line)

    def test_quiet(self):
        self.assertEqual(run("linear", "--quiet").stdout, "")


class AgainstTorch(Case):
    def test_softmax_with_adam(self):
        """22 images, batches of 4 (the last has 2), three epochs in file order: f32, 1e-5 of the largest weight."""
        try:
            import torch
        except ImportError:
            self.skipTest("no torch")
        make_images(self.folder)
        common = ["softmax", "--data", self.folder, "--set", "shuffle=false", "--set", "lr=0.02"]
        run(*common, "--epochs", 0, "--out", self.path("zero"))
        run(*common, "--epochs", 3, "--out", self.path("r"))
        first, _ = tensors(self.path("zero", "checkpoint.safetensors"))
        last, _ = tensors(self.path("r", "checkpoint.safetensors"))
        image = numpy.frombuffer(read(self.path("train-images"))[16:], numpy.uint8).reshape(22, 16)
        digit = numpy.frombuffer(read(self.path("train-labels"))[8:], numpy.uint8)
        x, t = torch.tensor(image/255.0).float(), torch.tensor(digit.astype("int64"))
        params = [torch.nn.Parameter(torch.tensor(first[n].copy())) for n in ("dense.weight", "dense.bias")]
        optimizer = torch.optim.Adam(params, lr=0.02)
        for epoch in range(3):
            total = right = 0
            for at in range(0, 22, 4):
                out = torch.nn.functional.linear(x[at:at + 4], *params)
                loss = torch.nn.functional.cross_entropy(out, t[at:at + 4])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += float(loss)*len(out)
                right += int((out.argmax(1) == t[at:at + 4]).sum())
            row = rows(self.path("r"))[epoch]
            self.assertTrue(math.isclose(float(row["loss"]), total/22, rel_tol=1e-5))
            self.assertTrue(math.isclose(float(row["accuracy"]), right/22, rel_tol=1e-12))
        for param, name in zip(params, ("dense.weight", "dense.bias")):
            theirs = param.detach().numpy()
            self.assertLess(abs(theirs - last[name]).max(), 1e-5*abs(theirs).max())


def setting(**values):
    return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]


# Every moment, every schedule's memory: fields of the trainer and settings.
RUNS = [
    ([], setting(momentum=0.9, dampening=0.2)),
    ([], setting(nesterov="true", gamma=0.5, step_size=1)),
    ([], setting(shuffle="false", clip_grad_norm=0.5)),
    (["f:optimizer=Adam", "f:scheduler=OneCycleLR"], setting(max_lr=0.1)),
    (["f:scheduler=OneCycleLR"], setting(max_lr=0.02, three_phase="true")),
    (["f:optimizer=Adam", "f:scheduler=ReduceLROnPlateau"], setting(amsgrad="true", patience=0, cooldown=1)),
    (["f:scheduler=ReduceLROnPlateau"], setting(lr=0.01, factor=0.9, patience=1, cooldown=2)),
    (["f:scheduler=ReduceLROnPlateau"], setting(lr=0.01, factor=0.9, patience=2)),
    (["f:optimizer=AdamW", "f:scheduler=CosineAnnealingLR"], setting(T_max=2)),
    (["f:optimizer=RMSprop", "f:scheduler=LinearLR"], setting(centered="true", momentum=0.5)),
    (["f:optimizer=Adagrad", "f:scheduler=ExponentialLR"], setting(lr_decay=0.1, gamma=0.9)),
    (["f:optimizer=RMSprop", "f:scheduler=OneCycleLR"], setting(max_lr=0.01)),
]


class Resume(Case):
    def whole_and_parts(self, model, words, steps, fields=()):
        """A run of its own against runs stopped after 1, 2, ... steps and gone on from there."""
        whole = self.path("whole")
        run(model, *fields, *words, "--out", whole)
        for step in range(1, steps + 1):
            part = self.path(f"part{step}")
            run(model, *fields, f"f:stop={step}", *words, "--out", part)
            run(model, *fields, *words, "--out", part, "--resume", os.path.join(part, "checkpoint.safetensors"))
            self.assertEqual(read(os.path.join(whole, "checkpoint.safetensors")),
                             read(os.path.join(part, "checkpoint.safetensors")), (model, words, step))
            self.assertEqual(without_seconds(whole), without_seconds(part), (model, words, step))

    def test_every_step_of_epochs(self):
        self.whole_and_parts("linear", [], 9)

    def test_every_step_of_iterations(self):
        self.whole_and_parts("linear", ["--iterations", "11"], 11)

    def test_every_step_in_f32(self):
        make_images(self.folder, train=7)
        self.whole_and_parts("softmax", ["--data", self.folder], 8)

    def test_a_finished_run(self):
        """Resuming what is finished changes nothing, not even the final figures."""
        for words in ([], ["--iterations", 5]):
            run("linear", *words, "--out", self.path("r"))
            files = ("checkpoint.safetensors", "run.json", "metrics.csv")
            before = [read(self.path("r", name)) for name in files]
            run("linear", *words, "--out", self.path("r"), "--resume", self.path("r", files[0]))
            self.assertEqual(before, [read(self.path("r", name)) for name in files])

    def test_optimizers_and_schedules(self):
        for fields, words in RUNS:
            for length, steps in (([], 9), (["--iterations", 16], 16)):
                self.keeper.cleanup()
                os.mkdir(self.folder)
                self.whole_and_parts("linear", [*words, *length], steps, fields)

    def test_a_longer_run(self):
        """Two epochs and three more are five epochs."""
        run("linear", "--out", self.path("a"), "--epochs", 5)
        run("linear", "--out", self.path("b"), "--epochs", 2)
        run("linear", "--out", self.path("b"), "--epochs", 5, "--resume", self.path("b", "checkpoint.safetensors"))
        self.assertEqual(read(self.path("a", "checkpoint.safetensors")), read(self.path("b", "checkpoint.safetensors")))

    def test_what_does_not_belong_is_refused(self):
        run("linear", "--out", self.path("r"))
        file = self.path("r", "checkpoint.safetensors")
        for words, code, message in [
                (["--set", "lr=0.2"], 2, "was trained with other settings"),
                (["--seed", 8], 2, "was trained with seed 7: resume with --seed 7"),
                (["--iterations", 9], 2, "was trained with other settings")]:
            self.assertIn(message, run("linear", *words, "--resume", file, code=code).stderr)
        self.assertIn("belongs to another model", run("linear", "f:fingerprint=00", "--resume", file, code=3).stderr)
        self.assertIn("belongs to another model", run("linear", "f:fingerprint=00", "eval", file, code=3).stderr)

    def test_threads_and_repeats_change_nothing(self):
        for threads in (1, 2, 5):
            run("linear", "--threads", threads, "--out", self.path(f"r{threads}"))
        for threads in (2, 5):
            self.assertEqual(read(self.path("r1", "checkpoint.safetensors")),
                             read(self.path(f"r{threads}", "checkpoint.safetensors")))


class Interrupted(Case):
    def start(self, *words):
        return subprocess.Popen([TRAINER, "linear", "--quiet", "--out", self.path("r"), *words],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_checkpoint(self):
        for _ in range(500):
            if os.path.exists(self.path("r", "checkpoint.safetensors")):
                return
            time.sleep(0.01)
        self.fail("no checkpoint was written")

    def test_signals(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            child = self.start("--epochs", "100000000", "--checkpoint-every", "1")
            self.wait_for_checkpoint()
            child.send_signal(number)
            _, errors = child.communicate(timeout=20)
            self.assertEqual(child.returncode, code)
            self.assertIn("--resume " + self.path("r", "checkpoint.safetensors"), errors)
            _, metadata = tensors(self.path("r", "checkpoint.safetensors"))
            step = int(metadata["step"])
            self.assertIn(f"after step {step};", errors)
            epochs = step//3 + 2
            words = ["--epochs", epochs, "--out"]
            run("linear", *words, self.path("r"), "--resume", self.path("r", "checkpoint.safetensors"))
            run("linear", *words, self.path("whole"))
            self.assertEqual(read(self.path("r", "checkpoint.safetensors")),
                             read(self.path("whole", "checkpoint.safetensors")))
            os.remove(self.path("r", "checkpoint.safetensors"))

    def test_kill_while_writing_checkpoints(self):
        """SIGKILL at random moments of a run that does nothing but write checkpoints: one that loads is always there."""
        source = random.Random(5)
        file = self.path("r", "checkpoint.safetensors")
        for _ in range(20):
            again = ["--resume", file] if os.path.exists(file) else []
            child = self.start("--epochs", "100000000", "--checkpoint-every", "1", *again)
            self.wait_for_checkpoint()
            time.sleep(source.random()*0.05)
            child.kill()
            child.communicate()
            _, metadata = tensors(file)
            epochs = int(metadata["step"])//3 + 1
            run("linear", "--epochs", epochs, "--out", self.path("r"), "--resume", file)
            table = rows(self.path("r"))
            self.assertEqual([int(r["epoch"]) for r in table], list(range(1, epochs + 1)))
        run("linear", "--epochs", epochs, "--out", self.path("whole"))
        self.assertEqual(read(file), read(self.path("whole", "checkpoint.safetensors")))


class Predict(Case):
    def setUp(self):
        super().setUp()
        make_images(self.folder)
        run("softmax", "--data", self.folder, "--out", self.path("r"), "--epochs", 30)

    def predict(self, file):
        out = run("softmax", "predict", self.path("r"), self.path(file)).stdout
        return list(csv.DictReader(out.splitlines()))

    def test_images(self):
        image = numpy.frombuffer(read(self.path("test-images"))[16:], numpy.uint8).reshape(10, 4, 4)
        table = self.predict("test-images")
        self.assertEqual(len(table), 10)
        weights, _ = tensors(self.path("r", "checkpoint.safetensors"))
        out = (image.reshape(10, 16)/255) @ weights["dense.weight"].T + weights["dense.bias"]
        p = numpy.exp(out)/numpy.exp(out).sum(1, keepdims=True)
        for row, expected in zip(table, p):
            self.assertEqual(int(row["class"]), expected.argmax())
            for k in range(3):
                self.assertAlmostEqual(float(row[f"p{k}"]), expected[k], places=5)  # six places are printed
        with open(self.path("one.pgm"), "wb") as file:
            file.write(b"P5 # a comment\n4 4\n255\n" + image[3].tobytes())
        single = self.predict("one.pgm")
        self.assertEqual(len(single), 1)
        self.assertEqual({k: v for k, v in single[0].items() if k != "sample"},
                         {k: v for k, v in table[3].items() if k != "sample"})
        write_idx(self.path("one.idx"), image[3:4])
        self.assertEqual(self.predict("one.idx"), single)

    def test_rows(self):
        run("linear", "--out", self.path("l"))
        weights, _ = tensors(self.path("l", "checkpoint.safetensors"))
        with open(self.path("rows.csv"), "w") as file:
            file.write("1,2\n-0.5,\"3\"\n")
        out = run("linear", "predict", self.path("l"), self.path("rows.csv")).stdout
        got = [float(r["y"]) for r in csv.DictReader(out.splitlines())]
        w, b = weights["fit.weight"], float(weights["fit.bias"])
        self.assertTrue(numpy.allclose(got, [w[0] + 2*w[1] + b, -0.5*w[0] + 3*w[1] + b], rtol=1e-15))


class Normalize(Case):
    def test_scale_then_mean_and_std(self):
        """Training on normalised images equals training on images that were normalised beforehand, in f32."""
        make_images(self.folder)
        os.mkdir(self.path("n"))
        for name in ("train", "test"):
            data = read(self.path(name + "-images"))
            image = numpy.frombuffer(data[16:], numpy.uint8).reshape(-1, 4, 4)
            # The model scales by 1/255: undone here by multiplying, which rounds; 1e-5 covers it after 24 steps.
            write_idx(self.path("n", name + "-images"), (((image/255 - 0.25)/0.5)*255).astype(numpy.float32))
            with open(self.path("n", name + "-labels"), "wb") as file:
                file.write(read(self.path(name + "-labels")))
        run("softmax", "f:normalize=1", "--data", self.folder, "--out", self.path("a"))
        run("softmax", "--data", self.path("n"), "--out", self.path("b"))
        run("softmax", "--data", self.folder, "--out", self.path("c"))
        a, b, c = (tensors(self.path(r, "checkpoint.safetensors"))[0]["dense.weight"] for r in "abc")
        self.assertLess(abs(a - b).max(), 1e-5*abs(a).max())
        self.assertGreater(abs(a - c).max(), 1e-3)

    def test_channels_must_fit(self):
        make_images(self.folder)
        result = run("softmax", "f:normalize=2", "--data", self.folder, code=2)
        self.assertIn("normalize gives 2 values of mean, but image has 1 channels", result.stderr)


class Csv(Case):
    def test_same_as_inline(self):
        """The samples of the inline data, written as csv with quotes, another order of columns and CRLF."""
        x = [(1, 2), (0.5, -1), (-2, 0.25), (3, 1), (0, 0), (-1, -1), (2, -0.5)]
        t = [3, -0.5, -1.25, 4, 0.125, -2, 1.5]
        with open(self.path("d.csv"), "w", newline="") as file:
            file.write('t,"extra, unused",b,a\r\n')
            for (a, b), value in zip(x, t):
                file.write(f'{value},"say ""hi""",{b},"{a}"\r\n')
        run("linear", "f:csv=d.csv", "--data", self.folder, "--out", self.path("csv"))
        run("linear", "--out", self.path("inline"))
        self.assertEqual(read(self.path("csv", "checkpoint.safetensors")),
                         read(self.path("inline", "checkpoint.safetensors")))


if __name__ == "__main__":
    unittest.main()
