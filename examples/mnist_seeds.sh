#!/bin/sh
# Trains specs/mnist_convblock.net from the seeds 1 to 5, one after the other, and prints for each the seconds from the
# spec to the last epoch and the accuracy on the test images, then the median.
#
#   examples/mnist_seeds.sh [EPOCHS] [RUNS]     19 epochs and runs/seeds unless said
#
# NETC names the program (build/release/netc), DATA the folder of MNIST (where ./quickstart puts it). A seed whose run is
# complete is not trained again: after an interruption the script goes on at the seed that was interrupted.
set -eu
cd "$(dirname "$0")/.."
epochs=${1:-19}
runs=${2:-runs/seeds}
netc=${NETC:-build/release/netc}
data=${DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/netc}

# The file `took` is written last: it says how long the run took, and that it came to its end.
is_complete() { [ -s "$1/took" ] && [ "$(($(wc -l <"$1/metrics.csv") - 1))" -eq "$epochs" ]; }

train() {
    rm -f "$2/took"
    begin=$(date +%s.%N)
    "$netc" train specs/mnist_convblock.net --seed "$1" --epochs "$epochs" --data "$data" --out "$2" --quiet
    end=$(date +%s.%N)
    awk -v a="$begin" -v b="$end" 'BEGIN { printf "%.1f\n", b - a }' >"$2/took"
}

# The last row of the column test_accuracy, in percent.
accuracy() {
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "test_accuracy") c = i }
             END { if (!c) exit 1; printf "%.2f\n", 100*$c }' "$1/metrics.csv"
}

for seed in 1 2 3 4 5; do
    run=$runs/seed-$seed
    is_complete "$run" || train "$seed" "$run"
    found=$(accuracy "$run")
    printf 'seed %s   %7s s   %s %%\n' "$seed" "$(cat "$run/took")" "$found"
    all="${all:-}$found
"
done
printf 'median test accuracy after %s epochs: %s %%\n' "$epochs" "$(printf %s "$all" | sort -n | sed -n 3p)"
