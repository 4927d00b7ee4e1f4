#!/bin/bash
# Writes the derivations and the printed output that docs/ shows. NETC: the compiler (build/release/netc).
set -eu
cd "$(dirname "$0")/.."
netc=$(realpath "${NETC:-build/release/netc}")

"$netc" derive specs/backprop.net -o docs/derivation-2-2-2.md
# The gradient of a convolution inside of a block, through normalisation, pooling, dropout, log-softmax and the loss.
"$netc" derive specs/mnist_convblock.net --of convblock_3.conv2d_1.conv2d.weight --data tests/data/mnist-sample \
    -o docs/derivation-conv-block.md
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/teach2/test_mistakes.py "$netc" specs --bless
