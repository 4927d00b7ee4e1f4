"""What the library refuses: every `require` of compiler/std breaks once and says its sentence; other arguments of PyTorch
are unknown.

    refusals.py NETC LIBRARY

A rule of the library that no row of RULES breaks is a failure.
"""
import os
import re
import subprocess
import sys
import tempfile

# (a stage, the shape of its input, a part of the message)
RULES = [
    ("Conv1d(4, 3, 0)", [4, 9], "stride and dilation are at least 1"),
    ("Conv1d(4, 3, groups=3)", [4, 9], "must divide by groups"),
    ("Conv1d(4, 12)", [4, 9], "the kernel is longer than the padded input"),
    ("Conv2d(4, 3, padding=-1)", [4, 9, 9], "padding at least 0"),
    ("Conv2d(6, 3, groups=4)", [4, 9, 9], "must divide by groups"),
    ("Conv2d(4, 4)", [4, 9, 3], "the kernel is larger than the padded input"),
    ("ConvTranspose2d(4, 3, 0)", [4, 9, 9], "stride and dilation are at least 1"),
    ("ConvTranspose2d(4, 3, groups=3)", [4, 9, 9], "must divide by groups"),
    ("ConvTranspose2d(4, 3, stride=2, output_padding=2)", [4, 9, 9], "output_padding must be smaller"),
    ("ConvTranspose2d(4, 3, padding=3)", [4, 2, 2], "padding leaves nothing"),
    ("MaxPool2d(2, 0)", [4, 9, 9], "kernel_size, stride and dilation are at least 1"),
    ("MaxPool2d(3, padding=2)", [4, 9, 9], "at most half of kernel_size"),
    ("MaxPool2d(3)", [4, 2, 9], "the window is larger"),
    ("AvgPool2d(0)", [4, 9, 9], "kernel_size and stride are at least 1"),
    ("AvgPool2d(3, padding=2)", [4, 9, 9], "at most half of kernel_size"),
    ("AvgPool2d(3)", [4, 9, 2], "the window is larger"),
    ("AdaptiveAvgPool2d(0)", [4, 9, 9], "output_size is at least 1"),
    ("Upsample(scale_factor=2, mode=\"bilinear\")", [4, 9, 9], "the only mode of Upsample"),
    ("Upsample", [4, 9, 9], "either size or scale_factor"),
    ("Upsample(10)", [4, 9, 9], "size must be a multiple"),
    ("BatchNorm1d(16)", [16], "write BatchNorm1d without it"),
    ("BatchNorm1d(momentum=2)", [16], "momentum between 0 and 1"),
    ("BatchNorm2d(16)", [16, 3, 3], "write BatchNorm2d without it"),
    ("BatchNorm2d(momentum=-1)", [16, 3, 3], "momentum between 0 and 1"),
    ("LayerNorm(16)", [16], "write LayerNorm without it"),
    ("LayerNorm(-1)", [16], "eps is at least 0"),
    ("RMSNorm(16)", [16], "write RMSNorm without it"),
    ("RMSNorm(-1)", [16], "eps is at least 0"),
    ("GroupNorm(4, 16)", [16, 3, 3], "write GroupNorm(num_groups)"),
    ("GroupNorm(4, -1)", [16, 3, 3], "eps is at least 0"),
    ("GroupNorm(3)", [16, 3, 3], "must divide by num_groups"),
    ("InstanceNorm2d(16)", [16, 3, 3], "write InstanceNorm2d without it"),
    ("InstanceNorm2d(-1)", [16, 3, 3], "eps is at least 0"),
    ("InstanceNorm2d", [16, 1, 1], "no variance"),
    ("Dropout(1.5)", [4], "p is a probability"),
    ("Dropout2d(-0.5)", [4, 3, 3], "p is a probability"),
    ("Unflatten(0, [2, 2])", [4], "write Unflatten(1, [sizes])"),
    ("PReLU(3)", [4], "num_parameters is 1 or"),
    ("GELU(approximate=\"sigmoid\")", [4], "approximate is"),
    ("Hardtanh(1, 0)", [4], "min_val must be smaller"),
    ("Softplus(0)", [4], "beta must be positive"),
    ("Softmax(dim=1)", [3, 4], "only the last axis: dim=-1"),
    ("Softmax(axis=0)", [3, 4], "only the last axis: axis=-1"),
    ("Softmax(0)", [4], "only the last axis: dim=-1"),
    ("LogSoftmax(dim=1)", [3, 4], "only the last axis: dim=-1"),
    ("LogSoftmax(axis=1)", [3, 4, 5], "only the last axis: axis=-1"),
    ("RNN(4, 2)", [5, 3], "one RNN below the other"),
    ("RNN(4, nonlinearity=\"sin\")", [5, 3], "nonlinearity is"),
    ("LSTM(4, 2)", [5, 3], "one LSTM below the other"),
    ("GRU(4, 2)", [5, 3], "one GRU below the other"),
    ("MultiheadAttention(8, 2)", [5, 8], "dropout is a probability; embed_dim"),
    ("MultiheadAttention(3)", [5, 8], "must divide by num_heads"),
    ("TransformerEncoderLayer(8, 2)", [5, 12], "must divide by num_heads"),
    ("TransformerEncoderLayer(2, activation=\"tanh\")", [5, 8], "activation is"),
    ("TransformerEncoderLayer(2, norm_first=true)", [5, 8], "norm_first=true is not supported"),
    ("TransformerEncoderLayer(2, 8, 2048)", [5, 8], "dropout is a probability; d_model"),
    ("SmoothL1Loss(x, t, beta=0)", [4], "it is L1Loss"),
    ("HuberLoss(x, t, delta=-1)", [4], "delta must be positive"),
    ("CrossEntropyLoss(x, k, label_smoothing=2)", [4], "label_smoothing is between 0 and 1"),
    ("top_k(5)", [4], "k is between 1 and the number of classes"),
    ("Linear(4, bias=3)", [4], "true or false"),
    ("GRU(4, bias=2)", [5, 3], "true or false"),
    ("BatchNorm2d(affine=1)", [4, 3, 3], "true or false"),
]
# Arguments of PyTorch that docs/layers.md lists as not supported: refused by name.
UNKNOWN = [
    ("RNN(4, bidirectional=true)", [5, 3], "bidirectional"),
    ("LSTM(4, proj_size=2)", [5, 3], "proj_size"),
    ("GRU(4, batch_first=true)", [5, 3], "batch_first"),
    ("Conv2d(4, 3, padding_mode=\"zeros\")", [4, 9, 9], "padding_mode"),
    ("Conv2d(in_channels=4, out_channels=4, kernel_size=3)", [4, 9, 9], "in_channels"),
    ("MaxPool2d(2, return_indices=true)", [4, 9, 9], "return_indices"),
    ("AvgPool2d(2, divisor_override=3)", [4, 9, 9], "divisor_override"),
    ("BatchNorm2d(track_running_stats=false)", [4, 9, 9], "track_running_stats"),
    ("InstanceNorm2d(momentum=0.1)", [4, 9, 9], "momentum"),
    ("Embedding(9, 5, padding_idx=0)", [4], "padding_idx"),
    ("ReLU(inplace=true)", [4], "inplace"),
    ("Flatten(start_dim=2)", [4, 9], "start_dim"),
    ("NLLLoss(x, k, weight=2)", [4], "weight"),
    ("CrossEntropyLoss(x, k, reduction=\"sum\")", [4], "reduction"),
]


def rules_of(folder):
    """(layer, message) of every `require`."""
    rules = []
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".net"):
            continue
        with open(os.path.join(folder, file)) as f:
            text = f.read()
        heads = [(m.start(), m.group(1)) for m in re.finditer(r"^layer\s+(\w+)", text, re.M)]
        for m in re.finditer(r"^  require .*?,\s*\"((?:[^\"\\\n]|\\.)*)\"$", text, re.M | re.S):
            layer = [name for start, name in heads if start < m.start()][-1]
            rules.append((layer, m.group(1).replace('\\"', '"')))
    return rules


def spec_of(stage, shape):
    dims = ", ".join(map(str, shape))
    head = f"model refused\ninput x[{dims}]\ninput t[{dims}]\ntarget k: class(4)\n"
    name = stage.split("(")[0]
    if name.endswith("Loss"):
        return head + f"loss {stage}\n"
    if name == "top_k":
        return head + f"network x -> y {{ LogSoftmax }}\nloss NLLLoss(y, k)\nmetric {stage}\n"
    if name == "Embedding":
        head = f"model refused\ninput x[{dims}]: class(9)\n"
    return head + f"network x -> y {{\n  {stage}\n}}\nloss L = 1\n"


def main():
    netc, folder = sys.argv[1:]
    failures, broken = [], set()
    rules = rules_of(folder)
    with tempfile.TemporaryDirectory() as temporary:
        spec = os.path.join(temporary, "refused.net")
        for stage, shape, message in RULES + UNKNOWN:
            with open(spec, "w") as f:
                f.write(spec_of(stage, shape))
            done = subprocess.run([netc, "check", spec], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  universal_newlines=True)
            if done.returncode != 1 or message not in done.stdout:
                failures.append(f"{stage} of {shape}: exit {done.returncode}, wanted 1 and '{message}'\n{done.stdout}")
                continue
            name = stage.split("(")[0].replace("top_k", "TopK")
            broken |= {(layer, said) for layer, said in rules if layer == name and said in done.stdout}
    failures += [f"no row breaks the rule of {layer}: {said}" for layer, said in rules if (layer, said) not in broken]
    for failure in failures:
        print("FAILED", failure)
    print(f"{len(rules)} rules, {len(RULES) + len(UNKNOWN)} specs, {len(failures)} failures")
    return 1 if failures or not rules else 0


if __name__ == "__main__":
    sys.exit(main())
