#!/bin/bash
# Makes the pictures of docs/gallery.md with the commands that the page shows. NETC: the compiler (build/release/netc).
set -eu
cd "$(dirname "$0")/.."
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/pages/gallery.py "${NETC:-build/release/netc}" "${1:-docs/images}"
