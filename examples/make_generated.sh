#!/bin/sh
# Writes examples/generated anew: the C of the two lessons as `netc emit` makes it. A test compares the two.
#
#   examples/make_generated.sh [NETC]      NETC is build/release/netc unless said
set -eu
cd "$(dirname "$0")/.."
netc=${1:-build/release/netc}
for lesson in backprop mnist_convblock; do
    "$netc" emit "specs/$lesson.net" -o examples/generated
done
