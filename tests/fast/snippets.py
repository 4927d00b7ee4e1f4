"""Small networks that ask much of the fast style: sizes that fill no vectors, strides, groups, windows that overlap,
recurrences, reads through integers, sums over the batch. Each is (name, input shape, stages, more)."""

IMAGE = [
    ("conv", "[3, 7, 6]", "Conv2d(5, kernel_size=3, padding=1)"),
    ("conv_no_padding", "[2, 9, 8]", "Conv2d(10, kernel_size=3); ReLU; Conv2d(16, kernel_size=3)"),
    ("conv_16", "[16, 8, 8]", "Conv2d(16, kernel_size=3, padding=1)"),
    ("conv_33", "[17, 6, 6]", "Conv2d(33, kernel_size=3, padding=1, bias=false)"),
    ("window_even", "[16, 16, 20]", "Conv2d(16, kernel_size=3, padding=1); ReLU; BatchNorm2d; Conv2d(20, kernel_size=3, padding=1)"),
    ("window_odd", "[20, 13, 11]", "Conv2d(33, kernel_size=3, padding=1); Tanh; Conv2d(17, kernel_size=3)"),
    ("window_no_padding", "[8, 17, 14]", "Conv2d(16, kernel_size=3); Conv2d(12, kernel_size=3); AvgPool2d(2)"),
    ("window_wide_padding", "[16, 9, 9]", "Conv2d(16, kernel_size=3, padding=2); Sigmoid; Conv2d(16, kernel_size=3, padding=1)"),
    ("window_transposed", "[16, 8, 8]", "Conv2d(16, kernel_size=1); ConvTranspose2d(16, kernel_size=3); ReLU"),
    ("window_small", "[32, 3, 5]", "Conv2d(32, kernel_size=3, padding=1); ReLU; Conv2d(32, kernel_size=3, padding=1)"),
    ("conv_stride", "[4, 9, 8]", "Conv2d(8, kernel_size=3, stride=2, padding=1)"),
    ("conv_stride_twice", "[4, 12, 12]", "Conv2d(16, kernel_size=3, stride=2, padding=1); ReLU; Conv2d(16, kernel_size=1, stride=2)"),
    ("conv_stride_3", "[5, 11, 10]", "Conv2d(7, kernel_size=1); Conv2d(6, kernel_size=4, stride=3, padding=2); ReLU"),
    ("conv_stride_odd", "[16, 13, 15]", "Conv2d(16, kernel_size=1); ReLU; Conv2d(16, kernel_size=3, stride=2)"),
    ("conv_stride_even", "[16, 12, 14]", "Conv2d(16, kernel_size=1); ReLU; Conv2d(20, kernel_size=3, stride=2)"),
    ("conv_stride_beyond", "[6, 10, 11]", "Conv2d(12, kernel_size=1); Conv2d(9, kernel_size=2, stride=3, padding=1)"),
    ("conv_stride_dilated", "[4, 16, 17]", "Conv2d(16, kernel_size=1); Conv2d(5, kernel_size=3, stride=2, dilation=3, padding=2); Tanh; Conv2d(4, kernel_size=2, stride=2, dilation=2, padding=1)"),
    ("conv_stride_small", "[8, 4, 3]", "Conv2d(16, kernel_size=1); ReLU; Conv2d(16, kernel_size=5, stride=2, padding=2); Conv2d(7, kernel_size=3, stride=2, padding=1)"),
    ("conv_stride_groups", "[12, 9, 9]", "Conv2d(12, kernel_size=1); Conv2d(12, kernel_size=3, stride=2, groups=3, padding=1)"),
    ("conv_stride_1d", "[6, 19]", "Conv1d(16, kernel_size=1); ReLU; Conv1d(10, kernel_size=5, stride=3, padding=1)"),
    ("conv_stride_shortcut", "[16, 9, 9]", "Conv2d(16, kernel_size=1); BatchNorm2d; ReLU; left = _ |> Conv2d(32, kernel_size=3, stride=2, padding=1) |> BatchNorm2d; right = _ |> Conv2d(32, kernel_size=1, stride=2); far = _ |> Conv2d(32, kernel_size=3, stride=2, padding=1, groups=16); left + right + far; ReLU"),
    ("conv_stride_two_ways", "[8, 12, 12]", "Conv2d(16, kernel_size=1); ReLU; left = _ |> Conv2d(6, kernel_size=3, stride=2, padding=1) |> AdaptiveAvgPool2d(1); right = _ |> Conv2d(6, kernel_size=2, stride=3) |> AdaptiveAvgPool2d(1); wide = _ |> Conv2d(6, kernel_size=3, padding=1) |> AdaptiveAvgPool2d(1); left + right + wide"),
    ("conv_depthwise_odd", "[20, 11, 9]", "Conv2d(20, kernel_size=1); ReLU; Conv2d(20, kernel_size=3, groups=20, stride=2); Conv2d(8, kernel_size=1)"),
    ("conv_dilated", "[4, 9, 8]", "Conv2d(8, kernel_size=3, dilation=2, padding=2)"),
    ("conv_groups", "[6, 7, 7]", "Conv2d(12, kernel_size=3, groups=3, padding=1)"),
    ("conv_depthwise", "[20, 7, 7]", "Conv2d(20, kernel_size=3, groups=20, padding=1)"),
    ("conv_depthwise_stride", "[16, 8, 8]", "Conv2d(16, kernel_size=3, groups=16, stride=2, padding=1); Conv2d(32, kernel_size=1)"),
    ("conv_1x1", "[16, 5, 5]", "Conv2d(10, kernel_size=1); ReLU"),
    ("conv_5x5", "[1, 12, 12]", "Conv2d(6, kernel_size=5, padding=2); Tanh; AvgPool2d(2); Conv2d(16, kernel_size=5)"),
    ("conv_transposed", "[4, 5, 5]", "ConvTranspose2d(6, kernel_size=3, stride=2, padding=1, output_padding=1)"),
    ("conv_transposed_3", "[16, 5, 4]", "ConvTranspose2d(16, kernel_size=4, stride=3, padding=1); ReLU; ConvTranspose2d(5, kernel_size=2, stride=3)"),
    ("conv_1d", "[4, 11]", "Conv1d(6, kernel_size=3, padding=1); ReLU"),
    ("norm_2d", "[5, 6, 6]", "Conv2d(10, kernel_size=3, padding=1); BatchNorm2d; ReLU; Conv2d(4, kernel_size=3, padding=1); BatchNorm2d"),
    ("norm_2d_16", "[1, 8, 8]", "Conv2d(16, kernel_size=3, padding=1); ReLU; BatchNorm2d; Conv2d(16, kernel_size=3, padding=1); ReLU; BatchNorm2d; AvgPool2d(2); Dropout(0.25)"),
    ("norm_1d", "[20]", "Linear(12); BatchNorm1d; ReLU; Linear(3)"),
    ("norm_layer", "[5, 24]", "LayerNorm; Linear(20); LayerNorm"),
    ("norm_group", "[12, 5, 5]", "Conv2d(12, kernel_size=3); GroupNorm(3); ReLU"),
    ("norm_instance", "[3, 6, 6]", "Conv2d(7, kernel_size=3); InstanceNorm2d(affine=true)"),
    ("norm_rms", "[4, 20]", "Linear(18); RMSNorm"),
    ("pool_max", "[4, 9, 8]", "Conv2d(10, kernel_size=3, padding=1); MaxPool2d(2)"),
    ("pool_max_overlap", "[4, 9, 8]", "Conv2d(16, kernel_size=3); MaxPool2d(3, stride=2, padding=1)"),
    ("pool_average_overlap", "[4, 9, 8]", "Conv2d(16, kernel_size=3); AvgPool2d(3, stride=2, padding=1)"),
    ("pool_average_overlap_3", "[4, 11, 10]", "Conv2d(16, kernel_size=3); ReLU; AvgPool2d(4, stride=3); Conv2d(5, kernel_size=1)"),
    ("pool_max_16", "[3, 10, 10]", "Conv2d(16, kernel_size=3); MaxPool2d(2); Conv2d(20, kernel_size=3, padding=1); MaxPool2d(4)"),
    ("pool_adaptive", "[4, 9, 7]", "Conv2d(20, kernel_size=3); AdaptiveAvgPool2d(3)"),
    ("pool_global", "[4, 9, 7]", "Conv2d(20, kernel_size=3); AdaptiveAvgPool2d(1); Flatten; Linear(5)"),
    ("upsample", "[2, 4, 4]", "Conv2d(5, kernel_size=3, padding=1); Upsample(scale_factor=2); Conv2d(3, kernel_size=3, padding=1)"),
    ("dropout_2d", "[6, 5, 5]", "Conv2d(16, kernel_size=3); Dropout2d(0.4)"),
    ("linear", "[37]", "Linear(21); ReLU; Linear(5)"),
    ("linear_wide", "[64]", "Linear(128); ReLU; Linear(48); ReLU; Linear(10); LogSoftmax"),
    ("linear_sequence", "[7, 12]", "Linear(18); GELU; Linear(5); Softmax"),
    ("activations", "[30]", "Linear(24); Tanh; Linear(20); Sigmoid; Linear(17); SiLU; Linear(9); ELU"),
    ("residual", "[16, 6, 6]", "skip = _; Conv2d(16, kernel_size=3, padding=1); BatchNorm2d; ReLU; _ + skip; ReLU"),
    ("branches", "[3, 8, 8]", "left = _ |> Conv2d(10, kernel_size=3, padding=1); right = _ |> Conv2d(7, kernel_size=1); concat(left, right, axis=0); Conv2d(4, kernel_size=3)"),
    ("reshape", "[4, 6, 6]", "Conv2d(10, kernel_size=3); reshape(_, [5, 32]); Linear(7); Flatten; Linear(3)"),
    ("recurrent", "[6, 9]", "RNN(12); LSTM(10); GRU(17); Flatten; Linear(4)"),
    ("lstm_16", "[5, 16]", "LSTM(16)"),
    ("attention", "[6, 16]", "MultiheadAttention(4)"),
    ("attention_causal", "[9, 12]", "MultiheadAttention(3, causal=true); LayerNorm"),
    ("encoder", "[8, 32]", "TransformerEncoderLayer(2, dim_feedforward=40, dropout=0.1)"),
    ("samples_stack", "[37]", "Linear(100); ReLU; Linear(48); Tanh; Linear(10)"),
    ("samples_outer", "[96]", "Linear(160); ReLU; Linear(7)"),
    ("samples_large", "[300]", "Linear(257); ReLU; Linear(64); LogSoftmax"),
    ("samples_large_conv", "[64, 4, 4]", "Conv2d(128, kernel_size=3, padding=1); ReLU; Flatten; Linear(3)"),
    ("norm_stack", "[24]", "Linear(40); BatchNorm1d; ReLU; Dropout(0.3); Linear(12); LayerNorm"),
    ("samples_after_conv", "[1, 10, 10]", "Conv2d(6, kernel_size=3); ReLU; MaxPool2d(2); Flatten; Linear(30); ReLU; Linear(10)"),
    ("samples_sequence", "[5, 20]", "Linear(36); ReLU; MultiheadAttention(4); Flatten; Linear(9)"),
    ("samples_recurrent", "[7, 12]", "LSTM(16); GRU(32); RNN(16); Flatten; Linear(4)"),
    ("samples_lstm_odd", "[5, 9]", "LSTM(20); LSTM(32)"),
    ("bias_alone", "[16, 4, 4]", "Conv2d(16, kernel_size=1); Sigmoid; AvgPool2d(2)"),
]

TEXTS = {
    "embedding": """
input  token[7]: class(11)
target kind: class(5)
network token -> y { Embedding(11, 18); Flatten; Linear(5) }
loss CrossEntropyLoss
metric accuracy
""",
    "attention_by_hand": """
input  x[6, 20]
target t: class(4)
param q[16, 20] = uniform(-0.2, 0.2), k[16, 20] = uniform(-0.2, 0.2), v[17, 20] = uniform(-0.2, 0.2)
a[t1, d] = sum(i: q[d, i]*x[t1, i])
b[t1, d] = sum(i: k[d, i]*x[t1, i])
score[t1, u] = sum(d: a[t1, d]*b[u, d])/4
e[t1, u] = exp(score[t1, u] - stop(max(s: score[t1, s])))
w[t1, u] = e[t1, u]/sum(s: e[t1, s])
c[t1, d] = sum(u: w[t1, u]*sum(i: v[d, i]*x[u, i]))
pooled[d] = mean(t1: c[t1, d])
network pooled -> y { Linear(4) }
loss CrossEntropyLoss
""",
    "scatter": """
input  x[12]
target t[9]
param w[4, 3, 12] = uniform(-0.3, 0.3)
for j < 9: y[j] = 0
for i < 4, r < 3: y[2*i + r] += tanh(sum(k: w[i, r, k]*x[k]))
loss L = sum(j: (y[j] - t[j])^2)
""",
    "whole_loss": """
input  x[10]
target t[18]
param w[18, 10] = uniform(-0.3, 0.3), b[18] = 0.1
h[j] = sum(i: w[j, i]*x[i]) + b[j]
centre[j] = batch_mean(: h[j])
y[j] = softplus(h[j] - centre[j])*h[j]
loss L = mean(j: (y[j] - t[j])^2)
""",
    "scalars": """
input  a, b
target t
param u = 0.3, v = -0.4, w = 0.7
h = sigmoid(u*a + v*b)
loss L = (w*h - t)^2
""",
}


def snippets():
    """(name, text) of every snippet, without model and precision."""
    for name, shape, stages in IMAGE:
        parts = "\n  ".join(stages.split("; "))
        yield name, f"""
input x{shape}
layer Energy() (v[..]) -> e {{ e = mean(..: 0.5*v[..]*v[..] + 0.3*sin(v[..])) }}
network x -> y {{
  {parts}
}}
loss Energy(y)
"""
    yield from TEXTS.items()
