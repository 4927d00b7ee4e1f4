"""The cases of the oracle: every layer and loss of the library beside its PyTorch counterpart.

A case names a layer, its arguments as a spec writes them, the inputs, and what PyTorch computes from the same inputs. A
module's parameters are handed over by name: PyTorch's names are the library's names.
"""
import math
import os
import re

import torch
from torch import nn
from torch.nn import functional as F

# Where the functions of activation.net have their kinks, and far beyond where exp overflows.
EXTREME = [-800., -30., -6., -3., -1., -0.5, 0., 0.5, 1., 3., 6., 19., 20., 21., 30., 800.]

CASES = []


class Case:
    """kind: layer, network, loss or metric; head: definitions that its spec begins with.

    reference(inputs..., masks) gives y (of a loss: the loss of the batch).

    Of a network `layer` is a name for people and `arguments` holds the stages; its parameters are PyTorch's in order.
    """

    def __init__(self, kind, layer, arguments, inputs, reference, module=None, classes=0, tolerance=1.0,
                 masks=(), exact_gradient=True, note="", head=""):
        self.kind, self.layer, self.arguments, self.inputs = kind, layer, arguments, inputs
        self.reference, self.module, self.classes = reference, module, classes
        self.tolerance, self.masks, self.exact_gradient, self.head = tolerance, masks, exact_gradient, head
        self.name = f"{layer}({arguments})" + (f" {note}" if note else "") if kind != "network" else layer


def randn(*shape):
    return torch.randn(*shape, generator=GENERATOR)


GENERATOR = torch.Generator().manual_seed(20)


def add(layer, arguments, inputs, reference, **more):
    if isinstance(reference, nn.Module):
        more.setdefault("module", reference)
        module = reference
        reference = lambda *x: module(*x)
    CASES.append(Case("layer", layer, arguments, inputs, reference, **more))


def loss(layer, arguments, inputs, reference, **more):
    CASES.append(Case("loss", layer, arguments, inputs, reference, **more))


def text(options):
    """Keyword arguments as a spec writes them."""
    def value(v):
        return {True: "true", False: "false"}[v] if isinstance(v, bool) else f'"{v}"' if isinstance(v, str) else repr(v)
    return ", ".join(f"{k}={value(v)}" for k, v in options.items())


def linear():
    for options in {}, {"bias": False}:
        add("Linear", ", ".join(["4", text(options)]).rstrip(", "), [randn(3, 5)], nn.Linear(5, 4, **options))
    add("Linear", "4", [randn(3, 7, 5)], nn.Linear(5, 4), note="[T, I]")
    add("Linear", "4", [randn(3, 2, 3, 5)], nn.Linear(5, 4), note="[A, B, I]")
    add("Linear", "1", [randn(3, 1)], nn.Linear(1, 1), note="one by one")
    add("Bilinear", "3", [randn(4, 5), randn(4, 2)], nn.Bilinear(5, 2, 3))
    add("Bilinear", "3, bias=false", [randn(4, 2, 5), randn(4, 2, 3)], nn.Bilinear(5, 3, 3, bias=False), note="[T, I]")


def convolutions():
    for options in (dict(kernel_size=3), dict(kernel_size=3, stride=2, padding=1), dict(kernel_size=2, dilation=3),
                    dict(kernel_size=3, groups=2, padding=2, bias=False), dict(kernel_size=1)):
        add("Conv1d", "6, " + text(options), [randn(3, 4, 11)], nn.Conv1d(4, 6, **options))
    for options in (dict(kernel_size=3), dict(kernel_size=3, padding=1), dict(kernel_size=3, stride=2, padding=1),
                    dict(kernel_size=5, padding=2, stride=3), dict(kernel_size=3, dilation=2, padding=2),
                    dict(kernel_size=3, dilation=2, stride=2, padding=1), dict(kernel_size=3, groups=2, padding=1),
                    dict(kernel_size=3, groups=4, padding=1, stride=2), dict(kernel_size=1), dict(kernel_size=1, stride=2),
                    dict(kernel_size=2, stride=2, bias=False), dict(kernel_size=8), dict(kernel_size=3, padding=4)):
        add("Conv2d", "8, " + text(options), [randn(3, 4, 9, 8)], nn.Conv2d(4, 8, **options))
    add("Conv2d", "1, 3, 1, 1", [randn(3, 1, 5, 4)], nn.Conv2d(1, 1, 3, 1, 1), note="one channel")
    for options in (dict(kernel_size=3), dict(kernel_size=3, stride=2, padding=1),
                    dict(kernel_size=3, stride=2, padding=1, output_padding=1), dict(kernel_size=2, stride=2),
                    dict(kernel_size=3, stride=3, dilation=2), dict(kernel_size=3, groups=2, bias=False),
                    dict(kernel_size=4, stride=2, padding=1, groups=2)):
        add("ConvTranspose2d", "6, " + text(options), [randn(3, 4, 5, 6)], nn.ConvTranspose2d(4, 6, **options))


def pooling():
    x = randn(3, 2, 9, 8)
    for options in (dict(kernel_size=2), dict(kernel_size=3), dict(kernel_size=3, stride=2),
                    dict(kernel_size=3, stride=2, padding=1), dict(kernel_size=3, stride=1, padding=1),
                    dict(kernel_size=2, dilation=2, stride=1), dict(kernel_size=2, ceil_mode=True),
                    dict(kernel_size=3, stride=2, padding=1, ceil_mode=True), dict(kernel_size=2, stride=3, ceil_mode=True),
                    dict(kernel_size=3, stride=2, dilation=2, padding=1, ceil_mode=True)):
        add("MaxPool2d", text(options), [x], nn.MaxPool2d(**options))
        if options["kernel_size"] == 3:
            add("MaxPool2d", text(options), [torch.round(x)], nn.MaxPool2d(**options), note="with ties")
        if "dilation" in options:
            continue
        add("AvgPool2d", text(options), [x], nn.AvgPool2d(**options))
        if "padding" in options or "ceil_mode" in options:
            more = dict(options, count_include_pad=False)
            add("AvgPool2d", text(more), [x], nn.AvgPool2d(**more))
    add("MaxPool2d", "2", [torch.zeros(2, 1, 4, 4)], nn.MaxPool2d(2), note="all equal")
    for size in 1, 2, 3, 5, 9:
        add("AdaptiveAvgPool2d", str(size), [randn(3, 2, 9, 6)], nn.AdaptiveAvgPool2d(size))
    add("AdaptiveAvgPool2d", "7", [randn(2, 2, 5, 11)], nn.AdaptiveAvgPool2d(7), note="larger than the input")
    add("Upsample", "scale_factor=2", [randn(3, 2, 3, 4)], nn.Upsample(scale_factor=2))
    add("Upsample", 'scale_factor=3, mode="nearest"', [randn(3, 2, 3, 2)], nn.Upsample(scale_factor=3))
    add("Upsample", "12", [randn(3, 2, 4, 6)], nn.Upsample(12))


def spread(module):
    """Running statistics that are neither zero nor one."""
    if getattr(module, "running_mean", None) is not None:
        module.running_mean.data = randn(*module.running_mean.shape)*0.1
        module.running_var.data = randn(*module.running_var.shape)**2 + 0.5
    return module


def normalisations():
    for options in {}, dict(eps=1e-3, momentum=0.3), dict(affine=False):
        add("BatchNorm1d", text(options), [randn(6, 4)*2 + 1], spread(nn.BatchNorm1d(4, **options)))
        add("BatchNorm1d", text(options), [randn(6, 4, 5)*2 - 1], spread(nn.BatchNorm1d(4, **options)), note="[C, L]")
        add("BatchNorm2d", text(options), [randn(6, 4, 5, 3)*2 + 1], spread(nn.BatchNorm2d(4, **options)))
        add("InstanceNorm2d", text({k: v for k, v in options.items() if k == "eps"}), [randn(3, 4, 5, 3)*2 + 1],
            nn.InstanceNorm2d(4, **{k: v for k, v in options.items() if k == "eps"}))
    add("InstanceNorm2d", "affine=true", [randn(3, 4, 5, 3)], nn.InstanceNorm2d(4, affine=True))
    add("BatchNorm2d", "", [randn(1, 3, 5, 4)], spread(nn.BatchNorm2d(3)), note="one sample")
    for options in {}, dict(eps=1e-3), dict(elementwise_affine=False):
        add("LayerNorm", text(options), [randn(3, 6)], nn.LayerNorm(6, **options))
        add("LayerNorm", text(options), [randn(3, 5, 6)*3 + 1], nn.LayerNorm(6, **options), note="[T, I]")
    for options in {}, dict(eps=1e-3), dict(affine=False):
        add("GroupNorm", ", ".join(filter(None, ["2", text(options)])), [randn(3, 6, 4, 5)], nn.GroupNorm(2, 6, **options))
    add("GroupNorm", "3", [randn(3, 12)], nn.GroupNorm(3, 12), note="[C]")
    add("GroupNorm", "1", [randn(3, 6, 7)], nn.GroupNorm(1, 6), note="[C, L]")
    for options in {}, dict(eps=1e-3), dict(elementwise_affine=False):
        add("RMSNorm", text(options), [randn(3, 5, 6)], RMSNorm(6, **options))


class RMSNorm(nn.Module):
    """torch.nn.RMSNorm, which came after PyTorch 1.13."""

    def __init__(self, size, eps=torch.finfo(torch.float32).eps, elementwise_affine=True):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(size)) if elementwise_affine else 1

    def forward(self, x):
        return x*torch.rsqrt((x*x).mean(-1, keepdim=True) + self.eps)*self.weight


def dropout():
    for p in 0, 0.2, 0.5, 1:
        scale = 1/(1 - p) if p < 1 else 0
        add("Dropout", str(p), [randn(5, 7, 9)], lambda x, mask, s=scale: x*mask*s, masks=[("m.mask", 1 - p)])
        add("Dropout2d", str(p), [randn(5, 30, 2, 3)], lambda x, mask, s=scale: x*mask[:, :, None, None]*s,
            masks=[("m.mask", 1 - p)])
    add("Dropout", "", [randn(4, 40)], lambda x, mask: x*mask*2, masks=[("m.mask", 0.5)])


def shapes():
    for shape in (4,), (4, 5), (4, 5, 6):
        add("Flatten", "", [randn(3, *shape)], nn.Flatten(), note=str(list(shape)))
    add("Unflatten", "1, [2, 3, 4]", [randn(3, 24)], nn.Unflatten(1, (2, 3, 4)))
    add("Unflatten", "-1, [6, 4]", [randn(3, 24)], nn.Unflatten(-1, (6, 4)))


def activations():
    plain = [("ReLU", {}), ("ReLU6", {}), ("LeakyReLU", {}), ("LeakyReLU", dict(negative_slope=0.3)), ("ELU", {}),
             ("ELU", dict(alpha=0.7)), ("SELU", {}), ("GELU", {}), ("GELU", dict(approximate="tanh")), ("SiLU", {}),
             ("Mish", {}), ("Sigmoid", {}), ("Tanh", {}), ("Hardtanh", {}), ("Hardtanh", dict(min_val=-2, max_val=3)),
             ("Hardsigmoid", {}), ("Hardswish", {}), ("Softplus", {}), ("Softplus", dict(beta=2)),
             ("Softplus", dict(beta=0.5, threshold=5)), ("Softsign", {})]
    for name, options in plain:
        module = getattr(nn, name)(**options)
        # PyTorch's derivative of Hardsigmoid holds 1/6 as a float, in f64 too; its Hardswish has two different
        # derivatives at 3, with and without vector instructions.
        tolerance = 1e4 if name == "Hardsigmoid" else 1.0
        extreme = [x for x in EXTREME if name != "Hardswish" or x != 3]
        add(name, text(options), [randn(3, 4, 10)*2], module, tolerance=tolerance)
        add(name, text(options), [torch.tensor([extreme])], module, tolerance=tolerance, note="extreme")
    add("PReLU", "", [randn(3, 4, 5)], nn.PReLU())
    add("PReLU", "4", [randn(3, 4, 5)], nn.PReLU(4))
    add("PReLU", "init=0.1", [torch.tensor([EXTREME])], nn.PReLU(init=0.1), note="extreme")
    for name in "Softmax", "LogSoftmax":
        module = getattr(nn, name)(-1)
        add(name, "", [randn(3, 7)], module)
        add(name, "dim=1", [randn(3, 7)], module)
        add(name, "axis=0", [randn(3, 7)], module)
        add(name, "dim=-1", [randn(3, 4, 7)], module, note="[T, I]")
        add(name, "", [torch.tensor([EXTREME])], module, note="extreme")
        add(name, "", [torch.full((2, 3), 800.)], module, note="all equal")


class First(nn.Module):
    """The first of several outputs, the module's parameters under their own names."""

    def __init__(self, module, *more, **named):
        super().__init__()
        self.inner, self.more, self.named = module, more, named

    def forward(self, x):
        return self.inner(x, *self.more, **self.named)[0]


def sequences():
    for kind in "RNN", "GRU", "LSTM":
        for options in {}, dict(bias=False):
            add(kind, ", ".join(filter(None, ["3", text(options)])), [randn(4, 6, 5)],
                First(getattr(nn, kind)(5, 3, batch_first=True, **options)))
        add(kind, "4", [randn(2, 1, 3)], First(getattr(nn, kind)(3, 4, batch_first=True)), note="one step")
    add("RNN", '3, nonlinearity="relu"', [randn(4, 6, 5)], First(nn.RNN(5, 3, nonlinearity="relu", batch_first=True)))
    add("Embedding", "9, 5", [torch.randint(0, 9, (3, 6), generator=GENERATOR)], nn.Embedding(9, 5), classes=9)
    add("Embedding", "9, 5", [torch.randint(0, 9, (3,), generator=GENERATOR)], nn.Embedding(9, 5), classes=9, note="one id")


class OutputProjection(nn.Linear):
    """The out_proj of nn.MultiheadAttention, whose bias begins at 0."""

    def reset_parameters(self):
        super().reset_parameters()
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class Attention(nn.Module):
    """nn.MultiheadAttention of x, x, x, batch first, with dropout masks handed in; named as PyTorch names its own."""

    def __init__(self, size, heads, dropout=0.0, bias=True, causal=False):
        super().__init__()
        self.oracle = nn.MultiheadAttention(size, heads, bias=bias, batch_first=True)
        self.heads, self.dropout, self.causal = heads, dropout, causal

    def named_parameters(self, *_, **__):
        return self.oracle.named_parameters()

    def forward(self, x, mask=None):
        n, t, size = x.shape
        causal = torch.triu(torch.ones(t, t, dtype=torch.bool), 1) if self.causal else None
        if mask is None:
            # In training mode, without dropout: the fast path of evaluation cannot do without biases.
            return self.oracle.train()(x, x, x, attn_mask=causal, need_weights=False)[0]
        o = self.oracle
        bias = o.in_proj_bias if o.in_proj_bias is not None else 0
        qkv = (x@o.in_proj_weight.T + bias).reshape(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        score = qkv[0]@qkv[1].transpose(-1, -2)/math.sqrt(size//self.heads)
        if causal is not None:
            score = score.masked_fill(causal, -math.inf)
        kept = score.softmax(-1)*mask/(1 - self.dropout)
        return o.out_proj((kept@qkv[2]).transpose(1, 2).reshape(n, t, size))


class EncoderLayer(nn.Module):
    """nn.TransformerEncoderLayer, batch first, with dropout masks handed in."""

    def __init__(self, size, heads, width, p=0.0, activation="relu", norm_first=False, causal=False, eps=1e-5):
        super().__init__()
        self.oracle = nn.TransformerEncoderLayer(size, heads, width, 0.0, activation, eps, batch_first=True,
                                                 norm_first=norm_first)
        self.attention = Attention(size, heads, p, causal=causal)
        self.attention.oracle = self.oracle.self_attn
        self.p, self.causal, self.activation = p, causal, getattr(F, activation)

    def named_parameters(self, prefix="", *_, **__):
        return self.oracle.named_parameters(prefix)

    def forward(self, x, *masks):
        causal = torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=torch.bool), 1) if self.causal else None
        if not masks:
            return self.oracle.train()(x, src_mask=causal)
        o, s = self.oracle, 1/(1 - self.p)
        attend = lambda h: self.attention(h, masks[0])*masks[1]*s
        feed = lambda h: o.linear2(self.activation(o.linear1(h))*masks[2]*s)*masks[3]*s
        if o.norm_first:
            a = x + attend(o.norm1(x))
            return a + feed(o.norm2(a))
        a = o.norm1(x + attend(x))
        return o.norm2(a + feed(a))


def attention():
    add("OutputProjection", "", [randn(3, 2, 4)], OutputProjection(4, 4))
    add("OutputProjection", "bias=false", [randn(3, 4)], OutputProjection(4, 4, bias=False))
    for options in {}, dict(causal=True), dict(bias=False):
        add("MultiheadAttention", ", ".join(filter(None, ["2", text(options)])), [randn(3, 5, 8)], Attention(8, 2, **options))
    add("MultiheadAttention", "1", [randn(3, 4, 3)], Attention(3, 1), note="one head")
    add("MultiheadAttention", "2, dropout=0.3, causal=true", [randn(3, 5, 8)], Attention(8, 2, 0.3, causal=True),
        masks=[("m.kept.mask", 0.7)])
    masks = lambda keep: [(f"m.{path}.mask", keep) for path in ("self_attn.kept", "dropout1", "kept", "dropout2")]
    for options in {}, dict(activation="gelu"), dict(causal=True):
        add("TransformerEncoderLayer", ", ".join(filter(None, ["2, 6, 0", text(options)])), [randn(3, 4, 8)],
            EncoderLayer(8, 2, 6, **options))
        add("TransformerEncoderLayer", ", ".join(filter(None, ["2, dim_feedforward=6, dropout=0.25", text(options)])),
            [randn(3, 4, 8)], EncoderLayer(8, 2, 6, 0.25, **options), masks=masks(0.75))


def losses():
    x, t = randn(4, 5), randn(4, 5)
    close = x + torch.tensor([[0., 0.4, -0.4, 1., -1.]])
    for shape, note in ((4, 5), ""), ((4,), "scalars"), ((3, 2, 3, 4), "[C, H, W]"):
        a, b = randn(*shape), randn(*shape)
        loss("MSELoss", "", [a, b], nn.MSELoss(), note=note)
        loss("L1Loss", "", [a, b], nn.L1Loss(), note=note)
        loss("HalfSquaredError", "", [a, b], lambda a, b: 0.5*((a - b)**2).sum()/len(a), note=note)
        loss("SmoothL1Loss", "", [a, b], nn.SmoothL1Loss(), note=note)
        loss("HuberLoss", "delta=0.7", [a, b], nn.HuberLoss(delta=0.7), note=note)
        loss("BCEWithLogitsLoss", "", [a, torch.sigmoid(b)], nn.BCEWithLogitsLoss(), note=note)
    loss("L1Loss", "", [x, close], nn.L1Loss(), note="at the kinks")
    loss("SmoothL1Loss", "beta=0.5", [x, t], nn.SmoothL1Loss(beta=0.5))
    loss("SmoothL1Loss", "", [x, close], nn.SmoothL1Loss(), note="at the kinks")
    loss("HuberLoss", "", [x, close], nn.HuberLoss(), note="at the kinks")
    loss("HuberLoss", "", [x*800, t], nn.HuberLoss(), note="extreme")
    label = (t > 0).double()
    loss("BCELoss", "", [torch.sigmoid(x), label], nn.BCELoss())
    loss("BCELoss", "", [torch.sigmoid(x), torch.sigmoid(t)], nn.BCELoss(), note="soft targets")
    loss("BCELoss", "", [torch.tensor([[0., 1., 0., 1.]]), torch.tensor([[0., 1., 1., 0.]])], nn.BCELoss(),
         exact_gradient=False, note="certain")
    big = torch.tensor([EXTREME])
    loss("BCEWithLogitsLoss", "", [big, (big > 2).double()], nn.BCEWithLogitsLoss(), note="extreme")
    loss("BCEWithLogitsLoss", "pos_weight=3", [x, label], nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.)))
    loss("BCEWithLogitsLoss", "pos_weight=0.5", [big, (big > 2).double()],
         nn.BCEWithLogitsLoss(pos_weight=torch.tensor(0.5)), note="extreme")
    log_x, p = torch.log_softmax(x, -1), torch.softmax(t, -1)
    divergence = lambda x, t: F.kl_div(x, t, reduction="none").mean()
    loss("KLDivLoss", "", [log_x, p], divergence)
    loss("KLDivLoss", "", [log_x, torch.tensor([0., 1., 0., 0., 0.]).repeat(4, 1)], divergence,
         exact_gradient="x0", note="certain")
    loss("KLDivLoss", "log_target=true", [log_x, torch.log(p)],
         lambda x, t: F.kl_div(x, t, reduction="none", log_target=True).mean())
    sign = torch.sign(t)
    loss("HingeLoss", "", [x, sign], lambda x, t: F.relu(1 - t*x).mean())
    loss("HingeLoss", "margin=0.5", [torch.tensor([[0.5, -0.5, 0., 800.]]), torch.tensor([[1., -1., 1., -1.]])],
         lambda x, t: F.relu(0.5 - t*x).mean(), note="extreme")
    draw = lambda k, *shape: torch.randint(0, k, shape, generator=GENERATOR)
    classes, ignored = draw(5, 4), torch.tensor([0, 1, 3, 0])
    for name in "NLLLoss", "CrossEntropyLoss":
        oracle = getattr(nn, name)
        loss(name, "", [x, classes], oracle(), classes=5)
        loss(name, "", [randn(3, 5, 6), draw(5, 3, 6)], oracle(), classes=5, note="[K, T]")
        loss(name, "", [randn(2, 3, 4, 5), draw(3, 2, 4, 5)], oracle(), classes=3, note="[K, H, W]")
        loss(name, "ignore_index=0", [x, ignored], oracle(ignore_index=0), classes=5)
        loss(name, "ignore_index=2", [randn(3, 5, 6), draw(5, 3, 6)], oracle(ignore_index=2), classes=5, note="[K, T]")
    loss("CrossEntropyLoss", "label_smoothing=0.1", [x, classes], nn.CrossEntropyLoss(label_smoothing=0.1), classes=5)
    loss("CrossEntropyLoss", "label_smoothing=0.1", [randn(3, 5, 6), draw(5, 3, 6)],
         nn.CrossEntropyLoss(label_smoothing=0.1), classes=5, note="[K, T]")
    loss("CrossEntropyLoss", "ignore_index=0, label_smoothing=0.1", [x, ignored],
         nn.CrossEntropyLoss(ignore_index=0, label_smoothing=0.1), classes=5)
    loss("CrossEntropyLoss", "", [big, torch.tensor([3])], nn.CrossEntropyLoss(), classes=len(EXTREME), note="extreme")


class Transposed(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


class Sum(nn.Module):
    """The sum of several branches of one input."""

    def __init__(self, *branches):
        super().__init__()
        self.branch = nn.ModuleList(branches)

    def forward(self, x):
        return sum(branch(x) for branch in self.branch)


class Masked(nn.Sequential):
    """Modules behind each other, of which the first takes masks."""

    def forward(self, x, *masks):
        return self[1](self[0](x, *masks))


class Concatenated(Sum):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branch], 1)


def manual_block(name):
    """A block as docs/layers.md shows it."""
    with open(os.path.join(os.path.dirname(__file__), "../../docs/layers.md")) as f:
        return re.search(rf"^block {name}\b.*?^}}\n", f.read(), re.M | re.S).group()


def network(name, stages, inputs, module, **more):
    CASES.append(Case("network", name, stages, inputs, lambda *x: module(*x), module, **more))


def networks():
    """Layers behind each other: what is inlined, gathered and shared across their borders."""
    norm = lambda size: spread(nn.BatchNorm2d(size))
    network("perceptron", "Linear(7); GELU; LayerNorm; Linear(5); Tanh; Linear(3); LogSoftmax", [randn(4, 6)],
            nn.Sequential(nn.Linear(6, 7), nn.GELU(), nn.LayerNorm(7), nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 3),
                          nn.LogSoftmax(1)))
    network("convolutions", "Conv2d(6, 3, padding=1, bias=false); BatchNorm2d; ReLU; MaxPool2d(2); "
            "Conv2d(4, 3, stride=2, padding=1); ReLU; BatchNorm2d; AvgPool2d(2); Flatten; Linear(5); Softmax",
            [randn(3, 2, 10, 12)],
            nn.Sequential(nn.Conv2d(2, 6, 3, padding=1, bias=False), norm(6), nn.ReLU(), nn.MaxPool2d(2),
                          nn.Conv2d(6, 4, 3, 2, 1), nn.ReLU(), norm(4), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4, 5),
                          nn.Softmax(1)))
    network("separable", "Conv2d(4, 3, padding=1, groups=4); Hardswish; Conv2d(8, 1); GroupNorm(2); SiLU; "
            "Conv2d(8, 3, padding=2, dilation=2, groups=2); PReLU(8); AdaptiveAvgPool2d(1); Flatten; Linear(3)",
            [randn(3, 4, 6, 5)],
            nn.Sequential(nn.Conv2d(4, 4, 3, padding=1, groups=4), nn.Hardswish(), nn.Conv2d(4, 8, 1), nn.GroupNorm(2, 8),
                          nn.SiLU(), nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=2), nn.PReLU(8),
                          nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3)))
    network("decoder", "Linear(12); ReLU; Unflatten(1, [3, 2, 2]); ConvTranspose2d(4, 4, 2, 1, bias=false); "
            "BatchNorm2d; LeakyReLU(0.2); Upsample(scale_factor=2); Conv2d(1, 3, padding=1); Sigmoid", [randn(4, 5)],
            nn.Sequential(nn.Linear(5, 12), nn.ReLU(), nn.Unflatten(1, (3, 2, 2)), nn.ConvTranspose2d(3, 4, 4, 2, 1, bias=False),
                          norm(4), nn.LeakyReLU(0.2), nn.Upsample(scale_factor=2), nn.Conv2d(4, 1, 3, padding=1),
                          nn.Sigmoid()))
    network("branches", "left = _ |> Conv2d(3, 3, padding=1) |> ReLU; right = _ |> Conv2d(3, 1) |> Tanh; left + right + _; "
            "BatchNorm2d; same = _; MaxPool2d(3, 1, 1); concat(_, same, axis=0); Tanh; Conv2d(2, 2, 2)",
            [randn(3, 3, 6, 4)],
            nn.Sequential(Sum(nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()),
                              nn.Sequential(nn.Conv2d(3, 3, 1), nn.Tanh()), nn.Identity()),
                          norm(3), Concatenated(nn.MaxPool2d(3, 1, 1), nn.Identity()), nn.Tanh(),
                          nn.Conv2d(6, 2, 2, 2)))
    ids = torch.randint(0, 9, (3, 6), generator=GENERATOR)
    network("language model", "Embedding(9, 8); TransformerEncoderLayer(2, 12, 0, causal=true); "
            "TransformerEncoderLayer(4, 6, 0, \"gelu\", causal=true); LayerNorm; Linear(9); LogSoftmax", [ids],
            nn.Sequential(nn.Embedding(9, 8), EncoderLayer(8, 2, 12, causal=True),
                          EncoderLayer(8, 4, 6, activation="gelu", causal=True), nn.LayerNorm(8), nn.Linear(8, 9),
                          nn.LogSoftmax(2)), classes=9)
    network("blocks that normalise first", "PreNorm(2, 8, 6, 0.25); PreNorm(4, 8, 5, 0, causal=true)", [randn(3, 4, 8)],
            Masked(EncoderLayer(8, 2, 6, 0.25, norm_first=True), EncoderLayer(8, 4, 5, norm_first=True, causal=True)),
            head=manual_block("PreNorm"), masks=[(f"prenorm_1.{path}.mask", 0.75) for path in (
                "self_attn.kept", "dropout1", "dropout", "dropout2")])
    network("recurrent stack", "Embedding(9, 4); LSTM(5); GRU(3); RNN(4); transpose(_, [1, 0]); "
            "Conv1d(2, 3, padding=1, bias=false); BatchNorm1d; ReLU; Flatten; Linear(2)", [ids],
            nn.Sequential(nn.Embedding(9, 4), First(nn.LSTM(4, 5, batch_first=True)), First(nn.GRU(5, 3, batch_first=True)),
                          First(nn.RNN(3, 4, batch_first=True)), Transposed(), nn.Conv1d(4, 2, 3, padding=1, bias=False),
                          spread(nn.BatchNorm1d(2)), nn.ReLU(), nn.Flatten(), nn.Linear(12, 2)), classes=9)
    network("attention", "Linear(6); MultiheadAttention(3); ELU; MultiheadAttention(2, bias=false); RMSNorm; Mish; "
            "Flatten; Linear(1)", [randn(3, 4, 5)],
            nn.Sequential(nn.Linear(5, 6), Attention(6, 3), nn.ELU(), Attention(6, 2, bias=False), RMSNorm(6), nn.Mish(),
                          nn.Flatten(), nn.Linear(24, 1)))


def metrics():
    x, t = randn(8, 6), torch.randint(0, 6, (8,), generator=GENERATOR)
    accuracy = lambda x, t: (x.argmax(1) == t).double().mean()
    CASES.append(Case("metric", "Accuracy", "", [x, t], accuracy, classes=6))
    CASES.append(Case("metric", "Accuracy", "", [torch.round(x), t], accuracy, classes=6, note="with ties"))
    for k in 1, 3, 6:
        top = lambda x, t, k=k: (x.topk(k, 1).indices == t[:, None]).any(1).double().mean()
        CASES.append(Case("metric", "TopK", str(k), [x, t], top, classes=6))


def all_cases():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(7)
    for group in (linear, convolutions, pooling, normalisations, dropout, shapes, activations, sequences, attention, networks,
                  losses, metrics):
        group()
    return CASES
