#!/bin/sh
# Runs each fuzzer, or those that are named, for so many seconds. The seeds are read only; what a fuzzer finds out beyond them stays
# under the target folder, for the next run.
set -eu

folder=${1:?the folder to build in}
seconds=${2:?how many seconds each}
shift 2
here=$(dirname "$0")
[ $# -gt 0 ] || set -- frames message filter query server_message

# Coverage is all that the fuzzer needs of the compiler, and any toolchain has that.
host=$(rustc --print host-tuple)
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
RUSTFLAGS="--cfg fuzzing -Cforce-frame-pointers $coverage" ${CARGO:-cargo} build --release --locked \
    --manifest-path "$here/Cargo.toml" --target "$host" --target-dir "$folder"

for target in "$@"; do
    found=$folder/found/$target
    mkdir -p "$found" "$folder/crashes"
    echo "== $target, $seconds s"
    "$folder/$host/release/$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix="$folder/crashes/$target-" "$found" "$here/corpus/$target" > "$folder/$target.log" 2>&1 || {
        tail -n 40 "$folder/$target.log" >&2
        echo "fuzz: $target has found something; see $folder/crashes" >&2
        exit 1
    }
    grep -E 'stat::(number_of_executed_units|new_units_added|peak_rss_mb)' "$folder/$target.log"
done
