#!/bin/sh
# Times an iteration of specs/backprop.net against the same written by hand, compiled with the same flags and timed in
# turns; and how long mnist_convblock takes from the spec to machine code.
#
#   examples/bench_backprop.sh [NETC]      NETC is build/release/netc unless said; CC names the compiler (cc)
set -eu
cd "$(dirname "$0")/.."
netc=${1:-build/release/netc}
cc=${CC:-cc}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$netc" emit specs/backprop.net --style fast -o "$scratch" >/dev/null
"$cc" -std=gnu11 -O2 -march=native -fno-math-errno -fno-trapping-math -ffp-contract=fast -I"$scratch" \
    examples/bench_backprop.c "$scratch/backprop.c" -o "$scratch/bench" -lm
"$scratch/bench"

begin=$(date +%s.%N)
"$netc" build --shared specs/mnist_convblock.net -o "$scratch/mnist_convblock.so"
end=$(date +%s.%N)
awk -v a="$begin" -v b="$end" 'BEGIN { printf "mnist_convblock, from the spec to machine code: %.2f s\n", b - a }'
