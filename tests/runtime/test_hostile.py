#!/usr/bin/python3
"""Broken files, lying headers, impossible options, full disks: each gives its own message and exit code, nothing more.

A table of cases each: what is done to a good file, and the words that the message must contain.
"""
import gzip
import json
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile
import unittest

TRAINER = os.environ["TRAINER"]


def run(*words, **kwargs):
    return subprocess.run([TRAINER, *map(str, words)], capture_output=True, text=True, timeout=60, **kwargs)


def idx(code, sizes, data):
    return struct.pack(">BBBB", 0, 0, code, len(sizes)) + struct.pack(f">{len(sizes)}I", *sizes) + data


def safetensors(header, data, size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


class Case(unittest.TestCase):
    def setUp(self):
        self.keeper = tempfile.TemporaryDirectory()
        self.folder = self.keeper.name

    def tearDown(self):
        self.keeper.cleanup()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def expect(self, code, message, *words, **kwargs):
        result = run(*words, **kwargs)
        self.assertEqual(result.returncode, code, (words, message, result.stdout, result.stderr))
        self.assertIn(message, result.stderr)
        self.assertEqual(result.stderr.count("error: "), 1, result.stderr)


IMAGES = idx(8, [6, 4, 4], bytes(range(96)))
LABELS = idx(8, [6], bytes([0, 1, 2, 0, 1, 2]))


class Idx(Case):
    def setUp(self):
        super().setUp()
        self.good()

    def good(self):
        for kind in ("train", "test"):
            self.write(kind + "-images", IMAGES)
            self.write(kind + "-labels", LABELS)

    def test_good(self):
        self.assertEqual(run("softmax", "--data", self.folder).returncode, 0)
        plain = run("softmax", "--data", self.folder, "--out", self.path("plain"))
        os.remove(self.path("train-images"))
        self.write("train-images.gz", gzip.compress(IMAGES))
        packed = run("softmax", "--data", self.folder, "--out", self.path("packed"))
        self.assertEqual((plain.returncode, packed.returncode), (0, 0))
        with open(self.path("plain", "checkpoint.safetensors"), "rb") as a, \
                open(self.path("packed", "checkpoint.safetensors"), "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_broken(self):
        nan = struct.pack(">96f", *([0.5]*20 + [float("nan")] + [0.5]*75))
        cases = [
            ("train-images", b"", "is not an IDX file"),
            ("train-images", b"hello world", "is not an IDX file"),
            ("train-images", b"\0\0\x0a\x01\0\0\0\0", "is not an IDX file"),
            ("train-images", b"\0\0\x08\x00", "is not an IDX file"),
            ("train-images", IMAGES[:10], "the IDX header is cut off: 10 bytes where 16 are needed"),
            ("train-images", IMAGES[:-1], "train-images: has 111 bytes, but its IDX header says 112: it is truncated"),
            ("train-images", IMAGES + b"x", "has more than the 112 bytes that its IDX header says: it is too long"),
            ("train-images", idx(8, [1000, 4, 4], bytes(96)), "has 112 bytes, but its IDX header says 16016: it is truncated"),
            ("train-images", idx(8, [0xffffffff, 64, 64], bytes(96)), "more than half of the memory"),
            ("train-images", idx(8, [0xffffffff]*3, bytes(96)), "multiply to more than a file can hold"),
            ("train-images", idx(14, [0xffffffff, 0x7fffffff], bytes(96)), "multiply to more than a file can hold"),
            ("train-images", idx(8, [0, 4, 4], b""), "holds no samples"),
            ("train-images", idx(8, [0, 0xffffffff, 0xffffffff, 0xffffffff], b""), "holds no samples"),
            ("train-images", idx(8, [6, 4, 5], bytes(120)), "a record has 20 values, but image takes 16"),
            ("train-images", idx(8, [5, 4, 4], bytes(80)), "has 6 samples, but"),
            ("train-images", idx(13, [6, 4, 4], nan), "train-images: record 2: image is nan: it must be finite"),
            ("train-images", gzip.compress(IMAGES)[:-12], "train-images: the gzip data end too early"),
            ("train-images", gzip.compress(IMAGES)[:30] + b"xxxxx" + gzip.compress(IMAGES)[35:], "train-images: cannot be read: "),
            ("train-labels", idx(8, [6], bytes([0, 1, 2, 3, 1, 2])),
             "train-labels: record 4: digit is 3, but its classes are 0 to 2"),
            ("test-labels", idx(9, [6], bytes([0, 255, 2, 0, 1, 2])),
             "test-labels: record 2: digit is -1, but its classes are 0 to 2"),
            ("train-labels", idx(13, [6], struct.pack(">6f", 0, 1, 2, 0.5, 1, 2)), "record 4: digit is 0.5"),
            ("test-labels", idx(8, [5], bytes(5)), "has 5 samples, but"),
        ]
        for name, data, message in cases:
            self.good()
            self.write(name, data)
            self.expect(3, message, "softmax", "--data", self.folder)

    def test_missing(self):
        os.remove(self.path("test-labels"))
        home = dict(os.environ, XDG_DATA_HOME=self.path("home"))
        self.expect(3, "the data file test-labels was not found; searched: " + self.folder, "softmax",
                    "--data", self.folder, env=home)
        self.expect(3, self.path("home") + "/netc: say where it is with --data DIR", "softmax", env=home, cwd="/")
        os.makedirs(self.path("home", "netc"))
        self.good()
        for name in ("train-images", "train-labels", "test-images", "test-labels"):
            os.rename(self.path(name), self.path("home", "netc", name))
        self.assertEqual(run("softmax", env=home).returncode, 0)

    def test_folder_and_device_instead_of_a_file(self):
        os.remove(self.path("train-images"))
        os.mkdir(self.path("train-images"))
        self.expect(3, "is not a regular file", "softmax", "--data", self.folder)
        os.rmdir(self.path("train-images"))
        os.symlink("/dev/zero", self.path("train-images"))
        self.expect(3, "is not a regular file", "softmax", "--data", self.folder)

    def test_predict(self):
        self.assertEqual(run("softmax", "--data", self.folder, "--out", self.path("r")).returncode, 0)
        cases = [
            (b"P5\n5 4\n255\n" + bytes(20), "the image has 5 x 4 pixels, but image takes 16 values"),
            (b"P5\n4 4\n255\n" + bytes(15), "has 15 bytes of pixels where 16 are needed"),
            (b"P5\n4 99999999999 255\n", "the PGM header is broken"),
            (b"P5\n4", "the PGM header is broken"),
            (b"P5\n4 4\n0\n" + bytes(16), "the PGM header is broken"),
            (b"\0\0\x08\x02\0\0\0\x04", "the IDX header is cut off"),
            (b"1,2,3\n", ":1: has 3 numbers, but the model's inputs take 16"),
            (b"", "is empty"),
        ]
        for data, message in cases:
            self.write("file", data)
            self.expect(3, message, "softmax", "predict", self.path("r"), self.path("file"))
        self.expect(3, "No such file", "softmax", "predict", self.path("r"), self.path("none"))


class Mutations(Case):
    """Files with bytes changed, cut out or repeated at random: whatever comes, it is a message or a right result."""

    def mutate(self, source, data):
        data = bytearray(data)
        for _ in range(source.randint(1, 4)):
            at = source.randrange(len(data))
            kind = source.randrange(3)
            if kind == 0:
                data[at] = source.choice([0, 1, 0x7f, 0xff, source.randrange(256), ord('"'), ord(",")])
            elif kind == 1:
                del data[at:at + source.randint(1, 8)]
            else:
                data[at:at] = data[at:at + source.randint(1, 40)]
            if not data:
                break
        return bytes(data)

    def test_idx(self):
        source = random.Random(1)
        for name, data in (("test-images", IMAGES), ("test-labels", LABELS)):
            for kind in ("train", "test"):
                self.write(kind + "-images", IMAGES)
                self.write(kind + "-labels", LABELS)
            for packed in (False, True):
                for _ in range(60):
                    self.write(name, self.mutate(source, gzip.compress(data) if packed else data))
                    self.assertIn(run("softmax", "--epochs", 0, "--data", self.folder).returncode, (0, 3))

    def test_csv(self):
        source = random.Random(2)
        for _ in range(150):
            self.write("d.csv", self.mutate(source, b'a,b,t,"x"\n1,2,3,"u"\n-4.5,"5",6e1,v\n7,8,9,""\n'))
            self.assertIn(run("linear", "f:csv=d.csv", "--epochs", 1, "--data", self.folder).returncode, (0, 3, 4))


class Csv(Case):
    def test_broken(self):
        good = "a,b,t\n1,2,3\n4,5,6\n"
        cases = [
            ("", "d.csv: is empty"),
            ("1,2,3\n4,5,6\n", "d.csv:1: a header with the names of the columns is needed"),
            ("a,b,t\n", "d.csv: holds no samples"),
            ("a,b,u\n1,2,3\n", "d.csv:1: there is no column \"t\""),
            ("a,b,b,t\n1,2,3,4\n", "d.csv:1: the column \"b\" stands there 2 times"),
            (good + "7,8\n", "d.csv:4: has 2 columns, but the first row has 3"),
            (good + "7,8,9,10\n", "d.csv:4: has 4 columns, but the first row has 3"),
            (good + "7,eight,9\n", "d.csv:4: column b: \"eight\" is not a number"),
            (good + "7,,9\n", "d.csv:4: column b: \"\" is not a number"),
            (good + "7,8,nan\n", "d.csv:4: column t: \"nan\" is not a finite number"),
            (good + "7,-inf,9\n", "d.csv:4: column b: \"-inf\" is not a finite number"),
            (good + "7,1e999,9\n", "d.csv:4: column b: \"1e999\" is not a finite number"),
            (good + "7,8x,9\n", "d.csv:4: column b: \"8x\" is not a number"),
            (good + "7,\"8,9\n", "d.csv:4: a quoted field does not end"),
            (good + "7,\"8\"8,9\n", "d.csv:4: column 2: text after the closing quote"),
            ("\"a\n\",b,t\n1,2,3\n", "there is no column \"a\""),
            (good + "7,\x1b[31m8\x7f\r\u0085\u00e9,9\n", "d.csv:4: column b: \"?[31m8???\u00e9\" is not a number"),
            (good + "7,8,\0\n", "d.csv: is not a text file"),
            (good + "7," + "8"*100 + "z,9\n", "d.csv:4: column b: \"" + "8"*40 + "\" is not a number"),
        ]
        for text, message in cases:
            self.write("d.csv", text.encode())
            self.expect(3, message, "linear", "f:csv=d.csv", "--data", self.folder)
        self.write("d.csv", good.encode())
        self.assertEqual(run("linear", "f:csv=d.csv", "--data", self.folder).returncode, 0)

    def test_names_outside(self):
        for name in ("/etc/passwd", "../d.csv", "a/../../d.csv", ".."):
            self.expect(3, "is named without a leading / and without ..", "linear", f"f:csv={name}",
                        "--data", self.folder)


class Checkpoints(Case):
    def setUp(self):
        super().setUp()
        self.assertEqual(run("linear", "--out", self.path("r")).returncode, 0)
        with open(self.path("r", "checkpoint.safetensors"), "rb") as file:
            self.data = file.read()
        size = struct.unpack("<Q", self.data[:8])[0]
        self.header = json.loads(self.data[8:8 + size])
        self.values = self.data[8 + size:]

    def changed(self, *path, to):
        header = json.loads(json.dumps(self.header))
        place = header
        for key in path[:-1]:
            place = place[key]
        if to is None:
            del place[path[-1]]
        else:
            place[path[-1]] = to
        return safetensors(header, self.values)

    def test_broken(self):
        w, m = "fit.weight", "__metadata__"
        moment = "optimizer.momentum_buffer.fit.bias"
        cases = [
            (b"", "is too short"),
            (self.data[:7], "is too short"),
            (self.data[:50], "is truncated: its header has"),
            (self.data[:-8], "its data_offsets lie outside the file"),
            (self.data + b"12345678", "bytes of data, but its tensors take"),
            (safetensors(self.header, self.values, size=2**63), "is not a safetensors file: its header would have"),
            (safetensors(self.header, self.values, size=10**9), "is not a safetensors file: its header would have"),
            (safetensors(b"[1, 2]", b""), "the header is broken: it is not a JSON object"),
            (safetensors(b"{\"a\": ", b""), "the header is broken: "),
            (safetensors(b"{\"a\": {}, \"a\": {}}", b""), "the header is broken: duplicate object key"),
            (safetensors(b"["*100000, b""), "the header is broken: "),
            (safetensors(b"\xff\xfe{}", b""), "the header is broken: "),
            (self.changed(w, "dtype", to="F33"), f"tensor \"{w}\": its dtype is none of the format's"),
            (self.changed(w, "dtype", to="F16"), f"tensor \"{w}\": its data_offsets do not fit"),
            (self.changed(w, "dtype", to=None), f"tensor \"{w}\": its dtype is none"),
            (self.changed(w, to=5), f"tensor \"{w}\": its dtype is none"),
            (self.changed(w, "dtype", to="F32"), f"tensor \"{w}\": its data_offsets do not fit"),
            (self.changed(w, "shape", to=[-2]), f"tensor \"{w}\": its shape is not possible"),
            (self.changed(w, "shape", to=[2**62, 8]), f"tensor \"{w}\": its shape is not possible"),
            (self.changed(w, "shape", to=[1]*9), f"tensor \"{w}\": its shape is missing or has too many axes"),
            (self.changed(w, "shape", to=["2"]), f"tensor \"{w}\": its shape is not possible"),
            (self.changed(w, "shape", to=[3]), f"tensor \"{w}\": its data_offsets do not fit"),
            (self.changed(w, "shape", to=[1, 2]), f"tensor \"{w}\" has another shape than in the model"),
            (self.changed(w, "data_offsets", to=[8, 24]), f"tensor \"{w}\": there is a gap before its data"),
            (self.changed("fit.bias", "data_offsets", to=[8, 16]),
             "tensor \"fit.bias\": its data overlap those of another tensor"),
            (self.changed(w, "data_offsets", to=[16, 0]), f"tensor \"{w}\": its data_offsets lie outside the file"),
            (self.changed(w, "data_offsets", to=[-16, 0]), f"tensor \"{w}\": its data_offsets lie outside the file"),
            (self.changed(w, "data_offsets", to=[0]), f"tensor \"{w}\": its data_offsets are missing"),
            (self.changed("mean", to=None), "there is a gap before its data"),
            (self.changed("mean", "dtype", to="I64"), "tensor \"mean\" is I64, but the model computes in F64"),
            (safetensors({"meen" if k == "mean" else k: v for k, v in self.header.items()}, self.values),
             "tensor \"mean\" is missing"),
            (self.changed(moment, to=None), "bytes of data, but its tensors take"),
            (self.changed(m, to=None), "is not a checkpoint of netc"),
            (self.changed(m, to=[]), "its __metadata__ are not an object"),
            (self.changed(m, "step", to=5), "metadata \"step\" are not a text"),
            (self.changed(m, "format", to="other"), "is not a checkpoint of netc"),
            (self.changed(m, "version", to="99"), "is a checkpoint of version 99, but this netc reads version 1"),
            (self.changed(m, "fingerprint", to="00"), "belongs to another model"),
            (self.changed(m, "style", to="fast"), "compile it with --style fast"),
            (self.changed(m, "settings", to=None), "the metadata \"settings\" are missing or broken"),
            (self.changed(m, "seed", to="-1"), "the metadata \"seed\" are missing or broken"),
            (self.changed(m, "step", to="9x"), "the metadata \"step\" are missing or broken"),
            (self.changed(m, "step", to="99999999999999999999"), "the metadata \"step\" are missing or broken"),
            (self.changed(m, "batch", to="4"), "the metadata \"batch\" are missing or broken"),
            (self.changed(m, "lr", to=""), "the metadata \"lr\" are missing or broken"),
            (self.changed(m, "sum.1", to=None), "the metadata \"sum.1\" are missing or broken"),
            (self.changed(m, "samples", to="8"), "was trained with samples 8, but now it is 7"),
            (self.changed(m, "batch_size", to="5"), "was trained with batch_size 5, but now it is 3"),
        ]
        for data, message in cases:
            self.write("bad", data)
            self.expect(3, message, "linear", "--resume", self.path("bad"), "--epochs", 5, "--out", self.path("out"))
            self.assertFalse(os.path.exists(self.path("out")))

    def test_other_model(self):
        result = run("softmax", "eval", self.path("r"))
        self.assertEqual(result.returncode, 3)
        self.assertIn("belongs to another model (linear", result.stderr)

    def test_missing(self):
        self.expect(3, "No such file", "linear", "--resume", self.path("none"))
        self.expect(3, "No such file", "linear", "eval", self.folder)
        self.expect(3, "is not a regular file", "linear", "--resume", self.folder)

    def test_every_truncation_and_flip_is_survived(self):
        """No crash, no hang and no success with fewer bytes, wherever the file is cut or its header changed."""
        for at in range(0, len(self.data) - 1, 7):
            self.write("bad", self.data[:at])
            self.assertEqual(run("linear", "eval", self.path("bad")).returncode, 3, at)
        size = struct.unpack("<Q", self.data[:8])[0]
        for at in range(0, 8 + size, 5):
            self.write("bad", self.data[:at] + bytes([self.data[at] ^ 0x15]) + self.data[at + 1:])
            self.assertIn(run("linear", "--resume", self.path("bad")).returncode, (0, 2, 3), at)


class Options(Case):
    def test_usage(self):
        cases = [
            (["--epoch", "3"], "there is no option --epoch; did you mean --epochs?"),
            (["--frobnicate"], "there is no option --frobnicate; --help lists them"),
            (["--epochs"], "--epochs needs N"),
            (["--epochs", "-1"], "--epochs -1: a whole number"),
            (["--epochs=1x"], "--epochs 1x: a whole number"),
            (["--quiet=1"], "--quiet takes no value"),
            (["--threads", "5000"], "--threads 5000: a whole number from 0 to 1024"),
            (["--seed", "99999999999999999999"], "--seed 99999999999999999999: a whole number"),
            (["--epochs", "2", "--iterations", "3"], "--epochs and --iterations exclude each other"),
            (["--set", "lr"], "--set lr: NAME=VALUE is needed"),
            (["--set", "lr=fast"], "lr of SGD must be a number"),
            (["--set", "lr=-1"], "lr of SGD is -1: it must lie in [0, inf]"),
            (["--set", "lr=nan"], "lr of SGD must be a number"),
            (["--set", "momentun=1"], "--set momentun: there is no such setting; did you mean momentum?"),
            (["--set", "nesterov=2"], "nesterov of SGD must be true or false"),
            (["--set", "nesterov=true", "--set", "momentum=0"], "nesterov needs a momentum above 0"),
            (["--set", "batch_size=4"], "batch_size is fixed when a model is compiled"),
            (["--set", "epochs=1.5"], "epochs must be a whole number"),
            (["--checkpoint-every", "3"], "checkpoints need a folder: say --out DIR"),
            (["trane"], "there is no command trane; did you mean train?"),
            (["eval"], "eval takes 1 operands, not 0"),
            (["predict", "a", "b", "c"], "c is one word too many"),
        ]
        for words, message in cases:
            self.expect(2, message, "linear", *words)
        self.assertEqual(run("linear", "--help").returncode, 0)

    def test_memory(self):
        self.expect(3, "linear needs 24000000000104 bytes of memory", "linear", "f:huge=1")


class Disk(Case):
    @unittest.skipIf(not os.path.exists("/dev/full"), "this system has no /dev/full")
    def test_full_disk(self):
        """What cannot be written is said; the old checkpoint stays as it was."""
        self.assertEqual(run("linear", "--out", self.path("r"), "--epochs", 1).returncode, 0)
        file = self.path("r", "checkpoint.safetensors")
        with open(file, "rb") as handle:
            before = handle.read()
        os.symlink("/dev/full", file + ".tmp")
        result = run("linear", "--out", self.path("r"), "--epochs", 2, "--resume", file)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("checkpoint.safetensors: cannot be written: No space left on device; what was there before "
                      "is kept", result.stderr)
        with open(file, "rb") as handle:
            self.assertEqual(before, handle.read())

    def test_file_size_limit(self):
        """A checkpoint cut off by a limit on file sizes never takes the old one's place."""
        self.assertEqual(run("linear", "--out", self.path("r"), "--epochs", 1).returncode, 0)
        file = self.path("r", "checkpoint.safetensors")
        with open(file, "rb") as handle:
            before = handle.read()

        def limit():
            import signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) - 200, len(before) - 200))
        self.expect(3, "cannot be written: File too large; what was there before is kept", "linear", "--out",
                    self.path("r"), "--epochs", 2, "--resume", file, preexec_fn=limit)
        with open(file, "rb") as handle:
            self.assertEqual(before, handle.read())

    def test_unwritable(self):
        self.write("file", b"")
        self.expect(3, "the folder cannot be made: Not a directory", "linear", "--out", self.path("file", "r"))
        self.expect(3, "the folder cannot be made: ", "linear", "--out", self.path("file"))
        self.expect(3, "the folder cannot be made: ", "linear", "--out", "/proc/none")


class Numbers(Case):
    def test_a_loss_that_is_not_finite(self):
        result = run("linear", "--set", "lr=1e200", "--out", self.path("r"), "--checkpoint-every", 1)
        self.assertEqual(result.returncode, 4)
        self.assertIn("the loss is not finite at step 1 (epoch 1, batch 2)", result.stderr)
        self.assertIn("last good checkpoint: " + self.path("r", "checkpoint.safetensors"), result.stderr)

    def test_the_tensor_where_it_began(self):
        """A checkpoint with a NaN in one tensor: the next step names that tensor, and the file is left alone."""
        self.assertEqual(run("linear", "--out", self.path("r"), "--epochs", 1).returncode, 0)
        file = self.path("r", "checkpoint.safetensors")
        with open(file, "rb") as handle:
            data = handle.read()
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        for name in ("fit.weight", "fit.bias", "mean"):
            at = 8 + size + header[name]["data_offsets"][0]
            bad = data[:at] + struct.pack("<d", float("nan")) + data[at + 8:]
            self.write("bad", bad)
            result = run("linear", "--resume", self.path("bad"), "--out", self.path("new"))
            self.assertEqual(result.returncode, 4)
            role = "state" if name == "mean" else "parameter"
            self.assertIn(f"first tensor that is not finite: {role} {name}", result.stderr)
            self.assertFalse(os.path.exists(self.path("new", "checkpoint.safetensors")))


if __name__ == "__main__":
    unittest.main()
