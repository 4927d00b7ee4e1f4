#!/bin/sh
# Emits the network's C, compiles it with main.c and runs the program.
#
#   examples/embed/build.sh [FOLDER]      FOLDER (otherwise build/embed) takes what is made
#
# NETC and CC name the compilers (otherwise build/release/netc and cc), CFLAGS is added.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=${1:-$root/build/embed}
mkdir -p "$folder"
"${NETC:-$root/build/release/netc}" emit --freestanding "$root/specs/backprop.net" -o "$folder"
# shellcheck disable=SC2086  # CFLAGS is a list of words
"${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror -O2 ${CFLAGS:-} -I "$folder" "$here/main.c" "$folder/backprop.c" -lm \
    -o "$folder/embed"
"$folder/embed"
