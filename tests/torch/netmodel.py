"""A compiled model, driven through the structs of runtime/include/net_model.h.

Model(path) loads a shared object made by `netc build --shared`; params, grads, states, inputs and kept tensors are numpy
views into blocks that this module owns.
"""
import ctypes as c

import numpy as np

MAX_RANK = 8
TYPES = {0: np.float32, 1: np.float64, 2: np.int32}


class Init(c.Structure):
    _fields_ = [("kind", c.c_int), ("a", c.c_double), ("b", c.c_double), ("values", c.POINTER(c.c_double)),
                ("file", c.c_char_p), ("entry", c.c_char_p)]


INIT_CONSTANT, INIT_VALUES, INIT_UNIFORM, INIT_NORMAL, INIT_FILE = range(5)


class Tensor(c.Structure):
    _fields_ = [("name", c.c_char_p), ("rank", c.c_int), ("shape", c.c_int64*MAX_RANK), ("offset", c.c_size_t),
                ("count", c.c_size_t), ("init", Init)]


class Input(c.Structure):
    _fields_ = [("name", c.c_char_p), ("type", c.c_int), ("rank", c.c_int), ("shape", c.c_int64*MAX_RANK),
                ("count", c.c_size_t), ("offset", c.c_size_t), ("classes", c.c_int64), ("is_target", c.c_int)]


class Output(c.Structure):
    _fields_ = [("name", c.c_char_p), ("type", c.c_int), ("rank", c.c_int), ("shape", c.c_int64*MAX_RANK),
                ("count", c.c_size_t), ("offset", c.c_size_t), ("per_sample", c.c_int)]


class Setting(c.Structure):
    _fields_ = [("name", c.c_char_p), ("count", c.c_int), ("value", c.POINTER(c.c_double)), ("text", c.c_char_p)]


class Choice(c.Structure):
    _fields_ = [("kind", c.c_char_p), ("argument", c.POINTER(Setting)), ("argument_count", c.c_int)]


class Train(c.Structure):
    _fields_ = [("epochs", c.c_int64), ("iterations", c.c_int64), ("shuffle", c.c_int), ("seed", c.c_uint64),
                ("clip_grad_norm", c.c_double), ("optimizer", Choice), ("scheduler", Choice)]


class Data(c.Structure):
    _fields_ = [("format", c.c_int), ("train", c.POINTER(c.c_char_p)), ("train_count", c.c_int),
                ("test", c.POINTER(c.c_char_p)), ("test_count", c.c_int), ("scale", c.c_double),
                ("normalize", c.c_int), ("mean", c.POINTER(c.c_double)), ("mean_count", c.c_int),
                ("std", c.POINTER(c.c_double)), ("std_count", c.c_int), ("columns", c.c_void_p),
                ("columns_count", c.c_int), ("inlined", c.c_void_p), ("inlined_count", c.c_int)]


class Call(c.Structure):
    _fields_ = [("params", c.c_void_p), ("grads", c.c_void_p), ("states", c.c_void_p), ("batch", c.c_void_p),
                ("work", c.c_void_p), ("results", c.POINTER(c.c_double)), ("n", c.c_int), ("seed", c.c_uint64),
                ("step", c.c_uint64), ("threads", c.c_int)]


Function = c.CFUNCTYPE(None, c.POINTER(Call))


class NetModel(c.Structure):
    _fields_ = [("abi", c.c_uint32), ("name", c.c_char_p), ("spec", c.c_char_p), ("fingerprint", c.c_char_p),
                ("schedule", c.c_char_p), ("type", c.c_int), ("batch_size", c.c_int),
                ("param", c.POINTER(Tensor)), ("param_tensors", c.c_int), ("param_count", c.c_size_t),
                ("state", c.POINTER(Tensor)), ("state_tensors", c.c_int), ("state_count", c.c_size_t),
                ("input", c.POINTER(Input)), ("input_count", c.c_int), ("batch_bytes", c.c_size_t),
                ("output", c.POINTER(Output)), ("output_count", c.c_int), ("work_bytes", c.c_size_t),
                ("result", c.POINTER(c.c_char_p)), ("result_count", c.c_int), ("train", Train), ("data", Data),
                ("forward", Function), ("backward", Function), ("update", Function), ("evaluate", Function)]


def block(size, fill=0xFF):
    """size bytes, aligned to 64; of NaN patterns unless told: what nobody writes is seen."""
    raw = np.full(size + 64 + 8, fill, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start:start + size]


class Model:
    def __init__(self, path):
        self.library = c.CDLL(path)
        m = self.model = NetModel.in_dll(self.library, "net_model")
        assert m.abi == 1, "net_model.h of another version"
        self.type = TYPES[m.type]
        self.batch_size = m.batch_size
        size = np.dtype(self.type).itemsize
        # Schedules with padded tensors rely on a work block that begins as zeros.
        self.blocks = {"params": block(m.param_count*size), "grads": block(m.param_count*size),
                       "states": block(m.state_count*size), "batch": block(m.batch_bytes),
                       "work": block(m.work_bytes, 0xFF if m.schedule == b"plain" else 0)}
        self.result_names = [m.result[i].decode() for i in range(m.result_count)]
        self.results = np.full(max(1, m.result_count), np.nan)
        self.param_table = [m.param[i] for i in range(m.param_tensors)]
        self.params = self._tensors("params", self.param_table)
        self.grads = self._tensors("grads", self.param_table)
        self.states = self._tensors("states", [m.state[i] for i in range(m.state_tensors)])
        self.inputs = {m.input[i].name.decode(): self._batched("batch", m.input[i], True) for i in range(m.input_count)}
        self.outputs = {m.output[i].name.decode(): self._batched("work", m.output[i], m.output[i].per_sample)
                        for i in range(m.output_count)}
        for i in range(m.input_count):
            if m.input[i].type == 2:
                self.inputs[m.input[i].name.decode()][...] = 0

    def _tensors(self, name, table):
        values = self.blocks[name].view(self.type)
        return {t.name.decode(): values[t.offset:t.offset + t.count].reshape(t.shape[:t.rank]) for t in table}

    def _batched(self, name, t, per_sample):
        samples = [self.batch_size] if per_sample else []
        dtype = np.dtype(TYPES[t.type])
        count = t.count*(self.batch_size if per_sample else 1)
        raw = self.blocks[name][t.offset:t.offset + count*dtype.itemsize]
        return raw.view(dtype).reshape(samples + t.shape[:t.rank])

    def call(self, function, n=None, seed=0, step=0, threads=1):
        """Runs "forward", "backward", "update" or "evaluate" over the first n samples; returns the results."""
        address = {name: b.ctypes.data for name, b in self.blocks.items()}
        call = Call(results=self.results.ctypes.data_as(c.POINTER(c.c_double)), n=n or self.batch_size, seed=seed,
                    step=step, threads=threads, **address)
        pointer = getattr(self.model, function)
        if pointer:
            pointer(c.byref(call))
        return dict(zip(self.result_names, self.results.tolist()))

    def setting(self, choice, name):
        """A numeric argument of the optimizer or schedule as the spec gives it, or None."""
        for i in range(choice.argument_count):
            if choice.argument[i].name.decode() == name:
                return choice.argument[i].value[0]
        return None
